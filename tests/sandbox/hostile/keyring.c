/* Keyrings are counted by user and outlive processes. */
#include "attempt.h"

int main(void)
{
	refused("add_key", syscall(SYS_add_key, "user", "left", "secret", 6, -4));
	refused("request_key", syscall(SYS_request_key, "user", "left", NULL, 0));
	refused("join session keyring", syscall(SYS_keyctl, 1, "left", 0, 0, 0));
	refused("keyctl read", syscall(SYS_keyctl, 11, -4, 0, 0, 0));
	refused("keyctl link to user keyring", syscall(SYS_keyctl, 8, -4, -5, 0, 0));
	return verdict();
}
