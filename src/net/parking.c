#include "parking.h"

#include <string.h>

#include "exchange.h"

/* FNV-1a. */
size_t parking_slot(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3;
	return (hash ^ hash >> 32) % PARKING_SLOTS;
}

static void insert(struct http_exchange **head, struct http_exchange *x)
{
	x->park_next = *head;
	x->park_slot = head;
	if (x->park_next)
		x->park_next->park_slot = &x->park_next;
	*head = x;
}

void parking_add(struct parking *parking, struct http_exchange *x)
{
	insert(&parking->slots[parking_slot(x->key)], x);
}

void parking_remove(struct http_exchange *x)
{
	*x->park_slot = x->park_next;
	if (x->park_next)
		x->park_next->park_slot = x->park_slot;
	x->park_next = NULL;
	x->park_slot = NULL;
}

static void take_slot(struct http_exchange *x, const char *key, struct http_exchange **taken)
{
	while (x) {
		struct http_exchange *next = x->park_next;
		if (!key || strcmp(x->key, key) == 0) {
			parking_remove(x);
			x->park_next = *taken;
			*taken = x;
		}
		x = next;
	}
}

struct http_exchange *parking_take(struct parking *parking, const char *key)
{
	struct http_exchange *taken = NULL;
	if (key)
		take_slot(parking->slots[parking_slot(key)], key, &taken);
	else
		for (size_t i = 0; i < PARKING_SLOTS; i++)
			take_slot(parking->slots[i], NULL, &taken);
	return taken;
}
