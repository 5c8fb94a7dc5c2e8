/* old_kernel.c - runs a program as on a kernel that has less.
 *
 *     old_kernel NAME,NAME... PROGRAM ARGUMENT...
 *
 * Opening one of the NAMEs in a folder given by descriptor fails with ENOENT for the program and all that it starts,
 * boxes included; so the files of a cgroup that later kernels brought are missing wherever it looks. No seam in the
 * sandbox: a filter hands every such openat(2) to this process, which reads the name and decides (seccomp_unotify(2)).
 * The exit status is the program's, or 1 when one of the names was never asked for: nothing was tested then. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES_MAX = 8, NAME_BYTES = 32 };

static struct absent {
	const char *name;
	unsigned refused;
} absent[NAMES_MAX];

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#else
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* In the child; the descriptor that gives it is for the parent. */
static int filter_openat(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)AT_FDCWD, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof code / sizeof code[0], code };
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static _Noreturn void become_program(int tell, char **program)
{
	int listener = filter_openat();
	if (listener < 0)
		fail("old_kernel: seccomp");
	fcntl(listener, F_SETFD, FD_CLOEXEC);
	/* It has to be open until the parent has its own. */
	if (write(tell, &listener, sizeof listener) != sizeof listener || read(tell, &listener, 1) != 1)
		fail("old_kernel: the parent");
	execv(program[0], program);
	fail(program[0]);
	abort();
}

static int take_listener(int process, int told)
{
	int number;
	if (read(told, &number, sizeof number) != sizeof number)
		exit(1); /* the child has said why */
	int listener = (int)syscall(SYS_pidfd_getfd, process, number, 0);
	if (listener < 0 || write(told, "", 1) != 1)
		fail("old_kernel: pidfd_getfd");
	return listener;
}

static bool is_absent(const struct seccomp_notif *call)
{
	char name[NAME_BYTES + 1] = "";
	struct iovec here = { name, NAME_BYTES },
		     there = { (void *)(uintptr_t)call->data.args[1], NAME_BYTES };
	/* A name at the end of a page: what can be read comes byte by byte. */
	if (process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0) < 0)
		for (size_t i = 0; i < NAME_BYTES; i++) {
			here = (struct iovec){ name + i, 1 };
			there = (struct iovec){ (char *)(uintptr_t)call->data.args[1] + i, 1 };
			if (process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0) != 1 || !name[i])
				break;
		}
	for (struct absent *a = absent; a->name; a++)
		if (strcmp(a->name, name) == 0) {
			a->refused++;
			return true;
		}
	return false;
}

static void decide(int listener)
{
	struct seccomp_notif call = { 0 };
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return; /* whoever asked was killed */
	struct seccomp_notif_resp answer = { .id = call.id };
	if (is_absent(&call))
		answer.error = -ENOENT;
	else
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

/* Until the program has ended. */
static void serve(int listener, int process)
{
	struct pollfd events[2] = { { listener, POLLIN, 0 }, { process, POLLIN, 0 } };
	while (poll(events, 2, -1) > 0 && !events[1].revents)
		decide(listener);
}

static bool all_were_asked_for(void)
{
	bool all = true;
	for (const struct absent *a = absent; a->name; a++) {
		printf("old_kernel: %s was asked for %u times\n", a->name, a->refused);
		all = all && a->refused > 0;
	}
	return all;
}

int main(int argc, char **argv)
{
	int ends[2], status = 0;
	if (argc < 3) {
		fprintf(stderr, "usage: old_kernel NAME,NAME... PROGRAM ARGUMENT...\n");
		return 2;
	}
	char *save = NULL;
	for (char *name = strtok_r(argv[1], ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		size_t count = 0;
		while (absent[count].name)
			count++;
		if (count < NAMES_MAX - 1)
			absent[count].name = name;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		fail("old_kernel: socketpair");
	pid_t child = fork();
	if (child == 0)
		become_program(ends[1], argv + 2);
	close(ends[1]);
	int process = (int)syscall(SYS_pidfd_open, child, 0);
	serve(take_listener(process, ends[0]), process);
	waitpid(child, &status, 0);
	if (!all_were_asked_for())
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
