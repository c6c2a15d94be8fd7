/* Per category the days of both sides go through sori_ab_compare; the family for Benjamini-Hochberg is every category with
 * enough documents for a p-value, a choice that the direction of a change cannot influence. Evidence orders the rows: q as
 * printed (six digits, so that the order does not hang on the last bit of libm), then the documents in excess, then the id. */
#include "pipeline/core/analyse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"

#define COMPLETE 0.8
#define CHANGED 0.05
#define HOLIDAYS 3
#define HOLIDAY_CLASS 7
#define UNCLASSIFIED_POINTS 0.02

struct comparison {
	struct sori_panel *panel;
	const struct sori_compare_side *a, *b;
	struct sori_compare_result *result;
	struct sori_ab_day *days; /* [days of a + days of b] */
	size_t count;
	bool *counted; /* [count] no source that should have spoken was silent */
	bool holidays; /* are a class */
};

/* A holiday is a weekday of its own when the two periods have three of them together. */
static bool holidays_make_a_class(const struct comparison *c)
{
	size_t count = 0;

	for (int second = 0; second < 2; second++) {
		const struct sori_compare_side *from = second ? c->b : c->a;

		for (sori_day when = from->from; when <= from->to; when++)
			count += c->panel->kind[when - c->panel->first] == SORI_DAY_HOLIDAY;
	}
	return count >= HOLIDAYS;
}

static bool left_out(const struct comparison *c, size_t day)
{
	return c->panel->provisional[day] || c->panel->kind[day] == SORI_DAY_DISTURBED ||
	       (c->panel->kind[day] == SORI_DAY_HOLIDAY && !c->holidays);
}

/* A day before the store's first or after its last has not been seen: that nobody wrote then is not known. */
static bool is_missing(const struct sori_panel *panel, const struct sori_panel_side *side, sori_day when)
{
	size_t day = (size_t)(when - panel->first);

	return (side->absent[day] || when < panel->store_first || when > panel->store_last) && !(side->all[day] > 0.0);
}

static void describe(struct comparison *c, const struct sori_compare_side *from, struct sori_compare_period *period,
		     int64_t *dictionary)
{
	const struct sori_panel_side *side = &c->panel->sides[from->side];
	size_t there = 0;

	period->complaints = side->all_complaints ? 0.0 : sori_na();
	period->customers = sori_na();
	for (sori_day when = from->from; when <= from->to; when++) {
		size_t day = (size_t)(when - c->panel->first);
		bool out = left_out(c, day) || (side->exposure && isnan(side->exposure[day]));
		bool missing = is_missing(c->panel, side, when);
		double denominator = side->exposure ? side->exposure[day] : side->all[day];

		period->days++;
		period->missing += missing;
		there += !missing && !out; /* a day may be missing and left out as well */
		period->provisional += c->panel->provisional[day];
		period->disturbed += out && !c->panel->provisional[day];
		c->counted[c->count] = !side->absent[day] && !missing && !out;
		c->days[c->count++] = (struct sori_ab_day){.weekday = c->panel->kind[day] == SORI_DAY_HOLIDAY ? HOLIDAY_CLASS : sori_day_weekday(when),
							   .second = from == c->b, .documents = side->all[day], .denominator = out ? 0.0 : denominator};
		if (out)
			continue;
		period->observed += side->all[day] > 0.0;
		period->documents += side->all[day];
		period->none += side->none[day];
		if (side->all_complaints)
			period->complaints += side->all_complaints[day];
		if (side->dictionary[day])
			*dictionary = *dictionary == 0 || *dictionary == side->dictionary[day] ? side->dictionary[day] : -1;
	}
	period->incomplete = (double)there < COMPLETE * (double)period->days;
}

/* A jump of what no category fits explains many changes elsewhere. */
static void compare_unclassified(struct sori_compare_result *result)
{
	const struct sori_compare_period *a = &result->a, *b = &result->b;
	double share_a = a->none / a->documents, share_b = b->none / b->documents;
	struct sori_interval limits = sori_newcombe_interval(b->none, b->documents, a->none, a->documents, 0.95);

	result->none_ratio = a->none > 0.0 && b->documents > 0.0 ? share_b / share_a : sori_na();
	result->none_jumped = (limits.low > 0.0 || limits.high < 0.0) && fabs(share_b - share_a) > UNCLASSIFIED_POINTS;
}

static void fill(struct comparison *c, size_t category)
{
	size_t at = 0;

	for (int second = 0; second < 2; second++) {
		const struct sori_compare_side *from = second ? c->b : c->a;
		const double *y = sori_panel_series(c->panel, from->side, category);

		for (sori_day when = from->from; when <= from->to; when++)
			c->days[at++].documents = y[when - c->panel->first];
	}
}

/* All documents per day; a day without its usual sources tells nothing about volume. */
static enum sori_status compare_volume(struct comparison *c, struct sori_error *error)
{
	struct sori_ab_settings settings = sori_ab_recommended;
	struct sori_ab_day *days = sori_alloc(c->count * sizeof *days + 1);
	enum sori_status status;

	if (!days)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < c->count; i++) {
		days[i] = c->days[i]; /* its documents are all of the day's until a category is filled in */
		days[i].denominator = c->counted[i] ? 1.0 : 0.0;
	}
	settings.minimum_n = (double)settings.minimum_days;
	status = sori_ab_compare(days, c->count, &settings, &c->result->volume, error);
	sori_free(days);
	return status;
}

static double six_digits(double value)
{
	char room[32];

	(void)snprintf(room, sizeof room, "%.6g", value);
	return strtod(room, NULL);
}

static int by_evidence(const void *left, const void *right)
{
	const struct sori_compare_row *a = left, *b = right;
	bool tested_a = !isnan(a->q), tested_b = !isnan(b->q);
	double qa = tested_a ? six_digits(a->q) : 1.0, qb = tested_b ? six_digits(b->q) : 1.0;
	double ea = six_digits(fabs(a->excess)), eb = six_digits(fabs(b->excess));

	if (tested_a != tested_b)
		return tested_b - tested_a;
	if (qa != qb)
		return qa < qb ? -1 : 1;
	if (ea != eb)
		return ea > eb ? -1 : 1;
	return strcmp(a->category->id, b->category->id);
}

static enum sori_verdict verdict_of(const struct sori_compare_result *result, const struct sori_compare_row *row)
{
	double direction = row->ab.a > 0.0 && row->ab.b > 0.0 ? row->ab.weekday.log_ratio : row->ab.difference;

	if (result->dictionary_changed)
		return SORI_VERDICT_DICTIONARY;
	if (isnan(row->q))
		return SORI_VERDICT_TOO_LITTLE;
	if (row->q > CHANGED)
		return SORI_VERDICT_UNCLEAR;
	return direction > 0.0 ? SORI_VERDICT_UP : SORI_VERDICT_DOWN;
}

static enum sori_status conclude(struct sori_compare_result *result, struct sori_error *error)
{
	bool testable = !result->dictionary_changed && !result->a.incomplete && !result->b.incomplete;
	double *p = sori_alloc(result->row_count * sizeof *p + 1), *q = sori_alloc(result->row_count * sizeof *q + 1);
	enum sori_status status = p && q ? SORI_OK : sori_report_no_memory(error);

	for (size_t i = 0; i < result->row_count && status == SORI_OK; i++)
		p[i] = testable && result->rows[i].ab.eligible ? result->rows[i].ab.p : sori_na();
	if (status == SORI_OK)
		status = sori_fdr(p, result->row_count, q, NULL, &result->family, error);
	for (size_t i = 0; i < result->row_count && status == SORI_OK; i++) {
		result->rows[i].q = q[i];
		result->rows[i].verdict = verdict_of(result, &result->rows[i]);
	}
	sori_free(p);
	sori_free(q);
	if (status == SORI_OK && result->row_count)
		qsort(result->rows, result->row_count, sizeof *result->rows, by_evidence);
	return status;
}

/* Distinct complaints of the days that count. */
static double complaints_of(const struct comparison *c, size_t category, bool second)
{
	const struct sori_compare_side *from = second ? c->b : c->a;
	const struct sori_panel_side *side = &c->panel->sides[from->side];
	double sum = 0.0;

	if (!side->complaints)
		return sori_na();
	for (sori_day when = from->from; when <= from->to; when++) {
		size_t day = (size_t)(when - c->panel->first);

		if (!left_out(c, day))
			sum += side->complaints[category * c->panel->days + day];
	}
	return sum;
}

static enum sori_status compare_categories(struct comparison *c, struct sori_error *error)
{
	struct sori_compare_result *result = c->result;
	enum sori_status status = SORI_OK;

	for (size_t k = 0; k < c->panel->category_count && status == SORI_OK; k++) {
		struct sori_compare_row *row = &result->rows[result->row_count];

		fill(c, k);
		status = sori_ab_compare(c->days, c->count, &sori_ab_recommended, &row->ab, error);
		if (status != SORI_OK || !(row->ab.a + row->ab.b > 0.0))
			continue;
		row->category = &c->panel->categories[k];
		row->excess = row->ab.b - row->ab.n_b * row->ab.share_a;
		row->complaints_a = complaints_of(c, k, false);
		row->complaints_b = complaints_of(c, k, true);
		row->customers_a = row->customers_b = sori_na();
		result->row_count++;
	}
	return status == SORI_OK ? conclude(result, error) : status;
}

enum sori_status sori_compare_run(struct sori_panel *panel, const struct sori_compare_side *a, const struct sori_compare_side *b,
				  struct sori_compare_result *result, struct sori_error *error)
{
	size_t days = (size_t)(a->to - a->from) + 1 + (size_t)(b->to - b->from) + 1;
	struct comparison c = {.panel = panel, .a = a, .b = b, .result = result};
	enum sori_status status = SORI_OK;
	int64_t dictionary = 0;

	*result = (struct sori_compare_result){0};
	result->rows = sori_arena_zero(&panel->arena, panel->category_count + 1, sizeof *result->rows);
	c.days = sori_alloc_zero(days, sizeof *c.days);
	c.counted = sori_alloc_zero(days, sizeof *c.counted);
	if (!result->rows || !c.days || !c.counted)
		status = sori_report_no_memory(error);
	if (status == SORI_OK) {
		c.holidays = holidays_make_a_class(&c);
		describe(&c, a, &result->a, &dictionary);
		describe(&c, b, &result->b, &dictionary);
		compare_unclassified(result);
		result->dictionary_changed = dictionary == -1;
		status = compare_volume(&c, error);
	}
	if (status == SORI_OK)
		status = compare_categories(&c, error);
	sori_free(c.days);
	sori_free(c.counted);
	return status;
}
