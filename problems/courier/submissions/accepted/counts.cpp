// Base two again, but with letters that are there once or twice.
#include <iostream>
#include <string>

int main()
{
	std::string word, letters;
	int number = 0;

	std::cin >> word;
	if (word == "send") {
		std::cin >> number;
		for (int bit = 0; bit < 10; bit++)
			letters += std::string(static_cast<std::size_t>(number >> 2 * bit & 3), static_cast<char>('a' + bit));
		std::cout << (letters.empty() ? "k" : letters) << "\n";
		return 0;
	}
	std::cin >> letters;
	for (char letter : letters)
		number += letter == 'k' ? 0 : 1 << 2 * (letter - 'a');
	std::cout << number << "\n";
}
