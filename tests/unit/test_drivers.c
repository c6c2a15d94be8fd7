/* Drivers over planted facts: the planted effect lies in its interval and near the adjusted figure, a category that only keeps bad
 * company has a difference and no effect, minima hold, and what is left out is said. */
#include "tests/unit/planted.h"

#include "pipeline/base/memory.h"
#include "pipeline/core/inquiry.h"

enum { EMPTY = 1, X, Y, XY, PRAISE, Z }; /* sets */

static sqlite3 *with_sets(void)
{
	sqlite3 *store = planted_new();

	sql_run(store, "INSERT INTO category_set VALUES (2,'0,2,3'),(3,'0,2,4'),(4,'0,2,3,4'),(5,'0,6'),(6,'0,2,5')");
	planted_put(store, 20000, 1, 0, 1, 1); /* the store has a dated day */
	return store;
}

static struct sori_drivers_query plain(void)
{
	return (struct sori_drivers_query){.from = SORI_DAY_NONE, .to = SORI_DAY_NONE, .low = -1};
}

static struct sori_drivers_result *asked(sqlite3 *store, const struct sori_drivers_query *query)
{
	struct sori_drivers_result *result;
	struct sori_error error = {0};

	if (sori_drivers_run(&result, store, query, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return result;
}

static const struct sori_drivers_row *row_of(const struct sori_drivers_result *result, const char *id)
{
	for (size_t i = 0; i < result->row_count; i++)
		if (!strcmp(result->rows[i].category->id, id))
			return &result->rows[i];
	fail_msg("no row %s", id);
	return NULL;
}

/* P(low) is 0.15 and 0.35 more with x; y has no effect of its own but comes with x four times out of five. */
static void grow(sqlite3 *store, uint64_t seed, int documents)
{
	struct planted_random random = {seed};
	struct planted_facts facts;

	planted_facts_begin(&facts, store);
	for (int i = 0; i < documents; i++) {
		bool x = planted_uniform(&random) < 0.25, y = planted_uniform(&random) < (x ? 0.40 : 0.033), p = planted_uniform(&random) < 0.3;
		bool low = planted_uniform(&random) < (x ? 0.50 : 0.15);
		int cell = 1 + (int)(planted_uniform(&random) * 3.0);
		int rating = low ? 1 + (planted_uniform(&random) < 0.5) : 3 + (int)(planted_uniform(&random) * 3.0);

		planted_fact(&facts, 20000 + i % 90, cell, x && y ? XY : x ? X : y ? Y : p ? PRAISE : EMPTY,
			     planted_uniform(&random) < 0.1 ? -1 : rating, 1);
	}
	planted_facts_end(&facts);
}

static void the_planted_driver_is_found(void **state)
{
	int in = 0, near = 0, company = 0, crude_company = 0;

	(void)state;
	for (int run = 0; run < 20; run++) {
		sqlite3 *store = with_sets();
		const struct sori_drivers_query query = plain();
		struct sori_drivers_result *result;
		const struct sori_drivers_row *x, *y;

		grow(store, 10 + (uint64_t)run, 4000);
		result = asked(store, &query);
		assert_int_equal(result->refusal, SORI_REFUSAL_NONE);
		assert_int_equal(result->adjusted_refusal, SORI_REFUSAL_NONE);
		assert_string_equal(result->adjusted_for, "channel x product");
		assert_true(result->rated < result->documents && result->rated > 0.85 * result->documents);
		x = row_of(result, "a.x");
		y = row_of(result, "a.y");
		in += x->driver.difference_limits.low <= 0.35 && x->driver.difference_limits.high >= 0.35;
		near += fabs(x->driver.effect - 0.35) < 0.04;
		crude_company += y->driver.difference_limits.low > 0.0;
		company += fabs(y->driver.effect) < 0.05;
		assert_int_equal(x->verdict, SORI_VERDICT_UP);
		assert_true(fabs(x->impact - x->driver.with / result->rated * x->driver.difference) < 1e-12);
		assert_ptr_equal(&result->rows[0], x);
		assert_int_equal(row_of(result, "praise.p")->verdict, SORI_VERDICT_DOWN);
		assert_true(fabs(x->driver.adjusted_part - x->driver.excess / result->low) < 1e-12);
		sori_drivers_free(result);
		sqlite3_close(store);
	}
	assert_true(in >= 17 && near >= 17);
	assert_true(crude_company >= 18 && company >= 17);
}

/* `with` documents of x, `low` of them low, among 400 others of which 60 are low. */
static struct sori_drivers_result *small(sqlite3 *store, int others, int with, int low, const struct sori_drivers_query *query)
{
	struct planted_facts facts;

	planted_facts_begin(&facts, store);
	for (int i = 0; i < others; i++)
		planted_fact(&facts, 20000, 1, EMPTY, i < 60 ? 1 : 5, 1);
	for (int i = 0; i < with; i++)
		planted_fact(&facts, 20000, 1, X, i < low ? 2 : 4, 1);
	planted_facts_end(&facts);
	return asked(store, query);
}

static void minima(void **state)
{
	static const struct {
		int others, with, low;
		enum sori_refusal all, row;
	} cases[] = {{299, 0, 0, SORI_REFUSAL_FEW, SORI_REFUSAL_NONE}, {269, 30, 5, SORI_REFUSAL_FEW, SORI_REFUSAL_NONE},
		     {270, 30, 5, SORI_REFUSAL_NONE, SORI_REFUSAL_NONE}, {400, 29, 9, SORI_REFUSAL_NONE, SORI_REFUSAL_FEW},
		     {400, 40, 4, SORI_REFUSAL_NONE, SORI_REFUSAL_FEW}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sori_drivers_query query = plain();
		sqlite3 *store = with_sets();
		struct sori_drivers_result *result = small(store, cases[i].others, cases[i].with, cases[i].low, &query);

		assert_int_equal(result->refusal, cases[i].all);
		if (cases[i].all != SORI_REFUSAL_NONE) {
			assert_int_equal(result->row_count, 0);
		} else {
			const struct sori_drivers_row *row = row_of(result, "a.x");

			assert_int_equal(result->row_count, 1);
			assert_int_equal(row->refusal, cases[i].row);
			assert_int_equal((int)row->driver.with, cases[i].with);
			assert_int_equal((int)row->driver.low_with, cases[i].low);
			assert_int_equal((int)(isnan(row->q) != 0), cases[i].row == SORI_REFUSAL_FEW);
			assert_int_equal((int)(isnan(row->driver.effect) != 0), cases[i].row == SORI_REFUSAL_FEW);
			assert_int_equal(row->verdict == SORI_VERDICT_TOO_LITTLE, cases[i].row == SORI_REFUSAL_FEW);
		}
		sori_drivers_free(result);
		sqlite3_close(store);
	}
}

/* Fewer low ratings than 10 for each parameter: adjusted for less, then not at all. */
static void the_model_is_as_large_as_the_low_ratings_allow(void **state)
{
	static const struct {
		int low;
		const char *adjusted_for;
		enum sori_refusal refusal;
	} cases[] = {{5, "", SORI_REFUSAL_FEW}, {9, "", SORI_REFUSAL_FEW}, {25, "", SORI_REFUSAL_NONE}, {35, "channel", SORI_REFUSAL_NONE},
		     {45, "channel x product", SORI_REFUSAL_NONE}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sori_drivers_query query = plain();
		sqlite3 *store = with_sets();
		struct planted_facts facts;
		struct sori_drivers_result *result;

		sql_run(store, "UPDATE cell SET product = 'set' WHERE cell = 2"); /* three combinations, two channels */
		planted_facts_begin(&facts, store);
		for (int k = 0; k < 400; k++)
			planted_fact(&facts, 20000, 1 + k % 3, k % 4 ? EMPTY : X, k < 4 * cases[i].low && k % 4 == 0 ? 1 : 5, 1);
		planted_facts_end(&facts);
		result = asked(store, &query);
		assert_int_equal((int)result->low, cases[i].low);
		assert_int_equal(result->adjusted_refusal, cases[i].refusal);
		assert_string_equal(result->adjusted_for, cases[i].adjusted_for);
		assert_int_equal((int)(isnan(row_of(result, "a.x")->driver.effect) != 0), cases[i].refusal != SORI_REFUSAL_NONE);
		assert_true(!isnan(row_of(result, "a.x")->driver.difference));
		sori_drivers_free(result);
		sqlite3_close(store);
	}
}

static void scales(void **state)
{
	struct sori_drivers_query query = plain();
	sqlite3 *store = with_sets();
	struct planted_facts facts;
	struct sori_drivers_result *result;
	struct sori_error error = {0};

	(void)state;
	planted_facts_begin(&facts, store);
	for (int i = 0; i < 1100; i++)
		planted_fact(&facts, 20000, 1, i % 2 ? X : EMPTY, i % 11, 1);
	planted_facts_end(&facts);
	assert_int_equal(sori_drivers_run(&result, store, &query, &error), SORI_USAGE);
	assert_non_null(strstr(error.text, "--nps"));
	query.nps = true;
	result = asked(store, &query);
	assert_int_equal((int)result->low, 700);
	assert_int_equal(result->scale, 10);
	assert_int_equal((int)result->by_rating[10], 100);
	sori_drivers_free(result);
	query.nps = false;
	query.low = 3;
	result = asked(store, &query);
	assert_int_equal((int)result->low, 400);
	sori_drivers_free(result);
	sqlite3_close(store);

	store = with_sets(); /* a few odd ones are left out */
	planted_facts_begin(&facts, store);
	for (int i = 0; i < 1000; i++)
		planted_fact(&facts, 20000, 1, EMPTY, i < 20 ? 9 : 1 + i % 5, 1);
	planted_facts_end(&facts);
	query = plain();
	result = asked(store, &query);
	assert_int_equal((int)result->off_scale, 20);
	assert_int_equal((int)result->rated, 980);
	sori_drivers_free(result);
	sqlite3_close(store);
}

static void slices_days_and_dictionaries(void **state)
{
	const struct sori_slice_term busan = {"region", "부산"}, nowhere = {"region", "화성"};
	struct sori_drivers_query query = plain();
	sqlite3 *store = with_sets();
	struct planted_facts facts;
	struct sori_drivers_result *result;
	struct sori_error error = {0};

	(void)state;
	planted_facts_begin(&facts, store);
	for (int i = 0; i < 3000; i++)
		planted_fact(&facts, i % 10 ? 20000 + i % 3 : SORI_DAY_NONE, 1 + i % 3, i % 2 ? X : EMPTY, 1 + i % 5, i < 400 ? 2 : 1);
	planted_facts_end(&facts);
	result = asked(store, &query);
	assert_int_equal((int)result->documents, 2600);
	assert_int_equal((int)result->other_dictionary, 400);
	assert_int_equal(result->from, 20000);
	assert_int_equal(result->to, 20002);
	sori_drivers_free(result);
	query.from = 20001;
	result = asked(store, &query);
	assert_int_equal((int)(result->documents + result->other_dictionary), 1800); /* undated ones are in no period */
	sori_drivers_free(result);
	query = plain();
	query.where = (struct sori_slice){&busan, 1};
	result = asked(store, &query);
	assert_int_equal((int)(result->documents + result->other_dictionary), 1000);
	sori_drivers_free(result);
	query.where.terms = &nowhere;
	assert_int_equal(sori_drivers_run(&result, store, &query, &error), SORI_USAGE);
	assert_null(result);
	sqlite3_close(store);
}

static void an_empty_store_and_no_memory(void **state)
{
	const struct sori_drivers_query query = plain();
	sqlite3 *store = with_sets();
	struct sori_drivers_result *result = asked(store, &query);
	size_t failures = 0;

	(void)state;
	assert_int_equal(result->refusal, SORI_REFUSAL_FEW);
	assert_int_equal(result->row_count, 0);
	sori_drivers_free(result);
	grow(store, 3, 1500);
	for (uint64_t n = 1; n < 120; n++) {
		struct sori_error error = {0};
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_drivers_run(&result, store, &query, &error);
		sori_memory_fail_after(0, 0);
		assert_true(status == SORI_OK || (status == SORI_SYSTEM && !result));
		failures += status == SORI_SYSTEM;
		sori_drivers_free(result);
	}
	assert_true(failures > 20);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_planted_driver_is_found), cmocka_unit_test(minima),
		cmocka_unit_test(the_model_is_as_large_as_the_low_ratings_allow), cmocka_unit_test(scales),
		cmocka_unit_test(slices_days_and_dictionaries), cmocka_unit_test(an_empty_store_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
