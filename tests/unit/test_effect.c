/* Effect of an action over planted stores: the step that was planted lies in its interval as often as 95 % says, no step is found
 * where there is none, minima refuse, and a refusal has no numbers. */
#include "tests/unit/planted.h"

#include "pipeline/base/memory.h"
#include "pipeline/core/inquiry.h"

#define MONDAY 19359 /* 2023-01-02 */
#define WEEK(n) (MONDAY + 7 * (n))

static const struct planted_world calm = {.seed = 1, .cell = 1, .from = MONDAY, .to = WEEK(150) - 1, .documents = 60, .share = 0.06,
					  .phi = 1.5, .step = WEEK(120), .factor = 0.6};

static struct sori_effect_query question(const char *category, sori_day date)
{
	return (struct sori_effect_query){.category = category, .date = date, .from = SORI_DAY_NONE, .as_of = SORI_DAY_NONE};
}

static struct sori_effect *judged(sqlite3 *store, const struct sori_effect_query *query)
{
	struct sori_effect *effect;
	struct sori_error error = {0};

	if (sori_effect_run(&effect, store, query, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return effect;
}

static bool holds(const struct sori_interval *limits, double truth)
{
	return limits->low <= truth && truth <= limits->high;
}

/* Documents that the step took away in truth: expected, not drawn. */
static double avoided_in_truth(sqlite3 *store, const struct planted_world *world)
{
	double sum = 0.0;
	sqlite3_stmt *row;

	assert_int_equal(sqlite3_prepare_v2(store, "SELECT day, documents FROM daily WHERE category = 0 AND cell = ? AND day >= ?", -1, &row, NULL),
			 SQLITE_OK);
	sqlite3_bind_int(row, 1, world->cell);
	sqlite3_bind_int(row, 2, world->step);
	while (sqlite3_step(row) == SQLITE_ROW) {
		sori_day day = sqlite3_column_int(row, 0);

		sum += sqlite3_column_int(row, 1) * (planted_share(world, day, false) - planted_share(world, day, true));
	}
	sqlite3_finalize(row);
	return sum;
}

static void the_planted_step_lies_in_its_interval(void **state)
{
	int in = 0, at_once = 0, avoided = 0, found = 0;
	const int runs = 60;

	(void)state;
	for (int run = 0; run < runs; run++) {
		struct planted_world world = calm;
		struct sori_effect_query query = question("a.x", calm.step);
		sqlite3 *store = planted_new();
		struct sori_effect *effect;

		world.seed = 100 + (uint64_t)run;
		world.season = 0.3;
		world.peak = WEEK(20);
		world.slope = -0.1;
		planted_grow(store, &world);
		effect = judged(store, &query);
		assert_int_equal(effect->line.refusal, SORI_REFUSAL_NONE);
		assert_int_equal(effect->harmonics, 2);
		assert_int_equal(effect->line.before, 120);
		assert_int_equal(effect->line.after, 30);
		in += holds(&effect->line.average.headline, 0.6);
		at_once += holds(&effect->line.at[0].headline, 0.6);
		avoided += holds(&effect->avoided_limits, avoided_in_truth(store, &world));
		found += effect->verdict == SORI_VERDICT_DOWN && effect->better;
		assert_true(effect->line.average.headline.low <= effect->line.average.quasi.low ||
			    effect->line.average.headline.low <= effect->line.average.newey_west.low);
		assert_true(effect->line.at[2].ratio > 0.0 && !effect->line.at[2].beyond);
		assert_true(effect->placebo_tried >= 20);
		sori_effect_free(effect);
		sqlite3_close(store);
	}
	assert_true(in >= 54 && at_once >= 54 && avoided >= 54); /* 95 % of 60: 57; 54 or more with odds 0.98 */
	assert_true(found >= 58);
}

static void nothing_is_found_where_nothing_is(void **state)
{
	int changed = 0;

	(void)state;
	for (int run = 0; run < 60; run++) {
		struct planted_world world = calm;
		struct sori_effect_query query = question("a.x", calm.step);
		sqlite3 *store = planted_new();
		struct sori_effect *effect;

		world.seed = 900 + (uint64_t)run;
		world.factor = 1.0;
		world.phi = 2.0;
		planted_grow(store, &world);
		effect = judged(store, &query);
		changed += effect->verdict != SORI_VERDICT_UNCLEAR;
		sori_effect_free(effect);
		sqlite3_close(store);
	}
	assert_true(changed <= 7); /* 5 % of 60: 3; 7 or less with odds 0.98 */
}

static void no_numbers(const struct sori_effect *effect)
{
	for (size_t h = 0; h < SORI_EFFECT_HORIZONS; h++)
		assert_true(isnan(effect->line.at[h].ratio) && isnan(effect->line.at[h].headline.low) && isnan(effect->line.at[h].p));
	assert_true(isnan(effect->line.average.ratio) && isnan(effect->line.average.p) && isnan(effect->avoided));
	assert_true(isnan(effect->avoided_limits.low) && isnan(effect->phi) && isnan(effect->box_p) && isnan(effect->net.ratio));
	assert_int_equal(effect->placebo_tried, 0);
	assert_int_equal(effect->control, SORI_CONTROL_NONE);
	assert_false(effect->better);
	for (size_t i = 0; i < effect->line.weeks.count; i++)
		assert_true(isnan(effect->line.fitted[i]) && isnan(effect->line.without[i]));
}

static void minima(void **state)
{
	static const struct {
		int before, after;
		enum sori_refusal refusal;
		bool weak;
	} cases[] = {
		{5, 20, SORI_REFUSAL_BEFORE, false}, {6, 20, SORI_REFUSAL_NONE, true},	 {11, 20, SORI_REFUSAL_NONE, true},
		{12, 20, SORI_REFUSAL_NONE, false},  {40, 7, SORI_REFUSAL_EARLY, false}, {40, 8, SORI_REFUSAL_NONE, false},
		{40, 0, SORI_REFUSAL_EARLY, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct planted_world world = calm;
		sqlite3 *store = planted_new();
		struct sori_effect_query query = question("a.x", WEEK(cases[i].before));
		struct sori_effect *effect;

		world.to = WEEK(cases[i].before + cases[i].after) - 1;
		world.step = query.date;
		planted_grow(store, &world);
		effect = judged(store, &query);
		assert_int_equal(effect->line.before, cases[i].before);
		assert_int_equal(effect->line.after, cases[i].after);
		assert_int_equal(effect->line.refusal, cases[i].refusal);
		assert_int_equal(effect->line.weak, cases[i].weak);
		assert_int_equal(effect->judge_from, WEEK(cases[i].before + 8));
		if (cases[i].refusal != SORI_REFUSAL_NONE) {
			no_numbers(effect);
			assert_int_equal(effect->verdict, SORI_VERDICT_TOO_LITTLE);
		} else if (cases[i].weak) { /* level only: the same at every horizon */
			assert_true(fabs(effect->line.at[0].ratio - effect->line.at[2].ratio) < 1e-12);
		}
		sori_effect_free(effect);
		sqlite3_close(store);
	}
}

static void other_refusals(void **state)
{
	const struct sori_slice_term mars = {"region", "화성"}, busan = {"region", "부산"}, colour = {"colour", "red"};
	sqlite3 *store = planted_new();
	struct sori_effect_query query = question("no.such", WEEK(60));
	struct sori_effect *effect;
	struct sori_error error = {0};

	(void)state;
	planted_grow(store, &calm);
	effect = judged(store, &query);
	assert_null(effect->category);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_UNKNOWN);
	assert_true(isnan(effect->line.documents_before) && isnan(effect->line.share_after));
	no_numbers(effect);
	sori_effect_free(effect);

	query.category = "a.x";
	query.scope = (struct sori_slice){&mars, 1}; /* nowhere: the action's fault, not the command's */
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_UNKNOWN);
	sori_effect_free(effect);
	query.where = (struct sori_slice){&busan, 1};
	effect = judged(store, &query); /* nothing is in both */
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_UNKNOWN);
	sori_effect_free(effect);
	query.scope.count = 0;
	query.where.terms = &colour;
	assert_int_equal(sori_effect_run(&effect, store, &query, &error), SORI_USAGE);
	assert_null(effect);
	query.where.count = 0;

	sql_run(store, "UPDATE daily SET documents = 0 WHERE category = 3 AND day >= 19779"); /* week 60 on */
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_NONE_SIDE);
	no_numbers(effect);
	sori_effect_free(effect);
	sql_run(store, "DELETE FROM daily WHERE category = 3 AND day <> 19360");
	sql_run(store, "UPDATE daily SET documents = 4 WHERE category = 3");
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_FEW);
	sori_effect_free(effect);
	sqlite3_close(store);
}

static void another_dictionary_is_no_evidence(void **state)
{
	sqlite3 *store = planted_new();
	struct sori_effect_query query = question("a.x", WEEK(60));
	struct sori_effect *effect;
	char next[200];

	(void)state;
	planted_grow(store, &calm);
	sql_run(store, "UPDATE daily SET dictionary = 2 WHERE day >= 19779 - 21"); /* three weeks before the change on */
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_DICTIONARY);
	assert_int_equal(effect->verdict, SORI_VERDICT_DICTIONARY);
	assert_int_equal(effect->line.weeks.other_dictionary, 57);
	no_numbers(effect);
	sori_effect_next(effect, NULL, true, next, sizeof next);
	assert_non_null(strstr(next, "dictionary"));
	sori_effect_free(effect);
	sqlite3_close(store);
}

/* A date within a week, a phase-in, a partial week at each end. */
static void weeks_that_do_not_count(void **state)
{
	struct planted_world world = calm;
	struct sori_effect_query query = question("a.x", WEEK(60) + 2);
	sqlite3 *store = planted_new();
	struct sori_effect *effect;

	(void)state;
	world.from = MONDAY + 3;
	world.to = WEEK(100) + 1;
	planted_grow(store, &world);
	sql_run(store, "DELETE FROM daily WHERE day BETWEEN 19429 AND 19430"); /* two days of week 10 are silent */
	effect = judged(store, &query);
	assert_int_equal(effect->line.weeks.first, MONDAY);
	assert_int_equal(effect->line.weeks.state[0], SORI_WEEK_PARTIAL);
	assert_int_equal(effect->line.weeks.state[10], SORI_WEEK_MISSING);
	assert_int_equal(effect->line.weeks.state[60], SORI_WEEK_PHASE_IN); /* the change fell into it */
	assert_int_equal(effect->line.weeks.state[61], SORI_WEEK_USED);
	assert_int_equal(effect->line.weeks.state[100], SORI_WEEK_PARTIAL);
	assert_int_equal(effect->line.before, 58);
	assert_int_equal(effect->line.after, 39);
	assert_int_equal(effect->t0, WEEK(61));
	assert_true(isnan(effect->line.weeks.y[10]) && isnan(effect->line.weeks.n[60]));
	assert_int_equal(effect->judge_from, WEEK(69));
	sori_effect_free(effect);

	query.phase_in = 3;
	effect = judged(store, &query);
	assert_int_equal(effect->line.weeks.state[63], SORI_WEEK_PHASE_IN);
	assert_int_equal(effect->line.weeks.state[64], SORI_WEEK_USED);
	assert_int_equal(effect->line.after, 36);
	assert_int_equal(effect->judge_from, WEEK(72));
	sori_effect_free(effect);
	sqlite3_close(store);
}

/* What happens everywhere is no effect of the action here: the net of the comparison says so. */
static void the_comparison_takes_off_what_happens_everywhere(void **state)
{
	const struct sori_slice_term busan = {"region", "부산"};
	struct sori_effect_query query = question("a.x", calm.step);
	int here = 0, net_holds = 0;

	(void)state;
	query.scope = (struct sori_slice){&busan, 1};
	for (int run = 0; run < 30; run++) {
		struct planted_world inside = calm, outside = calm;
		sqlite3 *store = planted_new();
		struct sori_effect *effect;

		inside.seed = 3000 + (uint64_t)run;
		outside.seed = 4000 + (uint64_t)run;
		inside.factor = outside.factor = 0.5;
		outside.cell = 2;
		outside.documents = 90;
		planted_grow(store, &inside);
		planted_grow(store, &outside);
		effect = judged(store, &query);
		assert_int_equal(effect->control, SORI_CONTROL_OUTSIDE_SCOPE);
		assert_int_equal(effect->compare.refusal, SORI_REFUSAL_NONE);
		assert_true(effect->compare.documents_before > effect->line.documents_before);
		here += effect->verdict == SORI_VERDICT_DOWN;
		net_holds += holds(&effect->net.headline, 1.0);
		sori_effect_free(effect);
		sqlite3_close(store);
	}
	assert_true(here >= 28);
	assert_true(net_holds >= 26);
}

static void other_categories_without_a_scope(void **state)
{
	sqlite3 *store = planted_new();
	struct sori_effect_query query = question("a.x", calm.step);
	struct sori_effect *effect;

	(void)state;
	planted_grow(store, &calm);
	effect = judged(store, &query);
	assert_int_equal(effect->control, SORI_CONTROL_OTHER_CATEGORIES);
	assert_true(isnan(effect->net.ratio)); /* the same documents: no ratio of independent ones */
	assert_int_equal((int)(effect->compare.documents_before + effect->compare.documents_after),
			 sql_number(store, "SELECT sum(documents) FROM daily WHERE category IN (4, 5)"));
	assert_true(effect->compare.average.headline.low < 1.1 && effect->compare.average.headline.high > 0.9);
	sori_effect_free(effect);

	query.category = "a"; /* the group: mentions of both its categories */
	effect = judged(store, &query);
	assert_true(effect->group);
	assert_int_equal(effect->id_length, 1);
	assert_int_equal((int)effect->line.weeks.documents,
			 sql_number(store, "SELECT sum(documents) FROM daily WHERE category IN (3, 4)"));
	sori_effect_free(effect);
	sqlite3_close(store);
}

/* Twice as many visits from the change on, complaints in step with them: no change of the rate a visit, twice the documents. */
static void rates_of_an_exposure(void **state)
{
	static struct sori_exposure_row rows[3];
	static const char *const names[] = {"visits"};
	struct sori_exposure exposure = {.names = (const char **)(uintptr_t)names, .name_count = 1, .rows = rows, .count = 2};
	struct planted_world world = calm;
	struct sori_effect_query query = question("a.x", calm.step);
	sqlite3 *store = planted_new();
	struct sori_effect *effect;

	(void)state;
	rows[0] = (struct sori_exposure_row){.first = calm.from, .last = calm.step - 1, .value = 100.0 * (calm.step - calm.from)};
	rows[1] = (struct sori_exposure_row){.first = calm.step, .last = calm.to, .value = 200.0 * (calm.to - calm.step + 1)};
	world.factor = 2.0;
	planted_grow(store, &world);
	query.exposure = &exposure;
	query.per = "visits";
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_NONE);
	assert_true(holds(&effect->line.average.headline, 1.0));
	assert_true(fabs(effect->line.weeks.n[3] - 700.0) < 1e-9);
	sori_effect_free(effect);
	query.exposure = NULL;
	effect = judged(store, &query);
	assert_int_equal(effect->verdict, SORI_VERDICT_UP);
	assert_false(effect->better);
	sori_effect_free(effect);

	exposure.count = 1; /* nothing since the change: those weeks have no denominator */
	query.exposure = &exposure;
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_EARLY);
	assert_int_equal(effect->line.after, 0);
	no_numbers(effect);
	sori_effect_free(effect);
	rows[0].first = rows[0].last = 0;
	effect = judged(store, &query);
	assert_int_equal(effect->line.refusal, SORI_REFUSAL_EXPOSURE);
	sori_effect_free(effect);
	sqlite3_close(store);
}

/* The same store, two periods: against visits nothing changed, against documents the category did; volume stays documents a day. */
static void a_comparison_against_an_exposure(void **state)
{
	const struct sori_slice all = {0};
	const struct sori_compare_side a = {0, WEEK(116), WEEK(120) - 1}, b = {0, WEEK(120), WEEK(124) - 1};
	struct planted_world world = calm;
	struct sori_compare_result result;
	struct sori_error error = {0};
	struct sori_panel *panel;
	sqlite3 *store = planted_new();
	double *visits;

	(void)state;
	world.factor = 2.0;
	planted_grow(store, &world);
	assert_int_equal(sori_panel_load(&panel, store, WEEK(116), WEEK(124) - 1, &all, 1, &error), SORI_OK);
	visits = sori_arena_alloc(&panel->arena, panel->days * sizeof *visits);
	for (size_t day = 0; day < panel->days; day++)
		visits[day] = day < 28 ? 1000.0 : 2000.0;
	visits[3] = NAN;
	panel->sides[0].exposure = visits;
	assert_int_equal(sori_compare_run(panel, &a, &b, &result, &error), SORI_OK);
	for (size_t i = 0; i < result.row_count; i++) {
		const struct sori_compare_row *row = &result.rows[i];

		assert_true(fabs(row->ab.n_a - 27000.0) < 1e-9 && fabs(row->ab.n_b - 56000.0) < 1e-9);
		if (!strcmp(row->category->id, "a.x"))
			assert_true(holds(&row->ab.weekday.ratio, 1.0));
		if (!strcmp(row->category->id, "praise.p"))
			assert_true(holds(&row->ab.weekday.ratio, 0.5));
	}
	assert_int_equal(result.a.observed, 27);
	assert_true(fabs(result.volume.share_a - result.a.documents / 27.0) < 1e-9);
	sori_panel_free(panel);
	sqlite3_close(store);
}

/* An action that begins at a peak and does nothing: the fall after it is shown to be common. */
static void a_wandering_series_raises_doubt(void **state)
{
	sqlite3 *store = planted_new();
	struct sori_effect_query query = question("a.x", WEEK(120));
	struct planted_random random = {77};
	struct sori_effect *effect;
	double level = 0.0;

	(void)state;
	sql_run(store, "BEGIN");
	for (int week = 0; week < 150; week++) { /* share jumps every ten weeks by chance */
		if (week % 10 == 0)
			level = planted_uniform(&random) < 0.5 ? 0.03 : 0.09;
		for (int day = 0; day < 7; day++) {
			planted_put(store, WEEK(week) + day, 1, 0, 1, 80);
			planted_put(store, WEEK(week) + day, 1, 3, 1, planted_poisson(&random, 80 * (week >= 120 ? 0.04 : level)));
		}
	}
	sql_run(store, "COMMIT");
	effect = judged(store, &query);
	assert_true(effect->placebo_tried >= 20);
	assert_true(effect->placebo_doubt);
	assert_true(effect->box_p < 0.01); /* the residuals remember */
	sori_effect_free(effect);
	sqlite3_close(store);
}

static void the_ledger_is_judged_together(void **state)
{
	static const struct sori_slice_term busan = {"region", "부산"};
	static struct sori_action list[] = {
		{.id = "good", .category = "a.x", .owner = "", .title = "", .date = WEEK(120)},
		{.id = "idle", .category = "b.z", .owner = "", .title = "", .date = WEEK(100), .scope = {&busan, 1}},
		{.id = "late", .category = "a.x", .owner = "", .title = "", .date = WEEK(147)},
		{.id = "lost", .category = "z.z", .owner = "", .title = "", .date = WEEK(100)},
	};
	const struct sori_actions actions = {.list = list, .count = 4};
	struct sori_effect_query query = question(NULL, 0);
	struct planted_world other = calm;
	struct sori_effect *effects[4];
	struct sori_error error = {0};
	sqlite3 *store = planted_new();
	size_t family = 0;
	char next[200];

	(void)state;
	other.cell = 2;
	other.seed = 2;
	planted_grow(store, &calm);
	planted_grow(store, &other);
	assert_int_equal(sori_effect_judge(effects, store, &actions, &query, &family, &error), SORI_OK);
	assert_int_equal(family, 2);
	assert_int_equal(effects[0]->verdict, SORI_VERDICT_DOWN);
	assert_true(effects[0]->q >= effects[0]->line.average.p && effects[0]->q <= 0.05);
	assert_int_equal(effects[1]->verdict, SORI_VERDICT_UNCLEAR);
	assert_int_equal(effects[1]->control, SORI_CONTROL_OUTSIDE_SCOPE);
	assert_int_equal(effects[2]->line.refusal, SORI_REFUSAL_EARLY);
	assert_true(isnan(effects[2]->q));
	assert_int_equal(effects[2]->judge_from, WEEK(155));
	sori_effect_next(effects[2], &list[2], true, next, sizeof next);
	assert_string_equal(next, "can be judged from 2025-12-22");
	sori_effect_next(effects[2], &list[2], false, next, sizeof next);
	assert_non_null(strstr(next, "2025-12-22부터"));
	sori_effect_next(effects[0], &list[0], true, next, sizeof next);
	assert_string_equal(next, "set the status to verified");
	assert_int_equal(effects[3]->line.refusal, SORI_REFUSAL_UNKNOWN);
	for (size_t i = 0; i < 4; i++)
		sori_effect_free(effects[i]);
	sqlite3_close(store);
}

static void memory_runs_out(void **state)
{
	const struct sori_slice_term busan = {"region", "부산"};
	struct planted_world world = calm;
	struct sori_effect_query query = question("a.x", WEEK(30));
	sqlite3 *store = planted_new();
	size_t failures = 0;

	(void)state;
	query.scope = (struct sori_slice){&busan, 1};
	world.to = WEEK(45) - 1;
	planted_grow(store, &world);
	world.cell = 2;
	planted_grow(store, &world);
	for (uint64_t n = 1; n < 800; n = n < 80 ? n + 1 : n + n / 8) {
		struct sori_effect *effect;
		struct sori_error error = {0};
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_effect_run(&effect, store, &query, &error);
		sori_memory_fail_after(0, 0);
		assert_true(status == SORI_OK || (status == SORI_SYSTEM && !effect));
		failures += status == SORI_SYSTEM;
		sori_effect_free(effect);
	}
	assert_true(failures > 30);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_planted_step_lies_in_its_interval),
		cmocka_unit_test(nothing_is_found_where_nothing_is),
		cmocka_unit_test(minima),
		cmocka_unit_test(other_refusals),
		cmocka_unit_test(another_dictionary_is_no_evidence),
		cmocka_unit_test(weeks_that_do_not_count),
		cmocka_unit_test(the_comparison_takes_off_what_happens_everywhere),
		cmocka_unit_test(other_categories_without_a_scope),
		cmocka_unit_test(rates_of_an_exposure),
		cmocka_unit_test(a_comparison_against_an_exposure),
		cmocka_unit_test(a_wandering_series_raises_doubt),
		cmocka_unit_test(the_ledger_is_judged_together),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
