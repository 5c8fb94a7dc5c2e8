/* message.h - what an author is told about a run or a compile that failed, in one sentence.
 *
 * Pure: facts and limits in, text out. The sentences are part of the wire contract (docs/api.md). */
#pragma once

#include <stdbool.h>

#include "base/limits.h"
#include "model/verdict.h"

enum { MESSAGE_BYTES = 96, SIGNAL_NAME_BYTES = 16 };

/* "Time limit exceeded (1.00 s)", "Killed by SIGSEGV", ... into text. False, and text "", when there is
 * nothing to say beyond the verdict: the program did what it was asked, or merely answered wrong. */
bool message_of_run(const struct run_facts *facts, const struct limits *limits, char text[MESSAGE_BYTES]);

/* The same of a compiler's run: "Compilation took longer than 30.00 s", ...; false when the compiler ended
 * by itself, so that its own output says all. */
bool message_of_compile(const struct run_facts *facts, const struct limits *limits, char text[MESSAGE_BYTES]);

/* "SIGSEGV", or "signal 40" for one without a name; returns text. */
const char *signal_name(int signal, char text[SIGNAL_NAME_BYTES]);
