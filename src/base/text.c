#include "base/text.h"

#include <string.h>

enum { LONGEST = 63 };

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t edit_distance(const char *left, const char *right)
{
	size_t rows = strnlen(left, LONGEST), columns = strnlen(right, LONGEST);
	size_t row[LONGEST + 1]; /* distances from left's first i letters to each prefix of right */
	for (size_t j = 0; j <= columns; j++)
		row[j] = j;
	for (size_t i = 1; i <= rows; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			size_t above = row[j];
			size_t replaced = diagonal + (left[i - 1] != right[j - 1]);
			row[j] = smaller(replaced, smaller(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[columns];
}

bool text_trim(const char *start, size_t size, char *item, size_t room)
{
	while (size > 0 && (*start == ' ' || *start == '\t'))
		start++, size--;
	while (size > 0 && (start[size - 1] == ' ' || start[size - 1] == '\t'))
		size--;
	if (size == 0 || size >= room || memchr(start, '\0', size))
		return false;
	memcpy(item, start, size);
	item[size] = '\0';
	return true;
}
