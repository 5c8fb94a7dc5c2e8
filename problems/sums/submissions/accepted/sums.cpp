#include <iostream>

int main()
{
	int n;
	std::cin >> n;
	for (long long a, b; n-- > 0 && std::cin >> a >> b;)
		std::cout << a + b << '\n';
}
