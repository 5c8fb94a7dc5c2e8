// From the highest bit to the lowest.
#include <iostream>
#include <string>

int main()
{
	int below = 0;
	std::string answer;

	for (int bit = 512; bit > 0 && answer != "correct";) {
		std::cout << below + bit << std::endl;
		std::cin >> answer;
		if (answer == "higher")
			below += bit;
		do
			bit /= 2;
		while (below + bit > 1000);
	}
}
