/* serve.c - `arena serve`: everything on one machine.
 *
 *     arena serve (supervisor) ──┬── execution service     HTTP, the database
 *                                ├── worker                HTTP to the service, socket to the lane maker
 *                                └── arena lanes           root; makes lanes and nothing else
 *
 * Started by root, the supervisor starts the lane maker as root and then becomes the user `arena`, and its
 * other children with it. Started by anybody else, the lane maker is one that SANDBOX_SOCKET names, or one
 * that --sudo starts. The supervisor does nothing but start, watch and stop:
 *
 * - a worker that dies is started again, since the service takes its jobs back and the lane maker is still
 *   there; one that dies young would do so again, and ends everything, as does the end of the others;
 * - SIGTERM and SIGINT stop the worker first, then the service, then the lane maker;
 * - killed itself, it takes all with it: the two by PR_SET_PDEATHSIG, the lane maker by the end of its
 *   standard input, which is a pipe that only we hold. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/log.h"
#include "child.h"
#include "commands.h"
#include "options.h"
#include "role.h"
#include "startup.h"
#include "user.h"

enum {
	TOKEN_RANDOM_BYTES = 24,
	YOUNG_US = 5000000,
	WORKER_STOP_MS = 5000, /* what it takes by itself (role.c), and half a second; so also the next */
	EXECUTION_STOP_MS = 2500,
	LANES_STOP_MS = 1500, /* and half a second if it has to be killed: 9.5 s in all */
	ADDRESSES_BYTES = 4096,
};

struct serve {
	struct config *config;
	struct catalogue *catalogue;
	struct user user;
	bool sudo;
	struct child lanes, execution, worker;
	struct sandbox
		*sandbox; /* held so that the lane maker is known to work before anything else starts */
	int lanes_life;   /* the pipe that the lane maker reads its end from */
	char socket[PATH_MAX];
	const char *token;
	char random_token[2 * TOKEN_RANDOM_BYTES + 1];
	char addresses[ADDRESSES_BYTES]; /* of the execution service, with blanks between */
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
	snprintf(owner, sizeof owner, "%u", serve->user.uid);
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

static int fork_lanes(struct serve *serve, struct error *err)
{
	int life[2];
	snprintf(serve->socket, sizeof serve->socket, "/run/arena/lanes-%d.socket", getpid());
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
	if (!serve->user.change && !serve->sudo)
		return error_set(
			err, -EPERM,
			"making boxes needs root: start with `make serve` or `arena serve --sudo`, or point "
			"SANDBOX_SOCKET at a running `sudo arena lanes`");
	int code = fork_lanes(serve, err);
	return code < 0 ? code : wait_for_lanes(serve, err);
}

/* ---- the two others ---- */

static void write_addresses(const char *const *addresses, void *fd)
{
	cleanup_buffer struct buffer line = { 0 };
	for (; *addresses; addresses++)
		buffer_printf(&line, " %s", *addresses);
	buffer_putc(&line, '\n');
	fd_write_all(*(int *)fd, line.data, line.size);
	close_fd(fd);
}

static void become_role(struct serve *serve, struct child *child, int ready)
{
	signal(SIGINT, SIG_IGN); /* the terminal's is for the supervisor, who tells the others in order */
	close_fd(&serve->lanes_life);
	log_set_role(child == &serve->worker ? "worker" : "execution");
	prctl(PR_SET_NAME, child == &serve->worker ? "arena-worker" : "arena-execution"); /* for ps(1) */
	if (child == &serve->execution)
		_exit(role_execution(serve->config, serve->catalogue, serve->token, write_addresses, &ready));
	struct worker_role role = {
		.config = serve->config,
		.catalogue = serve->catalogue,
		.service_url = serve->service_url,
		.token = serve->token,
		.slots = serve->slots,
	};
	struct error err = { 0 };
	if (sandbox_open(&(struct sandbox_options){ .socket_path = serve->socket }, &role.sandbox, &err) < 0)
		_exit(startup_failed(&err));
	int status = role_worker(&role, write_addresses, &ready);
	sandbox_close(role.sandbox);
	_exit(status);
}

/* Starts one and waits until it says its addresses, or ends. */
static int start_role(struct serve *serve, struct child *child, struct error *err)
{
	int ends[2];
	cleanup_buffer struct buffer said = { 0 };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	fflush(stdout);
	pid_t pid = child_fork(child, err);
	if (pid == 0)
		become_role(serve, child, ends[1]);
	close(ends[1]);
	int code = pid < 0 ? (int)pid : fd_read_all(ends[0], ADDRESSES_BYTES - 1, &said, err);
	close(ends[0]);
	if (code < 0)
		return code;
	if (said.size == 0)
		return error_set(err, -ECHILD, "the %s did not start", child->name);
	if (child == &serve->execution) {
		snprintf(serve->addresses, sizeof serve->addresses, "%.*s", (int)said.size - 1, said.data);
		const char *first = serve->addresses + strspn(serve->addresses, " ");
		snprintf(serve->service_url, sizeof serve->service_url, "%.*s", (int)strcspn(first, " "),
			 first);
	}
	return 0;
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

/* False when that was the end of everything. */
static bool replace_worker(struct serve *serve)
{
	struct error err = { 0 };
	report_death(&serve->worker);
	if (clock_monotonic_us() - serve->worker.started_us < YOUNG_US)
		return false;
	if (start_role(serve, &serve->worker, &err) == 0)
		return true;
	log_error("the worker could not be started again", LOG_TEXT("why", err.text));
	return false;
}

/* Until a signal asks us to stop (STATUS_OK), or something ended that must not. */
static int watch(struct serve *serve, const sigset_t *signals)
{
	struct child *const children[] = { &serve->lanes, &serve->execution, &serve->worker };
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
					    : own_lanes && has_died(&serve->lanes) ? &serve->lanes
										   : NULL;
		if (fatal) {
			report_death(fatal);
			return STATUS_FAILED;
		}
		if (has_died(&serve->worker) && !replace_worker(serve))
			return STATUS_FAILED;
	}
}

static void stop_all(struct serve *serve)
{
	child_stop(&serve->worker, WORKER_STOP_MS);
	child_stop(&serve->execution, EXECUTION_STOP_MS);
	sandbox_close(serve->sandbox);
	close_fd(&serve->lanes_life);
	child_await(&serve->lanes, LANES_STOP_MS);
}

/* ---- the command ---- */

static void print_ready(const struct serve *serve)
{
	printf("ready: execution service%s, worker %zu slots, health http://%s\n", serve->addresses,
	       serve->slots, serve->config->worker_listen);
	fflush(stdout);
}

static int start_all(struct serve *serve, struct error *err)
{
	int code = open_lanes(serve, err);
	if (code == 0)
		code = user_become(&serve->user, err);
	if (code == 0)
		code = start_role(serve, &serve->execution, err);
	if (code == 0)
		code = start_role(serve, &serve->worker, err);
	return code;
}

static int prepare(struct serve *serve)
{
	struct error err = { 0 };
	int status = startup_config("serve", &serve->config);
	if (status)
		return status;
	if (user_find(&serve->user, &err) < 0 || user_prepare_data(&serve->user, serve->config, &err) < 0)
		return startup_failed(&err);
	if ((status = startup_catalogue(serve->config, &serve->user, true, &serve->catalogue)))
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
		.worker = { .name = "worker" },
		.lanes_life = -1,
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
	.summary = "Runs the execution service and a worker on this machine",
	.details = "As root, everything but the process that makes lanes runs as the user `arena`. Prints "
		   "one line on\n"
		   "standard output when it is ready; logs go to standard error. SIGTERM stops it within 10 "
		   "s.\n",
	.run = run,
};
