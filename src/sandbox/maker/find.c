/* find.c - where this host's control groups are; for the lane maker, and for `arena doctor`. */
#include "find.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* Whether the comma list `list` has `word`. */
static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

/* This process's path in the hierarchy, from /proc/self/cgroup: "ID:CONTROLLERS:PATH" (cgroups(7)). */
static bool own_path(const char *controller, char *path, size_t size)
{
	cleanup_file FILE *file = fopen("/proc/self/cgroup", "re");
	char line[1024];
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		char *controllers = strchr(line, ':');
		char *place = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!place)
			continue;
		*place++ = '\0';
		controllers++;
		bool match = *controller ? list_has(controllers, controller) : *controllers == '\0';
		if (match)
			return snprintf(path, size, "%s", place) < (int)size;
	}
	return false;
}

/* The mount of the hierarchy, from /proc/self/mountinfo: field 4 is the root of the mount, field 5 its
 * place, and after " - " come type, source and super options (proc_pid_mountinfo(5)). */
static bool parse_mount(char *line, const char *controller, char **root, char **place)
{
	char *tail = strstr(line, " - ");
	if (!tail)
		return false;
	*tail = '\0';
	char *save = NULL, *type = strtok_r(tail + 3, " ", &save);
	strtok_r(NULL, " ", &save);
	char *options = strtok_r(NULL, " \n", &save);
	if (!type || strcmp(type, *controller ? "cgroup" : "cgroup2") != 0)
		return false;
	if (*controller && !(options && list_has(options, controller)))
		return false;
	char *fields[5] = { NULL };
	save = NULL;
	for (size_t i = 0; i < 5; i++)
		fields[i] = strtok_r(i ? NULL : line, " ", &save);
	*root = fields[3];
	*place = fields[4];
	return *place != NULL;
}

bool cgroup_find(const char *controller, char path[CGROUP_PATH_BYTES])
{
	char own[CGROUP_PATH_BYTES];
	char line[4096];
	if (!own_path(controller, own, sizeof own))
		return false;
	cleanup_file FILE *file = fopen("/proc/self/mountinfo", "re");
	while (file && fgets(line, sizeof line, file)) {
		char *root, *place;
		if (!parse_mount(line, controller, &root, &place))
			continue;
		size_t skip =
			strcmp(root, "/") != 0 && strncmp(own, root, strlen(root)) == 0 ? strlen(root) : 0;
		const char *below = strcmp(own + skip, "/") == 0 ? "" : own + skip;
		if (snprintf(path, CGROUP_PATH_BYTES, "%s%s", place, below) >= CGROUP_PATH_BYTES)
			return false;
		struct stat status;
		if (stat(path, &status) == 0)
			return true;
	}
	return false;
}

bool cgroup_go_up(char path[CGROUP_PATH_BYTES])
{
	char file[CGROUP_PATH_BYTES + 32];
	char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return false;
	*slash = '\0';
	snprintf(file, sizeof file, "%s/cgroup.controllers", path);
	if (access(file, F_OK) == 0)
		return true;
	*slash = '/'; /* that is above the mount */
	return false;
}

bool cgroup_find_top(char path[CGROUP_PATH_BYTES])
{
	if (!cgroup_find("", path))
		return false;
	while (cgroup_go_up(path)) {
	}
	return true;
}

const char cgroup_processes[] = "arena-processes";

bool cgroup_has_controllers(const char *path)
{
	char file[CGROUP_PATH_BYTES + 32];
	cleanup_buffer struct buffer text = { 0 };
	snprintf(file, sizeof file, "%s/cgroup.controllers", path);
	return file_read_all(file, 4096, &text, NULL) == 0 && strstr(buffer_text(&text), "memory") &&
	       strstr(buffer_text(&text), "pids");
}

bool cgroup_find_place(char path[CGROUP_PATH_BYTES])
{
	if (!cgroup_find("", path))
		return false;
	const char *name = strrchr(path, '/');
	return name && strcmp(name + 1, cgroup_processes) == 0 ? cgroup_go_up(path) : cgroup_find_top(path);
}

enum sandbox_cgroup cgroup_find_version(void)
{
	char path[CGROUP_PATH_BYTES];
	if (cgroup_find("memory", path) && cgroup_find("pids", path) && cgroup_find("cpuacct", path))
		return SANDBOX_CGROUP_V1;
	return cgroup_find_top(path) && cgroup_has_controllers(path) ? SANDBOX_CGROUP_V2
								     : SANDBOX_CGROUP_NONE;
}
