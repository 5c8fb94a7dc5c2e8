/* The host's own setuid programs must not raise anybody here. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	static char *const tools[][5] = {
		{ "/usr/bin/su", "-c", "id", NULL },
		{ "/usr/bin/sudo", "-n", "id", NULL },
		{ "/usr/bin/mount", "--bind", "/usr", "/tmp" },
		{ "/usr/bin/newgrp", "root", NULL, NULL },
		{ "/usr/bin/passwd", "-d", "root", NULL },
		{ "/usr/bin/pkexec", "id", NULL, NULL },
		{ "/usr/bin/chfn", "-f", "x", NULL },
		{ "/usr/lib/openssh/ssh-keysign", NULL, NULL, NULL },
	};
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
		pid_t child = fork();
		if (child == 0) {
			int nothing = open("/dev/null", O_RDWR);
			for (int fd = 0; fd < 3; fd++)
				dup2(nothing, fd);
			ualarm(300 * 1000, 0);
			execv(tools[i][0], tools[i]);
			_exit(127);
		}
		int status = 0;
		waitpid(child, &status, 0);
		must(tools[i][0], status != 0);
	}
	return verdict();
}
