#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(char *text, int wanted)
{
	if (wanted >= ERROR_TEXT_BYTES)
		memcpy(text + ERROR_TEXT_BYTES - 4, "...", 4);
}

int(error_set)(struct error *err, int code, const char *format, ...)
{
	if (err) {
		va_list args;
		va_start(args, format);
		/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): seen where a file is compiled twice */
		mark_cut(err->text, vsnprintf(err->text, sizeof err->text, format, args));
		va_end(args);
		err->code = code;
	}
	return code;
}

int(error_errno)(struct error *err, const char *format, ...)
{
	int code = errno ? -errno : -EIO;
	if (err) {
		char what[ERROR_TEXT_BYTES];
		va_list args;
		va_start(args, format);
		/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the same */
		mark_cut(what, vsnprintf(what, sizeof what, format, args));
		va_end(args);
		error_set(err, code, "%s: %s", what, strerror(-code));
	}
	return code;
}

int(error_wrap)(struct error *err, const char *format, ...)
{
	if (!err)
		return -EIO;
	char context[ERROR_TEXT_BYTES];
	char inner[ERROR_TEXT_BYTES];
	va_list args;
	va_start(args, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the same */
	mark_cut(context, vsnprintf(context, sizeof context, format, args));
	va_end(args);
	memcpy(inner, err->text, sizeof inner);
	return error_set(err, err->code, "%s: %s", context, inner);
}
