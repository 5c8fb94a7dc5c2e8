/* Files, and data that may lie elsewhere: whoever sends them chose every byte. */
#include <string.h>

#include "base/blobs.h"
#include "base/hash.h"
#include "base/json.h"
#include "decode_parts.h"

enum { FILES_MAX = 64, NAME_BYTES_MAX = 1023, COMPONENT_BYTES_MAX = 255, COMPONENTS_MAX = 16 };

/* ---- data ---- */

static const char *decode_sha256(struct fields *fields, struct pool *pool)
{
	struct text sha256 = field_text(fields, "sha256", REQUIRED, SHA256_TEXT_BYTES - 1);

	if (sha256.bytes && !blob_name_ok(sha256.bytes))
		problem_at(fields->problems, &(struct place){ &fields->place, "sha256", 0 }, "sha256",
			   "must be 64 lower-case hex digits");
	return sha256.bytes ? pool_strdup(pool, sha256.bytes) : NULL;
}

static struct text copy_text(struct text text, struct pool *pool)
{
	return (struct text){ text.bytes ? pool_memdup(pool, text.bytes, text.size) : "", text.size };
}

/* Text, or in the long form {"sha256": "..."}: bytes that were put to /api/v1/blobs before. */
struct text decode_data(struct fields *fields, const char *name, enum need need, bool blobs, size_t max,
			struct pool *pool, const char **blob)
{
	const json_t *value = json_object_get(fields->object, name);
	struct place place = { &fields->place, name, 0 };
	struct fields inner;

	if (!blobs || !json_is_object(value))
		return copy_text(field_text(fields, name, need, max), pool);
	field_any(fields, name); /* seen */
	fields_open(&inner, value, &place, fields->problems);
	*blob = decode_sha256(&inner, pool);
	fields_done(&inner);
	return (struct text){ "", 0 };
}

/* ---- files ---- */

/* Relative, of components that name something: what a worker can place beneath its box. */
static bool name_is_good(const char *name)
{
	size_t components = 0;

	for (;;) {
		size_t length = strcspn(name, "/");
		bool dots = (length == 1 && name[0] == '.') || (length == 2 && strncmp(name, "..", 2) == 0);

		if (length == 0 || length > COMPONENT_BYTES_MAX || dots || ++components > COMPONENTS_MAX)
			return false;
		if (name[length] == '\0')
			return true;
		name += length + 1;
	}
}

static void decode_text(struct fields *fields, struct pool *pool, size_t max, struct task_file *file)
{
	struct text encoding = field_text(fields, "encoding", OPTIONAL, 16);
	bool base64 = encoding.bytes && strcmp(encoding.bytes, "base64") == 0;
	struct text content = field_text(fields, "content", REQUIRED, base64 ? max / 3 * 4 + 4 : max);
	struct buffer decoded = { 0 };

	if (encoding.bytes && !base64 && strcmp(encoding.bytes, "utf-8") != 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "encoding", 0 }, "enum",
			   "must be utf-8 or base64");
	if (!content.bytes)
		return;
	if (!base64)
		buffer_append(&decoded, content.bytes, content.size);
	else if (base64_decode(content.bytes, content.size, &decoded) < 0)
		problem_at(fields->problems, &(struct place){ &fields->place, "content", 0 }, "base64",
			   "is not base64");
	if (decoded.size > max) /* the text's length alone is two bytes too generous */
		problem_at(fields->problems, &(struct place){ &fields->place, "content", 0 }, "too_large",
			   "must be at most %zu bytes long, has %zu", max, decoded.size);
	file->data = pool_memdup(pool, buffer_text(&decoded), decoded.size);
	file->size = decoded.size;
	buffer_free(&decoded);
}

/* Its text, or the name of a blob. */
static void decode_content(struct fields *fields, struct pool *pool, size_t max, struct task_file *file)
{
	if (!field_present(fields, "sha256")) {
		decode_text(fields, pool, max, file);
		return;
	}
	if (field_present(fields, "content"))
		problem_at(fields->problems, &(struct place){ &fields->place, "content", 0 }, "conflict",
			   "is given twice: also as sha256");
	field_any(fields, "content"); /* seen */
	file->blob = decode_sha256(fields, pool);
	file->data = "";
}

/* `file` is the last of `files`; false when it has no name. */
static bool decode_file(const json_t *value, const struct place *place, const struct config *config,
			struct problems *problems, struct pool *pool, const struct task_file *files,
			struct task_file *file)
{
	struct fields fields;

	fields_open(&fields, value, place, problems);
	struct text name = field_text(&fields, "name", REQUIRED, NAME_BYTES_MAX);
	struct place name_place = { place, "name", 0 };
	decode_content(&fields, pool, (size_t)config->input_bytes, file);
	fields_done(&fields);
	if (!name.bytes)
		return false;
	if (!name_is_good(name.bytes))
		problem_at(problems, &name_place, "file_name",
			   "must be a relative path of at most %d components without \".\" and \"..\"",
			   COMPONENTS_MAX);
	for (const struct task_file *other = files; other < file; other++)
		if (other->name && strcmp(other->name, name.bytes) == 0)
			problem_at(problems, &name_place, "file_name", "is given twice");
	file->name = pool_strdup(pool, name.bytes);
	return true;
}

void decode_files(struct fields *parent, const struct config *config, struct pool *pool,
		  struct task_file **files, size_t *count)
{
	const json_t *list = field_array(parent, "files", 0, FILES_MAX);
	struct place list_place = { &parent->place, "files", 0 };
	struct task_file *made = pool_array(pool, *count + json_array_size(list) + 1, sizeof *made);

	for (size_t i = 0; i < *count; i++)
		made[i] = (*files)[i];
	*files = made;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (decode_file(json_array_get(list, i), &(struct place){ &list_place, NULL, i }, config,
				parent->problems, pool, made, &made[*count]))
			++*count;
}

/* ---- texts ---- */

const char *const *decode_texts(struct fields *fields, const char *name, size_t max, size_t max_bytes,
				struct pool *pool)
{
	const json_t *list = field_array(fields, name, 0, max);
	size_t count = json_array_size(list);
	const char **texts = count > 0 ? pool_array(pool, count + 1, sizeof *texts) : NULL;
	struct place place = { &fields->place, name, 0 };

	for (size_t i = 0; i < count; i++) {
		struct text text = value_text(json_array_get(list, i), &(struct place){ &place, NULL, i },
					      fields->problems, max_bytes);

		if (!text.bytes)
			return NULL;
		texts[i] = pool_strdup(pool, text.bytes);
	}
	return texts;
}
