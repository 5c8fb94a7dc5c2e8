/* renameat2(2) can leave a device node where a file was, and exchange a file with a folder while somebody walks by. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	struct stat status;
	close(open("/box/one", O_CREAT | O_WRONLY, 0600));
	mkdir("/box/two", 0700);
	must("exchange", renameat2(AT_FDCWD, "/box/one", AT_FDCWD, "/box/two", RENAME_EXCHANGE) == 0);
	renameat2(AT_FDCWD, "/box/two", AT_FDCWD, "/box/three", RENAME_WHITEOUT);
	must("no device where a file was",
	     lstat("/box/two", &status) < 0 || !S_ISCHR(status.st_mode) || open("/box/two", O_RDONLY) < 0);
	refused("exchange the folder with another",
		renameat2(AT_FDCWD, "/box", AT_FDCWD, "/tmp", RENAME_EXCHANGE));
	refused("move a mount", rename("/tmp", "/box/tmp"));
	refused("remove the folder", rmdir("/box"));
	refused("replace /bin", rename("/box/one", "/bin"));
	refused("make room in /", mkdir("/made", 0700));
	return verdict();
}
