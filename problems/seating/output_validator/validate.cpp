// Accepts any order in which neighbours are strangers; says what is wrong with the others.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <strings.h>
#include <vector>

static std::string feedback;

[[noreturn]] static void reject(const std::string &message)
{
	std::ofstream(feedback + "judgemessage.txt") << message << "\n";
	std::ofstream(feedback + "teammessage.txt") << "This is not an order that the guests like.\n";
	std::exit(43);
}

static int guest(const std::string &word, int guests)
{
	char *end;
	long number = std::strtol(word.c_str(), &end, 10);

	if (*end != '\0' || number < 1 || number > guests)
		reject("'" + word.substr(0, 20) + "' is no guest");
	return static_cast<int>(number);
}

int main(int, char **argv)
{
	std::ifstream input(argv[1]), answer(argv[2]);
	std::string word, expected;
	int guests;

	feedback = argv[3];
	input >> guests;
	answer >> expected;
	bool possible = expected != "impossible";
	if (!(std::cin >> word))
		reject("there is no output");
	if (strcasecmp(word.c_str(), "impossible") == 0) {
		if (possible)
			reject("there is an order");
		if (std::cin >> word)
			reject("there is more behind 'impossible'");
		return 42;
	}
	std::vector<bool> seated(static_cast<std::size_t>(guests) + 1);
	int before = guest(word, guests);
	seated[static_cast<std::size_t>(before)] = true;
	for (int count = 1; count < guests; count++) {
		if (!(std::cin >> word))
			reject("only " + std::to_string(count) + " guests are seated");
		int next = guest(word, guests);
		if (seated[static_cast<std::size_t>(next)])
			reject("guest " + word + " is seated twice");
		if (std::abs(next - before) == 1)
			reject("guests " + std::to_string(before) + " and " + word + " sit side by side");
		seated[static_cast<std::size_t>(next)] = true;
		before = next;
	}
	if (std::cin >> word)
		reject("there is more behind the last guest");
	if (!possible) {
		std::cerr << "an order was found where the answer knows none\n";
		return 1;
	}
	return 42;
}
