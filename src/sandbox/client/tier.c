/* tier.c - what keeps boxes in on this host: the best that can be had, by asking the kernel. */
#include <errno.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../maker/find.h"
#include "client.h"

static int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return version < 0 ? 0 : (int)version;
}

static int check_full(struct error *err)
{
	if (!namespace_is_root())
		return error_set(err, -EPERM, "needs root with CAP_SYS_ADMIN");
	if (cgroup_find_version() == SANDBOX_CGROUP_NONE)
		return error_set(err, -ENOSYS, "needs cgroups with memory, pids and CPU accounting");
	return 0;
}

static int check_delegated(struct error *err)
{
	int code = place_check(err);
	return code < 0 ? code : namespace_check(err);
}

static int check_restricted(struct error *err)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	if (landlock_version() == 0)
		return error_set(
			err, -ENOSYS,
			"needs Landlock: Linux 5.13 or newer, with `landlock` in the kernel's list of "
			"security modules (lsm=), and a container's seccomp profile that allows it");
	if (access(path, R_OK) < 0)
		return error_set(err, -ENOSYS, "needs a kernel with CONFIG_PROC_CHILDREN");
	return 0;
}

int sandbox_choose_tier(bool allow_restricted, enum sandbox_tier *tier, struct error *err)
{
	struct error delegated = { 0 }, restricted = { 0 };
	int code = 0;
	if (namespace_is_root() && (check_full(NULL) == 0 || !allow_restricted))
		*tier = SANDBOX_FULL; /* what it lacks the lane maker says better */
	else if ((code = check_delegated(&delegated)) == 0)
		*tier = SANDBOX_DELEGATED;
	else if (!allow_restricted)
		return error_set(err, code,
				 "boxes need root: sudo, `make serve`, or SANDBOX_SOCKET of a running `sudo "
				 "arena lanes`; or, "
				 "without root: %s. `arena doctor` has more",
				 delegated.text);
	else if ((code = check_restricted(&restricted)) == 0)
		*tier = SANDBOX_RESTRICTED;
	else
		return error_set(err, code, "%s; and SANDBOX_ALLOW_RESTRICTED %s", delegated.text,
				 restricted.text);
	return 0;
}

/* ---- for `arena doctor` ---- */

static void say_full(struct host_tier *said)
{
	static const char advice[] = "start as root: `make serve`, `arena serve --sudo`, or `sudo arena "
				     "lanes --socket PATH --owner UID` "
				     "and SANDBOX_SOCKET=PATH. In a container: the capabilities SYS_ADMIN "
				     "SETUID SETGID KILL CHOWN "
				     "DAC_OVERRIDE, cgroups mounted writable, an unmasked /proc, a seccomp "
				     "profile that allows mounts";
	snprintf(said->advice, sizeof said->advice, "%s", said->available ? "" : advice);
}

static void say_delegated(struct host_tier *said)
{
	struct namespace_plan plan;
	namespace_plan(&plan);
	if (!said->available)
		snprintf(said->advice, sizeof said->advice,
			 "`systemd-run --user --scope -p Delegate=yes arena serve`, or a unit with User= and "
			 "Delegate=yes; in Kubernetes a writable cgroup mount and procMount: Unmasked, which "
			 "hostUsers: false alone does not give");
	else if (plan.one_id)
		snprintf(said->cost, sizeof said->cost,
			 "%s: all lanes share this user's id, so each run gets a box of its own (some ms "
			 "more), a "
			 "program can use up what the kernel counts by user, and keeps this user's groups",
			 plan.one_id);
}

static void say_restricted(struct host_tier *said)
{
	int version = landlock_version();
	snprintf(
		said->cost, sizeof said->cost,
		"boxes are processes of this user's that see the host's processes and file names; limits are "
		"watched, every 20 ms, not enforced; Landlock %d%s",
		version,
		version >= 6   ? ""
		: version == 0 ? ": none"
			       : ", so a program can signal nobody but itself");
	snprintf(said->advice, sizeof said->advice, "%s",
		 said->available
			 ? "set SANDBOX_ALLOW_RESTRICTED=true; for code that is merely unknown, not hostile"
			 : "");
}

void sandbox_check_tiers(struct host_tier tiers[HOST_TIERS])
{
	static const struct {
		enum sandbox_tier tier;
		int (*check)(struct error *err);
		void (*say)(struct host_tier *said);
	} table[HOST_TIERS] = { { SANDBOX_FULL, check_full, say_full },
				{ SANDBOX_DELEGATED, check_delegated, say_delegated },
				{ SANDBOX_RESTRICTED, check_restricted, say_restricted } };
	for (size_t i = 0; i < HOST_TIERS; i++) {
		struct error err = { 0 };
		tiers[i] = (struct host_tier){ .name = sandbox_tier_name(table[i].tier) };
		tiers[i].available = table[i].check(&err) == 0;
		snprintf(tiers[i].missing, sizeof tiers[i].missing, "%s", err.text);
		table[i].say(&tiers[i]);
	}
}
