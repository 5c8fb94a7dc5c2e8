/* <testset>: limits, where the tests' files are, tests and groups.
 *
 * Of several sets "tests" is judged, or where there is none of that name the first that has tests. A test without its
 * files cannot be: packages come with and without what generators make. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "polygon.h"

struct reader {
	struct polygon *polygon;
	const struct xml_node *set;
	const char *input_pattern, *answer_pattern;
	size_t listed, missing; /* tests */
	const struct xml_node *first_missing;
};

/* ---- which set ---- */

/* How many tests it has; those that are only counted are like any other. */
static size_t tests_in(const struct polygon *polygon, const struct xml_node *set)
{
	const struct xml_node *count = xml_child(set, "test-count");
	const struct xml_node *test = xml_child(xml_child(set, "tests"), "test");
	double counted = 0;
	size_t listed = 0;

	for (; test; test = xml_next(test))
		listed++;
	polygon_number(polygon, count, "test-count", count ? count->text : NULL, 0, 1e6, &counted);
	return listed > (size_t)counted ? listed : (size_t)counted;
}

static const char *name_of(const struct xml_node *set)
{
	const char *name = xml_attribute(set, "name");

	return name ? name : "";
}

static const struct xml_node *choose_set(const struct polygon *polygon)
{
	const struct xml_node *sets = xml_child(xml_child(polygon->problem, "judging"), "testset");
	const struct xml_node *best = NULL;

	for (const struct xml_node *set = sets; set; set = xml_next(set)) {
		if (strcmp(name_of(set), "tests") == 0)
			return set;
		if (!best && (tests_in(polygon, set) > 0))
			best = set;
	}
	return best ? best : sets;
}

static void note_others(const struct reader *reader)
{
	const struct xml_node *set = xml_child(xml_child(reader->polygon->problem, "judging"), "testset");

	for (; set; set = xml_next(set))
		if (set != reader->set && tests_in(reader->polygon, set) > 0)
			polygon_note(reader->polygon, set,
				     "the tests of the set '%.60s' are not judged: those "
				     "of '%.60s' are",
				     name_of(set), name_of(reader->set));
}

/* ---- limits ---- */

static bool limit_of(const struct reader *reader, const char *key, double least, double most, double *number)
{
	const struct xml_node *node = xml_child(reader->set, key);

	return polygon_number(reader->polygon, node, key, node ? node->text : NULL, least, most, number);
}

static void read_limits(const struct reader *reader)
{
	struct package *package = reader->polygon->package;
	double time_ms = 0, memory_bytes = 256 << 20;

	package->time.given = limit_of(reader, "time-limit", 1, 3600e3, &time_ms);
	package->time.limit_s = time_ms / 1000;
	package->time.from = package->time.given ? polygon_file : NULL;
	(void)limit_of(reader, "memory-limit", 1 << 20, (double)(INT64_C(64) << 30), &memory_bytes);
	package->limits.memory_bytes = (int64_t)memory_bytes;
}

/* ---- paths ---- */

/* "%d" or "%02d", once, and no other percent sign: where it begins and the width; -1: it is another. */
static int pattern_width(const char *pattern, size_t *prefix, size_t *rest)
{
	const char *percent = strchr(pattern, '%'), *at = percent ? percent + 1 : NULL;
	int width = 0;

	if (!percent || strchr(at, '%'))
		return -1;
	if (*at == '0' && at[1] >= '1' && at[1] <= '9') {
		width = at[1] - '0';
		at += 2;
	}
	if (*at != 'd')
		return -1;
	*prefix = (size_t)(percent - pattern);
	*rest = (size_t)(at + 1 - pattern);
	return width;
}

static const char *pattern_of(const struct reader *reader, const char *key, const char *usual)
{
	const struct xml_node *node = xml_child(reader->set, key);
	size_t prefix, rest;

	if (!node)
		return usual;
	if (strlen(node->text) <= PACKAGE_PATH_BYTES_MAX && pattern_width(node->text, &prefix, &rest) >= 0)
		return node->text;
	polygon_note(reader->polygon, node,
		     "%s: '%.60s' has not one number (%%d or %%02d) in it: it is read as %s", key, node->text,
		     usual);
	return usual;
}

static const struct package_file *file_of(const struct reader *reader, const char *pattern, size_t number)
{
	char path[PACKAGE_PATH_BYTES_MAX + 32];
	size_t prefix = 0, rest = 0;
	int width = pattern_width(pattern, &prefix, &rest);

	snprintf(path, sizeof path, "%.*s%0*zu%s", (int)prefix, pattern, width, number, pattern + rest);
	return package_tree_find(reader->polygon->tree, path);
}

/* ---- tests ---- */

static const char *attribute_or(const struct xml_node *node, const char *name, const char *other)
{
	const char *value = xml_attribute(node, name);

	return value ? value : other;
}

static void add_test(struct reader *reader, const struct xml_node *node, size_t number)
{
	struct package *package = reader->polygon->package;
	const struct package_file *input = file_of(reader, reader->input_pattern, number);
	const struct package_file *answer = file_of(reader, reader->answer_pattern, number);
	struct package_test *test = &package->tests[package->test_count];

	if (!input || !answer) {
		reader->missing++;
		reader->first_missing = reader->first_missing ? reader->first_missing : node;
		return;
	}
	*test = (struct package_test){ .name = input->path,
				       .group = attribute_or(node, "group", ""),
				       .sample = strcmp(attribute_or(node, "sample", ""), "true") == 0,
				       .input_file = input,
				       .answer_file = answer,
				       .input = input->bytes,
				       .answer = answer->bytes,
				       .input_size = input->size,
				       .answer_size = answer->size };
	polygon_number(reader->polygon, node, "points", xml_attribute(node, "points"), 0, 1e9, &test->points);
	package->scoring = package->scoring || test->points > 0;
	package->test_count++;
}

static void note_missing(const struct reader *reader)
{
	if (reader->missing > 0)
		polygon_note(reader->polygon, reader->first_missing,
			     "%zu of %zu tests have no input or no answer and are left out: take the full "
			     "package, "
			     "or run doall.sh in this one, which makes them",
			     reader->missing, reader->listed);
	if (reader->polygon->package->test_count == 0)
		package_note(&reader->polygon->package->notes, NULL, 0, "there are no tests");
}

static int read_tests(struct reader *reader)
{
	const struct polygon *polygon = reader->polygon;
	const struct xml_node *test = xml_child(xml_child(reader->set, "tests"), "test");

	reader->listed = tests_in(polygon, reader->set);
	if (reader->listed > TASK_TESTS_MAX)
		return error_set(polygon->err, -E2BIG, "there are more than %d tests", TASK_TESTS_MAX);
	polygon->package->tests =
		pool_array(polygon->pool, reader->listed + 1, sizeof *polygon->package->tests);
	if (!polygon->package->tests)
		return polygon_out_of_memory(polygon);
	for (size_t number = 1; number <= reader->listed; number++) {
		add_test(reader, test, number);
		test = test ? xml_next(test) : NULL;
	}
	note_missing(reader);
	return 0;
}

static int compare_samples(const void *left, const void *right)
{
	const struct package_sample *l = left, *r = right;

	return strcmp(l->name, r->name);
}

/* An interactive problem's files are for the interactor. */
static int read_samples(struct reader *reader)
{
	struct package *package = reader->polygon->package;
	bool talks = xml_child(xml_child(reader->polygon->problem, "assets"), "interactor");

	package->samples =
		pool_array(reader->polygon->pool, package->test_count + 1, sizeof *package->samples);
	if (!package->samples)
		return polygon_out_of_memory(reader->polygon);
	for (const struct package_test *test = package->tests; test < package->tests + package->test_count;
	     test++)
		if (test->sample && !talks)
			package->samples[package->sample_count++] =
				(struct package_sample){ .name = test->name,
							 .input = test->input,
							 .input_size = test->input_size,
							 .output = test->answer,
							 .output_size = test->answer_size };
	if (package->sample_count > 0)
		qsort(package->samples, package->sample_count, sizeof *package->samples, compare_samples);
	return 0;
}

/* ---- groups ---- */

static bool has_group(const struct xml_node *groups, const char *name)
{
	const struct xml_node *group = xml_child(groups, "group");

	while (group && strcmp(attribute_or(group, "name", ""), name) != 0)
		group = xml_next(group);
	return group;
}

static int read_needs(const struct reader *reader, const struct xml_node *group,
		      struct group_settings *settings)
{
	const struct xml_node *first = xml_child(xml_child(group, "dependencies"), "dependency");
	size_t count = 0, room = 1;
	const char **needs;

	for (const struct xml_node *need = first; need; need = xml_next(need))
		room++;
	if (!(needs = pool_array(reader->polygon->pool, room, sizeof *needs)))
		return polygon_out_of_memory(reader->polygon);
	for (const struct xml_node *need = first; need; need = xml_next(need)) {
		const char *name = attribute_or(need, "group", "");

		if (has_group(group->parent, name))
			needs[count++] = name;
		else
			polygon_note(reader->polygon, need, "there is no group '%.60s' to depend on", name);
	}
	settings->needs = count > 0 ? needs : NULL;
	return 0;
}

/* Without points of its own it is worth what its tests are. */
static int read_group(const struct reader *reader, const struct xml_node *group,
		      struct group_settings *settings)
{
	const char *policy = attribute_or(group, "points-policy", "each-test");
	double points = 0;

	settings->name = attribute_or(group, "name", "");
	settings->complete = strcmp(policy, "complete-group") == 0;
	if (!settings->complete && strcmp(policy, "each-test") != 0)
		polygon_note(reader->polygon, group,
			     "the points-policy '%.60s' is not known here: it is each-test", policy);
	polygon_number(reader->polygon, group, "points", xml_attribute(group, "points"), 0, 1e9, &points);
	if (settings->complete && points > 0) {
		settings->has_points = true;
		settings->points = points;
		reader->polygon->package->scoring = true;
	}
	return read_needs(reader, group, settings);
}

/* Scoring itself knows what it can do with them. */
static int check(const struct polygon *polygon, struct task_groups *groups)
{
	const struct package *package = polygon->package;
	struct task_test *tests = pool_array(polygon->pool, package->test_count + 1, sizeof *tests);
	struct task task = { .tests = tests, .test_count = package->test_count, .groups = groups };
	struct scoring *scoring;

	if (!tests)
		return polygon_out_of_memory(polygon);
	for (size_t i = 0; i < package->test_count; i++)
		tests[i] = (struct task_test){ .group = package->tests[i].group,
					       .points = package->tests[i].points };
	return scoring_new(&task, polygon->pool, &scoring, polygon->err) < 0
		       ? error_wrap(polygon->err, "the groups of tests")
		       : 0;
}

static int read_all_groups(const struct reader *reader, struct task_groups *groups)
{
	const struct xml_node *list = xml_child(reader->set, "groups"), *group = xml_child(list, "group");
	size_t room = 1;
	int code = 0;

	for (const struct xml_node *one = group; one; one = xml_next(one))
		room++;
	if (room > SCORING_GROUPS_MAX + 1)
		return error_set(reader->polygon->err, -E2BIG, "there are more than %d groups of tests",
				 SCORING_GROUPS_MAX);
	groups->settings = pool_array(reader->polygon->pool, room, sizeof *groups->settings);
	if (!groups->settings)
		return polygon_out_of_memory(reader->polygon);
	for (; group && code == 0; group = xml_next(group))
		code = read_group(reader, group, &groups->settings[groups->count++]);
	return code;
}

/* Without points there is nothing to score: the first test that fails decides. */
static int read_groups(struct reader *reader)
{
	struct polygon *polygon = reader->polygon;
	struct task_groups *groups = pool_alloc(polygon->pool, sizeof *groups);
	int code;

	if (!groups)
		return polygon_out_of_memory(polygon);
	groups->rules = SCORING_POLYGON;
	code = read_all_groups(reader, groups);
	if (code < 0 || !polygon->package->scoring || polygon->package->test_count == 0)
		return code;
	code = check(polygon, groups);
	if (code == 0)
		polygon->package->groups = groups;
	return code;
}

int polygon_tests_read(struct polygon *polygon)
{
	struct reader reader = { .polygon = polygon, .set = choose_set(polygon) };
	int code;

	if (!reader.set)
		polygon_note(polygon, NULL, "there is no <testset> in <judging>");
	read_limits(&reader);
	if (!polygon->package->time.given)
		package_note(&polygon->package->notes, NULL, 0,
			     "there is no time limit: it is made from solutions");
	note_others(&reader);
	reader.input_pattern = pattern_of(&reader, "input-path-pattern", "tests/%02d");
	reader.answer_pattern = pattern_of(&reader, "answer-path-pattern", "tests/%02d.a");
	code = read_tests(&reader);
	if (code == 0)
		code = read_samples(&reader);
	return code < 0 ? code : read_groups(&reader);
}
