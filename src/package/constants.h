/* constants.h - {{name}} in a package's files, by problem.yaml's `constants`. */
#pragma once

#include "settings.h"

/* A tree in which they are replaced: in statements (also as \constant{name}), validators, included files, submissions and
 * test_group.yaml; never in test data. The tree itself when there are none. What is not defined stays. -E2BIG: what comes
 * of it is too much. */
int constants_replace(struct settings *problem, const struct package_tree *tree,
		      const struct package_tree **replaced, struct error *err);
