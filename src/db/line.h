/* line.h - what the bus speaks over: a connection to PostgreSQL that listens. One thread's own. */
#pragma once

#include "backend.h"
#include "db/bus.h"

struct line;

struct line *line_open(const struct db_store *store); /* NULL: cannot be reached now */
void line_close(struct line *line);

int line_fd(const struct line *line); /* readable when there is something to hear */
/* Both negative when the line broke. */
int line_hear(struct line *line, db_bus_heard *heard, void *context);
int line_send(struct line *line, char *const *keys, size_t count);
