#include "public_class.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	const char *text;
	size_t size;
};

struct scanner {
	const char *at, *end;
};

/* ---- tokens ---- */

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '$' || (unsigned char)c >= 0x80; /* identifiers may be of any script */
}

static bool looks_at(const struct scanner *scanner, const char *text)
{
	size_t size = strlen(text);

	return (size_t)(scanner->end - scanner->at) >= size && memcmp(scanner->at, text, size) == 0;
}

/* Behind the next `text`, or to the end. */
static void skip_past(struct scanner *scanner, const char *text)
{
	const char *found = memmem(scanner->at, (size_t)(scanner->end - scanner->at), text, strlen(text));

	scanner->at = found ? found + strlen(text) : scanner->end;
}

/* A string or character, which ends with its line at the latest. */
static void skip_quoted(struct scanner *scanner, char quote)
{
	for (scanner->at++; scanner->at < scanner->end; scanner->at++) {
		if (*scanner->at == '\\' && scanner->at + 1 < scanner->end)
			scanner->at++;
		else if (*scanner->at == quote || *scanner->at == '\n')
			break;
	}
	if (scanner->at < scanner->end)
		scanner->at++;
}

static void skip_text_block(struct scanner *scanner)
{
	for (scanner->at += 3; scanner->at < scanner->end && !looks_at(scanner, "\"\"\""); scanner->at++)
		if (*scanner->at == '\\' && scanner->at + 1 < scanner->end)
			scanner->at++;
	skip_past(scanner, "\"\"\"");
}

/* True when something that means nothing here was skipped. */
static bool skip_one(struct scanner *scanner)
{
	if (looks_at(scanner, "//"))
		skip_past(scanner, "\n");
	else if (looks_at(scanner, "/*"))
		scanner->at += 2, skip_past(scanner, "*/");
	else if (looks_at(scanner, "\"\"\""))
		skip_text_block(scanner);
	else if (*scanner->at == '"' || *scanner->at == '\'')
		skip_quoted(scanner, *scanner->at);
	else if (strchr(" \t\r\n\f", *scanner->at)) /* NUL too */
		scanner->at++;
	else
		return false;
	return true;
}

static struct token next_token(struct scanner *scanner)
{
	struct token token = { TOKEN_END, scanner->end, 0 };

	while (scanner->at < scanner->end && skip_one(scanner))
		;
	if (scanner->at >= scanner->end)
		return token;
	token.text = scanner->at;
	if (!is_word_byte(*scanner->at)) {
		scanner->at++;
		token.kind = TOKEN_SIGN;
		token.size = 1;
		return token;
	}
	while (scanner->at < scanner->end && is_word_byte(*scanner->at))
		scanner->at++;
	token.kind = TOKEN_WORD;
	token.size = (size_t)(scanner->at - token.text);
	return token;
}

static bool token_is(struct token token, const char *text)
{
	return token.size == strlen(text) && memcmp(token.text, text, token.size) == 0;
}

static bool declares_type(struct token token)
{
	return token_is(token, "class") || token_is(token, "interface") || token_is(token, "enum") ||
	       token_is(token, "record");
}

/* ---- declarations ---- */

struct type {
	struct token name; /* TOKEN_END: none */
	bool is_public;
};

struct finder {
	struct scanner scanner;
	struct token package; /* "a . b" as written; size 0: none */
	struct type first, public, runnable, current;
	int braces, parentheses;
	struct token before, before_that; /* the last two tokens */
};

static void find_package(struct finder *finder)
{
	struct token token = next_token(&finder->scanner);

	finder->package = token;
	while (token.kind != TOKEN_END && !token_is(token, ";")) {
		finder->package.size = (size_t)(token.text + token.size - finder->package.text);
		token = next_token(&finder->scanner);
	}
}

/* Between types: modifiers, annotations, imports, and the next type's head. */
static void look_outside(struct finder *finder, struct token token, bool *seen_public)
{
	if (token_is(token, "package"))
		find_package(finder);
	else if (token_is(token, "public"))
		*seen_public = true;
	else if (token_is(token, ";"))
		*seen_public = false;
	if (token.kind != TOKEN_WORD || !declares_type(finder->before))
		return;
	finder->current = (struct type){ token, *seen_public };
	*seen_public = false;
	if (!finder->first.name.size)
		finder->first = finder->current;
	if (finder->current.is_public && !finder->public.name.size)
		finder->public = finder->current;
}

/* Directly within a type: its `void main(`. A public type wins over an earlier one that is not. */
static void look_inside(struct finder *finder, struct token token)
{
	if (!token_is(token, "(") || !token_is(finder->before, "main") ||
	    !token_is(finder->before_that, "void"))
		return;
	if (!finder->runnable.name.size || (finder->current.is_public && !finder->runnable.is_public))
		finder->runnable = finder->current;
}

static void count_brackets(struct finder *finder, struct token token)
{
	if (token.kind != TOKEN_SIGN)
		return;
	switch (*token.text) {
	case '{': finder->braces++; break;
	case '}': finder->braces -= finder->braces > 0; break;
	case '(': finder->parentheses++; break;
	case ')': finder->parentheses -= finder->parentheses > 0; break;
	default: break;
	}
}

static void find_types(struct finder *finder)
{
	bool seen_public = false;

	for (;;) {
		struct token token = next_token(&finder->scanner);

		if (token.kind == TOKEN_END)
			return;
		if (finder->braces == 0 && finder->parentheses == 0)
			look_outside(finder, token, &seen_public);
		else if (finder->braces == 1 && finder->parentheses == 0)
			look_inside(finder, token);
		count_brackets(finder, token);
		finder->before_that = finder->before;
		finder->before = token;
	}
}

/* ---- names ---- */

/* "a.b.Name" in the pool; NULL for no type, or when memory is out. */
static char *qualified(const struct finder *finder, const struct type *type, struct pool *pool)
{
	const char *written = finder->package.size ? finder->package.text : "";
	struct scanner package = { written, written + finder->package.size };
	struct token token;
	char *name, *out;

	if (!type->name.size)
		return NULL;
	out = name = pool_alloc(pool, finder->package.size + type->name.size + 2);
	if (!name)
		return NULL;
	while ((token = next_token(&package)).kind != TOKEN_END)
		out = mempcpy(out, token.text, token.size);
	if (out > name)
		*out++ = '.';
	memcpy(out, type->name.text, type->name.size);
	return name;
}

int class_names_scan(const char *source, size_t size, struct pool *pool, struct class_names *names)
{
	struct finder finder = { .scanner = { source, source + size } };
	struct class_names found = { 0 };

	find_types(&finder);
	if (finder.public.name.size)
		found.public_class = pool_memdup(pool, finder.public.name.text, finder.public.name.size);
	found.main_class = qualified(&finder, &finder.runnable, pool);
	found.first_class = qualified(&finder, &finder.first, pool);
	if (!found.public_class != !finder.public.name.size ||
	    !found.main_class != !finder.runnable.name.size || !found.first_class != !finder.first.name.size)
		return -ENOMEM;
	*names = found;
	return 0;
}
