/* The steps of verifying, in their order. */
#include "inside.h"

#include <errno.h>
#include <stdlib.h>

int verify_open(const struct verify_options *options, struct verifier **ret_verifier, struct error *err)
{
	struct verifier *verifier = calloc(1, sizeof *verifier);

	if (!verifier)
		return error_set(err, -ENOMEM, "out of memory");
	verifier->options = *options;
	pthread_mutex_init(&verifier->lock, NULL);
	pthread_cond_init(&verifier->changed, NULL);
	*ret_verifier = verifier;
	return 0;
}

void verify_close(struct verifier *verifier)
{
	if (!verifier)
		return;
	for (size_t i = 0; i < JOBS_MAX; i++)
		judge_free(verifier->judges[i]);
	pthread_cond_destroy(&verifier->changed);
	pthread_mutex_destroy(&verifier->lock);
	free(verifier);
}

void verify_cancel(struct verifier *verifier)
{
	atomic_store(&verifier->cancelled, true);
	pthread_mutex_lock(&verifier->lock);
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (verifier->judges[i])
			judge_cancel(verifier->judges[i]);
	pthread_mutex_unlock(&verifier->lock);
}

static bool all_well(const struct verification *verification)
{
	for (size_t i = 0; i < verification->validator_count; i++)
		if (!verification->validators[i].ok)
			return false;
	for (size_t i = 0; i < verification->check_count; i++)
		if (!verification->checks[i].ok)
			return false;
	for (size_t i = 0; i < verification->submission_count; i++)
		if (!verification->submissions[i].ok)
			return false;
	return true;
}

int verify_package(struct verifier *verifier, const struct package *package, struct pool *pool,
		   struct verification *verification, struct error *err)
{
	struct verifying verifying = {
		.verifier = verifier, .package = package, .pool = pool, .verification = verification
	};

	*verification = (struct verification){ .notes = { .pool = pool } };
	verifier->done = 0;
	verifier->total = count_checks(package);
	verifier->to_come = package->submission_count;
	int code = verify_validators(verifier, package, pool, verification, err);
	if (code == 0)
		code = verify_checks(verifier, package, pool, verification, err);
	if (code == 0)
		code = trials_open(&verifying, err);
	if (code == 0)
		code = find_time_limit(&verifying, err);
	if (code == 0)
		code = verify_submissions(&verifying, err);
	verification->ok = code == 0 && all_well(verification);
	return code == 0 && verification->notes.failed ? error_set(err, -ENOMEM, "out of memory") : code;
}
