/* export.h - a package's files, as they are written.
 *
 * Nothing here fails at once: where memory is out `failed` says so, and whoever began it looks at the end. */
#pragma once

#include "base/buffer.h"
#include "base/yaml.h"
#include "inside.h"

struct export
{
	const struct package *package;
	bool newer; /* 2025-09; else legacy */
	struct pool *pool;
	struct package_notes *notes;
	struct package_file *files; /* in any order */
	size_t count, room;
	bool failed;

	const char **test_names;     /* one a test, as they are called there: "secret/1/03" */
	const char **polygon_groups; /* of secret tests, in the order in which they are judged */
	size_t polygon_group_count;
	const struct task_groups *groups; /* in the names and rules of that format; or NULL */
	struct export_folder *folders;    /* what their settings say */
	size_t folder_count, folder_room;
};

/* Text in the pool; NULL when memory is out, which everybody here takes. */
const char *export_text(struct export *export, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first of that path stays. Bytes are borrowed. */
void export_add(struct export *export, const char *path, const char *bytes, size_t size, bool executable);
/* Takes what is in it. */
void export_add_text(struct export *export, const char *path, struct buffer *text);
/* Files beneath `from` to beneath `to`. */
void export_copy_folder(struct export *export, const char *from, const char *to);
/* One thing that the format has no words for. */
#define export_note(export, ...) package_note((export)->notes, __VA_ARGS__)

/* ---- export_yaml.c ---- */
void yaml_put_text(struct buffer *out, const char *text);        /* a scalar that is read as text */
void yaml_put_number(struct buffer *out, double number);         /* as short as it stays the same */
void yaml_put_list(struct buffer *out, const char *const *list); /* [a, "1"] */
/* As it was read, on one line; what is not text becomes that. */
void yaml_put_node(struct buffer *out, const struct yaml_node *node);

/* ---- each writes its files ---- */
void export_problem(struct export *export); /* export_problem.c: problem.yaml, domjudge-problem.ini */
void export_statements(struct export *export);
void export_names(struct export *export);    /* export_groups.c: test_names and groups */
void export_data(struct export *export);     /* export_data.c */
void export_programs(struct export *export); /* export_programs.c: validators, submissions, included files */

/* ---- settings of folders: data/FOLDER/test_group.yaml, or testdata.yaml ---- */
struct export_folder {
	const char *name; /* below data/; "": that itself */
	struct buffer text;
};
/* What that of `folder` holds; lines are appended. NULL: out of memory. */
struct buffer *export_folder(struct export *export, const char *folder);
void export_group_settings(struct export *export); /* export_groups.c */
void export_settings(struct export *export);       /* export_settings.c: of tests and claims */
void export_folders(struct export *export);        /* all that folders hold by now */
