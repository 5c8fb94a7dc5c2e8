/* CVE-2014-3153 ("towelroot"): a futex requeued onto itself left a waiter on a freed stack. The calls must fail, and
 * the threads of it must end. */
#include <linux/futex.h>
#include <pthread.h>
#include <time.h>

#include "attempt.h"

static unsigned first, second;

static void *waiter(void *context)
{
	struct timespec soon;
	clock_gettime(CLOCK_MONOTONIC, &soon);
	soon.tv_nsec += 100 * 1000 * 1000;
	soon.tv_sec += soon.tv_nsec / 1000000000;
	soon.tv_nsec %= 1000000000;
	syscall(SYS_futex, &first, FUTEX_WAIT_REQUEUE_PI, 0, &soon, &second, 0);
	return context;
}

int main(void)
{
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, waiter, NULL);
	usleep(20000);
	must("no requeue onto itself", syscall(SYS_futex, &first, FUTEX_CMP_REQUEUE_PI, 1, 8, &first, 0) < 0);
	syscall(SYS_futex, &first, FUTEX_CMP_REQUEUE_PI, 1, 8, &second, 0);
	second = 0;
	must("nor of the other", syscall(SYS_futex, &second, FUTEX_CMP_REQUEUE_PI, 1, 8, &second, 0) < 0);
	second = 12345; /* owned by nobody that is here */
	must("nobody's is not had", syscall(SYS_futex, &second, FUTEX_LOCK_PI, 0, NULL, NULL, 0) < 0);
	return verdict();
}
