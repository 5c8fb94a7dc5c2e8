/* What the backend's worker says, from any bytes: it is understood, or refused with a reason. */
#include "fuzz.h"

#include "direct_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_message message = { 0 };
	struct error err = { 0 };

	if (link_decode((const char *)data, size, &message, &err) < 0)
		must(err.code < 0 && err.text[0]);
	else if (message.route == LINK_HELLO)
		must(message.slots > 0 && message.slots <= 256);
	else if (message.route == LINK_FINISH)
		must(message.job > 0 && message.report);
	pool_free(message.pool);
	return 0;
}
