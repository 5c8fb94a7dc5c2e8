/* rates.h - how often: a bucket for each user, and a generous one for each address. */
#pragma once

#include "inside.h"

/* Whether this request counts: on a machine of one's own none does. */
bool rates_count(const struct http_exchange *x);

/* Each takes one request from its bucket; false after having replied 429. */
bool rates_take_address(struct http_exchange *x);
bool rates_take_user(struct http_exchange *x, int64_t user_id);

/* ---- throttles of signing in ----
 * What fails is counted, by the name that was given, whether or not it is somebody's, and, generously, by address.
 * An attempt is taken before the password is looked at, so that many at once are no more than one after the other,
 * and put back when it was right. False after having replied 429. */
bool throttle_take(struct http_exchange *x, const char *name);
void throttle_put_back(struct http_exchange *x, const char *name);
/* The same by address alone: for who registers. */
bool throttle_take_address(struct http_exchange *x);
