/* checker.h - what a program that judges says by its end, and by what it leaves. Pure functions.
 *
 *     icpc      output validators of the Kattis and ICPC problem package format: 42 and 43
 *     testlib   the checkers of testlib.h: 0; 1, 2, 4 and 8; 3; 7 with points on the standard error */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/verdict.h"

enum convention { CONVENTION_ICPC, CONVENTION_TESTLIB };
bool convention_from_name(const char *name, enum convention *convention); /* "icpc", "testlib" */
const char *convention_name(enum convention convention);
#define CONVENTION_NAMES "icpc or testlib" /* for messages */

/* What a checker that exited by itself said; `points` is what checker_points() found, and counts only where the
 * convention has points: more than none is right, none is wrong. FAILED: nothing that it may say. */
enum comparison checker_comparison(enum convention convention, int exit_code, bool has_points, double points);

/* score.txt and score_multiplier.txt: one finite number, white space around it. */
bool checker_number(const char *text, size_t size, double *number);

/* Whether this end is one with points, and those: the first word of what testlib writes, or the second when the first
 * is "points". */
bool checker_points(enum convention convention, int exit_code, const char *text, size_t size, double *points);
