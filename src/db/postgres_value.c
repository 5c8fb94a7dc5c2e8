/* Values go out in binary, with their types said, and come back as text. Of the types that come back only whole
 * numbers, texts and bytes are ours; what else there is must be cast by the statement. */
#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "postgres.h"

/* From PostgreSQL's pg_type.dat; these never change. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_FLOAT4 = 700,
	OID_FLOAT8 = 701,
	OID_NUMERIC = 1700,
};

static const Oid type_of[] = {
	[DB_NULL] = 0, /* whatever it is compared or assigned with */
	[DB_INT] = OID_INT8,
	[DB_TEXT] = OID_TEXT,
	[DB_BLOB] = OID_BYTEA,
};

int postgres_encode(const struct db_value *values, size_t count, struct parameters *parameters,
		    struct error *err)
{
	if (count > PARAMETERS_MAX)
		return error_set(err, -E2BIG, "a statement may have %d values", PARAMETERS_MAX);
	for (size_t i = 0; i < count; i++) {
		bool number = values[i].type == DB_INT, null = values[i].type == DB_NULL;
		if (!null && !number && values[i].size > INT_MAX / 2)
			return error_set(err, -E2BIG, "a value is too large");
		parameters->types[i] = type_of[values[i].type];
		parameters->formats[i] = 1;
		parameters->numbers[i] = (int64_t)htobe64((uint64_t)values[i].number);
		parameters->bytes[i] = number ? (const char *)&parameters->numbers[i] : values[i].bytes;
		parameters->sizes[i] = number ? (int)sizeof parameters->numbers[i] : (int)values[i].size;
		if (null)
			parameters->bytes[i] = NULL;
	}
	return 0;
}

static int decode_number(const PGresult *result, int row, int column, struct db_value *value,
			 struct error *err)
{
	const char *text = PQgetvalue(result, row, column);
	char *end;
	errno = 0;
	int64_t number = strtoll(text, &end, 10);
	if (errno || *end)
		return error_set(err, -EINVAL, "column %s is no integer: CAST it", PQfname(result, column));
	*value = db_int(number);
	return 0;
}

static int decode_bytes(const char *text, struct pool *pool, struct db_value *value, struct error *err)
{
	size_t size;
	unsigned char *bytes = PQunescapeBytea((const unsigned char *)text, &size);
	char *copy = bytes ? pool_memdup(pool, bytes, size) : NULL;
	PQfreemem(bytes);
	if (!copy)
		return error_set(err, -ENOMEM, "out of memory");
	*value = db_blob(copy, size);
	return 0;
}

static int decode(const PGresult *result, int row, int column, struct pool *pool, struct db_value *value,
		  struct error *err)
{
	const char *text = PQgetvalue(result, row, column);
	size_t size = (size_t)PQgetlength(result, row, column);
	if (PQgetisnull(result, row, column)) {
		*value = db_null();
		return 0;
	}
	switch (PQftype(result, column)) {
	case OID_BOOL: *value = db_int(*text == 't'); return 0;
	case OID_INT8:
	case OID_INT4:
	case OID_INT2:
	case OID_FLOAT4:
	case OID_FLOAT8:
	case OID_NUMERIC: return decode_number(result, row, column, value, err);
	case OID_BYTEA: return decode_bytes(text, pool, value, err);
	}
	char *copy = pool_memdup(pool, text, size);
	if (!copy)
		return error_set(err, -ENOMEM, "out of memory");
	*value = db_text_sized(copy, size);
	return 0;
}

int postgres_decode(const PGresult *result, struct pool *pool, struct db_rows *ret_rows, struct error *err)
{
	struct db_rows rows = { .count = (size_t)PQntuples(result),
				.columns = (size_t)PQnfields(result),
				.changed = atoll(PQcmdTuples((PGresult *)result)) };
	if (strncmp(PQcmdStatus((PGresult *)result), "SELECT", 6) == 0)
		rows.changed = 0;
	rows.values = pool ? pool_array(pool, rows.count * rows.columns + 1, sizeof *rows.values) : NULL;
	if (!rows.values)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < rows.count * rows.columns; i++) {
		int code = decode(result, (int)(i / rows.columns), (int)(i % rows.columns), pool,
				  &rows.values[i], err);
		if (code < 0)
			return code;
	}
	*ret_rows = rows;
	return 0;
}
