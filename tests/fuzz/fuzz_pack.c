/* A language pack of any bytes: the tree is what yaml_tree.h says, a pack that loads has all that it needs, and a
 * refusal says where. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "pack.h"

static void check_node(const struct yaml_node *node, int depth)
{
	size_t count = 0;

	must(depth <= 8 && node->line >= 1 && node->column >= 1);
	must(node->kind != YAML_TEXT || (node->text && !node->first));
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		must((node->kind == YAML_MAP) == (child->key != NULL));
		must(!child->key ||
		     (child->key->kind == YAML_TEXT && yaml_get(node, child->key->text) == child));
		check_node(child, depth + 1);
		count++;
	}
	must(count == node->count);
}

static void check_pack(const struct pack *pack)
{
	const struct language *language = &pack->language;

	must(language->id && language->name && language->extensions[0] && language->hello && language->echo);
	must(lang_file_name_ok(language->source_name) &&
	     (!pack->collect || lang_file_name_ok(pack->collect)));
	must(pack->tool_count > 0 && pack->version[0] && pack->run[0]);
	must(!pack->compile == !pack->collect && language->compiled == (pack->compile != NULL));
	for (const char *const *path = language->visible; *path; path++)
		must(**path == '/');
	must(language->minimum.memory_bytes >= 0 && language->minimum.processes >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	struct error err = { 0 };
	cleanup_fd int fd = fd_sealed("pack", data, size, &err);
	struct yaml_node *root = NULL;
	struct pack *pack = NULL;
	char path[64];

	must(fd >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (yaml_load(path, pool, &root, &err) == 0)
		check_node(root, 1);
	if (pack_load(path, "/languages", pool, &pack, &root, &err) == 0)
		check_pack(pack);
	else
		must(err.code == -EINVAL && strncmp(err.text, path, strlen(path)) == 0);
	return 0;
}
