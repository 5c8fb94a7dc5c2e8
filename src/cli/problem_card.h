/* problem_card.h - from a package that was read to the card that the backend takes (backend/import.h), and the bytes that
 * it names. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/pool.h"
#include "package/package.h"

struct card_data {
	char sha256[SHA256_TEXT_BYTES];
	const char *bytes; /* the package's */
	size_t size;
};

/* `time_limit_s` stands in for one that the package does not give; 0: there is none, and -ENODATA is told. The card also
 * has "data": [{"sha256", "size"}], in the order of *data, and "notes": what whoever made the package should know. In the
 * pool, but for the card, which is the caller's. */
int problem_card(struct package *package, double time_limit_s, struct pool *pool, json_t **card,
		 struct card_data **data, size_t *count, struct error *err);
