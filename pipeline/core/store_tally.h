/* Changes of the daily counts, gathered in any order, given back in the order of the table: day (undated first), cell,
 * category, dictionary. Bounded memory: changes go to 64 ranges of days, in buffers that spill to a temporary file; the
 * ranges are then summed one after the other, each in a table that fits the cache. One tally a thread. */
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
	uint32_t complaints, customers;
};

#define SORI_TALLY_RANGES 64
#define SORI_TALLY_BUFFER 256 /* items of a range held in memory */

/* One document more or less: it counts in every category of its set. Or, with SORI_TALLY_DISTINCT in `set`, what a whole row
 * holds in distinct complaints and customers: the rest of `set`, and `sign`. */
#define SORI_TALLY_DISTINCT ((uint32_t)1 << 31)
struct sori_tally_item {
	uint64_t key; /* of category 0; of a row */
	uint32_t set;
	int32_t sign;
};

struct sori_tally_range {
	struct sori_tally_item *items; /* NULL until used */
	size_t count;
	uint32_t *slots; /* of the file, each a full buffer */
	size_t slot_count, slot_capacity;
};

struct sori_tally_run { /* a table that was full: sorted, in the file */
	off_t offset;
	uint64_t count;
};

struct sori_store_set {
	uint16_t *categories; /* rows to count, ascending */
	uint16_t count;
};

struct sori_tally {
	const char *folder; /* borrowed */
	sori_day first, last;
	struct sori_tally_range ranges[SORI_TALLY_RANGES];
	uint32_t dictionaries[SORI_TALLY_DICTIONARY_LIMIT];
	uint32_t dictionary_count;
	int file;
	off_t file_size;
	size_t maximum;     /* places of the table */
	struct sori_tally_entry *entries;
	size_t capacity, used;
	struct sori_tally_run *runs;
	size_t run_count, run_capacity;
};

struct sori_tally_row {
	sori_day day;
	uint32_t cell;
	uint32_t category;
	uint32_t dictionary;
	int64_t delta; /* of the documents */
	uint32_t complaints, customers; /* what the row holds, all of it: no difference */
};

/* `first` and `last` are the days that most changes fall into (first > last: unknown); others are fine. `places`: most
 * entries of the table, a power of two; 0 for the standard (12 MiB). */
void sori_tally_init(struct sori_tally *tally, const char *folder, sori_day first, sori_day last, size_t places);
void sori_tally_release(struct sori_tally *tally);

/* Number to use for `dictionary` in sori_tally_key; UINT32_MAX when there are too many. */
uint32_t sori_tally_dictionary(struct sori_tally *tally, uint32_t dictionary);

static inline uint64_t sori_tally_key(sori_day day, uint32_t cell, uint32_t category, uint32_t dictionary)
{
	uint64_t when = day == SORI_DAY_NONE ? 0 : (uint64_t)((int64_t)day + (1 << 20)) + 1;

	return when << 43 | (uint64_t)cell << 20 | (uint64_t)category << 10 | dictionary;
}

/* `key` with category 0; `set` indexes the sets given to visit. */
enum sori_status sori_tally_add(struct sori_tally *tally, uint64_t key, uint32_t set, int32_t sign,
				struct sori_error *error);

/* What a row holds in distinct complaints and customers; several calls for one row add up. */
enum sori_status sori_tally_add_distinct(struct sori_tally *tally, uint64_t key, uint32_t complaints, uint32_t customers,
					 struct sori_error *error);

/* Ends gathering and visits every key met in `count` tallies of the same days, in order. Once only. */
enum sori_status sori_tally_visit(struct sori_tally *tallies, size_t count, const struct sori_store_set *sets,
				  enum sori_status (*visit)(void *user, const struct sori_tally_row *row,
							    struct sori_error *error),
				  void *user, struct sori_error *error);

#endif
