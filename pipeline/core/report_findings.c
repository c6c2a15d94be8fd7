/* Panels for the statistics are read for the days that each needs and no more: 56 for the comparison, 190 for the alerts. */
#include "pipeline/core/report_findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/usual.h"

#define MINIMUM_DOCUMENTS 30
#define MINIMUM_DAYS 7
#define USUAL 0.95
#define EMERGING_SHOWN 30

static int by_id(const void *key, const void *category)
{
	return strcmp(key, ((const struct sori_report_category *)category)->id);
}

static struct sori_report_category *find(const struct sori_report_model *model, const char *id)
{
	return model->category_count == 0 ? NULL : bsearch(id, model->categories, model->category_count,
							   sizeof *model->categories, by_id);
}

const struct sori_report_category *sori_report_category_of(const struct sori_report_model *model,
							   const struct sori_panel_category *category)
{
	return category ? find(model, category->id) : NULL;
}

/* A category that no document of either window has is in no row. */
static void forget_changes(struct sori_report_model *model)
{
	for (size_t c = 0; c < model->category_count; c++) {
		double na = sori_na();

		model->categories[c].change = (struct sori_report_change){
			.verdict = model->windows.dictionary_changed ? SORI_VERDICT_DICTIONARY : SORI_VERDICT_TOO_LITTLE,
			.complaints_before = na, .complaints_after = na, .share_before = na, .share_after = na, .difference = na, .low = na, .high = na, .ratio = na, .ratio_low = na, .ratio_high = na, .q = na};
	}
}

static void take_change(const struct sori_compare_row *row, bool distinct, struct sori_report_change *change)
{
	change->verdict = row->verdict;
	change->before = (uint64_t)row->ab.a;
	change->after = (uint64_t)row->ab.b;
	if (distinct) {
		change->complaints_before = row->complaints_a;
		change->complaints_after = row->complaints_b;
	}
	if (row->verdict == SORI_VERDICT_DICTIONARY)
		return;
	change->share_before = row->ab.share_a;
	change->share_after = row->ab.share_b;
	change->difference = row->ab.difference;
	change->low = row->ab.difference_limits.low;
	change->high = row->ab.difference_limits.high;
	change->excess = row->excess;
	change->q = row->q;
	if (row->ab.a > 0.0 && row->ab.b > 0.0 && row->ab.weekday.outcome == SORI_GLM_FITTED) {
		change->ratio = exp(row->ab.weekday.log_ratio);
		change->ratio_low = row->ab.weekday.ratio.low;
		change->ratio_high = row->ab.weekday.ratio.high;
	}
}

static enum sori_status compare_windows(struct sori_report_model *model, struct sori_error *error)
{
	struct sori_report_findings *findings = model->findings;
	struct sori_report_windows *windows = &model->windows;
	const struct sori_compare_side before = {0, windows->before_first, windows->before_last};
	const struct sori_compare_side after = {0, windows->after_first, windows->after_last};
	const struct sori_slice all = {NULL, 0};
	struct sori_compare_result *changes = &findings->changes;
	enum sori_status status = sori_panel_load(&findings->periods, model->database, windows->before_first,
						  windows->after_last, &all, 1, error);

	if (status == SORI_OK)
		status = sori_calendar_mark(findings->periods, model->query.calendar, &all, error);
	if (status == SORI_OK)
		status = sori_compare_run(findings->periods, &before, &after, changes, error);
	if (status != SORI_OK)
		return status;
	if (model->query.publish == SORI_PUBLISH_ALL) {
		status = sori_compare_mix_run(findings->periods, model->database, &before, &after, changes, error);
		if (status == SORI_OK)
			status = sori_restated_load(findings->periods, model->database, &all, &findings->restated, error);
		if (status != SORI_OK)
			return status;
	}
	windows->dictionary_changed = changes->dictionary_changed;
	windows->comparable = !changes->dictionary_changed && !changes->a.incomplete && !changes->b.incomplete &&
			      windows->before_documents >= MINIMUM_DOCUMENTS && windows->after_documents >= MINIMUM_DOCUMENTS &&
			      windows->before_days >= MINIMUM_DAYS && windows->after_days >= MINIMUM_DAYS;
	forget_changes(model);
	for (size_t i = 0; i < changes->row_count; i++) {
		struct sori_report_category *category = find(model, changes->rows[i].category->id);

		if (category)
			take_change(&changes->rows[i], changes->a.complaints + changes->b.complaints > 0.0, &category->change);
	}
	return SORI_OK;
}

static void count_words(struct sori_report_findings *findings)
{
	for (size_t i = 0; i < findings->alerts.row_count; i++) {
		const struct sori_alert *row = &findings->alerts.rows[i];

		if (row->level == SORI_ALERT_GROUP)
			continue;
		findings->watch += row->word == SORI_ALERT_WATCH;
		findings->alert += row->word == SORI_ALERT_ALERT;
		findings->quiet += row->word == SORI_ALERT_QUIET;
		findings->unjudged += row->word < SORI_ALERT_QUIET;
	}
}

static enum sori_status judge_tonight(struct sori_report_model *model, struct sori_error *error)
{
	struct sori_report_findings *findings = model->findings;
	const struct sori_slice all = {NULL, 0};
	enum sori_status status = sori_panel_load(&findings->history, model->database,
						  model->as_of - (SORI_ALERT_HISTORY - 1), model->as_of, &all, 1, error);

	if (status == SORI_OK)
		status = sori_calendar_mark(findings->history, model->query.calendar, &all, error);
	if (status == SORI_OK)
		status = sori_alerts_run(findings->history, &findings->alerts, error);
	if (status == SORI_OK)
		count_words(findings);
	return status;
}

/* Buckets before the latest window; all of them when there is no window. */
static size_t baseline_length(const struct sori_report_model *model)
{
	size_t count = 0;

	while (count < model->bucket_count &&
	       (model->windows.days == 0 || model->buckets[count].last < model->windows.after_first))
		count++;
	return count;
}

static enum sori_status find_usual(struct sori_report_model *model, struct sori_error *error)
{
	size_t count = model->bucket_count, baseline = baseline_length(model);
	double *n = sori_alloc((2 * count + 1) * sizeof *n), *y = n ? n + count : NULL;

	if (!n)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < count; i++)
		n[i] = (double)model->buckets[i].documents;
	for (size_t c = 0; c < model->category_count; c++) {
		struct sori_report_category *category = &model->categories[c];
		struct sori_usual usual;

		if (category->documents == 0)
			continue;
		for (size_t i = 0; i < baseline; i++)
			y[i] = (double)category->series[i];
		usual = sori_usual_of(y, n, baseline);
		category->usual.known = usual.known;
		category->usual.share = usual.share;
		if (!usual.known)
			continue;
		category->usual.low = sori_arena_zero(&model->arena, 2 * count, sizeof(double));
		if (!category->usual.low) {
			sori_free(n);
			return sori_report_no_memory(error);
		}
		category->usual.high = category->usual.low + count;
		for (size_t i = 0; i < count; i++)
			if (n[i] > 0.0) {
				struct sori_interval limits = sori_usual_limits(&usual, n[i], USUAL);

				category->usual.low[i] = limits.low;
				category->usual.high[i] = limits.high;
			}
	}
	sori_free(n);
	return SORI_OK;
}

/* Ratings of 0 to 10 are refused until somebody says what is low; then they are taken for NPS. */
static enum sori_status find_drivers(struct sori_report_model *model, struct sori_error *error)
{
	struct sori_drivers_query query = {.from = model->query.from, .to = model->query.to, .low = -1};
	struct sori_drivers_result **drivers = &model->findings->drivers;
	enum sori_status status = sori_drivers_run(drivers, model->database, &query, error);

	if (status == SORI_USAGE) {
		query.nps = true;
		status = sori_drivers_run(drivers, model->database, &query, error);
	}
	if (status == SORI_USAGE) {
		*error = (struct sori_error){0};
		return SORI_OK;
	}
	if (status == SORI_OK && !((*drivers)->rated > 0.0)) {
		sori_drivers_free(*drivers);
		*drivers = NULL;
	}
	return status;
}

static enum sori_status find_effects(struct sori_report_model *model, struct sori_error *error)
{
	struct sori_report_findings *findings = model->findings;
	const struct sori_report_query *asked = &model->query;
	const struct sori_effect_query query = {.as_of = model->as_of, .calendar = asked->calendar, .exposure = asked->exposure,
						.per = asked->per};

	if (!asked->actions)
		return SORI_OK;
	findings->effects = sori_alloc_zero(asked->actions->count + 1, sizeof *findings->effects);
	if (!findings->effects)
		return sori_report_no_memory(error);
	findings->effect_count = asked->actions->count;
	return sori_effect_judge(findings->effects, model->database, asked->actions, &query, &findings->effect_family, error);
}

static enum sori_status find_season(struct sori_report_model *model, struct sori_error *error)
{
	const struct sori_season_query query = {.as_of = model->as_of, .calendar = model->query.calendar,
						.exposure = model->query.exposure, .per = model->query.per};

	if (model->as_of == SORI_DAY_NONE || model->store_first == SORI_DAY_NONE || model->as_of - model->store_first < 52 * 7)
		return SORI_OK;
	return sori_season_run(&model->findings->season, model->database, &query, error);
}

/* As `sori emerging` does it: a week against the four before. */
static enum sori_status find_emerging(struct sori_report_model *model, struct sori_error *error)
{
	struct sori_report_findings *findings = model->findings;
	struct sori_emerging_query query = {.to = model->as_of, .limit = EMERGING_SHOWN};
	enum sori_status status;

	if (!model->query.grammar || model->as_of == SORI_DAY_NONE)
		return SORI_OK;
	query.grammar = *model->query.grammar;
	query.from = query.to - SORI_EMERGING_DAYS + 1;
	query.base_to = query.from - 1;
	query.base_from = query.base_to - SORI_EMERGING_BASELINE + 1;
	query.history_from = query.base_from - SORI_EMERGING_HISTORY;
	status = sori_panel_load(&findings->weeks, model->database, query.history_from, query.to, &query.slice, 1, error);
	return status == SORI_OK ? sori_emerging_run(&findings->emerging, model->database, findings->weeks, &query, error) : status;
}

static enum sori_status inquire(struct sori_report_model *model, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (model->query.publish != SORI_PUBLISH_ALL || model->documents == 0)
		return SORI_OK;
	status = find_drivers(model, error);
	if (status == SORI_OK)
		status = find_effects(model, error);
	if (status == SORI_OK)
		status = find_emerging(model, error);
	return status == SORI_OK ? find_season(model, error) : status;
}

const struct sori_compare_row *sori_report_change_of(const struct sori_report_findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->changes.row_count; i++)
		if (strcmp(findings->changes.rows[i].category->id, id) == 0)
			return &findings->changes.rows[i];
	return NULL;
}

struct sori_restate_split sori_report_split_of(const struct sori_report_model *model, const char *id)
{
	const struct sori_report_findings *findings = model->findings;
	const struct sori_report_windows *windows = &model->windows;
	const struct sori_compare_side before = {0, windows->before_first, windows->before_last};
	const struct sori_compare_side after = {0, windows->after_first, windows->after_last};
	const struct sori_compare_row *row = sori_report_change_of(findings, id);

	if (!row || !findings->restated.any)
		return (struct sori_restate_split){0};
	return sori_restate_split(findings->periods, &findings->restated, (size_t)(row->category - findings->periods->categories),
				  &before, &after);
}

const struct sori_drivers_row *sori_report_driver_of(const struct sori_report_findings *findings, const char *id)
{
	for (size_t i = 0; findings->drivers && i < findings->drivers->row_count; i++)
		if (strcmp(findings->drivers->rows[i].category->id, id) == 0)
			return &findings->drivers->rows[i];
	return NULL;
}

const struct sori_season_row *sori_report_season_of(const struct sori_report_findings *findings, const char *id)
{
	for (size_t i = 0; findings->season && i < findings->season->row_count; i++)
		if (!findings->season->rows[i].group && findings->season->rows[i].category &&
		    strcmp(findings->season->rows[i].category->id, id) == 0)
			return &findings->season->rows[i];
	return NULL;
}

static const char *newest_dictionary(const struct sori_report_model *model)
{
	return model->dictionary_count > 0 ? model->dictionaries[model->dictionary_count - 1].hash : "";
}

enum sori_status sori_report_find(struct sori_report_model *model, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	model->findings = sori_alloc_zero(1, sizeof *model->findings);
	if (!model->findings)
		return sori_report_no_memory(error);
	forget_changes(model);
	if (model->windows.days > 0)
		status = compare_windows(model, error);
	if (status == SORI_OK && model->as_of != SORI_DAY_NONE && model->store_last != SORI_DAY_NONE)
		status = judge_tonight(model, error);
	if (status == SORI_OK)
		status = find_usual(model, error);
	if (status == SORI_OK)
		status = sori_classifier_load(&model->findings->classifier, model->database, newest_dictionary(model), error);
	return status == SORI_OK ? inquire(model, error) : status;
}

void sori_report_findings_free(struct sori_report_findings *findings)
{
	if (!findings)
		return;
	sori_panel_free(findings->periods);
	sori_panel_free(findings->history);
	sori_classifier_free(findings->classifier);
	sori_drivers_free(findings->drivers);
	for (size_t i = 0; i < findings->effect_count; i++)
		sori_effect_free(findings->effects[i]);
	sori_free(findings->effects);
	sori_season_free(findings->season);
	sori_emerging_free(findings->emerging);
	sori_panel_free(findings->weeks);
	sori_free(findings);
}
