#include "head.h"

#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 100, LENGTH_DIGITS_MAX = 15, CHUNK_DIGITS_MAX = 8 };

/* A method that may not have a body here is one whose body evhttp would take for the next request. */
static const struct method {
	const char *name;
	bool may_have_body;
} methods[] = {
	{ "GET", false },  { "HEAD", false },   { "POST", true },     { "PUT", true },
	{ "PATCH", true }, { "DELETE", false }, { "OPTIONS", false },
};

/* A run of bytes within the head. */
struct span {
	const char *bytes;
	size_t size;
};

static bool span_is(struct span span, const char *text)
{
	return span.size == strlen(text) && strncasecmp(span.bytes, text, span.size) == 0;
}

/* What has been seen of the headers that frame the request. */
struct facts {
	const struct method *method;
	bool version_1_0;
	bool host, length, encoding, expect;
};

size_t head_end(const char *bytes, size_t size, size_t *scanned)
{
	for (size_t i = *scanned; i < size; i++) {
		if (bytes[i] != '\n')
			continue;
		size_t before = i > 0 && bytes[i - 1] == '\r' ? i - 1 : i;
		if (before == 0 || bytes[before - 1] == '\n')
			return i + 1;
	}
	*scanned = size;
	return 0;
}

/* The next line without its CRLF; false when it ends otherwise or holds a byte that no line may hold: NUL and
 * the other control characters. A tab is for header values alone, and checked there. */
static bool next_line(struct span *rest, struct span *line)
{
	const char *end = memchr(rest->bytes, '\n', rest->size);
	if (!end || end == rest->bytes || end[-1] != '\r')
		return false;
	*line = (struct span){ rest->bytes, (size_t)(end - 1 - rest->bytes) };
	rest->size -= (size_t)(end + 1 - rest->bytes);
	rest->bytes = end + 1;
	for (size_t i = 0; i < line->size; i++) {
		unsigned char c = (unsigned char)line->bytes[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static const struct method *find_method(struct span name)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (name.size == strlen(methods[i].name) && !memcmp(name.bytes, methods[i].name, name.size))
			return &methods[i];
	return NULL;
}

/* Only a path: we are no proxy, and "//host/path" would be read as an authority by evhttp. */
static bool target_is_good(struct span target)
{
	if (target.size == 0 || target.bytes[0] != '/' || (target.size > 1 && target.bytes[1] == '/'))
		return false;
	for (size_t i = 0; i < target.size; i++)
		if (target.bytes[i] <= ' ' || target.bytes[i] > '~' || target.bytes[i] == '#')
			return false;
	return true;
}

static int check_request_line(struct span line, struct facts *facts, const char **why)
{
	const char *space = memchr(line.bytes, ' ', line.size);
	const char *last = memrchr(line.bytes, ' ', line.size);
	*why = "The request line must be METHOD /path HTTP/1.1";
	if (!space || last == space)
		return 400;
	struct span version = { last + 1, (size_t)(line.bytes + line.size - last - 1) };
	if (version.size < 5 || memcmp(version.bytes, "HTTP/", 5) != 0)
		return 400;

	if (!target_is_good((struct span){ space + 1, (size_t)(last - space - 1) })) {
		*why = "The request target must be a path that starts with one slash";
		return 400;
	}
	facts->version_1_0 = version.size == 8 && !memcmp(version.bytes, "HTTP/1.0", 8);
	if (!facts->version_1_0 && !(version.size == 8 && !memcmp(version.bytes, "HTTP/1.1", 8))) {
		*why = "Only HTTP/1.1 and HTTP/1.0 are spoken here";
		return 505;
	}
	facts->method = find_method((struct span){ line.bytes, (size_t)(space - line.bytes) });
	if (!facts->method) {
		*why = "This method is not known here";
		return 501;
	}
	return 0;
}

static bool is_token(struct span name)
{
	for (size_t i = 0; i < name.size; i++) {
		char c = name.bytes[i];
		bool alphanumeric =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!alphanumeric && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return name.size > 0;
}

/* Digits and nothing else: no sign, no space, no list. */
static bool parse_length(struct span text, size_t *length)
{
	if (text.size == 0 || text.size > LENGTH_DIGITS_MAX)
		return false;
	size_t value = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9')
			return false;
		value = value * 10 + (size_t)(text.bytes[i] - '0');
	}
	*length = value;
	return true;
}

/* Each of these may come once: whoever reads the other of two copies reads another request. */
static bool seen_twice(bool *seen)
{
	bool before = *seen;
	*seen = true;
	return before;
}

static int check_framing(struct span name, struct span value, struct facts *facts, struct head *head,
			 const char **why)
{
	if (span_is(name, "Content-Length")) {
		*why = "There must be at most one Content-Length, and it must be a decimal number";
		if (seen_twice(&facts->length) || !parse_length(value, &head->content_length))
			return 400;
	} else if (span_is(name, "Transfer-Encoding")) {
		*why = "The only Transfer-Encoding that is understood here is a single 'chunked'";
		if (seen_twice(&facts->encoding))
			return 400;
		if (!span_is(value, "chunked"))
			return 501;
		head->chunked = true;
	} else if (span_is(name, "Host")) {
		*why = "There must be at most one Host header";
		if (seen_twice(&facts->host))
			return 400;
	} else if (span_is(name, "Expect")) {
		*why = "The only expectation that is understood here is '100-continue'";
		if (seen_twice(&facts->expect) || !span_is(value, "100-continue"))
			return 417;
		head->expects_continue = true;
	}
	return 0;
}

static int check_header(struct span line, struct facts *facts, struct head *head, const char **why)
{
	if (line.bytes[0] == ' ' || line.bytes[0] == '\t') {
		*why = "Header lines must not be folded";
		return 400;
	}
	const char *colon = memchr(line.bytes, ':', line.size);
	struct span name = { line.bytes, colon ? (size_t)(colon - line.bytes) : 0 };
	if (!is_token(name)) {
		*why = "A header line must be 'Name: value', without a space before the colon";
		return 400;
	}
	/* Spaces alone are trimmed, as evhttp does on the left: a tab around a framing header's value makes it
	 * an unknown one instead of one that the two of us read differently. */
	struct span value = { colon + 1, (size_t)(line.bytes + line.size - colon - 1) };
	for (; value.size > 0 && value.bytes[0] == ' '; value.size--)
		value.bytes++;
	while (value.size > 0 && value.bytes[value.size - 1] == ' ')
		value.size--;
	return check_framing(name, value, facts, head, why);
}

static int check_whole(const struct facts *facts, struct head *head, const char **why)
{
	if (!facts->host && !facts->version_1_0) {
		*why = "HTTP/1.1 requests must have a Host header";
		return 400;
	}
	if (facts->length && facts->encoding) {
		*why = "Content-Length and Transfer-Encoding exclude each other";
		return 400;
	}
	if (facts->encoding && facts->version_1_0) {
		*why = "HTTP/1.0 has no Transfer-Encoding";
		return 400;
	}
	if ((head->chunked || head->content_length > 0) && !facts->method->may_have_body) {
		*why = "Requests with this method have no body";
		return 400;
	}
	head->expects_continue &= !facts->version_1_0; /* RFC 9110 section 10.1.1: ignored there */
	return 0;
}

int head_check(const char *bytes, size_t size, struct head *head, const char **why)
{
	static const char malformed[] = "Lines must end in CRLF and hold no control characters";
	struct span rest = { bytes, size }, line;
	struct facts facts = { 0 };
	struct head found = { 0 };

	if (!next_line(&rest, &line)) {
		*why = malformed;
		return 400;
	}
	int status = check_request_line(line, &facts, why);
	for (size_t count = 0; status == 0; count++) {
		if (!next_line(&rest, &line)) {
			*why = malformed;
			return 400;
		}
		if (line.size == 0)
			break;
		if (count == HEADERS_MAX) {
			*why = "There are too many headers";
			return 431;
		}
		status = check_header(line, &facts, &found, why);
	}
	if (status == 0)
		status = check_whole(&facts, &found, why);
	if (status == 0)
		*head = found;
	return status;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One byte that is not chunk data. */
static bool chunk_step(struct chunks *chunks, char c)
{
	switch (chunks->step) {
	case CHUNK_SIZE:
		if (c == '\r' && chunks->digits > 0) {
			chunks->total += chunks->left;
			chunks->step = CHUNK_SIZE_LF;
			return true;
		}
		if (hex_digit(c) < 0 || ++chunks->digits > CHUNK_DIGITS_MAX)
			return false;
		chunks->left = chunks->left * 16 + (size_t)hex_digit(c);
		return true;
	case CHUNK_SIZE_LF:
		chunks->digits = 0;
		chunks->step = chunks->left > 0 ? CHUNK_DATA : CHUNK_LAST_CR;
		return c == '\n';
	case CHUNK_DATA_CR: chunks->step = CHUNK_DATA_LF; return c == '\r';
	case CHUNK_DATA_LF: chunks->step = CHUNK_SIZE; return c == '\n';
	case CHUNK_LAST_CR: chunks->step = CHUNK_LAST_LF; return c == '\r';
	case CHUNK_LAST_LF: chunks->step = CHUNKS_DONE; return c == '\n';
	case CHUNK_DATA:
	case CHUNKS_DONE: break;
	}
	return false;
}

long chunks_feed(struct chunks *chunks, const char *bytes, size_t size)
{
	size_t used = 0;
	while (used < size && chunks->step != CHUNKS_DONE) {
		if (chunks->step == CHUNK_DATA) {
			size_t take = size - used < chunks->left ? size - used : chunks->left;
			used += take;
			chunks->left -= take;
			if (chunks->left == 0)
				chunks->step = CHUNK_DATA_CR;
		} else if (!chunk_step(chunks, bytes[used++])) {
			return -1;
		}
	}
	return (long)used;
}
