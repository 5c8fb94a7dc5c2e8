/* Closes its streams at once and lives on: the end of the streams is not the end of the run. */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	write(1, "before", 6);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	open("/tmp/zero", O_CREAT | O_RDWR, 0600); /* takes number 0 */
	usleep(50 * 1000);
	write(1, "after", 5);
	return 5;
}
