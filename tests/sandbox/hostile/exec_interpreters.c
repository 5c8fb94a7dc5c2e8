/* Scripts whose interpreters are scripts, in a circle and in a chain: the kernel counts, or would start for ever. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

static void script(const char *path, const char *interpreter)
{
	int file = open(path, O_CREAT | O_WRONLY, 0755);
	dprintf(file, "#!%s\n", interpreter);
	close(file);
}

static int start(const char *path)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		execl(path, path, NULL);
		_exit(errno == ELOOP || errno == ENOENT || errno == EACCES || errno == ENOEXEC ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	return status;
}

int main(void)
{
	script("/box/self", "/box/self");
	script("/box/a", "/box/b");
	script("/box/b", "/box/a");
	must("itself", start("/box/self") == 0);
	must("a circle", start("/box/a") == 0);
	char path[32], next[32];
	for (int i = 0; i < 50; i++) {
		snprintf(path, sizeof path, "/box/chain%d", i);
		snprintf(next, sizeof next, "/box/chain%d", i + 1);
		script(path, next);
	}
	must("a chain", start("/box/chain0") == 0);
	script("/box/init", "/proc/1/exe");
	must("init's program", start("/box/init") == 0);
	return verdict();
}
