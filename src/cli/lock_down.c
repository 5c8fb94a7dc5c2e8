#include "lock_down.h"

#include <linux/landlock.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECONDS = 60 };

static void limit(__rlimit_resource_t resource, rlim_t most)
{
	setrlimit(resource, &(struct rlimit){ most, most });
}

/* Without a rule everything that is handled is refused (landlock(7), version 1). */
static void open_nothing(void)
{
	const struct landlock_ruleset_attr nothing = { .handled_access_fs =
							       (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &nothing, sizeof nothing, 0);

	if (ruleset < 0)
		return;
	syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
}

void lock_down(long long memory_bytes)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
	limit(RLIMIT_AS, (rlim_t)memory_bytes);
	limit(RLIMIT_CPU, SECONDS);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NPROC, 0);
	open_nothing();
}
