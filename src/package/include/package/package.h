/* package.h - a problem package as one value, whatever format it came in.
 *
 * Readers (kattis: legacy, legacy-icpc, 2023-07-draft and 2025-09, domjudge-problem.ini beside or instead; polygon) fill
 * it in; verify judges it; export writes it again; import makes a problem of it. Only what a format cannot do without is
 * an error; all else that is odd is a note. What the formats say is in docs/packages.md, and where they differ the
 * package's own version decides. Everything lives in the pool that it was read into, and does not change. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/pool.h"
#include "lang/lang.h"
#include "model/task.h"
#include "package/expectation.h"
#include "package/tree.h"

enum package_format { PACKAGE_LEGACY, PACKAGE_LEGACY_ICPC, PACKAGE_2025_09, PACKAGE_POLYGON };
const char *package_format_name(
	enum package_format format); /* "legacy", "legacy-icpc", "2025-09", "polygon" */

/* In one language ("en"; "": not said). */
struct package_name {
	const char *language, *text;
};
struct package_statement {
	const char *language;
	const char *path;   /* of its file; what lies beside it may be part of it */
	const char *format; /* "md", "tex", "pdf", "html", "txt" */
};

/* A file, or a folder of them, with a program. */
struct package_program {
	const char *path; /* "submissions/accepted/a.cpp", "output_validators/check" */
	const char *
		language; /* of the catalogue; NULL: none that is known or installed here, or no program at all */
	const char *why_not; /* when language is NULL: one sentence */
	bool not_a_program; /* no file that any language has: an author's slip, for submissions a compile_error */
	struct task_file *files; /* names within the program's own folder; the first is the entry */
	size_t file_count;
};

/* Arguments of the input validator of that name (its file's or folder's, with or without the ending). */
struct package_named_args {
	const char *name; /* NULL: the list ends here */
	const char *const *args;
};

struct package_test {
	const char *name;  /* "sample/1", "secret/2-big/03": without the ending */
	const char *group; /* "sample", "secret/2-big"; for polygon the group's own name, or "" */
	bool sample;       /* to be shown to everybody */
	const struct package_file *input_file, *answer_file; /* NULL: missing */
	const char *input, *answer;                          /* bytes; "" when missing */
	size_t input_size, answer_size;
	const char *const *args;           /* of the submission; NULL-ended, or NULL */
	const char *const *validator_args; /* behind the problem's; the group's own are here already */
	const char *const *input_args;     /* the input validators'; package_input_args() says whose */
	const struct package_named_args *named_input_args; /* or NULL: none has its own */
	struct task_file *files;                           /* that the submission finds in its folder */
	size_t file_count;
	double points;
	bool full_feedback;             /* what is in it may be shown to whoever fails it */
	const char *description, *hint; /* or NULL */
};

/* A group in which the static validator looks at the sources, before any of its tests. */
struct package_static {
	const char *group;       /* "secret/1" */
	double points;           /* what it is worth; 0: it passes or fails */
	const char *const *args; /* or NULL */
};

/* What a statement shows of a sample: an input and its output, or lines of a conversation ("<" and ">", "---" between
 * passes). */
struct package_sample {
	const char *name;                          /* "sample/1" */
	const char *input, *output, *conversation; /* the first two, or the last; else NULL */
	size_t input_size, output_size, conversation_size;
};

/* Data that is to be refused or accepted by validators, not judged (data/invalid_input and so on; valid_input is
 * an extension). */
enum package_claim { CLAIM_INVALID_INPUT, CLAIM_INVALID_OUTPUT, CLAIM_VALID_OUTPUT, CLAIM_VALID_INPUT };
struct package_claimed {
	enum package_claim claim;
	const char *name;
	const char *input, *answer, *output; /* NULL: missing */
	size_t input_size, answer_size, output_size;
	const char *const *validator_args, *const *input_args; /* as a test's */
	const struct package_named_args *named_input_args;
};

struct package_submission {
	struct package_program program;
	const char *class_name;           /* the folder's: "accepted" */
	struct expectation *expectations; /* at least one, unless anything goes */
	size_t expectation_count;
	bool skipped;         /* its author says that it is not to be run */
	bool every_test;      /* all tests are run whatever comes of one */
	bool sets_time_limit; /* it is right and within time: the limit is made from those */
	bool exceeds_time;    /* it is too slow: the limit stays below those */
};

struct package_time {
	bool given; /* else it is inferred from the submissions, by what follows */
	double limit_s;
	const char *from;     /* "limits.time_limit", "domjudge-problem.ini", ".timelimit", ... or NULL */
	double multiplier;    /* the limit is the slowest right one's time, times this */
	double safety_margin; /* those too slow need this times the limit: only checked */
	double resolution_s;  /* rounded up to a multiple of this */
};

struct package {
	const struct package_tree *tree; /* with the package's constants in their places */
	enum package_format format;
	const char *version;           /* the problem's own ("1.2"), or NULL */
	const char *short_name, *uuid; /* uuid NULL: none */
	struct package_name *names;
	size_t name_count;
	struct package_statement *statements;
	size_t statement_count;
	const char *license, *rights_owner, *source, *source_url, *author; /* NULL: not said */
	const char *const *keywords;                                       /* NULL-ended */
	const char *const *languages; /* that may be used; NULL-ended; NULL: all */
	const char *color, *label;    /* a contest's ("A"), of the ini; or NULL */

	bool scoring, interactive, multi_pass, submit_answer;
	bool allow_file_writing;
	int passes;                           /* at most; 1 without multi_pass */
	const char *input_file, *output_file; /* the program's, in place of its streams; or NULL */

	struct package_time time;
	/* Of submissions. What a package has no words for is ours; how long they may run is package_task()'s to say. */
	struct limits limits, compile_limits;
	int64_t code_bytes; /* the most that a submission's files may have together */
	struct limits validation_limits, validation_compile_limits; /* of validators */

	enum validator validator;          /* without a program */
	const char *const *validator_args; /* the problem's; NULL-ended */
	struct package_program *
		output_validator; /* or interactor where `interactive` and polygon_checker is NULL; or NULL */
	struct package_program
		*interactor; /* polygon's, beside the checker; else NULL: output_validator is both */
	enum convention convention;
	struct package_program *static_validator; /* or NULL */
	struct package_static *statics;           /* when it is asked; by group */
	size_t static_count;
	struct package_program *input_validators;
	size_t input_validator_count;
	int input_validator_right; /* the exit code that says so: 42, or Polygon's 0 */
	struct task_file
		*includes; /* files that are put beside submissions, by language: name "LANGUAGE/file" */
	size_t include_count;

	struct package_test *tests; /* in the order in which they are judged */
	size_t test_count;
	struct package_sample *samples; /* by name */
	size_t sample_count;
	struct package_claimed *claims;
	size_t claim_count;
	struct task_groups *groups; /* NULL: the first that fails decides */

	struct package_submission *submissions; /* sorted by path */
	size_t submission_count;

	struct package_notes notes;
};

/* Reads whatever it is. `catalogue` says which languages there are. -EINVAL with what is wrong and where. */
int package_read(const struct package_tree *tree, const struct catalogue *catalogue, struct pool *pool,
		 struct package *package, struct error *err);

/* What input validator number `validator` is called with for a test, or a claim, that has these two. NULL: nothing. */
const char *const *package_input_args(const struct package *package, size_t validator,
				      const char *const *input_args,
				      const struct package_named_args *named_input_args);

/* The task that judges one program on all tests (texts and bytes are borrowed). `time_limit_s` stands in for one that is
 * not given. The limits are the program's: wall time is the time limit and the larger of 1 s and half of it; twice the
 * time limit and so on when it is interactive. `program` NULL: all but that, for somebody who will have one.
 * Of a submit-answer problem a program of the language "text" is answers: "secret/1.out", "1.out", or one file for all
 * tests. -ENOTSUP: a validator has no language here. */
int package_task(const struct package *package, const struct package_program *program, double time_limit_s,
		 struct pool *pool, struct task *task, struct error *err);

/* The same problem in the format 2025-09, or in the legacy one: a tree for package_tree_write(), package_tree_pack().
 * What a format cannot say is noted. */
int package_export(const struct package *package, enum package_format format, struct pool *pool,
		   struct package_notes *notes, struct package_tree *tree, struct error *err);
/* A skeleton that verifies, to start from: adding two numbers. */
int package_skeleton(const char *short_name, struct pool *pool, struct package_tree *tree, struct error *err);
