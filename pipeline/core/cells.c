/* Two levels. A thread's cache maps the hash of the raw values straight to the cell: direct-mapped, 4,096 places, hit in
 * almost every record because dumps are sorted or cells are few. A miss takes the lock, cleans and masks each value,
 * interns it in its dimension's table and interns the eight value numbers as the cell.
 *
 * A dimension that passes SORI_DIMENSION_OPEN_LIMIT is closed: later values become 기타 at once, so the tables stay
 * bounded; the store turns the earlier ones into 기타 as well, so that the result does not depend on which came first. */
#include "pipeline/core/cells.h"

#include <pthread.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/store_intern.h"
#include "pipeline/text/redact.h"

#define CACHE_PLACES 4096

struct cells_entry {
	struct sori_hash128 key;
	uint32_t cell; /* + 1; 0 free */
};

struct sori_cells_cache {
	struct cells_entry entries[CACHE_PLACES];
};

struct sori_cells {
	pthread_mutex_t lock;
	struct sori_intern values[SORI_DIMENSION_COUNT];
	uint32_t other[SORI_DIMENSION_COUNT]; /* number of 기타 once the dimension is closed */
	bool closed[SORI_DIMENSION_COUNT];
	struct sori_intern combinations; /* keys: SORI_DIMENSION_COUNT numbers */
	struct sori_buffer clean, normal, masked;
	struct sori_map map;
	struct sori_mask_list masks;
};

struct sori_cells *sori_cells_new(void)
{
	struct sori_cells *cells = sori_alloc_zero(1, sizeof *cells);

	if (!cells)
		return NULL;
	pthread_mutex_init(&cells->lock, NULL);
	for (size_t i = 0; i < SORI_DIMENSION_COUNT; i++)
		sori_intern_init(&cells->values[i]);
	sori_intern_init(&cells->combinations);
	sori_buffer_init(&cells->clean, 64 * 1024);
	sori_buffer_init(&cells->normal, 64 * 1024);
	sori_buffer_init(&cells->masked, 64 * 1024);
	return cells;
}

void sori_cells_free(struct sori_cells *cells)
{
	if (!cells)
		return;
	for (size_t i = 0; i < SORI_DIMENSION_COUNT; i++)
		sori_intern_release(&cells->values[i]);
	sori_intern_release(&cells->combinations);
	sori_buffer_release(&cells->clean);
	sori_buffer_release(&cells->normal);
	sori_buffer_release(&cells->masked);
	sori_free(cells->map.points);
	sori_free(cells->masks.masks);
	pthread_mutex_destroy(&cells->lock);
	sori_free(cells);
}

struct sori_cells_cache *sori_cells_cache_new(void)
{
	return sori_alloc_zero(1, sizeof(struct sori_cells_cache));
}

void sori_cells_cache_free(struct sori_cells_cache *cache)
{
	sori_free(cache);
}

/* Cut to a bounded length on a code point border, before masking would cut a number in two: the limit for masking is
 * four times the final one. */
static struct sori_view cut(struct sori_view text, size_t limit)
{
	if (text.length <= limit)
		return text;
	while (limit > 0 && ((unsigned char)text.at[limit] & 0xc0) == 0x80)
		limit--;
	return (struct sori_view){text.at, limit};
}

/* Leaves the value as it may be shown in cells->masked. */
static enum sori_status show(struct sori_cells *cells, struct sori_view value)
{
	enum sori_status status;
	struct sori_view text = cut(sori_view_trim(value), (size_t)4 * SORI_DIMENSION_VALUE_LIMIT);

	sori_buffer_reset(&cells->clean);
	sori_buffer_reset(&cells->normal);
	sori_buffer_reset(&cells->masked);
	cells->map.count = cells->masks.count = 0;
	for (size_t i = 0; i < text.length; i++)
		sori_buffer_add_byte(&cells->clean, (unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f ? ' ' : text.at[i]);
	text = sori_buffer_view(&cells->clean);
	status = cells->clean.failed ? SORI_SYSTEM : sori_normalize(text, &cells->normal, &cells->map);
	if (status == SORI_OK)
		status = sori_redact(cells->normal.at, cells->normal.length, cells->map.points, cells->map.count,
				     &(struct sori_redact_options){.keep_staff_names = false}, &cells->masks);
	if (status == SORI_SYSTEM)
		return status;
	if (status == SORI_OK)
		sori_mask_text(text, cells->masks.masks, cells->masks.count, &cells->masked);
	else /* it cannot be searched for personal data, so it cannot be shown */
		sori_buffer_add_text(&cells->masked, SORI_DIMENSION_OTHER);
	return cells->masked.failed ? SORI_SYSTEM : SORI_OK;
}

/* Under the lock: the number of one value in its dimension. */
static enum sori_status value_number(struct sori_cells *cells, size_t dimension, struct sori_view value, uint32_t *number)
{
	struct sori_intern *table = &cells->values[dimension];
	struct sori_view shown = {"", 0};
	enum sori_status status = SORI_OK;

	if (value.length && dimension != SORI_DIMENSION_LANG) {
		status = show(cells, value);
		shown = cut(sori_view_trim(sori_buffer_view(&cells->masked)), SORI_DIMENSION_VALUE_LIMIT);
	} else {
		shown = value;
	}
	if (status != SORI_OK)
		return status;
	if (cells->closed[dimension] && shown.length) {
		*number = cells->other[dimension];
		return SORI_OK;
	}
	*number = sori_intern_add(table, shown, NULL);
	if (*number == SORI_INTERN_NONE)
		return SORI_SYSTEM;
	if (table->count > SORI_DIMENSION_OPEN_LIMIT) {
		cells->other[dimension] = sori_intern_add(table, SORI_VIEW_LITERAL(SORI_DIMENSION_OTHER), NULL);
		if (cells->other[dimension] == SORI_INTERN_NONE)
			return SORI_SYSTEM;
		cells->closed[dimension] = true;
	}
	return SORI_OK;
}

static enum sori_status find_slow(struct sori_cells *cells, const struct sori_view values[SORI_DIMENSION_COUNT],
				  uint32_t *cell)
{
	uint32_t numbers[SORI_DIMENSION_COUNT];
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < SORI_DIMENSION_COUNT && status == SORI_OK; i++)
		status = value_number(cells, i, values[i], &numbers[i]);
	if (status != SORI_OK)
		return status;
	*cell = sori_intern_add(&cells->combinations, sori_view_make((const char *)numbers, sizeof numbers), NULL);
	return *cell == SORI_INTERN_NONE ? SORI_SYSTEM : SORI_OK;
}

enum sori_status sori_cells_find(struct sori_cells *cells, struct sori_cells_cache *cache, struct sori_hash128 key,
				 const struct sori_view values[SORI_DIMENSION_COUNT], uint32_t *cell)
{
	struct cells_entry *entry = &cache->entries[key.low % CACHE_PLACES];
	enum sori_status status;

	if (entry->cell && entry->key.low == key.low && entry->key.high == key.high) {
		*cell = entry->cell - 1;
		return SORI_OK;
	}
	pthread_mutex_lock(&cells->lock);
	status = find_slow(cells, values, cell);
	pthread_mutex_unlock(&cells->lock);
	if (status == SORI_OK)
		*entry = (struct cells_entry){key, *cell + 1};
	return status;
}

size_t sori_cells_count(const struct sori_cells *cells)
{
	return cells->combinations.count;
}

void sori_cells_values(const struct sori_cells *cells, uint32_t cell, uint32_t values[SORI_DIMENSION_COUNT])
{
	memcpy(values, cells->combinations.text[cell].at, SORI_DIMENSION_COUNT * sizeof *values);
}

size_t sori_cells_value_count(const struct sori_cells *cells, enum sori_dimension dimension)
{
	return cells->values[dimension].count;
}

struct sori_view sori_cells_value(const struct sori_cells *cells, enum sori_dimension dimension, uint32_t value)
{
	return cells->values[dimension].text[value];
}

bool sori_cells_overflowed(const struct sori_cells *cells, enum sori_dimension dimension)
{
	return cells->closed[dimension];
}
