#include "module_run.h"

#include <string.h>

#include "course_store.h"

static const char blanks[] = " \t\r\n\v\f";

/* The next token of `size` bytes that may hold a NUL; its length, 0 at the end. */
static size_t next_token(const char **at, const char *end)
{
	const char *begin = *at;

	while (begin < end && *begin && strchr(blanks, *begin))
		begin++;
	*at = begin;
	while (begin < end && !(*begin && strchr(blanks, *begin)))
		begin++;
	return (size_t)(begin - *at);
}

bool module_output_is(const char *output, size_t size, const char *expected)
{
	const char *end = output + size, *expected_end = expected + strlen(expected);

	for (;;) {
		size_t left = next_token(&output, end), right = next_token(&expected, expected_end);

		if (left != right || memcmp(output, expected, left) != 0)
			return false;
		if (left == 0)
			return true;
		output += left;
		expected += right;
	}
}

int module_note_run(struct db_tx *tx, struct pool *pool, int64_t module_id, struct caller caller,
		    const char *output, size_t size, int64_t now_ms, bool *completed, struct error *err)
{
	struct module module;
	struct course course;
	int code = module_load(tx, pool, module_id, caller.user_id, &module, err);

	if (code > 0)
		code = course_load(tx, pool, module.course_id, caller, &course, err);
	if (code <= 0)
		return code;
	bool is_it = module.expected_output && module_output_is(output, size, module.expected_output);
	*completed = module.completed_ms != 0 || (is_it && course.enrolled_ms != 0);
	if (*completed && module.completed_ms == 0)
		code = module_complete(tx, module_id, caller.user_id, now_ms, err);
	return code < 0 ? code : 1;
}
