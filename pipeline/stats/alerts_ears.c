/* Mean and standard deviation over a moving window, summed afresh for each day: windows are short, and running sums would
 * carry rounding from day to day. */
#include "pipeline/stats/alerts_ears.h"

#include <math.h>

#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define LAG 2      /* days between the baseline of C2 and C3 and the day judged */
#define ENOUGH 0.8 /* of the baseline's days */

const struct sori_ears_settings sori_ears_recommended = {SORI_EARS_C2, 28, 1.0, 0.001};

size_t sori_ears_first(const struct sori_ears_settings *settings)
{
	return settings->baseline + 2 * LAG;
}

struct moments {
	double mean, sigma; /* NaN when too much is missing */
};

static struct moments moments(const struct sori_ears_settings *settings, const double *y, size_t end)
{
	const double *from = y + (end - settings->baseline);
	double sum = 0.0, squares = 0.0, n = 0.0;
	struct moments m = {NAN, NAN};

	for (size_t i = 0; i < settings->baseline; i++) {
		if (isnan(from[i]))
			continue;
		sum += from[i];
		n += 1.0;
	}
	if (n < 2.0 || n < ENOUGH * (double)settings->baseline)
		return m;
	m.mean = sum / n;
	for (size_t i = 0; i < settings->baseline; i++)
		if (!isnan(from[i]))
			squares += (from[i] - m.mean) * (from[i] - m.mean);
	m.sigma = fmax(sqrt(squares / (n - 1.0)), settings->minimum_sigma);
	return m;
}

/* What C3 takes over from an earlier day: how far its C2 statistic was over 1. NaN when 0/0, and stays so. */
static double carried(const struct sori_ears_settings *settings, const double *y, size_t at)
{
	struct moments m = moments(settings, y, at - LAG);
	double over = (y[at] - m.mean) / m.sigma - 1.0;

	if (isnan(y[at]))
		return 0.0;
	return over < 0.0 ? 0.0 : over;
}

struct sori_ears sori_ears(const struct sori_ears_settings *settings, const double *y, size_t at)
{
	struct moments m = moments(settings, y, settings->method == SORI_EARS_C1 ? at : at - LAG);
	double z = sori_normal_quantile(1.0 - settings->alpha);
	struct sori_ears r = {sori_na(), sori_na()};

	if (isnan(m.mean))
		return r;
	if (settings->method == SORI_EARS_C3) {
		r.upper = (isnan(y[at]) ? m.mean : y[at]) +
			  m.sigma * (z - carried(settings, y, at - 1) - carried(settings, y, at - 2));
		r.upper = r.upper < 0.0 ? 0.0 : r.upper;
	} else {
		r.upper = m.mean + z * m.sigma;
	}
	if (!isnan(y[at]) && !isnan(r.upper))
		r.alarm = y[at] > r.upper;
	return r;
}
