/* head.h - what is a well-formed request: pure functions over its raw bytes.
 *
 * Stricter than RFC 9112 wherever two readers of the same bytes could disagree on where a request ends
 * (request smuggling), because a proxy may stand in front of us. Nothing here allocates or waits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct head {
	size_t content_length; /* 0 without one */
	bool chunked;
	bool expects_continue;
};

/* The size of the head with its empty line, 0 while that has not come. `*scanned` remembers how far earlier
 * calls have looked; start it at 0. A line feed alone ends a line here, so that a head with bare line feeds
 * is refused by head_check() rather than waited for. */
size_t head_end(const char *bytes, size_t size, size_t *scanned);

/* 0 and *head, or the HTTP status to refuse with and the reason for the client in *why. */
int head_check(const char *bytes, size_t size, struct head *head, const char **why);

/* Follows a chunked body (RFC 9112 section 7.1) without changing it. Zero-initialise to start. Extensions
 * and trailers are refused: nobody sends them, and parsers disagree on them. */
struct chunks {
	enum chunk_step {
		CHUNK_SIZE,
		CHUNK_SIZE_LF,
		CHUNK_DATA,
		CHUNK_DATA_CR,
		CHUNK_DATA_LF,
		CHUNK_LAST_CR,
		CHUNK_LAST_LF,
		CHUNKS_DONE,
	} step;
	unsigned digits;
	size_t left;  /* of the chunk that is being read */
	size_t total; /* announced by the chunks so far */
};

/* How many of the bytes belong to the body; fewer than `size` only when step became CHUNKS_DONE.
 * -1: malformed. */
long chunks_feed(struct chunks *chunks, const char *bytes, size_t size);
