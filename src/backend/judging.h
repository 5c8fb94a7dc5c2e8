/* judging.h - submissions to problems on their way: from the row in the database to the runner, and back.
 *
 * The row is there first, and says which replica has to run it. The run itself is in memory alone: whoever dies loses
 * runs and no submission. A replica says every few seconds that it lives (table `replica`); the rows of one that has
 * not for QUEUE_LEASE seconds are taken over, by one other, in one statement, and run again from the start. Should the
 * dead be alive after all, two run the same thing: submission_end() takes the first end, and nobody sees a second.
 *
 * The runner may refuse (it is full, or nobody can run programs now). While a client waits for the answer nothing was
 * promised: the row goes, and the client is told to come again. Where somebody was told that the submission is there,
 * or nobody is left to be told anything, it stays pending and is handed in again, less and less often.
 *
 * One thread writes down what the runner tells, many ends in one transaction. The runner's own never wait for a
 * database; while there is none, ends are kept until there is. */
#pragma once

#include "inside.h"
#include "problem_store.h"
#include "submission_store.h"

struct judging;

/* After the runner's start and the bus's. Takes up what the database has open. */
int judging_start(struct backend *backend, struct judging **judging, struct error *err);
/* After runner_stop(), which gives back what is under way, and while bus and database are still there: writes down what
 * has ended, and leaves the rest to others. Accepts NULL. */
void judging_stop(struct judging *judging);
/* After the last handler. Accepts NULL. */
void judging_free(struct judging *judging);

/* submission.replica of those that this replica is to run. */
const char *judging_replica(const struct judging *judging);

/* Somebody who waits for a submission's end, and may be told instead that there is none. Shared by the exchange and
 * the run; the exchange's part is over with judging_client_leave(). */
struct judging_client;
struct judging_client *judging_client_new(void);          /* NULL when memory is out */
void judging_client_leave(struct judging_client *client); /* answered, or gone; accepts NULL */
/* 0: not refused. Otherwise the row is removed again, *why is a sentence, and the result the seconds after which to
 * come again. key_submission is woken when it changes. */
int judging_client_refused(const struct judging_client *client, const char **why);

/* There is something to be judged again (rejudge_store.h): it is done behind all that users wait for, some at a time, by
 * all replicas together; those of one that dies are another's soon. */
void judging_look_for_rejudges(struct judging *judging);

/* Hands one in whose row is on the disk, with its problem and all of the cases. `client` NULL: it is not refused. */
void judging_hand_in(struct judging *judging, const struct submission *submission,
		     const struct problem *problem, struct judging_client *client);
