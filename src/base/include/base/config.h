/* config.h - the configuration: one table, one struct.
 *
 * A variable is added by a field here and a row in the table in config.c (name, type, unit, default,
 * accepted values, help); `arena config` and docs/configuration.md are printed from that table.
 * Sources, later wins: the default, `.env` in the working directory, the environment. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/limits.h"

enum { CONFIG_DELAYS_MAX = 30 };                               /* of a list of delays */
enum { CONFIG_SECRETS_MAX = 8, CONFIG_SECRET_BYTES_MIN = 32 }; /* of JWT_SECRET */

struct config {
	/* where things are */
	const char *data_dir;           /* DATA_DIR, "data" */
	int64_t disk_min_free_mb;       /* DISK_MIN_FREE, 100: below it nothing new is taken */
	const char *blobs_dir;          /* BLOBS_DIR, "" = blobs in DATA_DIR */
	int64_t blobs_max_mb;           /* BLOBS_MAX, 10240 */
	int64_t blobs_keep_s;           /* BLOBS_KEEP, 86400: what was used within this time stays */
	int64_t worker_cache_max_mb;    /* WORKER_CACHE_MAX, 2048: test data at a worker */
	bool worker_shares_tests;       /* WORKER_SHARE_TESTS: idle slots run tests of others' submissions */
	int64_t worker_programs_max_mb; /* WORKER_PROGRAMS_MAX, 512: compiled programs at a worker */
	const char *languages_dir; /* LANGUAGES_DIR, "" = beside the binary's tree, or the installed folder */
	const char *database_url;  /* DATABASE_URL, "" = sqlite:DATA_DIR/execution.db; secret (password) */

	/* listeners: comma lists of ADDRESS:PORT */
	const char *execution_listen; /* EXECUTION_LISTEN, "127.0.0.1:8001,127.0.0.1:3001" */
	const char *worker_listen;    /* WORKER_LISTEN, "127.0.0.1:3002" */

	/* HTTP */
	int64_t http_threads;     /* HTTP_THREADS, 4 */
	int64_t http_queue;       /* HTTP_QUEUE, 1024 requests waiting for a thread */
	int64_t http_connections; /* HTTP_CONNECTIONS, 20000 */
	int64_t http_body_bytes;  /* HTTP_BODY_MAX, 16 MB in bytes */
	int64_t http_head_ms;     /* HTTP_HEAD_TIMEOUT, 10000: until a request's head is complete */
	int64_t http_body_ms;     /* HTTP_BODY_TIMEOUT, 30000: until its body is */
	int64_t http_idle_ms;     /* HTTP_IDLE_TIMEOUT, 60000: between requests of a connection */
	int64_t wait_max_s;       /* WAIT_MAX, 60: longest ?wait= */

	/* who may ask, and how often */
	const char
		*trusted_proxies; /* TRUSTED_PROXIES, "": networks whose forwarded addresses are believed */
	const char *cors_origins; /* CORS_ORIGINS, "": other origins whose pages may send requests, or "*" */
	int64_t rate_limit;       /* RATE_LIMIT, 6000 a minute and API key; 0 = any number */
	int64_t rate_limit_address; /* RATE_LIMIT_ADDRESS, 12000 a minute and address; 0 = any number */

	/* the sandbox */
	int64_t lanes;              /* LANES, 0 = one a processor */
	const char *sandbox_socket; /* SANDBOX_SOCKET, "" = start a lane maker */
	bool allow_restricted;      /* SANDBOX_ALLOW_RESTRICTED, false */

	/* what a submission may ask for: defaults and maxima, in the wire's units */
	int64_t cpu_time_ms, cpu_time_max_ms;             /* LIMIT_CPU_TIME(_MAX): 10000, 60000 */
	int64_t wall_time_ms, wall_time_max_ms;           /* LIMIT_WALL_TIME(_MAX): 20000, 180000 */
	int64_t memory_mb, memory_max_mb;                 /* LIMIT_MEMORY(_MAX): 256, 2048 */
	int64_t processes, processes_max;                 /* LIMIT_PROCESSES(_MAX): 64, 512 */
	int64_t output_kb, output_max_kb;                 /* LIMIT_OUTPUT(_MAX): 1024, 16384 */
	int64_t file_mb, file_max_mb;                     /* LIMIT_FILE(_MAX): 16, 256 */
	int64_t compile_time_ms, compile_time_max_ms;     /* LIMIT_COMPILE_TIME(_MAX): 30000, 120000 */
	int64_t compile_memory_mb, compile_memory_max_mb; /* LIMIT_COMPILE_MEMORY(_MAX): 1024, 4096 */
	int64_t code_bytes;                               /* LIMIT_CODE, 65536 */
	int64_t input_bytes;                              /* LIMIT_INPUT, 1048576 */
	int64_t tests;                                    /* LIMIT_TESTS, 200 */

	int64_t batch_max; /* BATCH_MAX, 100 */

	/* of those, what a job of the queue API gets instead when it does not ask */
	int64_t queue_memory_mb; /* QUEUE_LIMIT_MEMORY, 128 */
	int64_t queue_output_kb; /* QUEUE_LIMIT_OUTPUT, 64 */

	/* the queue */
	int64_t lease_s;  /* QUEUE_LEASE, 15: without a sign of life a worker's jobs go back */
	int64_t attempts; /* QUEUE_ATTEMPTS, 3 */

	/* webhooks */
	const char *backend_url;        /* BACKEND_SERVICE_URL, "" = no backend is told of results */
	const char *backend_secret;     /* BACKEND_WEBHOOK_SECRET, secret; a comma list, the first signs */
	const char *backend_secret_too; /* CODE_EXECUTION_WEBHOOK_SECRET: the same, where that is "" */
	bool webhook_allow_private;     /* WEBHOOK_ALLOW_PRIVATE */
	int64_t webhook_timeout_ms;     /* WEBHOOK_TIMEOUT, 10000 */
	int64_t webhook_at_once;        /* WEBHOOK_AT_ONCE, 4: to one receiver */
	const char *webhook_retries;    /* WEBHOOK_RETRIES: seconds before each further attempt */
	int64_t webhook_keep_days;      /* WEBHOOK_KEEP, 30: delivered and dead ones; 0 = for ever */

	/* the backend */
	const char *backend_listen; /* BACKEND_LISTEN, "127.0.0.1:8000,127.0.0.1:5000" */
	int64_t port;               /* PORT, 5000: takes the place of 5000 in BACKEND_LISTEN's default */
	const char *backend_database_url; /* BACKEND_DATABASE_URL, "" = sqlite:DATA_DIR/backend.db; secret */
	const char *jwt_secret;           /* JWT_SECRET, secret; a comma list, the first signs */
	int64_t jwt_lifetime_s;           /* JWT_LIFETIME, 43200 */
	const char *admin_password;       /* ADMIN_PASSWORD, secret; "" = a random one */
	bool registration_open;           /* REGISTRATION_OPEN, true */
	int64_t rate_limit_user;          /* RATE_LIMIT_USER, 600 a minute and user; 0 = any number */
	int64_t problem_cache_max_mb; /* PROBLEM_CACHE_MAX, 2048: test data of problems on this host's disk */
	int64_t import_max_mb;        /* IMPORT_MAX, 64: a package that comes over HTTP */
	bool seed_problems;           /* SEED_PROBLEMS, true: a first start in development has some */
	const char *problems_dir;     /* PROBLEMS_DIR, "" = as with languages_dir */

	/* how the backend runs programs */
	bool queue_mode;             /* EXECUTION_MODE=queue */
	const char *queue_url;       /* EXECUTION_QUEUE_URL, "http://localhost:3001" */
	int64_t queue_poll_ms;       /* EXECUTION_POLL_INTERVAL, 1000 */
	int64_t queue_max_poll_ms;   /* EXECUTION_MAX_POLL_TIME, 60000 */
	int64_t queue_timeout_ms;    /* EXECUTION_TIMEOUT, 30000: of one request */
	int64_t queue_percent;       /* EXECUTION_QUEUE_PERCENT, 100 */
	int64_t direct_slots;        /* DIRECT_SLOTS, 0 = one a processor */
	int64_t direct_queue;        /* DIRECT_QUEUE, 64: runs that wait for a slot; beyond it 503 */
	const char *service_url;     /* CODE_EXECUTION_SERVICE_URL, "http://localhost:8001" */
	const char *service_key;     /* CODE_EXECUTION_SERVICE_KEY, secret */
	int64_t service_timeout_ms;  /* CODE_EXECUTION_TIMEOUT, 30 s; "30.0" on the wire */
	int64_t service_ask_after_s; /* CODE_EXECUTION_ASK_AFTER, 30 */
	bool webhook_allow_plain;    /* WEBHOOK_ALLOW_PLAIN_SECRET, false */

	/* behaviour */
	bool production;          /* NODE_ENV=production */
	const char *log_level;    /* LOG_LEVEL, "info" */
	const char *worker_token; /* WORKER_TOKEN, secret; "" = a random one for `arena serve` */
};

/* Whether the variable was set by anybody: its value is not just the default. */
bool config_is_given(const struct config *config, const char *name);

/* Whether a comma list of listeners has one that others than this machine can reach. */
bool config_beyond_loopback(const char *listeners);

/* Reads all sources. Fails with the variable's name, the value (never a secret's) and what is accepted.
 * Warnings (a name that looks like a misspelling of ours) go to `warn`, one call each; may be NULL.
 * Strings live until config_free(). */
int config_load(const char *env_file, void (*warn)(const char *text), struct config **config,
		struct error *err);
void config_free(struct config *config);

/* What a process of ours that is to know no secret is started with: `first` ("NAME=VALUE", NULL-ended; each wins
 * over the same name below), then every variable that is not secret. One block, to be freed; NULL: no memory. */
char **config_environment(const struct config *config, const char *const *first);

/* What a run, and a compile, may use when nobody asked for anything else. */
void config_limits(const struct config *config, struct limits *run, struct limits *compile);

/* One "NAME=value  # unit, default, help" line a variable; secrets as "********" when set. */
void config_print(const struct config *config, FILE *out);
/* The table as Markdown, for docs/configuration.md. */
void config_print_markdown(FILE *out);
