#include "base/blobs.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/hash.h"

enum { PLACE_BYTES = SHA256_TEXT_BYTES + 3 }; /* "ab/abcdef..." */
enum { CHECKED = 1024 };

struct blobs {
	int folder;
	char *path;
	int64_t max_bytes, keep_s;
	pthread_mutex_t lock; /* of what follows, and of making room */
	int64_t total;
	char checked[CHECKED][SHA256_TEXT_BYTES]; /* names, each in the place that its first digits say */
};

bool blob_name_ok(const char *sha256)
{
	size_t size = SHA256_TEXT_BYTES - 1;

	return strlen(sha256) == size && strspn(sha256, "0123456789abcdef") == size;
}

static const char *place_of(const char *sha256, char place[PLACE_BYTES])
{
	snprintf(place, PLACE_BYTES, "%.2s/%s", sha256, sha256);
	return place;
}

/* ---- what is there ---- */

struct found {
	char place[PLACE_BYTES];
	int64_t size, used_s;
};

struct inventory {
	struct found *items; /* owned */
	size_t count, room;
	int64_t total;
};

static int note(struct inventory *inventory, const char *name, const struct stat *status)
{
	if (inventory->count == inventory->room) {
		size_t room = inventory->room > 0 ? 2 * inventory->room : 256;
		struct found *items = realloc(inventory->items, room * sizeof *items);

		if (!items)
			return -ENOMEM;
		inventory->items = items;
		inventory->room = room;
	}
	struct found *found = &inventory->items[inventory->count++];
	place_of(name, found->place);
	found->size = status->st_size;
	found->used_s = status->st_mtime;
	inventory->total += status->st_size;
	return 0;
}

/* What is no blob (a temporary file that a crash left) goes when it is an hour old. */
static void sweep(int folder, const char *name, const struct stat *status)
{
	if (name[0] != '.' && S_ISREG(status->st_mode) && status->st_mtime < time(NULL) - 3600)
		unlinkat(folder, name, 0);
}

static int look_in(int folder, const char *name, struct inventory *inventory)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), code = 0;
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat status;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return 0; /* no folder of ours */
	}
	while (code == 0 && (entry = readdir(directory))) {
		if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (blob_name_ok(entry->d_name) && S_ISREG(status.st_mode))
			code = note(inventory, entry->d_name, &status);
		else
			sweep(fd, entry->d_name, &status);
	}
	closedir(directory);
	return code;
}

static int look(struct blobs *blobs, struct inventory *inventory, struct error *err)
{
	char name[3];
	int code = 0;

	for (unsigned i = 0; i < 256 && code == 0; i++) {
		snprintf(name, sizeof name, "%02x", i);
		code = look_in(blobs->folder, name, inventory);
	}
	return code < 0 ? error_set(err, code, "list %s: out of memory", blobs->path) : 0;
}

/* ---- room ---- */

static int by_use(const void *left, const void *right)
{
	const struct found *a = left, *b = right;

	return (a->used_s > b->used_s) - (a->used_s < b->used_s);
}

/* With the lock held: until `wanted` more bytes fit, what was unused for longest goes. */
static int make_room(struct blobs *blobs, int64_t wanted, struct error *err)
{
	struct inventory inventory = { 0 };
	int64_t oldest_kept_s = time(NULL) - blobs->keep_s;
	int code = look(blobs, &inventory, err);

	if (code == 0) {
		blobs->total = inventory.total;
		if (inventory.count > 0)
			qsort(inventory.items, inventory.count, sizeof *inventory.items, by_use);
	}
	for (size_t i = 0; i < inventory.count && code == 0 && blobs->total + wanted > blobs->max_bytes;
	     i++) {
		if (inventory.items[i].used_s >= oldest_kept_s)
			break;
		if (unlinkat(blobs->folder, inventory.items[i].place, 0) == 0)
			blobs->total -= inventory.items[i].size;
	}
	free(inventory.items);
	if (code == 0 && blobs->total + wanted > blobs->max_bytes)
		code = error_set(err, -ENOSPC, "%s is full", blobs->path);
	return code;
}

static int reserve(struct blobs *blobs, int64_t size, struct error *err)
{
	int code = 0;

	pthread_mutex_lock(&blobs->lock);
	if (blobs->total + size > blobs->max_bytes)
		code = make_room(blobs, size, err);
	if (code == 0)
		blobs->total += size;
	pthread_mutex_unlock(&blobs->lock);
	return code;
}

static void give_back(struct blobs *blobs, int64_t size)
{
	pthread_mutex_lock(&blobs->lock);
	blobs->total -= size;
	pthread_mutex_unlock(&blobs->lock);
}

/* ---- opening ---- */

int blobs_open(const char *folder, int64_t max_bytes, int64_t keep_s, struct blobs **ret_blobs,
	       struct error *err)
{
	struct blobs *blobs = calloc(1, sizeof *blobs);
	struct inventory inventory = { 0 };
	int code;

	if (!blobs || !(blobs->path = strdup(folder))) {
		free(blobs);
		return error_set(err, -ENOMEM, "out of memory");
	}
	pthread_mutex_init(&blobs->lock, NULL);
	blobs->max_bytes = max_bytes;
	blobs->keep_s = keep_s;
	blobs->folder = -1;
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		code = error_errno(err, "make the folder %s", folder);
	else if ((blobs->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		code = error_errno(err, "open the folder %s", folder);
	else
		code = look(blobs, &inventory, err);
	free(inventory.items);
	if (code < 0) {
		blobs_close(blobs);
		return code;
	}
	blobs->total = inventory.total;
	*ret_blobs = blobs;
	return 0;
}

void blobs_close(struct blobs *blobs)
{
	if (!blobs)
		return;
	close_fd(&blobs->folder);
	pthread_mutex_destroy(&blobs->lock);
	free(blobs->path);
	free(blobs);
}

/* ---- one blob ---- */

int blob_touch(struct blobs *blobs, const char *sha256, struct error *err)
{
	char place[PLACE_BYTES];

	if (utimensat(blobs->folder, place_of(sha256, place), NULL, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : error_errno(err, "touch %s/%s", blobs->path, place);
}

int blob_size(struct blobs *blobs, const char *sha256, int64_t *size, struct error *err)
{
	char place[PLACE_BYTES];
	struct stat status;

	if (fstatat(blobs->folder, place_of(sha256, place), &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_errno(err, "look at %s/%s", blobs->path, place);
	*size = status.st_size;
	return 1;
}

/* By way of a file of its own, so that two who bring the same blob do not meet; and with the folder's entry on the
 * disk too. */
static int write_file(int folder, const char *name, const void *bytes, size_t size)
{
	char temporary[4 + 32 + 1];

	random_hex(stpcpy(temporary, "new-"), 16);
	cleanup_fd int fd =
		openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int code = fd_write_all(fd, bytes, size);
	if (code == 0 && (fsync(fd) < 0 || renameat(folder, temporary, folder, name) < 0))
		code = -errno;
	if (code < 0)
		unlinkat(folder, temporary, 0);
	else if (fsync(folder) < 0)
		code = -errno;
	return code;
}

static int write_blob(struct blobs *blobs, const char *sha256, const void *bytes, size_t size,
		      struct error *err)
{
	char name[3];

	snprintf(name, sizeof name, "%.2s", sha256);
	if (mkdirat(blobs->folder, name, 0700) == 0)
		fsync(blobs->folder);
	cleanup_fd int folder = openat(blobs->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int code = folder < 0 ? -errno : write_file(folder, sha256, bytes, size);
	if (code == 0)
		return 0;
	errno = -code;
	return error_errno(err, "write %s/%s/%s", blobs->path, name, sha256);
}

int blob_put(struct blobs *blobs, const char *sha256, const void *bytes, size_t size, struct error *err)
{
	char hash[SHA256_TEXT_BYTES];
	int code;

	sha256_text(bytes, size, hash);
	if (strcmp(hash, sha256) != 0)
		return error_set(err, -EBADMSG, "the content's SHA-256 is %s", hash);
	if ((code = blob_touch(blobs, sha256, err)) != 0)
		return code < 0 ? code : 0;
	if ((code = reserve(blobs, (int64_t)size, err)) < 0)
		return code;
	if ((code = write_blob(blobs, sha256, bytes, size, err)) < 0) {
		give_back(blobs, (int64_t)size);
		return code;
	}
	return 1;
}

struct mapping {
	void *at;
	size_t size;
};

static void unmap(void *object)
{
	struct mapping *mapping = object;

	munmap(mapping->at, mapping->size);
}

static int map_fd(int fd, size_t size, struct pool *pool, const char **bytes, struct error *err)
{
	struct mapping *mapping = pool_alloc(pool, sizeof *mapping);

	if (!mapping)
		return error_set(err, -ENOMEM, "out of memory");
	mapping->size = size;
	mapping->at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapping->at == MAP_FAILED)
		return error_errno(err, "map a blob");
	if (pool_defer(pool, unmap, mapping) < 0) {
		unmap(mapping);
		return error_set(err, -ENOMEM, "out of memory");
	}
	*bytes = mapping->at;
	return 0;
}

int blob_map(struct blobs *blobs, const char *sha256, struct pool *pool, const char **bytes, size_t *size,
	     struct error *err)
{
	char place[PLACE_BYTES];
	cleanup_fd int fd = openat(blobs->folder, place_of(sha256, place), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	int code = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_errno(err, "open %s/%s", blobs->path, place);
	if (fstat(fd, &status) < 0)
		return error_errno(err, "look at %s/%s", blobs->path, place);
	futimens(fd, NULL);
	*bytes = "";
	*size = (size_t)status.st_size;
	if (*size > 0)
		code = map_fd(fd, *size, pool, bytes, err);
	return code < 0 ? code : 1;
}

int blob_open(struct blobs *blobs, const char *sha256, int *fd, struct error *err)
{
	char place[PLACE_BYTES];
	int opened = openat(blobs->folder, place_of(sha256, place), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (opened < 0)
		return errno == ENOENT ? 0 : error_errno(err, "open %s/%s", blobs->path, place);
	futimens(opened, NULL);
	*fd = opened;
	return 1;
}

/* ---- what the disk made of it ---- */

/* With the lock held. */
static char *place_of_checked(struct blobs *blobs, const char *sha256)
{
	char digits[6];

	snprintf(digits, sizeof digits, "%.5s", sha256);
	return blobs->checked[strtoul(digits, NULL, 16) % CHECKED];
}

static bool was_checked(struct blobs *blobs, const char *sha256)
{
	pthread_mutex_lock(&blobs->lock);
	bool checked = strcmp(place_of_checked(blobs, sha256), sha256) == 0;
	pthread_mutex_unlock(&blobs->lock);
	return checked;
}

static void note_checked(struct blobs *blobs, const char *sha256)
{
	pthread_mutex_lock(&blobs->lock);
	memcpy(place_of_checked(blobs, sha256), sha256, SHA256_TEXT_BYTES);
	pthread_mutex_unlock(&blobs->lock);
}

static void remove_damaged(struct blobs *blobs, int fd, const char *place)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && unlinkat(blobs->folder, place, 0) == 0)
		give_back(blobs, status.st_size);
}

int blob_check(struct blobs *blobs, const char *sha256, struct error *err)
{
	char place[PLACE_BYTES], found[SHA256_TEXT_BYTES];

	if (was_checked(blobs, sha256))
		return 1;
	cleanup_fd int fd = openat(blobs->folder, place_of(sha256, place), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : error_errno(err, "open %s/%s", blobs->path, place);
	if (sha256_fd_text(fd, found) < 0 || strcmp(found, sha256) != 0) {
		remove_damaged(blobs, fd, place);
		return 0;
	}
	note_checked(blobs, sha256);
	return 1;
}
