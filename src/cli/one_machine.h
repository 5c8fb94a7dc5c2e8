/* one_machine.h - what the roles of `arena serve` know of each other without being told by variables. */
#pragma once

#include "base/config.h"
#include "base/secret.h"
#include "user.h"

enum { URL_TEXT_BYTES = 256, SERVICE_KEY_RANDOM_BYTES = 24 };

/* Backs what is put into the configuration; as long as it. */
struct one_machine {
	char backend_url[URL_TEXT_BYTES], service_url[URL_TEXT_BYTES], queue_url[URL_TEXT_BYTES];
	char webhook_secret[SECRET_TEXT_BYTES];
	char service_key[2 * SERVICE_KEY_RANDOM_BYTES + 1];
};

/* -EINVAL: settings that two roles on one machine cannot have together. */
int one_machine_check(const struct config *config, struct error *err);

/* Before any of them starts: where the execution service tells of results, and by which secret (one in
 * DATA_DIR/webhook-secret, of that user's, when none is set); on loopback outside production the secret itself will do
 * (WEBHOOK_ALLOW_PLAIN_SECRET). */
int one_machine_settle(struct one_machine *machine, const struct user *user, struct config *config,
		       struct error *err);

/* Before the backend starts: where the execution service listens (URLs, blanks between). */
void one_machine_find_service(struct one_machine *machine, struct config *config, const char *addresses);
