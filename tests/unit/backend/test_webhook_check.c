/* Whether a webhook is the execution service's. The signatures were computed with Python's hmac and base64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "webhook_check.h"

static const char body[] = "{\"test\": 2432232314}";
#define STANDARD           "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define PLAIN_OF_STANDARD  "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"
#define PLAIN_OF_SECRET    "c4be5c092d907fa240f2da524c1fd82913705379274d113cacd5ec3a667ad4d4"
#define SIGNED_BY_STANDARD "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define SIGNED_BY_SECRET   "v1,QhlSMIJS/+71IQLjjmkiCGkWoueir474RayJQKtDu+0="
#define ID                 "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define NOW                "1614265330"
enum { NOW_S = 1614265330 };

static const struct row {
	const char *secrets, *plain, *id, *timestamp, *signature;
	bool allow_plain, allow_unsigned, good;
} rows[] = {
	{ "secret", PLAIN_OF_SECRET, NULL, NULL, NULL, false, false, true },
	{ "secret", "sha256=" PLAIN_OF_SECRET, NULL, NULL, NULL, false, false, true },
	{ " older , secret ", PLAIN_OF_SECRET, NULL, NULL, NULL, false, false, true },
	{ STANDARD, PLAIN_OF_STANDARD, NULL, NULL, NULL, false, false, true },
	{ "secret", PLAIN_OF_STANDARD, NULL, NULL, NULL, false, false, false },
	{ "secret", "secret", NULL, NULL, NULL, false, false, false },
	{ "secret", "secret", NULL, NULL, NULL, true, false, true },
	{ "secret,other", "other", NULL, NULL, NULL, true, false, true },
	{ "secret,other", "secret,other", NULL, NULL, NULL, true, false, false },
	{ "secret", "", NULL, NULL, NULL, true, true, false },
	{ "secret", NULL, NULL, NULL, NULL, true, true, false },

	{ STANDARD, NULL, ID, NOW, SIGNED_BY_STANDARD, false, false, true },
	{ "secret", NULL, ID, NOW, SIGNED_BY_SECRET, false, false, true },
	{ "secret", NULL, ID, NOW, "v2,xyz v1,short " SIGNED_BY_SECRET, false, false, true },
	{ "secret", NULL, ID, NOW, SIGNED_BY_STANDARD, false, false, false },
	{ "secret", NULL, ID, NOW, "v1,", false, false, false },
	{ "secret", NULL, ID, NOW, "", false, false, false },
	{ "secret", NULL, "msg_other", NOW, SIGNED_BY_SECRET, false, false, false },
	{ "secret", NULL, ID, "1614265331", SIGNED_BY_SECRET, false, false, false },
	{ "secret", NULL, NULL, NOW, SIGNED_BY_SECRET, false, false, false },
	{ "secret", NULL, ID, NULL, SIGNED_BY_SECRET, false, false, false },

	/* Whatever is there must be right. */
	{ "secret", PLAIN_OF_SECRET, ID, NOW, SIGNED_BY_SECRET, false, false, true },
	{ "secret", PLAIN_OF_STANDARD, ID, NOW, SIGNED_BY_SECRET, false, false, false },
	{ "secret", PLAIN_OF_SECRET, ID, NOW, SIGNED_BY_STANDARD, false, false, false },
	{ STANDARD ",secret", PLAIN_OF_SECRET, ID, NOW, SIGNED_BY_STANDARD, false, false, true },

	/* The window. */
	{ "secret", PLAIN_OF_SECRET, NULL, "1614265030", NULL, false, false, true },
	{ "secret", PLAIN_OF_SECRET, NULL, "1614265029", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, "1614265630", NULL, false, false, true },
	{ "secret", PLAIN_OF_SECRET, NULL, "1614265631", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, "now", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, "", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, " 1614265330", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, "1614265330s", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, "-1614265330", NULL, false, false, false },
	{ "secret", PLAIN_OF_SECRET, NULL, "99999999999999999999999", NULL, false, false, false },

	/* No secret is no proof, but where nobody else could be. */
	{ "", NULL, NULL, NULL, NULL, false, true, true },
	{ " , ", PLAIN_OF_SECRET, NULL, NULL, NULL, true, true, true },
	{ "", NULL, NULL, NULL, NULL, false, false, false },
	{ "", PLAIN_OF_SECRET, NULL, NULL, NULL, true, false, false },
	{ "", "", NULL, NULL, NULL, true, false, false },
	{ "", NULL, NULL, "1", NULL, false, true, false },
};

static void each_proof(void **state)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		const char *fault = webhook_fault(&(struct webhook_proof){
			.secrets = row->secrets,
			.plain = row->plain,
			.id = row->id,
			.timestamp = row->timestamp,
			.signature = row->signature,
			.body = body,
			.body_size = sizeof body - 1,
			.now_ms = (int64_t)NOW_S * 1000,
			.allow_plain = row->allow_plain,
			.allow_unsigned = row->allow_unsigned,
		});
		if (!fault != row->good)
			fail_msg("row %zu: %s", i, fault ? fault : "taken");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_proof) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
