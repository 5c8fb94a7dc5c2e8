/* code_submission.h - submissions that the execution service runs: handing one in, and how it is shown. */
#pragma once

#include <jansson.h>

#include "participant.h"
#include "submission_store.h"

enum handed {
	HANDED,
	HANDED_BEFORE,
	HANDED_NO_CONTEST,
	HANDED_CLOSED,
	HANDED_FULL,
	HANDED_NO_PROBLEM,
	HANDED_FOREIGN,
	HANDED_LANGUAGE
};

/* One transaction's work: joins the contest when there is one, and writes the submission down with its dispatch; or
 * finds the one that the same user handed in with the same words and was told nothing of. `submission` gives user,
 * contest, problem, language, code, input and created_ms, and gets its id. Whatever is not HANDED or HANDED_BEFORE has
 * left no trace. */
struct handing {
	struct pool *pool;
	struct caller caller;
	const char *request_id, *trace;
	struct submission submission;
	enum handed handed;
};
int code_submission_hand_in(struct db *db, struct handing *handing, struct error *err);

/* In a list long texts are cut, and the results left out. */
enum code_submission_form { SUBMISSION_WHOLE, SUBMISSION_LISTED };
json_t *code_submission_json(const struct submission *submission, enum code_submission_form form);
