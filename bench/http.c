/* A real `arena serve`, whose programs are a C binary that is compiled already, and clients who ask for it with
 * ?wait=true. Of one client: how long each answer takes; its p99 is of windows of some hundred. Of many: how many
 * jobs a second are judged, on SQLite, which writes to the disk before it answers, and on PostgreSQL. */
#include "http.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "pump.h"
#include "samples.h"
#include "scratch_postgres.h"
#include "service.h"

enum {
	WARM_UP = 50,
	WINDOWS = 10,
	WINDOW = 300, /* of one client */
	CLIENTS = 64,
	ROUND = 300, /* of many */
};

#define BODY                                                   \
	"{\"language\":\"c\",\"code\":\"#include <stdio.h>\\n" \
	"int main(void)\\n{\\n\\tputs(\\\"hello\\\");\\n\\treturn 0;\\n}\\n\"}"
static const char expected[] = "\"output\":\"hello\\n\"";

static void write_request(int port, char request[512])
{
	snprintf(request, 512,
		 "POST /api/execute?wait=true HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: "
		 "application/json\r\nContent-Length: %zu\r\n\r\n%s",
		 port, strlen(BODY), BODY);
}

static int open_pump(const struct service *service, size_t clients, char request[512], struct pump *pump,
		     struct error *err)
{
	write_request(service->port, request);
	int code = pump_open(pump, service->port, request, expected, clients, err);
	return code < 0 ? code : pump_run(pump, WARM_UP, NULL, err);
}

/* ---- one client ---- */

static int ask_windows(struct pump *pump, struct samples *all, struct samples *p99, struct error *err)
{
	int code = 0;
	for (int i = 0; i < WINDOWS && code == 0; i++) {
		struct samples window = { 0 };
		code = pump_run(pump, WINDOW, &window, err);
		for (size_t at = 0; at < window.count; at++)
			samples_add(all, window.values[at]);
		samples_add(p99, samples_quantile(&window, 0.99));
		samples_free(&window);
	}
	return code;
}

int bench_http_run(const struct bench_options *options, struct error *err)
{
	struct samples all = { 0 }, p99 = { 0 };
	struct pump pump = { 0 };
	struct service service;
	char request[512];
	int code = service_start(&service, &(struct service_options){ .command = "serve" }, err);
	if (code == 0)
		code = open_pump(&service, 1, request, &pump, err);
	if (code == 0)
		code = ask_windows(&pump, &all, &p99, err);
	pump_close(&pump);
	service_stop(&service);
	if (code == 0) {
		figure_print(&(struct figure){ .name = "http-run", .unit = "us", .values = &all },
			     options->json);
		figure_print(&(struct figure){ .name = "http-run-p99", .unit = "us", .values = &p99 },
			     options->json);
	}
	samples_free(&all);
	samples_free(&p99);
	return code;
}

/* ---- many ---- */

static int ask_rounds(struct pump *pump, struct samples *rates, struct error *err)
{
	int code = 0;
	for (int i = 0; i < WINDOWS && code == 0; i++) {
		int64_t began_us = clock_monotonic_us();
		code = pump_run(pump, ROUND, NULL, err);
		samples_add(rates, ROUND * 1e6 / (double)(clock_monotonic_us() - began_us));
	}
	return code;
}

static int measure_rate(const char *name, const char *database_url, bool json, struct error *err)
{
	const struct service_options options = { .command = "serve", .database_url = database_url };
	struct samples rates = { 0 };
	struct pump pump = { 0 };
	struct service service;
	char request[512];
	int code = service_start(&service, &options, err);
	if (code == 0)
		code = open_pump(&service, CLIENTS, request, &pump, err);
	if (code == 0)
		code = ask_rounds(&pump, &rates, err);
	pump_close(&pump);
	service_stop(&service);
	if (code == 0)
		figure_print(&(struct figure){ .name = name, .unit = "/s", .values = &rates }, json);
	samples_free(&rates);
	return code;
}

int bench_http_throughput(const struct bench_options *options, struct error *err)
{
	struct scratch_postgres postgres;
	int code = measure_rate("http-throughput-sqlite", NULL, options->json, err);
	if (code < 0)
		return code;
	code = scratch_postgres_start(&postgres, err);
	if (code < 0)
		return code;
	code = measure_rate("http-throughput-postgresql", postgres.url, options->json, err);
	scratch_postgres_stop(&postgres);
	return code;
}
