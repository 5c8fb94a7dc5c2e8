/* Folders below submissions/, and what tags call verdicts. */
#include <ctype.h>
#include <string.h>

#include "kattis_submissions.h"

#define AC    VERDICTS_ACCEPTED
#define WA    VERDICTS_WRONG
#define TLE   VERDICTS_TOO_SLOW
#define RTE   VERDICTS_RUN_ERROR
#define WRONG VERDICT_BIT(VERDICT_WRONG_ANSWER)
#define OLE   VERDICT_BIT(VERDICT_OUTPUT_LIMIT_EXCEEDED)
#define PART  VERDICT_BIT(VERDICT_PARTIAL)
#define CE    VERDICT_BIT(VERDICT_COMPILE_ERROR)

static const struct submission_class classes[] = {
	{ "accepted", AC, AC, 0 },
	{ "partially_accepted", PART, 0, 0 },
	{ "wrong_answer", WRONG, AC | WA, WA },
	{ "time_limit_exceeded", TLE, AC | TLE, TLE },
	{ "run_time_error", RTE, AC | RTE, RTE },
	{ "brute_force", RTE | TLE, AC | RTE | TLE, RTE | TLE },
	{ "rejected", WA | TLE | RTE | PART | CE, 0, WA | TLE | RTE },
	{ "slow_accepted", AC | TLE, AC | TLE, 0 },
	{ "compiler_error", CE, 0, 0 },
	{ "output_limit", OLE, 0, 0 },
	{ "no_output", WRONG, 0, 0 },
	{ "multiple", 0, 0, 0 },
	{ "mixed_verdicts", 0, 0, 0 },
	{ "mixed", 0, 0, 0 },
	{ "check_manually", 0, 0, 0 },
	{ "unknown", 0, 0, 0 },

	/* Other names of the same. */
	{ "correct", AC, AC, 0 },
	{ "partial", PART, 0, 0 },
	{ "timelimit", TLE, AC | TLE, TLE },
	{ "run_error", RTE, AC | RTE, RTE },
	{ "runtime_error", RTE, AC | RTE, RTE },
	{ "memory_limit", VERDICT_BIT(VERDICT_MEMORY_LIMIT_EXCEEDED), 0, 0 },
	{ "memory_limit_exceeded", VERDICT_BIT(VERDICT_MEMORY_LIMIT_EXCEEDED), 0, 0 },
	{ "output_limit_exceeded", OLE, 0, 0 },
	{ "compile_error", CE, 0, 0 },
};

static bool is_called(const char *name, const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && name[i] && (text[i] == '-' ? '_' : tolower((unsigned char)text[i])) == name[i])
		i++;
	return i == size && name[i] == '\0';
}

const struct submission_class *submission_class(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (is_called(classes[i].name, name, size))
			return &classes[i];
	return NULL;
}

const char *class_of(verdict_set whole)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (classes[i].whole && classes[i].whole == whole)
			return classes[i].name;
	return NULL;
}

struct expectation class_expectation(const struct submission_class *class, enum package_format format)
{
	struct expectation expectation = { .whole = class->whole };

	if (format == PACKAGE_2025_09 && (class->permitted || class->required)) {
		expectation.permitted = class->permitted;
		expectation.required = class->required;
		/* Whatever they make of the whole; but only what may be a compile_error is one. */
		expectation.whole = class->whole & CE ? ~(verdict_set)0 : 0;
	}
	return expectation;
}
