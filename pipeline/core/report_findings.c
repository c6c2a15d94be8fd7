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
			.complaints_before = na, .complaints_after = na, .difference = na, .low = na, .high = na, .ratio = na, .ratio_low = na, .ratio_high = na, .q = na};
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
		status = sori_compare_run(findings->periods, &before, &after, changes, error);
	if (status != SORI_OK)
		return status;
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
	return status;
}

void sori_report_findings_free(struct sori_report_findings *findings)
{
	if (!findings)
		return;
	sori_panel_free(findings->periods);
	sori_panel_free(findings->history);
	sori_classifier_free(findings->classifier);
	sori_free(findings);
}
