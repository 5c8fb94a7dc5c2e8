// How the programs of this package end: the exit codes are Polygon's, and the message goes to standard error.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

enum verdict { RIGHT = 0, WRONG = 1, MALFORMED = 2, OUR_FAULT = 3 };

[[noreturn]] __attribute__((format(printf, 2, 3))) inline void finish(verdict verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	std::vfprintf(stderr, format, args);
	va_end(args);
	std::fputc('\n', stderr);
	std::exit(verdict);
}
