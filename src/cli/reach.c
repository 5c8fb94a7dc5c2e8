#include "reach.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/log.h"

static const char meeting_place[] = "/run/arena";

static int unshare_mounts(struct error *err)
{
	static bool done;
	if (done)
		return 0;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_errno(err, "make a mount namespace");
	done = true;
	return 0;
}

static int make_folder(const char *path, struct error *err)
{
	return mkdir(path, 0755) < 0 && errno != EEXIST ? error_errno(err, "make %s", path) : 0;
}

static int bind_folder(const char *folder, const char *bound, struct error *err)
{
	int code = unshare_mounts(err);
	if (code == 0)
		code = make_folder(meeting_place, err);
	if (code == 0)
		code = make_folder(bound, err);
	if (code == 0 && mount(folder, bound, NULL, MS_BIND, NULL) < 0)
		code = error_errno(err, "mount %s", bound);
	return code;
}

const char *reach_bind(const char *folder, const char *place, struct error *err)
{
	static char bound[4][PATH_MAX];
	static size_t count;
	snprintf(bound[count], sizeof bound[count], "%s/%s", meeting_place, place);
	if (bind_folder(folder, bound[count], err) < 0) {
		error_wrap(err, "bring %s to where it can be reached", folder);
		return NULL;
	}
	log_debug("bound a folder to where it can be reached", LOG_TEXT("folder", folder),
		  LOG_TEXT("bound", bound[count]));
	return bound[count++];
}
