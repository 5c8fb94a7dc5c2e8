/* main.c - arena-lane-maker: a program of its own, because each lane and each init is a copy of it: a small one
 * is copied fast, and what it does not contain cannot be abused as root.
 *
 *     arena-lane-maker [--visible HOST[:BOX]]...                            a connected socket is descriptor 3
 *     arena-lane-maker --socket PATH --owner UID [--visible HOST[:BOX]]...
 *
 * Whatever does not look exactly like this is refused. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../protocol.h"
#include "base/log.h"
#include "maker.h"

static const char *visible[VISIBLE_MAX + 1];

static bool take_owner(const char *text, unsigned int *owner)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	*owner = (unsigned int)number;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && number < UINT32_MAX;
}

static bool take_options(int argc, char **argv, struct lane_maker_options *options)
{
	size_t count = 0;
	int i = 1;
	for (; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];
		if (strcmp(argv[i], "--visible") == 0 && count < VISIBLE_MAX)
			visible[count++] = value;
		else if (strcmp(argv[i], "--socket") == 0)
			options->listen_path = value;
		else if (strcmp(argv[i], "--owner") != 0 || !take_owner(value, &options->owner_uid))
			return false;
	}
	return i == argc;
}

int main(int argc, char **argv)
{
	struct lane_maker_options options = { .socket_fd = -1, .visible = visible };
	if (!take_options(argc, argv, &options) ||
	    (!options.listen_path && fcntl(LANE_MAKER_FD, F_GETFD) < 0)) {
		fprintf(stderr, "arena-lane-maker: is started by arena; see `arena help lanes`\n");
		return 2;
	}
	if (!options.listen_path)
		options.socket_fd = LANE_MAKER_FD;
	return lane_maker_main(&options);
}
