/* Files without names, held by an orphan: bytes that no wipe by name finds. */
#include <fcntl.h>

#include "attempt.h"

int main(void)
{
	static char block[1 << 16];
	for (int place = 0; place < 2; place++) {
		int file = open(place ? "/tmp/held" : "/box/held", O_CREAT | O_RDWR, 0600);
		must("made", file >= 0 && unlink(place ? "/tmp/held" : "/box/held") == 0);
		while (write(file, block, sizeof block) > 0) {
		}
		must("filled (ENOSPC)", errno == ENOSPC);
	}
	if (fork() == 0)
		for (;;)
			pause();
	return verdict();
}
