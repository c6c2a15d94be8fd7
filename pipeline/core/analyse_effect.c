/* Interrupted time series over ISO weeks. The week in which the action fell counts neither before nor after unless it fell on a
 * Monday. What the verdict goes by is the mean of the log effect over the weeks since, b2 + b3 h at their mean h: the level at the
 * date alone is an extrapolation back, and the end of a slope one forward.
 *
 * Weeks that remember their neighbours make every interval too short, Newey and West's included (measured over 300 series of 150
 * weeks without any effect: "changed" in 4 to 5 % of independent ones of any dispersion, 9 % with a lag-1 autocorrelation of 0.5,
 * 31 % with 0.8). The placebo dates see that: changed and not doubtful is 1, 2 and 7 %.
 *
 * The same model over the documents outside the action's scope (or over all other categories, when it has none) tells what would
 * have been without it; the ratio of the two averages is the net effect where the two do not share documents. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/analyse_weeks.h"
#include "pipeline/core/report_query.h"
#include "pipeline/core/side_table.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/stats/special.h"

#define AFTER_LEAST 8
#define BEFORE_LEAST 6
#define DOCUMENTS_LEAST 5.0
#define CHANGED 0.05
#define PLACEBO_LEAST 20
#define PLACEBO_SHARE 0.05
#define TERMS 64

const int sori_effect_weeks[SORI_EFFECT_HORIZONS] = {0, 4, 12};

static struct sori_effect_ratio no_ratio(void)
{
	const double na = sori_na();

	return (struct sori_effect_ratio){na, {na, na}, {na, na}, {na, na}, na, false};
}

/* One action being judged. */
struct trial {
	struct sori_effect *effect;
	const struct sori_effect_query *query;
	struct sqlite3 *database;
	struct sori_panel *panel;   /* borrowed: side 0 scope within where, side 1 where when there is a scope */
	struct sori_inquiry_subject subject;
	sori_day first;             /* dated day of the store */
	const struct sori_slice *inner; /* where and scope together */
	bool of_ledger;             /* one line of many: an exposure that does not know its scope refuses it alone */
	bool unexposed;             /* such a line */
	double *y, *n;              /* [days] of the series at hand */
	size_t t0;                  /* index of the week */
	struct sori_its its;        /* of the main series, for the figures that only it has */
};

/* --- scope ------------------------------------------------------------------------------------------------------------ */

/* where and scope together: a dimension of both keeps the values that both have. False: none is left, or too many terms. */
static bool intersect(const struct sori_slice *where, const struct sori_slice *scope, struct sori_slice_term *terms,
		      struct sori_slice *both)
{
	*both = (struct sori_slice){terms, 0};
	if (where->count + scope->count > TERMS)
		return false;
	for (size_t i = 0; i < scope->count; i++)
		if (!sori_slice_asks(where, scope->terms[i].dimension) ||
		    sori_slice_has(where, scope->terms[i].dimension, scope->terms[i].value))
			terms[both->count++] = scope->terms[i];
	for (size_t i = 0; i < scope->count; i++)
		if (!sori_slice_asks(both, scope->terms[i].dimension))
			return false;
	for (size_t i = 0; i < where->count; i++)
		if (!sori_slice_asks(scope, where->terms[i].dimension))
			terms[both->count++] = where->terms[i];
	return true;
}

/* --- one series -------------------------------------------------------------------------------------------------------- */

static double log_width(const struct sori_interval *limits)
{
	return log(limits->high) - log(limits->low);
}

static void take_wider(struct sori_effect_ratio *ratio, double p_quasi, double p_newey_west)
{
	bool wider = log_width(&ratio->newey_west) > log_width(&ratio->quasi);

	ratio->headline = wider ? ratio->newey_west : ratio->quasi;
	ratio->p = wider ? p_newey_west : p_quasi;
}

static struct sori_effect_ratio ratio_at(const struct sori_its *its, double h)
{
	struct sori_its_estimate quasi = sori_its_effect(its, h, false), newey_west = sori_its_effect(its, h, true);
	struct sori_effect_ratio ratio = {quasi.value, quasi.limits, newey_west.limits, {NAN, NAN}, NAN, false};

	if (!isfinite(ratio.ratio) || !isfinite(log_width(&quasi.limits)) || !isfinite(log_width(&newey_west.limits)))
		return no_ratio();
	take_wider(&ratio, quasi.p, newey_west.p);
	return ratio;
}

static void describe(const struct trial *trial, struct sori_effect_line *line)
{
	const struct sori_week_series *weeks = &line->weeks;
	double n[2] = {0.0, 0.0};

	line->documents_before = line->documents_after = 0.0;
	for (size_t i = 0; i < weeks->count; i++) {
		bool after = i >= trial->t0;

		if (weeks->state[i] != SORI_WEEK_USED)
			continue;
		*(after ? &line->after : &line->before) += 1;
		*(after ? &line->documents_after : &line->documents_before) += weeks->y[i];
		n[after] += weeks->n[i];
	}
	line->share_before = n[0] > 0.0 ? line->documents_before / n[0] : sori_na();
	line->share_after = n[1] > 0.0 ? line->documents_after / n[1] : sori_na();
}

static enum sori_refusal objection(const struct trial *trial, const struct sori_effect_line *line)
{
	size_t other[2] = {0, 0};

	for (size_t i = 0; i < line->weeks.count; i++)
		other[i >= trial->t0] += line->weeks.state[i] == SORI_WEEK_DICTIONARY;
	if (line->before + line->after == 0 && trial->query->exposure)
		return SORI_REFUSAL_EXPOSURE;
	if (line->after < AFTER_LEAST)
		return other[1] && line->after + other[1] >= AFTER_LEAST ? SORI_REFUSAL_DICTIONARY : SORI_REFUSAL_EARLY;
	if (line->before < BEFORE_LEAST)
		return other[0] && line->before + other[0] >= BEFORE_LEAST ? SORI_REFUSAL_DICTIONARY : SORI_REFUSAL_BEFORE;
	if (line->documents_before + line->documents_after < DOCUMENTS_LEAST)
		return SORI_REFUSAL_FEW;
	if (!(line->documents_before > 0.0) || !(line->documents_after > 0.0))
		return SORI_REFUSAL_NONE_SIDE;
	return SORI_REFUSAL_NONE;
}

static void mark_phase_in(const struct trial *trial, struct sori_week_series *weeks)
{
	sori_day from = trial->query->date, to = from + (sori_day)(7 * trial->query->phase_in);

	for (size_t i = 0; i < weeks->count; i++) {
		sori_day monday = sori_week_monday(weeks, i);
		bool mixed = monday < from && monday + 6 >= from;

		if (!mixed && !(monday + 6 >= from && monday < to))
			continue;
		weeks->excluded[i] = true;
		if (weeks->state[i] != SORI_WEEK_USED)
			continue;
		weeks->state[i] = SORI_WEEK_PHASE_IN;
		weeks->used--;
		weeks->documents -= weeks->y[i];
		weeks->y[i] = weeks->n[i] = NAN;
	}
}

/* The model's weeks back to the calendar's. */
static void draw(const struct trial *trial, const struct sori_its *its, struct sori_effect_line *line)
{
	const struct sori_its_settings *s = &its->settings;
	size_t row = 0;

	for (size_t i = 0; i < line->weeks.count; i++) {
		double change = 0.0;

		if (line->weeks.state[i] != SORI_WEEK_USED)
			continue;
		if (i >= trial->t0)
			change = its->fit.coefficients[2] + (s->slope ? its->fit.coefficients[3] * ((double)i - s->t0) : 0.0);
		line->fitted[i] = its->fit.fitted[row];
		line->without[i] = exp(its->fit.linear[row] - change);
		row++;
	}
}

static void conclude(const struct trial *trial, const struct sori_its *its, struct sori_effect_line *line)
{
	double sum = 0.0, last = 0.0;

	for (size_t i = trial->t0; i < line->weeks.count; i++)
		if (line->weeks.state[i] == SORI_WEEK_USED) {
			sum += (double)(i - trial->t0);
			last = (double)(i - trial->t0);
		}
	line->average = its->outcome == SORI_GLM_FITTED ? ratio_at(its, sum / (double)line->after) : no_ratio();
	if (isnan(line->average.ratio)) {
		line->refusal = SORI_REFUSAL_FIT;
		return;
	}
	for (size_t h = 0; h < SORI_EFFECT_HORIZONS; h++) {
		line->at[h] = ratio_at(its, (double)sori_effect_weeks[h]);
		line->at[h].beyond = (double)sori_effect_weeks[h] > last;
	}
	draw(trial, its, line);
}

static bool make_line(const struct trial *trial, struct sori_effect_line *line)
{
	struct sori_arena *arena = &trial->effect->arena;

	line->average = no_ratio();
	for (size_t h = 0; h < SORI_EFFECT_HORIZONS; h++)
		line->at[h] = no_ratio();
	line->fitted = sori_arena_alloc(arena, (line->weeks.count + 1) * sizeof *line->fitted);
	line->without = sori_arena_alloc(arena, (line->weeks.count + 1) * sizeof *line->without);
	for (size_t i = 0; line->fitted && line->without && i < line->weeks.count; i++)
		line->fitted[i] = line->without[i] = NAN;
	return line->fitted && line->without;
}

/* Judges trial->y over trial->n into `line`; `its` (released by the caller) is the fit, its outcome not FITTED without one. */
static enum sori_status judge_line(struct trial *trial, const bool *out, size_t side, struct sori_effect_line *line, struct sori_its *its,
				   struct sori_error *error)
{
	const struct sori_panel *panel = trial->panel;
	const struct sori_week_source source = {
		.first = panel->first, .days = panel->days, .from = trial->first, .to = trial->effect->as_of,
		.y = trial->y, .n = trial->n, .out = out, .dictionary = panel->sides[side].dictionary,
	};
	struct sori_its_data data;
	struct sori_its_settings settings;
	enum sori_status status = sori_weeks_build(&line->weeks, &trial->effect->arena, &source, error);

	if (status != SORI_OK)
		return status;
	if (!make_line(trial, line))
		return sori_report_no_memory(error);
	mark_phase_in(trial, &line->weeks);
	describe(trial, line);
	line->refusal = objection(trial, line);
	if (line->refusal != SORI_REFUSAL_NONE)
		return SORI_OK;
	data = (struct sori_its_data){{line->weeks.count, line->weeks.t, line->weeks.y, line->weeks.n}, line->weeks.excluded};
	line->weak = sori_its_recommend(&data, (double)trial->t0, &settings) != SORI_ITS_FULL;
	status = sori_its_fit(&data, &settings, its, error);
	if (status == SORI_OK)
		conclude(trial, its, line);
	return status;
}

/* --- the series -------------------------------------------------------------------------------------------------------- */

static enum sori_status denominators(struct trial *trial, const struct sori_slice *slice, const double *documents, double *n,
				     struct sori_error *error)
{
	const struct sori_effect_query *query = trial->query;

	if (query->exposure)
		return sori_exposure_series(query->exposure, query->per, slice, trial->panel->first, trial->panel->days, n, error);
	memcpy(n, documents, trial->panel->days * sizeof *n);
	return SORI_OK;
}

/* Of the action's own series. Who asks for one slice by name is told that the exposure does not have it; a line of the ledger is
 * not judged, and the others are. An exposure that does not have `where` either fails them all. Leaves NaN on all days. */
static enum sori_status own_denominators(struct trial *trial, struct sori_error *error)
{
	enum sori_status status = denominators(trial, trial->inner, trial->panel->sides[0].all, trial->n, error);

	if (status != SORI_CONFIG || !trial->of_ledger || trial->query->scope.count == 0)
		return status;
	*error = (struct sori_error){0};
	trial->unexposed = true;
	status = denominators(trial, &trial->query->where, trial->panel->sides[0].all, trial->n, error);
	for (size_t i = 0; i < trial->panel->days; i++)
		trial->n[i] = NAN;
	return status;
}

/* All that is in `where` and not in the scope: both are sums, so it is their difference. */
static enum sori_status outside_scope(struct trial *trial, struct sori_error *error)
{
	const struct sori_panel *panel = trial->panel;
	double *inner = sori_alloc((panel->days + 1) * sizeof *inner);
	enum sori_status status = inner ? SORI_OK : sori_report_no_memory(error);

	if (status == SORI_OK) {
		sori_weeks_documents(panel, 1, &trial->subject, trial->y);
		sori_weeks_documents(panel, 0, &trial->subject, inner);
		for (size_t i = 0; i < panel->days; i++)
			trial->y[i] -= inner[i];
		status = denominators(trial, &trial->query->where, panel->sides[1].all, trial->n, error);
	}
	if (status == SORI_OK)
		status = denominators(trial, trial->inner, panel->sides[0].all, inner, error);
	for (size_t i = 0; status == SORI_OK && i < panel->days; i++)
		trial->n[i] -= inner[i];
	sori_free(inner);
	return status;
}

/* Mentions of the other categories of the same kind. */
static void other_categories(struct trial *trial)
{
	const struct sori_panel *panel = trial->panel;

	memset(trial->y, 0, panel->days * sizeof *trial->y);
	for (size_t k = 0; k < panel->category_count; k++) {
		const double *documents = sori_panel_series(panel, 0, k);

		if ((k >= trial->subject.first && k < trial->subject.last) || panel->categories[k].fallback ||
		    panel->categories[k].praise != trial->subject.category->praise)
			continue;
		for (size_t i = 0; i < panel->days; i++)
			trial->y[i] += documents[i];
	}
}

static void net_effect(struct sori_effect *effect, const struct sori_its *control)
{
	const struct sori_effect_ratio *a = &effect->line.average, *b = &effect->compare.average;
	double reach, quasi, newey_west, value;

	effect->net = no_ratio();
	if (effect->control != SORI_CONTROL_OUTSIDE_SCOPE || isnan(a->ratio) || isnan(b->ratio))
		return;
	reach = control->reach; /* of either: degrees of freedom are alike */
	quasi = hypot(log_width(&a->quasi), log_width(&b->quasi)) / 2.0;
	newey_west = hypot(log_width(&a->newey_west), log_width(&b->newey_west)) / 2.0;
	value = log(a->ratio) - log(b->ratio);
	effect->net = (struct sori_effect_ratio){
		.ratio = exp(value),
		.quasi = {exp(value - quasi), exp(value + quasi)},
		.newey_west = {exp(value - newey_west), exp(value + newey_west)},
	};
	take_wider(&effect->net, sori_t_two_sided(value / (quasi / reach), control->fit.df),
		   sori_t_two_sided(value / (newey_west / reach), control->fit.df));
}

static enum sori_status judge_control(struct trial *trial, const bool *out, struct sori_error *error)
{
	struct sori_effect *effect = trial->effect;
	struct sori_its its = {.outcome = SORI_GLM_TOO_FEW_ROWS};
	bool scoped = trial->query->scope.count > 0;
	enum sori_status status = SORI_OK;

	effect->control = scoped ? SORI_CONTROL_OUTSIDE_SCOPE : SORI_CONTROL_OTHER_CATEGORIES;
	if (scoped)
		status = outside_scope(trial, error);
	else
		other_categories(trial);
	if (status == SORI_OK)
		status = judge_line(trial, out, scoped, &effect->compare, &its, error);
	if (status == SORI_OK)
		net_effect(effect, &its);
	sori_its_release(&its);
	return status;
}

/* What only the action's own series has: avoided documents, residuals, placebo dates. */
static enum sori_status complete(struct trial *trial, struct sori_error *error)
{
	struct sori_effect *effect = trial->effect;
	const struct sori_its *its = &trial->its;
	const struct sori_week_series *weeks = &effect->line.weeks;
	const struct sori_its_data data = {{weeks->count, weeks->t, weeks->y, weeks->n}, weeks->excluded};
	struct sori_its_estimate quasi = sori_its_avoided(its, false), newey_west = sori_its_avoided(its, true);
	struct sori_its_placebo placebo;
	enum sori_status status = sori_its_placebo(&data, its, &placebo, error);

	if (status != SORI_OK)
		return status;
	effect->avoided = quasi.value;
	effect->avoided_limits = newey_west.error > quasi.error ? newey_west.limits : quasi.limits;
	effect->harmonics = (unsigned)its->settings.harmonics;
	effect->lag = its->settings.lag;
	effect->phi = fmax(1.0, its->fit.dispersion);
	effect->acf1 = its->acf1;
	effect->box_lag = its->box_lag;
	effect->box = its->box;
	effect->box_p = its->box_p;
	effect->placebo_tried = placebo.tried;
	effect->placebo_as_large = placebo.as_large;
	effect->placebo_doubt = placebo.tried >= PLACEBO_LEAST &&
				(double)placebo.as_large > PLACEBO_SHARE * (double)placebo.tried;
	return SORI_OK;
}

static void set_verdict(struct sori_effect *effect, double p)
{
	const struct sori_effect_line *line = &effect->line;

	effect->verdict = SORI_VERDICT_TOO_LITTLE;
	if (line->refusal == SORI_REFUSAL_DICTIONARY)
		effect->verdict = SORI_VERDICT_DICTIONARY;
	if (line->refusal != SORI_REFUSAL_NONE)
		return;
	effect->verdict = !(p <= CHANGED) ? SORI_VERDICT_UNCLEAR : line->average.ratio > 1.0 ? SORI_VERDICT_UP : SORI_VERDICT_DOWN;
	effect->better = effect->verdict == (effect->category->praise ? SORI_VERDICT_UP : SORI_VERDICT_DOWN);
}

/* First Monday on or after the date; whole weeks from there on, phase-in off. */
static void set_days(struct trial *trial)
{
	struct sori_effect *effect = trial->effect;
	sori_day date = trial->query->date, to = date + (sori_day)(7 * trial->query->phase_in), monday = trial->first - sori_day_weekday(trial->first);

	effect->t0 = date + (7 - sori_day_weekday(date)) % 7;
	trial->t0 = effect->t0 <= monday ? 0 : (size_t)(effect->t0 - monday) / 7;
	effect->judge_from = to + (7 - sori_day_weekday(to)) % 7 + 7 * AFTER_LEAST;
}

/* Missing weeks since put the day off. */
static void put_off(struct sori_effect *effect)
{
	sori_day next = effect->as_of + 1, whole = next + (7 - sori_day_weekday(next)) % 7;

	if (effect->line.refusal == SORI_REFUSAL_EARLY && effect->judge_from <= effect->as_of)
		effect->judge_from = whole + (sori_day)(7 * (AFTER_LEAST - effect->line.after));
}

static enum sori_status judge(struct trial *trial, struct sori_error *error)
{
	struct sori_effect *effect = trial->effect;
	const struct sori_panel *panel = trial->panel;
	bool *out;
	enum sori_status status = sori_weeks_out(panel, 0, trial->query->exposure != NULL, false, &effect->arena, &out,
						 &effect->left_out_days, error);

	trial->y = sori_alloc((panel->days + 1) * sizeof *trial->y);
	trial->n = sori_alloc((panel->days + 1) * sizeof *trial->n);
	if (status == SORI_OK && (!trial->y || !trial->n))
		status = sori_report_no_memory(error);
	if (status == SORI_OK) {
		sori_weeks_documents(panel, 0, &trial->subject, trial->y);
		status = own_denominators(trial, error);
	}
	if (status == SORI_OK)
		status = judge_line(trial, out, 0, &effect->line, &trial->its, error);
	if (status == SORI_OK && trial->unexposed)
		effect->line.refusal = SORI_REFUSAL_SCOPE;
	if (status == SORI_OK && effect->line.refusal == SORI_REFUSAL_NONE) {
		status = complete(trial, error);
		if (status == SORI_OK)
			status = judge_control(trial, out, error);
	}
	put_off(effect);
	set_verdict(effect, effect->line.average.p);
	sori_its_release(&trial->its);
	sori_free(trial->y);
	sori_free(trial->n);
	return status;
}

/* --- panels ------------------------------------------------------------------------------------------------------------ */

struct loaded {
	struct sori_slice scope; /* its terms borrowed */
	struct sori_slice inner;
	struct sori_slice_term terms[TERMS];
	struct sori_panel *panel; /* NULL: nothing of the store is in the scope */
	struct loaded *next;
};

struct shelf {
	struct sqlite3 *database;
	const struct sori_effect_query *query; /* where, as_of, calendar, exposure */
	bool of_ledger;
	sori_day first, as_of;
	struct loaded *list;
};

static enum sori_status fill(const struct shelf *shelf, struct loaded *loaded, struct sori_error *error)
{
	const struct sori_effect_query *query = shelf->query;
	struct sori_slice slices[SORI_PANEL_SIDES] = {query->where, query->where};
	enum sori_status status;

	loaded->inner = query->where;
	if (loaded->scope.count) {
		if (!intersect(&query->where, &loaded->scope, loaded->terms, &loaded->inner))
			return SORI_OK;
		slices[0] = loaded->inner;
	}
	status = sori_panel_load(&loaded->panel, shelf->database, shelf->first, shelf->as_of, slices, loaded->scope.count ? 2 : 1, error);
	if (status == SORI_USAGE && loaded->scope.count) { /* the scope is at fault when `where` alone is not */
		status = sori_panel_load(&loaded->panel, shelf->database, shelf->first, shelf->first, slices + 1, 1, error);
		sori_panel_free(loaded->panel);
		loaded->panel = NULL;
		return status;
	}
	if (status == SORI_OK)
		status = sori_calendar_mark(loaded->panel, query->calendar, &loaded->inner, error);
	if (status == SORI_OK)
		status = sori_panel_mark_late(loaded->panel, shelf->database, error);
	return status;
}

static enum sori_status take(struct shelf *shelf, const struct sori_slice *scope, struct loaded **found, struct sori_error *error)
{
	for (*found = shelf->list; *found; *found = (*found)->next)
		if (sori_slice_equal(&(*found)->scope, scope))
			return SORI_OK;
	if (!(*found = sori_alloc_zero(1, sizeof **found)))
		return sori_report_no_memory(error);
	(*found)->scope = *scope;
	(*found)->next = shelf->list;
	shelf->list = *found;
	return fill(shelf, *found, error);
}

static enum sori_status open_shelf(struct shelf *shelf, struct sqlite3 *database, const struct sori_effect_query *query,
				   struct sori_error *error)
{
	sori_day last;
	enum sori_status status;

	*shelf = (struct shelf){.database = database, .query = query};
	status = sori_analyse_bounds(database, &shelf->first, &last, error);
	if (status == SORI_OK && last == SORI_DAY_NONE)
		return sori_fail(error, SORI_DATA, "the store has no dated documents");
	shelf->as_of = query->as_of != SORI_DAY_NONE && query->as_of < last ? query->as_of : last;
	shelf->first = query->from > shelf->first ? query->from : shelf->first; /* NONE is before all days */
	if (status == SORI_OK && shelf->as_of < shelf->first)
		return sori_fail(error, SORI_USAGE, "the store has no documents up to that day");
	return status;
}

static void close_shelf(struct shelf *shelf)
{
	for (struct loaded *at = shelf->list, *next; at; at = next) {
		next = at->next;
		sori_panel_free(at->panel);
		sori_free(at);
	}
}

static void blank(struct sori_effect *effect, const struct shelf *shelf, sori_day date)
{
	const double na = sori_na();

	sori_arena_init(&effect->arena, 1 << 14);
	effect->date = date;
	effect->as_of = shelf->as_of;
	effect->q = effect->avoided = effect->phi = effect->acf1 = effect->box_lag = effect->box = effect->box_p = na;
	effect->avoided_limits = (struct sori_interval){na, na};
	effect->net = effect->line.average = effect->compare.average = no_ratio();
	for (size_t h = 0; h < SORI_EFFECT_HORIZONS; h++)
		effect->line.at[h] = effect->compare.at[h] = no_ratio();
	effect->line.share_before = effect->line.share_after = effect->compare.share_before = effect->compare.share_after = na;
	effect->line.documents_before = effect->line.documents_after = na;
	effect->compare.documents_before = effect->compare.documents_after = na;
	effect->verdict = SORI_VERDICT_TOO_LITTLE;
	effect->line.refusal = SORI_REFUSAL_UNKNOWN;
}

static enum sori_status run_one(struct shelf *shelf, const struct sori_effect_query *query, struct sori_effect **result,
				struct sori_error *error)
{
	struct sori_effect *effect = sori_alloc_zero(1, sizeof *effect);
	struct trial trial = {.effect = effect, .query = query, .database = shelf->database, .first = shelf->first,
			      .of_ledger = shelf->of_ledger, .its = {.outcome = SORI_GLM_TOO_FEW_ROWS}};
	struct loaded *loaded = NULL;
	enum sori_status status;

	*result = NULL;
	if (!effect)
		return sori_report_no_memory(error);
	blank(effect, shelf, query->date);
	set_days(&trial);
	status = take(shelf, &query->scope, &loaded, error);
	if (status == SORI_OK && loaded->panel) {
		trial.panel = loaded->panel;
		trial.inner = &loaded->inner;
		trial.subject = sori_inquiry_subject(loaded->panel, query->category);
	}
	if (status == SORI_OK && trial.subject.category) {
		effect->category = sori_weeks_copy(&effect->arena, trial.subject.category);
		effect->id_length = trial.subject.id_length;
		effect->group = trial.subject.group;
		status = effect->category ? judge(&trial, error) : sori_report_no_memory(error);
	}
	if (status == SORI_OK)
		*result = effect;
	else
		sori_effect_free(effect);
	return status;
}

enum sori_status sori_effect_run(struct sori_effect **effect, struct sqlite3 *database, const struct sori_effect_query *query,
				 struct sori_error *error)
{
	struct shelf shelf;
	enum sori_status status = open_shelf(&shelf, database, query, error);

	*effect = NULL;
	if (status == SORI_OK)
		status = run_one(&shelf, query, effect, error);
	close_shelf(&shelf);
	return status;
}

void sori_effect_free(struct sori_effect *effect)
{
	if (!effect)
		return;
	sori_arena_release(&effect->arena);
	sori_free(effect);
}

static enum sori_status judge_together(struct sori_effect **effects, size_t count, size_t *family, struct sori_error *error)
{
	double *p = sori_alloc((count + 1) * sizeof *p), *q = sori_alloc((count + 1) * sizeof *q);
	enum sori_status status = p && q ? SORI_OK : sori_report_no_memory(error);

	for (size_t i = 0; status == SORI_OK && i < count; i++)
		p[i] = effects[i]->line.refusal == SORI_REFUSAL_NONE ? effects[i]->line.average.p : sori_na();
	if (status == SORI_OK)
		status = sori_fdr(p, count, q, NULL, family, error);
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		effects[i]->q = q[i];
		set_verdict(effects[i], q[i]);
	}
	sori_free(p);
	sori_free(q);
	return status;
}

enum sori_status sori_effect_judge(struct sori_effect **effects, struct sqlite3 *database, const struct sori_actions *actions,
				   const struct sori_effect_query *query, size_t *family, struct sori_error *error)
{
	struct shelf shelf;
	enum sori_status status = open_shelf(&shelf, database, query, error);

	shelf.of_ledger = true;
	for (size_t i = 0; i < actions->count; i++)
		effects[i] = NULL;
	for (size_t i = 0; i < actions->count && status == SORI_OK; i++) {
		struct sori_effect_query one = *query;

		one.category = actions->list[i].category;
		one.date = actions->list[i].date;
		one.phase_in = actions->list[i].phase_in;
		one.scope = actions->list[i].scope;
		status = run_one(&shelf, &one, &effects[i], error);
	}
	close_shelf(&shelf);
	if (status == SORI_OK)
		status = judge_together(effects, actions->count, family, error);
	for (size_t i = 0; status != SORI_OK && i < actions->count; i++) {
		sori_effect_free(effects[i]);
		effects[i] = NULL;
	}
	return status;
}
