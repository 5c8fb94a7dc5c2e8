#include "user.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reach.h"

const char user_of_services[] = "arena", user_of_workers[] = "arena-worker";

int user_find(const char *name, struct user *user, struct error *err)
{
	*user = (struct user){ .name = name, .change = geteuid() == 0, .uid = geteuid(), .gid = getegid() };
	if (!user->change)
		return 0;
	const struct passwd *entry = getpwnam(name);
	if (!entry)
		return error_set(err, -ENOENT,
				 "there is no user %s to run as; make him with `useradd --system "
				 "--user-group %s`, or run "
				 "scripts/setup",
				 name, name);
	user->uid = entry->pw_uid;
	user->gid = entry->pw_gid;
	return 0;
}

int user_borrow(const struct user *user, struct error *err)
{
	if (user->change && (setgroups(1, &user->gid) < 0 || setresgid(user->gid, user->gid, 0) < 0 ||
			     setresuid(user->uid, user->uid, 0) < 0))
		return error_errno(err, "act as the user %s", user->name);
	return 0;
}

void user_return(const struct user *user)
{
	/* We may be half way there; staying so would be less safe than not going on. */
	if (user->change && (setresuid(0, 0, 0) < 0 || setresgid(0, 0, 0) < 0 || setgroups(0, NULL) < 0))
		abort();
}

int user_become(const struct user *user, struct error *err)
{
	if (user->change && (setgroups(1, &user->gid) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
			     setresuid(user->uid, user->uid, user->uid) < 0))
		return error_errno(err, "become the user %s", user->name);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, "set no_new_privs");
	return 0;
}

bool user_can_reach(const struct user *user, const char *path)
{
	struct error err;
	if (!user->change)
		return true;
	if (user_borrow(user, &err) < 0)
		return false;
	bool can = faccessat(AT_FDCWD, path, R_OK | X_OK, AT_EACCESS) == 0;
	user_return(user);
	return can;
}

/* ---- the data folder ---- */

/* Ours to give away: just made by us, or root's and still empty. */
static int give_folder(const struct user *user, const char *path, struct error *err)
{
	struct stat status;
	bool made = mkdir(path, 0700) == 0;
	if (!made && errno != EEXIST)
		return error_errno(err, "make the data folder %s (DATA_DIR)", path);
	if (stat(path, &status) < 0)
		return error_errno(err, "data folder %s (DATA_DIR)", path);
	if (!S_ISDIR(status.st_mode))
		return error_set(err, -ENOTDIR, "DATA_DIR=%s: must be a folder, made if it is not there",
				 path);
	if (!user->change)
		return 0;
	bool empty = status.st_uid == 0 && rmdir(path) == 0;
	if (empty && mkdir(path, status.st_mode & 0777) < 0)
		return error_errno(err, "make the data folder %s", path);
	if ((made || empty) && chown(path, user->uid, user->gid) < 0)
		return error_errno(err, "give the data folder %s to the user %s", path, user->name);
	if (!made && !empty && status.st_uid != user->uid)
		return error_set(
			err, -EACCES,
			"the data folder %s belongs to another user (uid %u); `chown -R %s` it, or choose "
			"another with DATA_DIR",
			path, status.st_uid, user->name);
	return 0;
}

int user_prepare_data(const struct user *user, struct config *config, struct error *err)
{
	static char absolute[PATH_MAX];
	if (give_folder(user, config->data_dir, err) < 0)
		return err->code;
	if (!realpath(config->data_dir, absolute))
		return error_errno(err, "data folder %s", config->data_dir);
	config->data_dir = absolute;
	if (user_can_reach(user, absolute))
		return 0;
	config->data_dir = reach_bind(absolute, "data", err);
	return config->data_dir ? 0 : err->code;
}

int user_prepare_worker_data(const struct user *worker, const struct config *config, const char *name,
			     char path[PATH_MAX], struct error *err)
{
	struct stat status;
	if (snprintf(path, PATH_MAX, "%s/%s", config->data_dir, name) >= PATH_MAX)
		return error_set(err, -ENAMETOOLONG, "data folder %s (DATA_DIR): name too long",
				 config->data_dir);
	/* Whoever knows a name in the data folder may go there, and is stopped by what stands behind the name. */
	if (worker->change && (stat(config->data_dir, &status) < 0 || chmod(config->data_dir, 0711) < 0))
		return error_errno(err, "data folder %s (DATA_DIR)", config->data_dir);
	return give_folder(worker, path, err);
}
