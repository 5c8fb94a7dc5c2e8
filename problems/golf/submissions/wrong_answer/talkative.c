/* Right, and much too long. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_same_backwards(const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i < length / 2; i++)
		if (word[i] != word[length - 1 - i])
			return false;
	return true;
}

int main(void)
{
	char word[128];

	scanf("%127s", word);
	puts(is_same_backwards(word) ? "yes" : "no");
}
