// @EXPECTED_RESULTS@: OUTPUT-LIMIT
#include <stdio.h>

int main(void)
{
	for (int i = 0; i < 2000000; i++)
		puts("FizzBuzz");
}
