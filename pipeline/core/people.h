/* Who is behind the cells of a table: documents, distinct customers, and whether one customer has most of them. Two passes over the
 * same documents, in any order: the result depends on the set of documents alone.
 *
 *   pass 1   sori_people_add     distinct keyed hashes, exact up to a limit, then the smallest (KMV; Bar-Yossef et al. 2002);
 *                                a candidate for the majority (Boyer & Moore 1981)
 *   pass 2   sori_people_check   counts the candidate: with over half of the documents it is one, whatever the order was
 *
 * A document without a customer counts as one of its own. */
#ifndef SORI_CORE_PEOPLE_H
#define SORI_CORE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/error.h"

#define SORI_PEOPLE_EXACT 4096 /* over this many, a count is estimated, about 1.6 % off */

struct sori_people_cell {
	uint64_t documents, anonymous;
	uint64_t *hashes;      /* sorted after sori_people_count */
	uint32_t count, capacity;
	bool cut;              /* there were more than the limit */
	uint64_t candidate, votes, of_candidate;
};

struct sori_people {
	struct sori_people_cell *cells;
	size_t count;
	uint32_t limit;  /* distinct ones kept of a cell, 2 or more */
	bool any;        /* some document has a customer */
};

/* `limit`: what one wants to know exactly: a threshold, or SORI_PEOPLE_EXACT. SORI_SYSTEM: no memory. Release afterwards. */
enum sori_status sori_people_init(struct sori_people *people, size_t cells, uint32_t limit, struct sori_error *error);
void sori_people_release(struct sori_people *people);

/* customer: the fact's keyed hash; 0 none. SORI_SYSTEM: no memory. */
enum sori_status sori_people_add(struct sori_people *people, size_t cell, uint64_t customer, struct sori_error *error);
void sori_people_check(struct sori_people *people, size_t cell, uint64_t customer);

/* Distinct customers and documents without one; *estimated when over the limit (then at least the limit). */
uint64_t sori_people_count(struct sori_people *people, size_t cell, bool *estimated);
/* Documents of the customer that has over half of them; 0: nobody has. After pass 2. */
uint64_t sori_people_most(const struct sori_people *people, size_t cell);

#endif
