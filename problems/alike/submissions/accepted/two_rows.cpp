#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main()
{
	std::string a, b;
	std::cin >> a >> b;
	std::vector<int> before(b.size() + 1), now(b.size() + 1);
	for (char x : a) {
		for (std::size_t j = 0; j < b.size(); j++)
			now[j + 1] = x == b[j] ? before[j] + 1 : std::max(before[j + 1], now[j]);
		std::swap(before, now);
	}
	std::cout << before.back() << "\n";
}
