/* Iteratively reweighted least squares, each step one Householder QR (LAPACK dgeqrf) of the weighted design: normal equations
 * would square the condition number, and trend columns far from zero are badly conditioned. Starting values, the order
 * of operations and the stopping rule are those of R's glm.fit, so that groups without any event, whose mean runs
 * towards zero until the deviance stops moving, end where R ends.
 *
 * Dependent columns are found in the first step: the diagonal of R is the part of a column that the columns before it do
 * not explain. The first one that is nothing is dropped and the search begins again. */
#include "pipeline/stats/glm.h"

#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"

#define BLOCK 32          /* columns of LAPACK's blocked algorithm: fixed, so that results do not depend on tuning */
#define DEPENDENT 1e-9    /* share of a column's norm below which it counts as explained by others */

struct solver {
	const struct sori_glm_data *data;
	struct sori_glm_fit *fit;
	size_t *kept; /* columns in the model */
	double *a;    /* weighted design, then its QR */
	double *tau, *work, *beta, *before;
	double *z;    /* working response */
	double *root; /* square roots of the working weights */
	double *room; /* the one allocation behind all of these */
};

static double weight_at(const struct sori_glm_data *data, size_t i)
{
	return data->weights ? data->weights[i] : 1.0;
}

static double offset_at(const struct sori_glm_data *data, size_t i)
{
	return data->offset ? data->offset[i] : 0.0;
}

static double start(const struct sori_glm_data *data, size_t i)
{
	switch (data->family) {
	case SORI_GLM_QUASIPOISSON:
		return data->y[i] + 0.1;
	case SORI_GLM_BINOMIAL:
		return (weight_at(data, i) * data->y[i] + 0.5) / (weight_at(data, i) + 1.0);
	default:
		return data->y[i];
	}
}

static double link(enum sori_glm_family family, double mu)
{
	return family == SORI_GLM_QUASIPOISSON ? log(mu) : family == SORI_GLM_BINOMIAL ? log(mu / (1.0 - mu)) : mu;
}

/* The mean; kept off 0 and 1 by one unit in the last place, as R keeps it. */
static double inverse(enum sori_glm_family family, double eta)
{
	const double tiny = 2.220446049250313e-16;
	double odds;

	if (family == SORI_GLM_QUASIPOISSON)
		return fmax(exp(eta), tiny);
	if (family == SORI_GLM_GAUSSIAN)
		return eta;
	odds = eta < -30.0 ? tiny : eta > 30.0 ? 1.0 / tiny : exp(eta);
	return odds / (1.0 + odds);
}

/* d mu / d eta; for the three canonical links it is the variance function as well. */
static double slope(enum sori_glm_family family, double mu)
{
	return family == SORI_GLM_QUASIPOISSON ? mu : family == SORI_GLM_BINOMIAL ? fmax(mu * (1.0 - mu), 2.220446049250313e-16)
										    : 1.0;
}

static double log_part(double y, double mu)
{
	return y > 0.0 ? y * log(y / mu) : 0.0;
}

static double deviance_at(enum sori_glm_family family, double y, double mu)
{
	switch (family) {
	case SORI_GLM_QUASIPOISSON:
		return 2.0 * (log_part(y, mu) - (y - mu));
	case SORI_GLM_BINOMIAL:
		return 2.0 * (log_part(y, mu) + log_part(1.0 - y, 1.0 - mu));
	default:
		return (y - mu) * (y - mu);
	}
}

static double deviance(const struct sori_glm_data *data, const double *fitted)
{
	double sum = 0.0;

	for (size_t i = 0; i < data->rows; i++)
		sum += weight_at(data, i) * deviance_at(data->family, data->y[i], fitted[i]);
	return sum;
}

/* Weighted design and its QR; false when LAPACK refuses, which it does for NaN alone. */
static bool factor(struct solver *s)
{
	const size_t rows = s->data->rows, rank = s->fit->rank;

	for (size_t k = 0; k < rank; k++)
		for (size_t i = 0; i < rows; i++)
			s->a[k * rows + i] = s->root[i] * s->data->x[s->kept[k] * rows + i];
	return LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)rank, s->a, (lapack_int)rows, s->tau, s->work,
				   (lapack_int)(rank * BLOCK)) == 0;
}

/* Drops the columns that depend on earlier ones. */
static bool find_rank(struct solver *s)
{
	const size_t rows = s->data->rows;

	while (s->fit->rank > 0) {
		size_t k;

		if (!factor(s))
			return false;
		for (k = 0; k < s->fit->rank; k++) {
			double norm = 0.0;

			for (size_t i = 0; i < rows; i++) {
				double value = s->root[i] * s->data->x[s->kept[k] * rows + i];

				norm += value * value;
			}
			if (!(fabs(s->a[k * rows + k]) > DEPENDENT * sqrt(norm)))
				break;
		}
		if (k == s->fit->rank)
			return true;
		memmove(s->kept + k, s->kept + k + 1, (s->fit->rank - k - 1) * sizeof *s->kept);
		s->fit->rank--;
	}
	return false;
}

static void weigh(struct solver *s)
{
	const struct sori_glm_data *data = s->data;

	for (size_t i = 0; i < data->rows; i++) {
		double change = slope(data->family, s->fit->fitted[i]);

		s->root[i] = sqrt(weight_at(data, i) * change);
		s->z[i] = s->fit->linear[i] - offset_at(data, i) + (data->y[i] - s->fit->fitted[i]) / change;
	}
}

/* One least squares step: beta from the working response. */
static bool solve(struct solver *s)
{
	const lapack_int rows = (lapack_int)s->data->rows, rank = (lapack_int)s->fit->rank;

	for (size_t i = 0; i < s->data->rows; i++)
		s->z[i] *= s->root[i];
	if (LAPACKE_dormqr_work(LAPACK_COL_MAJOR, 'L', 'T', rows, 1, rank, s->a, rows, s->tau, s->z, rows, s->work,
				rank * BLOCK) != 0 ||
	    LAPACKE_dtrtrs_work(LAPACK_COL_MAJOR, 'U', 'N', 'N', rank, 1, s->a, rows, s->z, rows) != 0)
		return false;
	memcpy(s->beta, s->z, s->fit->rank * sizeof *s->beta);
	return true;
}

static void predict(struct solver *s)
{
	const size_t rows = s->data->rows;

	for (size_t i = 0; i < rows; i++) {
		double eta = 0.0;

		for (size_t k = 0; k < s->fit->rank; k++)
			eta += s->data->x[s->kept[k] * rows + i] * s->beta[k];
		s->fit->linear[i] = eta + offset_at(s->data, i);
		s->fit->fitted[i] = inverse(s->data->family, s->fit->linear[i]);
	}
}

/* Halves the step until the deviance is finite again. */
static bool step_back(struct solver *s, int limit, double *now)
{
	for (int i = 0; i < limit && !isfinite(*now); i++) {
		for (size_t k = 0; k < s->fit->rank; k++)
			s->beta[k] = (s->beta[k] + s->before[k]) / 2.0;
		predict(s);
		*now = deviance(s->data, s->fit->fitted);
	}
	return isfinite(*now);
}

static bool iterate(struct solver *s)
{
	const struct sori_glm_data *data = s->data;
	struct sori_glm_fit *fit = s->fit;
	const double epsilon = data->epsilon > 0.0 ? data->epsilon : 1e-12;
	const int limit = data->max_steps > 0 ? data->max_steps : 200;
	double last, now;

	for (size_t i = 0; i < data->rows; i++) {
		fit->linear[i] = link(data->family, start(data, i));
		fit->fitted[i] = start(data, i);
	}
	last = deviance(data, fit->fitted);
	for (fit->steps = 1; fit->steps <= limit; fit->steps++) {
		weigh(s);
		if (!(fit->steps == 1 ? find_rank(s) : factor(s)) || !solve(s))
			return false;
		predict(s);
		now = deviance(data, fit->fitted);
		if (!isfinite(now) && (fit->steps == 1 || !step_back(s, limit, &now)))
			return false;
		fit->deviance = now;
		if (fabs(now - last) / (fabs(now) + 0.1) < epsilon)
			return true;
		last = now;
		memcpy(s->before, s->beta, fit->rank * sizeof *s->beta);
	}
	return false;
}

/* Coefficients into the caller's columns and (R'R)^-1, both NA where a column was dropped. */
static bool spread(struct solver *s)
{
	struct sori_glm_fit *fit = s->fit;
	const size_t rows = s->data->rows, rank = fit->rank, columns = fit->columns;

	for (size_t k = 0; k < columns; k++)
		fit->coefficients[k] = sori_na();
	for (size_t k = 0; k < columns * columns; k++)
		fit->covariance[k] = sori_na();
	if (LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'U', (lapack_int)rank, s->a, (lapack_int)rows) != 0)
		return false;
	for (size_t k = 0; k < rank; k++) {
		fit->coefficients[s->kept[k]] = s->beta[k];
		for (size_t j = 0; j <= k; j++) {
			fit->covariance[s->kept[k] * columns + s->kept[j]] = s->a[k * rows + j];
			fit->covariance[s->kept[j] * columns + s->kept[k]] = s->a[k * rows + j];
		}
	}
	return true;
}

/* Everything at the final means: residual sums, then leverage from Q, then the covariance from R. */
static bool conclude(struct solver *s)
{
	const struct sori_glm_data *data = s->data;
	struct sori_glm_fit *fit = s->fit;
	const size_t rows = data->rows;
	double lagged = 0.0;

	fit->pearson = 0.0;
	for (size_t i = 0; i < rows; i++) {
		double change = slope(data->family, fit->fitted[i]), gap = data->y[i] - fit->fitted[i];

		fit->pearson += weight_at(data, i) * gap * gap / change;
		lagged += s->root[i] * s->root[i] * (gap / change) * (gap / change);
	}
	fit->dispersion = fit->pearson / fit->df;
	fit->lagged_dispersion = lagged / fit->df;
	weigh(s);
	if (!factor(s))
		return false;
	for (size_t i = 0; i < rows; i++)
		fit->leverage[i] = 0.0;
	/* Row norms of Q = A R^-1, by forward substitution along each row of the weighted design: R stays in place. */
	for (size_t i = 0; i < rows; i++) {
		double *q = s->before;

		for (size_t k = 0; k < fit->rank; k++) {
			double value = s->root[i] * data->x[s->kept[k] * rows + i];

			for (size_t j = 0; j < k; j++)
				value -= q[j] * s->a[k * rows + j];
			q[k] = value / s->a[k * rows + k];
			fit->leverage[i] += q[k] * q[k];
		}
	}
	return spread(s);
}

static bool reserve(struct solver *s, size_t rows, size_t columns)
{
	struct sori_glm_fit *fit = s->fit;
	size_t own = columns + columns * columns + 3 * rows, scratch = rows * columns + 2 * rows + columns * (3 + BLOCK);

	fit->coefficients = sori_alloc_zero(own, sizeof(double));
	s->room = sori_alloc_zero(scratch, sizeof(double));
	s->kept = sori_alloc_zero(columns, sizeof *s->kept);
	if (!fit->coefficients || !s->room || !s->kept)
		return false;
	fit->covariance = fit->coefficients + columns;
	fit->fitted = fit->covariance + columns * columns;
	fit->linear = fit->fitted + rows;
	fit->leverage = fit->linear + rows;
	s->a = s->room;
	s->z = s->a + rows * columns;
	s->root = s->z + rows;
	s->tau = s->root + rows;
	s->beta = s->tau + columns;
	s->before = s->beta + columns;
	s->work = s->before + columns;
	return true;
}

enum sori_status sori_glm_fit(const struct sori_glm_data *data, struct sori_glm_fit *fit, struct sori_error *error)
{
	struct solver s = {.data = data, .fit = fit};
	enum sori_status status = SORI_OK;
	size_t counted = 0;

	*fit = (struct sori_glm_fit){.outcome = SORI_GLM_TOO_FEW_ROWS, .rows = data->rows, .columns = data->columns,
				     .rank = data->columns};
	for (size_t i = 0; i < data->rows; i++)
		counted += weight_at(data, i) > 0.0;
	if (data->rows > INT_MAX / BLOCK || data->columns > INT_MAX / BLOCK)
		return sori_fail(error, SORI_DATA, "a model of %zu rows and %zu columns is too large", data->rows, data->columns);
	if (!reserve(&s, data->rows, data->columns)) {
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	} else if (counted > 0 && data->rows >= data->columns) {
		for (size_t k = 0; k < data->columns; k++)
			s.kept[k] = k;
		fit->outcome = SORI_GLM_NOT_CONVERGED;
		if (iterate(&s)) {
			fit->df = (double)counted - (double)fit->rank;
			fit->outcome = counted <= fit->rank ? SORI_GLM_TOO_FEW_ROWS
					: conclude(&s)  ? SORI_GLM_FITTED
							: SORI_GLM_NOT_CONVERGED;
		}
	}
	sori_free(s.room);
	sori_free(s.kept);
	if (status != SORI_OK)
		sori_glm_release(fit);
	return status;
}

void sori_glm_release(struct sori_glm_fit *fit)
{
	sori_free(fit->coefficients);
	*fit = (struct sori_glm_fit){.outcome = SORI_GLM_TOO_FEW_ROWS};
}

const char *sori_glm_outcome_text(enum sori_glm_outcome outcome)
{
	static const char *const texts[] = {"", "too few rows for the model", "the fit did not converge"};

	return texts[outcome];
}

double sori_glm_variance(const struct sori_glm_fit *fit, const double *gradient)
{
	double sum = 0.0;

	for (size_t j = 0; j < fit->columns; j++)
		for (size_t k = 0; k < fit->columns; k++)
			if (!isnan(fit->covariance[j * fit->columns + k]))
				sum += gradient[j] * fit->covariance[j * fit->columns + k] * gradient[k];
	return sum;
}

static double clean(double value)
{
	return isnan(value) ? 0.0 : value;
}

/* out = bread * middle * bread, dropped columns as zeros. */
static void sandwich(const struct sori_glm_fit *fit, const double *middle, double *half, double *out)
{
	const size_t p = fit->columns;

	for (size_t j = 0; j < p; j++)
		for (size_t k = 0; k < p; k++) {
			half[j * p + k] = 0.0;
			for (size_t m = 0; m < p; m++)
				half[j * p + k] += clean(fit->covariance[j * p + m]) * middle[m * p + k];
		}
	for (size_t j = 0; j < p; j++)
		for (size_t k = 0; k < p; k++) {
			out[j * p + k] = 0.0;
			for (size_t m = 0; m < p; m++)
				out[j * p + k] += half[j * p + m] * clean(fit->covariance[m * p + k]);
		}
}

enum sori_status sori_glm_newey_west(const struct sori_glm_data *data, const struct sori_glm_fit *fit, size_t lag,
				     double *out, struct sori_error *error)
{
	const size_t n = data->rows, p = data->columns;
	double *middle = sori_alloc_zero(2 * p * p, sizeof *middle), *half;

	if (!middle)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	half = middle + p * p;
	for (size_t l = 0; l <= lag && l < n; l++) {
		double kernel = 1.0 - (double)l / ((double)lag + 1.0);

		for (size_t i = l; i < n; i++) {
			double here = weight_at(data, i) * (data->y[i] - fit->fitted[i]);
			double there = weight_at(data, i - l) * (data->y[i - l] - fit->fitted[i - l]);

			for (size_t j = 0; j < p; j++)
				for (size_t k = 0; k < p; k++) {
					double one = here * there * data->x[j * n + i] * data->x[k * n + i - l];
					double two = here * there * data->x[k * n + i] * data->x[j * n + i - l];

					middle[j * p + k] += kernel * (l ? one + two : one);
				}
		}
	}
	for (size_t j = 0; j < p * p; j++)
		middle[j] *= (double)n / ((double)n - (double)fit->rank);
	sandwich(fit, middle, half, out);
	sori_free(middle);
	return SORI_OK;
}
