/* folder.h - a temporary folder of pack files. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Behind #include <cmocka.h>. */

struct folder {
	char path[32];
	char names[4][32];
	size_t count;
};

static inline void folder_open(struct folder *folder)
{
	memset(folder, 0, sizeof *folder);
	strcpy(folder->path, "/tmp/packs-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
}

static inline void folder_write(struct folder *folder, const char *name, const char *text, mode_t mode)
{
	char path[80];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	assert_true(folder->count < sizeof folder->names / sizeof folder->names[0]);
	snprintf(folder->names[folder->count++], sizeof folder->names[0], "%s", name);
}

static inline void folder_remove(struct folder *folder)
{
	char path[80];

	for (size_t i = 0; i < folder->count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder->path, folder->names[i]);
		unlink(path);
	}
	rmdir(folder->path);
}
