/* A folder to collect that holds one good file and one of everything that is not a plain file. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "attempt.h"

int main(void)
{
	mkdir("/box/out", 0700);
	must("good file", write(open("/box/out/good", O_CREAT | O_WRONLY, 0600), "good", 4) == 4);
	must("symlink to a file", symlink("/etc/passwd", "/box/out/file") == 0);
	must("symlink to a folder", symlink("/usr/include", "/box/out/folder") == 0);
	must("symlink upwards", symlink("..", "/box/out/up") == 0);
	close(open("/box/out/changed", O_CREAT | O_WRONLY, 0600));
	renameat2(AT_FDCWD, "/box/out/changed", AT_FDCWD, "/box/moved",
		  RENAME_WHITEOUT); /* leaves a device 0:0 */
	must("FIFO", mkfifo("/box/out/fifo", 0600) == 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/box/out/socket" };
	must("socket",
	     bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address) == 0);
	return verdict();
}
