/* problem_store.h - problems and their cases as they lie in the database. All functions run inside a transaction of
 * the caller's; texts live in the pool. */
#pragma once

#include "inside.h"

struct problem_case {
	const char *input, *expected_output;
	bool hidden;
};

/* Of one that came from a package: how it is judged. Its cases are then what may be shown of its tests. */
struct problem_package {
	int64_t version; /* 0: it did not; its cases are all that it is judged by */
	const char *short_name, *format;
	const char *languages;       /* JSON, ids that may be used; NULL: all */
	const char *statement;       /* the description's format: "md", "html", "tex", "txt"; "" */
	const char *statement_pdf;   /* SHA-256; or NULL */
	const char *task, *includes; /* JSON; NULL: not loaded */
};

struct problem {
	int64_t id, author_id;
	const char *title, *description, *difficulty, *constraints, *input_format, *output_format;
	const char *examples, *starter_code; /* JSON */
	int64_t time_limit_ms, memory_limit_mb;
	bool is_public, deleted;
	int64_t created_ms, updated_ms;
	int64_t case_count, hidden_count;
	const char *const *tags; /* in their order */
	size_t tag_count;
	struct problem_case *cases; /* in their order; NULL: not loaded */
	size_t cases_loaded;
	struct problem_package package;
};

/* Whether this caller may change it and see all of its cases: its author, while still an instructor, and admins. */
bool problem_is_own(const struct problem *problem, struct caller caller);

/* With tags and cases; fills in id and both times. */
int problem_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct problem *problem,
		   struct error *err);

/* Whether its package, if it has one, lets this language be used. */
bool problem_takes(const struct problem *problem, const char *language);

/* The last one: all cases, and the package's task too. */
enum problem_part { PROBLEM_ALONE, PROBLEM_VISIBLE_CASES, PROBLEM_ALL_CASES, PROBLEM_TO_JUDGE };
/* 1 and *problem, or 0: there is none, it is deleted, or not for this caller's eyes: it is not public, not own, and in
 * no contest that has begun and that the caller takes part in. */
int problem_load(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller,
		 enum problem_part part, struct problem *problem, struct error *err);
/* The same whoever asks, and a deleted one too: for those who judge. */
int problem_load_any(struct db_tx *tx, struct pool *pool, int64_t id, enum problem_part part,
		     struct problem *problem, struct error *err);
/* 1 when it is there, and it stays so until this transaction, which writes, is over; 0. */
int problem_keep(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err);

/* Everything but author, creation and package; the cases only when they are not NULL. 1; 0 when it is not any more as it
 * was read (updated_ms), or gone. */
int problem_update(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct problem *problem,
		   struct error *err);

/* Removes it, or marks it where there are submissions or contests that name it: 1; 0 when there is none. */
int problem_delete(struct db_tx *tx, struct pool *pool, int64_t id, struct error *err);

/* What the caller may see, oldest first, with tags and without cases. NULL in a filter: any. */
struct problem_filter {
	struct caller caller;
	const char *difficulty, *tag, *text; /* text: part of the title, whatever its case */
	int64_t skip, limit;
};
int problem_list(struct db_tx *tx, struct pool *pool, const struct problem_filter *filter,
		 struct problem **problems, size_t *count, int64_t *total, struct error *err);
