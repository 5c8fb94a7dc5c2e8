/* language.h - a language as those who take programs know it; how it is compiled and run is lang's matter. */
#pragma once

#include <stdbool.h>

struct offered_language {
	const char *id, *name, *version; /* version NULL: not on this host */
	const char *const *aliases;      /* NULL-ended */
	const char *const *extensions;
	const char *unavailable_reason; /* NULL when available */
	bool unlisted; /* nobody writes programs in it: "script" is for programs that judge, "text" for answers */
};
