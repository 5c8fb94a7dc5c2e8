#include "startup.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "command.h"
#include "reach.h"

static void warn(const char *text)
{
	fprintf(stderr, "arena: warning: %s\n", text);
}

int startup_failed(const struct error *err)
{
	fprintf(stderr, "arena: %s\n", err->text);
	return STATUS_FAILED;
}

int startup_config(const char *role, struct config **config)
{
	struct error err = { 0 };
	if (config_load(".env", warn, config, &err) < 0) {
		startup_failed(&err);
		return STATUS_USAGE;
	}
	log_setup(role, (enum log_level)log_level_from_name((*config)->log_level));
	return STATUS_OK;
}

const char *startup_program(void)
{
	static char path[PATH_MAX];
	if (!path[0] && readlink("/proc/self/exe", path, sizeof path - 1) < 0)
		path[0] = '\0';
	return path;
}

/* What came with this binary: beside the build folder, or in the installed place. */
static int find_beside(const char *const places[2], char *path, size_t size, struct error *err)
{
	char program[PATH_MAX - 64];
	snprintf(program, sizeof program, "%s", startup_program());
	if (!strchr(program, '/'))
		return error_set(err, -ENOENT, "cannot tell where this program is; set LANGUAGES_DIR");
	*strrchr(program, '/') = '\0';
	for (size_t i = 0; i < 2; i++)
		if (snprintf(path, size, "%s/%s", program, places[i]) < (int)size &&
		    access(path, R_OK | X_OK) == 0)
			return 0;
	return error_set(err, -ENOENT, "no language packs beside %s; set LANGUAGES_DIR", program);
}

static int find_packs(char *path, size_t size, struct error *err)
{
	static const char *const places[] = { "../languages", "../share/arena/languages" };

	return find_beside(places, path, size, err);
}

static int load_catalogue(const struct user *user, struct config *config, const char *directory, bool probe,
			  struct catalogue **catalogue, struct error *err)
{
	static char absolute[PATH_MAX];
	if (!realpath(directory, absolute))
		return error_set(err, -errno, "LANGUAGES_DIR=%s: must be a folder of language packs: %s",
				 directory, strerror(errno));
	directory =
		user && !user_can_reach(user, absolute) ? reach_bind(absolute, "languages", err) : absolute;
	if (!directory || (user && user_borrow(user, err) < 0))
		return err->code;
	config->languages_dir = directory;
	int code = catalogue_load(directory, catalogue, err);
	if (code == 0 && probe)
		catalogue_probe(*catalogue, NULL);
	if (user)
		user_return(user);
	return code;
}

int startup_catalogue(struct config *config, const struct user *user, bool probe,
		      struct catalogue **catalogue)
{
	struct error err = { 0 };
	char found[PATH_MAX];
	const char *directory = config->languages_dir;
	if (!*directory && find_packs(found, sizeof found, &err) < 0)
		return startup_failed(&err);
	int code = load_catalogue(user, config, *directory ? directory : found, probe, catalogue, &err);
	return code < 0 ? startup_failed(&err) : STATUS_OK;
}

int startup_problems(struct config *config, const struct user *user)
{
	static const char *const places[] = { "../problems", "../share/arena/problems" };
	static char absolute[PATH_MAX];
	struct error err = { 0 };
	char found[PATH_MAX];
	const char *given = config->problems_dir;

	if (!*given && find_beside(places, found, sizeof found, &err) < 0)
		return STATUS_OK; /* nobody needs them */
	if (!realpath(*given ? given : found, absolute)) {
		error_set(&err, -errno, "PROBLEMS_DIR=%s: must be a folder of problem packages: %s", given,
			  strerror(errno));
		return *given ? startup_failed(&err) : STATUS_OK;
	}
	config->problems_dir = absolute;
	if (user && !user_can_reach(user, absolute) &&
	    !(config->problems_dir = reach_bind(absolute, "problems", &err)))
		return startup_failed(&err);
	return STATUS_OK;
}

struct sandbox_options startup_sandbox(const struct config *config, const struct catalogue *catalogue)
{
	return (struct sandbox_options){
		.socket_path = *config->sandbox_socket ? config->sandbox_socket : NULL,
		.visible = catalogue ? catalogue_visible(catalogue) : NULL,
		.allow_restricted = config->allow_restricted,
	};
}

size_t startup_slots(const struct config *config)
{
	cpu_set_t set;
	if (config->lanes > 0)
		return (size_t)config->lanes;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}
