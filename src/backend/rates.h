/* rates.h - how often: a bucket for each user, and a generous one for each address. */
#pragma once

#include "inside.h"

/* Each takes one request from its bucket; false after having replied 429. */
bool rates_take_address(struct http_exchange *x);
bool rates_take_user(struct http_exchange *x, int64_t user_id);
