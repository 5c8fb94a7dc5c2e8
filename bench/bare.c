#include "bare.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(const char *program, const int out[2], const int errors[2])
{
	char *const argv[] = { (char *)(uintptr_t)program, NULL };
	char *const environment[] = { NULL };
	dup2(out[1], 1);
	dup2(errors[1], 2);
	execve(program, argv, environment);
	_exit(127);
}

static void drain(int out, int errors)
{
	struct pollfd events[2] = { { out, POLLIN, 0 }, { errors, POLLIN, 0 } };
	char bytes[65536];
	while (events[0].fd >= 0 || events[1].fd >= 0) {
		if (poll(events, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (events[i].revents && read(events[i].fd, bytes, sizeof bytes) <= 0)
				events[i].fd = -1;
	}
}

int bare_run(const char *program, struct error *err)
{
	int out[2], errors[2], status;
	if (pipe2(out, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	if (pipe2(errors, O_CLOEXEC) < 0) {
		int code = error_errno(err, "pipe");
		close(out[0]);
		close(out[1]);
		return code;
	}
	pid_t child = vfork();
	if (child == 0)
		become(program, out, errors);
	int code = child < 0 ? error_errno(err, "vfork") : 0;
	close(out[1]);
	close(errors[1]);
	if (child > 0) {
		drain(out[0], errors[0]);
		if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			code = error_set(err, -EIO, "%s did not exit with 0", program);
	}
	close(out[0]);
	close(errors[0]);
	return code;
}
