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
#include "pipeline/text/sketch.h"

struct sori_merge;
struct sori_merge_input;

#define SORI_SIMILAR_PARTS 64
#define SORI_SIMILAR_BUFFER 128 /* items of a part held in memory */

/* A document of the run, packed; or an exception (`input` is SORI_SIMILAR_EXCEPTION, `set` says which). The run's numbers. */
struct sori_similar_item {
	uint64_t high; /* identity */
	uint64_t customer : 48, content_low : 16;
	uint64_t input : 24, cell : 24, content_high : 16;
	uint32_t set;
	sori_day day;
	struct sori_sketch sketch;
};

struct sori_similar_part {
	struct sori_similar_item *items; /* NULL until used */
	size_t count;
	uint32_t *slots; /* of the file, each a full buffer */
	size_t slot_count, slot_capacity;
};

/* What one thread gathers, by day modulo SORI_SIMILAR_PARTS. */
struct sori_similar_pile {
	struct sori_similar_pile *next;
	const char *folder; /* borrowed */
	struct sori_similar_part parts[SORI_SIMILAR_PARTS];
	int file;
	uint32_t next_slot;
};

/* All piles of a run. new: `folder` is copied; NULL when memory is out. */
struct sori_similar_heap;
struct sori_similar_heap *sori_similar_heap_new(const char *folder);
void sori_similar_heap_free(struct sori_similar_heap *heap);
/* A pile of the heap, which frees it. Thread-safe; NULL when memory is out. */
struct sori_similar_pile *sori_similar_pile_new(struct sori_similar_heap *heap);

/* A record of the run, whatever becomes of it. */
enum sori_status sori_similar_add(struct sori_similar_pile *pile, const struct sori_fact *fact, const struct sori_sketch *sketch,
				  struct sori_error *error);

/* A record of this day is added soon. */
void sori_similar_expect(const struct sori_similar_pile *pile, sori_day day);

/* What the merge decides about a key. Most records are new and the only ones of their key: nothing need be told. */
enum sori_similar_exception {
	SORI_SIMILAR_TOUCH, /* the day's rows change without its documents (an equal record came or went) */
	SORI_SIMILAR_GONE,  /* no document of this key on this day */
	SORI_SIMILAR_WINS   /* of several versions the one with this content holds */
};
enum sori_status sori_similar_except(struct sori_similar_pile *pile, enum sori_similar_exception what, const struct sori_fact *fact,
				     struct sori_error *error);
/* What changed between `before` and `after` as in sori_watch_tell. */
enum sori_status sori_similar_tell(struct sori_similar_pile *pile, const struct sori_fact *before, const struct sori_fact *after,
				   struct sori_error *error);

/* After all partitions: brings the table up to date and tells the tallies what every row of the changed days holds. */
enum sori_status sori_similar_settle(struct sori_merge *merge, struct sori_error *error);

#endif
