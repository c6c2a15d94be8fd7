/* Distinct complaints and distinct customers of a day.
 *
 * A distinct complaint is a group of near-duplicates (pipeline/core/similar.h) among the documents of one day: so a day's number
 * does not depend on how much history the store has, and tonight is comparable with last year. In every category that some
 * member of the group reports, the group counts once, in the row (cell, dictionary) of its first member with that category, first
 * by identity; a customer likewise. Rows therefore add up, over cells and over days, and one macro sent to twenty branches is
 * one complaint.
 *
 * The store keeps per day what that needs (table `similar`); a day that a run changes is grouped anew from all of its documents,
 * so the numbers are a function of the documents, not of how many runs brought them in which order. */
#ifndef SORI_CORE_STORE_SIMILAR_H
#define SORI_CORE_STORE_SIMILAR_H

#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/facts.h"

struct sori_merge;

#define SORI_SIMILAR_PARTS 64
#define SORI_SIMILAR_BUFFER 128 /* items of a part held in memory */

/* What became of one document on one day. */
struct sori_similar_item {
	uint64_t high; /* identity */
	uint64_t customer;
	sori_day day;
	uint32_t cell;
	uint32_t set;
	uint32_t dictionary; /* store number, or one of the two below */
	struct sori_sketch sketch;
};
#define SORI_SIMILAR_GONE 0u           /* it is not there any more */
#define SORI_SIMILAR_TOUCH UINT32_MAX  /* an equal record came or went: the day's rows are written, nothing else changes */

struct sori_similar_part {
	struct sori_similar_item *items; /* NULL until used */
	size_t count;
	uint32_t *slots; /* of the file, each a full buffer */
	size_t slot_count, slot_capacity;
};

/* Changes, gathered by one thread. */
struct sori_similar_pile {
	const char *folder; /* borrowed */
	struct sori_similar_part parts[SORI_SIMILAR_PARTS];
	int file;
	uint32_t next_slot;
};

void sori_similar_pile_init(struct sori_similar_pile *pile, const char *folder);
void sori_similar_pile_release(struct sori_similar_pile *pile);

/* What a changed key means for its days; `before` and `after` as in sori_watch_tell. `after` has its sketch. */
enum sori_status sori_similar_tell(struct sori_similar_pile *pile, const struct sori_fact *before, const struct sori_fact *after,
				   struct sori_error *error);

/* After all partitions: brings the table up to date and tells the tallies what every row of the changed days holds. */
enum sori_status sori_similar_settle(struct sori_merge *merge, struct sori_error *error);

#endif
