/* The categories that a dictionary declares: what aggregation, store and reports know of it. */
#ifndef SORI_CORE_CATALOG_H
#define SORI_CORE_CATALOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/view.h"

struct sori_category {
	const char *id;    /* "network.outage" */
	const char *ko;    /* labels, never NULL */
	const char *en;
	const char *owner; /* unit that acts on it; "" when none */
	uint8_t severity;  /* 1..5, 0 unset */
	bool praise;
	bool fallback;        /* counts only when no other pain category does */
	uint16_t count_tags;  /* tags (enum sori_tag) that a counted hit may carry */
};

/* Borrowed from the dictionary, read-only; categories in byte order of their ids. */
struct sori_catalog {
	const struct sori_category *categories;
	size_t count;
	struct sori_hash128 hash; /* of all dictionary bytes in reading order: the dictionary version */
	const struct sori_view *entries; /* id of every entry, for evidence; NULL: not given */
	size_t entry_count;
};

#endif
