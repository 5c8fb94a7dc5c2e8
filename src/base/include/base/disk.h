/* disk.h - how much room is left. */
#pragma once

#include <stdint.h>

/* In bytes, where there is less of it: the data folder, or the folder of a database "sqlite:PATH" (any other URL does
 * not count). What cannot be told counts as plenty. */
int64_t disk_free_bytes(const char *data_dir, const char *database_url);
