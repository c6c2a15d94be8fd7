/* Changes of the daily counts, gathered in any order, given back in the order of the table: day (undated first), cell,
 * category, dictionary. Bounded memory: what does not fit goes to a temporary file as sorted runs. */
#ifndef SORI_CORE_STORE_TALLY_H
#define SORI_CORE_STORE_TALLY_H

#include <sys/types.h>

#include "pipeline/base/day.h"
#include "pipeline/base/error.h"

#define SORI_TALLY_CELL_LIMIT ((uint32_t)1 << 23)
#define SORI_TALLY_CATEGORY_LIMIT 1024u
#define SORI_TALLY_DICTIONARY_LIMIT 1024u /* different ones that one run touches */

struct sori_tally_entry {
	uint64_t key; /* 0 free */
	int64_t delta;
};

struct sori_tally_run {
	off_t offset;
	uint64_t count;
};

struct sori_tally {
	const char *folder; /* borrowed */
	size_t maximum;     /* places of the table */
	struct sori_tally_entry *entries;
	size_t capacity, used;
	uint32_t dictionaries[SORI_TALLY_DICTIONARY_LIMIT];
	uint32_t dictionary_count;
	int file;
	off_t file_size;
	struct sori_tally_run *runs;
	size_t run_count, run_capacity;
};

struct sori_tally_row {
	sori_day day;
	uint32_t cell;
	uint32_t category;
	uint32_t dictionary;
	int64_t delta; /* never 0 */
};

/* `places`: most entries held in memory, a power of two; 0 for the standard (8 MiB). */
void sori_tally_init(struct sori_tally *tally, const char *folder, size_t places);
void sori_tally_release(struct sori_tally *tally);

/* Number to use for `dictionary` in sori_tally_key; UINT32_MAX when there are too many. */
uint32_t sori_tally_dictionary(struct sori_tally *tally, uint32_t dictionary);

static inline uint64_t sori_tally_key(sori_day day, uint32_t cell, uint32_t category, uint32_t dictionary)
{
	uint64_t when = day == SORI_DAY_NONE ? 0 : (uint64_t)((int64_t)day + (1 << 20)) + 1;

	return when << 43 | (uint64_t)cell << 20 | (uint64_t)category << 10 | dictionary;
}

enum sori_status sori_tally_add(struct sori_tally *tally, uint64_t key, int64_t delta, struct sori_error *error);

/* Ends gathering and visits every key whose sum is not 0, in order. Once only. */
enum sori_status sori_tally_visit(struct sori_tally *tally,
				  enum sori_status (*visit)(void *user, const struct sori_tally_row *row,
							    struct sori_error *error),
				  void *user, struct sori_error *error);

#endif
