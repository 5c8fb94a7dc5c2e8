#include "websocket.h"

#include <endian.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#include "base/hash.h"

enum {
	FRAME_COST_US = 100000, /* ten frames a second, */
	BUDGET_US = 5000000,    /* and fifty at once */
	KEY_BYTES = 16,
	KEY_TEXT_BYTES = 24,
	SHA1_BYTES = 20,
	MASK_BYTES = 4,
};

/* ---- the handshake (section 4.2) ---- */

static bool has_token(const char *list, const char *token)
{
	size_t length = strlen(token);
	while (list && *list) {
		list += strspn(list, " \t,");
		size_t size = strcspn(list, " \t,");
		if (size == length && strncasecmp(list, token, length) == 0)
			return true;
		list += size;
	}
	return false;
}

static bool is_key(const char *key)
{
	cleanup_buffer struct buffer bytes = { 0 };
	return key && strlen(key) == KEY_TEXT_BYTES && !strpbrk(key, " \t") &&
	       base64_decode(key, KEY_TEXT_BYTES, &bytes) == 0 && bytes.size == KEY_BYTES;
}

static bool accept_key(const char *key, char accept[WEBSOCKET_ACCEPT_BYTES])
{
	static const char protocol[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char joined[KEY_TEXT_BYTES + sizeof protocol];
	unsigned char digest[SHA1_BYTES];
	cleanup_buffer struct buffer text = { 0 };
	memcpy(joined, key, KEY_TEXT_BYTES);
	memcpy(joined + KEY_TEXT_BYTES, protocol, sizeof protocol);
	if (EVP_Digest(joined, sizeof joined - 1, digest, NULL, EVP_sha1(), NULL) != 1)
		return false;
	base64_encode(digest, sizeof digest, &text);
	if (text.failed || text.size >= WEBSOCKET_ACCEPT_BYTES)
		return false;
	memcpy(accept, text.data, text.size + 1);
	return true;
}

int websocket_handshake(const struct websocket_request *request, char accept[WEBSOCKET_ACCEPT_BYTES],
			const char **why)
{
	*why = "This is a WebSocket: it needs Connection: Upgrade and Upgrade: websocket";
	if (!has_token(request->upgrade, "websocket") || !has_token(request->connection, "upgrade"))
		return 426;
	*why = "The only WebSocket version that is spoken here is 13";
	if (!request->version || strcmp(request->version, "13") != 0)
		return 426;
	*why = "Sec-WebSocket-Key must be 16 bytes in base64";
	if (!is_key(request->key) || !accept_key(request->key, accept))
		return 400;
	return 0;
}

/* ---- what we send (section 5.2) ---- */

static void put_frame(struct buffer *out, unsigned char opcode, const char *payload, size_t size)
{
	const uint16_t size16 = htobe16((uint16_t)size);
	const uint64_t size64 = htobe64(size);
	buffer_putc(out, (char)(0x80 | opcode));
	if (size < 126) {
		buffer_putc(out, (char)size);
	} else if (size <= UINT16_MAX) {
		buffer_putc(out, 126);
		buffer_append(out, &size16, sizeof size16);
	} else {
		buffer_putc(out, 127);
		buffer_append(out, &size64, sizeof size64);
	}
	buffer_append(out, payload, size);
}

void websocket_text(struct buffer *out, const char *text, size_t size)
{
	put_frame(out, WSLAY_TEXT_FRAME, text, size);
}

void websocket_ping(struct buffer *out)
{
	put_frame(out, WSLAY_PING, "", 0);
}

/* ---- what they send: wslay's callbacks ---- */

static ssize_t give_input(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, int flags, void *arg)
{
	struct websocket *ws = arg;
	if (ws->input_size == 0) {
		wslay_event_set_error(frames, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	size_t given = size < ws->input_size ? size : ws->input_size;
	memcpy(bytes, ws->input, given);
	ws->input += given;
	ws->input_size -= given;
	return (ssize_t)given;
}

static ssize_t take_output(wslay_event_context_ptr frames, const uint8_t *bytes, size_t size, int flags,
			   void *arg)
{
	struct websocket *ws = arg;
	buffer_append(ws->output, bytes, size);
	return (ssize_t)size;
}

static void refuse(wslay_event_context_ptr frames, uint16_t code, const char *reason)
{
	wslay_event_queue_close(frames, code, (const uint8_t *)reason, strlen(reason));
	wslay_event_shutdown_read(frames);
}

static void on_frame_start(wslay_event_context_ptr frames,
			   const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
	struct websocket *ws = arg;
	uint64_t payload =
		frame->payload_length; /* wslay refuses a length that is not written the short way */
	unsigned length_bytes = payload < 126 ? 0 : payload <= UINT16_MAX ? 2 : 8;
	ws->frame_size = 2 + length_bytes + MASK_BYTES + payload;
	ws->frame_ends = frame->fin;
	ws->frame_is_data = !wslay_is_ctrl_frame(frame->opcode);

	if (ws->budget_us < ws->now_us)
		ws->budget_us = ws->now_us;
	ws->budget_us += FRAME_COST_US;
	if (ws->budget_us > ws->now_us + BUDGET_US)
		refuse(frames, WSLAY_CODE_POLICY_VIOLATION, "too many frames");
}

static void on_frame_end(wslay_event_context_ptr frames, void *arg)
{
	struct websocket *ws = arg;
	ws->framed += ws->frame_size;
	if (ws->frame_is_data)
		ws->in_message = !ws->frame_ends;
}

static void on_message(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *message,
		       void *arg)
{
	if (message->opcode == WSLAY_BINARY_FRAME)
		refuse(frames, WSLAY_CODE_UNSUPPORTED_DATA, "text only");
}

/* ---- the state between two calls ---- */

static bool open_frames(struct websocket *ws)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = give_input,
		.send_callback = take_output,
		.on_frame_recv_start_callback = on_frame_start,
		.on_frame_recv_end_callback = on_frame_end,
		.on_msg_recv_callback = on_message,
	};
	if (ws->frames)
		return true;
	if (wslay_event_context_server_init(&ws->frames, &callbacks, ws) != 0) {
		ws->frames = NULL;
		return false;
	}
	wslay_event_config_set_max_recv_msg_length(ws->frames, WEBSOCKET_MESSAGE_MAX);
	return true;
}

bool websocket_is_half_way(const struct websocket *ws)
{
	return ws->fed != ws->framed || ws->in_message;
}

static enum websocket_state settle(struct websocket *ws)
{
	if (wslay_event_send(ws->frames) != 0 || wslay_event_get_close_received(ws->frames) ||
	    !wslay_event_get_read_enabled(ws->frames))
		ws->state = WEBSOCKET_OVER;
	else if (!websocket_is_half_way(ws))
		websocket_free(ws);
	return ws->state;
}

/* Of a frame that is none wslay says so by failing, with a close frame at hand that tells no reason. */
static enum websocket_state end_by_breach(struct websocket *ws)
{
	static const char protocol_error[] = { WSLAY_CODE_PROTOCOL_ERROR >> 8,
					       (char)(WSLAY_CODE_PROTOCOL_ERROR & 0xff) };
	if (ws->state == WEBSOCKET_OPEN)
		put_frame(ws->output, WSLAY_CONNECTION_CLOSE, protocol_error, sizeof protocol_error);
	return ws->state = WEBSOCKET_OVER;
}

enum websocket_state websocket_feed(struct websocket *ws, const void *bytes, size_t size, int64_t now_us,
				    struct buffer *out)
{
	if (ws->state == WEBSOCKET_OVER || !open_frames(ws))
		return ws->state = WEBSOCKET_OVER;
	cleanup_buffer struct buffer unsaid = { 0 }; /* behind our close frame goes nothing */
	ws->input = bytes;
	ws->input_size = size;
	ws->now_us = now_us;
	ws->output = ws->state == WEBSOCKET_CLOSING ? &unsaid : out;
	ws->fed += size;
	return wslay_event_recv(ws->frames) == 0 ? settle(ws) : end_by_breach(ws);
}

/* Without wslay, whose state for each is larger than all else of it: thousands may close at once. */
enum websocket_state websocket_close(struct websocket *ws, int code, const char *reason, struct buffer *out)
{
	char payload[2 + WEBSOCKET_REASON_MAX] = { (char)(code >> 8), (char)code };
	size_t size = reason ? strnlen(reason, WEBSOCKET_REASON_MAX) : 0;
	if (ws->state != WEBSOCKET_OPEN)
		return ws->state;
	memcpy(payload + 2, reason ? reason : "", size);
	put_frame(out, WSLAY_CONNECTION_CLOSE, payload, 2 + size);
	return ws->state = WEBSOCKET_CLOSING;
}

void websocket_free(struct websocket *ws)
{
	if (ws->frames)
		wslay_event_context_free(ws->frames);
	ws->frames = NULL;
}
