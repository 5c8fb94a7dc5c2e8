/* filter.h - the seccomp filter of every box. The table in filter.c is the policy. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>

#include "base/error.h"

/* Generates the program from the table, once; it lives as long as the process. With `allow_clone3` an init
 * can use clone3(2) itself (for CLONE_INTO_CGROUP); its children then add filter_deny_clone3(). */
int filter_generate(bool allow_clone3, struct sock_fprog *program, struct error *err);

/* Loads it into this process, for good; needs no_new_privs. 0 or -errno. */
int filter_load(const struct sock_fprog *program);

/* The few instructions that take clone3(2) away again. */
extern const struct sock_fprog filter_deny_clone3;
