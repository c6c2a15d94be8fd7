/* At most SORI_STORE_BLOBS blobs a partition: the smallest key is looked for among them directly. */
#include "pipeline/core/fact_scan.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/core/store_blob.h"

#define BLOBS 64 /* of a partition; the store merges them from 8 on */

struct cursor {
	struct sori_blob_reader reader;
	char *data;
	const struct sori_fact *fact; /* NULL: at the end */
};

struct scan {
	struct cursor cursors[BLOBS]; /* oldest first */
	size_t count;
	struct sori_error *error;
};

static enum sori_status advance(struct cursor *cursor, struct sori_error *error)
{
	enum sori_status status = sori_blob_next(&cursor->reader, &cursor->fact, error);

	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status open_cursor(struct scan *scan, sqlite3_stmt *row)
{
	size_t size = (size_t)sqlite3_column_bytes(row, 1);
	struct cursor *cursor = &scan->cursors[scan->count];
	enum sori_status status;

	if (scan->count == BLOBS)
		return sori_fail(scan->error, SORI_DATA, "the store has too many fact blobs; restore it from a copy");
	*cursor = (struct cursor){.data = sori_alloc(size)};
	scan->count++;
	if (!cursor->data)
		return sori_report_no_memory(scan->error);
	if (size)
		memcpy(cursor->data, sqlite3_column_blob(row, 1), size);
	status = sori_blob_reader_init(&cursor->reader, sori_view_make(cursor->data, size), scan->error);
	return status == SORI_OK ? advance(cursor, scan->error) : status;
}

static void close_cursors(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++) {
		sori_blob_reader_release(&scan->cursors[i].reader);
		sori_free(scan->cursors[i].data);
	}
	scan->count = 0;
}

/* The smallest key as its newest blob has it; NULL at the end. */
static const struct sori_fact *peek(const struct scan *scan)
{
	const struct sori_fact *best = NULL;

	for (size_t i = 0; i < scan->count; i++) {
		const struct sori_fact *fact = scan->cursors[i].fact;

		if (fact && (!best || sori_fact_compare(fact, best) <= 0))
			best = fact;
	}
	return best;
}

static enum sori_status visit_partition(struct scan *scan,
					enum sori_status (*visit)(void *user, const struct sori_fact *fact, struct sori_error *error),
					void *user)
{
	const struct sori_fact *fact;
	enum sori_status status = SORI_OK;

	while (status == SORI_OK && (fact = peek(scan))) {
		struct sori_fact copy = *fact;

		if (!(copy.flags & SORI_FACT_GONE))
			status = visit(user, &copy, scan->error);
		for (size_t i = 0; i < scan->count && status == SORI_OK; i++)
			if (scan->cursors[i].fact && sori_fact_compare(scan->cursors[i].fact, &copy) == 0)
				status = advance(&scan->cursors[i], scan->error);
	}
	return status;
}

enum sori_status sori_fact_scan(struct sqlite3 *database,
				enum sori_status (*visit)(void *user, const struct sori_fact *fact, struct sori_error *error),
				void *user, struct sori_error *error)
{
	struct scan *scan = sori_alloc_zero(1, sizeof *scan);
	sqlite3_stmt *row = NULL;
	int64_t partition = -1;
	enum sori_status status = scan ? sori_report_prepare(database, &row, "SELECT partition, data FROM fact ORDER BY partition, run",
							     error)
				       : sori_report_no_memory(error);

	if (scan)
		scan->error = error;
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		if (sqlite3_column_int64(row, 0) != partition) {
			status = visit_partition(scan, visit, user);
			close_cursors(scan);
			partition = sqlite3_column_int64(row, 0);
		}
		if (status == SORI_OK)
			status = open_cursor(scan, row);
	}
	if (status == SORI_END)
		status = visit_partition(scan, visit, user);
	if (scan)
		close_cursors(scan);
	(void)sqlite3_finalize(row);
	sori_free(scan);
	return status;
}

static enum sori_status read_set(struct sori_arena *arena, const char *text, struct sori_fact_set *set, struct sori_error *error)
{
	size_t numbers = 1;
	uint32_t *room;
	char *end;

	for (const char *at = text; *at; at++)
		numbers += *at == ',';
	room = sori_arena_zero(arena, numbers, sizeof *room);
	if (!room)
		return sori_report_no_memory(error);
	set->categories = room;
	for (const char *at = text; *at; at = *end == ',' ? end + 1 : end) {
		unsigned long number = strtoul(at, &end, 10);

		if (end == at || number > UINT32_MAX)
			return sori_fail(error, SORI_DATA, "the store has a damaged category set; restore it from a copy");
		if (number)
			room[set->count++] = (uint32_t)number;
	}
	return SORI_OK;
}

enum sori_status sori_fact_sets(struct sqlite3 *database, struct sori_arena *arena, const struct sori_fact_set **sets, size_t *limit,
				struct sori_error *error)
{
	struct sori_fact_set *all = NULL;
	sqlite3_stmt *row = NULL;
	enum sori_status status = sori_report_prepare(database, &row, "SELECT max(category_set) FROM category_set", error);

	if (status == SORI_OK)
		status = sori_report_step(row, error);
	*limit = status == SORI_OK ? (size_t)sori_report_count(row, 0) + 1 : 0;
	(void)sqlite3_finalize(row);
	if (status != SORI_OK)
		return status;
	if (!(all = sori_arena_zero(arena, *limit, sizeof *all)))
		return sori_report_no_memory(error);
	status = sori_report_prepare(database, &row, "SELECT category_set, categories FROM category_set", error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		size_t number = (size_t)sori_report_count(row, 0);
		const char *text = (const char *)sqlite3_column_text(row, 1);

		if (number < *limit)
			status = read_set(arena, text ? text : "", &all[number], error);
	}
	(void)sqlite3_finalize(row);
	*sets = all;
	return status == SORI_END ? SORI_OK : status;
}
