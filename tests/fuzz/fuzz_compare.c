/* Comparison against a slower one: both texts rewritten as tokens with one space behind each. The first byte says
 * where the input is cut in two. */
#include "fuzz.h"

#include "base/buffer.h"
#include "judge/compare.h"

static void rewrite(const uint8_t *text, size_t size, struct buffer *out)
{
	bool in_token = false;
	for (size_t i = 0; i <= size; i++) {
		bool space = i == size || (text[i] != '\0' && strchr(" \t\n\v\f\r", text[i]));
		if (!space)
			buffer_putc(out, (char)text[i]);
		else if (in_token)
			buffer_putc(out, ' ');
		in_token = !space;
	}
}

static bool compare(enum validator validator, const char *const *args, const void *output, size_t output_size,
		    const void *answer, size_t answer_size)
{
	struct compare_rules rules;
	must(compare_rules_parse(validator, args, &rules, NULL) == 0);
	return compare_output(&rules, output, output_size, answer, answer_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	cleanup_buffer struct buffer left = { 0 }, right = { 0 };
	const uint8_t *output = data + 1, *end = data + size;
	const uint8_t *answer = output + (size - 1) * data[0] / 255;
	size_t output_size = (size_t)(answer - output), answer_size = (size_t)(end - answer);

	rewrite(output, output_size, &left);
	rewrite(answer, answer_size, &right);
	bool equal = same_bytes(left.data, left.size, right.data, right.size);
	must(compare(VALIDATOR_TOKENS, NULL, output, output_size, answer, answer_size) == equal);
	must(compare(VALIDATOR_TOKENS, NULL, answer, answer_size, output, output_size) == equal);
	must(compare(VALIDATOR_TOKENS, NULL, output, output_size, buffer_text(&left), left.size));

	/* Each asks for more than the one before. */
	static const char *const any_order[] = { "any_order", NULL };
	static const char *const near[] = { "float_tolerance", "0.1", NULL };
	bool exact = compare(VALIDATOR_EXACT, NULL, output, output_size, answer, answer_size);
	bool lines = compare(VALIDATOR_LINES, NULL, output, output_size, answer, answer_size);
	bool same_lines = compare(VALIDATOR_LINES, any_order, output, output_size, answer, answer_size);
	bool insensitive = compare(VALIDATOR_FLOAT, NULL, output, output_size, answer, answer_size);
	bool close = compare(VALIDATOR_FLOAT, near, output, output_size, answer, answer_size);
	must(exact == same_bytes(output, output_size, answer, answer_size));
	must(!exact || lines);
	must(!lines || (equal && same_lines));
	must(!equal || insensitive);
	must(!insensitive || close);
	must(compare(VALIDATOR_LINES, NULL, answer, answer_size, output, output_size) == lines);
	must(compare(VALIDATOR_LINES, any_order, answer, answer_size, output, output_size) == same_lines);
	must(compare(VALIDATOR_FLOAT, NULL, answer, answer_size, output, output_size) == insensitive);
	return 0;
}
