/* startup.h - what most subcommands begin with. Messages go to standard error; where a function says
 * "status", anything but STATUS_OK is what the command ends with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/config.h"
#include "lang/lang.h"
#include "sandbox/box.h"
#include "user.h"

/* Reads `.env` and the environment, and sets the log's level. */
int startup_config(const char *role, struct config **config);

/* The file that this program is. Asked for before anything moves to another mount namespace: below a chroot the
 * kernel has no right name for it afterwards. main() calls it first, so that all later calls know. */
const char *startup_program(void);

/* Loads the language packs and, with `probe`, finds their tools by running them; as `user` unless that is
 * NULL. config->languages_dir is then where they are. */
int startup_catalogue(struct config *config, const struct user *user, bool probe,
		      struct catalogue **catalogue);

/* Finds the packages of a first start: config->problems_dir is then where they are, "" where there are none. As `user`, as
 * above. */
int startup_problems(struct config *config, const struct user *user);

/* What sandbox_open() is told, of a process that starts a lane maker where none is named. */
struct sandbox_options startup_sandbox(const struct config *config, const struct catalogue *catalogue);

/* How many programs may run at once: LANES, or the processors that this process may use. */
size_t startup_slots(const struct config *config);

/* "arena: " and the text of `err`; returns STATUS_FAILED. */
int startup_failed(const struct error *err);

static inline void config_free_slot(struct config **slot)
{
	config_free(*slot);
}
static inline void catalogue_free_slot(struct catalogue **slot)
{
	catalogue_free(*slot);
}
#define cleanup_config    __attribute__((cleanup(config_free_slot)))
#define cleanup_catalogue __attribute__((cleanup(catalogue_free_slot)))
