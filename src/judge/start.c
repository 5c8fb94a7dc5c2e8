/* Which class of a judged Java program is started: one that has a main method, as what was compiled tells and not what was
 * written. Of several it is that of the main file where there are more files, else Main, else the one that the source
 * seems to mean, else the first by name. Where there is none the program does not compile. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "inside.h"
#include "lang/class_file.h"

struct choosing {
	const struct job *job;
	const char *above;   /* "out/" */
	const char *of_file; /* the main file's class, where there are more files */
	const char *best;
	int rank; /* of the best; the lower the better */
};

/* "out/a/b/C.class" as "a.b.C"; NULL with *failed unset: it is none. */
static char *class_of(const struct choosing *choosing, const char *name, bool *failed)
{
	static const char ending[] = ".class";
	size_t above = strlen(choosing->above), size = strlen(name);

	if (strncmp(name, choosing->above, above) != 0 || size < above + sizeof ending ||
	    strcmp(name + size - (sizeof ending - 1), ending) != 0)
		return NULL;
	char *made = pool_memdup(choosing->job->pool, name + above, size - above - (sizeof ending - 1));
	*failed = !made;
	for (char *at = made; at && *at; at++)
		*at = *at == '/' ? '.' : *at;
	return made;
}

static int rank_of(const struct choosing *choosing, const char *class_name)
{
	const char *const better[] = { choosing->of_file, "Main", choosing->job->plan.entry };
	int rank = 0;

	while (rank < 3 && (!better[rank] || strcmp(better[rank], class_name) != 0))
		rank++;
	return rank;
}

static int look_at(const struct bundle_file *file, void *context)
{
	struct choosing *choosing = context;
	bool failed = false;
	const char *found = class_of(choosing, file->name, &failed);

	if (failed)
		return -ENOMEM;
	if (!found || !class_file_has_main(file->data, file->size))
		return 0;
	int rank = rank_of(choosing, found);
	if (!choosing->best || rank < choosing->rank ||
	    (rank == choosing->rank && strcmp(found, choosing->best) < 0)) {
		choosing->best = found;
		choosing->rank = rank;
	}
	return 0;
}

static const char *class_of_file(const struct job *job, const char *name)
{
	const char *dot = strrchr(name, '.');
	char *made = pool_memdup(job->pool, name, dot ? (size_t)(dot - name) : strlen(name));

	for (char *at = made; at && *at; at++)
		*at = *at == '/' ? '.' : *at;
	return made;
}

static int tell_no_main(struct job *job, struct error *err)
{
	static const char text[] = "No class has a method public static void main(String[])";
	struct report *report = job->report;

	close_fd(&job->bundle_fd);
	report->verdict = VERDICT_COMPILE_ERROR;
	report->compile = COMPILE_ERROR;
	report->compile_output = pool_strdup(job->pool, text);
	report->compile_output_size = sizeof text - 1;
	return report->compile_output ? 0 : error_set(err, -ENOMEM, "out of memory");
}

int job_choose_class(struct job *job, struct error *err)
{
	struct choosing choosing = { .job = job, .above = pool_printf(job->pool, "%s/", job->plan.collect) };
	int code;

	if (job->plan.file_count > 1)
		choosing.of_file = class_of_file(job, job->plan.files[0].name);
	if (!choosing.above || (job->plan.file_count > 1 && !choosing.of_file))
		return error_set(err, -ENOMEM, "out of memory");
	code = bundle_visit(job->bundle_fd, look_at, &choosing, err);
	if (code < 0)
		return code;
	if (!choosing.best)
		return tell_no_main(job, err);
	code = lang_plan_start(&job->plan, choosing.best, job->pool);
	return code < 0 ? error_set(err, code, "out of memory") : 0;
}
