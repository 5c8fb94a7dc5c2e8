/* mirror.h - keeps the execution service and this one of one mind: tells it of contests, sends it submissions, and
 * asks what became of those whose webhook did not come. What is to be done lies in the database (dispatch_store.h), so
 * that nothing is lost with the process, and each replica takes its share. */
#pragma once

#include "inside.h"

struct mirror;

/* Starts its thread; the remote must be there. */
int mirror_start(struct backend *backend, struct mirror **mirror, struct error *err);
/* There is something new to do: look now. Any thread; NULL is allowed, and does nothing. */
void mirror_wake(struct mirror *mirror);
/* Ends the thread. What is under way is forgotten, and due again when its lease is over. Accepts NULL. */
void mirror_stop(struct mirror *mirror);
/* After remote_stop(), whose callbacks need it. Accepts NULL. */
void mirror_free(struct mirror *mirror);

/* How long until the next try, after so many that failed in a row: 1 s, doubled up to 60 s; never before the service
 * itself asks for it. */
int64_t mirror_retry_ms(int64_t tries, int64_t retry_s);
/* How long until a submission's end is asked for (again): CODE_EXECUTION_ASK_AFTER, doubled up to 10 min. */
int64_t mirror_look_ms(int64_t first_s, int64_t tries);
