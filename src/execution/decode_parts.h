/* decode_parts.h - what a task and the programs that judge it have in common, decoded the same way. */
#pragma once

#include "request.h"

/* ---- decode_limits.c ---- */

/* What is asked for, in the wire's units; 0: not asked for. */
struct asked {
	int64_t cpu_ms, wall_ms, memory_mb, processes, output_kb, file_mb, compile_ms, compile_memory_mb;
};
/* The field `limits`, each up to its maximum in `config`. */
void decode_limits(struct fields *parent, const struct config *config, struct asked *asked);
/* The configuration's limits, with what was asked for in their place. Whoever asks for CPU time alone gets the wall
 * time that goes with it. */
void settle_limits(struct asked asked, const struct config *config, struct limits *limits,
		   struct limits *compile_limits);

/* ---- decode_files.c ---- */

/* The list `files`, behind the first `count` of *files, for which it makes room (zeroed) when it is NULL. */
void decode_files(struct fields *parent, const struct config *config, struct pool *pool,
		  struct task_file **files, size_t *count);
/* Text, or with `blobs` {"sha256": "..."}: bytes that were put to /api/v1/blobs before. Never NULL. */
struct text decode_data(struct fields *fields, const char *name, enum need need, bool blobs, size_t max,
			struct pool *pool, const char **blob);
/* NULL when there are none, or one is at fault. */
const char *const *decode_texts(struct fields *fields, const char *name, size_t max, size_t max_bytes,
				struct pool *pool);

/* ---- decode_program.c ---- */

/* A program that judges, at the field `name`; NULL when it is at fault or not there. */
struct task_program *decode_program(struct fields *parent, const char *name,
				    const struct request_rules *rules, struct pool *pool);
