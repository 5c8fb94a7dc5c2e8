/* Changes the files that the next run of the same submission will find. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	static const char *const placed[] = { "/box/replace_placed", "/box/probe" };
	for (int i = 0; i < 2; i++) {
		must("is there", access(placed[i], X_OK) == 0);
		refused("write", open(placed[i], O_WRONLY));
		refused("truncate", truncate(placed[i], 0));
		refused("unlink", unlink(placed[i]));
		refused("rename away", rename(placed[i], "/box/away"));
		close(open("/box/fake", O_CREAT | O_WRONLY, 0755));
		refused("rename over it", rename("/box/fake", placed[i]));
		refused("chmod", chmod(placed[i], 0));
		refused("chown", chown(placed[i], getuid(), getgid()));
		refused("touch", utimensat(AT_FDCWD, placed[i], NULL, 0));
		refused("rename exchange", renameat2(AT_FDCWD, "/box/fake", AT_FDCWD, placed[i], 2));
	}
	return verdict();
}
