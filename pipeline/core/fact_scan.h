/* Every document in force, one after the other, out of the store's fact blobs: for questions that daily counts cannot answer
 * (distinct customers of a period, what came late, who wrote tonight). A partition's blobs are merged by key, the newest wins.
 * One pass costs about what reading the blobs costs, 20 to 40 million documents a second a core. */
#ifndef SORI_CORE_FACT_SCAN_H
#define SORI_CORE_FACT_SCAN_H

#include "pipeline/base/error.h"
#include "pipeline/core/facts.h"

struct sqlite3;

/* Calls `visit` for every live fact, partitions ascending, keys ascending within one. `cell`, `set`, `dictionary` and `input` are the
 * store's numbers; a status other than SORI_OK ends the scan and is returned. */
enum sori_status sori_fact_scan(struct sqlite3 *database,
				enum sori_status (*visit)(void *user, const struct sori_fact *fact, struct sori_error *error),
				void *user, struct sori_error *error);

/* The category sets of the store, by number. */
struct sori_fact_set {
	const uint32_t *categories; /* store numbers of `category`, ascending; 0 (all documents) left out */
	size_t count;
};
struct sori_arena;
enum sori_status sori_fact_sets(struct sqlite3 *database, struct sori_arena *arena, const struct sori_fact_set **sets, size_t *limit,
				struct sori_error *error);

#endif
