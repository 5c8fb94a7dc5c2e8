#include "bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "protocol.h"

const char bundle_magic[8] = "ARBUNDL1";

bool bundle_name_ok(const char *name, size_t size)
{
	if (size == 0 || size >= BUNDLE_NAME_MAX || memchr(name, '\0', size))
		return false;
	size_t depth = 0;
	for (size_t at = 0; at <= size;) {
		const char *slash = memchr(name + at, '/', size - at);
		size_t length = slash ? (size_t)(slash - name) - at : size - at;
		if (length == 0 || length > NAME_MAX || ++depth > BUNDLE_DEPTH_MAX)
			return false;
		if (name[at] == '.' && (length == 1 || (length == 2 && name[at + 1] == '.')))
			return false;
		at += length + 1;
	}
	return true;
}

int bundle_begin(struct bundle_writer *writer, struct error *err)
{
	*writer = (struct bundle_writer){ .fd = memfd_create("bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING) };
	if (writer->fd < 0)
		return error_errno(err, "memfd_create");
	struct bundle_header header = { 0 };
	memcpy(header.magic, bundle_magic, sizeof header.magic);
	int code = fd_write_all(writer->fd, &header, sizeof header);
	if (code < 0) {
		bundle_abandon(writer);
		return error_set(err, code, "write a bundle: %s", strerror(-code));
	}
	return 0;
}

void bundle_abandon(struct bundle_writer *writer)
{
	close_fd(&writer->fd);
}

static int add_head(struct bundle_writer *writer, const char *name, uint64_t size, bool executable,
		    struct error *err)
{
	size_t name_size = strlen(name);
	if (!bundle_name_ok(name, name_size))
		return error_set(err, -EINVAL, "bad file name '%.80s'", name);
	if (writer->count >= BUNDLE_FILES_MAX)
		return error_set(err, -E2BIG, "more than %d files", BUNDLE_FILES_MAX);
	struct bundle_record record = {
		.name_size = (uint32_t)name_size,
		.executable = executable,
		.data_size = size,
	};
	int code = fd_write_all(writer->fd, &record, sizeof record);
	if (code == 0)
		code = fd_write_all(writer->fd, name, name_size);
	if (code < 0)
		return error_set(err, code, "write a bundle: %s", strerror(-code));
	writer->count++;
	return 0;
}

int bundle_add(struct bundle_writer *writer, const struct bundle_file *file, struct error *err)
{
	if (add_head(writer, file->name, file->size, file->executable, err) < 0)
		return err ? err->code : -EIO;
	int code = fd_write_all(writer->fd, file->data, file->size);
	return code < 0 ? error_set(err, code, "write a bundle: %s", strerror(-code)) : 0;
}

int bundle_add_fd(struct bundle_writer *writer, const char *name, int source_fd, uint64_t size,
		  bool executable, struct error *err)
{
	int code = add_head(writer, name, size, executable, err);
	while (code == 0 && size > 0) {
		ssize_t n = sendfile(writer->fd, source_fd, NULL, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? error_errno(err, "copy %s", name)
				     : error_set(err, -EIO, "%s became shorter", name);
		size -= (uint64_t)n;
	}
	return code;
}

int bundle_end(struct bundle_writer *writer, int *bundle_fd, struct error *err)
{
	cleanup_fd int fd = take_fd(&writer->fd);
	off_t at = offsetof(struct bundle_header, count);
	if (pwrite(fd, &writer->count, sizeof writer->count, at) != (ssize_t)sizeof writer->count)
		return error_errno(err, "write a bundle");
	int code = fd_seal(fd);
	int again = code < 0 ? code : fd_reopen_readonly(fd);
	if (again < 0)
		return error_set(err, again, "seal a bundle: %s", strerror(-again));
	*bundle_fd = again;
	return 0;
}

int bundle_make(const struct bundle_file *files, size_t count, int *bundle_fd, struct error *err)
{
	struct bundle_writer writer;
	int code = bundle_begin(&writer, err);
	for (size_t i = 0; code == 0 && i < count; i++)
		code = bundle_add(&writer, &files[i], err);
	if (code == 0)
		return bundle_end(&writer, bundle_fd, err);
	bundle_abandon(&writer);
	return code;
}

static int visit_record(const char **at, const char *end, int (*visit)(const struct bundle_file *, void *),
			void *context, struct error *err)
{
	struct bundle_record record;
	char name[BUNDLE_NAME_MAX];
	if ((size_t)(end - *at) < sizeof record)
		return error_set(err, -EINVAL, "a bundle is cut short");
	memcpy(&record, *at, sizeof record);
	*at += sizeof record;
	if (record.name_size > (size_t)(end - *at) || !bundle_name_ok(*at, record.name_size))
		return error_set(err, -EINVAL, "a bundle holds a bad file name");
	memcpy(name, *at, record.name_size);
	name[record.name_size] = '\0';
	*at += record.name_size;
	if (record.data_size > (size_t)(end - *at))
		return error_set(err, -EINVAL, "a bundle is cut short");
	struct bundle_file file = { name, *at, record.data_size, record.executable != 0 };
	*at += record.data_size;
	return visit(&file, context);
}

/* Sealed, or it could shrink under the mapping. */
static int map_bundle(int fd, const char **bytes, size_t *size, struct error *err)
{
	struct stat status;
	const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & needed) != needed || fstat(fd, &status) < 0)
		return error_set(err, -EINVAL, "a bundle must be a sealed memory file");
	if (status.st_size < (off_t)sizeof(struct bundle_header))
		return error_set(err, -EINVAL, "a bundle is cut short");
	void *mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped == MAP_FAILED)
		return error_errno(err, "map a bundle");
	*bytes = mapped;
	*size = (size_t)status.st_size;
	return 0;
}

int bundle_visit(int bundle_fd, int (*visit)(const struct bundle_file *file, void *context), void *context,
		 struct error *err)
{
	const char *bytes = NULL;
	size_t size = 0;
	int code = map_bundle(bundle_fd, &bytes, &size, err);
	if (code < 0)
		return code;
	struct bundle_header header;
	memcpy(&header, bytes, sizeof header);
	if (memcmp(header.magic, bundle_magic, sizeof bundle_magic) != 0 || header.count > BUNDLE_FILES_MAX)
		code = error_set(err, -EINVAL, "not a bundle");
	const char *at = bytes + sizeof header;
	for (uint32_t i = 0; code == 0 && i < header.count; i++)
		code = visit_record(&at, bytes + size, visit, context, err);
	munmap((void *)(uintptr_t)bytes, size);
	return code;
}
