/* A run from begin to commit.
 *
 *   begin    known inputs are recalled from the ledger; collectors for the others
 *   finish   ledger numbers -> maps -> merge of all partitions -> daily, samples, ledger, run -> identities -> commit
 *
 * Accounting. Every document in the store is owned by the input that brought it in force; per input, accepted less
 * replaced is what it added to the store, and the sum over the ledger is the number of documents (I6). For an input seen
 * for the first time, `replaced` counts its records that met another version of their document. An input that is counted
 * again (new dictionary or configuration) keeps its row and number, its old facts are void, and `replaced` is what makes
 * its row agree with what the store holds now. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_blob.h"
#include "pipeline/core/store_internal.h"

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

/* Hashing a file that the ledger cannot know would read it twice for nothing: sizes first. */
static enum sori_status size_is_known(struct sori_store *store, uint64_t bytes, bool *known, struct sori_error *error)
{
	char sql[96];
	int64_t count = 0;
	enum sori_status status;

	(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM input WHERE bytes = %llu", (unsigned long long)bytes);
	status = sori_sql_number(store->database, sql, &count, error);
	*known = count > 0;
	return status;
}

static enum sori_status recall(struct sori_store *store, struct sori_input *input, struct sori_error *error)
{
	struct stat about;
	bool known = false;
	enum sori_status status;

	/* What cannot be read is for the reader to report. */
	if (input->refused || strcmp(input->path, "-") == 0 || stat(input->path, &about) != 0 || !S_ISREG(about.st_mode))
		return SORI_OK;
	status = size_is_known(store, (uint64_t)about.st_size, &known, error);
	if (status != SORI_OK || !known)
		return status;
	if (sori_store_hash_file(input->path, &input->hash, &input->bytes, error) != SORI_OK)
		return SORI_OK;
	status = sori_ledger_recall(store, input, false, &input->known, error);
	return status == SORI_OK && !input->known ? sori_ledger_elsewhere(store, input, error) : status;
}

enum sori_status sori_store_begin(struct sori_store *store, const struct sori_run *run, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (!store->write || store->begun)
		return sori_fail(error, SORI_INTERNAL, "a run begins on a store opened for writing, once");
	store->run = *run;
	for (size_t i = 0; i < run->input_count && status == SORI_OK; i++) {
		run->inputs[i]->index = (uint32_t)i;
		run->inputs[i]->known = false;
		status = recall(store, run->inputs[i], error);
	}
	if (status != SORI_OK)
		return status;
	store->cells = sori_cells_new();
	store->facts = sori_facts_new(store->folder, run->threads);
	store->samples = sori_samples_new(run->catalog);
	store->voices = sori_voices_new();
	store->similar = sori_similar_heap_new(store->folder);
	store->begun = store->cells && store->facts && store->samples && store->voices && store->similar;
	return store->begun ? SORI_OK : no_memory(error);
}

/* An input whose hash was known only after reading (standard input), or which is refused again just as before, changes
 * nothing either. */
static enum sori_status recall_late(struct sori_store *store, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < store->run.input_count && status == SORI_OK; i++) {
		struct sori_input *input = store->run.inputs[i];

		if (input->known || (input->refused && input->bytes == 0))
			continue;
		status = sori_ledger_recall(store, input, input->refused, &input->known, error);
	}
	return status;
}

/* The ledger row of each input that counts; inputs of one content and source take different rows. */
static enum sori_status number_inputs(struct sori_merge *merge, struct sori_error *error)
{
	struct sori_store *store = merge->store;
	const struct sori_run *run = &store->run;
	int64_t last = 0;
	enum sori_status status = sori_sql_number(store->database, "SELECT max(input) FROM input", &last, error);

	merge->number_limit = (size_t)last + run->input_count + 1;
	merge->index_of = sori_arena_zero(&merge->arena, merge->number_limit, sizeof *merge->index_of);
	if (!merge->index_of)
		return no_memory(error);
	for (size_t i = 0; i < run->input_count && status == SORI_OK; i++) {
		struct sori_merge_input *mine = &merge->inputs[i];

		if (run->inputs[i]->known || run->inputs[i]->refused)
			continue;
		status = sori_ledger_find(store, run->inputs[i], false, &mine->number, error);
		mine->again = mine->number && !merge->index_of[mine->number];
		if (status == SORI_OK && mine->again)
			status = sori_ledger_documents(store, mine->number, &mine->before, error);
		if (!mine->again)
			mine->number = (uint32_t)++last;
		merge->index_of[mine->number] = (uint32_t)i + 1;
	}
	return status;
}

static enum sori_status add_dictionary(struct sori_merge *merge, struct sori_error *error)
{
	sqlite3 *database = merge->store->database;
	sqlite3_stmt *statement;
	char hash[33];
	enum sori_status status = sori_sql_prepare(
		database, &statement,
		"INSERT INTO dictionary VALUES((SELECT ifnull(max(dictionary), 0) + 1 FROM dictionary), ?1)"
		" ON CONFLICT(hash) DO UPDATE SET hash = excluded.hash RETURNING dictionary",
		error);

	if (status != SORI_OK)
		return status;
	sori_hash128_text(merge->store->run.catalog->hash, hash);
	sori_sql_bind_text(statement, 1, hash);
	status = sori_sql_step(statement, error);
	if (status == SORI_OK) {
		merge->dictionary = sqlite3_column_int64(statement, 0);
		status = sori_sql_run(statement, error);
	}
	sqlite3_finalize(statement);
	return status;
}

/* The run's hash: what was asked, chained to the run before, so that every run's is its own. */
static void run_hash(const struct sori_store *store, struct sori_view previous, struct sori_hasher *hasher)
{
	const struct sori_run *run = &store->run;
	char text[33];

	sori_hasher_add(hasher, previous.at, previous.length);
	sori_hash128_text(run->catalog->hash, text);
	sori_hasher_add(hasher, text, sizeof text);
	sori_hasher_add(hasher, &run->config, sizeof run->config);
	for (size_t i = 0; i < run->input_count; i++) {
		sori_hash128_text(run->inputs[i]->hash, text);
		sori_hasher_add(hasher, run->inputs[i]->path, strlen(run->inputs[i]->path) + 1);
		sori_hasher_add(hasher, text, sizeof text);
	}
}

static enum sori_status previous_hash(struct sori_store *store, struct sori_hasher *hasher, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement,
						   "SELECT hash FROM run ORDER BY run DESC LIMIT 1", error);

	if (status == SORI_OK)
		status = sori_sql_step(statement, error);
	if (status == SORI_OK)
		run_hash(store, sori_sql_text(statement, 0), hasher);
	else if (status == SORI_END)
		run_hash(store, (struct sori_view){"", 0}, hasher);
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

/* After the daily counts are in: "tonight" is their last day when none was given. */
static enum sori_status add_run(struct sori_merge *merge, struct sori_error *error)
{
	struct sori_store *store = merge->store;
	struct sori_hasher *hasher = sori_hasher_new();
	sqlite3_stmt *statement = NULL;
	int64_t as_of = store->run.as_of;
	char text[33];
	enum sori_status status = hasher ? previous_hash(store, hasher, error) : no_memory(error);

	if (status == SORI_OK && store->run.as_of == SORI_DAY_NONE)
		status = sori_sql_number(store->database, "SELECT ifnull(max(day), -2147483648) FROM daily", &as_of, error);
	if (status == SORI_OK)
		status = sori_sql_prepare(store->database, &statement, "INSERT INTO run VALUES(?, ?, ?, ?, ?)", error);
	if (status == SORI_OK) {
		(void)sqlite3_bind_int64(statement, 1, merge->run);
		sori_hash128_text(sori_hasher_result(hasher), text);
		sori_sql_bind_text(statement, 2, text);
		(void)sqlite3_bind_int64(statement, 3, merge->dictionary);
		sori_ledger_config_text(store->run.config, text);
		sori_sql_bind_text(statement, 4, text);
		(void)sqlite3_bind_int64(statement, 5, as_of);
		status = sori_sql_run(statement, error);
	}
	sqlite3_finalize(statement);
	sori_hasher_free(hasher);
	return status;
}

/* Rows are written DAY_ROWS at a time: with one row a statement, most of the time goes into starting and ending it. */
#define DAY_ROWS 32

struct day_writer {
	sqlite3_stmt *many, *one;
	struct sori_tally_row rows[DAY_ROWS];
	size_t count;
};

static void bind_day(sqlite3_stmt *statement, int first, const struct sori_tally_row *row)
{
	(void)sqlite3_bind_int64(statement, first, row->day);
	(void)sqlite3_bind_int64(statement, first + 1, row->cell);
	(void)sqlite3_bind_int64(statement, first + 2, row->category);
	(void)sqlite3_bind_int64(statement, first + 3, row->dictionary);
	(void)sqlite3_bind_int64(statement, first + 4, row->delta);
	(void)sqlite3_bind_int64(statement, first + 5, row->complaints);
	(void)sqlite3_bind_int64(statement, first + 6, row->customers);
}

static enum sori_status write_day(void *user, const struct sori_tally_row *row, struct sori_error *error)
{
	struct day_writer *writer = user;

	writer->rows[writer->count++] = *row;
	if (writer->count < DAY_ROWS)
		return SORI_OK;
	for (int i = 0; i < DAY_ROWS; i++)
		bind_day(writer->many, i * 7 + 1, &writer->rows[i]);
	writer->count = 0;
	return sori_sql_run(writer->many, error);
}

static enum sori_status write_last_days(struct day_writer *writer, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < writer->count && status == SORI_OK; i++) {
		bind_day(writer->one, 1, &writer->rows[i]);
		status = sori_sql_run(writer->one, error);
	}
	return status;
}

static enum sori_status prepare_days(sqlite3 *database, int rows, bool filled, sqlite3_stmt **statement,
				     struct sori_error *error)
{
	struct sori_buffer sql;
	enum sori_status status;

	sori_buffer_init(&sql, 4096);
	sori_buffer_add_text(&sql, "INSERT INTO daily VALUES");
	for (int i = 0; i < rows; i++)
		sori_buffer_add_text(&sql, i ? ",(?,?,?,?,?,?,?)" : "(?,?,?,?,?,?,?)");
	if (filled)
		sori_buffer_add_text(&sql, " ON CONFLICT DO UPDATE SET documents = documents + excluded.documents,"
					   " complaints = excluded.complaints, customers = excluded.customers");
	sori_buffer_add_byte(&sql, '\0');
	status = sql.failed ? no_memory(error) : sori_sql_prepare(database, statement, sql.at, error);
	sori_buffer_release(&sql);
	return status;
}

static enum sori_status write_daily(struct sori_merge *merge, struct sori_error *error)
{
	sqlite3 *database = merge->store->database;
	struct day_writer writer = {.count = 0};
	int64_t filled = 0;
	enum sori_status status = sori_sql_number(database, "SELECT EXISTS(SELECT 1 FROM daily)", &filled, error);

	if (status == SORI_OK)
		status = prepare_days(database, DAY_ROWS, filled, &writer.many, error);
	if (status == SORI_OK)
		status = prepare_days(database, 1, filled, &writer.one, error);
	if (status == SORI_OK)
		status = sori_tally_visit(merge->tallies, merge->thread_count, merge->sets, write_day, &writer, error);
	if (status == SORI_OK)
		status = write_last_days(&writer, error);
	sqlite3_finalize(writer.many);
	sqlite3_finalize(writer.one);
	if (status == SORI_OK && filled)
		status = sori_sql_exec(database, "DELETE FROM daily WHERE documents = 0", error);
	return status;
}

static enum sori_status count_input(struct sori_input *input, struct sori_merge_input *mine, struct sori_error *error)
{
	struct sori_input_counts *counts = &input->counts;
	int64_t replaced;

	if (input->refused) { /* it adds nothing: its good records are rejected with it */
		counts->by_reason[SORI_REASON_REFUSED] = counts->read - (counts->rejected - counts->by_reason[SORI_REASON_REFUSED]);
		counts->rejected = counts->read;
		counts->accepted = counts->duplicate = counts->replaced = counts->undated = 0;
		return SORI_OK;
	}
	replaced = (int64_t)mine->accepted - (mine->before + mine->change);
	if (replaced < 0 && (uint64_t)-replaced <= mine->duplicate) {
		/* Another input had replaced these, and now they agree: they are this input's documents again. */
		mine->accepted += (uint64_t)-replaced;
		mine->duplicate -= (uint64_t)-replaced;
		replaced = 0;
	}
	if (replaced < 0)
		return sori_fail(error, SORI_INTERNAL, "%s: the accounts of replaced records do not close", input->path);
	counts->accepted = mine->accepted;
	counts->duplicate = mine->duplicate;
	counts->replaced = (uint64_t)replaced;
	counts->undated = mine->undated;
	return SORI_OK;
}

/* A refused input takes a row of its own, the one of an earlier refusal when there is one. */
static enum sori_status write_ledger(struct sori_merge *merge, struct sori_error *error)
{
	struct sori_store *store = merge->store;
	const struct sori_run *run = &store->run;
	int64_t last = 0;
	enum sori_status status = sori_sql_number(store->database, "SELECT max(input) FROM input", &last, error);

	for (size_t i = 0; i < run->input_count && status == SORI_OK; i++)
		last = merge->inputs[i].number > last ? merge->inputs[i].number : last;
	for (size_t i = 0; i < run->input_count && status == SORI_OK; i++) {
		struct sori_input *input = run->inputs[i];
		uint32_t number = merge->inputs[i].number;

		if (input->known)
			continue;
		status = count_input(input, &merge->inputs[i], error);
		if (status == SORI_OK && input->refused)
			status = sori_ledger_find(store, input, true, &number, error);
		if (status == SORI_OK)
			status = sori_ledger_write(store, input, number ? number : (uint32_t)++last, merge->run,
						   merge->dictionary, error);
	}
	return status;
}

/* Documents with a counted category, kept apart from the daily counts so that I4 compares two ways of counting; and those with
 * a customer, so that a reader of the customers knows how many documents they speak for. */
static enum sori_status add_to_meta(struct sori_merge *merge, const char *key, int64_t change, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(merge->store->database, &statement,
						   "INSERT INTO meta VALUES(?2, CAST(?1 AS TEXT)) ON CONFLICT(key)"
						   " DO UPDATE SET value = CAST(value + ?1 AS TEXT)",
						   error);

	if (status != SORI_OK)
		return status;
	(void)sqlite3_bind_int64(statement, 1, change);
	sori_sql_bind_text(statement, 2, key);
	status = sori_sql_run(statement, error);
	sqlite3_finalize(statement);
	return status;
}

static enum sori_status write_voices(struct sori_merge *merge, struct sori_error *error)
{
	size_t inputs = merge->store->run.input_count;
	bool *counts = sori_arena_zero(&merge->arena, inputs + 1, sizeof *counts);

	if (!counts)
		return no_memory(error);
	for (size_t i = 0; i < inputs; i++)
		counts[i] = merge->inputs[i].number != 0;
	return sori_voices_write(merge->store->voices, merge->store->database, counts, inputs, error);
}

/* Days that are about to be counted again under another dictionary keep what they were reported with, the first time (analyse_restate.h).
 * `reported_now` holds the days taken in by this run, so that those which turn out untouched can go again. */
static enum sori_status keep_reported(struct sori_merge *merge, bool *kept, struct sori_error *error)
{
	static const char *const make =
		"CREATE TABLE IF NOT EXISTS reported(day INTEGER NOT NULL, cell INTEGER NOT NULL, category INTEGER NOT NULL,"
		" dictionary INTEGER NOT NULL, documents INTEGER NOT NULL, PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID;"
		"CREATE TEMP TABLE IF NOT EXISTS reported_now(day INTEGER PRIMARY KEY);DELETE FROM reported_now;";
	char sql[500];
	enum sori_status status;

	*kept = false;
	for (size_t i = 0; i < merge->store->run.input_count; i++)
		*kept |= merge->inputs[i].again;
	if (!*kept)
		return SORI_OK;
	(void)snprintf(sql, sizeof sql, "INSERT INTO reported_now SELECT DISTINCT day FROM daily WHERE dictionary <> %lld"
		       " AND day NOT IN (SELECT day FROM reported);"
		       "INSERT INTO reported SELECT day, cell, category, dictionary, documents FROM daily WHERE day IN (SELECT day FROM reported_now);",
		       (long long)merge->dictionary);
	status = sori_sql_exec(merge->store->database, make, error);
	return status == SORI_OK ? sori_sql_exec(merge->store->database, sql, error) : status;
}

/* A day that this dictionary did not count is as it was. */
static enum sori_status settle_reported(struct sori_merge *merge, struct sori_error *error)
{
	char sql[300];

	(void)snprintf(sql, sizeof sql, "DELETE FROM reported WHERE day IN (SELECT day FROM reported_now) AND day NOT IN"
		       " (SELECT day FROM daily WHERE dictionary = %lld);DROP TABLE temp.reported_now;", (long long)merge->dictionary);
	return sori_sql_exec(merge->store->database, sql, error);
}

static enum sori_status merge_all(struct sori_merge *merge, struct sori_error *error)
{
	struct sori_store *store = merge->store;
	int64_t run = 0;
	bool restated = false;
	enum sori_status status = number_inputs(merge, error);

	if (status == SORI_OK)
		status = sori_sql_number(store->database, "SELECT max(run) FROM run", &run, error);
	merge->run = run + 1;
	if (status == SORI_OK)
		status = add_dictionary(merge, error);
	if (status == SORI_OK)
		status = keep_reported(merge, &restated, error);
	if (status == SORI_OK)
		status = sori_merge_map_categories(merge, error);
	if (status == SORI_OK)
		status = sori_merge_map_sets(merge, error);
	if (status == SORI_OK)
		status = sori_merge_map_cells(merge, error);
	if (status == SORI_OK)
		status = sori_watch_new(&merge->watch, merge, error);
	if (status == SORI_OK)
		status = sori_merge_partitions(merge, error);
	if (status == SORI_OK)
		status = sori_similar_settle(merge, error);
	if (status == SORI_OK)
		status = write_daily(merge, error);
	if (status == SORI_OK)
		status = sori_watch_write(merge->watch, merge, error);
	if (status == SORI_OK && restated)
		status = settle_reported(merge, error);
	if (status == SORI_OK)
		status = write_voices(merge, error);
	if (status == SORI_OK)
		status = add_to_meta(merge, "documents_matched", merge->matched, error);
	if (status == SORI_OK)
		status = add_to_meta(merge, "documents_with_customer", merge->named, error);
	if (status == SORI_OK)
		status = write_ledger(merge, error);
	return status == SORI_OK ? add_run(merge, error) : status;
}

/* Both sums in one pass over the table. */
static enum sori_status sum_daily(struct sori_store *store, int64_t *documents, int64_t *unmatched,
				  struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement,
						   "SELECT sum(documents) FILTER (WHERE category = 0),"
						   " sum(documents) FILTER (WHERE category = 1) FROM daily WHERE category < 2",
						   error);

	if (status == SORI_OK)
		status = sori_sql_step(statement, error);
	if (status == SORI_OK) {
		*documents = sqlite3_column_int64(statement, 0);
		*unmatched = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status check_store(struct sori_store *store, struct sori_identities *identities, struct sori_error *error)
{
	static const char *const sql[] = {
		"SELECT sum(CAST(value AS INTEGER)) FROM meta WHERE key = 'documents_matched'",
		"SELECT sum(accepted - replaced) FROM input WHERE superseded IS NULL",
		"SELECT sum(live) FROM fact",
		"SELECT count(*) FROM input WHERE superseded IS NULL",
		("SELECT count(*) FROM (SELECT DISTINCT path, source, hash, bytes, status = 'refused' FROM input"
		 " WHERE superseded IS NULL)"),
	};
	int64_t documents = 0, unmatched = 0, numbers[sizeof sql / sizeof sql[0]] = {0};
	enum sori_status status = sum_daily(store, &documents, &unmatched, error);

	for (size_t i = 0; i < sizeof sql / sizeof sql[0] && status == SORI_OK; i++)
		status = sori_sql_number(store->database, sql[i], &numbers[i], error);
	sori_identities_set(identities, SORI_IDENTITY_I4, (uint64_t)documents, (uint64_t)(numbers[0] + unmatched));
	sori_identities_set(identities, SORI_IDENTITY_I6, (uint64_t)numbers[1], (uint64_t)documents);
	sori_identities_set(identities, SORI_IDENTITY_I7, (uint64_t)numbers[3], (uint64_t)numbers[4]);
	sori_identities_set(identities, SORI_IDENTITY_I8, (uint64_t)numbers[2], (uint64_t)documents);
	return status;
}

static enum sori_status check(struct sori_store *store, const struct sori_merge *merge,
			      struct sori_identities *identities, struct sori_error *error)
{
	const struct sori_run *run = &store->run;
	uint64_t *stored = sori_alloc_zero(run->input_count + 1, sizeof *stored);
	enum sori_status status = stored ? SORI_OK : no_memory(error);

	sori_identities_init(identities);
	if (status == SORI_OK) {
		for (size_t i = 0; merge && i < run->input_count; i++)
			stored[i] = merge->inputs[i].stored;
		sori_identities_inputs(identities, run->inputs, run->input_count, merge ? stored : NULL);
		status = check_store(store, identities, error);
	}
	if (status == SORI_OK)
		status = sori_identities_check(identities, error);
	sori_free(stored);
	return status;
}

static void rollback(struct sori_store *store)
{
	if (store->in_transaction)
		(void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	store->in_transaction = false;
}

static enum sori_status commit(struct sori_store *store, struct sori_error *error)
{
	enum sori_status status = sori_sql_exec(store->database, "COMMIT", error);

	if (status != SORI_OK)
		return status;
	store->in_transaction = false;
	return sori_store_publish(store, error);
}

static enum sori_status merge_begin(struct sori_merge *merge, struct sori_store *store, struct sori_error *error)
{
	sori_day first, last;

	*merge = (struct sori_merge){.store = store};
	sori_arena_init(&merge->arena, (size_t)64 * 1024);
	merge->inputs = sori_arena_zero(&merge->arena, store->run.input_count + 1, sizeof *merge->inputs);
	merge->thread_count = store->run.threads ? store->run.threads : 1;
	merge->tallies = sori_alloc_zero(merge->thread_count, sizeof *merge->tallies);
	sori_facts_days(store->facts, &first, &last);
	for (size_t i = 0; merge->tallies && i < merge->thread_count; i++)
		sori_tally_init(&merge->tallies[i], store->folder, first, last, 0);
	return merge->inputs && merge->tallies ? SORI_OK : no_memory(error);
}

static void merge_end(struct sori_merge *merge)
{
	sori_watch_free(merge->watch);
	for (size_t i = 0; merge->tallies && i < merge->thread_count; i++)
		sori_tally_release(&merge->tallies[i]);
	sori_free(merge->tallies);
	sori_arena_release(&merge->arena);
}

static enum sori_status finish_changed(struct sori_store *store, struct sori_identities *identities,
				       struct sori_error *error)
{
	struct sori_merge merge;
	enum sori_status status = merge_begin(&merge, store, error);

	if (status == SORI_OK)
		status = sori_sql_exec(store->database, "BEGIN IMMEDIATE", error);
	store->in_transaction = status == SORI_OK;
	if (status == SORI_OK)
		status = merge_all(&merge, error);
	if (status == SORI_OK)
		status = check(store, &merge, identities, error);
	merge_end(&merge);
	if (status == SORI_OK)
		status = commit(store, error);
	if (status != SORI_OK)
		rollback(store);
	return status;
}

enum sori_status sori_store_finish(struct sori_store *store, struct sori_identities *identities, bool *changed,
				   struct sori_error *error)
{
	struct sori_identities own;
	bool any = false;
	enum sori_status status;

	if (!store->begun)
		return sori_fail(error, SORI_INTERNAL, "no run was begun");
	status = recall_late(store, error);
	for (size_t i = 0; i < store->run.input_count; i++)
		any |= !store->run.inputs[i]->known;
	if (changed)
		*changed = any;
	if (status != SORI_OK)
		return status;
	identities = identities ? identities : &own;
	return any ? finish_changed(store, identities, error) : check(store, NULL, identities, error);
}

/* All of a partition's blobs, only for their checksums and order. */
static enum sori_status check_blob(struct sori_view data, struct sori_error *error)
{
	struct sori_blob_reader reader;
	const struct sori_fact *fact;
	struct sori_fact last = {.high = 0};
	bool first = true;
	enum sori_status status = sori_blob_reader_init(&reader, data, error);

	while (status == SORI_OK && (status = sori_blob_next(&reader, &fact, error)) == SORI_OK) {
		if (!first && sori_fact_compare(&last, fact) >= 0)
			status = sori_fail(error, SORI_DATA, "a fact blob of the store is out of order; restore it from a copy");
		last = *fact;
		first = false;
	}
	sori_blob_reader_release(&reader);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status check_blobs(struct sori_store *store, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement,
						   "SELECT data FROM fact ORDER BY partition, run", error);

	while (status == SORI_OK && (status = sori_sql_step(statement, error)) == SORI_OK)
		status = check_blob(sori_view_make(sqlite3_column_blob(statement, 0),
						   (size_t)sqlite3_column_bytes(statement, 0)),
				    error);
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status check_file(struct sori_store *store, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement, "PRAGMA integrity_check(1)", error);

	if (status == SORI_OK)
		status = sori_sql_step(statement, error);
	if (status == SORI_OK && !sori_view_is(sori_sql_text(statement, 0), "ok"))
		status = sori_fail(error, SORI_DATA, "the store is damaged: %.200s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return status;
}

enum sori_status sori_store_check(struct sori_store *store, struct sori_error *error)
{
	struct sori_identities identities;
	enum sori_status status = check_file(store, error);

	if (status == SORI_OK)
		status = check_blobs(store, error);
	sori_identities_init(&identities);
	if (status == SORI_OK)
		status = check_store(store, &identities, error);
	return status == SORI_OK ? sori_identities_check(&identities, error) : status;
}
