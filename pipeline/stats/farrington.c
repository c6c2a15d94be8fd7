/* For a period: a baseline of b cycles in seasonal groups; a quasi-Poisson fit; Anscombe residuals, of which the large lose
 * weight; a second fit; the quantile of a negative binomial with the fitted mean and dispersion. Reweighting alone does not
 * keep a burst in the baseline from hiding the next one (measured: 0 to 6 % found), so past alarms are left out, behind a
 * guard that gives a slow rise time to become one. */
#include "pipeline/stats/farrington.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define GROUP_LIMIT 64
#define EDGE 1e-6 /* distance of a tail from alpha that counts as sitting on it */

const struct sori_farrington_settings sori_farrington_daily = {
	.freq = 7, .b = 8, .w = 0, .groups = 7, .guard = 7, .minimum = 63, .limit_cases = 5.0, .limit_periods = 7,
	.trend_p = 1.0, .share = true, .weights_threshold = 2.58, .alpha = 0.005, .drop_alarms = true, .release_run = 14,
	.release_share = 0.25,
};

const struct sori_farrington_settings sori_farrington_weekly = {
	.freq = 52, .b = 3, .w = 3, .groups = 10, .guard = 26, .limit_cases = 5.0, .limit_periods = 4, .trend = true,
	.trend_p = 1.0, .share = true, .weights_threshold = 2.58, .alpha = 0.005,
};

size_t sori_farrington_first(const struct sori_farrington_settings *settings)
{
	size_t needed = settings->b * settings->freq + settings->w;

	return settings->minimum > needed ? settings->minimum : needed;
}

/* Rows of the baseline with their seasonal group, 1 to `groups`; 0 where the period is not in it. */
static void mark_groups(const struct sori_farrington_settings *s, size_t at, unsigned char *group)
{
	size_t between = s->freq - 2 * s->w - 1;

	memset(group, 0, at + 1);
	for (size_t cycle = 1; cycle <= s->b; cycle++) {
		size_t reference = at - cycle * s->freq, next = reference + s->w + 1;

		for (size_t i = reference - s->w; i <= reference + s->w; i++)
			group[i] = (unsigned char)s->groups;
		for (size_t g = 1; g < s->groups; g++) {
			size_t length = between / (s->groups - 1) + (g <= between % (s->groups - 1));

			for (size_t i = 0; i < length; i++)
				group[next++] = (unsigned char)g;
		}
	}
	for (size_t i = at > s->guard ? at - s->guard : 0; i <= at; i++)
		group[i] = 0;
}

/* Given classes instead of places in the cycle: today's is the reference group of the prediction. */
static void mark_seasons(const struct sori_farrington_settings *s, const unsigned char *season, size_t at, unsigned char *group)
{
	memset(group, 0, at + 1);
	for (size_t i = at - s->b * s->freq - s->w; i + s->guard < at; i++)
		group[i] = (unsigned char)(season[i] + 1);
}

struct baseline {
	const struct sori_farrington_settings *settings;
	size_t rows, at;
	double *y, *offset, *weights, *x, *time;
	unsigned char *row_group;
	size_t column_of[GROUP_LIMIT]; /* dummy column of a group; 0: the reference group; SIZE_MAX: does not occur */
	size_t group_columns;
	size_t groups, now; /* groups there can be; the one that is predicted */
	double largest;
	double *room;
};

static enum sori_status collect(struct baseline *base, const struct sori_series *series, const bool *skip,
				struct sori_farrington *result, struct sori_error *error)
{
	const double *y = series->y, *n = series->n;
	const struct sori_farrington_settings *s = base->settings;
	size_t columns = base->groups + 1, at = base->at;
	unsigned char *group = sori_alloc(at + 1);
	bool seen[GROUP_LIMIT] = {false};

	base->room = sori_alloc((at + 1) * (columns + 4) * sizeof(double));
	if (!group || !base->room) {
		sori_free(group);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	if (s->season)
		mark_seasons(s, s->season, at, group);
	else
		mark_groups(s, at, group);
	base->row_group = group;
	base->y = base->room;
	base->offset = base->y + at + 1;
	base->weights = base->offset + at + 1;
	base->time = base->weights + at + 1;
	base->x = base->time + at + 1;
	for (size_t i = 0; i < at; i++) {
		if (!group[i] || isnan(y[i]) || (s->share && !(n[i] > 0.0)))
			continue;
		if (skip && skip[i]) {
			result->dropped++;
			continue;
		}
		base->y[base->rows] = y[i];
		base->offset[base->rows] = s->share ? log(n[i]) : 0.0;
		base->time[base->rows] = (double)i + 1.0;
		base->largest = fmax(base->largest, y[i]);
		seen[group[i]] = true;
		group[base->rows++] = group[i]; /* rows <= i: the map shrinks in place */
	}
	result->used = base->rows;
	for (size_t g = 1, column = 0; g <= base->groups; g++)
		base->column_of[g] = seen[g] ? column++ : SIZE_MAX;
	base->group_columns = 0;
	for (size_t g = 1; g <= base->groups; g++)
		base->group_columns += seen[g];
	return SORI_OK;
}

/* One, the groups but the first, the trend. */
static size_t design(struct baseline *base, bool trend)
{
	size_t rows = base->rows, columns = base->group_columns;

	memset(base->x, 0, rows * (columns + 1) * sizeof *base->x);
	for (size_t i = 0; i < rows; i++) {
		size_t column = base->column_of[base->row_group[i]];

		base->x[i] = 1.0;
		if (column)
			base->x[column * rows + i] = 1.0;
		if (trend)
			base->x[columns * rows + i] = base->time[i];
	}
	return columns + trend;
}

static void reweigh(struct baseline *base, const struct sori_glm_fit *fit, double phi)
{
	double sum = 0.0, gamma;

	for (size_t i = 0; i < base->rows; i++) {
		double mu = fit->fitted[i];
		double residual = 1.5 * (pow(base->y[i], 2.0 / 3.0) * pow(mu, -1.0 / 6.0) - sqrt(mu)) /
				  sqrt(phi * (1.0 - fit->leverage[i]));

		base->weights[i] = residual > base->settings->weights_threshold ? 1.0 / (residual * residual) : 1.0;
		sum += base->weights[i];
	}
	gamma = (double)base->rows / sum;
	for (size_t i = 0; i < base->rows; i++)
		base->weights[i] *= gamma;
}

static double dispersion(const struct baseline *base, const struct sori_glm_fit *fit)
{
	return fmax(1.0, base->settings->package ? fit->lagged_dispersion : fit->dispersion);
}

/* Both fits; the second one stays in `fit`. */
static enum sori_status fit_twice(struct baseline *base, bool trend, struct sori_glm_fit *fit, double *phi,
				  struct sori_error *error)
{
	struct sori_glm_data data = {.family = SORI_GLM_QUASIPOISSON, .rows = base->rows, .columns = design(base, trend),
				     .x = base->x, .y = base->y, .offset = base->settings->share ? base->offset : NULL,
				     .epsilon = base->settings->package ? 1e-8 : 1e-12};
	enum sori_status status = sori_glm_fit(&data, fit, error);

	if (status != SORI_OK || fit->outcome != SORI_GLM_FITTED)
		return status;
	reweigh(base, fit, dispersion(base, fit));
	sori_glm_release(fit);
	data.weights = base->weights;
	status = sori_glm_fit(&data, fit, error);
	if (status == SORI_OK && fit->outcome == SORI_GLM_FITTED)
		*phi = dispersion(base, fit);
	return status;
}

static double predict(const struct baseline *base, const struct sori_glm_fit *fit, bool trend, double n)
{
	size_t column = base->column_of[base->now];
	double eta = fit->coefficients[0] + (base->settings->share ? log(n) : 0.0);

	if (column)
		eta += fit->coefficients[column];
	if (trend)
		eta += fit->coefficients[base->group_columns] * ((double)base->at + 1.0);
	return exp(eta);
}

/* Is the trend to be kept? Its p-value, and no prediction over anything seen. */
static bool trend_holds(const struct baseline *base, const struct sori_glm_fit *fit, double phi, double mu)
{
	double b = fit->coefficients[base->group_columns];
	double variance = fit->covariance[base->group_columns * (fit->columns + 1)];

	if (isnan(b) || mu > base->largest || base->settings->b < 3)
		return false;
	return base->settings->trend_p >= 1.0 ||
	       sori_t_two_sided(b / sqrt(phi * variance), fit->df) < base->settings->trend_p;
}

static double tail_ge(double x, double mu, double phi)
{
	return phi - 1.0 < 1e-6 ? sori_poisson_ge(x, mu) : sori_negbin_ge(x, mu, phi);
}

static bool on_edge(double alpha, double upper, double mu, double phi)
{
	return fabs(tail_ge(upper, mu, phi) - alpha) < EDGE || fabs(tail_ge(upper + 1.0, mu, phi) - alpha) < EDGE;
}

static void judge(const struct baseline *base, const double *y, struct sori_farrington *r)
{
	const struct sori_farrington_settings *s = base->settings;
	double recent = 0.0, today = y[base->at];

	for (size_t i = 0; i < s->limit_periods && i <= base->at; i++)
		recent += isnan(y[base->at - i]) ? 0.0 : y[base->at - i];
	if (!isnan(today))
		r->p_exceed = tail_ge(today, r->mu, r->phi);
	if (recent < s->limit_cases)
		return;
	r->upper = r->phi - 1.0 < 1e-6 ? sori_poisson_quantile(1.0 - s->alpha, r->mu)
				       : sori_negbin_quantile(1.0 - s->alpha, r->mu, r->phi);
	r->boundary = on_edge(s->alpha, r->upper, r->mu, r->phi);
	if (isnan(today))
		return;
	r->alarm = today > r->upper;
	r->score = (today - r->mu) / (r->upper - r->mu);
}

static enum sori_status fit_and_judge(struct baseline *base, const double *y, double n, struct sori_farrington *r,
				      struct sori_error *error)
{
	struct sori_glm_fit fit = {0};
	enum sori_status status = SORI_OK;

	r->trend_used = base->settings->trend;
	if (r->trend_used) {
		status = fit_twice(base, true, &fit, &r->phi, error);
		if (status == SORI_OK && fit.outcome == SORI_GLM_FITTED)
			r->mu = predict(base, &fit, true, n);
		if (status == SORI_OK && (fit.outcome != SORI_GLM_FITTED || !trend_holds(base, &fit, r->phi, r->mu))) {
			r->trend_used = false;
			sori_glm_release(&fit);
		}
	}
	if (status == SORI_OK && !r->trend_used)
		status = fit_twice(base, false, &fit, &r->phi, error);
	if (status != SORI_OK)
		return status;
	r->outcome = fit.outcome;
	r->mu = r->outcome == SORI_GLM_FITTED ? predict(base, &fit, r->trend_used, n) : sori_na();
	if (r->trend_used)
		r->trend = fit.coefficients[base->group_columns];
	if (!isfinite(r->mu)) {
		r->outcome = r->outcome == SORI_GLM_FITTED ? SORI_GLM_NOT_CONVERGED : r->outcome;
		r->mu = r->phi = r->trend = sori_na();
	} else {
		judge(base, y, r);
	}
	sori_glm_release(&fit);
	return SORI_OK;
}

enum sori_status sori_farrington_at(const struct sori_farrington_settings *settings, const struct sori_series *series,
				    const bool *skip, size_t at, struct sori_farrington *result, struct sori_error *error)
{
	struct baseline base = {.settings = settings, .at = at};
	const double na = sori_na();
	enum sori_status status;

	if (settings->groups >= GROUP_LIMIT || settings->groups < 1 || 2 * settings->w + 1 > settings->freq ||
	    (settings->groups > 1 && settings->freq - 2 * settings->w - 1 < settings->groups - 1) ||
	    at < settings->b * settings->freq + settings->w)
		return sori_fail(error, SORI_DATA, "an alert's settings do not fit the history");
	base.groups = settings->season ? GROUP_LIMIT - 1 : settings->groups;
	base.now = settings->season ? settings->season[at] + (size_t)1 : settings->groups;
	if (base.now >= GROUP_LIMIT)
		return sori_fail(error, SORI_DATA, "a season's class is out of range");
	*result = (struct sori_farrington){.outcome = SORI_GLM_TOO_FEW_ROWS, .mu = na, .phi = na, .trend = na, .upper = na,
					   .p_exceed = na, .score = na};
	status = collect(&base, series, skip, result, error);
	if (status == SORI_OK && base.rows && base.column_of[base.now] != SIZE_MAX &&
	    (!settings->share || series->n[at] > 0.0))
		status = fit_and_judge(&base, series->y, settings->share ? series->n[at] : 1.0, result, error);
	sori_free(base.row_group);
	sori_free(base.room);
	return status;
}

/* The valve: a long run of alarms, or too much of the baseline gone, means that the level is new. */
static bool valve_opens(const struct sori_farrington_settings *s, const struct sori_farrington *results, size_t judged,
			const struct sori_farrington *now)
{
	size_t run = 0;

	while (run < judged && results[judged - 1 - run].alarm)
		run++;
	return (s->release_run && run >= s->release_run) ||
	       (s->release_share > 0.0 && (double)now->dropped > s->release_share * (double)(now->dropped + now->used));
}

enum sori_status sori_farrington_run(const struct sori_farrington_settings *settings, const struct sori_series *series,
				     size_t from, struct sori_farrington *results, struct sori_error *error)
{
	const size_t count = series->count;
	bool *skip = sori_alloc_zero(count, sizeof *skip);
	enum sori_status status = SORI_OK;

	if (!skip)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t at = from; status == SORI_OK && at < count; at++) {
		struct sori_farrington *now = &results[at - from];

		status = sori_farrington_at(settings, series, settings->drop_alarms ? skip : NULL, at, now, error);
		if (status == SORI_OK && settings->drop_alarms && now->dropped && valve_opens(settings, results, at - from, now)) {
			memset(skip, 0, count * sizeof *skip);
			status = sori_farrington_at(settings, series, skip, at, now, error);
			now->released = true;
		}
		skip[at] = now->alarm;
	}
	sori_free(skip);
	return status;
}
