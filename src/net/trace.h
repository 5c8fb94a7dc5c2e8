/* trace.h - W3C Trace Context, level 1: the header traceparent. */
#pragma once

#include <stdbool.h>

enum { TRACE_BYTES = 56 }; /* "00-<32 hex>-<16 hex>-<2 hex>" and its NUL */

/* Strict, as section 3.2 has it: lower case, nothing all zero, version ff refused, and of a version to come only
 * the part that it must share with ours is read. */
bool trace_valid(const char *traceparent);

/* What to pass on: `given`'s trace and flags (a new trace, not sampled, when it is NULL or invalid), and a new
 * span. */
void trace_continue(const char *given, char trace[TRACE_BYTES]);
