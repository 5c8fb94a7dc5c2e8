#include "judge/compare.h"

#include <string.h>

struct cursor {
	const unsigned char *at, *end;
};

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next token's size, with the cursor at its start; 0 at the end. */
static size_t next_token(struct cursor *cursor)
{
	const unsigned char *end;

	while (cursor->at < cursor->end && is_space(*cursor->at))
		cursor->at++;
	for (end = cursor->at; end < cursor->end && !is_space(*end); end++)
		;
	return (size_t)(end - cursor->at);
}

bool compare_tokens(const void *output, size_t output_size, const void *answer, size_t answer_size)
{
	struct cursor left = { output, (const unsigned char *)output + output_size };
	struct cursor right = { answer, (const unsigned char *)answer + answer_size };

	for (;;) {
		size_t size = next_token(&left);

		if (next_token(&right) != size)
			return false;
		if (size == 0)
			return true;
		if (memcmp(left.at, right.at, size) != 0)
			return false;
		left.at += size;
		right.at += size;
	}
}
