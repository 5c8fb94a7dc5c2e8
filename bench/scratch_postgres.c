#include "scratch_postgres.h"

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { READY_TRIES = 600, READY_PAUSE_US = 50000 };

static int find_programs(char path[128], struct error *err)
{
	glob_t found = { 0 };
	if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0)
		return error_set(err, -ENOENT,
				 "there is no PostgreSQL server here: install Debian's postgresql");
	const char *last = found.gl_pathv[found.gl_pathc - 1];
	snprintf(path, 128, "%.*s", (int)(strrchr(last, '/') - last), last);
	globfree(&found);
	return 0;
}

static int choose_user(struct scratch_postgres *postgres, struct error *err)
{
	postgres->uid = geteuid();
	postgres->gid = getegid();
	if (postgres->uid != 0)
		return 0;
	const struct passwd *user = getpwnam("postgres");
	if (!user)
		return error_set(err, -ENOENT, "there is no user postgres, as whom PostgreSQL could run");
	postgres->uid = user->pw_uid;
	postgres->gid = user->pw_gid;
	return 0;
}

/* In a group of its own, so that a ^C at the terminal does not reach it before us. */
static pid_t launch(const struct scratch_postgres *postgres, const char *const *argv)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
	setpgid(0, 0);
	dup2(log, 1);
	dup2(log, 2);
	if (geteuid() == 0 &&
	    (setgroups(0, NULL) < 0 || setgid(postgres->gid) < 0 || setuid(postgres->uid) < 0))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGINT); /* it does not outlive us, however we end */
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

static int init(struct scratch_postgres *postgres, const char *programs, struct error *err)
{
	char program[160], data[96];
	int status = -1;
	snprintf(program, sizeof program, "%s/initdb", programs);
	snprintf(data, sizeof data, "%s/data", postgres->folder);
	const char *argv[] = { program,
			       "--pgdata",
			       data,
			       "--username=arena",
			       "--auth=trust",
			       "--encoding=UTF8",
			       "--locale=C.UTF-8",
			       "--no-sync",
			       NULL };
	pid_t pid = launch(postgres, argv);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		return error_set(err, -EIO, "initdb failed");
	return 0;
}

/* The last line of the server's own notes. */
static bool is_ready(const struct scratch_postgres *postgres)
{
	char path[96], text[1024];
	snprintf(path, sizeof path, "%s/data/postmaster.pid", postgres->folder);
	cleanup_file FILE *file = fopen(path, "re");
	size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
	text[size] = '\0';
	return strstr(text, "\nready") != NULL;
}

static int serve(struct scratch_postgres *postgres, const char *programs, struct error *err)
{
	char program[160], data[96], sockets[128];
	snprintf(program, sizeof program, "%s/postgres", programs);
	snprintf(data, sizeof data, "%s/data", postgres->folder);
	snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", postgres->folder);
	const char *argv[] = { program, "-D", data, "-c", sockets, "-c", "listen_addresses=", NULL };
	postgres->pid = launch(postgres, argv);
	for (int i = 0; i < READY_TRIES; i++) {
		if (is_ready(postgres))
			return 0;
		usleep(READY_PAUSE_US);
	}
	return error_set(err, -ETIMEDOUT, "PostgreSQL did not start");
}

int scratch_postgres_start(struct scratch_postgres *postgres, struct error *err)
{
	char programs[128], before[4096];
	*postgres = (struct scratch_postgres){ .folder = "/tmp/arena-bench.XXXXXX" };
	int code = find_programs(programs, err);
	if (code == 0)
		code = choose_user(postgres, err);
	if (code < 0)
		return code;
	/* Whoever is to be measured with it may be another user. */
	if (!mkdtemp(postgres->folder) || chmod(postgres->folder, 0755) < 0 ||
	    chown(postgres->folder, postgres->uid, postgres->gid) < 0 || !getcwd(before, sizeof before) ||
	    chdir(postgres->folder) < 0)
		return error_errno(err, "%s", postgres->folder);
	code = init(postgres, programs, err);
	if (code == 0)
		code = serve(postgres, programs, err);
	if (chdir(before) < 0 && code == 0)
		code = error_errno(err, "%s", before);
	snprintf(postgres->url, sizeof postgres->url, "postgresql://arena@/postgres?host=%s",
		 postgres->folder);
	if (code < 0)
		scratch_postgres_stop(postgres);
	return code;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

void scratch_postgres_stop(struct scratch_postgres *postgres)
{
	if (postgres->pid > 0) {
		kill(postgres->pid, SIGINT);
		waitpid(postgres->pid, NULL, 0);
	}
	postgres->pid = 0;
	if (postgres->folder[0])
		nftw(postgres->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
