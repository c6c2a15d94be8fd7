/* The usual range of a share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"
#include "pipeline/stats/usual.h"

static void little_is_not_known(void **state)
{
	(void)state;
	const double y[] = {3, 2, 4, 1, 2, 9}, n[] = {100, 100, 100, 100, 100, 0};
	struct sori_usual usual = sori_usual_of(y, n, 6);
	assert_false(usual.known); /* the sixth point has no denominator */
	assert_true(sori_is_na(sori_usual_limits(&usual, 100, 0.95).low));
	assert_false(sori_usual_of((double[]){1, 0, 1, 0, 1, 1}, (double[]){9, 9, 9, 9, 9, 9}, 6).known); /* 4 documents */
	assert_false(sori_usual_of(NULL, NULL, 0).known);
}

/* 60 of 1200 is 5 %; the points scatter less than Poisson, so its limits hold. */
static void calm_series_has_poisson_limits(void **state)
{
	(void)state;
	const double y[] = {5, 4, 6, 5, 5, 4, 6, 5, 5, 5, 6, 4}, n[] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100};
	struct sori_usual usual = sori_usual_of(y, n, 12);
	assert_true(usual.known);
	assert_float_equal(usual.share, 0.05, 1e-12);
	assert_float_equal(usual.phi, 1.0, 0.0);
	assert_int_equal(usual.used, 12);
	struct sori_interval limits = sori_usual_limits(&usual, 200, 0.95);
	assert_float_equal(limits.low, sori_poisson_quantile(0.025, 10), 0.0);
	assert_float_equal(limits.high, sori_poisson_quantile(0.975, 10), 0.0);
}

static void scatter_widens_and_a_burst_does_not(void **state)
{
	(void)state;
	const double n[] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100};
	const double scattered[] = {2, 9, 1, 10, 3, 8, 2, 9, 1, 5}, burst[] = {5, 4, 6, 5, 5, 4, 6, 5, 90, 5};
	struct sori_usual wide = sori_usual_of(scattered, n, 10), calm = sori_usual_of(burst, n, 10);
	assert_true(wide.phi > 2.0);
	assert_true(sori_usual_limits(&wide, 100, 0.95).high > sori_poisson_quantile(0.975, 5));
	assert_true(sori_usual_limits(&wide, 100, 0.99).high >= sori_usual_limits(&wide, 100, 0.95).high);
	assert_int_equal(calm.left_out, 1);
	assert_int_equal(calm.used, 9);
	assert_float_equal(calm.share, 0.05, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(little_is_not_known), cmocka_unit_test(calm_series_has_poisson_limits),
					   cmocka_unit_test(scatter_widens_and_a_burst_does_not)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
