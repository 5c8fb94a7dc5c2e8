/* What a WebSocket client sends, whole and byte by byte: good frames are good either way, what is answered is whole
 * frames, and nothing is held once nothing is half there. The first byte says how the input is cut. */
#include "fuzz.h"

#include "websocket.h"

static void check_answers(const struct buffer *out)
{
	for (size_t at = 0; at < out->size;) {
		must(out->size - at >= 2);
		unsigned char first = (unsigned char)out->data[at], length = (unsigned char)out->data[at + 1];
		must((first == 0x88 || first == 0x8a) && length < 126); /* closes and pongs */
		at += 2U + length;
		must(at <= out->size);
	}
}

static enum websocket_state feed(struct websocket *ws, const uint8_t *data, size_t size, size_t step,
				 struct buffer *out)
{
	enum websocket_state state = WEBSOCKET_OPEN;
	for (size_t at = 0; at < size && state != WEBSOCKET_OVER; at += step) {
		state = websocket_feed(ws, data + at, size - at < step ? size - at : step, 0, out);
		must(state != WEBSOCKET_OPEN || (ws->frames != NULL) == websocket_is_half_way(ws));
	}
	return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buffer struct buffer whole_out = { 0 }, cut_out = { 0 };
	struct websocket whole = { 0 }, cut = { 0 };
	size_t step = size > 0 ? 1U + *data % 16 : 1;
	if (size == 0)
		return 0;
	enum websocket_state state = feed(&whole, data + 1, size - 1, size, &whole_out);
	enum websocket_state cut_state = feed(&cut, data + 1, size - 1, step, &cut_out);
	/* wslay looks at half a close frame as it comes, so only whole good frames must be read alike. */
	must(state != WEBSOCKET_OPEN || websocket_is_half_way(&whole) || cut_state == WEBSOCKET_OPEN);
	check_answers(&whole_out);
	check_answers(&cut_out);
	websocket_close(&whole, 1000, "bye", &whole_out);
	check_answers(&whole_out);
	websocket_free(&whole);
	websocket_free(&cut);
	return 0;
}
