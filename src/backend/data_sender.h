/* data_sender.h - puts test data at an execution service, before a task names it there.
 *
 * It asks for each what it does not know to be there (HEAD), puts what is not (PUT), and remembers; should the service
 * have lost something all the same it says so to whoever names it, and is then asked again. One thread, a wish after the
 * other. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/task.h"

struct test_data;
struct data_sender;

struct data_sender_options {
	const char *url; /* of the service */
	const char *key; /* "" for none */
	int64_t timeout_ms;
	struct test_data *data;
};
/* The texts of the options outlive it. */
int data_sender_start(const struct data_sender_options *options, struct data_sender **sender,
		      struct error *err);
/* What is still wished for fails; every callback has returned when this does, and later wishes fail at once. */
void data_sender_stop(struct data_sender *sender);
void data_sender_free(struct data_sender *sender); /* accepts NULL */

/* The caller's memory until done(), which comes once: in the sender's thread, or in the caller's own when all is known to
 * be there. 0, -ECANCELED, or another with `why`. */
struct data_wish {
	char (*names)[65]; /* SHA-256 */
	size_t count;
	void (*done)(struct data_wish *wish, int code, const char *why);
	struct data_wish *next; /* data_sender.c's own */
};
void data_sender_ask(struct data_sender *sender, struct data_wish *wish);
/* The same, in this thread. */
int data_sender_put(struct data_sender *sender, struct data_wish *wish, struct error *err);
/* They are not there after all, or nobody knows. */
void data_sender_forget(struct data_sender *sender, const struct data_wish *wish);

/* The names of all that the task has elsewhere; owned by the caller (free()). NULL and *count 0: none. -ENOMEM. */
int data_names_of(const struct task *task, char (**names)[65], size_t *count);
