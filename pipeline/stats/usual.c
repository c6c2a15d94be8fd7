/* Two rounds: what the middle of the points says, which a burst cannot move, then the pooled share and over-dispersion of all
 * points that are not above the first round's limit. More rounds would eat into the tail of a series that has nothing the matter.
 * The middle is found by counting: series are a few hundred points, and no memory is needed. */
#include "pipeline/stats/usual.h"

#include <math.h>

#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define LEAST_POINTS 6
#define LEAST_DOCUMENTS 5.0
#define OUTLIER 0.995
#define CHI2_MIDDLE 0.4549364 /* median of chi-square with one degree of freedom */

struct points {
	const double *y, *n;
	size_t count, with_n;
};

static double quantile(const struct sori_usual *usual, double p, double n)
{
	double mu = n * usual->share;

	return usual->phi - 1.0 < 1e-6 ? sori_poisson_quantile(p, mu) : sori_negbin_quantile(p, mu, usual->phi);
}

/* A point's share, or with a share its squared distance in units of Poisson's variance. */
static double value(const struct points *points, size_t i, double share)
{
	double mu = share * points->n[i];

	return share > 0.0 ? (points->y[i] - mu) * (points->y[i] - mu) / mu : points->y[i] / points->n[i];
}

/* The lower median of the values. */
static double middle(const struct points *points, double share)
{
	size_t wanted = (points->with_n - 1) / 2;

	for (size_t i = 0; i < points->count; i++) {
		size_t below = 0, equal = 0;
		double own;

		if (!(points->n[i] > 0.0))
			continue;
		own = value(points, i, share);
		for (size_t k = 0; k < points->count; k++) {
			double other = points->n[k] > 0.0 ? value(points, k, share) : INFINITY;

			below += other < own;
			equal += other == own;
		}
		if (below <= wanted && wanted < below + equal)
			return own;
	}
	return 0.0;
}

/* With `first`: of the points not above its limit. */
static struct sori_usual pool(const struct points *points, const struct sori_usual *first)
{
	struct sori_usual usual = {.phi = 1.0};
	double documents = 0.0, denominator = 0.0, x2 = 0.0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < points->count; i++) {
			double mu = points->n[i] * usual.share;
			bool take = points->n[i] > 0.0 && (!first || points->y[i] <= quantile(first, OUTLIER, points->n[i]));

			if (pass == 1) {
				x2 += take ? (points->y[i] - mu) * (points->y[i] - mu) / mu : 0.0;
				continue;
			}
			usual.used += take;
			documents += take ? points->y[i] : 0.0;
			denominator += take ? points->n[i] : 0.0;
		}
		if (usual.used < LEAST_POINTS || documents < LEAST_DOCUMENTS)
			return usual;
		usual.share = documents / denominator;
	}
	usual.known = true;
	usual.left_out = points->with_n - usual.used;
	usual.phi = fmax(1.0, x2 / (double)(usual.used - 1));
	return usual;
}

struct sori_usual sori_usual_of(const double *y, const double *n, size_t count)
{
	struct points points = {.y = y, .n = n, .count = count};
	struct sori_usual all, first = {.phi = 1.0}, rest;

	for (size_t i = 0; i < count; i++)
		points.with_n += n[i] > 0.0;
	all = pool(&points, NULL);
	if (!all.known)
		return all;
	first.share = middle(&points, 0.0);
	if (!(first.share > 0.0)) /* most points are zero: the middle says nothing of the rest */
		return all;
	first.phi = fmax(1.0, middle(&points, first.share) / CHI2_MIDDLE);
	rest = pool(&points, &first);
	return rest.known ? rest : all;
}

struct sori_interval sori_usual_limits(const struct sori_usual *usual, double n, double conf)
{
	double tail = (1.0 - conf) / 2.0;

	if (!usual->known || !(n > 0.0))
		return (struct sori_interval){sori_na(), sori_na()};
	return (struct sori_interval){quantile(usual, tail, n), quantile(usual, 1.0 - tail, n)};
}
