/* What readers share. */
#include "package/package.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const format_names[] = {
	[PACKAGE_LEGACY] = "legacy",
	[PACKAGE_LEGACY_ICPC] = "legacy-icpc",
	[PACKAGE_2025_09] = "2025-09",
	[PACKAGE_POLYGON] = "polygon",
};

const char *package_format_name(enum package_format format)
{
	return format_names[format];
}

/* Room doubles; what it leaves behind is the pool's. */
static bool notes_grow(struct package_notes *notes)
{
	size_t room = notes->room ? notes->room * 2 : 16;
	struct package_note *items = pool_array(notes->pool, room, sizeof *items);

	if (!items)
		return false;
	if (notes->count > 0)
		memcpy(items, notes->items, notes->count * sizeof *items);
	notes->items = items;
	notes->room = room;
	return true;
}

static void keep_note(struct package_notes *notes, const char *path, int line, const char *text)
{
	char *kept = pool_strdup(notes->pool, text);
	char *kept_path = path ? pool_strdup(notes->pool, path) : NULL;

	if (!kept || (path && !kept_path) || (notes->count == notes->room && !notes_grow(notes))) {
		notes->failed = true;
		return;
	}
	notes->items[notes->count++] = (struct package_note){ .path = kept_path, .line = line, .text = kept };
}

void package_note(struct package_notes *notes, const char *path, int line, const char *format, ...)
{
	char text[ERROR_TEXT_BYTES];
	va_list arguments;

	if (notes->count == PACKAGE_NOTES_MAX)
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (notes->count == PACKAGE_NOTES_MAX - 1)
		keep_note(notes, NULL, 0, "there is more that is odd, which is not told");
	else
		keep_note(notes, path, line, text);
}
