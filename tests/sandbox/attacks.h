/* attacks.h - the corpus as a table: what each program of hostile/ must get.
 *
 * How to add an attack: a file in hostile/ whose first comment says what it tries and why that matters, and that
 * exits with 0 when everything was refused (attempt.h); its name in hostile/meson.build; a row in attacks.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/box.h"

struct attack {
	const char *name;      /* of the program; with .py, run by the host's Python */
	unsigned int outcomes; /* any of these */
	int code;              /* the exit code or the signal, where that is the outcome */
	const char *says;      /* somewhere on stdout; NULL: nothing is asked */
	bool collects;         /* "out" is fetched afterwards */
	const char *collected; /* what must be in there, and nothing else; NULL: nothing may */
	const char *argument;  /* of the program, or CANARIES, HOST_SOCKET, HOST_NAME */
	struct limits limits;  /* where not 0, in place of the usual ones */
};

#define CANARIES    "(canaries)"
#define HOST_SOCKET "(socket)"
#define HOST_NAME   "(name)"

extern const struct attack attacks[];
extern const size_t attack_count;

/* Programs that need two boxes at once: `first` runs until it is cancelled, meanwhile `second` in another lane. */
struct attack_pair {
	const char *name, *first, *second;
	const char *says; /* by the second; NULL: nothing is asked */
};
extern const struct attack_pair attack_pairs[];
extern const size_t attack_pair_count;

/* The first table as JSON on stdout, for tests that bring the same programs in by other ways. */
void attacks_print(void);
