/* An answer of the queue service from any bytes: what becomes a report is one that our own worker could have made. */
#include "fuzz.h"

#include "base/json.h"
#include "model/outcome.h"
#include "queue_message.h"

static void look(const struct queue_asked *asked, const struct queue_job *job, struct pool *pool)
{
	struct outcome outcome;
	json_t *json;

	if (job->state != QUEUE_JOB_COMPLETED)
		return;
	must(outcome_misfit(job->report, (int64_t)asked->tests) == NULL);
	must(job->report->verdict != VERDICT_JUDGE_ERROR);
	outcome_of(job->report, pool, &outcome);
	for (size_t i = 0; i < job->report->run_count; i++) {
		const struct run_report *run = &job->report->runs[i];

		must(run->output && run->error_output && run->outcome && run->wall_us >= 0);
	}
	must(report_encode(job->report, &json, NULL) == 0);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct queue_asked kinds[] = {
		{ 0, false, false }, { 1, false, false }, { 2, true, false }, { 2, false, true }
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct queue_job job;
		struct error err = { 0 };

		if (queue_answer_job((const char *)data, size, &kinds[i], pool, &job, &err) == 0)
			look(&kinds[i], &job, pool);
		else
			must(err.code < 0 && err.text[0]);
		if (queue_answer_submitted((const char *)data, size, &kinds[i], pool, &job, &err) == 0)
			look(&kinds[i], &job, pool);
		must(!strpbrk(job.id, "/?#% "));
	}
	return 0;
}
