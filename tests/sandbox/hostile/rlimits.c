/* Raises every hard limit; then lowers them all, which the next run must not notice. */
#include <sys/resource.h>

#include "attempt.h"

int main(void)
{
	for (int which = 0; which < RLIM_NLIMITS; which++) {
		struct rlimit limit;
		getrlimit(which, &limit);
		if (limit.rlim_max == RLIM_INFINITY)
			continue;
		struct rlimit more = { limit.rlim_cur, limit.rlim_max + 1 };
		refused("setrlimit", setrlimit(which, &more));
		refused("prlimit of init", prlimit(1, which, &more, NULL));
	}
	struct rlimit open_files, nothing = { 0, 0 };
	getrlimit(RLIMIT_NOFILE, &open_files);
	must("open files are limited", open_files.rlim_max == 64);
	refused("prlimit of init, lower", prlimit(1, RLIMIT_NPROC, &nothing, NULL));
	int result = verdict();
	for (int which = 0; which < RLIM_NLIMITS; which++)
		if (which != RLIMIT_CPU && which != RLIMIT_FSIZE)
			setrlimit(which, &nothing);
	return result;
}
