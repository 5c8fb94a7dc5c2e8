/* From sources to what is placed for the runs. A compiler is a program like any other: it runs in a box, and
 * whatever it does there, being killed included, is the author's result and never the judge's failure. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "inside.h"
#include "model/message.h"

static const int64_t program_bytes_max = INT64_C(64) << 20;

/* ---- the cache's key ---- */

/* Each text with its size before it, so that no two lists look the same. */
static void add_text(struct buffer *text, const char *data, size_t size)
{
	buffer_append(text, &size, sizeof size);
	buffer_append(text, data, size);
}

/* Programs outlive this process, and their compiler's packages. */
static void add_toolchain(struct buffer *text, const struct job *job)
{
	const char *collect = job->plan.collect ? job->plan.collect : "";
	struct stat compiler = { 0 };

	add_text(text, ARENA_VERSION, sizeof ARENA_VERSION - 1);
	add_text(text, collect, strlen(collect));
	for (const char *const *word = job->plan.environment; word && *word; word++)
		add_text(text, *word, strlen(*word));
	if (job->build_argv[0] && stat(job->build_argv[0], &compiler) == 0) {
		add_text(text, (const char *)&compiler.st_mtim, sizeof compiler.st_mtim);
		add_text(text, (const char *)&compiler.st_size, sizeof compiler.st_size);
	}
}

static int compile_key(const struct job *job, unsigned char key[SHA256_BYTES])
{
	cleanup_buffer struct buffer text = { 0 };

	add_text(&text, job->language->id, strlen(job->language->id));
	add_text(&text, job->language->version, strlen(job->language->version));
	for (const char *const *word = job->build_argv; *word; word++)
		add_text(&text, *word, strlen(*word));
	add_toolchain(&text, job);
	for (size_t i = 0; i < job->plan.file_count; i++) {
		add_text(&text, job->plan.files[i].name, strlen(job->plan.files[i].name));
		add_text(&text, job->plan.files[i].data, job->plan.files[i].size);
	}
	if (text.failed)
		return -ENOMEM;
	sha256(text.data, text.size, key);
	return 0;
}

/* ---- the compiler's words ---- */

/* Authors know nothing of /box: their files are named as they named them. */
static void append_without_box(struct buffer *out, const char *text, size_t size)
{
	static const char prefix[] = "/box/";

	while (size > 0) {
		const char *found = memmem(text, size, prefix, sizeof prefix - 1);
		size_t plain = found ? (size_t)(found - text) : size;

		buffer_append(out, text, plain);
		text += plain;
		size -= plain;
		if (found) {
			text += sizeof prefix - 1;
			size -= sizeof prefix - 1;
		}
	}
}

static void append_line(struct buffer *out, const char *line)
{
	if (out->size > 0 && out->data[out->size - 1] != '\n')
		buffer_putc(out, '\n');
	buffer_puts(out, line);
}

static int keep_output(struct job *job, const char *text, size_t size, struct error *err)
{
	const char *copy = pool_memdup(job->pool, text, size);

	if (!copy)
		return error_set(err, -ENOMEM, "keep the compiler's output: out of memory");
	job->report->compile_output = copy;
	job->report->compile_output_size = size;
	return 0;
}

/* Nothing is left by a check: the sources are the program. */
static bool only_checks(const struct job *job)
{
	return !job->plan.compile_argv;
}

/* Both streams: some compilers complain on stdout. */
static int take_output(struct job *job, const struct box_result *result, struct error *err)
{
	struct run_facts facts = job_facts(result);
	cleanup_buffer struct buffer text = { 0 };
	char message[MESSAGE_BYTES];

	append_without_box(&text, result->stdout_data, result->stdout_size);
	append_without_box(&text, result->stderr_data, result->stderr_size);
	if (result->stdout_cut || result->stderr_cut)
		append_line(&text, "[more was cut off]\n");
	if (message_of_compile(&facts, &job->compile_limits, message))
		append_line(&text, message);
	else if (result->outcome == BOX_EXITED && result->exit_code == 0 && result->collected_fd < 0 &&
		 !only_checks(job))
		append_line(&text, "Compilation left no program, or one that is too large");
	if (text.failed)
		return error_set(err, -ENOMEM, "keep the compiler's output: out of memory");
	return keep_output(job, buffer_text(&text), text.size, err);
}

/* ---- compiling ---- */

static int bundle_sources(const struct job *job, int *bundle_fd, struct error *err)
{
	size_t count = job->plan.file_count;
	struct bundle_file *files = pool_array(job->pool, count, sizeof *files);

	if (!files)
		return error_set(err, -ENOMEM, "place the sources: out of memory");
	for (size_t i = 0; i < count; i++) {
		const struct lang_source *source = &job->plan.files[i];

		files[i] = (struct bundle_file){ .name = source->name,
						 .data = source->data,
						 .size = source->size };
	}
	return bundle_make(files, count, bundle_fd, err);
}

static enum compile_status status_of(const struct job *job, const struct box_result *result)
{
	struct run_facts facts = job_facts(result);

	if (facts.hit_memory_limit)
		return COMPILE_MEMORY_LIMIT;
	if (facts.hit_cpu_limit || facts.hit_wall_limit)
		return COMPILE_TIME_LIMIT;
	return result->outcome == BOX_EXITED && result->exit_code == 0 &&
			       (result->collected_fd >= 0 || only_checks(job))
		       ? COMPILE_OK
		       : COMPILE_ERROR;
}

static int run_compiler(struct job *job, int sources_fd, struct box_result *result, struct error *err)
{
	const struct box_spec spec = {
		.argv = job->build_argv,
		.environment = job->plan.environment,
		.session = job_new_session(),
		.bundle_fd = sources_fd,
		.stdin_fd = -1,
		.stdout_fd = -1,
		.stderr_fd = -1,
		.discard_excess = true,
		.collect = only_checks(job) ? NULL : job->plan.collect,
		.collect_bytes = program_bytes_max,
		.cancelled = &job->judge->cancelled,
		.limits = job->compile_limits,
	};

	return box_run(job->judge->lane, &spec, result, err);
}

/* What was collected is a folder; what is in it is placed as the program. */
static int unpack(const struct job *job, int *bundle_fd, struct error *err)
{
	const struct job collected = { .pool = job->pool, .bundle_fd = *bundle_fd };
	size_t above = strlen(job->plan.collect) + 1, count;
	struct bundle_file *files;
	int unpacked_fd = -1, code = job_keep_files(&collected, 0, &files, &count, err);

	for (size_t i = 0; i < count && code == 0; i++)
		files[i].name += above;
	if (code == 0)
		code = bundle_make(files, count, &unpacked_fd, err);
	if (code < 0)
		return code;
	close_fd(bundle_fd);
	*bundle_fd = unpacked_fd;
	return 0;
}

/* The cache has the bundle from here on, where it takes it; the job has a descriptor of its own. */
static int keep_program(struct job *job, const unsigned char key[SHA256_BYTES], struct box_result *result,
			struct error *err)
{
	int own = fcntl(result->collected_fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return error_errno(err, "keep the program");
	job->bundle_fd = own;
	if (job->judge->programs)
		programs_put(job->judge->programs, key, result->collected_fd, job->report->compile_output,
			     job->report->compile_output_size);
	if (cache_put(&job->judge->cache, key, result->collected_fd, job->report->compile_output,
		      job->report->compile_output_size))
		take_fd(&result->collected_fd);
	return 0;
}

static int compile(struct job *job, const unsigned char key[SHA256_BYTES], struct error *err)
{
	struct report *report = job->report;
	cleanup_with(box_result_free) struct box_result result = { .collected_fd = -1 };
	cleanup_fd int sources_fd = -1;
	int code = bundle_sources(job, &sources_fd, err);

	if (code == 0)
		code = run_compiler(job, sources_fd, &result, err);
	if (code == 0)
		code = take_output(job, &result, err);
	if (code < 0)
		return code;
	report->compile = status_of(job, &result);
	if (report->compile == COMPILE_OK && only_checks(job))
		result.collected_fd = take_fd(&sources_fd);
	report->compile_us = result.wall_us;
	if (report->compile == COMPILE_OK && job->plan.unpack)
		code = unpack(job, &result.collected_fd, err);
	if (report->compile == COMPILE_OK)
		return code < 0 ? code : keep_program(job, key, &result, err);
	report->verdict = result.outcome == BOX_CANCELLED ? VERDICT_CANCELLED : VERDICT_COMPILE_ERROR;
	return 0;
}

static int take_cached(struct job *job, const struct cache_entry *entry, struct error *err)
{
	int own = fcntl(entry->bundle_fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return error_errno(err, "take the compiled program");
	job->bundle_fd = own;
	job->report->compile = COMPILE_OK;
	job->report->compile_cached = true;
	return keep_output(job, entry->output, entry->output_size, err);
}

/* From the disk, and from then on from the cache. 1 when it was there. */
static int take_kept(struct job *job, const unsigned char key[SHA256_BYTES], struct error *err)
{
	cleanup_with(program_free) struct program program = { .bundle_fd = -1 };

	if (!job->judge->programs || !programs_get(job->judge->programs, key, &program))
		return 0;
	const struct cache_entry found = { .bundle_fd = program.bundle_fd,
					   .output = (char *)(uintptr_t)program.output,
					   .output_size = program.output_size };
	int code = take_cached(job, &found, err);
	if (code == 0 &&
	    cache_put(&job->judge->cache, key, program.bundle_fd, program.output, program.output_size))
		take_fd(&program.bundle_fd);
	return code < 0 ? code : 1;
}

static int build(struct job *job, struct error *err)
{
	unsigned char key[SHA256_BYTES];
	const struct cache_entry *cached;

	if (compile_key(job, key) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	cached = cache_get(&job->judge->cache, key);
	if (cached)
		return take_cached(job, cached, err);
	int kept = take_kept(job, key, err);
	return kept == 0 ? compile(job, key, err) : kept < 0 ? kept : 0;
}

int job_prepare(struct job *job, struct error *err)
{
	job->build_argv = job->plan.compile_argv ? job->plan.compile_argv
			  : job->task->judged    ? job->plan.check_argv
						 : NULL;
	if (!job->build_argv)
		return bundle_sources(job, &job->bundle_fd, err);
	int code = build(job, err);
	if (code == 0 && job->bundle_fd >= 0 && job->task->judged && job->language->name_from_public_class)
		code = job_choose_class(job, err);
	return code;
}
