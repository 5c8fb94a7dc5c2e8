/* Any bytes as YAML: a refusal has its place; a tree is whole and bounded; what is good strictly is the same leniently,
 * but for merging. */
#include "fuzz.h"

#include "base/yaml.h"

struct walk {
	size_t nodes;
	bool merges;
};

static void walk(const struct yaml_node *node, int depth, struct walk *seen)
{
	size_t count = 0;

	must(depth <= 64 && ++seen->nodes <= 200000);
	must(node->line > 0 && node->column > 0);
	must((node->kind == YAML_TEXT) == (node->text != NULL));
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		must((node->kind == YAML_MAP) == (child->key != NULL));
		if (node->kind == YAML_MAP) {
			must(child->key->kind == YAML_TEXT && yaml_get(node, child->key->text) == child);
			seen->merges |= strcmp(child->key->text, "<<") == 0;
		}
		walk(child, depth + 1, seen);
		count++;
	}
	must(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	struct yaml_node *strict = NULL, *lenient = NULL;
	struct walk of_strict = { 0 }, of_lenient = { 0 };
	struct error err = { 0 };

	must(pool);
	int strict_code = yaml_parse((const char *)data, size, "x", YAML_STRICT, pool, &strict, &err);
	must(strict_code == 0 ? strict != NULL : strict_code == -EINVAL && strncmp(err.text, "x:", 2) == 0);
	int lenient_code = yaml_parse((const char *)data, size, "x", YAML_LENIENT, pool, &lenient, &err);
	must(lenient_code == 0 || (strict_code < 0 && lenient_code == -EINVAL));
	if (strict)
		walk(strict, 1, &of_strict);
	if (lenient)
		walk(lenient, 1, &of_lenient);
	if (strict && lenient && !of_strict.merges)
		must(of_strict.nodes == of_lenient.nodes);
	return 0;
}
