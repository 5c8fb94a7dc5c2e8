/* ids.c - user and group ids for lanes.
 *
 * No two lanes share an id, so that neither signals nor limits by user cross from one to another. The host's root
 * has ids without end; in a user namespace there are often 65536 in all, and a lane gets the two that it needs. Where
 * there is one it is the program's in every lane: what it cannot do to its init is up to its lack of
 * capabilities, and no box serves for two runs. */
#include "ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../init/init.h"
#include "base/cleanup.h"

enum {
	FIRST_OF_MANY = 0x60000000,
	MANY = 65536,
	LEFT_ABOVE = 64, /* 65534 is nobody's, or everybody's */
};

struct range {
	unsigned int first, count;
};

/* The largest; user_namespaces(7): a line "INSIDE OUTSIDE COUNT" a range. */
static int read_map(const char *path, struct range *largest, struct error *err)
{
	struct range range;
	cleanup_file FILE *file = fopen(path, "re");
	if (!file)
		return error_errno(err, "read %s", path);
	*largest = (struct range){ 0 };
	while (fscanf(file, "%u %*u %u", &range.first, &range.count) == 2)
		if (range.count > largest->count)
			*largest = range;
	return largest->count > 0 ? 0 : error_set(err, -EINVAL, "%s maps no id", path);
}

int ids_find(struct ids *ids, struct error *err)
{
	struct range users, groups;
	if (read_map("/proc/self/uid_map", &users, err) < 0 ||
	    read_map("/proc/self/gid_map", &groups, err) < 0)
		return err ? err->code : -EIO;
	unsigned int first = users.first > groups.first ? users.first : groups.first;
	unsigned int user_end = users.first + users.count, group_end = groups.first + groups.count;
	unsigned int end = user_end < group_end ? user_end : group_end;
	unsigned int count = end > first ? end - first : 0;
	if (first < FIRST_OF_MANY && end >= FIRST_OF_MANY + (unsigned int)LANES_MAX * MANY) {
		*ids = (struct ids){ SANDBOX_FULL, FIRST_OF_MANY, LANES_MAX };
	} else if (count > 2) { /* one may be the lane maker's own */
		unsigned int spare = count > 2u * LANES_MAX + LEFT_ABOVE ? LEFT_ABOVE : 0;
		unsigned int lanes = (count - spare - 1) / 2;
		lanes = lanes < LANES_MAX ? lanes : LANES_MAX;
		*ids = (struct ids){ SANDBOX_DELEGATED, end - spare - 2 * lanes, (int)lanes };
	} else {
		*ids = (struct ids){ SANDBOX_ONE_ID, first, LANES_MAX };
	}
	return 0;
}

uid_t ids_owner(const struct ids *ids, int lane)
{
	unsigned int a_lane = ids->tier == SANDBOX_FULL ? MANY : ids->tier == SANDBOX_DELEGATED ? 2 : 0;
	return ids->first + (unsigned int)lane * a_lane;
}

int ids_map(const struct ids *ids, int lane, pid_t keeper, struct error *err)
{
	char map[96];
	uid_t owner = ids_owner(ids, lane);
	if (ids->tier == SANDBOX_FULL)
		snprintf(map, sizeof map, "0 %u %u\n", owner, (unsigned int)MANY);
	else if (ids->tier == SANDBOX_DELEGATED)
		snprintf(map, sizeof map, "0 %u 1\n%d %u 1\n", owner, PROGRAM_UID, owner + 1);
	else
		snprintf(map, sizeof map, "%d %u 1\n", PROGRAM_UID, owner);
	for (size_t i = 0; i < 2; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/%s", (int)keeper, i == 0 ? "uid_map" : "gid_map");
		cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, map, strlen(map)) < 0)
			return error_errno(err, "map a lane's user ids");
	}
	return 0;
}
