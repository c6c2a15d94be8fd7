/* Closed forms. G2 over four cells, not two: with the two-cell form a word in most documents is judged as if it were rare. */
#include "pipeline/stats/keyness.h"

#include <math.h>

#include "pipeline/stats/special.h"

static double part(double observed, double expected)
{
	return observed > 0.0 ? observed * log(observed / expected) : 0.0;
}

struct sori_keyness sori_keyness(double a, double b, double n1, double n2)
{
	const double observed[4] = {a, b, n1 - a, n2 - b}, total = n1 + n2, hits = a + b;
	const double expected[4] = {hits * n1 / total, hits * n2 / total, (total - hits) * n1 / total,
				    (total - hits) * n2 / total};
	const double sa = a > 0.0 ? a : 0.5, sb = b > 0.0 ? b : 0.5;
	double yates = 0.5, arm, sum = 0.0;
	struct sori_keyness k = {.sign = (a * n2 > b * n1) - (a * n2 < b * n1), .min_expected = INFINITY};

	for (int i = 0; i < 4; i++) {
		sum += part(observed[i], expected[i]);
		k.min_expected = fmin(k.min_expected, expected[i]);
		yates = fmin(yates, fabs(observed[i] - expected[i]));
	}
	for (int i = 0; i < 4; i++) {
		double gap = fabs(observed[i] - expected[i]);

		k.chi2 += gap * gap / expected[i];
		k.chi2_yates += (gap - yates) * (gap - yates) / expected[i];
	}
	k.g2 = fmax(0.0, 2.0 * sum);
	k.g2_two_cells = fmax(0.0, 2.0 * (part(a, expected[0]) + part(b, expected[1])));
	k.p_g2 = sori_chi2_upper(k.g2, 1.0);
	k.percent = 100.0 * (a / n1 - b / n2) / (b / n2);
	k.log_ratio = log2((sa / n1) / (sb / n2));
	arm = sori_normal_quantile(0.975) * sqrt(1.0 / sa - 1.0 / n1 + 1.0 / sb - 1.0 / n2) / log(2.0);
	k.log_ratio_low = k.log_ratio - arm;
	k.log_ratio_high = k.log_ratio + arm;
	k.bic = k.g2 - log(total);
	return k;
}

struct sori_log_odds_totals sori_log_odds_totals(const double *first, const double *second, const double *history,
						 size_t count, double alpha0)
{
	struct sori_log_odds_totals totals = {0.0, 0.0, 0.0, alpha0};

	for (size_t i = 0; i < count; i++) {
		totals.first += first[i];
		totals.second += second[i];
		totals.history += history ? history[i] : 0.0;
	}
	return totals;
}

struct sori_log_odds sori_log_odds(double first, double second, double history, const struct sori_log_odds_totals *totals)
{
	struct sori_log_odds r;
	double a, b;

	r.alpha = totals->alpha0 * (first + second + history) / (totals->first + totals->second + totals->history);
	a = first + r.alpha;
	b = second + r.alpha;
	r.delta = log(a / (totals->first + totals->alpha0 - a)) - log(b / (totals->second + totals->alpha0 - b));
	r.variance = 1.0 / a + 1.0 / b;
	r.z = r.delta / sqrt(r.variance);
	return r;
}
