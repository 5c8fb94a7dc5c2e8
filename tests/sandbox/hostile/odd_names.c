/* Names that break whoever prints, splits or globs them. */
#include <fcntl.h>
#include <sys/stat.h>

#include "attempt.h"

int main(void)
{
	static const char *const names[] = { "new\nline", "-rf",  "*",       "...",     " ",
					     "\xff\xfe",  "a\tb", "\x1b[2J", "..a",     "~root",
					     "$(id)",     "`id`", "%s%n",    ".hidden", "\\" };
	char longest[256];
	memset(longest, 'l', 255);
	longest[255] = '\0';
	mkdir("/box/out", 0700);
	for (int place = 0; place < 3; place++) {
		must("enter", chdir(place == 0 ? "/box" : place == 1 ? "/tmp" : "/box/out") == 0);
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			must("odd name", close(creat(names[i], 0600)) == 0);
		must("longest name", mkdir(longest, 0) == 0);
	}
	return verdict();
}
