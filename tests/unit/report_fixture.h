/* The invented store of report_store.sql in memory, and files read back, for the tests of the reports. */
#ifndef SORI_TESTS_REPORT_FIXTURE_H
#define SORI_TESTS_REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <zlib.h>

#include "pipeline/core/report.h"
#include "tests/unit/sql_fixture.h"

extern const struct sori_reporter sori_reporter_html, sori_reporter_json, sori_reporter_csv, sori_reporter_xml,
	sori_reporter_prom;

/* The whole file, inflated when it is gzip, NUL-terminated; freed by the caller. */
static inline char *fixture_read(const char *folder, const char *name)
{
	char path[512];
	size_t length = 0, capacity = 1 << 16;
	char *text = malloc(capacity);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	gzFile file = gzopen(path, "rb");
	assert_non_null(file);
	assert_non_null(text);
	for (int got; (got = gzread(file, text + length, (unsigned)(capacity - length - 1))) > 0;) {
		length += (size_t)got;
		if (capacity - length < 4096) {
			text = realloc(text, capacity *= 2);
			assert_non_null(text);
		}
	}
	assert_int_equal(gzclose(file), Z_OK);
	text[length] = '\0';
	return text;
}

/* empty: the tables without rows. */
static inline sqlite3 *fixture_store(int empty)
{
	sqlite3 *database;
	char *sql = fixture_read(SORI_SOURCE_DIR "/tests/unit", "report_store.sql");
	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	sql_run(database, sql);
	free(sql);
	if (empty)
		sql_run(database, "DELETE FROM daily; DELETE FROM cell; DELETE FROM category; DELETE FROM input; "
				      "DELETE FROM sample; DELETE FROM dictionary; DELETE FROM run");
	return database;
}

static inline struct sori_report_model *fixture_model(sqlite3 *database, const struct sori_report_query *query)
{
	struct sori_report_query standard;
	struct sori_report_model *model;
	struct sori_error error = {0};
	sori_report_query_init(&standard);
	if (sori_report_model_load(&model, database, query ? query : &standard, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return model;
}

/* Writes one report into a new folder and publishes it; the caller removes the folder with fixture_remove. */
static inline void fixture_write(const struct sori_report_model *model, const struct sori_reporter *reporter,
				 const struct sori_settings *settings, char folder[64])
{
	const struct sori_reporter *const reporters[] = {reporter, NULL};
	struct sori_error error = {0};
	strcpy(folder, "/tmp/sori-report-XXXXXX");
	assert_non_null(mkdtemp(folder));
	struct sori_output_set *outputs = sori_output_set_new(folder);
	assert_non_null(outputs);
	if (sori_report_write_all(model, reporters, outputs, settings, &error) != SORI_OK)
		fail_msg("%s", error.text);
	assert_int_equal(sori_output_set_publish(outputs, &error), SORI_OK);
	sori_output_set_free(outputs);
}

static inline void fixture_remove(const char *folder, const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

#endif
