/* polling.c - a run's figures from /proc, where there are no control groups: the keeper looks, nothing enforces.
 *
 *     memory     anonymous and shared memory of every process, as each has it: pages that a fork shares count twice; and
 *                the files in the box. A program can go beyond its limit between two looks.
 *     CPU time   of those that live, and what the init has reaped. A child that its parent chose never to wait for is
 *                counted up to the last look before its end.
 *     processes  limited by RLIMIT_NPROC, which counts all of the user's: best effort, and not reported. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "restricted.h"

enum { FOLDERS_DEEP = 64, LOOKS_A_WALK = 5, MAPPED_SLACK = 8 << 20 };

struct tracked {
	pid_t init;
	struct tally *tally;
	int folder;
	struct limits limits;
	int64_t peak_bytes, files_bytes, mapped_bytes, cpu_us, vanished_us;
	unsigned int looks;
	bool over;
};

static const struct cgroup_box *first_box;
static struct tracked boxes[BOXES_A_LANE] = { { .folder = -1 }, { .folder = -1 } };

static struct tracked *tracked_of(const struct cgroup_box *box)
{
	return &boxes[box - first_box];
}

void polling_track(const struct cgroup_box *box, pid_t init, struct tally *tally, int folder)
{
	close_fd(&tracked_of(box)->folder);
	*tracked_of(box) = (struct tracked){ .init = init, .tally = tally, .folder = folder };
}

/* ---- one look ---- */

struct sums {
	int64_t bytes, mapped_bytes, cpu_ticks, tasks, files; /* mapped: of the largest */
};

static void add_memory(pid_t pid, struct sums *sums)
{
	char path[32], line[128];
	long long kib;
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	cleanup_file FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "RssAnon: %lld", &kib) == 1 || sscanf(line, "RssShmem: %lld", &kib) == 1)
			sums->bytes += kib * 1024;
		else if (sscanf(line, "RssFile: %lld", &kib) == 1 && kib * 1024 > sums->mapped_bytes)
			sums->mapped_bytes = kib * 1024;
}

/* proc_pid_stat(5): after the name, which may hold anything but ends with the last ')', fields 3 to 24. */
static void add_process(pid_t pid, void *context)
{
	struct sums *sums = context;
	char path[32], text[1024];
	long long times[4], tasks;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (size <= 0)
		return;
	text[size] = '\0';
	const char *end = strrchr(text, ')');
	if (!end ||
	    sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld %*d %*d %lld",
		   &times[0], &times[1], &times[2], &times[3], &tasks) != 5)
		return;
	sums->cpu_ticks += times[0] + times[1] + times[2] + times[3];
	sums->tasks += tasks;
	add_memory(pid, sums);
}

static void add_files(int above, const char *name, int depth, int64_t most, struct sums *sums)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	if (!entries)
		close_fd(&fd);
	for (struct dirent *entry; entries && sums->files <= most && (entry = readdir(entries));) {
		struct stat status;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		sums->files++;
		sums->bytes += status.st_blocks * 512;
		if (S_ISDIR(status.st_mode) && depth < FOLDERS_DEEP)
			add_files(dirfd(entries), entry->d_name, depth + 1, most, sums);
	}
	if (entries)
		closedir(entries);
}

/* A walk costs more than the rest of a look, and holds the program up where it makes files. */
static void look_at_files(struct tracked *box)
{
	struct sums sums = { 0 };
	if (box->folder >= 0)
		add_files(box->folder, ".", 0, box->limits.inodes, &sums);
	box->files_bytes = sums.bytes;
	box->over = box->over || sums.files > box->limits.inodes;
}

static void look(struct tracked *box)
{
	struct sums sums = { 0 };
	tree_visit(box->init, add_process, &sums);
	if (box->looks++ % LOOKS_A_WALK == 0)
		look_at_files(box);
	sums.bytes += box->files_bytes;
	if (sums.mapped_bytes > box->mapped_bytes)
		box->mapped_bytes = sums.mapped_bytes;
	int64_t cpu_us =
		sums.cpu_ticks * (1000000 / sysconf(_SC_CLK_TCK)) + box->tally->cpu_us + box->vanished_us;
	if (cpu_us < box->cpu_us) {
		box->vanished_us += box->cpu_us - cpu_us;
		cpu_us = box->cpu_us;
	}
	box->cpu_us = cpu_us;
	if (sums.bytes > box->peak_bytes)
		box->peak_bytes = sums.bytes;
	/* A flood of processes or files is memory, too: the kernel's. */
	box->over = box->over || sums.bytes > box->limits.memory_bytes ||
		    sums.tasks > 4ll * box->limits.processes + 64;
}

/* ---- as the keeper asks ---- */

static int polling_start(struct cgroup_lane *lane, struct error *err)
{
	first_box = lane->boxes;
	umask(0);
	return 0;
}

static int polling_join(struct cgroup_lane *lane)
{
	return 0;
}

static int polling_limit(struct cgroup_box *box, const struct limits *limits)
{
	tracked_of(box)->limits = *limits;
	return 0;
}

static int polling_rebase(struct cgroup_box *box)
{
	return 0; /* a box has one run here */
}

static int64_t polling_cpu_us(const struct cgroup_box *box)
{
	look(tracked_of(box));
	return tracked_of(box)->cpu_us;
}

static int64_t polling_oom_kills(const struct cgroup_box *box)
{
	return tracked_of(box)->over;
}

static int polling_usage(const struct cgroup_box *box, struct cgroup_usage *usage)
{
	const struct tracked *tracked = tracked_of(box);
	int64_t reaped_us = tracked->tally->cpu_us, largest = tracked->tally->largest_bytes;
	*usage = (struct cgroup_usage){
		.cpu_us = reaped_us > tracked->cpu_us ? reaped_us : tracked->cpu_us,
		.memory_bytes = largest > tracked->peak_bytes ? largest : tracked->peak_bytes,
		.processes_peak = BOX_UNKNOWN,
		/* Grown and gone between two looks: the kernel's largest, less what is mapped of files. */
		.oom_kills = tracked->over ||
			     (tracked->looks > 0 &&
			      largest > tracked->limits.memory_bytes + tracked->mapped_bytes + MAPPED_SLACK),
	};
	return 0;
}

static int polling_home(const struct cgroup_box *box)
{
	return -1;
}

static void kill_one(pid_t pid, void *context)
{
	kill(pid, SIGKILL);
}

static void polling_kill(const struct cgroup_box *box, pid_t init)
{
	tree_visit(init, kill_one, NULL);
}

static int polling_enter(const struct cgroup_box *box)
{
	return 0;
}

const struct cgroup_ops cgroup_polling = {
	.version = SANDBOX_CGROUP_NONE,
	.keeper_start = polling_start,
	.keeper_join = polling_join,
	.box_limit = polling_limit,
	.box_rebase = polling_rebase,
	.box_usage = polling_usage,
	.box_cpu_us = polling_cpu_us,
	.box_oom_kills = polling_oom_kills,
	.box_home = polling_home,
	.run_home = polling_home,
	.run_kill = polling_kill,
	.init_enter = polling_enter,
};
