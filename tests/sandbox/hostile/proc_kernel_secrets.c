/* What /proc tells about the kernel and the machine: addresses for whoever has a hole and looks for his way, and the
 * names of the host's folders. */
#include <fcntl.h>
#include <stdlib.h>

#include "attempt.h"

static char text[1 << 20];

static bool tells(const char *path, const char *what)
{
	int file = open(path, O_RDONLY);
	ssize_t size = file < 0 ? 0 : read(file, text, sizeof text - 1);
	close(file);
	text[size > 0 ? size : 0] = '\0';
	return strstr(text, what) != NULL;
}

int main(void)
{
	static const char *const closed[] = { "/proc/kcore",    "/proc/kmsg",        "/proc/vmallocinfo",
					      "/proc/slabinfo", "/proc/timer_list",  "/proc/kpageflags",
					      "/proc/iomem",    "/proc/sched_debug", "/proc/sysrq-trigger" };
	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
		int file = open(closed[i], O_RDONLY);
		if (file >= 0 && read(file, text, 4096) > 0 && strspn(text, "0123456789abcdef") > 8)
			must(closed[i], strtoul(text, NULL, 16) == 0);
	}
	FILE *symbols = fopen("/proc/kallsyms", "r");
	int with_address = 0;
	for (int i = 0; symbols && i < 1000 && fgets(text, sizeof text, symbols); i++)
		with_address += strtoull(text, NULL, 16) != 0;
	must("no address of the kernel's", with_address == 0);
	FILE *modules = fopen("/proc/modules", "r");
	for (int i = 0; modules && i < 100 && fgets(text, sizeof text, modules); i++)
		with_address += strstr(text, "0xffff") != NULL;
	must("nor of its modules", with_address == 0);
	must("no program's stack in the kernel", !tells("/proc/self/stack", "+0x"));
	must("no physical page", open("/proc/kpagecount", O_RDONLY) < 0);
	must("mounts do not name the service's data",
	     !tells("/proc/self/mountinfo", "arena-api") && !tells("/proc/self/mounts", "/root"));
	must("no other user is mapped", !tells("/proc/self/uid_map", "4294967295"));
	return verdict();
}
