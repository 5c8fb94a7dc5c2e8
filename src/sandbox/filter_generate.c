/* filter_generate.c - makes the table of filter_table.c into a program for the kernel, when arena is built.
 *
 * What is not in the table answers ENOSYS, so that libraries fall back instead of dying: clone3 is refused
 * so, and libc uses clone, whose flags can be looked at. A call of another architecture's entry (32-bit,
 * x32) kills the process: its numbers mean something else. */
#include "filter_generate.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "filter_table.h"

static struct scmp_arg_cmp comparison(const struct condition *condition)
{
	struct scmp_arg_cmp compare = { .arg = condition->argument };
	switch (condition->kind) {
	case DIFFERS:
		compare.op = SCMP_CMP_NE;
		compare.datum_a = condition->value;
		break;
	case MASKED:
		compare.op = SCMP_CMP_MASKED_EQ;
		compare.datum_a = condition->mask;
		compare.datum_b = condition->value;
		break;
	case EQUALS:
	case NO_CONDITION:
		compare.op = SCMP_CMP_EQ;
		compare.datum_a = condition->value;
		break;
	}
	return compare;
}

static uint32_t action(int answer)
{
	switch (answer) {
	case ALLOWED: return SCMP_ACT_ALLOW;
	case PRETENDED: return SCMP_ACT_ERRNO(0);
	default: return SCMP_ACT_ERRNO((uint32_t)answer);
	}
}

int filter_call_number(uint32_t architecture, const char *name)
{
	const int fchmodat2 = 452; /* newer than many a library's table; the same everywhere */
	int number = seccomp_syscall_resolve_name_arch(architecture, name);
	return number == __NR_SCMP_ERROR && strcmp(name, "fchmodat2") == 0 ? fchmodat2 : number;
}

/* The library takes numbers of the architecture that it runs on, and translates them. */
static int add_call(scmp_filter_ctx context, uint32_t architecture, const char *name, const struct rule *rule,
		    struct error *err)
{
	struct scmp_arg_cmp compare[RULE_CONDITIONS];
	unsigned int count = 0;
	int number = filter_call_number(architecture, name);
	if (number == __NR_SCMP_ERROR)
		return error_set(err, -EINVAL, "system call filter: the library does not know '%s'", name);
	if (number < 0)
		return 0;
	while (count < RULE_CONDITIONS && rule->conditions[count].kind != NO_CONDITION) {
		compare[count] = comparison(&rule->conditions[count]);
		count++;
	}
	int code = seccomp_rule_add_array(context, action(rule->answer),
					  filter_call_number(seccomp_arch_native(), name), count, compare);
	return code < 0 ? error_set(err, code, "system call filter: rule for %s: %s", name, strerror(-code))
			: 0;
}

static int add_rule(scmp_filter_ctx context, uint32_t architecture, const struct rule *rule,
		    struct error *err)
{
	char names[512], *save = NULL;
	strncpy(names, rule->names, sizeof names - 1);
	names[sizeof names - 1] = '\0';
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		if (add_call(context, architecture, name, rule, err) < 0)
			return err ? err->code : -EINVAL;
	return 0;
}

static int export_program(scmp_filter_ctx context, struct sock_fprog *program, struct error *err)
{
	cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
	int code = fd < 0 ? -errno : seccomp_export_bpf(context, fd);
	off_t size = code < 0 ? -1 : lseek(fd, 0, SEEK_END);
	struct sock_filter *instructions = size > 0 ? malloc((size_t)size) : NULL;
	if (!instructions || pread(fd, instructions, (size_t)size, 0) != size) {
		free(instructions);
		return error_set(err, code < 0 ? code : -ENOMEM, "system call filter: cannot be generated");
	}
	*program = (struct sock_fprog){ (unsigned short)((size_t)size / sizeof *instructions), instructions };
	return 0;
}

static int set_up(scmp_filter_ctx context, uint32_t architecture, struct error *err)
{
	/* What the kernel of the building machine can do is nothing to us; 3 is the level of KILL_PROCESS. */
	int code = seccomp_api_set(3);
	if (code == 0)
		code = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (code == 0)
		code = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
	if (code == 0 && architecture != seccomp_arch_native())
		code = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
	if (code == 0 && architecture != seccomp_arch_native())
		code = seccomp_arch_add(context, architecture);
	return code < 0 ? error_set(err, code, "system call filter: set-up: %s", strerror(-code)) : 0;
}

int filter_generate(uint32_t architecture, bool for_cgroup_v2, struct sock_fprog *program, struct error *err)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!context)
		return error_set(err, -ENOMEM, "system call filter: out of memory");
	int code = set_up(context, architecture, err);
	for (size_t i = 0; code == 0 && i < filter_rule_count; i++)
		code = add_rule(context, architecture, &filter_rules[i], err);
	if (code == 0 && for_cgroup_v2)
		code = add_rule(context, architecture, &filter_init_rule, err);
	if (code == 0)
		code = export_program(context, program, err);
	seccomp_release(context);
	return code;
}

int filter_generate_above(uint32_t architecture, const struct rules *rules, struct sock_fprog *program,
			  struct error *err)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	if (!context)
		return error_set(err, -ENOMEM, "system call filter: out of memory");
	int code = set_up(context, architecture, err);
	for (size_t i = 0; code == 0 && i < rules->count; i++)
		code = add_rule(context, architecture, &rules->rows[i], err);
	if (code == 0)
		code = export_program(context, program, err);
	seccomp_release(context);
	return code;
}
