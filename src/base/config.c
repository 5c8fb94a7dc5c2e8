/* config.c - the table of variables, and what is driven by it: reading, checking, printing.
 *
 * How to add a variable: a field in config.h, a row here, and `make docs` for docs/configuration.md.
 *
 * A value that is wrong stops the start, wherever it came from; a name that is not ours is left alone,
 * unless it looks like one of ours with a slip of the finger. An empty value means the default: that is
 * what container tools pass for "not set". */
#include "base/config.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/text.h"
#include "config_check.h"
#include "config_file.h"

enum kind {
	TEXT,
	NUMBER,     /* min to max */
	SECONDS,    /* a decimal number of seconds, kept as ms; min to max are ms */
	CHOICE,     /* one of `accepted`, separated by bars */
	PRODUCTION, /* a choice whose field is a bool: is it production? */
	QUEUE_MODE, /* the same: is it queue? */
	FLAG,       /* true or false */
	SERVICE,    /* config_check_service() */
	DELAYS,     /* config_check_delays() */
	DATABASE,   /* config_check_database() */
	LISTENERS,  /* config_check_listeners() */
	ORIGINS,    /* config_check_origins() */
	NETWORKS,   /* config_check_networks() */
	SECRETS,    /* config_check_secrets() */
};

struct variable {
	const char *name;
	enum kind kind;
	const char *unit; /* "" for text */
	const char *fallback;
	int64_t min, max;     /* of a NUMBER */
	const char *accepted; /* of all others; "" is anything */
	bool secret;
	size_t offset;
	const char *help;
};

#define FIELD(name) offsetof(struct config, name)
#define TEXT_ROW(name, kind, field, fallback, accepted, secret, help)                \
	{                                                                            \
		name, kind, "", fallback, 0, 0, accepted, secret, FIELD(field), help \
	}
#define NUMBER_ROW(name, field, unit, fallback, min, max, help)                       \
	{                                                                             \
		name, NUMBER, unit, fallback, min, max, "", false, FIELD(field), help \
	}

/* clang-format off */
static const struct variable variables[] = {
TEXT_ROW("DATA_DIR", TEXT, data_dir, "data", "a folder, made if it is not there", false,
	"where submissions and results are kept"),
NUMBER_ROW("DISK_MIN_FREE", disk_min_free_mb, "MB", "100", 0, 1048576,
	"below that much room for data new submissions get 503, while those that were taken are finished"),
TEXT_ROW("BLOBS_DIR", TEXT, blobs_dir, "", "a folder", false,
	"where the execution service keeps test data by its hash; by default blobs in the data folder; replicas share it"),
NUMBER_ROW("BLOBS_MAX", blobs_max_mb, "MB", "10240", 1, 1073741824, "how much test data is kept"),
NUMBER_ROW("BLOBS_KEEP", blobs_keep_s, "s", "86400", 0, 31536000,
	"test data that was used within this time stays, even if there is then no room for more"),
NUMBER_ROW("WORKER_CACHE_MAX", worker_cache_max_mb, "MB", "2048", 1, 1073741824,
	"how much test data a worker keeps in its data folder"),
TEXT_ROW("WORKER_SHARE_TESTS", FLAG, worker_shares_tests, "false", "true|false", false,
	"whether a worker's idle slots run tests of a submission that another slot judges"),
NUMBER_ROW("WORKER_PROGRAMS_MAX", worker_programs_max_mb, "MB", "512", 0, 1073741824,
	"compiled programs that a worker keeps on its disk for the next time, those used last"),
TEXT_ROW("LANGUAGES_DIR", TEXT, languages_dir, "", "a folder of language packs", false,
	"where the language packs are; by default those that came with the program"),
TEXT_ROW("DATABASE_URL", DATABASE, database_url, "",
	"sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE", true,
	"the execution service's database; by default execution.db in the data folder"),

TEXT_ROW("EXECUTION_LISTEN", LISTENERS, execution_listen, "127.0.0.1:8001,127.0.0.1:3001",
	"a comma list of ADDRESS:PORT", false,
	"where the execution service listens; every address serves the same routes; beyond loopback requests need API keys"),
TEXT_ROW("WORKER_LISTEN", LISTENERS, worker_listen, "127.0.0.1:3002",
	"a comma list of ADDRESS:PORT", false, "where a worker answers for its health"),

NUMBER_ROW("HTTP_THREADS", http_threads, "threads", "4", 1, 256, "how many requests are handled at once"),
NUMBER_ROW("HTTP_QUEUE", http_queue, "requests", "1024", 1, 1000000,
	"how many requests may wait for a thread; beyond it clients get 503 and Retry-After"),
NUMBER_ROW("HTTP_CONNECTIONS", http_connections, "connections", "20000", 1, 1000000, "how many clients may be connected"),
NUMBER_ROW("HTTP_BODY_MAX", http_body_bytes, "bytes", "16777216", 1024, 1073741824, "largest body of a request"),
NUMBER_ROW("HTTP_HEAD_TIMEOUT", http_head_ms, "ms", "10000", 10, 3600000, "until a request's head must be complete"),
NUMBER_ROW("HTTP_BODY_TIMEOUT", http_body_ms, "ms", "30000", 10, 3600000, "until its body must be"),
NUMBER_ROW("HTTP_IDLE_TIMEOUT", http_idle_ms, "ms", "60000", 10, 86400000, "how long a connection may stay open between requests"),
NUMBER_ROW("WAIT_MAX", wait_max_s, "s", "60", 1, 3600, "longest time that ?wait= waits for a result"),

TEXT_ROW("TRUSTED_PROXIES", NETWORKS, trusted_proxies, "", "a comma list of addresses and networks such as 10.0.0.0/8", false,
	"reverse proxies whose X-Forwarded-For and Forwarded are believed"),
TEXT_ROW("CORS_ORIGINS", ORIGINS, cors_origins, "", "a comma list of origins such as https://judge.example, or *", false,
	"other sites whose pages may send requests; all others' are refused"),
NUMBER_ROW("RATE_LIMIT", rate_limit, "requests", "6000", 0, 1000000, "what an API key may ask for in a minute, or all at once; 0 is any number"),
NUMBER_ROW("RATE_LIMIT_ADDRESS", rate_limit_address, "requests", "12000", 0, 1000000,
	"the same for an address (for IPv6 a /64), whoever asks from there"),

NUMBER_ROW("LANES", lanes, "lanes", "0", 0, 256, "how many programs run at once; 0 is one a processor"),
TEXT_ROW("SANDBOX_SOCKET", TEXT, sandbox_socket, "", "a path", false,
	"socket of a running lane maker (`arena lanes`); by default one is started"),
TEXT_ROW("SANDBOX_ALLOW_RESTRICTED", FLAG, allow_restricted, "false", "true|false", false,
	"where neither root nor user namespaces with cgroups can be had, run boxes behind Landlock and a filter alone; docs/hosts.md says what that costs"),

NUMBER_ROW("LIMIT_CPU_TIME", cpu_time_ms, "ms", "10000", 1, 3600000, "processor time of a run"),
NUMBER_ROW("LIMIT_CPU_TIME_MAX", cpu_time_max_ms, "ms", "60000", 1, 3600000, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_WALL_TIME", wall_time_ms, "ms", "20000", 1, 7200000, "time of a run by the clock on the wall"),
NUMBER_ROW("LIMIT_WALL_TIME_MAX", wall_time_max_ms, "ms", "180000", 1, 7200000, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_MEMORY", memory_mb, "MB", "256", 1, 1048576, "memory of a run"),
NUMBER_ROW("LIMIT_MEMORY_MAX", memory_max_mb, "MB", "2048", 1, 1048576, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_PROCESSES", processes, "processes", "64", 1, 65536, "processes and threads of a run"),
NUMBER_ROW("LIMIT_PROCESSES_MAX", processes_max, "processes", "512", 1, 65536, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_OUTPUT", output_kb, "KB", "1024", 1, 1048576, "output of a run on each of its two streams"),
NUMBER_ROW("LIMIT_OUTPUT_MAX", output_max_kb, "KB", "16384", 1, 1048576, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_FILE", file_mb, "MB", "16", 1, 65536, "size of one file that a run writes"),
NUMBER_ROW("LIMIT_FILE_MAX", file_max_mb, "MB", "256", 1, 65536, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_COMPILE_TIME", compile_time_ms, "ms", "30000", 1, 3600000, "processor time of a compile"),
NUMBER_ROW("LIMIT_COMPILE_TIME_MAX", compile_time_max_ms, "ms", "120000", 1, 3600000, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_COMPILE_MEMORY", compile_memory_mb, "MB", "1024", 1, 1048576, "memory of a compile"),
NUMBER_ROW("LIMIT_COMPILE_MEMORY_MAX", compile_memory_max_mb, "MB", "4096", 1, 1048576, "the most that a submission may ask for"),
NUMBER_ROW("LIMIT_CODE", code_bytes, "bytes", "65536", 1, 67108864, "largest program"),
NUMBER_ROW("LIMIT_INPUT", input_bytes, "bytes", "1048576", 1, 67108864, "largest input of a test"),
NUMBER_ROW("LIMIT_TESTS", tests, "tests", "200", 1, 10000, "most tests of a submission"),

NUMBER_ROW("BATCH_MAX", batch_max, "submissions", "100", 1, 1000, "most submissions of a batch"),

NUMBER_ROW("QUEUE_LIMIT_MEMORY", queue_memory_mb, "MB", "128", 1, 1048576, "memory of a run that came by the queue API (/api/execute)"),
NUMBER_ROW("QUEUE_LIMIT_OUTPUT", queue_output_kb, "KB", "64", 1, 1048576, "output on each stream of such a run"),

NUMBER_ROW("QUEUE_LEASE", lease_s, "s", "15", 1, 3600, "without a sign of life from a worker for so long, its jobs go to others"),
NUMBER_ROW("QUEUE_ATTEMPTS", attempts, "attempts", "3", 1, 100, "how often a job is tried before it is given up with judge_error"),

TEXT_ROW("BACKEND_SERVICE_URL", SERVICE, backend_url, "", "http://HOST:PORT or https://HOST", false,
	"the backend that is told of each submission's end, at /api/webhooks/code-execution/; by default none is"),
TEXT_ROW("BACKEND_WEBHOOK_SECRET", TEXT, backend_secret, "", "a text, or several with commas", true,
	"what webhooks to the backend are signed with; of several the first signs"),
TEXT_ROW("CODE_EXECUTION_WEBHOOK_SECRET", TEXT, backend_secret_too, "", "a text, or several with commas", true,
	"the same by the name that the backend has for it; BACKEND_WEBHOOK_SECRET comes first"),
TEXT_ROW("WEBHOOK_ALLOW_PRIVATE", FLAG, webhook_allow_private, "false", "true|false", false,
	"whether webhooks may go to loopback, private and link-local addresses other than the backend's"),
NUMBER_ROW("WEBHOOK_TIMEOUT", webhook_timeout_ms, "ms", "10000", 10, 600000, "how long a receiver of a webhook may take to answer"),
NUMBER_ROW("WEBHOOK_AT_ONCE", webhook_at_once, "requests", "4", 1, 64, "how many webhooks are under way to one receiver"),
TEXT_ROW("WEBHOOK_RETRIES", DELAYS, webhook_retries, "1,30,600,3600,14400,36000,57600,72000,86400",
	"a comma list of 1 to 30 whole numbers of seconds, each at most 604800", false,
	"how long after an attempt in vain a webhook is tried again; after the last it is dead"),
NUMBER_ROW("WEBHOOK_KEEP", webhook_keep_days, "days", "30", 0, 36500,
	"how long webhooks that were delivered or are dead can be looked at and sent again; 0 is for ever"),

TEXT_ROW("BACKEND_LISTEN", LISTENERS, backend_listen, "127.0.0.1:8000,127.0.0.1:5000", "a comma list of ADDRESS:PORT", false,
	"where the backend listens; every address serves the same routes"),
NUMBER_ROW("PORT", port, "", "5000", 1, 65535, "takes the place of 5000 in the default of BACKEND_LISTEN"),
TEXT_ROW("BACKEND_DATABASE_URL", DATABASE, backend_database_url, "",
	"sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE", true,
	"the backend's database; by default backend.db in the data folder"),
TEXT_ROW("JWT_SECRET", SECRETS, jwt_secret, "", "a text of 32 bytes or more, or up to 8 of them with commas", true,
	"what sign-in tokens are signed with; of several the first signs; by default one is made and kept in the data folder"),
NUMBER_ROW("JWT_LIFETIME", jwt_lifetime_s, "s", "43200", 60, 31536000, "how long a sign-in token is good"),
TEXT_ROW("ADMIN_PASSWORD", TEXT, admin_password, "", "", true,
	"password of the user admin, whom a first start makes; by default a random one is written to admin-password in the data folder"),
TEXT_ROW("REGISTRATION_OPEN", FLAG, registration_open, "true", "true|false", false, "whether anybody may register as a student"),
NUMBER_ROW("RATE_LIMIT_USER", rate_limit_user, "requests", "600", 0, 1000000,
	"what a user may ask of the backend in a minute, or all at once; 0 is any number"),
NUMBER_ROW("PROBLEM_CACHE_MAX", problem_cache_max_mb, "MB", "2048", 1, 1073741824, "how much test data of the database's problems the backend keeps in DATA_DIR too"),
NUMBER_ROW("IMPORT_MAX", import_max_mb, "MB", "64", 1, 2048, "largest problem package that is taken over HTTP"),
TEXT_ROW("SEED_PROBLEMS", FLAG, seed_problems, "true", "true|false", false, "whether a first start, not in production, imports the packages of PROBLEMS_DIR"),
TEXT_ROW("PROBLEMS_DIR", TEXT, problems_dir, "", "a folder of problem packages", false, "default beside the language packs"),

TEXT_ROW("EXECUTION_MODE", QUEUE_MODE, queue_mode, "direct", "direct|queue", false,
	"how the backend runs programs: by a worker of its own, or by the queue service, falling back to the former"),
TEXT_ROW("EXECUTION_QUEUE_URL", SERVICE, queue_url, "http://localhost:3001", "http://HOST:PORT or https://HOST", false,
	"the queue service that EXECUTION_MODE=queue uses"),
NUMBER_ROW("EXECUTION_POLL_INTERVAL", queue_poll_ms, "ms", "1000", 1, 600000, "how often a queue service that cannot wait is asked for a job"),
NUMBER_ROW("EXECUTION_MAX_POLL_TIME", queue_max_poll_ms, "ms", "60000", 1, 3600000, "how long the backend waits for a job of the queue service"),
NUMBER_ROW("EXECUTION_TIMEOUT", queue_timeout_ms, "ms", "30000", 1, 3600000, "how long one request to the queue service may take"),
NUMBER_ROW("EXECUTION_QUEUE_PERCENT", queue_percent, "percent", "100", 0, 100, "the share of runs that EXECUTION_MODE=queue sends to the queue service"),
NUMBER_ROW("DIRECT_SLOTS", direct_slots, "slots", "0", 0, 256, "how many programs the backend's own worker runs at once; 0 is one a processor"),
NUMBER_ROW("DIRECT_QUEUE", direct_queue, "runs", "64", 0, 100000, "how many runs may wait for one of them; beyond it users get 503 and Retry-After"),
TEXT_ROW("CODE_EXECUTION_SERVICE_URL", SERVICE, service_url, "http://localhost:8001", "http://HOST:PORT or https://HOST", false,
	"the execution service that the backend hands contests and their submissions to"),
TEXT_ROW("CODE_EXECUTION_SERVICE_KEY", TEXT, service_key, "", "an API key", true,
	"the backend's API key at the execution service, and at the queue service"),
{ "CODE_EXECUTION_TIMEOUT", SECONDS, "s", "30.0", 10, 600000, "", false, FIELD(service_timeout_ms),
	"how long a request to the execution service may take" },
NUMBER_ROW("CODE_EXECUTION_ASK_AFTER", service_ask_after_s, "s", "30", 1, 3600, "after how long the execution service is asked for a submission of which no webhook came"),
TEXT_ROW("WEBHOOK_ALLOW_PLAIN_SECRET", FLAG, webhook_allow_plain, "false", "true|false", false,
	"whether a webhook may show the secret itself in place of a signature, on loopback and outside production"),

TEXT_ROW("NODE_ENV", PRODUCTION, production, "development", "production|development|test", false,
	"production turns the conveniences of development off: requests need API keys even on loopback"),
TEXT_ROW("LOG_LEVEL", CHOICE, log_level, "info", "debug|info|warn|warning|error", false,
	"the least important events that are logged"),
TEXT_ROW("WORKER_TOKEN", TEXT, worker_token, "", "", true,
	"what workers may show to the execution service in place of an API key; by default `arena serve` makes a random one"),
};
/* clang-format on */

enum { VARIABLE_COUNT = sizeof variables / sizeof variables[0] };

/* Names that belong to other parts of the same installation: read elsewhere, never a misspelling. */
static const char *const neighbours[] = {
	"CODE_EXECUTION_API_KEY",
	"CODE_EXECUTION_API_KIND",
	"CODE_EXECUTION_API_URL",
};

/* What config_load() makes: the public struct comes first, so that its address is the whole's. */
struct loaded {
	struct config public;
	struct pool *pool;
	const char *values[VARIABLE_COUNT]; /* as text, in the table's order */
	bool given[VARIABLE_COUNT];
};

/* ---- checking ------------------------------------------------------------------------------------- */

static bool is_choice(const char *value, const char *choices)
{
	size_t size = strlen(value);
	for (const char *at = choices; *at;) {
		size_t length = strcspn(at, "|");
		if (length == size && strncmp(at, value, size) == 0)
			return true;
		at += length + (at[length] == '|');
	}
	return false;
}

static bool parse_number(const char *text, int64_t min, int64_t max, int64_t *number)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 18 || text[digits])
		return false;
	int64_t parsed = strtoll(text, NULL, 10);
	if (parsed < min || parsed > max)
		return false;
	*number = parsed;
	return true;
}

/* "30", "30.0", "0.25" */
static bool parse_seconds(const char *text, int64_t min_ms, int64_t max_ms, int64_t *ms)
{
	size_t digits = strspn(text, "0123456789");
	size_t decimals = text[digits] == '.' ? strspn(text + digits + 1, "0123456789") : 0;
	if (digits == 0 || digits + decimals > 15 || text[digits + (decimals ? decimals + 1 : 0)])
		return false;
	*ms = (int64_t)(strtod(text, NULL) * 1000 + 0.5);
	return *ms >= min_ms && *ms <= max_ms;
}

static bool is_accepted(const struct variable *variable, const char *value)
{
	int64_t number;
	switch (variable->kind) {
	case TEXT: return true;
	case NUMBER: return parse_number(value, variable->min, variable->max, &number);
	case SECONDS: return parse_seconds(value, variable->min, variable->max, &number);
	case CHOICE:
	case FLAG:
	case QUEUE_MODE:
	case PRODUCTION: return is_choice(value, variable->accepted);
	case SERVICE: return config_check_service(value);
	case DELAYS: return config_check_delays(value);
	case DATABASE: return config_check_database(value);
	case LISTENERS: return config_check_listeners(value);
	case ORIGINS: return config_check_origins(value);
	case NETWORKS: return config_check_networks(value);
	case SECRETS: return config_check_secrets(value);
	}
	return false;
}

static int refuse(const struct variable *variable, const char *value, struct error *err)
{
	const char *shown = variable->secret ? "********" : value;
	if (variable->kind == SECONDS)
		return error_set(err, -EINVAL, "%s=%s: must be a number of seconds from %g to %g",
				 variable->name, shown, (double)variable->min / 1000,
				 (double)variable->max / 1000);
	if (variable->kind == NUMBER)
		return error_set(err, -EINVAL,
				 "%s=%s: must be a whole number from %" PRId64 " to %" PRId64 " (%s)",
				 variable->name, shown, variable->min, variable->max, variable->unit);
	return error_set(err, -EINVAL, "%s=%s: must be %s%s", variable->name, shown,
			 *variable->accepted && strchr(variable->accepted, '|') ? "one of " : "",
			 variable->accepted);
}

/* LIMIT_X and QUEUE_LIMIT_X may not be above LIMIT_X_MAX. */
static int check_maximum(const struct loaded *loaded, size_t base, struct error *err)
{
	const struct variable *variable = &variables[base];
	const char *limit = strstr(variable->name, "LIMIT_");
	for (size_t i = 0; limit && i < VARIABLE_COUNT; i++) {
		const char *name = variables[i].name;
		size_t length = strlen(limit);
		if (strncmp(name, limit, length) != 0 || strcmp(name + length, "_MAX") != 0)
			continue;
		if (strtoll(loaded->values[base], NULL, 10) > strtoll(loaded->values[i], NULL, 10))
			return error_set(err, -EINVAL, "%s=%s: must not be above %s, which is %s",
					 variable->name, loaded->values[base], name, loaded->values[i]);
	}
	return 0;
}

/* ---- loading -------------------------------------------------------------------------------------- */

static void store(struct config *config, const struct variable *variable, const char *value)
{
	void *field = (char *)config + variable->offset;
	if (variable->kind == NUMBER)
		*(int64_t *)field = strtoll(value, NULL, 10);
	else if (variable->kind == SECONDS)
		parse_seconds(value, variable->min, variable->max, field);
	else if (variable->kind == PRODUCTION)
		*(bool *)field = is_choice(value, "production");
	else if (variable->kind == QUEUE_MODE)
		*(bool *)field = is_choice(value, "queue");
	else if (variable->kind == FLAG)
		*(bool *)field = is_choice(value, "true");
	else
		*(const char **)field = value;
}

static int take_value(struct loaded *loaded, size_t index, const struct config_file *file, struct error *err)
{
	const struct variable *variable = &variables[index];
	const char *value = getenv(variable->name);
	if (!value)
		value = config_file_get(file, variable->name);
	if (!value || !*value)
		value = variable->fallback;
	else if (!is_accepted(variable, value))
		return refuse(variable, value, err);
	else
		loaded->given[index] = true;
	if (!(value = pool_strdup(loaded->pool, value)))
		return error_set(err, -ENOMEM, "out of memory");
	loaded->values[index] = value;
	store(&loaded->public, variable, value);
	return 0;
}

/* VARIABLE_COUNT when there is none. */
static size_t index_of(const char *name)
{
	size_t i = 0;
	while (i < VARIABLE_COUNT && strcmp(name, variables[i].name) != 0)
		i++;
	return i;
}

/* PORT takes the place of 5000 in the default of BACKEND_LISTEN. */
static int apply_port(struct loaded *loaded, struct error *err)
{
	size_t listen = index_of("BACKEND_LISTEN"), port = index_of("PORT");
	if (loaded->given[listen] || !loaded->given[port])
		return 0;
	const char *value = pool_printf(loaded->pool, "127.0.0.1:8000,127.0.0.1:%s", loaded->values[port]);
	if (!value)
		return error_set(err, -ENOMEM, "out of memory");
	loaded->values[listen] = value;
	store(&loaded->public, &variables[listen], value);
	return 0;
}

static bool is_known(const char *name)
{
	if (index_of(name) < VARIABLE_COUNT)
		return true;
	for (size_t i = 0; i < sizeof neighbours / sizeof neighbours[0]; i++)
		if (strcmp(name, neighbours[i]) == 0)
			return true;
	return false;
}

/* One of ours that differs by one or two letters, but not in the first three: LINES is no slip for LANES,
 * and neither is LANG. */
static const char *meant(const char *name)
{
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		const char *ours = variables[i].name;
		size_t slips = strlen(ours) < 8 ? 1 : 2;
		if (strncmp(name, ours, 3) == 0 && edit_distance(name, ours) <= slips)
			return ours;
	}
	return NULL;
}

static void warn_of(const char *name, const char *where, void (*warn)(const char *text))
{
	const char *ours = is_known(name) ? NULL : meant(name);
	if (!ours)
		return;
	char text[256];
	snprintf(text, sizeof text, "%.80s (%.80s) is not a variable of ours; did you mean %s?", name, where,
		 ours);
	warn(text);
}

static void warn_of_misspellings(const struct config_file *file, void (*warn)(const char *text))
{
	for (char **entry = environ; entry && *entry; entry++) { /* NULL after clearenv(3) */
		char name[64];
		size_t length = strcspn(*entry, "=");
		if (length < sizeof name) {
			snprintf(name, sizeof name, "%.*s", (int)length, *entry);
			warn_of(name, "environment", warn);
		}
	}
	for (const struct config_file_entry *entry = file->entries; entry; entry = entry->next)
		warn_of(entry->name, file->path, warn);
}

int config_load(const char *env_file, void (*warn)(const char *text), struct config **config,
		struct error *err)
{
	cleanup_pool struct pool *pool = pool_new();
	struct loaded *loaded = pool ? pool_alloc(pool, sizeof *loaded) : NULL;
	if (!loaded)
		return error_set(err, -ENOMEM, "out of memory");
	loaded->pool = pool;

	struct config_file file;
	int code = config_file_read(env_file, pool, &file, err);
	for (size_t i = 0; i < VARIABLE_COUNT && code == 0; i++)
		code = take_value(loaded, i, &file, err);
	for (size_t i = 0; i < VARIABLE_COUNT && code == 0; i++)
		code = check_maximum(loaded, i, err);
	if (code == 0)
		code = apply_port(loaded, err);
	if (code < 0)
		return code;
	if (warn)
		warn_of_misspellings(&file, warn);
	pool = NULL; /* kept: it holds what we hand over */
	*config = &loaded->public;
	return 0;
}

void config_free(struct config *config)
{
	if (config)
		pool_free(((struct loaded *)config)->pool);
}

bool config_is_given(const struct config *config, const char *name)
{
	const struct loaded *loaded = (const struct loaded *)(const void *)config;
	size_t index = index_of(name);
	return index < VARIABLE_COUNT && loaded->given[index];
}

static bool is_among(const char *name, const char *const *assignments)
{
	size_t length = strlen(name);
	for (; *assignments; assignments++)
		if (strncmp(*assignments, name, length) == 0 && (*assignments)[length] == '=')
			return true;
	return false;
}

char **config_environment(const struct config *config, const char *const *first)
{
	const struct loaded *loaded = (const struct loaded *)(const void *)config;
	size_t count = 0, bytes = 0;
	for (; first[count]; count++)
		bytes += strlen(first[count]) + 1;
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		bytes += strlen(variables[i].name) + strlen(loaded->values[i]) + 2;
	char **environment = calloc(1, (count + VARIABLE_COUNT + 1) * sizeof *environment + bytes);
	if (!environment)
		return NULL;
	char *at = (char *)(environment + count + VARIABLE_COUNT + 1);
	count = 0;
	for (; first[count]; count++) {
		environment[count] = at;
		at = stpcpy(at, first[count]) + 1;
	}
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		if (variables[i].secret || is_among(variables[i].name, first))
			continue;
		environment[count++] = at;
		at += sprintf(at, "%s=%s", variables[i].name, loaded->values[i]) + 1;
	}
	return environment;
}

void config_limits(const struct config *config, struct limits *run, struct limits *compile)
{
	enum { KB = 1 << 10, MB = 1 << 20, INODES = 16384, OPEN_FILES = 1024 };
	*run = (struct limits){
		.cpu_time_us = config->cpu_time_ms * 1000,
		.wall_time_us = config->wall_time_ms * 1000,
		.memory_bytes = config->memory_mb * MB,
		.output_bytes = config->output_kb * KB,
		.file_bytes = config->file_mb * MB,
		.disk_bytes = INT64_C(64) * MB,
		.inodes = INODES,
		.processes = (int)config->processes,
		.open_files = OPEN_FILES,
		.cpus = 1,
	};
	*compile = (struct limits){
		.cpu_time_us = config->compile_time_ms * 1000,
		.wall_time_us = (2 * config->compile_time_ms + 1000) * 1000,
		.memory_bytes = config->compile_memory_mb * MB,
		.output_bytes = 64 * KB,
		.file_bytes = INT64_C(256) * MB,
		.disk_bytes = INT64_C(512) * MB,
		.inodes = INODES,
		.processes = 256,
		.open_files = OPEN_FILES,
		.cpus = 0,
	};
}

/* ---- printing ------------------------------------------------------------------------------------- */

static void print_accepted(const struct variable *variable, FILE *out)
{
	if (variable->kind == NUMBER)
		fprintf(out, "%" PRId64 " to %" PRId64 " %s", variable->min, variable->max, variable->unit);
	else if (variable->kind == SECONDS)
		fprintf(out, "%g to %g s", (double)variable->min / 1000, (double)variable->max / 1000);
	else
		for (const char *at = variable->accepted; *at; at++) /* bars end a Markdown cell */
			if (*at == '|')
				fputs(", ", out);
			else
				fputc(*at, out);
}

void config_print(const struct config *config, FILE *out)
{
	const struct loaded *loaded = (const struct loaded *)config;
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		const struct variable *variable = &variables[i];
		const char *value = loaded->values[i];
		fprintf(out, "%s=%s  # %s", variable->name, variable->secret && *value ? "********" : value,
			variable->help);
		if (*variable->fallback)
			fprintf(out, "; default %s", variable->fallback);
		if (variable->kind == NUMBER || variable->kind == SECONDS || *variable->accepted)
			fputs("; ", out);
		print_accepted(variable, out);
		fputc('\n', out);
	}
}

void config_print_markdown(FILE *out)
{
	fputs("| variable | default | accepted | what it is |\n| --- | --- | --- | --- |\n", out);
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		const struct variable *variable = &variables[i];
		fprintf(out, "| `%s` | %s%s%s | ", variable->name, *variable->fallback ? "`" : "",
			variable->fallback, *variable->fallback ? "`" : "");
		print_accepted(variable, out);
		fprintf(out, " | %s%s |\n", variable->help, variable->secret ? " (secret)" : "");
	}
}
