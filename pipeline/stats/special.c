/* libRmath (R's nmath) does the work: its tails are accurate to the last digits where a difference 1 - p would leave
 * nothing, it has quantiles of discrete distributions, and its beta quantile ends on large counts where others loop. */
#include "pipeline/stats/special.h"

#include <math.h>

#define MATHLIB_STANDALONE 1
#include <Rmath.h>

double sori_normal_lower(double x)
{
	return pnorm(x, 0.0, 1.0, 1, 0);
}

double sori_normal_upper(double x)
{
	return pnorm(x, 0.0, 1.0, 0, 0);
}

double sori_normal_quantile(double p)
{
	return qnorm(p, 0.0, 1.0, 1, 0);
}

double sori_chi2_lower(double x, double df)
{
	return pchisq(x, df, 1, 0);
}

double sori_chi2_upper(double x, double df)
{
	return pchisq(x, df, 0, 0);
}

double sori_chi2_quantile(double p, double df)
{
	return qchisq(p, df, 1, 0);
}

double sori_t_lower(double x, double df)
{
	return pt(x, df, 1, 0);
}

double sori_t_upper(double x, double df)
{
	return pt(x, df, 0, 0);
}

double sori_t_quantile(double p, double df)
{
	return qt(p, df, 1, 0);
}

double sori_t_two_sided(double t, double df)
{
	return 2.0 * pt(-fabs(t), df, 1, 0);
}

double sori_f_lower(double x, double df1, double df2)
{
	return pf(x, df1, df2, 1, 0);
}

double sori_f_upper(double x, double df1, double df2)
{
	return pf(x, df1, df2, 0, 0);
}

double sori_f_quantile(double p, double df1, double df2)
{
	return qf(p, df1, df2, 1, 0);
}

double sori_beta_lower(double x, double a, double b)
{
	return pbeta(x, a, b, 1, 0);
}

double sori_beta_upper(double x, double a, double b)
{
	return pbeta(x, a, b, 0, 0);
}

double sori_beta_quantile(double p, double a, double b)
{
	return qbeta(p, a, b, 1, 0);
}

double sori_beta_quantile_upper(double p, double a, double b)
{
	return qbeta(p, a, b, 0, 0);
}

double sori_binomial_at(double x, double n, double p)
{
	return dbinom(x, n, p, 0);
}

double sori_binomial_le(double x, double n, double p)
{
	return pbinom(x, n, p, 1, 0);
}

double sori_binomial_ge(double x, double n, double p)
{
	return pbinom(ceil(x) - 1.0, n, p, 0, 0);
}

double sori_binomial_quantile(double p, double n, double probability)
{
	return qbinom(p, n, probability, 1, 0);
}

double sori_poisson_at(double x, double mu)
{
	return dpois(x, mu, 0);
}

double sori_poisson_le(double x, double mu)
{
	return ppois(x, mu, 1, 0);
}

double sori_poisson_ge(double x, double mu)
{
	return ppois(ceil(x) - 1.0, mu, 0, 0);
}

double sori_poisson_quantile(double p, double mu)
{
	return qpois(p, mu, 1, 0);
}

double sori_negbin_le(double x, double mu, double phi)
{
	if (phi == 1.0 || mu == 0.0)
		return sori_poisson_le(x, mu);
	return phi < 1.0 ? NAN : pnbinom(x, mu / (phi - 1.0), 1.0 / phi, 1, 0);
}

double sori_negbin_ge(double x, double mu, double phi)
{
	if (phi == 1.0 || mu == 0.0)
		return sori_poisson_ge(x, mu);
	return phi < 1.0 ? NAN : pnbinom(ceil(x) - 1.0, mu / (phi - 1.0), 1.0 / phi, 0, 0);
}

double sori_negbin_quantile(double p, double mu, double phi)
{
	if (phi == 1.0 || mu == 0.0)
		return sori_poisson_quantile(p, mu);
	return phi < 1.0 ? NAN : qnbinom(p, mu / (phi - 1.0), 1.0 / phi, 1, 0);
}
