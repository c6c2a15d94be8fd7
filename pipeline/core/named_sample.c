/* Rows are made when they are needed, since most dumps are small, and packed once the number of columns is known. */
#include "pipeline/core/named_sample.h"

#include <string.h>

#include "pipeline/base/memory.h"

struct sori_named_sample {
	struct sori_arena arena;
	struct sori_view *names; /* `column_limit` */
	struct sori_view **row;  /* `row_limit` + 1, each `column_limit` values or NULL */
	size_t columns, rows, column_limit, row_limit;
	bool no_memory;
};

struct sori_named_sample *sori_named_sample_new(size_t rows, size_t columns)
{
	struct sori_named_sample *sample = sori_alloc_zero(1, sizeof *sample);

	if (!sample)
		return NULL;
	sori_arena_init(&sample->arena, 256 * 1024);
	sample->row_limit = rows;
	sample->column_limit = columns;
	sample->names = sori_arena_zero(&sample->arena, columns, sizeof *sample->names);
	sample->row = sori_arena_zero(&sample->arena, rows + 1, sizeof *sample->row);
	if (sample->names && sample->row)
		return sample;
	sori_named_sample_free(sample);
	return NULL;
}

void sori_named_sample_free(struct sori_named_sample *sample)
{
	if (!sample)
		return;
	sori_arena_release(&sample->arena);
	sori_free(sample);
}

struct sori_arena *sori_named_sample_arena(struct sori_named_sample *sample)
{
	return &sample->arena;
}

void sori_named_sample_no_memory(struct sori_named_sample *sample)
{
	sample->no_memory = true;
}

bool sori_named_sample_begin_row(struct sori_named_sample *sample)
{
	if (sample->no_memory || sample->rows == sample->row_limit)
		return false;
	if (!sample->row[sample->rows])
		sample->row[sample->rows] = sori_arena_zero(&sample->arena, sample->column_limit, sizeof **sample->row);
	sample->no_memory = !sample->row[sample->rows];
	return !sample->no_memory;
}

static struct sori_view keep(struct sori_named_sample *sample, struct sori_view text)
{
	struct sori_view copy = sori_arena_copy(&sample->arena, text);

	sample->no_memory = sample->no_memory || (text.length && !copy.at);
	return copy;
}

void sori_named_sample_add(struct sori_named_sample *sample, struct sori_view name, struct sori_view value)
{
	size_t column = 0;

	while (column < sample->columns && !sori_view_equal(sample->names[column], name))
		column++;
	if (column == sample->column_limit)
		return;
	if (column == sample->columns)
		sample->names[sample->columns++] = keep(sample, name);
	if (!sample->row[sample->rows][column].length)
		sample->row[sample->rows][column] = keep(sample, value);
}

void sori_named_sample_end_row(struct sori_named_sample *sample, bool keep_it)
{
	if (keep_it)
		sample->rows++;
	else
		memset(sample->row[sample->rows], 0, sample->column_limit * sizeof **sample->row);
}

enum sori_status sori_named_sample_choose(struct sori_named_sample *sample, const struct sori_input_wish *wish,
					  struct sori_input *input, struct sori_error *error)
{
	struct sori_column_choice choice;
	struct sori_view *packed = NULL;

	if (!sample->no_memory)
		packed = sori_arena_zero(&sample->arena, sample->rows * sample->columns + 1, sizeof *packed);
	if (!packed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t row = 0; row < sample->rows && sample->columns; row++)
		memcpy(packed + row * sample->columns, sample->row[row], sample->columns * sizeof *packed);
	struct sori_column_table columns = {sample->names, sample->columns, packed, sample->rows, true};
	return sori_columns_choose(&columns, wish, input, &choice, error);
}
