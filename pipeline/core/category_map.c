/* One line a change; a hand-written scanner over words, for places in errors. For the store, the piecewise constant function
 * (id, day) -> id is written out as a small table of intervals, one row for each stretch of days in which an id stands for
 * another; SQLite joins it to the counts. */
#include "pipeline/core/category_map.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/store_internal.h"

#define FILE_NAME "categories.map"
#define FILE_LIMIT ((size_t)1 << 20)

struct owner {
	struct sori_category_map map; /* first */
	struct sori_arena arena;
	struct sori_category_change *changes;
	size_t capacity;
};

struct line {
	struct sori_view rest;
	const char *start, *name;
	uint32_t number;
	struct sori_error *error;
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

/* ---- reading */

static enum sori_status fault(const struct line *line, const char *at, const char *text)
{
	(void)sori_fail(line->error, SORI_CONFIG, "%s", text);
	return sori_error_at(line->error, line->name, line->number,
			     (uint32_t)sori_utf8_count(sori_view_make(line->start, (size_t)(at - line->start))) + 1);
}

static struct sori_view next_word(struct line *line)
{
	struct sori_view word;
	size_t length = 0;

	while (line->rest.length && (*line->rest.at == ' ' || *line->rest.at == '\t'))
		line->rest = sori_view_slice(line->rest, 1, line->rest.length);
	while (length < line->rest.length && line->rest.at[length] != ' ' && line->rest.at[length] != '\t')
		length++;
	word = sori_view_slice(line->rest, 0, length);
	line->rest = sori_view_slice(line->rest, length, line->rest.length);
	return word;
}

static bool is_id(struct sori_view id)
{
	for (size_t i = 0; i < id.length; i++)
		if (!id.at[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789_-.", id.at[i]))
			return false;
	return id.length > 0 && id.length <= 64 && id.at[0] != '.';
}

static enum sori_status read_ids(struct owner *owner, struct line *line, const char **ids, size_t *count, bool before_arrow)
{
	for (;;) {
		struct sori_view word = next_word(line);

		if (!word.length || sori_view_is(word, "->")) {
			if (before_arrow != (word.length > 0))
				return fault(line, word.at ? word.at : line->start, before_arrow ? "-> and the new ids are missing" : "one -> is enough");
			return *count ? SORI_OK : fault(line, word.at ? word.at : line->start, "an id is missing");
		}
		if (!is_id(word))
			return fault(line, word.at, "an id is made of a-z, 0-9, '_', '-', '.'");
		for (size_t i = 0; i < *count; i++)
			if (sori_view_is(word, ids[i]))
				return fault(line, word.at, "the id stands twice");
		if (*count == SORI_MOVE_LIMIT)
			return fault(line, word.at, "more than 16 ids");
		ids[*count] = sori_arena_copy(&owner->arena, word).at;
		if (!ids[(*count)++])
			return no_memory(line->error);
	}
}

static enum sori_status check_counts(const struct line *line, const struct sori_category_change *change)
{
	static const char *const wanted[] = {"rename is OLD -> NEW", "merge is OLD OLD … -> NEW", "split is OLD -> NEW NEW …"};
	bool good = change->move == SORI_MOVE_RENAME  ? change->from_count == 1 && change->to_count == 1
		    : change->move == SORI_MOVE_MERGE ? change->from_count > 1 && change->to_count == 1
						      : change->from_count == 1 && change->to_count > 1;

	if (!good)
		return fault(line, line->start, wanted[change->move]);
	if (change->move == SORI_MOVE_RENAME && strcmp(change->from[0], change->to[0]) == 0)
		return fault(line, line->start, "the new id is the old one");
	return SORI_OK;
}

static enum sori_status read_change(struct owner *owner, struct line *line)
{
	static const char *const names[] = {"rename", "merge", "split"};
	struct sori_category_change change = {.file = line->name, .line = line->number};
	struct sori_view word = next_word(line);
	enum sori_status status;
	unsigned move = 0;

	if (!sori_day_parse_iso(word, &change.day))
		return fault(line, word.at, "a line begins with the first day under the new ids, as 2026-03-01");
	word = next_word(line);
	while (move < 3 && !sori_view_is(word, names[move]))
		move++;
	if (move == 3)
		return fault(line, word.at ? word.at : line->start, "after the day comes rename, merge or split");
	change.move = (enum sori_category_move)move;
	status = read_ids(owner, line, change.from, &change.from_count, true);
	if (status == SORI_OK)
		status = read_ids(owner, line, change.to, &change.to_count, false);
	if (status == SORI_OK)
		status = check_counts(line, &change);
	for (size_t i = 0; i < owner->map.count && status == SORI_OK; i++)
		for (size_t a = 0; a < change.from_count; a++)
			for (size_t b = 0; b < owner->changes[i].from_count; b++)
				if (owner->changes[i].day == change.day && strcmp(change.from[a], owner->changes[i].from[b]) == 0)
					return fault(line, line->start, "an old id changes twice on that day");
	if (status != SORI_OK)
		return status;
	if (SORI_GROW(owner->changes, owner->capacity, owner->map.count + 1) != 0)
		return no_memory(line->error);
	owner->changes[owner->map.count++] = change;
	return SORI_OK;
}

static struct sori_view without_comment(struct sori_view line)
{
	const char *mark = line.length ? memchr(line.at, '#', line.length) : NULL;

	return sori_view_trim(mark ? sori_view_slice(line, 0, (size_t)(mark - line.at)) : line);
}

static enum sori_status read_text(struct owner *owner, struct sori_view text, const char *name, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (text.length >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0)
		text = sori_view_slice(text, 3, text.length);
	for (uint32_t number = 1; text.length && status == SORI_OK; number++) {
		const char *end = memchr(text.at, '\n', text.length);
		size_t length = end ? (size_t)(end - text.at) : text.length;
		struct line line = {.start = text.at, .name = name, .number = number, .error = error,
				    .rest = without_comment(sori_view_slice(text, 0, length))};

		if (!sori_utf8_is_valid(sori_view_slice(text, 0, length)))
			status = fault(&line, line.start, "the line is not valid UTF-8");
		else if (line.rest.length)
			status = read_change(owner, &line);
		text = sori_view_slice(text, length + 1, text.length);
	}
	return status;
}

static int compare_changes(const void *left, const void *right)
{
	const struct sori_category_change *a = left, *b = right;
	int order = a->day != b->day ? (a->day < b->day ? -1 : 1) : strcmp(a->file, b->file);

	return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

static struct owner *new_owner(void)
{
	struct owner *owner = sori_alloc_zero(1, sizeof *owner);

	if (owner)
		sori_arena_init(&owner->arena, 4096);
	return owner;
}

static enum sori_status finish(struct owner *owner, enum sori_status status, struct sori_category_map **map)
{
	*map = NULL;
	if (status != SORI_OK) {
		sori_category_map_free(&owner->map);
		return status;
	}
	if (owner->map.count)
		qsort(owner->changes, owner->map.count, sizeof *owner->changes, compare_changes);
	owner->map.changes = owner->changes;
	*map = &owner->map;
	return SORI_OK;
}

enum sori_status sori_category_map_parse(struct sori_category_map **map, struct sori_view text, const char *name,
					 struct sori_error *error)
{
	struct owner *owner = new_owner();
	const char *kept;

	*map = NULL;
	if (!owner)
		return no_memory(error);
	kept = sori_arena_copy(&owner->arena, sori_view_of(name)).at;
	return finish(owner, kept ? read_text(owner, text, kept, error) : no_memory(error), map);
}

static enum sori_status read_folder(struct owner *owner, const char *folder, struct sori_error *error)
{
	struct sori_buffer bytes;
	char path[4200];
	const char *kept;
	FILE *file;
	enum sori_status status = SORI_OK;

	if (snprintf(path, sizeof path, "%s/" FILE_NAME, folder) >= (int)sizeof path)
		return SORI_OK;
	if (!(file = fopen(path, "rb")))
		return errno == ENOENT || errno == ENOTDIR ? SORI_OK : sori_fail_errno(error, SORI_IO, errno, "%s cannot be opened", path);
	sori_buffer_init(&bytes, FILE_LIMIT);
	while (!feof(file) && !ferror(file) && sori_buffer_reserve(&bytes, 4096))
		bytes.length += fread(bytes.at + bytes.length, 1, 4096, file);
	if (ferror(file) || bytes.failed)
		status = sori_fail(error, SORI_IO, "%s cannot be read, or is over 1 MiB", path);
	(void)fclose(file);
	kept = sori_arena_copy(&owner->arena, sori_view_of(path)).at;
	if (status == SORI_OK)
		status = kept ? read_text(owner, sori_buffer_view(&bytes), kept, error) : no_memory(error);
	sori_buffer_release(&bytes);
	return status;
}

enum sori_status sori_category_map_read(struct sori_category_map **map, const char *const *folders, size_t folder_count,
					struct sori_error *error)
{
	struct owner *owner = new_owner();
	enum sori_status status = SORI_OK;

	*map = NULL;
	if (!owner)
		return no_memory(error);
	for (size_t i = 0; i < folder_count && status == SORI_OK; i++)
		status = read_folder(owner, folders[i], error);
	return finish(owner, status, map);
}

void sori_category_map_free(struct sori_category_map *map)
{
	struct owner *owner = (struct owner *)(void *)map;

	if (!owner)
		return;
	sori_free(owner->changes);
	sori_arena_release(&owner->arena);
	sori_free(owner);
}

/* ---- asking */

static bool has(const char *const *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

size_t sori_category_map_now(const struct sori_category_map *map, const char *id, sori_day day,
			     const char *ids[SORI_MOVE_LIMIT], bool *split)
{
	size_t count = 1;

	ids[0] = id;
	*split = false;
	for (size_t c = 0; c < map->count; c++) {
		const struct sori_category_change *change = &map->changes[c];

		if (day != SORI_DAY_NONE && day >= change->day)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (!has(change->from, change->from_count, ids[i]))
				continue;
			*split |= change->move == SORI_MOVE_SPLIT;
			ids[i] = change->to[0];
			for (size_t k = 1; k < change->to_count && count < SORI_MOVE_LIMIT; k++)
				if (!has(ids, count, change->to[k]))
					ids[count++] = change->to[k];
			break; /* what came in just now is of the new time */
		}
	}
	return count;
}

size_t sori_category_map_breaks(const struct sori_category_map *map, const char *id, sori_day *days, size_t limit)
{
	const char *name = id;
	size_t count = 0;

	for (size_t c = map->count; c-- > 0;) { /* back in time, under the name it had then */
		const struct sori_category_change *change = &map->changes[c];

		if (!has(change->to, change->to_count, name))
			continue;
		if (change->move == SORI_MOVE_RENAME) {
			name = change->from[0];
			continue;
		}
		if (count < limit)
			days[count] = change->day;
		count++;
		if (change->move == SORI_MOVE_SPLIT)
			break;
	}
	for (size_t i = 0; i + 1 < (count < limit ? count : limit) - i; i++) {
		size_t other = (count < limit ? count : limit) - 1 - i;
		sori_day day = days[i];

		days[i] = days[other];
		days[other] = day;
	}
	return count;
}

/* ---- in the store */

static void write_text(const struct sori_category_map *map, struct sori_buffer *out)
{
	static const char *const names[] = {"rename", "merge", "split"};

	for (size_t c = 0; c < map->count; c++) {
		const struct sori_category_change *change = &map->changes[c];
		char day[11];

		sori_day_text(change->day, day);
		sori_buffer_add_format(out, "%s %s", day, names[change->move]);
		for (size_t i = 0; i < change->from_count; i++)
			sori_buffer_add_format(out, " %s", change->from[i]);
		sori_buffer_add_text(out, " ->");
		for (size_t i = 0; i < change->to_count; i++)
			sori_buffer_add_format(out, " %s", change->to[i]);
		sori_buffer_add_byte(out, '\n');
	}
}

static bool is_saved(struct sqlite3 *database, struct sori_view text);

enum sori_status sori_category_map_save(const struct sori_category_map *map, struct sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *statement = NULL;
	struct sori_buffer text;
	enum sori_status status;

	if (map->count == 0)
		return sori_sql_exec(database, "DELETE FROM meta WHERE key = 'category_map'", error);
	sori_buffer_init(&text, FILE_LIMIT * 2);
	write_text(map, &text);
	status = text.failed ? no_memory(error) : SORI_OK;
	if (status == SORI_OK && !is_saved(database, sori_buffer_view(&text)))
		status = sori_sql_prepare(database, &statement, "INSERT OR REPLACE INTO meta VALUES('category_map', ?1)", error);
	if (status == SORI_OK && statement) {
		sori_sql_bind_view(statement, 1, sori_buffer_view(&text));
		status = sori_sql_run(statement, error);
		sqlite3_finalize(statement);
	}
	sori_buffer_release(&text);
	return status;
}

/* The saved text is this one: nothing to write. */
static bool is_saved(struct sqlite3 *database, struct sori_view text)
{
	sqlite3_stmt *statement;
	struct sori_error ignored;
	bool same = false;

	if (sori_sql_prepare(database, &statement, "SELECT value FROM main.meta WHERE key = 'category_map'", &ignored) != SORI_OK)
		return false;
	if (sori_sql_step(statement, &ignored) == SORI_OK)
		same = sori_view_equal(sori_sql_text(statement, 0), text);
	sqlite3_finalize(statement);
	return same;
}

static enum sori_status load_saved(struct sqlite3 *database, struct sori_category_map **map, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status =
		sori_sql_prepare(database, &statement, "SELECT value FROM main.meta WHERE key = 'category_map'", error);

	*map = NULL;
	if (status != SORI_OK)
		return status;
	status = sori_sql_step(statement, error);
	if (status == SORI_OK)
		status = sori_category_map_parse(map, sori_sql_text(statement, 0), "the store's category map", error);
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

/* Rows of one id: between two days of change it stands for one thing. */
static enum sori_status write_intervals(const struct sori_category_map *map, const char *id, sqlite3_stmt *insert,
					struct sori_error *error)
{
	sori_day first = INT32_MIN;
	enum sori_status status = SORI_OK;

	for (size_t c = 0; c < map->count && status == SORI_OK; c++) {
		const char *ids[SORI_MOVE_LIMIT];
		bool split;
		sori_day last = map->changes[c].day - 1;
		size_t count;

		if (last < first || (c + 1 < map->count && map->changes[c + 1].day == map->changes[c].day))
			continue;
		count = sori_category_map_now(map, id, last, ids, &split);
		if (!split && count == 1 && strcmp(ids[0], id) != 0) {
			sori_sql_bind_text(insert, 1, id);
			(void)sqlite3_bind_int64(insert, 2, first);
			(void)sqlite3_bind_int64(insert, 3, last);
			sori_sql_bind_text(insert, 4, ids[0]);
			status = sori_sql_run(insert, error);
		}
		first = last + 1;
	}
	return status;
}

static enum sori_status fill_table(const struct sori_category_map *map, struct sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *insert = NULL, *ids = NULL;
	enum sori_status status = sori_sql_prepare(
		database, &insert,
		"INSERT INTO temp.category_now SELECT a.category, ?2, ?3, b.category FROM main.category a, main.category b"
		" WHERE a.id = ?1 AND b.id = ?4",
		error);

	if (status == SORI_OK)
		status = sori_sql_prepare(database, &ids, "SELECT id FROM main.category WHERE category > 2 ORDER BY id", error);
	while (status == SORI_OK && (status = sori_sql_step(ids, error)) == SORI_OK)
		status = write_intervals(map, (const char *)sqlite3_column_text(ids, 0), insert, error);
	sqlite3_finalize(insert);
	sqlite3_finalize(ids);
	return status == SORI_END ? SORI_OK : status;
}

/* A view before a table: every column as it is, but the category of now; numbers that are no key are summed. */
static enum sori_status create_view(struct sqlite3 *database, const char *table, const char *keys, struct sori_error *error)
{
	sqlite3_stmt *columns;
	struct sori_buffer sql;
	char query[100];
	enum sori_status status;
	unsigned count = 0;

	(void)snprintf(query, sizeof query, "SELECT name, pk FROM pragma_table_info('%s') ORDER BY cid", table);
	status = sori_sql_prepare(database, &columns, query, error);
	if (status != SORI_OK)
		return status;
	sori_buffer_init(&sql, (size_t)1 << 16);
	sori_buffer_add_format(&sql, "CREATE TEMP VIEW %s AS SELECT ", table);
	while ((status = sori_sql_step(columns, error)) == SORI_OK) {
		const char *name = (const char *)sqlite3_column_text(columns, 0);

		sori_buffer_add_text(&sql, count++ ? ", " : "");
		if (strcmp(name, "category") == 0)
			sori_buffer_add_text(&sql, "coalesce(n.target, d.category) AS category");
		else if (sqlite3_column_int(columns, 1) || strcmp(table, "daily") != 0)
			sori_buffer_add_format(&sql, "d.%s AS %s", name, name);
		else
			sori_buffer_add_format(&sql, "sum(d.%s) AS %s", name, name);
	}
	sqlite3_finalize(columns);
	sori_buffer_add_format(&sql, " FROM main.%s d LEFT JOIN temp.category_now n ON n.category = d.category AND d.day BETWEEN n.first AND n.last"
			       " GROUP BY %s", table, keys);
	sori_buffer_add_byte(&sql, '\0');
	status = sql.failed ? no_memory(error) : status == SORI_END ? sori_sql_exec(database, sql.at, error) : status;
	sori_buffer_release(&sql);
	return status;
}

enum sori_status sori_category_map_install(struct sqlite3 *database, struct sori_error *error)
{
	struct sori_category_map *map;
	int64_t rows = 0;
	enum sori_status status = load_saved(database, &map, error);

	if (status != SORI_OK || !map)
		return status;
	status = sori_sql_exec(database,
			       "CREATE TEMP TABLE IF NOT EXISTS category_now(category INTEGER, first INTEGER, last INTEGER, target INTEGER);"
			       "DELETE FROM temp.category_now; DROP VIEW IF EXISTS temp.daily; DROP VIEW IF EXISTS temp.sample;",
			       error);
	if (status == SORI_OK)
		status = fill_table(map, database, error);
	if (status == SORI_OK)
		status = sori_sql_number(database, "SELECT count(*) FROM temp.category_now", &rows, error);
	if (status == SORI_OK && rows)
		status = create_view(database, "daily", "d.day, d.cell, coalesce(n.target, d.category), d.dictionary", error);
	if (status == SORI_OK && rows)
		status = create_view(database, "sample", "d.month, coalesce(n.target, d.category), d.rank, d.identity", error);
	sori_category_map_free(map);
	return status;
}
