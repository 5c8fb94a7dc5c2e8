/* All processes of an `arena serve` with four lanes, some seconds after its start. What they share (the program and
 * its libraries) counts once, as PSS has it. */
#include "memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "samples.h"
#include "service.h"

enum { LOOKS = 5, SETTLE_S = 5, PROCESSES_MAX = 4096, FILE_MAX_BYTES = 1 << 16 };

/* ---- which processes ---- */

struct family {
	struct process {
		pid_t pid, parent;
	} all[PROCESSES_MAX];
	size_t count;
};

/* "7 (name that may hold anything) S 1 ..." */
static bool read_parent(pid_t pid, pid_t *parent)
{
	cleanup_buffer struct buffer text = { 0 };
	struct error ignored;
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (file_read_all(path, FILE_MAX_BYTES, &text, &ignored) < 0)
		return false; /* it has ended */
	const char *name_end = strrchr(buffer_text(&text), ')');
	return name_end && sscanf(name_end, ") %*c %d", parent) == 1;
}

static int find_all(struct family *family, struct error *err)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	if (!proc)
		return error_errno(err, "/proc");
	family->count = 0;
	while (family->count < PROCESSES_MAX && (entry = readdir(proc))) {
		struct process *process = &family->all[family->count];
		process->pid = atoi(entry->d_name);
		if (process->pid > 0 && read_parent(process->pid, &process->parent))
			family->count++;
	}
	closedir(proc);
	return 0;
}

static bool descends(const struct family *family, pid_t pid, pid_t ancestor)
{
	for (size_t i = 0; pid != ancestor && i < family->count; i++)
		if (family->all[i].pid == pid) {
			pid = family->all[i].parent;
			i = (size_t)-1;
		}
	return pid == ancestor;
}

/* ---- what they take ---- */

/* 0 of one that has ended. */
static double pss_mb(pid_t pid)
{
	cleanup_buffer struct buffer text = { 0 };
	struct error ignored;
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	if (file_read_all(path, FILE_MAX_BYTES, &text, &ignored) < 0)
		return 0;
	const char *at = strstr(buffer_text(&text), "\nPss:");
	return at ? strtod(at + 5, NULL) / 1024 : 0;
}

static int look(const struct service *service, struct samples *sums, size_t *processes, struct error *err)
{
	static struct family family;
	double sum = 0;
	int code = find_all(&family, err);
	*processes = 0;
	for (size_t i = 0; i < family.count && code == 0; i++)
		if (descends(&family, family.all[i].pid, service->pid)) {
			sum += pss_mb(family.all[i].pid);
			++*processes;
		}
	samples_add(sums, sum);
	return code;
}

int bench_memory_idle(const struct bench_options *options, struct error *err)
{
	struct samples sums = { 0 }, processes = { 0 };
	struct service service;
	int code =
		service_start(&service, &(struct service_options){ .command = "serve", .lanes = "4" }, err);
	if (code == 0)
		sleep(SETTLE_S);
	for (int i = 0; i < LOOKS && code == 0; i++) {
		size_t count;
		sleep(1);
		code = look(&service, &sums, &count, err);
		samples_add(&processes, (double)count);
	}
	service_stop(&service);
	if (code == 0) {
		figure_print(&(struct figure){ .name = "memory-idle", .unit = "MB", .values = &sums },
			     options->json);
		figure_print(
			&(struct figure){ .name = "memory-idle-processes", .unit = "", .values = &processes },
			options->json);
	}
	samples_free(&sums);
	samples_free(&processes);
	return code;
}
