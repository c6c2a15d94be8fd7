/* Statistics against known answers: published tables and examples, closed forms, exhaustive search, and figures computed with
 * R's own glm, lm and p.adjust by test_stats.R beside this file, on the data that `series` makes in both. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/alerts_ears.h"
#include "pipeline/stats/compare.h"
#include "pipeline/stats/drivers.h"
#include "pipeline/stats/farrington.h"
#include "pipeline/stats/glm.h"
#include "pipeline/stats/intervals.h"
#include "pipeline/stats/its.h"
#include "pipeline/stats/keyness.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/stats/season.h"
#include "pipeline/stats/special.h"
#include "pipeline/stats/suppression.h"

static void near(double expected, double actual, double relative, int line)
{
	if (!(fabs(expected - actual) <= relative * fabs(expected) + 1e-13))
		fail_msg("line %d: expected %.15g, got %.15g", line, expected, actual);
}
#define NEAR(expected, actual, relative) near(expected, actual, relative, __LINE__)

struct pattern {
	const int *at;
	size_t length;
	unsigned noise, low; /* thousandths */
};

static void series(double *y, size_t count, unsigned seed, struct pattern pattern)
{
	for (size_t i = 0; i < count; i++) {
		seed = (seed * 1664U + 1013U) % 65521U;
		y[i] = floor((double)pattern.at[i % pattern.length] * (double)(pattern.low + seed % pattern.noise) / 1000.0);
	}
}
#define SERIES(y, count, seed, noise, low, ...) \
	do { \
		static const int pattern_[] = {__VA_ARGS__}; \
		series(y, count, seed, (struct pattern){pattern_, sizeof pattern_ / sizeof *pattern_, noise, low}); \
	} while (0)

/* Distributions: figures of printed tables, and identities where tables end. */
static void test_special(void **state)
{
	(void)state;
	NEAR(1.959963984540054, sori_normal_quantile(0.975), 1e-14);
	NEAR(3.841458820694124, sori_chi2_quantile(0.95, 1.0), 1e-12);
	NEAR(2.570581835636314, sori_t_quantile(0.975, 5.0), 1e-12);
	NEAR(0.75, sori_t_lower(1.0, 1.0), 1e-13); /* Cauchy */
	NEAR(1.0 / 3.0, sori_f_upper(2.0, 2.0, 2.0), 1e-13);
	NEAR(exp(-3.0), sori_chi2_upper(6.0, 2.0), 1e-13);
	NEAR(1.0 - exp(-2.5), sori_poisson_ge(1.0, 2.5), 1e-13);
	NEAR(pow(0.75, 4.0), sori_binomial_le(0.0, 4.0, 0.25), 1e-13);
	NEAR(1.0 - pow(0.75, 4.0), sori_binomial_ge(1.0, 4.0, 0.25), 1e-13);
	NEAR(1.0 - pow(0.5, 2.0), sori_negbin_ge(1.0, 2.0, 2.0), 1e-13); /* size 2, prob 1/2 */
	NEAR(sori_poisson_ge(4.0, 1.5), sori_negbin_ge(4.0, 1.5, 1.0), 0.0);
	assert_true(isnan(sori_negbin_ge(4.0, 1.5, 0.5)));
	NEAR(1.0 - pow(0.975, 1.0 / 20.0), sori_beta_quantile(0.025, 1.0, 20.0), 1e-12);
	assert_true(sori_normal_upper(37.0) > 5e-300); /* tails do not vanish */
	assert_true(sori_beta_quantile(0.025, 913686.0, 2232435.0) > 0.289); /* and this one ends */
}

/* Newcombe (1998), tables I and II. */
static void test_newcombe_published(void **state)
{
	static const struct {
		double x1, n1, x2, n2, low, high;
	} cases[] = {
		{56, 70, 48, 80, 0.0524, 0.3339},  {9, 10, 3, 10, 0.1705, 0.8090}, {6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},   {0, 10, 0, 20, -0.1611, 0.2775}, {0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1.0000},   {10, 10, 0, 10, 0.6075, 1.0000},
	};
	struct sori_interval limits;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		limits = sori_newcombe_interval(cases[i].x1, cases[i].n1, cases[i].x2, cases[i].n2, 0.95);
		assert_true(fabs(limits.low - cases[i].low) < 5.1e-5);
		assert_true(fabs(limits.high - cases[i].high) < 5.1e-5);
	}
	limits = sori_wilson_interval(81.0, 263.0, 0.95);
	assert_true(fabs(limits.low - 0.2553) < 5.1e-5 && fabs(limits.high - 0.3662) < 5.1e-5);
	assert_true(sori_wilson_interval(0.0, 20.0, 0.95).low == 0.0);
	assert_true(sori_wilson_interval(20.0, 20.0, 0.95).high == 1.0);
	assert_true(sori_is_na(sori_wilson_interval(0.0, 0.0, 0.95).low));
	assert_true(sori_is_na(sori_newcombe_interval(0.0, 0.0, 1.0, 5.0, 0.95).low));
}

/* Boice & Monson's breast cancer counts as in R's help on poisson.test. */
static void test_rate_ratio(void **state)
{
	struct sori_rate_ratio r = sori_rate_ratio(11.0, 800.0, 21.0, 3011.0, 0.95);
	double p = 800.0 / 3811.0, q;

	(void)state;
	NEAR(1.9714880952381, r.ratio, 1e-12);
	NEAR(0.0796686330333295, r.p_minlike, 1e-12);
	NEAR(0.858426403391639, r.exact.low, 1e-10);
	NEAR(4.277265943654071, r.exact.high, 1e-10);
	NEAR(2.0 * (sori_binomial_ge(12.0, 32.0, p) + 0.5 * sori_binomial_at(11.0, 32.0, p)), r.p_mid, 1e-12);
	q = r.mid.low * 800.0 / (r.mid.low * 800.0 + 3011.0); /* the limits are where the test is at its level */
	NEAR(0.025, sori_binomial_ge(12.0, 32.0, q) + 0.5 * sori_binomial_at(11.0, 32.0, q), 1e-9);
	q = r.mid.high * 800.0 / (r.mid.high * 800.0 + 3011.0);
	NEAR(0.025, sori_binomial_le(10.0, 32.0, q) + 0.5 * sori_binomial_at(11.0, 32.0, q), 1e-9);
	r = sori_rate_ratio(0.0, 10.0, 0.0, 20.0, 0.95);
	assert_true(isnan(r.ratio) && r.p_mid == 1.0 && r.exact.low == 0.0 && isinf(r.exact.high));
	r = sori_rate_ratio(5.0, 100.0, 0.0, 100.0, 0.95);
	assert_true(isinf(r.ratio) && isinf(r.mid.high) && r.p_mid == 0.03125);
	r = sori_rate_ratio(0.0, 100.0, 5.0, 100.0, 0.95);
	NEAR(pow(0.05, -0.2) - 1.0, r.mid.high, 1e-9); /* half of (1-q)^5 is 1/40 */
	r = sori_rate_ratio(913686.0, 1e6, 2232435.0, 2e6, 0.95); /* large counts end, and quickly */
	assert_true(r.exact.low < r.mid.low && r.mid.low < r.ratio && r.ratio < r.mid.high && r.mid.high < r.exact.high);
}

static void test_keyness(void **state)
{
	struct sori_keyness k = sori_keyness(12.0, 30.0, 200.0, 300.0);

	(void)state;
	NEAR(2.49532127261385, k.chi2, 1e-13);
	NEAR(2.00253864282249, k.chi2_yates, 1e-13);
	assert_int_equal(k.sign, -1);
	NEAR(log2(0.06 / 0.1), k.log_ratio, 1e-13);
	NEAR(k.g2 - log(500.0), k.bic, 1e-13);
	NEAR(16.8, k.min_expected, 1e-13);
	NEAR(-40.0, k.percent, 1e-12);
	k = sori_keyness(5.0, 5.0, 100.0, 100.0);
	assert_true(k.sign == 0 && k.g2 == 0.0 && k.p_g2 == 1.0);
	k = sori_keyness(100.0, 0.0, 100.0, 100.0); /* all of one, none of the other: 2 N ln 2 */
	NEAR(400.0 * log(2.0), k.g2, 1e-13);
	NEAR(log2(200.0), k.log_ratio, 1e-13);
	assert_true(isinf(k.percent));
}

static void test_log_odds(void **state)
{
	const double a[] = {10.0, 20.0, 0.0}, b[] = {10.0, 10.0, 10.0};
	struct sori_log_odds_totals totals = sori_log_odds_totals(a, b, NULL, 3, 60.0);
	struct sori_log_odds r = sori_log_odds(a[0], b[0], 0.0, &totals);

	(void)state;
	NEAR(20.0, r.alpha, 1e-14);
	assert_true(r.delta == 0.0 && r.z == 0.0);
	r = sori_log_odds(a[1], b[1], 0.0, &totals); /* prior 30: 50 of 90 against 40 of 90 */
	NEAR(2.0 * log(50.0 / 40.0), r.delta, 1e-13);
	NEAR(1.0 / 50.0 + 1.0 / 40.0, r.variance, 1e-14);
	assert_true(sori_log_odds(a[2], b[2], 0.0, &totals).z < 0.0);
}

/* The fifteen p-values of Benjamini & Hochberg (1995), with a missing one among them. */
static void test_fdr(void **state)
{
	double p[] = {0.0298, 0.0001, 1.0, 0.0095, 0.3240, 0.0019, 0.0201, 0.0278, NAN,
		      0.0004, 0.0344, 0.0459, 0.4262, 0.5719, 0.6528, 0.7590};
	double bh[16], by[16];
	size_t family, rejected = 0;

	(void)state;
	assert_int_equal(sori_fdr(p, 16, bh, by, &family, NULL), SORI_OK);
	assert_int_equal(family, 15);
	NEAR(0.0638571428571429, bh[0], 1e-13);
	NEAR(0.0638571428571429, bh[7], 1e-13);
	NEAR(0.035625, bh[3], 1e-13);
	NEAR(0.21189262285333715, by[0], 1e-13);
	assert_true(sori_is_na(bh[8]) && bh[2] == 1.0);
	for (size_t i = 0; i < 16; i++)
		rejected += bh[i] <= 0.05;
	assert_int_equal(rejected, 4); /* as in the paper */
	assert_int_equal(sori_fdr(p, 0, bh, by, &family, NULL), SORI_OK);
	assert_int_equal(family, 0);
}

/* Dobson's randomised trial, R's help on glm. */
static void test_glm_poisson(void **state)
{
	const double y[9] = {18, 17, 15, 20, 10, 20, 25, 13, 12};
	double x[45] = {0};
	struct sori_glm_data data = {.family = SORI_GLM_QUASIPOISSON, .rows = 9, .columns = 5, .x = x, .y = y};
	struct sori_glm_fit fit;
	const double gradient[5] = {1.0, 1.0, 0.0, 0.0, 0.0};

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		x[i] = 1.0;
		x[9 + i] = i % 3 == 1;
		x[18 + i] = i % 3 == 2;
		x[27 + i] = i / 3 == 1;
		x[36 + i] = i / 3 == 2;
	}
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	assert_int_equal(fit.outcome, SORI_GLM_FITTED);
	NEAR(3.04452243772342, fit.coefficients[0], 1e-12);
	NEAR(-0.454255272277596, fit.coefficients[1], 1e-12);
	NEAR(-0.292987124681474, fit.coefficients[2], 1e-12);
	assert_true(fabs(fit.coefficients[3]) < 1e-12);
	NEAR(5.12914107700114, fit.deviance, 1e-12);
	NEAR(1.29330040526849, fit.dispersion, 1e-10);
	NEAR(0.170898651856442, sqrt(fit.covariance[0]), 1e-10);
	NEAR(0.2, sqrt(fit.covariance[4 * 5 + 4]), 1e-10);
	NEAR(0.613333333333333, fit.leverage[0], 1e-10);
	NEAR(0.542222222222222, fit.leverage[8], 1e-10);
	NEAR(fit.covariance[0] + 2.0 * fit.covariance[1] + fit.covariance[6], sori_glm_variance(&fit, gradient), 1e-12);
	sori_glm_release(&fit);
}

static void test_glm_binomial_and_linear(void **state)
{
	const double dead[6] = {0.05, 0.2, 0.45, 0.65, 0.9, 1.0}, trials[6] = {20, 20, 20, 20, 20, 20};
	const double speed[50] = {4,  4,  7,  7,  8,  9,  10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15,
				  15, 16, 16, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24, 24, 24, 25};
	const double distance[50] = {2,  10, 4,  22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26,
				     54, 32, 40, 32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85};
	double x[100];
	struct sori_glm_data data = {.family = SORI_GLM_BINOMIAL, .rows = 6, .columns = 2, .x = x, .y = dead, .weights = trials};
	struct sori_glm_fit fit;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		x[i] = 1.0;
		x[6 + i] = (double)i;
	}
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	NEAR(-2.81855496731552, fit.coefficients[0], 1e-11);
	NEAR(1.25894942420395, fit.coefficients[1], 1e-11);
	NEAR(0.212065494094313, sqrt(fit.covariance[3]), 1e-7); /* R weighs by the step before */
	NEAR(1.88097008142142, fit.deviance, 1e-11);
	sori_glm_release(&fit);

	data = (struct sori_glm_data){.family = SORI_GLM_GAUSSIAN, .rows = 50, .columns = 2, .x = x, .y = distance};
	for (size_t i = 0; i < 50; i++) { /* stopping distances of cars in the 1920s, R's `cars` */
		x[i] = 1.0;
		x[50 + i] = speed[i];
	}
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	NEAR(-17.57909489051089, fit.coefficients[0], 1e-11);
	NEAR(3.93240875912409, fit.coefficients[1], 1e-12);
	NEAR(0.415512776657122, sqrt(fit.dispersion * fit.covariance[3]), 1e-12);
	sori_glm_release(&fit);
}

/* What a fit says when there is nothing to say. */
static void test_glm_refusals(void **state)
{
	const double y[4] = {1.0, 2.0, 3.0, 6.0}, none[4] = {0.0, 0.0, 0.0, 0.0};
	double x[12] = {1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 3.0, 5.0, 7.0, 9.0}; /* the third is 1 + 2 * the second */
	struct sori_glm_data data = {.family = SORI_GLM_QUASIPOISSON, .rows = 4, .columns = 3, .x = x, .y = y};
	struct sori_glm_fit fit, two;

	(void)state;
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	assert_int_equal(fit.outcome, SORI_GLM_FITTED);
	assert_int_equal(fit.rank, 2);
	assert_true(sori_is_na(fit.coefficients[2]) && sori_is_na(fit.covariance[8]));
	data.columns = 2;
	assert_int_equal(sori_glm_fit(&data, &two, NULL), SORI_OK);
	assert_true(two.coefficients[1] == fit.coefficients[1] && two.deviance == fit.deviance);
	sori_glm_release(&fit);
	data.max_steps = 1;
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	assert_int_equal(fit.outcome, SORI_GLM_NOT_CONVERGED);
	sori_glm_release(&fit);
	data.max_steps = 0;
	data.weights = none;
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	assert_int_equal(fit.outcome, SORI_GLM_TOO_FEW_ROWS);
	sori_glm_release(&fit);
	data.weights = NULL;
	data.rows = 2;
	data.x = x + 3; /* (1, 1) and (2, 3) */
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_OK);
	assert_int_equal(fit.outcome, SORI_GLM_TOO_FEW_ROWS);
	sori_glm_release(&fit);
	sori_glm_release(&two);
	data.rows = 4;
	sori_memory_fail_after(1, 0);
	assert_int_equal(sori_glm_fit(&data, &fit, NULL), SORI_SYSTEM);
	sori_memory_fail_after(0, 0);
}

static void test_ab(void **state)
{
	double y[35], n[35];
	struct sori_ab_day days[36];
	struct sori_ab_result r;

	(void)state;
	SERIES(y, 21, 43, 1000, 500, 14, 16, 15, 13, 17, 7, 5);
	SERIES(n, 21, 47, 100, 950, 300);
	SERIES(y + 21, 14, 53, 1000, 500, 20, 22, 21, 18, 24, 9, 8);
	SERIES(n + 21, 14, 59, 100, 950, 310);
	for (size_t i = 0; i < 35; i++)
		days[i] = (struct sori_ab_day){(int)(i < 21 ? i % 7 : (i - 21) % 7), i >= 21, y[i], n[i]};
	days[35] = (struct sori_ab_day){3, true, NAN, 300.0}; /* a missing day changes nothing */
	assert_int_equal(sori_ab_compare(days, 36, &sori_ab_recommended, &r, NULL), SORI_OK);
	assert_true(r.a == 237.0 && r.n_a == 6231.0 && r.b == 224.0 && r.n_b == 4334.0 && r.days_b == 14);
	NEAR(3.0315629457941147, r.plain.raw_dispersion, 1e-9);
	NEAR(0.3066318411678267, r.plain.log_ratio, 1e-11);
	NEAR(0.0675865746326133, r.plain.p, 1e-8);
	NEAR(1.4511963959528842, r.weekday.dispersion, 1e-8);
	NEAR(0.1122653028201832, r.weekday.error, 1e-8);
	NEAR(0.0108016148548733, r.weekday.p, 1e-7);
	assert_true(r.eligible && r.p == r.weekday.p);
	for (size_t i = 0; i < 21; i++)
		days[i].documents = 0.0;
	assert_int_equal(sori_ab_compare(days, 36, &sori_ab_recommended, &r, NULL), SORI_OK);
	assert_true(isinf(r.ratio) && r.p == r.p_mid && sori_is_na(r.weekday.p) && r.eligible);
	assert_int_equal(sori_ab_compare(days, 27, &sori_ab_recommended, &r, NULL), SORI_OK);
	assert_false(r.eligible); /* six days of B */
}

/* Admissions to Berkeley 1973 by department, as R's UCBAdmissions; and the identity of the split. */
static void test_strata(void **state)
{
	const struct sori_stratum berkeley[] = {{89, 108, 512, 825}, {17, 25, 353, 560},  {202, 593, 120, 325},
						{131, 375, 138, 417}, {94, 393, 53, 191}, {24, 341, 22, 373}};
	const struct sori_stratum lacking[] = {{5, 50, 9, 70}, {0, 0, 4, 40}, {3, 30, 0, 0}};
	struct sori_strata_result r = sori_strata_compare(berkeley, 6, 0.95);

	(void)state;
	NEAR(0.904696828258623, r.mh_odds, 1e-12);
	NEAR(1.524606660443436, r.cmh_chi2, 1e-12);
	NEAR(0.216923697055518, r.cmh_p, 1e-12);
	assert_true(r.crude_ratio > 1.4 && r.mh_ratio < 1.0); /* the paradox */
	NEAR(r.crude_difference, r.rate_part + r.mix_part, 1e-13);
	r = sori_strata_compare(lacking, 3, 0.95);
	NEAR(r.crude_difference, r.rate_part + r.mix_part, 1e-13);
	NEAR((9.0 / 70.0) / (5.0 / 50.0), r.mh_ratio, 1e-13);
}

static void test_ears(void **state)
{
	/* Seven days of mean 4 and variance 14/3, then two idle days, then the day judged. */
	double y[14] = {1, 2, 3, 4, 5, 6, 7, 0, 0, 9, 50, 50, 50, 50};
	struct sori_ears_settings s = {SORI_EARS_C2, 7, 0.0, 0.001};
	double z = sori_normal_quantile(0.999), sigma = sqrt(14.0 / 3.0);

	(void)state;
	assert_int_equal(sori_ears_first(&s), 11);
	NEAR(4.0 + z * sigma, sori_ears(&s, y, 9).upper, 1e-13);
	assert_true(sori_ears(&s, y, 9).alarm == 0.0);
	s.method = SORI_EARS_C1;
	NEAR(4.0 + z * sigma, sori_ears(&s, y, 7).upper, 1e-13);
	s.minimum_sigma = 10.0;
	NEAR(4.0 + z * 10.0, sori_ears(&s, y, 7).upper, 1e-13);
	s.minimum_sigma = 0.0;
	y[3] = NAN; /* the mean stays 4: one of seven missing is fewer than a fifth */
	NEAR(4.0 + z * sqrt(28.0 / 5.0), sori_ears(&s, y, 7).upper, 1e-13);
	y[1] = NAN;
	assert_true(sori_is_na(sori_ears(&s, y, 7).upper) && sori_is_na(sori_ears(&s, y, 7).alarm));
	for (size_t i = 0; i < 14; i++)
		y[i] = 3.0;
	s.method = SORI_EARS_C3;
	assert_true(isnan(sori_ears(&s, y, 12).upper)); /* 0/0 on a flat baseline */
	s.minimum_sigma = 1.0;
	NEAR(3.0 + z, sori_ears(&s, y, 12).upper, 1e-13);
}

static void farrington_series(double y[84], double n[84])
{
	SERIES(y, 84, 7, 1000, 500, 20, 24, 22, 19, 25, 9, 6);
	SERIES(n, 84, 11, 200, 900, 400, 420, 390, 410, 430, 200, 180);
	y[39] = 120.0; /* a burst in the baseline */
}

/* R twin: glm, hatvalues and qnbinom on the same baseline. */
static void test_farrington(void **state)
{
	double y[84], n[84];
	struct sori_series data = {84, NULL, y, n};
	struct sori_farrington_settings s = sori_farrington_daily;
	struct sori_farrington r;

	(void)state;
	farrington_series(y, n);
	assert_int_equal(sori_farrington_first(&s), 63);
	assert_int_equal(sori_farrington_at(&s, &data, NULL, 63, &r, NULL), SORI_OK);
	NEAR(20.071758436944883, r.mu, 1e-9);
	NEAR(1.784351972985954, r.phi, 1e-9);
	assert_true(r.upper == 38.0 && !r.alarm && sori_is_na(r.trend));
	NEAR(0.976687284446298, r.p_exceed, 1e-9);
	NEAR((10.0 - r.mu) / (38.0 - r.mu), r.score, 1e-12);
	assert_int_equal(sori_farrington_at(&s, &data, NULL, 69, &r, NULL), SORI_OK);
	NEAR(5.299088649544322, r.mu, 1e-9);
	NEAR(2.000061936607853, r.phi, 1e-9);
	s.guard = 2;
	s.share = false;
	s.trend = true;
	assert_int_equal(sori_farrington_at(&s, &data, NULL, 83, &r, NULL), SORI_OK);
	NEAR(4.91840128771416918, r.mu, 1e-9);
	NEAR(-0.00418985602843093, r.trend, 1e-8);
	assert_true(r.trend_used && r.upper == 15.0);
	y[70] = NAN;
	assert_int_equal(sori_farrington_at(&s, &data, NULL, 70, &r, NULL), SORI_OK);
	assert_true(sori_is_na(r.p_exceed) && !r.alarm && r.mu > 0.0); /* a missing day is no zero */
	for (size_t i = 64; i < 71; i++)
		y[i] = 0.0;
	assert_int_equal(sori_farrington_at(&s, &data, NULL, 70, &r, NULL), SORI_OK);
	assert_true(sori_is_na(r.upper) && r.p_exceed == 1.0 && !r.alarm); /* under 5 in 7 days */
	for (size_t i = 0; i < 84; i++)
		y[i] = 0.0;
	y[70] = 30.0;
	assert_int_equal(sori_farrington_at(&s, &data, NULL, 70, &r, NULL), SORI_OK);
	assert_true(r.outcome == SORI_GLM_FITTED && r.alarm && r.mu < 1e-6); /* an all-zero baseline */
}

/* A burst hides the next one unless own alarms are left out; a lasting new level opens the valve. */
static void test_farrington_run(void **state)
{
	enum { DAYS = 200, FIRST = 63 };
	double y[DAYS], n[DAYS];
	struct sori_series data = {DAYS, NULL, y, n};
	struct sori_farrington results[DAYS - FIRST];
	struct sori_farrington_settings s = sori_farrington_daily;
	size_t alarms[2], released = 0;

	(void)state;
	for (int masking = 0; masking < 2; masking++) {
		SERIES(y, DAYS, 7, 1000, 500, 20, 24, 22, 19, 25, 9, 6);
		SERIES(n, DAYS, 11, 200, 900, 400, 420, 390, 410, 430, 200, 180);
		for (size_t i = 100; i < 105; i++)
			y[i] *= 5.0;
		y[120] = 55.0;
		s.drop_alarms = !masking;
		assert_int_equal(sori_farrington_run(&s, &data, FIRST, results, NULL), SORI_OK);
		alarms[masking] = results[120 - FIRST].alarm;
		assert_true(results[100 - FIRST].alarm);
		assert_int_equal(results[121 - FIRST].dropped > 0, !masking);
	}
	assert_true(alarms[0] == 1 && alarms[1] == 0);
	s.drop_alarms = true;
	for (size_t i = 130; i < DAYS; i++)
		y[i] = y[i] * 4.0 + 20.0;
	assert_int_equal(sori_farrington_run(&s, &data, FIRST, results, NULL), SORI_OK);
	for (size_t i = FIRST; i < DAYS; i++)
		released += results[i - FIRST].released;
	assert_true(released > 0 && results[132 - FIRST].alarm && !results[DAYS - 1 - FIRST].alarm);
}

static void test_its(void **state)
{
	double y[60], n[60], t[60];
	bool excluded[60] = {false};
	struct sori_its_data data = {{60, t, y, n}, excluded};
	struct sori_its_settings s;
	struct sori_its r;
	struct sori_its_estimate e;
	struct sori_its_placebo placebo;
	char term[16];

	(void)state;
	SERIES(y, 60, 23, 1000, 500, 40, 44, 38, 42);
	SERIES(n, 60, 29, 200, 900, 900, 1000, 1100);
	for (size_t i = 0; i < 60; i++) {
		t[i] = (double)i + 1.0;
		if (i >= 40)
			y[i] = floor(y[i] * 6.0 / 10.0);
	}
	excluded[40] = excluded[41] = true;
	assert_int_equal(sori_its_recommend(&data, 41.0, &s), SORI_ITS_FULL);
	assert_true(s.harmonics == 1 && s.lag == 3 && s.slope);
	s.period = 52.0;
	assert_int_equal(sori_its_fit(&data, &s, &r, NULL), SORI_OK);
	assert_true(r.outcome == SORI_GLM_FITTED && r.columns == 6 && r.fit.df == 52.0);
	NEAR(-3.04731508206055235, r.fit.coefficients[0], 1e-10);
	NEAR(-0.39748102831099036, r.fit.coefficients[2], 1e-10);
	NEAR(3.48024401242925, r.fit.dispersion, 1e-9);
	e = sori_its_coefficient(&r, 3, false);
	NEAR(0.0329664991343680, e.error, 1e-9);
	e = sori_its_coefficient(&r, 3, true);
	NEAR(0.02436891312326901, e.error, 1e-9);
	NEAR(7.8767723124162705, r.box, 1e-9);
	NEAR(0.6408723170313662, r.box_p, 1e-9);
	NEAR(-0.0391800614109981, r.acf1, 1e-9);
	e = sori_its_effect(&r, 12.0, false);
	NEAR(0.556572504108980, e.value, 1e-10);
	NEAR(0.202542466048082, e.limits.low, 1e-9);
	NEAR(1.529422241045505, e.limits.high, 1e-9);
	e = sori_its_avoided(&r, false);
	NEAR(297.014615286125, e.value, 1e-9);
	NEAR(930.827725409699, e.limits.high, 1e-9);
	sori_its_term(&r, 3, term);
	assert_string_equal(term, "ramp");
	sori_its_term(&r, 5, term);
	assert_string_equal(term, "cos1");
	assert_int_equal(sori_its_placebo(&data, &r, &placebo, NULL), SORI_OK);
	assert_int_equal(placebo.tried, 21); /* 40 points before: dates 13 to 33 */
	assert_true(placebo.as_large <= placebo.tried);
	sori_its_release(&r);
	assert_int_equal(sori_its_recommend(&data, 9.0, &s), SORI_ITS_WEAK);
	assert_false(s.slope);
	assert_int_equal(sori_its_recommend(&data, 4.0, &s), SORI_ITS_REFUSED);
}

static void test_season(void **state)
{
	double y[110], n[110], t[110];
	struct sori_season r;

	(void)state;
	SERIES(y, 110, 31, 1000, 500, 30);
	SERIES(n, 110, 37, 100, 950, 500);
	for (size_t i = 0; i < 110; i++) {
		t[i] = (double)i + 1.0;
		y[i] = floor(y[i] * (1.5 + sin(6.283185307179586 * t[i] / SORI_SEASON_YEAR - 1.0)));
	}
	assert_int_equal(sori_season_fit(&(struct sori_series){110, t, y, n}, SORI_SEASON_YEAR, &r, NULL), SORI_OK);
	NEAR(0.00143159498632624, r.coefficients[1], 1e-9);
	NEAR(-0.68932045261495778, r.coefficients[3], 1e-10);
	NEAR(3.81314235635777266, r.dispersion, 1e-9);
	NEAR(84.09680019007332419, r.f, 1e-9);
	assert_true(r.df1 == 4.0 && r.df2 == 104.0 && r.p < 1e-30);
	assert_true(fabs(r.peak - 18.195) < 0.002 && fabs(r.trough - 47.9775) < 0.002);
	NEAR(5.59545695238989, r.peak_to_trough, 1e-6);
	assert_int_equal(sori_season_fit(&(struct sori_series){5, t, y, n}, SORI_SEASON_YEAR, &r, NULL), SORI_OK);
	assert_true(r.outcome == SORI_GLM_TOO_FEW_ROWS && sori_is_na(r.p));
}

static void test_drivers(void **state)
{
	unsigned char has[80];
	size_t channel[40];
	double rating[40], documents[40];
	struct sori_driver_cells cells = {40, 2, has, channel, 2, rating, documents, 2.0};
	struct sori_driver d[2];
	struct sori_drivers_summary summary;

	(void)state;
	SERIES(documents, 40, 41, 1000, 500, 20, 12, 30, 9, 16);
	for (size_t i = 0; i < 40; i++) {
		has[2 * i] = i % 2;
		has[2 * i + 1] = i / 2 % 2;
		channel[i] = i / 4 % 2;
		rating[i] = (double)(i / 8 + 1);
	}
	assert_int_equal(sori_drivers(&cells, d, &summary, NULL), SORI_OK);
	assert_true(summary.documents == 711.0 && summary.low == 300.0 && summary.logit == SORI_GLM_FITTED);
	NEAR(-0.4421123286370373, d[0].logit, 1e-10);
	NEAR(0.153753645168897, d[0].logit_error, 1e-8);
	NEAR(-0.106689553807612, d[0].effect, 1e-10);
	NEAR(-38.254743427900337, d[0].excess, 1e-10);
	NEAR(0.2671082662919033, d[0].linear, 1e-10);
	NEAR(0.109746890396438, d[1].linear_error, 1e-10);
	NEAR(3.12290502793296, d[0].mean_with, 1e-12);
	NEAR(2.86968838526912, d[0].mean_without, 1e-12);
	NEAR(d[0].low_with / d[0].with - d[0].low_without / d[0].without, d[0].difference, 1e-13);
}

/* Against every table of the same totals. */
static void search_tables(const int64_t rows[2], const int64_t columns[3], int64_t low[6], int64_t high[6])
{
	for (int i = 0; i < 6; i++) {
		low[i] = INT64_MAX;
		high[i] = -1;
	}
	for (int64_t a = 0; a <= rows[0]; a++)
		for (int64_t b = 0; a + b <= rows[0]; b++) {
			int64_t cell[6] = {a, b, rows[0] - a - b, columns[0] - a, columns[1] - b, columns[2] - (rows[0] - a - b)};

			if (cell[3] < 0 || cell[4] < 0 || cell[5] < 0)
				continue;
			for (int i = 0; i < 6; i++) {
				low[i] = cell[i] < low[i] ? cell[i] : low[i];
				high[i] = cell[i] > high[i] ? cell[i] : high[i];
			}
		}
}

static void test_suppression(void **state)
{
	static const int64_t tables[][6] = {{1, 2, 3, 4, 0, 2}, {0, 0, 7, 3, 1, 0}, {9, 1, 1, 1, 9, 4}, {0, 0, 0, 0, 0, 0}, {5, 0, 2, 0, 6, 1}};
	struct sori_hidden_cell lone = {3, 4, 2, 0, 0};

	(void)state;
	for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
		struct sori_hidden_cell cells[6];
		int64_t rows[2] = {0, 0}, columns[3] = {0, 0, 0}, low[6], high[6];

		for (size_t i = 0; i < 6; i++) {
			cells[i] = (struct sori_hidden_cell){i / 3, i % 3, tables[k][i], 0, 0};
			rows[i / 3] += tables[k][i];
			columns[i % 3] += tables[k][i];
		}
		search_tables(rows, columns, low, high);
		assert_int_equal(sori_suppression_audit(cells, 6, NULL), SORI_OK);
		for (size_t i = 0; i < 6; i++) {
			assert_int_equal(cells[i].low, low[i]);
			assert_int_equal(cells[i].high, high[i]);
		}
	}
	assert_int_equal(sori_suppression_audit(&lone, 1, NULL), SORI_OK);
	assert_true(lone.low == 2 && lone.high == 2); /* alone in its row: a subtraction tells it */
	lone.count = -1;
	assert_int_equal(sori_suppression_audit(&lone, 1, NULL), SORI_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_special),	      cmocka_unit_test(test_newcombe_published),
		cmocka_unit_test(test_rate_ratio),    cmocka_unit_test(test_keyness),
		cmocka_unit_test(test_log_odds),      cmocka_unit_test(test_fdr),
		cmocka_unit_test(test_glm_poisson),   cmocka_unit_test(test_glm_binomial_and_linear),
		cmocka_unit_test(test_glm_refusals),  cmocka_unit_test(test_ab),
		cmocka_unit_test(test_strata),	      cmocka_unit_test(test_ears),
		cmocka_unit_test(test_farrington),    cmocka_unit_test(test_farrington_run),
		cmocka_unit_test(test_its),	      cmocka_unit_test(test_season),
		cmocka_unit_test(test_drivers),	      cmocka_unit_test(test_suppression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
