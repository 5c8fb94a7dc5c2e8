/* Two boxes at once: "listen" watches what is opened among the host's files, "speak" opens one. */
#include <fcntl.h>
#include <sys/inotify.h>

#include "attempt.h"

int main(int argc, char **argv)
{
	char event[4096];
	if (argc == 2 && strcmp(argv[1], "speak") == 0) {
		must("spoken", open("/usr/share/doc", O_RDONLY | O_DIRECTORY) >= 0);
		return verdict();
	}
	int watcher = inotify_init1(0);
	if (inotify_add_watch(watcher, "/usr/share/doc", IN_ALL_EVENTS) >= 0)
		must("nothing is heard", read(watcher, event, sizeof event) <= 0);
	for (;;)
		pause();
}
