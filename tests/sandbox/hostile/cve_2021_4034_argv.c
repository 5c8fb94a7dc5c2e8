/* CVE-2021-4034 ("pwnkit"): a program with set-user-id that is started without any argument takes its environment for
 * its arguments. No such program gains anything in here, with arguments or without. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

extern char **environ;

static int started_as_other(const char *path)
{
	char *const none[] = { NULL };
	char *const strange[] = { "GCONV_PATH=./x", "PATH=GCONV_PATH=.", "CHARSET=x", "SHELL=x", NULL };
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		int quiet = open("/dev/null", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			dup2(quiet, fd);
		alarm(1);
		execve(path, none, strange);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return child < 0;
}

int main(int argc, char **argv)
{
	if (argc == 0 || (argc == 1 && argv[0][0] == '\0')) {
		must("still not root", getuid() != 0 && geteuid() != 0);
		return verdict();
	}
	DIR *folder = opendir("/usr/bin");
	int found = 0;
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		struct stat status;
		char path[512];
		snprintf(path, sizeof path, "/usr/bin/%s", entry->d_name);
		if (stat(path, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)))
			found++, started_as_other(path);
	}
	printf("%d programs with set-user-id\n", found);
	must("still here, still nobody", getuid() != 0 && geteuid() == getuid());
	fflush(stdout);
	char *const none[] = { NULL };
	execve("/proc/self/exe", none, environ);
	return 1;
}
