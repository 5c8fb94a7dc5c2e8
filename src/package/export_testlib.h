/* export_testlib.h - programs of testlib's convention among those of the ICPC's. */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"

enum testlib_role {
	TESTLIB_CHECKER,
	TESTLIB_INTERACTOR,
	TESTLIB_BOTH, /* of the two sources interactor.inc and checker.inc, beside it, which end by exit() or return */
	TESTLIB_VALIDATOR,
};

/* A file of C++ that is compiled with such a program, unchanged as it is: arguments and exit codes are then those of an output
 * validator, or an input validator. Where nobody scores, points are right or wrong. */
void testlib_translation(enum testlib_role role, bool scoring, struct buffer *out);
