#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

bool cgroup_find_top(char path[CGROUP_PATH_BYTES])
{
	if (!cgroup_find("", path))
		return false;
	for (;;) {
		char file[CGROUP_PATH_BYTES + 32];
		char *slash = strrchr(path, '/');
		snprintf(file, sizeof file, "%s/cgroup.type", path); /* absent in the root alone */
		if (access(file, F_OK) != 0 || !slash || slash == path)
			return true;
		*slash = '\0';
		snprintf(file, sizeof file, "%s/cgroup.controllers", path);
		if (access(file, F_OK) !=
		    0) { /* above the mount: this is a container, or a delegated subtree */
			*slash = '/';
			return true;
		}
	}
}

int64_t cgroup_read_number(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return strncmp(text, "max", 3) == 0 ? INT64_MAX : strtoll(text, NULL, 10);
}

int cgroup_read_keys(int fd, const char *const *keys, int64_t *values, size_t count)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	for (size_t i = 0; i < count; i++)
		values[i] = 0;
	for (const char *line = text; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(keys[i]);
			if (strncmp(line, keys[i], length) == 0 && line[length] == ' ')
				values[i] = strtoll(line + length + 1, NULL, 10);
		}
	return 0;
}

int64_t cgroup_read_keyed(int fd, const char *key)
{
	int64_t value = 0;
	int code = cgroup_read_keys(fd, &key, &value, 1);
	return code < 0 ? code : value;
}

int cgroup_write_number(int fd, int64_t number)
{
	char text[24];
	int length = snprintf(text, sizeof text, "%lld", (long long)number);
	return pwrite(fd, text, (size_t)length, 0) < 0 ? -errno : 0;
}

int cgroup_write_text(const char *folder, const char *file, const char *text)
{
	char path[CGROUP_PATH_BYTES + 64];
	snprintf(path, sizeof path, "%s/%s", folder, file);
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int cgroup_remove_tree(const char *folder)
{
	DIR *entries = opendir(folder);
	int code = 0;
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		char path[CGROUP_PATH_BYTES + 256];
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		int removed = cgroup_remove_tree(path);
		code = removed < 0 ? removed : code;
	}
	if (entries)
		closedir(entries);
	return rmdir(folder) < 0 && errno != ENOENT ? -errno : code;
}

void cgroup_sweep(const char *parent)
{
	DIR *entries = opendir(parent);
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		int pid;
		char path[CGROUP_PATH_BYTES + 256];
		if (sscanf(entry->d_name, "arena-%d", &pid) != 1 || kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
		cgroup_remove_tree(path);
	}
	if (entries)
		closedir(entries);
}

int cgroup_box_limit(struct cgroup_box *box, const struct limits *limits,
		     int (*set_memory)(struct cgroup_box *box, int64_t bytes))
{
	const int64_t slack_bytes = 262144; /* the baseline moves by some pages a run: not worth a write */
	int64_t memory = limits->memory_bytes + box->limit_base;
	int64_t pids = limits->processes + 1; /* the init */
	int code = 0;
	if (memory < box->memory_limit_now || memory > box->memory_limit_now + slack_bytes) {
		code = set_memory(box, memory);
		if (code == 0)
			box->memory_limit_now = memory;
	}
	if (code == 0 && pids != box->pids_limit_now) {
		code = cgroup_write_number(box->files[PIDS_LIMIT], pids);
		if (code == 0)
			box->pids_limit_now = pids;
	}
	return code;
}

void cgroup_box_reset(struct cgroup_box *box)
{
	*box = (struct cgroup_box){ .memory_limit_now = -1, .pids_limit_now = -1 };
	for (size_t i = 0; i < CGROUP_FILES; i++)
		box->files[i] = -1;
}

void cgroup_box_close(struct cgroup_box *box)
{
	for (size_t i = 0; i < CGROUP_FILES; i++)
		close_fd(&box->files[i]);
}

const struct cgroup_ops *cgroup_detect(void)
{
	char path[CGROUP_PATH_BYTES];
	if (cgroup_find("memory", path) && cgroup_find("pids", path) && cgroup_find("cpuacct", path))
		return &cgroup_v1;
	char controllers[CGROUP_PATH_BYTES + 32];
	if (!cgroup_find_top(path))
		return &cgroup_none;
	snprintf(controllers, sizeof controllers, "%s/cgroup.controllers", path);
	struct buffer text = { 0 };
	bool usable = file_read_all(controllers, 4096, &text, NULL) == 0 &&
		      strstr(buffer_text(&text), "memory") && strstr(buffer_text(&text), "pids");
	buffer_free(&text);
	return usable ? &cgroup_v2 : &cgroup_none;
}
