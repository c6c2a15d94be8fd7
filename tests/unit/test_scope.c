/* tests/spec/scope.txt: every line's hits and tags. */
#include "extract_helper.h"

static char *read_spec(void)
{
	FILE *file = fopen(SORI_SOURCE_DIR "/tests/spec/scope.txt", "rb");
	assert_non_null(file);
	char *text = calloc(1, 1 << 18);
	assert_non_null(text);
	size_t length = fread(text, 1, (1 << 18) - 1, file);
	assert_true(length > 0 && length < (1 << 18) - 1);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void test_spec(void **state)
{
	(void)state;
	struct matching x = {0};
	char *spec = read_spec(), *cases = strstr(spec, "===\n");
	assert_non_null(cases);
	*cases = '\0';
	matching_open(&x, spec);
	unsigned wrong = 0, count = 0;
	char *save = NULL;
	for (char *line = strtok_r(cases + 4, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *text = strstr(line, " | ");
		if (line[0] == '#' || !text)
			continue;
		*text = '\0';
		text += 3;
		count++;
		const char *got = matching_line(&x, text, false);
		if (strcmp(got, line) != 0) {
			print_error("%s: want %s, got %s\n", text, line, got);
			wrong++;
		}
	}
	assert_true(count > 70);
	assert_int_equal(wrong, 0);
	matching_close(&x);
	free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_spec)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
