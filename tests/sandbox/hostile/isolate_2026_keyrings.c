/* isolate, 2026: keyrings belong to the user, not to the box: boxes of one user passed each other messages, and used
 * up each other's quota. Every ring there is, and what /proc tells of them. "add" waits, "look" is another box. */
#include <fcntl.h>

#include "attempt.h"

static int lines_of(const char *path)
{
	static char text[1 << 16];
	int file = open(path, O_RDONLY), lines = 0;
	ssize_t size = file < 0 ? 0 : read(file, text, sizeof text);
	for (ssize_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

int main(int argc, char **argv)
{
	enum { JOIN = 1, SEARCH = 10, READ = 11, GET_PERSISTENT = 22 };
	int added = 0;
	for (int ring = -8; ring < 0; ring++) {
		added += syscall(SYS_add_key, "user", "isolate-2026", "message", 7, ring) >= 0;
		added += syscall(SYS_add_key, "keyring", "isolate-2026", NULL, 0, ring) >= 0;
		added += syscall(SYS_keyctl, SEARCH, ring, "user", "isolate-2026", 0) >= 0;
		added += syscall(SYS_keyctl, READ, ring, NULL, 0) >= 0;
	}
	must("no key is made, found or read", added == 0);
	refused("persistent ring", syscall(SYS_keyctl, GET_PERSISTENT, -1, -1));
	refused("join by name", syscall(SYS_keyctl, JOIN, "isolate-2026"));
	must("no key is listed", lines_of("/proc/keys") == 0);
	while (argc == 2 && strcmp(argv[1], "add") == 0)
		pause();
	return verdict();
}
