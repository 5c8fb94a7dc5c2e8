#include "net/rate.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { WAYS = 8, SHARDS = 16 };

struct bucket {
	uint64_t key;    /* its hash; 0: never used */
	int64_t full_us; /* when it will be full again */
};

/* A key belongs to one set; a set is searched whole, and its fullest bucket is the one to forget. */
struct rate_limits {
	size_t sets;
	struct bucket (*buckets)[WAYS];
	pthread_mutex_t locks[SHARDS];
	uint64_t secret[2];
};

int rate_limits_new(size_t buckets, struct rate_limits **limits, struct error *err)
{
	struct rate_limits *made = calloc(1, sizeof *made);
	size_t sets = buckets / WAYS + 1;
	if (made)
		made->buckets = calloc(sets, sizeof *made->buckets);
	if (!made || !made->buckets) {
		free(made);
		return error_set(err, -ENOMEM, "rate limits for %zu clients: out of memory", buckets);
	}
	made->sets = sets;
	random_bytes(made->secret, sizeof made->secret);
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&made->locks[i], NULL);
	*limits = made;
	return 0;
}

void rate_limits_free(struct rate_limits *limits)
{
	if (!limits)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&limits->locks[i]);
	free(limits->buckets);
	free(limits);
}

/* SipHash-1-3 (Aumasson, Bernstein): nobody can choose keys that meet in one set without knowing the secret. */
struct sip {
	uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(struct sip *s)
{
	s->a += s->b, s->b = rotate(s->b, 13) ^ s->a, s->a = rotate(s->a, 32);
	s->c += s->d, s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d, s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b, s->b = rotate(s->b, 17) ^ s->c, s->c = rotate(s->c, 32);
}

static uint64_t hash_key(const uint64_t secret[2], const char *key)
{
	struct sip s = { secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
			 secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573 };
	size_t size = strlen(key), left = size;
	for (;;) {
		uint64_t word = left < 8 ? (uint64_t)size << 56 : 0;
		memcpy(&word, key, left < 8 ? left : 8);
		s.d ^= word;
		sip_round(&s);
		s.a ^= word;
		if (left < 8)
			break;
		key += 8, left -= 8;
	}
	s.c ^= 0xff;
	sip_round(&s), sip_round(&s), sip_round(&s);
	uint64_t hash = s.a ^ s.b ^ s.c ^ s.d;
	return hash ? hash : 1;
}

static struct bucket *find(struct bucket *set, uint64_t key, int64_t now_us)
{
	struct bucket *fullest = set;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].full_us < fullest->full_us)
			fullest = &set[i];
	}
	*fullest = (struct bucket){ .key = key, .full_us = now_us };
	return fullest;
}

static int64_t seconds_up(int64_t us)
{
	return us > 0 ? (us + 999999) / 1000000 : 0;
}

static int64_t each_us_of(const struct rate *rate)
{
	const int64_t minute_us = 60000000;
	return rate->per_minute < minute_us ? minute_us / rate->per_minute : 1;
}

static struct rate_answer take(struct bucket *bucket, const struct rate *rate, int64_t now_us)
{
	int64_t burst = rate->burst > 0 ? rate->burst : 1, each_us = each_us_of(rate);
	int64_t whole_us = burst * each_us;
	int64_t owed_us = bucket->full_us > now_us ? bucket->full_us - now_us : 0;

	struct rate_answer answer = { .limit = burst, .allowed = owed_us + each_us <= whole_us };
	if (answer.allowed)
		owed_us += each_us;
	else
		answer.retry_s = seconds_up(owed_us + each_us - whole_us);
	bucket->full_us = now_us + owed_us;
	answer.remaining = owed_us < whole_us ? (whole_us - owed_us) / each_us : 0;
	answer.reset_s = seconds_up(owed_us);
	return answer;
}

/* To be unlocked. */
static struct bucket *find_locked(struct rate_limits *limits, const char *key, int64_t now_us,
				  pthread_mutex_t **lock)
{
	uint64_t hash = hash_key(limits->secret, key);
	size_t set = hash % limits->sets;
	*lock = &limits->locks[set % SHARDS];
	pthread_mutex_lock(*lock);
	return find(limits->buckets[set], hash, now_us);
}

struct rate_answer rate_take(struct rate_limits *limits, const char *key, const struct rate *rate,
			     int64_t now_us)
{
	pthread_mutex_t *lock;
	if (rate->per_minute <= 0)
		return (struct rate_answer){ .allowed = true, .limit = -1, .remaining = -1 };
	struct rate_answer answer = take(find_locked(limits, key, now_us, &lock), rate, now_us);
	pthread_mutex_unlock(lock);
	return answer;
}

void rate_put_back(struct rate_limits *limits, const char *key, const struct rate *rate, int64_t now_us)
{
	pthread_mutex_t *lock;
	if (rate->per_minute <= 0)
		return;
	find_locked(limits, key, now_us, &lock)->full_us -= each_us_of(rate);
	pthread_mutex_unlock(lock);
}

const char *rate_address(const char *address, char key[RATE_ADDRESS_BYTES])
{
	struct in6_addr parsed;
	char text[INET6_ADDRSTRLEN];
	if (inet_pton(AF_INET6, address, &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed)) {
		snprintf(key, RATE_ADDRESS_BYTES, "address %s", address);
		return key;
	}
	memset(parsed.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &parsed, text, sizeof text);
	snprintf(key, RATE_ADDRESS_BYTES, "address %s/64", text);
	return key;
}

static void show_number(struct http_exchange *x, const char *name, int64_t number)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)number);
	http_set_header(x, name, text);
}

void rate_show(struct http_exchange *x, const struct rate_answer *answer)
{
	if (answer->limit < 0)
		return;
	show_number(x, "X-RateLimit-Limit", answer->limit);
	show_number(x, "X-RateLimit-Remaining", answer->remaining);
	show_number(x, "X-RateLimit-Reset", answer->reset_s);
	if (!answer->allowed)
		show_number(x, "Retry-After", answer->retry_s);
}
