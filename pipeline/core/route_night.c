/* Who is in force on a day, from the facts. */
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/fact_scan.h"
#include "pipeline/core/route.h"

#define EMPTY_SET 1 /* its number in the store */

_Static_assert(SORI_ROUTE_HASH_BITS == SORI_FACT_HASH_BITS, "of content hashes");

struct taking {
	sori_day day;
	struct sori_route_document *list;
	size_t count, capacity, matched;
};

static enum sori_status take(void *user, const struct sori_fact *fact, struct sori_error *error)
{
	struct taking *taking = user;

	if (fact->day != taking->day)
		return SORI_OK;
	if (SORI_GROW(taking->list, taking->capacity, taking->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	taking->list[taking->count++] = (struct sori_route_document){.high = fact->high, .low = fact->low, .content = fact->content,
								     .customer = fact->customer, .input = fact->input, .left = 1};
	taking->matched += fact->set != EMPTY_SET;
	return SORI_OK;
}

int sori_route_document_compare(const void *left, const void *right)
{
	const struct sori_route_document *a = left, *b = right;

	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (a->content > b->content) - (a->content < b->content);
}

enum sori_status sori_route_documents(struct sqlite3 *database, sori_day day, struct sori_route_document **list, size_t *count, size_t *total,
				      size_t *matched, struct sori_error *error)
{
	struct taking taking = {.day = day};
	enum sori_status status = sori_fact_scan(database, take, &taking, error);
	size_t kept = 0;

	if (taking.count)
		qsort(taking.list, taking.count, sizeof *taking.list, sori_route_document_compare);
	for (size_t i = 0; i < taking.count; i++)
		if (kept && sori_route_document_compare(&taking.list[kept - 1], &taking.list[i]) == 0)
			taking.list[kept - 1].left++;
		else
			taking.list[kept++] = taking.list[i];
	*list = taking.list;
	*count = kept;
	*total = taking.count;
	*matched = taking.matched;
	return status;
}
