/* serve.c - `arena serve`: everything on one machine.
 *
 *     arena serve (supervisor) ──┬── backend               HTTP, its database
 *                                ├── its worker            a socket to the backend, one to the lane maker (nursery.h)
 *                                ├── execution service     HTTP, its database
 *                                ├── arena worker          HTTP to the service, socket to the lane maker
 *                                └── arena lanes           root; makes lanes and nothing else
 *
 * Started by root, the supervisor starts the lane maker as root, the workers as `arena-worker`, and becomes the user
 * `arena` with the two services. A worker is a program of its own, which gets its configuration without the
 * secrets: neither the supervisor's memory nor its environment are in it. Started by anybody else, the lane maker
 * is one that SANDBOX_SOCKET names, one that --sudo starts, or one without root (docs/hosts.md), and all else is one
 * user. The supervisor does nothing but start, watch and stop:
 *
 * - a worker that dies is started again by its guard (guard.h), since the service takes its jobs back and the lane
 *   maker is still there; one that dies young would do so again, and ends everything, as does the end of the
 *   others;
 * - SIGTERM and SIGINT stop the workers and the backend first, then the execution service, then the lane maker;
 * - killed itself, it takes all with it: services and workers by PR_SET_PDEATHSIG, the lane maker by the end of its
 *   standard input, which is a pipe that only we hold. That is also how these other users' processes are
 *   stopped, whom we may not signal. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/token.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/log.h"
#include "child.h"
#include "commands.h"
#include "nursery.h"
#include "one_machine.h"
#include "options.h"
#include "role.h"
#include "startup.h"
#include "user.h"

enum {
	TOKEN_RANDOM_BYTES = 24,
	WORKERS_STOP_MS = 5000, /* what they take by themselves (role.c), and half a second */
	BACKEND_STOP_MS = 3000, /* of those: its own worker hears of it from the backend */
	EXECUTION_STOP_MS = 2500,
	LANES_STOP_MS = 1500, /* and half a second if it has to be killed: 9.5 s in all */
	ADDRESSES_BYTES = 4096,
};

struct serve {
	struct config *config;
	struct catalogue *catalogue;
	struct user user, worker_user;
	char worker_folder[PATH_MAX], direct_folder[PATH_MAX];
	struct one_machine machine;
	bool sudo;
	struct child lanes, execution, backend, direct, worker;
	struct sandbox
		*sandbox; /* held so that the lane maker is known to work before anything else starts */
	int lanes_life, worker_life; /* pipes; their ends are how the two hear that they are to stop */
	char socket[PATH_MAX];
	const char *token;
	char random_token[2 * TOKEN_RANDOM_BYTES + 1];
	char addresses[ADDRESSES_BYTES]; /* of the execution service, with a blank before each */
	char backend_addresses[ADDRESSES_BYTES];
	char service_url[256];
	size_t slots;
};

/* ---- the lane maker ---- */

/* Never returns. The environment is not for a process with root's rights. */
static void become_lanes(const struct serve *serve, int life)
{
	const char *program = startup_program();
	char owner[16];
	const char *argv[64] = { "sudo", "--" };
	size_t count = serve->sudo ? 2 : 0;
	snprintf(owner, sizeof owner, "%u", serve->worker_user.uid);
	const char *const fixed[] = { program,   "lanes", "--socket",   serve->socket,
				      "--owner", owner,   "--until-eof" };
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		argv[count++] = fixed[i];
	for (const char *const *path = catalogue_visible(serve->catalogue); *path && count < 61; path++) {
		argv[count++] = "--visible";
		argv[count++] = *path;
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(life, STDIN_FILENO);
	if (serve->sudo)
		execvp("sudo", (char *const *)argv);
	else
		execve(program, (char *const *)argv, (char *const[]){ NULL });
	fprintf(stderr, "arena: start the lane maker: %s\n", strerror(errno));
	_exit(STATUS_FAILED);
}

/* In a folder of root's for his; otherwise in one of our user's. */
static int name_socket(struct serve *serve, struct error *err)
{
	const char *folder = "/run/arena", *own = getenv("XDG_RUNTIME_DIR");
	if (!serve->user.change && !serve->sudo)
		folder = own && own[0] == '/' ? own : serve->config->data_dir;
	int size = snprintf(serve->socket, sizeof serve->socket, "%s/lanes-%d.socket", folder, getpid());
	return size < (int)sizeof serve->socket ? 0
						: error_set(err, -ENAMETOOLONG, "%s: name too long", folder);
}

static int fork_lanes(struct serve *serve, struct error *err)
{
	int life[2];
	if (name_socket(serve, err) < 0)
		return err->code;
	if (pipe2(life, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	serve->lanes_life = life[1];
	serve->lanes.pid = fork(); /* its end comes with the pipe's, not with a signal: sudo may be between */
	if (serve->lanes.pid == 0)
		become_lanes(serve, life[0]);
	close(life[0]);
	return serve->lanes.pid < 0 ? error_errno(err, "start the lane maker") : 0;
}

/* It listens as soon as it is up, which with sudo may take as long as typing a password. */
static int wait_for_lanes(struct serve *serve, struct error *err)
{
	struct sandbox_options options = { .socket_path = serve->socket };
	struct child *const children[] = { &serve->lanes };
	char end[64];
	for (;;) {
		int code = sandbox_open(&options, &serve->sandbox, err);
		if (code != -ENOENT && code != -ECONNREFUSED && code != -EACCES)
			return code;
		child_reap(children, 1);
		if (serve->lanes.pid == 0)
			return error_set(err, -ECHILD, "the lane maker %s", child_end(&serve->lanes, end));
		usleep(5000);
	}
}

static int open_lanes(struct serve *serve, struct error *err)
{
	if (*serve->config->sandbox_socket) {
		snprintf(serve->socket, sizeof serve->socket, "%s", serve->config->sandbox_socket);
		return sandbox_open(&(struct sandbox_options){ .socket_path = serve->socket },
				    &serve->sandbox, err);
	}
	enum sandbox_tier tier = SANDBOX_FULL;
	int code = serve->sudo ? 0 : sandbox_choose_tier(serve->config->allow_restricted, &tier, err);
	if (code == 0 && tier == SANDBOX_RESTRICTED)
		return 0; /* nobody has more rights than the worker, which starts its own */
	if (code == 0)
		code = fork_lanes(serve, err);
	return code < 0 ? code : wait_for_lanes(serve, err);
}

/* ---- the others ---- */

static void write_addresses(const char *const *addresses, void *fd)
{
	cleanup_buffer struct buffer line = { 0 };
	for (; *addresses; addresses++)
		buffer_printf(&line, " %s", *addresses);
	buffer_putc(&line, '\n');
	fd_write_all(*(int *)fd, line.data, line.size);
	close_fd(fd);
}

static _Noreturn void become_execution(struct serve *serve, int ready)
{
	struct error err = { 0 };
	signal(SIGINT, SIG_IGN); /* the terminal's is for the supervisor, who tells the others in order */
	close_fd(&serve->lanes_life);
	log_set_role("execution");
	prctl(PR_SET_NAME, "arena-execution"); /* for ps(1) */
	if (user_become(&serve->user, &err) < 0 || child_die_with_parent() < 0)
		_exit(startup_failed(&err));
	_exit(role_execution(serve->config, serve->catalogue, serve->token, serve->config->service_key,
			     write_addresses, &ready));
}

static _Noreturn void become_backend(struct serve *serve, int ready, int direct)
{
	struct error err = { 0 };
	signal(SIGINT, SIG_IGN);
	close_fd(&serve->lanes_life);
	close_fd(&serve->worker_life);
	log_set_role("backend");
	prctl(PR_SET_NAME, "arena-backend");
	if (user_become(&serve->user, &err) < 0 || child_die_with_parent() < 0)
		_exit(startup_failed(&err));
	_exit(role_backend(serve->config, serve->catalogue, direct, NULL, write_addresses, &ready));
}

/* NULL: no memory. */
static char **worker_environment(const struct serve *serve)
{
	static char folder[PATH_MAX + 16], languages[PATH_MAX + 16], socket[PATH_MAX + 16], path[4096];
	snprintf(folder, sizeof folder, "DATA_DIR=%s", serve->worker_folder);
	snprintf(languages, sizeof languages, "LANGUAGES_DIR=%s", serve->config->languages_dir);
	snprintf(socket, sizeof socket, "SANDBOX_SOCKET=%s", serve->socket);
	snprintf(path, sizeof path, "PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	return config_environment(serve->config,
				  (const char *const[]){ folder, languages, socket, path, NULL });
}

/* From the root folder, where no `.env` of ours is. */
static _Noreturn void become_worker(struct serve *serve, int ready, int life)
{
	struct error err = { 0 };
	char slots[24], fd[16];
	char **environment = worker_environment(serve);
	snprintf(slots, sizeof slots, "%zu", serve->slots);
	snprintf(fd, sizeof fd, "%d", ready);
	const char *argv[] = { "arena",        "worker", "--service", serve->service_url,
			       "--token-file", "-",      "--slots",   slots,
			       "--supervised", fd,       NULL };
	if (!environment)
		_exit(STATUS_FAILED);
	if (user_become(&serve->worker_user, &err) < 0 || child_die_with_parent() < 0)
		_exit(startup_failed(&err));
	if (chdir("/") < 0 || dup2(life, STDIN_FILENO) < 0 || fcntl(ready, F_SETFD, 0) < 0 ||
	    execve("/proc/self/exe", (char *const *)(uintptr_t)argv, environment) < 0)
		error_errno(&err, "start the worker");
	_exit(startup_failed(&err));
}

/* What a child says once it is ready, up to the end of the line; it may live on with the pipe open. */
static int hear_ready(const struct child *child, int pipe, struct buffer *said, struct error *err)
{
	char byte = '\0';
	while (byte != '\n' && said->size < ADDRESSES_BYTES - 1 && read(pipe, &byte, 1) == 1)
		buffer_putc(said, byte);
	return byte == '\n' ? 0 : error_set(err, -ECHILD, "the %s did not start", child->name);
}

static int start_execution(struct serve *serve, struct error *err)
{
	int ready[2];
	cleanup_buffer struct buffer said = { 0 };
	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	pid_t pid = child_fork(&serve->execution, err);
	if (pid == 0)
		become_execution(serve, ready[1]);
	close(ready[1]);
	int code = pid < 0 ? (int)pid : hear_ready(&serve->execution, ready[0], &said, err);
	close(ready[0]);
	if (code < 0)
		return code;
	snprintf(serve->addresses, sizeof serve->addresses, "%.*s", (int)said.size - 1, said.data);
	const char *first = serve->addresses + strspn(serve->addresses, " ");
	snprintf(serve->service_url, sizeof serve->service_url, "%.*s", (int)strcspn(first, " "), first);
	return 0;
}

/* Its worker first; the backend then has the only other end of what that hears by that it is to stop. */
static int start_backend(struct serve *serve, struct error *err)
{
	int ready[2];
	cleanup_fd int direct = -1;
	cleanup_buffer struct buffer said = { 0 };
	struct nursery_options options = { .config = serve->config,
					   .lanes = *serve->socket ? serve->socket : NULL,
					   .folder = serve->direct_folder,
					   .user = &serve->worker_user };
	one_machine_find_service(&serve->machine, serve->config, serve->addresses);
	if (nursery_start(&options, &serve->direct, &direct, err) < 0)
		return err->code;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	pid_t pid = child_fork(&serve->backend, err);
	if (pid == 0)
		become_backend(serve, ready[1], direct);
	close(ready[1]);
	int code = pid < 0 ? (int)pid : hear_ready(&serve->backend, ready[0], &said, err);
	close(ready[0]);
	if (code == 0)
		snprintf(serve->backend_addresses, ADDRESSES_BYTES, "%.*s", (int)said.size - 1, said.data);
	return code;
}

static int start_worker(struct serve *serve, struct error *err)
{
	int ready[2], life[2];
	cleanup_buffer struct buffer said = { 0 };
	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	int code = pipe2(life, O_CLOEXEC) < 0 ? error_errno(err, "pipe") : 0;
	pid_t pid = code < 0 ? code : child_fork(&serve->worker, err);
	if (code == 0 && pid == 0)
		become_worker(serve, ready[1], life[0]);
	close(ready[1]);
	if (code == 0) {
		close(life[0]);
		serve->worker_life = life[1];
	}
	if (pid > 0 && dprintf(serve->worker_life, "%s\n", serve->token) < 0)
		code = error_errno(err, "hand the worker its token");
	if (code == 0)
		code = pid < 0 ? (int)pid : hear_ready(&serve->worker, ready[0], &said, err);
	close(ready[0]);
	return code;
}

/* ---- watching ---- */

static bool has_died(const struct child *child)
{
	return child->pid == 0;
}

static void report_death(const struct child *child)
{
	char end[64];
	log_error("a process is gone", LOG_TEXT("process", child->name),
		  LOG_TEXT("how", child_end(child, end)));
}

/* Until a signal asks us to stop (STATUS_OK), or something ended that must not. */
static int watch(struct serve *serve, const sigset_t *signals)
{
	struct child *const children[] = { &serve->lanes, &serve->execution, &serve->backend, &serve->direct,
					   &serve->worker };
	const bool own_lanes = serve->lanes.pid != 0;
	for (;;) {
		int number;
		sigwait(signals, &number);
		if (number != SIGCHLD) {
			log_info("stopping", LOG_INT("signal", number));
			return STATUS_OK;
		}
		child_reap(children, sizeof children / sizeof children[0]);
		const struct child *fatal = has_died(&serve->execution)            ? &serve->execution
					    : has_died(&serve->backend)            ? &serve->backend
					    : has_died(&serve->direct)             ? &serve->direct
					    : has_died(&serve->worker)             ? &serve->worker
					    : own_lanes && has_died(&serve->lanes) ? &serve->lanes
										   : NULL;
		if (fatal) {
			report_death(fatal);
			return STATUS_FAILED;
		}
	}
}

static void stop_all(struct serve *serve)
{
	struct child *const workers[] = { &serve->worker, &serve->direct };
	int64_t end_us = clock_monotonic_us() + WORKERS_STOP_MS * INT64_C(1000);
	close_fd(&serve->worker_life);
	child_stop(&serve->backend, BACKEND_STOP_MS);
	for (size_t i = 0; i < sizeof workers / sizeof workers[0]; i++) {
		int64_t left_ms = (end_us - clock_monotonic_us()) / 1000;
		child_await(workers[i], left_ms > 0 ? left_ms : 0);
	}
	child_stop(&serve->execution, EXECUTION_STOP_MS);
	sandbox_close(serve->sandbox);
	close_fd(&serve->lanes_life);
	child_await(&serve->lanes, LANES_STOP_MS);
}

/* ---- the command ---- */

static void print_ready(const struct serve *serve)
{
	printf("ready: backend%s, execution service%s, worker %zu slots, health http://%s\n",
	       serve->backend_addresses, serve->addresses, serve->slots, serve->config->worker_listen);
	fflush(stdout);
}

static int start_all(struct serve *serve, struct error *err)
{
	int code = open_lanes(serve, err);
	fflush(stdout);
	if (code == 0)
		code = start_execution(serve, err);
	if (code == 0)
		code = start_worker(serve, err);
	if (code == 0)
		code = start_backend(serve, err);
	if (code == 0)
		code = user_become(&serve->user, err);
	return code;
}

static int prepare(struct serve *serve)
{
	struct error err = { 0 };
	int status = startup_config("serve", &serve->config);
	if (status)
		return status;
	if (one_machine_check(serve->config, &err) < 0 || token_secrets_check(serve->config, &err) < 0) {
		startup_failed(&err);
		return STATUS_USAGE;
	}
	if (user_find(user_of_services, &serve->user, &err) < 0 ||
	    user_find(user_of_workers, &serve->worker_user, &err) < 0 ||
	    user_prepare_data(&serve->user, serve->config, &err) < 0 ||
	    user_prepare_worker_data(&serve->worker_user, serve->config, "worker", serve->worker_folder,
				     &err) < 0 ||
	    user_prepare_worker_data(&serve->worker_user, serve->config, "direct", serve->direct_folder,
				     &err) < 0 ||
	    one_machine_settle(&serve->machine, &serve->user, serve->config, &err) < 0)
		return startup_failed(&err);
	if ((status = startup_catalogue(serve->config, &serve->user, true, &serve->catalogue)) ||
	    (status = startup_problems(serve->config, &serve->user)))
		return status;
	serve->slots = startup_slots(serve->config);
	random_hex(serve->random_token, TOKEN_RANDOM_BYTES);
	serve->token = *serve->config->worker_token ? serve->config->worker_token : serve->random_token;
	return STATUS_OK;
}

static int run_serve(struct serve *serve)
{
	struct error err = { 0 };
	sigset_t signals;
	int status = prepare(serve);
	if (status)
		return status;
	role_block_signals(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (start_all(serve, &err) < 0) {
		status = startup_failed(&err);
	} else {
		print_ready(serve);
		status = watch(serve, &signals);
	}
	stop_all(serve);
	return status;
}

static int run(int argc, char **argv)
{
	struct serve serve = {
		.lanes = { .name = "lane maker" },
		.execution = { .name = "execution service" },
		.backend = { .name = "backend" },
		.direct = { .name = "worker of the backend" },
		.worker = { .name = "worker" },
		.lanes_life = -1,
		.worker_life = -1,
	};
	const struct option_row rows[] = {
		OPTION_FLAG("sudo", &serve.sudo, "start the lane maker, and nothing else, through sudo"),
		OPTION_END,
	};
	int status;
	if (!options_parse(&serve_command, rows, argc, argv, NULL, &status))
		return status;
	serve.sudo = serve.sudo && geteuid() != 0;
	status = run_serve(&serve);
	catalogue_free(serve.catalogue);
	config_free(serve.config);
	return status;
}

const struct command serve_command = {
	.name = "serve",
	.synopsis = "[--sudo]",
	.summary = "Runs the backend, the execution service and their workers on this machine",
	.details = "As root, only the process that makes lanes stays so: the services run as the user "
		   "`arena`, the\n"
		   "workers as `arena-worker`. Prints one line on standard output when it is ready; logs go "
		   "to standard error. SIGTERM stops it within 10 "
		   "s.\n",
	.run = run,
};
