/* What of a catalogue this host has: tools by absolute path, versions by asking them. */
#include "probe.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

enum { VERSION_TIMEOUT_S = 10, VERSION_OUTPUT_BYTES = 4096 };

/* ---- tools ---- */

/* A shim starts whatever its user chose last, and 100 ms late; it may also lead outside what a box sees. */
static bool is_shim(const char *path)
{
	static const char *const managers[] = { "rustup", "rustup-init", "volta-shim", "mise", "asdf" };
	cleanup_free char *real = realpath(path, NULL);
	const char *name = real ? strrchr(real, '/') + 1 : path;

	for (size_t i = 0; i < sizeof managers / sizeof managers[0]; i++)
		if (strcmp(name, managers[i]) == 0)
			return true;
	return real && strstr(real, "/shims/");
}

static bool is_program(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, R_OK) == 0 && !is_shim(path);
}

/* The first file that matches; glob(3) takes a plain path too. */
static const char *find_file(const char *pattern, struct pool *pool)
{
	const char *found = NULL;
	glob_t matches;

	if (glob(pattern, 0, NULL, &matches) != 0)
		return NULL;
	for (size_t i = 0; i < matches.gl_pathc && !found; i++)
		if (is_program(matches.gl_pathv[i]))
			found = pool_strdup(pool, matches.gl_pathv[i]);
	globfree(&matches);
	return found;
}

static const char *find_tool(struct tool *tool, struct pool *pool)
{
	for (size_t i = 0; tool->paths[i] && !tool->found; i++)
		tool->found = find_file(tool->paths[i], pool);
	if (tool->found)
		return NULL;
	if (tool->package)
		return pool_printf(pool, "no %s at %s; install the package %s", tool->name, tool->paths[0],
				   tool->package);
	return pool_printf(pool, "no %s at %s; %s", tool->name, tool->paths[0], tool->advice);
}

/* ---- versions ---- */

/* Both streams of a tool into one pipe; the pid, or -errno. */
static int start(const char *const *argv, int output)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C",
						   NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	code = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	return code ? -code : pid;
}

/* To the end of file, or false when the time was over. What does not fit is read and forgotten. */
static bool read_output(int fd, int64_t deadline_us, char *text, size_t room)
{
	size_t size = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left_ms = (deadline_us - clock_monotonic_us()) / 1000;
		char excess[512];
		bool full = size + 1 >= room;
		ssize_t n;

		if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0)
			return false;
		n = full ? read(fd, excess, sizeof excess) : read(fd, text + size, room - 1 - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		size += full ? 0 : (size_t)n;
		text[size] = '\0';
	}
}

/* The first number with a dot: "go version go1.19.8 linux" is 1.19.8. NULL when there is none. */
static const char *version_in(const char *text, struct pool *pool)
{
	while (*(text += strcspn(text, "0123456789"))) {
		size_t size = strspn(text, "0123456789.");

		while (text[size - 1] == '.')
			size--;
		if (memchr(text, '.', size))
			return pool_memdup(pool, text, size);
		text += size;
	}
	return NULL;
}

/* NULL when *version is set, else why it is not. */
static const char *ask_version(const char *const *argv, struct pool *pool, const char **version)
{
	char text[VERSION_OUTPUT_BYTES] = "";
	int ends[2], status = 0, pid;
	bool in_time;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return pool_printf(pool, "cannot run %s: %s", argv[0], strerror(errno));
	cleanup_fd int output = ends[0];
	pid = start(argv, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return pool_printf(pool, "cannot run %s: %s", argv[0], strerror(-pid));
	in_time = read_output(output, clock_monotonic_us() + INT64_C(1000000) * VERSION_TIMEOUT_S, text,
			      sizeof text);
	if (!in_time)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return pool_printf(pool, "%s does not tell its version within %d s", argv[0],
				   VERSION_TIMEOUT_S);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return pool_printf(pool, "%s fails when asked for its version: %.200s", argv[0], text);
	*version = version_in(text, pool);
	return *version ? NULL : pool_printf(pool, "%s tells no version: %.200s", argv[0], text);
}

static const char *find_version(struct pack *pack, struct pool *pool)
{
	struct placeholders known = { 0 };
	struct placeholder *items = pack_placeholders(pack, 0, pool, &known.count);
	const char *const *argv;

	known.items = items;
	if (!items || placeholder_expand_command(&known, pack->version, NULL, pool, &argv, NULL) < 0)
		return "out of memory";
	return ask_version(argv, pool, &pack->language.version);
}

/* ---- one language ---- */

/* Patterns to what they match; what matches nothing is left out: it is a matter of another version. */
static const char *const *resolve(const char *const *patterns, struct pool *pool)
{
	const char **paths;
	size_t count = 0;
	glob_t matches = { 0 };

	for (size_t i = 0; patterns[i]; i++)
		glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &matches);
	paths = pool_array(pool, matches.gl_pathc + 1, sizeof *paths);
	for (size_t i = 0; paths && i < matches.gl_pathc; i++)
		if ((paths[count] = pool_strdup(pool, matches.gl_pathv[i])))
			count++;
	globfree(&matches);
	return paths;
}

/* A box's own /tmp and the like would cover it. */
static const char *find_covered(const struct pack *pack, const char *const *visible, struct pool *pool)
{
	static const char *const covers[] = { "/tmp/", "/box/", "/dev/", "/proc/" };

	for (; visible && *visible; visible++)
		for (size_t i = 0; i < sizeof covers / sizeof covers[0]; i++)
			if (pack_path_in_box(pack, *visible, pool) == *visible &&
			    strncmp(*visible, covers[i], strlen(covers[i])) == 0)
				return pool_printf(
					pool,
					"boxes cannot see %s, because they have a %.*s of their own; "
					"move the tree elsewhere",
					*visible, (int)strlen(covers[i]) - 1, covers[i]);
	return NULL;
}

void pack_probe(struct pack *pack, struct pool *pool)
{
	struct language *language = &pack->language;
	const char *const *visible;
	const char *reason = NULL;

	for (size_t i = 0; i < pack->tool_count && !reason; i++)
		reason = find_tool(&pack->tools[i], pool);
	if (!reason)
		reason = find_version(pack, pool);
	visible = resolve(language->visible, pool);
	if (!reason && !visible)
		reason = "out of memory";
	if (!reason)
		reason = find_covered(pack, visible, pool);
	if (!reason)
		language->visible = visible;
	language->unavailable_reason = reason;
	language->available = !reason;
}
