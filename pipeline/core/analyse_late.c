/* Late data. Every document has an event day and, by the run that brought it, a load day. What counts is how long after the first load
 * that knew of its day a document came (a month that is loaded as a whole is not late). These delays of the last eight weeks form
 * an integer triangle: cum(i, d) documents of day i had come d days after its first load. The share in after d days is the product of the
 * development factors from d on (chain ladder; Mack 1993), each from the days that are old enough to know both of its sums:
 *
 *   f(d) = sum cum(i, d) / sum cum(i, d + 1) over days of age > d          F(d) = f(d) f(d + 1) … f(27)
 *
 * Days that the first run brought are left out: its delays are those of a backlog. So is what came over four weeks after the first of
 * its day: an old dump that was found is no delay either.
 *
 * Reports do not ask: their bytes must not depend on how many runs brought the same dumps. `sori alerts` and `sori compare` do. */
#include "pipeline/core/analyse.h"

#include <sqlite3.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/fact_scan.h"
#include "pipeline/core/report_query.h"

#define WEEKS 8
#define LONGEST 28           /* days of delay; what comes later is another dump */
#define SPAN (WEEKS * 7 + LONGEST) /* days from an event to a load */
#define FEWEST_DAYS 7        /* with documents, to say anything */
#define COMPLETE 0.95

struct late {
	struct sori_panel *panel;
	int32_t *load_of;     /* [input_limit] day of the run that brought it; SORI_DAY_NONE: unknown */
	size_t input_limit;
	sori_day first_load, last_load;
	sori_day from;        /* first day of the triangle */
	int64_t (*came)[SPAN + 1]; /* [days of the triangle][delay]: from the event; after `align` from the day's first load */
	sori_day *first_of;   /* [days of the triangle] its first load; SORI_DAY_NONE: no document */
	size_t days;
};

static enum sori_status load_days(struct late *late, sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *row = NULL;
	enum sori_status status = sori_report_prepare(database, &row, "SELECT max(input) FROM input", error);

	if (status == SORI_OK)
		status = sori_report_step(row, error);
	late->input_limit = status == SORI_OK ? (size_t)sori_report_count(row, 0) + 1 : 0;
	(void)sqlite3_finalize(row);
	if (status != SORI_OK)
		return status;
	late->load_of = sori_alloc(late->input_limit * sizeof *late->load_of);
	if (!late->load_of)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < late->input_limit; i++)
		late->load_of[i] = SORI_DAY_NONE;
	late->first_load = late->last_load = SORI_DAY_NONE;
	status = sori_report_prepare(database, &row, "SELECT i.input, r.as_of FROM input i JOIN run r ON r.run = i.run"
				     " WHERE r.as_of IS NOT NULL AND i.superseded IS NULL", error);
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		size_t input = (size_t)sori_report_count(row, 0);
		sori_day day = sqlite3_column_int(row, 1);

		if (input >= late->input_limit || day == SORI_DAY_NONE)
			continue;
		late->load_of[input] = day;
		late->first_load = late->first_load == SORI_DAY_NONE || day < late->first_load ? day : late->first_load;
		late->last_load = day > late->last_load ? day : late->last_load;
	}
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status count_delay(void *user, const struct sori_fact *fact, struct sori_error *error)
{
	struct late *late = user;
	int64_t delay, at = (int64_t)fact->day - late->from;

	(void)error;
	if (fact->day == SORI_DAY_NONE || at < 0 || (size_t)at >= late->days || fact->input >= late->input_limit ||
	    late->load_of[fact->input] == SORI_DAY_NONE || fact->cell >= late->panel->cell_limit || !(late->panel->member[fact->cell] & 1))
		return SORI_OK;
	delay = (int64_t)late->load_of[fact->input] - fact->day;
	late->came[at][delay < 0 ? 0 : delay > SPAN ? SPAN : delay]++;
	return SORI_OK;
}

static void align(struct late *late)
{
	for (size_t i = 0; i < late->days; i++) {
		int64_t *came = late->came[i];
		int first = 0;

		while (first <= SPAN && !came[first])
			first++;
		late->first_of[i] = first > SPAN ? SORI_DAY_NONE : late->from + (sori_day)i + first;
		for (int d = 0; d <= SPAN && first; d++) {
			int64_t here = first + d <= SPAN ? came[first + d] : 0;

			came[d] = here;
		}
		for (int d = LONGEST + 1; d <= SPAN; d++)
			came[d] = 0;
	}
}

static int64_t age_of(const struct late *late, size_t i)
{
	return (int64_t)late->last_load - late->first_of[i];
}

/* How much of a day is in after each delay; false when too little is known. */
static bool develop(const struct late *late, double share[LONGEST + 1])
{
	size_t known = 0;

	for (size_t i = 0; i < late->days; i++) {
		int64_t sum = 0;

		for (int d = 0; d <= LONGEST; d++)
			sum += late->came[i][d];
		known += sum > 0 && age_of(late, i) >= 1;
	}
	if (known < FEWEST_DAYS)
		return false;
	share[LONGEST] = 1.0;
	for (int d = LONGEST - 1; d >= 0; d--) {
		int64_t by_then = 0, later = 0;

		for (size_t i = 0; i < late->days; i++) {
			int64_t sum = 0;

			if (late->first_of[i] == SORI_DAY_NONE || age_of(late, i) <= d)
				continue;
			for (int k = 0; k <= d; k++)
				sum += late->came[i][k];
			by_then += sum;
			later += sum + late->came[i][d + 1];
		}
		share[d] = share[d + 1] * (later > 0 ? (double)by_then / (double)later : 1.0);
	}
	return true;
}

static enum sori_status triangle(struct late *late, sqlite3 *database, struct sori_error *error)
{
	struct sori_panel *panel = late->panel;
	double share[LONGEST + 1];
	enum sori_status status;

	late->from = late->last_load - WEEKS * 7 + 1;
	if (late->from <= late->first_load)
		late->from = late->first_load + 1;
	late->days = (size_t)(late->last_load - late->from + 1);
	late->came = sori_alloc_zero(late->days, sizeof *late->came);
	late->first_of = sori_alloc(late->days * sizeof *late->first_of);
	if (!late->came || !late->first_of)
		return sori_report_no_memory(error);
	status = sori_fact_scan(database, count_delay, late, error);
	if (status != SORI_OK)
		return status;
	align(late);
	if (!develop(late, share))
		return SORI_OK;
	for (size_t i = 0; i < late->days; i++) {
		int64_t day = (int64_t)late->from + (int64_t)i - panel->first;

		if (late->first_of[i] == SORI_DAY_NONE || day < 0 || (size_t)day >= panel->days || age_of(late, i) > LONGEST)
			continue;
		panel->completeness[day] = share[age_of(late, i)];
		panel->provisional[day] = share[age_of(late, i)] < COMPLETE;
	}
	return SORI_OK;
}

enum sori_status sori_panel_mark_late(struct sori_panel *panel, struct sqlite3 *database, struct sori_error *error)
{
	struct late late = {.panel = panel};
	enum sori_status status;

	panel->completeness = sori_arena_zero(&panel->arena, panel->days, sizeof *panel->completeness);
	if (!panel->completeness)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < panel->days; i++)
		panel->completeness[i] = 1.0;
	status = load_days(&late, database, error);
	if (status == SORI_OK && late.last_load > late.first_load)
		status = triangle(&late, database, error);
	sori_free(late.load_of);
	sori_free(late.came);
	sori_free(late.first_of);
	return status;
}
