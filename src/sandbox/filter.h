/* filter.h - the seccomp filter of every box. The table in filter_table.c is the policy. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Generates the program from the table, once; it lives as long as the process. Under cgroup v2 an init names
 * the cgroup of its children with clone3(2) itself; its filter leaves that and seccomp(2) open, and the
 * children take both away with filter_program_only. */
int filter_generate(bool for_cgroup_v2, struct sock_fprog *program, struct error *err);

/* The same for another architecture, AUDIT_ARCH_*: what this one cannot load, its tests can walk. */
int filter_generate_for(uint32_t architecture, bool for_cgroup_v2, struct sock_fprog *program,
			struct error *err);

/* What the table's `name` is there: below 0 where there is no such call. */
int filter_call_number(uint32_t architecture, const char *name);

/* Loads it into this process, for good; needs no_new_privs. 0 or -errno. */
int filter_load(const struct sock_fprog *program);

extern const struct sock_fprog filter_program_only;
