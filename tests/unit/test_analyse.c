/* Compare and alerts over invented stores: the panel is the store's, silence is told from zero, planted changes are found. */
#include "tests/unit/report_fixture.h"

#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/analyse.h"
#include "pipeline/stats/intervals.h"

#define START 20000 /* a Tuesday */

static const struct sori_slice everything = {0};

/* A small store: one cell per source, categories a.x, a.y, b.x. */
static sqlite3 *small_store(void)
{
	sqlite3 *store;

	assert_int_equal(sqlite3_open(":memory:", &store), SQLITE_OK);
	sql_run(store,
		    "CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT, ko TEXT, en TEXT, kind TEXT, owner TEXT, severity, fallback);"
		    "INSERT INTO category VALUES (0,'*','','','','',0,0),(1,'*none','','','','',0,0),(2,'a.x','','','pain','',3,0),"
		    "(3,'a.y','','','pain','',3,0),(4,'b.x','','','praise','',0,0);"
		    "CREATE TABLE cell(cell INTEGER PRIMARY KEY, source, channel, product, region, lang, dim1, dim2, dim3);"
		    "INSERT INTO cell VALUES (1,'one','','','','ko','g','',''),(2,'two','','','','ko','h','',''),(3,'three','','','','en','g','','');"
		    "CREATE TABLE input(columns TEXT, superseded);"
		    "INSERT INTO input VALUES ('{\"dim1\":\"grade\"}', NULL);"
		    "CREATE TABLE daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER,"
		    " complaints INTEGER AS (documents), customers INTEGER AS (0),"
		    " PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID");
	return store;
}

static void put(sqlite3 *store, int day, int cell, int category, int dictionary, int documents)
{
	char sql[200];

	snprintf(sql, sizeof sql, "INSERT INTO daily VALUES (%d, %d, %d, %d, %d) ON CONFLICT DO UPDATE SET documents = %d", START + day,
		 cell, category, dictionary, documents, documents);
	sql_run(store, sql);
}

/* `days` days of source one: about 40 documents, 4 of a.x, 5 of a.y, 3 of b.x, with a fixed wobble. */
static sqlite3 *steady_store(int days)
{
	sqlite3 *store = small_store();

	for (int day = 0; day < days; day++) {
		put(store, day, 1, 0, 1, 38 + day * 7 % 5);
		put(store, day, 1, 2, 1, 3 + day * 5 % 3);
		put(store, day, 1, 3, 1, 4 + day * 11 % 3);
		put(store, day, 1, 4, 1, 2 + day * 3 % 4);
	}
	return store;
}

static struct sori_panel *panel_of(sqlite3 *store, sori_day from, sori_day to, const struct sori_slice *slices, size_t count)
{
	struct sori_panel *panel;
	struct sori_error error = {0};

	if (sori_panel_load(&panel, store, from, to, slices, count, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return panel;
}

static struct sori_panel *alerts_of(sqlite3 *store, int tonight, struct sori_alerts_result *result)
{
	struct sori_panel *panel = panel_of(store, START + tonight - SORI_ALERT_HISTORY + 1, START + tonight, &everything, 1);
	struct sori_error error = {0};

	if (sori_alerts_run(panel, result, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return panel;
}

static const struct sori_alert *row_of(const struct sori_alerts_result *result, enum sori_alert_level level, const char *id)
{
	for (size_t i = 0; i < result->row_count; i++)
		if (result->rows[i].level == level && (!id || (strlen(id) == result->rows[i].id_length &&
							       !strncmp(result->rows[i].category->id, id, strlen(id)))))
			return &result->rows[i];
	fail_msg("no row %s", id ? id : "of volume");
	return NULL;
}

static const struct sori_compare_row *changed_of(const struct sori_compare_result *result, const char *id)
{
	for (size_t i = 0; i < result->row_count; i++)
		if (!strcmp(result->rows[i].category->id, id))
			return &result->rows[i];
	fail_msg("no row %s", id);
	return NULL;
}

static void panel_is_the_store_s(void **state)
{
	const struct sori_slice_term seoul = {"region", "서울"}, others[] = {{"region", "부산"}, {"region", "대전"}, {"region", "제주"}};
	const struct sori_slice slices[] = {{&seoul, 1}, {others, 3}};
	sqlite3 *store = fixture_store(0);
	struct sori_error error = {0};
	sori_day first, last;
	struct sori_panel *panel;
	char sql[200];

	(void)state;
	assert_int_equal(sori_analyse_bounds(store, &first, &last, &error), SORI_OK);
	assert_int_equal(first, 20574);
	assert_int_equal(last, 20665);
	panel = panel_of(store, first, last, slices, 2);
	assert_int_equal(panel->category_count, 12);
	assert_false(panel->overlap);
	for (size_t day = 0; day < panel->days; day++) {
		snprintf(sql, sizeof sql, "SELECT coalesce(sum(documents), 0) FROM daily WHERE category = 0 AND day = %d", first + (int)day);
		assert_int_equal((int64_t)(panel->sides[0].all[day] + panel->sides[1].all[day]), sql_number(store, sql));
	}
	for (size_t k = 0; k < panel->category_count; k++) {
		double sum = 0.0;

		for (size_t day = 0; day < panel->days; day++)
			sum += sori_panel_series(panel, 0, k)[day];
		snprintf(sql, sizeof sql, "SELECT coalesce(sum(documents), 0) FROM daily JOIN cell USING (cell) JOIN category USING (category)"
			 " WHERE region = '서울' AND day > 0 AND id = '%s'", panel->categories[k].id);
		assert_int_equal((int64_t)sum, sql_number(store, sql));
	}
	assert_true(panel->sides[0].absent[36] && panel->sides[1].absent[38]); /* 6 and 8 June */
	assert_false(panel->sides[0].absent[35]);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void slices_that_do_not_exist(void **state)
{
	const struct sori_slice_term colour = {"colour", "red"}, nowhere = {"lang", "xx"}, grade = {"grade", "g"}, ko = {"lang", "ko"};
	const struct sori_slice wrong[] = {{&colour, 1}, {&nowhere, 1}}, both[] = {{&grade, 1}, {&ko, 1}};
	sqlite3 *store = steady_store(3);
	struct sori_error error = {0};
	struct sori_panel *panel;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(sori_panel_load(&panel, store, START, START + 2, &wrong[i], 1, &error), SORI_USAGE);
		assert_null(panel);
	}
	panel = panel_of(store, START, START + 2, both, 2); /* dim1 by the name its input gave it */
	assert_int_equal(panel->sides[0].cells, 2);
	assert_true(panel->overlap);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void silence_is_not_zero(void **state)
{
	sqlite3 *store = small_store();
	struct sori_panel *panel;

	(void)state;
	for (int day = 0; day < 70; day++) {
		if (day != 30 && day < 40) /* a feed with one silent day, then it ends */
			put(store, day, 1, 0, 1, 10);
		if (day % 7 != 5) /* closed once a week */
			put(store, day, 2, 0, 1, 20);
		if (day % 3 == 0) /* a trickle */
			put(store, day, 3, 0, 1, 2);
	}
	panel = panel_of(store, START, START + 69, &everything, 1);
	for (size_t day = 0; day < 70; day++)
		assert_int_equal(panel->sides[0].absent[day], day == 30 || (day >= 40 && day < 40 + 28));
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void planted_changes_are_found(void **state)
{
	const struct sori_slice_term model = {"product", "모델 A"};
	const struct sori_slice slice = {&model, 1};
	const struct sori_compare_side a = {0, 20604, 20624 - 1}, b = {0, 20644, 20665};
	sqlite3 *store = fixture_store(0);
	struct sori_panel *panel = panel_of(store, 20574, 20665, &slice, 1);
	struct sori_compare_result result;
	struct sori_error error = {0};
	const struct sori_compare_row *row;
	struct sori_interval limits;

	(void)state;
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	row = changed_of(&result, "network.outage");
	assert_int_equal(row->verdict, SORI_VERDICT_UP);
	assert_int_equal((int)row->ab.b, sql_number(store, "SELECT sum(documents) FROM daily JOIN cell USING (cell) WHERE category = 1"
							       " AND product = '모델 A' AND day BETWEEN 20644 AND 20665"));
	limits = sori_newcombe_interval(row->ab.b, row->ab.n_b, row->ab.a, row->ab.n_a, 0.95);
	assert_true(row->ab.difference_limits.low >= limits.low && row->ab.difference_limits.high <= limits.high);
	assert_true(fabs(row->excess - (row->ab.b - row->ab.n_b * row->ab.a / row->ab.n_a)) < 1e-9);
	assert_true(row->ab.weekday.ratio.low > 1.0 && row->ab.weekday.ratio.low < exp(row->ab.weekday.log_ratio));
	assert_int_equal(changed_of(&result, "delivery.delay")->verdict, SORI_VERDICT_DOWN);
	assert_int_equal(result.a.missing, 3);
	assert_int_equal(result.a.observed, 17);
	assert_false(result.a.incomplete);
	for (size_t i = 1; i < result.row_count; i++)
		assert_true(isnan(result.rows[i].q) || result.rows[i - 1].q <= result.rows[i].q + 1e-6);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void no_test_without_grounds(void **state)
{
	const struct sori_compare_side a = {0, START, START + 27}, b = {0, START + 28, START + 55};
	struct sori_compare_result result;
	struct sori_error error = {0};
	sqlite3 *store = steady_store(56);
	struct sori_panel *panel = panel_of(store, START, START + 55, &everything, 1);

	(void)state;
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	assert_int_equal(result.family, 3);
	for (size_t i = 0; i < result.row_count; i++)
		assert_int_equal(result.rows[i].verdict, SORI_VERDICT_UNCLEAR);
	sori_panel_free(panel);

	sql_run(store, "DELETE FROM daily WHERE day BETWEEN 20010 AND 20015"); /* 6 of 28 days: under 80 % */
	panel = panel_of(store, START, START + 55, &everything, 1);
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	assert_true(result.a.incomplete);
	assert_int_equal(result.family, 0);
	assert_int_equal(result.rows[0].verdict, SORI_VERDICT_TOO_LITTLE);
	sori_panel_free(panel);

	sql_run(store, "UPDATE daily SET dictionary = 2 WHERE day > 20040");
	panel = panel_of(store, START, START + 55, &everything, 1);
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	assert_true(result.dictionary_changed);
	assert_int_equal(result.rows[0].verdict, SORI_VERDICT_DICTIONARY);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void a_quiet_night_and_tiers(void **state)
{
	static const struct {
		int tonight;
		enum sori_alert_tier tier;
	} cases[] = {{26, SORI_TIER_NONE}, {27, SORI_TIER_PROVISIONAL}, {62, SORI_TIER_PROVISIONAL}, {63, SORI_TIER_DAILY}, {99, SORI_TIER_DAILY}};
	sqlite3 *store = steady_store(100);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sori_alerts_result result;
		struct sori_panel *panel = alerts_of(store, cases[i].tonight, &result);

		assert_int_equal(result.tier, cases[i].tier);
		assert_int_equal(result.history, cases[i].tonight + 1);
		assert_int_equal(result.row_count, 5); /* volume, a, a.x, a.y, b.x */
		for (size_t k = 0; k < result.row_count; k++)
			assert_int_equal(result.rows[k].word, result.tier == SORI_TIER_NONE ? SORI_ALERT_TOO_LITTLE : SORI_ALERT_QUIET);
		sori_panel_free(panel);
	}
	sqlite3_close(store);
}

static void a_burst_is_the_category_s_or_the_group_s(void **state)
{
	for (int tonight = 40; tonight <= 99; tonight += 59) { /* provisional, nightly */
		sqlite3 *store = steady_store(tonight + 1);
		struct sori_alerts_result result;
		struct sori_panel *panel;

		(void)state;
		put(store, tonight, 1, 2, 1, 30);
		panel = alerts_of(store, tonight, &result);
		assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "a.x")->word, SORI_ALERT_ALERT);
		assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "b.x")->word, SORI_ALERT_QUIET);
		assert_ptr_equal(row_of(&result, SORI_ALERT_GROUP, "a")->cause, row_of(&result, SORI_ALERT_CATEGORY, "a.x"));
		assert_null(row_of(&result, SORI_ALERT_CATEGORY, "a.x")->whole);
		assert_int_equal(row_of(&result, SORI_ALERT_VOLUME, NULL)->word, SORI_ALERT_QUIET);
		assert_ptr_equal(&result.rows[1], row_of(&result, SORI_ALERT_GROUP, "a")); /* parent before child */
		sori_panel_free(panel);

		put(store, tonight, 1, 3, 1, 30);
		panel = alerts_of(store, tonight, &result);
		assert_ptr_equal(row_of(&result, SORI_ALERT_CATEGORY, "a.y")->whole, row_of(&result, SORI_ALERT_GROUP, "a"));
		assert_null(row_of(&result, SORI_ALERT_GROUP, "a")->cause);
		sori_panel_free(panel);
		sqlite3_close(store);
	}
}

/* Three times as much of everything is volume, not a rise of every category; next to nothing is a broken feed. */
static void volume_to_both_sides(void **state)
{
	sqlite3 *store = steady_store(100);
	struct sori_alerts_result result;
	struct sori_panel *panel;
	const struct sori_alert *volume;

	(void)state;
	sql_run(store, "UPDATE daily SET documents = documents * 3 WHERE day = 20099");
	panel = alerts_of(store, 99, &result);
	assert_int_equal(result.rows[0].level, SORI_ALERT_VOLUME);
	assert_int_equal(result.rows[0].word, SORI_ALERT_ALERT);
	for (size_t i = 1; i < result.row_count; i++)
		assert_int_equal(result.rows[i].word, SORI_ALERT_QUIET);
	sori_panel_free(panel);

	sql_run(store, "DELETE FROM daily WHERE day = 20099");
	put(store, 99, 1, 0, 1, 5);
	panel = alerts_of(store, 99, &result);
	volume = row_of(&result, SORI_ALERT_VOLUME, NULL);
	assert_true(volume->low);
	assert_int_equal(volume->word, SORI_ALERT_ALERT);
	assert_true(volume->observed < volume->lower && volume->lower < volume->expected);
	sori_panel_free(panel);

	sql_run(store, "DELETE FROM daily WHERE day = 20099");
	panel = alerts_of(store, 99, &result);
	assert_true(result.missing);
	assert_int_equal(row_of(&result, SORI_ALERT_VOLUME, NULL)->word, SORI_ALERT_NO_DATA);
	sori_panel_free(panel);
	sqlite3_close(store);
}

/* The same burst three weeks before does not hide tonight's: own alarms stay out of the baseline. */
static void an_earlier_burst_hides_nothing(void **state)
{
	sqlite3 *store = steady_store(130);
	struct sori_alerts_result result;
	struct sori_panel *panel;
	const struct sori_alert *row;

	(void)state;
	for (int day = 108; day < 113; day++)
		put(store, day, 1, 2, 1, 20);
	put(store, 129, 1, 2, 1, 14);
	panel = alerts_of(store, 129, &result);
	row = row_of(&result, SORI_ALERT_CATEGORY, "a.x");
	assert_int_equal(row->word, SORI_ALERT_ALERT);
	assert_int_equal(row->dropped, 5);
	assert_false(row->released);
	sori_panel_free(panel);
	sqlite3_close(store);
}

/* One document of a category that the baseline never saw is no alarm; a wave is. */
static void new_categories(void **state)
{
	sqlite3 *store = steady_store(100);
	struct sori_alerts_result result;
	struct sori_panel *panel;

	(void)state;
	sql_run(store, "DELETE FROM daily WHERE category = 4 AND day < 20095");
	put(store, 99, 1, 4, 1, 1);
	panel = alerts_of(store, 99, &result);
	assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "b.x")->word, SORI_ALERT_QUIET);
	sori_panel_free(panel);
	put(store, 99, 1, 4, 1, 12);
	panel = alerts_of(store, 99, &result);
	assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "b.x")->word, SORI_ALERT_ALERT);
	assert_true(fabs(row_of(&result, SORI_ALERT_CATEGORY, "b.x")->expected) < 1e-12);
	sori_panel_free(panel);
	sqlite3_close(store);
}

/* Days of another dictionary are no baseline for shares; volume does not mind. */
static void another_dictionary(void **state)
{
	sqlite3 *store = steady_store(100);
	struct sori_alerts_result result;
	struct sori_panel *panel;

	(void)state;
	sql_run(store, "UPDATE daily SET dictionary = 2 WHERE day = 20099");
	panel = alerts_of(store, 99, &result);
	assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "a.x")->word, SORI_ALERT_TOO_LITTLE);
	assert_int_equal(result.rows[0].word, SORI_ALERT_QUIET);
	assert_int_equal(result.rows[0].tier, SORI_TIER_DAILY);
	sori_panel_free(panel);
	sql_run(store, "UPDATE daily SET dictionary = 2 WHERE day > 20069"); /* 30 days: the next tier */
	panel = alerts_of(store, 99, &result);
	assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "a.x")->word, SORI_ALERT_QUIET);
	assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "a.x")->tier, SORI_TIER_PROVISIONAL);
	assert_int_equal(result.rows[0].tier, SORI_TIER_DAILY);
	sori_panel_free(panel);
	put(store, 99, 2, 0, 1, 1);
	panel = alerts_of(store, 99, &result);
	assert_int_equal(row_of(&result, SORI_ALERT_CATEGORY, "a.x")->word, SORI_ALERT_DICTIONARY);
	sori_panel_free(panel);
	sqlite3_close(store);
}

static void memory_runs_out(void **state)
{
	const struct sori_compare_side a = {0, START, START + 27}, b = {0, START + 28, START + 55};
	sqlite3 *store = steady_store(80);
	size_t failures = 0;

	(void)state;
	put(store, 79, 1, 2, 1, 30);
	for (uint64_t n = 1; n < 4000; n = n < 40 ? n + 1 : n + n / 8) {
		struct sori_alerts_result alerts;
		struct sori_compare_result result;
		struct sori_panel *panel;
		struct sori_error error = {0};
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_panel_load(&panel, store, START, START + 79, &everything, 1, &error);
		if (status == SORI_OK)
			status = sori_alerts_run(panel, &alerts, &error);
		if (status == SORI_OK)
			status = sori_compare_run(panel, &a, &b, &result, &error);
		sori_memory_fail_after(0, 0);
		sori_panel_free(panel);
		failures += status == SORI_SYSTEM;
		assert_true(status == SORI_OK || status == SORI_SYSTEM);
	}
	assert_true(failures > 30);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panel_is_the_store_s),       cmocka_unit_test(slices_that_do_not_exist),
		cmocka_unit_test(silence_is_not_zero),        cmocka_unit_test(planted_changes_are_found),
		cmocka_unit_test(no_test_without_grounds),    cmocka_unit_test(a_quiet_night_and_tiers),
		cmocka_unit_test(a_burst_is_the_category_s_or_the_group_s), cmocka_unit_test(volume_to_both_sides),
		cmocka_unit_test(an_earlier_burst_hides_nothing), cmocka_unit_test(new_categories),
		cmocka_unit_test(another_dictionary),         cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
