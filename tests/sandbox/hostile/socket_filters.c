/* Filters on sockets: the kernel compiles them to machine code, in a space that the whole host shares. On every
 * kind of socket, by every option. */
#include <linux/filter.h>
#include <sys/socket.h>

#include "attempt.h"

int main(void)
{
	static const int kinds[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	static const int options[] = { SO_ATTACH_FILTER, 50 /* SO_ATTACH_BPF */, 51 /* REUSEPORT_CBPF */,
				       52 /* REUSEPORT_EBPF */, SO_LOCK_FILTER };
	struct sock_filter accept = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	struct sock_fprog filter = { 1, &accept };
	for (int kind = 0; kind < 3; kind++) {
		int ends[2], set = 0;
		must("socketpair", socketpair(AF_UNIX, kinds[kind], 0, ends) == 0);
		for (int i = 0; i < 1000; i++)
			set += setsockopt(ends[i % 2], SOL_SOCKET, options[i % 5], &filter, sizeof filter) ==
			       0;
		must("not one was set", set == 0);
		refused("SO_ATTACH_FILTER",
			setsockopt(ends[0], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
		refused("SO_DETACH_FILTER",
			setsockopt(ends[0], SOL_SOCKET, SO_DETACH_FILTER, &filter, sizeof filter));
		refused("SO_SNDBUFFORCE",
			setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &(int){ 1 << 28 }, 4));
		refused("SO_MARK", setsockopt(ends[0], SOL_SOCKET, SO_MARK, &(int){ 1 }, 4));
		refused("SO_BINDTODEVICE", setsockopt(ends[0], SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
		refused("SO_PEEK_OFF", setsockopt(ends[0], SOL_SOCKET, SO_PEEK_OFF, &(int){ 0 }, 4));
		refused("SO_ZEROCOPY", setsockopt(ends[0], SOL_SOCKET, 60, &(int){ 1 }, 4));
	}
	return verdict();
}
