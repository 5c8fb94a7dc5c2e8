/* course_store.h - courses, their modules, and who takes them, as they lie in the database. All functions run inside a
 * transaction of the caller's; texts live in the pool. */
#pragma once

#include "inside.h"

struct course {
	int64_t id, owner_id;
	const char *owner; /* a name */
	const char *title, *description;
	bool is_public;
	int64_t created_ms, updated_ms;
	int64_t modules, students;
	/* Of the caller for whom it was loaded. */
	int64_t enrolled_ms; /* 0: is not */
	int64_t completed;   /* of the modules */
};

struct module {
	int64_t id, course_id, position;
	const char *title, *content, *code_example, *language; /* "" for none */
	const char *expected_output;                           /* of the example; NULL: none is expected */
	int64_t created_ms, updated_ms;
	int64_t completed_ms; /* by the caller for whom it was loaded; 0: not yet */
};

/* Whether this caller may change the course and see its students: its owner, while an instructor, and admins. */
bool course_is_own(const struct course *course, struct caller caller);

/* Fills in id and times. */
int course_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct course *course,
		  struct error *err);
/* 1 and *course; 0 when there is none, or none for this caller's eyes: it is not public, not own, and the caller is
 * not enrolled. */
int course_load(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller, struct course *course,
		struct error *err);
/* The same, and others who would change it wait until the transaction is over. */
int course_lock(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller, struct course *course,
		struct error *err);
/* Newest first. `mine`: those that the caller takes or owns. */
int course_list(struct db_tx *tx, struct pool *pool, struct caller caller, bool mine, int64_t skip,
		int64_t limit, struct course **courses, size_t *count, int64_t *total, struct error *err);
int course_update(struct db_tx *tx, const struct course *course, int64_t now_ms, struct error *err);
/* With its modules, and who takes it and how far they are. */
int course_delete(struct db_tx *tx, int64_t id, struct error *err);

/* 1 when this was it, 0 when the user was enrolled before. */
int course_enroll(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t user_id, int64_t now_ms,
		  struct error *err);
/* What was completed stays so. */
int course_leave(struct db_tx *tx, int64_t course_id, int64_t user_id, struct error *err);

struct student {
	int64_t user_id, enrolled_ms, completed;
	const char *username;
};
/* In the order of enrolment. */
int course_students(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t skip, int64_t limit,
		    struct student **students, size_t *count, struct error *err);

/* At its position, or behind all others when that is 0; after course_lock(). */
int module_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct module *module,
		  struct error *err);
/* 1 and *module, or 0. Who may see it, its course says. */
int module_load(struct db_tx *tx, struct pool *pool, int64_t id, int64_t user_id, struct module *module,
		struct error *err);
/* In their order. */
int module_list(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t user_id,
		struct module **modules, size_t *count, struct error *err);
/* `old_position`: where it was. After course_lock(). */
int module_update(struct db_tx *tx, struct pool *pool, struct module *module, int64_t old_position,
		  int64_t now_ms, struct error *err);
/* The same. */
int module_delete(struct db_tx *tx, const struct module *module, struct error *err);
int module_complete(struct db_tx *tx, int64_t id, int64_t user_id, int64_t now_ms, struct error *err);
