/* /api/v1/blobs: test data by content hash. */
#include <errno.h>

#include "base/blobs.h"
#include "base/json.h"
#include "base/log.h"
#include "reply.h"

/* The hash in the path; NULL after having replied. */
static const char *path_hash(struct http_exchange *x)
{
	static const struct place path = { NULL, "path", 0 };
	const char *sha256 = http_param(x, "sha256");
	cleanup_problems struct problems problems = { 0 };

	if (blob_name_ok(sha256))
		return sha256;
	problems_open(&problems);
	problem_at(&problems, &(struct place){ &path, "sha256", 0 }, "sha256",
		   "must be 64 lower-case hex digits");
	reply_problems(x, &problems);
	return NULL;
}

void blob_put_one(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	const char *sha256 = path_hash(x);
	struct error err;
	size_t size;
	const char *body = http_body(x, &size);

	if (!sha256)
		return;
	int code = blob_put(service->blobs, sha256, body, size, &err);
	if (code >= 0) {
		http_reply_json(x, code > 0 ? 201 : 200,
				json_pack("{s:s, s:I}", "sha256", sha256, "size", (json_int_t)size));
	} else if (code == -EBADMSG) {
		reply_error(x, 422, "Blob not stored: %s", err.text);
	} else if (code == -ENOSPC) {
		log_warning("no room for a blob", LOG_INT("bytes", (int64_t)size),
			    LOG_TEXT("error", err.text));
		reply_error(x, 507, "There is no room for more blobs: all were used lately");
	} else {
		reply_failure(x, &err);
	}
}

void blob_head(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	const char *sha256 = path_hash(x);
	struct error err;
	int64_t size;

	if (!sha256)
		return;
	int found = blob_size(service->blobs, sha256, &size, &err);
	if (found < 0)
		reply_failure(x, &err);
	else
		http_reply_empty(x, found ? 200 : 404);
}

void blob_get(struct http_exchange *x)
{
	struct execution *service = http_context(x);
	const char *sha256 = path_hash(x), *bytes;
	struct error err;
	size_t size;

	if (!sha256)
		return;
	int found = blob_map(service->blobs, sha256, http_pool(x), &bytes, &size, &err);
	if (found < 0) {
		reply_failure(x, &err);
	} else if (found == 0) {
		reply_error(x, 404, "Blob not found");
	} else {
		http_set_header(x, "Cache-Control", "private, immutable, max-age=31536000");
		http_reply(x, 200, "application/octet-stream", bytes, size);
	}
}
