/* user.h - as whom we run.
 *
 * Started by root, services run as the user `arena`, who owns the data folder and nothing else, and workers, which
 * hold hostile code's results in their hands, as `arena-worker`, who owns a folder of his own in there and can
 * reach nothing else of it. Started by anybody else, everything runs as that user, and all of this does
 * nothing. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/config.h"
#include "base/error.h"

extern const char user_of_services[], user_of_workers[];

struct user {
	const char *name;
	bool change; /* we are root: become this one */
	uid_t uid;
	gid_t gid;
};

int user_find(const char *name, struct user *user, struct error *err);

/* Until user_return(): programs that are started meanwhile cannot come back to root. */
int user_borrow(const struct user *user, struct error *err);
void user_return(const struct user *user);

/* For good, with no_new_privs. */
int user_become(const struct user *user, struct error *err);

/* Whether `user` can list what is in the folder `path`; we are that user already where nothing changes. */
bool user_can_reach(const struct user *user, const char *path);

/* Makes the data folder, gives it to `user`, and puts where he can reach it into config->data_dir. */
int user_prepare_data(const struct user *user, struct config *config, struct error *err);

/* Makes a worker's own folder `name` within it and gives it to `worker`; `path` receives where it is. */
int user_prepare_worker_data(const struct user *worker, const struct config *config, const char *name,
			     char path[PATH_MAX], struct error *err);
