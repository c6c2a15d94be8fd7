/* Generalised linear models by iteratively reweighted least squares: the one engine under period comparison, alerts,
 * interrupted series, drivers and seasons.
 *
 *     struct sori_glm_data data = {.family = SORI_GLM_QUASIPOISSON, .rows = n, .columns = p, .x = x, .y = y, .offset = o};
 *     struct sori_glm_fit fit;
 *     status = sori_glm_fit(&data, &fit, error);     status is about memory alone
 *     if (fit.outcome == SORI_GLM_FITTED) …          else fit.outcome says why not, and no number is to be used
 *     sori_glm_release(&fit);
 *
 * A column that depends on earlier ones is dropped, as R drops it: coefficient and covariance NA. No threads, sums in row
 * order: the same input gives the same bits on the same libraries. */
#ifndef SORI_STATS_GLM_H
#define SORI_STATS_GLM_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"

enum sori_glm_family {
	SORI_GLM_GAUSSIAN,     /* identity link */
	SORI_GLM_QUASIPOISSON, /* log link */
	SORI_GLM_BINOMIAL,     /* logit link; y is the share of successes, weights the trials */
};

struct sori_glm_data {
	enum sori_glm_family family;
	size_t rows, columns;
	const double *x;       /* rows x columns, column by column; an intercept is a column of ones */
	const double *y;
	const double *offset;  /* NULL: none */
	const double *weights; /* prior weights, not negative; NULL: 1; a row of weight 0 does not count */
	double epsilon;        /* on |change of deviance| / (|deviance| + 0.1); 0: 1e-12 */
	int max_steps;         /* 0: 200 */
};

enum sori_glm_outcome {
	SORI_GLM_FITTED,
	SORI_GLM_TOO_FEW_ROWS,   /* no residual degree of freedom */
	SORI_GLM_NOT_CONVERGED,  /* within max_steps, or the deviance ran off. Separated groups of a binomial do converge, to a
				  * coefficient and an error that are both huge */
};

struct sori_glm_fit {
	enum sori_glm_outcome outcome;
	size_t rows, columns, rank;
	double *coefficients; /* [columns] */
	double *covariance;   /* [columns * columns], (X'WX)^-1: multiply with a dispersion */
	double *fitted;       /* [rows] mean of y */
	double *linear;       /* [rows] linear predictor, offset included */
	double *leverage;     /* [rows] hat values */
	double df;            /* rows of positive weight - rank */
	double deviance;
	double pearson;       /* sum of weighted squared Pearson residuals */
	double dispersion;    /* pearson / df */
	double lagged_dispersion; /* the same with the weights of the step before the last, as R's summary.glm has it */
	int steps;
};

enum sori_status sori_glm_fit(const struct sori_glm_data *data, struct sori_glm_fit *fit, struct sori_error *error);
void sori_glm_release(struct sori_glm_fit *fit);

/* Words for an outcome: "", "too few rows for the model", "the fit did not converge". */
const char *sori_glm_outcome_text(enum sori_glm_outcome outcome);

/* g' V g for the unscaled covariance V; dropped columns are left out. */
double sori_glm_variance(const struct sori_glm_fit *fit, const double *gradient);

/* Newey-West (1987) covariance of the coefficients with the Bartlett kernel of `lag`, times n/(n-p): bread * meat * bread.
 * Rows are taken as equidistant in their order. `out` has columns * columns. For a quasi-Poisson fit. */
enum sori_status sori_glm_newey_west(const struct sori_glm_data *data, const struct sori_glm_fit *fit, size_t lag,
				     double *out, struct sori_error *error);

#endif
