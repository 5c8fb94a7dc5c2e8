/* A package to start from: adding two numbers, with one of everything that a problem should have. */
#include "package/package.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const char problem[] = //
	"# What can be said here: docs/packages.md.\n"
	"problem_format_version: 2025-09\n"
	"name: Adding Two Numbers\n"
	"type: pass-fail\n"
	"uuid: %s\n"
	"# credits: Your Name\n"
	"license: unknown  # or public domain, cc0, cc by, cc by-sa, educational, permission\n"
	"limits:\n"
	"  time_limit: 1  # seconds; without it, twice what the slowest accepted submission takes\n";

static const char statement[] = //
	"Given two whole numbers, find their sum.\n"
	"\n"
	"## Input\n"
	"\n"
	"One line with two integers $a$ and $b$ ($-10^9 \\le a, b \\le 10^9$), separated by a blank.\n"
	"\n"
	"## Output\n"
	"\n"
	"One line with $a + b$.\n";

static const char validator[] = //
	"# Reads an input to its last byte; 42 says that it is as the statement promises.\n"
	"import re\n"
	"import sys\n"
	"\n"
	"number = r\"(0|-?[1-9][0-9]*)\"\n"
	"found = re.fullmatch(f\"{number} {number}\\n\", sys.stdin.read())\n"
	"if not found:\n"
	"    sys.exit(\"not two integers on one line\")\n"
	"if any(abs(int(each)) > 10**9 for each in found.groups()):\n"
	"    sys.exit(\"a number is too large\")\n"
	"sys.exit(42)\n";

static const char in_python[] = //
	"a, b = map(int, input().split())\n"
	"print(a + b)\n";

static const char in_c[] = //
	"#include <stdio.h>\n"
	"\n"
	"int main(void)\n"
	"{\n"
	"\tlong long a, b;\n"
	"\n"
	"\tscanf(\"%lld %lld\", &a, &b);\n"
	"\tprintf(\"%lld\\n\", a + b);\n"
	"}\n";

static const char wrong[] = //
	"# Forgets that numbers may be negative.\n"
	"a, b = map(int, input().split())\n"
	"print(abs(a) + abs(b))\n";

/* By path. */
static const struct {
	const char *path, *text; /* NULL: made for this package alone */
} files[] = {
	{ "data/invalid_input/not-a-number.in", "1 one\n" },
	{ "data/invalid_input/too-large.in", "1000000001 0\n" },
	{ "data/sample/1.ans", "5\n" },
	{ "data/sample/1.in", "2 3\n" },
	{ "data/secret/1-zero.ans", "0\n" },
	{ "data/secret/1-zero.in", "0 0\n" },
	{ "data/secret/2-negative.ans", "-3\n" },
	{ "data/secret/2-negative.in", "-7 4\n" },
	{ "data/secret/3-largest.ans", "2000000000\n" },
	{ "data/secret/3-largest.in", "1000000000 1000000000\n" },
	{ "data/secret/4-smallest.ans", "-2000000000\n" },
	{ "data/secret/4-smallest.in", "-1000000000 -1000000000\n" },
	{ "input_validators/validate.py", validator },
	{ "problem.yaml", NULL },
	{ "statement/problem.en.md", statement },
	{ "submissions/accepted/add.c", in_c },
	{ "submissions/accepted/add.py", in_python },
	{ "submissions/wrong_answer/no_sign.py", wrong },
};
enum { FILES = sizeof files / sizeof files[0] };

int package_skeleton(const char *short_name, struct pool *pool, struct package_tree *tree, struct error *err)
{
	struct package_file *made = pool_array(pool, FILES, sizeof *made);
	char uuid[UUID_TEXT_BYTES];

	random_uuid(uuid);
	const char *name = pool_strdup(pool, short_name), *yaml = pool_printf(pool, problem, uuid);
	if (!made || !name || !yaml)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < FILES; i++) {
		const char *text = files[i].text ? files[i].text : yaml;

		made[i] = (struct package_file){ .path = files[i].path, .bytes = text, .size = strlen(text) };
	}
	*tree = (struct package_tree){ name, made, FILES };
	return 0;
}
