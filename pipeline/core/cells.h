/* Dimension combinations to numbers, while a run goes on. A cell is one combination of the values of source, channel,
 * product, region, language and up to three more; the records carry its number.
 *
 * The numbers are provisional: which thread meets a combination first decides them. When the run ends, the store maps
 * them to its own, given out in byte order (sori_cells_* for the store below), so nothing depends on threads. */
#ifndef SORI_CORE_CELLS_H
#define SORI_CORE_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/view.h"

enum sori_dimension {
	SORI_DIMENSION_SOURCE,
	SORI_DIMENSION_CHANNEL,
	SORI_DIMENSION_PRODUCT,
	SORI_DIMENSION_REGION,
	SORI_DIMENSION_LANG,
	SORI_DIMENSION_DIM1,
	SORI_DIMENSION_DIM2,
	SORI_DIMENSION_DIM3,
	SORI_DIMENSION_COUNT
};

#define SORI_DIMENSION_VALUE_LIMIT 120   /* bytes of one value; longer ones are cut on a code point border */
#define SORI_DIMENSION_KEPT_LIMIT 1000   /* values of a dimension in the store; the rest is 기타 */
#define SORI_DIMENSION_OPEN_LIMIT 65536  /* over this many distinct values in a run all of them are 기타 */
#define SORI_DIMENSION_OTHER "기타"

struct sori_cells;       /* shared by threads */
struct sori_cells_cache; /* of one thread */

struct sori_cells *sori_cells_new(void);
void sori_cells_free(struct sori_cells *cells);
struct sori_cells_cache *sori_cells_cache_new(void);
void sori_cells_cache_free(struct sori_cells_cache *cache);

/* The cell of these values (UTF-8, borrowed for the call; empty: none). `key` is a 128-bit hash of all of them: equal
 * keys are taken as equal values without a look (a lookup is then a load and a compare). Values are trimmed, C0 controls
 * become blanks, and what sori_redact finds in them is masked: they are shown in every output. SORI_SYSTEM when memory
 * is out. Thread-safe; locks only for combinations this thread has not met. */
enum sori_status sori_cells_find(struct sori_cells *cells, struct sori_cells_cache *cache, struct sori_hash128 key,
				 const struct sori_view values[SORI_DIMENSION_COUNT], uint32_t *cell);

/* For the store, after the last find; single-threaded. */
size_t sori_cells_count(const struct sori_cells *cells);
void sori_cells_values(const struct sori_cells *cells, uint32_t cell, uint32_t values[SORI_DIMENSION_COUNT]);
size_t sori_cells_value_count(const struct sori_cells *cells, enum sori_dimension dimension);
struct sori_view sori_cells_value(const struct sori_cells *cells, enum sori_dimension dimension, uint32_t value);
bool sori_cells_overflowed(const struct sori_cells *cells, enum sori_dimension dimension);

#endif
