/* cleanup.h - what a scope opens, the scope closes.
 *
 *     cleanup_fd int fd = -1;
 *     ...
 *     *ret_fd = take_fd(&fd);    hands it over: the scope no longer closes it
 *
 * Every cleaner accepts the empty value (-1, NULL), so that any early return is safe. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

static inline void free_pointer(void *slot)
{
	free(*(void **)slot);
}

static inline void *take_pointer_at(void *slot)
{
	void *taken = *(void **)slot;
	*(void **)slot = NULL;
	return taken;
}

static inline void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define take_pointer(slot) ((__typeof__(*(slot)))take_pointer_at(slot))

#define cleanup_fd   __attribute__((cleanup(close_fd)))
#define cleanup_free __attribute__((cleanup(free_pointer)))
#define cleanup_file __attribute__((cleanup(close_file)))
/* cleanup_with(f): f takes a pointer to the variable. */
#define cleanup_with(f) __attribute__((cleanup(f)))
