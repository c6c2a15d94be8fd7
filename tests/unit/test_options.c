/* Settings: types, bounds, unknown keys, the YAML file, the hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/core/options.h"

static const struct sori_option table[] = {
	{"limit", SORI_OPTION_INTEGER, "10", 1, 100, NULL, "a number"},
	{"share", SORI_OPTION_REAL, "0.5", 0, 1, NULL, "a share"},
	{"mode", SORI_OPTION_CHOICE, "fast", 0, 0, "fast|exact", "how"},
	{"keep", SORI_OPTION_BOOL, NULL, 0, 0, NULL, "whether"},
	{"names", SORI_OPTION_TEXT, NULL, 0, 0, NULL, "some names"},
	{0},
};

static struct sori_settings *fresh(void)
{
	struct sori_settings *settings = sori_settings_new();
	struct sori_error error;

	assert_non_null(settings);
	assert_int_equal(sori_settings_declare(settings, "normalize", table, &error), SORI_OK);
	assert_int_equal(sori_settings_declare(settings, "report_csv", table, &error), SORI_OK);
	return settings;
}

static void test_values(void **state)
{
	struct sori_settings *settings = fresh();
	struct sori_error error;

	(void)state;
	assert_int_equal(sori_settings_integer(settings, "normalize", "limit"), 10);
	assert_false(sori_settings_bool(settings, "normalize", "keep"));
	assert_null(sori_settings_text(settings, "normalize", "names"));
	assert_int_equal(sori_settings_set(settings, "normalize", "limit", "100", &error), SORI_OK);
	assert_int_equal(sori_settings_integer(settings, "normalize", "limit"), 100);
	assert_int_equal(sori_settings_set(settings, "normalize", "limit", "101", &error), SORI_CONFIG);
	assert_int_equal(sori_settings_set(settings, "normalize", "limit", "1x", &error), SORI_CONFIG);
	assert_int_equal(sori_settings_set(settings, "normalize", "mode", "fas", &error), SORI_CONFIG);
	assert_int_equal(sori_settings_set(settings, "normalize", "mode", "exact", &error), SORI_OK);
	assert_int_equal(sori_settings_set(settings, "normalize", "keep", "perhaps", &error), SORI_CONFIG);
	assert_int_equal(sori_settings_set(settings, "normalize", "keep", "yes", &error), SORI_OK);
	assert_true(sori_settings_bool(settings, "normalize", "keep"));
	sori_settings_free(settings);
}

static void test_unknown(void **state)
{
	struct sori_settings *settings = fresh();
	struct sori_error error;

	(void)state;
	assert_int_equal(sori_settings_set(settings, "normalise", "limit", "1", &error), SORI_CONFIG);
	assert_non_null(strstr(error.text, "did you mean 'normalize'"));
	assert_int_equal(sori_settings_set(settings, "normalize", "limt", "1", &error), SORI_CONFIG);
	assert_non_null(strstr(error.text, "did you mean 'limit'"));
	sori_settings_free(settings);
}

static enum sori_status read_text(struct sori_settings *settings, const char *text, struct sori_error *error)
{
	char path[] = "/tmp/sori-test-options-XXXXXX";
	int descriptor = mkstemp(path);
	enum sori_status status;

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	close(descriptor);
	status = sori_settings_read_yaml(settings, path, error);
	unlink(path);
	return status;
}

static void test_yaml(void **state)
{
	struct sori_settings *settings = fresh();
	struct sori_error error;

	(void)state;
	assert_int_equal(read_text(settings, "# nothing\n", &error), SORI_OK);
	assert_int_equal(read_text(settings, "normalize:\n  limit: 7\n  names:\n    - a\n    - b\nreport_csv:\n", &error), SORI_OK);
	assert_int_equal(sori_settings_integer(settings, "normalize", "limit"), 7);
	assert_string_equal(sori_settings_text(settings, "normalize", "names"), "a\nb");
	assert_int_equal(read_text(settings, "normalize:\n  limit: 7\n  lmit: 8\n", &error), SORI_CONFIG);
	assert_int_equal(error.line, 3);
	assert_int_equal(read_text(settings, "normalize:\n  limit: [1, [2]]\n", &error), SORI_CONFIG);
	assert_int_equal(read_text(settings, "normalize:\n  limit:\n    deep: 1\n", &error), SORI_CONFIG);
	assert_int_equal(read_text(settings, "normalize: {limit: 8\n", &error), SORI_CONFIG);
	assert_int_equal(sori_settings_read_yaml(settings, "/nonexistent/sori.yaml", &error) == SORI_OK, 0);
	sori_settings_free(settings);
}

static void test_hash(void **state)
{
	struct sori_settings *a = fresh(), *b = fresh();
	struct sori_error error;
	uint64_t before = sori_settings_hash(a);

	(void)state;
	assert_true(before == sori_settings_hash(b));
	assert_int_equal(sori_settings_set(b, "report_csv", "limit", "3", &error), SORI_OK);
	assert_true(before == sori_settings_hash(b)); /* how a report looks changes no count */
	assert_int_equal(sori_settings_set(b, "normalize", "limit", "3", &error), SORI_OK);
	assert_false(before == sori_settings_hash(b));
	sori_settings_free(a);
	sori_settings_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_hash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
