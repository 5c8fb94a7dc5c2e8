/* tiers.c - the one table of tests that need more than every tier has: by name, the last tier that passes, and what
 * those below it lack. Attacks of the corpus are tests too; docs/security.md tells users the same about these. */
#include "tiers.h"

#include <fnmatch.h>
#include <stddef.h>

/* clang-format off */
static const char
	what_is_placed[] = "program and init share a user: what is placed is the program's",
	unmapped[] = "ids that a lane has no map for answer EINVAL, not EPERM",
	one_run[] = "program and init share a user: each run has a box of its own",
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

static const struct {
	const char *test; /* fnmatch(3) */
	enum sandbox_tier last;
	const char *lack;
} table[] = {
	/* test_box */
	{ "files_are_placed", SANDBOX_DELEGATED, what_is_placed },
	{ "sessions_are_apart", SANDBOX_DELEGATED, one_run },
	{ "arguments_environment_folder", SANDBOX_ONE_ID, paths },
	{ "files_are_collected", SANDBOX_ONE_ID, paths },
	{ "a_session_keeps_its_box_and_wipes_it", SANDBOX_ONE_ID, paths },
	{ "a_session_may_have_no_files", SANDBOX_ONE_ID, paths },
	{ "cancelling_is_never_lost", SANDBOX_ONE_ID, inodes },
	{ "nothing_piles_up", SANDBOX_ONE_ID, inodes },
	/* test_limits */
	{ "every_limit_has_its_outcome", SANDBOX_ONE_ID, looks },
	{ "limits_change_within_a_session", SANDBOX_ONE_ID, looks },
	{ "the_past_is_no_gift", SANDBOX_ONE_ID, looks },
	{ "processes_are_counted", SANDBOX_ONE_ID, by_user },
	/* the corpus */
	{ "pid_counter", SANDBOX_ONE_ID, others_seen },
	{ "proc_mem_everybody", SANDBOX_ONE_ID, others_seen },
	{ "read_proc", SANDBOX_ONE_ID, others_seen },
	{ "proc_kernel_secrets", SANDBOX_ONE_ID, others_seen },
	{ "leaks", SANDBOX_ONE_ID, others_seen },
	{ "two boxes: pid_counter count", SANDBOX_ONE_ID, others_seen },
	{ "no_packet_was_sent", SANDBOX_ONE_ID, no_network },
	{ "read_host", SANDBOX_ONE_ID, host_seen },
	{ "devices", SANDBOX_ONE_ID, host_seen },
	{ "write_everywhere", SANDBOX_ONE_ID, host_seen },
	{ "isolate_2026_vsock_io_uring", SANDBOX_ONE_ID, host_seen },
	{ "*isolate_2026_dev_shm*", SANDBOX_ONE_ID, host_seen },
	{ "cve_2019_5736_exe", SANDBOX_ONE_ID, host_seen },
	{ "in_flight", SANDBOX_ONE_ID, no_sockets },
	{ "fd_cycles", SANDBOX_ONE_ID, no_sockets },
	{ "namespace_descriptors", SANDBOX_ONE_ID, no_sockets },
	{ "socket_names", SANDBOX_ONE_ID, no_sockets },
	{ "socket_filters", SANDBOX_ONE_ID, no_sockets },
	{ "bpf", SANDBOX_ONE_ID, no_sockets },
	{ "two boxes: abstract_socket connect", SANDBOX_ONE_ID, no_sockets },
	{ "two boxes: uid_in_flight try", SANDBOX_ONE_ID, no_sockets },
	{ "memory_memfd*", SANDBOX_ONE_ID, no_memfd },
	{ "memory_file_left", SANDBOX_ONE_ID, no_memfd },
	{ "memfd_reopen", SANDBOX_ONE_ID, no_memfd },
	{ "memory_pipes", SANDBOX_ONE_ID, kernel_memory },
	{ "memory_sockets", SANDBOX_ONE_ID, kernel_memory },
	{ "memory_page_tables", SANDBOX_ONE_ID, kernel_memory },
	{ "memory_static", SANDBOX_ONE_ID, looks },
	{ "disk_bytes", SANDBOX_ONE_ID, looks },
	{ "disk_inodes", SANDBOX_ONE_ID, inodes },
	{ "disk_long_names", SANDBOX_ONE_ID, inodes },
	{ "two boxes: uid_signals try", SANDBOX_ONE_ID, by_user },
	{ "two boxes: inotify_hoard one", SANDBOX_ONE_ID, by_user },
	{ "judge0_cve_2024_28189", SANDBOX_ONE_ID, pretended },
	{ "replace_placed", SANDBOX_ONE_ID, pretended },
	{ "identity", SANDBOX_FULL, unmapped },
	{ "memory_tmpfs", SANDBOX_ONE_ID, paths },
	{ "huge_folder", SANDBOX_ONE_ID, paths },
	{ "odd_names", SANDBOX_ONE_ID, paths },
	{ "unlinked_files", SANDBOX_ONE_ID, paths },
	{ "deep_rename", SANDBOX_ONE_ID, paths },
	{ "disk_truncate", SANDBOX_ONE_ID, paths },
	{ "disk_sparse_map", SANDBOX_ONE_ID, paths },
	{ "rename_whiteout", SANDBOX_ONE_ID, paths },
	{ "*record_locks*", SANDBOX_ONE_ID, paths },
	{ "chroot", SANDBOX_ONE_ID, paths },
	{ "judge0_cve_2024_28185", SANDBOX_ONE_ID, paths },
	{ "isolate_2026_meta_groups", SANDBOX_FULL, unmapped },
	{ "nest.py", SANDBOX_ONE_ID, paths },
	{ "compiler_explorer_symlink", SANDBOX_ONE_ID, paths },
	{ "plant_*", SANDBOX_ONE_ID, paths },
	{ "leave_files", SANDBOX_ONE_ID, paths },
};
/* clang-format on */

const char *tier_leaves_out(enum sandbox_tier tier, const char *test)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (tier > table[i].last && fnmatch(table[i].test, test, 0) == 0)
			return table[i].lack;
	return NULL;
}
