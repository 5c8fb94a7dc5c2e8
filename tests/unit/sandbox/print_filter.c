/* print_filter.c - the filter's table as docs/security.md has it; `make docs` puts it there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "filter_table.h"

static const char *answer_text(int answer)
{
	switch (answer) {
	case ALLOWED: return "allowed";
	case PRETENDED: return "0, and nothing is done";
	default: return strerrorname_np(answer);
	}
}

/* `between` for each blank in `text`. */
static void print_words(const char *text, const char *between)
{
	for (; *text; text++)
		if (*text == ' ')
			fputs(between, stdout);
		else
			putchar(*text);
}

/* "A | B": a bar would end the column. */
static void print_flags(const char *text)
{
	for (const char *bar; (bar = strstr(text, " | ")); text = bar + 3)
		printf("`%.*s`, ", (int)(bar - text), text);
	printf("`%s`", text);
}

static void print_condition(const struct condition *condition)
{
	static const char *const places[] = { "first", "second", "third", "fourth", "fifth", "sixth" };
	if (condition->kind == NO_CONDITION)
		return;
	printf("%s ", places[condition->argument]);
	if (condition->kind == EQUALS) {
		printf("is `%s`", condition->value_text);
	} else if (condition->kind == DIFFERS) {
		printf("is not `%s`", condition->value_text);
	} else if (condition->value == 0) {
		printf("has none of ");
		print_flags(condition->mask_text);
	} else {
		printf("under `%s` is `%s`", condition->mask_text, condition->value_text);
	}
}

static void print_rule(const struct rule *rule)
{
	printf("| `");
	print_words(rule->names, "` `");
	printf("` | %s | ", answer_text(rule->answer));
	print_condition(&rule->conditions[0]);
	if (rule->conditions[1].kind != NO_CONDITION)
		printf(", ");
	print_condition(&rule->conditions[1]);
	printf(" | %s |\n", rule->reason);
}

static const char head[] = "| calls | answer | when the argument | why |\n| --- | --- | --- | --- |";

int main(void)
{
	puts(head);
	for (size_t i = 0; i < filter_rule_count; i++)
		print_rule(&filter_rules[i]);
	print_rule(&filter_init_rule);
	puts("| any other call, and any other argument | ENOSYS | | what nobody needs |");
	for (size_t i = 0; i < filter_above_count; i++) {
		printf("\nAbove it, %s, with the stricter answer counting:\n\n%s\n", filter_above[i].when,
		       head);
		for (size_t row = 0; row < filter_above[i].count; row++)
			print_rule(&filter_above[i].rows[row]);
	}
	return 0;
}
