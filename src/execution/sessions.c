#include "sessions.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COME_BACK_US = SESSIONS_COME_BACK_MS * 1000 };

struct loan {
	struct loan *next;
	int64_t submission_id;
	char lease[UUID_TEXT_BYTES];
	bool lost; /* taken away; the worker has not been told yet */
};

struct session {
	struct session *next;
	char id[UUID_TEXT_BYTES];
	size_t slots;
	int64_t expires_us;
	bool closed; /* takes no more tasks */
	struct loan *loans;
};

struct sessions {
	pthread_mutex_t lock;
	int64_t life_us;
	struct session *list;
};

struct sessions *sessions_new(int64_t life_us)
{
	struct sessions *sessions = calloc(1, sizeof *sessions);

	if (!sessions)
		return NULL;
	pthread_mutex_init(&sessions->lock, NULL);
	sessions->life_us = life_us;
	return sessions;
}

static void free_session(struct session *session)
{
	while (session->loans) {
		struct loan *loan = session->loans;

		session->loans = loan->next;
		free(loan);
	}
	free(session);
}

void sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return;
	while (sessions->list) {
		struct session *session = sessions->list;

		sessions->list = session->next;
		free_session(session);
	}
	pthread_mutex_destroy(&sessions->lock);
	free(sessions);
}

/* ---- all below: with the lock held ---- */

static struct session *find(struct sessions *sessions, const char *id)
{
	struct session *session = sessions->list;

	while (session && strcmp(session->id, id) != 0)
		session = session->next;
	return session;
}

static void unlink_session(struct sessions *sessions, struct session *session)
{
	struct session **slot = &sessions->list;

	while (*slot != session)
		slot = &(*slot)->next;
	*slot = session->next;
	free_session(session);
}

static struct session *add_session(struct sessions *sessions, const char *id)
{
	struct session *session = calloc(1, sizeof *session);

	if (!session)
		return NULL;
	snprintf(session->id, sizeof session->id, "%s", id);
	session->next = sessions->list;
	sessions->list = session;
	return session;
}

static struct loan **find_loan(struct sessions *sessions, int64_t submission_id, struct session **holder)
{
	for (struct session *session = sessions->list; session; session = session->next) {
		for (struct loan **slot = &session->loans; *slot; slot = &(*slot)->next) {
			if ((*slot)->submission_id == submission_id && !(*slot)->lost) {
				*holder = session;
				return slot;
			}
		}
	}
	return NULL;
}

static void drop_loan(struct loan **slot)
{
	struct loan *loan = *slot;

	*slot = loan->next;
	free(loan);
}

/* ---- the calls, each under the lock ---- */

bool sessions_see(struct sessions *sessions, const char *id, size_t slots, int64_t now_us)
{
	bool is_new = false;

	pthread_mutex_lock(&sessions->lock);
	struct session *session = find(sessions, id);
	if (!session) {
		session = add_session(sessions, id);
		is_new = session != NULL;
	}
	if (session) {
		session->slots = slots;
		session->expires_us = now_us + sessions->life_us;
	}
	pthread_mutex_unlock(&sessions->lock);
	return is_new;
}

void sessions_disconnected(struct sessions *sessions, const char *id, int64_t now_us)
{
	pthread_mutex_lock(&sessions->lock);
	struct session *session = find(sessions, id);
	if (session && session->expires_us > now_us + COME_BACK_US)
		session->expires_us = now_us + COME_BACK_US;
	pthread_mutex_unlock(&sessions->lock);
}

void sessions_close(struct sessions *sessions, const char *id)
{
	pthread_mutex_lock(&sessions->lock);
	struct session *session = find(sessions, id);
	if (session)
		session->closed = true;
	pthread_mutex_unlock(&sessions->lock);
}

bool sessions_knows(struct sessions *sessions, const char *id)
{
	pthread_mutex_lock(&sessions->lock);
	bool known = find(sessions, id) != NULL;
	pthread_mutex_unlock(&sessions->lock);
	return known;
}

bool sessions_takes_tasks(struct sessions *sessions, const char *id)
{
	pthread_mutex_lock(&sessions->lock);
	const struct session *session = find(sessions, id);
	bool takes = session && !session->closed;
	pthread_mutex_unlock(&sessions->lock);
	return takes;
}

void sessions_forget(struct sessions *sessions, const char *id)
{
	pthread_mutex_lock(&sessions->lock);
	struct session *session = find(sessions, id);
	if (session)
		unlink_session(sessions, session);
	pthread_mutex_unlock(&sessions->lock);
}

const char **sessions_expire(struct sessions *sessions, int64_t now_us, struct pool *pool, size_t *count)
{
	const char **ids = NULL;
	size_t total = 0, found = 0;

	pthread_mutex_lock(&sessions->lock);
	for (struct session *session = sessions->list; session; session = session->next)
		total++;
	ids = pool_array(pool, total + 1, sizeof *ids);
	for (struct session *session = sessions->list, *next; session && ids; session = next) {
		next = session->next;
		if (session->expires_us > now_us || !(ids[found] = pool_strdup(pool, session->id)))
			continue;
		unlink_session(sessions, session);
		found++;
	}
	pthread_mutex_unlock(&sessions->lock);
	*count = found;
	return ids;
}

void sessions_lend(struct sessions *sessions, const char *id, int64_t submission_id, const char *lease)
{
	struct loan *loan = calloc(1, sizeof *loan);

	pthread_mutex_lock(&sessions->lock);
	struct session *session = find(sessions, id);
	if (session && loan) {
		loan->submission_id = submission_id;
		snprintf(loan->lease, sizeof loan->lease, "%s", lease);
		loan->next = session->loans;
		session->loans = loan;
		loan = NULL;
	}
	pthread_mutex_unlock(&sessions->lock);
	free(loan);
}

bool sessions_end(struct sessions *sessions, int64_t submission_id, bool lost,
		  char id_or_null[UUID_TEXT_BYTES])
{
	struct session *holder = NULL;

	pthread_mutex_lock(&sessions->lock);
	struct loan **slot = find_loan(sessions, submission_id, &holder);
	if (slot && id_or_null)
		memcpy(id_or_null, holder->id, UUID_TEXT_BYTES);
	if (slot && lost)
		(*slot)->lost = true;
	else if (slot)
		drop_loan(slot);
	pthread_mutex_unlock(&sessions->lock);
	return slot != NULL;
}

const char **sessions_take_lost(struct sessions *sessions, const char *id, struct pool *pool, size_t *count)
{
	const char **leases = NULL;
	size_t total = 0, found = 0;

	pthread_mutex_lock(&sessions->lock);
	struct session *session = find(sessions, id);
	for (struct loan *loan = session ? session->loans : NULL; loan; loan = loan->next)
		total += loan->lost;
	if (total > 0)
		leases = pool_array(pool, total, sizeof *leases);
	for (struct loan **slot = leases ? &session->loans : NULL; slot && *slot;) {
		if ((*slot)->lost && (leases[found] = pool_strdup(pool, (*slot)->lease))) {
			found++;
			drop_loan(slot);
		} else {
			slot = &(*slot)->next;
		}
	}
	pthread_mutex_unlock(&sessions->lock);
	*count = found;
	return leases;
}

struct sessions_figures sessions_count(struct sessions *sessions)
{
	struct sessions_figures figures = { 0 };

	pthread_mutex_lock(&sessions->lock);
	for (struct session *session = sessions->list; session; session = session->next) {
		figures.workers += !session->closed;
		figures.slots += session->closed ? 0 : session->slots;
		for (struct loan *loan = session->loans; loan; loan = loan->next)
			figures.busy += !loan->lost;
	}
	pthread_mutex_unlock(&sessions->lock);
	return figures;
}
