#include "seed.h"

#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/import.h"
#include "backend/users.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "problem_card.h"

enum { LOWEST = 19 }; /* setpriority(2) */

struct seed {
	struct backend *backend;
	const struct config *config;
	const struct catalogue *catalogue;
	pthread_t thread;
	atomic_bool stopping;
};

/* ---- one of them ---- */

struct finding {
	struct pool *pool;
	struct account account;
};

static int find_work(struct db_tx *tx, void *context, struct error *err)
{
	struct finding *f = context;
	int code = account_find(tx, f->pool, "admin", &f->account, err);

	return code == 0 ? error_set(err, -ENOENT, "there is no user admin") : code;
}

static int import_one(const struct seed *seed, const char *path, struct pool *pool, struct error *err)
{
	struct package_notes notes = { .pool = pool };
	struct finding finding = { .pool = pool };
	struct import import = { .is_admin = true, .is_public = 1 };
	struct db *db = backend_database(seed->backend);
	cleanup_json json_t *card = NULL;
	struct card_data *data = NULL;
	struct package_tree tree;
	struct package package;
	size_t count = 0;
	int code = package_tree_read(path, pool, &notes, &tree, err);

	if (code == 0)
		code = package_read(&tree, seed->catalogue, pool, &package, err);
	if (code == 0)
		code = problem_card(&package, 0, pool, &card, &data, &count, err);
	if (code == 0)
		code = db_read(db, find_work, &finding, err);
	for (size_t i = 0; i < count && code >= 0; i++)
		code = import_data(db, data[i].sha256, data[i].bytes, data[i].size, err);
	if (code < 0)
		return code;
	import.card = card;
	import.author_id = finding.account.id;
	return import_problem(db, seed->config, &import, err);
}

/* ---- all of them ---- */

static bool is_package(const char *folder, const struct dirent *entry, char path[PATH_MAX])
{
	struct stat status;

	return entry->d_name[0] != '.' &&
	       snprintf(path, PATH_MAX, "%s/%s", folder, entry->d_name) < PATH_MAX &&
	       stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void *run(void *argument)
{
	struct seed *seed = argument;
	struct dirent **entries;
	char path[PATH_MAX];
	int64_t imported = 0;
	int count = scandir(seed->config->problems_dir, &entries, NULL, alphasort);

	setpriority(PRIO_PROCESS, (id_t)gettid(), LOWEST);
	for (int i = 0; i < count; i++) {
		cleanup_free struct dirent *entry = entries[i];
		cleanup_pool struct pool *pool = pool_new();
		struct error err = { .text = "out of memory" };

		if (seed->stopping || !is_package(seed->config->problems_dir, entry, path))
			continue;
		if (pool && import_one(seed, path, pool, &err) == 0)
			imported++;
		else
			log_info("a package is left out", LOG_TEXT("package", path),
				 LOG_TEXT("why", err.text));
	}
	if (count >= 0)
		free(entries);
	log_info("problems of a first start imported", LOG_INT("count", imported));
	return NULL;
}

struct seed *seed_start(struct backend *backend, const struct config *config,
			const struct catalogue *catalogue)
{
	if (!config->seed_problems || config->production || !*config->problems_dir ||
	    !backend_is_first_start(backend))
		return NULL;
	struct seed *seed = calloc(1, sizeof *seed);
	if (!seed)
		return NULL;
	seed->backend = backend;
	seed->config = config;
	seed->catalogue = catalogue;
	if (pthread_create(&seed->thread, NULL, run, seed) == 0)
		return seed;
	free(seed);
	return NULL;
}

void seed_stop(struct seed *seed)
{
	if (!seed)
		return;
	seed->stopping = true;
	pthread_join(seed->thread, NULL);
	free(seed);
}
