/* Filters of its own, by the hundred: compiled ones are kernel memory that nobody counts, a listener could answer
 * its own calls, and strict mode kills what the judge then takes for its own doing. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "attempt.h"

int main(void)
{
	static struct sock_filter code[4096];
	for (int i = 0; i < 4096; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = { 4096, code };
	static const unsigned long flags[] = { 0, SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG,
					       SECCOMP_FILTER_FLAG_SPEC_ALLOW,
					       SECCOMP_FILTER_FLAG_NEW_LISTENER };
	int loaded = 0;
	for (int i = 0; i < 500; i++) {
		loaded += syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags[i % 5], &filter) >= 0;
		loaded += prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
	}
	must("not one was loaded", loaded == 0);
	unsigned action = SECCOMP_RET_USER_NOTIF;
	refused("strict mode", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
	refused("strict mode by prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
	refused("which actions there are", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
	must("the filter is still the judge's", prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER);
	return verdict();
}
