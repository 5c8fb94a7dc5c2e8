/* parking.h - exchanges that wait, by key; and the memory of wakes that makes sure that none is lost.
 *
 * A handler looks (at the database), and then parks. A wake between the two finds nobody parked. So every
 * wake gets the next number of one sequence, and the last number is kept for each slot of a table of key
 * hashes. A handler's exchange remembers the sequence as it was before the look; when it arrives to be
 * parked and its slot was woken after that, it runs again at once. Two keys in one slot cost a run for
 * nothing, never a lost wake. Wakes from then on are messages to the loop, which parks before it reads them.
 *
 * struct wakes belongs to the server's lock; struct parking to the loop thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct http_exchange;

enum { PARKING_SLOTS = 4096 };

struct wakes {
	uint64_t sequence;
	uint64_t woken_at[PARKING_SLOTS];
	uint64_t all_woken_at;
};

struct parking {
	struct http_exchange *slots[PARKING_SLOTS];
};

size_t parking_slot(const char *key);

/* `key` NULL: all. */
static inline void wakes_note(struct wakes *wakes, const char *key)
{
	*(key ? &wakes->woken_at[parking_slot(key)] : &wakes->all_woken_at) = ++wakes->sequence;
}

static inline uint64_t wakes_last(const struct wakes *wakes, const char *key)
{
	uint64_t its_own = wakes->woken_at[parking_slot(key)];
	return its_own > wakes->all_woken_at ? its_own : wakes->all_woken_at;
}

void parking_add(struct parking *parking, struct http_exchange *x); /* under x->key */
void parking_remove(struct http_exchange *x);
/* Takes out all that are parked under `key`, or all (NULL); linked by park_next. */
struct http_exchange *parking_take(struct parking *parking, const char *key);
