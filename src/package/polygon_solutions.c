/* <solutions>: programs, and what their tags say of them. */
#include <stdlib.h>
#include <string.h>

#include "polygon.h"

enum { SOLUTIONS_MAX = 500 };

#define MEMORY  VERDICT_BIT(VERDICT_MEMORY_LIMIT_EXCEEDED)
#define PARTIAL VERDICT_BIT(VERDICT_PARTIAL)
#define FAILED                                                               \
	(VERDICTS_WRONG | VERDICTS_TOO_SLOW | VERDICTS_RUN_ERROR | PARTIAL | \
	 VERDICT_BIT(VERDICT_COMPILE_ERROR))

/* Who runs out of memory may crash before anybody sees why. An empty set: it is not run. */
static const struct tag {
	const char *name;
	verdict_set whole;
} tags[] = {
	{ "main", VERDICTS_ACCEPTED },
	{ "accepted", VERDICTS_ACCEPTED },
	{ "rejected", FAILED },
	{ "failed", FAILED },
	{ "wrong-answer", VERDICTS_WRONG },
	{ "presentation-error", VERDICTS_WRONG },
	{ "time-limit-exceeded", VERDICTS_TOO_SLOW },
	{ "time-limit-exceeded-or-accepted", VERDICTS_TOO_SLOW | VERDICTS_ACCEPTED },
	{ "time-limit-exceeded-or-memory-limit-exceeded", VERDICTS_TOO_SLOW | VERDICTS_RUN_ERROR },
	{ "memory-limit-exceeded", VERDICTS_RUN_ERROR },
	{ "do-not-run", 0 },
};

static const struct tag *tag_of(const char *name)
{
	for (size_t i = 0; name && i < sizeof tags / sizeof tags[0]; i++)
		if (strcmp(tags[i].name, name) == 0)
			return &tags[i];
	return NULL;
}

/* With points who fails some tests has something, and it is those that the tag is about. */
static struct expectation expectation_of(const struct tag *tag, bool scoring)
{
	struct expectation expectation = { .whole = tag->whole };

	if (scoring && !(tag->whole & VERDICTS_ACCEPTED)) {
		expectation.whole |= PARTIAL;
		expectation.required = tag->whole == FAILED ? 0 : tag->whole;
	}
	expectation.sets_time_limit = tag->whole == VERDICTS_ACCEPTED;
	expectation.exceeds_time = tag->whole == VERDICTS_TOO_SLOW;
	return expectation;
}

static int expect(struct polygon *polygon, const struct xml_node *solution,
		  struct package_submission *submission)
{
	const char *name = xml_attribute(solution, "tag");
	const struct tag *tag = tag_of(name);
	struct expectation *expectation = pool_alloc(polygon->pool, sizeof *expectation);

	if (!expectation)
		return polygon_out_of_memory(polygon);
	submission->class_name = name ? name : "";
	submission->expectations = expectation;
	if (xml_child(xml_child(solution, "extra-tags"), "extra-tag"))
		polygon_note(polygon, solution, "what is expected of it in groups of tests is not checked");
	if (!tag)
		polygon_note(polygon, solution, "the tag '%.60s' is not known here: anything goes",
			     submission->class_name);
	if (!tag)
		return 0;
	if (tag->whole == 0) {
		submission->skipped = true;
		return 0;
	}
	*expectation = expectation_of(tag, polygon->package->scoring);
	submission->expectation_count = 1;
	submission->every_test = expectation->required != 0;
	submission->sets_time_limit = expectation->sets_time_limit;
	submission->exceeds_time = expectation->exceeds_time;
	return 0;
}

static int read_solution(struct polygon *polygon, const struct xml_node *solution)
{
	struct package *package = polygon->package;
	struct package_submission *submission = &package->submissions[package->submission_count];
	const struct xml_node *source = xml_child(solution, "source");
	int code;

	if (!source) {
		polygon_note(polygon, solution, "a solution without a <source> is ignored");
		return 0;
	}
	code = polygon_program(polygon, source, false, &submission->program);
	if (code == -ENOENT)
		return 0;
	if (code == 0)
		code = expect(polygon, solution, submission);
	package->submission_count += code == 0;
	return code;
}

static int compare_submissions(const void *left, const void *right)
{
	const struct package_submission *l = left, *r = right;

	return strcmp(l->program.path, r->program.path);
}

int polygon_solutions_read(struct polygon *polygon)
{
	struct package *package = polygon->package;
	const struct xml_node *assets = xml_child(polygon->problem, "assets");
	const struct xml_node *solution = xml_child(xml_child(assets, "solutions"), "solution");
	int code = 0;

	package->submissions = pool_array(polygon->pool, SOLUTIONS_MAX, sizeof *package->submissions);
	if (!package->submissions)
		return polygon_out_of_memory(polygon);
	for (; solution && code == 0; solution = xml_next(solution))
		code = package->submission_count < SOLUTIONS_MAX
			       ? read_solution(polygon, solution)
			       : error_set(polygon->err, -E2BIG, "there are more than %d solutions",
					   SOLUTIONS_MAX);
	if (package->submission_count == 0)
		package_note(&package->notes, NULL, 0, "there are no solutions");
	else
		qsort(package->submissions, package->submission_count, sizeof *package->submissions,
		      compare_submissions);
	return code;
}
