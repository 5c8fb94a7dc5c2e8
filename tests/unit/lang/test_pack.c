/* A bad pack is refused with file, line and column: one good pack, and a row for each way to spoil it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "folder.h"
#include "lang/lang.h"

static const char good[] = "id: shell\n"                              /* 1 */
			   "name: Shell\n"                            /* 2 */
			   "aliases: [sh, bourne]\n"                  /* 3 */
			   "extensions: [sh]\n"                       /* 4 */
			   "source: main.sh\n"                        /* 5 */
			   "tools:\n"                                 /* 6 */
			   "  - name: sh\n"                           /* 7 */
			   "    paths: [/bin/sh]\n"                   /* 8 */
			   "    package: dash\n"                      /* 9 */
			   "version: [\"{sh}\", -c, echo 1.0]\n"      /* 10 */
			   "compile: [\"{sh}\", -n, \"{sources}\"]\n" /* 11 */
			   "collect: out\n"                           /* 12 */
			   "run: [\"{sh}\", \"{main}\"]\n"            /* 13 */
			   "environment: [A=b]\n"                     /* 14 */
			   "visible: [\"{pack}\"]\n"                  /* 15 */
			   "minimum: {processes: 4, memory_mb: 16}\n" /* 16 */
			   "hello: echo hello\n"                      /* 17 */
			   "hello_output: hello\n"                    /* 18 */
			   "echo: cat\n";                             /* 19 */

/* `from` (once in the good pack) becomes `to`; the refusal is "FOLDER/shell.yaml:" and `complaint`. */
static const struct {
	const char *from, *to, *complaint;
} changes[] = {
	/* shape */
	{ "id: shell", "ident: shell", "1:1: unknown key ident" },
	{ "id: shell\n", "", "1:1: id is missing" },
	{ "name: Shell", "id: other", "2:1: id stands here twice" },
	{ "name: Shell", "name: [Shell]", "2:7: must be text" },
	{ "name: Shell", "name:", "2:6: must not be empty" },
	{ "name: Shell", "name: \"She\\0ll\"", "2:7: NUL is not allowed here" },
	{ "name: Shell", "name: !!str Shell", "2:7: a tag is not allowed here" },
	{ "name: Shell", "name: &anchor Shell", "2:7: an anchor is not allowed here" },
	{ "name: Shell", "name: *shell", "2:7: an alias is not allowed here" },
	{ "name: Shell", "name: 'Shell", "" }, /* where the quote ends is libyaml's to say */
	{ "name: Shell", "name: \tShell: x", "2:" },
	{ "name: Shell", "name: \xff", "1:1: invalid leading UTF-8 octet at byte 16" },
	{ "name: Shell", "[a]: b", "2:1: a key must be text" },
	{ "echo: cat\n", "echo: cat\n---\nid: b\n", "20:1: a second document is not allowed here" },
	{ "name: Shell", "name: {a: {a: {a: {a: {a: {a: {a: {a: {}}}}}}}}}", "2:32: nested too deep" },
	/* values */
	{ "id: shell", "id: Shell", "1:5: must be of a-z" },
	{ "[sh, bourne]", "sh", "3:10: must be a list" },
	{ "[sh, bourne]", "[sh, Bourne Shell]", "3:15: must be of a-z" },
	{ "[sh, bourne]", "[sh, {}]", "3:15: must be text" },
	{ "extensions: [sh]", "extensions: []", "4:13: must name at least one" },
	{ "main.sh", "/main.sh", "5:9: must be a relative file name" },
	{ "main.sh", "a/../main.sh", "5:9: must be a relative file name" },
	{ "source: main.sh", "source: main.sh\nname_from_public_class: yes", "6:25: must be true or false" },
	{ "source: main.sh", "source: main.sh\nname_from_public_class: \"true\"",
	  "6:25: must be true or false" },
	{ "{processes: 4, memory_mb: 16}", "4", "16:10: must be a mapping" },
	{ "processes: 4", "processes: 0", "16:22: must be a whole number" },
	{ "processes: 4", "processes: 4.5", "16:22: must be a whole number" },
	{ "processes: 4", "processes: many", "16:22: must be a whole number" },
	{ "processes: 4", "processes: 99999999999999999999", "16:22: must be a whole number" },
	{ "processes: 4", "process: 4", "16:11: unknown key process" },
	{ "A=b", "A", "14:15: must be NAME=value" },
	{ "A=b", "=b", "14:15: must be NAME=value" },
	{ "A=b", "'A={nothing}'", "14:15: unknown placeholder {nothing}" },
	{ "[\"{pack}\"]", "[etc/x]", "15:11: must be an absolute path" },
	{ "[\"{pack}\"]", "[\"/etc/{main}\"]", "15:11: unknown placeholder {main}" },
	/* tools */
	{ "  - name: sh\n", "  - nickname: sh\n", "7:5: unknown key nickname" },
	{ "  - name: sh\n", "  - name: main\n", "7:11: the name main is taken" },
	{ "    package: dash\n", "", "7:5: needs either package or advice" },
	{ "    package: dash\n", "    package: dash\n    advice: x\n",
	  "7:5: needs either package or advice" },
	{ "    package: dash\n", "    package: dash\n  - {name: sh, paths: [/a], package: b}\n",
	  "10:12: the name sh is taken" },
	{ "[/bin/sh]", "[sh]", "8:13: must be an absolute path" },
	{ "[/bin/sh]", "/bin/sh", "8:12: must be a list" },
	/* commands */
	{ "run: [\"{sh}\", \"{main}\"]", "run: []", "13:6: must name a program" },
	{ "run: [\"{sh}\"", "run: [\"{bash}\"", "13:7: unknown placeholder {bash}" },
	{ "\"{main}\"", "\"{main\"", "13:15: a brace without its other one" },
	{ "\"{main}\"", "\"main}\"", "13:15: a brace without its other one" },
	{ "\"{sources}\"", "\"x{sources}\"", "11:23: unknown placeholder {sources}" },
	{ "echo 1.0", "\"{main}\"", "10:23: unknown placeholder {main}" },
	{ "collect: out\n", "", "11:10: compile without collect" },
	{ "collect: out\n", "collect: out\ncheck: [\"{sh}\"]\n", "13:8: check beside compile" },
	{ "compile: [\"{sh}\", -n, \"{sources}\"]\ncollect: out\n", "unpack: true\n",
	  "11:9: unpack without collect" },
	{ "echo: cat\n", "", "1:1: echo is missing" },
	{ "compile: [\"{sh}\", -n, \"{sources}\"]\n", "", "11:10: collect without compile" },
};

static void changed(const char *from, const char *to, struct buffer *out)
{
	const char *at = strstr(good, from);

	assert_non_null(at);
	assert_null(strstr(at + 1, from));
	buffer_append(out, good, (size_t)(at - good));
	buffer_puts(out, to);
	buffer_puts(out, at + strlen(from));
}

static void a_bad_pack_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		cleanup_buffer struct buffer text = { 0 };
		struct catalogue *catalogue = NULL;
		struct error err = { 0 };
		struct folder folder;
		char expected[200];

		folder_open(&folder);
		changed(changes[i].from, changes[i].to, &text);
		folder_write(&folder, "shell.yaml", buffer_text(&text), 0644);
		if (catalogue_load(folder.path, &catalogue, &err) != -EINVAL)
			fail_msg("\"%s\" was taken", changes[i].to);
		folder_remove(&folder);
		snprintf(expected, sizeof expected, "%s/shell.yaml:%s", folder.path, changes[i].complaint);
		if (strncmp(err.text, expected, strlen(expected)) != 0)
			fail_msg("\"%s\": \"%s\", expected \"%s\"", changes[i].to, err.text, expected);
		assert_null(catalogue);
	}
}

static void a_good_pack_is_what_it_says(void **state)
{
	struct catalogue *catalogue = NULL;
	struct error err = { 0 };
	struct folder folder;
	const struct language *shell;

	(void)state;
	folder_open(&folder);
	folder_write(&folder, "shell.yaml", good, 0644);
	folder_write(&folder, "notes.txt", "no pack", 0644);
	if (catalogue_load(folder.path, &catalogue, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(catalogue_count(catalogue), 1);
	shell = catalogue_at(catalogue, 0);
	assert_string_equal(shell->id, "shell");
	assert_string_equal(shell->aliases[1], "bourne");
	assert_null(shell->aliases[2]);
	assert_null(shell->external_id);
	assert_string_equal(shell->package_id, shell->id);
	assert_true(shell->compiled);
	assert_false(shell->name_from_public_class);
	assert_int_equal(shell->minimum.processes, 4);
	assert_int_equal(shell->minimum.memory_bytes, 16 << 20);
	assert_int_equal(shell->minimum.open_files, 0);
	assert_string_equal(shell->visible[0], folder.path);
	assert_string_equal(shell->echo, "cat");
	assert_false(shell->available);
	assert_null(shell->memory_messages[0]);
	catalogue_free(catalogue);
	folder_remove(&folder);
}

static void a_name_leads_to_one_language(void **state)
{
	static const struct {
		const char *from, *to, *complaint;
	} seconds[] = {
		{ "id: shell", "id: bourne", "1:5: bourne is taken by Shell" },
		{ "id: shell", "id: other", "3:11: sh is taken by Shell" },
		{ "id: shell\nname: Shell\naliases: [sh, bourne]", "id: other\nname: Other",
		  "3:14: sh is taken by Shell" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
		cleanup_buffer struct buffer text = { 0 };
		struct catalogue *catalogue = NULL;
		struct error err = { 0 };
		struct folder folder;
		char expected[120];

		folder_open(&folder);
		changed(seconds[i].from, seconds[i].to, &text);
		folder_write(&folder, "1.yaml", good, 0644);
		folder_write(&folder, "2.yaml", buffer_text(&text), 0644);
		assert_int_equal(catalogue_load(folder.path, &catalogue, &err), -EINVAL);
		folder_remove(&folder);
		snprintf(expected, sizeof expected, "%s/2.yaml:%s", folder.path, seconds[i].complaint);
		assert_string_equal(err.text, expected);
	}
}

static void a_folder_without_packs_is_refused(void **state)
{
	struct catalogue *catalogue = NULL;
	struct error err = { 0 };
	struct folder folder;

	(void)state;
	folder_open(&folder);
	assert_int_equal(catalogue_load(folder.path, &catalogue, &err), -ENOENT);
	assert_non_null(strstr(err.text, folder.path));
	folder_remove(&folder);
	assert_int_equal(catalogue_load(folder.path, &catalogue, &err), -ENOENT);
	assert_non_null(strstr(err.text, folder.path));
}

/* Whatever stands in a pack, it is taken or refused with its place. */
static void any_bytes_are_survived(void **state)
{
	static const char odd_bytes[] = "{}[]:,-&*!'\"\n #\xc3";
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[sizeof good];
		struct catalogue *catalogue = NULL;
		struct error err = { 0 };
		struct folder folder;

		memcpy(text, good, sizeof good);
		for (int i = rand_r(&seed) % 4; i >= 0; i--)
			text[(size_t)rand_r(&seed) % (sizeof good - 1)] =
				odd_bytes[(size_t)rand_r(&seed) % (sizeof odd_bytes - 1)];
		folder_open(&folder);
		folder_write(&folder, "shell.yaml", text, 0644);
		if (catalogue_load(folder.path, &catalogue, &err) == 0)
			catalogue_free(catalogue);
		else if (strncmp(err.text, folder.path, strlen(folder.path)) != 0 ||
			 !strstr(err.text, "shell.yaml:"))
			fail_msg("\"%s\" for\n%s", err.text, text);
		folder_remove(&folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_pack_is_refused_with_its_place),
		cmocka_unit_test(any_bytes_are_survived),
		cmocka_unit_test(a_good_pack_is_what_it_says),
		cmocka_unit_test(a_name_leads_to_one_language),
		cmocka_unit_test(a_folder_without_packs_is_refused),
	};
	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
