/* tiers.h - which tests a tier cannot pass, and why. */
#pragma once

#include "sandbox/box.h"

/* NULL: it can. */
const char *tier_leaves_out(enum sandbox_tier tier, const char *test);
