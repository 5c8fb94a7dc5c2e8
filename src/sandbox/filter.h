/* filter.h - the seccomp filter of every box. The table in filter.c is the policy. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>

#include "base/error.h"

/* Generates the program from the table, once; it lives as long as the process. Under cgroup v2 an init names
 * the cgroup of its children with clone3(2) itself; its filter leaves that and seccomp(2) open, and the
 * children take both away with filter_program_only. */
int filter_generate(bool for_cgroup_v2, struct sock_fprog *program, struct error *err);

/* Loads it into this process, for good; needs no_new_privs. 0 or -errno. */
int filter_load(const struct sock_fprog *program);

extern const struct sock_fprog filter_program_only;
