/* Trees of real folders and real archives: the same things mean the same in both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "things.h"
#include "tree_inside.h"

struct reading {
	struct pool *pool;
	struct package_notes notes;
	struct package_tree tree;
	struct error err;
};

static void reading_open(struct reading *reading)
{
	*reading = (struct reading){ .pool = pool_new() };
	reading->notes.pool = reading->pool;
	assert_non_null(reading->pool);
}

static void reading_close(struct reading *reading)
{
	pool_free(reading->pool);
}

#define with_reading(name)                                           \
	__attribute__((cleanup(reading_close))) struct reading name; \
	reading_open(&name)

static int read_path(struct reading *reading, const char *path)
{
	return package_tree_read(path, reading->pool, &reading->notes, &reading->tree, &reading->err);
}

static int unpack(struct reading *reading, const struct buffer *bytes)
{
	return package_tree_unpack(buffer_text(bytes), bytes->size, "it", reading->pool, &reading->notes,
				   &reading->tree, &reading->err);
}

/* ---- what is there ---- */

#define NOT_THERE "a link to what is not there is left out"
#define LEAVES    "a link that leaves the package is left out"
#define CIRCLE    "a link that leads around in a circle is left out"

static const struct {
	const char *name;
	struct thing things[THINGS_MAX];
	const char *files, *notes;
} rows[] = {
	{ "bytewise order, executables",
	  { TEXT("b"), TEXT("a/2"), TEXT("a/10"), TEXT("a.x"), RUNS("run"), TEXT("B") },
	  "B a.x a/10 a/2 b run*",
	  "" },
	{ "names as odd as can be",
	  { TEXT("-x"), TEXT("a b"), TEXT("\xc3\xa9"), TEXT(".timelimit"), TEXT("x\ny") },
	  "-x .timelimit a b x\ny \xc3\xa9",
	  "" },
	{ "junk",
	  { TEXT("a/.DS_Store"), TEXT(".git/config"), TEXT("__MACOSX/a/b"), TEXT("._b"), TEXT("b.git"),
	    TEXT("a/b") },
	  "a/b b.git",
	  "" },
	{ "links to files",
	  { RUNS("a/x"), LINK("y", "a/x"), LINK("a/z", "../y"), LINK("b/c/d", "./../..//a/x") },
	  "a/x* a/z* b/c/d* y*",
	  "" },
	{ "links to folders, and through them",
	  { TEXT("a/x/1"), TEXT("a/x/2"), LINK("b", "a/x"), LINK("c", "b/1"), LINK("d/e", "../b"),
	    LINK("f", "d/e/2") },
	  "a/x/1 a/x/2 b/1 b/2 c d/e/1 d/e/2 f",
	  "" },
	{ "links within what a link leads to",
	  { TEXT("a/1"), LINK("b/l", "../a"), LINK("c", "b"), LINK("b/m", "../a/1"), LINK("d", "c/l/1") },
	  "a/1 b/l/1 b/m c/l/1 c/m d",
	  "" },
	{ "links that lead nowhere",
	  { TEXT("a/x"), LINK("b", "nothing"), LINK("c", "a/x/y"), LINK("d", "b"), LINK("e", "../"),
	    LINK("f", "a/x/") },
	  "a/x f",
	  "b: " NOT_THERE "; c: " NOT_THERE "; d: " NOT_THERE "; e: " LEAVES },
	{ "links that leave",
	  { TEXT("a/x"), LINK("b", "/etc/passwd"), LINK("c", "../../x"), LINK("a/d", "../../a/x"),
	    LINK("e", "b") },
	  "a/x",
	  "a/d: " LEAVES "; b: " LEAVES "; c: " LEAVES "; e: " LEAVES },
	{ "circles",
	  { TEXT("a/x"), LINK("a/up", ".."), LINK("a/here", "."), LINK("b", "b"), LINK("c", "d"),
	    LINK("d", "c") },
	  "a/x",
	  "a/here: " CIRCLE "; a/up: " CIRCLE "; b: " CIRCLE "; c: " CIRCLE "; d: " CIRCLE },
	{ "circles of two folders: each is followed once",
	  { TEXT("a/x"), LINK("a/to_b", "../b"), TEXT("b/y"), LINK("b/to_a", "../a") },
	  "a/to_b/y a/x b/to_a/x b/y",
	  "a/to_b/to_a: " CIRCLE "; b/to_a/to_b: " CIRCLE },
};

static void expect_tree(const char *name, const struct reading *reading, const char *files, const char *notes)
{
	cleanup_buffer struct buffer list = { 0 }, noted = { 0 };

	list_tree(&reading->tree, &list);
	list_notes(&reading->notes, &noted);
	if (strcmp(buffer_text(&list), files) != 0)
		fail_msg("%s: \"%s\", expected \"%s\"", name, buffer_text(&list), files);
	if (strcmp(buffer_text(&noted), notes) != 0)
		fail_msg("%s: noted \"%s\", expected \"%s\"", name, buffer_text(&noted), notes);
	for (size_t i = 0; i < reading->tree.count; i++)
		assert_int_equal(reading->tree.files[i].bytes[reading->tree.files[i].size], 0);
}

static void a_folder_is_what_is_in_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with_scratch(scratch);
		with_reading(reading);

		for (size_t j = 0; j < THINGS_MAX && rows[i].things[j].path; j++)
			put_in_folder(scratch.path, &rows[i].things[j]);
		if (read_path(&reading, scratch.path) < 0)
			fail_msg("%s: %s", rows[i].name, reading.err.text);
		expect_tree(rows[i].name, &reading, rows[i].files, rows[i].notes);
		assert_string_equal(reading.tree.name, scratch.path + strlen("/tmp/"));
	}
}

static void an_archive_is_what_a_folder_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_buffer struct buffer bytes = { 0 };
		with_reading(reading);

		make_zip(rows[i].things, THINGS_MAX, &bytes);
		if (unpack(&reading, &bytes) < 0)
			fail_msg("%s: %s", rows[i].name, reading.err.text);
		expect_tree(rows[i].name, &reading, rows[i].files, rows[i].notes);
	}
}

static void the_one_folder_of_an_archive_is_not_part_of_it(void **state)
{
	static const struct thing things[] = {
		TEXT("sum/problem.yaml"),    TEXT("sum/data/1.in"),          LINK("sum/data/2.in", "1.in"),
		TEXT("__MACOSX/sum/._x"),    LINK("sum/out", "../sum/data"), LINK("sum/all", "../sum"),
		LINK("sum/gone", "nothing"),
	};
	cleanup_buffer struct buffer bytes = { 0 };
	with_scratch(scratch);
	with_reading(reading);
	const char *path = scratch_path(&scratch, "a.b.zip");

	(void)state;
	make_zip(things, sizeof things / sizeof things[0], &bytes);
	write_bytes(path, bytes.data, bytes.size, 0644);
	assert_int_equal(read_path(&reading, path), 0);
	expect_tree("one folder", &reading, "data/1.in data/2.in problem.yaml",
		    "all: " LEAVES "; gone: " NOT_THERE "; out: " LEAVES);
	assert_string_equal(reading.tree.name, "a.b");
}

static void links_share_the_bytes_they_lead_to(void **state)
{
	static const struct thing things[] = { TEXT("a"), LINK("b", "a") };
	cleanup_buffer struct buffer bytes = { 0 };
	with_reading(reading);

	(void)state;
	make_zip(things, 2, &bytes);
	assert_int_equal(unpack(&reading, &bytes), 0);
	assert_int_equal(reading.tree.count, 2);
	assert_ptr_equal(reading.tree.files[0].bytes, reading.tree.files[1].bytes);
	assert_string_equal(reading.tree.files[1].bytes, "a");
}

static void what_is_no_file_is_left_out(void **state)
{
	with_scratch(scratch);
	with_reading(reading);

	(void)state;
	assert_int_equal(mkfifo(scratch_path(&scratch, "pipe"), 0600), 0);
	assert_int_equal(mkdir(scratch_path(&scratch, "empty"), 0700), 0);
	write_bytes(scratch_path(&scratch, "caf\xe9.cpp"), "int main;", 9, 0644);
	assert_int_equal(read_path(&reading, scratch.path), 0);
	expect_tree("no files", &reading, "caf\\xe9.cpp",
		    "caf\\xe9.cpp: the file's name is not UTF-8; it is called so here; "
		    "pipe: what is neither a file nor a folder is left out");
}

static void what_is_not_there_or_nothing_is_an_error(void **state)
{
	with_scratch(scratch);
	with_reading(reading);
	const char *text = scratch_path(&scratch, "x.zip"), *none = scratch_path(&scratch, "none");

	(void)state;
	write_bytes(text, "no archive", 10, 0644);
	assert_int_equal(read_path(&reading, none), -ENOENT);
	assert_non_null(strstr(reading.err.text, none));
	assert_int_equal(read_path(&reading, text), -EINVAL);
	assert_non_null(strstr(reading.err.text, "x is no zip archive: Not a zip archive"));
	assert_int_equal(read_path(&reading, "/dev/null"), -EINVAL);
}

static void large_files_are_whole(void **state)
{
	enum { BYTES = 3 * 4096 * 1024 };
	with_scratch(scratch);
	with_reading(reading);
	char *bytes = malloc(BYTES);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (char)(i * 2654435761U >> 13);
	write_bytes(scratch_path(&scratch, "in/large"), bytes, BYTES, 0644);
	assert_int_equal(read_path(&reading, scratch.path), 0);
	assert_int_equal(package_tree_pack(&reading.tree, scratch_path(&scratch, "out.zip"), &reading.err),
			 0);
	assert_int_equal(read_path(&reading, scratch_path(&scratch, "out.zip")), 0);
	assert_int_equal(reading.tree.files[0].size, BYTES);
	assert_memory_equal(reading.tree.files[0].bytes, bytes, BYTES);
	free(bytes);
}

/* ---- hostile ---- */

/* Every one of `from` in the archive becomes `to`, which is as long. */
static void spoil(struct buffer *bytes, const char *from, const char *to, size_t size)
{
	bool found = false;

	for (size_t i = 0; i + size <= bytes->size; i++)
		if (memcmp(bytes->data + i, from, size) == 0) {
			memcpy(bytes->data + i, to, size);
			found = true;
		}
	assert_true(found);
}

/* An archive of "aaaaaaaa", "bbbbbbbb" and "cccccccc", of whose bytes some become others. */
static const struct {
	const char *from, *to;
	size_t size;
	int code;
	const char *complaint;
} spoilt[] = {
	{ "aaaaaaaa", "../../../a", 8, -EINVAL, "it: the name \"../../..\" leads out of it" },
	{ "aaaaaaaa", "/etc/pas", 8, -EINVAL, "it: the name \"/etc/pas\" leads out of it" },
	{ "aaaaaaaa", "a/../../", 8, -EINVAL, "it: the name \"a/../../\" leads out of it" },
	{ "aaaaaaaa", "aaaaaa..", 8, 0, "" },
	{ "aaaaaaaa", "bbbbbbbb", 8, -EINVAL, "it: bbbbbbbb is there twice" },
	{ "aaaaaaaa", "./bbbb/b", 8, 0, "" },
	{ "bbbbbbbb", "cccccccc", 8, -EINVAL, "it: cccccccc is there twice" },
	{ "PK\5\6", "PK\5\7", 4, -EINVAL, "it is no zip archive: Not a zip archive" },
};

static void a_spoilt_archive_is_refused(void **state)
{
	static const struct thing things[] = { TEXT("aaaaaaaa"), TEXT("bbbbbbbb"), TEXT("cccccccc") };

	(void)state;
	for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
		cleanup_buffer struct buffer bytes = { 0 };
		with_reading(reading);
		int code;

		make_zip(things, 3, &bytes);
		spoil(&bytes, spoilt[i].from, spoilt[i].to, spoilt[i].size);
		code = unpack(&reading, &bytes);
		if (strncmp(reading.err.text, spoilt[i].complaint, strlen(spoilt[i].complaint)) != 0)
			fail_msg("%s: \"%s\"", spoilt[i].to, reading.err.text);
		assert_int_equal(code, spoilt[i].code);
	}
}

static void separators_of_windows_are_separators_there(void **state)
{
	static const struct {
		const char *name, *path;
		zip_uint8_t system;
	} names[] = {
		{ "data\\1.in", "data/1.in", ZIP_OPSYS_DOS },
		{ "data\\1.in", "data\\1.in", ZIP_OPSYS_UNIX },
		{ "data/a\\b", "data/a\\b", ZIP_OPSYS_DOS },
		{ "..\\1.in", NULL, ZIP_OPSYS_DOS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		with_scratch(scratch);
		with_reading(reading);
		const char *path = scratch_path(&scratch, "it.zip");
		zip_t *zip = zip_open(path, ZIP_CREATE, NULL);

		put_in_zip(zip, &(struct thing)TEXT("x"));
		put_in_zip(zip, &(struct thing)TEXT(names[i].name));
		assert_int_equal(zip_file_set_external_attributes(zip, 1, 0, names[i].system, 0), 0);
		assert_int_equal(zip_close(zip), 0);
		assert_int_equal(read_path(&reading, path), names[i].path ? 0 : -EINVAL);
		if (names[i].path)
			assert_non_null(package_tree_find(&reading.tree, names[i].path));
	}
}

static void put_number(struct buffer *bytes, const char *record, size_t offset, uint32_t number)
{
	char *at = memmem(bytes->data, bytes->size, record, 4);

	assert_non_null(at);
	for (int i = 0; i < 4; i++)
		at[offset + (size_t)i] = (char)(number >> (8 * i));
}

/* Four bytes of the directory's record of 65536 zeros: sum at 16, packed size at 20, size at 24. */
static const struct {
	const char *name;
	size_t offset;
	uint32_t number;
	const char *complaint;
} claims[] = {
	{ "another sum", 16, 1, "it: zeros is damaged: CRC error" },
	{ "packed bytes that are not there", 20, 1 << 30, "it: zeros is damaged: its size is not said" },
	{ "fewer packed bytes", 20, 70, "it: zeros is damaged: " },
	{ "more than they can hold", 24, 100 << 20, "it: zeros is damaged: so few bytes cannot hold" },
	{ "more than they hold", 24, 70000, "it: zeros is damaged: " },
	{ "less than they hold", 24, 60000, "it: zeros is damaged: " },
};

static void an_archive_that_claims_what_is_not_so_is_refused(void **state)
{
	static const char zeros[65536];

	(void)state;
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
		cleanup_buffer struct buffer bytes = { 0 };
		with_scratch(scratch);
		with_reading(reading);
		const struct package_file file = { "zeros", zeros, sizeof zeros, false };
		const struct package_tree tree = { "it", (struct package_file *)&file, 1 };
		const char *path = scratch_path(&scratch, "it.zip");
		struct error err;
		int code;

		assert_int_equal(package_tree_pack(&tree, path, &err), 0);
		assert_int_equal(file_read_all(path, 1 << 20, &bytes, &err), 0);
		put_number(&bytes, "PK\1\2", claims[i].offset, claims[i].number);
		code = unpack(&reading, &bytes);
		if (code != -EINVAL ||
		    strncmp(reading.err.text, claims[i].complaint, strlen(claims[i].complaint)) != 0)
			fail_msg("%s: %d \"%s\"", claims[i].name, code, reading.err.text);
	}
}

static void one_file_and_all_together_have_a_limit(void **state)
{
	with_reading(reading);
	struct tree_builder builder = { .source = "it",
					.pool = reading.pool,
					.notes = &reading.notes,
					.err = &reading.err,
					.bytes = PACKAGE_BYTES_MAX - 10 };
	char *bytes;

	(void)state;
	assert_int_equal(tree_room(&builder, "a", 10, &bytes), 0);
	assert_int_equal(tree_room(&builder, "a", 1, &bytes), -E2BIG);
	assert_string_equal(reading.err.text, "it: the files have more than 2048 MiB together");
	assert_int_equal(tree_room(&builder, "a", UINT64_MAX, &bytes), -E2BIG);
	assert_string_equal(reading.err.text, "it: a has more than 512 MiB");
}

static void too_many_files_are_refused(void **state)
{
	cleanup_buffer struct buffer bytes = { 0 };
	struct thing *things = calloc(PACKAGE_FILES_MAX + 1, sizeof *things);
	char *names = calloc(PACKAGE_FILES_MAX + 1, 16);
	with_reading(reading);

	(void)state;
	assert_true(things && names);
	for (size_t i = 0; i <= PACKAGE_FILES_MAX; i++) {
		snprintf(names + 16 * i, 16, "%zu", i);
		things[i].path = names + 16 * i;
	}
	make_zip(things, PACKAGE_FILES_MAX + 1, &bytes);
	assert_int_equal(unpack(&reading, &bytes), -E2BIG);
	assert_string_equal(reading.err.text, "it: more than 40000 files");
	free(things);
	free(names);
}

/* 2^20 ways through twenty folders with two links each, and no file. */
static void links_that_multiply_are_refused(void **state)
{
	enum { LEVELS = 20 };
	static char names[2 * LEVELS][16], targets[LEVELS][16];
	struct thing things[2 * LEVELS] = { 0 };
	cleanup_buffer struct buffer bytes = { 0 };
	with_reading(reading);

	(void)state;
	for (size_t i = 0; i < LEVELS; i++) {
		snprintf(targets[i], sizeof targets[i], "../%zu", i + 1);
		for (size_t j = 0; j < 2; j++) {
			snprintf(names[2 * i + j], sizeof names[0], "%zu/%zu", i, j);
			things[2 * i + j] = (struct thing){ names[2 * i + j], targets[i], 0 };
		}
	}
	make_zip(things, 2 * LEVELS, &bytes);
	assert_int_equal(unpack(&reading, &bytes), -E2BIG);
	assert_string_equal(reading.err.text, "it: more than 80000 files and folders");
}

static void folders_that_nest_too_deep_are_left_out(void **state)
{
	cleanup_buffer struct buffer path = { 0 }, bytes = { 0 };
	with_scratch(scratch);
	with_reading(folder);
	with_reading(archive);
	struct thing things[] = { TEXT("a"), TEXT(NULL) };

	(void)state;
	for (int i = 0; i < 70; i++)
		buffer_puts(&path, "d/");
	buffer_puts(&path, "x");
	things[1].path = buffer_text(&path);
	put_in_folder(scratch.path, &things[0]);
	put_in_folder(scratch.path, &things[1]);
	make_zip(things, 2, &bytes);
	assert_int_equal(read_path(&folder, scratch.path), 0);
	assert_int_equal(unpack(&archive, &bytes), 0);
	assert_int_equal(folder.tree.count, 1);
	assert_int_equal(archive.tree.count, 1);
	assert_int_equal(folder.notes.count, 1);
	assert_int_equal(archive.notes.count, 1);
}

/* ---- looking for ---- */

static void a_range_is_what_lies_beneath(void **state)
{
	static const struct {
		const char *folder;
		size_t first, count;
	} ranges[] = {
		{ "a", 2, 3 }, { "a/b", 3, 1 }, { "", 0, 7 }, { "x", 7, 0 }, { "a/", 2, 0 }, { "b", 5, 0 },
	};
	struct package_file files[] = { { .path = "a"
						  "-" },
					{ .path = "a.x" },
					{ .path = "a/a" },
					{ .path = "a/b/c" },
					{ .path = "a/c" },
					{ .path = "a0" },
					{ .path = "b" } };
	const struct package_tree tree = { "it", files, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		size_t count = 99, first = package_tree_below(&tree, ranges[i].folder, &count);

		if (count != ranges[i].count || (count > 0 && first != ranges[i].first))
			fail_msg("\"%s\": %zu from %zu", ranges[i].folder, count, first);
	}
	for (size_t i = 0; i < 7; i++)
		assert_ptr_equal(package_tree_find(&tree, files[i].path), &files[i]);
	assert_null(package_tree_find(&tree, "a/b"));
	assert_null(package_tree_find(&tree, "zz"));
	assert_true(package_tree_has_folder(&tree, "a/b"));
	assert_false(package_tree_has_folder(&tree, "b"));
}

/* ---- writing ---- */

static const struct thing written[] = { RUNS("run"), TEXT("a/b/c"), TEXT("a/d"), TEXT("\xc3\xa9 -x") };

static size_t entries_in(const char *folder)
{
	size_t count = 0;
	char *const roots[] = { (char *)folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while ((entry = fts_read(tree)))
		count += entry->fts_info != FTS_DP;
	fts_close(tree);
	return count - 1;
}

static void what_is_written_reads_the_same(void **state)
{
	cleanup_buffer struct buffer bytes = { 0 }, first = { 0 }, second = { 0 };
	with_scratch(scratch);
	with_reading(reading);
	const char *archive = scratch_path(&scratch, "out.zip"), *folder = scratch_path(&scratch, "out");
	const char *files = "a/b/c a/d run* \xc3\xa9 -x";
	struct package_tree tree;

	(void)state;
	make_zip(written, 4, &bytes);
	assert_int_equal(unpack(&reading, &bytes), 0);
	tree = reading.tree;
	assert_int_equal(package_tree_pack(&tree, archive, &reading.err), 0);
	assert_int_equal(file_read_all(archive, 1 << 20, &first, &reading.err), 0);
	assert_int_equal(package_tree_pack(&tree, archive, &reading.err), 0);
	assert_int_equal(file_read_all(archive, 1 << 20, &second, &reading.err), 0);
	assert_int_equal(first.size, second.size);
	assert_memory_equal(first.data, second.data, first.size);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(package_tree_write(&tree, scratch_path(&scratch, "out/"), &reading.err), 0);
	assert_int_equal(read_path(&reading, archive), 0);
	expect_tree("archive", &reading, files, "");
	assert_int_equal(read_path(&reading, folder), 0);
	expect_tree("folder", &reading, files, "");
	assert_string_equal(reading.tree.files[0].bytes, "a/b/c");
	assert_int_equal(entries_in(scratch.path), 1 + 1 + 6);
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
	struct package_file files[] = { { "a", "x", 1, false }, { "a/b", "y", 1, false } };
	const struct package_tree good = { "it", files, 1 }, bad = { "it", files, 2 };
	with_scratch(scratch);
	struct error err;

	(void)state;
	assert_int_equal(mkdir(scratch_path(&scratch, "full"), 0700), 0);
	write_bytes(scratch_path(&scratch, "full/x"), "", 0, 0644);
	assert_int_equal(package_tree_write(&good, scratch_path(&scratch, "full"), &err), -EEXIST);
	assert_int_equal(package_tree_write(&good, scratch_path(&scratch, "full/x"), &err), -EEXIST);
	assert_int_equal(package_tree_write(&bad, scratch_path(&scratch, "new"), &err), -ENOTDIR);
	assert_true(package_tree_write(&good, scratch_path(&scratch, "none/new"), &err) < 0);
	assert_true(package_tree_pack(&good, scratch_path(&scratch, "none/new.zip"), &err) < 0);
	assert_true(package_tree_pack(&good, scratch_path(&scratch, "full"), &err) < 0);
	assert_int_equal(entries_in(scratch.path), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_what_is_in_it),
		cmocka_unit_test(an_archive_is_what_a_folder_is),
		cmocka_unit_test(the_one_folder_of_an_archive_is_not_part_of_it),
		cmocka_unit_test(links_share_the_bytes_they_lead_to),
		cmocka_unit_test(what_is_no_file_is_left_out),
		cmocka_unit_test(what_is_not_there_or_nothing_is_an_error),
		cmocka_unit_test(large_files_are_whole),
		cmocka_unit_test(a_spoilt_archive_is_refused),
		cmocka_unit_test(separators_of_windows_are_separators_there),
		cmocka_unit_test(an_archive_that_claims_what_is_not_so_is_refused),
		cmocka_unit_test(one_file_and_all_together_have_a_limit),
		cmocka_unit_test(too_many_files_are_refused),
		cmocka_unit_test(links_that_multiply_are_refused),
		cmocka_unit_test(folders_that_nest_too_deep_are_left_out),
		cmocka_unit_test(a_range_is_what_lies_beneath),
		cmocka_unit_test(what_is_written_reads_the_same),
		cmocka_unit_test(what_cannot_be_written_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
