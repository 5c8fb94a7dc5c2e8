/* filter.h - the seccomp filter of every box. The table in filter_table.c is the policy; the build makes
 * programs of it. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>

/* For this architecture. Under cgroup v2 an init names the cgroup of its children with clone3(2) itself; its
 * filter leaves that and seccomp(2) open, and the children take both away with filter_program_only. */
const struct sock_fprog *filter_program(bool for_cgroup_v2);
extern const struct sock_fprog filter_program_only;

/* Above it: where the program's user is its init's; where there are no namespaces; and no Landlock that keeps signals
 * in. */
extern const struct sock_fprog filter_one_id, filter_restricted;

/* In the process that will be the run's first, which is the only one that signals may still be sent to. The number
 * stands for it in the program, and is beyond all that there can be. 0 or -errno. */
enum { FIRST_PROCESS = 0x7f1257ed };
int filter_load_no_signals(void);

/* Loads it into this process, for good; needs no_new_privs. 0 or -errno. */
int filter_load(const struct sock_fprog *program);
