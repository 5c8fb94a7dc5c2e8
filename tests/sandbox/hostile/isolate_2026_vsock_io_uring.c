/* isolate, 2026: a filter that refuses socket(AF_VSOCK) does not see the same request when a ring makes it
 * (IORING_OP_SOCKET); through it a box in a virtual machine speaks to the hypervisor. */
#include <linux/vm_sockets.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "attempt.h"

int main(void)
{
	static const int kinds[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	static char parameters[512];
	for (int flags = 0; flags < 32; flags++) {
		memset(parameters, 0, sizeof parameters);
		memcpy(parameters + 8, &(unsigned){ 1u << flags }, sizeof(unsigned));
		if (syscall(425, 8, parameters) != -1 || errno != ENOSYS)
			must("no ring, whatever the flags", false);
	}
	refused("a ring", syscall(425, 1, parameters));
	refused("a ring's memory",
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 426, 0x10000000) == MAP_FAILED &&
				errno == EBADF
			? (errno = ENOSYS, -1)
			: 0);
	for (int i = 0; i < 3; i++)
		refused("AF_VSOCK", socket(AF_VSOCK, kinds[i], 0));
	struct sockaddr_vm host = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 1 };
	must("no such address for a local socket",
	     connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&host, sizeof host) < 0);
	refused("/dev/vsock", access("/dev/vsock", F_OK));
	refused("/dev/vhost-vsock", access("/dev/vhost-vsock", F_OK));
	return verdict();
}
