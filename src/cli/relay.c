#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* Once stopped, it goes on reading, so that nobody waits for us with a full pipe. */
static void pass_on(struct relay *relay, const char *bytes, int64_t size)
{
	int64_t passed = size < relay->left ? size : relay->left;
	bool stopped = relay->flooded || relay->broken;
	if (!relay->broken && fd_write_all(relay->out, bytes, (size_t)passed) < 0)
		relay->broken = true;
	relay->left -= passed;
	if (passed < size)
		relay->flooded = true;
	if (!stopped && (relay->flooded || relay->broken))
		relay->stop(relay->context);
}

static void *copy(void *context)
{
	struct relay *relay = context;
	char bytes[16384];
	for (;;) {
		ssize_t n = read(relay->read_end, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		pass_on(relay, bytes, n);
	}
}

int relay_start(struct relay *relay, int out, int64_t cap_bytes, void (*stop)(void *context), void *context,
		struct error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	*relay = (struct relay){
		.write_end = ends[1],
		.read_end = ends[0],
		.out = out,
		.left = cap_bytes,
		.stop = stop,
		.context = context,
	};
	int code = pthread_create(&relay->thread, NULL, copy, relay);
	if (code == 0)
		return 0;
	close(ends[0]);
	close(ends[1]);
	return error_set(err, -code, "start a thread: %s", strerror(code));
}

void relay_finish(struct relay *relay)
{
	close_fd(&relay->write_end);
	pthread_join(relay->thread, NULL);
	close_fd(&relay->read_end);
}
