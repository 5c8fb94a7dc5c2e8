/* requests.c - what the worker asks for: received, checked, and queued until its turn.
 *
 * A worker may send runs ahead, so that the next one starts while it still reads what the last one wrote. They
 * are read as they come, also while a program runs: a cancellation must not wait behind them. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "keeper.h"

/* One more than may wait: where the next message is received. */
static struct request queue[RUNS_AHEAD_MAX + 1];

static struct request *slot(const struct keeper *keeper, size_t number)
{
	return &queue[(keeper->first_request + number) % (RUNS_AHEAD_MAX + 1)];
}

static bool limits_ok(const struct limits *limits)
{
	const int64_t times[] = { limits->cpu_time_us, limits->wall_time_us, limits->memory_bytes,
				  limits->file_bytes, limits->disk_bytes };
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		if (times[i] <= 0 || times[i] > 1ll << 44)
			return false;
	return limits->inodes > 0 && limits->inodes <= 1 << 24 && limits->processes > 0 &&
	       limits->processes <= 1 << 20 && limits->open_files > 2 && limits->open_files <= 1 << 20 &&
	       limits->cpus >= 0;
}

/* Worker and keeper are of one build; a request that is not well-formed is still refused, not trusted. */
bool request_is_run(const struct request *request, size_t size, size_t fd_count)
{
	const struct run_message *run = &request->run;
	return size >= sizeof *run && run->kind == RUN_START && run->version == PROTOCOL_VERSION &&
	       run->text_bytes > 0 && size == sizeof *run + run->text_bytes &&
	       run->text[run->text_bytes - 1] == '\0' && run->argument_count > 0 &&
	       run->argument_count <= RUN_STRINGS_MAX && run->environment_count <= RUN_STRINGS_MAX &&
	       run->argument_count + run->environment_count <= RUN_STRINGS_MAX && limits_ok(&run->limits) &&
	       fd_count == (run->has_bundle ? 4u : 3u);
}

enum heard requests_hear(struct keeper *keeper, int flags, struct stop_message *stop)
{
	struct request *request = slot(keeper, keeper->request_count);
	size_t fd_count;
	ssize_t size = message_receive(keeper->setup->client, request->bytes, sizeof request->bytes, flags,
				       request->fds, &fd_count);
	if (size == -EAGAIN)
		return HEARD_NOTHING;
	if (size <= 0)
		return HEARD_END;
	if (size == (ssize_t)sizeof *stop && request->stop.kind != RUN_START) {
		message_close_fds(request->fds);
		*stop = request->stop;
		if (stop->kind == RUN_CANCEL && stop->sequence > keeper->cancelled)
			keeper->cancelled = stop->sequence;
		return HEARD_STOP;
	}
	if (keeper->request_count == RUNS_AHEAD_MAX || !request_is_run(request, (size_t)size, fd_count))
		_exit(2);
	keeper->request_count++;
	return HEARD_RUN;
}

struct request *requests_first(const struct keeper *keeper)
{
	return keeper->request_count > 0 ? slot(keeper, 0) : NULL;
}

void requests_drop_first(struct keeper *keeper)
{
	message_close_fds(slot(keeper, 0)->fds);
	keeper->first_request = (keeper->first_request + 1) % (RUNS_AHEAD_MAX + 1);
	keeper->request_count--;
}
