/* Every byte string has exactly one encoding, white space aside: what decodes encodes to what it was. */
#include "fuzz.h"

#include "base/hash.h"

static void without_spaces(const char *text, size_t size, struct buffer *out)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\0' || !strchr(" \t\n\v\f\r", text[i]))
			buffer_putc(out, text[i]);
}

static void check_text(const char *text, size_t size)
{
	cleanup_buffer struct buffer decoded = { 0 }, again = { 0 }, plain = { 0 };

	if (base64_decode(text, size, &decoded) < 0)
		return;
	base64_encode(decoded.data, decoded.size, &again);
	without_spaces(text, size, &plain);
	must(same_bytes(plain.data, plain.size, again.data, again.size));
}

static void check_bytes(const uint8_t *bytes, size_t size)
{
	cleanup_buffer struct buffer encoded = { 0 }, decoded = { 0 };

	base64_encode(bytes, size, &encoded);
	must(base64_decode(buffer_text(&encoded), encoded.size, &decoded) == 0);
	must(same_bytes(bytes, size, decoded.data, decoded.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text((const char *)data, size);
	check_bytes(data, size);
	return 0;
}
