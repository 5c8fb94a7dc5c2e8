/* Output without writing: the kernel itself moves a file into the judge's pipe, as fast as it can. */
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

int main(void)
{
	int zero = open("/dev/zero", O_RDONLY), file = open("/usr/bin/bash", O_RDONLY);
	for (;;) {
		off_t begin = 0;
		off64_t also = 0;
		if (sendfile(1, file, &begin, 1 << 20) <= 0 && splice(file, &also, 1, NULL, 1 << 20, 0) <= 0)
			usleep(100);
		splice(zero, NULL, 2, NULL, 1 << 20, 0);
	}
}
