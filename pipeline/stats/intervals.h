/* Intervals and tests for one share, two shares, and two counts with exposures. Pure functions, thread-safe. */
#ifndef SORI_STATS_INTERVALS_H
#define SORI_STATS_INTERVALS_H

struct sori_interval {
	double low, high;
};

/* Wilson's score interval for x of n at confidence `conf` (0.95). x = 0 gives low = 0 exactly, x = n high = 1; n = 0 NA. */
struct sori_interval sori_wilson_interval(double x, double n, double conf);

/* Newcombe (1998), method 10, for x1/n1 - x2/n2; NA when a sample is empty. */
struct sori_interval sori_newcombe_interval(double x1, double n1, double x2, double n2, double conf);

/* Two Poisson counts over exposures t1, t2: conditional on the sum, x1 is binomial with t1/(t1+t2).
 * A zero sum has no ratio (NaN), interval (0, Inf), p 1. */
struct sori_rate_ratio {
	double ratio;                  /* (x1/t1) / (x2/t2); Inf when x2 = 0 */
	double p_exact;                /* twice the smaller tail, at most 1 */
	double p_minlike;              /* sum of the points not more likely than x1 */
	double p_mid;                  /* twice the smaller tail with half the point's mass, at most 1 */
	struct sori_interval exact;    /* Clopper-Pearson */
	struct sori_interval mid;      /* inverts the mid-p test */
};

struct sori_rate_ratio sori_rate_ratio(double x1, double t1, double x2, double t2, double conf);

/* The mid-p alone (the rest costs a hundred times more). */
double sori_rate_mid_p(double x1, double t1, double x2, double t2);

#endif
