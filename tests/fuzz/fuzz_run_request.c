/* What a keeper hears from a worker: of a run that it takes, every number is in bounds and the text is whole. */
#include "fuzz.h"

#include "keeper/keeper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct request request;
	size_t fd_count = size > 0 ? data[0] % 6u : 0, bytes = size > 0 ? size - 1 : 0;
	const struct run_message *run = &request.run;

	if (bytes > sizeof request.bytes)
		return 0;
	memset(&request, 0xee, sizeof request);
	memcpy(request.bytes, data + (size > 0), bytes);
	if (!request_is_run(&request, bytes, fd_count))
		return 0;
	must(bytes > sizeof *run && bytes == sizeof *run + run->text_bytes);
	must(fd_count == 3 || fd_count == 4);
	must((fd_count == 4) == (run->has_bundle != 0));
	must(run->text[run->text_bytes - 1] == '\0');
	must(run->argument_count >= 1 && run->argument_count + run->environment_count <= RUN_STRINGS_MAX);
	must(run->limits.cpu_time_us > 0 && run->limits.wall_time_us > 0 && run->limits.memory_bytes > 0);
	must(run->limits.memory_bytes < 1ll << 45 && run->limits.wall_time_us < 1ll << 45);
	must(run->limits.processes > 0 && run->limits.inodes > 0 && run->limits.open_files > 2);
	return 0;
}
