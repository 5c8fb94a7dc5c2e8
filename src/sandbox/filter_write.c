/* filter_write.c - prints the filter's programs for an architecture as C; runs when arena is built. */
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "filter_generate.h"
#include "filter_table.h"

static const struct {
	const char *name; /* as Meson calls it */
	unsigned int architecture;
} architectures[] = { { "x86_64", AUDIT_ARCH_X86_64 }, { "aarch64", AUDIT_ARCH_AARCH64 } };

static int write_program(const char *name, int code, const struct sock_fprog *program,
			 const struct error *err)
{
	if (code < 0) {
		fprintf(stderr, "%s\n", err->text);
		return 1;
	}
	printf("#define FILTER_%s", name);
	for (size_t i = 0; i < program->len; i++)
		printf(" \\\n\t{ 0x%02x, %u, %u, 0x%x },", program->filter[i].code, program->filter[i].jt,
		       program->filter[i].jf, program->filter[i].k);
	printf("\n");
	return 0;
}

static int write_all(unsigned int architecture)
{
	struct sock_fprog program;
	struct error err = { 0 };
	int code = filter_generate(architecture, false, &program, &err);
	int status = write_program("V1", code, &program, &err);
	code = filter_generate(architecture, true, &program, &err);
	status |= write_program("V2", code, &program, &err);
	for (size_t i = 0; i < filter_above_count; i++) {
		code = filter_generate_above(architecture, &filter_above[i], &program, &err);
		status |= write_program(filter_above[i].name, code, &program, &err);
	}
	return status;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof architectures / sizeof architectures[0]; i++)
		if (strcmp(argv[1], architectures[i].name) == 0)
			return write_all(architectures[i].architecture);
	fprintf(stderr, "usage: filter_write x86_64|aarch64\n");
	return 2;
}
