/* Logistic regression on all categories together with the channel, because categories come in company: a category that only
 * keeps bad company has a difference but no effect. Cells stand for their documents by weight, which gives the same
 * coefficients and errors as one row per document. */
#include "pipeline/stats/drivers.h"

#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"

static void crude(const struct sori_driver_cells *cells, size_t category, struct sori_driver *d)
{
	double sum_with = 0.0, sum_without = 0.0, share_with, share_without;

	for (size_t i = 0; i < cells->cells; i++) {
		int has = cells->has[i * cells->categories + category], low = cells->rating[i] <= cells->low;

		*(has ? &d->with : &d->without) += cells->documents[i];
		*(has ? &d->low_with : &d->low_without) += low ? cells->documents[i] : 0.0;
		*(has ? &sum_with : &sum_without) += cells->documents[i] * cells->rating[i];
	}
	share_with = d->low_with / d->with;
	share_without = d->low_without / d->without;
	d->difference = share_with - share_without;
	d->difference_limits = sori_newcombe_interval(d->low_with, d->with, d->low_without, d->without, 0.95);
	d->ratio = share_with / share_without;
	d->crude_part = d->low_with / (d->low_with + d->low_without) * (1.0 - 1.0 / d->ratio);
	d->mean_with = sum_with / d->with;
	d->mean_without = sum_without / d->without;
	d->impact = (sum_with + sum_without) / (d->with + d->without) - d->mean_without;
}

/* Columns: one, the categories, the channels but the first. */
static void design(const struct sori_driver_cells *cells, double *x)
{
	const size_t rows = cells->cells;

	for (size_t i = 0; i < rows; i++) {
		x[i] = 1.0;
		for (size_t k = 0; k < cells->categories; k++)
			x[(k + 1) * rows + i] = cells->has[i * cells->categories + k];
		for (size_t k = 1; k < cells->channels; k++)
			x[(cells->categories + k) * rows + i] = cells->channel && cells->channel[i] == k;
	}
}

static double logistic(double eta)
{
	return 1.0 / (1.0 + exp(-eta));
}

static void adjusted(const struct sori_driver_cells *cells, const struct sori_glm_fit *fit, size_t category, double low,
		     struct sori_driver *d)
{
	double b = fit->coefficients[category + 1], all = 0.0, total = 0.0;

	d->logit = b;
	d->logit_error = sqrt(fit->covariance[(category + 1) * (fit->columns + 1)]);
	if (isnan(b))
		return;
	d->excess = 0.0;
	for (size_t i = 0; i < cells->cells; i++) {
		int has = cells->has[i * cells->categories + category];
		double base = fit->linear[i] - (has ? b : 0.0), gain = cells->documents[i] * (logistic(base + b) - logistic(base));

		total += gain;
		all += cells->documents[i];
		d->excess += has ? gain : 0.0;
	}
	d->effect = total / all;
	d->adjusted_part = d->excess / low;
}

/* Both models share the design; `y` is the response of the one at hand. */
static enum sori_status fit_models(const struct sori_driver_cells *cells, const double *x, double *y,
				   struct sori_driver *drivers, struct sori_drivers_summary *summary, struct sori_error *error)
{
	struct sori_glm_data data = {.family = SORI_GLM_BINOMIAL, .rows = cells->cells, .x = x, .y = y,
				     .columns = cells->categories + (cells->channels ? cells->channels : 1),
				     .weights = cells->documents};
	struct sori_glm_fit fit;
	enum sori_status status;

	for (size_t i = 0; i < cells->cells; i++)
		y[i] = cells->rating[i] <= cells->low;
	status = sori_glm_fit(&data, &fit, error);
	if (status != SORI_OK)
		return status;
	summary->logit = fit.outcome;
	summary->dropped = fit.columns - fit.rank;
	for (size_t k = 0; fit.outcome == SORI_GLM_FITTED && k < cells->categories; k++)
		adjusted(cells, &fit, k, summary->low, &drivers[k]);
	sori_glm_release(&fit);
	data.family = SORI_GLM_GAUSSIAN;
	data.y = cells->rating;
	status = sori_glm_fit(&data, &fit, error);
	if (status != SORI_OK)
		return status;
	for (size_t k = 0; fit.outcome == SORI_GLM_FITTED && k < cells->categories; k++) {
		double variance = fit.pearson / (summary->documents - (double)fit.rank);

		drivers[k].linear = fit.coefficients[k + 1];
		drivers[k].linear_error = sqrt(variance * fit.covariance[(k + 1) * (fit.columns + 1)]);
	}
	sori_glm_release(&fit);
	return SORI_OK;
}

enum sori_status sori_drivers(const struct sori_driver_cells *cells, struct sori_driver *drivers,
			      struct sori_drivers_summary *summary, struct sori_error *error)
{
	const double na = sori_na();
	double *x = sori_alloc(cells->cells * (cells->categories + cells->channels + 2) * sizeof *x);
	enum sori_status status;

	if (!x)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	*summary = (struct sori_drivers_summary){.logit = SORI_GLM_TOO_FEW_ROWS};
	for (size_t i = 0; i < cells->cells; i++) {
		summary->documents += cells->documents[i];
		summary->low += cells->rating[i] <= cells->low ? cells->documents[i] : 0.0;
	}
	for (size_t k = 0; k < cells->categories; k++) {
		drivers[k] = (struct sori_driver){.logit = na, .logit_error = na, .effect = na, .excess = na, .adjusted_part = na,
						  .linear = na, .linear_error = na};
		crude(cells, k, &drivers[k]);
	}
	design(cells, x);
	status = fit_models(cells, x, x + cells->cells * (cells->categories + cells->channels + 1), drivers, summary, error);
	sori_free(x);
	return status;
}
