/* The numbers of processes as a channel: whoever forks moves a counter that others can read off their own next
 * child. Moves it by a few hundred; the probe looks that its own number is the first one again. With "count" it only
 * looks, while another box moves its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "attempt.h"

static pid_t child_number(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	return child;
}

static bool last_number_is(pid_t number)
{
	char line[128] = "";
	int file = open("/proc/loadavg", O_RDONLY);
	bool read_it = read(file, line, sizeof line - 1) > 0;
	close(file);
	return read_it && strrchr(line, ' ') && atoi(strrchr(line, ' ')) == number;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "speak") == 0)
		for (;;)
			child_number();
	must("the first number", getpid() == 2);
	int gaps = 0;
	pid_t last = getpid();
	for (int i = 0; i < 400; i++) {
		pid_t number = child_number();
		gaps += number != last + 1;
		last = number;
	}
	must("nobody else moves the counter", gaps == 0);
	must("nor does the last number in /proc tell of others", last_number_is(last));
	refused("ns_last_pid", open("/proc/sys/kernel/ns_last_pid", O_WRONLY));
	return verdict();
}
