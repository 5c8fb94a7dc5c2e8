/* tree.c - what a box sees of the host: /usr and what the languages ask for, and nothing else.
 *
 *     /usr                     the host's, read-only, no set-user-id, no devices
 *     /bin /sbin /lib*         links into it, as on the host
 *     /etc                     made here: passwd, group, hosts, nsswitch.conf, ld.so.cache
 *     /dev                     null zero full random urandom; fd stdin stdout stderr; shm is /tmp. In a user
 *                              namespace nodes cannot be made: there they are the host's
 *     /proc /box /tmp          mount points, filled for each submission
 *     visible folders          where they are on the host
 *
 * Sources are opened before the tree covers anything, so that one below the place where the tree is
 * mounted can be seen too. Keepers inherit these mounts locked (mount_namespaces(7)): root in a lane's user
 * namespace can neither remount nor unmount them. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../protocol.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/fd.h"

enum { SOURCES_MAX = VISIBLE_MAX + 8, LD_CACHE_MAX = 4 << 20 };

static const char *const places[] = { "/mnt", "/srv", "/tmp" };
static const char *const usr_links[] = { "bin", "sbin", "lib", "lib32", "lib64", "libx32" };

struct source {
	char path[PATH_MAX]; /* on the host */
	const char *place;   /* in the tree; absolute too, points into `path` or behind it */
	int fd;              /* a detached copy of the mount */
	bool folder;
};

/* "HOST" or "HOST:BOX". */
static int split(const char *visible, struct source *source, struct error *err)
{
	if (snprintf(source->path, sizeof source->path, "%s", visible) >= (int)sizeof source->path)
		return error_set(err, -ENAMETOOLONG, "visible folder %.80s...: name too long", visible);
	char *colon = strstr(source->path, ":/");
	source->place = source->path;
	if (colon) {
		*colon = '\0';
		source->place = colon + 1;
	}
	if (source->path[0] != '/' || source->place[0] != '/' || strstr(source->place, "/../"))
		return error_set(err, -EINVAL, "visible folder %s: absolute paths are needed", visible);
	return 0;
}

static int clone_mount(const char *visible, struct source *source, struct error *err)
{
	struct stat status;
	const char *path = source->path;
	if (split(visible, source, err) < 0)
		return err ? err->code : -EINVAL;
	if (stat(path, &status) < 0)
		return error_errno(err, "visible folder %s", path);
	source->folder = S_ISDIR(status.st_mode);
	source->fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (source->fd < 0)
		return error_errno(err, "open_tree %s", path);
	struct mount_attr attributes = { .attr_set =
						 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	if (mount_setattr(source->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
		return error_errno(err, "make %s read-only", path);
	return 0;
}

/* /usr, folders of the root that are no links into it (hosts without merged /usr), and `visible`. */
static int clone_sources(const char *const *visible, struct source *sources, size_t *count, struct error *err)
{
	static char root_folders[sizeof usr_links / sizeof usr_links[0]][16];
	int code = clone_mount("/usr", &sources[(*count)++], err);
	for (size_t i = 0; code == 0 && i < sizeof usr_links / sizeof usr_links[0]; i++) {
		struct stat status;
		snprintf(root_folders[i], sizeof root_folders[i], "/%s", usr_links[i]);
		if (lstat(root_folders[i], &status) == 0 && S_ISDIR(status.st_mode))
			code = clone_mount(root_folders[i], &sources[(*count)++], err);
	}
	for (; code == 0 && visible && *visible; visible++) {
		if (*count == SOURCES_MAX)
			return error_set(err, -E2BIG, "more than %d visible folders", VISIBLE_MAX);
		code = clone_mount(*visible, &sources[(*count)++], err);
	}
	return code;
}

static int make_parents(const char *path)
{
	char above[PATH_MAX];
	snprintf(above, sizeof above, "%s", path);
	for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(above + 1, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* From here on the working directory is the tree's root: "etc/passwd" is meant literally. */
static int attach(const struct source *source, struct error *err)
{
	const char *place = source->place + 1;
	struct stat status;
	int code = make_parents(source->place);
	if (code < 0)
		return error_set(err, code, "make room for %s: %s", source->path, strerror(-code));
	if (stat(place, &status) < 0) {
		int made = source->folder ? mkdir(place, 0755) : mknod(place, S_IFREG | 0444, 0);
		if (made < 0)
			return error_errno(err, "make room for %s", source->path);
	}
	if (move_mount(source->fd, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_errno(err, "attach %s", source->path);
	return 0;
}

static int make_links(struct error *err)
{
	for (size_t i = 0; i < sizeof usr_links / sizeof usr_links[0]; i++) {
		char path[16], target[PATH_MAX];
		snprintf(path, sizeof path, "/%s", usr_links[i]);
		ssize_t length = readlink(path, target, sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (symlink(target, usr_links[i]) < 0)
			return error_errno(err, "link %s", path);
	}
	return 0;
}

static int make_file(const char *path, const void *bytes, size_t size, struct error *err)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	int code = fd < 0 ? -errno : fd_write_all(fd, bytes, size);
	return code < 0 ? error_set(err, code, "make /%s for boxes: %s", path, strerror(-code)) : 0;
}

static int make_etc(struct error *err)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "etc/passwd", "root:x:0:0:root:/:/usr/sbin/nologin\nbox:x:1000:1000:box:/box:/bin/sh\n"
				"nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n" },
		{ "etc/group", "root:x:0:\nbox:x:1000:\nnogroup:x:65534:\n" },
		{ "etc/hosts", "127.0.0.1 localhost box\n" },
		{ "etc/hostname", "box\n" },
		{ "etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n" },
	};
	if (mkdir("etc", 0755) < 0)
		return error_errno(err, "make /etc for boxes");
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		if (make_file(files[i].path, files[i].text, strlen(files[i].text), err) < 0)
			return err ? err->code : -EIO;
	cleanup_buffer struct buffer cache = { 0 };
	if (file_read_all("/etc/ld.so.cache", LD_CACHE_MAX, &cache, NULL) < 0)
		return 0; /* programs start a little slower without it */
	return make_file("etc/ld.so.cache", cache.data, cache.size, err);
}

static const struct {
	const char *path; /* the host's too, after a slash */
	unsigned int minor;
} devices[] = {
	{ "dev/null", 3 }, { "dev/zero", 5 }, { "dev/full", 7 }, { "dev/random", 8 }, { "dev/urandom", 9 }
};

static int make_device(size_t i, struct error *err)
{
	const unsigned int memory_devices = 1; /* the major number, Documentation/admin-guide/devices.txt */
	if (mknod(devices[i].path, S_IFCHR | 0666, makedev(memory_devices, devices[i].minor)) == 0)
		return 0;
	if (errno != EPERM)
		return error_errno(err, "make /%s for boxes", devices[i].path);
	char host[32];
	struct mount_attr attributes = { .attr_set =
						 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
	snprintf(host, sizeof host, "/%s", devices[i].path);
	cleanup_fd int node = open_tree(AT_FDCWD, host, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (node < 0 || mount_setattr(node, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0 ||
	    mknod(devices[i].path, S_IFREG | 0444, 0) < 0 ||
	    move_mount(node, "", AT_FDCWD, devices[i].path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_errno(err, "bind %s for boxes", host);
	return 0;
}

static int make_dev(struct error *err)
{
	static const struct {
		const char *path, *target;
	} links[] = { { "dev/fd", "/proc/self/fd" },
		      { "dev/stdin", "/proc/self/fd/0" },
		      { "dev/stdout", "/proc/self/fd/1" },
		      { "dev/stderr", "/proc/self/fd/2" },
		      { "dev/shm", "/tmp" } };
	if (mkdir("dev", 0755) < 0)
		return error_errno(err, "make /dev for boxes");
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
		if (make_device(i, err) < 0)
			return err ? err->code : -EIO;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		if (symlink(links[i].target, links[i].path) < 0)
			return error_errno(err, "make /%s for boxes", links[i].path);
	return 0;
}

static int make_mount_points(struct error *err)
{
	if (mkdir("proc", 0755) < 0 || mkdir("box", 0755) < 0 || mkdir("tmp", 0755) < 0 ||
	    mkdir("var", 0755) < 0 || symlink("/tmp", "var/tmp") < 0)
		return error_errno(err, "make mount points for boxes");
	return 0;
}

/* A tmpfs that is writable until everything is in its place. */
static int mount_root(const char **path, struct error *err)
{
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct stat status;
		if (stat(places[i], &status) < 0 || !S_ISDIR(status.st_mode))
			continue;
		if (mount("arena", places[i], "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=8m") < 0)
			return error_errno(err, "mount a tmpfs on %s", places[i]);
		if (chdir(places[i]) < 0)
			return error_errno(err, "enter %s", places[i]);
		*path = places[i];
		return 0;
	}
	return error_set(err, -ENOENT, "none of /mnt, /srv and /tmp is a folder");
}

static int fill(const struct source *sources, size_t count, struct error *err)
{
	int code = make_etc(err);
	if (code == 0)
		code = make_dev(err);
	if (code == 0)
		code = make_mount_points(err);
	if (code == 0)
		code = make_links(err);
	for (size_t i = 0; code == 0 && i < count; i++)
		code = attach(&sources[i], err);
	return code;
}

int tree_make(const char *const *visible, const char **path, struct error *err)
{
	static struct source sources[SOURCES_MAX];
	size_t count = 0;
	umask(0);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_errno(err, "make a mount namespace for the boxes' root");
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		sources[i].fd = -1;
	int code = clone_sources(visible, sources, &count, err);
	if (code == 0)
		code = mount_root(path, err);
	if (code == 0)
		code = fill(sources, count, err);
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		close_fd(&sources[i].fd);
	if (code == 0 &&
	    mount(NULL, *path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) < 0)
		code = error_errno(err, "make the boxes' root read-only");
	if (code == 0 && chdir("/") < 0)
		code = error_errno(err, "leave the boxes' root");
	umask(022);
	return code;
}
