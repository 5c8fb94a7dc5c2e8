#include "course_store.h"

bool course_is_own(const struct course *course, struct caller caller)
{
	return caller.role == ROLE_ADMIN ||
	       (caller.role == ROLE_INSTRUCTOR && course->owner_id == caller.user_id);
}

/* ---- courses ---- */

/* $1 is the caller, $2 whether it is an admin. */
#define SELECT_COURSE                                                                             \
	"SELECT c.id, c.owner_id, a.username, c.title, c.description, c.is_public, c.created_ms," \
	" c.updated_ms, (SELECT count(*) FROM module m WHERE m.course_id = c.id),"                \
	" (SELECT count(*) FROM enrolment e WHERE e.course_id = c.id), mine.enrolled_ms,"         \
	" (SELECT count(*) FROM module_progress p JOIN module m ON m.id = p.module_id"            \
	" WHERE m.course_id = c.id AND p.user_id = $1)" FROM_COURSE
#define FROM_COURSE                                          \
	" FROM course c JOIN account a ON a.id = c.owner_id" \
	" LEFT JOIN enrolment mine ON mine.course_id = c.id AND mine.user_id = $1 WHERE "
#define IS_VISIBLE "(c.is_public = 1 OR c.owner_id = $1 OR $2 = 1 OR mine.user_id IS NOT NULL)"
#define IS_MINE    "(c.owner_id = $1 OR mine.user_id IS NOT NULL)"

static void course_of_row(const struct db_rows *rows, size_t row, struct course *course)
{
	*course = (struct course){
		.id = db_int_at(rows, row, 0, 0),
		.owner_id = db_int_at(rows, row, 1, 0),
		.owner = db_text_at(rows, row, 2),
		.title = db_text_at(rows, row, 3),
		.description = db_text_at(rows, row, 4),
		.is_public = db_int_at(rows, row, 5, 0) != 0,
		.created_ms = db_int_at(rows, row, 6, 0),
		.updated_ms = db_int_at(rows, row, 7, 0),
		.modules = db_int_at(rows, row, 8, 0),
		.students = db_int_at(rows, row, 9, 0),
		.enrolled_ms = db_int_at(rows, row, 10, 0),
		.completed = db_int_at(rows, row, 11, 0),
	};
}

int course_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct course *course,
		  struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "INSERT INTO course (owner_id, title, description, is_public, created_ms, updated_ms)"
		       " VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
		       DB_VALUES(db_int(course->owner_id), db_text(course->title),
				 db_text(course->description), db_int(course->is_public), db_int(now_ms)),
		       &rows, err);

	course->created_ms = course->updated_ms = now_ms;
	if (code == 0)
		course->id = db_int_at(&rows, 0, 0, 0);
	return code;
}

int course_load(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller, struct course *course,
		struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_COURSE IS_VISIBLE " AND c.id = $3",
			  DB_VALUES(db_int(caller.user_id), db_int(caller.role == ROLE_ADMIN), db_int(id)),
			  &rows, err);

	if (code < 0 || rows.count == 0)
		return code;
	course_of_row(&rows, 0, course);
	return 1;
}

int course_lock(struct db_tx *tx, struct pool *pool, int64_t id, struct caller caller, struct course *course,
		struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT id FROM course WHERE id = $1 /*pg FOR UPDATE*/",
			  DB_VALUES(db_int(id)), &rows, err);

	return code < 0 ? code : course_load(tx, pool, id, caller, course, err);
}

int course_list(struct db_tx *tx, struct pool *pool, struct caller caller, bool mine, int64_t skip,
		int64_t limit, struct course **courses, size_t *count, int64_t *total, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  mine ? "SELECT count(*)" FROM_COURSE IS_VISIBLE " AND " IS_MINE
			       : "SELECT count(*)" FROM_COURSE IS_VISIBLE,
			  DB_VALUES(db_int(caller.user_id), db_int(caller.role == ROLE_ADMIN)), &rows, err);

	if (code < 0)
		return code;
	*total = db_int_at(&rows, 0, 0, 0);
	code = db_run(tx, pool,
		      mine ? SELECT_COURSE IS_VISIBLE " AND " IS_MINE " ORDER BY c.id DESC LIMIT $3 OFFSET $4"
			   : SELECT_COURSE IS_VISIBLE " ORDER BY c.id DESC LIMIT $3 OFFSET $4",
		      DB_VALUES(db_int(caller.user_id), db_int(caller.role == ROLE_ADMIN), db_int(limit),
				db_int(skip)),
		      &rows, err);
	if (code < 0)
		return code;
	*courses = pool_array(pool, rows.count + 1, sizeof **courses);
	if (!*courses)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		course_of_row(&rows, i, &(*courses)[i]);
	return 0;
}

int course_update(struct db_tx *tx, const struct course *course, int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE course SET title = $2, description = $3, is_public = $4, updated_ms = $5"
		      " WHERE id = $1",
		      DB_VALUES(db_int(course->id), db_text(course->title), db_text(course->description),
				db_int(course->is_public), db_int(now_ms)),
		      NULL, err);
}

/* The same number for each statement. */
static int run_all(struct db_tx *tx, const char *const *statements, size_t count, int64_t id,
		   struct error *err)
{
	int code = 0;

	for (size_t i = 0; i < count && code == 0; i++)
		code = db_run(tx, NULL, statements[i], DB_VALUES(db_int(id)), NULL, err);
	return code;
}

int course_delete(struct db_tx *tx, int64_t id, struct error *err)
{
	static const char *const statements[] = {
		"DELETE FROM module_progress WHERE module_id IN (SELECT id FROM module WHERE course_id = $1)",
		"DELETE FROM module WHERE course_id = $1",
		"DELETE FROM enrolment WHERE course_id = $1",
		"DELETE FROM course WHERE id = $1",
	};

	return run_all(tx, statements, sizeof statements / sizeof statements[0], id, err);
}

/* ---- who takes it ---- */

int course_enroll(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t user_id, int64_t now_ms,
		  struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool,
			  "INSERT INTO enrolment (course_id, user_id, enrolled_ms) VALUES ($1, $2, $3)"
			  " ON CONFLICT (course_id, user_id) DO NOTHING RETURNING user_id",
			  DB_VALUES(db_int(course_id), db_int(user_id), db_int(now_ms)), &rows, err);

	return code < 0 ? code : rows.count > 0;
}

int course_leave(struct db_tx *tx, int64_t course_id, int64_t user_id, struct error *err)
{
	return db_run(tx, NULL, "DELETE FROM enrolment WHERE course_id = $1 AND user_id = $2",
		      DB_VALUES(db_int(course_id), db_int(user_id)), NULL, err);
}

int course_students(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t skip, int64_t limit,
		    struct student **students, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code =
		db_run(tx, pool,
		       "SELECT e.user_id, e.enrolled_ms, a.username, (SELECT count(*) FROM module_progress p"
		       " JOIN module m ON m.id = p.module_id WHERE m.course_id = e.course_id"
		       " AND p.user_id = e.user_id) FROM enrolment e JOIN account a ON a.id = e.user_id"
		       " WHERE e.course_id = $1 ORDER BY e.enrolled_ms, e.user_id LIMIT $2 OFFSET $3",
		       DB_VALUES(db_int(course_id), db_int(limit), db_int(skip)), &rows, err);

	if (code < 0)
		return code;
	*students = pool_array(pool, rows.count + 1, sizeof **students);
	if (!*students)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		(*students)[i] = (struct student){ .user_id = db_int_at(&rows, i, 0, 0),
						   .enrolled_ms = db_int_at(&rows, i, 1, 0),
						   .username = db_text_at(&rows, i, 2),
						   .completed = db_int_at(&rows, i, 3, 0) };
	return 0;
}

/* ---- modules ---- */

#define SELECT_MODULE                                                                                   \
	"SELECT m.id, m.course_id, m.position, m.title, m.content, m.code_example, m.language,"         \
	" m.expected_output, m.created_ms, m.updated_ms, (SELECT p.completed_ms FROM module_progress p" \
	" WHERE p.module_id = m.id AND p.user_id = $2) FROM module m WHERE "

static void module_of_row(const struct db_rows *rows, size_t row, struct module *module)
{
	*module = (struct module){
		.id = db_int_at(rows, row, 0, 0),
		.course_id = db_int_at(rows, row, 1, 0),
		.position = db_int_at(rows, row, 2, 0),
		.title = db_text_at(rows, row, 3),
		.content = db_text_at(rows, row, 4),
		.code_example = db_text_at(rows, row, 5),
		.language = db_text_at(rows, row, 6),
		.expected_output = db_text_at(rows, row, 7),
		.created_ms = db_int_at(rows, row, 8, 0),
		.updated_ms = db_int_at(rows, row, 9, 0),
		.completed_ms = db_int_at(rows, row, 10, 0),
	};
}

/* Positions are 1, 2, 3, ... without gaps: those from `first` to `last` make room, or close a gap. */
static int shift(struct db_tx *tx, int64_t course_id, int64_t first, int64_t last, int64_t by,
		 struct error *err)
{
	return db_run(tx, NULL,
		      "UPDATE module SET position = position + $4"
		      " WHERE course_id = $1 AND position >= $2 AND position <= $3",
		      DB_VALUES(db_int(course_id), db_int(first), db_int(last), db_int(by)), NULL, err);
}

static int last_position(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t *last,
			 struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, "SELECT count(*) FROM module WHERE course_id = $1",
			  DB_VALUES(db_int(course_id)), &rows, err);

	if (code == 0)
		*last = db_int_at(&rows, 0, 0, 0);
	return code;
}

int module_insert(struct db_tx *tx, struct pool *pool, int64_t now_ms, struct module *module,
		  struct error *err)
{
	struct db_rows rows;
	int64_t last = 0;
	int code = last_position(tx, pool, module->course_id, &last, err);

	if (code < 0)
		return code;
	if (module->position == 0 || module->position > last)
		module->position = last + 1;
	if ((code = shift(tx, module->course_id, module->position, last, 1, err)) < 0)
		return code;
	module->created_ms = module->updated_ms = now_ms;
	code = db_run(tx, pool,
		      "INSERT INTO module (course_id, position, title, content, code_example, language,"
		      " expected_output, created_ms, updated_ms)"
		      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id",
		      DB_VALUES(db_int(module->course_id), db_int(module->position), db_text(module->title),
				db_text(module->content), db_text(module->code_example),
				db_text(module->language), db_text(module->expected_output), db_int(now_ms)),
		      &rows, err);
	if (code == 0)
		module->id = db_int_at(&rows, 0, 0, 0);
	return code;
}

int module_load(struct db_tx *tx, struct pool *pool, int64_t id, int64_t user_id, struct module *module,
		struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_MODULE "m.id = $1", DB_VALUES(db_int(id), db_int(user_id)), &rows,
			  err);

	if (code < 0 || rows.count == 0)
		return code;
	module_of_row(&rows, 0, module);
	return 1;
}

int module_list(struct db_tx *tx, struct pool *pool, int64_t course_id, int64_t user_id,
		struct module **modules, size_t *count, struct error *err)
{
	struct db_rows rows;
	int code = db_run(tx, pool, SELECT_MODULE "m.course_id = $1 ORDER BY m.position, m.id",
			  DB_VALUES(db_int(course_id), db_int(user_id)), &rows, err);

	if (code < 0)
		return code;
	*modules = pool_array(pool, rows.count + 1, sizeof **modules);
	if (!*modules)
		return error_set(err, -ENOMEM, "out of memory");
	*count = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		module_of_row(&rows, i, &(*modules)[i]);
	return 0;
}

static int move(struct db_tx *tx, struct pool *pool, struct module *module, int64_t from, struct error *err)
{
	int64_t last = 0;
	int code = last_position(tx, pool, module->course_id, &last, err);

	if (module->position > last)
		module->position = last;
	if (code < 0 || module->position == from)
		return code;
	return module->position > from ? shift(tx, module->course_id, from + 1, module->position, -1, err)
				       : shift(tx, module->course_id, module->position, from - 1, 1, err);
}

int module_update(struct db_tx *tx, struct pool *pool, struct module *module, int64_t old_position,
		  int64_t now_ms, struct error *err)
{
	int code = move(tx, pool, module, old_position, err);

	module->updated_ms = now_ms;
	return code < 0 ? code
			: db_run(tx, NULL,
				 "UPDATE module SET position = $2, title = $3, content = $4, code_example = "
				 "$5,"
				 " language = $6, expected_output = $7, updated_ms = $8 WHERE id = $1",
				 DB_VALUES(db_int(module->id), db_int(module->position),
					   db_text(module->title), db_text(module->content),
					   db_text(module->code_example), db_text(module->language),
					   db_text(module->expected_output), db_int(now_ms)),
				 NULL, err);
}

int module_delete(struct db_tx *tx, const struct module *module, struct error *err)
{
	static const char *const statements[] = {
		"DELETE FROM module_progress WHERE module_id = $1",
		"DELETE FROM module WHERE id = $1",
	};
	int code = run_all(tx, statements, sizeof statements / sizeof statements[0], module->id, err);

	return code < 0 ? code : shift(tx, module->course_id, module->position + 1, INT64_MAX, -1, err);
}

int module_complete(struct db_tx *tx, int64_t id, int64_t user_id, int64_t now_ms, struct error *err)
{
	return db_run(tx, NULL,
		      "INSERT INTO module_progress (module_id, user_id, completed_ms) VALUES ($1, $2, $3)"
		      " ON CONFLICT (module_id, user_id) DO NOTHING",
		      DB_VALUES(db_int(id), db_int(user_id), db_int(now_ms)), NULL, err);
}
