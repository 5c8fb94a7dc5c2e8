/* worker.h - claim, judge, report; nothing kept but caches. Knows no database.
 *
 * One thread a slot judges; one thread claims for all idle slots by long-poll; one sends heartbeats;
 * one tells of what runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/error.h"
#include "lang/lang.h"
#include "sandbox/box.h"

struct worker;

struct worker_options {
	const struct config *config;
	struct sandbox *sandbox;
	const struct catalogue *catalogue;
	/* Replicas of one service, NULL-ended: "http://127.0.0.1:8001". One is spoken to, another when it fails. */
	const char *const *services;
	const char *ca_file; /* what https is checked with; NULL: the host's authorities */
	const char *token;
	/* A stream socket, taken over: tasks come down there, and reports go up, in place of all services (direct.c).
	 * 0: none. When the other end closes, what runs is cancelled and this process gets SIGTERM. */
	int direct;
	const char *const
		*languages; /* ids, NULL-ended: takes tasks in these alone; NULL: all that are here */
	size_t slots;
};

int worker_start(const struct worker_options *options, struct worker **worker, struct error *err);
/* Claims nothing more, waits up to `grace_ms` for what is running, then cancels it and hands it back. */
void worker_stop(struct worker *worker, int64_t grace_ms); /* and frees it */

/* Tells up such a socket why there will be no worker. worker_start() does that itself when it fails. */
void worker_direct_failed(int direct, const char *why);
