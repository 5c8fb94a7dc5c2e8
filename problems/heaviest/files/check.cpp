// check INPUT OUTPUT ANSWER: OUTPUT is what the interactor left.
#include <fstream>
#include <string>

#include "verdict.h"

int main(int argc, char **argv)
{
	if (argc < 4)
		finish(OUR_FAULT, "check INPUT OUTPUT ANSWER");
	std::ifstream output(argv[2]), answer(argv[3]);
	int named, asked, heaviest;

	if (!(answer >> heaviest))
		finish(OUR_FAULT, "the answer is empty");
	if (!(output >> named >> asked))
		finish(MALFORMED, "no stone is named");
	if (named != heaviest)
		finish(WRONG, "stone %d is named, and %d is the heaviest", named, heaviest);
	finish(RIGHT, "found with %d questions", asked);
}
