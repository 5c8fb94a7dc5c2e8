/* Test data that a task names by its hash: from the cache in the data folder, or else from the service. What a
 * cache cannot be made for, or does not hold, is fetched anew each time; what is fetched, and what an earlier process
 * left in the cache, is believed only when its hash is the one that was asked for. The backend's own worker asks the
 * backend instead. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/blobs.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "inside.h"

enum { FETCH_MS = 60000, BLOB_MAX_BYTES = 1 << 30, USED_LATELY_S = 600 };

void blobs_start(struct worker *worker)
{
	const struct config *config = worker->config;
	struct error err;
	char folder[4096];

	if (snprintf(folder, sizeof folder, "%s/blobs", config->data_dir) < (int)sizeof folder &&
	    blobs_open(folder, config->worker_cache_max_mb << 20, USED_LATELY_S, &worker->blobs, &err) < 0)
		log_warning("test data is not cached", LOG_TEXT("error", err.text));
	if (snprintf(folder, sizeof folder, "%s/programs", config->data_dir) < (int)sizeof folder &&
	    config->worker_programs_max_mb > 0 &&
	    programs_open(folder, config->worker_programs_max_mb << 20, &worker->programs, &err) < 0)
		log_warning("compiled programs are not cached", LOG_TEXT("error", err.text));
}

static int fetch(struct slot *slot, const char *sha256, struct buffer *bytes, struct error *err)
{
	const struct worker *worker = slot->worker;
	cleanup_buffer struct buffer url = { 0 };
	char hash[SHA256_TEXT_BYTES];
	int status;

	buffer_printf(&url, "%s/api/v1/blobs/%s", service_url(worker), sha256);
	if (url.failed)
		return error_set(err, -ENOMEM, "out of memory");
	int code = http_client_run(slot->client,
				   &(struct http_client_request){ .method = "GET",
								  .url = url.data,
								  .bearer = worker->token,
								  .timeout_ms = FETCH_MS,
								  .response_max_bytes = BLOB_MAX_BYTES },
				   &status, bytes, err);
	if (code < 0)
		return error_wrap(err, "fetch test data");
	if (status != 200)
		return error_set(err, status == 404 ? -ENOENT : -EIO,
				 "fetch test data: the service answered with %d for %s", status, sha256);
	sha256_text(bytes->data, bytes->size, hash);
	return strcmp(hash, sha256) == 0
		       ? 0
		       : error_set(err, -EBADMSG, "fetch test data: %s came instead of %s", hash, sha256);
}

/* From the cache when it takes it, which needs no memory; else as it came. */
static int keep(struct slot *slot, const char *sha256, const struct buffer *fetched, struct pool *pool,
		const char **bytes, size_t *size, struct error *err)
{
	struct blobs *blobs = slot->worker->blobs;
	struct error ignored;

	if (blobs && blob_put(blobs, sha256, fetched->data, fetched->size, &ignored) >= 0 &&
	    blob_map(blobs, sha256, pool, bytes, size, &ignored) == 1)
		return 0;
	*bytes = pool_memdup(pool, buffer_text(fetched), fetched->size);
	*size = fetched->size;
	return *bytes ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* ---- of a worker that belongs to one process: it lends its own, which nobody can change, and nothing is cached ---- */

struct lent {
	void *at;
	size_t size;
};

static void give_back(void *object)
{
	struct lent *lent = object;

	munmap(lent->at, lent->size);
}

static int map(int fd, struct pool *pool, const char **bytes, size_t *size, struct error *err)
{
	struct lent *lent = pool_alloc(pool, sizeof *lent);
	struct stat status;

	if (!lent)
		return error_set(err, -ENOMEM, "out of memory");
	if (fstat(fd, &status) < 0)
		return error_errno(err, "look at test data");
	*bytes = "";
	*size = lent->size = (size_t)status.st_size;
	if (lent->size == 0)
		return 0;
	lent->at = mmap(NULL, lent->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (lent->at == MAP_FAILED)
		return error_errno(err, "map test data");
	if (pool_defer(pool, give_back, lent) < 0) {
		give_back(lent);
		return error_set(err, -ENOMEM, "out of memory");
	}
	*bytes = lent->at;
	return 0;
}

static int borrow(struct slot *slot, const char *sha256, struct pool *pool, const char **bytes, size_t *size,
		  struct error *err)
{
	cleanup_fd int fd = worker_direct_data(slot->worker, sha256, err);

	return fd < 0 ? fd : map(fd, pool, bytes, size, err);
}

/* ---- one blob ---- */

static int get(struct slot *slot, const char *sha256, struct pool *pool, const char **bytes, size_t *size,
	       struct error *err)
{
	struct blobs *blobs = slot->worker->blobs;
	cleanup_buffer struct buffer fetched = { 0 };

	if (is_direct(slot->worker))
		return borrow(slot, sha256, pool, bytes, size, err);
	int found = blobs ? blob_check(blobs, sha256, err) : 0;

	if (found > 0)
		found = blob_map(blobs, sha256, pool, bytes, size, err);
	if (found != 0)
		return found < 0 ? found : 0;
	int code = fetch(slot, sha256, &fetched, err);
	return code < 0 ? code : keep(slot, sha256, &fetched, pool, bytes, size, err);
}

struct filling {
	struct slot *slot;
	struct assignment *assignment;
	struct error *err;
};

static int fill(const struct task_blob *blob, void *context)
{
	const struct filling *f = context;

	return get(f->slot, blob->sha256, f->assignment->pool, blob->bytes, blob->size, f->err);
}

int blobs_fill(struct slot *slot, struct assignment *assignment, struct error *err)
{
	return task_visit_blobs(&assignment->task, fill, &(struct filling){ slot, assignment, err });
}
