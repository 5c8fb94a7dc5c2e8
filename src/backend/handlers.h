/* handlers.h - every handler of the table in routes.c, by file. */
#pragma once

#include "inside.h"

/* health.c */
void health(struct http_exchange *x);
void health_ready(struct http_exchange *x);
void health_api(struct http_exchange *x);
/* metrics.c */
void metrics_get(struct http_exchange *x);

/* auth.c */
void auth_register(struct http_exchange *x);
void auth_login(struct http_exchange *x);
void auth_user(struct http_exchange *x);
void auth_logout(struct http_exchange *x);
void auth_refresh(struct http_exchange *x);
void auth_password(struct http_exchange *x);
/* admin_users.c */
void admin_user_list(struct http_exchange *x);
void admin_user_post(struct http_exchange *x);
void admin_user_get(struct http_exchange *x);
void admin_user_patch(struct http_exchange *x);
void admin_user_password(struct http_exchange *x);
/* audit.c */
void admin_audit(struct http_exchange *x);
/* ticket.c */
void live_ticket(struct http_exchange *x);
