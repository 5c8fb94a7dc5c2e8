/* guard.h - a process that starts its child again when that dies. */
#pragma once

/* Forks. Returns in the child, as often as there is one; the parent stays here as `name`, and ends with the
 * child's status when it is asked to stop (SIGTERM), or when a child dies so young that the next would too.
 * What is ready[0] is told the first time only: -1 in later children. SIGTERM must be blocked. */
void guard(const char *name, int ready[1]);
