#include <iostream>
#include <string>

int main()
{
	int n, q, heaviest = 1;

	std::cin >> n >> q;
	for (int stone = 2; stone <= n; stone++) {
		std::string reply;
		std::cout << "? " << stone << " " << heaviest << std::endl;
		std::cin >> reply;
		if (reply == ">")
			heaviest = stone;
	}
	std::cout << "! " << heaviest << std::endl;
}
