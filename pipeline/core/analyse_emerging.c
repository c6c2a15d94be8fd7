/* voices -> distinct complaints of window and baseline -> terms -> document frequencies -> gate and rank. The family of the tests is
 * every term with 5 documents in window and baseline together, a choice that is blind to direction. Sorting is by z as printed (six
 * digits), then by text, so that the order does not hang on the last bit of libm. */
#include "pipeline/core/analyse_emerging.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/core/similar.h"
#include "pipeline/core/terms.h"
#include "pipeline/core/voices.h"
#include "pipeline/stats/keyness.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"
#include "pipeline/text/normalize.h"
#include "pipeline/text/sketch.h"

#define PRIOR 500.0
#define FEWEST_WINDOW 200.0
#define FEWEST_DOCUMENTS 5.0
#define FEWEST_CUSTOMERS 3
#define FEWEST_DAYS 2
#define LEVEL 0.05
#define MISSES 20       /* nearest misses shown */
#define TOGETHER 0.8    /* share of a word's documents that a pair takes with it */

enum part { HISTORY, BASELINE, WINDOW, PARTS };

struct document {
	const struct sori_voice *voice;
	unsigned char part;
};

struct emerging {
	const struct sori_emerging_query *query;
	const struct sori_panel *panel;
	struct sori_emerging *result;
	struct sori_voice *voices;
	size_t voice_count;
	struct document *documents; /* distinct complaints */
	size_t document_count;
	struct sori_terms terms;
	double (*counts)[PARTS];    /* [terms] */
	size_t *first_use;          /* [terms + 1] */
	struct sori_error *error;
};

static enum part part_of(const struct sori_emerging_query *query, sori_day day)
{
	if (day >= query->from && day <= query->to)
		return WINDOW;
	return day >= query->base_from && day <= query->base_to ? BASELINE : HISTORY;
}

/* ---- distinct complaints */

struct texts {
	struct sori_buffer all;     /* normalised, one after the other */
	size_t *start;              /* [count + 1] */
	struct sori_sketch *sketches;
};

static enum sori_status normalize(const struct emerging *e, struct texts *texts)
{
	texts->start = sori_alloc((e->voice_count + 1) * sizeof *texts->start);
	texts->sketches = sori_alloc((e->voice_count + 1) * sizeof *texts->sketches);
	sori_buffer_init(&texts->all, (size_t)1 << 30);
	if (!texts->start || !texts->sketches)
		return sori_report_no_memory(e->error);
	for (size_t i = 0; i < e->voice_count; i++) {
		size_t length = texts->all.length;
		enum sori_status status;

		texts->start[i] = length;
		status = sori_normalize(e->voices[i].text, &texts->all, NULL);
		if (status == SORI_SYSTEM)
			return sori_report_no_memory(e->error);
		if (status != SORI_OK)
			texts->all.length = length; /* grows beyond reason: no terms */
		texts->all.failed = false;
		sori_sketch_of(sori_view_make(texts->all.at ? texts->all.at + length : "", texts->all.length - length), &texts->sketches[i]);
	}
	texts->start[e->voice_count] = texts->all.length;
	return SORI_OK;
}

static struct sori_view text_of(const struct texts *texts, size_t i)
{
	return sori_view_make(texts->all.at ? texts->all.at + texts->start[i] : "", texts->start[i + 1] - texts->start[i]);
}

/* In window and baseline nearly equal texts count once over all days, if they are long enough to be copies and not a common word;
 * short ones and history count once a day. */
static enum sori_status collapse(struct emerging *e, const struct texts *texts)
{
	struct sori_similar similar = {0};
	enum sori_status status = SORI_OK;

	e->documents = sori_alloc((e->voice_count + 1) * sizeof *e->documents);
	if (!e->documents)
		return sori_report_no_memory(e->error);
	for (size_t from = 0, to; from < e->voice_count && status == SORI_OK; from = to) {
		enum part part = part_of(e->query, e->voices[from].day);

		for (to = from + 1; to < e->voice_count && part_of(e->query, e->voices[to].day) == part &&
				    (part != HISTORY || e->voices[to].day == e->voices[from].day);)
			to++;
		status = sori_similar_group(&similar, texts->sketches + from, sizeof *texts->sketches, to - from, e->error);
		for (size_t i = from; i < to && status == SORI_OK; i++) {
			size_t first = from + similar.parent[i - from];
			bool copy = first != i && (e->voices[first].day == e->voices[i].day || text_of(texts, i).length >= 3 * SORI_SKETCH_CHARACTERS);

			if (!copy)
				e->documents[e->document_count++] = (struct document){&e->voices[i], (unsigned char)part};
		}
	}
	sori_similar_release(&similar);
	return status;
}

static enum sori_status gather(struct emerging *e, const struct texts *texts)
{
	struct sori_term_gather *gathered = sori_term_gather_new(&e->query->grammar);
	enum sori_status status = gathered ? SORI_OK : sori_report_no_memory(e->error);

	for (size_t d = 0; d < e->document_count && status == SORI_OK; d++)
		status = sori_term_gather_add(gathered, text_of(texts, (size_t)(e->documents[d].voice - e->voices)), e->error);
	if (status == SORI_OK)
		status = sori_term_gather_end(gathered, &e->terms, e->error);
	sori_term_gather_free(gathered);
	return status;
}

static enum sori_status read_voices(struct emerging *e, struct sqlite3 *database)
{
	size_t kept = 0, of_day = 0;
	enum sori_status status = sori_voices_read(database, e->query->history_from, e->query->to, &e->result->arena, &e->voices,
						   &e->voice_count, e->error);
	sori_day last = SORI_DAY_NONE;

	for (size_t i = 0; i < e->voice_count && status == SORI_OK; i++) {
		const struct sori_voice *voice = &e->voices[i];

		of_day = i && voice->day == last ? of_day + 1 : 1;
		last = voice->day;
		if (of_day == SORI_VOICES_PER_DAY && part_of(e->query, voice->day) != HISTORY)
			e->result->sampled = true; /* there may be more of that day than the sample holds */
		if (voice->cell < e->panel->cell_limit && (e->panel->member[voice->cell] & 1) && voice->day >= e->query->history_from) {
			e->result->customers_known = e->result->customers_known || voice->customer;
			e->voices[kept++] = *voice;
		}
	}
	e->voice_count = kept;
	return status;
}

/* ---- figures */

static enum sori_status count_terms(struct emerging *e)
{
	const struct sori_terms *terms = &e->terms;

	e->counts = sori_alloc_zero(terms->count + 1, sizeof *e->counts);
	e->first_use = sori_alloc_zero(terms->count + 2, sizeof *e->first_use);
	if (!e->counts || !e->first_use)
		return sori_report_no_memory(e->error);
	for (size_t u = 0; u < terms->use_count; u++) {
		const struct sori_term_use *use = &terms->uses[u];

		e->counts[use->term][e->documents[use->document].part] += 1.0;
		e->first_use[use->term + 1] = u + 1;
	}
	return SORI_OK;
}

static void keyness_of(struct sori_emerging_row *row)
{
	struct sori_keyness k = sori_keyness(row->a, row->b, row->n_a, row->n_b);

	row->log_ratio = k.log_ratio;
	row->low = k.log_ratio_low;
	row->high = k.log_ratio_high;
	row->g2 = k.g2;
	row->p = k.p_g2;
	row->q = sori_na();
	row->is_new = row->b == 0.0;
	row->baseline_most = row->is_new && row->n_b > 0.0 ? 3.0 / row->n_b : sori_na();
}

/* Who says so, when, and in which words: the window's documents of a term. */
static void describe(const struct emerging *e, size_t term, struct sori_emerging_row *row)
{
	const struct sori_terms *terms = &e->terms;
	uint64_t met[FEWEST_CUSTOMERS + SORI_EMERGING_QUOTES] = {0};
	size_t known = 0, anonymous = 0, quotes = 0;
	sori_day last = SORI_DAY_NONE;

	row->first_seen = SORI_DAY_NONE;
	for (size_t u = e->first_use[term]; u < e->first_use[term + 1]; u++) {
		const struct document *document = &e->documents[terms->uses[u].document];
		const struct sori_voice *voice = document->voice;
		bool fresh = true;

		if (row->first_seen == SORI_DAY_NONE || voice->day < row->first_seen)
			row->first_seen = voice->day;
		if (document->part != WINDOW)
			continue;
		row->days += voice->day != last;
		last = voice->day;
		for (size_t i = 0; voice->customer && i < known; i++)
			fresh = fresh && met[i] != voice->customer;
		if (!voice->customer)
			anonymous++;
		else if (fresh && known < sizeof met / sizeof *met)
			met[known++] = voice->customer;
		if (fresh && quotes < SORI_EMERGING_QUOTES) {
			row->quotes[quotes] = voice->text;
			row->quote_day[quotes++] = voice->day;
		}
	}
	row->customers = e->result->customers_known ? known + anonymous : 0;
}

/* Distinct customers of the window beyond the few that the gate looks at. */
static size_t count_customers(const struct emerging *e, size_t term, uint64_t *room)
{
	size_t count = 0, anonymous = 0;

	for (size_t u = e->first_use[term]; u < e->first_use[term + 1]; u++) {
		const struct document *document = &e->documents[e->terms.uses[u].document];
		bool fresh = true;

		if (document->part != WINDOW)
			continue;
		if (!document->voice->customer) {
			anonymous++;
			continue;
		}
		for (size_t i = 0; i < count && fresh; i++)
			fresh = room[i] != document->voice->customer;
		if (fresh)
			room[count++] = document->voice->customer;
	}
	return count + anonymous;
}

static const char *gate(const struct emerging *e, const struct sori_emerging_row *row)
{
	if (row->a < FEWEST_DOCUMENTS)
		return "few-documents";
	if (!row->category && e->result->customers_known && row->customers < FEWEST_CUSTOMERS)
		return "few-customers";
	if (row->days < FEWEST_DAYS)
		return "one-day";
	if (!(row->q < LEVEL))
		return "not-clear";
	return row->low > 0.0 ? "" : "interval";
}

static double six_digits(double value)
{
	char room[32];

	(void)snprintf(room, sizeof room, "%.6g", value);
	return strtod(room, NULL);
}

static int by_rank(const void *left, const void *right)
{
	const struct sori_emerging_row *a = left, *b = right;
	double za = isnan(a->z) ? -1e9 : six_digits(a->z), zb = isnan(b->z) ? -1e9 : six_digits(b->z);

	if (a->passes != b->passes)
		return b->passes - a->passes;
	if (za != zb)
		return za > zb ? -1 : 1;
	return sori_view_compare(a->term, b->term);
}

static enum sori_status test(struct sori_emerging_row *rows, size_t count, size_t *tested, struct sori_error *error)
{
	double *p = sori_alloc((count + 1) * sizeof *p), *q = sori_alloc((count + 1) * sizeof *q);
	enum sori_status status = p && q ? SORI_OK : sori_report_no_memory(error);

	for (size_t i = 0; i < count && status == SORI_OK; i++)
		p[i] = rows[i].p;
	if (status == SORI_OK)
		status = sori_fdr(p, count, q, NULL, tested, error);
	for (size_t i = 0; i < count && status == SORI_OK; i++)
		rows[i].q = q[i];
	sori_free(p);
	sori_free(q);
	return status;
}

/* ---- terms */

static enum sori_status make_rows(struct emerging *e, struct sori_emerging_row **rows, size_t *count)
{
	struct sori_emerging *result = e->result;
	const struct sori_terms *terms = &e->terms;
	double *columns = sori_alloc_zero(3 * terms->count + 1, sizeof *columns);
	struct sori_log_odds_totals totals;
	double n[PARTS] = {0};

	*rows = sori_alloc_zero(terms->count + 1, sizeof **rows);
	if (!columns || !*rows) {
		sori_free(columns);
		return sori_report_no_memory(e->error);
	}
	for (size_t t = 0; t < terms->count; t++)
		for (int part = 0; part < PARTS; part++)
			columns[(size_t)part * terms->count + t] = e->counts[t][part];
	totals = sori_log_odds_totals(columns + WINDOW * terms->count, columns + BASELINE * terms->count, columns + HISTORY * terms->count,
				      terms->count, PRIOR);
	sori_free(columns);
	for (size_t d = 0; d < e->document_count; d++)
		n[e->documents[d].part] += 1.0;
	result->window_read = n[WINDOW];
	result->read = n[WINDOW] + n[BASELINE];
	result->too_few = n[WINDOW] < FEWEST_WINDOW;
	for (size_t t = 0; t < terms->count && !result->too_few; t++) {
		const double *c = e->counts[t];
		struct sori_emerging_row *row = &(*rows)[*count];

		if (c[WINDOW] + c[BASELINE] < FEWEST_DOCUMENTS)
			continue;
		*row = (struct sori_emerging_row){.term = terms->text[t], .bigram = terms->pair[t], .a = c[WINDOW], .b = c[BASELINE],
						  .n_a = n[WINDOW], .n_b = n[BASELINE]};
		keyness_of(row);
		row->z = sori_log_odds(c[WINDOW], c[BASELINE], c[HISTORY], &totals).z;
		row->quote_day[0] = (sori_day)t; /* the term's number until `describe` */
		++*count;
	}
	return SORI_OK;
}

/* A word that is hardly ever without its passing neighbour is told by the pair. */
static void fold_pairs(struct sori_emerging_row *rows, size_t passed)
{
	for (size_t i = 0; i < passed; i++) {
		if (rows[i].bigram)
			continue;
		for (size_t j = 0; j < passed && rows[i].passes; j++) {
			struct sori_view pair = rows[j].term, word = rows[i].term;
			bool ends, begins;

			if (!rows[j].bigram || rows[j].a < TOGETHER * rows[i].a)
				continue;
			begins = pair.length > word.length && pair.at[word.length] == ' ' && !memcmp(pair.at, word.at, word.length);
			ends = pair.length > word.length && pair.at[pair.length - word.length - 1] == ' ' &&
			       !memcmp(pair.at + pair.length - word.length, word.at, word.length);
			rows[i].passes = !(begins || ends);
		}
	}
}

/* Rows of the result: terms that pass, then the nearest misses; texts go to the result's arena. */
static enum sori_status keep_rows(struct emerging *e, struct sori_emerging_row *rows, size_t count, size_t passed)
{
	struct sori_emerging *result = e->result;
	size_t limit = e->query->limit && e->query->limit < passed ? e->query->limit : passed;
	size_t misses = count - passed < MISSES ? count - passed : MISSES;

	result->terms = sori_arena_zero(&result->arena, limit + misses + 1, sizeof *result->terms);
	if (!result->terms)
		return sori_report_no_memory(e->error);
	for (size_t i = 0; i < count && result->term_count < limit + misses; i++) {
		struct sori_emerging_row *row = &result->terms[result->term_count];

		if (i >= limit && i < passed)
			continue;
		*row = rows[i];
		row->term = sori_arena_copy(&result->arena, rows[i].term);
		if (!row->term.at)
			return sori_report_no_memory(e->error);
		result->term_count++;
	}
	return SORI_OK;
}

static enum sori_status rank_terms(struct emerging *e)
{
	struct sori_emerging *result = e->result;
	struct sori_emerging_row *rows = NULL;
	uint64_t *room = sori_alloc((e->document_count + 1) * sizeof *room);
	size_t count = 0, passed = 0;
	enum sori_status status = room ? make_rows(e, &rows, &count) : sori_report_no_memory(e->error);

	if (status == SORI_OK)
		status = test(rows, count, &result->terms_tested, e->error);
	for (size_t i = 0; i < count && status == SORI_OK; i++) {
		size_t term = (size_t)rows[i].quote_day[0];

		rows[i].quote_day[0] = SORI_DAY_NONE;
		describe(e, term, &rows[i]);
		rows[i].why_not = gate(e, &rows[i]);
		rows[i].passes = !*rows[i].why_not;
		if (rows[i].passes && result->customers_known)
			rows[i].customers = count_customers(e, term, room);
		passed += rows[i].passes;
	}
	if (status == SORI_OK && count)
		qsort(rows, count, sizeof *rows, by_rank);
	if (status == SORI_OK) {
		size_t kept = 0;

		fold_pairs(rows, passed);
		for (size_t i = 0; i < count; i++)
			if (i >= passed || rows[i].passes)
				rows[kept++] = rows[i];
		passed -= count - kept;
		result->terms_passed = passed;
		status = keep_rows(e, rows, kept, passed);
	}
	sori_free(rows);
	sori_free(room);
	return status;
}

/* ---- categories, by the exact daily counts */

static void add_category_days(const struct emerging *e, size_t category, struct sori_emerging_row *row, double counts[PARTS])
{
	const struct sori_panel *panel = e->panel;
	const double *y = sori_panel_series(panel, 0, category);

	row->first_seen = SORI_DAY_NONE;
	for (size_t i = 0; i < panel->days; i++) {
		sori_day day = panel->first + (sori_day)i;

		if (day > e->query->to || day < e->query->history_from || !(y[i] > 0.0))
			continue;
		counts[part_of(e->query, day)] += y[i];
		row->first_seen = row->first_seen == SORI_DAY_NONE ? day : row->first_seen;
		row->days += part_of(e->query, day) == WINDOW;
	}
}

/* One dictionary in window and baseline? */
static bool one_dictionary(const struct emerging *e)
{
	int64_t dictionary = 0;

	for (size_t i = 0; i < e->panel->days; i++) {
		sori_day day = e->panel->first + (sori_day)i;
		int64_t here = e->panel->sides[0].dictionary[i];

		if (part_of(e->query, day) == HISTORY || day > e->query->to || !here)
			continue;
		dictionary = dictionary == 0 || dictionary == here ? here : -1;
	}
	return dictionary != -1;
}

static enum sori_status rank_categories(struct emerging *e)
{
	struct sori_emerging *result = e->result;
	const struct sori_panel *panel = e->panel;
	struct sori_emerging_row *rows = sori_arena_zero(&result->arena, panel->category_count + 1, sizeof *rows);
	double *columns = sori_alloc_zero(3 * panel->category_count + 1, sizeof *columns), n[PARTS] = {0};
	struct sori_log_odds_totals totals;
	bool comparable = one_dictionary(e);
	enum sori_status status = rows && columns ? SORI_OK : sori_report_no_memory(e->error);

	for (size_t i = 0; i < panel->days; i++)
		if (panel->first + (sori_day)i >= e->query->history_from && panel->first + (sori_day)i <= e->query->to)
			n[part_of(e->query, panel->first + (sori_day)i)] += panel->sides[0].all[i];
	result->window_documents = n[WINDOW];
	result->documents = n[WINDOW] + n[BASELINE];
	for (size_t k = 0; k < panel->category_count && status == SORI_OK; k++) {
		double counts[PARTS] = {0};

		rows[k] = (struct sori_emerging_row){.term = sori_view_of(panel->categories[k].id), .category = &panel->categories[k]};
		add_category_days(e, k, &rows[k], counts);
		for (int part = 0; part < PARTS; part++)
			columns[(size_t)part * panel->category_count + k] = counts[part];
	}
	totals = status == SORI_OK ? sori_log_odds_totals(columns + WINDOW * panel->category_count, columns + BASELINE * panel->category_count,
							  columns + HISTORY * panel->category_count, panel->category_count, PRIOR)
				   : (struct sori_log_odds_totals){0};
	for (size_t k = 0; k < panel->category_count && status == SORI_OK; k++) {
		struct sori_emerging_row row = rows[k];

		row.a = columns[WINDOW * panel->category_count + k];
		row.b = columns[BASELINE * panel->category_count + k];
		row.n_a = n[WINDOW];
		row.n_b = n[BASELINE];
		if (row.a + row.b < FEWEST_DOCUMENTS || n[WINDOW] < FEWEST_WINDOW)
			continue;
		keyness_of(&row);
		row.p = comparable ? row.p : sori_na();
		row.z = sori_log_odds(row.a, row.b, columns[HISTORY * panel->category_count + k], &totals).z;
		rows[result->category_count++] = row;
	}
	if (status == SORI_OK)
		status = test(rows, result->category_count, &result->categories_tested, e->error);
	for (size_t k = 0; k < result->category_count && status == SORI_OK; k++) {
		rows[k].why_not = comparable ? gate(e, &rows[k]) : "dictionary";
		rows[k].passes = !*rows[k].why_not;
		result->categories_passed += rows[k].passes;
	}
	if (status == SORI_OK && result->category_count)
		qsort(rows, result->category_count, sizeof *rows, by_rank);
	result->categories = rows;
	sori_free(columns);
	return status;
}

enum sori_status sori_emerging_run(struct sori_emerging **out, struct sqlite3 *database, const struct sori_panel *panel,
				   const struct sori_emerging_query *query, struct sori_error *error)
{
	struct emerging e = {.query = query, .panel = panel, .error = error};
	struct texts texts = {0};
	enum sori_status status;

	*out = NULL;
	e.result = sori_alloc_zero(1, sizeof *e.result);
	if (!e.result)
		return sori_report_no_memory(error);
	sori_arena_init(&e.result->arena, 1 << 16);
	status = rank_categories(&e);
	if (status == SORI_OK)
		status = read_voices(&e, database);
	if (status == SORI_OK)
		status = normalize(&e, &texts);
	if (status == SORI_OK)
		status = collapse(&e, &texts);
	if (status == SORI_OK)
		status = gather(&e, &texts);
	if (status == SORI_OK)
		status = count_terms(&e);
	if (status == SORI_OK)
		status = rank_terms(&e);
	e.result->vocabulary = e.terms.count;
	sori_terms_release(&e.terms);
	sori_buffer_release(&texts.all);
	sori_free(texts.start);
	sori_free(texts.sketches);
	sori_free(e.documents);
	sori_free(e.counts);
	sori_free(e.first_use);
	if (status == SORI_OK)
		*out = e.result;
	else
		sori_emerging_free(e.result);
	return status;
}

void sori_emerging_free(struct sori_emerging *result)
{
	if (!result)
		return;
	sori_arena_release(&result->arena);
	sori_free(result);
}
