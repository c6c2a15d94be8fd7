/* Facts: what the store keeps of one record. While a run goes on they are collected in 256 partitions by the first byte
 * of the identity, in fixed buffers that spill to an unlinked temporary file; when it ends, partition after partition is
 * loaded and sorted. Memory does not grow with the input. */
#ifndef SORI_CORE_FACTS_H
#define SORI_CORE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/batch.h"

#define SORI_PARTITIONS 256
#define SORI_FACT_HASH_BITS 48 /* of content and customer hashes that are kept */

enum sori_fact_flag {
	SORI_FACT_HAS_ID = 1, /* the record came with an id: equal keys are versions of one document */
	SORI_FACT_GONE = 2    /* in a blob: this key is no longer in the store */
};

/* Key: (high, low, occurrence). `cell`, `set` and `input` are the run's own numbers until the store maps them. */
struct sori_fact {
	uint64_t high;    /* identity, first 64 bits */
	uint32_t low;     /* and 32 more: 96 bits keep 10^10 records apart with odds of 10^-9 */
	uint32_t occurrence;
	uint64_t content; /* SORI_FACT_HASH_BITS */
	int64_t updated;  /* INT64_MIN none */
	uint64_t customer; /* SORI_FACT_HASH_BITS; 0 none */
	uint64_t record;  /* in its input; not kept in the store */
	uint32_t cell;
	uint32_t set;     /* of counted categories */
	sori_day day;
	uint32_t input;
	uint32_t dictionary; /* store number; set when loaded */
	int8_t rating;    /* -1 none */
	uint8_t flags;    /* enum sori_fact_flag */
};

struct sori_facts;       /* shared */
struct sori_facts_local; /* of one thread */

/* `folder` is where the temporary file goes (made when the first buffer is full, unlinked at once). `threads` sizes the
 * buffers: 8 MiB in all at most, 2 MiB a thread. NULL when memory is out. Category limit as in the batch. */
struct sori_facts *sori_facts_new(const char *folder, unsigned threads);
void sori_facts_free(struct sori_facts *facts);
struct sori_facts_local *sori_facts_local_new(struct sori_facts *facts);
void sori_facts_local_free(struct sori_facts_local *local);

/* The number of a set of categories (bits by catalog index); 0 is the empty set. Thread-safe, locks on a miss only. */
enum sori_status sori_facts_set(struct sori_facts_local *local, const uint64_t categories[SORI_CATEGORY_LIMIT / 64],
				uint32_t *set, struct sori_error *error);

/* Appends a copy (dictionary and occurrence are not kept). */
enum sori_status sori_facts_add(struct sori_facts_local *local, const struct sori_fact *fact, struct sori_error *error);

/* A fact with this identity is added soon: its place is brought into the cache. */
void sori_facts_expect(const struct sori_facts_local *local, uint64_t high);

/* Hands the thread's buffers over; one thread at a time. The local is empty afterwards. */
enum sori_status sori_facts_merge(struct sori_facts *facts, struct sori_facts_local *local, struct sori_error *error);

/* After the last merge. */
uint64_t sori_facts_count(const struct sori_facts *facts);
uint64_t sori_facts_partition_count(const struct sori_facts *facts, unsigned partition);
/* First and last day of the dated ones, refused inputs included; first > last when there is none. */
void sori_facts_days(const struct sori_facts *facts, sori_day *first, sori_day *last);
size_t sori_facts_set_count(const struct sori_facts *facts);
const uint64_t *sori_facts_set_bits(const struct sori_facts *facts, uint32_t set);

/* Calls `visit` for every fact of the partition, in no order. Thread-safe for readers (each with its own scratch of
 * sori_facts_scratch_size bytes). A status other than SORI_OK ends it. */
size_t sori_facts_scratch_size(const struct sori_facts *facts);
enum sori_status sori_facts_visit(const struct sori_facts *facts, unsigned partition, void *scratch,
				  enum sori_status (*visit)(void *user, const struct sori_fact *fact), void *user,
				  struct sori_error *error);

/* Sorts by (high, low, input, record). `scratch` has room for `count` facts' keys (16 bytes each). */
struct sori_fact_key {
	uint64_t high;
	uint32_t index;
	uint32_t low;
};
void sori_facts_sort(const struct sori_fact *facts, struct sori_fact_key *keys, struct sori_fact_key *scratch,
		     uint32_t *starts, size_t count);
#define SORI_FACTS_SORT_STARTS 16385 /* places of `starts` */

#endif
