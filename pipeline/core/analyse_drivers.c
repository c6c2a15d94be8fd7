/* One scan of the facts makes the integer map (category set, channel x product, rating) -> documents; everything else comes from
 * it. Categories that are rare among the rated documents get crude figures only; the others enter one logistic model together
 * with the channel and product. The model must have 10 low ratings for each of its parameters: where that fails, it is adjusted
 * for the channel alone, then for nothing but the categories, then not made.
 *
 * Many products would be many parameters: the 19 largest combinations stand for themselves, the rest together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/analyse_weeks.h"
#include "pipeline/core/fact_scan.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/keyness.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"

#define RATED_LEAST 300.0
#define WITH_LEAST 30.0
#define LOW_LEAST 5.0
#define LOW_PER_PARAMETER 10.0
#define CLASS_LIMIT 20
#define OFF_SCALE 0.05
#define NPS_LEAST 100.0 /* ratings, none over 5, that are no 0 to 10 */
#define CHANGED 0.05
#define UNRATED 255u

struct tally {
	uint32_t dictionary, set, class, rating; /* UNRATED: none */
	uint64_t documents; /* 0: free */
};

struct class_name {
	const char *channel, *product;
	double documents; /* rated */
};

struct study {
	struct sori_drivers_result *result;
	const struct sori_drivers_query *query;
	struct sqlite3 *database;
	struct sori_panel *panel;
	const struct sori_fact_set *sets;
	size_t set_limit;
	uint32_t *category_of;  /* [key_limit] index in the panel by the store's number */
	size_t key_limit;
	struct class_name *classes;
	size_t class_count;
	uint32_t *class_of;     /* [panel->cell_limit] */
	struct tally *tallies;  /* open addressing while scanning, then a sorted list */
	size_t count, capacity;
	uint32_t *model_class;  /* [class_count] as the model has it */
	size_t model_classes;
	size_t *place;          /* [categories] column of the model; SIZE_MAX: not in it */
	size_t columns;
};

/* --- the map ---------------------------------------------------------------------------------------------------------- */

static int by_name(const void *left, const void *right)
{
	const struct class_name *const *a = left, *const *b = right;
	int order = strcmp((*a)->channel, (*b)->channel);

	return order ? order : strcmp((*a)->product, (*b)->product);
}

/* Cells to combinations of channel and product, numbered by their names. */
static enum sori_status number_classes(struct study *study, struct class_name *names, struct class_name **order, size_t *cells,
				       size_t count, struct sori_error *error)
{
	struct sori_arena *arena = &study->result->arena;

	if (count)
		qsort((void *)order, count, sizeof *order, by_name);
	study->classes = sori_arena_zero(arena, count + 1, sizeof *study->classes);
	study->class_of = sori_arena_zero(arena, study->panel->cell_limit + 1, sizeof *study->class_of);
	if (!study->classes || !study->class_of)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || by_name(&order[i - 1], &order[i]))
			study->classes[study->class_count++] = *order[i];
		study->class_of[cells[order[i] - names]] = (uint32_t)(study->class_count - 1);
	}
	return SORI_OK;
}

static enum sori_status load_classes(struct study *study, struct sori_error *error)
{
	size_t limit = study->panel->cell_limit, count = 0;
	struct class_name *names = sori_alloc((limit + 1) * sizeof *names), **order = sori_alloc((limit + 1) * sizeof *order);
	size_t *cells = sori_alloc((limit + 1) * sizeof *cells);
	sqlite3_stmt *row = NULL;
	enum sori_status status = names && order && cells ? SORI_OK : sori_report_no_memory(error);

	if (status == SORI_OK)
		status = sori_report_prepare(study->database, &row, "SELECT cell, channel, product FROM cell ORDER BY cell", error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		cells[count] = (size_t)sori_report_count(row, 0);
		if (cells[count] >= limit || count == limit)
			continue;
		names[count] = (struct class_name){sori_report_text(&study->result->arena, row, 1),
						   sori_report_text(&study->result->arena, row, 2), 0.0};
		order[count] = &names[count];
		if (!names[count].channel || !names[count].product)
			status = sori_report_no_memory(error);
		count++;
	}
	(void)sqlite3_finalize(row);
	if (status == SORI_END)
		status = number_classes(study, names, order, cells, count, error);
	sori_free(names);
	sori_free((void *)order);
	sori_free(cells);
	return status;
}

static enum sori_status load_sets(struct study *study, struct sori_error *error)
{
	const struct sori_panel *panel = study->panel;
	enum sori_status status = sori_fact_sets(study->database, &study->result->arena, &study->sets, &study->set_limit, error);

	for (size_t k = 0; k < panel->category_count; k++)
		if ((size_t)panel->category_key[k] >= study->key_limit)
			study->key_limit = (size_t)panel->category_key[k] + 1;
	study->category_of = sori_arena_alloc(&study->result->arena, (study->key_limit + 1) * sizeof *study->category_of);
	if (!study->category_of)
		return sori_report_no_memory(error);
	memset(study->category_of, 0xff, (study->key_limit + 1) * sizeof *study->category_of);
	for (size_t k = 0; k < panel->category_count; k++)
		study->category_of[panel->category_key[k]] = (uint32_t)k;
	return status;
}

static size_t slot_of(const struct tally *key, size_t capacity)
{
	uint64_t mix = ((uint64_t)key->set << 32 | key->class) * 0x9e3779b97f4a7c15u ^ ((uint64_t)key->dictionary << 8 | key->rating);

	return (size_t)((mix ^ mix >> 31) * 0xbf58476d1ce4e5b9u >> 20) & (capacity - 1);
}

static struct tally *find(struct tally *tallies, size_t capacity, const struct tally *key)
{
	size_t slot = slot_of(key, capacity);

	while (tallies[slot].documents && (tallies[slot].set != key->set || tallies[slot].class != key->class ||
					   tallies[slot].rating != key->rating || tallies[slot].dictionary != key->dictionary))
		slot = (slot + 1) & (capacity - 1);
	return &tallies[slot];
}

static bool grow(struct study *study)
{
	size_t capacity = study->capacity ? 2 * study->capacity : 4096;
	struct tally *tallies = sori_alloc_zero(capacity, sizeof *tallies);

	if (!tallies)
		return false;
	for (size_t i = 0; i < study->capacity; i++)
		if (study->tallies[i].documents)
			*find(tallies, capacity, &study->tallies[i]) = study->tallies[i];
	sori_free(study->tallies);
	study->tallies = tallies;
	study->capacity = capacity;
	return true;
}

static enum sori_status add_fact(void *user, const struct sori_fact *fact, struct sori_error *error)
{
	struct study *study = user;
	struct sori_drivers_result *result = study->result;
	const struct sori_drivers_query *query = study->query;
	struct tally key, *found;

	if ((query->from != SORI_DAY_NONE && (fact->day == SORI_DAY_NONE || fact->day < query->from)) ||
	    (query->to != SORI_DAY_NONE && (fact->day == SORI_DAY_NONE || fact->day > query->to)) ||
	    fact->cell >= study->panel->cell_limit || !(study->panel->member[fact->cell] & 1) || fact->set >= study->set_limit)
		return SORI_OK;
	if (fact->day != SORI_DAY_NONE) {
		result->from = result->from == SORI_DAY_NONE || fact->day < result->from ? fact->day : result->from;
		result->to = fact->day > result->to ? fact->day : result->to;
	}
	if (4 * (study->count + 1) > 3 * study->capacity && !grow(study))
		return sori_report_no_memory(error);
	key = (struct tally){fact->dictionary, fact->set, study->class_of[fact->cell], fact->rating < 0 ? UNRATED : (uint32_t)fact->rating, 1};
	found = find(study->tallies, study->capacity, &key);
	if (found->documents) {
		found->documents++;
	} else {
		*found = key;
		study->count++;
	}
	return SORI_OK;
}

static int by_key(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;

	if (a->dictionary != b->dictionary)
		return a->dictionary < b->dictionary ? -1 : 1;
	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a->rating < b->rating ? -1 : a->rating > b->rating;
}

/* The dictionary that counted most documents, the later one of two alike; the others' are left out. */
static void keep_one_dictionary(struct study *study)
{
	uint64_t best = 0, sum = 0, all = 0;
	size_t from = 0, kept = 0, begin = 0, end = 0;

	for (size_t i = 0; i <= study->count; i++) {
		if (i == study->count || study->tallies[i].dictionary != study->tallies[from].dictionary) {
			if (i > from && sum >= best) {
				best = sum;
				begin = from;
				end = i;
			}
			from = i;
			sum = 0;
		}
		if (i < study->count) {
			sum += study->tallies[i].documents;
			all += study->tallies[i].documents;
		}
	}
	for (size_t i = begin; i < end; i++)
		study->tallies[kept++] = study->tallies[i];
	study->count = kept;
	study->result->documents = (double)best;
	study->result->other_dictionary = (double)(all - best);
}

static enum sori_status gather(struct study *study, struct sori_error *error)
{
	enum sori_status status = grow(study) ? sori_fact_scan(study->database, add_fact, study, error) : sori_report_no_memory(error);
	size_t kept = 0;

	if (status != SORI_OK)
		return status;
	for (size_t i = 0; i < study->capacity; i++)
		if (study->tallies[i].documents)
			study->tallies[kept++] = study->tallies[i];
	qsort(study->tallies, kept, sizeof *study->tallies, by_key);
	keep_one_dictionary(study);
	return SORI_OK;
}

/* --- ratings ---------------------------------------------------------------------------------------------------------- */

static bool rated(const struct study *study, const struct tally *tally)
{
	return tally->rating != UNRATED && tally->rating <= (uint32_t)study->result->scale;
}

static enum sori_status choose_scale(struct study *study, struct sori_error *error)
{
	struct sori_drivers_result *result = study->result;
	const struct sori_drivers_query *query = study->query;
	double over = 0.0, all = 0.0;

	for (size_t i = 0; i < study->count; i++) {
		const struct tally *tally = &study->tallies[i];

		if (tally->rating > 10)
			continue;
		result->by_rating[tally->rating] += (double)tally->documents;
		all += (double)tally->documents;
		over += tally->rating > 5 ? (double)tally->documents : 0.0;
	}
	result->scale = query->nps || (query->low >= 0 && over > 0.0) ? 10 : 5;
	result->threshold = query->low >= 0 ? query->low : query->nps ? 6 : 2;
	if (result->scale == 5 && over > OFF_SCALE * all)
		return sori_fail(error, SORI_USAGE, "the ratings go up to 10: say --nps (low: 0 to 6) or --low with the ratings that are low");
	if (query->nps && over <= 0.0 && all >= NPS_LEAST)
		return sori_fail(error, SORI_USAGE, "no rating is over 5: --nps is for 0 to 10, these look like 1 to 5");
	if (result->threshold >= result->scale)
		return sori_fail(error, SORI_USAGE, "low ratings up to %d of %d would be all of them", result->threshold, result->scale);
	result->off_scale = result->scale == 5 ? over : 0.0;
	for (size_t i = 0; i < study->count; i++) {
		const struct tally *tally = &study->tallies[i];
		double documents = (double)tally->documents;

		if (!rated(study, tally))
			continue;
		result->rated += documents;
		result->low += tally->rating <= (uint32_t)result->threshold ? documents : 0.0;
		study->classes[tally->class].documents += documents;
	}
	return SORI_OK;
}

/* --- crude ------------------------------------------------------------------------------------------------------------ */

static void count_categories(struct study *study)
{
	struct sori_drivers_result *result = study->result;

	for (size_t i = 0; i < study->count; i++) {
		const struct tally *tally = &study->tallies[i];
		const struct sori_fact_set *set = &study->sets[tally->set];

		for (size_t s = 0; s < set->count; s++) {
			uint32_t k = set->categories[s] < study->key_limit ? study->category_of[set->categories[s]] : UINT32_MAX;

			if (k == UINT32_MAX)
				continue;
			result->rows[k].documents += (double)tally->documents;
			if (!rated(study, tally))
				continue;
			result->rows[k].driver.with += (double)tally->documents;
			if (tally->rating <= (uint32_t)result->threshold)
				result->rows[k].driver.low_with += (double)tally->documents;
		}
	}
}

static void crude(const struct sori_drivers_result *result, struct sori_drivers_row *row)
{
	const double na = sori_na();
	struct sori_driver *d = &row->driver;

	d->without = result->rated - d->with;
	d->low_without = result->low - d->low_with;
	d->difference = d->with > 0.0 && d->without > 0.0 ? d->low_with / d->with - d->low_without / d->without : na;
	d->difference_limits = sori_newcombe_interval(d->low_with, d->with, d->low_without, d->without, 0.95);
	d->ratio = d->with > 0.0 && d->low_without > 0.0 ? d->low_with / d->with / (d->low_without / d->without) : na;
	d->crude_part = d->mean_with = d->mean_without = d->impact = d->linear = d->linear_error = na;
	d->logit = d->logit_error = d->effect = d->excess = d->adjusted_part = na;
	row->impact = d->with / result->rated * d->difference;
	row->p = row->q = na;
	row->refusal = d->with >= WITH_LEAST && d->low_with >= LOW_LEAST && d->without > 0.0 ? SORI_REFUSAL_NONE : SORI_REFUSAL_FEW;
	if (row->refusal == SORI_REFUSAL_NONE)
		row->p = sori_keyness(d->low_with, d->low_without, d->with, d->without).p_g2;
}

/* --- adjusted --------------------------------------------------------------------------------------------------------- */

struct rank {
	double documents;
	size_t group;
};

static int by_size(const void *left, const void *right)
{
	const struct rank *a = left, *b = right;

	if (a->documents != b->documents)
		return a->documents > b->documents ? -1 : 1;
	return a->group < b->group ? -1 : 1;
}

/* Classes of the model: the largest groups each for itself, the others as one; by channel alone when `products` is false. */
static enum sori_status group_classes(struct study *study, bool products, struct sori_error *error)
{
	struct rank *ranks = sori_alloc_zero(study->class_count + 1, sizeof *ranks);
	size_t *place = sori_alloc((study->class_count + 1) * sizeof *place), groups = 0;

	if (!ranks || !place) {
		sori_free(ranks);
		sori_free(place);
		return sori_report_no_memory(error);
	}
	for (size_t i = 0; i < study->class_count; i++) { /* sorted by channel, then product */
		groups += i == 0 || products || strcmp(study->classes[i - 1].channel, study->classes[i].channel) != 0;
		ranks[groups - 1].group = groups - 1;
		ranks[groups - 1].documents += study->classes[i].documents;
		study->model_class[i] = (uint32_t)(groups - 1);
	}
	qsort(ranks, groups, sizeof *ranks, by_size);
	study->model_classes = 0;
	for (size_t i = 0; i < groups; i++) {
		if (ranks[i].documents > 0.0 && study->model_classes < CLASS_LIMIT)
			study->model_classes++;
		place[ranks[i].group] = study->model_classes ? study->model_classes - 1 : 0;
	}
	for (size_t i = 0; i < study->class_count; i++)
		study->model_class[i] = (uint32_t)place[study->model_class[i]];
	study->model_classes += study->model_classes == 0;
	sori_free(ranks);
	sori_free(place);
	return SORI_OK;
}

static bool affords(const struct study *study)
{
	return study->result->low >= LOW_PER_PARAMETER * (double)(study->columns + study->model_classes) &&
	       study->result->rated - study->result->low >= LOW_PER_PARAMETER;
}

static enum sori_status choose_model(struct study *study, struct sori_error *error)
{
	struct sori_drivers_result *result = study->result;
	enum sori_status status = group_classes(study, true, error);

	result->adjusted_for = "channel x product";
	if (status == SORI_OK && !affords(study)) {
		status = group_classes(study, false, error);
		result->adjusted_for = "channel";
	}
	if (status == SORI_OK && !affords(study)) {
		memset(study->model_class, 0, study->class_count * sizeof *study->model_class);
		study->model_classes = 1;
	}
	if (study->model_classes == 1)
		result->adjusted_for = "";
	result->parameters = study->columns + study->model_classes;
	if (!affords(study) || study->columns == 0)
		result->adjusted_refusal = SORI_REFUSAL_FEW;
	return status;
}

#define WORDS (SORI_CATEGORY_LIMIT / 64)

struct cell {
	uint64_t has[WORDS]; /* columns of the model */
	uint32_t class, rating;
	double documents;
};

static int by_cell(const void *left, const void *right)
{
	const struct cell *a = left, *b = right;

	for (size_t w = 0; w < WORDS; w++)
		if (a->has[w] != b->has[w])
			return a->has[w] < b->has[w] ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a->rating < b->rating ? -1 : a->rating > b->rating;
}

/* The map in the model's terms: rare categories gone, classes grouped, equal cells together. */
static size_t project(const struct study *study, struct cell *cells)
{
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < study->count; i++) {
		const struct tally *tally = &study->tallies[i];
		const struct sori_fact_set *set = &study->sets[tally->set];
		struct cell cell = {.class = study->model_class[tally->class], .rating = tally->rating, .documents = (double)tally->documents};

		if (!rated(study, tally))
			continue;
		for (size_t s = 0; s < set->count; s++) {
			uint32_t k = set->categories[s] < study->key_limit ? study->category_of[set->categories[s]] : UINT32_MAX;

			if (k != UINT32_MAX && study->place[k] != SIZE_MAX)
				cell.has[study->place[k] / 64] |= UINT64_C(1) << study->place[k] % 64;
		}
		cells[count++] = cell;
	}
	if (count)
		qsort(cells, count, sizeof *cells, by_cell);
	for (size_t i = 0; i < count; i++)
		if (kept && !by_cell(&cells[kept - 1], &cells[i]))
			cells[kept - 1].documents += cells[i].documents;
		else
			cells[kept++] = cells[i];
	return kept;
}

/* The arrays that pipeline/stats/drivers.h takes, in one piece of memory each. */
struct model_input {
	struct cell *cells;
	unsigned char *has;
	size_t *channel;
	double *rating, *documents;
	struct sori_driver *drivers;
};

static bool make_input(const struct study *study, struct model_input *in)
{
	size_t rows = study->count + 1;

	in->cells = sori_alloc(rows * sizeof *in->cells);
	in->has = sori_alloc_zero(rows, study->columns + 1);
	in->channel = sori_alloc(rows * sizeof *in->channel);
	in->rating = sori_alloc(rows * sizeof *in->rating);
	in->documents = sori_alloc(rows * sizeof *in->documents);
	in->drivers = sori_alloc_zero(study->columns + 1, sizeof *in->drivers);
	return in->cells && in->has && in->channel && in->rating && in->documents && in->drivers;
}

static void release_input(struct model_input *in)
{
	sori_free(in->cells);
	sori_free(in->has);
	sori_free(in->channel);
	sori_free(in->rating);
	sori_free(in->documents);
	sori_free(in->drivers);
}

/* Adjusted figures to the rows; a category whose column was dropped keeps its crude ones and has NA. */
static void take_figures(struct study *study, const struct model_input *in)
{
	struct sori_drivers_result *result = study->result;

	for (size_t k = 0; k < result->row_count; k++)
		if (study->place[k] != SIZE_MAX)
			result->rows[k].driver = in->drivers[study->place[k]];
}

static enum sori_status adjust(struct study *study, struct sori_error *error)
{
	struct sori_drivers_result *result = study->result;
	struct model_input in = {0};
	struct sori_driver_cells cells;
	struct sori_drivers_summary summary = {0};
	enum sori_status status = make_input(study, &in) ? SORI_OK : sori_report_no_memory(error);

	if (status == SORI_OK) {
		cells = (struct sori_driver_cells){.cells = project(study, in.cells), .categories = study->columns, .has = in.has,
						   .channel = in.channel, .channels = study->model_classes, .rating = in.rating,
						   .documents = in.documents, .low = result->threshold};
		for (size_t i = 0; i < cells.cells; i++) {
			in.channel[i] = in.cells[i].class;
			in.rating[i] = in.cells[i].rating;
			in.documents[i] = in.cells[i].documents;
			for (size_t k = 0; k < study->columns; k++)
				in.has[i * study->columns + k] = in.cells[i].has[k / 64] >> k % 64 & 1;
		}
		status = sori_drivers(&cells, in.drivers, &summary, error);
	}
	if (status == SORI_OK) {
		result->dropped = summary.dropped;
		take_figures(study, &in);
		if (summary.logit != SORI_GLM_FITTED)
			result->adjusted_refusal = SORI_REFUSAL_FIT;
	}
	release_input(&in);
	return status;
}

/* --- all of it -------------------------------------------------------------------------------------------------------- */

static int by_impact(const void *left, const void *right)
{
	const struct sori_drivers_row *a = left, *b = right;
	double ia = isnan(a->impact) ? 0.0 : a->impact, ib = isnan(b->impact) ? 0.0 : b->impact;

	if ((a->refusal == SORI_REFUSAL_NONE) != (b->refusal == SORI_REFUSAL_NONE))
		return a->refusal == SORI_REFUSAL_NONE ? -1 : 1;
	if (fabs(ia - ib) > 1e-9) /* not by the last bit of a sum */
		return ia > ib ? -1 : 1;
	return strcmp(a->category->id, b->category->id);
}

static enum sori_status conclude(struct sori_drivers_result *result, struct sori_error *error)
{
	double *p = sori_alloc((result->row_count + 1) * sizeof *p), *q = sori_alloc((result->row_count + 1) * sizeof *q);
	enum sori_status status = p && q ? SORI_OK : sori_report_no_memory(error);
	size_t kept = 0;

	for (size_t k = 0; status == SORI_OK && k < result->row_count; k++)
		p[k] = result->rows[k].p;
	if (status == SORI_OK)
		status = sori_fdr(p, result->row_count, q, NULL, &result->family, error);
	for (size_t k = 0; status == SORI_OK && k < result->row_count; k++) {
		struct sori_drivers_row *row = &result->rows[k];

		row->q = q[k];
		row->verdict = isnan(row->q)	    ? SORI_VERDICT_TOO_LITTLE
			       : row->q > CHANGED   ? SORI_VERDICT_UNCLEAR
			       : row->impact > 0.0  ? SORI_VERDICT_UP
						    : SORI_VERDICT_DOWN;
		if (row->driver.with > 0.0)
			result->rows[kept++] = *row;
	}
	result->row_count = kept;
	sori_free(p);
	sori_free(q);
	if (status == SORI_OK && kept)
		qsort(result->rows, kept, sizeof *result->rows, by_impact);
	return status;
}

static enum sori_status copy_categories(struct study *study, struct sori_error *error)
{
	struct sori_drivers_result *result = study->result;
	const struct sori_panel *panel = study->panel;

	result->row_count = panel->category_count;
	result->categories = sori_arena_zero(&result->arena, result->row_count + 1, sizeof *result->categories);
	result->rows = sori_arena_zero(&result->arena, result->row_count + 1, sizeof *result->rows);
	study->place = sori_arena_alloc(&result->arena, (result->row_count + 1) * sizeof *study->place);
	study->model_class = sori_arena_zero(&result->arena, study->class_count + 1, sizeof *study->model_class);
	if (!result->categories || !result->rows || !study->place || !study->model_class)
		return sori_report_no_memory(error);
	for (size_t k = 0; k < result->row_count; k++) {
		const struct sori_panel_category *copy = sori_weeks_copy(&result->arena, &panel->categories[k]);

		if (!copy)
			return sori_report_no_memory(error);
		result->categories[k] = *copy;
		result->rows[k].category = &result->categories[k];
		study->place[k] = SIZE_MAX;
	}
	return SORI_OK;
}

static enum sori_status answer(struct study *study, struct sori_error *error)
{
	struct sori_drivers_result *result = study->result;
	enum sori_status status = choose_scale(study, error);

	if (status == SORI_OK && result->rated < RATED_LEAST) {
		result->refusal = result->adjusted_refusal = SORI_REFUSAL_FEW;
		return SORI_OK;
	}
	if (status == SORI_OK)
		status = copy_categories(study, error);
	if (status != SORI_OK)
		return status;
	count_categories(study);
	for (size_t k = 0; k < result->row_count; k++) {
		crude(result, &result->rows[k]);
		if (result->rows[k].refusal == SORI_REFUSAL_NONE && study->columns < SORI_CATEGORY_LIMIT)
			study->place[k] = study->columns++;
	}
	status = choose_model(study, error);
	if (status == SORI_OK && result->adjusted_refusal == SORI_REFUSAL_NONE)
		status = adjust(study, error);
	return status == SORI_OK ? conclude(result, error) : status;
}

static enum sori_status run(struct study *study, struct sori_error *error)
{
	sori_day first, last;
	enum sori_status status = sori_analyse_bounds(study->database, &first, &last, error);

	if (status == SORI_OK) /* one day, undated stores as well: only its cells and categories are needed */
		status = sori_panel_load(&study->panel, study->database, last == SORI_DAY_NONE ? 0 : last, last == SORI_DAY_NONE ? 0 : last,
					 &study->query->where, 1, error);
	if (status == SORI_OK)
		status = load_classes(study, error);
	if (status == SORI_OK)
		status = load_sets(study, error);
	if (status == SORI_OK)
		status = gather(study, error);
	return status == SORI_OK ? answer(study, error) : status;
}

enum sori_status sori_drivers_run(struct sori_drivers_result **result, struct sqlite3 *database,
				  const struct sori_drivers_query *query, struct sori_error *error)
{
	struct study study = {.result = sori_alloc_zero(1, sizeof **result), .query = query, .database = database};
	enum sori_status status;

	*result = NULL;
	if (!study.result)
		return sori_report_no_memory(error);
	sori_arena_init(&study.result->arena, 1 << 16);
	study.result->from = study.result->to = SORI_DAY_NONE;
	study.result->adjusted_for = "";
	status = run(&study, error);
	sori_panel_free(study.panel);
	sori_free(study.tallies);
	if (status == SORI_OK)
		*result = study.result;
	else
		sori_drivers_free(study.result);
	return status;
}

void sori_drivers_free(struct sori_drivers_result *result)
{
	if (!result)
		return;
	sori_arena_release(&result->arena);
	sori_free(result);
}
