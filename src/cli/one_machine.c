#include "one_machine.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"

/* ---- what cannot be ---- */

static bool is_postgresql(const char *url)
{
	return *url && strncmp(url, "sqlite:", 7) != 0;
}

/* Half of the data in a file beside a database server is nobody's wish: one variable was forgotten. */
static int check_databases(const struct config *config, struct error *err)
{
	const char *forgotten = NULL;
	if (is_postgresql(config->database_url) && !*config->backend_database_url)
		forgotten = "BACKEND_DATABASE_URL";
	if (is_postgresql(config->backend_database_url) && !*config->database_url)
		forgotten = "DATABASE_URL";
	return forgotten ? error_set(err, -EINVAL,
				     "%s is not set, while the other database is on PostgreSQL: set it too "
				     "(sqlite:PATH if a file is meant)",
				     forgotten)
			 : 0;
}

static int check_secrets(const struct config *config, struct error *err)
{
	const char *one = config->backend_secret, *other = config->backend_secret_too;
	if (!*one || !*other || strcmp(one, other) == 0)
		return 0;
	return error_set(
		err, -EINVAL,
		"BACKEND_WEBHOOK_SECRET and CODE_EXECUTION_WEBHOOK_SECRET are not the same: what one "
		"side signs, the other would refuse");
}

int one_machine_check(const struct config *config, struct error *err)
{
	int code = check_databases(config, err);
	return code < 0 ? code : check_secrets(config, err);
}

/* ---- what they tell each other ---- */

/* The first of a list of listeners, as one connects to it from here; "" when its port is not known yet. */
static void url_of_listener(const char *listeners, char url[URL_TEXT_BYTES])
{
	int size = (int)strcspn(listeners, ",");
	const char *host_end = memrchr(listeners, ':', (size_t)size);
	int host = host_end ? (int)(host_end - listeners) : 0;
	*url = '\0';
	if (!host_end || strncmp(host_end, ":0", (size_t)(listeners + size - host_end)) == 0)
		return;
	if (strncmp(listeners, "0.0.0.0:", 8) == 0)
		snprintf(url, URL_TEXT_BYTES, "http://127.0.0.1%.*s", size - host, host_end);
	else if (strncmp(listeners, "[::]:", 5) == 0)
		snprintf(url, URL_TEXT_BYTES, "http://[::1]%.*s", size - host, host_end);
	else
		snprintf(url, URL_TEXT_BYTES, "http://%.*s", size, listeners);
}

static int find_backend(struct one_machine *machine, struct config *config)
{
	if (config_is_given(config, "BACKEND_SERVICE_URL"))
		return 0;
	url_of_listener(config->backend_listen, machine->backend_url);
	if (!*machine->backend_url)
		log_warning("the execution service does not know where the backend will listen: a port of "
			    "BACKEND_LISTEN is 0");
	config->backend_url = machine->backend_url;
	return 0;
}

static int share_secret(struct one_machine *machine, const struct user *user, struct config *config,
			struct error *err)
{
	char path[PATH_MAX];
	const char *secret = *config->backend_secret ? config->backend_secret : config->backend_secret_too;
	if (!*secret) {
		if (snprintf(path, sizeof path, "%s/webhook-secret", config->data_dir) >= (int)sizeof path)
			return error_set(err, -ENAMETOOLONG, "%s: name too long", config->data_dir);
		if (user_borrow(user, err) < 0)
			return err->code;
		int code = secret_keep(path, machine->webhook_secret, err);
		user_return(user);
		if (code < 0)
			return error_wrap(err, "secret of webhooks");
		secret = machine->webhook_secret;
	}
	config->backend_secret = config->backend_secret_too = secret;
	return 0;
}

int one_machine_settle(struct one_machine *machine, const struct user *user, struct config *config,
		       struct error *err)
{
	int code = find_backend(machine, config);
	if (code == 0)
		code = share_secret(machine, user, config, err);
	if (!config_is_given(config, "WEBHOOK_ALLOW_PLAIN_SECRET"))
		config->webhook_allow_plain =
			!config->production && !config_beyond_loopback(config->backend_listen);
	if (!*config->service_key) {
		random_hex(machine->service_key, SERVICE_KEY_RANDOM_BYTES);
		config->service_key = machine->service_key;
	}
	return code;
}

/* The n-th of them; the first when there are not so many. */
static void choose_address(const char *addresses, size_t n, char url[URL_TEXT_BYTES])
{
	const char *at = addresses + strspn(addresses, " ");
	for (const char *next = at; *next && n > 0; n--) {
		next += strcspn(next, " ");
		next += strspn(next, " ");
		if (*next)
			at = next;
	}
	snprintf(url, URL_TEXT_BYTES, "%.*s", (int)strcspn(at, " "), at);
}

void one_machine_find_service(struct one_machine *machine, struct config *config, const char *addresses)
{
	choose_address(addresses, 0, machine->service_url);
	choose_address(addresses, 1, machine->queue_url);
	if (!config_is_given(config, "CODE_EXECUTION_SERVICE_URL"))
		config->service_url = machine->service_url;
	if (!config_is_given(config, "EXECUTION_QUEUE_URL"))
		config->queue_url = machine->queue_url;
}
