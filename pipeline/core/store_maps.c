/* Categories and sets of the run get the store's numbers, new ones in byte order of their ids, so that the store does not
 * know which thread met what first.
 *
 * A set is stored as the list of rows it counts in, the special ones included ("0,1" nothing found; "0,2,17" one pain
 * category): when a category changes from pain to praise between two dictionaries, taking an old fact back still
 * subtracts exactly what was added for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_internal.h"

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

enum sori_status sori_merge_map_categories(struct sori_merge *merge, struct sori_error *error)
{
	static const char *const sql =
		"INSERT INTO category VALUES((SELECT max(category) + 1 FROM category), ?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		" ON CONFLICT(id) DO UPDATE SET ko = excluded.ko, en = excluded.en, kind = excluded.kind,"
		" owner = excluded.owner, severity = excluded.severity, fallback = excluded.fallback RETURNING category";
	const struct sori_catalog *catalog = merge->store->run.catalog;
	sqlite3_stmt *statement = NULL;
	enum sori_status status = SORI_OK;

	merge->category_map = sori_arena_zero(&merge->arena, catalog->count + 1, sizeof *merge->category_map);
	if (!merge->category_map)
		return no_memory(error);
	status = sori_sql_prepare(merge->store->database, &statement, sql, error);
	for (size_t i = 0; i < catalog->count && status == SORI_OK; i++) {
		const struct sori_category *category = &catalog->categories[i];

		sori_sql_bind_text(statement, 1, category->id);
		sori_sql_bind_text(statement, 2, category->ko);
		sori_sql_bind_text(statement, 3, category->en);
		sori_sql_bind_text(statement, 4, category->praise ? "praise" : "pain");
		sori_sql_bind_text(statement, 5, category->owner);
		(void)sqlite3_bind_int(statement, 6, category->severity);
		(void)sqlite3_bind_int(statement, 7, category->fallback);
		status = sori_sql_step(statement, error);
		if (status != SORI_OK)
			break;
		merge->category_map[i] = (uint16_t)sqlite3_column_int(statement, 0);
		if (sqlite3_column_int(statement, 0) >= (int)SORI_TALLY_CATEGORY_LIMIT)
			status = sori_fail(error, SORI_CONFIG, "the store holds %u categories, no more fit; begin a new store",
					   SORI_TALLY_CATEGORY_LIMIT);
		else
			status = sori_sql_run(statement, error);
	}
	sqlite3_finalize(statement);
	return status;
}

static enum sori_status parse_set(struct sori_merge *merge, struct sori_store_set *set, struct sori_view text,
				  struct sori_error *error)
{
	size_t count = 1;

	for (size_t i = 0; i < text.length; i++)
		count += text.at[i] == ',';
	set->categories = sori_arena_alloc(&merge->arena, count * sizeof *set->categories);
	if (!set->categories)
		return no_memory(error);
	set->count = 0;
	for (size_t at = 0; at < text.length && set->count < count; at++) {
		unsigned value = 0;

		while (at < text.length && text.at[at] >= '0' && text.at[at] <= '9')
			value = value * 10 + (unsigned)(text.at[at++] - '0');
		if (value >= SORI_TALLY_CATEGORY_LIMIT)
			return sori_fail(error, SORI_DATA, "a category set of the store is damaged; restore it from a copy");
		set->categories[set->count++] = (uint16_t)value;
	}
	return SORI_OK;
}

static enum sori_status load_sets(struct sori_merge *merge, struct sori_intern *names, uint32_t *numbers_end,
				  size_t extra, struct sori_error *error)
{
	sqlite3 *database = merge->store->database;
	sqlite3_stmt *statement = NULL;
	int64_t last = 0;
	enum sori_status status = sori_sql_number(database, "SELECT max(category_set) FROM category_set", &last, error);

	if (status != SORI_OK)
		return status;
	merge->set_count = (size_t)last + 1 + extra;
	merge->sets = sori_arena_zero(&merge->arena, merge->set_count, sizeof *merge->sets);
	if (!merge->sets)
		return no_memory(error);
	status = sori_sql_prepare(database, &statement,
				  "SELECT category_set, categories FROM category_set ORDER BY category_set", error);
	while (status == SORI_OK && (status = sori_sql_step(statement, error)) == SORI_OK) {
		int64_t number = sqlite3_column_int64(statement, 0);
		struct sori_view text = sori_sql_text(statement, 1);
		/* Interned numbers are the store's less one: both run without holes from the first. */
		uint32_t interned = sori_intern_add(names, text, NULL);

		if (interned == SORI_INTERN_NONE)
			status = no_memory(error);
		else if (interned != (uint32_t)number - 1)
			status = sori_fail(error, SORI_DATA, "the category sets of the store are damaged");
		else
			status = parse_set(merge, &merge->sets[number], text, error);
	}
	sqlite3_finalize(statement);
	*numbers_end = (uint32_t)last;
	return status == SORI_END ? SORI_OK : status;
}

static int by_number(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static void set_text(const struct sori_merge *merge, uint32_t set, struct sori_buffer *text)
{
	const struct sori_catalog *catalog = merge->store->run.catalog;
	const uint64_t *bits = sori_facts_set_bits(merge->store->facts, set);
	uint16_t numbers[SORI_CATEGORY_LIMIT];
	size_t count = 0;
	bool pain = false;

	for (size_t i = 0; i < catalog->count; i++) {
		if (!(bits[i / 64] >> i % 64 & 1))
			continue;
		numbers[count++] = merge->category_map[i];
		pain |= !catalog->categories[i].praise;
	}
	qsort(numbers, count, sizeof *numbers, by_number);
	sori_buffer_reset(text);
	sori_buffer_add_u64(text, SORI_CATEGORY_ALL);
	if (count == 0)
		sori_buffer_add_format(text, ",%d", SORI_CATEGORY_NO);
	if (pain)
		sori_buffer_add_format(text, ",%d", SORI_CATEGORY_PAIN);
	for (size_t i = 0; i < count; i++)
		sori_buffer_add_format(text, ",%u", numbers[i]);
}

/* New sets in byte order of their texts. */
static enum sori_status add_sets(struct sori_merge *merge, const struct sori_intern *names, uint32_t known,
				 struct sori_error *error)
{
	uint32_t *order = sori_alloc((names->count + 1) * sizeof *order);
	uint32_t *renamed = sori_alloc_zero(names->count + 1, sizeof *renamed);
	sqlite3_stmt *statement = NULL;
	uint32_t next = known + 1;
	enum sori_status status = order && renamed ? SORI_OK : no_memory(error);

	if (status == SORI_OK) {
		sori_intern_sort(names, order);
		status = sori_sql_prepare(merge->store->database, &statement, "INSERT INTO category_set VALUES(?, ?)", error);
	}
	for (size_t i = 0; i < names->count && status == SORI_OK; i++) {
		if (order[i] < known) {
			renamed[order[i]] = order[i] + 1;
			continue;
		}
		renamed[order[i]] = next;
		status = parse_set(merge, &merge->sets[next], names->text[order[i]], error);
		(void)sqlite3_bind_int64(statement, 1, next++);
		sori_sql_bind_view(statement, 2, names->text[order[i]]);
		if (status == SORI_OK)
			status = sori_sql_run(statement, error);
	}
	for (size_t i = 0; status == SORI_OK && i < sori_facts_set_count(merge->store->facts); i++)
		merge->set_map[i] = renamed[merge->set_map[i]];
	sqlite3_finalize(statement);
	sori_free(order);
	sori_free(renamed);
	return status;
}

enum sori_status sori_merge_map_sets(struct sori_merge *merge, struct sori_error *error)
{
	size_t count = sori_facts_set_count(merge->store->facts);
	struct sori_intern names;
	struct sori_buffer text;
	uint32_t known = 0;
	enum sori_status status;

	sori_intern_init(&names);
	sori_buffer_init(&text, 8192);
	merge->set_map = sori_arena_zero(&merge->arena, count, sizeof *merge->set_map);
	status = merge->set_map ? load_sets(merge, &names, &known, count, error) : no_memory(error);
	for (uint32_t i = 0; i < count && status == SORI_OK; i++) {
		set_text(merge, i, &text);
		merge->set_map[i] = text.failed ? SORI_INTERN_NONE : sori_intern_add(&names, sori_buffer_view(&text), NULL);
		if (merge->set_map[i] == SORI_INTERN_NONE)
			status = no_memory(error);
	}
	if (status == SORI_OK)
		status = add_sets(merge, &names, known, error);
	sori_buffer_release(&text);
	sori_intern_release(&names);
	return status;
}
