/* tree.c - the processes below one, by /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN).
 *
 * Whoever loses its parent becomes a child of the nearest subreaper, which is an init of ours: nobody leaves the tree.
 * What is read may be old at once. So for killing all are stopped first, again and again until none was found that was
 * not stopped before: who is stopped does not fork. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "restricted.h"

enum { FOUND_MAX = 8192, PASSES_MAX = 200, PAUSE_US = 1000 };

struct found {
	pid_t pids[FOUND_MAX];
	size_t count;
};

static void add_of_thread(struct found *found, pid_t pid, const char *thread)
{
	char path[64];
	int child;
	snprintf(path, sizeof path, "/proc/%d/task/%.16s/children", (int)pid, thread);
	cleanup_file FILE *children = fopen(path, "re");
	while (children && found->count < FOUND_MAX && fscanf(children, "%d", &child) == 1)
		found->pids[found->count++] = child;
}

static void add_children(struct found *found, pid_t pid)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *threads = opendir(path);
	for (struct dirent *thread; threads && (thread = readdir(threads));)
		if (thread->d_name[0] != '.')
			add_of_thread(found, pid, thread->d_name);
	if (threads)
		closedir(threads);
}

static void find(struct found *found, pid_t root, pid_t but)
{
	found->count = 0;
	add_children(found, root);
	for (size_t i = 0; i < found->count; i++) {
		if (found->pids[i] == but)
			found->pids[i] = 0;
		else
			add_children(found, found->pids[i]);
	}
}

size_t tree_visit(pid_t root, tree_visitor *visit, void *context)
{
	static struct found found;
	find(&found, root, 0);
	for (size_t i = 0; i < found.count; i++)
		visit(found.pids[i], context);
	return found.count;
}

static bool was_there(const struct found *before, pid_t pid)
{
	for (size_t i = 0; i < before->count; i++)
		if (before->pids[i] == pid)
			return true;
	return false;
}

static void signal_all(const struct found *found, int number)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->pids[i] > 0)
			kill(found->pids[i], number);
}

/* Whether somebody is there who was not stopped by the pass before. */
static bool stop_all(struct found *now, struct found *before, pid_t root, pid_t but)
{
	bool fresh = false;
	*before = *now;
	find(now, root, but);
	signal_all(now, SIGSTOP);
	for (size_t i = 0; !fresh && i < now->count; i++)
		fresh = now->pids[i] > 0 && !was_there(before, now->pids[i]);
	return fresh;
}

void tree_kill(pid_t root, pid_t but)
{
	static struct found now, before;
	now.count = 0;
	for (int pass = 0; pass < PASSES_MAX; pass++) {
		if (stop_all(&now, &before, root, but))
			continue;
		signal_all(&now, SIGKILL);
		return;
	}
	signal_all(&now, SIGKILL); /* the limit of processes is what is left between it and the host */
}
