/* Hashes gather unsorted in twice the room of the limit; a full cell is sorted, made distinct and cut to the smallest ones. */
#include "pipeline/core/people.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"

enum sori_status sori_people_init(struct sori_people *people, size_t cells, uint32_t limit, struct sori_error *error)
{
	*people = (struct sori_people){.cells = sori_alloc_zero(cells + 1, sizeof *people->cells), .count = cells,
				       .limit = limit < 2 ? 2 : limit};
	return people->cells ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
}

void sori_people_release(struct sori_people *people)
{
	for (size_t i = 0; people->cells && i < people->count; i++)
		sori_free(people->cells[i].hashes);
	sori_free(people->cells);
	*people = (struct sori_people){0};
}

/* Kept hashes have 48 bits; spread over 64, so that the smallest tell how many there are. */
static uint64_t spread(uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
	value = (value ^ value >> 27) * 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void tidy(struct sori_people_cell *cell, uint32_t limit)
{
	uint32_t kept = 0;

	if (cell->count < 2)
		return;
	qsort(cell->hashes, cell->count, sizeof *cell->hashes, by_value);
	for (uint32_t i = 0; i < cell->count; i++)
		if (i == 0 || cell->hashes[i] != cell->hashes[i - 1])
			cell->hashes[kept++] = cell->hashes[i];
	cell->cut |= kept > limit;
	cell->count = kept > limit ? limit : kept;
}

static enum sori_status make_room(struct sori_people *people, struct sori_people_cell *cell, struct sori_error *error)
{
	uint32_t capacity = cell->capacity ? cell->capacity * 2 : 8;
	uint64_t *more;

	if (cell->capacity >= 2 * people->limit) {
		tidy(cell, people->limit);
		return SORI_OK;
	}
	capacity = capacity > 2 * people->limit ? 2 * people->limit : capacity;
	more = sori_realloc(cell->hashes, capacity * sizeof *more);
	if (!more)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	cell->hashes = more;
	cell->capacity = capacity;
	return SORI_OK;
}

enum sori_status sori_people_add(struct sori_people *people, size_t at, uint64_t customer, struct sori_error *error)
{
	struct sori_people_cell *cell = &people->cells[at];
	uint64_t hash = spread(customer);

	cell->documents++;
	if (!customer) {
		cell->anonymous++;
		if (cell->votes)
			cell->votes--;
		return SORI_OK;
	}
	people->any = true;
	if (cell->votes == 0)
		cell->candidate = customer;
	if (cell->candidate == customer)
		cell->votes++;
	else
		cell->votes--;
	if (cell->cut && cell->count >= people->limit && hash > cell->hashes[people->limit - 1])
		return SORI_OK; /* the first `limit` are sorted and distinct, and this is none of the smallest */
	if (cell->count == cell->capacity) {
		enum sori_status status = make_room(people, cell, error);

		if (status != SORI_OK)
			return status;
	}
	cell->hashes[cell->count++] = hash;
	return SORI_OK;
}

void sori_people_check(struct sori_people *people, size_t at, uint64_t customer)
{
	struct sori_people_cell *cell = &people->cells[at];

	cell->of_candidate += customer && customer == cell->candidate;
}

uint64_t sori_people_count(struct sori_people *people, size_t at, bool *estimated)
{
	struct sori_people_cell *cell = &people->cells[at];
	double largest;

	tidy(cell, people->limit);
	*estimated = cell->cut;
	if (!cell->cut)
		return cell->count + cell->anonymous;
	largest = ((double)cell->hashes[people->limit - 1] + 1.0) / 18446744073709551616.0;
	return (uint64_t)(((double)people->limit - 1.0) / largest + 0.5) + cell->anonymous;
}

uint64_t sori_people_most(const struct sori_people *people, size_t at)
{
	const struct sori_people_cell *cell = &people->cells[at];

	return 2 * cell->of_candidate > cell->documents ? cell->of_candidate : 0;
}
