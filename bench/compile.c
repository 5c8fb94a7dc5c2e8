/* The time from a task to the start of its run: all of judge_run() but the run itself. A program that was never seen
 * is compiled; the same again in the same slot, and in another slot (as after a restart, or when somebody else sends
 * it), is not. */
#include "compile.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/config.h"
#include "judge/judge.h"
#include "samples.h"

enum { PROGRAMS = 40, AGAIN = 5 };

struct compiling {
	const struct bench_options *options;
	struct sandbox *sandbox;
	struct programs *programs;
	struct judge *first, *other;
	char folder[64];
	struct samples fresh, same, elsewhere;
};

static int open_judges(struct compiling *c, struct error *err)
{
	struct catalogue *catalogue = c->options->catalogue;
	const struct language *language = catalogue_find(catalogue, "c");
	int code;
	if (language)
		catalogue_probe(catalogue, language);
	if (!language || !language->available)
		return error_set(err, -ENOENT, "C is not available here");
	const struct sandbox_options options = { .visible = catalogue_visible(catalogue) };
	if (!mkdtemp(c->folder))
		return error_errno(err, "%s", c->folder);
	if ((code = programs_open(c->folder, 1 << 30, &c->programs, err)) < 0 ||
	    (code = sandbox_open(&options, &c->sandbox, err)) < 0 ||
	    (code = judge_new(c->sandbox, catalogue, &c->first, err)) < 0 ||
	    (code = judge_new(c->sandbox, catalogue, &c->other, err)) < 0)
		return code;
	judge_set_programs(c->first, c->programs);
	judge_set_programs(c->other, c->programs);
	return 0;
}

/* The program of that number; `cached` is what must be so. */
static int judge_one(struct compiling *c, struct judge *judge, int number, bool cached,
		     struct samples *samples, struct error *err)
{
	static const char *const none[] = { NULL };
	cleanup_pool struct pool *pool = pool_new();
	char code_text[160];
	struct task_file file = { .data = code_text };
	struct task_test test = { .input = "", .answer = "" };
	struct task task = { .language = "c",
			     .files = &file,
			     .file_count = 1,
			     .args = none,
			     .tests = &test,
			     .test_count = 1 };
	struct report report;
	config_limits(c->options->config, &task.limits, &task.compile_limits);
	file.size = (size_t)snprintf(code_text, sizeof code_text,
				     "#include <stdio.h>\nint main(void)\n{\n\tputs(\"hello %d\");\n\treturn "
				     "0;\n}\n",
				     number);
	if (!pool)
		return error_set(err, -ENOMEM, "out of memory");
	int64_t began_us = clock_monotonic_us();
	int code = judge_run(judge, &task, NULL, NULL, pool, &report, err);
	int64_t took_us = clock_monotonic_us() - began_us;
	if (code < 0)
		return code;
	if (report.run_count != 1 || report.compile_cached != cached)
		return error_set(err, -EPROTO, "program %d: %s", number,
				 report.run_count != 1 ? "did not run" : "the cache did not do as it should");
	samples_add(samples, (double)(took_us - report.runs[0].wall_us));
	return 0;
}

static int judge_all(struct compiling *c, struct error *err)
{
	int code = 0;
	for (int i = 0; i < PROGRAMS && code == 0; i++) {
		code = judge_one(c, c->first, i, false, &c->fresh, err);
		for (int again = 0; again < AGAIN && code == 0; again++)
			code = judge_one(c, c->first, i, true, &c->same, err);
		if (code == 0)
			code = judge_one(c, c->other, i, true, &c->elsewhere, err);
	}
	return code;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

static void close_all(struct compiling *c)
{
	judge_free(c->first);
	judge_free(c->other);
	sandbox_close(c->sandbox);
	programs_close(c->programs);
	nftw(c->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	samples_free(&c->fresh);
	samples_free(&c->same);
	samples_free(&c->elsewhere);
}

int bench_compile_cached(const struct bench_options *options, struct error *err)
{
	struct compiling c = { .options = options, .folder = "/tmp/arena-bench.XXXXXX" };
	int code = open_judges(&c, err);
	if (code == 0)
		code = judge_all(&c, err);
	if (code == 0) {
		const struct figure same = { .name = "compile-cached",
					     .unit = "us",
					     .values = &c.same,
					     .baseline = "a program that is compiled",
					     .baseline_values = &c.fresh };
		struct figure elsewhere = same;
		elsewhere.name = "compile-cached-elsewhere";
		elsewhere.values = &c.elsewhere;
		figure_print(&same, options->json);
		figure_print(&elsewhere, options->json);
	}
	close_all(&c);
	return code;
}
