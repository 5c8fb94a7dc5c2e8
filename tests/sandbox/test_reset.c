/* That nothing of a run reaches the next one: each row of keeper/outlives.def, with a program (leaver.c) that leaves
 * just that and looks for it. That it would find it is shown first, within one run. */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum ends { REFUSED, RUN, FIGURE };

static const struct row {
	const char *name;
	enum ends ends;
} rows[] = {
#define OUTLIVES(name, ends, what, how) { #name, ends },
#include "keeper/outlives.def"
#undef OUTLIVES
};
enum { ROWS = sizeof rows / sizeof rows[0], CLEAN = 0, FOUND = 3, CANNOT = 4 };

static struct lane *lane;
static int bundle = -1;

static void run(const char *verb, const char *name, uint64_t session, int expected)
{
	const int64_t small_bytes = 4 << 20; /* what such a program uses itself is far below */
	const char *const argv[] = { "/box/leaver", verb, name, NULL };
	char what[80];
	struct box_spec spec = { .argv = argv,
				 .session = session,
				 .bundle_fd = bundle,
				 .stdin_fd = -1,
				 .stdout_fd = -1,
				 .stderr_fd = -1,
				 .limits = support_limits() };
	struct box_result result;
	spec.limits.open_files = 64;
	spec.limits.file_bytes = spec.limits.disk_bytes = 64 << 20;
	support_run(lane, &spec, &result);
	snprintf(what, sizeof what, "%s %s", verb, name);
	support_expect(what, &result, BOX_EXITED, expected);
	if (strcmp(verb, "look") == 0 && result.memory_bytes > small_bytes)
		fail_msg("%s: charged with %lld bytes", what, (long long)result.memory_bytes);
	box_result_free(&result);
}

static void each_is_gone_in_time(void **state)
{
	uint64_t session = 1000;
	for (size_t i = 0; i < ROWS; i++) {
		const char *name = rows[i].name;
		int left = rows[i].ends == REFUSED ? CANNOT : CLEAN;
		int seen = rows[i].ends == REFUSED ? CANNOT : rows[i].ends == FIGURE ? CLEAN : FOUND;
		session++;
		run("both", name, session, seen);
		run("leave", name, session, left);
		run("look", name, session, CLEAN);
		run("leave", name, session, left);
		run("look", name, ++session, CLEAN);
		run("look", name, 0, CLEAN);
	}
}

/* All of it at once, in one submission, then all the looks. */
static void nothing_adds_up(void **state)
{
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ROWS; i++)
			run("leave", rows[i].name, 2000, rows[i].ends == REFUSED ? CANNOT : CLEAN);
		for (size_t i = 0; i < ROWS; i++)
			run("look", rows[i].name, 2000, CLEAN);
	}
}

static int set_up(void **state)
{
	if (support_open(state) < 0)
		return -1;
	lane = support_lane();
	bundle = support_bundle((const char *const[]){ "leaver" }, 1);
	return 0;
}

static int tear_down(void **state)
{
	lane_free(lane);
	close_fd(&bundle);
	return support_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_gone_in_time),
		cmocka_unit_test(nothing_adds_up),
	};
	return cmocka_run_group_tests_name("reset", tests, set_up, tear_down);
}
