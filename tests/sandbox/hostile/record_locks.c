/* Record locks by the ten thousand: each is the host's memory, in a list that every other locker of the file
 * walks, and /proc/locks shows them to all. On its own file and on a toolchain's, of the process and of the open
 * file. "hold" keeps them, "try" in another box must not notice. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

enum { LOCKS = 20000 };

static int lock_every_other_byte(int file, int command, short kind)
{
	int locked = 0;
	for (int i = 0; i < LOCKS; i++) {
		struct flock lock = { .l_type = kind, .l_whence = SEEK_SET, .l_start = 2 * i, .l_len = 1 };
		locked += fcntl(file, command, &lock) == 0;
	}
	return locked;
}

static bool looks_free(int file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	return fcntl(file, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

/* Locks of the open file belong to no process, so that /proc/locks shows the whole host's. */
static bool is_listed(int file)
{
	static char table[1 << 20];
	struct stat status;
	char number[32];
	fstat(file, &status);
	snprintf(number, sizeof number, ":%llu ", (unsigned long long)status.st_ino);
	int locks = open("/proc/locks", O_RDONLY);
	ssize_t size = locks < 0 ? 0 : read(locks, table, sizeof table - 1);
	table[size > 0 ? size : 0] = '\0';
	close(locks);
	return strstr(table, number) != NULL;
}

int main(int argc, char **argv)
{
	int own = open("/box/locked", O_CREAT | O_RDWR, 0600), host = open("/usr/bin/env", O_RDONLY);
	bool try = argc == 2 && strcmp(argv[1], "try") == 0;
	must("nobody holds a lock", looks_free(host) && looks_free(own));
	if (!try) {
		lock_every_other_byte(own, F_SETLK, F_WRLCK);
		lock_every_other_byte(own, F_OFD_SETLK, F_WRLCK);
		lock_every_other_byte(host, F_SETLK, F_RDLCK);
		lock_every_other_byte(host, F_OFD_SETLK, F_RDLCK);
	}
	if (fork() == 0)
		_exit(looks_free(own) && looks_free(host) ? 0 : 1);
	int status = -1;
	wait(&status);
	must("no lock was made", status == 0);
	must("none is listed", !is_listed(own) && !is_listed(host));
	while (argc == 2 && !try)
		pause();
	return verdict();
}
