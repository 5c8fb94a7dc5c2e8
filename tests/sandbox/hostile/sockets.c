/* Every address family but AF_UNIX, in every shape. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "attempt.h"

int main(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };
	int made = 0, other_answer = 0;
	for (int family = 0; family < 64; family++)
		for (size_t i = 0; family != AF_UNIX && i < sizeof types / sizeof types[0]; i++) {
			int ends[2];
			made += socket(family, types[i], 0) >= 0;
			other_answer += errno != EAFNOSUPPORT;
			made += socketpair(family, types[i], 0, ends) == 0;
		}
	must("no socket of any other family", made == 0);
	must("each with EAFNOSUPPORT", other_answer == 0);
	refused("ICMP", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	refused("ping", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	refused("MPTCP", socket(AF_INET, SOCK_STREAM, 262));
	refused("kernel crypto", socket(AF_ALG, SOCK_SEQPACKET, 0));
	refused("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
	refused("family with high bits", syscall(SYS_socket, AF_INET | 1L << 32, SOCK_STREAM, 0));
	return verdict();
}
