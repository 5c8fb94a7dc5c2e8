#include <iostream>

#include "calendar.hpp"

int main()
{
	std::string date;

	std::cin >> date;
	while (std::cin >> date)
		std::cout << day_of_week(date) << "\n";
}
