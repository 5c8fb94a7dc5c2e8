#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "judging_inside.h"

struct judging_client {
	atomic_int references;
	atomic_bool gone;
	atomic_int retry_s;  /* 0: not refused */
	char why[WHY_BYTES]; /* before retry_s */
};

struct judging_client *judging_client_new(void)
{
	struct judging_client *client = calloc(1, sizeof *client);

	if (client)
		atomic_store(&client->references, 1);
	return client;
}

void judging_client_hold(struct judging_client *client)
{
	if (client)
		atomic_fetch_add(&client->references, 1);
}

void judging_client_let_go(struct judging_client *client)
{
	if (client && atomic_fetch_sub(&client->references, 1) == 1)
		free(client);
}

void judging_client_leave(struct judging_client *client)
{
	if (client)
		atomic_store(&client->gone, true);
	judging_client_let_go(client);
}

int judging_client_refused(const struct judging_client *client, const char **why)
{
	int retry_s = atomic_load(&client->retry_s);

	if (retry_s > 0)
		*why = client->why;
	return retry_s;
}

bool judging_client_waits(const struct judging_client *client)
{
	return client && !atomic_load(&client->gone);
}

void judging_client_refuse(struct judging_client *client, int retry_s, const char *why)
{
	snprintf(client->why, sizeof client->why, "%s", why);
	atomic_store(&client->retry_s, retry_s);
}
