/* Seasons over ISO weeks, every category with the same weeks. The fit's peak is a place in a year of 52.1775 weeks; it is told as
 * the week of the last full year that holds it. Days of Seollal and Chuseok stay in: they are the season of many complaints.
 *
 * One large event makes a fine curve: the test takes every week as new evidence, and the fit follows the one year that has most of
 * the documents. So a season must also be there without that year, and the weeks around the peak must be above those around the
 * trough in nearly every year.
 *
 * Complaints come in waves of some weeks, and the F test takes the weeks for independent (measured: with a lag-1 autocorrelation
 * of 0.8 it finds a season in seven of ten series without one). So its F and its degrees of freedom are divided by what a mean
 * loses to neighbours that resemble each other (Bartlett 1935), estimated from the residuals.
 *
 * Year on year takes the last whole week and the same ISO week of the year before (week 53: the 52nd). Near a feast the same days
 * around the feast are taken instead, since its date moves by up to a month: complaints of the week before Chuseok belong together.
 * Both weeks go through the same comparison of days as `sori compare`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/analyse_weeks.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/stats/special.h"

#define YEAR_WEEKS 52
#define TWO_YEARS 104
#define THREE_YEARS 156
#define DOCUMENTS_LEAST 60.0 /* 10 for each parameter of the curve: with fewer the F test says season where there is none */
#define SHOWN_LEAST 30.0 /* denominator of a week that may be the highest one seen */
#define CHANGED 0.05
#define QUARTER 13 /* weeks */
#define AROUND 6.5 /* weeks to each side of the peak and of the trough */
#define NEAR_FEAST 21 /* days from a feast to a week that is told by it */
#define FEAST_MOVES 35 /* days at most from one year to the next, by the calendar's date */

struct search {
	struct sori_season_result *result;
	const struct sori_season_query *query;
	bool *out;
	double *y, *n;
	sori_day this_monday, last_monday; /* of the year on year */
	bool aligned;
};

/* --- the season ------------------------------------------------------------------------------------------------------- */

/* The Monday of the week, in the last year before as-of, that holds a place in the cycle. */
static sori_day last_week_at(const struct sori_week_series *weeks, double place, sori_day as_of)
{
	double cycles = floor(((double)(as_of - weeks->first) / 7.0 - place) / SORI_SEASON_YEAR);

	return weeks->first + 7 * (sori_day)floor(place + cycles * SORI_SEASON_YEAR);
}

static void use_fit(const struct search *search, struct sori_season_row *row)
{
	const struct sori_season *s = &row->season;
	const double turn = 6.283185307179586 / SORI_SEASON_YEAR;

	row->peak = last_week_at(&row->weeks, s->peak, search->result->as_of);
	row->trough = last_week_at(&row->weeks, s->trough, search->result->as_of);
	row->ratio = s->peak_to_trough;
	for (size_t i = 0; i < row->weeks.count; i++) {
		double t = row->weeks.t[i], eta = s->coefficients[0] + s->coefficients[1] * t;

		for (int k = 1; k <= SORI_SEASON_HARMONICS; k++)
			eta += s->coefficients[2 * k] * sin(k * turn * t) + s->coefficients[2 * k + 1] * cos(k * turn * t);
		row->fitted[i] = row->weeks.n[i] * exp(eta); /* NaN where the week is not used */
	}
}

/* The highest and lowest week seen, of those with enough to count against. */
static void use_observed(struct sori_season_row *row)
{
	double highest = -INFINITY, lowest = INFINITY;
	const struct sori_week_series *w = &row->weeks;

	for (size_t i = 0; i < w->count; i++) {
		double rate = w->y[i] / w->n[i];

		if (w->state[i] != SORI_WEEK_USED || w->n[i] < SHOWN_LEAST)
			continue;
		if (rate > highest) {
			highest = rate;
			row->peak = sori_week_monday(w, i);
		}
		if (rate < lowest) {
			lowest = rate;
			row->trough = sori_week_monday(w, i);
		}
	}
	row->observed = row->peak != SORI_DAY_NONE;
	row->ratio = row->observed && lowest > 0.0 ? highest / lowest : sori_na();
}

/* Weeks from the first used one to the last: years that are covered, not years that have a point. */
static size_t span(const struct sori_week_series *weeks)
{
	size_t first = 0, last = weeks->count;

	while (first < last && weeks->state[first] != SORI_WEEK_USED)
		first++;
	while (last > first && weeks->state[last - 1] != SORI_WEEK_USED)
		last--;
	return last - first;
}

static double residual(const struct sori_season_row *row, size_t week)
{
	return (row->weeks.y[week] - row->fitted[week]) / sqrt(row->fitted[week]); /* NaN where the week is not used */
}

/* Autocorrelation of the Pearson residuals, over pairs of weeks that are both used. */
static double resemblance(const struct sori_season_row *row, double mean, double variance, size_t lag)
{
	double product = 0.0, pairs = 0.0;

	for (size_t i = lag; i < row->weeks.count; i++) {
		double both = (residual(row, i) - mean) * (residual(row, i - lag) - mean);

		if (!isfinite(both))
			continue;
		product += both;
		pairs += 1.0;
	}
	return pairs > 0.0 ? product / pairs / variance : 0.0;
}

/* How many weeks are worth one independent one: by the first lag as if each week remembered the one before, and by all lags up to
 * a quarter with Bartlett's weights; the larger. */
static void take_memory_off(struct sori_season_row *row)
{
	double mean = 0.0, variance = 0.0, count = 0.0, loss = 1.0, first;

	for (size_t i = 0; i < row->weeks.count; i++)
		if (isfinite(residual(row, i))) {
			mean += residual(row, i);
			variance += residual(row, i) * residual(row, i);
			count += 1.0;
		}
	mean /= count;
	variance = variance / count - mean * mean;
	if (!(variance > 0.0))
		return;
	row->acf1 = resemblance(row, mean, variance, 1);
	for (size_t lag = 1; lag < QUARTER; lag++)
		loss += 2.0 * (1.0 - (double)lag / QUARTER) * resemblance(row, mean, variance, lag);
	first = fmin(0.99, row->acf1);
	loss = fmax(1.0, fmax(loss, (1.0 + first) / (1.0 - first)));
	row->p_memory = sori_f_upper(row->season.f / loss, row->season.df1, fmax(1.0, row->season.df2 / loss));
}

/* Blocks of 52 weeks back from the last one used. */
static size_t block_of(size_t end, size_t week)
{
	return (end - 1 - week) / YEAR_WEEKS;
}

/* Is the rate around the peak over that around the trough, in one block? Half a document each, so that zeros say nothing. */
static bool stands_apart(const struct sori_season_row *row, size_t end, size_t block)
{
	const struct sori_week_series *w = &row->weeks;
	double y[2] = {0.5, 0.5}, n[2] = {1.0, 1.0};

	for (size_t i = 0; i < end; i++) {
		const double place[2] = {row->season.peak, row->season.trough};

		if (w->state[i] != SORI_WEEK_USED || block_of(end, i) != block)
			continue;
		for (size_t k = 0; k < 2; k++) {
			double away = fabs(remainder((double)i - place[k], SORI_SEASON_YEAR));

			if (away > AROUND)
				continue;
			y[k] += w->y[i];
			n[k] += w->n[i];
		}
	}
	return y[0] / n[0] > y[1] / n[1];
}

/* The test again without the block that has most documents. */
static enum sori_status leave_one_out(struct sori_season_row *row, size_t end, size_t blocks, struct sori_arena *arena,
				      struct sori_error *error)
{
	const struct sori_week_series *w = &row->weeks;
	double *y = sori_arena_alloc(arena, (w->count + 1) * sizeof *y), most = -1.0;
	struct sori_season rest;
	size_t out = 0;
	enum sori_status status;

	if (!y)
		return sori_report_no_memory(error);
	for (size_t block = 0; block < blocks; block++) {
		double sum = 0.0;

		for (size_t i = 0; i < end; i++)
			sum += w->state[i] == SORI_WEEK_USED && block_of(end, i) == block ? w->y[i] : 0.0;
		if (sum > most) {
			most = sum;
			out = block;
		}
	}
	for (size_t i = 0; i < w->count; i++)
		y[i] = i < end && block_of(end, i) == out ? NAN : w->y[i];
	status = sori_season_fit(&(struct sori_series){w->count, w->t, y, w->n}, SORI_SEASON_YEAR, &rest, error);
	if (status == SORI_OK) {
		row->p_without = rest.outcome == SORI_GLM_FITTED ? rest.p : sori_na();
		row->recurs = row->recurs && row->p_without <= CHANGED;
	}
	return status;
}

static enum sori_status check_years(const struct search *search, struct sori_season_row *row, size_t years, struct sori_error *error)
{
	size_t end = row->weeks.count;

	while (end && row->weeks.state[end - 1] != SORI_WEEK_USED)
		end--;
	row->years = years / YEAR_WEEKS;
	for (size_t block = 0; block < row->years; block++)
		row->years_apart += stands_apart(row, end, block);
	row->recurs = row->years_apart + row->years / 4 >= row->years;
	return years >= THREE_YEARS ? leave_one_out(row, end, row->years, &search->result->arena, error) : SORI_OK;
}

static enum sori_status find_season(struct search *search, struct sori_season_row *row, struct sori_error *error)
{
	const struct sori_week_series *w = &row->weeks;
	const struct sori_series series = {w->count, w->t, w->y, w->n};
	size_t years = span(w);
	enum sori_status status;

	if (w->used == 0 && w->count)
		row->refusal = search->query->exposure ? SORI_REFUSAL_EXPOSURE : SORI_REFUSAL_HISTORY;
	else if (w->documents < DOCUMENTS_LEAST)
		row->refusal = SORI_REFUSAL_FEW;
	else if (years < TWO_YEARS || 5 * w->used < 4 * years)
		row->refusal = w->other_dictionary && years + w->other_dictionary >= TWO_YEARS ? SORI_REFUSAL_DICTIONARY : SORI_REFUSAL_HISTORY;
	if (row->refusal == SORI_REFUSAL_HISTORY && years >= YEAR_WEEKS)
		use_observed(row);
	if (row->refusal != SORI_REFUSAL_NONE)
		return SORI_OK;
	status = sori_season_fit(&series, SORI_SEASON_YEAR, &row->season, error);
	if (status != SORI_OK)
		return status;
	if (row->season.outcome != SORI_GLM_FITTED || !isfinite(row->season.p)) {
		row->refusal = SORI_REFUSAL_FIT;
		return SORI_OK;
	}
	row->every_year = years >= THREE_YEARS;
	use_fit(search, row);
	take_memory_off(row);
	if (isnan(row->p_memory)) {
		row->refusal = SORI_REFUSAL_FIT;
		return SORI_OK;
	}
	return check_years(search, row, years, error);
}

/* --- year on year ----------------------------------------------------------------------------------------------------- */

/* ISO 8601: a week belongs to the year of its Thursday. */
static int iso_year(sori_day monday)
{
	int year, month, day;

	sori_day_split(monday + 3, &year, &month, &day);
	return year;
}

static sori_day first_week(int year)
{
	sori_day fourth = sori_day_of(year, 1, 4);

	return fourth - sori_day_weekday(fourth);
}

static sori_day same_week_before(sori_day monday)
{
	int year = iso_year(monday);
	int week = (monday - first_week(year)) / 7; /* from 0 */

	return first_week(year - 1) + 7 * (week < YEAR_WEEKS ? week : YEAR_WEEKS - 1);
}

/* Near a feast: the days as far from last year's feast. */
static void align(struct search *search)
{
	int year, month, day;

	sori_day_split(search->this_monday, &year, &month, &day);
	for (int feast = SORI_CALENDAR_SEOLLAL; feast <= SORI_CALENDAR_CHUSEOK; feast++)
		for (int of = year - 1; of <= year + 1; of++) {
			sori_day now = sori_calendar_feast(search->query->calendar, (enum sori_calendar_type)feast, of);
			sori_day then = sori_calendar_feast(search->query->calendar, (enum sori_calendar_type)feast, of - 1);
			sori_day plain = search->last_monday;

			if (now == SORI_DAY_NONE || then == SORI_DAY_NONE || now > search->this_monday + 6 + NEAR_FEAST ||
			    now < search->this_monday - NEAR_FEAST)
				continue;
			search->last_monday = search->this_monday - (now - then);
			search->aligned = abs(search->last_monday - plain) <= FEAST_MOVES;
			if (!search->aligned)
				search->last_monday = plain;
			return;
		}
}

static void find_weeks(struct search *search)
{
	const struct sori_season_result *result = search->result;
	sori_day next = result->as_of + 1;

	search->this_monday = next - sori_day_weekday(next) - 7;
	search->last_monday = same_week_before(search->this_monday);
	align(search);
	if (search->last_monday < result->first || search->this_monday < result->first)
		search->this_monday = search->last_monday = SORI_DAY_NONE;
}

static enum sori_status compare_years(const struct search *search, struct sori_season_row *row, struct sori_error *error)
{
	const struct sori_panel *panel = search->result->panel;
	struct sori_ab_day days[14];
	size_t count = 0;
	int64_t dictionary = 0;
	struct sori_ab_settings settings = sori_ab_recommended;
	enum sori_status status;

	row->year_verdict = SORI_VERDICT_TOO_LITTLE;
	row->this_monday = search->this_monday;
	row->last_monday = search->last_monday;
	row->aligned = search->aligned;
	if (row->this_monday == SORI_DAY_NONE)
		return SORI_OK;
	for (int second = 0; second < 2; second++)
		for (int i = 0; i < 7; i++) {
			sori_day day = (second ? row->this_monday : row->last_monday) + i;
			size_t at = (size_t)(day - panel->first);
			bool gone = search->out[at] || isnan(search->y[at]) || isnan(search->n[at]);
			int64_t of = panel->sides[0].dictionary[at];

			if (of)
				dictionary = dictionary == 0 || dictionary == of ? of : -1;
			days[count++] = (struct sori_ab_day){.weekday = sori_day_weekday(day), .second = second,
							     .documents = gone ? sori_na() : search->y[at],
							     .denominator = gone ? 0.0 : search->n[at]};
		}
	settings.minimum_days = 6;
	status = sori_ab_compare(days, count, &settings, &row->year, error);
	if (dictionary == -1) {
		row->year_verdict = SORI_VERDICT_DICTIONARY;
		row->year.eligible = false;
	}
	return status;
}

/* --- all of them ------------------------------------------------------------------------------------------------------ */

/* No year before: no figures of it. */
static struct sori_ab_result no_comparison(void)
{
	const double na = sori_na();
	const struct sori_ab_model none = {.outcome = SORI_GLM_TOO_FEW_ROWS, .raw_dispersion = na, .dispersion = na, .log_ratio = na,
					   .error = na, .ratio = {na, na}, .p = na};

	return (struct sori_ab_result){.a = na, .n_a = na, .b = na, .n_b = na, .share_a = na, .share_b = na, .difference = na,
				       .difference_limits = {na, na}, .ratio = na, .p_mid = na, .plain = none, .weekday = none, .p = na};
}

static enum sori_status run_row(struct search *search, const struct sori_inquiry_subject *subject, struct sori_error *error)
{
	struct sori_season_result *result = search->result;
	struct sori_season_row *row = &result->rows[result->row_count];
	const struct sori_week_source source = {
		.first = result->panel->first, .days = result->panel->days, .from = result->first, .to = result->as_of, .y = search->y,
		.n = search->n, .out = search->out, .dictionary = result->panel->sides[0].dictionary,
	};
	enum sori_status status;

	sori_weeks_documents(result->panel, 0, subject, search->y);
	*row = (struct sori_season_row){.category = subject->category, .id_length = subject->id_length, .group = subject->group,
					.peak = SORI_DAY_NONE, .trough = SORI_DAY_NONE, .ratio = sori_na(), .q = sori_na(),
					.year_q = sori_na(), .p_without = sori_na(), .p_memory = sori_na(), .acf1 = sori_na(), .verdict = SORI_VERDICT_TOO_LITTLE};
	row->season.outcome = SORI_GLM_TOO_FEW_ROWS;
	row->year = no_comparison();
	row->season.f = row->season.p = row->season.df1 = row->season.df2 = row->season.dispersion = row->season.peak_to_trough = sori_na();
	status = sori_weeks_build(&row->weeks, &result->arena, &source, error);
	if (status == SORI_OK && !(row->fitted = sori_arena_alloc(&result->arena, (row->weeks.count + 1) * sizeof *row->fitted)))
		status = sori_report_no_memory(error);
	for (size_t i = 0; status == SORI_OK && i < row->weeks.count; i++)
		row->fitted[i] = NAN;
	if (status == SORI_OK)
		status = find_season(search, row, error);
	if (status == SORI_OK)
		status = compare_years(search, row, error);
	if (status == SORI_OK && (row->weeks.documents > 0.0 || search->query->category))
		result->row_count++;
	return status;
}

static int by_evidence(const void *left, const void *right)
{
	const struct sori_season_row *a = left, *b = right;
	double qa = isnan(a->q) ? 2.0 : a->q, qb = isnan(b->q) ? 2.0 : b->q;

	if (a->verdict != b->verdict)
		return a->verdict > b->verdict ? -1 : 1;
	if (qa != qb)
		return qa < qb ? -1 : 1;
	return strcmp(a->category->id, b->category->id);
}

static enum sori_status conclude(struct sori_season_result *result, struct sori_error *error)
{
	size_t count = result->row_count;
	double *p = sori_alloc((count + 1) * sizeof *p), *q = sori_alloc((count + 1) * sizeof *q);
	enum sori_status status = p && q ? SORI_OK : sori_report_no_memory(error);

	for (size_t i = 0; status == SORI_OK && i < count; i++)
		p[i] = result->rows[i].refusal == SORI_REFUSAL_NONE ? result->rows[i].p_memory : sori_na();
	if (status == SORI_OK)
		status = sori_fdr(p, count, q, NULL, &result->family, error);
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		struct sori_season_row *row = &result->rows[i];

		row->q = q[i];
		if (row->refusal == SORI_REFUSAL_DICTIONARY)
			row->verdict = SORI_VERDICT_DICTIONARY;
		else if (row->refusal == SORI_REFUSAL_NONE)
			row->verdict = row->q <= CHANGED && row->recurs ? SORI_VERDICT_UP : SORI_VERDICT_UNCLEAR;
		p[i] = row->this_monday != SORI_DAY_NONE && row->year.eligible ? row->year.p : sori_na();
	}
	if (status == SORI_OK)
		status = sori_fdr(p, count, q, NULL, &result->year_family, error);
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		struct sori_season_row *row = &result->rows[i];
		bool both = row->year.a > 0.0 && row->year.b > 0.0;

		row->year_q = q[i];
		if (isnan(q[i]))
			continue;
		row->year_verdict = q[i] > CHANGED ? SORI_VERDICT_UNCLEAR
				    : (both ? row->year.weekday.log_ratio : row->year.difference) > 0.0 ? SORI_VERDICT_UP : SORI_VERDICT_DOWN;
	}
	sori_free(p);
	sori_free(q);
	if (status == SORI_OK && count)
		qsort(result->rows, count, sizeof *result->rows, by_evidence);
	return status;
}

static enum sori_status run_rows(struct search *search, struct sori_error *error)
{
	struct sori_season_result *result = search->result;
	const struct sori_panel *panel = result->panel;
	enum sori_status status = SORI_OK;

	if (search->query->category) {
		struct sori_inquiry_subject subject = sori_inquiry_subject(panel, search->query->category);

		if (!subject.category)
			return sori_fail(error, SORI_USAGE, "the store has no category '%s'", search->query->category);
		status = run_row(search, &subject, error);
	} else {
		for (size_t k = 0; k < panel->category_count && status == SORI_OK; k++) {
			const struct sori_panel_category *category = &panel->categories[k];

			status = run_row(search, &(struct sori_inquiry_subject){category, k, k + 1, strlen(category->id), false}, error);
		}
	}
	return status == SORI_OK ? conclude(result, error) : status;
}

static enum sori_status load(struct search *search, struct sqlite3 *database, struct sori_error *error)
{
	struct sori_season_result *result = search->result;
	const struct sori_season_query *query = search->query;
	sori_day last;
	enum sori_status status = sori_analyse_bounds(database, &result->first, &last, error);

	if (status == SORI_OK && last == SORI_DAY_NONE)
		return sori_fail(error, SORI_DATA, "the store has no dated documents");
	result->as_of = query->as_of != SORI_DAY_NONE && query->as_of < last ? query->as_of : last;
	result->first = query->from > result->first ? query->from : result->first; /* NONE is before all days */
	if (status == SORI_OK && result->as_of < result->first)
		return sori_fail(error, SORI_USAGE, "the store has no documents up to that day");
	if (status == SORI_OK)
		status = sori_panel_load(&result->panel, database, result->first, result->as_of, &query->where, 1, error);
	if (status == SORI_OK)
		status = sori_panel_mark_late(result->panel, database, error);
	if (status == SORI_OK)
		status = sori_weeks_out(result->panel, 0, query->exposure != NULL, true, &result->arena, &search->out, NULL, error);
	if (status != SORI_OK)
		return status;
	search->y = sori_arena_alloc(&result->arena, (result->panel->days + 1) * sizeof *search->y);
	search->n = sori_arena_alloc(&result->arena, (result->panel->days + 1) * sizeof *search->n);
	result->rows = sori_arena_zero(&result->arena, result->panel->category_count + 2, sizeof *result->rows);
	if (!search->y || !search->n || !result->rows)
		return sori_report_no_memory(error);
	if (query->exposure)
		return sori_exposure_series(query->exposure, query->per, &query->where, result->panel->first, result->panel->days,
					    search->n, error);
	memcpy(search->n, result->panel->sides[0].all, result->panel->days * sizeof *search->n);
	return SORI_OK;
}

enum sori_status sori_season_run(struct sori_season_result **result, struct sqlite3 *database, const struct sori_season_query *query,
				 struct sori_error *error)
{
	struct search search = {.result = sori_alloc_zero(1, sizeof **result), .query = query};
	enum sori_status status;

	*result = NULL;
	if (!search.result)
		return sori_report_no_memory(error);
	sori_arena_init(&search.result->arena, 1 << 16);
	status = load(&search, database, error);
	if (status == SORI_OK) {
		find_weeks(&search);
		status = run_rows(&search, error);
	}
	if (status == SORI_OK)
		*result = search.result;
	else
		sori_season_free(search.result);
	return status;
}

void sori_season_free(struct sori_season_result *result)
{
	if (!result)
		return;
	sori_panel_free(result->panel);
	sori_arena_release(&result->arena);
	sori_free(result);
}
