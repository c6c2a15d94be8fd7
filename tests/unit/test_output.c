/* Output files appear whole, together, or not at all. */
#include "tests/unit/report_fixture.h"

#include <sys/stat.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/output.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/sori-output-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* fails when a temporary file is left */
}

static bool exists(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static void drop(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static void invisible_until_published(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output *output;
	assert_int_equal(sori_output_open(&output, folder, "a.txt", false, 0, &error), SORI_OK);
	assert_int_equal(sori_output_write(output, SORI_VIEW_LITERAL("소리\n"), &error), SORI_OK);
	assert_int_equal(sori_output_finish(output, &error), SORI_OK);
	assert_false(exists("a.txt"));
	assert_int_equal(sori_output_publish(output, &error), SORI_OK);
	sori_output_close(output);
	char *text = fixture_read(folder, "a.txt");
	assert_string_equal(text, "소리\n");
	free(text);
	struct stat info;
	char path[256];
	snprintf(path, sizeof path, "%s/a.txt", folder);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07137, 0); /* at most rw-r----- */
	drop("a.txt");
}

static void unpublished_leaves_the_old_file(void **state)
{
	(void)state;
	struct sori_error error = {0};
	for (int round = 0; round < 2; round++) {
		struct sori_output *output;
		assert_int_equal(sori_output_open(&output, folder, "a.txt", false, 0, &error), SORI_OK);
		assert_int_equal(sori_output_write(output, round ? SORI_VIEW_LITERAL("new") : SORI_VIEW_LITERAL("old"), &error),
				 SORI_OK);
		assert_int_equal(sori_output_finish(output, &error), SORI_OK);
		if (round == 0)
			assert_int_equal(sori_output_publish(output, &error), SORI_OK);
		sori_output_close(output);
	}
	char *text = fixture_read(folder, "a.txt");
	assert_string_equal(text, "old");
	free(text);
	drop("a.txt");
}

static void long_data_in_any_pieces(void **state)
{
	(void)state;
	struct sori_error error = {0};
	size_t length = 1000003;
	char *data = malloc(length + 1), *all[4];
	assert_non_null(data);
	for (size_t i = 0; i < length; i++)
		data[i] = (char)('a' + i * i / 7 % 26);
	data[length] = '\0';
	static const size_t pieces[] = {1000003, 7, 65536, 131072};
	for (int way = 0; way < 4; way++) {
		struct sori_output *output;
		bool gzip = way < 2;
		assert_int_equal(sori_output_open(&output, folder, "b", gzip, gzip ? 1 : 0, &error), SORI_OK);
		for (size_t at = 0; at < length; at += pieces[way])
			assert_int_equal(sori_output_write(output, sori_view_slice(sori_view_make(data, length), at, pieces[way]),
							   &error), SORI_OK);
		assert_int_equal(sori_output_finish(output, &error), SORI_OK);
		assert_int_equal(sori_output_publish(output, &error), SORI_OK);
		sori_output_close(output);
		all[way] = fixture_read(folder, "b");
		assert_string_equal(all[way], data);
		free(all[way]);
		drop("b");
	}
	free(data);
}

static void gzip_header_is_bare(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output *output;
	assert_int_equal(sori_output_open(&output, folder, "c.gz", true, 0, &error), SORI_OK);
	assert_int_equal(sori_output_write(output, SORI_VIEW_LITERAL("x"), &error), SORI_OK);
	assert_int_equal(sori_output_finish(output, &error), SORI_OK);
	assert_int_equal(sori_output_publish(output, &error), SORI_OK);
	sori_output_close(output);
	unsigned char head[10];
	char path[256];
	snprintf(path, sizeof path, "%s/c.gz", folder);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
	fclose(file);
	static const unsigned char wanted[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
	assert_memory_equal(head, wanted, sizeof head);
	drop("c.gz");
}

static void second_writer_is_told(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output *one, *two;
	assert_int_equal(sori_output_open(&one, folder, "d", false, 0, &error), SORI_OK);
	assert_int_equal(sori_output_open(&two, folder, "d", false, 0, &error), SORI_BUSY);
	assert_true(exists(".d.tmp")); /* the first writer's file is untouched */
	sori_output_close(one);
	assert_false(exists(".d.tmp"));
}

static void links_are_not_followed(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output *output;
	char link_path[256], victim[256];
	snprintf(link_path, sizeof link_path, "%s/.e.tmp", folder);
	snprintf(victim, sizeof victim, "%s/victim", folder);
	FILE *file = fopen(victim, "w");
	assert_non_null(file);
	fputs("keep", file);
	fclose(file);
	assert_int_equal(symlink(victim, link_path), 0);
	assert_int_not_equal(sori_output_open(&output, folder, "e", false, 0, &error), SORI_OK);
	unlink(link_path);
	assert_int_equal(link(victim, link_path), 0);
	assert_int_equal(sori_output_open(&output, folder, "e", false, 0, &error), SORI_OK);
	sori_output_close(output);
	char *text = fixture_read(folder, "victim");
	assert_string_equal(text, "keep");
	free(text);
	drop("victim");
}

static void set_appears_together(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output_set *set = sori_output_set_new(folder);
	struct sori_output *one, *two;
	assert_int_equal(sori_output_set_open(set, "one", false, 0, &one, &error), SORI_OK);
	assert_int_equal(sori_output_set_open(set, "two", true, 0, &two, &error), SORI_OK);
	assert_int_equal(sori_output_finish(one, &error), SORI_OK);
	assert_false(exists("one"));
	assert_string_equal(sori_output_set_name(set, 1), "two");
	assert_null(sori_output_set_name(set, 2));
	assert_int_equal(sori_output_set_publish(set, &error), SORI_OK);
	sori_output_set_free(set);
	assert_true(exists("one") && exists("two"));
	drop("one");
	drop("two");
}

static void missing_folder_is_named(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output *output;
	assert_int_not_equal(sori_output_open(&output, "/tmp/sori-no-such-folder", "x", false, 0, &error), SORI_OK);
	assert_non_null(strstr(error.text, "/tmp/sori-no-such-folder"));
	assert_null(output);
}

static void full_device_is_an_error(void **state)
{
	(void)state;
	struct sori_error error = {0};
	struct sori_output *output;
	char path[256];
	assert_int_equal(sori_output_open(&output, folder, "f", false, 0, &error), SORI_OK);
	/* the same descriptor now leads to a device that is always full */
	snprintf(path, sizeof path, "%s/.f.tmp", folder);
	struct stat wanted, found;
	assert_int_equal(stat(path, &wanted), 0);
	int full = -1;
	FILE *device = fopen("/dev/full", "w");
	assert_non_null(device);
	for (int fd = 3; fd < 64; fd++)
		if (fstat(fd, &found) == 0 && found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev)
			full = dup2(fileno(device), fd);
	assert_true(full >= 0);
	assert_int_equal(sori_output_write(output, SORI_VIEW_LITERAL("x"), &error), SORI_OK);
	assert_int_equal(sori_output_finish(output, &error), SORI_IO);
	sori_output_close(output);
	fclose(device);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	struct sori_error error = {0};
	bool finished = false;
	for (uint64_t n = 1; n < 40 && !finished; n++) {
		struct sori_output *output = NULL;
		sori_memory_fail_after(n, 0);
		struct sori_output_set *set = sori_output_set_new(folder);
		finished = set && sori_output_set_open(set, "g.gz", true, 0, &output, &error) == SORI_OK;
		sori_memory_fail_after(0, 0);
		sori_output_set_free(set);
	}
	assert_true(finished);
}

static void folders_with_parents(void **state)
{
	(void)state;
	struct sori_error error = {0};
	char path[256];
	snprintf(path, sizeof path, "%s/x/y/", folder);
	assert_int_equal(sori_make_folder(path, 0750, &error), SORI_OK);
	assert_int_equal(sori_make_folder(path, 0750, &error), SORI_OK);
	assert_true(exists("x/y"));
	assert_int_not_equal(sori_make_folder("/dev/null/x", 0750, &error), SORI_OK);
	assert_int_not_equal(sori_make_folder("", 0750, &error), SORI_OK);
	snprintf(path, sizeof path, "%s/x/y", folder);
	rmdir(path);
	snprintf(path, sizeof path, "%s/x", folder);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invisible_until_published), cmocka_unit_test(unpublished_leaves_the_old_file),
		cmocka_unit_test(long_data_in_any_pieces),   cmocka_unit_test(gzip_header_is_bare),
		cmocka_unit_test(second_writer_is_told),     cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(set_appears_together),	     cmocka_unit_test(missing_folder_is_named),
		cmocka_unit_test(full_device_is_an_error),   cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(folders_with_parents)};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
