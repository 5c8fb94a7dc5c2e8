/* report.h - what a worker found, as a value, and its one JSON form (the worker protocol's). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "model/verdict.h"

enum compile_status { COMPILE_NONE, COMPILE_OK, COMPILE_ERROR, COMPILE_TIME_LIMIT, COMPILE_MEMORY_LIMIT };
const char *compile_status_name(enum compile_status status); /* "none", "ok", "error", "time_limit", ... */

/* One run of the program. */
struct run_report {
	enum verdict verdict;
	const char *outcome; /* box_outcome_name() */
	int exit_code;       /* -1: none */
	int signal;          /* 0: none */
	int64_t cpu_us, wall_us, memory_bytes;
	int64_t processes_peak;            /* -1: unknown */
	const char *output, *error_output; /* raw bytes, NUL behind; never NULL */
	size_t output_size, error_size;
	bool output_cut, error_cut;
	const char *message; /* one sentence ("Time limit exceeded (1.00 s)"), or NULL */
	bool borderline; /* its time was nearly enough, or hard to come by: what is told is of its second run */

	/* What the checker had to say: to who judges, and to the author; any bytes, NULL: nothing. */
	const char *judge_message, *team_message;
	size_t judge_message_size, team_message_size;
	bool has_score, has_multiplier; /* it gave points; or a part of those that there are */
	double score, multiplier;
};

/* A group of tests, by name. */
struct group_report {
	const char *name;
	enum verdict verdict; /* VERDICT_SKIPPED: none of its tests was run */
	double score;
	bool has_max_score;
	double max_score;
};

struct report {
	enum verdict verdict; /* of the whole */
	enum compile_status compile;
	const char *compile_output; /* never NULL */
	size_t compile_output_size;
	int64_t compile_us;
	bool compile_cached;
	struct run_report *runs; /* one a test that was run, in order; none when it did not compile */
	size_t run_count;
	const char *message; /* why there is a judge_error, or NULL */
	/* What the compiler of a program that judges said when that did not compile: not for the author. NULL: nothing. */
	const char *checker_output;
	size_t checker_output_size;

	bool has_score, has_max_score; /* the task has groups that are scored; and their most is known */
	double score, max_score;
	struct group_report *groups; /* in the order of their first tests, those above first */
	size_t group_count;
	const char *warning; /* what who made the problem should know, or NULL */
};

/* Bytes that are not UTF-8 travel as {"base64": "..."}; all else as text. */
int report_encode(const struct report *report, json_t **json, struct error *err);
int report_decode(const json_t *json, struct pool *pool, struct report *report, struct error *err);

/* The slowest run by wall time, which `execution_time` shows; NULL when there is none. */
const struct run_report *report_slowest(const struct report *report);
