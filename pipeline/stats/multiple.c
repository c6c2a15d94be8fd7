/* Step-up: sort descending, running minimum of m p / i, capped at 1. Sorting by (p, index) makes the order a function of
 * the input alone; equal p share the minimum by construction. */
#include "pipeline/stats/multiple.h"

#include <math.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"

struct ranked {
	double p;
	size_t index;
};

static int by_p_descending(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	if (a->p != b->p)
		return a->p < b->p ? 1 : -1;
	return a->index < b->index ? 1 : a->index > b->index ? -1 : 0;
}

static void adjust(const struct ranked *ranked, size_t family, double factor, double *out)
{
	double least = 1.0;

	for (size_t i = 0; i < family; i++) {
		least = fmin(least, factor * (double)family / (double)(family - i) * ranked[i].p);
		out[ranked[i].index] = least;
	}
}

enum sori_status sori_fdr(const double *p, size_t count, double *bh, double *by, size_t *family, struct sori_error *error)
{
	struct ranked *ranked = sori_alloc(count * sizeof *ranked);
	size_t tested = 0;
	double harmonic = 0.0;

	if (!ranked)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (bh)
			bh[i] = sori_na();
		if (by)
			by[i] = sori_na();
		if (!isnan(p[i]))
			ranked[tested++] = (struct ranked){p[i], i};
	}
	if (tested)
		qsort(ranked, tested, sizeof *ranked, by_p_descending);
	for (size_t i = 1; i <= tested; i++)
		harmonic += 1.0 / (double)i;
	if (bh)
		adjust(ranked, tested, 1.0, bh);
	if (by)
		adjust(ranked, tested, harmonic, by);
	if (family)
		*family = tested;
	sori_free(ranked);
	return SORI_OK;
}
