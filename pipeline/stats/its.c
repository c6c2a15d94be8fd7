/* One quasi-Poisson fit with two covariances: the model's own, and Newey-West for residuals that remember. Both stay too small
 * under strong autocorrelation, which the Ljung-Box test often misses in short series; hence placebo dates. */
#include "pipeline/stats/its.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define TAU 6.283185307179586
#define POST 2
#define RAMP 3
#define BOX_LAG 10
#define HARMONIC_LIMIT 4

#define BEFORE_FULL 12
#define BEFORE_LEAST 6
#define AFTER_FULL 8

static bool usable(const struct sori_its_data *data, size_t i)
{
	return !isnan(data->series.y[i]) && data->series.n[i] > 0.0 && !(data->excluded && data->excluded[i]);
}

enum sori_its_tier sori_its_recommend(const struct sori_its_data *data, double t0, struct sori_its_settings *settings)
{
	size_t before = 0, after = 0, all;
	bool full;

	for (size_t i = 0; i < data->series.count; i++)
		if (usable(data, i))
			*(data->series.t[i] < t0 ? &before : &after) += 1;
	all = before + after;
	full = before >= BEFORE_FULL && after >= AFTER_FULL;
	*settings = (struct sori_its_settings){
		.t0 = t0,
		.harmonics = all >= 104 ? 2 : all >= 52 ? 1 : 0,
		.period = 52.1775,
		.slope = full,
		.lag = (size_t)floor(4.0 * pow((double)all / 100.0, 2.0 / 9.0)),
	};
	if (before < BEFORE_LEAST || after == 0)
		return SORI_ITS_REFUSED;
	return full ? SORI_ITS_FULL : SORI_ITS_WEAK;
}

static size_t first_harmonic(const struct sori_its_settings *settings)
{
	return settings->slope ? RAMP + 1 : RAMP;
}

static void fill_row(const struct sori_its_settings *s, double t, double *x, size_t rows, size_t row)
{
	size_t column = first_harmonic(s);

	x[row] = 1.0;
	x[rows + row] = t;
	x[POST * rows + row] = t >= s->t0;
	if (s->slope)
		x[RAMP * rows + row] = fmax(0.0, t - s->t0);
	for (size_t k = 1; k <= s->harmonics; k++) {
		double angle = TAU * (double)k * t / s->period;

		x[column++ * rows + row] = sin(angle);
		x[column++ * rows + row] = cos(angle);
	}
}

static bool build(const struct sori_its_data *data, struct sori_its *r)
{
	size_t rows = 0, row = 0, columns = r->columns;
	double *y, *offset, *x;

	for (size_t i = 0; i < data->series.count; i++)
		rows += usable(data, i);
	r->room = sori_alloc((rows * (columns + 2) + columns * columns) * sizeof *r->room);
	if (!r->room)
		return false;
	y = r->room;
	offset = y + rows;
	x = offset + rows;
	r->newey_west = x + rows * columns;
	for (size_t i = 0; i < data->series.count; i++) {
		if (!usable(data, i))
			continue;
		y[row] = data->series.y[i];
		offset[row] = log(data->series.n[i]);
		fill_row(&r->settings, data->series.t[i], x, rows, row++);
	}
	r->model = (struct sori_glm_data){.family = SORI_GLM_QUASIPOISSON, .rows = rows, .columns = columns, .x = x, .y = y,
					  .offset = offset};
	return true;
}

static double residual(const struct sori_its *r, size_t i)
{
	return (r->model.y[i] - r->fit.fitted[i]) / sqrt(r->fit.fitted[i]);
}

/* Autocorrelation of the Pearson residuals about their mean, summed into Ljung and Box's (1978) statistic. */
static void look_back(struct sori_its *r)
{
	const size_t n = r->model.rows, lags = n > BOX_LAG ? BOX_LAG : n - 1;
	double mean = 0.0, variance = 0.0, sum = 0.0;

	for (size_t i = 0; i < n; i++)
		mean += residual(r, i);
	mean /= (double)n;
	for (size_t i = 0; i < n; i++)
		variance += (residual(r, i) - mean) * (residual(r, i) - mean);
	for (size_t lag = 1; lag <= lags; lag++) {
		double product = 0.0, correlation;

		for (size_t i = lag; i < n; i++)
			product += (residual(r, i) - mean) * (residual(r, i - lag) - mean);
		correlation = product / variance;
		if (lag == 1)
			r->acf1 = correlation;
		sum += correlation * correlation / (double)(n - lag);
	}
	r->box_lag = (double)lags;
	r->box = (double)n * ((double)n + 2.0) * sum;
	r->box_p = sori_chi2_upper(r->box, r->box_lag);
}

enum sori_status sori_its_fit(const struct sori_its_data *data, const struct sori_its_settings *settings,
			      struct sori_its *result, struct sori_error *error)
{
	enum sori_status status;

	assert(settings->harmonics <= HARMONIC_LIMIT);
	*result = (struct sori_its){.outcome = SORI_GLM_TOO_FEW_ROWS, .settings = *settings,
				    .columns = first_harmonic(settings) + 2 * settings->harmonics};
	if (!build(data, result))
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = sori_glm_fit(&result->model, &result->fit, error);
	if (status == SORI_OK) {
		result->outcome = result->fit.outcome;
		if (result->outcome == SORI_GLM_FITTED) {
			result->reach = sori_t_quantile(0.975, result->fit.df);
			look_back(result);
			status = sori_glm_newey_west(&result->model, &result->fit, settings->lag, result->newey_west, error);
		}
	}
	if (status != SORI_OK)
		sori_its_release(result);
	return status;
}

void sori_its_release(struct sori_its *result)
{
	sori_glm_release(&result->fit);
	sori_free(result->room);
	*result = (struct sori_its){.outcome = SORI_GLM_TOO_FEW_ROWS};
}

void sori_its_term(const struct sori_its *result, size_t column, char name[16])
{
	static const char *const fixed[] = {"(Intercept)", "t", "post", "ramp"};
	size_t first = first_harmonic(&result->settings);

	if (column < first)
		(void)snprintf(name, 16, "%s", fixed[column]);
	else
		(void)snprintf(name, 16, "%s%u", (column - first) % 2 ? "cos" : "sin",
			       (unsigned)((column - first) / 2 + 1) % 100U);
}

/* Variance of gradient' beta under either covariance. */
static double variance(const struct sori_its *r, const double *gradient, bool newey_west)
{
	double sum = 0.0;

	if (!newey_west)
		return fmax(1.0, r->fit.dispersion) * sori_glm_variance(&r->fit, gradient);
	for (size_t j = 0; j < r->columns; j++)
		for (size_t k = 0; k < r->columns; k++)
			sum += gradient[j] * r->newey_west[j * r->columns + k] * gradient[k];
	return sum;
}

static struct sori_its_estimate estimate(const struct sori_its *r, double value, double error)
{
	return (struct sori_its_estimate){value, error, {value - r->reach * error, value + r->reach * error},
					  sori_t_two_sided(value / error, r->fit.df)};
}

static const struct sori_its_estimate *missing_estimate(struct sori_its_estimate *room)
{
	const double na = sori_na();

	*room = (struct sori_its_estimate){na, na, {na, na}, na};
	return room;
}

#define COLUMN_LIMIT (RAMP + 1 + 2 * HARMONIC_LIMIT)

struct sori_its_estimate sori_its_coefficient(const struct sori_its *result, size_t column, bool newey_west)
{
	double gradient[COLUMN_LIMIT] = {0.0};
	struct sori_its_estimate none;

	if (result->outcome != SORI_GLM_FITTED || isnan(result->fit.coefficients[column]))
		return *missing_estimate(&none);
	gradient[column] = 1.0;
	return estimate(result, result->fit.coefficients[column], sqrt(variance(result, gradient, newey_west)));
}

struct sori_its_estimate sori_its_effect(const struct sori_its *result, double h, bool newey_west)
{
	double gradient[COLUMN_LIMIT] = {0.0}, value;
	struct sori_its_estimate e;

	if (result->outcome != SORI_GLM_FITTED)
		return *missing_estimate(&e);
	value = result->fit.coefficients[POST];
	gradient[POST] = 1.0;
	if (result->settings.slope) {
		value += result->fit.coefficients[RAMP] * h;
		gradient[RAMP] = h;
	}
	if (isnan(value))
		return *missing_estimate(&e);
	e = estimate(result, value, sqrt(variance(result, gradient, newey_west)));
	e.value = exp(e.value);
	e.limits = (struct sori_interval){exp(e.limits.low), exp(e.limits.high)};
	return e;
}

struct sori_its_estimate sori_its_avoided(const struct sori_its *result, bool newey_west)
{
	const size_t rows = result->model.rows;
	const double *x = result->model.x;
	double gradient[COLUMN_LIMIT] = {0.0}, sum = 0.0;
	struct sori_its_estimate none;

	if (result->outcome != SORI_GLM_FITTED || isnan(result->fit.coefficients[POST]) ||
	    (result->settings.slope && isnan(result->fit.coefficients[RAMP])))
		return *missing_estimate(&none);
	for (size_t i = 0; i < rows; i++) {
		double change = result->fit.coefficients[POST], without, with = result->fit.fitted[i];

		if (x[POST * rows + i] == 0.0)
			continue;
		if (result->settings.slope)
			change += result->fit.coefficients[RAMP] * x[RAMP * rows + i];
		without = exp(result->fit.linear[i] - change);
		sum += without - with;
		for (size_t k = 0; k < result->columns; k++) {
			bool intervention = k == POST || (k == RAMP && result->settings.slope);

			gradient[k] += ((intervention ? 0.0 : without) - with) * x[k * rows + i];
		}
	}
	return estimate(result, sum, sqrt(variance(result, gradient, newey_west)));
}

enum sori_status sori_its_placebo(const struct sori_its_data *data, const struct sori_its *real,
				  struct sori_its_placebo *placebo, struct sori_error *error)
{
	struct sori_its_data before = *data;
	struct sori_its_settings settings = real->settings;
	double level = real->outcome == SORI_GLM_FITTED ? fabs(real->fit.coefficients[POST]) : NAN;
	enum sori_status status = SORI_OK;
	size_t used = 0, seen = 0;

	*placebo = (struct sori_its_placebo){0, 0};
	before.series.count = 0;
	while (before.series.count < data->series.count && data->series.t[before.series.count] < real->settings.t0)
		used += usable(data, before.series.count++);
	for (size_t i = 0; status == SORI_OK && i < before.series.count; i++) {
		struct sori_its fake;

		if (!usable(data, i))
			continue;
		if (seen++ < BEFORE_FULL || used - seen + 1 < AFTER_FULL)
			continue;
		settings.t0 = data->series.t[i];
		status = sori_its_fit(&before, &settings, &fake, error);
		if (status != SORI_OK)
			break;
		if (fake.outcome == SORI_GLM_FITTED && !isnan(fake.fit.coefficients[POST])) {
			placebo->tried++;
			placebo->as_large += fabs(fake.fit.coefficients[POST]) >= level;
		}
		sori_its_release(&fake);
	}
	return status;
}
