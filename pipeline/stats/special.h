/* Distributions and quantiles: the only door to libRmath. `lower` is P(X <= x), `upper` P(X > x), `ge` P(X >= x).
 * An argument outside its domain gives NaN. Pure functions, thread-safe. */
#ifndef SORI_STATS_SPECIAL_H
#define SORI_STATS_SPECIAL_H

double sori_normal_lower(double x);
double sori_normal_upper(double x);
double sori_normal_quantile(double p); /* p from the lower tail, as all quantiles here */

double sori_chi2_lower(double x, double df);
double sori_chi2_upper(double x, double df);
double sori_chi2_quantile(double p, double df);

double sori_t_lower(double x, double df);
double sori_t_upper(double x, double df);
double sori_t_quantile(double p, double df);
double sori_t_two_sided(double t, double df); /* 2 P(T < -|t|) */

double sori_f_lower(double x, double df1, double df2);
double sori_f_upper(double x, double df1, double df2);
double sori_f_quantile(double p, double df1, double df2);

double sori_beta_lower(double x, double a, double b);
double sori_beta_upper(double x, double a, double b);
double sori_beta_quantile(double p, double a, double b);
double sori_beta_quantile_upper(double p, double a, double b); /* p from the upper tail */

double sori_binomial_at(double x, double n, double p);
double sori_binomial_le(double x, double n, double p);
double sori_binomial_ge(double x, double n, double p);
double sori_binomial_quantile(double p, double n, double probability);

double sori_poisson_at(double x, double mu);
double sori_poisson_le(double x, double mu);
double sori_poisson_ge(double x, double mu);
double sori_poisson_quantile(double p, double mu);

/* Negative binomial by mean and dispersion: variance = phi * mu, size = mu/(phi-1), prob = 1/phi; phi = 1 is Poisson,
 * phi < 1 is NaN. */
double sori_negbin_le(double x, double mu, double phi);
double sori_negbin_ge(double x, double mu, double phi);
double sori_negbin_quantile(double p, double mu, double phi);

#endif
