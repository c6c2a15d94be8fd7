/* Two rounds: the pooled share and its over-dispersion, then the same without the points above the upper limit. More rounds
 * would eat into the tail of a series that has nothing the matter. */
#include "pipeline/stats/usual.h"

#include <math.h>

#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define LEAST_POINTS 6
#define LEAST_DOCUMENTS 5.0
#define OUTLIER 0.995

static double quantile(const struct sori_usual *usual, double p, double n)
{
	double mu = n * usual->share;

	return usual->phi - 1.0 < 1e-6 ? sori_poisson_quantile(p, mu) : sori_negbin_quantile(p, mu, usual->phi);
}

/* `before`: leave out what lies above its limit; NULL: take all. */
static struct sori_usual fit(const double *y, const double *n, size_t count, const struct sori_usual *before)
{
	struct sori_usual usual = {.phi = 1.0};
	double documents = 0.0, denominator = 0.0, x2 = 0.0;
	bool take;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			if (!(n[i] > 0.0))
				continue;
			take = !before || y[i] <= quantile(before, OUTLIER, n[i]);
			if (pass == 0) {
				usual.used += take;
				usual.left_out += !take;
				documents += take ? y[i] : 0.0;
				denominator += take ? n[i] : 0.0;
			} else if (take) {
				double mu = n[i] * usual.share;

				x2 += (y[i] - mu) * (y[i] - mu) / mu;
			}
		}
		if (usual.used < LEAST_POINTS || documents < LEAST_DOCUMENTS)
			return usual;
		usual.share = documents / denominator;
	}
	usual.known = true;
	usual.phi = fmax(1.0, x2 / (double)(usual.used - 1));
	return usual;
}

struct sori_usual sori_usual_of(const double *y, const double *n, size_t count)
{
	struct sori_usual first = fit(y, n, count, NULL), second;

	if (!first.known)
		return first;
	second = fit(y, n, count, &first);
	return second.known ? second : first;
}

struct sori_interval sori_usual_limits(const struct sori_usual *usual, double n, double conf)
{
	double tail = (1.0 - conf) / 2.0;

	if (!usual->known || !(n > 0.0))
		return (struct sori_interval){sori_na(), sori_na()};
	return (struct sori_interval){quantile(usual, tail, n), quantile(usual, 1.0 - tail, n)};
}
