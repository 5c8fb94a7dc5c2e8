/* filter_table.h - the policy as data: filter.c makes a program of it, tests walk it, docs/security.md prints it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ALLOWED = 0, PRETENDED = -1 }; /* PRETENDED: answers 0 and does nothing */

/* On all 64 bits of an argument. */
struct condition {
	enum { NO_CONDITION, EQUALS, DIFFERS, MASKED } kind; /* MASKED: (argument & mask) == value */
	unsigned int argument;                               /* from 0 */
	uint64_t mask, value;
	const char *mask_text, *value_text; /* as the table writes them */
};

enum { RULE_CONDITIONS = 2 };

struct rule {
	const char *names;                            /* separated by spaces */
	int answer;                                   /* ALLOWED, PRETENDED, or an errno */
	struct condition conditions[RULE_CONDITIONS]; /* all of them are to be met */
	const char *reason;
};

extern const struct rule filter_rules[];
extern const size_t filter_rule_count;

/* What an init may do besides, on hosts where it has to name a cgroup for its children. */
extern const struct rule filter_init_rule;

/* Where the program's user is also others': tables above the first, in which nothing is allowed that is not there, and
 * what is not listed is not touched. */
struct rules {
	const char *name; /* of the program that is made of it, in capitals */
	const char *when;
	const struct rule *rows;
	size_t count;
};
extern const struct rules filter_above[];
extern const size_t filter_above_count;
