#include "load.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

size_t load_processors(void)
{
	cpu_set_t set;
	size_t count = sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
	return count < LOAD_MAX ? count : LOAD_MAX;
}

static _Noreturn void burn(pid_t parent, int niceness)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	setpriority(PRIO_PROCESS, 0, niceness);
	for (volatile unsigned long i = 0;; i++) {
	}
}

int load_start(struct load *load, int niceness, struct error *err)
{
	pid_t parent = getpid();
	load->count = 0;
	for (size_t wanted = load_processors(); load->count < wanted; load->count++) {
		pid_t child = fork();
		if (child == 0)
			burn(parent, niceness);
		if (child < 0) {
			int code = error_errno(err, "fork");
			load_end(load);
			return code;
		}
		load->pids[load->count] = child;
	}
	return 0;
}

void load_end(struct load *load)
{
	for (size_t i = 0; i < load->count; i++) {
		kill(load->pids[i], SIGKILL);
		waitpid(load->pids[i], NULL, 0);
	}
	load->count = 0;
}
