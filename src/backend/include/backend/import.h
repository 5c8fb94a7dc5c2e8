/* import.h - problems that come from packages, into the backend's database, with or without a backend that runs.
 *
 * Whoever has read a package makes a card of it, which is JSON, and hands over the bytes that the card names by their
 * SHA-256. First the bytes (import_data), in any number of calls, then the card, in one transaction: a problem is there
 * whole or not at all.
 *
 *     {"shortName", "title", "format", "timeLimit": ms, "memoryLimit": MB,
 *      "task": {...},                   model/task.h's, with any program in it
 *      "tests": [{"input", "output"} | {"hidden": true}],        an element a test of the task
 *      "uuid"?, "description"?, "statement"?: "md", "pdf"?: SHA-256, "examples"?: [...], "tags"?: [...],
 *      "languages"?: [...], "includes"?: {"cpp": [{"name", "data"}]}} */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "db/db.h"

/* On the disk when this returns; kept for a day, and for as long as a problem names it. */
int import_data(struct db *db, const char *sha256, const void *bytes, size_t size, struct error *err);

struct import {
	const json_t *card;
	int64_t author_id; /* of a new problem */
	bool is_admin;     /* may change others' problems */
	bool may_update;   /* one that is there, by its uuid or short name, gets a newer version */
	int is_public;     /* 1, 0; -1: as it is, and a new one is not */
	int64_t actor_id;  /* for the audit log; 0: the command line */
	const char *address;
	/* filled in */
	int64_t problem_id, version;
	bool is_new;
};
/* -EINVAL: what is wrong with the card; -ENOENT: bytes are missing; -EEXIST: the problem is there; -EPERM: and is
 * somebody else's. What the configuration allows a submission at most (LIMIT_*_MAX, LIMIT_TESTS) bounds a package too. */
int import_problem(struct db *db, const struct config *config, struct import *import, struct error *err);
