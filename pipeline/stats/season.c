/* The F test of two quasi-Poisson fits uses the dispersion of the larger one. Peak and trough have no closed form with two
 * harmonics: a fine grid over one period finds them, and no bracket can miss the higher of two humps. */
#include "pipeline/stats/season.h"

#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define GRID 0.001 /* weeks */
#define COLUMNS (2 + 2 * SORI_SEASON_HARMONICS)
#define TAU 6.283185307179586

static double wave(const double *coefficients, double t, double period)
{
	double sum = 0.0;

	for (int k = 1; k <= SORI_SEASON_HARMONICS; k++)
		sum += coefficients[2 * k] * sin(TAU * k * t / period) + coefficients[2 * k + 1] * cos(TAU * k * t / period);
	return sum;
}

static void find_peak(struct sori_season *r, double period)
{
	double highest = -INFINITY, lowest = INFINITY;
	size_t steps = (size_t)ceil(period / GRID);

	for (size_t i = 0; i < steps; i++) {
		double t = (double)i * period / (double)steps, height = wave(r->coefficients, t, period);

		if (height > highest) {
			highest = height;
			r->peak = t;
		}
		if (height < lowest) {
			lowest = height;
			r->trough = t;
		}
	}
	r->peak_to_trough = exp(highest - lowest);
}

static size_t design(const struct sori_series *series, double period, double *room)
{
	const double *t = series->t, *y = series->y, *n = series->n;
	size_t rows = 0, row = 0;
	double *x;

	for (size_t i = 0; i < series->count; i++)
		rows += !isnan(y[i]) && n[i] > 0.0;
	x = room + 2 * rows;
	for (size_t i = 0; i < series->count; i++) {
		if (isnan(y[i]) || !(n[i] > 0.0))
			continue;
		room[row] = y[i];
		room[rows + row] = log(n[i]);
		x[row] = 1.0;
		x[rows + row] = t[i];
		for (int k = 1; k <= SORI_SEASON_HARMONICS; k++) {
			x[(size_t)(2 * k) * rows + row] = sin(TAU * k * t[i] / period);
			x[(size_t)(2 * k + 1) * rows + row] = cos(TAU * k * t[i] / period);
		}
		row++;
	}
	return rows;
}

enum sori_status sori_season_fit(const struct sori_series *series, double period, struct sori_season *result,
				 struct sori_error *error)
{
	const double na = sori_na();
	double *room = sori_alloc(series->count * (COLUMNS + 2) * sizeof *room);
	struct sori_glm_fit full = {0}, trend = {0};
	struct sori_glm_data data = {.family = SORI_GLM_QUASIPOISSON, .columns = COLUMNS};
	enum sori_status status;

	if (!room)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	*result = (struct sori_season){SORI_GLM_TOO_FEW_ROWS, {na, na, na, na, na, na}, na, na, na, na, na, na, na, na, na, na};
	data.rows = design(series, period, room);
	data.y = room;
	data.offset = room + data.rows;
	data.x = room + 2 * data.rows;
	status = sori_glm_fit(&data, &full, error);
	data.columns = 2;
	if (status == SORI_OK)
		status = sori_glm_fit(&data, &trend, error);
	if (status == SORI_OK) {
		result->outcome = full.outcome != SORI_GLM_FITTED   ? full.outcome
				  : full.rank < COLUMNS		    ? SORI_GLM_TOO_FEW_ROWS
								    : trend.outcome;
		if (result->outcome == SORI_GLM_FITTED) {
			for (size_t k = 0; k < COLUMNS; k++)
				result->coefficients[k] = full.coefficients[k];
			result->dispersion = full.dispersion;
			result->deviance_trend = trend.deviance;
			result->deviance = full.deviance;
			result->df1 = (double)(full.rank - trend.rank);
			result->df2 = full.df;
			result->f = (trend.deviance - full.deviance) / result->df1 / full.dispersion;
			result->p = sori_f_upper(result->f, result->df1, result->df2);
			find_peak(result, period);
		}
	}
	sori_glm_release(&full);
	sori_glm_release(&trend);
	sori_free(room);
	return status;
}
