/* sqlite_file.h - the database's file: its folder, its mode, and the lock that makes it one process's own. */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "base/error.h"

struct sqlite_file {
	char *given;         /* as the user wrote it, for messages */
	char path[PATH_MAX]; /* absolute, no symlinks: neither a chdir nor SQLite's special names matter */
	int lock;            /* descriptor of PATH.lock, -1: none */
	pid_t locked_by;     /* a forked child inherits this struct, but not the lock */
	dev_t device;        /* these two say which file it is, whatever its name leads to later */
	ino_t inode;
	struct sqlite_file *next_locked;
};

/* Makes the missing folders (0700) and the file (0600), and takes the lock. -EBUSY: another has it. */
int sqlite_file_open(const char *given, struct sqlite_file *file, struct error *err);
/* A file that was deleted or replaced goes on taking writes, which are lost when it is closed: -ESTALE. */
int sqlite_file_check(const struct sqlite_file *file, struct error *err);
/* Gives the lock up; after the last SQLite connection is closed. */
void sqlite_file_close(struct sqlite_file *file);
