/* The report model says what the store says. */
#include "tests/unit/report_fixture.h"

#include "pipeline/base/memory.h"
#include "pipeline/core/report_cube.h"
#include "pipeline/core/report_findings.h"

static const struct sori_report_category *find(const struct sori_report_model *model, const char *id)
{
	for (size_t c = 0; c < model->category_count; c++)
		if (strcmp(model->categories[c].id, id) == 0)
			return &model->categories[c];
	fail_msg("no category %s", id);
	return NULL;
}

static void totals_are_the_store_s(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	assert_int_equal(model->documents, sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 0"));
	assert_int_equal(model->none, sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 11"));
	assert_int_equal(model->pain, sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 12"));
	assert_int_equal(model->undated, 18);
	assert_int_equal(model->category_count, 12); /* not '*', '*none', '*pain' */
	for (size_t c = 0; c < model->category_count; c++) {
		const struct sori_report_category *category = &model->categories[c];
		char sql[128];
		snprintf(sql, sizeof sql, "SELECT SUM(documents) FROM daily WHERE category = %lld", (long long)category->key);
		assert_int_equal(category->documents, sql_number(store, sql));
		assert_int_equal(category->ever, category->documents);
		if (c > 0)
			assert_true(strcmp(model->categories[c - 1].id, category->id) < 0);
	}
	assert_true(model->rows_hold);
	assert_true(model->documents_hold);
	assert_int_equal(model->input_count, 3);
	assert_string_equal(model->inputs[2].columns_text, "text: 내용 · date: 작성일 · rating: 평점 · dim1: 등급");
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void every_breakdown_adds_up(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		const struct sori_report_dimension *dimension = &model->dimensions[d];
		uint64_t sum = 0;
		for (size_t v = 0; v < dimension->count; v++) {
			sum += dimension->values[v].documents;
			if (v > 0)
				assert_true(dimension->values[v - 1].documents >= dimension->values[v].documents);
		}
		assert_int_equal(sum, model->documents);
		for (size_t c = 0; c < model->category_count; c++) {
			sum = 0;
			for (size_t v = 0; v < dimension->count; v++)
				sum += model->categories[c].by[d][v];
			assert_int_equal(sum, model->categories[c].documents);
		}
	}
	assert_true(model->dimensions[5].used);
	assert_false(model->dimensions[6].used);
	assert_string_equal(model->dimensions[5].label, "등급");
	const struct sori_report_dimension *product = &model->dimensions[2];
	for (size_t v = 0; v < product->count; v++)
		if (strcmp(product->values[v].text, "모델 A") == 0)
			assert_int_equal(find(model, "network.outage")->by[2][v],
					 sql_number(store, "SELECT SUM(documents) FROM daily JOIN cell USING (cell) WHERE "
							       "category = 1 AND product = '모델 A'"));
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void planted_changes_are_found(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	const struct sori_report_windows *windows = &model->windows;
	assert_int_equal(windows->days, 28);
	assert_true(windows->comparable);
	assert_int_equal(windows->after_last, 20665);
	assert_int_equal(windows->before_first, 20610);
	assert_int_equal(windows->before_days, 25); /* three days are missing */
	const struct sori_report_change *rise = &find(model, "network.outage")->change;
	assert_int_equal(rise->verdict, SORI_VERDICT_UP);
	assert_int_equal(rise->after, sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 1 AND day > 20637"));
	assert_true(rise->low > 0 && rise->low < rise->difference && rise->difference < rise->high && rise->excess > 0);
	assert_int_equal(find(model, "delivery.delay")->change.verdict, SORI_VERDICT_DOWN);
	assert_int_equal(find(model, "device.battery")->change.verdict, SORI_VERDICT_UNCLEAR);
	assert_int_equal(find(model, "device.heat")->change.verdict, SORI_VERDICT_TOO_LITTLE);
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void buckets_show_gaps(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	assert_int_equal(model->unit, SORI_BUCKET_DAY);
	assert_int_equal(model->bucket_count, 92);
	uint64_t sum = 0;
	for (size_t i = 0; i < model->bucket_count; i++) {
		assert_int_equal(model->buckets[i].first, 20574 + (int)i);
		assert_true((model->buckets[i].documents == 0) == (i >= 36 && i <= 38));
		sum += model->buckets[i].documents;
	}
	assert_int_equal(sum, model->documents - model->undated);
	sori_report_model_free(model);
	/* a stray date a century early does not squeeze the chart, but stays in the counts; sparse days become weeks */
	sql_run(store, "INSERT INTO daily VALUES (-10000, 1, 0, 1, 1)");
	model = fixture_model(store, NULL);
	assert_int_equal(model->buckets[0].first, 20574);
	assert_int_equal(model->before_chart, 1);
	assert_int_equal(model->first, -10000);
	sori_report_model_free(model);
	sql_run(store, "DELETE FROM daily WHERE day < 20000 OR cell > 3");
	model = fixture_model(store, NULL);
	assert_int_equal(model->unit, SORI_BUCKET_WEEK);
	assert_int_equal(model->buckets[0].first, 20574);		  /* a Friday: the first week is short */
	assert_int_equal(sori_day_weekday(model->buckets[1].first), 0); /* then from Mondays */
	assert_int_equal(model->buckets[1].last - model->buckets[1].first, 6);
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void period_leaves_out_the_rest(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_query query;
	sori_report_query_init(&query);
	query.from = 20604; /* 2026-05-31 */
	query.to = 20634;
	struct sori_report_model *model = fixture_model(store, &query);
	assert_int_equal(model->documents,
			 sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 0 AND day BETWEEN 20604 AND 20634"));
	assert_false(model->whole);
	assert_int_equal(model->undated, 18); /* said, not counted */
	assert_int_equal(model->as_of, 20634);
	assert_int_equal(model->windows.days, 14);
	assert_int_equal(find(model, "network.outage")->sample_count, 1); /* only June's */
	assert_true(find(model, "network.outage")->ever > find(model, "network.outage")->documents);
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void evidence_is_newest_first_with_its_words(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	const struct sori_report_category *category = find(model, "network.outage");
	assert_int_equal(category->sample_count, 4);
	assert_string_equal(category->samples[0].place, "dumps/shop-reviews/2026-07.csv#12");
	assert_string_equal(category->samples[0].value[2], "모델 A");
	assert_int_equal(category->samples[0].span_count, 2); /* another category's span is not marked */
	const struct sori_report_span *spans = category->samples[0].spans;
	assert_memory_equal(category->samples[0].text + spans[0].start, "와이파이", spans[0].end - spans[0].start);
	assert_memory_equal(category->samples[0].text + spans[1].start, "끊겨요", spans[1].end - spans[1].start);
	const struct sori_report_sample *third = &category->samples[2];
	assert_int_equal(third->span_count, 1); /* overlapping ones joined, one beyond the text dropped */
	assert_true(((unsigned char)third->text[third->spans[0].start] & 0xc0) != 0x80);
	assert_true(((unsigned char)third->text[third->spans[0].end] & 0xc0) != 0x80);
	assert_int_equal(third->rating, -1);
	assert_int_equal(category->samples[3].span_count, 0); /* spans that are no JSON mark nothing */
	assert_int_equal(find(model, "praise.product")->sample_count, 1); /* the undated one */
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void dictionaries_are_not_compared(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	sql_run(store, "INSERT INTO dictionary VALUES (2, 'ffff'); UPDATE daily SET dictionary = 2 WHERE day >= 20645");
	struct sori_report_model *model = fixture_model(store, NULL);
	assert_int_equal(model->dictionary_count, 2);
	assert_int_equal(model->dictionaries[1].first, 20645);
	assert_true(model->windows.dictionary_changed);
	assert_int_equal(find(model, "network.outage")->change.verdict, SORI_VERDICT_DICTIONARY);
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void empty_store_is_an_empty_model(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(1);
	struct sori_report_model *model = fixture_model(store, NULL);
	assert_int_equal(model->documents, 0);
	assert_int_equal(model->bucket_count, 0);
	assert_int_equal(model->none, SORI_REPORT_UNKNOWN);
	assert_int_equal(model->as_of, SORI_DAY_NONE);
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void wrong_schema_is_an_error(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_query query;
	struct sori_report_model *model;
	struct sori_error error = {0};
	sori_report_query_init(&query);
	sql_run(store, "INSERT INTO daily VALUES (20600, 999, 0, 1, 1)");
	assert_int_equal(sori_report_model_load(&model, store, &query, &error), SORI_DATA);
	assert_null(model);
	assert_true(sqlite3_get_autocommit(store)); /* no transaction left open */
	sql_run(store, "DROP TABLE daily");
	assert_int_equal(sori_report_model_load(&model, store, &query, &error), SORI_DATA);
	sqlite3_close(store);
}

/* The counts that travel in the page: whole, and projected onto a dimension, against the model's breakdowns. */
static void slices_add_up(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	struct sori_report_cube *cube = model->cube;
	assert_non_null(cube);
	assert_int_equal(cube->block_count, 1); /* small enough for all dimensions together */
	assert_int_equal(cube->blocks[0].dimensions, cube->dimensions);
	assert_int_equal(cube->rows, model->category_count + SORI_CUBE_ROWS_BEFORE);
	for (unsigned d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		if (!(cube->dimensions >> d & 1U))
			continue;
		const struct sori_report_block *block = sori_report_cube_project(cube, &cube->blocks[0], 1U << d);
		assert_non_null(block);
		for (size_t i = 0; i < block->combinations; i++)
			for (size_t row = 0; row < cube->rows; row++) {
				uint64_t sum = 0, value = block->values[i][d];
				for (size_t slot = 0; slot < cube->slots; slot++)
					sum += block->counts[(i * cube->rows + row) * cube->slots + slot];
				if (row == 0)
					assert_int_equal(sum, model->dimensions[d].values[value].documents);
				if (row >= SORI_CUBE_ROWS_BEFORE)
					assert_int_equal(sum, model->categories[row - SORI_CUBE_ROWS_BEFORE].by[d][value]);
			}
	}
	/* pairs, and the undated documents in the last slot */
	const struct sori_report_block *pair = sori_report_cube_project(cube, &cube->blocks[0], 1U << 1 | 1U << 3);
	uint64_t sum = 0, undated = 0;
	for (size_t i = 0; i < pair->combinations; i++)
		for (size_t slot = 0; slot < cube->slots; slot++) {
			uint32_t count = pair->counts[i * cube->rows * cube->slots + slot];
			sum += count;
			undated += slot + 1 == cube->slots ? count : 0;
		}
	assert_int_equal(sum, model->documents);
	assert_int_equal(undated, model->undated);
	sori_report_model_free(model);
	sqlite3_close(store);
}

/* The report's changes are the rows of the comparison, and what it says of tonight the alerts'. */
static void findings_are_the_commands(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	const struct sori_report_windows *windows = &model->windows;
	const struct sori_compare_side before = {0, windows->before_first, windows->before_last};
	const struct sori_compare_side after = {0, windows->after_first, windows->after_last};
	const struct sori_slice all = {NULL, 0};
	struct sori_compare_result result;
	struct sori_alerts_result alerts;
	struct sori_panel *panel;
	struct sori_error error = {0};
	assert_int_equal(sori_panel_load(&panel, store, windows->before_first, windows->after_last, &all, 1, &error), SORI_OK);
	assert_int_equal(sori_compare_run(panel, &before, &after, &result, &error), SORI_OK);
	assert_true(result.row_count > 5);
	for (size_t i = 0; i < result.row_count; i++) {
		const struct sori_report_change *change = &find(model, result.rows[i].category->id)->change;
		assert_int_equal(change->verdict, result.rows[i].verdict);
		assert_memory_equal(&change->q, &result.rows[i].q, sizeof change->q);
		assert_memory_equal(&change->low, &result.rows[i].ab.difference_limits.low, sizeof change->low);
	}
	sori_panel_free(panel);
	assert_int_equal(sori_panel_load(&panel, store, model->as_of - (SORI_ALERT_HISTORY - 1), model->as_of, &all, 1, &error), SORI_OK);
	assert_int_equal(sori_alerts_run(panel, &alerts, &error), SORI_OK);
	assert_int_equal(alerts.row_count, model->findings->alerts.row_count);
	for (size_t i = 0; i < alerts.row_count; i++) {
		assert_int_equal(alerts.rows[i].word, model->findings->alerts.rows[i].word);
		assert_memory_equal(&alerts.rows[i].p, &model->findings->alerts.rows[i].p, sizeof(double));
	}
	sori_panel_free(panel);
	sori_report_model_free(model);
	sqlite3_close(store);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_report_query query;
	struct sori_report_model *model = NULL;
	struct sori_error error = {0};
	sori_report_query_init(&query);
	uint64_t n = 1;
	for (; n < 100000; n += n < 250 ? 1 : 97) { /* every one at first, then some: there are thousands */
		sori_memory_fail_after(n, 0);
		enum sori_status status = sori_report_model_load(&model, store, &query, &error);
		sori_memory_fail_after(0, 0);
		if (status == SORI_OK)
			break;
		assert_int_equal(status, SORI_SYSTEM);
		assert_null(model);
	}
	assert_true(n > 10 && n < 100000);
	sori_report_model_free(model);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totals_are_the_store_s),
		cmocka_unit_test(every_breakdown_adds_up),
		cmocka_unit_test(planted_changes_are_found),
		cmocka_unit_test(buckets_show_gaps),
		cmocka_unit_test(period_leaves_out_the_rest),
		cmocka_unit_test(evidence_is_newest_first_with_its_words),
		cmocka_unit_test(dictionaries_are_not_compared),
		cmocka_unit_test(empty_store_is_an_empty_model),
		cmocka_unit_test(wrong_schema_is_an_error),
		cmocka_unit_test(slices_add_up),
		cmocka_unit_test(findings_are_the_commands),
		cmocka_unit_test(every_allocation_may_fail)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
