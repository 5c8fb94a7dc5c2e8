/* problem_decode.h - a problem from what an instructor sends. */
#pragma once

#include "problem_store.h"
#include "reply.h"

/* What a new one has where nothing is said of it. */
void problem_defaults(const struct config *config, struct problem *problem);

/* Takes over each field that is there, checked; what is absent or null stays as it is in *problem, `cases` included
 * (NULL: not loaded). `is_new`: title and testCases must be there. Texts are copied into the pool. */
void problem_decode(struct fields *fields, const struct backend *backend, struct pool *pool, bool is_new,
		    struct problem *problem);

bool problem_difficulty_ok(const char *name); /* easy, medium, hard */

/* "testCases": [{"input", "expectedOutput", "isHidden"}], at least one; NULL, and *count 0, when absent or at fault. */
struct problem_case *field_cases(struct fields *fields, const struct config *config, struct pool *pool,
				 size_t *count);
