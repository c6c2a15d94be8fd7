/* The rows of a night or a week: volume, groups, categories; analyse_night.c judges each series. False discovery rates are
 * controlled within the night, groups and categories apart; one text sent many times (documents over the bound, distinct
 * complaints not) stays a watch.
 *
 * A group (the ids' part before the first dot) counts mentions: the sum over its categories. It is judged before them. When a
 * category and its group both rise, the group without the category decides whose rise it is: quiet means the category's. */
#include "pipeline/core/analyse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/analyse_night.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"

static size_t group_end(const struct sori_panel *panel, size_t first)
{
	const struct sori_panel_category *head = &panel->categories[first];
	size_t end = first + 1;

	while (end < panel->category_count && panel->categories[end].stem == head->stem &&
	       !memcmp(panel->categories[end].id, head->id, head->stem))
		end++;
	return end;
}

static bool spoke(const struct sori_night *night, size_t category)
{
	const double *y = sori_panel_series(night->panel, 0, category);

	for (size_t i = 0; i < night->periods * night->span; i++)
		if (y[night->begin + i] > 0.0)
			return true;
	return false;
}

/* A group of two or more categories with documents, then those. */
static enum sori_status judge_group(struct sori_night *night, size_t first, size_t last, struct sori_error *error)
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
		status = sori_night_categories(night, first, last, SIZE_MAX, row, error);
	}
	for (size_t k = first; k < last && status == SORI_OK; k++) {
		struct sori_alert *row = &result->rows[result->row_count];

		if (!spoke(night, k))
			continue;
		result->row_count++;
		row->level = SORI_ALERT_CATEGORY;
		row->category = &night->panel->categories[k];
		row->id_length = strlen(row->category->id);
		status = sori_night_categories(night, k, k + 1, SIZE_MAX, row, error);
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
		if (row->word == SORI_ALERT_WATCH && row->q <= SORI_NIGHT_FALSE_DISCOVERIES && !row->copies)
			row->word = SORI_ALERT_ALERT;
	}
	sori_free(p);
	sori_free(q);
	return status;
}

/* Rows [group + 1, end) are the group's categories. */
static enum sori_status attribute(struct sori_night *night, size_t group, size_t end, struct sori_error *error)
{
	struct sori_alert *rows = night->result->rows;
	size_t first = (size_t)(rows[group].category - night->panel->categories), last = group_end(night->panel, first);
	enum sori_status status = SORI_OK;

	for (size_t i = group + 1; i < end && status == SORI_OK; i++) {
		size_t leaf = (size_t)(rows[i].category - night->panel->categories);
		struct sori_alert rest = {0};

		if (rows[i].word < SORI_ALERT_WATCH)
			continue;
		status = sori_night_categories(night, first, last, leaf, &rest, error);
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
static enum sori_status order(struct sori_night *night, struct sori_error *error)
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

static enum sori_status judge_all(struct sori_night *night, struct sori_error *error)
{
	struct sori_alerts_result *result = night->result;
	enum sori_status status = sori_night_volume(night, &result->rows[result->row_count++], error);

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

static enum sori_status run(struct sori_panel *panel, bool weekly, struct sori_alerts_result *result, struct sori_error *error)
{
	struct sori_night night;
	enum sori_status status;

	*result = (struct sori_alerts_result){0};
	status = sori_night_begin(&night, panel, result, weekly, error);
	result->rows = sori_arena_zero(&panel->arena, 2 * panel->category_count + 1, sizeof *result->rows);
	if (status == SORI_OK && !result->rows)
		status = sori_report_no_memory(error);
	if (status == SORI_OK && night.periods)
		status = judge_all(&night, error);
	sori_night_release(&night);
	return status;
}

enum sori_status sori_alerts_run(struct sori_panel *panel, struct sori_alerts_result *result, struct sori_error *error)
{
	return run(panel, false, result, error);
}

enum sori_status sori_alerts_run_weekly(struct sori_panel *panel, struct sori_alerts_result *result, struct sori_error *error)
{
	return run(panel, true, result, error);
}
