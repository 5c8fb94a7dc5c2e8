/* YAML that every reader understands as it was meant: what could be anything but text is in double quotes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "export.h"

static bool is_plain(const char *text)
{
	static const char *const reserved[] = { "true", "false", "yes", "no", "on", "off", "null", "y", "n" };
	size_t size = strlen(text);

	if (!isalpha((unsigned char)text[0]) || text[size - 1] == ' ')
		return false;
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (strcasecmp(reserved[i], text) == 0)
			return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("_./+- ", *text))
			return false;
	return true;
}

/* What may not stand in YAML as it is, or is a line's end there: of U+0080 to U+009F, U+2028, U+2029, U+FEFF, U+FFFE and
 * U+FFFF. 0: something else. */
static unsigned special(const unsigned char *at, size_t *size)
{
	unsigned code = 0;

	if (at[0] == 0xc2 && at[1] < 0xa0) {
		*size = 2;
		code = at[1];
	} else if ((at[0] & 0xf0) == 0xe0 && at[1] && at[2]) {
		*size = 3;
		code = (at[0] & 0xfU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
		if (code != 0x2028 && code != 0x2029 && code != 0xfeff && code < 0xfffe)
			code = 0;
	}
	return code;
}

static void put_quoted(struct buffer *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	buffer_putc(out, '"');
	while (*at) {
		size_t size = 1;
		unsigned code = special(at, &size);

		if (code)
			buffer_printf(out, "\\u%04x", code);
		else if (*at == '"' || *at == '\\')
			buffer_printf(out, "\\%c", *at);
		else if (*at == '\n')
			buffer_puts(out, "\\n");
		else if (*at < 0x20 || *at == 0x7f)
			buffer_printf(out, "\\x%02x", *at);
		else
			buffer_append(out, at, code ? size : 1);
		at += code ? size : 1;
	}
	buffer_putc(out, '"');
}

void yaml_put_text(struct buffer *out, const char *text)
{
	cleanup_json json_t *valid = NULL;

	if (is_plain(text)) {
		buffer_puts(out, text);
		return;
	}
	if (!utf8_valid(text, strlen(text)))
		valid = json_text(text, strlen(text));
	put_quoted(out, valid ? json_string_value(valid) : text);
}

void yaml_put_number(struct buffer *out, double number)
{
	char text[32];

	snprintf(text, sizeof text, "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, sizeof text, "%.17g", number);
	buffer_puts(out, text);
}

void yaml_put_list(struct buffer *out, const char *const *list)
{
	buffer_putc(out, '[');
	for (size_t i = 0; list && list[i]; i++) {
		buffer_puts(out, i ? ", " : "");
		yaml_put_text(out, list[i]);
	}
	buffer_putc(out, ']');
}

void yaml_put_node(struct buffer *out, const struct yaml_node *node)
{
	if (node->kind == YAML_TEXT) {
		if (yaml_is_null(node))
			buffer_puts(out, "null");
		else
			yaml_put_text(out, node->text);
		return;
	}
	buffer_putc(out, node->kind == YAML_LIST ? '[' : '{');
	for (const struct yaml_node *each = node->first; each; each = each->next) {
		if (each != node->first)
			buffer_puts(out, ", ");
		if (node->kind == YAML_MAP) {
			yaml_put_text(out, each->key->text);
			buffer_puts(out, ": ");
		}
		yaml_put_node(out, each);
	}
	buffer_putc(out, node->kind == YAML_LIST ? ']' : '}');
}
