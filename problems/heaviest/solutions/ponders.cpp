// Thinks about the first weighing for ever.
#include <iostream>

int main()
{
	int n, q;
	std::cin >> n >> q;
	for (volatile unsigned i = 0;;)
		i = i + 1;
}
