/* Every signal that dumps core, fifty times, with memory that is worth reading. A core_pattern that is a pipe starts
 * a program of the host's root for each, and RLIMIT_CORE 0 does not stop it. */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "attempt.h"

int main(void)
{
	static const int numbers[] = { SIGSEGV, SIGABRT, SIGQUIT, SIGILL,  SIGBUS,
				       SIGFPE,  SIGTRAP, SIGSYS,  SIGXCPU, SIGXFSZ };
	enum { KINDS = sizeof numbers / sizeof numbers[0] };
	struct rlimit most;
	getrlimit(RLIMIT_CORE, &most);
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_CORE, &most);
	int dumped = 0, died = 0;
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();
		if (child == 0) {
			prctl(PR_SET_DUMPABLE, 1);
			char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
					   -1, 0);
			memset(block, 'x', 1 << 20);
			raise(numbers[i % KINDS]);
			_exit(0);
		}
		int status = 0;
		waitpid(child, &status, 0);
		died += WIFSIGNALED(status);
		dumped += WIFSIGNALED(status) && WCOREDUMP(status);
	}
	must("each died", died == 50);
	must("none dumped", dumped == 0);
	return verdict();
}
