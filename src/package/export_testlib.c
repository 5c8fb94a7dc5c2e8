/* The file runs before main(), as a constructor: it makes a child in which main() goes on, with the arguments that testlib
 * wants, waits for its end, and ends itself with the code that the format wants. So the checker's own source stays as it is,
 * whatever its main() looks like. glibc gives constructors the arguments; a file of its own needs no change to the others'.
 */
#include "export_testlib.h"

static const char common[] =
	"// Written by an export: this problem's program speaks testlib's convention (exit codes 0, 1, 2, 3, "
	"4, 7, 8), and\n"
	"// the package's format another one (42, 43). This lets it run in a child, and translates its end. "
	"It needs "
	"nothing\n"
	"// but to be compiled together with the other files here, for glibc.\n"
	"#include <cstdio>\n"
	"#include <cstdlib>\n"
	"#include <cstring>\n"
	"#include <sys/wait.h>\n"
	"#include <unistd.h>\n"
	"\n"
	"static int code_of(pid_t child)\n"
	"{\n"
	"\tint status;\n"
	"\n"
	"\tif (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))\n"
	"\t\treturn -1;\n"
	"\treturn WEXITSTATUS(status);\n"
	"}\n"
	"\n";

static const char for_input[] = "__attribute__((constructor)) static void translate()\n"
				"{\n"
				"\tpid_t child = fork();\n"
				"\n"
				"\tif (child != 0)\n"
				"\t\t_exit(code_of(child) == 0 ? 42 : 43);\n"
				"}\n";

static const char ends[] = //
	"// Before C++'s own globals are there: what is global here has no constructor.\n"
	"static char message[4096], output[4096], score[4096];\n"
	"\n"
	"static void find_files(int argc, char **argv)\n"
	"{\n"
	"\tif (argc < 4 || strlen(argv[3]) > 4000)\n"
	"\t\t_exit(1);\n"
	"\tsnprintf(message, sizeof message, \"%s/judgemessage.txt\", argv[3]);\n"
	"\tsnprintf(output, sizeof output, \"%s/output.txt\", argv[3]);\n"
	"\tsnprintf(score, sizeof score, \"%s/score.txt\", argv[3]);\n"
	"}\n"
	"\n"
	"// What testlib says on standard error is for the judges; it begins with the points where there are "
	"some.\n"
	"static double points()\n"
	"{\n"
	"\tFILE *file = fopen(message, \"r\");\n"
	"\tchar text[256] = \"\";\n"
	"\n"
	"\tif (!file || !fgets(text, sizeof text, file))\n"
	"\t\treturn 0;\n"
	"\treturn atof(strncmp(text, \"points \", 7) == 0 ? text + 7 : text);\n"
	"}\n"
	"\n"
	"static int translated(int code)\n"
	"{\n"
	"\tif (code == 0)\n"
	"\t\treturn 42;\n"
	"\tif (code == 1 || code == 2 || code == 4 || code == 8)\n"
	"\t\treturn 43;\n"
	"\tif (code != 7)\n"
	"\t\treturn 1; // it failed itself\n"
	"\tif (!(points() > 0))\n"
	"\t\treturn 43;\n"
	"\tif (SCORING) {\n"
	"\t\tFILE *file = fopen(score, \"w\");\n"
	"\n"
	"\t\tif (!file || fprintf(file, \"%.10g\\n\", points()) < 0 || fclose(file) != 0)\n"
	"\t\t\treturn 1;\n"
	"\t}\n"
	"\treturn 42;\n"
	"}\n"
	"\n";

static const char for_output[] = //
	"static void keep_output()\n"
	"{\n"
	"\tFILE *file = fopen(output, \"w\");\n"
	"\tchar bytes[65536];\n"
	"\tsize_t size;\n"
	"\n"
	"\twhile (file && (size = fread(bytes, 1, sizeof bytes, stdin)) > 0)\n"
	"\t\tif (fwrite(bytes, 1, size, file) != size)\n"
	"\t\t\t_exit(1);\n"
	"\tif (!file || fclose(file) != 0)\n"
	"\t\t_exit(1);\n"
	"}\n"
	"\n"
	"// From (input, answer, feedback) to (input, output, answer).\n"
	"__attribute__((constructor)) static void translate(int argc, char **argv)\n"
	"{\n"
	"\tfind_files(argc, argv);\n"
	"\tif (!INTERACTIVE)\n"
	"\t\tkeep_output();\n"
	"\tpid_t child = fork();\n"
	"\tif (child != 0) {\n"
	"\t\tclose(0);\n"
	"\t\tclose(1);\n"
	"\t\tint end = translated(code_of(child));\n"
	"\t\tunlink(output);\n"
	"\t\t_exit(end);\n"
	"\t}\n"
	"\tif (!freopen(message, \"w\", stderr))\n"
	"\t\t_exit(3);\n"
	"\targv[3] = argv[2];\n"
	"\targv[2] = output;\n"
	"}\n";

static const char for_both[] = //
	"// From (input, answer, feedback) to (input, output, answer), in a process of its own.\n"
	"template <class Program> static int run(const Program &program, char **argv)\n"
	"{\n"
	"\tchar *args[] = { argv[0], argv[1], output, argv[2], nullptr };\n"
	"\tpid_t child = fork();\n"
	"\n"
	"\tif (child == 0) {\n"
	"\t\tif (!freopen(message, \"w\", stderr))\n"
	"\t\t\t_exit(3);\n"
	"\t\texit(program(4, args));\n"
	"\t}\n"
	"\treturn code_of(child);\n"
	"}\n"
	"\n"
	"// The checker looks at what the interactor wrote, when that was content.\n"
	"int main(int argc, char **argv)\n"
	"{\n"
	"\tfind_files(argc, argv);\n"
	"\tint code = run([](int count, char **args) { return interactor::interactor_main(count, args); }, "
	"argv);\n"
	"\tclose(0);\n"
	"\tclose(1);\n"
	"\tif (code == 0)\n"
	"\t\tcode = run([](int count, char **args) { return interactor::checker::checker_main(count, args); "
	"}, argv);\n"
	"\tint end = translated(code);\n"
	"\tunlink(output);\n"
	"\treturn end;\n"
	"}\n";

/* Two programs are one when each is in a namespace. What they include is outside, as far as it is known, and there once. */
static const char sources[] = //
	"#include <bits/stdc++.h>\n"
	"#include <fcntl.h>\n"
	"#include <sys/stat.h>\n"
	"#include <sys/types.h>\n"
	"#if __has_include(\"testlib.h\")\n"
	"#include \"testlib.h\"\n"
	"#endif\n"
	"\n"
	"namespace interactor {\n"
	"#define main interactor_main\n"
	"#include \"interactor.inc\"\n"
	"#undef main\n"
	"namespace checker {\n"
	"#define main checker_main\n"
	"#include \"checker.inc\"\n"
	"#undef main\n"
	"}\n"
	"}\n"
	"\n";

void testlib_translation(enum testlib_role role, bool scoring, struct buffer *out)
{
	buffer_puts(out, common);
	if (role == TESTLIB_VALIDATOR) {
		buffer_puts(out, for_input);
		return;
	}
	if (role == TESTLIB_BOTH)
		buffer_puts(out, sources);
	buffer_printf(out, "enum { INTERACTIVE = %d, SCORING = %d };\n\n", role != TESTLIB_CHECKER, scoring);
	buffer_puts(out, ends);
	buffer_puts(out, role == TESTLIB_BOTH ? for_both : for_output);
}
