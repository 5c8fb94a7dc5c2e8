/* CVE-2022-0847 ("dirty pipe"): a page of a read-only file in a pipe, and what was written to the pipe then landed in
 * the page, for all who read the file. The kernel must be mended; the file must be as before. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	char before[64], after[64], drained[4096];
	int file = open("/usr/bin/env", O_RDONLY), ends[2];
	pread(file, before, sizeof before, 0);
	must("pipe", pipe(ends) == 0);
	for (int i = 0; i < 16; i++)
		write(ends[1], drained, sizeof drained); /* every slot had a mergeable page once */
	for (int i = 0; i < 16; i++)
		read(ends[0], drained, sizeof drained);
	off64_t offset = 4;
	must("a page in the pipe", splice(file, &offset, ends[1], NULL, 1, 0) == 1);
	must("bytes after it", write(ends[1], "dirty", 5) == 5);
	pread(file, after, sizeof after, 0);
	must("the host's file is as before", memcmp(before, after, sizeof before) == 0);
	refused("vmsplice", syscall(SYS_vmsplice, ends[1], NULL, 0, 0));
	return verdict();
}
