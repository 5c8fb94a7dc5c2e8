#include "url.h"

#include <string.h>

#include "base/json.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *url_decode(struct pool *pool, const char *text, size_t size, bool form)
{
	char *decoded = pool_alloc(pool, size + 1);
	if (!decoded)
		return NULL;
	size_t length = 0;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (c == '%') {
			int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
			if (low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == '\0')
			return NULL;
		decoded[length++] = c;
	}
	decoded[length] = '\0';
	return utf8_valid(decoded, length) ? decoded : NULL;
}

static bool decode_pair(struct pool *pool, const char *part, size_t size, struct url_pair *pair)
{
	const char *equals = memchr(part, '=', size);
	size_t name_size = equals ? (size_t)(equals - part) : size;
	const char *value = equals ? equals + 1 : part + size;
	pair->name = url_decode(pool, part, name_size, true);
	pair->value = url_decode(pool, value, (size_t)(part + size - value), true);
	return pair->name && pair->value;
}

static size_t count_parts(const char *query)
{
	size_t count = 1;
	for (; *query; query++)
		count += *query == '&';
	return count;
}

int url_query(struct pool *pool, const char *query, const struct url_pair **pairs)
{
	int count = 0;
	if (!query || !*query)
		return 0;
	size_t parts = count_parts(query);
	struct url_pair *found = parts <= URL_PAIRS_MAX ? pool_array(pool, parts, sizeof *found) : NULL;
	if (!found)
		return -1;
	while (*query) {
		size_t size = strcspn(query, "&");
		if (size > 0 && !decode_pair(pool, query, size, &found[count++]))
			return -1;
		query += size;
		query += *query == '&';
	}
	*pairs = found;
	return count;
}
