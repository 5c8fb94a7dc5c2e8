/* What a webhook is made of: its headers before the first empty line, one a line, and its body. Whatever they are, the
 * check gives a reason or takes it; what is read of the body is text that a database takes. */
#include "fuzz.h"

#include <string.h>

#include "base/json.h"
#include "told.h"
#include "webhook_check.h"

static void check_text(const char *text)
{
	must(!text || utf8_valid(text, strlen(text)));
}

static void check_told(const char *body, size_t size, struct pool *pool)
{
	cleanup_json json_t *json = NULL;
	struct told told;
	struct error err;

	if (told_parse(body, size, &json, &err) < 0 || told_decode(json, pool, &told, &err) < 0)
		return;
	check_text(told.external_id);
	check_text(told.output);
	check_text(told.error_output);
	must(told.execution_us >= -1 && told.cpu_us >= -1 && told.memory_bytes >= -1);
	must(!submission_state_is_final(told.state) || told.verdict);
	for (size_t i = 0; i < told.report.run_count; i++)
		check_text(told.report.runs[i].output);
}

/* The next line, taken off the head; NULL for an empty one. */
static const char *line(char **head)
{
	char *begin = *head, *end = begin ? strchr(begin, '\n') : NULL;

	if (end)
		*end = '\0';
	*head = end ? end + 1 : NULL;
	return begin && *begin ? begin : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	const char *bytes = (const char *)data, *empty = memmem(bytes, size, "\n\n", 2);
	size_t head_size = empty ? (size_t)(empty - bytes) : 0, body_at = empty ? head_size + 2 : 0;
	char *head = pool_memdup(pool, bytes, head_size);
	struct webhook_proof proof = { .secrets = "secret, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
				       .plain = line(&head),
				       .id = line(&head),
				       .timestamp = line(&head),
				       .signature = line(&head),
				       .body = bytes + body_at,
				       .body_size = size - body_at,
				       .now_ms = INT64_C(1614265330000) };
	const char *fault = webhook_fault(&proof);

	must(!fault || *fault);
	check_told(bytes + body_at, size - body_at, pool);
	return 0;
}
