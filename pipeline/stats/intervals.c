/* Wilson and Newcombe are closed forms. The exact limits of a rate ratio come from beta quantiles; the mid-p limits have no
 * closed form and are bisected on the log odds, where the function is monotone and both ends keep their relative
 * precision; a root finder with derivatives would gain little and could leave the bracket. */
#include "pipeline/stats/intervals.h"

#include <math.h>
#include <stdbool.h>

#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

struct sori_interval sori_wilson_interval(double x, double n, double conf)
{
	double z = sori_normal_quantile(0.5 + conf / 2.0), p, z2, middle, arm, scale;

	if (!(n > 0.0))
		return (struct sori_interval){sori_na(), sori_na()};
	p = x / n;
	z2 = z * z;
	middle = p + z2 / (2.0 * n);
	arm = z * sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n));
	scale = 1.0 + z2 / n;
	return (struct sori_interval){
		x <= 0.0 ? 0.0 : (middle - arm) / scale,
		x >= n ? 1.0 : (middle + arm) / scale,
	};
}

struct sori_interval sori_newcombe_interval(double x1, double n1, double x2, double n2, double conf)
{
	struct sori_interval first, second;
	double p1, p2, d;

	if (!(n1 > 0.0) || !(n2 > 0.0))
		return (struct sori_interval){sori_na(), sori_na()};
	first = sori_wilson_interval(x1, n1, conf);
	second = sori_wilson_interval(x2, n2, conf);
	p1 = x1 / n1;
	p2 = x2 / n2;
	d = p1 - p2;
	return (struct sori_interval){
		d - sqrt((p1 - first.low) * (p1 - first.low) + (second.high - p2) * (second.high - p2)),
		d + sqrt((first.high - p1) * (first.high - p1) + (p2 - second.low) * (p2 - second.low)),
	};
}

/* Points on the far side of the mean that are not more likely than x: probabilities fall monotonically from the mode on, so
 * the first such point is bisected instead of walked to. The factor forgives rounding, as R's binom.test does. */
static double minlike(double x, double n, double p)
{
	double limit = sori_binomial_at(x, n, p) * (1.0 + 1e-7), mean = n * p, low, high;

	if (x == mean)
		return 1.0;
	if (x < mean) { /* smallest i in [ceil(mean), n+1] with at(i) <= limit */
		low = ceil(mean);
		high = n + 1.0;
		while (low < high) {
			double middle = floor((low + high) / 2.0);

			if (sori_binomial_at(middle, n, p) <= limit)
				high = middle;
			else
				low = middle + 1.0;
		}
		return fmin(1.0, sori_binomial_le(x, n, p) + (low > n ? 0.0 : sori_binomial_ge(low, n, p)));
	}
	low = -1.0;
	high = floor(mean);
	while (low < high) { /* largest i in [-1, floor(mean)] with at(i) <= limit */
		double middle = ceil((low + high) / 2.0);

		if (sori_binomial_at(middle, n, p) <= limit)
			low = middle;
		else
			high = middle - 1.0;
	}
	return fmin(1.0, sori_binomial_ge(x, n, p) + (low < 0.0 ? 0.0 : sori_binomial_le(low, n, p)));
}

static double mid_lower(double x, double n, double p)
{
	return (x > 0.0 ? sori_binomial_le(x - 1.0, n, p) : 0.0) + 0.5 * sori_binomial_at(x, n, p);
}

static double mid_upper(double x, double n, double p)
{
	return (x < n ? sori_binomial_ge(x + 1.0, n, p) : 0.0) + 0.5 * sori_binomial_at(x, n, p);
}

/* Lower or upper mid-p tail at log odds `theta`; the smaller of p and 1-p is the one computed with. */
static double mid_tail(double x, double n, double theta, bool upper)
{
	if (theta > 0.0) {
		double q = 1.0 / (1.0 + exp(theta));

		return upper ? mid_lower(n - x, n, q) : mid_upper(n - x, n, q);
	}
	return upper ? mid_upper(x, n, 1.0 / (1.0 + exp(-theta))) : mid_lower(x, n, 1.0 / (1.0 + exp(-theta)));
}

/* exp(log odds) at which the tail is `level`: the upper tail grows with the odds, the lower one falls. */
static double mid_limit(double x, double n, double level, bool upper)
{
	double low = -700.0, high = 700.0;

	for (int i = 0; i < 200; i++) {
		double middle = low + (high - low) / 2.0;

		if (middle <= low || middle >= high)
			break;
		if ((mid_tail(x, n, middle, upper) < level) == upper)
			low = middle;
		else
			high = middle;
	}
	return exp(low + (high - low) / 2.0);
}

double sori_rate_mid_p(double x1, double t1, double x2, double t2)
{
	double sum = x1 + x2, p = t1 / (t1 + t2);

	if (sum <= 0.0)
		return 1.0;
	return fmin(1.0, 2.0 * fmin(mid_lower(x1, sum, p), mid_upper(x1, sum, p)));
}

/* Odds q/(1-q) of a beta quantile, taken from whichever side is not close to 1. */
static double beta_odds(double p, double a, double b, bool from_upper)
{
	double q = from_upper ? sori_beta_quantile_upper(p, a, b) : sori_beta_quantile(p, a, b);
	double rest;

	if (q <= 0.5)
		return q / (1.0 - q);
	rest = from_upper ? sori_beta_quantile(p, b, a) : sori_beta_quantile_upper(p, b, a);
	return (1.0 - rest) / rest;
}

struct sori_rate_ratio sori_rate_ratio(double x1, double t1, double x2, double t2, double conf)
{
	double sum = x1 + x2, p = t1 / (t1 + t2), level = (1.0 - conf) / 2.0, scale = t2 / t1;
	struct sori_rate_ratio r = {(x1 / t1) / (x2 / t2), 1.0, 1.0, 1.0, {0.0, INFINITY}, {0.0, INFINITY}};

	if (sum <= 0.0)
		return r;
	r.p_exact = fmin(1.0, 2.0 * fmin(sori_binomial_le(x1, sum, p), sori_binomial_ge(x1, sum, p)));
	r.p_minlike = minlike(x1, sum, p);
	r.p_mid = sori_rate_mid_p(x1, t1, x2, t2);
	if (x1 > 0.0) {
		r.exact.low = beta_odds(level, x1, x2 + 1.0, false) * scale;
		r.mid.low = mid_limit(x1, sum, level, true) * scale;
	}
	if (x2 > 0.0) {
		r.exact.high = beta_odds(level, x1 + 1.0, x2, true) * scale;
		r.mid.high = mid_limit(x1, sum, level, false) * scale;
	}
	return r;
}
