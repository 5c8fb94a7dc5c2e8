/* admin.h - what `arena admin WORD` has: a table in admin.c, a file for each.
 *
 * How to add one: admin_NAME.c with a `const struct command admin_NAME_command` (its name is "admin NAME"), a
 * line here, a row in admin.c. */
#pragma once

#include "base/config.h"
#include "base/json.h"
#include "command.h"
#include "options.h"

extern const struct command admin_key_command, admin_jobs_command, admin_deliveries_command,
	admin_user_command, admin_token_command;

/* ---- admin_ask.c: a question to the service, which owns its database ---- */

struct admin_service {
	const char *url;      /* NULL: the first of EXECUTION_LISTEN */
	const char *key_file; /* holds an admin key; NULL: the one that the service made, if it is there */
};
struct admin_question {
	const char *method, *path;
	const json_t *body; /* or NULL */
};
/* *answer is the JSON of an answer that says yes, NULL where it has none; the caller's. */
int admin_ask(const struct admin_service *service, const struct config *config,
	      const struct admin_question *question, json_t **answer, struct error *err);
/* The same where the URL, and what is shown there (NULL: nothing), are known. -ECONNREFUSED: nobody listens. */
int admin_ask_at(const char *url, const char *bearer, const struct admin_question *question, json_t **answer,
		 struct error *err);

/* ---- admin_row.c ---- */

/* "-" where it is no text; 0 where it is no number. */
const char *admin_text(const json_t *row, const char *name);
json_int_t admin_number(const json_t *row, const char *name);

bool admin_is_id(const char *word);
/* All words from `first` on. */
bool admin_are_ids(const struct words *words, size_t first);
