/* Quarantine: bytes verbatim, index, names that follow the content, modes; and the list of inputs. */
#include "tests/unit/reader_fixture.h"

#include <dirent.h>
#include <sys/stat.h>

#include "pipeline/core/quarantine.h"

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void clean(const char *folder)
{
	char path[1024];
	DIR *stream = opendir(folder);
	struct dirent *entry;
	while (stream && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (unlink(path) != 0)
			clean(path);
	}
	if (stream)
		closedir(stream);
	rmdir(folder);
}

/* Quarantines the rejects of a text and returns how many files lie there afterwards; *bytes gets the .bin file's text. */
static size_t quarantine_text(const char *folder, const char *text, char *bytes, size_t room)
{
	struct sori_quarantine *quarantine;
	struct sori_error error;
	struct sori_input *input = sori_input_new("dump \xff.csv", "s");
	struct sori_batch *batch = sori_batch_new();
	batch->input = input;
	assert_int_equal(sori_quarantine_open(&quarantine, folder, &error), SORI_OK);
	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		struct sori_record *record = sori_batch_add(batch);
		record->raw = sori_view_make(at, strcspn(at, "\n") + 1);
		record->number = batch->count;
		sori_batch_reject(batch, record, SORI_REASON_COLUMNS);
		assert_int_equal(sori_quarantine_add(quarantine, batch, record, &error), SORI_OK);
	}
	assert_int_equal(sori_quarantine_finish(quarantine, &error), SORI_OK);
	sori_quarantine_close(quarantine);
	sori_batch_free(batch);
	sori_input_free(input);
	char path[512], file_path[1024];
	size_t files = 0;
	snprintf(path, sizeof path, "%s/quarantine", folder);
	DIR *stream = opendir(path);
	struct dirent *entry;
	struct stat info;
	assert_non_null(stream);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == '.' && (entry->d_name[1] == '\0' || entry->d_name[1] == '.'))
			continue;
		files++;
		snprintf(file_path, sizeof file_path, "%s/%s", path, entry->d_name);
		assert_int_equal(stat(file_path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
		if (!strstr(entry->d_name, ".bin"))
			continue;
		FILE *file = fopen(file_path, "rb");
		size_t length = fread(bytes, 1, room - 1, file);
		bytes[length] = '\0';
		fclose(file);
	}
	closedir(stream);
	return files;
}

static enum sori_status count_line(void *user, const char *set, struct sori_view line, struct sori_error *error)
{
	(void)error;
	struct sori_buffer *found = user;
	sori_buffer_add_text(found, set);
	sori_buffer_add_view(found, line);
	return SORI_OK;
}

static void the_index_leads_to_the_bytes(void **state)
{
	(void)state;
	char folder[] = "/tmp/sori-test-XXXXXX", bytes[256] = "", set[17];
	struct sori_buffer found;
	struct sori_error error;
	assert_non_null(mkdtemp(folder));
	sori_buffer_init(&found, 65536);
	assert_int_equal(sori_quarantine_each(folder, count_line, &found, &error), SORI_OK);
	assert_int_equal(found.length, 0);
	quarantine_text(folder, "1,a\n2222\n", bytes, sizeof bytes);
	assert_int_equal(sori_quarantine_each(folder, count_line, &found, &error), SORI_OK);
	sori_buffer_add_byte(&found, '\0');
	assert_non_null(strstr(found.at, "\"file\":\"dump \\\\xff.csv\""));
	assert_non_null(strstr(found.at, "\"length\":5,\"offset\":4,"));
	assert_non_null(strstr(found.at, "\"reason\":\"columns\""));
	memcpy(set, found.at, 16);
	set[16] = '\0';
	sori_buffer_reset(&found);
	assert_int_equal(sori_quarantine_bytes(folder, set, 4, 5, &found, &error), SORI_OK);
	assert_memory_equal(found.at, "2222\n", 5);
	assert_int_equal(sori_quarantine_bytes(folder, set, 4, 50, &found, &error), SORI_DATA);
	sori_buffer_release(&found);
	clean(folder);
}

static void bytes_are_verbatim_and_names_repeat(void **state)
{
	(void)state;
	char folder[] = "/tmp/sori-test-XXXXXX", bytes[256] = "";
	assert_non_null(mkdtemp(folder));
	assert_int_equal(quarantine_text(folder, "", bytes, sizeof bytes), 0);
	assert_int_equal(quarantine_text(folder, "1,a\"\xff\n2\n", bytes, sizeof bytes), 2);
	assert_string_equal(bytes, "1,a\"\xff\n2\n");
	assert_int_equal(quarantine_text(folder, "1,a\"\xff\n2\n", bytes, sizeof bytes), 2); /* the same run again */
	assert_int_equal(quarantine_text(folder, "3,other\n", bytes, sizeof bytes), 4);
	clean(folder);
}

static void folders_become_inputs_in_byte_order(void **state)
{
	(void)state;
	char folder[] = "/tmp/sori-test-XXXXXX", path[512], link_path[512];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/sub", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(folder, "b.csv", "x");
	write_file(folder, "B.csv", "x");
	write_file(folder, ".hidden.csv", "x");
	write_file(path, "a.csv", "x");
	snprintf(path, sizeof path, "%s/b.csv", folder);
	snprintf(link_path, sizeof link_path, "%s/link.csv", folder);
	assert_int_equal(symlink(path, link_path), 0);
	snprintf(path, sizeof path, "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	struct sori_input_list list = {0};
	struct sori_error error;
	const char *operands[] = {folder, folder};
	assert_int_equal(sori_inputs_expand(operands, 2, NULL, &list, &error), SORI_OK);
	static const char *const expected[] = {"/B.csv", "/b.csv", "/link.csv", "/sub/a.csv"};
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(list.inputs[i]->path + strlen(folder), expected[i]);
		assert_string_equal(list.inputs[i]->source, folder + strlen("/tmp/"));
		assert_int_equal(list.inputs[i]->index, i);
	}
	sori_inputs_release(&list);
	const char *fifo[] = {path};
	assert_int_equal(sori_inputs_expand(fifo, 1, NULL, &list, &error), SORI_NO_INPUT);
	sori_inputs_release(&list);
	const char *nothing[] = {"/nonexistent-dump"};
	assert_int_equal(sori_inputs_expand(nothing, 1, NULL, &list, &error), SORI_NO_INPUT);
	sori_inputs_release(&list);
	clean(folder);
}

/* Root may list every folder: there the test goes by another user. */
static void a_folder_that_cannot_be_listed_is_refused_alone(void **state)
{
	(void)state;
	char folder[] = "/tmp/sori-test-XXXXXX", path[512], other[512];
	bool root = geteuid() == 0;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	snprintf(path, sizeof path, "%s/closed", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(path, "a.csv", "x");
	write_file(folder, "b.csv", "x");
	snprintf(other, sizeof other, "%s/b.csv", folder);
	assert_int_equal(chmod(path, 0), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	struct sori_input_list within = {0}, alone = {0}, beside = {0};
	struct sori_error error;
	const char *operands[] = {folder}, *closed[] = {path, other};
	enum sori_status all = sori_inputs_expand(operands, 1, NULL, &within, &error);
	enum sori_status one = sori_inputs_expand(closed, 1, NULL, &alone, &error);
	enum sori_status two = sori_inputs_expand(closed, 2, NULL, &beside, &error);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(all, SORI_OK);
	assert_int_equal(within.count, 2);
	assert_false(within.inputs[0]->refused);
	assert_string_equal(within.inputs[1]->path, path);
	assert_true(within.inputs[1]->refused);
	assert_int_equal(within.inputs[1]->failure, SORI_PERMISSION);
	assert_string_equal(within.inputs[1]->problem, "cannot be listed: Permission denied");
	assert_int_equal(one, SORI_PERMISSION);
	assert_int_equal(two, SORI_OK);
	assert_int_equal(beside.count, 2);
	assert_true(beside.inputs[1]->refused);
	sori_inputs_release(&within);
	sori_inputs_release(&alone);
	sori_inputs_release(&beside);
	clean(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_leads_to_the_bytes),
		cmocka_unit_test(bytes_are_verbatim_and_names_repeat),
		cmocka_unit_test(folders_become_inputs_in_byte_order),
		cmocka_unit_test(a_folder_that_cannot_be_listed_is_refused_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
