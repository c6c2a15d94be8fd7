/* Tonight against the baseline. Shares for categories (a busy day is no rise of everything), counts for the volume of all
 * documents, to both sides: too few may be a broken feed. With 64 days of history Farrington flexible over a seven-day year,
 * own past alarms left out; with 28 EARS C2 on the same shares, marked provisional.
 *
 * A group (the ids' part before the first dot) counts mentions: the sum over its categories. It is judged before them. When a
 * category and its group both rise, the group without the category decides whose rise it is: quiet means the category's. */
#include "pipeline/core/analyse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/alerts_ears.h"
#include "pipeline/stats/farrington.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/stats/special.h"

#define DAILY_DAYS 64
#define PROVISIONAL_DAYS 28
#define LEAST_OBSERVED 28 /* days with documents among the last 64 */
#define FALSE_DISCOVERIES 0.10
#define NOTHING 1e-6          /* expected documents of a weekday that the baseline never saw any on */
#define PAD 4 /* missing days before the first, so that C2 can look back over its whole window */

struct night {
	struct sori_panel *panel;
	struct sori_alerts_result *result;
	size_t begin, days;  /* of the history in the panel; the last is tonight */
	double *y;           /* [PAD + days] the series judged, NaN: missing */
	double *n;           /* [PAD + days] */
	struct sori_farrington *judged;
};

static void no_figures(struct sori_alert *row)
{
	row->expected = row->lower = row->upper = row->p = row->q = row->phi = sori_na();
}

/* Farrington from the first day that can be judged, forward, so that tonight knows the alarms before it. A weekday without
 * any document in the baseline is expected to have none ever, and one would alarm: then the weekdays are taken together. */
static enum sori_status run_daily(struct night *night, bool share, const struct sori_farrington **last, struct sori_error *error)
{
	struct sori_farrington_settings settings = sori_farrington_daily;
	const struct sori_series series = {.count = night->days, .y = night->y + PAD, .n = night->n + PAD};
	size_t from = sori_farrington_first(&settings);
	enum sori_status status;

	settings.share = share;
	*last = &night->judged[night->days - 1 - from];
	status = sori_farrington_run(&settings, &series, from, night->judged, error);
	if (status != SORI_OK || (*last)->outcome != SORI_GLM_FITTED || (*last)->mu > NOTHING)
		return status;
	settings.w = settings.freq / 2;
	settings.groups = 1;
	return sori_farrington_run(&settings, &series, from, night->judged, error);
}

/* A baseline without any document says little when it is short: given y documents in all, that all of them came tonight has
 * the chance (tonight / (tonight + baseline))^y. */
static void judge_new(const struct night *night, bool share, struct sori_alert *row)
{
	const struct sori_farrington_settings *s = &sori_farrington_daily;
	const double *y = night->y + PAD, *n = night->n + PAD;
	size_t at = night->days - 1;
	double before = 0.0, tonight = share ? n[at] : 1.0, chance;

	for (size_t back = s->guard + 1; back <= s->b * s->freq + s->freq / 2 && back <= at; back++)
		if (!isnan(y[at - back]))
			before += share ? n[at - back] : 1.0;
	chance = tonight / (tonight + before);
	row->expected = 0.0;
	row->phi = 1.0;
	row->word = SORI_ALERT_TOO_LITTLE;
	if (isnan(row->upper) || !(before > 0.0))
		return;
	row->upper = floor(log(s->alpha) / log(chance));
	row->p = pow(chance, row->observed);
	row->word = row->observed > row->upper ? SORI_ALERT_WATCH : SORI_ALERT_QUIET;
}

static enum sori_status judge_daily(struct night *night, bool share, struct sori_alert *row, struct sori_error *error)
{
	const struct sori_farrington *last;
	enum sori_status status = run_daily(night, share, &last, error);

	if (status != SORI_OK)
		return status;
	row->used = last->used;
	row->dropped = last->dropped;
	row->released = last->released;
	row->word = SORI_ALERT_NO_FIT;
	if (last->outcome != SORI_GLM_FITTED)
		return SORI_OK;
	row->upper = last->upper;
	if (last->mu < NOTHING) {
		judge_new(night, share, row);
		return SORI_OK;
	}
	row->expected = last->mu;
	row->phi = last->phi;
	row->word = SORI_ALERT_TOO_LITTLE;
	if (isnan(last->upper))
		return SORI_OK;
	row->p = last->p_exceed;
	row->word = last->alarm ? SORI_ALERT_WATCH : SORI_ALERT_QUIET;
	return SORI_OK;
}

/* EARS C2 in documents at tonight's denominator. The mean is the bound at alpha one half. */
static void judge_provisional(struct night *night, bool share, struct sori_alert *row)
{
	struct sori_ears_settings settings = sori_ears_recommended, half = sori_ears_recommended;
	size_t at = PAD + night->days - 1;
	double tonight = night->n[at], spread, recent = 0.0;
	struct sori_ears bound, mean;

	for (size_t i = 0; i < sori_farrington_daily.limit_periods && i < night->days; i++)
		recent += isnan(night->y[at - i]) ? 0.0 : night->y[at - i];
	if (share)
		for (size_t i = 0; i < at; i++)
			night->y[i] = night->n[i] > 0.0 ? night->y[i] * tonight / night->n[i] : sori_na();
	half.alpha = 0.5;
	bound = sori_ears(&settings, night->y, at);
	mean = sori_ears(&half, night->y, at);
	row->word = SORI_ALERT_TOO_LITTLE;
	if (isnan(bound.upper))
		return;
	spread = (bound.upper - mean.upper) / sori_normal_quantile(1.0 - settings.alpha);
	row->expected = mean.upper;
	row->upper = bound.upper;
	row->phi = mean.upper > 0.0 ? spread * spread / mean.upper : sori_na();
	for (size_t i = at - 2 - settings.baseline; i < at - 2; i++)
		row->used += isnan(night->y[i]) ? 0 : 1;
	if (recent < sori_farrington_daily.limit_cases)
		return;
	row->p = sori_normal_upper((row->observed - mean.upper) / spread);
	row->word = bound.alarm > 0.0 ? SORI_ALERT_WATCH : SORI_ALERT_QUIET;
}

/* Days that Farrington's baseline could use. A dictionary that is weeks old has left them few. */
static size_t observed_lately(const struct night *night)
{
	const struct sori_farrington_settings *s = &sori_farrington_daily;
	size_t at = PAD + night->days - 1, count = 0;

	for (size_t back = s->guard + 1; back <= s->b * s->freq; back++)
		count += isnan(night->y[at - back]) || !(night->n[at - back] > 0.0) ? 0 : 1;
	return count;
}

static enum sori_status judge(struct night *night, bool share, struct sori_alert *row, struct sori_error *error)
{
	const struct sori_alerts_result *result = night->result;

	no_figures(row);
	row->observed = night->y[PAD + night->days - 1];
	row->word = SORI_ALERT_NO_DATA;
	if (isnan(row->observed) || (share && !(result->documents > 0.0)))
		return SORI_OK;
	row->word = SORI_ALERT_TOO_LITTLE;
	row->tier = result->tier;
	if (row->tier == SORI_TIER_DAILY && observed_lately(night) < LEAST_OBSERVED)
		row->tier = SORI_TIER_PROVISIONAL;
	if (row->tier == SORI_TIER_DAILY)
		return judge_daily(night, share, row, error);
	if (row->tier == SORI_TIER_PROVISIONAL)
		judge_provisional(night, share, row);
	return SORI_OK;
}

/* Sum of the categories in [first, last) less one; days that another dictionary counted are missing. */
static void take_series(struct night *night, size_t first, size_t last, size_t less)
{
	const struct sori_panel_side *side = &night->panel->sides[0];
	int64_t tonight = side->dictionary[night->panel->days - 1];

	for (size_t i = 0; i < night->days; i++) {
		size_t day = night->begin + i;
		double sum = 0.0;

		for (size_t k = first; k < last; k++)
			if (k != less)
				sum += sori_panel_series(night->panel, 0, k)[day];
		night->n[PAD + i] = side->all[day];
		night->y[PAD + i] = side->all[day] > 0.0 && side->dictionary[day] != tonight ? sori_na() : sum;
	}
	for (size_t i = 0; i < PAD; i++)
		night->y[i] = night->n[i] = sori_na();
}

static enum sori_status judge_categories(struct night *night, size_t first, size_t last, size_t less, struct sori_alert *row,
					 struct sori_error *error)
{
	take_series(night, first, last, less);
	if (night->panel->sides[0].dictionary[night->panel->days - 1] == -1) {
		no_figures(row);
		row->observed = night->y[PAD + night->days - 1];
		row->word = SORI_ALERT_DICTIONARY;
		return SORI_OK;
	}
	return judge(night, true, row, error);
}

/* All documents, both sides. A day without one of its usual sources is missing. */
static enum sori_status judge_volume(struct night *night, struct sori_error *error)
{
	const struct sori_panel_side *side = &night->panel->sides[0];
	struct sori_alert *row = &night->result->rows[night->result->row_count++];
	const double alpha = sori_farrington_daily.alpha;
	enum sori_status status;
	double below;

	for (size_t i = 0; i < night->days; i++) {
		night->n[PAD + i] = 1.0;
		night->y[PAD + i] = side->absent[night->begin + i] ? sori_na() : side->all[night->begin + i];
	}
	for (size_t i = 0; i < PAD; i++)
		night->y[i] = night->n[i] = sori_na();
	row->level = SORI_ALERT_VOLUME;
	status = judge(night, false, row, error);
	if (status != SORI_OK || row->word < SORI_ALERT_QUIET)
		return status;
	if (night->result->tier == SORI_TIER_DAILY) {
		bool poisson = row->phi - 1.0 < 1e-6;

		row->lower = poisson ? sori_poisson_quantile(alpha, row->expected)
				     : sori_negbin_quantile(alpha, row->expected, row->phi);
		below = poisson ? sori_poisson_le(row->observed, row->expected)
				: sori_negbin_le(row->observed, row->expected, row->phi);
	} else {
		row->lower = fmax(0.0, 2.0 * row->expected - row->upper);
		below = 1.0 - row->p;
	}
	row->low = row->observed < row->lower;
	row->p = row->low ? below : row->p;
	row->q = row->p;
	if (row->low || row->word == SORI_ALERT_WATCH) /* a family of one */
		row->word = row->q <= FALSE_DISCOVERIES ? SORI_ALERT_ALERT : SORI_ALERT_WATCH;
	return SORI_OK;
}

static size_t group_end(const struct sori_panel *panel, size_t first)
{
	const struct sori_panel_category *head = &panel->categories[first];
	size_t end = first + 1;

	while (end < panel->category_count && panel->categories[end].stem == head->stem &&
	       !memcmp(panel->categories[end].id, head->id, head->stem))
		end++;
	return end;
}

static bool spoke(const struct night *night, size_t category)
{
	const double *y = sori_panel_series(night->panel, 0, category);

	for (size_t i = 0; i < night->days; i++)
		if (y[night->begin + i] > 0.0)
			return true;
	return false;
}

/* A group of two or more categories with documents, then those. */
static enum sori_status judge_group(struct night *night, size_t first, size_t last, struct sori_error *error)
{
	struct sori_alerts_result *result = night->result;
	enum sori_status status = SORI_OK;
	size_t members = 0;

	for (size_t k = first; k < last; k++)
		members += spoke(night, k);
	if (members > 1) {
		struct sori_alert *row = &result->rows[result->row_count++];

		row->level = SORI_ALERT_GROUP;
		row->category = &night->panel->categories[first];
		row->id_length = row->category->stem;
		status = judge_categories(night, first, last, SIZE_MAX, row, error);
	}
	for (size_t k = first; k < last && status == SORI_OK; k++) {
		struct sori_alert *row = &result->rows[result->row_count];

		if (!spoke(night, k))
			continue;
		result->row_count++;
		row->level = SORI_ALERT_CATEGORY;
		row->category = &night->panel->categories[k];
		row->id_length = strlen(row->category->id);
		status = judge_categories(night, k, k + 1, SIZE_MAX, row, error);
	}
	return status;
}

/* False discovery rates within one level; over the bound and q small enough is an alert. */
static enum sori_status gate(struct sori_alerts_result *result, enum sori_alert_level level, size_t *family,
			     struct sori_error *error)
{
	double *p = sori_alloc(result->row_count * sizeof *p + 1), *q = sori_alloc(result->row_count * sizeof *q + 1);
	enum sori_status status = p && q ? SORI_OK : sori_report_no_memory(error);

	for (size_t i = 0; i < result->row_count && status == SORI_OK; i++)
		p[i] = result->rows[i].level == level ? result->rows[i].p : sori_na();
	if (status == SORI_OK)
		status = sori_fdr(p, result->row_count, q, NULL, family, error);
	for (size_t i = 0; i < result->row_count && status == SORI_OK; i++) {
		struct sori_alert *row = &result->rows[i];

		if (row->level != level)
			continue;
		row->q = q[i];
		if (row->word == SORI_ALERT_WATCH && row->q <= FALSE_DISCOVERIES)
			row->word = SORI_ALERT_ALERT;
	}
	sori_free(p);
	sori_free(q);
	return status;
}

/* Rows [group + 1, end) are the group's categories. */
static enum sori_status attribute(struct night *night, size_t group, size_t end, struct sori_error *error)
{
	struct sori_alert *rows = night->result->rows;
	size_t first = (size_t)(rows[group].category - night->panel->categories), last = group_end(night->panel, first);
	enum sori_status status = SORI_OK;

	for (size_t i = group + 1; i < end && status == SORI_OK; i++) {
		size_t leaf = (size_t)(rows[i].category - night->panel->categories);
		struct sori_alert rest = {0};

		if (rows[i].word < SORI_ALERT_WATCH)
			continue;
		status = judge_categories(night, first, last, leaf, &rest, error);
		if (rest.word >= SORI_ALERT_WATCH)
			rows[i].whole = &rows[group];
		else if (!rows[group].cause || rows[i].p < rows[group].cause->p)
			rows[group].cause = &rows[i];
	}
	return status;
}

struct block {
	size_t from, to; /* rows */
	enum sori_alert_word word;
	double p;
};

static int by_evidence(const void *left, const void *right)
{
	const struct sori_alert *a = left, *b = right;
	double pa = isnan(a->p) ? 2.0 : a->p, pb = isnan(b->p) ? 2.0 : b->p;

	if (a->word != b->word)
		return a->word > b->word ? -1 : 1;
	if (pa != pb)
		return pa < pb ? -1 : 1;
	return strcmp(a->category->id, b->category->id);
}

static int by_best(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	if (a->word != b->word)
		return a->word > b->word ? -1 : 1;
	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return a->from < b->from ? -1 : 1;
}

/* Finds a group's rows: its head and what follows with the same stem. */
static size_t block_end(const struct sori_alerts_result *result, size_t from)
{
	const struct sori_panel_category *head = result->rows[from].category;
	size_t end = from + 1;

	while (end < result->row_count && result->rows[end].level == SORI_ALERT_CATEGORY &&
	       result->rows[end].category->stem == head->stem && !memcmp(result->rows[end].category->id, head->id, head->stem))
		end++;
	return end;
}

/* Within a block by evidence, blocks by their best row. Rows move, so whole and cause are set afterwards, by `attribute`. */
static enum sori_status order(struct night *night, struct sori_error *error)
{
	struct sori_alerts_result *result = night->result;
	struct block *blocks = sori_alloc((result->row_count + 1) * sizeof *blocks);
	struct sori_alert *sorted = sori_arena_zero(&night->panel->arena, result->row_count + 1, sizeof *sorted);
	size_t count = 0, at = 1;

	if (!blocks || !sorted) {
		sori_free(blocks);
		return sori_report_no_memory(error);
	}
	for (size_t from = 1; from < result->row_count; from = blocks[count++].to) {
		struct block *block = &blocks[count];
		size_t leaves = from + (result->rows[from].level == SORI_ALERT_GROUP);

		*block = (struct block){.from = from, .to = block_end(result, from), .word = SORI_ALERT_NO_DATA, .p = 2.0};
		for (size_t i = from; i < block->to; i++) {
			block->word = result->rows[i].word > block->word ? result->rows[i].word : block->word;
			block->p = result->rows[i].p < block->p ? result->rows[i].p : block->p;
		}
		qsort(result->rows + leaves, block->to - leaves, sizeof *result->rows, by_evidence);
	}
	if (count)
		qsort(blocks, count, sizeof *blocks, by_best);
	sorted[0] = result->rows[0];
	for (size_t i = 0; i < count; i++)
		for (size_t row = blocks[i].from; row < blocks[i].to; row++)
			sorted[at++] = result->rows[row];
	result->rows = sorted;
	sori_free(blocks);
	return SORI_OK;
}

static enum sori_status judge_all(struct night *night, struct sori_error *error)
{
	struct sori_alerts_result *result = night->result;
	enum sori_status status = judge_volume(night, error);

	for (size_t first = 0, last; first < night->panel->category_count && status == SORI_OK; first = last) {
		last = group_end(night->panel, first);
		status = judge_group(night, first, last, error);
	}
	if (status == SORI_OK)
		status = gate(result, SORI_ALERT_GROUP, &result->groups_tested, error);
	if (status == SORI_OK)
		status = gate(result, SORI_ALERT_CATEGORY, &result->tested, error);
	if (status == SORI_OK)
		status = order(night, error);
	for (size_t i = 1; i < result->row_count && status == SORI_OK; i++)
		if (result->rows[i].level == SORI_ALERT_GROUP && result->rows[i].word >= SORI_ALERT_WATCH)
			status = attribute(night, i, block_end(result, i), error);
	return status;
}

/* History begins with the first day that has documents; it must not be mostly silence. */
static void find_history(struct night *night)
{
	const struct sori_panel *panel = night->panel;
	struct sori_alerts_result *result = night->result;
	size_t observed = 0;

	while (night->begin + 1 < panel->days && !(panel->sides[0].all[night->begin] > 0.0))
		night->begin++;
	night->days = panel->days - night->begin;
	for (size_t i = 0; i < night->days && i < DAILY_DAYS; i++)
		observed += panel->sides[0].all[panel->days - 1 - i] > 0.0;
	result->history = night->days;
	if (night->days >= DAILY_DAYS && observed >= LEAST_OBSERVED)
		result->tier = SORI_TIER_DAILY;
	else if (night->days >= PROVISIONAL_DAYS)
		result->tier = SORI_TIER_PROVISIONAL;
}

enum sori_status sori_alerts_run(struct sori_panel *panel, struct sori_alerts_result *result, struct sori_error *error)
{
	struct night night = {.panel = panel, .result = result};
	enum sori_status status = SORI_OK;

	*result = (struct sori_alerts_result){.day = panel->first + (sori_day)panel->days - 1,
					      .documents = panel->sides[0].all[panel->days - 1],
					      .missing = panel->sides[0].absent[panel->days - 1]};
	find_history(&night);
	result->rows = sori_arena_zero(&panel->arena, 2 * panel->category_count + 1, sizeof *result->rows);
	night.y = sori_alloc((night.days + PAD) * sizeof *night.y);
	night.n = sori_alloc((night.days + PAD) * sizeof *night.n);
	night.judged = sori_alloc(night.days * sizeof *night.judged);
	if (!result->rows || !night.y || !night.n || !night.judged)
		status = sori_report_no_memory(error);
	if (status == SORI_OK)
		status = judge_all(&night, error);
	sori_free(night.y);
	sori_free(night.n);
	sori_free(night.judged);
	return status;
}
