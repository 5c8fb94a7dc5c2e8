/* What a run finds in its folder besides its program, and leaves there: a test's own files, and files in the place of the
 * streams. Such a run has a box that nobody had before and a bundle of its own, so that nothing of it is in the next.
 *
 * Names may be taken twice: the input goes before the test's files, and those before the program's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

/* ---- the program's files ---- */

struct keeping {
	struct pool *pool;
	struct bundle_file *files;
	size_t count;
};

static int count_file(const struct bundle_file *file, void *context)
{
	(void)file;
	++*(size_t *)context;
	return 0;
}

static int keep_file(const struct bundle_file *file, void *context)
{
	struct keeping *keeping = context;
	struct bundle_file *kept = &keeping->files[keeping->count++];

	*kept = *file;
	kept->name = pool_strdup(keeping->pool, file->name);
	kept->data = pool_memdup(keeping->pool, file->data, file->size);
	return kept->name && kept->data ? 0 : -ENOMEM;
}

int job_keep_files(const struct job *job, size_t room, struct bundle_file **files, size_t *ret_count,
		   struct error *err)
{
	struct keeping keeping = { .pool = job->pool };
	size_t count = 0;
	int code = bundle_visit(job->bundle_fd, count_file, &count, err);

	if (code == 0 && !(keeping.files = pool_array(job->pool, count + room, sizeof *keeping.files)))
		code = error_set(err, -ENOMEM, "out of memory");
	if (code == 0)
		code = bundle_visit(job->bundle_fd, keep_file, &keeping, err);
	*files = keeping.files;
	*ret_count = keeping.count;
	return code;
}

bool job_places(const struct job *job, const struct task_test *test)
{
	return test->file_count > 0 || job->task->input_file;
}

int job_prepare_places(struct job *job, struct error *err)
{
	const struct task *task = job->task;
	bool any = false;

	for (size_t i = 0; i < task->test_count && !any; i++)
		any = task->tests[i].is_static || job_places(job, &task->tests[i]);
	return any ? job_keep_files(job, 0, &job->own_files, &job->own_file_count, err) : 0;
}

/* ---- one test's ---- */

struct placing {
	struct bundle_file *files;
	size_t count;
	struct limits *limits; /* what is placed is no use of what the program may have */
};

static void place(struct placing *placing, const char *name, const char *data, size_t size)
{
	for (size_t i = 0; i < placing->count; i++)
		if (lang_names_collide(placing->files[i].name, name))
			return;
	placing->files[placing->count++] = (struct bundle_file){ .name = name, .data = data, .size = size };
	placing->limits->disk_bytes += (int64_t)size;
	placing->limits->memory_bytes += (int64_t)size;
}

/* Those whose place nobody took. */
static void place_program(struct placing *placing, const struct job *job)
{
	size_t others = placing->count;

	for (size_t i = 0; i < job->own_file_count; i++) {
		bool taken = false;

		for (size_t j = 0; j < others && !taken; j++)
			taken = lang_names_collide(placing->files[j].name, job->own_files[i].name);
		if (!taken)
			placing->files[placing->count++] = job->own_files[i];
	}
}

int job_place(const struct job *job, const struct task_test *test, const char *input, size_t input_size,
	      struct limits *limits, int *bundle_fd, struct error *err)
{
	size_t room = job->own_file_count + test->file_count + 1;
	struct placing placing = { .files = pool_array(job->pool, room, sizeof *placing.files),
				   .limits = limits };

	if (!placing.files)
		return error_set(err, -ENOMEM, "out of memory");
	if (input)
		place(&placing, job->task->input_file, input, input_size);
	for (size_t i = 0; i < test->file_count; i++)
		place(&placing, test->files[i].name, test->files[i].data, test->files[i].size);
	place_program(&placing, job);
	return bundle_make(placing.files, placing.count, bundle_fd, err);
}

/* ---- the output ---- */

struct taking {
	const char *name;
	size_t max;
	char *bytes; /* or NULL */
	size_t size;
	bool cut;
};

static int take_file(const struct bundle_file *file, void *context)
{
	struct taking *taking = context;

	if (strcmp(file->name, taking->name) != 0)
		return 0;
	taking->cut = file->size > taking->max;
	taking->size = taking->cut ? taking->max : file->size;
	taking->bytes = malloc(taking->size + 1);
	if (!taking->bytes)
		return -ENOMEM;
	memcpy(taking->bytes, file->data, taking->size);
	taking->bytes[taking->size] = '\0';
	return 0;
}

int job_take_output_file(const struct job *job, struct box_result *result, struct error *err)
{
	struct taking taking = { .name = job->task->output_file, .max = (size_t)job->limits.output_bytes };
	int code =
		result->collected_fd >= 0 ? bundle_visit(result->collected_fd, take_file, &taking, err) : 0;

	if (code == 0 && !taking.bytes && !(taking.bytes = calloc(1, 1)))
		code = error_set(err, -ENOMEM, "out of memory");
	if (code < 0) {
		free(taking.bytes);
		return code;
	}
	free(result->stdout_data);
	result->stdout_data = taking.bytes;
	result->stdout_size = taking.size;
	result->stdout_cut = taking.cut;
	return 0;
}
