/* Becomes itself again and again, in two processes: nothing to wait for ever ends. */
#include <unistd.h>

int main(int argc, char **argv)
{
	fork();
	execv(argv[0], argv);
	return 1;
}
