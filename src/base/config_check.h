/* config_check.h - forms of values that take more than a range. */
#pragma once

#include <stdbool.h>

/* "sqlite:PATH" */
bool config_check_database(const char *value);

/* "ADDRESS:PORT,..." where each address is a loopback one: 127.x.y.z or [::1]. */
bool config_check_listeners(const char *value);
