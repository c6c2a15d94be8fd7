/* Alerts beyond one night's counts: weeks, holidays, copies of one text, late data; and what a comparison says of mix. */
#include "tests/unit/report_fixture.h"

#include <math.h>

#include "pipeline/core/analyse.h"
#include "pipeline/core/analyse_restate.h"

#define START 20000 /* a Tuesday */

static const struct sori_slice everything = {0};

static sqlite3 *store_with(int days)
{
	sqlite3 *store;

	assert_int_equal(sqlite3_open(":memory:", &store), SQLITE_OK);
	sql_run(store,
		    "CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT, ko TEXT, en TEXT, kind TEXT, owner TEXT, severity, fallback);"
		    "INSERT INTO category VALUES (0,'*','','','','',0,0),(1,'*none','','','','',0,0),(2,'a.x','','','pain','',3,0),"
		    "(3,'b.x','','','pain','',3,0);"
		    "CREATE TABLE cell(cell INTEGER PRIMARY KEY, source, channel, product, region, lang, dim1, dim2, dim3);"
		    "INSERT INTO cell VALUES (1,'one','app','','','ko','','',''),(2,'one','call','','','ko','','','');"
		    "CREATE TABLE input(columns TEXT, superseded);"
		    "CREATE TABLE daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER, complaints INTEGER,"
		    " customers INTEGER, PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID;");
	for (int day = 0; day < days; day++) {
		char sql[300];

		snprintf(sql, sizeof sql, "INSERT INTO daily VALUES (%d,1,0,1,%d,%d,0),(%d,1,2,1,%d,%d,0),(%d,1,3,1,%d,%d,0)", START + day,
			 38 + day * 7 % 5, 38 + day * 7 % 5, START + day, 3 + day * 5 % 3, 3 + day * 5 % 3, START + day, 4 + day * 11 % 3,
			 4 + day * 11 % 3);
		sql_run(store, sql);
	}
	return store;
}

static void set(sqlite3 *store, int day, int category, int documents, int complaints)
{
	char sql[200];

	snprintf(sql, sizeof sql, "UPDATE daily SET documents = %d, complaints = %d WHERE day = %d AND category = %d", documents, complaints,
		 START + day, category);
	sql_run(store, sql);
}

static struct sori_panel *panel_of(sqlite3 *store, int from, int to)
{
	struct sori_panel *panel;
	struct sori_error error = {0};

	if (sori_panel_load(&panel, store, START + from, START + to, &everything, 1, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return panel;
}

static const struct sori_alert *row_of(const struct sori_alerts_result *result, const char *id)
{
	for (size_t i = 0; i < result->row_count; i++)
		if (id ? result->rows[i].level == SORI_ALERT_CATEGORY && !strcmp(result->rows[i].category->id, id)
		       : result->rows[i].level == SORI_ALERT_VOLUME)
			return &result->rows[i];
	fail_msg("no row");
	return NULL;
}

static void a_week_against_years(void **state)
{
	enum { WEEKS = 170, DAYS = WEEKS * 7 };
	sqlite3 *store = store_with(DAYS + 10);
	struct sori_panel *panel;
	struct sori_alerts_result result;
	struct sori_error error;

	(void)state;
	/* the last whole week before a Tuesday is the one that ended on the Sunday, two days before */
	for (int day = DAYS + 8 - 7; day < DAYS + 8; day++)
		set(store, day - 3, 2, 13, 13);
	panel = panel_of(store, DAYS + 7 - SORI_ALERT_HISTORY_WEEKLY - 6, DAYS + 7);
	assert_int_equal(sori_alerts_run_weekly(panel, &result, &error), SORI_OK);
	assert_true(result.weekly);
	assert_int_equal(sori_day_weekday(result.day), 6);
	assert_int_equal(result.tier, SORI_TIER_WEEKLY);
	assert_in_range(result.history, 165, 171);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_ALERT);
	assert_true(row_of(&result, "a.x")->expected < 35.0);
	assert_int_equal(row_of(&result, "b.x")->word, SORI_ALERT_QUIET);
	assert_int_equal(row_of(&result, NULL)->word, SORI_ALERT_QUIET);
	sori_panel_free(panel);
	/* 159 weeks are too few */
	panel = panel_of(store, DAYS + 7 - 159 * 7 - 1, DAYS + 7);
	assert_int_equal(sori_alerts_run_weekly(panel, &result, &error), SORI_OK);
	assert_int_equal(result.tier, SORI_TIER_NONE);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_TOO_LITTLE);
	sori_panel_free(panel);
	/* and a panel of five days has no week at all */
	panel = panel_of(store, DAYS + 3, DAYS + 7);
	assert_int_equal(sori_alerts_run_weekly(panel, &result, &error), SORI_OK);
	assert_int_equal(result.row_count, 0);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void holidays(void **state)
{
	sqlite3 *store = store_with(190);
	struct sori_panel *panel = panel_of(store, 0, 189);
	struct sori_alerts_result result;
	struct sori_error error;

	(void)state;
	/* a holiday without examples is not judged */
	panel->kind[189] = SORI_DAY_HOLIDAY;
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_HOLIDAY);
	/* with three in the baseline it is a class of its own */
	panel->kind[140] = panel->kind[150] = panel->kind[160] = SORI_DAY_HOLIDAY;
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_QUIET);
	/* a disturbed day never */
	panel->kind[189] = SORI_DAY_DISTURBED;
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_HOLIDAY);
	/* and stays out of the baseline: a burst on it teaches nothing */
	panel->kind[189] = SORI_DAY_ORDINARY;
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	size_t used = row_of(&result, "a.x")->used;
	panel->kind[170] = SORI_DAY_DISTURBED;
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, "a.x")->used, used - 1);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void copies_of_one_text(void **state)
{
	sqlite3 *store = store_with(190);
	struct sori_panel *panel;
	struct sori_alerts_result result;
	struct sori_error error;

	(void)state;
	set(store, 189, 2, 30, 5);
	panel = panel_of(store, 0, 189);
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_WATCH);
	assert_true(row_of(&result, "a.x")->copies);
	assert_true(row_of(&result, "a.x")->complaints == 5.0);
	sori_panel_free(panel);
	set(store, 189, 2, 30, 29);
	panel = panel_of(store, 0, 189);
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, "a.x")->word, SORI_ALERT_ALERT);
	assert_false(row_of(&result, "a.x")->copies);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void half_a_day_is_no_broken_feed(void **state)
{
	sqlite3 *store = store_with(190);
	struct sori_panel *panel;
	struct sori_alerts_result result;
	struct sori_error error;
	double *in;

	(void)state;
	set(store, 189, 0, 14, 14);
	panel = panel_of(store, 0, 189);
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_true(row_of(&result, NULL)->low);
	in = sori_arena_zero(&panel->arena, panel->days, sizeof *in);
	for (size_t i = 0; i < panel->days; i++)
		in[i] = i == 189 ? 0.4 : 1.0;
	panel->completeness = in;
	panel->provisional[189] = true;
	assert_int_equal(sori_alerts_run(panel, &result, &error), SORI_OK);
	assert_int_equal(row_of(&result, NULL)->word, SORI_ALERT_QUIET);
	assert_true(result.completeness == 0.4);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void mix_of_channels(void **state)
{
	sqlite3 *store = store_with(56);
	const struct sori_compare_side a = {0, START, START + 27}, b = {0, START + 28, START + 55};
	struct sori_compare_result result;
	struct sori_panel *panel;
	struct sori_error error;

	(void)state;
	/* the call channel, with three times the share, comes in the second period: within both channels the share falls */
	for (int day = 0; day < 56; day++) {
		char sql[300];
		int all = day < 28 ? 4 : 60, hits = day < 28 ? 2 : 24;

		set(store, day, 0, 40, 40);
		set(store, day, 2, day < 28 ? 5 : 4, 4);
		snprintf(sql, sizeof sql, "INSERT INTO daily VALUES (%d,2,0,1,%d,%d,0),(%d,2,2,1,%d,%d,0)", START + day, all, all, START + day, hits, hits);
		sql_run(store, sql);
	}
	panel = panel_of(store, 0, 55);
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	assert_int_equal(sori_compare_mix_run(panel, store, &a, &b, &result, &error), SORI_OK);
	const struct sori_compare_row *row = NULL;
	for (size_t i = 0; i < result.row_count; i++)
		if (!strcmp(result.rows[i].category->id, "a.x"))
			row = &result.rows[i];
	assert_non_null(row);
	assert_true(row->ab.difference > 0.1);
	assert_int_equal(row->mix.strata, 2);
	assert_true(row->mix.result.mh_ratio < 1.0);
	assert_true(row->mix.result.rate_part < 0.0);
	assert_true(row->mix.signs_differ);
	assert_true(fabs(row->mix.result.rate_part + row->mix.result.mix_part - row->mix.result.crude_difference) < 1e-12);
	assert_true(row->complaints_b == 28.0 * 28.0);
	/* provisional days go from sums and denominators */
	panel->provisional[55] = panel->provisional[54] = true;
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	assert_int_equal(result.b.provisional, 2);
	assert_true(result.b.documents == 26.0 * 100.0);
	assert_false(result.b.incomplete);
	for (size_t i = 48; i < 54; i++)
		panel->provisional[i] = true;
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	assert_true(result.b.incomplete); /* 20 of 28 */
	assert_int_equal(result.family, 0);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void restated(void **state)
{
	sqlite3 *store = store_with(56);
	const struct sori_compare_side a = {0, START, START + 27}, b = {0, START + 28, START + 55};
	struct sori_restated reported;
	struct sori_restate_split split;
	struct sori_panel *panel;
	struct sori_error error;

	(void)state;
	/* the first four weeks were reported by dictionary 7, which missed every second document of a.x */
	sql_run(store, "CREATE TABLE reported(day, cell, category, dictionary, documents);"
			   "INSERT INTO reported SELECT day, cell, category, 7, CASE category WHEN 2 THEN documents / 2 ELSE documents END"
			   " FROM daily WHERE day < 20028");
	panel = panel_of(store, 0, 55);
	assert_int_equal(sori_restated_load(panel, store, &everything, &reported, &error), SORI_OK);
	assert_true(reported.any && reported.changed[0] && !reported.changed[28]);
	assert_int_equal(reported.dictionary[0], 7);
	assert_int_equal(reported.break_count, 0);
	split = sori_restate_split(panel, &reported, 0, &a, &b);
	assert_true(split.known);
	assert_true(fabs(split.reported - split.data - split.dictionary) < 1e-12);
	assert_true(fabs(split.data) < 0.005);
	assert_true(split.dictionary > 0.03);
	sori_panel_free(panel);
	/* days that could not be restated break the series */
	sql_run(store, "UPDATE daily SET dictionary = 7 WHERE day < 20010");
	panel = panel_of(store, 0, 55);
	assert_int_equal(sori_restated_load(panel, store, &everything, &reported, &error), SORI_OK);
	assert_int_equal(reported.break_count, 1);
	assert_int_equal(reported.breaks[0].day, START + 10);
	assert_false(sori_restate_split(panel, &reported, 0, &a, &b).known);
	sori_panel_free(panel);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_week_against_years), cmocka_unit_test(holidays), cmocka_unit_test(copies_of_one_text),
		cmocka_unit_test(half_a_day_is_no_broken_feed), cmocka_unit_test(mix_of_channels), cmocka_unit_test(restated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
