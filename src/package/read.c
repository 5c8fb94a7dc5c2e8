/* Which reader a package wants. */
#include "inside.h"

int package_read(const struct package_tree *tree, const struct catalogue *catalogue, struct pool *pool,
		 struct package *package, struct error *err)
{
	int code;

	if (package_tree_find(tree, "problem.xml") && !package_tree_find(tree, "problem.yaml"))
		code = polygon_read(tree, catalogue, pool, package, err);
	else
		code = kattis_read(tree, catalogue, pool, package, err);
	return code < 0 ? error_wrap(err, "%s", tree->name) : 0;
}
