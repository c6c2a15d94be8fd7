/* One day of the table `similar`: merged with the run's changes, written back, grouped and counted. Private to
 * store_similar.c. */
#ifndef SORI_CORE_STORE_SIMILAR_DAY_H
#define SORI_CORE_STORE_SIMILAR_DAY_H

#include <pthread.h>

#include "pipeline/base/buffer.h"
#include "pipeline/core/similar.h"
#include "pipeline/core/store_internal.h"
#include "pipeline/core/store_similar.h"

/* Documents grouped at once; also changes sorted at once. Just under a power of two, which arrays grow to. */
#define SORI_SIMILAR_LIMIT ((size_t)64 * 1024 - 64)

/* The table, one thread at a time. */
struct sori_similar_table {
	pthread_mutex_t lock;
	sqlite3_stmt *bounds, *read, *insert, *remove;
};

struct sori_similar_seen; /* pairs met */

/* A document of a day, or an exception. The store's numbers. */
struct sori_similar_entry {
	uint64_t high;
	uint64_t customer;
	uint32_t cell;
	uint32_t set;        /* of an exception: which */
	uint32_t dictionary; /* 0: an exception */
	uint32_t content;
	struct sori_sketch sketch;
};

struct sori_similar_day {
	const struct sori_merge *merge;
	struct sori_similar_table *table;
	struct sori_tally *tally;
	sori_day day;
	int64_t old_base, old_next, new_base; /* row numbers */
	bool streaming;                       /* more documents than fit */
	bool changed;
	struct sori_similar_entry *old;       /* a row of the table */
	size_t old_at, old_count;
	bool old_done;
	struct sori_similar_entry *entries; /* merged */
	size_t entry_count, entry_capacity;
	int64_t rows;   /* written */
	uint64_t total; /* documents of the day */
	struct sori_buffer blob;
	uint64_t *column;
	struct sori_similar groups;
	uint32_t *sizes;
	size_t size_capacity;
	struct sori_similar_seen *complaints, *customers;
	struct sori_similar_place *places;
	size_t place_count;
};

struct sori_similar_key {
	uint64_t high;
	uint32_t day; /* index of the part's days */
	uint32_t index;
};

enum sori_status sori_similar_day_init(struct sori_similar_day *day, const struct sori_merge *merge,
				       struct sori_similar_table *table, struct sori_tally *tally, struct sori_error *error);
void sori_similar_day_release(struct sori_similar_day *day);

/* begin, feed any number of times with rising identities, end. `incoming`: changes at most. */
enum sori_status sori_similar_day_begin(struct sori_similar_day *day, sori_day number, size_t incoming, struct sori_error *error);
enum sori_status sori_similar_day_feed(struct sori_similar_day *day, const struct sori_similar_entry *items,
				       const struct sori_similar_key *keys, size_t count, struct sori_error *error);
enum sori_status sori_similar_day_end(struct sori_similar_day *day, struct sori_error *error);

#endif
