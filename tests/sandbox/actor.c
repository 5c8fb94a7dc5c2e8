/* actor.c - a program that does what its arguments say: the plain life of a box, and its limits.
 *
 *     actor COMMAND [ARGUMENT ...]      one command, then exit 0; see the table at the end */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t used_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t number(const char *text)
{
	return text ? strtoll(text, NULL, 10) : 0;
}

static int report(const char *what, int64_t count)
{
	printf("%s %lld %s\n", what, (long long)count, errno ? strerrorname_np(errno) : "0");
	return 0;
}

/* ---- how to end ---- */

static int do_exit(char **arguments)
{
	return (int)number(arguments[0]);
}

static int do_signal(char **arguments)
{
	kill(getpid(), (int)number(arguments[0]));
	return 99;
}

static int do_abort(char **arguments)
{
	(void)arguments;
	abort();
}

/* ---- streams ---- */

static int do_cat(char **arguments)
{
	char bytes[4096];
	(void)arguments;
	for (ssize_t got; (got = read(0, bytes, sizeof bytes)) > 0;)
		for (ssize_t done = 0, put; done < got; done += put)
			if ((put = write(1, bytes + done, (size_t)(got - done))) < 0)
				return 1;
	return 0;
}

static int do_both(char **arguments)
{
	(void)arguments;
	return write(1, "out\0put\xff", 8) == 8 && write(2, "error", 5) == 5 ? 0 : 1;
}

/* FD BYTES: writes exactly so many. */
static int do_output(char **arguments)
{
	static char block[4096];
	int fd = (int)number(arguments[0]);
	memset(block, 'o', sizeof block);
	for (int64_t left = number(arguments[1]); left > 0;) {
		ssize_t put = write(fd, block, left < 4096 ? (size_t)left : sizeof block);
		if (put < 0)
			return 1;
		left -= put;
	}
	return 0;
}

/* ---- what it sees ---- */

static int do_arguments(char **arguments)
{
	for (; *arguments; arguments++)
		puts(*arguments);
	return 0;
}

static int do_environment(char **arguments)
{
	(void)arguments;
	for (char **name = environ; *name; name++)
		puts(*name);
	return 0;
}

static int do_folder(char **arguments)
{
	char folder[4096];
	(void)arguments;
	puts(getcwd(folder, sizeof folder) ? folder : "?");
	return 0;
}

static int do_descriptors(char **arguments)
{
	(void)arguments;
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	return 0;
}

static int do_pid(char **arguments)
{
	(void)arguments;
	printf("%d\n", (int)getpid());
	return 0;
}

static int do_processors(char **arguments)
{
	cpu_set_t set;
	(void)arguments;
	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof set, &set);
	printf("%d\n", CPU_COUNT(&set));
	return 0;
}

static int do_list(char **arguments)
{
	DIR *folder = opendir(arguments[0]);
	if (!folder)
		return 1;
	for (struct dirent *entry; (entry = readdir(folder));)
		if (entry->d_name[0] != '.')
			puts(entry->d_name);
	closedir(folder);
	return 0;
}

static int do_mode(char **arguments)
{
	struct stat status;
	if (stat(arguments[0], &status) < 0)
		return 1;
	printf("%o %d\n", status.st_mode & 07777, status.st_uid == getuid());
	return 0;
}

static int do_read(char **arguments)
{
	int file = open(arguments[0], O_RDONLY);
	return file < 0 || dup2(file, 0) < 0 ? 1 : do_cat(arguments);
}

/* PATH: reads it all and says nothing. */
static int do_swallow(char **arguments)
{
	static char block[1 << 16];
	int file = open(arguments[0], O_RDONLY);
	while (read(file, block, sizeof block) > 0) {
	}
	close(file);
	return file < 0;
}

/* FOLDER: the same with every file in there, and with names that are not there. */
static int do_swallow_all(char **arguments)
{
	DIR *folder = opendir(arguments[0]);
	if (!folder || chdir(arguments[0]) < 0)
		return 1;
	for (struct dirent *entry; (entry = readdir(folder));)
		if (entry->d_type == DT_REG)
			do_swallow((char *[]){ entry->d_name });
	for (int i = 0; i < 20000; i++) {
		char name[32];
		snprintf(name, sizeof name, "absent-%d-%d", (int)getpid(), i);
		if (access(name, F_OK) == 0)
			return 1;
	}
	closedir(folder);
	return 0;
}

/* ---- files ---- */

/* PATH BYTES */
static int do_write(char **arguments)
{
	static char block[4096];
	int file = open(arguments[0], O_CREAT | O_WRONLY, 0755);
	int64_t left = number(arguments[1]);
	memset(block, 'f', sizeof block);
	errno = 0;
	for (ssize_t put; left > 0; left -= put)
		if ((put = write(file, block, left < 4096 ? (size_t)left : sizeof block)) <= 0)
			break;
	report("left", left);
	return left > 0;
}

static int do_write_ignoring(char **arguments)
{
	signal(SIGXFSZ, SIG_IGN);
	return do_write(arguments);
}

static int do_stretch(char **arguments)
{
	int file = open(arguments[0], O_CREAT | O_WRONLY, 0600);
	return ftruncate(file, number(arguments[1])) < 0;
}

/* FOLDER: empty files until there are no more. */
static int do_names(char **arguments)
{
	char path[256];
	int made = 0;
	for (; made < 1000000; made++) {
		snprintf(path, sizeof path, "%s/n%d", arguments[0], made);
		int file = creat(path, 0600);
		if (file < 0)
			break;
		close(file);
	}
	return report("names", made);
}

/* A small tree to collect: out/program (executable), out/deep/data, out/empty. */
static int do_tree(char **arguments)
{
	char *program[] = { "/box/out/program", "10", NULL },
	     *data[] = { "/box/out/deep/data", "5000", NULL };
	(void)arguments;
	mkdir("/box/out", 0755);
	mkdir("/box/out/deep", 0755);
	return do_write(program) + do_write(data) + chmod(data[0], 0600) +
	       close(creat("/box/out/empty", 0600));
}

/* ---- what is counted ---- */

static int do_open(char **arguments)
{
	int opened = 0;
	(void)arguments;
	while (open("/dev/null", O_RDONLY) >= 0)
		opened++;
	return report("opened", opened);
}

static int do_children(char **arguments)
{
	int made = 0;
	(void)arguments;
	for (pid_t child; (child = fork()) >= 0; made++)
		if (child == 0)
			for (;;)
				pause();
	return report("children", made);
}

static void *stay(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static int do_threads(char **arguments)
{
	int made = 0;
	pthread_t thread;
	(void)arguments;
	while ((errno = pthread_create(&thread, NULL, stay, NULL)) == 0)
		made++;
	return report("threads", made);
}

static void touch(int64_t bytes)
{
	volatile char *block = malloc((size_t)bytes);
	for (int64_t at = 0; block && at < bytes; at += 4096)
		block[at] = 1;
}

static int do_heap(char **arguments)
{
	touch(number(arguments[0]));
	return 0;
}

static int do_child_heap(char **arguments)
{
	if (fork() == 0) {
		touch(number(arguments[0]));
		_exit(0);
	}
	wait(NULL);
	return 0;
}

static int recurse(int64_t left)
{
	volatile char frame[4096];
	frame[0] = frame[4095] = 1;
	return left <= 0 ? frame[0] : recurse(left - (int64_t)sizeof frame) + frame[4095];
}

static int do_stack(char **arguments)
{
	return recurse(number(arguments[0])) == 0;
}

static int do_stack_limit(char **arguments)
{
	struct rlimit limit;
	(void)arguments;
	getrlimit(RLIMIT_STACK, &limit);
	puts(limit.rlim_cur == RLIM_INFINITY ? "unlimited" : "limited");
	return 0;
}

/* ---- time ---- */

/* US: by its own clock; 0: for ever. */
static int do_spin(char **arguments)
{
	int64_t until_us = number(arguments[0]);
	while (until_us == 0 || used_us() < until_us)
		for (volatile int i = 0; i < 100000; i++) {
		}
	return 0;
}

/* The same in the kernel. */
static int do_call(char **arguments)
{
	int zero = open("/dev/zero", O_RDONLY);
	static char block[1 << 20];
	while (read(zero, block, sizeof block) > 0 || arguments) {
	}
	return 1;
}

/* COUNT US: so many children at once spin so long each. */
static int do_spin_children(char **arguments)
{
	for (int64_t i = 0; i < number(arguments[0]); i++)
		if (fork() == 0)
			_exit(do_spin(arguments + 1));
	while (wait(NULL) > 0) {
	}
	return 0;
}

/* COUNT: one after the other, each does nothing. */
static int do_fork(char **arguments)
{
	for (int64_t i = 0; i < number(arguments[0]); i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		if (child < 0 || waitpid(child, NULL, 0) != child)
			return 1;
	}
	return 0;
}

static int do_policy(char **arguments)
{
	(void)arguments;
	return sched_getscheduler(0);
}

static int do_sleep(char **arguments)
{
	int64_t us = number(arguments[0]);
	struct timespec left = { us / 1000000, us % 1000000 * 1000 };
	return nanosleep(&left, NULL) < 0;
}

/* Says "ready", then sleeps: somebody waits for the word. */
static int do_ready(char **arguments)
{
	return write(1, "ready", 5) == 5 ? do_sleep(arguments) : 1;
}

static int do_used(char **arguments);

static const struct {
	const char *name;
	int (*run)(char **arguments);
} commands[] = {
	{ "exit", do_exit },
	{ "signal", do_signal },
	{ "abort", do_abort },
	{ "cat", do_cat },
	{ "both", do_both },
	{ "output", do_output },
	{ "arguments", do_arguments },
	{ "environment", do_environment },
	{ "folder", do_folder },
	{ "descriptors", do_descriptors },
	{ "pid", do_pid },
	{ "processors", do_processors },
	{ "list", do_list },
	{ "mode", do_mode },
	{ "read", do_read },
	{ "swallow", do_swallow },
	{ "swallow-all", do_swallow_all },
	{ "write", do_write },
	{ "write-ignoring", do_write_ignoring },
	{ "stretch", do_stretch },
	{ "names", do_names },
	{ "tree", do_tree },
	{ "open", do_open },
	{ "children", do_children },
	{ "threads", do_threads },
	{ "heap", do_heap },
	{ "child-heap", do_child_heap },
	{ "stack", do_stack },
	{ "stack-limit", do_stack_limit },
	{ "spin", do_spin },
	{ "call", do_call },
	{ "spin-children", do_spin_children },
	{ "sleep", do_sleep },
	{ "ready", do_ready },
	{ "fork", do_fork },
	{ "policy", do_policy },
	{ "used", do_used },
};

static int run_command(char **words)
{
	for (size_t i = 0; words[0] && i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, words[0]) == 0)
			return commands[i].run(words + 1);
	return 98;
}

static int64_t charged_us(int who)
{
	struct rusage used;
	getrusage(who, &used);
	return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
	       used.ru_stime.tv_usec;
}

/* COMMAND ...: does that, then says how much CPU time it and its children took. */
static int do_used(char **arguments)
{
	int status = run_command(arguments);
	printf("used %lld\n", (long long)(charged_us(RUSAGE_SELF) + charged_us(RUSAGE_CHILDREN)));
	return status;
}

int main(int argc, char **argv)
{
	int status = argc > 1 ? run_command(argv + 1) : 98;
	fflush(stdout);
	_exit(status); /* threads of do_threads stay behind */
}
