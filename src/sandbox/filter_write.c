/* filter_write.c - prints the filter's programs for an architecture as C; runs when arena is built. */
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "filter_generate.h"

static const struct {
	const char *name; /* as Meson calls it */
	unsigned int architecture;
} architectures[] = { { "x86_64", AUDIT_ARCH_X86_64 }, { "aarch64", AUDIT_ARCH_AARCH64 } };

static int write_program(unsigned int architecture, bool for_cgroup_v2)
{
	struct sock_fprog program;
	struct error err = { 0 };
	if (filter_generate(architecture, for_cgroup_v2, &program, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("#define FILTER_V%d", for_cgroup_v2 ? 2 : 1);
	for (size_t i = 0; i < program.len; i++)
		printf(" \\\n\t{ 0x%02x, %u, %u, 0x%x },", program.filter[i].code, program.filter[i].jt,
		       program.filter[i].jf, program.filter[i].k);
	printf("\n");
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof architectures / sizeof architectures[0]; i++)
		if (strcmp(argv[1], architectures[i].name) == 0)
			return write_program(architectures[i].architecture, false) |
			       write_program(architectures[i].architecture, true);
	fprintf(stderr, "usage: filter_write x86_64|aarch64\n");
	return 2;
}
