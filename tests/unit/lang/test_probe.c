/* Finding tools and reading versions, with real files and real processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "lang/lang.h"

/* A pack whose one tool is the script `tool` beside it. */
static const char pack[] = "id: x\nname: X\nextensions: [x]\nsource: main.x\n"
			   "tools:\n"
			   "  - {name: tool, paths: [/nonexistent/tool, \"{pack}/to*l\"], package: xtool}\n"
			   "version: [\"{tool}\", --version]\nrun: [\"{tool}\"]\n"
			   "visible: [\"/usr/bi[n]\", /nonexistent]\n"
			   "hello: x\nhello_output: x\necho: x\n";

static const struct {
	const char *script;
	mode_t mode;
	const char *version; /* or NULL and why not */
	const char *reason;
} cases[] = {
	{ "#!/bin/sh\necho tool version v1.2.3-beta 9.9", 0755, "1.2.3", NULL },
	{ "#!/bin/sh\necho tool 7 of 2024 is 3.11. >&2", 0755, "3.11", NULL },
	{ "#!/bin/sh\necho \"$1\" 1.0; read x || echo", 0755, "1.0", NULL },
	{ "#!/bin/sh\nyes 1.5 | head -c 100000", 0755, "1.5", NULL },
	{ "#!/bin/sh\necho no number here", 0755, NULL, "tells no version: no number here" },
	{ "#!/bin/sh\necho broken 1.0; exit 3", 0755, NULL, "fails when asked for its version: broken 1.0" },
	{ "#!/bin/sh\necho 1.0", 0644, NULL, "cannot run" },
	{ NULL, 0, NULL, "no tool at /nonexistent/tool; install the package xtool" },
};

static void tools_are_found_and_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct catalogue *catalogue = NULL;
		struct error err = { 0 };
		const struct language *language;
		struct folder folder;

		folder_open(&folder);
		folder_write(&folder, "x.yaml", pack, 0644);
		if (cases[i].script)
			folder_write(&folder, "tool", cases[i].script, cases[i].mode);
		if (catalogue_load(folder.path, &catalogue, &err) < 0)
			fail_msg("%s", err.text);
		catalogue_probe(catalogue, NULL);
		language = catalogue_at(catalogue, 0);
		if (cases[i].version) {
			if (!language->available)
				fail_msg("%s: %s", cases[i].script, language->unavailable_reason);
			assert_string_equal(language->version, cases[i].version);
			assert_null(language->unavailable_reason);
			assert_string_equal(catalogue_visible(catalogue)[0], "/usr/bin");
			assert_null(catalogue_visible(catalogue)[1]);
		} else {
			assert_false(language->available);
			if (!strstr(language->unavailable_reason, cases[i].reason))
				fail_msg("\"%s\", expected \"%s\"", language->unavailable_reason,
					 cases[i].reason);
			assert_null(catalogue_visible(catalogue)[0]);
		}
		catalogue_free(catalogue);
		folder_remove(&folder);
	}
}

static void a_version_managers_shim_is_not_taken(void **state)
{
	struct catalogue *catalogue = NULL;
	struct folder folder;
	char link[64];

	(void)state;
	folder_open(&folder);
	folder_write(&folder, "x.yaml", pack, 0644);
	folder_write(&folder, "rustup", "#!/bin/sh\necho 1.0", 0755);
	snprintf(link, sizeof link, "%s/tool", folder.path);
	assert_int_equal(symlink("rustup", link), 0);
	assert_int_equal(catalogue_load(folder.path, &catalogue, NULL), 0);
	catalogue_probe(catalogue, NULL);
	assert_false(catalogue_at(catalogue, 0)->available);
	catalogue_free(catalogue);
	unlink(link);
	folder_remove(&folder);
}

static const char visible_pack[] = "id: x\nname: X\nextensions: [x]\nsource: main.x\n"
				   "tools: [{name: tool, paths: [/bin/sh], package: dash}]\n"
				   "version: [\"{tool}\", -c, echo 1.0]\nrun: [\"{tool}\"]\n"
				   "visible: [\"%s\"]\nhello: x\nhello_output: x\necho: x\n";

static void what_boxes_cannot_see_makes_unavailable(void **state)
{
	struct catalogue *catalogue = NULL;
	struct folder folder, other;
	char text[512], expected[128];

	(void)state;
	folder_open(&folder); /* in /tmp */
	folder_open(&other);
	snprintf(text, sizeof text, visible_pack, other.path);
	folder_write(&folder, "x.yaml", text, 0644);
	assert_int_equal(catalogue_load(folder.path, &catalogue, NULL), 0);
	catalogue_probe(catalogue, NULL);
	assert_false(catalogue_at(catalogue, 0)->available);
	snprintf(expected, sizeof expected,
		 "boxes cannot see %s, because they have a /tmp of their own; move the tree elsewhere",
		 other.path);
	assert_string_equal(catalogue_at(catalogue, 0)->unavailable_reason, expected);
	catalogue_free(catalogue);
	folder_remove(&other);
	folder_remove(&folder);
}

static void the_packs_own_folder_is_seen_elsewhere(void **state)
{
	struct catalogue *catalogue = NULL;
	struct folder folder;
	char text[512], expected[128];

	(void)state;
	folder_open(&folder); /* in /tmp, which no box sees */
	snprintf(text, sizeof text, visible_pack, "{pack}");
	folder_write(&folder, "x.yaml", text, 0644);
	assert_int_equal(catalogue_load(folder.path, &catalogue, NULL), 0);
	catalogue_probe(catalogue, NULL);
	assert_true(catalogue_at(catalogue, 0)->available);
	snprintf(expected, sizeof expected, "%s:/opt/languages", folder.path);
	assert_string_equal(catalogue_visible(catalogue)[0], expected);
	assert_null(catalogue_visible(catalogue)[1]);
	catalogue_free(catalogue);
	folder_remove(&folder);
}

static void what_is_read_ahead_may_be_anything(void **state)
{
	static const char odd[] = "id: x\nname: X\nextensions: [x]\nsource: main.x\n"
				  "tools: [{name: tool, paths: [/bin/sh], package: dash}]\n"
				  "version: [\"{tool}\", -c, echo 1.0]\nrun: [\"{tool}\"]\n"
				  "read_ahead: [\"{pack}\", \"{pack}/x.yaml\", /nonexistent, \"/dev/nul*\"]\n"
				  "hello: x\nhello_output: x\necho: x\n";
	struct catalogue *catalogue = NULL;
	struct folder folder;
	char fifo[64];

	(void)state;
	folder_open(&folder);
	folder_write(&folder, "x.yaml", odd, 0644);
	snprintf(fifo, sizeof fifo, "%s/fifo", folder.path);
	assert_int_equal(mkfifo(fifo, 0600), 0); /* must not be waited for */
	assert_int_equal(catalogue_load(folder.path, &catalogue, NULL), 0);
	catalogue_probe(catalogue, NULL);
	assert_true(catalogue_at(catalogue, 0)->available);
	catalogue_read_ahead(catalogue);
	catalogue_free(catalogue);
	unlink(fifo);
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tools_are_found_and_asked),
		cmocka_unit_test(a_version_managers_shim_is_not_taken),
		cmocka_unit_test(what_boxes_cannot_see_makes_unavailable),
		cmocka_unit_test(the_packs_own_folder_is_seen_elsewhere),
		cmocka_unit_test(what_is_read_ahead_may_be_anything),
	};
	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
