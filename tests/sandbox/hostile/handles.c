/* File handles reach a file by number, past every mount and every permission of a path. */
#include <fcntl.h>
#include <stdlib.h>

#include "attempt.h"

int main(void)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = 8 };
	int mount_id = 0;
	refused("name_to_handle_at", name_to_handle_at(AT_FDCWD, "/usr/bin/env", &file.handle, &mount_id, 0));
	int usr = open("/usr", O_RDONLY | O_DIRECTORY);
	file.handle.handle_bytes = 8;
	file.handle.handle_type = 1;
	file.handle.f_handle[0] = 2; /* the root of an ext4 file system */
	refused("open_by_handle_at", open_by_handle_at(usr, &file.handle, O_RDONLY));
	refused("fanotify_init", syscall(SYS_fanotify_init, 0, 0));
	refused("fanotify_mark", syscall(SYS_fanotify_mark, 0, 1, 1, AT_FDCWD, "/usr"));
	return verdict();
}
