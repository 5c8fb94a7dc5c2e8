/* fuzz.h - what every target has.
 *
 * A target hands any bytes to one parser and aborts when what comes out breaks a promise of its header; the
 * sanitizers find the rest. `make fuzz` runs it under libFuzzer, `make test` replays its corpus (replay.c).
 * How to add one: fuzz_NAME.c, a row in meson.build, and a few small inputs in corpus/NAME/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(): it must hold in every build. Past stdio, which a target may have closed. */
#define must(holds)                                                                    \
	do {                                                                           \
		if (!(holds)) {                                                        \
			dprintf(2, "%s:%d: not so: %s\n", __FILE__, __LINE__, #holds); \
			abort();                                                       \
		}                                                                      \
	} while (0)

/* A copy with a NUL behind, to be freed. (Not strndup(3): it may look at the byte behind.) */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	must(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static inline bool same_bytes(const void *left, size_t left_size, const void *right, size_t right_size)
{
	return left_size == right_size && (left_size == 0 || memcmp(left, right, left_size) == 0);
}
