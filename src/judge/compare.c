#include "judge/compare.h"

#include <math.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* What is left of a text. */
struct cursor {
	const unsigned char *at, *end;
};

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

/* ---- tokens ---- */

/* The size of the white space that the cursor is at, which is skipped. */
static size_t skip_space(struct cursor *cursor)
{
	const unsigned char *begin = cursor->at;

	while (cursor->at < cursor->end && is_space(*cursor->at))
		cursor->at++;
	return (size_t)(cursor->at - begin);
}

static size_t token_size(const struct cursor *cursor)
{
	const unsigned char *end = cursor->at;

	while (end < cursor->end && !is_space(*end))
		end++;
	return (size_t)(end - cursor->at);
}

static bool same_bytes(const struct compare_rules *rules, const unsigned char *left, size_t left_size,
		       const unsigned char *right, size_t right_size)
{
	if (left_size != right_size)
		return false;
	if (!rules->ignore_case)
		return left_size == 0 || memcmp(left, right, left_size) == 0;
	for (size_t i = 0; i < left_size; i++)
		if (lower(left[i]) != lower(right[i]))
			return false;
	return true;
}

/* A copy, because strtold(3) wants a NUL behind; no number that is meant as one is longer than the room here. */
static bool parse_number(const unsigned char *token, size_t size, long double *number)
{
	char text[4096], *end;

	if (size >= sizeof text)
		return false;
	memcpy(text, token, size);
	text[size] = '\0';
	*number = strtold(text, &end);
	return end == text + size && size > 0;
}

static bool close_enough(const struct compare_rules *rules, long double output, long double answer)
{
	if (isnan(output) || isnan(answer))
		return isnan(output) && isnan(answer);
	if (isinf(output) || isinf(answer))
		return output == answer;
	long double off = fabsl(output - answer);
	return off <= rules->absolute || off <= rules->relative * fabsl(answer);
}

static bool same_token(const struct compare_rules *rules, const struct cursor *output, size_t output_size,
		       const struct cursor *answer, size_t answer_size)
{
	long double left, right;

	if (same_bytes(rules, output->at, output_size, answer->at, answer_size))
		return true;
	return rules->tolerant && parse_number(answer->at, answer_size, &right) &&
	       parse_number(output->at, output_size, &left) && close_enough(rules, left, right);
}

static bool compare_tokens(const struct compare_rules *rules, struct cursor output, struct cursor answer)
{
	for (;;) {
		const unsigned char *left_space = output.at, *right_space = answer.at;
		size_t left = skip_space(&output), right = skip_space(&answer);

		if (rules->spaces_count &&
		    (left != right || (left > 0 && memcmp(left_space, right_space, left) != 0)))
			return false;
		left = token_size(&output);
		right = token_size(&answer);
		if (left == 0 || right == 0)
			return left == right;
		if (!same_token(rules, &output, left, &answer, right))
			return false;
		output.at += left;
		answer.at += right;
	}
}

/* ---- lines ---- */

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

static bool compare_in_order(struct cursor output, struct cursor answer)
{
	const unsigned char *left_line, *right_line;

	while (output.at < output.end || answer.at < answer.end) {
		size_t size = next_line(&output, &left_line);

		if (next_line(&answer, &right_line) != size ||
		    (size > 0 && memcmp(left_line, right_line, size) != 0))
			return false;
	}
	return true;
}

/* Texts with the same lines have the same sum of their lines' hashes. The key is random, so that nobody can write
 * others with that sum; two that differ by chance have it once in 2^64 times. */
static uint64_t sum_of_lines(struct cursor text, const unsigned char key[crypto_shorthash_KEYBYTES],
			     size_t *count)
{
	uint64_t sum = 0;

	for (*count = 0; text.at < text.end;) {
		const unsigned char *line;
		size_t size = next_line(&text, &line);
		uint64_t hash = 0;

		if (size == 0)
			continue;
		crypto_shorthash((unsigned char *)&hash, line, size, key);
		sum += hash;
		++*count;
	}
	return sum;
}

static bool compare_in_any_order(struct cursor output, struct cursor answer)
{
	unsigned char key[crypto_shorthash_KEYBYTES];
	size_t left_count, right_count;

	random_bytes(key, sizeof key);
	uint64_t left = sum_of_lines(output, key, &left_count);
	uint64_t right = sum_of_lines(answer, key, &right_count);
	return left == right && left_count == right_count;
}

/* ---- whole ---- */

bool compare_output(const struct compare_rules *rules, const void *output, size_t output_size,
		    const void *answer, size_t answer_size)
{
	const unsigned char *left = output ? output : "", *right = answer ? answer : "";

	switch (rules->validator) {
	case VALIDATOR_EXACT: return output_size == answer_size && memcmp(left, right, output_size) == 0;
	case VALIDATOR_LINES: {
		struct cursor lines = { left, left + trimmed(left, output_size) };
		struct cursor expected = { right, right + trimmed(right, answer_size) };

		return rules->any_order ? compare_in_any_order(lines, expected)
					: compare_in_order(lines, expected);
	}
	case VALIDATOR_TOKENS:
	case VALIDATOR_FLOAT: break;
	}
	return compare_tokens(rules, (struct cursor){ left, left + output_size },
			      (struct cursor){ right, right + answer_size });
}
