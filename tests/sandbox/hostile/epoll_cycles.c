/* Watchers that watch each other, in circles and trees: the kernel looks through all of them for every one that is
 * added, and counts them by user. */
#include <sys/epoll.h>

#include "attempt.h"

int main(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int watchers[40], made = 0, added = 0;
	while (made < 40 && (watchers[made] = epoll_create1(0)) >= 0)
		made++;
	must("some watchers", made > 8);
	for (int from = 0; from < made; from++)
		for (int to = 0; to < made; to++)
			added += epoll_ctl(watchers[from], EPOLL_CTL_ADD, watchers[to], &event) == 0;
	printf("%d of %d\n", added, made * made);
	must("no circles", added < made * made / 2);
	must("not even of one", epoll_ctl(watchers[0], EPOLL_CTL_ADD, watchers[0], &event) < 0);
	return verdict();
}
