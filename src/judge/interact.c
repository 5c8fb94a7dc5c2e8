/* Two boxes that talk: the program in its lane, the interactor in the side lane, each the other's standard input.
 *
 *     program ──from_program──▶ interactor
 *             ◀──to_program────
 *
 * Each is bounded by its own limits alone, and lives in namespaces of its own. The judge keeps copies of all four ends, so
 * that neither notices the other's end before the judge has: who ended first is then no race. What it does with them:
 *
 *     the program ended first     the interactor reads to the end, and what it writes is thrown away: never SIGPIPE
 *     the interactor accepted     the program reads to the end, and what it writes is thrown away: it runs to its end
 *     it ended in another way     all is closed: the program's next write ends it, or the judge does soon after */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inside.h"

enum { GRACE_MS = 300 };

struct talk {
	struct job *job;
	const struct question *question;
	struct check *check;
	struct error err; /* the interactor's */
	int code;
	int to_program[2], from_program[2];        /* pipe(2): read end, write end */
	int program_ended_fd, interactor_ended_fd; /* eventfd(2) */
	pthread_mutex_t lock;
	bool program_ended, interactor_ended;
	bool rejected_first, ended_by_us;
};

/* Throws away what comes, until its writer has ended. There is no other reader any more: what poll(2) saw is there. */
static void drain(int fd, int ended_fd)
{
	char bytes[65536];

	for (;;) {
		struct pollfd events[2] = { { fd, POLLIN, 0 }, { ended_fd, POLLIN, 0 } };

		if (poll(events, 2, -1) < 0)
			continue;
		if (events[1].revents)
			return;
		if (read(fd, bytes, sizeof bytes) == 0)
			fd = -1; /* nothing more can come */
	}
}

/* ---- the interactor's end, in a thread of its own ---- */

static void end_program(struct talk *talk)
{
	struct pollfd event = { talk->program_ended_fd, POLLIN, 0 };

	while (poll(&event, 1, GRACE_MS) <= 0) {
		talk->ended_by_us = true;
		box_cancel(talk->job->judge->lane);
	}
}

static void interactor_ended_first(struct talk *talk)
{
	bool accepted = talk->code == 0 && talk->check->comparison == COMPARISON_EQUAL;

	close_fd(&talk->to_program[1]);
	if (accepted) {
		drain(talk->from_program[0], talk->program_ended_fd);
		return;
	}
	close_fd(&talk->from_program[0]);
	end_program(talk);
}

static void *hear_interactor(void *context)
{
	struct talk *talk = context;

	talk->code = checker_end(talk->job, talk->question, talk->check, &talk->err);
	pthread_mutex_lock(&talk->lock);
	bool first = !talk->program_ended;
	talk->interactor_ended = true;
	talk->rejected_first = first && talk->code == 0 && talk->check->comparison == COMPARISON_DIFFERENT;
	pthread_mutex_unlock(&talk->lock);
	eventfd_write(talk->interactor_ended_fd, 1);
	if (first)
		interactor_ended_first(talk);
	return NULL;
}

/* ---- the program's ---- */

static int hear_program(struct talk *talk, struct box_result *result, struct run_facts *facts,
			struct error *err)
{
	int code = job_end_run(talk->job, result, facts, err);

	pthread_mutex_lock(&talk->lock);
	bool first = !talk->interactor_ended;
	talk->program_ended = true;
	pthread_mutex_unlock(&talk->lock);
	eventfd_write(talk->program_ended_fd, 1);
	if (code < 0)
		box_cancel(talk->job->judge->side_lane);
	if (first) {
		close_fd(&talk->from_program[1]);
		drain(talk->to_program[0], talk->interactor_ended_fd);
	}
	return code;
}

/* ---- both ---- */

static int open_pipes(struct talk *talk, struct error *err)
{
	if (pipe2(talk->to_program, O_CLOEXEC) < 0 || pipe2(talk->from_program, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	talk->program_ended_fd = eventfd(0, EFD_CLOEXEC);
	talk->interactor_ended_fd = eventfd(0, EFD_CLOEXEC);
	if (talk->program_ended_fd < 0 || talk->interactor_ended_fd < 0)
		return error_errno(err, "eventfd");
	return 0;
}

static void close_talk(struct talk *talk)
{
	for (int i = 0; i < 2; i++) {
		close_fd(&talk->to_program[i]);
		close_fd(&talk->from_program[i]);
	}
	close_fd(&talk->program_ended_fd);
	close_fd(&talk->interactor_ended_fd);
	pthread_mutex_destroy(&talk->lock);
}

/* The interactor first: its start is none of the program's time. */
static int begin(struct talk *talk, struct question *question, struct error *err)
{
	const struct judge_streams streams = { talk->to_program[0], talk->from_program[1], -1 };
	int code;

	question->in = talk->from_program[0];
	question->out = talk->to_program[1];
	question->patience_us =
		talk->job->limits.wall_time_us * (talk->job->patience > 1 ? talk->job->patience : 1);
	code = checker_begin(talk->job, question, err);
	if (code == 0 && (code = job_begin_run(talk->job, question->test, "", 0, &streams, err)) < 0) {
		box_cancel(talk->job->judge->side_lane);
		checker_end(talk->job, question, talk->check, NULL);
	}
	return code;
}

static int hear_both(struct talk *talk, struct box_result *result, struct run_facts *facts, struct error *err)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, hear_interactor, talk) != 0) {
		judge_end_runs(talk->job->judge);
		job_end_run(talk->job, result, facts, NULL);
		checker_end(talk->job, talk->question, talk->check, NULL);
		return error_set(err, -EAGAIN, "start a thread");
	}
	int code = hear_program(talk, result, facts, err);
	pthread_join(thread, NULL);
	if (code == 0 && talk->code < 0 && err)
		*err = talk->err;
	return code < 0 ? code : talk->code;
}

int job_interact(struct job *job, const struct question *question, struct box_result *result,
		 struct run_facts *facts, struct check *check, struct error *err)
{
	struct question asked = *question;
	cleanup_with(close_talk) struct talk talk = { .job = job,
						      .question = &asked,
						      .check = check,
						      .to_program = { -1, -1 },
						      .from_program = { -1, -1 },
						      .program_ended_fd = -1,
						      .interactor_ended_fd = -1,
						      .lock = PTHREAD_MUTEX_INITIALIZER };
	int code = open_pipes(&talk, err);

	if (code == 0)
		code = begin(&talk, &asked, err);
	if (code == 0)
		code = hear_both(&talk, result, facts, err);
	if (code < 0)
		return code;
	facts->rejected_first = talk.rejected_first;
	if (talk.ended_by_us)
		facts->cancelled = false;
	return 0;
}
