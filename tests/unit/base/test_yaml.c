/* What a YAML file is, written back as JSON-like text: a row a rule, strict and lenient. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/yaml.h"

static void write_node(const struct yaml_node *node, struct buffer *out);

static void write_children(const struct yaml_node *parent, struct buffer *out)
{
	size_t count = 0;

	for (const struct yaml_node *child = parent->first; child; child = child->next) {
		buffer_puts(out, child == parent->first ? "" : " ");
		if (parent->kind == YAML_MAP)
			buffer_printf(out, "%s:", child->key->text);
		write_node(child, out);
		count++;
	}
	assert_int_equal(count, parent->count);
}

static void write_node(const struct yaml_node *node, struct buffer *out)
{
	if (node->kind == YAML_TEXT) {
		buffer_printf(out, node->quoted ? "'%s'" : "%s", node->text);
		return;
	}
	buffer_puts(out, node->kind == YAML_LIST ? "[" : "{");
	write_children(node, out);
	buffer_puts(out, node->kind == YAML_LIST ? "]" : "}");
}

/* `strict` and `lenient`: what comes of it; a refusal begins with "x:". */
static const struct {
	const char *text, *strict, *lenient;
} rows[] = {
	{ "a: 1\nb: [x, 'y']\n", "{a:1 b:[x 'y']}", "{a:1 b:[x 'y']}" },
	{ "- a\n-\n- {}\n", "[a  {}]", "[a  {}]" },
	/* nothing */
	{ "", "x:1:1: the file is empty", "NULL" },
	{ "# only words\n", "x:2:1: the file is empty", "NULL" },
	{ "---\n", "", "NULL" },
	{ "~", "~", "NULL" },
	{ "null", "null", "NULL" },
	{ "'null'", "'null'", "'null'" },
	/* a key that stands there twice: the last one, in the place of the first */
	{ "a: 1\nb: 2\na: 3\n", "x:3:1: a stands here twice", "{a:3 b:2}" },
	{ "a: 1\nb: 2\nb: 3\nc: 4\n", "x:3:1: b stands here twice", "{a:1 b:3 c:4}" },
	/* aliases */
	{ "a: &x [1, 2]\nb: *x\nc: *x\n", "x:1:4: an anchor is not allowed here",
	  "{a:[1 2] b:[1 2] c:[1 2]}" },
	{ "a: &x 1\nb: &x 2\nc: *x\n", "x:1:4: an anchor is not allowed here", "{a:1 b:2 c:2}" },
	{ "&x a: *x\n", "x:1:1: an anchor is not allowed here", "{a:a}" },
	{ "a: *x\n", "x:1:4: an alias is not allowed here", "x:1:4: an alias of nothing" },
	{ "a: &x [*x]\n", "x:1:4: an anchor is not allowed here", "x:1:8: an alias of nothing" },
	/* merging */
	{ "- &x {a: 1, b: 2}\n- {b: 3, <<: *x, c: 4}\n", "x:1:3: an anchor is not allowed here",
	  "[{a:1 b:2} {b:3 c:4 a:1}]" },
	{ "<<: [{a: 1}, {a: 2, b: 3}, c]\n", "{<<:[{a:1} {a:2 b:3} c]}", "{a:1 b:3}" },
	{ "'<<': {a: 1}\n", "{<<:{a:1}}", "{<<:{a:1}}" },
	{ "<<: 1\n", "{<<:1}", "{<<:1}" },
	/* tags */
	{ "a: !!str 1\n", "x:1:4: a tag is not allowed here", "{a:'1'}" },
	{ "a: !!int 1\n", "x:1:4: a tag is not allowed here", "{a:1}" },
	{ "!thing {a: !other [b]}\n", "x:1:1: a tag is not allowed here", "{a:[b]}" },
	/* never */
	{ "[a]: b\n", "x:1:1: a key must be text", "x:1:1: a key must be text" },
	{ "a: \"\\0\"\n", "x:1:4: NUL is not allowed here", "x:1:4: NUL is not allowed here" },
	{ "a\n---\nb\n", "x:2:1: a second document", "x:2:1: a second document" },
	{ "a: \xff\n", "x:1:1: invalid leading UTF-8", "x:1:1: invalid leading UTF-8" },
	{ "a: [1\n", "x:2:1: ", "x:2:1: " },
	{ "[[[[[[[[[1]]]]]]]]]", "x:1:9: nested too deep", "[[[[[[[[[1]]]]]]]]]" },
};

static void read_as(const char *text, size_t size, unsigned options, struct buffer *out)
{
	cleanup_pool struct pool *pool = pool_new();
	struct yaml_node *root = NULL;
	struct error err = { 0 };
	int code = yaml_parse(text, size, "x", options, pool, &root, &err);

	if (code < 0) {
		assert_int_equal(code, -EINVAL);
		buffer_puts(out, err.text);
	} else if (!root) {
		buffer_puts(out, "NULL");
	} else {
		write_node(root, out);
	}
}

static void expect(const char *text, unsigned options, const char *expected)
{
	cleanup_buffer struct buffer got = { 0 };
	bool refused = strncmp(expected, "x:", 2) == 0;

	read_as(text, strlen(text), options, &got);
	if (refused ? strncmp(buffer_text(&got), expected, strlen(expected)) != 0
		    : strcmp(buffer_text(&got), expected) != 0)
		fail_msg("\"%s\": \"%s\", expected \"%s\"", text, buffer_text(&got), expected);
}

static void a_text_is_what_its_rules_make_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect(rows[i].text, YAML_STRICT, rows[i].strict);
		expect(rows[i].text, YAML_LENIENT, rows[i].lenient);
	}
}

/* Each level ten times the one before: 10^9 nodes in 200 bytes. */
static void a_bomb_of_aliases_is_refused(void **state)
{
	cleanup_buffer struct buffer text = { 0 }, got = { 0 };

	(void)state;
	buffer_puts(&text, "a0: &a0 x\n");
	for (int i = 1; i < 10; i++) {
		buffer_printf(&text, "a%d: &a%d [*a%d", i, i, i - 1);
		for (int j = 1; j < 10; j++)
			buffer_printf(&text, ", *a%d", i - 1);
		buffer_puts(&text, "]\n");
	}
	read_as(buffer_text(&text), text.size, YAML_LENIENT, &got);
	assert_string_equal(buffer_text(&got), "x:6:45: too much is in this file");
}

static void aliases_nest_no_deeper_than_what_is_written_out(void **state)
{
	cleanup_buffer struct buffer text = { 0 }, got = { 0 };

	(void)state;
	buffer_puts(&text, "- &a0 x\n");
	for (int i = 1; i < 100; i++)
		buffer_printf(&text, "- &a%d [*a%d]\n", i, i - 1);
	read_as(buffer_text(&text), text.size, YAML_LENIENT, &got);
	assert_string_equal(buffer_text(&got), "x:64:9: nested too deep");
}

static void a_file_holds_only_so_much(void **state)
{
	cleanup_buffer struct buffer keys = { 0 }, items = { 0 }, got = { 0 };

	(void)state;
	for (int i = 0; i < 10001; i++)
		buffer_printf(&keys, "k%d: 1\n", i);
	read_as(buffer_text(&keys), keys.size, YAML_LENIENT, &got);
	assert_string_equal(buffer_text(&got), "x:10001:1: too many keys");
	buffer_clear(&got);
	for (int i = 0; i < 100000; i++)
		buffer_puts(&items, "- 1\n");
	read_as(buffer_text(&items), items.size, YAML_LENIENT, &got);
	assert_string_equal(buffer_text(&got), "x:100000:3: too much is in this file");
	buffer_clear(&got);
	while (items.size <= 1 << 20)
		buffer_puts(&items, "# words\n");
	read_as(buffer_text(&items), items.size, YAML_LENIENT, &got);
	assert_string_equal(buffer_text(&got), "x: larger than 1 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_what_its_rules_make_of_it),
		cmocka_unit_test(a_bomb_of_aliases_is_refused),
		cmocka_unit_test(aliases_nest_no_deeper_than_what_is_written_out),
		cmocka_unit_test(a_file_holds_only_so_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
