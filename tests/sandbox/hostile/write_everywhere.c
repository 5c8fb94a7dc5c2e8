/* Everything outside of /box and /tmp is read-only and somebody else's. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>

#include "attempt.h"

int main(void)
{
	static const char *const folders[] = {
		"/",    "/usr",  "/usr/bin",   "/usr/lib", "/usr/local/bin", "/etc",
		"/dev", "/proc", "/proc/self", "/bin",     "/lib",           "/usr/lib/python3/dist-packages"
	};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/planted", folders[i]);
		refused(path, open(path, O_CREAT | O_WRONLY, 0600));
		refused(path, mkdir(path, 0700));
		refused(path, symlink("/tmp", path));
		refused(path, mkfifo(path, 0600));
		refused(path, link("/usr/bin/env", path));
	}
	refused("write env", open("/usr/bin/env", O_WRONLY));
	refused("truncate env", truncate("/usr/bin/env", 0));
	refused("unlink env", unlink("/usr/bin/env"));
	refused("rename env", rename("/usr/bin/env", "/box/env"));
	refused("chmod env", chmod("/usr/bin/env", 04777));
	refused("chown env", chown("/usr/bin/env", getuid(), getgid()));
	refused("utimes env", utimes("/usr/bin/env", NULL));
	refused("link env", link("/usr/bin/env", "/box/env"));
	refused("rename /box", rename("/box", "/tmp/box"));
	refused("rmdir /tmp", rmdir("/tmp"));
	refused("rename /usr", rename("/usr", "/tmp/usr"));
	refused("chmod /box", chmod("/box", 0));
	refused("chmod /tmp", chmod("/tmp", 0));
	refused("chown /box", chown("/box", getuid(), getgid()));

	static const char *const nosuid[] = { "/", "/usr", "/usr/bin", "/box", "/tmp", "/dev", "/proc" };
	for (size_t i = 0; i < sizeof nosuid / sizeof nosuid[0]; i++) {
		struct statvfs status = { 0 };
		must("no setuid here", statvfs(nosuid[i], &status) == 0 && status.f_flag & ST_NOSUID);
		must("read-only, or the program's", status.f_flag & ST_RDONLY || i == 3 || i == 4);
	}
	return verdict();
}
