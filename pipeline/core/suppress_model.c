/* A report model made fit to leave the house. Who is behind each figure comes from the facts: one scan for the values of the
 * dimensions (what rolls up), two for all other cells (distinct customers, and the one who may have most of them).
 *
 *   layout of a category's cells:  total, as-of day, window before, window after, buckets…, values of each dimension…
 *
 * A category whose total is small leaves the model altogether, so do its rows in the findings; the filter cube goes as a whole:
 * slices of slices cannot be audited for every combination. */
#include <sqlite3.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/cells.h"
#include "pipeline/core/fact_scan.h"
#include "pipeline/core/people.h"
#include "pipeline/core/report_cube.h"
#include "pipeline/core/report_findings.h"
#include "pipeline/core/report_query.h"
#include "pipeline/core/suppress.h"
#include "pipeline/stats/missing.h"

enum { TOTAL, AS_OF, BEFORE, AFTER, FIXED };
#define NOWHERE UINT32_MAX

struct hide {
	struct sori_report_model *model;
	unsigned k;
	struct sori_error *error;
	const struct sori_fact_set *sets;
	size_t set_limit;
	uint32_t *row_of;         /* [key_limit] 1 + category index; 0 of key 0: all documents */
	size_t key_limit;
	uint32_t (*value_of)[SORI_REPORT_DIMENSIONS]; /* [cell_limit] */
	size_t cell_limit;
	size_t first_value[SORI_REPORT_DIMENSIONS + 1]; /* of each dimension's values among a row's cells */
	size_t width;             /* cells of a row */
	struct sori_people people;
	enum { VALUES, FIRST, SECOND } pass;
	struct sori_arena scratch;
};

/* ---- numbers */

static enum sori_status find_rows(struct hide *hide)
{
	const struct sori_report_model *model = hide->model;

	for (size_t c = 0; c < model->category_count; c++)
		if ((size_t)model->categories[c].key >= hide->key_limit)
			hide->key_limit = (size_t)model->categories[c].key + 1;
	hide->row_of = sori_arena_alloc(&hide->scratch, (hide->key_limit + 1) * sizeof *hide->row_of);
	if (!hide->row_of)
		return sori_report_no_memory(hide->error);
	memset(hide->row_of, 0xff, (hide->key_limit + 1) * sizeof *hide->row_of);
	for (size_t c = 0; c < model->category_count; c++)
		hide->row_of[model->categories[c].key] = (uint32_t)c + 1;
	return SORI_OK;
}

static uint32_t find_value(const struct sori_report_dimension *dimension, const char *text)
{
	for (size_t v = 0; v < dimension->count; v++)
		if (!strcmp(dimension->values[v].text, text))
			return (uint32_t)v;
	return NOWHERE;
}

static enum sori_status find_cells(struct hide *hide)
{
	sqlite3_stmt *row = NULL;
	enum sori_status status = sori_report_prepare(hide->model->database, &row, "SELECT max(cell) FROM cell", hide->error);

	if (status == SORI_OK)
		status = sori_report_step(row, hide->error);
	hide->cell_limit = status == SORI_OK ? (size_t)sori_report_count(row, 0) + 1 : 0;
	(void)sqlite3_finalize(row);
	if (status != SORI_OK)
		return status;
	hide->value_of = sori_arena_alloc(&hide->scratch, (hide->cell_limit + 1) * sizeof *hide->value_of);
	if (!hide->value_of)
		return sori_report_no_memory(hide->error);
	memset(hide->value_of, 0xff, (hide->cell_limit + 1) * sizeof *hide->value_of);
	status = sori_report_prepare(hide->model->database, &row, "SELECT cell, source, channel, product, region, lang, dim1, dim2, dim3"
				     " FROM cell", hide->error);
	while (status == SORI_OK && (status = sori_report_step(row, hide->error)) == SORI_OK) {
		size_t cell = (size_t)sori_report_count(row, 0);

		for (int d = 0; cell < hide->cell_limit && d < SORI_REPORT_DIMENSIONS; d++) {
			const char *text = (const char *)sqlite3_column_text(row, d + 1);

			hide->value_of[cell][d] = find_value(&hide->model->dimensions[d], text ? text : "");
		}
	}
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static void lay_out(struct hide *hide)
{
	size_t at = FIXED + hide->model->bucket_count;

	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		hide->first_value[d] = at;
		at += hide->model->dimensions[d].count;
	}
	hide->first_value[SORI_REPORT_DIMENSIONS] = hide->width = at;
}

/* ---- counting */

static enum sori_status meet(struct hide *hide, size_t cell, uint64_t customer)
{
	if (hide->pass != SECOND)
		return sori_people_add(&hide->people, cell, customer, hide->error);
	sori_people_check(&hide->people, cell, customer);
	return SORI_OK;
}

static enum sori_status meet_row(struct hide *hide, size_t row, const struct sori_fact *fact)
{
	const struct sori_report_model *model = hide->model;
	const struct sori_report_windows *w = &model->windows;
	size_t base = row * hide->width, bucket = sori_report_bucket_of(model, fact->day);
	bool dated = fact->day != SORI_DAY_NONE;
	enum sori_status status = SORI_OK;

	if (hide->pass != VALUES) {
		status = meet(hide, base + TOTAL, fact->customer);
		if (status == SORI_OK && dated && fact->day == model->as_of)
			status = meet(hide, base + AS_OF, fact->customer);
		if (status == SORI_OK && dated && w->days && fact->day >= w->before_first && fact->day <= w->before_last)
			status = meet(hide, base + BEFORE, fact->customer);
		if (status == SORI_OK && dated && w->days && fact->day >= w->after_first && fact->day <= w->after_last)
			status = meet(hide, base + AFTER, fact->customer);
		if (status == SORI_OK && bucket < model->bucket_count)
			status = meet(hide, base + FIXED + bucket, fact->customer);
	}
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++) {
		uint32_t value = hide->value_of[fact->cell][d];

		if (value != NOWHERE)
			status = meet(hide, base + hide->first_value[d] + value, fact->customer);
	}
	return status;
}

static enum sori_status visit(void *user, const struct sori_fact *fact, struct sori_error *error)
{
	struct hide *hide = user;
	const struct sori_fact_set *set = fact->set < hide->set_limit ? &hide->sets[fact->set] : NULL;
	enum sori_status status;

	(void)error;
	if (!sori_report_in_period(hide->model, fact->day) || fact->cell >= hide->cell_limit)
		return SORI_OK;
	status = meet_row(hide, 0, fact);
	for (size_t i = 0; set && hide->pass != VALUES && i < set->count && status == SORI_OK; i++)
		if (set->categories[i] < hide->key_limit && hide->row_of[set->categories[i]] != NOWHERE)
			status = meet_row(hide, hide->row_of[set->categories[i]], fact);
	return status;
}

static enum sori_status count(struct hide *hide, size_t rows, bool majority)
{
	enum sori_status status;

	sori_people_release(&hide->people);
	lay_out(hide);
	status = sori_people_init(&hide->people, rows * hide->width, hide->k, hide->error);
	hide->pass = rows == 1 ? VALUES : FIRST;
	if (status == SORI_OK)
		status = sori_fact_scan(hide->model->database, visit, hide, hide->error);
	hide->pass = SECOND;
	if (status == SORI_OK && majority && hide->people.any)
		status = sori_fact_scan(hide->model->database, visit, hide, hide->error);
	return status;
}

static struct sori_suppress_cell cell_of(struct hide *hide, size_t row, size_t at, uint64_t documents)
{
	bool estimated;
	size_t cell = row * hide->width + at;
	uint64_t people = sori_people_count(&hide->people, cell, &estimated);

	return (struct sori_suppress_cell){.documents = documents, .people = estimated && people < hide->k ? hide->k : people,
					   .most = sori_people_most(&hide->people, cell)};
}

/* ---- values into 기타 */

struct order {
	uint32_t old;
	uint64_t documents;
};

static void move_samples(struct sori_report_model *model, size_t d, const struct sori_report_dimension *old, const bool *roll)
{
	for (size_t c = 0; c < model->category_count; c++)
		for (size_t s = 0; s < model->categories[c].sample_count; s++) {
			struct sori_report_sample *sample = &model->categories[c].samples[s];
			uint32_t value = sample->value[d] ? find_value(old, sample->value[d]) : NOWHERE;

			if (value != NOWHERE && roll[value])
				sample->value[d] = SORI_DIMENSION_OTHER;
		}
}

/* Takes the rolled values out and puts their sum where its size stands; all parallel arrays follow. */
static enum sori_status roll_up(struct hide *hide, size_t d, size_t other, const bool *roll)
{
	struct sori_report_model *model = hide->model;
	struct sori_report_dimension *dimension = &model->dimensions[d], old = *dimension;
	struct sori_report_value *values = sori_arena_zero(&model->arena, old.count + 2, sizeof *values), sum = {0};
	uint32_t *from = sori_arena_zero(&hide->scratch, old.count + 2, sizeof *from);
	size_t kept = 0, place = 0;

	if (!values || !from)
		return sori_report_no_memory(hide->error);
	sum = (struct sori_report_value){SORI_DIMENSION_OTHER, strlen(SORI_DIMENSION_OTHER), 0};
	for (size_t v = 0; v < old.count; v++)
		sum.documents += roll[v] || v == other ? old.values[v].documents : 0;
	while (place < old.count && (roll[place] || place == other || old.values[place].documents >= sum.documents))
		place++;
	for (size_t v = 0; v <= old.count; v++) {
		if (v == place) {
			from[kept] = NOWHERE;
			values[kept++] = sum;
		}
		if (v < old.count && !roll[v] && v != other) {
			from[kept] = (uint32_t)v;
			values[kept++] = old.values[v];
		}
	}
	move_samples(model, d, &old, roll);
	dimension->values = values;
	dimension->count = kept;
	for (size_t c = 0; c < model->category_count; c++) {
		uint64_t *by = sori_arena_zero(&model->arena, kept + 1, sizeof *by), *before = model->categories[c].by[d];

		if (!by)
			return sori_report_no_memory(hide->error);
		for (size_t v = 0; v < kept; v++)
			if (from[v] != NOWHERE)
				by[v] = before[from[v]];
			else
				for (size_t o = 0; o < old.count; o++)
					by[v] += roll[o] || o == other ? before[o] : 0;
		model->categories[c].by[d] = by;
	}
	for (size_t cell = 0; cell < hide->cell_limit; cell++) {
		uint32_t value = hide->value_of[cell][d];

		if (value == NOWHERE)
			continue;
		for (uint32_t v = 0; v < kept; v++)
			if (from[v] == value || (from[v] == NOWHERE && (roll[value] || value == other)))
				hide->value_of[cell][d] = v;
	}
	return SORI_OK;
}

static enum sori_status roll_values(struct hide *hide)
{
	struct sori_report_model *model = hide->model;
	enum sori_status status = count(hide, 1, false);

	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++) {
		const struct sori_report_dimension *dimension = &model->dimensions[d];
		uint64_t *people = sori_arena_zero(&hide->scratch, dimension->count + 1, sizeof *people);
		bool *roll = sori_arena_zero(&hide->scratch, dimension->count + 1, sizeof *roll);
		uint32_t other = find_value(dimension, SORI_DIMENSION_OTHER);

		if (!people || !roll)
			return sori_report_no_memory(hide->error);
		for (size_t v = 0; v < dimension->count; v++)
			people[v] = cell_of(hide, 0, hide->first_value[d] + v, dimension->values[v].documents).people;
		if (sori_suppress_values(people, dimension->count, other == NOWHERE ? SIZE_MAX : other, hide->k, roll))
			status = roll_up(hide, d, other == NOWHERE ? SIZE_MAX : other, roll);
	}
	return status;
}

/* ---- cells */

/* One row against its total: hides in `counts`, and says through *any whether something is hidden. */
static enum sori_status hide_line(struct hide *hide, size_t row, size_t first, uint64_t *counts, size_t columns, bool *any)
{
	struct sori_suppress_cell *cells = sori_alloc_zero(columns + 1, sizeof *cells);
	unsigned char *marks = sori_alloc_zero(columns + 2, 1);
	struct sori_suppress_table table = {.rows = 1, .columns = columns, .cells = cells, .row_totals = true, .k = hide->k, .mark = marks,
					    .row_mark = marks ? marks + columns : NULL};
	enum sori_status status = cells && marks ? SORI_OK : sori_report_no_memory(hide->error);

	for (size_t i = 0; i < columns && status == SORI_OK; i++)
		cells[i] = cell_of(hide, row, first + i, counts[i]);
	if (status == SORI_OK)
		status = sori_suppress_table(&table, hide->error);
	*any = false;
	for (size_t i = 0; i < columns && status == SORI_OK; i++)
		if (marks[i] || (marks[columns] && counts[i])) { /* a lone cell is its total, which stays: then all that is not zero goes */
			counts[i] = SORI_HIDDEN;
			*any = true;
		}
	sori_free(cells);
	sori_free(marks);
	return status;
}

static bool small(struct hide *hide, size_t row, size_t at, uint64_t documents)
{
	struct sori_suppress_cell cell = cell_of(hide, row, at, documents);

	return sori_suppress_alone(&cell, hide->k);
}

static void hide_change(struct sori_report_change *change)
{
	change->verdict = SORI_VERDICT_TOO_LITTLE;
	change->before = change->after = SORI_HIDDEN;
	change->difference = change->low = change->high = change->excess = sori_na();
	change->ratio = change->ratio_low = change->ratio_high = change->q = sori_na();
	change->complaints_before = change->complaints_after = change->share_before = change->share_after = sori_na();
}

static bool hidden_bucket(const struct hide *hide, const struct sori_report_category *category, sori_day first, sori_day last)
{
	const struct sori_report_model *model = hide->model;

	for (size_t b = 0; b < model->bucket_count; b++)
		if (category->series[b] == SORI_HIDDEN && model->buckets[b].first <= last && model->buckets[b].last >= first)
			return true;
	return false;
}

static void hide_samples(struct hide *hide, struct sori_report_category *category)
{
	const struct sori_report_model *model = hide->model;

	for (size_t s = 0; s < category->sample_count; s++) {
		struct sori_report_sample *sample = &category->samples[s];

		sample->place = "";
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
			uint32_t value = sample->value[d] ? find_value(&model->dimensions[d], sample->value[d]) : NOWHERE;

			if (value == NOWHERE || category->by[d][value] == SORI_HIDDEN)
				sample->value[d] = "";
		}
		if (sample->day != SORI_DAY_NONE && hidden_bucket(hide, category, sample->day, sample->day))
			sample->day = SORI_DAY_NONE;
	}
}

static enum sori_status hide_category(struct hide *hide, size_t row, struct sori_report_category *category)
{
	const struct sori_report_model *model = hide->model;
	const struct sori_report_windows *w = &model->windows;
	uint64_t as_of = category->as_of;
	enum sori_status status;
	bool any;

	status = hide_line(hide, row, FIXED, category->series, model->bucket_count, &any);
	if (any)
		category->usual.known = false;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++)
		status = hide_line(hide, row, hide->first_value[d], category->by[d], model->dimensions[d].count, &any);
	if (status != SORI_OK)
		return status;
	if (small(hide, row, AS_OF, as_of) || (model->as_of != SORI_DAY_NONE && hidden_bucket(hide, category, model->as_of, model->as_of)))
		category->as_of = SORI_HIDDEN;
	if (small(hide, row, BEFORE, category->change.before) || small(hide, row, AFTER, category->change.after) ||
	    (w->days && hidden_bucket(hide, category, w->before_first, w->after_last)))
		hide_change(&category->change);
	if (category->ever > category->documents && category->ever - category->documents < hide->k)
		category->ever = SORI_HIDDEN;
	hide_samples(hide, category);
	return SORI_OK;
}

/* Findings of categories that left, and rows with small counts. */
static void hide_findings(const struct hide *hide)
{
	struct sori_report_findings *findings = hide->model->findings;
	size_t kept = 0;

	if (!findings)
		return;
	for (size_t i = 0; i < findings->changes.row_count; i++) {
		const struct sori_report_category *category = sori_report_category_of(hide->model, findings->changes.rows[i].category);

		if (category && category->change.before != SORI_HIDDEN)
			findings->changes.rows[kept++] = findings->changes.rows[i];
	}
	findings->changes.row_count = kept;
	for (size_t i = 0; i < findings->alerts.row_count; i++) {
		struct sori_alert *row = &findings->alerts.rows[i];
		const struct sori_report_category *category = row->category ? sori_report_category_of(hide->model, row->category) : NULL;
		bool lone = row->level == SORI_ALERT_CATEGORY && (!category || category->as_of == SORI_HIDDEN);

		if (!lone && !(row->observed > 0.0 && row->observed < (double)hide->k))
			continue;
		row->word = SORI_ALERT_TOO_LITTLE;
		row->observed = row->expected = row->lower = row->upper = row->p = row->q = row->phi = sori_na();
		row->complaints = row->complaints_expected = row->complaints_upper = sori_na();
		row->whole = row->cause = NULL;
	}
}

/* A bucket with few documents is a gap in the charts, and so are the categories' points in it. */
static enum sori_status hide_buckets(struct hide *hide)
{
	struct sori_report_model *model = hide->model;
	uint64_t *documents = sori_arena_zero(&hide->scratch, model->bucket_count + 1, sizeof *documents);
	enum sori_status status = documents ? SORI_OK : sori_report_no_memory(hide->error);
	bool any;

	for (size_t b = 0; b < model->bucket_count && status == SORI_OK; b++)
		documents[b] = model->buckets[b].documents;
	if (status == SORI_OK)
		status = hide_line(hide, 0, FIXED, documents, model->bucket_count, &any);
	for (size_t b = 0; b < model->bucket_count && status == SORI_OK; b++) {
		if (!sori_is_hidden(documents[b]))
			continue;
		model->buckets[b].documents = 0;
		for (size_t c = 0; c < model->category_count; c++)
			model->categories[c].series[b] = model->categories[c].series[b] ? SORI_HIDDEN : 0;
	}
	return status;
}

static enum sori_status hide_all(struct hide *hide)
{
	struct sori_report_model *model = hide->model;
	size_t kept = 0;
	enum sori_status status = count(hide, model->category_count + 1, true);
	bool any;

	if (status != SORI_OK)
		return status;
	model->by_documents = !hide->people.any;
	for (size_t c = 0; c < model->category_count && status == SORI_OK; c++) {
		struct sori_report_category *category = &model->categories[c];

		if (category->documents && small(hide, c + 1, TOTAL, category->documents)) {
			model->hidden_categories++;
			continue;
		}
		status = hide_category(hide, c + 1, category);
		model->categories[kept++] = *category;
	}
	model->category_count = kept;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS && status == SORI_OK; d++) {
		struct sori_report_dimension *dimension = &model->dimensions[d];
		uint64_t *documents = sori_arena_zero(&hide->scratch, dimension->count + 1, sizeof *documents);

		if (!documents)
			return sori_report_no_memory(hide->error);
		for (size_t v = 0; v < dimension->count; v++)
			documents[v] = dimension->values[v].documents;
		status = hide_line(hide, 0, hide->first_value[d], documents, dimension->count, &any);
		for (size_t v = 0; v < dimension->count; v++)
			dimension->values[v].documents = documents[v];
	}
	if (status == SORI_OK)
		status = hide_buckets(hide);
	if (status == SORI_OK && model->none != SORI_REPORT_UNKNOWN && model->none && model->none < hide->k)
		model->none = SORI_REPORT_UNKNOWN;
	if (status == SORI_OK && model->pain != SORI_REPORT_UNKNOWN && model->pain && model->pain < hide->k)
		model->pain = SORI_REPORT_UNKNOWN;
	hide_findings(hide);
	return status;
}

enum sori_status sori_suppress_model(struct sori_report_model *model, enum sori_publish publish, struct sori_error *error)
{
	struct hide hide = {.model = model, .k = sori_publish_threshold(publish), .error = error};
	enum sori_status status;

	if (!hide.k)
		return SORI_OK;
	model->publish_k = hide.k;
	sori_report_cube_free(model->cube);
	model->cube = NULL;
	sori_arena_init(&hide.scratch, 1 << 16);
	status = sori_fact_sets(model->database, &hide.scratch, &hide.sets, &hide.set_limit, error);
	if (status == SORI_OK)
		status = find_rows(&hide);
	if (status == SORI_OK)
		status = find_cells(&hide);
	if (status == SORI_OK)
		status = roll_values(&hide);
	if (status == SORI_OK)
		status = hide_all(&hide);
	sori_people_release(&hide.people);
	sori_arena_release(&hide.scratch);
	return status;
}
