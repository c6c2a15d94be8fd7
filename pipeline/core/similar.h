/* Groups of near-duplicate texts by their sketches (pipeline/text/sketch.h): connected components of "at least 26 of 32 bins
 * equal" among candidates that share one of 8 bands of 4 bins. The result depends on the sequence of sketches only. */
#ifndef SORI_CORE_SIMILAR_H
#define SORI_CORE_SIMILAR_H

#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/text/sketch.h"

/* Working memory, kept between calls. Zeroed to begin with. */
struct sori_similar {
	uint32_t *parent;  /* [count] while grouping; afterwards the group: the smallest index of its members */
	uint32_t *slots;   /* index + 1 by sketch */
	uint32_t *unique;  /* indexes of sketches that differ */
	uint32_t *keys;    /* [bands][unique] */
	uint64_t *tags;    /* [unique] a byte of each band */
	uint32_t *chosen;  /* places in `unique` whose key of a band may come twice */
	uint32_t *buckets; /* where each ends */
	uint32_t *places;  /* `chosen` by bucket */
	uint64_t *members; /* their tags */
	uint64_t *bits;    /* keys met */
	size_t parent_capacity, slot_capacity, unique_capacity, key_capacity, tag_capacity, chosen_capacity, bucket_capacity,
		place_capacity, member_capacity, bit_capacity;
};

void sori_similar_release(struct sori_similar *similar);

/* Groups `count` sketches, each `stride` bytes after the one before. `similar->parent[i]` is then the smallest index of the
 * group that i is in. */
enum sori_status sori_similar_group(struct sori_similar *similar, const struct sori_sketch *sketches, size_t stride, size_t count,
				    struct sori_error *error);

#endif
