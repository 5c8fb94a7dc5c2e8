// The input: "n q", and n different weights. The group of the test, if it is given (--group NAME), bounds n and q.
#include <iostream>
#include <set>
#include <string>

#include "verdict.h"

int main(int argc, char **argv)
{
	std::string group, line, same;
	std::set<int> seen;
	int n, q, weight;

	for (int i = 1; i + 1 < argc; i++)
		if (argv[i] == std::string("--group"))
			group = argv[i + 1];
	if (!std::getline(std::cin, line) || std::sscanf(line.c_str(), "%d %d", &n, &q) != 2 || n < 2 || n > 500 || q < n - 1)
		finish(OUR_FAULT, "the first line is not right");
	if (line != std::to_string(n) + " " + std::to_string(q))
		finish(OUR_FAULT, "the first line has spaces or zeros too many");
	if ((group == "1" && n > 12) || (group == "3" && q != n - 1))
		finish(OUR_FAULT, "n or q is not as group %s has it", group.c_str());
	if (!std::getline(std::cin, line))
		finish(OUR_FAULT, "there are no weights");
	for (const char *at = line.c_str(); *at != '\0';) {
		int length = 0;

		if (std::sscanf(at, "%d%n", &weight, &length) != 1 || weight < 1 || weight > 1000000 || !seen.insert(weight).second)
			finish(OUR_FAULT, "a weight is there twice, or none");
		same += (same.empty() ? "" : " ") + std::to_string(weight);
		at += length;
	}
	if (same != line || seen.size() != static_cast<std::size_t>(n) || std::cin.peek() != EOF)
		finish(OUR_FAULT, "there are more or fewer weights than announced, or more than them");
}
