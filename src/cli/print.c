#include "print.h"

#include <stdio.h>

#include "base/json.h"
#include "command.h"

int print_json(json_t *json)
{
	cleanup_json json_t *owned = json;
	cleanup_buffer struct buffer line = { 0 };
	if (!owned || json_write(owned, &line) < 0) {
		fprintf(stderr, "arena: out of memory\n");
		return STATUS_FAILED;
	}
	buffer_putc(&line, '\n');
	if (fwrite(line.data, 1, line.size, stdout) == line.size && fflush(stdout) == 0)
		return STATUS_OK;
	perror("arena: standard output");
	return STATUS_FAILED;
}
