/* The backend's side of its own worker, against workers that the test plays: good ones, and others. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/frames.h"
#include "base/json.h"
#include "direct.h"

enum { MESSAGE_MAX = 100000, LONG_MS = 600000 };

#define REPORT                                                                                               \
	"{\"verdict\":\"ok\",\"message\":null,\"compile\":{\"status\":\"none\",\"output\":\"\",\"time_us\":" \
	"0,"                                                                                                 \
	"\"cached\":false},\"runs\":[{\"verdict\":\"ok\",\"outcome\":\"exited\",\"exit_code\":0,\"signal\":" \
	"0,"                                                                                                 \
	"\"cpu_us\":1,\"wall_us\":2,\"memory_bytes\":3,\"processes_peak\":-1,\"output\":\"4\\n\","           \
	"\"error_output\":\"\",\"output_cut\":false,\"error_cut\":false,\"message\":null}]}"
#define NO_RUNS                                                                                              \
	"{\"verdict\":\"ok\",\"message\":null,\"compile\":{\"status\":\"none\",\"output\":\"\",\"time_us\":" \
	"0,"                                                                                                 \
	"\"cached\":false},\"runs\":[]}"

struct stage {
	struct direct *direct;
	int control; /* the nursery's end */
	int worker, data;
	struct frames frames;
};

/* ---- the workers ---- */

/* The descriptor that comes beside one byte. */
static int receive(int socket)
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

	assert_int_equal(recvmsg(socket, &message, 0), 1);
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	if (rights)
		memcpy(&fd, CMSG_DATA(rights), sizeof fd);
	assert_true(fd >= 0);
	return fd;
}

/* The next that is asked for, with its socket for test data. */
static void come(struct stage *stage)
{
	frames_free(&stage->frames);
	close_fd(&stage->worker);
	close_fd(&stage->data);
	stage->worker = receive(stage->control);
	stage->data = receive(stage->worker);
}

static void say(struct stage *stage, const char *route, const char *body)
{
	cleanup_buffer struct buffer text = { 0 }, frame = { 0 };

	buffer_printf(&text, "{\"route\":\"%s\",\"body\":%s}", route, body);
	assert_int_equal(frame_append(&frame, text.data, text.size, MESSAGE_MAX), 0);
	assert_int_equal(send(stage->worker, frame.data, frame.size, MSG_NOSIGNAL), (ssize_t)frame.size);
}

static void say_of(struct stage *stage, const char *route, json_int_t job, const char *more)
{
	char body[2000];

	snprintf(body, sizeof body, "{\"job\":%" JSON_INTEGER_FORMAT "%s}", job, more);
	say(stage, route, body);
}

/* The number of the job, or of the cancel, that comes next. */
static json_int_t hear(struct stage *stage, const char *what)
{
	cleanup_json json_t *json = NULL;
	const char *bytes;
	size_t size;
	int code;

	while ((code = frames_next(&stage->frames, &bytes, &size)) == 0)
		assert_true(frames_read(&stage->frames, stage->worker) > 0);
	assert_int_equal(code, 1);
	assert_int_equal(json_parse(bytes, size, &json, NULL), 0);
	const json_t *value = json_object_get(json, what);
	assert_non_null(value);
	return json_integer_value(json_is_object(value) ? json_object_get(value, "job") : value);
}

/* The other end is closed. */
static void is_left(struct stage *stage)
{
	while (frames_read(&stage->frames, stage->worker) > 0)
		;
}

/* ---- the runs ---- */

struct run {
	struct direct_run direct;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int times, code, retry_s;
	char output[16];
};

static void note_end(struct direct_run *direct, const struct direct_end *end)
{
	struct run *run = (struct run *)direct;

	pthread_mutex_lock(&run->lock);
	run->times++;
	run->code = end->code;
	run->retry_s = end->retry_s;
	if (end->code == 0)
		snprintf(run->output, sizeof run->output, "%s", end->report->runs[0].output);
	pthread_cond_broadcast(&run->ended);
	pthread_mutex_unlock(&run->lock);
}

static void submit_for(struct stage *stage, struct run *run, int64_t most_ms)
{
	*run = (struct run){ .direct = { .job = "{}", .job_size = 2, .most_ms = most_ms, .done = note_end } };
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->ended, NULL);
	direct_submit(stage->direct, &run->direct);
}

static void submit(struct stage *stage, struct run *run)
{
	submit_for(stage, run, LONG_MS);
}

static void submit_late(struct stage *stage, struct run *run)
{
	*run = (struct run){ .direct = { .job = "{}",
					 .job_size = 2,
					 .is_late = true,
					 .most_ms = LONG_MS,
					 .done = note_end } };
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->ended, NULL);
	direct_submit(stage->direct, &run->direct);
}

static void finish(struct stage *stage, json_int_t job)
{
	say_of(stage, "finish", job, ",\"report\":" REPORT);
	say_of(stage, "idle", job, "");
}

static void ends_with(struct run *run, int code)
{
	pthread_mutex_lock(&run->lock);
	while (run->times == 0)
		pthread_cond_wait(&run->ended, &run->lock);
	assert_int_equal(run->times, 1);
	assert_int_equal(run->code, code);
	pthread_mutex_unlock(&run->lock);
}

/* ---- the stage ---- */

static int open_stage(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	struct error err;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
		return -1;
	*stage = (struct stage){
		.control = ends[1], .worker = -1, .data = -1, .frames = { .max = 2 * MESSAGE_MAX }
	};
	*state = stage;
	return direct_start(
		&(struct direct_options){ .control = ends[0], .queue_max = 1, .message_max = MESSAGE_MAX },
		&stage->direct, &err);
}

static int close_stage(void **state)
{
	struct stage *stage = *state;

	direct_free(stage->direct);
	frames_free(&stage->frames);
	close_fd(&stage->worker);
	close_fd(&stage->data);
	close_fd(&stage->control);
	free(stage);
	return 0;
}

static void be_ready(struct stage *stage)
{
	come(stage);
	say(stage, "hello", "{\"protocol\":1,\"slots\":1}");
	assert_true(direct_await(stage->direct, 60000));
}

/* ---- stories ---- */

static void one_after_the_other(void **state)
{
	struct stage *stage = *state;
	struct direct_status status;
	struct run first, second, third;

	be_ready(stage);
	submit(stage, &first);
	json_int_t job = hear(stage, "job");
	submit(stage, &second);
	submit(stage, &third); /* one may wait */
	ends_with(&third, -EAGAIN);
	assert_true(third.retry_s > 0);
	direct_look(stage->direct, &status);
	assert_int_equal(status.running, 1);
	assert_int_equal(status.waiting, 1);
	say_of(stage, "finish", job, ",\"report\":" REPORT);
	ends_with(&first, 0);
	assert_string_equal(first.output, "4\n");
	say_of(stage, "idle", job, "");
	job = hear(stage, "job");
	say_of(stage, "finish", job, ",\"report\":" REPORT);
	ends_with(&second, 0);
}

static void a_slot_is_taken_until_its_program_is_dead(void **state)
{
	struct stage *stage = *state;
	struct direct_status status;
	struct run first, second;

	be_ready(stage);
	submit(stage, &first);
	json_int_t job = hear(stage, "job");
	submit(stage, &second);
	direct_cancel(stage->direct, &first.direct);
	ends_with(&first, -ECANCELED);
	assert_int_equal(hear(stage, "cancel"), job);
	direct_look(stage->direct, &status);
	assert_int_equal(status.waiting, 1);
	say_of(stage, "finish", job, ",\"report\":" REPORT); /* it crossed the cancel: nobody hears it */
	say_of(stage, "idle", job, "");
	json_int_t next = hear(stage, "job");
	assert_true(next > job);
	say_of(stage, "finish", next, ",\"report\":" REPORT);
	ends_with(&second, 0);
}

static void what_waits_is_cancelled_unseen(void **state)
{
	struct stage *stage = *state;
	struct run first, second;

	be_ready(stage);
	submit(stage, &first);
	json_int_t job = hear(stage, "job");
	submit(stage, &second);
	direct_cancel(stage->direct, &second.direct);
	ends_with(&second, -ECANCELED);
	say_of(stage, "finish", job, ",\"report\":" REPORT);
	ends_with(&first, 0);
}

static void cancelled_before_it_came(void **state)
{
	struct stage *stage = *state;
	struct run run = { .direct = { .job = "{}", .job_size = 2, .done = note_end } };

	pthread_mutex_init(&run.lock, NULL);
	pthread_cond_init(&run.ended, NULL);
	be_ready(stage);
	direct_cancel(stage->direct, &run.direct);
	direct_submit(stage->direct, &run.direct);
	ends_with(&run, -ECANCELED);
}

static void a_stuck_worker_is_replaced_and_the_run_run_once_more(void **state)
{
	struct stage *stage = *state;
	struct run run;

	be_ready(stage);
	submit_for(stage, &run, 1);
	hear(stage, "job");
	is_left(stage);
	be_ready(stage);
	hear(stage, "job");
	is_left(stage);
	ends_with(&run, -EHOSTDOWN);
	assert_true(run.retry_s > 0);
}

/* What a worker may not say once it has a job; %s is the rest of {"job": n. */
static void workers_that_make_no_sense_are_left(void **state)
{
	static const struct {
		const char *route, *more;
		bool ends; /* the run, at once */
	} cases[] = {
		{ "hello", ",\"slots\":1", false },
		{ "idle", "", false },
		{ "finish", ",\"report\":{}", false },
		{ "finish", ",\"report\":" NO_RUNS, true },
		{ "claim", "", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct run run;
		void *opened = NULL;

		assert_int_equal(open_stage(&opened), 0);
		struct stage *stage = opened;
		if (!stage)
			return;
		be_ready(stage);
		submit(stage, &run);
		say_of(stage, cases[i].route, hear(stage, "job"), cases[i].more);
		is_left(stage);
		if (!cases[i].ends) {
			be_ready(stage);
			hear(stage, "job");
			close_fd(&stage->worker);
		}
		ends_with(&run, -EHOSTDOWN);
		close_stage(&opened);
	}
}

static void one_that_comes_back_is_run_again(void **state)
{
	struct stage *stage = *state;
	struct run run;

	be_ready(stage);
	submit(stage, &run);
	json_int_t job = hear(stage, "job");
	say_of(stage, "return", job, ",\"reason\":\"no lane\",\"count_attempt\":true");
	say_of(stage, "idle", job, "");
	job = hear(stage, "job");
	say_of(stage, "finish", job, ",\"report\":" REPORT);
	ends_with(&run, 0);
}

static void a_worker_that_cannot_start_says_why(void **state)
{
	struct stage *stage = *state;
	struct direct_status status;
	struct run early, late;

	submit(stage, &early);
	come(stage);
	say(stage, "failed", "{\"why\":\"no lanes here\"}");
	assert_false(direct_await(stage->direct, 60000));
	ends_with(&early, -EHOSTDOWN);
	submit(stage, &late);
	ends_with(&late, -EHOSTDOWN);
	direct_look(stage->direct, &status);
	assert_false(status.available);
	assert_string_equal(status.why, "no lanes here");
}

static void who_is_late_comes_behind_all_others(void **state)
{
	struct stage *stage = *state;
	struct run first, late, second;

	be_ready(stage);
	submit(stage, &first);
	json_int_t job = hear(stage, "job");
	submit_late(stage, &late);
	submit(stage, &second);
	finish(stage, job);
	ends_with(&first, 0);
	job = hear(stage, "job");
	finish(stage, job);
	ends_with(&second, 0);
	job = hear(stage, "job");
	finish(stage, job);
	ends_with(&late, 0);
}

static void test_data_that_nobody_has_is_not_handed_out(void **state)
{
	struct stage *stage = *state;
	char byte = 0;

	be_ready(stage);
	assert_int_equal(send(stage->data, "0123", 4, 0), 4);
	assert_int_equal(recv(stage->data, &byte, 1, 0), 1);
	assert_int_equal(byte, 'n');
}

static void nobody_to_start_workers(void **state)
{
	struct stage *stage = *state;
	struct run run;

	be_ready(stage);
	submit(stage, &run);
	hear(stage, "job");
	close_fd(&stage->control);
	close_fd(&stage->worker);
	ends_with(&run, -EHOSTDOWN);
}

static void the_end_is_told_to_all(void **state)
{
	struct stage *stage = *state;
	struct run first, second, late;

	be_ready(stage);
	submit(stage, &first);
	hear(stage, "job");
	submit(stage, &second);
	direct_stop(stage->direct);
	ends_with(&first, -ECANCELED);
	ends_with(&second, -ECANCELED);
	submit(stage, &late);
	ends_with(&late, -ECANCELED);
}

static void too_large_is_said_so(void **state)
{
	struct stage *stage = *state;
	struct run run = { .direct = { .job = "", .job_size = MESSAGE_MAX + 1, .done = note_end } };

	pthread_mutex_init(&run.lock, NULL);
	pthread_cond_init(&run.ended, NULL);
	be_ready(stage);
	direct_submit(stage->direct, &run.direct);
	ends_with(&run, -EMSGSIZE);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(one_after_the_other),
		STORY(a_slot_is_taken_until_its_program_is_dead),
		STORY(what_waits_is_cancelled_unseen),
		STORY(cancelled_before_it_came),
		STORY(a_stuck_worker_is_replaced_and_the_run_run_once_more),
		cmocka_unit_test(workers_that_make_no_sense_are_left),
		STORY(one_that_comes_back_is_run_again),
		STORY(a_worker_that_cannot_start_says_why),
		STORY(nobody_to_start_workers),
		STORY(the_end_is_told_to_all),
		STORY(too_large_is_said_so),
		STORY(who_is_late_comes_behind_all_others),
		STORY(test_data_that_nobody_has_is_not_handed_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
