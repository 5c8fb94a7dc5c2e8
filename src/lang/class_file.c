#include "lang/class_file.h"

#include <stdint.h>
#include <string.h>

struct reader {
	const unsigned char *at, *end;
	bool failed; /* what was asked for is not there; everything read then is 0 */
};

static const unsigned char *take(struct reader *reader, size_t size)
{
	const unsigned char *taken = reader->at;

	if (reader->failed || size > (size_t)(reader->end - reader->at)) {
		reader->failed = true;
		return NULL;
	}
	reader->at += size;
	return taken;
}

static unsigned int take_u2(struct reader *reader)
{
	const unsigned char *bytes = take(reader, 2);

	return bytes ? (unsigned int)bytes[0] << 8 | bytes[1] : 0;
}

static uint32_t take_u4(struct reader *reader)
{
	uint32_t high = take_u2(reader);

	return high << 16 | take_u2(reader);
}

/* ---- constants (JVMS 4.4) ---- */

enum { CONSTANT_UTF8 = 1, CONSTANT_LONG = 5, CONSTANT_DOUBLE = 6 };

/* Of those with a fixed size, what is behind the tag; 0: there is no such tag. */
static const unsigned char constant_sizes[] = {
	[3] = 4,  [4] = 4,  [5] = 8,  [6] = 8,  [7] = 2,  [8] = 2,  [9] = 4,  [10] = 4,
	[11] = 4, [12] = 4, [15] = 3, [16] = 2, [17] = 4, [18] = 4, [19] = 2, [20] = 2
};

/* The constants that say what is looked for; javac writes each text once, and so must whoever wants to be started. */
struct wanted {
	unsigned int name, type; /* 0: not there */
};

static void take_text(struct reader *reader, unsigned int index, struct wanted *wanted)
{
	static const char name[] = "main", type[] = "([Ljava/lang/String;)V";
	size_t size = take_u2(reader);
	const unsigned char *text = take(reader, size);

	if (text && size == sizeof name - 1 && memcmp(text, name, size) == 0)
		wanted->name = index;
	if (text && size == sizeof type - 1 && memcmp(text, type, size) == 0)
		wanted->type = index;
}

static void take_constants(struct reader *reader, struct wanted *wanted)
{
	unsigned int count = take_u2(reader);

	for (unsigned int i = 1; i < count && !reader->failed; i++) {
		const unsigned char *tag = take(reader, 1);

		if (tag && *tag == CONSTANT_UTF8)
			take_text(reader, i, wanted);
		else if (!tag || *tag >= sizeof constant_sizes || !constant_sizes[*tag])
			reader->failed = true;
		else
			take(reader, constant_sizes[*tag]);
		if (tag && (*tag == CONSTANT_LONG || *tag == CONSTANT_DOUBLE))
			i++; /* these take two places */
	}
}

/* ---- members (JVMS 4.5, 4.6) ---- */

enum { ACC_PUBLIC = 0x0001, ACC_STATIC = 0x0008 };

static void take_attributes(struct reader *reader)
{
	unsigned int count = take_u2(reader);

	for (unsigned int i = 0; i < count && !reader->failed; i++) {
		take_u2(reader);
		take(reader, take_u4(reader));
	}
}

/* Fields, or methods: whether one of them is it. */
static bool take_members(struct reader *reader, const struct wanted *wanted)
{
	unsigned int count = take_u2(reader);
	bool found = false;

	for (unsigned int i = 0; i < count && !reader->failed; i++) {
		unsigned int access = take_u2(reader), name = take_u2(reader), type = take_u2(reader);

		found = found || ((access & ACC_PUBLIC) && (access & ACC_STATIC) && name == wanted->name &&
				  type == wanted->type);
		take_attributes(reader);
	}
	return found;
}

bool class_file_has_main(const void *bytes, size_t size)
{
	struct reader reader = { .at = bytes, .end = (const unsigned char *)bytes + size };
	struct wanted wanted = { 0 };

	if (take_u4(&reader) != 0xcafebabe)
		return false;
	take_u4(&reader); /* version */
	take_constants(&reader, &wanted);
	take(&reader, 6); /* access, this, super */
	take(&reader, 2 * (size_t)take_u2(&reader));
	take_members(&reader, &wanted);
	bool found = take_members(&reader, &wanted) && wanted.name && wanted.type;
	take_attributes(&reader);
	return found && !reader.failed && reader.at == reader.end;
}
