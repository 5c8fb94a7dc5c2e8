/* config_check.h - forms of values that take more than a range. */
#pragma once

#include <stdbool.h>

/* "sqlite:PATH" */
bool config_check_database(const char *value);

/* "ADDRESS:PORT,..." where each address is a loopback one: 127.x.y.z or [::1]. */
bool config_check_listeners(const char *value);

/* "http://HOST..." or "https://HOST...", without a query. */
bool config_check_service(const char *value);

/* "1,30,600": 1 to CONFIG_DELAYS_MAX numbers of seconds, each at most a week. */
bool config_check_delays(const char *value);

/* "SCHEME://HOST[:PORT],...", or "*". */
bool config_check_origins(const char *list);

/* As networks_parse() reads them. */
bool config_check_networks(const char *list);
/* 1 to CONFIG_SECRETS_MAX texts of CONFIG_SECRET_BYTES_MIN bytes or more, with commas. */
bool config_check_secrets(const char *list);
