/* admin_user.c - `arena admin user`, and `arena admin token`: accounts of a backend, and tokens for them. */
#include "admin_user.h"

#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "backend/password.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "options.h"
#include "print.h"
#include "startup.h"

enum { PASSWORD_FILE_BYTES_MAX = 4096, HOURS_MAX = 24 * 366 };

struct user_words {
	struct admin_backend asked;
	const char *email, *role, *password_file;
	bool json;
	int64_t hours;
};

#define OPTIONS_OF_BOTH(words)                                           \
	OPTION_TEXT("service", &(words).asked.url, "URL",                \
		    "the backend; default the first of BACKEND_LISTEN"), \
		OPTION_FLAG("database", &(words).asked.database,         \
			    "in the database itself; by default only when no backend answers")

/* ---- passwords ---- */

/* One line of the file, or of standard input for "-"; a random one that is to be printed when there is no file. */
static int read_password(const struct user_words *words, struct pool *pool, const char **password,
			 bool *made_up, struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	char random[PASSWORD_RANDOM_BYTES];

	*made_up = !words->password_file;
	if (*made_up) {
		password_random(random);
		*password = pool_strdup(pool, random);
		return *password ? 0 : error_set(err, -ENOMEM, "out of memory");
	}
	int code = strcmp(words->password_file, "-") == 0
			   ? fd_read_all(STDIN_FILENO, PASSWORD_FILE_BYTES_MAX, &text, err)
			   : file_read_all(words->password_file, PASSWORD_FILE_BYTES_MAX, &text, err);
	if (code < 0)
		return error_wrap(err, "password file");
	char *line = pool_strdup(pool, buffer_text(&text));
	if (!line)
		return error_set(err, -ENOMEM, "out of memory");
	line[strcspn(line, "\r\n")] = '\0';
	*password = line;
	return 0;
}

static int refuse(const char *what, const char *fault)
{
	fprintf(stderr, "arena admin user: %s %s\n", what, fault);
	return STATUS_USAGE;
}

/* ---- list ---- */

static void print_row(const json_t *account)
{
	printf("%-5" JSON_INTEGER_FORMAT " %-20s %-30s %-11s %-9s %s\n", admin_number(account, "id"),
	       admin_text(account, "username"), admin_text(account, "email"), admin_text(account, "role"),
	       json_is_true(json_object_get(account, "isActive")) ? "active" : "disabled",
	       admin_text(account, "lastLoginAt"));
}

static int run_list(struct admin_users *users, const struct user_words *words)
{
	cleanup_json json_t *accounts = NULL;
	struct error err = { 0 };

	if (admin_users_ask(users, &(struct user_question){ .act = USER_LIST }, &accounts, &err) < 0)
		return startup_failed(&err);
	if (words->json)
		return print_json(json_incref(accounts));
	printf("%-5s %-20s %-30s %-11s %-9s %s\n", "id", "username", "e-mail", "role", "state",
	       "last sign-in");
	for (size_t i = 0; i < json_array_size(accounts); i++)
		print_row(json_array_get(accounts, i));
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

/* ---- what is done to one ---- */

/* The password alone on standard output, so that it can be sent to a file. */
static int run_question(struct admin_users *users, const struct user_question *question, const char *done,
			bool print_password)
{
	cleanup_json json_t *account = NULL;
	struct error err = { 0 };

	if (admin_users_ask(users, question, &account, &err) < 0)
		return startup_failed(&err);
	if (print_password)
		printf("%s\n", question->password);
	fprintf(stderr, "user %" JSON_INTEGER_FORMAT " (%s): %s\n", admin_number(account, "id"),
		admin_text(account, "username"), done);
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

static int run_add(struct admin_users *users, const struct user_words *words, const char *name)
{
	enum role role = ROLE_STUDENT;
	const char *password = NULL;
	bool made_up = false;
	struct error err = { 0 };

	if (!words->email)
		return refuse("add:", "--email ADDRESS is needed");
	if (username_fault(name))
		return refuse("the username", username_fault(name));
	if (email_fault(words->email))
		return refuse("the e-mail address", email_fault(words->email));
	if (words->role && !role_from_name(words->role, &role))
		return refuse("--role", "must be student, instructor or admin");
	if (read_password(words, users->pool, &password, &made_up, &err) < 0)
		return startup_failed(&err);
	if (password_fault(password, name, words->email))
		return refuse("the password", password_fault(password, name, words->email));
	return run_question(users,
			    &(struct user_question){ .act = USER_ADD,
						     .name = name,
						     .email = words->email,
						     .password = password,
						     .change = { role, -1 } },
			    "added; the password is to be changed", made_up);
}

static int run_role(struct admin_users *users, const char *name, const char *role_text)
{
	enum role role;

	if (!role_text || !role_from_name(role_text, &role))
		return refuse("role NAME ROLE:", "the role must be student, instructor or admin");
	return run_question(
		users, &(struct user_question){ .act = USER_CHANGE, .name = name, .change = { role, -1 } },
		"has another role", false);
}

static int run_password(struct admin_users *users, const struct user_words *words, const char *name)
{
	const char *password = NULL;
	bool made_up = false;
	struct error err = { 0 };

	if (read_password(words, users->pool, &password, &made_up, &err) < 0)
		return startup_failed(&err);
	if (password_fault(password, name, name))
		return refuse("the password", password_fault(password, name, name));
	return run_question(users,
			    &(struct user_question){ .act = USER_PASSWORD,
						     .name = name,
						     .password = password,
						     .change = { .is_active = -1 } },
			    "has another password, which is to be changed; all tokens are void", made_up);
}

static int run_active(struct admin_users *users, const char *name, bool active)
{
	return run_question(users,
			    &(struct user_question){
				    .act = USER_CHANGE, .name = name, .change = { ROLE_NOBODY, active } },
			    active ? "enabled" : "disabled; all tokens are void", false);
}

static int run_words(struct admin_users *users, const struct user_words *words, const struct words *rest)
{
	const char *what = rest->count > 0 ? rest->at[0] : "list", *name = rest->at[1];

	if (strcmp(what, "list") == 0 && rest->count <= 1)
		return run_list(users, words);
	if (strcmp(what, "add") == 0 && rest->count == 2)
		return run_add(users, words, name);
	if (strcmp(what, "role") == 0 && (rest->count == 2 || rest->count == 3))
		return run_role(users, name, rest->count == 3 ? rest->at[2] : words->role);
	if (strcmp(what, "password") == 0 && rest->count == 2)
		return run_password(users, words, name);
	if (strcmp(what, "enable") == 0 && rest->count == 2)
		return run_active(users, name, true);
	if (strcmp(what, "disable") == 0 && rest->count == 2)
		return run_active(users, name, false);
	fprintf(stderr,
		"arena admin user: list, add NAME --email ADDRESS, role NAME ROLE, password NAME, enable "
		"NAME or disable NAME?\n");
	return STATUS_USAGE;
}

/* ---- a token ---- */

/* The token alone on standard output. It begins to count in the next second, which is when those count that are made
 * in the very second of a new password. */
static int run_token(struct admin_users *users, const struct user_words *words, const char *name)
{
	cleanup_json json_t *account = NULL;
	struct error err = { 0 };
	struct token token = { .issued_s = clock_wall_ms() / 1000 + 1 };

	if (admin_users_ask(users, &(struct user_question){ .act = USER_FIND, .name = name }, &account,
			    &err) < 0)
		return startup_failed(&err);
	if (!json_is_true(json_object_get(account, "isActive"))) {
		fprintf(stderr, "arena admin token: %s is disabled\n", name);
		return STATUS_FAILED;
	}
	token.user_id = admin_number(account, "id");
	token.expires_s =
		token.issued_s + (words->hours ? words->hours * 3600 : users->config->jwt_lifetime_s);
	snprintf(token.role, sizeof token.role, "%s", admin_text(account, "role"));
	const char *text = token_issue(&users->secrets, &token, users->pool);
	if (!text)
		return STATUS_FAILED;
	printf("%s\n", text);
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_FAILED;
}

/* ---- the commands ---- */

static int with_users(struct user_words *words, const struct words *rest, bool token)
{
	struct admin_users users = { .asked = &words->asked };
	struct error err = { 0 };
	int status = startup_config("admin", &users.config);

	if (status)
		return status;
	if (admin_users_open(&users, &err) < 0)
		status = startup_failed(&err);
	else
		status = token ? run_token(&users, words, rest->at[0]) : run_words(&users, words, rest);
	admin_users_close(&users);
	config_free(users.config);
	return status;
}

static int run_user(int argc, char **argv)
{
	struct user_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_TEXT("email", &words.email, "ADDRESS", "add: the e-mail address"),
		OPTION_TEXT("role", &words.role, "ROLE",
			    "add: student, instructor or admin; default student"),
		OPTION_TEXT("password-file", &words.password_file, "FILE",
			    "add, password: holds it in its first line, - is standard input; default a "
			    "random one, "
			    "printed"),
		OPTIONS_OF_BOTH(words),
		OPTION_FLAG("json", &words.json, "list: one JSON array on standard output"),
		OPTION_END,
	};
	struct words rest;
	int status;

	if (!options_parse(&admin_user_command, rows, argc, argv, &rest, &status))
		return status;
	return with_users(&words, &rest, false);
}

const struct command admin_user_command = {
	.name = "admin user",
	.synopsis = "list|add|role|password|enable|disable [NAME] [ROLE] [OPTION]...",
	.summary = "Lists, adds and changes users of the backend",
	.details = "NAME is a username or an e-mail address. Needs the backend's secret of tokens: "
		   "JWT_SECRET, or "
		   "the file\njwt-secret in DATA_DIR.\n",
	.run = run_user,
};

static int run_token_command(int argc, char **argv)
{
	struct user_words words = { 0 };
	const struct option_row rows[] = {
		OPTION_NUMBER("hours", &words.hours, 1, HOURS_MAX, "N",
			      "how long it is good; default JWT_LIFETIME"),
		OPTIONS_OF_BOTH(words),
		OPTION_END,
	};
	struct words rest;
	int status;

	if (!options_parse(&admin_token_command, rows, argc, argv, &rest, &status))
		return status;
	if (rest.count != 1) {
		fprintf(stderr, "arena admin token: whose? `arena admin user list` has all users\n");
		return STATUS_USAGE;
	}
	return with_users(&words, &rest, true);
}

const struct command admin_token_command = {
	.name = "admin token",
	.synopsis = "USER [--hours N] [OPTION]...",
	.summary = "Prints a token of a user's: Authorization: Bearer ...",
	.details = "USER is a username or an e-mail address. The token ends with the next change of the "
		   "password, "
		   "as all do.\n",
	.run = run_token_command,
};
