/* The ledger of inputs: what was read, how it was understood, what came of it. A row holds everything that run.json and
 * the reports say about an input, so that a run over known inputs repeats them without opening a file twice. */
#include <fcntl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_internal.h"

#define READ_SIZE ((size_t)1024 * 1024)

static const char *const role_names[SORI_ROLE_COUNT] = {
#define ROW(name, option, ko, en) option,
	SORI_ROLE_LIST(ROW)
#undef ROW
};

static const char *const encoding_names[] = {"", "utf-8", "cp949", "utf-16le", "utf-16be"};
static const char *const compression_names[] = {"none", "gzip"};
static const char *const format_names[] = {"csv", "tsv", "jsonl", "json", "xml", "html", "text"};

enum sori_status sori_store_hash_file(const char *path, struct sori_hash128 *hash, uint64_t *bytes,
				      struct sori_error *error)
{
	struct sori_hasher *hasher = sori_hasher_new();
	char *buffer = sori_alloc(READ_SIZE);
	enum sori_status status = hasher && buffer ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
	int file = status == SORI_OK ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t got = 1;

	*bytes = 0;
	if (status == SORI_OK && file < 0)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot open %s", path);
	while (status == SORI_OK && got != 0) {
		got = read(file, buffer, READ_SIZE);
		if (got < 0 && errno != EINTR)
			status = sori_fail_errno(error, SORI_IO, errno, "cannot read %s", path);
		if (got > 0) {
			sori_hasher_add(hasher, buffer, (size_t)got);
			*bytes += (uint64_t)got;
		}
	}
	if (status == SORI_OK)
		*hash = sori_hasher_result(hasher);
	if (file >= 0)
		(void)close(file);
	sori_free(buffer);
	sori_hasher_free(hasher);
	return status;
}

void sori_ledger_config_text(uint64_t config, char text[17])
{
	(void)snprintf(text, 17, "%016llx", (unsigned long long)config);
}

static void bind_identity(sqlite3_stmt *statement, const struct sori_input *input)
{
	char hash[33];

	sori_hash128_text(input->hash, hash);
	sori_sql_bind_text(statement, 1, hash);
	(void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)input->bytes);
	sori_sql_bind_text(statement, 3, input->source);
	sori_sql_bind_text(statement, 4, input->path);
}

enum sori_status sori_ledger_find(struct sori_store *store, const struct sori_input *input, bool refused_only,
				  uint32_t *number, struct sori_error *error)
{
	static const char *const sql =
		"SELECT input FROM input WHERE hash = ?1 AND bytes = ?2 AND source = ?3 AND superseded IS NULL"
		" AND (status = 'refused' OR NOT ?5) ORDER BY path <> ?4, input";
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement, sql, error);

	*number = 0;
	if (status != SORI_OK)
		return status;
	bind_identity(statement, input);
	(void)sqlite3_bind_int(statement, 5, refused_only);
	status = sori_sql_step(statement, error);
	if (status == SORI_OK)
		*number = (uint32_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

enum sori_status sori_ledger_elsewhere(struct sori_store *store, struct sori_input *input, struct sori_error *error)
{
	static const char *const sql = "SELECT source FROM input WHERE hash = ?1 AND bytes = ?2 AND source <> ?3"
				       " AND superseded IS NULL AND status <> 'refused' AND accepted > 0 ORDER BY input LIMIT 1";
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement, sql, error);

	if (status != SORI_OK)
		return status;
	bind_identity(statement, input);
	status = sori_sql_step(statement, error);
	if (status == SORI_OK)
		(void)snprintf(input->warning, sizeof input->warning,
			       "the same bytes are in the store as source '%s' too; --source %s for both counts them once",
			       (const char *)sqlite3_column_text(statement, 0), (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status prepare_known(struct sori_store *store, sqlite3_stmt **statement, const struct sori_input *input,
				      struct sori_hash128 dictionary, uint64_t config, bool refused,
				      struct sori_error *error)
{
	static const char *const sql =
		"SELECT i.format, i.encoding, i.compression, i.seen, i.header, i.blank, i.read, i.accepted, i.rejected,"
		" i.duplicate, i.replaced, i.undated, i.span_bytes, i.framing_bytes, i.decoded_bytes, i.status, i.problem,"
		" i.warning, i.columns, i.reasons, i.detail, i.path FROM input i JOIN dictionary d ON d.dictionary = i.dictionary"
		" WHERE i.hash = ?1 AND i.bytes = ?2 AND i.source = ?3 AND i.superseded IS NULL AND d.hash = ?5"
		" AND i.config = ?6 AND (i.status = 'refused') = ?7 ORDER BY i.path <> ?4, i.input";
	enum sori_status status = sori_sql_prepare(store->database, statement, sql, error);
	char text[33];

	if (status != SORI_OK)
		return status;
	bind_identity(*statement, input);
	sori_hash128_text(dictionary, text);
	sori_sql_bind_text(*statement, 5, text);
	sori_ledger_config_text(config, text);
	sori_sql_bind_text(*statement, 6, text);
	(void)sqlite3_bind_int(*statement, 7, refused);
	return SORI_OK;
}

enum sori_status sori_store_knows(struct sori_store *store, const struct sori_input *input, struct sori_hash128 dictionary,
				  uint64_t config, bool *known, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = prepare_known(store, &statement, input, dictionary, config, false, error);

	if (status == SORI_OK)
		status = sori_sql_step(statement, error);
	*known = status == SORI_OK;
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static size_t name_index(const char *const *names, size_t count, struct sori_view name)
{
	for (size_t i = 0; i < count; i++)
		if (sori_view_is(name, names[i]))
			return i;
	return 0;
}

static bool set_string(char **place, struct sori_view text)
{
	sori_free(*place);
	*place = sori_strdup_n(text.at, text.length);
	return *place != NULL;
}

static bool list_holds(struct sori_view list, const char *word)
{
	size_t length = strlen(word);

	for (size_t at = 0; at + length <= list.length; at++)
		if (memcmp(list.at + at, word, length) == 0 && (at == 0 || list.at[at - 1] == ',') &&
		    (at + length == list.length || list.at[at + length] == ','))
			return true;
	return false;
}

static bool restore_detail(struct sori_input *input, struct sori_view key, struct sori_view value, int64_t number)
{
	if (sori_view_is(key, "delimiter")) {
		input->delimiter = value.length ? value.at[0] : '\0';
	} else if (sori_view_is(key, "bom")) {
		input->byte_order_mark = number != 0;
	} else if (sori_view_is(key, "zone")) {
		input->zone_minutes = (int)number;
	} else if (sori_view_is(key, "date_style")) {
		input->date_style = (enum sori_date_style)number;
	} else if (sori_view_is(key, "date_pattern")) {
		return set_string(&input->date_pattern, value);
	} else if (sori_view_is(key, "given")) {
		for (size_t i = 0; i < SORI_ROLE_COUNT; i++)
			input->column_given[i] = list_holds(value, role_names[i]);
	} else {
		for (size_t i = 0; i < 3; i++) {
			if (sori_view_is(key, role_names[SORI_ROLE_DIM1 + i]))
				return set_string(&input->column[SORI_ROLE_DIM1 + i], value);
		}
	}
	return true;
}

static bool restore_column(struct sori_input *input, struct sori_view key, struct sori_view value, int64_t number)
{
	(void)number;
	for (size_t i = 0; i < SORI_ROLE_COUNT; i++) {
		if (!sori_view_is(key, role_names[i]))
			continue;
		return i >= SORI_ROLE_DIM1 ? set_string(&input->dim_label[i - SORI_ROLE_DIM1], value)
					   : set_string(&input->column[i], value);
	}
	return true;
}

static bool restore_reason(struct sori_input *input, struct sori_view key, struct sori_view value, int64_t number)
{
	(void)value;
	for (int i = 0; i < SORI_REASON_COUNT; i++)
		if (sori_view_is(key, sori_reason_id((enum sori_reason)i)))
			input->counts.by_reason[i] = (uint64_t)number;
	return true;
}

static enum sori_status restore_object(struct sori_store *store, struct sori_input *input, struct sori_view json,
				       bool (*restore)(struct sori_input *, struct sori_view, struct sori_view, int64_t),
				       struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement, "SELECT key, value FROM json_each(?)", error);

	if (status != SORI_OK)
		return status;
	sori_sql_bind_view(statement, 1, json);
	while ((status = sori_sql_step(statement, error)) == SORI_OK) {
		struct sori_view value = sori_sql_text(statement, 1);

		if (!restore(input, sori_sql_text(statement, 0), value, sqlite3_column_int64(statement, 1))) {
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
			break;
		}
	}
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static void copy_text(char *into, size_t size, struct sori_view text)
{
	size_t length = text.length < size ? text.length : size - 1;

	memcpy(into, text.at, length);
	into[length] = '\0';
}

static enum sori_status restore_row(struct sori_store *store, struct sori_input *input, sqlite3_stmt *row,
				    struct sori_error *error)
{
	struct sori_input_counts *counts = &input->counts;
	uint64_t *numbers[] = {&counts->seen, &counts->header, &counts->blank, &counts->read, &counts->accepted,
			       &counts->rejected, &counts->duplicate, &counts->replaced, &counts->undated,
			       &counts->span_bytes, &counts->framing_bytes, &counts->decoded_bytes};
	struct sori_view state = sori_sql_text(row, 15);
	enum sori_status status;

	input->format_name = format_names[name_index(format_names, sizeof format_names / sizeof format_names[0],
						     sori_sql_text(row, 0))];
	input->encoding = (enum sori_encoding)name_index(encoding_names, 5, sori_sql_text(row, 1));
	input->compression = (enum sori_compression)name_index(compression_names, 2, sori_sql_text(row, 2));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		*numbers[i] = (uint64_t)sqlite3_column_int64(row, (int)i + 3);
	input->incomplete = sori_view_is(state, "incomplete");
	input->refused = sori_view_is(state, "refused");
	copy_text(input->problem, sizeof input->problem, sori_sql_text(row, 16));
	copy_text(input->warning, sizeof input->warning, sori_sql_text(row, 17));
	memset(counts->by_reason, 0, sizeof counts->by_reason);
	status = restore_object(store, input, sori_sql_text(row, 18), restore_column, error);
	if (status == SORI_OK)
		status = restore_object(store, input, sori_sql_text(row, 19), restore_reason, error);
	if (status == SORI_OK)
		status = restore_object(store, input, sori_sql_text(row, 20), restore_detail, error);
	return status;
}

/* A copy of a counted file under another path: the documents are that file's. */
static void count_copy(struct sori_input_counts *counts)
{
	counts->duplicate += counts->accepted;
	counts->accepted = counts->replaced = counts->undated = 0;
}

enum sori_status sori_ledger_recall(struct sori_store *store, struct sori_input *input, bool refused, bool *known,
				    struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = prepare_known(store, &statement, input, store->run.catalog->hash, store->run.config,
						refused, error);

	*known = false;
	if (status == SORI_OK)
		status = sori_sql_step(statement, error);
	if (status == SORI_OK) {
		*known = true;
		status = restore_row(store, input, statement, error);
		if (!sori_view_is(sori_sql_text(statement, 21), input->path))
			count_copy(&input->counts);
	}
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

enum sori_status sori_ledger_documents(struct sori_store *store, uint32_t number, int64_t *documents,
				       struct sori_error *error)
{
	char sql[96];

	(void)snprintf(sql, sizeof sql, "SELECT accepted - replaced FROM input WHERE input = %lu", (unsigned long)number);
	return sori_sql_number(store->database, sql, documents, error);
}

static void add_member(struct sori_buffer *json, const char *key)
{
	if (json->length > 1)
		sori_buffer_add_byte(json, ',');
	sori_buffer_add_json(json, sori_view_of(key));
	sori_buffer_add_byte(json, ':');
}

static void add_text_member(struct sori_buffer *json, const char *key, const char *text)
{
	add_member(json, key);
	sori_buffer_add_json(json, sori_view_of(text));
}

static void write_columns(struct sori_buffer *json, const struct sori_input *input)
{
	sori_buffer_add_byte(json, '{');
	for (size_t i = 0; i < SORI_ROLE_COUNT; i++) {
		const char *label = i >= SORI_ROLE_DIM1 && input->dim_label[i - SORI_ROLE_DIM1]
					    ? input->dim_label[i - SORI_ROLE_DIM1]
					    : input->column[i];

		if (label)
			add_text_member(json, role_names[i], label);
	}
	sori_buffer_add_byte(json, '}');
}

static void write_reasons(struct sori_buffer *json, const struct sori_input *input)
{
	sori_buffer_add_byte(json, '{');
	for (int i = 0; i < SORI_REASON_COUNT; i++) {
		if (!input->counts.by_reason[i])
			continue;
		add_member(json, sori_reason_id((enum sori_reason)i));
		sori_buffer_add_u64(json, input->counts.by_reason[i]);
	}
	sori_buffer_add_byte(json, '}');
}

static void write_detail(struct sori_buffer *json, const struct sori_input *input)
{
	char delimiter[2] = {input->delimiter, '\0'};
	char given[256] = "";
	size_t length = 0;

	for (size_t i = 0; i < SORI_ROLE_COUNT; i++)
		if (input->column_given[i])
			length += (size_t)snprintf(given + length, sizeof given - length, "%s%s", length ? "," : "",
						   role_names[i]);
	sori_buffer_add_byte(json, '{');
	add_text_member(json, "delimiter", delimiter);
	add_member(json, "bom");
	sori_buffer_add_u64(json, input->byte_order_mark);
	add_member(json, "zone");
	sori_buffer_add_i64(json, input->zone_minutes);
	add_member(json, "date_style");
	sori_buffer_add_u64(json, (uint64_t)input->date_style);
	if (input->date_pattern)
		add_text_member(json, "date_pattern", input->date_pattern);
	add_text_member(json, "given", given);
	for (size_t i = 0; i < 3; i++)
		if (input->column[SORI_ROLE_DIM1 + i])
			add_text_member(json, role_names[SORI_ROLE_DIM1 + i], input->column[SORI_ROLE_DIM1 + i]);
	sori_buffer_add_byte(json, '}');
}

static void bind_numbers(sqlite3_stmt *statement, const struct sori_input *input)
{
	const struct sori_input_counts *counts = &input->counts;
	const uint64_t numbers[] = {counts->seen, counts->header, counts->blank, counts->read, counts->accepted,
				    counts->rejected, counts->duplicate, counts->replaced, counts->undated};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		(void)sqlite3_bind_int64(statement, (int)i + 10, (sqlite3_int64)numbers[i]);
	(void)sqlite3_bind_int64(statement, 26, (sqlite3_int64)counts->span_bytes);
	(void)sqlite3_bind_int64(statement, 27, (sqlite3_int64)counts->framing_bytes);
	(void)sqlite3_bind_int64(statement, 28, (sqlite3_int64)counts->decoded_bytes);
}

static void bind_row(sqlite3_stmt *statement, const struct sori_store *store, const struct sori_input *input)
{
	const char *state = input->refused ? "refused" : input->incomplete ? "incomplete" : "ok";
	char hash[33], config[17];

	sori_hash128_text(input->hash, hash);
	sori_ledger_config_text(store->run.config, config);
	sori_sql_bind_text(statement, 3, input->path);
	sori_sql_bind_text(statement, 4, input->source);
	sori_sql_bind_text(statement, 5, hash);
	(void)sqlite3_bind_int64(statement, 6, (sqlite3_int64)input->bytes);
	sori_sql_bind_text(statement, 7, input->format_name);
	sori_sql_bind_text(statement, 8, encoding_names[input->encoding]);
	sori_sql_bind_text(statement, 9, compression_names[input->compression]);
	bind_numbers(statement, input);
	sori_sql_bind_text(statement, 21, state);
	sori_sql_bind_text(statement, 22, input->problem);
	sori_sql_bind_text(statement, 23, input->warning);
	sori_sql_bind_text(statement, 25, config);
}

enum sori_status sori_ledger_write(struct sori_store *store, const struct sori_input *input, uint32_t number,
				   int64_t run, int64_t dictionary, struct sori_error *error)
{
	static const char *const sql =
		"INSERT OR REPLACE INTO input VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
		" ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, NULL)";
	struct sori_buffer json[3];
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(store->database, &statement, sql, error);

	if (status != SORI_OK)
		return status;
	for (size_t i = 0; i < 3; i++)
		sori_buffer_init(&json[i], (size_t)1024 * 1024);
	write_columns(&json[0], input);
	write_reasons(&json[1], input);
	write_detail(&json[2], input);
	(void)sqlite3_bind_int64(statement, 1, number);
	(void)sqlite3_bind_int64(statement, 2, run);
	bind_row(statement, store, input);
	sori_sql_bind_view(statement, 19, sori_buffer_view(&json[0]));
	sori_sql_bind_view(statement, 20, sori_buffer_view(&json[1]));
	(void)sqlite3_bind_int64(statement, 24, dictionary);
	sori_sql_bind_view(statement, 29, sori_buffer_view(&json[2]));
	if (json[0].failed || json[1].failed || json[2].failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = sori_sql_run(statement, error);
	sqlite3_finalize(statement);
	for (size_t i = 0; i < 3; i++)
		sori_buffer_release(&json[i]);
	return status;
}
