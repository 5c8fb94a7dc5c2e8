/* handlers.h - every handler of the table in routes.c, by file. */
#pragma once

#include "inside.h"

/* health.c */
void health(struct http_exchange *x);
void health_ready(struct http_exchange *x);
void health_api(struct http_exchange *x);
/* metrics.c */
void metrics_get(struct http_exchange *x);
/* ticket.c */
void live_ticket(struct http_exchange *x);
