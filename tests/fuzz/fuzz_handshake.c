/* The headers of a WebSocket upgrade ("upgrade\nconnection\nversion\nkey"): accepted ones have a whole key. */
#include "fuzz.h"

#include "websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_text(data, size), *rest = copy, accept[WEBSOCKET_ACCEPT_BYTES];
	const char *why = NULL, *parts[4] = { NULL };
	for (int i = 0; i < 4; i++)
		parts[i] = rest ? strsep(&rest, "\n") : NULL;
	const struct websocket_request request = { parts[0], parts[1], parts[2], parts[3] };
	int status = websocket_handshake(&request, accept, &why);
	must(status == 0 || ((status == 400 || status == 426) && why));
	must(status != 0 || (strlen(accept) == 28 && strlen(parts[3]) == 24 && !strcmp(parts[2], "13")));
	free(copy);
	return 0;
}
