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
	must(compare_tokens(output, output_size, answer, answer_size) == equal);
	must(compare_tokens(answer, answer_size, output, output_size) == equal);
	must(compare_tokens(output, output_size, buffer_text(&left), left.size));

	/* Each asks for more than the one before. */
	bool exact = compare_exact(output, output_size, answer, answer_size);
	bool lines = compare_lines(output, output_size, answer, answer_size);
	must(exact == same_bytes(output, output_size, answer, answer_size));
	must(!exact || lines);
	must(!lines || equal);
	must(compare_lines(answer, answer_size, output, output_size) == lines);
	return 0;
}
