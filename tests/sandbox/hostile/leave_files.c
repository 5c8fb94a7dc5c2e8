/* Leaves files wherever it may: a later run must find none. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	static const char *const places[] = { "/box", "/tmp", "/dev/shm", "/box/folder", "/tmp/.hidden" };
	mkdir("/box/folder", 0700);
	mkdir("/tmp/.hidden", 0);
	chmod("/tmp/.hidden", 0700);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s/left", places[i]);
		int file = open(name, O_CREAT | O_EXCL | O_RDWR, 0);
		must(name, (file >= 0 && write(file, "left", 4) == 4) || i == 2);
	}
	mkdir("/box/sticky", 01777);
	mkdir("/box/sealed", 0700);
	close(creat("/box/sealed/inside", 0400));
	chmod("/box/sealed", 0);
	return verdict();
}
