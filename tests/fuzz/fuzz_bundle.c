/* Any bytes as a sealed memory file: each file that is visited has a good name and lies within, and the same files
 * make a bundle that reads the same. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "bundle.h"
#include "protocol.h"

struct walk {
	struct bundle_writer *copy; /* NULL: none is made */
	size_t files, bytes;
	uint64_t sum; /* of all that was seen, in order */
};

static int look(const struct bundle_file *file, void *context)
{
	struct walk *walk = context;
	struct error err;

	must(bundle_name_ok(file->name, strlen(file->name)));
	walk->files++;
	walk->bytes += file->size;
	walk->sum = walk->sum * 31 + file->executable;
	for (const char *at = file->name; *at; at++)
		walk->sum = walk->sum * 31 + (unsigned char)*at;
	for (size_t i = 0; i < file->size; i++)
		walk->sum = walk->sum * 31 + ((const unsigned char *)file->data)[i];
	return walk->copy ? bundle_add(walk->copy, file, &err) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	cleanup_fd int fd = fd_sealed("bundle", data, size, &err), copy_fd = -1;
	struct bundle_writer copy;
	struct walk first = { .copy = &copy }, second = { 0 };

	must(fd >= 0 && bundle_begin(&copy, &err) == 0);
	int code = bundle_visit(fd, look, &first, &err);
	must(first.files <= BUNDLE_FILES_MAX && first.bytes <= size);
	must(code == 0 || code == -EINVAL);
	must(bundle_end(&copy, &copy_fd, &err) == 0);
	must(bundle_visit(copy_fd, look, &second, &err) == 0);
	must(first.files == second.files && first.bytes == second.bytes && first.sum == second.sum);
	return 0;
}
