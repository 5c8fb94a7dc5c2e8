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

bool compare_exact(const void *output, size_t output_size, const void *answer, size_t answer_size)
{
	return output_size == answer_size && (output_size == 0 || memcmp(output, answer, output_size) == 0);
}

/* The size of what is left without white space at its end. */
static size_t trimmed(const unsigned char *text, size_t size)
{
	while (size > 0 && is_space(text[size - 1]))
		size--;
	return size;
}

/* Takes the next line, trimmed, off the cursor. */
static size_t next_line(struct cursor *cursor, const unsigned char **line)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	const unsigned char *feed = left > 0 ? memchr(cursor->at, '\n', left) : NULL;
	const unsigned char *end = feed ? feed : cursor->end;

	*line = cursor->at;
	cursor->at = feed ? feed + 1 : cursor->end;
	return trimmed(*line, (size_t)(end - *line));
}

bool compare_lines(const void *output, size_t output_size, const void *answer, size_t answer_size)
{
	struct cursor left = { output, (const unsigned char *)output + trimmed(output, output_size) };
	struct cursor right = { answer, (const unsigned char *)answer + trimmed(answer, answer_size) };
	const unsigned char *left_line, *right_line;

	while (left.at < left.end || right.at < right.end) {
		size_t size = next_line(&left, &left_line);

		if (next_line(&right, &right_line) != size ||
		    (size > 0 && memcmp(left_line, right_line, size) != 0))
			return false;
	}
	return true;
}

bool compare_output(enum validator validator, const void *output, size_t output_size, const void *answer,
		    size_t answer_size)
{
	switch (validator) {
	case VALIDATOR_EXACT: return compare_exact(output, output_size, answer, answer_size);
	case VALIDATOR_LINES: return compare_lines(output, output_size, answer, answer_size);
	case VALIDATOR_TOKENS: break;
	}
	return compare_tokens(output, output_size, answer, answer_size);
}
