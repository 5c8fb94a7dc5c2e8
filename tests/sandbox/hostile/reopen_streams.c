/* Its own streams through /proc: the judge's bytes must not change, the judge's pipe must not hang. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	char before[16] = "", after[16] = "";
	must("stdin can be read",
	     pread(0, before, sizeof before, 0) == 8 && memcmp(before, "question", 8) == 0);
	int again = open("/proc/self/fd/0", O_RDWR);
	int fds[] = { 0, again >= 0 ? again : 0 };
	for (int i = 0; i < 2; i++) {
		must("write to stdin fails", write(fds[i], "ANSWER", 6) < 0);
		must("pwrite to stdin fails", pwrite(fds[i], "ANSWER", 6, 0) < 0);
		must("stdin cannot be cut", ftruncate(fds[i], 0) < 0);
		must("stdin cannot grow", ftruncate(fds[i], 1 << 20) < 0);
		must("no hole in stdin", fallocate(fds[i], 3, 0, 4096) < 0);
		must("no shared writable map of stdin",
		     mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fds[i], 0) == MAP_FAILED);
	}
	must("opening stdin to truncate fails", open("/proc/self/fd/0", O_WRONLY | O_TRUNC) < 0);
	fchmod(0, 0);
	lseek(0, 3, SEEK_SET);
	must("stdin is as before",
	     pread(0, after, sizeof after, 0) == 8 && memcmp(after, "question", 8) == 0);
	fcntl(1, F_SETPIPE_SZ, 4096);
	if (open("/proc/self/fd/1", O_RDONLY) >= 0 && fork() == 0) {
		for (;;)
			pause(); /* a reader of the judge's own pipe that outlives the run */
	}
	return verdict();
}
