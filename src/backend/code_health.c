/* GET /api/code-execution/health: whether the execution service answers. */
#include "base/clock.h"
#include "handlers.h"
#include "remote.h"
#include "reply.h"

void code_execution_health(struct http_exchange *x)
{
	const struct remote_answer *answer =
		remote_try(x, &(struct remote_request){ .method = "GET", .path = "/health/" });

	if (!answer)
		return;
	bool healthy = answer->status == 200;
	json_t *json = json_pack("{s:s, s:O?, s:I}", "status", healthy ? "healthy" : "unhealthy",
				 "microservice", answer->json, "response_time_ms",
				 (json_int_t)(clock_wall_ms() - http_arrived_ms(x)));
	if (!healthy)
		json_object_set_new(
			json, "error",
			json_string(answer->failure ? answer->why : "It does not answer as it should"));
	http_reply_json(x, healthy ? 200 : 503, json);
}
