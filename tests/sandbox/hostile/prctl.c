/* The odd corners of prctl(2) and arch_prctl(2)'s cousin personality(2). */
#include <sys/personality.h>
#include <sys/prctl.h>

#include "attempt.h"

int main(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	must("no new privileges, still", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0);
	refused("PR_SET_MM", prctl(PR_SET_MM, PR_SET_MM_START_CODE, 0x400000, 0, 0));
	refused("PR_CAP_AMBIENT", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 7, 0, 0));
	refused("PR_SET_SECUREBITS", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
	refused("PR_SET_KEEPCAPS", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	refused("PR_CAPBSET_DROP", prctl(PR_CAPBSET_DROP, 0, 0, 0, 0));
	refused("PR_SET_PTRACER", prctl(PR_SET_PTRACER, -1L, 0, 0, 0));
	refused("PR_SCHED_CORE", prctl(62, 1, 0, 0, 0));
	refused("PR_SET_SYSCALL_USER_DISPATCH", prctl(59, 1, 0, 0, 0));
	refused("PR_SET_SPECULATION_CTRL", prctl(PR_SET_SPECULATION_CTRL, 0, 2, 0, 0));
	refused("PR_SET_IO_FLUSHER", prctl(57, 1, 0, 0, 0));
	refused("PR_TASK_PERF_EVENTS_DISABLE", prctl(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0));
	refused("PR_SET_MDWE", prctl(65, 1, 0, 0, 0));
	refused("PR_SET_MEMORY_MERGE", prctl(67, 1, 0, 0, 0));
	refused("PR_SET_FP_MODE", prctl(45, 1, 0, 0, 0));
	refused("PR_SET_TSC", prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	refused("an unknown one", prctl(0x41424344, 0, 0, 0, 0));
	refused("ADDR_NO_RANDOMIZE", personality(ADDR_NO_RANDOMIZE));
	refused("READ_IMPLIES_EXEC", personality(READ_IMPLIES_EXEC));
	refused("PER_LINUX32", personality(PER_LINUX32));
	return verdict();
}
