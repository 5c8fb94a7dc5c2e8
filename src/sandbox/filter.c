#include "filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter_programs.h" /* made by filter_write.c */

static struct sock_filter v1_instructions[] = { FILTER_V1 };
static struct sock_filter v2_instructions[] = { FILTER_V2 };
static const struct sock_fprog programs[] = {
	{ sizeof v1_instructions / sizeof v1_instructions[0], v1_instructions },
	{ sizeof v2_instructions / sizeof v2_instructions[0], v2_instructions },
};

#define PROGRAM(name)                                                                           \
	{                                                                                       \
		sizeof name##_instructions / sizeof name##_instructions[0], name##_instructions \
	}
static struct sock_filter one_id_instructions[] = { FILTER_ONE_ID };
static struct sock_filter restricted_instructions[] = { FILTER_RESTRICTED };
static struct sock_filter no_signals_instructions[] = { FILTER_NO_SIGNALS };
const struct sock_fprog filter_one_id = PROGRAM(one_id), filter_restricted = PROGRAM(restricted);
static const struct sock_fprog no_signals = PROGRAM(no_signals);

const struct sock_fprog *filter_program(bool for_cgroup_v2)
{
	return &programs[for_cgroup_v2];
}

int filter_load(const struct sock_fprog *program)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program) < 0 ? -errno : 0;
}

static struct sock_filter program_instructions[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
const struct sock_fprog filter_program_only = { sizeof program_instructions / sizeof program_instructions[0],
						program_instructions };

int filter_load_no_signals(void)
{
	for (size_t i = 0; i < no_signals.len; i++)
		if (no_signals_instructions[i].k == FIRST_PROCESS)
			no_signals_instructions[i].k = (unsigned int)getpid();
	return filter_load(&no_signals);
}
