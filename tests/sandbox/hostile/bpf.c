/* Code for the kernel: bpf(2), filters on sockets, filters of one's own. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "attempt.h"

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

int main(void)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	refused("bpf map", syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map));
	refused("bpf program", syscall(SYS_bpf, BPF_PROG_LOAD, &map, sizeof map));

	struct sock_filter accept = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog filter = { 1, &accept };
	int ends[2];
	must("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
	refused("SO_ATTACH_FILTER",
		setsockopt(ends[0], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
	refused("SO_ATTACH_BPF", setsockopt(ends[0], SOL_SOCKET, SO_ATTACH_BPF, &ends[1], sizeof(int)));
	refused("SO_ATTACH_REUSEPORT_CBPF",
		setsockopt(ends[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter));
	refused("prctl PR_SET_SECCOMP", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	refused("seccomp filter", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
	refused("seccomp listener",
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
	refused("seccomp notify sizes", syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, ends));
	return verdict();
}
