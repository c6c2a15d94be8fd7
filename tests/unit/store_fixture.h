/* A small night's run without readers: rows are put into batches, identified and aggregated by the real stages, merged by
 * the real store. For the tests of the store and of the stages around it. */
#ifndef SORI_TESTS_STORE_FIXTURE_H
#define SORI_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/identities.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/stage.h"
#include "pipeline/core/store.h"
#include "tests/unit/sql_fixture.h"

extern const struct sori_stage sori_stage_identify, sori_stage_aggregate;

static const struct sori_category fixture_categories[] = {
	{.id = "app.crash", .ko = "앱 종료", .en = "crash", .owner = "app", .severity = 4},
	{.id = "delivery.late", .ko = "배송 지연", .en = "late", .owner = "log", .severity = 3},
	{.id = "staff.kind", .ko = "친절", .en = "kind staff", .owner = "hr", .praise = true},
};

struct fixture_row {
	const char *id, *text, *date, *product, *updated, *author;
	unsigned categories; /* bits */
};

struct fixture_file {
	const char *name;
	const struct fixture_row *rows;
	size_t count;
	bool refused;
	uint64_t rejected;
	const char *bytes; /* content of the file, NULL: its name */
};

struct fixture {
	char folder[64];
	char store[96];
};

struct fixture_result {
	enum sori_status status;
	bool changed;
	struct sori_identities identities;
	struct sori_input inputs[8];
	char paths[8][128];
	struct sori_error error;
};

static inline void fixture_make(struct fixture *fixture)
{
	(void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/sori-store-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->store, sizeof fixture->store, "%s/store.db", fixture->folder);
}

static inline void fixture_remove(const struct fixture *fixture)
{
	char command[128];

	(void)snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
	assert_int_equal(system(command), 0);
}

static inline bool fixture_fill(struct sori_batch *batch, const struct fixture_row *rows, size_t count, uint64_t first)
{
	sori_batch_reset(batch);
	for (size_t i = 0; i < count; i++) {
		struct sori_record *record = sori_batch_add(batch);

		if (!record)
			return false;
		record->number = first + i + 1;
		record->field[SORI_ROLE_ID] = sori_view_of(rows[i].id);
		record->field[SORI_ROLE_TEXT] = sori_view_of(rows[i].text);
		record->field[SORI_ROLE_DATE] = sori_view_of(rows[i].date);
		record->field[SORI_ROLE_PRODUCT] = sori_view_of(rows[i].product);
		record->field[SORI_ROLE_UPDATED] = sori_view_of(rows[i].updated);
		record->field[SORI_ROLE_AUTHOR] = sori_view_of(rows[i].author);
		record->norm_start = (uint32_t)batch->normalized.length;
		sori_buffer_add_text(&batch->normalized, rows[i].text);
		record->norm_length = (uint32_t)(batch->normalized.length - record->norm_start);
		record->categories[0] = rows[i].categories;
	}
	return !batch->normalized.failed;
}

/* `threads` locals take the batches of `batch_size` records in turn. */
static inline enum sori_status fixture_feed(struct sori_store *store, struct sori_input *input,
					    const struct fixture_file *file, unsigned threads, size_t batch_size,
					    struct sori_error *error)
{
	struct sori_context context = {.store = store, .threads = threads};
	void *identify = NULL, *aggregate = NULL, *identify_local[4] = {NULL}, *aggregate_local[4] = {NULL};
	struct sori_batch *batch = sori_batch_new();
	enum sori_status status = batch ? sori_stage_identify.open(&identify, &context, error) : SORI_SYSTEM;

	if (status == SORI_OK)
		status = sori_stage_aggregate.open(&aggregate, &context, error);
	for (unsigned i = 0; i < threads && status == SORI_OK; i++) {
		status = sori_stage_identify.open_local(identify, &identify_local[i], error);
		if (status == SORI_OK)
			status = sori_stage_aggregate.open_local(aggregate, &aggregate_local[i], error);
	}
	for (size_t at = 0, turn = 0; at < file->count && status == SORI_OK; at += batch_size, turn++) {
		size_t take = file->count - at < batch_size ? file->count - at : batch_size;

		status = fixture_fill(batch, file->rows + at, take, at) ? SORI_OK : SORI_SYSTEM;
		batch->input = input;
		if (status == SORI_OK)
			status = sori_stage_identify.run(identify, identify_local[turn % threads], batch, error);
		if (status == SORI_OK)
			status = sori_stage_aggregate.run(aggregate, aggregate_local[turn % threads], batch, error);
	}
	for (unsigned i = 0; i < threads; i++) {
		unsigned k = threads - 1 - i; /* merging order must not matter */

		if (status == SORI_OK)
			status = sori_stage_aggregate.merge(aggregate, aggregate_local[k], error);
		sori_stage_identify.close_local(identify_local[k]);
		sori_stage_aggregate.close_local(aggregate_local[k]);
	}
	sori_stage_identify.close(identify);
	sori_stage_aggregate.close(aggregate);
	sori_batch_free(batch);
	return status;
}

static inline void fixture_input(struct fixture_result *result, const struct fixture *fixture, size_t index,
				 const struct fixture_file *file)
{
	struct sori_input *input = &result->inputs[index];
	FILE *out;

	(void)snprintf(result->paths[index], sizeof result->paths[index], "%s/%s", fixture->folder, file->name);
	out = fopen(result->paths[index], "wb");
	assert_non_null(out);
	assert_true(fputs(file->bytes ? file->bytes : file->name, out) >= 0);
	assert_int_equal(fclose(out), 0);
	*input = (struct sori_input){.path = result->paths[index], .source = (char *)(uintptr_t)"test", .format_name = "csv",
				     .encoding = SORI_ENCODING_UTF8, .delimiter = ',', .date_style = SORI_DATE_YMD,
				     .zone_minutes = 540};
}

static inline enum sori_status fixture_counts(struct sori_input *input, const struct fixture_file *file)
{
	struct sori_error error;
	struct sori_input_counts *counts = &input->counts;

	enum sori_status status = sori_store_hash_file(input->path, &input->hash, &input->bytes, &error);

	input->refused = file->refused;
	counts->read = file->count + file->rejected;
	counts->rejected = file->rejected;
	counts->by_reason[SORI_REASON_COLUMNS] = file->rejected;
	counts->header = 1;
	counts->seen = counts->read + 1;
	counts->span_bytes = counts->decoded_bytes = 100;
	return status;
}

/* One whole run; the store is opened and closed. */
static inline void fixture_run(const struct fixture *fixture, const struct fixture_file *files, size_t count,
			       unsigned version, unsigned threads, size_t batch_size, struct fixture_result *result)
{
	const struct sori_catalog catalog = {.categories = fixture_categories, .count = 3, .hash = {version, 7}};
	struct sori_input *inputs[8];
	struct sori_run run = {.inputs = inputs, .input_count = count, .catalog = &catalog, .config = 1,
			       .as_of = SORI_DAY_NONE, .threads = threads};
	struct sori_store *store = NULL;

	memset(result, 0, sizeof *result);
	for (size_t i = 0; i < count; i++) {
		fixture_input(result, fixture, i, &files[i]);
		inputs[i] = &result->inputs[i];
	}
	result->status = sori_store_open(&store, fixture->store, true, &result->error);
	if (result->status == SORI_OK)
		result->status = sori_store_begin(store, &run, &result->error);
	for (size_t i = 0; i < count && result->status == SORI_OK; i++) {
		if (inputs[i]->known)
			continue;
		result->status = fixture_feed(store, inputs[i], &files[i], threads, batch_size, &result->error);
		if (result->status == SORI_OK)
			result->status = fixture_counts(inputs[i], &files[i]);
	}
	if (result->status == SORI_OK)
		result->status = sori_store_finish(store, &result->identities, &result->changed, &result->error);
	if (store && sori_store_close(store, &(struct sori_error){.line = 0}) != SORI_OK)
		result->status = SORI_INTERNAL;
}

/* The restored strings of known inputs are the caller's; here the inputs are on the stack. */
static inline void fixture_release(struct fixture_result *result)
{
	for (size_t i = 0; i < 8; i++) {
		for (size_t role = 0; role < SORI_ROLE_COUNT; role++)
			sori_free(result->inputs[i].column[role]);
		for (size_t dim = 0; dim < 3; dim++)
			sori_free(result->inputs[i].dim_label[dim]);
		sori_free(result->inputs[i].date_pattern);
	}
}

static inline int64_t fixture_number(const struct fixture *fixture, const char *sql)
{
	sqlite3 *database;
	int64_t number;

	assert_int_equal(sqlite3_open_v2(fixture->store, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	number = sql_number(database, sql);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	return number;
}

/* Every row of every table as text: the logical content. Caller frees with free. */
static inline char *fixture_dump(const struct fixture *fixture)
{
	static const char *const tables[] = {"meta", "dictionary", "category", "cell", "daily", "run", "input",
					     "sample", "fact", "category_set"};
	char *text = NULL, *copy;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	sqlite3 *database;

	assert_int_equal(sqlite3_open_v2(fixture->store, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		sqlite3_stmt *statement;
		char sql[64];

		(void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", tables[i]);
		assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
		while (sqlite3_step(statement) == SQLITE_ROW) {
			(void)fprintf(out, "%s", tables[i]);
			for (int k = 0; k < sqlite3_column_count(statement); k++) {
				const unsigned char *at = sqlite3_column_blob(statement, k);

				(void)fputc('|', out);
				if (sqlite3_column_type(statement, k) == SQLITE_BLOB)
					for (int b = 0; b < sqlite3_column_bytes(statement, k); b++)
						(void)fprintf(out, "%02x", at[b]);
				else if (at)
					(void)fprintf(out, "%s", (const char *)sqlite3_column_text(statement, k));
			}
			(void)fputc('\n', out);
		}
		sqlite3_finalize(statement);
	}
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	assert_int_equal(fclose(out), 0);
	copy = strdup(text);
	free(text);
	assert_non_null(copy);
	return copy;
}

#endif
