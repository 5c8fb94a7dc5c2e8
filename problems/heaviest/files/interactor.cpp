// interactor INPUT OUTPUT: answers questions, and leaves the stone that was named and the number of questions in OUTPUT.
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "verdict.h"

int main(int argc, char **argv)
{
	if (argc < 3)
		finish(OUR_FAULT, "interactor INPUT OUTPUT");
	std::ifstream input(argv[1]);
	int n, most, asked = 0;
	input >> n >> most;
	std::vector<int> weights(static_cast<std::size_t>(n) + 1);
	for (int i = 1; i <= n; i++)
		input >> weights[static_cast<std::size_t>(i)];
	std::cout << n << " " << most << std::endl;
	for (std::string what; std::cin >> what;) {
		int a, b;

		if (what == "!" && std::cin >> a) {
			std::ofstream(argv[2]) << a << " " << asked << "\n";
			finish(RIGHT, "%d questions", asked);
		}
		if (what != "?" || !(std::cin >> a >> b) || a < 1 || a > n || b < 1 || b > n || a == b)
			finish(MALFORMED, "line %d is no question", asked + 1);
		if (++asked > most)
			finish(WRONG, "more than %d questions", most);
		std::cout << (weights[static_cast<std::size_t>(a)] > weights[static_cast<std::size_t>(b)] ? ">" : "<") << std::endl;
	}
	finish(MALFORMED, "no stone is named");
}
