#include <string.h>

#include "db/db.h"

static const struct db_value null_value = { .type = DB_NULL };

struct db_value db_null(void)
{
	return null_value;
}

struct db_value db_int(int64_t number)
{
	return (struct db_value){ .type = DB_INT, .number = number };
}

static struct db_value db_bytes(enum db_type type, const void *bytes, size_t size)
{
	return bytes ? (struct db_value){ .type = type, .bytes = bytes, .size = size } : null_value;
}

struct db_value db_text(const char *text)
{
	return db_bytes(DB_TEXT, text, text ? strlen(text) : 0);
}

struct db_value db_text_sized(const char *text, size_t size)
{
	return db_bytes(DB_TEXT, text, size);
}

struct db_value db_blob(const void *bytes, size_t size)
{
	return db_bytes(DB_BLOB, bytes, size);
}

const struct db_value *db_at(const struct db_rows *rows, size_t row, size_t column)
{
	if (row >= rows->count || column >= rows->columns)
		return &null_value;
	return &rows->values[row * rows->columns + column];
}

int64_t db_int_at(const struct db_rows *rows, size_t row, size_t column, int64_t if_null)
{
	const struct db_value *value = db_at(rows, row, column);
	return value->type == DB_INT ? value->number : if_null;
}

const char *db_text_at(const struct db_rows *rows, size_t row, size_t column)
{
	return db_at(rows, row, column)->bytes;
}
