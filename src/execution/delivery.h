/* delivery.h - the thread that sends what the outbox holds. */
#pragma once

#include "service.h"

struct deliveries;

/* Starts it; what a process before this one left unsent is due at once. */
int deliveries_start(struct execution *service, struct deliveries **deliveries, struct error *err);
/* Something was recorded or replayed: look now. Any thread; NULL is allowed, and does nothing. */
void deliveries_wake(struct deliveries *deliveries);
/* Ends what is under way, which is due again then, and frees it. Accepts NULL. */
void deliveries_stop(struct deliveries *deliveries);
