/* leaver.c - runs in a box: leaves something behind, or looks whether anything was left.
 *
 *     leaver leave NAME     exit 0 done, 4 refused by the sandbox
 *     leaver look NAME      exit 0 clean, 3 found something (and says what)
 *     leaver both NAME      the one, then the other: shows that look would find it */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { CLEAN = 0, FOUND = 3, REFUSED = 4 };

static int found(const char *what)
{
	dprintf(2, "found: %s: %s\n", what, strerror(errno));
	return FOUND;
}

static int refused_if(int failed)
{
	return failed ? REFUSED : 0;
}

static void put(const char *path, size_t size)
{
	static char block[1 << 16];
	int file = open(path, O_CREAT | O_WRONLY, 0644);
	memset(block, 'x', sizeof block);
	for (size_t done = 0; done < size; done += sizeof block)
		if (write(file, block, size - done < sizeof block ? size - done : sizeof block) < 0)
			break;
	close(file);
}

/* ---- files ---- */

static int leave_files(void)
{
	mkdir("/tmp/left", 0);
	symlink("/", "/box/left-link");
	mkfifo("/tmp/left-fifo", 0);
	put("/box/left", 1);
	return 0;
}

static int entries_besides(const char *folder, const char *placed)
{
	DIR *entries = opendir(folder);
	int count = 0;
	for (struct dirent *entry; entries && (entry = readdir(entries));)
		count += entry->d_name[0] != '.' && strcmp(entry->d_name, placed) != 0;
	if (entries)
		closedir(entries);
	return count;
}

static int look_files(void)
{
	return entries_besides("/box", "leaver") + entries_besides("/tmp", "") > 0 ? found("entries") : CLEAN;
}

static int used_blocks(const char *folder)
{
	struct statfs status;
	return statfs(folder, &status) < 0 ? -1 : (int)(status.f_blocks - status.f_bfree);
}

static int leave_open_files(void)
{
	put("/tmp/big", 8 << 20);
	mkdir("/box/gone", 0755);
	if (fork() == 0) {
		signal(SIGTERM, SIG_IGN);
		open("/tmp/big", O_RDONLY);
		if (chdir("/box/gone") == 0)
			pause();
		_exit(0);
	}
	usleep(50000);
	unlink("/tmp/big");
	rmdir("/box/gone");
	return 0;
}

static int look_open_files(void)
{
	return used_blocks("/tmp") > 64 ? found("used blocks in /tmp") : CLEAN;
}

static int leave_attributes(void)
{
	return refused_if(setxattr("/box", "user.left", "x", 1, 0) < 0 &&
			  lsetxattr("/tmp", "user.left", "x", 1, 0) < 0 && chmod("/box", 0700) < 0 &&
			  chmod("/tmp", 0700) < 0);
}

static int look_attributes(void)
{
	char value[8];
	struct stat status;
	if (getxattr("/box", "user.left", value, sizeof value) >= 0 ||
	    getxattr("/tmp", "user.left", value, sizeof value) >= 0)
		return found("an attribute");
	return stat("/box", &status) < 0 || (status.st_mode & 07777) != 01777 ? found("a mode") : CLEAN;
}

static int leave_placed(void)
{
	return refused_if(unlink("/box/leaver") < 0 && rename("/box/leaver", "/box/other") < 0 &&
			  chmod("/box/leaver", 0) < 0 && open("/box/leaver", O_WRONLY) < 0);
}

static int look_placed(void)
{
	struct stat status;
	return stat("/box/leaver", &status) < 0 || status.st_uid != 0 ? found("another program") : CLEAN;
}

/* ---- processes ---- */

static int leave_processes(void)
{
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			for (int number = 1; number < 32; number++)
				signal(number, SIG_IGN);
			setsid();
			if (fork() == 0)
				close(1);
			for (;;)
				sleep(100);
		}
	usleep(20000);
	return 0;
}

static int processes_besides(void)
{
	DIR *entries = opendir("/proc");
	int count = 0;
	for (struct dirent *entry; entries && (entry = readdir(entries));)
		count += atoi(entry->d_name) > 1 && atoi(entry->d_name) != getpid();
	if (entries)
		closedir(entries);
	return count;
}

static int look_processes(void)
{
	return kill(-1, 0) == 0 || processes_besides() > 0 ? found("processes") : CLEAN;
}

static int leave_zombies(void)
{
	for (int i = 0; i < 10; i++)
		if (fork() == 0)
			_exit(0);
	usleep(20000);
	return 0;
}

static int look_zombies(void)
{
	return processes_besides() > 0 ? found("processes") : CLEAN;
}

static int leave_pid_numbers(void)
{
	for (int i = 0; i < 60; i++) {
		if (fork() == 0)
			_exit(0);
		wait(NULL);
	}
	return 0;
}

static int look_pid_numbers(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	wait(NULL);
	return child > 40 ? found("a counter that goes on") : CLEAN;
}

static int leave_timers(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 100000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	sigset_t alarms;
	timer_t timer;
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarms, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &soon, NULL);
	alarm(1);
	return 0;
}

static int look_timers(void)
{
	struct timespec patience = { .tv_nsec = 300000000 };
	sigset_t alarms;
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarms, NULL);
	return sigtimedwait(&alarms, NULL, &patience) == SIGALRM || alarm(0) > 0 ? found("an alarm") : CLEAN;
}

static void queue_signals(int wanted, int *queued)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (*queued = 0; *queued < wanted; ++*queued)
		if (sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) < 0)
			return;
}

static int leave_pending_signals(void)
{
	int queued;
	queue_signals(800, &queued);
	return 0;
}

static int look_pending_signals(void)
{
	int queued;
	queue_signals(800, &queued);
	return queued < 800 ? found("a used up limit") : CLEAN;
}

/* ---- what is counted by user, or has a name ---- */

static int leave_inotify(void)
{
	for (int i = 0; i < 64; i++)
		inotify_init1(0);
	return 0;
}

static int look_inotify(void)
{
	return inotify_init1(0) < 0 ? found("a used up limit") : CLEAN;
}

static int send_descriptors(int count)
{
	int ends[2], file = open("/dev/null", O_RDONLY);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	for (int i = 0; i < count; i++) {
		char byte = 'x';
		union {
			struct cmsghdr align;
			char bytes[CMSG_SPACE(sizeof(int))];
		} control = { 0 };
		struct iovec part = { &byte, 1 };
		struct msghdr message = { .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control.bytes,
					  .msg_controllen = sizeof control.bytes };
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &file, sizeof(int));
		if (sendmsg(ends[1], &message, MSG_DONTWAIT) < 0) {
			if (errno != EAGAIN)
				return -1;
			socketpair(AF_UNIX, SOCK_DGRAM, 0, ends); /* that queue is full: another */
		}
	}
	return 0;
}

static int leave_in_flight(void)
{
	send_descriptors(60);
	return 0;
}

static int look_in_flight(void)
{
	return send_descriptors(40) < 0 ? found("a used up limit") : CLEAN;
}

static int named_socket(int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0left" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return call(fd, (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + 5) < 0 ? -1 : fd;
}

static int leave_socket_names(void)
{
	return listen(named_socket(bind), 1) < 0;
}

static int look_socket_names(void)
{
	return named_socket(connect) >= 0 ? found("somebody who listens") : CLEAN;
}

/* ---- what cannot be made ---- */

static int leave_sysv(void)
{
	return refused_if(shmget(77, 4096, IPC_CREAT | 0666) < 0 && semget(77, 1, IPC_CREAT | 0666) < 0 &&
			  syscall(SYS_msgget, 77, IPC_CREAT | 0666) < 0);
}

static int look_sysv(void)
{
	return shmget(77, 0, 0) >= 0 || semget(77, 0, 0) >= 0 ? found("a segment") : CLEAN;
}

static int leave_posix_queues(void)
{
	return refused_if(mq_open("/left", O_CREAT | O_RDWR, 0666, NULL) < 0);
}

static int look_posix_queues(void)
{
	return mq_open("/left", O_RDWR) >= 0 ? found("a queue") : CLEAN;
}

static int leave_keyrings(void)
{
	return refused_if(syscall(SYS_add_key, "user", "left", "x", 1, KEY_SPEC_USER_KEYRING) < 0);
}

static int look_keyrings(void)
{
	return syscall(SYS_request_key, "user", "left", NULL, 0) >= 0 ? found("a key") : CLEAN;
}

static int leave_locks(void)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int file = open("/usr/bin/env", O_RDONLY);
	int status;
	fcntl(file, F_SETLK, &lock);
	if (fork() == 0) {
		struct flock seen = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		fcntl(file, F_GETLK, &seen);
		_exit(seen.l_type == F_UNLCK);
	}
	wait(&status);
	return refused_if(WEXITSTATUS(status) == 1);
}

static int look_locks(void)
{
	struct flock seen = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	fcntl(open("/usr/bin/env", O_RDONLY), F_GETLK, &seen);
	return seen.l_type != F_UNLCK ? found("a lock") : CLEAN;
}

static int leave_mounts(void)
{
	return refused_if(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0 &&
			  syscall(SYS_open_tree, AT_FDCWD, "/tmp", 1) < 0);
}

static int look_mounts(void)
{
	char line[512];
	FILE *mounts = fopen("/proc/self/mountinfo", "r");
	int count = 0;
	while (mounts && fgets(line, sizeof line, mounts))
		count += strstr(line, " /tmp ") != NULL;
	return count != 1 ? found("another mount") : CLEAN;
}

static int leave_namespaces(void)
{
	return refused_if(unshare(CLONE_NEWUSER) < 0 && unshare(CLONE_NEWUTS) < 0 &&
			  setns(open("/proc/self/ns/uts", O_RDONLY), 0) < 0);
}

static int look_namespaces(void)
{
	struct stat first, own;
	return stat("/proc/self/ns/user", &own) == 0 && stat("/proc/1/ns/user", &first) == 0 &&
			       own.st_ino != first.st_ino
		       ? found("a namespace")
		       : CLEAN;
}

static int leave_host_name(void)
{
	return refused_if(sethostname("left", 4) < 0);
}

static int look_host_name(void)
{
	char name[64] = "";
	gethostname(name, sizeof name);
	return strcmp(name, "box") != 0 ? found(name) : CLEAN;
}

/* ---- what a process has ---- */

static int leave_attributes_of_a_process(void)
{
	struct rlimit few = { 20, 20 };
	sigset_t all;
	sigfillset(&all);
	umask(0777);
	setpriority(PRIO_PROCESS, 0, 19);
	setrlimit(RLIMIT_NOFILE, &few);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGUSR1, SIG_IGN);
	return chdir("/usr");
}

static int look_attributes_of_a_process(void)
{
	struct rlimit limit;
	struct sigaction action;
	sigset_t blocked;
	char folder[64];
	mode_t mask = umask(0);
	getrlimit(RLIMIT_NOFILE, &limit);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	sigaction(SIGUSR1, NULL, &action);
	if (mask != 022 || getpriority(PRIO_PROCESS, 0) != 0 || limit.rlim_cur <= 20)
		return found("mask, priority or limits");
	if (sigismember(&blocked, SIGUSR1) || action.sa_handler != SIG_DFL)
		return found("signals");
	return strcmp(getcwd(folder, sizeof folder), "/box") != 0 ? found("another folder") : CLEAN;
}

static int leave_flags_of_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return 0;
}

static int look_flags_of_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFL) & O_NONBLOCK)
			return found("O_NONBLOCK");
	return CLEAN;
}

/* ---- memory: figures are the test's to look at ---- */

static int leave_memory(void)
{
	int file = (int)syscall(SYS_memfd_create, "left", 0);
	size_t size = 16 << 20;
	put("/tmp/left", 8 << 20);
	if (ftruncate(file, (off_t)size) < 0)
		return 1;
	char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	memset(bytes, 1, size);
	return 0;
}

static int look_memory(void)
{
	return used_blocks("/tmp") > 64 ? found("used blocks in /tmp") : CLEAN;
}

static int leave_page_cache(void)
{
	static char block[1 << 16];
	DIR *folder = opendir("/usr/lib/gcc/x86_64-linux-gnu/12");
	int taken = 0;
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		int file = openat(dirfd(folder), entry->d_name, O_RDONLY);
		for (ssize_t n; file >= 0 && (n = read(file, block, sizeof block)) > 0;)
			taken += n > 0;
		close(file);
	}
	return folder && taken == 0;
}

static int look_page_cache(void)
{
	return CLEAN;
}

static const struct {
	const char *name;
	int (*leave)(void), (*look)(void);
} rows[] = {
#define OUTLIVES(name, ends, what, how) { #name, leave_##name, look_##name },
#include "keeper/outlives.def"
#undef OUTLIVES
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].name, argv[2]) != 0)
			continue;
		if (strcmp(argv[1], "look") == 0)
			return rows[i].look();
		int left = rows[i].leave();
		return left == 0 && strcmp(argv[1], "both") == 0 ? rows[i].look() : left;
	}
	return 99;
}
