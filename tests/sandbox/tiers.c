/* tiers.c - the one table of tests that need more than every tier has: by name, those that cannot pass it, and what they
 * lack. Attacks of the corpus are tests too; docs/security.md tells users the same about these. */
#include "tiers.h"

#include <fnmatch.h>
#include <stddef.h>

/* clang-format off */
static const char
	what_is_placed[] = "program and init share a user: what is placed is the program's",
	unmapped[] = "ids that a lane has no map for answer EINVAL, not EPERM",
	one_run[] = "program and init share a user: each run has a box of its own",
	own_program[] = "its program is its own: to write it answers ETXTBSY, not EACCES",
	own_folder[] = "the box's folder is its own, in each way that this tier can have",
	deaf_init[] = "an init of the same user may be sent signals, of which it hears none",
	paths[] = "a box is a folder of the host's: its paths are other ones",
	looks[] = "limits are looked at, not enforced: for a moment they are exceeded",
	inodes[] = "files are counted by looks; it makes as many as there are",
	others_seen[] = "there is no namespace of processes: others are seen, and cannot be touched",
	host_seen[] = "there is no namespace of mounts: what may not be opened has a name, and answers EACCES",
	no_network[] = "there is no namespace of networks: the counters are the host's",
	no_sockets[] = "there is no socket but a stream of socketpair(2)",
	no_memfd[] = "there is no memfd_create(2), whose memory nobody would see",
	kernel_memory[] = "kernel memory is not seen; descriptors, and limits of the kernel's by user, bound it",
	by_user[] = "the kernel counts it by user, and boxes share theirs",
	pretended[] = "chmod(2) and chown(2) by path answer 0 and do nothing";

enum {
	NO_DELEGATED = 1 << SANDBOX_DELEGATED,
	NO_ONE_ID = 1 << SANDBOX_ONE_ID,
	NO_RESTRICTED = 1 << SANDBOX_RESTRICTED,
};

static const struct {
	const char *test; /* fnmatch(3) */
	unsigned int without; /* bits */
	const char *lack;
} table[] = {
	/* test_box */
	{ "files_are_placed", NO_ONE_ID | NO_RESTRICTED, what_is_placed },
	{ "sessions_are_apart", NO_ONE_ID | NO_RESTRICTED, one_run },
	{ "arguments_environment_folder", NO_RESTRICTED, paths },
	{ "files_are_collected", NO_RESTRICTED, paths },
	{ "a_session_keeps_its_box_and_wipes_it", NO_RESTRICTED, paths },
	{ "a_session_may_have_no_files", NO_RESTRICTED, paths },
	{ "cancelling_is_never_lost", NO_RESTRICTED, inodes },
	{ "nothing_piles_up", NO_RESTRICTED, inodes },
	/* test_limits */
	{ "every_limit_has_its_outcome", NO_RESTRICTED, looks },
	{ "limits_change_within_a_session", NO_RESTRICTED, looks },
	{ "the_past_is_no_gift", NO_RESTRICTED, looks },
	{ "processes_are_counted", NO_RESTRICTED, by_user },
	/* the corpus */
	{ "pid_counter", NO_RESTRICTED, others_seen },
	{ "proc_mem_everybody", NO_RESTRICTED, others_seen },
	{ "read_proc", NO_RESTRICTED, others_seen },
	{ "proc_kernel_secrets", NO_RESTRICTED, others_seen },
	{ "leaks", NO_RESTRICTED, others_seen },
	{ "two boxes: pid_counter count", NO_RESTRICTED, others_seen },
	{ "no_packet_was_sent", NO_RESTRICTED, no_network },
	{ "cve_2022_0492_release_agent", NO_RESTRICTED, "there is no namespace of cgroups: it reads the name of its worker's" },
	{ "read_host", NO_RESTRICTED, host_seen },
	{ "devices", NO_RESTRICTED, host_seen },
	{ "write_everywhere", NO_ONE_ID | NO_RESTRICTED, own_folder },
	{ "isolate_2026_vsock_io_uring", NO_RESTRICTED, host_seen },
	{ "*isolate_2026_dev_shm*", NO_RESTRICTED, host_seen },
	{ "cve_2019_5736_exe", NO_ONE_ID | NO_RESTRICTED, own_program },
	{ "in_flight", NO_RESTRICTED, no_sockets },
	{ "fd_cycles", NO_RESTRICTED, no_sockets },
	{ "namespace_descriptors", NO_RESTRICTED, no_sockets },
	{ "socket_names", NO_RESTRICTED, no_sockets },
	{ "socket_filters", NO_RESTRICTED, no_sockets },
	{ "bpf", NO_RESTRICTED, no_sockets },
	{ "two boxes: abstract_socket connect", NO_RESTRICTED, no_sockets },
	{ "two boxes: uid_in_flight try", NO_RESTRICTED, no_sockets },
	{ "memory_memfd*", NO_RESTRICTED, no_memfd },
	{ "memory_file_left", NO_RESTRICTED, no_memfd },
	{ "memfd_reopen", NO_RESTRICTED, no_memfd },
	{ "memory_pipes", NO_RESTRICTED, kernel_memory },
	{ "memory_sockets", NO_RESTRICTED, kernel_memory },
	{ "memory_page_tables", NO_RESTRICTED, kernel_memory },
	{ "memory_static", NO_RESTRICTED, looks },
	{ "disk_bytes", NO_RESTRICTED, looks },
	{ "disk_inodes", NO_RESTRICTED, inodes },
	{ "disk_long_names", NO_RESTRICTED, inodes },
	{ "two boxes: uid_signals try", NO_RESTRICTED, by_user },
	{ "two boxes: inotify_hoard one", NO_RESTRICTED, by_user },
	{ "judge0_cve_2024_28189", NO_ONE_ID | NO_RESTRICTED, own_folder },
	{ "exit_signals", NO_ONE_ID, deaf_init },
	{ "kill_everybody", NO_ONE_ID, deaf_init },
	{ "stop_parent", NO_ONE_ID, deaf_init },
	{ "replace_placed", NO_RESTRICTED, pretended },
	{ "identity", NO_DELEGATED | NO_ONE_ID | NO_RESTRICTED, unmapped },
	{ "memory_tmpfs", NO_RESTRICTED, paths },
	{ "huge_folder", NO_RESTRICTED, paths },
	{ "odd_names", NO_RESTRICTED, paths },
	{ "unlinked_files", NO_RESTRICTED, paths },
	{ "deep_rename", NO_RESTRICTED, paths },
	{ "disk_truncate", NO_RESTRICTED, paths },
	{ "disk_sparse_map", NO_RESTRICTED, paths },
	{ "rename_whiteout", NO_RESTRICTED, paths },
	{ "*record_locks*", NO_RESTRICTED, paths },
	{ "chroot", NO_RESTRICTED, paths },
	{ "judge0_cve_2024_28185", NO_RESTRICTED, paths },
	{ "isolate_2026_meta_groups", NO_DELEGATED | NO_ONE_ID | NO_RESTRICTED, unmapped },
	{ "nest.py", NO_RESTRICTED, paths },
	{ "compiler_explorer_symlink", NO_RESTRICTED, paths },
	{ "plant_*", NO_RESTRICTED, paths },
	{ "leave_files", NO_RESTRICTED, paths },
};
/* clang-format on */

const char *tier_leaves_out(enum sandbox_tier tier, const char *test)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if ((table[i].without & 1u << tier) && fnmatch(table[i].test, test, 0) == 0)
			return table[i].lack;
	return NULL;
}
