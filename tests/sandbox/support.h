/* support.h - what the sandbox's tests share: the connection, usual limits, and one run in one call.
 *
 * The tests start a lane maker of their own, as root or with what a user without root needs for that
 * (docs/hosts.md); or SANDBOX_SOCKET is the path of one that runs. Without either they fail with a word, never skip. */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/box.h"

/* Group set-up and tear-down; the tear-down also checks that the host is as it was (see host_check). */
int support_open(void **state);
int support_close(void **state);
struct sandbox *support_sandbox(void);
bool support_own_maker(void); /* this process started the lane maker itself */

/* A lane of one's own, freed by support_free_lane. Fails the test when it cannot be made. */
struct lane *support_lane(void);

/* On a host that is slow (an emulated one), SLOWNESS in the environment says how many times: time limits that
 * are not to be reached are multiplied with it, repetitions divided. 1 where it is not set. */
int support_slowness(void);

/* Whether process numbers begin anew with every run: a kernel may be built without CONFIG_CHECKPOINT_RESTORE. */
bool support_numbers_begin_anew(void);

/* 64 MiB, 2 s of CPU, 4 s of wall time (times the slowness), 64 KiB of output, 32 processes, ... */
struct limits support_limits(void);

/* argv "actor", then `arguments` (separated by spaces); session 0; nothing on stdin. */
struct actor_run {
	char text[1024];
	const char *argv[32];
	struct box_spec spec;
};
void support_actor(struct actor_run *run, const char *arguments);

/* Runs it; fails the test when the box itself fails. The caller frees the result. */
void support_run(struct lane *lane, const struct box_spec *spec, struct box_result *result);

/* The same for support_actor's in one call. */
void support_act(struct lane *lane, const char *arguments, struct box_result *result);

/* Fails the test, with all that is known about the run, unless it ended as said. `code` is the exit code of
 * BOX_EXITED, the signal of BOX_SIGNALED, and not looked at otherwise. */
void support_expect(const char *what, const struct box_result *result, enum box_outcome outcome, int code);

/* Runs a group as cmocka does; tests that this sandbox's tier cannot pass (tiers.c) are skipped, and say why. */
int support_run_tests(const char *group, const struct CMUnitTest *tests, size_t count,
		      CMFixtureFunction set_up, CMFixtureFunction tear_down);
#define support_run_group(group, tests, set_up, tear_down) \
	support_run_tests(group, tests, sizeof(tests) / sizeof(tests)[0], set_up, tear_down)

/* A bundle with programs of the build's tests/sandbox folder ("hostile/drip" is placed as "drip"). */
int support_bundle(const char *const *programs, size_t count);

/* The host, before and after. */
struct host_state {
	int descriptors; /* of this process */
	int mounts;      /* that this process sees */
	int descendants; /* of this process, whichever namespace they live in */
	int descendants_descriptors;
};
void support_host_state(struct host_state *state);
int support_descendants(pid_t *found, int most); /* of this process, parents before children; their count */
pid_t support_youngest_keeper(void);             /* of the lane made last */
/* Folders of control groups that belong to this process's lane maker and its lanes. */
int support_cgroup_folders(void);
