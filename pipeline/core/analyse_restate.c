/* The table `reported` holds the rows of `daily` of restated days as they were before the first restatement; a day that is not in it
 * was never counted again. */
#include "pipeline/core/analyse_restate.h"

#include <sqlite3.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/missing.h"

static int64_t joined(int64_t sofar, int64_t dictionary)
{
	return sofar == 0 || sofar == dictionary ? dictionary : -1;
}

/* A restated day begins anew: what is reported of it comes from the table alone. */
static void clear_day(struct sori_panel *panel, struct sori_restated *r, size_t day)
{
	r->changed[day] = true;
	r->any = true;
	r->all[day] = 0.0;
	r->dictionary[day] = 0;
	for (size_t k = 0; k < panel->category_count; k++)
		r->documents[k * panel->days + day] = 0.0;
}

static void add_row(struct sori_panel *panel, struct sori_restated *r, sqlite3_stmt *row)
{
	size_t day = (size_t)(sqlite3_column_int(row, 0) - panel->first), cell = (size_t)sori_report_count(row, 1);
	int64_t key = sqlite3_column_int64(row, 2);
	double documents = (double)sori_report_count(row, 4);

	if (!r->changed[day])
		clear_day(panel, r, day);
	if (cell >= panel->cell_limit || !(panel->member[cell] & 1))
		return;
	if (key == 0) {
		r->all[day] += documents;
		r->dictionary[day] = joined(r->dictionary[day], sqlite3_column_int64(row, 3));
		return;
	}
	for (size_t k = 0; k < panel->category_count; k++)
		if (panel->category_key[k] == key)
			r->documents[k * panel->days + day] += documents;
}

static enum sori_status find_breaks(struct sori_panel *panel, struct sori_restated *r, struct sori_error *error)
{
	const int64_t *dictionary = panel->sides[0].dictionary;
	int64_t before = 0;

	r->breaks = sori_arena_zero(&panel->arena, panel->days + 1, sizeof *r->breaks);
	if (!r->breaks)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < panel->days; i++) {
		if (!dictionary[i])
			continue;
		if (before && dictionary[i] != before)
			r->breaks[r->break_count++] = (struct sori_restate_break){panel->first + (sori_day)i, before, dictionary[i]};
		before = dictionary[i];
	}
	return SORI_OK;
}

enum sori_status sori_restated_load(struct sori_panel *panel, struct sqlite3 *database, const struct sori_slice *slice,
				    struct sori_restated *r, struct sori_error *error)
{
	const struct sori_panel_side *side = &panel->sides[0];
	size_t cells = panel->category_count * panel->days;
	sqlite3_stmt *row = NULL;
	enum sori_status status = SORI_OK;

	(void)slice; /* the panel's membership of cells tells it */
	*r = (struct sori_restated){0};
	r->all = sori_arena_zero(&panel->arena, panel->days + 1, sizeof *r->all);
	r->documents = sori_arena_zero(&panel->arena, cells + 1, sizeof *r->documents);
	r->dictionary = sori_arena_zero(&panel->arena, panel->days + 1, sizeof *r->dictionary);
	r->changed = sori_arena_zero(&panel->arena, panel->days + 1, sizeof *r->changed);
	if (!r->all || !r->documents || !r->dictionary || !r->changed)
		return sori_report_no_memory(error);
	memcpy(r->all, side->all, panel->days * sizeof *r->all);
	memcpy(r->documents, side->documents, cells * sizeof *r->documents);
	memcpy(r->dictionary, side->dictionary, panel->days * sizeof *r->dictionary);
	if (sqlite3_prepare_v2(database, "SELECT day, cell, category, dictionary, documents FROM reported WHERE day BETWEEN ? AND ?", -1,
			       &row, NULL) != SQLITE_OK)
		return find_breaks(panel, r, error); /* nothing was ever restated here */
	(void)sqlite3_bind_int(row, 1, panel->first);
	(void)sqlite3_bind_int(row, 2, panel->first + (sori_day)panel->days - 1);
	while ((status = sori_report_step(row, error)) == SORI_OK)
		add_row(panel, r, row);
	(void)sqlite3_finalize(row);
	return status == SORI_END ? find_breaks(panel, r, error) : status;
}

struct side_sum {
	double hits, reported_hits, all, reported_all;
	int64_t dictionary;
};

static struct side_sum sum_of(const struct sori_panel *panel, const struct sori_restated *r, size_t category,
			      const struct sori_compare_side *side)
{
	struct side_sum sum = {0};

	for (sori_day when = side->from; when <= side->to; when++) {
		size_t day = (size_t)(when - panel->first);

		sum.hits += panel->sides[0].documents[category * panel->days + day];
		sum.all += panel->sides[0].all[day];
		sum.reported_hits += r->documents[category * panel->days + day];
		sum.reported_all += r->all[day];
		if (panel->sides[0].dictionary[day])
			sum.dictionary = joined(sum.dictionary, panel->sides[0].dictionary[day]);
	}
	return sum;
}

struct sori_restate_split sori_restate_split(const struct sori_panel *panel, const struct sori_restated *restated, size_t category,
					     const struct sori_compare_side *a, const struct sori_compare_side *b)
{
	struct side_sum before = sum_of(panel, restated, category, a), after = sum_of(panel, restated, category, b);
	struct sori_restate_split split = {0};

	split.reported = after.reported_hits / after.reported_all - before.reported_hits / before.reported_all;
	split.known = before.dictionary > 0 && before.dictionary == after.dictionary && before.all > 0.0 && after.all > 0.0;
	split.data = split.known ? after.hits / after.all - before.hits / before.all : sori_na();
	split.dictionary = split.known ? split.reported - split.data : sori_na();
	return split;
}
