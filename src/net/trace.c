#include "trace.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

enum { TRACE_ID = 3, SPAN_ID = 36, FLAGS = 53, TRACE_ID_HEX = 32, SPAN_ID_HEX = 16 };

static bool is_hex(const char *text, size_t size)
{
	return strspn(text, "0123456789abcdef") >= size;
}

static bool is_id(const char *text, size_t size)
{
	return is_hex(text, size) && strspn(text, "0") < size;
}

bool trace_valid(const char *text)
{
	size_t size = strlen(text);
	if (size < TRACE_BYTES - 1 || !is_hex(text, 2) || memcmp(text, "ff", 2) == 0)
		return false;
	if (text[2] != '-' || text[SPAN_ID - 1] != '-' || text[FLAGS - 1] != '-')
		return false;
	if (size > TRACE_BYTES - 1 && (memcmp(text, "00", 2) == 0 || text[TRACE_BYTES - 1] != '-'))
		return false;
	return is_id(text + TRACE_ID, TRACE_ID_HEX) && is_id(text + SPAN_ID, SPAN_ID_HEX) &&
	       is_hex(text + FLAGS, 2);
}

void trace_continue(const char *given, char trace[TRACE_BYTES])
{
	char id[TRACE_ID_HEX + 1], span[SPAN_ID_HEX + 1];
	const char *flags = "00";
	random_hex(id, TRACE_ID_HEX / 2);
	random_hex(span, SPAN_ID_HEX / 2);
	if (given && trace_valid(given)) {
		memcpy(id, given + TRACE_ID, TRACE_ID_HEX);
		flags = given[FLAGS + 1] % 2 ? "01" : "00"; /* of the flags only "sampled" is known */
	}
	snprintf(trace, TRACE_BYTES, "00-%s-%s-%s", id, span, flags);
}
