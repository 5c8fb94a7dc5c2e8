/* The run after: looks for anything that an earlier run in this lane may have left, and for anything that it
 * may have used up. Arguments: how many processes there may be, how many bytes of memory there must be, then
 * the names that belong into /box. Says "pid N" and what is wrong; exits with 0 when the box is as good as new. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { DISK_BYTES = 3 << 20, INODES = 500 };

static int wrong;

static void expect(bool held, const char *what)
{
	if (held)
		return;
	printf("probe: %s\n", what);
	wrong++;
}

static bool is_one_of(const char *name, char **names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void look_into(const char *folder, char **names)
{
	DIR *listing = opendir(folder);
	expect(listing != NULL, "a folder does not open");
	for (struct dirent *entry; listing && (entry = readdir(listing));)
		if (!is_one_of(entry->d_name, names)) {
			printf("probe: %s/%s was left\n", folder, entry->d_name);
			wrong++;
		}
	if (listing)
		closedir(listing);
	expect(listxattr(folder, NULL, 0) <= 0, "a folder has attributes");
	struct stat status;
	bool shared = getenv("ONE_ID"); /* by the init's user and the program's */
	expect(stat(folder, &status) == 0 && (shared || status.st_uid != getuid()) &&
		       (status.st_mode & 01777) == 01777,
	       "a folder is not root's and sticky");
}

static void look_for_processes(void)
{
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));)
		expect(atoi(entry->d_name) == 0 || atoi(entry->d_name) == getpid(),
		       "another process is listed");
	expect(kill(-1, 0) < 0 && errno == ESRCH, "another process can be signalled");
}

/* A kernel table that lists one object a line below its head. */
static void look_for_lines(const char *path)
{
	FILE *table = fopen(path, "r");
	int lines = 0;
	for (char line[512]; table && fgets(line, sizeof line, table);)
		lines++;
	if (table)
		fclose(table);
	if (lines > 1)
		printf("probe: %d lines in %s\n", lines, path);
	wrong += lines > 1;
}

/* Those of the keeper and the init have no names; a name is what another box could use. */
static void look_for_named_sockets(void)
{
	FILE *table = fopen("/proc/net/unix", "re");
	for (char line[512]; table && fgets(line, sizeof line, table);)
		expect(!strpbrk(line, "@/"), "a socket with a name");
	if (table)
		fclose(table);
}

static void look_at_oneself(void)
{
	for (int fd = 3; fd < 1024; fd++)
		expect(fcntl(fd, F_GETFD) < 0, "a descriptor besides 0, 1, 2");
	for (int fd = 0; fd < 3; fd++)
		expect(!(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND | O_ASYNC)),
		       "a stream's flags were set");
	char folder[256] = "", status[8192] = "", score[16] = "";
	expect(getcwd(folder, sizeof folder) && strcmp(folder, "/box") == 0, "not in /box");
	int file = open("/proc/self/status", O_RDONLY);
	expect(read(file, status, sizeof status - 1) > 0, "no /proc/self/status");
	close(file);
	file = open("/proc/self/oom_score_adj", O_RDONLY);
	expect(read(file, score, sizeof score - 1) > 0 && atoi(score) == 1000,
	       "not the first to go when memory is out");
	close(file);
	static const char *const lines[] = { "SigBlk:\t0000000000000000",
					     "SigIgn:\t0000000000000000",
					     "SigPnd:\t0000000000000000",
					     "ShdPnd:\t0000000000000000",
					     "NoNewPrivs:\t1",
					     "Seccomp:\t2" };
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect(strstr(status, lines[i]), lines[i]);
	expect(umask(022) == 022, "an odd umask");
	expect(getpriority(PRIO_PROCESS, 0) == 0, "an odd priority");
	struct utsname name;
	expect(uname(&name) == 0 && !strstr(name.nodename, "owned"), "the host's name was changed");
	expect(time(NULL) > 1600000000, "the clock was changed");
}

static void use_memory(size_t bytes)
{
	char *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	expect(block != MAP_FAILED, "no memory");
	if (block == MAP_FAILED)
		return;
	memset(block, 1, bytes); /* ends the run if earlier runs still hold memory */
	munmap(block, bytes);
}

static void use_disk(const char *folder)
{
	char path[64];
	snprintf(path, sizeof path, "%s/bytes", folder);
	int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	expect(file >= 0 && posix_fallocate(file, 0, DISK_BYTES) == 0, "no disk");
	close(file);
	expect(unlink(path) == 0, "cannot remove a file");
	int made = 0;
	for (; made < INODES; made++) {
		snprintf(path, sizeof path, "%s/i%d", folder, made);
		if (close(creat(path, 0600)) < 0)
			break;
	}
	expect(made == INODES, "no inodes");
	while (made-- > 0) {
		snprintf(path, sizeof path, "%s/i%d", folder, made);
		unlink(path);
	}
}

static void use_processes(int limit)
{
	int made = 0, gate[2];
	expect(pipe(gate) == 0, "no pipe");
	for (pid_t child; made < limit + 8; made++) {
		child = fork();
		if (child < 0)
			break;
		if (child == 0) {
			close(gate[1]);
			_exit((int)read(gate[0], &child, 1));
		}
	}
	close(gate[1]);
	while (wait(NULL) > 0) {
	}
	if (made != limit - 1)
		printf("probe: %d children, %d expected\n", made, limit - 1);
	wrong += made != limit - 1;
}

static void use_what_is_counted_by_user(void)
{
	int watcher = inotify_init1(IN_CLOEXEC), ends[2];
	expect(watcher >= 0, "no inotify instance");
	expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no sockets");
	timer_t timer;
	expect(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0, "no timer");
	signal(SIGRTMIN, SIG_IGN);
	expect(sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) == 0, "no queued signal");
}

int main(int argc, char **argv)
{
	static char *nothing[] = { NULL };
	if (argc < 3)
		return 2;
	printf("pid %d\n", (int)getpid());
	look_at_oneself();
	look_for_processes();
	look_into("/box", argv + 3);
	look_into("/tmp", nothing);
	look_into("/dev/shm", nothing);
	look_for_lines("/proc/sysvipc/shm");
	look_for_lines("/proc/sysvipc/msg");
	look_for_lines("/proc/sysvipc/sem");
	look_for_named_sockets();
	use_memory((size_t)atol(argv[2]));
	use_disk("/box");
	use_disk("/tmp");
	use_processes(atoi(argv[1]));
	use_what_is_counted_by_user();
	return wrong ? 1 : 0;
}
