/* What a submission says of itself, in whatever its language takes for a comment:
 *
 *     @EXPECTED_RESULTS@: WRONG-ANSWER, TIMELIMIT
 *     @EXPECTED_SCORE@: 40
 *
 * To the end of the line; the second one may also have verdicts. Each is there once at most. */
#include <string.h>
#include <strings.h>

#include "kattis_submissions.h"

enum { LINE_BYTES_MAX = 512 };

/* What is behind a tag, without the blanks around it. */
struct line {
	char text[LINE_BYTES_MAX];
};

static const char *find(const char *bytes, const char *end, const char *tag)
{
	size_t size = strlen(tag);

	while ((bytes = memchr(bytes, tag[0], (size_t)(end - bytes)))) {
		if ((size_t)(end - bytes) < size)
			return NULL;
		if (strncasecmp(bytes, tag, size) == 0)
			return bytes + size;
		bytes++;
	}
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Too long a line is none that anybody understands. */
static void cut_line(const char *start, const char *end, struct line *line)
{
	const char *stop = memchr(start, '\n', (size_t)(end - start));
	size_t size;

	stop = stop ? stop : end;
	while (start < stop && is_blank(*start))
		start++;
	while (stop > start && is_blank(stop[-1]))
		stop--;
	size = (size_t)(stop - start);
	if (size >= sizeof line->text)
		size = 0;
	memcpy(line->text, start, size);
	line->text[size] = '\0';
}

/* false: a word that is no verdict's. */
static bool add_word(const char *word, size_t size, struct submission_tags *tags)
{
	const struct submission_class *class;

	while (size > 0 && is_blank(word[0])) {
		word++;
		size--;
	}
	while (size > 0 && is_blank(word[size - 1]))
		size--;
	class = submission_class(word, size);
	if (!class || (class->whole == 0 && strcmp(class->name, "check_manually") != 0))
		return false;
	tags->anything |= class->whole == 0;
	tags->results |= class->whole;
	return true;
}

static bool read_results(const struct line *line, struct submission_tags *tags)
{
	const char *word = line->text;

	if (tags->has_results)
		return false;
	tags->has_results = true;
	for (;; word++) {
		size_t size = strcspn(word, ",");

		if (!add_word(word, size, tags))
			return false;
		word += size;
		if (*word == '\0')
			return true;
	}
}

/* Whether the file has tags; *clear, whether they say what they mean. */
static bool read_file(const struct task_file *file, struct submission_tags *tags, bool *clear)
{
	static const char *const names[] = { "@EXPECTED_RESULTS@: ", "@EXPECTED_SCORE@: " };
	const char *end = file->data + file->size;
	bool any = false;

	*clear = true;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *start = find(file->data, end, names[i]);
		struct line line;

		if (!start)
			continue;
		any = true;
		cut_line(start, end, &line);
		if (find(start, end, names[i]))
			*clear = false;
		else if (i == 1 && settings_parse_number(line.text, false, &tags->score))
			tags->has_score = true;
		else if (!read_results(&line, tags))
			*clear = false;
	}
	return any;
}

void submission_tags_read(const struct package_program *program, struct package_notes *notes,
			  struct submission_tags *tags)
{
	bool clear;

	for (size_t i = 0; i < program->file_count; i++) {
		*tags = (struct submission_tags){ 0 };
		if (!read_file(&program->files[i], tags, &clear))
			continue;
		if (clear)
			return;
		*tags = (struct submission_tags){ .unclear = true };
		package_note(
			notes, program->path, 0,
			"what @EXPECTED_RESULTS@ or @EXPECTED_SCORE@ says is not clear (an unknown word, or "
			"more than one of them): the folder's name counts");
		return;
	}
	*tags = (struct submission_tags){ 0 };
}
