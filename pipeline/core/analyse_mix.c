/* Why two totals differ: another mix of channels and products, or another rate within them (Mantel-Haenszel and Kitagawa,
 * pipeline/stats/compare.h); and who is behind them. One pass over the daily rows of the two periods, one or two over the facts. */
#include "pipeline/core/analyse.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/fact_scan.h"
#include "pipeline/core/people.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/missing.h"

#define NOWHERE UINT32_MAX
#define CONFIDENCE 0.95

struct mix {
	struct sori_panel *panel;
	const struct sori_compare_side *sides[2]; /* a, b */
	uint32_t *stratum_of;                     /* [cell_limit] */
	size_t strata;
	uint32_t *category_of;                    /* [key_limit] index in the panel */
	size_t key_limit;
	double *hits;                             /* [side][category_count][strata] */
	double *all;                              /* [side][strata] */
};

static bool counts(const struct mix *mix, int side, sori_day day, size_t cell)
{
	const struct sori_compare_side *s = mix->sides[side];

	return day >= s->from && day <= s->to && cell < mix->panel->cell_limit &&
	       (mix->panel->member[cell] & (1U << s->side)) && !mix->panel->provisional[day - mix->panel->first] &&
	       mix->panel->kind[day - mix->panel->first] != SORI_DAY_DISTURBED;
}

/* Channel and product together; cells of both name it in the order of their numbers. */
static enum sori_status find_strata(struct mix *mix, sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *row = NULL;
	enum sori_status status = sori_report_prepare(database, &row, "SELECT cell, dense_rank() OVER (ORDER BY channel, product) - 1"
						      " FROM cell", error);

	mix->stratum_of = sori_alloc_zero(mix->panel->cell_limit + 1, sizeof *mix->stratum_of);
	if (status == SORI_OK && !mix->stratum_of)
		status = sori_report_no_memory(error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		size_t cell = (size_t)sori_report_count(row, 0), stratum = (size_t)sori_report_count(row, 1);

		if (cell < mix->panel->cell_limit)
			mix->stratum_of[cell] = (uint32_t)stratum;
		mix->strata = stratum + 1 > mix->strata ? stratum + 1 : mix->strata;
	}
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status find_keys(struct mix *mix, struct sori_error *error)
{
	const struct sori_panel *panel = mix->panel;

	for (size_t k = 0; k < panel->category_count; k++)
		if ((size_t)panel->category_key[k] >= mix->key_limit)
			mix->key_limit = (size_t)panel->category_key[k] + 1;
	mix->category_of = sori_alloc((mix->key_limit + 1) * sizeof *mix->category_of);
	if (!mix->category_of)
		return sori_report_no_memory(error);
	memset(mix->category_of, 0xff, (mix->key_limit + 1) * sizeof *mix->category_of);
	for (size_t k = 0; k < panel->category_count; k++)
		mix->category_of[panel->category_key[k]] = (uint32_t)k;
	return SORI_OK;
}

static double *hits_of(const struct mix *mix, size_t side, size_t category)
{
	return mix->hits + (side * mix->panel->category_count + category) * mix->strata;
}

static void add_row(struct mix *mix, sqlite3_stmt *row)
{
	sori_day day = sqlite3_column_int(row, 0);
	size_t cell = (size_t)sori_report_count(row, 1), key = (size_t)sori_report_count(row, 2);
	double documents = (double)sori_report_count(row, 3);

	for (int side = 0; side < 2; side++) {
		if (!counts(mix, side, day, cell))
			continue;
		if (key == 0)
			mix->all[(size_t)side * mix->strata + mix->stratum_of[cell]] += documents;
		else if (key < mix->key_limit && mix->category_of[key] != NOWHERE)
			hits_of(mix, (size_t)side, mix->category_of[key])[mix->stratum_of[cell]] += documents;
	}
}

static enum sori_status load(struct mix *mix, sqlite3 *database, struct sori_error *error)
{
	const struct sori_panel *panel = mix->panel;
	sqlite3_stmt *row = NULL;
	enum sori_status status = find_strata(mix, database, error);

	if (status == SORI_OK)
		status = find_keys(mix, error);
	mix->hits = sori_alloc_zero(2 * panel->category_count * mix->strata + 1, sizeof *mix->hits);
	mix->all = sori_alloc_zero(2 * mix->strata + 1, sizeof *mix->all);
	if (status == SORI_OK && (!mix->hits || !mix->all))
		status = sori_report_no_memory(error);
	if (status == SORI_OK)
		status = sori_report_prepare(database, &row, "SELECT day, cell, category, documents FROM daily WHERE day BETWEEN ? AND ?",
					     error);
	if (status == SORI_OK && (sqlite3_bind_int(row, 1, panel->first) != SQLITE_OK ||
				  sqlite3_bind_int(row, 2, panel->first + (sori_day)panel->days - 1) != SQLITE_OK))
		status = sori_report_no_memory(error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK)
		add_row(mix, row);
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static void conclude(const struct mix *mix, struct sori_stratum *strata, struct sori_compare_row *row)
{
	size_t category = (size_t)(row->category - mix->panel->categories);
	const double *a = hits_of(mix, 0, category), *b = hits_of(mix, 1, category);
	struct sori_compare_mix *out = &row->mix;

	out->strata = 0;
	for (size_t s = 0; s < mix->strata; s++) {
		strata[s] = (struct sori_stratum){.x1 = a[s], .n1 = mix->all[s], .x2 = b[s], .n2 = mix->all[mix->strata + s]};
		out->strata += strata[s].n1 > 0.0 && strata[s].n2 > 0.0;
	}
	if (out->strata < 2) {
		const double na = sori_na();

		out->result = (struct sori_strata_result){na, na, {na, na}, na, na, na, na, na, na, na, na};
		return;
	}
	out->result = sori_strata_compare(strata, mix->strata, CONFIDENCE);
	out->signs_differ = out->result.crude_difference * out->result.rate_part < 0.0;
}

enum sori_status sori_compare_mix_run(struct sori_panel *panel, struct sqlite3 *database, const struct sori_compare_side *a,
				      const struct sori_compare_side *b, struct sori_compare_result *result, struct sori_error *error)
{
	struct mix mix = {.panel = panel, .sides = {a, b}};
	struct sori_stratum *strata = NULL;
	enum sori_status status = load(&mix, database, error);

	if (status == SORI_OK && !(strata = sori_alloc_zero(mix.strata + 1, sizeof *strata)))
		status = sori_report_no_memory(error);
	for (size_t i = 0; i < result->row_count && status == SORI_OK; i++)
		conclude(&mix, strata, &result->rows[i]);
	sori_free(strata);
	sori_free(mix.stratum_of);
	sori_free(mix.category_of);
	sori_free(mix.hits);
	sori_free(mix.all);
	return status;
}

/* ---- customers */

struct crowd {
	struct mix mix;
	const struct sori_fact_set *sets;
	size_t set_limit;
	struct sori_people people; /* [side][1 + category_count]: 0 is all documents */
	bool second;
};

static enum sori_status meet(struct crowd *crowd, size_t cell, uint64_t customer, struct sori_error *error)
{
	if (!crowd->second)
		return sori_people_add(&crowd->people, cell, customer, error);
	sori_people_check(&crowd->people, cell, customer);
	return SORI_OK;
}

static enum sori_status visit(void *user, const struct sori_fact *fact, struct sori_error *error)
{
	struct crowd *crowd = user;
	const struct mix *mix = &crowd->mix;
	size_t width = mix->panel->category_count + 1;
	enum sori_status status = SORI_OK;

	if (fact->day == SORI_DAY_NONE)
		return SORI_OK;
	for (int side = 0; side < 2 && status == SORI_OK; side++) {
		const struct sori_fact_set *set = fact->set < crowd->set_limit ? &crowd->sets[fact->set] : NULL;

		if (!counts(mix, side, fact->day, fact->cell))
			continue;
		status = meet(crowd, (size_t)side * width, fact->customer, error);
		for (size_t i = 0; set && i < set->count && status == SORI_OK; i++)
			if (set->categories[i] < mix->key_limit && mix->category_of[set->categories[i]] != NOWHERE)
				status = meet(crowd, (size_t)side * width + 1 + mix->category_of[set->categories[i]], fact->customer, error);
	}
	return status;
}

static void tell(struct crowd *crowd, struct sori_compare_result *result)
{
	size_t width = crowd->mix.panel->category_count + 1;
	struct sori_people *people = &crowd->people;
	bool estimated;

	result->customers_known = people->any;
	result->a.customers = people->any ? (double)sori_people_count(people, 0, &result->a.customers_estimated) : sori_na();
	result->b.customers = people->any ? (double)sori_people_count(people, width, &result->b.customers_estimated) : sori_na();
	for (size_t i = 0; i < result->row_count; i++) {
		struct sori_compare_row *row = &result->rows[i];
		size_t at = 1 + (size_t)(row->category - crowd->mix.panel->categories);

		row->customers_a = people->any ? (double)sori_people_count(people, at, &estimated) : sori_na();
		row->customers_b = people->any ? (double)sori_people_count(people, width + at, &estimated) : sori_na();
		row->one_customer_a = (double)sori_people_most(people, at);
		row->one_customer_b = (double)sori_people_most(people, width + at);
	}
}

enum sori_status sori_compare_people(struct sori_panel *panel, struct sqlite3 *database, const struct sori_compare_side *a,
				     const struct sori_compare_side *b, struct sori_compare_result *result, struct sori_error *error)
{
	struct crowd crowd = {.mix = {.panel = panel, .sides = {a, b}}};
	enum sori_status status = find_keys(&crowd.mix, error);

	if (status == SORI_OK)
		status = sori_fact_sets(database, &panel->arena, &crowd.sets, &crowd.set_limit, error);
	if (status == SORI_OK)
		status = sori_people_init(&crowd.people, 2 * (panel->category_count + 1), SORI_PEOPLE_EXACT, error);
	if (status == SORI_OK)
		status = sori_fact_scan(database, visit, &crowd, error);
	crowd.second = true;
	if (status == SORI_OK && crowd.people.any)
		status = sori_fact_scan(database, visit, &crowd, error);
	if (status == SORI_OK)
		tell(&crowd, result);
	sori_people_release(&crowd.people);
	sori_free(crowd.mix.category_of);
	return status;
}
