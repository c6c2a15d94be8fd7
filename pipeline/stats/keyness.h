/* Which words or categories mark one body of documents against another. Pure functions, thread-safe. */
#ifndef SORI_STATS_KEYNESS_H
#define SORI_STATS_KEYNESS_H

#include <stddef.h>

/* a of n1 against b of n2. */
struct sori_keyness {
	int sign;                    /* 1: more frequent in the first, -1: in the second, 0: equal */
	double g2;                   /* Dunning (1993) log-likelihood over all four cells */
	double g2_two_cells;         /* the two-cell form of Rayson & Garside (2000) */
	double p_g2;                 /* chi-square with 1 degree of freedom */
	double chi2, chi2_yates;
	double percent;              /* 100 (a/n1 - b/n2) / (b/n2); Inf when b = 0 */
	double log_ratio;            /* log2 of the ratio of shares, 0.5 for a zero count */
	double log_ratio_low, log_ratio_high; /* 95 % */
	double bic;                  /* g2 - ln(n1 + n2) */
	double min_expected;
};

struct sori_keyness sori_keyness(double a, double b, double n1, double n2);

/* Monroe, Colaresi & Quinn (2008): log odds with an informative Dirichlet prior of total `alpha0` (500) spread as the
 * pooled counts of both sides and the history (may be NULL). `totals` are column sums over the vocabulary. */
struct sori_log_odds_totals {
	double first, second, history;
	double alpha0;
};

struct sori_log_odds {
	double alpha; /* prior count of this word */
	double delta, variance, z;
};

struct sori_log_odds_totals sori_log_odds_totals(const double *first, const double *second, const double *history,
						 size_t count, double alpha0);
struct sori_log_odds sori_log_odds(double first, double second, double history,
				   const struct sori_log_odds_totals *totals);

#endif
