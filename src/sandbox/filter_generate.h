/* filter_generate.h - from the table to a program of the kernel's; for the build and for tests. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* For AUDIT_ARCH_*, which need not be this machine's. The program lives as long as the process. Under
 * cgroup v2 an init names the cgroup of its children with clone3(2) itself; its filter leaves that and
 * seccomp(2) open, and the children take both away with filter_program_only (filter.h). */
int filter_generate(uint32_t architecture, bool for_cgroup_v2, struct sock_fprog *program, struct error *err);

/* Of one of the tables above (filter_table.h). */
struct rules;
int filter_generate_above(uint32_t architecture, const struct rules *rules, struct sock_fprog *program,
			  struct error *err);

/* What the table's `name` is there: below 0 where there is no such call. */
int filter_call_number(uint32_t architecture, const char *name);
