/* rates.h - how often: a bucket for each API key, and a generous one for each address. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/server.h"

/* Each takes one request from its bucket; false after having replied 429. */
bool rates_take_address(struct http_exchange *x);
bool rates_take_key(struct http_exchange *x, int64_t key_id);
