/* language.h - a language as those who take programs know it; how it is compiled and run is lang's matter. */
#pragma once

struct offered_language {
	const char *id, *name, *version; /* version NULL: not on this host */
	const char *const *aliases;      /* NULL-ended */
	const char *const *extensions;
	const char *unavailable_reason; /* NULL when available */
};
