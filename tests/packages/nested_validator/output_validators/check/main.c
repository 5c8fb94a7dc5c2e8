#include <stdio.h>
#include <string.h>

#include "answer.h"

int main(int argc, char **argv)
{
	int output;

	if (argc != 6 || strcmp(argv[4], "--offset") != 0 || argv[3][strlen(argv[3]) - 1] != '/')
		return 1;
	return scanf("%d", &output) == 1 && output == answer_of(argv[2]) ? RIGHT : WRONG;
}
