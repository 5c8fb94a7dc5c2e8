#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

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

void cgroup_kill_listed(int fd, pid_t but)
{
	char text[4096 + 1];
	size_t kept = 0; /* a number of which the end is still to come */
	for (ssize_t n; fd >= 0 && (n = read(fd, text + kept, sizeof text - 1 - kept)) > 0;) {
		char *at = text, *end;
		text[kept + (size_t)n] = '\0';
		while ((end = strchr(at, '\n'))) {
			pid_t pid = (pid_t)strtol(at, NULL, 10);
			if (pid > 1 && pid != but) /* 0: of another namespace */
				kill(pid, SIGKILL);
			at = end + 1;
		}
		kept = strlen(at);
		memmove(text, at, kept);
	}
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

int cgroup_hand_down(const char *folder, const char *controllers, struct error *err)
{
	int code = cgroup_write_text(folder, "cgroup.subtree_control", controllers);
	if (code == -EBUSY)
		return error_set(
			err, code,
			"the cgroup %s holds processes, so it cannot hand down %s; move them: "
			"cd %s && mkdir init && for p in $(cat cgroup.procs); do echo $p >init/cgroup.procs; "
			"done",
			folder, controllers, folder);
	if (code < 0)
		return error_set(err, code, "hand down %s in %s: %s%s", controllers, folder, strerror(-code),
				 code == -EROFS ? " (in a container: cgroups have to be mounted writable)"
						: "");
	return 0;
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

/* Page tables are freed after a grace period of RCU, sockets and pipes by workers of the kernel's: some milliseconds
 * after their last holder is gone, and until then they count against the limit. What stays are names that were looked
 * up; a group that has some of those waits in vain only when there are more of them than before. */
int cgroup_box_settle(struct cgroup_box *box, int64_t (*kernel_bytes)(const struct cgroup_box *box))
{
	enum { PAUSE_US = 500, STILL_MAX = 200, PAUSES_MAX = 4000 };
	const int64_t slack_bytes = 1 << 20, step_bytes = 1 << 16;
	int64_t least = INT64_MAX, bytes = kernel_bytes(box);
	for (int pause = 0, still = 0; bytes > box->kernel_settled + slack_bytes; pause++) {
		still = bytes < least - step_bytes ? 0 : still + 1;
		least = bytes < least ? bytes : least;
		if (still == STILL_MAX || pause == PAUSES_MAX) {
			box->kernel_settled = bytes;
			return 0;
		}
		usleep(PAUSE_US);
		bytes = kernel_bytes(box);
	}
	if (bytes >= 0 && bytes < box->kernel_settled)
		box->kernel_settled = bytes;
	return bytes < 0 ? (int)bytes : 0;
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
