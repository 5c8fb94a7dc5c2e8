/* The run beside: lives in another box while an attack goes on, does a little of everything, again and again, and
 * looks that nothing of the attacker is to be seen or felt. Ends when its stdin does; says how many rounds it made
 * and what was wrong. Argument: milliseconds between rounds. It feels nothing of what it does not ask for: time is
 * not measured, two boxes on one machine do share processors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY = 4 << 20 };

static int wrong;
static volatile sig_atomic_t signals_seen;
static unsigned char *memory;
static pid_t last_child;

static void expect(bool held, const char *what)
{
	if (held)
		return;
	if (wrong++ < 20)
		printf("bystander: %s\n", what);
}

static void count_signal(int number)
{
	(void)number;
	signals_seen++;
}

static void look_for_others(void)
{
	DIR *proc = opendir("/proc");
	for (struct dirent *entry; proc && (entry = readdir(proc));)
		expect(atoi(entry->d_name) == 0 || atoi(entry->d_name) == getpid(),
		       "another process is listed");
	expect(proc != NULL, "no /proc");
	if (proc)
		closedir(proc);
	expect(kill(-1, 0) < 0 && errno == ESRCH, "another process can be signalled");
	expect(signals_seen == 0, "a signal came");
}

static void look_into(const char *path, const char *own)
{
	DIR *folder = opendir(path);
	expect(folder != NULL, "a folder does not open");
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		expect(entry->d_name[0] == '.' || strcmp(entry->d_name, own) == 0, "somebody's file");
	if (folder)
		closedir(folder);
}

static void look_for_named_sockets(void)
{
	FILE *table = fopen("/proc/net/unix", "re");
	for (char line[512]; table && fgets(line, sizeof line, table);)
		expect(!strpbrk(line, "@/"), "a socket with a name");
	if (table)
		fclose(table);
}

static void use_memory(int round)
{
	for (int i = 0; i < MEMORY; i += 4096)
		expect(memory[i] == (unsigned char)(round + i / 4096), "memory changed");
	for (int i = 0; i < MEMORY; i += 4096)
		memory[i] = (unsigned char)(round + 1 + i / 4096);
}

static void use_disk(int round)
{
	int before = -1, file = open("/tmp/round", O_CREAT | O_RDWR, 0600);
	struct stat status = { 0 };
	expect(file >= 0 && fstat(file, &status) == 0 && status.st_size == (round ? 4096 : 0),
	       "a file changed");
	expect(round == 0 || (pread(file, &before, sizeof before, 0) == sizeof before && before == round - 1),
	       "what was in it changed");
	expect(posix_fallocate(file, 0, 4096) == 0, "no disk");
	expect(pwrite(file, &round, sizeof round, 0) == sizeof round, "no write");
	close(file);
}

/* The kernel's own things, of which a user has so many: each is another user's too if boxes share one. */
static void use_what_is_counted(void)
{
	int pipe_ends[2], socket_ends[2], watcher = inotify_init1(IN_CLOEXEC);
	expect(watcher >= 0, "no inotify instance");
	expect(pipe(pipe_ends) == 0 && fcntl(pipe_ends[0], F_GETPIPE_SZ) == 65536, "no whole pipe");
	expect(socketpair(AF_UNIX, SOCK_STREAM, 0, socket_ends) == 0, "no sockets");
	timer_t timer;
	expect(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0 && timer_delete(timer) == 0, "no timer");
	expect(sigqueue(getpid(), SIGURG, (union sigval){ 0 }) == 0, "no queued signal");
	close_range(3, ~0u, 0);
}

static void use_processes(void)
{
	pid_t children[8];
	for (int i = 0; i < 8; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(0);
		expect(children[i] > 0, "no process");
		expect(children[i] == last_child + 1, "somebody else counts processes");
		last_child = children[i];
	}
	for (int i = 0; i < 8; i++)
		expect(waitpid(children[i], NULL, 0) == children[i], "a child is gone");
}

static void play_round(int round, const char *name)
{
	look_for_others();
	look_into("/box", name);
	look_into("/tmp", "round");
	look_into("/dev/shm", "round");
	look_for_named_sockets();
	use_memory(round);
	use_disk(round);
	use_what_is_counted();
	use_processes();
}

int main(int argc, char **argv)
{
	struct pollfd end = { 0, POLLIN, 0 };
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	int pause_ms = argc > 1 ? atoi(argv[1]) : 5, round = 0;
	for (int number = 1; number < 65; number++)
		if (number != SIGCHLD && number != SIGURG)
			signal(number, count_signal);
	memory = malloc(MEMORY);
	for (int i = 0; i < MEMORY; i += 4096)
		memory[i] = (unsigned char)(i / 4096);
	last_child = getpid();
	do
		play_round(round++, name);
	while (poll(&end, 1, pause_ms) == 0);
	printf("%d rounds\n", round);
	return wrong ? 1 : 0;
}
