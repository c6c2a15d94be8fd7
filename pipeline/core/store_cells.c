/* Cells of the run to cells of the store.
 *
 * A dimension keeps the values that the store has and takes new ones, the most frequent first, ties in byte order, until
 * there are SORI_DIMENSION_KEPT_LIMIT; the others are 기타. Frequencies need a pass over all facts, so they are counted
 * only when some dimension has too many values, or when an input was refused and its values must not appear. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_internal.h"

static const char *const columns[SORI_DIMENSION_COUNT] = {"source", "channel", "product", "region",
							  "lang",   "dim1",    "dim2",	  "dim3"};

struct cell_work {
	struct sori_merge *merge;
	const struct sori_cells *cells;
	uint64_t *uses;                              /* per cell of the run; NULL: all are used */
	struct sori_intern kept[SORI_DIMENSION_COUNT]; /* values of the store */
	bool *other[SORI_DIMENSION_COUNT];           /* per value of the run: becomes 기타 */
	struct sori_intern names;                    /* cells: values each followed by NUL; number = store number - 1 */
	uint32_t known;                              /* cells that the store had */
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status count_use(void *user, const struct sori_fact *fact)
{
	struct cell_work *work = user;

	work->uses[fact->cell] += work->merge->inputs[fact->input].number != 0;
	return SORI_OK;
}

static enum sori_status count_uses(struct cell_work *work, struct sori_error *error)
{
	struct sori_facts *facts = work->merge->store->facts;
	void *scratch = sori_alloc(sori_facts_scratch_size(facts));
	enum sori_status status;

	work->uses = sori_alloc_zero(sori_cells_count(work->cells) + 1, sizeof *work->uses);
	status = scratch && work->uses ? SORI_OK : no_memory(error);
	for (unsigned i = 0; i < SORI_PARTITIONS && status == SORI_OK; i++)
		status = sori_facts_visit(facts, i, scratch, count_use, work, error);
	sori_free(scratch);
	return status;
}

static bool needs_uses(const struct cell_work *work)
{
	const struct sori_run *run = &work->merge->store->run;

	for (size_t i = 0; i < run->input_count; i++)
		if (work->merge->inputs[i].number == 0 && !run->inputs[i]->known)
			return true;
	for (int i = 0; i < SORI_DIMENSION_COUNT; i++)
		if (work->kept[i].count + sori_cells_value_count(work->cells, (enum sori_dimension)i) >
		    SORI_DIMENSION_KEPT_LIMIT)
			return true;
	return false;
}

/* The store's cells and values, numbers in order. */
static enum sori_status load_store(struct cell_work *work, struct sori_error *error)
{
	sqlite3_stmt *statement;
	struct sori_buffer name;
	enum sori_status status = sori_sql_prepare(
		work->merge->store->database, &statement,
		"SELECT cell, source, channel, product, region, lang, dim1, dim2, dim3 FROM cell ORDER BY cell", error);

	sori_buffer_init(&name, 64 * 1024);
	while (status == SORI_OK && (status = sori_sql_step(statement, error)) == SORI_OK) {
		uint32_t number;

		sori_buffer_reset(&name);
		for (int i = 0; i < SORI_DIMENSION_COUNT; i++) {
			struct sori_view value = sori_sql_text(statement, i + 1);

			sori_buffer_add_view(&name, value);
			sori_buffer_add_byte(&name, '\0');
			if (value.length && !sori_view_is(value, SORI_DIMENSION_OTHER) &&
			    sori_intern_add(&work->kept[i], value, NULL) == SORI_INTERN_NONE)
				status = no_memory(error);
		}
		number = status == SORI_OK && !name.failed ? sori_intern_add(&work->names, sori_buffer_view(&name), NULL)
							   : SORI_INTERN_NONE;
		if (number == SORI_INTERN_NONE)
			status = no_memory(error);
		else if (number + 1 != sqlite3_column_int64(statement, 0))
			status = sori_fail(error, SORI_DATA, "the cells of the store are damaged; restore it from a copy");
	}
	sqlite3_finalize(statement);
	sori_buffer_release(&name);
	work->known = (uint32_t)work->names.count;
	return status == SORI_END ? SORI_OK : status;
}

struct ranked {
	struct sori_view text;
	uint64_t uses;
	uint32_t value;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;

	if (left->uses != right->uses)
		return left->uses > right->uses ? -1 : 1;
	return sori_view_compare(left->text, right->text);
}

static void sum_uses(const struct cell_work *work, size_t dimension, struct ranked *values)
{
	for (uint32_t cell = 0; cell < sori_cells_count(work->cells); cell++) {
		uint32_t numbers[SORI_DIMENSION_COUNT];

		sori_cells_values(work->cells, cell, numbers);
		values[numbers[dimension]].uses += work->uses[cell];
	}
}

static void warn(const struct cell_work *work, size_t dimension, const char *what)
{
	const struct sori_run *run = &work->merge->store->run;

	for (size_t i = 0; i < run->input_count; i++) {
		struct sori_input *input = run->inputs[i];
		size_t length = strlen(input->warning);

		if (!input->known && work->merge->inputs[i].number)
			(void)snprintf(input->warning + length, sizeof input->warning - length, "%s%s %s",
				       length ? "; " : "", columns[dimension], what);
	}
}

/* Decides which new values of one dimension stay. */
static enum sori_status limit_values(struct cell_work *work, size_t dimension, struct sori_error *error)
{
	size_t count = sori_cells_value_count(work->cells, (enum sori_dimension)dimension), fresh = 0, room;
	bool closed = sori_cells_overflowed(work->cells, (enum sori_dimension)dimension);
	struct ranked *values = sori_alloc_zero(count + 1, sizeof *values);
	bool *other = sori_alloc_zero(count + 1, sizeof *other);

	work->other[dimension] = other;
	if (!values || !other) {
		sori_free(values);
		return no_memory(error);
	}
	for (uint32_t i = 0; i < count; i++)
		values[i] = (struct ranked){sori_cells_value(work->cells, (enum sori_dimension)dimension, i), 0, i};
	if (work->uses)
		sum_uses(work, dimension, values);
	for (uint32_t i = 0; i < count; i++) {
		if (closed)
			other[i] = values[i].text.length > 0;
		else if (values[i].text.length && !sori_view_is(values[i].text, SORI_DIMENSION_OTHER) &&
			 (!work->uses || values[i].uses) &&
			 sori_intern_find(&work->kept[dimension], values[i].text) == SORI_INTERN_NONE)
			values[fresh++] = values[i];
	}
	room = work->kept[dimension].count < SORI_DIMENSION_KEPT_LIMIT
		       ? SORI_DIMENSION_KEPT_LIMIT - work->kept[dimension].count
		       : 0;
	if (fresh > room) {
		qsort(values, fresh, sizeof *values, by_rank);
		for (size_t i = room; i < fresh; i++)
			other[values[i].value] = true;
		warn(work, dimension, "has over 1,000 values; the rarer ones are counted as " SORI_DIMENSION_OTHER);
	}
	if (closed)
		warn(work, dimension, "has over 65,536 values; all are counted as " SORI_DIMENSION_OTHER);
	sori_free(values);
	return SORI_OK;
}

static void cell_name(const struct cell_work *work, uint32_t cell, struct sori_buffer *name)
{
	uint32_t numbers[SORI_DIMENSION_COUNT];

	sori_cells_values(work->cells, cell, numbers);
	sori_buffer_reset(name);
	for (int i = 0; i < SORI_DIMENSION_COUNT; i++) {
		if (work->other[i][numbers[i]])
			sori_buffer_add_text(name, SORI_DIMENSION_OTHER);
		else
			sori_buffer_add_view(name, sori_cells_value(work->cells, (enum sori_dimension)i, numbers[i]));
		sori_buffer_add_byte(name, '\0');
	}
}

static enum sori_status insert_cell(sqlite3_stmt *statement, uint32_t number, struct sori_view name,
				    struct sori_error *error)
{
	(void)sqlite3_bind_int64(statement, 1, number);
	for (int i = 0; i < SORI_DIMENSION_COUNT; i++) {
		size_t length = strlen(name.at);

		sori_sql_bind_view(statement, i + 2, sori_view_make(name.at, length));
		name.at += length + 1;
	}
	return sori_sql_run(statement, error);
}

/* New cells in byte order of their values. */
static enum sori_status add_cells(struct cell_work *work, struct sori_error *error)
{
	size_t count = work->names.count;
	uint32_t *order = sori_alloc((count + 1) * sizeof *order);
	uint32_t *renamed = sori_alloc_zero(count + 1, sizeof *renamed);
	uint32_t *map = work->merge->cell_map, next = work->known + 1;
	sqlite3_stmt *statement = NULL;
	enum sori_status status = order && renamed ? SORI_OK : no_memory(error);

	if (status == SORI_OK && count >= SORI_TALLY_CELL_LIMIT)
		status = sori_fail(error, SORI_SYSTEM, "over %u combinations of dimension values; use fewer dimensions",
				   SORI_TALLY_CELL_LIMIT);
	if (status == SORI_OK)
		status = sori_sql_prepare(work->merge->store->database, &statement,
					  "INSERT INTO cell VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", error);
	if (status == SORI_OK)
		sori_intern_sort(&work->names, order);
	for (size_t i = 0; i < count && status == SORI_OK; i++) {
		renamed[order[i]] = order[i] < work->known ? order[i] + 1 : next++;
		if (order[i] >= work->known)
			status = insert_cell(statement, renamed[order[i]], work->names.text[order[i]], error);
	}
	for (size_t i = 0; status == SORI_OK && i < sori_cells_count(work->cells); i++)
		map[i] = map[i] == SORI_INTERN_NONE ? 0 : renamed[map[i]];
	sqlite3_finalize(statement);
	sori_free(order);
	sori_free(renamed);
	return status;
}

static enum sori_status name_cells(struct cell_work *work, struct sori_error *error)
{
	size_t count = sori_cells_count(work->cells);
	uint32_t *map = sori_arena_alloc(&work->merge->arena, (count + 1) * sizeof *map);
	struct sori_buffer name;
	enum sori_status status = map ? SORI_OK : no_memory(error);

	work->merge->cell_map = map;
	sori_buffer_init(&name, 64 * 1024);
	for (uint32_t i = 0; i < count && status == SORI_OK; i++) {
		map[i] = SORI_INTERN_NONE;
		if (work->uses && !work->uses[i])
			continue;
		cell_name(work, i, &name);
		map[i] = name.failed ? SORI_INTERN_NONE : sori_intern_add(&work->names, sori_buffer_view(&name), NULL);
		if (map[i] == SORI_INTERN_NONE)
			status = no_memory(error);
	}
	sori_buffer_release(&name);
	return status;
}

enum sori_status sori_merge_map_cells(struct sori_merge *merge, struct sori_error *error)
{
	struct cell_work work = {.merge = merge, .cells = merge->store->cells};
	enum sori_status status;

	sori_intern_init(&work.names);
	for (size_t i = 0; i < SORI_DIMENSION_COUNT; i++)
		sori_intern_init(&work.kept[i]);
	status = load_store(&work, error);
	if (status == SORI_OK && needs_uses(&work))
		status = count_uses(&work, error);
	for (size_t i = 0; i < SORI_DIMENSION_COUNT && status == SORI_OK; i++)
		status = limit_values(&work, i, error);
	if (status == SORI_OK)
		status = name_cells(&work, error);
	if (status == SORI_OK)
		status = add_cells(&work, error);
	for (size_t i = 0; i < SORI_DIMENSION_COUNT; i++) {
		sori_intern_release(&work.kept[i]);
		sori_free(work.other[i]);
	}
	sori_intern_release(&work.names);
	sori_free(work.uses);
	return status;
}
