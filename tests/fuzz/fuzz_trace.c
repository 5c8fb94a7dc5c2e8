/* traceparent: what is passed on is always valid, and of the same trace when what came was. */
#include "fuzz.h"

#include "trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *given = fuzz_text(data, size), trace[TRACE_BYTES];
	bool valid = trace_valid(given);
	trace_continue(given, trace);
	must(trace_valid(trace) && strlen(trace) == TRACE_BYTES - 1);
	must((strncmp(trace + 3, strlen(given) > 3 ? given + 3 : "", 32) == 0) == valid);
	free(given);
	return 0;
}
