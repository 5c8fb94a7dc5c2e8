/* A worker that belongs to one process: the backend, which runs programs without a queue (`arena worker --direct`).
 *
 * One stream socket takes the place of all services. Down come {"job": {...}}, what a claim would have been answered
 * with, and {"cancel": id}; up go {"route", "body"}, the messages that a service would have been sent, and three that
 * only this conversation has: "hello" once it is ready, "idle" when a job's slot is free, "failed" in place of all
 * others. Whoever is at the other end gives no more jobs than there are slots, and hears of each: "finish" or
 * "return" unless it was cancelled, and "idle" in any case.
 *
 * Test data that tasks name by hash is asked for by another socket, which is the very first that comes down: a packet
 * with the name goes up, one with a descriptor comes back.
 *
 * What is not understood ends the conversation, as does the other end; then whatever runs is cancelled, and this
 * process asks itself to stop. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/frames.h"
#include "base/json.h"
#include "base/log.h"
#include "inside.h"

enum {
	STATUS_TAKEN = 200,
	STATUS_GONE = 409, /* nobody wants to know any more */
	CANCEL_AGAIN_MS = 50,
	FRAME_SLACK_BYTES = 1 << 20,
};

bool is_direct(const struct worker *worker)
{
	return worker->direct >= 0;
}

/* A task's texts may grow sixfold in JSON, a report is made to fit (fit.c). */
static size_t frame_max(const struct worker *worker)
{
	return 6 * (size_t)worker->config->http_body_bytes + FRAME_SLACK_BYTES;
}

/* ---- up ---- */

static int send_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t count = send(fd, bytes, size, MSG_NOSIGNAL);

		if (count < 0 && errno != EINTR)
			return -errno;
		bytes += count > 0 ? count : 0;
		size -= count > 0 ? (size_t)count : 0;
	}
	return 0;
}

static int send_frame(int fd, const char *route, const json_t *message, size_t max, struct error *err)
{
	cleanup_json json_t *whole = json_pack("{s:s, s:O}", "route", route, "body", message);
	cleanup_buffer struct buffer text = { 0 }, frame = { 0 };

	if (!whole || json_write(whole, &text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	int code = frame_append(&frame, text.data, text.size, max);
	return code < 0 ? error_set(err, code, "a message of %zu bytes", text.size)
			: send_all(fd, frame.data, frame.size);
}

int worker_direct_post(struct worker *worker, const char *route, const json_t *message, int *status,
		       struct error *err)
{
	pthread_mutex_lock(&worker->direct_lock);
	int code = send_frame(worker->direct, route, message, frame_max(worker), err);
	pthread_mutex_unlock(&worker->direct_lock);
	if (code == -ENOMEM || code == -EMSGSIZE)
		return code;
	*status = code < 0 ? STATUS_GONE : STATUS_TAKEN;
	return 0;
}

void worker_direct_say_idle(struct worker *worker, int64_t job)
{
	cleanup_json json_t *message = json_pack("{s:I}", "job", (json_int_t)job);
	struct error err;
	int status;

	if (worker_direct_post(worker, "idle", message, &status, &err) < 0)
		shutdown(worker->direct,
			 SHUT_RDWR); /* a slot that is taken for busy would be lost for good */
}

void worker_direct_failed(int direct, const char *why)
{
	cleanup_json json_t *message = json_pack("{s:o}", "why", json_text(why, strlen(why)));
	struct error err;

	send_frame(direct, "failed", message, FRAME_SLACK_BYTES, &err);
}

/* ---- down ---- */

/* Once it is lost a slot says no more of its job but that it is idle. */
static void cancel(struct worker *worker, int64_t job)
{
	pthread_mutex_lock(&worker->lock);
	for (size_t i = 0; i < worker->slot_count; i++) {
		struct slot *slot = &worker->slots[i];

		if (!slot->assignment || (job != 0 && slot->assignment->job != job))
			continue;
		slot->lost = true;
		if (slot->judging)
			judge_cancel(slot->judge);
	}
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
}

/* A cancel that comes just before a run begins is lost: it is said again while there is one to end. */
static bool cancel_again(struct worker *worker)
{
	bool any = false;

	pthread_mutex_lock(&worker->lock);
	for (size_t i = 0; i < worker->slot_count; i++) {
		struct slot *slot = &worker->slots[i];

		if (!slot->assignment || !slot->lost || !slot->judging)
			continue;
		judge_cancel(slot->judge);
		any = true;
	}
	pthread_mutex_unlock(&worker->lock);
	return any;
}

static int take_job(struct worker *worker, const json_t *json, struct error *err)
{
	struct assignment *assignment = assignment_read(json, err);

	if (!assignment)
		return err->code;
	if (worker_assign(worker, assignment))
		return 0;
	pool_free(assignment->pool);
	return error_set(err, -EPROTO, "there are more jobs than slots");
}

static int take_message(struct worker *worker, const char *bytes, size_t size, struct error *err)
{
	cleanup_json json_t *message = NULL;
	struct json_reader reader;
	int code = json_parse(bytes, size, &message, err);

	if (code < 0)
		return code;
	json_reader_open(&reader, message, "", err);
	const json_t *job = json_get_object(&reader, "job");
	int64_t cancelled = json_get_int(&reader, "cancel", 1, INT64_MAX, 0);
	if ((code = json_reader_done(&reader)) < 0)
		return code;
	if (cancelled != 0)
		cancel(worker, cancelled);
	return job ? take_job(worker, job, err) : 0;
}

/* What has come; 0 when that was all for now, -EPIPE at the end. */
static int hear(struct worker *worker, struct frames *frames, struct error *err)
{
	const char *bytes;
	size_t size;
	ssize_t count = frames_read(frames, worker->direct);
	int code = count > 0 || count == -EAGAIN ? 0 : count == 0 ? -EPIPE : (int)count;

	while (code == 0 && (code = frames_next(frames, &bytes, &size)) == 1)
		code = take_message(worker, bytes, size, err);
	if (code < 0 && err->code == 0)
		error_set(err, code, "the conversation broke off");
	return code;
}

static void *hear_main(void *argument)
{
	struct worker *worker = argument;
	cleanup_frames struct frames frames = { .max = frame_max(worker) };
	struct pollfd polled = { .fd = worker->direct, .events = POLLIN };
	struct error err = { 0 };
	int code = 0;

	while (code >= 0) {
		int timeout_ms = cancel_again(worker) ? CANCEL_AGAIN_MS : -1;

		if (poll(&polled, 1, timeout_ms) > 0)
			code = hear(worker, &frames, &err);
	}
	if (code != -EPIPE)
		log_error("tasks not understood", LOG_TEXT("error", err.text));
	shutdown(worker->direct, SHUT_RDWR);
	cancel(worker, 0);
	kill(getpid(), SIGTERM);
	return NULL;
}

/* ---- test data ---- */

/* What comes beside one byte; -1 when nothing does. */
static int receive_fd(int socket)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room.bytes,
				  .msg_controllen = sizeof room.bytes };
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	if (rights && rights->cmsg_type == SCM_RIGHTS && rights->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(rights), sizeof fd);
	return fd;
}

int worker_direct_data(struct worker *worker, const char *sha256, struct error *err)
{
	int fd = -1;

	pthread_mutex_lock(&worker->data_lock);
	if (send(worker->direct_data, sha256, strlen(sha256), MSG_NOSIGNAL) > 0)
		fd = receive_fd(worker->direct_data);
	pthread_mutex_unlock(&worker->data_lock);
	return fd >= 0 ? fd : error_set(err, -ENOENT, "test data %s is not to be had", sha256);
}

/* ---- its life ---- */

int worker_direct_start(struct worker *worker, struct error *err)
{
	worker->direct_data = receive_fd(worker->direct);
	if (worker->direct_data < 0)
		return error_set(err, -EPROTO, "no socket for test data came");

	cleanup_json json_t *hello =
		json_pack("{s:i, s:I}", "protocol", WORKER_PROTOCOL, "slots", (json_int_t)worker->slot_count);
	int status, code = pthread_create(&worker->hearer, NULL, hear_main, worker);

	if (code != 0)
		return error_set(err, -code, "start a thread: error %d", code);
	worker->hearer_runs = true;
	return worker_direct_post(worker, "hello", hello, &status, err);
}

void worker_direct_stop(struct worker *worker)
{
	shutdown(worker->direct, SHUT_RDWR);
	if (worker->hearer_runs)
		pthread_join(worker->hearer, NULL);
	close_fd(&worker->direct);
	close_fd(&worker->direct_data);
}
