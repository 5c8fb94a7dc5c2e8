/* run.c - a run as the worker sees it: one request to the keeper, its streams collected until the result comes.
 *
 * The write ends of the two pipes stay open here until the result has come: a stream's end is never waited
 * for, so that an orphan which holds it cannot delay anybody. When the result is there, nobody of the run
 * is alive, and what is left in the pipes is all there will be. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "client.h"

enum { READ_BYTES = 65536 };

/* ---- preparing ---- */

static uint32_t add_strings(struct buffer *request, const char *const *strings)
{
	uint32_t count = 0;
	for (; strings && *strings; strings++, count++)
		buffer_append(request, *strings, strlen(*strings) + 1);
	return count;
}

static int build_request(struct buffer *request, const struct run *run, struct error *err)
{
	const struct box_spec *spec = &run->spec;
	struct run_message head = {
		.kind = RUN_START,
		.version = PROTOCOL_VERSION,
		.sequence = run->sequence,
		.session = spec->session,
		.limits = spec->limits,
		.collect_bytes = spec->collect_bytes,
		.has_bundle = spec->bundle_fd >= 0,
	};
	const char *directory = spec->directory ? spec->directory : "/box";
	const char *collect = spec->collect ? spec->collect : "";
	buffer_clear(request);
	buffer_append(request, &head, sizeof head);
	head.argument_count = add_strings(request, spec->argv);
	head.environment_count = add_strings(request, spec->environment);
	buffer_append(request, directory, strlen(directory) + 1);
	buffer_append(request, collect, strlen(collect) + 1);
	if (request->failed)
		return error_set(err, -ENOMEM, "out of memory");
	size_t text = request->size - sizeof head;
	if (text > RUN_TEXT_MAX || head.argument_count + head.environment_count > RUN_STRINGS_MAX)
		return error_set(err, -E2BIG, "arguments and environment: at most %d strings and %d bytes",
				 RUN_STRINGS_MAX, RUN_TEXT_MAX);
	if (head.argument_count == 0)
		return error_set(err, -EINVAL, "a run needs a program");
	head.text_bytes = (uint32_t)text;
	memcpy(request->data, &head, sizeof head);
	return 0;
}

static int open_stream(struct stream *stream, int given, struct error *err)
{
	int ends[2];
	if (given >= 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	stream->read_end = ends[0];
	stream->write_end = ends[1];
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, "fcntl");
	return 0;
}

static int open_streams(struct run *run, struct error *err)
{
	const struct box_spec *spec = &run->spec;
	run->stdin_fd = spec->stdin_fd;
	if (spec->stdin_fd < 0) {
		/* An open file description of the run's own, also of /dev/null: flags and locks live there. */
		run->stdin_owned = true;
		run->stdin_fd = spec->stdin_size > 0
					? fd_sealed("stdin", spec->stdin_data, spec->stdin_size, err)
					: open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (run->stdin_fd < 0)
			return spec->stdin_size > 0 ? run->stdin_fd : error_errno(err, "open /dev/null");
	}
	int code = open_stream(&run->streams[0], spec->stdout_fd, err);
	return code < 0 ? code : open_stream(&run->streams[1], spec->stderr_fd, err);
}

/* ---- the exchange ---- */

static int send_request(struct lane *lane, const struct run *run, struct error *err)
{
	const struct box_spec *spec = &run->spec;
	int fds[4] = { run->stdin_fd, spec->stdout_fd >= 0 ? spec->stdout_fd : run->streams[0].write_end,
		       spec->stderr_fd >= 0 ? spec->stderr_fd : run->streams[1].write_end, spec->bundle_fd };
	int code = message_send(lane->socket, lane->request.data, lane->request.size, NULL, 0, fds,
				spec->bundle_fd >= 0 ? 4 : 3);
	return code < 0 ? error_set(err, code, "talk to the lane's keeper: %s", strerror(-code)) : 0;
}

static void tell_flood(const struct lane *lane, struct run *run)
{
	struct stop_message stop = { .kind = RUN_FLOOD, .sequence = run->sequence };
	if (run->flood_told || run->spec.discard_excess)
		return;
	run->flood_told = true;
	message_send(lane->socket, &stop, sizeof stop, NULL, 0, NULL, 0);
}

/* Reads what there is: up to the cap it is kept, beyond it is thrown away. */
static int read_stream(const struct lane *lane, struct run *run, struct stream *stream)
{
	static _Thread_local char bytes[READ_BYTES];
	size_t cap = (size_t)run->spec.limits.output_bytes;
	if (stream->read_end < 0)
		return 0;
	for (;;) {
		ssize_t n = read(stream->read_end, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		size_t room = cap - stream->bytes.size;
		size_t kept = (size_t)n < room ? (size_t)n : room;
		buffer_append(&stream->bytes, bytes, kept);
		if (stream->bytes.failed)
			return -ENOMEM;
		if (kept > 0 && run->spec.on_output && stream == &run->streams[0])
			run->spec.on_output(bytes, kept, run->spec.output_context);
		if (kept < (size_t)n) {
			stream->cut = true;
			tell_flood(lane, run);
		}
		if ((size_t)n < sizeof bytes)
			return 0;
	}
}

/* Until the keeper answers; its message and, perhaps, a descriptor. */
static int await_result(const struct lane *lane, struct run *run, struct result_message *said, int *fd,
			struct error *err)
{
	for (;;) {
		struct pollfd events[3] = { { lane->socket, POLLIN, 0 },
					    { run->streams[0].read_end, POLLIN, 0 },
					    { run->streams[1].read_end, POLLIN, 0 } };
		if (poll(events, 3, -1) < 0 && errno != EINTR)
			return error_errno(err, "poll");
		for (int i = 0; i < 2; i++)
			if (events[1 + i].revents && read_stream(lane, run, &run->streams[i]) < 0)
				return error_set(err, -ENOMEM, "out of memory for a program's output");
		if (!events[0].revents)
			continue;
		int fds[MESSAGE_FDS_MAX];
		size_t count;
		ssize_t size = message_receive(lane->socket, said, sizeof *said, 0, fds, &count);
		if (size != sizeof *said) {
			message_close_fds(fds);
			return error_set(err, size < 0 ? (int)size : -EPIPE, "the lane's keeper is gone");
		}
		*fd = take_fd(&fds[0]);
		message_close_fds(fds);
		if (said->sequence == run->sequence)
			return 0;
		close_fd(fd);
	}
}

/* ---- the result ---- */

static void hand_stream(struct stream *stream, char **data, size_t *size, bool *cut)
{
	*cut = stream->cut;
	*size = 0;
	*data = stream->read_end >= 0 ? buffer_take(&stream->bytes, size) : NULL;
}

static void fill_result(const struct lane *lane, struct run *run, const struct result_message *said,
			int *collected, struct box_result *result)
{
	for (int i = 0; i < 2; i++)
		read_stream(lane, run, &run->streams[i]);
	*result = (struct box_result){
		.outcome = (enum box_outcome)said->outcome,
		.exit_code = said->exit_code,
		.signal = said->signal,
		.cpu_us = said->cpu_us,
		.cpu_system_us = said->cpu_system_us,
		.cpu_user_us = said->cpu_us - said->cpu_system_us,
		.wall_us = said->wall_us,
		.memory_bytes = said->memory_bytes,
		.processes_peak = said->processes_peak,
		.inside_us = said->inside_us,
		.collected_fd = take_fd(collected),
	};
	hand_stream(&run->streams[0], &result->stdout_data, &result->stdout_size, &result->stdout_cut);
	hand_stream(&run->streams[1], &result->stderr_data, &result->stderr_size, &result->stderr_cut);
	bool cut = result->stdout_cut || result->stderr_cut;
	if (cut && !run->spec.discard_excess &&
	    (result->outcome == BOX_EXITED || result->outcome == BOX_SIGNALED))
		result->outcome = BOX_OUTPUT_LIMIT; /* it ended by itself before it could be told */
}

void run_end(struct run *run)
{
	for (int i = 0; i < 2; i++) {
		close_fd(&run->streams[i].read_end);
		close_fd(&run->streams[i].write_end);
		buffer_free(&run->streams[i].bytes);
	}
	if (run->stdin_owned)
		close_fd(&run->stdin_fd);
}

/* ---- the public calls ---- */

static bool cancelled_early(const struct box_spec *spec)
{
	return spec->cancelled && atomic_load(spec->cancelled);
}

int box_begin(struct lane *lane, const struct box_spec *spec, struct error *err)
{
	if (lane->run_count == BOX_AHEAD_MAX)
		return error_set(err, -EBUSY, "%d runs have begun already", BOX_AHEAD_MAX);
	struct run *run = &lane->runs[(lane->first_run + lane->run_count) % BOX_AHEAD_MAX];
	*run = (struct run){ .sequence = lane->sequence + 1,
			     .spec = *spec,
			     .stdin_fd = -1,
			     .streams = { { .read_end = -1, .write_end = -1 },
					  { .read_end = -1, .write_end = -1 } } };
	int code = lane->socket < 0 ? lane_connect(lane, err) : 0;
	atomic_store(&lane->newest, ++lane->sequence);
	if (code == 0)
		code = build_request(&lane->request, run, err);
	if (code == 0)
		code = open_streams(run, err);
	run->sent = code == 0 && !cancelled_early(spec);
	if (run->sent && (code = send_request(lane, run, err)) < 0)
		lane_disconnect(lane);
	if (code < 0)
		run_end(run);
	else
		lane->run_count++;
	if (lane->run_count == 0)
		atomic_store(&lane->newest, 0);
	return code;
}

static int finish(struct lane *lane, struct run *run, struct box_result *result, struct error *err)
{
	struct result_message said = { .outcome = BOX_CANCELLED,
				       .exit_code = -1,
				       .processes_peak = BOX_UNKNOWN };
	cleanup_fd int collected = -1;
	if (run->lost)
		return error_set(err, -EPIPE, "the lane's keeper is gone");
	if (run->sent) {
		int code = await_result(lane, run, &said, &collected, err);
		if (code < 0) {
			lane_disconnect(lane);
			return code;
		}
		result->start_failed = said.start_failed;
		if (said.code < 0)
			return error_set(err, said.code, "%.255s", said.text);
	}
	fill_result(lane, run, &said, &collected, result);
	return 0;
}

int box_end(struct lane *lane, struct box_result *result, struct error *err)
{
	*result = (struct box_result){ .outcome = BOX_INTERNAL_ERROR, .exit_code = -1, .collected_fd = -1 };
	if (lane->run_count == 0)
		return error_set(err, -ENOENT, "no run has begun");
	struct run *run = &lane->runs[lane->first_run];
	int code = finish(lane, run, result, err);
	run_end(run);
	lane->first_run = (lane->first_run + 1) % BOX_AHEAD_MAX;
	if (--lane->run_count == 0)
		atomic_store(&lane->newest, 0);
	return code;
}

int box_run(struct lane *lane, const struct box_spec *spec, struct box_result *result, struct error *err)
{
	*result = (struct box_result){ .outcome = BOX_INTERNAL_ERROR, .exit_code = -1, .collected_fd = -1 };
	if (lane->run_count > 0)
		return error_set(err, -EBUSY, "runs have begun that did not end");
	int code = box_begin(lane, spec, err);
	return code < 0 ? code : box_end(lane, result, err);
}

void box_result_free(struct box_result *result)
{
	free(result->stdout_data);
	free(result->stderr_data);
	if (result->collected_fd > 0)
		close_fd(&result->collected_fd);
	*result = (struct box_result){ .collected_fd = -1 };
}

const char *box_outcome_name(enum box_outcome outcome)
{
	static const char *const names[] = {
		[BOX_EXITED] = "exited",
		[BOX_SIGNALED] = "signaled",
		[BOX_CPU_LIMIT] = "cpu_limit",
		[BOX_WALL_LIMIT] = "wall_limit",
		[BOX_MEMORY_LIMIT] = "memory_limit",
		[BOX_OUTPUT_LIMIT] = "output_limit",
		[BOX_FILE_LIMIT] = "file_limit",
		[BOX_CANCELLED] = "cancelled",
		[BOX_INTERNAL_ERROR] = "internal_error",
	};
	size_t index = (size_t)outcome;
	return index < sizeof names / sizeof names[0] ? names[index] : names[BOX_INTERNAL_ERROR];
}
