/* Two towers of folders, the one moved into the bottom of the other, again and again: deeper than any path can
 * say, and deeper than what was made. The wipe must neither recurse nor build paths. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

static int tower(const char *name, int height)
{
	int folder = open("/tmp", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < height && folder >= 0; i++) {
		if (mkdirat(folder, name, 0700) < 0)
			return -1;
		int next = openat(folder, name, O_RDONLY | O_DIRECTORY);
		close(folder);
		folder = next;
	}
	return folder;
}

int main(void)
{
	int moved = 0;
	for (int i = 0; i < 8; i++) {
		int bottom = tower("a", 200);
		must("a tower", bottom >= 0);
		moved += i == 0 || renameat(AT_FDCWD, "/tmp/b", bottom, "b") == 0;
		close(bottom);
		must("becomes the other", rename("/tmp/a", "/tmp/b") == 0);
	}
	must("all of them are one", moved == 8);
	return verdict();
}
