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
	const char *service_url; /* "http://127.0.0.1:8001" */
	const char *token;
	size_t slots;
};

int worker_start(const struct worker_options *options, struct worker **worker, struct error *err);
/* Claims nothing more, waits up to `grace_ms` for what is running, then cancels it and hands it back. */
void worker_stop(struct worker *worker, int64_t grace_ms); /* and frees it */
