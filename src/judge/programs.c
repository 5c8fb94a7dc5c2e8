/* A file is a header, the compiler's words, and the bundle. */
#include "judge/programs.h"

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

enum { NAME_BYTES = 2 * SHA256_BYTES + 1, LEFT_OVER_S = 3600 };
static const char magic[8] = "arenapr1";

struct header {
	char magic[sizeof magic];
	unsigned char digest[SHA256_BYTES]; /* of all behind it, beginning with output_size */
	uint64_t output_size;
};
enum { DIGESTED_FROM = offsetof(struct header, output_size) };

struct programs {
	int folder;
	int64_t max_bytes;
	pthread_mutex_t lock; /* of `total`, and of making room */
	int64_t total;
};

static const char *name_of(const unsigned char key[SHA256_BYTES], char name[NAME_BYTES])
{
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(name + 2 * i, 3, "%02x", key[i]);
	return name;
}

/* ---- what is there ---- */

struct found {
	char name[NAME_BYTES];
	int64_t size;
	struct timespec used;
};

struct inventory {
	struct found *items; /* owned */
	size_t count, room;
	int64_t total;
};

static void note(struct inventory *inventory, const char *name, const struct stat *status)
{
	if (inventory->count == inventory->room) {
		size_t room = inventory->room > 0 ? 2 * inventory->room : 64;
		struct found *items = realloc(inventory->items, room * sizeof *items);

		if (!items)
			return; /* it is seen when there is memory again */
		inventory->items = items;
		inventory->room = room;
	}
	struct found *found = &inventory->items[inventory->count++];
	snprintf(found->name, NAME_BYTES, "%s", name);
	found->size = status->st_size;
	found->used = status->st_mtim;
	inventory->total += status->st_size;
}

/* What is no program (a temporary file that a crash left) goes when it is an hour old. */
static void look_at(const struct programs *programs, const char *name, struct inventory *inventory)
{
	struct stat status;

	if (fstatat(programs->folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
		return;
	if (strlen(name) == NAME_BYTES - 1 && strspn(name, "0123456789abcdef") == NAME_BYTES - 1)
		note(inventory, name, &status);
	else if (status.st_mtime < time(NULL) - LEFT_OVER_S)
		unlinkat(programs->folder, name, 0);
}

static void look(const struct programs *programs, struct inventory *inventory)
{
	int fd = openat(programs->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory) {
		close_fd(&fd);
		return;
	}
	while ((entry = readdir(directory)))
		look_at(programs, entry->d_name, inventory);
	closedir(directory);
}

static int by_use(const void *left, const void *right)
{
	const struct timespec a = ((const struct found *)left)->used, b = ((const struct found *)right)->used;

	if (a.tv_sec != b.tv_sec)
		return a.tv_sec > b.tv_sec ? 1 : -1;
	return (a.tv_nsec > b.tv_nsec) - (a.tv_nsec < b.tv_nsec);
}

/* With the lock held. A tenth more than is needed goes, so that not every program that comes has to look. */
static void make_room(struct programs *programs, int64_t wanted)
{
	struct inventory inventory = { 0 };
	int64_t goal = programs->max_bytes - wanted - programs->max_bytes / 10;

	look(programs, &inventory);
	programs->total = inventory.total;
	if (inventory.count > 0 && programs->total + wanted > programs->max_bytes) {
		qsort(inventory.items, inventory.count, sizeof *inventory.items, by_use);
		for (size_t i = 0; i < inventory.count && programs->total > goal; i++)
			if (unlinkat(programs->folder, inventory.items[i].name, 0) == 0)
				programs->total -= inventory.items[i].size;
	}
	free(inventory.items);
}

static bool reserve(struct programs *programs, int64_t size)
{
	pthread_mutex_lock(&programs->lock);
	if (programs->total + size > programs->max_bytes && size <= programs->max_bytes)
		make_room(programs, size);
	bool fits = programs->total + size <= programs->max_bytes;
	if (fits)
		programs->total += size;
	pthread_mutex_unlock(&programs->lock);
	return fits;
}

static void forget(struct programs *programs, const char *name, int64_t size)
{
	if (name)
		unlinkat(programs->folder, name, 0);
	pthread_mutex_lock(&programs->lock);
	programs->total -= size;
	pthread_mutex_unlock(&programs->lock);
}

/* ---- opening ---- */

int programs_open(const char *folder, int64_t max_bytes, struct programs **ret_programs, struct error *err)
{
	struct programs *programs = calloc(1, sizeof *programs);
	struct inventory inventory = { 0 };

	if (!programs)
		return error_set(err, -ENOMEM, "out of memory");
	if ((mkdir(folder, 0700) < 0 && errno != EEXIST) ||
	    (programs->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		free(programs);
		return error_errno(err, "make the folder %s", folder);
	}
	pthread_mutex_init(&programs->lock, NULL);
	programs->max_bytes = max_bytes;
	look(programs, &inventory);
	programs->total = inventory.total;
	free(inventory.items);
	*ret_programs = programs;
	return 0;
}

void programs_close(struct programs *programs)
{
	if (!programs)
		return;
	close_fd(&programs->folder);
	pthread_mutex_destroy(&programs->lock);
	free(programs);
}

/* ---- one program ---- */

static bool is_whole(const char *bytes, size_t size)
{
	unsigned char digest[SHA256_BYTES];
	struct header header;

	if (size < sizeof header)
		return false;
	memcpy(&header, bytes, sizeof header);
	sha256(bytes + DIGESTED_FROM, size - DIGESTED_FROM, digest);
	return memcmp(header.magic, magic, sizeof magic) == 0 &&
	       memcmp(header.digest, digest, sizeof digest) == 0 &&
	       header.output_size <= size - sizeof header;
}

static bool take(const char *bytes, size_t size, struct program *program)
{
	struct header header;

	memcpy(&header, bytes, sizeof header);
	size_t output_size = (size_t)header.output_size, before = sizeof header + output_size;
	char *output = calloc(1, output_size + 1);
	int fd = output ? fd_sealed("program", bytes + before, size - before, NULL) : -1;
	if (fd < 0) {
		free(output);
		return false;
	}
	memcpy(output, bytes + sizeof header, output_size);
	*program = (struct program){ .bundle_fd = fd, .output = output, .output_size = output_size };
	return true;
}

bool programs_get(struct programs *programs, const unsigned char key[SHA256_BYTES], struct program *program)
{
	char name[NAME_BYTES];
	cleanup_fd int fd = openat(programs->folder, name_of(key, name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return false;
	/* Read, not mapped: a file that is cut short meanwhile would end the process. */
	size_t size = (size_t)status.st_size;
	cleanup_free char *bytes = malloc(size + 1);
	if (!bytes || fd_read_full(fd, bytes, size) != status.st_size)
		return false;
	if (!is_whole(bytes, size)) {
		forget(programs, name, status.st_size);
		return false;
	}
	futimens(fd, NULL);
	return take(bytes, size, program);
}

void program_free(struct program *program)
{
	close_fd(&program->bundle_fd);
	free((char *)(uintptr_t)program->output);
	*program = (struct program){ .bundle_fd = -1 };
}

/* No fsync(2): what a power cut damages is found out. */
static bool write_file(struct programs *programs, const char *name, const char *bytes, size_t size)
{
	char temporary[4 + 32 + 1];

	random_hex(stpcpy(temporary, "new-"), 16);
	cleanup_fd int fd = openat(programs->folder, temporary,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool written = fd_write_all(fd, bytes, size) == 0 &&
		       renameat(programs->folder, temporary, programs->folder, name) == 0;
	if (!written)
		unlinkat(programs->folder, temporary, 0);
	return written;
}

void programs_put(struct programs *programs, const unsigned char key[SHA256_BYTES], int bundle_fd,
		  const char *output, size_t output_size)
{
	struct header header = { .output_size = output_size };
	char name[NAME_BYTES];
	struct stat status;

	if (fstat(bundle_fd, &status) < 0 || faccessat(programs->folder, name_of(key, name), F_OK, 0) == 0)
		return;
	size_t before = sizeof header + output_size, size = before + (size_t)status.st_size;
	if (!reserve(programs, (int64_t)size))
		return;
	cleanup_free char *bytes = malloc(size);
	bool written = bytes && pread(bundle_fd, bytes + before, (size_t)status.st_size, 0) == status.st_size;
	if (written) {
		memcpy(header.magic, magic, sizeof magic);
		memcpy(bytes, &header, sizeof header);
		memcpy(bytes + sizeof header, output, output_size);
		sha256(bytes + DIGESTED_FROM, size - DIGESTED_FROM, header.digest);
		memcpy(bytes, &header, sizeof header);
		written = write_file(programs, name, bytes, size);
	}
	if (!written)
		forget(programs, NULL, (int64_t)size);
}
