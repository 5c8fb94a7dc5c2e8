/* CVE-2024-1086 and its many kin: nf_tables and iptables are the most broken part of the kernel that a user
 * namespace opens. Neither their sockets nor their options. */
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>

#include "attempt.h"

int main(void)
{
	refused("a user and a network namespace", unshare(CLONE_NEWUSER | CLONE_NEWNET));
	for (int protocol = 0; protocol < 32; protocol++)
		if (socket(AF_NETLINK, SOCK_RAW, protocol) >= 0 || errno != EAFNOSUPPORT)
			must("no netlink", false);
	refused("netlink of the packet filter", socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
	refused("packet socket", socket(AF_PACKET, SOCK_RAW, 0));
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	static char table[4096];
	for (int option = 64; option < 70; option++) { /* IPT_SO_SET_REPLACE, ... (CVE-2021-22555) */
		refused("a table for IPv4", setsockopt(local, 0, option, table, sizeof table));
		refused("a table for IPv6", setsockopt(local, 41, option, table, sizeof table));
	}
	return verdict();
}
