/* attacks.c - the table of the corpus, and its print-out. */
#include "attacks.h"

#include <stdio.h>

enum {
	EXITED = 1 << BOX_EXITED,
	SIGNALED = 1 << BOX_SIGNALED,
	CPU = 1 << BOX_CPU_LIMIT,
	WALL = 1 << BOX_WALL_LIMIT,
	MEMORY = 1 << BOX_MEMORY_LIMIT,
	OUTPUT = 1 << BOX_OUTPUT_LIMIT,
	TIME = CPU | WALL,
};

#define MIB        (1 << 20)
#define MS         1000
#define USUAL      .limits = { 0 }
#define SHORT      .limits = { .cpu_time_us = 200 * MS, .wall_time_us = 400 * MS }
#define BUSY       .limits = { .cpu_time_us = 200 * MS, .wall_time_us = 20000 * MS }
#define SLEEPER    .limits = { .wall_time_us = 300 * MS }
#define SMALL      .limits = { .memory_bytes = 32 * MIB }
#define MANY_NAMES .limits = { .inodes = 16384, .disk_bytes = 64 * MIB }

const struct attack attacks[] = {
	/* processes */
	{ "fork_bomb", TIME, 0, SHORT },
	{ "fork_bomb_setsid", TIME, 0, SHORT },
	{ "fork_bomb_threads", TIME, 0, SHORT },
	{ "fork_bomb_vfork", TIME, 0, SHORT },
	{ "exec_loop", TIME, 0, SHORT },
	{ "orphans", EXITED, 0, "parent done", USUAL },
	{ "orphans_write", EXITED, 0, "parent done", USUAL },
	{ "orphans_burn", CPU, 0, BUSY },
	{ "subreaper", EXITED, 0, "parent done", USUAL },
	{ "sibling", EXITED, 3, "still the first", USUAL },
	{ "leader_exits", EXITED, 5, "from the last thread", USUAL },
	{ "zombies", EXITED, 0, "all refused", USUAL },
	{ "kill_everybody", EXITED, 0, "kill 1: EPERM", USUAL },
	{ "signal_queue", EXITED, 0, "all refused", USUAL },
	{ "exec_interpreters", EXITED, 0, "a circle: yes", USUAL },
	{ "exec_giant_arguments", EXITED, 0, "too much: yes", USUAL },
	{ "exec_from_thread", EXITED, 7, "from the thread", USUAL },
	{ "exit_signals", EXITED, 0, "init is there: yes", USUAL },
	{ "vfork_hold", WALL, 0, SLEEPER },
	{ "robust_list", EXITED, 0, "all refused", USUAL },
	{ "shared_stack", EXITED, 0, "parent done", USUAL },
	{ "pid_counter", EXITED, 0, "the first number: yes", USUAL },
	{ "timers_hoard", EXITED, 0, "all refused", USUAL },
	{ "cve_2014_3153_futex", EXITED, 0, "all refused", USUAL },

	/* memory */
	{ "memory_heap", MEMORY, 0, SMALL },
	{ "memory_stack", MEMORY, 0, SMALL },
	{ "memory_mmap", MEMORY, 0, SMALL },
	{ "memory_shared", MEMORY, 0, SMALL },
	{ "memory_memfd", MEMORY, 0, SMALL },
	{ "memory_tmpfs", MEMORY, 0, .limits = { .memory_bytes = 32 * MIB, .disk_bytes = 512 * MIB } },
	{ "memory_static", MEMORY, 0, SMALL },
	{ "memory_children", MEMORY, 0, SMALL },
	{ "memory_pipes", MEMORY, 0, .limits = { .memory_bytes = 32 * MIB, .open_files = 4096 } },
	{ "memory_sockets", MEMORY, 0, .limits = { .memory_bytes = 32 * MIB, .open_files = 4096 } },
	{ "memory_page_tables", MEMORY, 0, SMALL },
	{ "memory_oom_score", MEMORY, 0, SMALL },
	{ "memory_huge_pages", EXITED, 0, "all refused", USUAL },
	{ "memory_thp", MEMORY, 0, SMALL },
	{ "memory_brk", MEMORY, 0, SMALL },
	{ "memory_threads", MEMORY, 0, SMALL },
	{ "memory_memfd_fallocate", MEMORY, 0, SMALL },
	{ "memory_negative_names", EXITED, 0, "none is there: yes",
	  .limits = { .memory_bytes = 16 * MIB, .wall_time_us = 20000 * MS } },
	{ "memory_page_cache", EXITED, 0, "all refused", .limits = { .memory_bytes = 32 * MIB } },
	{ "map_count", EXITED | MEMORY, 0, NULL, USUAL },
	{ "oom_log_flood", MEMORY, 0, SMALL },
	{ "decompress.py", MEMORY, 0, .limits = { .cpu_time_us = 10000 * MS, .wall_time_us = 30000 * MS } },

	/* time and signals */
	{ "sleep_forever", WALL, 0, "good night", SLEEPER },
	{ "spin_ignoring", CPU, 0, BUSY },
	{ "spin_children", CPU, 0, BUSY },
	{ "stop_self", WALL, 0, SLEEPER },
	{ "stop_parent", EXITED, 0, "stop init: EPERM", USUAL },
	{ "timer_storm", TIME, 0, SHORT },
	{ "signal_storm", TIME, 0, SHORT },
	{ "switch_storm", TIME, 0, SHORT },
	{ "page_fault_storm", TIME, 0, SHORT },
	{ "segfault_log_flood", TIME, 0, SHORT },
	{ "huge_power.py", CPU, 0, "begins",
	  .limits = { .cpu_time_us = 400 * MS, .wall_time_us = 20000 * MS } },
	{ "recursion.py", SIGNALED | MEMORY | TIME, 11, "down", USUAL },

	/* streams */
	{ "flood_stdout", OUTPUT, 0, USUAL },
	{ "flood_stderr", OUTPUT, 0, USUAL },
	{ "flood_both", OUTPUT, 0, USUAL },
	{ "drip", WALL, 0, "ddddd", SLEEPER },
	{ "close_streams", EXITED, 5, "before", USUAL },
	{ "nonblocking_streams", OUTPUT, 0, USUAL },
	{ "reopen_streams", EXITED, 0, "all refused", USUAL },
	{ "half_output", EXITED, 4, "the whole ooooo", USUAL },
	{ "flood_splice", OUTPUT, 0, USUAL },
	{ "forged_results", EXITED, 9, "nobody listens: yes", USUAL },
	{ "pipe_grow", EXITED, 0, "F_SETPIPE_SZ: ENOSYS", USUAL },
	{ "memfd_reopen", EXITED, 0, "all refused", USUAL },

	/* disk, descriptors */
	{ "disk_bytes", EXITED, 0, "all refused", USUAL },
	{ "disk_inodes", EXITED, 0, "all refused", .limits = { .inodes = 2000 } },
	{ "huge_folder", EXITED, 0, "all refused", MANY_NAMES },
	{ "deep_folders", EXITED, 0, "all refused", USUAL },
	{ "odd_names", EXITED, 0, "all refused", .collects = true },
	{ "unlinked_files", EXITED, 0, "all refused", USUAL },
	{ "in_flight", EXITED, 0, "all refused", USUAL },
	{ "descriptors", EXITED, 0, "all refused", USUAL },
	{ "core_dump", SIGNALED, 6, "no core", USUAL },
	{ "core_pipe", EXITED, 0, "none dumped: yes", USUAL },
	{ "deep_rename", EXITED, 0, "all of them are one: yes", USUAL },
	{ "disk_fallocate", EXITED, 0, "all refused", USUAL },
	{ "disk_truncate", EXITED, 0, "all refused", .collects = true },
	{ "disk_sparse_map", SIGNALED, 7, USUAL },
	{ "disk_hard_links", EXITED, 0, "all refused", MANY_NAMES },
	{ "disk_long_names", EXITED, 0, "all refused", MANY_NAMES },
	{ "rename_whiteout", EXITED, 0, "all refused", USUAL },
	{ "fd_cycles", EXITED, 0, "all refused", USUAL },
	{ "epoll_cycles", EXITED, 0, "all refused", USUAL },
	{ "namespace_descriptors", EXITED, 0, "enter it again: ENOSYS", USUAL },
	{ "socket_names", EXITED, 0, "all refused", USUAL },
	{ "record_locks", EXITED, 0, "no lock was made: yes", USUAL },
	{ "xattr_acl", EXITED, 0, "all refused", USUAL },
	{ "cve_2021_33909_long_path", EXITED, 0, "all refused", USUAL },

	/* looking around */
	{ "read_proc", EXITED, 0, "all refused", USUAL },
	{ "read_host", EXITED, 0, "/etc/shadow: ENOENT", .argument = CANARIES },
	{ "devices", EXITED, 0, "all refused", USUAL },
	{ "write_everywhere", EXITED, 0, "all refused", USUAL },
	{ "chroot", EXITED, 0, "chroot /box/jail: ENOSYS", USUAL },
	{ "leaks", EXITED, 0, "all refused", .argument = HOST_NAME },
	{ "ptrace", EXITED, 0, "PTRACE_TRACEME: ENOSYS", USUAL },
	{ "foreign_memory", EXITED, 0, "process_vm_readv init: ENOSYS", USUAL },
	{ "proc_mem_everybody", EXITED, 0, "nobody else is there: yes", USUAL },
	{ "proc_kernel_secrets", EXITED, 0, "all refused", USUAL },
	{ "mincore_toolchain", EXITED, 0, "cachestat: ENOSYS", USUAL },
	{ "fadvise_toolchain", EXITED, 0, "all refused", USUAL },
	{ "cve_2024_21626_leaked_fd", EXITED, 0, "all refused", USUAL },

	/* the kernel's interfaces */
	{ "namespaces", EXITED, 0, "clone3: ENOSYS", USUAL },
	{ "mounts", EXITED, 0, "mount tmpfs: ENOSYS", USUAL },
	{ "handles", EXITED, 0, "open_by_handle_at: ENOSYS", USUAL },
	{ "keyring", EXITED, 0, "add_key: ENOSYS", USUAL },
	{ "sysv_ipc", EXITED, 0, "shmget: ENOSYS", USUAL },
	{ "message_queues", EXITED, 0, "mq_open: ENOSYS", USUAL },
	{ "sockets", EXITED, 0, "vsock: EAFNOSUPPORT", USUAL },
	{ "host_socket", EXITED, 0, "all refused", .argument = HOST_SOCKET },
	{ "io_uring", EXITED, 0, "io_uring_setup: ENOSYS", USUAL },
	{ "bpf", EXITED, 0, "bpf program: ENOSYS", USUAL },
	{ "perf", EXITED, 0, "perf_event_open self: ENOSYS", USUAL },
	{ "userfaultfd", EXITED, 0, "userfaultfd: ENOSYS", USUAL },
	{ "clocks", EXITED, 0, "clock_settime: ENOSYS", USUAL },
	{ "machine", EXITED, 0, "reboot: ENOSYS", USUAL },
	{ "terminal", EXITED, 0, "TIOCSTI: ENOSYS", USUAL },
	{ "prctl", EXITED, 0, "PR_SET_MM: ENOSYS", USUAL },
	{ "rlimits", EXITED, 0, "all refused", USUAL },
	{ "affinity", EXITED, 0, "one processor: yes", USUAL },
	{ "identity", EXITED, 0, "setuid 0: EPERM", USUAL },
	{ "setuid_tools", EXITED, 0, "all refused", USUAL },
	{ "xattrs", EXITED, 0, "all refused", USUAL },
	{ "unknown_calls", EXITED, 0, "all refused", USUAL },
	{ "libaio", EXITED, 0, "io_submit: ENOSYS", USUAL },
	{ "sync_loop", EXITED, 0, "all refused", USUAL },
	{ "seccomp_own", EXITED, 0, "strict mode: ENOSYS", USUAL },
	{ "socket_filters", EXITED, 0, "SO_ATTACH_FILTER: ENOSYS", USUAL },
	{ "membarrier", EXITED, 0, "GLOBAL: ENOSYS", USUAL },
	{ "set_owner", EXITED, 0, "F_SETOWN init: ENOSYS", USUAL },
	{ "priorities", EXITED, 0, "nice -20: EACCES", USUAL },
	{ "protection_keys", EXITED, 0, "all refused", USUAL },
	{ "cve_2016_5195_dirty_cow", EXITED, 0, "all refused", USUAL },
	{ "cve_2019_5736_exe", EXITED, 0, "all refused", USUAL },
	{ "cve_2021_4034_argv", EXITED, 0, "still not root: yes", USUAL },
	{ "cve_2022_0185_fsconfig", EXITED, 0, "fsopen: ENOSYS", USUAL },
	{ "cve_2022_0492_release_agent", EXITED, 0, "mount cgroup: ENOSYS", USUAL },
	{ "cve_2022_0847_dirty_pipe", EXITED, 0, "all refused", USUAL },
	{ "cve_2022_0995_watch_queue", EXITED, 0, "all refused", USUAL },
	{ "cve_2024_1086_nftables", EXITED, 0, "all refused", USUAL },
	{ "cve_2025_38236_oob", EXITED, 0, "send urgently: ENOSYS", USUAL },
#ifdef __x86_64__
	{ "int80", EXITED, 0, "all refused", USUAL },
	{ "x32", EXITED, 0, "all refused", USUAL },
#endif

	/* what other judges had to mend */
	{ "judge0_cve_2024_28185", EXITED, 0, "links everywhere: yes", .collects = true,
	  .argument = CANARIES },
	{ "judge0_cve_2024_28189", EXITED, 0, "all refused", .collects = true, .argument = CANARIES },
	{ "judge0_cve_2024_29021", EXITED, 0, "the database: EAFNOSUPPORT", USUAL },
	{ "isolate_2026_dev_shm", EXITED, 0, "a segment of its own: yes", USUAL },
	{ "isolate_2026_vsock_io_uring", EXITED, 0, "a ring: ENOSYS", USUAL },
	{ "isolate_2026_keyrings", EXITED, 0, "no key is listed: yes", USUAL },
	{ "isolate_2026_meta_groups", EXITED, 0, "none of them opens: yes", USUAL },
	{ "compiler_explorer_symlink", EXITED, 0, "planted: yes", .collects = true, .argument = CANARIES },
	{ "uid_processes", EXITED, 0, "as many as it was given: yes", USUAL },
	{ "uid_pipes", EXITED, 0, "all refused", USUAL },
	{ "uid_in_flight", EXITED, 0, "all refused", USUAL },
	{ "uid_signals", EXITED, 0, "all refused", USUAL },
	{ "uid_locked", EXITED, 0, "mlockall: ENOSYS", USUAL },

	/* what is planted for the judge, and for the next run */
	{ "plant_symlinks", EXITED, 0, "all refused", .collects = true },
	{ "plant_folder", EXITED, 0, "all refused", .collects = true, .collected = "good" },
	{ "plant_fifo", EXITED, 0, "all refused", .collects = true },
	{ "plant_sparse", EXITED, 0, "all refused", .collects = true, .limits = { .file_bytes = 1 << 30 } },
	{ "plant_many", EXITED, 0, "all refused", .collects = true, MANY_NAMES },
	{ "plant_deep", EXITED, 0, "all refused", .collects = true },
	{ "plant_race", EXITED, 0, "all refused", .collects = true, .collected = "good" },
	{ "plant_unreadable", EXITED, 0, "all refused", .collects = true },
	{ "plant_hard_link", EXITED, 0, "all refused", .collects = true, .collected = "\177ELF" },
	{ "replace_placed", EXITED, 0, "unlink: EPERM", USUAL },
	{ "leave_files", EXITED, 0, "all refused", USUAL },
	{ "memory_file_left", EXITED, 0, "from memory", USUAL },
	{ "nest.py", EXITED, 0, "no more threads", .limits = { .inodes = 1000 } },
	{ "reach.py", EXITED, 0, "init's environment", USUAL },
};
const size_t attack_count = sizeof attacks / sizeof attacks[0];

const struct attack_pair attack_pairs[] = {
	{ "abstract_socket", "listen", "connect", "connect to the other box: ECONNREFUSED" },
	{ "channel_lock", "hold", "try", NULL },
	{ "channel_watch", "listen", "speak", NULL },
	{ "inotify_hoard", NULL, "one", "one instance can be had: yes" },
	{ "record_locks", "hold", "try", "nobody holds a lock: yes" },
	{ "pid_counter", "speak", "count", "nobody else moves the counter: yes" },
	{ "isolate_2026_dev_shm", "write", "look", "there is room: yes" },
	{ "isolate_2026_keyrings", "add", "look", "no key is listed: yes" },
	{ "uid_processes", "hoard", "try", "as many as it was given: yes" },
	{ "uid_pipes", "hoard", "try", "a whole pipe: yes" },
	{ "uid_in_flight", "hoard", "try", "one can be sent: yes" },
	{ "uid_signals", "hoard", "try", "five hundred are its own: yes" },
	{ "uid_locked", "hoard", "try", "some pages: yes" },
};
const size_t attack_pair_count = sizeof attack_pairs / sizeof attack_pairs[0];

static void print_text(const char *name, const char *text)
{
	if (text)
		printf(", \"%s\": \"%s\"", name, text); /* no row's text needs escaping */
}

static void print_limits(const struct limits *limits)
{
	printf(", \"cpu_time_us\": %lld, \"wall_time_us\": %lld, \"memory_bytes\": %lld",
	       (long long)limits->cpu_time_us, (long long)limits->wall_time_us,
	       (long long)limits->memory_bytes);
	printf(", \"file_bytes\": %lld", (long long)limits->file_bytes);
}

void attacks_print(void)
{
	puts("[");
	for (size_t i = 0; i < attack_count; i++) {
		const struct attack *attack = &attacks[i];
		printf("{\"name\": \"%s\", \"outcomes\": [", attack->name);
		for (int outcome = 0, count = 0; outcome < 32; outcome++)
			if (attack->outcomes & 1u << outcome)
				printf("%s\"%s\"", count++ ? ", " : "",
				       box_outcome_name((enum box_outcome)outcome));
		printf("], \"code\": %d", attack->code);
		print_text("says", attack->says);
		print_text("argument", attack->argument);
		print_limits(&attack->limits);
		puts(i + 1 < attack_count ? "}," : "}");
	}
	puts("]");
}
