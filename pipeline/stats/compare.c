/* P-values come from daily counts, never from the two totals alone: counts of complaints are over-dispersed, and a test that
 * takes them for Poisson rejects five times too often at a dispersion of 3 (measured). */
#include "pipeline/stats/compare.h"

#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

const struct sori_ab_settings sori_ab_recommended = {.conf = 0.95, .minimum_hits = 5.0, .minimum_n = 30.0, .minimum_days = 7};

#define WEEKDAY_LIMIT 16

static bool usable(const struct sori_ab_day *day)
{
	return !isnan(day->documents) && day->denominator > 0.0;
}

/* Weekday classes that occur, ascending; the first is the baseline. */
static size_t weekdays(const struct sori_ab_day *days, size_t count, int classes[WEEKDAY_LIMIT])
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		if (!usable(&days[i]))
			continue;
		while (at < used && classes[at] < days[i].weekday)
			at++;
		if ((at < used && classes[at] == days[i].weekday) || used == WEEKDAY_LIMIT)
			continue;
		for (size_t k = used++; k > at; k--)
			classes[k] = classes[k - 1];
		classes[at] = days[i].weekday;
	}
	return used;
}

static void conclude(const struct sori_glm_fit *fit, double conf, struct sori_ab_model *model)
{
	double reach;

	model->outcome = fit->outcome;
	model->dropped = fit->columns - fit->rank;
	if (fit->outcome != SORI_GLM_FITTED || isnan(fit->coefficients[1]))
		return;
	model->raw_dispersion = fit->dispersion;
	model->dispersion = fmax(1.0, fit->dispersion);
	model->log_ratio = fit->coefficients[1];
	model->error = sqrt(model->dispersion * fit->covariance[fit->columns + 1]);
	reach = sori_t_quantile(0.5 + conf / 2.0, fit->df) * model->error;
	model->ratio = (struct sori_interval){exp(model->log_ratio - reach), exp(model->log_ratio + reach)};
	model->p = sori_t_two_sided(model->log_ratio / model->error, fit->df);
}

static enum sori_status fit_model(const struct sori_ab_day *days, size_t count, bool by_weekday, double conf,
				  struct sori_ab_model *model, struct sori_error *error)
{
	int classes[WEEKDAY_LIMIT];
	size_t levels = by_weekday ? weekdays(days, count, classes) : 1, columns = 1 + (levels ? levels : 1), rows = 0;
	double *room = sori_alloc_zero(count * (columns + 2), sizeof *room);
	double *y = room, *offset, *x;
	struct sori_glm_fit fit;
	enum sori_status status;

	if (!room)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		rows += usable(&days[i]);
	offset = y + rows;
	x = offset + rows;
	for (size_t i = 0, row = 0; i < count; i++) {
		if (!usable(&days[i]))
			continue;
		y[row] = days[i].documents;
		offset[row] = log(days[i].denominator);
		x[row] = 1.0;
		x[rows + row] = days[i].second;
		for (size_t k = 1; k < levels; k++)
			x[(k + 1) * rows + row] = days[i].weekday == classes[k];
		row++;
	}
	status = sori_glm_fit(&(struct sori_glm_data){.family = SORI_GLM_QUASIPOISSON, .rows = rows, .columns = columns, .x = x,
						      .y = y, .offset = offset},
			      &fit, error);
	if (status == SORI_OK)
		conclude(&fit, conf, model);
	sori_glm_release(&fit);
	sori_free(room);
	return status;
}

static void total(const struct sori_ab_day *days, size_t count, double conf, struct sori_ab_result *r)
{
	for (size_t i = 0; i < count; i++) {
		if (!usable(&days[i]))
			continue;
		*(days[i].second ? &r->b : &r->a) += days[i].documents;
		*(days[i].second ? &r->n_b : &r->n_a) += days[i].denominator;
		*(days[i].second ? &r->days_b : &r->days_a) += 1;
	}
	r->share_a = r->a / r->n_a;
	r->share_b = r->b / r->n_b;
	r->difference = r->share_b - r->share_a;
	r->difference_limits = sori_newcombe_interval(r->b, r->n_b, r->a, r->n_a, conf);
	r->ratio = r->share_b / r->share_a;
	r->p_mid = r->a + r->b > 0.0 && r->n_a > 0.0 && r->n_b > 0.0 ? sori_rate_mid_p(r->b, r->n_b, r->a, r->n_a) : sori_na();
}

enum sori_status sori_ab_compare(const struct sori_ab_day *days, size_t count, const struct sori_ab_settings *settings,
				 struct sori_ab_result *result, struct sori_error *error)
{
	const struct sori_ab_model none = {.outcome = SORI_GLM_TOO_FEW_ROWS, .raw_dispersion = sori_na(), .dispersion = sori_na(),
					   .log_ratio = sori_na(), .error = sori_na(), .ratio = {sori_na(), sori_na()},
					   .p = sori_na()};
	enum sori_status status = SORI_OK;

	*result = (struct sori_ab_result){.plain = none, .weekday = none, .p = sori_na()};
	total(days, count, settings->conf, result);
	if (result->a > 0.0 && result->b > 0.0) {
		status = fit_model(days, count, false, settings->conf, &result->plain, error);
		if (status == SORI_OK)
			status = fit_model(days, count, true, settings->conf, &result->weekday, error);
	}
	result->eligible = result->a + result->b >= settings->minimum_hits && result->n_a >= settings->minimum_n &&
			   result->n_b >= settings->minimum_n && result->days_a >= settings->minimum_days &&
			   result->days_b >= settings->minimum_days;
	if (result->a > 0.0 && result->b > 0.0)
		result->p = result->weekday.p;
	else
		result->p = result->p_mid;
	return status;
}

/* Sums over the strata that both periods have. */
struct mantel {
	double r, s;             /* numerator and denominator of the ratio */
	double variance;         /* Greenland & Robins, times r s */
	double odds_up, odds_down;
	double excess, spread;   /* Cochran-Mantel-Haenszel */
	double weighted, weighted_variance, weight;
};

static void add_stratum(struct mantel *m, const struct sori_stratum *s)
{
	double n = s->n1 + s->n2, hits = s->x1 + s->x2, p1 = s->x1 / s->n1, p2 = s->x2 / s->n2;

	m->r += s->x2 * s->n1 / n;
	m->s += s->x1 * s->n2 / n;
	m->variance += (s->n1 * s->n2 * hits - s->x1 * s->x2 * n) / (n * n);
	m->odds_up += s->x2 * (s->n1 - s->x1) / n;
	m->odds_down += s->x1 * (s->n2 - s->x2) / n;
	m->excess += s->x2 - s->n2 * hits / n;
	if (n > 1.0)
		m->spread += s->n1 * s->n2 * hits * (n - hits) / (n * n * (n - 1.0));
	m->weighted += n * (p2 - p1);
	m->weighted_variance += n * n * (p1 * (1.0 - p1) / s->n1 + p2 * (1.0 - p2) / s->n2);
	m->weight += n;
}

static void split(const struct sori_stratum *s, double n1, double n2, struct sori_strata_result *r)
{
	double c1 = s->n1 / n1, c2 = s->n2 / n2, p1, p2;

	if (!(s->n1 > 0.0) && !(s->n2 > 0.0))
		return;
	p1 = s->n1 > 0.0 ? s->x1 / s->n1 : s->x2 / s->n2;
	p2 = s->n2 > 0.0 ? s->x2 / s->n2 : p1;
	r->rate_part += (c1 + c2) / 2.0 * (p2 - p1);
	r->mix_part += (p1 + p2) / 2.0 * (c2 - c1);
}

struct sori_strata_result sori_strata_compare(const struct sori_stratum *strata, size_t count, double conf)
{
	struct sori_strata_result r = {0};
	struct mantel m = {0};
	double x1 = 0.0, n1 = 0.0, x2 = 0.0, n2 = 0.0, reach;

	for (size_t i = 0; i < count; i++) {
		x1 += strata[i].x1;
		n1 += strata[i].n1;
		x2 += strata[i].x2;
		n2 += strata[i].n2;
		if (strata[i].n1 > 0.0 && strata[i].n2 > 0.0)
			add_stratum(&m, &strata[i]);
	}
	for (size_t i = 0; i < count; i++)
		split(&strata[i], n1, n2, &r);
	r.crude_ratio = (x2 / n2) / (x1 / n1);
	r.crude_difference = x2 / n2 - x1 / n1;
	r.mh_ratio = m.r / m.s;
	reach = sori_normal_quantile(0.5 + conf / 2.0) * sqrt(m.variance / (m.r * m.s));
	r.mh_limits = (struct sori_interval){r.mh_ratio * exp(-reach), r.mh_ratio * exp(reach)};
	r.mh_odds = m.odds_up / m.odds_down;
	r.cmh_chi2 = m.excess * m.excess / m.spread;
	r.cmh_p = sori_chi2_upper(r.cmh_chi2, 1.0);
	r.standardised = m.weighted / m.weight;
	r.standardised_error = sqrt(m.weighted_variance) / m.weight;
	return r;
}
