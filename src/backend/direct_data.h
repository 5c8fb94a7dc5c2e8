/* direct_data.h - test data for the backend's own worker: it asks for bytes by their SHA-256, and gets a descriptor.
 *
 * So a task stays small however large its tests are, and nothing is copied. One thread answers, a question after the
 * other; it ends with the socket's other end, or when it is stopped. */
#pragma once

#include "base/error.h"

struct direct_data;
struct test_data;

/* `socket` is taken over. `data` NULL: there is none of what is asked for. */
int direct_data_start(int socket, struct test_data *data, struct direct_data **server, struct error *err);
/* Waits for the thread. Accepts NULL. */
void direct_data_stop(struct direct_data *server);
