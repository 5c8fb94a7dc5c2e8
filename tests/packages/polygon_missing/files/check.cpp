#include <fstream>
#include <string>

int main(int, char **argv)
{
	std::ifstream output(argv[2]), answer(argv[3]);
	std::string one, other;

	answer >> other;
	return output >> one && one == other ? 0 : 1;
}
