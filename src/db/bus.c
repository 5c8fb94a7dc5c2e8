/* bus.c - see db/bus.h. In PostgreSQL a thread with a connection of its own, LISTEN and NOTIFY; in SQLite nothing
 * but a call. */
#include "db/bus.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend.h"
#include "base/cleanup.h"
#include "line.h"

enum { GATHER_US = 2000, PAUSE_MIN_MS = 50, PAUSE_MAX_MS = 1000, KEYS_MAX = 4096 };

struct db_bus {
	db_bus_heard *heard;
	void *context;
	const struct db_store *store;
	bool runs;
	pthread_t thread;
	int bell; /* eventfd */

	pthread_mutex_t mutex; /* guards what follows */
	char *keys[KEYS_MAX];  /* to be sent */
	size_t count;
	bool too_many; /* for `keys`: all there may be */
	bool stopping;
};

static char all_keys[] = "*"; /* on the wire */

/* ---- sending ---- */

static bool is_waiting(const struct db_bus *bus, const char *key)
{
	for (size_t i = bus->count; i > 0; i--)
		if (strcmp(bus->keys[i - 1], key) == 0)
			return true;
	return false;
}

static void ring(struct db_bus *bus)
{
	uint64_t one = 1;
	if (write(bus->bell, &one, sizeof one) < 0)
		return; /* it rings already */
}

static bool add_key(struct db_bus *bus, const char *key)
{
	char *copy = bus->count < KEYS_MAX ? strdup(key) : NULL;
	if (copy)
		bus->keys[bus->count++] = copy;
	return copy != NULL;
}

void db_bus_send(struct db_bus *bus, const char *key)
{
	bus->heard(bus->context, key);
	if (!bus->runs)
		return;
	pthread_mutex_lock(&bus->mutex);
	if (!is_waiting(bus, key) && !add_key(bus, key))
		bus->too_many = true;
	ring(bus);
	pthread_mutex_unlock(&bus->mutex);
}

/* ---- the thread ---- */

static bool is_stopping(struct db_bus *bus)
{
	pthread_mutex_lock(&bus->mutex);
	bool stopping = bus->stopping;
	pthread_mutex_unlock(&bus->mutex);
	return stopping;
}

static size_t take_keys(struct db_bus *bus, char *keys[KEYS_MAX + 1])
{
	pthread_mutex_lock(&bus->mutex);
	size_t count = bus->count;
	memcpy(keys, bus->keys, count * sizeof *keys);
	if (bus->too_many)
		keys[count++] = all_keys;
	bus->count = 0;
	bus->too_many = false;
	pthread_mutex_unlock(&bus->mutex);
	return count;
}

/* What could not be sent was for processes whose lines may be whole, and who cannot know of it. */
static void note_unsent(struct db_bus *bus)
{
	pthread_mutex_lock(&bus->mutex);
	bus->too_many = true;
	pthread_mutex_unlock(&bus->mutex);
}

static int send_waiting(struct db_bus *bus, struct line *line)
{
	static _Thread_local char *keys[KEYS_MAX + 1];
	size_t count = take_keys(bus, keys);
	int code = line_send(line, keys, count);
	for (size_t i = 0; i < count; i++)
		if (keys[i] != all_keys)
			free(keys[i]);
	if (code < 0)
		note_unsent(bus);
	return code;
}

static void hear(void *context, const char *key)
{
	const struct db_bus *bus = context;
	bus->heard(bus->context, strcmp(key, all_keys) == 0 ? NULL : key);
}

/* Until the line breaks, or the bus stops. */
static void serve(struct db_bus *bus, struct line *line)
{
	while (!is_stopping(bus)) {
		struct pollfd ready[] = { { .fd = bus->bell, .events = POLLIN },
					  { .fd = line_fd(line), .events = POLLIN } };
		uint64_t rung;
		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			return;
		if (ready[1].revents && line_hear(line, hear, bus) < 0)
			return;
		if (!ready[0].revents || read(bus->bell, &rung, sizeof rung) < 0)
			continue;
		usleep(GATHER_US);
		if (send_waiting(bus, line) < 0)
			return;
	}
}

static void pause_for(struct db_bus *bus, int ms)
{
	struct pollfd ready = { .fd = bus->bell, .events = POLLIN };
	uint64_t rung;
	usleep((useconds_t)ms * 500);
	if (poll(&ready, 1, ms / 2) > 0 && read(bus->bell, &rung, sizeof rung) > 0 && is_stopping(bus))
		ring(bus);
}

static void *run(void *argument)
{
	struct db_bus *bus = argument;
	int pause_ms = PAUSE_MIN_MS;
	while (!is_stopping(bus)) {
		struct line *line = line_open(bus->store);
		if (line) {
			pause_ms = PAUSE_MIN_MS;
			ring(bus); /* what has gathered meanwhile */
			bus->heard(bus->context, NULL);
			serve(bus, line);
			line_close(line);
		} else {
			pause_for(bus, pause_ms);
			pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
		}
	}
	return NULL;
}

/* ---- its life ---- */

static int start_thread(struct db_bus *bus, struct error *err)
{
	sigset_t all, before;
	bus->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bus->bell < 0)
		return error_errno(err, "start the bus");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(&bus->thread, NULL, run, bus);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	bus->runs = code == 0;
	return code ? error_set(err, -code, "start the bus: %s", strerror(code)) : 0;
}

int db_bus_start(struct db *db, db_bus_heard *heard, void *context, struct db_bus **ret_bus,
		 struct error *err)
{
	struct db_bus *bus = calloc(1, sizeof *bus);
	if (!bus)
		return error_set(err, -ENOMEM, "out of memory");
	*bus = (struct db_bus){ .heard = heard, .context = context, .store = db_store_of(db), .bell = -1 };
	pthread_mutex_init(&bus->mutex, NULL);
	int code = db_is_shared(db) ? start_thread(bus, err) : 0;
	if (code == 0)
		*ret_bus = bus;
	else
		db_bus_stop(bus);
	return code;
}

void db_bus_stop(struct db_bus *bus)
{
	if (!bus)
		return;
	if (bus->runs) {
		pthread_mutex_lock(&bus->mutex);
		bus->stopping = true;
		ring(bus);
		pthread_mutex_unlock(&bus->mutex);
		pthread_join(bus->thread, NULL);
	}
	for (size_t i = 0; i < bus->count; i++)
		free(bus->keys[i]);
	close_fd(&bus->bell);
	pthread_mutex_destroy(&bus->mutex);
	free(bus);
}
