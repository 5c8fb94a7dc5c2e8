/* bare.h - the baseline of the sandbox's figures: the same program without any sandbox. */
#pragma once

#include "base/error.h"

/* vfork, exec, wait, with the two pipes that a box's run has too, read to their ends. */
int bare_run(const char *program, struct error *err);
