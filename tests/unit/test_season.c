/* Seasons over planted stores: the planted peak is found, chance and one large event are none, minima hold, and years are laid side
 * by side as the calendar says. */
#include "tests/unit/planted.h"

#include "pipeline/base/memory.h"
#include "pipeline/core/inquiry.h"

#define MONDAY 18631 /* 2021-01-04 */
#define WEEK(n) (MONDAY + 7 * (n))

static const struct planted_world yearly = {.seed = 1, .cell = 1, .from = MONDAY, .to = WEEK(170) - 1, .documents = 60, .share = 0.05,
					    .phi = 1.5, .season = 0.5, .peak = WEEK(30) + 3, .factor = 1.0, .step = INT32_MAX};

static struct sori_season_result *asked(sqlite3 *store, const char *category, sori_day as_of, const struct sori_calendar *calendar)
{
	const struct sori_season_query query = {.category = category, .from = SORI_DAY_NONE, .as_of = as_of, .calendar = calendar};
	struct sori_season_result *result;
	struct sori_error error = {0};

	if (sori_season_run(&result, store, &query, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return result;
}

static const struct sori_season_row *row_of(const struct sori_season_result *result, const char *id)
{
	for (size_t i = 0; i < result->row_count; i++)
		if (!strcmp(result->rows[i].category->id, id))
			return &result->rows[i];
	fail_msg("no row %s", id);
	return NULL;
}

static void the_planted_peak_is_found(void **state)
{
	int near = 0, ratio = 0, season = 0;

	(void)state;
	for (int run = 0; run < 30; run++) {
		struct planted_world world = yearly;
		sqlite3 *store = planted_new();
		struct sori_season_result *result;
		const struct sori_season_row *row;
		double away;

		world.seed = 50 + (uint64_t)run;
		planted_grow(store, &world);
		result = asked(store, "a.x", SORI_DAY_NONE, NULL);
		assert_int_equal(result->row_count, 1);
		row = &result->rows[0];
		assert_int_equal(row->refusal, SORI_REFUSAL_NONE);
		assert_true(row->every_year);
		assert_int_equal(row->weeks.used, 170);
		assert_true(row->peak <= result->as_of && row->peak > result->as_of - 366);
		assert_int_equal(sori_day_weekday(row->peak), 0);
		away = remainder((row->peak + 3 - world.peak) / 7.0, 52.1775);
		near += fabs(away) <= 3.0;
		ratio += row->ratio > exp(1.0) / 1.35 && row->ratio < exp(1.0) * 1.35; /* exp(2 x 0.5) */
		season += row->verdict == SORI_VERDICT_UP;
		for (size_t i = 0; i < row->weeks.count; i++)
			assert_true(row->fitted[i] > 0.0);
		sori_season_free(result);
		sqlite3_close(store);
	}
	assert_true(near >= 27);
	assert_true(ratio >= 27);
	assert_true(season >= 28);
}

static void chance_is_no_season(void **state)
{
	int found = 0, by_test = 0;

	(void)state;
	for (int run = 0; run < 100; run++) {
		struct planted_world world = yearly;
		sqlite3 *store = planted_new();
		struct sori_season_result *result;

		world.seed = 5000 + (uint64_t)run;
		world.season = 0.0;
		world.documents = 30;
		world.share = 0.02; /* four a week */
		planted_grow(store, &world);
		result = asked(store, "a.x", SORI_DAY_NONE, NULL);
		found += result->rows[0].verdict == SORI_VERDICT_UP;
		assert_true(result->rows[0].p_memory >= result->rows[0].season.p);
		by_test += result->rows[0].season.p <= 0.05;
		sori_season_free(result);
		sqlite3_close(store);
	}
	assert_true(by_test >= 1 && by_test <= 11); /* 5 of 100; 11 with odds 0.995 */
	assert_true(found <= by_test);
}

/* Eight weeks of trouble in one year: the test says season, the years say event. */
static void one_event_is_no_season(void **state)
{
	struct planted_world world = yearly;
	sqlite3 *store = planted_new();
	struct sori_season_result *result;

	(void)state;
	world.season = 0.0;
	planted_grow(store, &world);
	sql_run(store, "UPDATE daily SET documents = documents * 6 WHERE category = 3 AND day BETWEEN 19222 AND 19277"); /* autumn 2022 */
	result = asked(store, "a.x", SORI_DAY_NONE, NULL);
	assert_int_equal(result->rows[0].refusal, SORI_REFUSAL_NONE);
	assert_true(result->rows[0].season.p < 0.001);
	assert_false(result->rows[0].recurs);
	assert_int_equal(result->rows[0].verdict, SORI_VERDICT_UNCLEAR);
	sori_season_free(result);
	sqlite3_close(store);
}

/* Waves of some weeks, in no rhythm: the F test alone takes most of them for a season. */
static void waves_are_no_season(void **state)
{
	int by_test = 0, found = 0;

	(void)state;
	for (int run = 0; run < 40; run++) {
		struct planted_random random = {800 + (uint64_t)run};
		sqlite3 *store = planted_new();
		struct sori_season_result *result;
		double level = 0.0;

		sql_run(store, "BEGIN");
		for (int week = 0; week < 170; week++) {
			level = 0.8 * level + 0.18 * planted_normal(&random); /* sd 0.3 */
			planted_put(store, WEEK(week) + 2, 1, 0, 1, 400);
			planted_put(store, WEEK(week) + 2, 1, 3, 1, planted_poisson(&random, 24.0 * exp(level)));
		}
		sql_run(store, "COMMIT");
		result = asked(store, "a.x", SORI_DAY_NONE, NULL);
		by_test += result->rows[0].season.p <= 0.05;
		found += result->rows[0].verdict == SORI_VERDICT_UP;
		assert_true(result->rows[0].acf1 > 0.0);
		sori_season_free(result);
		sqlite3_close(store);
	}
	assert_true(by_test >= 20);
	assert_true(found <= by_test / 2);
}

static void minima(void **state)
{
	static const struct {
		int weeks;
		enum sori_refusal refusal;
		bool observed, every_year;
	} cases[] = {{51, SORI_REFUSAL_HISTORY, false, false}, {52, SORI_REFUSAL_HISTORY, true, false}, {103, SORI_REFUSAL_HISTORY, true, false},
		     {104, SORI_REFUSAL_NONE, false, false},   {155, SORI_REFUSAL_NONE, false, false},	{156, SORI_REFUSAL_NONE, false, true}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct planted_world world = yearly;
		sqlite3 *store = planted_new();
		struct sori_season_result *result;
		const struct sori_season_row *row;

		world.to = WEEK(cases[i].weeks) - 1;
		planted_grow(store, &world);
		result = asked(store, "a.x", SORI_DAY_NONE, NULL);
		row = &result->rows[0];
		assert_int_equal(row->refusal, cases[i].refusal);
		assert_int_equal(row->observed, cases[i].observed);
		assert_int_equal(row->every_year, cases[i].every_year);
		if (row->refusal != SORI_REFUSAL_NONE) {
			assert_int_equal(row->verdict, SORI_VERDICT_TOO_LITTLE);
			assert_true(isnan(row->season.p) && isnan(row->season.f) && isnan(row->q) && isnan(row->fitted[0]));
			assert_int_equal(result->family, 0);
		}
		if (!row->observed && row->refusal != SORI_REFUSAL_NONE) {
			assert_int_equal(row->peak, SORI_DAY_NONE);
			assert_true(isnan(row->ratio));
		}
		assert_int_equal(row->this_monday, cases[i].weeks > 52 ? WEEK(cases[i].weeks - 1) : SORI_DAY_NONE);
		sori_season_free(result);
		sqlite3_close(store);
	}
}

static void too_few_and_another_dictionary(void **state)
{
	sqlite3 *store = planted_new();
	struct sori_season_result *result;
	struct sori_error error = {0};
	const struct sori_season_query nobody = {.category = "no.such", .from = SORI_DAY_NONE, .as_of = SORI_DAY_NONE};

	(void)state;
	planted_grow(store, &yearly);
	assert_int_equal(sori_season_run(&result, store, &nobody, &error), SORI_USAGE);
	assert_null(result);
	sql_run(store, "UPDATE daily SET dictionary = 2 WHERE day >= 19200");
	result = asked(store, "a.x", SORI_DAY_NONE, NULL);
	assert_int_equal(result->rows[0].refusal, SORI_REFUSAL_DICTIONARY);
	assert_int_equal(result->rows[0].verdict, SORI_VERDICT_DICTIONARY);
	assert_int_equal(result->rows[0].year_verdict, SORI_VERDICT_UNCLEAR); /* both weeks are the second one's */
	sori_season_free(result);
	sql_run(store, "UPDATE daily SET dictionary = 1");
	sql_run(store, "DELETE FROM daily WHERE category = 3 AND day % 29 <> 0");
	sql_run(store, "UPDATE daily SET documents = 1 WHERE category = 3");
	result = asked(store, "a.x", SORI_DAY_NONE, NULL);
	assert_int_equal(result->rows[0].refusal, SORI_REFUSAL_FEW);
	assert_true(isnan(result->rows[0].season.p));
	sori_season_free(result);
	sqlite3_close(store);
}

static void all_categories_have_one_family(void **state)
{
	sqlite3 *store = planted_new();
	struct sori_season_result *result;

	(void)state;
	planted_grow(store, &yearly);
	result = asked(store, NULL, SORI_DAY_NONE, NULL);
	assert_int_equal(result->row_count, 4);
	assert_int_equal(result->family, 4);
	assert_string_equal(result->rows[0].category->id, "a.x"); /* seasons first */
	for (size_t i = 0; i < 4; i++)
		assert_true(result->rows[i].q >= result->rows[i].season.p);
	assert_true(fabs(row_of(result, "b.z")->weeks.documents) > 60.0);
	sori_season_free(result);
	sqlite3_close(store);
}

static sori_day last_year_of(sqlite3 *store, sori_day as_of, const struct sori_calendar *calendar, bool *aligned)
{
	struct sori_season_result *result = asked(store, "a.x", as_of, calendar);
	sori_day monday = result->rows[0].last_monday;

	*aligned = result->rows[0].aligned;
	sori_season_free(result);
	return monday;
}

static void years_side_by_side(void **state)
{
	static struct sori_calendar_entry feasts[] = {
		{.day = 19244, .type = SORI_CALENDAR_CHUSEOK, .label = ""}, /* 2022-09-09, -10, -11 */
		{.day = 19245, .type = SORI_CALENDAR_CHUSEOK, .label = ""},
		{.day = 19246, .type = SORI_CALENDAR_CHUSEOK, .label = ""},
		{.day = 19628, .type = SORI_CALENDAR_CHUSEOK, .label = ""}, /* 2023-09-28, -29, -30 */
		{.day = 19629, .type = SORI_CALENDAR_CHUSEOK, .label = ""},
		{.day = 19630, .type = SORI_CALENDAR_CHUSEOK, .label = ""},
	};
	const struct sori_calendar calendar = {.entries = feasts, .count = 6};
	struct planted_world world = yearly;
	sqlite3 *store = planted_new();
	struct sori_season_result *result;
	bool aligned;

	(void)state;
	world.to = WEEK(200);
	world.season = 0.0;
	world.step = WEEK(120);
	world.factor = 3.0;
	planted_grow(store, &world);
	/* 2023-05-08 is Monday of ISO week 19; a year before: 2022-05-09. */
	assert_int_equal(last_year_of(store, 19485 + 6, NULL, &aligned), 19121);
	assert_int_equal(last_year_of(store, 19485 + 9, NULL, &aligned), 19121); /* the week is not whole yet */
	/* Week 1 of 2021 had a 53rd before it; 2022-01-03 is week 1, 2021-01-04 week 1. */
	assert_int_equal(last_year_of(store, 18995 + 6, NULL, &aligned), MONDAY);
	/* 2023-09-18, eleven days before Chuseok: 384 days back instead of 364. */
	assert_int_equal(last_year_of(store, 19618 + 6, &calendar, &aligned), 19618 - 384);
	assert_true(aligned);
	assert_int_equal(last_year_of(store, 19618 + 6, NULL, &aligned), 19618 - 364);
	assert_false(aligned);
	assert_int_equal(last_year_of(store, 19485 + 6, &calendar, &aligned), 19121); /* far from any feast */
	assert_false(aligned);

	result = asked(store, "a.x", 19485 + 6, NULL); /* the share was tripled in between */
	assert_true(result->rows[0].year.eligible);
	assert_int_equal(result->rows[0].year_verdict, SORI_VERDICT_UP);
	assert_true(result->rows[0].year.weekday.ratio.low < 3.0 && result->rows[0].year.weekday.ratio.high > 3.0);
	sori_season_free(result);
	result = asked(store, "a.x", WEEK(30) - 1, NULL);
	assert_int_equal(result->rows[0].this_monday, SORI_DAY_NONE);
	assert_true(isnan(result->rows[0].year.share_a) && isnan(result->rows[0].year.weekday.log_ratio));
	sori_season_free(result);
	sqlite3_close(store);
}

static void memory_runs_out(void **state)
{
	const struct sori_season_query query = {.category = NULL, .from = SORI_DAY_NONE, .as_of = SORI_DAY_NONE};
	struct planted_world world = yearly;
	sqlite3 *store = planted_new();
	size_t failures = 0;

	(void)state;
	planted_grow(store, &world);
	for (uint64_t n = 1; n < 200; n = n < 60 ? n + 1 : n + n / 8) {
		struct sori_season_result *result;
		struct sori_error error = {0};
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_season_run(&result, store, &query, &error);
		sori_memory_fail_after(0, 0);
		assert_true(status == SORI_OK || (status == SORI_SYSTEM && !result));
		failures += status == SORI_SYSTEM;
		sori_season_free(result);
	}
	assert_true(failures > 20);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_planted_peak_is_found),  cmocka_unit_test(chance_is_no_season),
		cmocka_unit_test(one_event_is_no_season),     cmocka_unit_test(waves_are_no_season),
		cmocka_unit_test(minima),
		cmocka_unit_test(too_few_and_another_dictionary), cmocka_unit_test(all_categories_have_one_family),
		cmocka_unit_test(years_side_by_side),	      cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
