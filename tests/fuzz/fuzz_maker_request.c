/* All that the lane maker, the host's root, hears from a client: two numbers, one of two wishes, or refused. */
#include "fuzz.h"

#include "maker/maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct maker_request request = { 0 };
	struct error err = { 0 };
	int code = maker_request_check(data, size, &request, &err);

	must(code == 0 || (code == -EPROTO && err.text[0]));
	must(code < 0 || (size == sizeof request && same_bytes(data, size, &request, sizeof request)));
	must(code < 0 || request.version == PROTOCOL_VERSION);
	must(code < 0 || request.kind == MAKER_HELLO || request.kind == MAKER_LANE);
	return 0;
}
