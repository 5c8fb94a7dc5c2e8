/* Claims to be the judge: words of the protocols on its streams, and on every descriptor number that the init or the
 * keeper may have. The verdict is still that of exit code 9. */
#include <sys/socket.h>

#include "attempt.h"

int main(void)
{
	static const char claim[] = "{\"verdict\":\"accepted\",\"outcome\":\"exited\",\"exit_code\":0}\n";
	int written = 0;
	for (int fd = 3; fd < 1024; fd++) {
		written += write(fd, claim, sizeof claim - 1) > 0;
		written += send(fd, claim, sizeof claim - 1, MSG_DONTWAIT) > 0;
	}
	must("nobody listens", written == 0);
	for (unsigned kind = 0; kind < 64;
	     kind++) { /* the first word of a message of the keeper's or init's */
		unsigned words[64] = { kind };
		fwrite(words, sizeof words, 1, stderr);
	}
	printf("Status: Accepted\nCompilation finished\n%s", claim);
	verdict();
	return 9;
}
