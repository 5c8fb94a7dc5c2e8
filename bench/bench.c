#include "bench/bench.h"

#include <string.h>

#include "accuracy.h"
#include "boxes.h"
#include "compile.h"
#include "http.h"
#include "memory.h"
#include "queue.h"
#include "waiters.h"

typedef int bench_fn(const struct bench_options *options, struct error *err);

static const struct {
	const char *name;
	bench_fn *run;
} benches[] = {
	{ "box-next", bench_box_next },
	{ "box-idle", bench_box_idle },
	{ "box-fresh", bench_box_fresh },
	{ "box-throughput", bench_box_throughput },
	{ "compile-cached", bench_compile_cached },
	{ "http-run", bench_http_run },
	{ "http-throughput", bench_http_throughput },
	{ "memory-idle", bench_memory_idle },
	{ "accuracy", bench_accuracy },
	{ "waiters", bench_waiters },
	{ "queue", bench_queue },
	{ "queue-held", bench_queue_held },
};
enum { BENCHES = sizeof benches / sizeof benches[0] };

const char *const bench_names[BENCHES + 1] = {
	"box-next",        "box-idle",    "box-fresh", "box-throughput", "compile-cached", "http-run",
	"http-throughput", "memory-idle", "accuracy",  "waiters",        "queue",          "queue-held",
};

static bench_fn *find(const char *name)
{
	for (size_t i = 0; i < BENCHES; i++)
		if (strcmp(benches[i].name, name) == 0)
			return benches[i].run;
	return NULL;
}

int bench_run(const struct bench_options *options, struct error *err)
{
	const char *const *names = options->names[0] ? options->names : bench_names;
	for (const char *const *name = names; *name; name++)
		if (!find(*name))
			return error_set(err, -ENOENT, "there is no figure %s", *name);
	for (const char *const *name = names; *name; name++)
		if (find(*name)(options, err) < 0)
			return error_wrap(err, "%s", *name);
	return 0;
}
