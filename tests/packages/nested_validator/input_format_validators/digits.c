#include "verdict.h"

int main(void)
{
	return RIGHT;
}
