/* Shares from labels and gold sets: what counts for what; the corrected share against values worked out by hand and, for
 * its interval, the published formula done apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <sqlite3.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/classifier.h"
#include "tests/unit/sql_fixture.h"

static sqlite3 *open_database(void)
{
	sqlite3 *database;
	struct sori_error error;

	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	sql_run(database, "CREATE TABLE dictionary(dictionary INTEGER PRIMARY KEY, hash TEXT UNIQUE);"
			  "INSERT INTO dictionary VALUES (1, 'old'), (2, 'new')");
	assert_int_equal(sori_classifier_prepare(database, &error), SORI_OK);
	assert_int_equal(sori_classifier_prepare(database, &error), SORI_OK);
	return database;
}

static bool put(sqlite3 *database, const char *id, const char *dictionary, const char *drawn, const char *found,
		const char *wanted, const char *unsure)
{
	struct sori_label label = {sori_view_of(id), sori_view_of(dictionary), 20000, sori_view_of(drawn), sori_view_of("4 of 10"),
				   sori_view_of(found), sori_view_of(wanted), sori_view_of(unsure), sori_view_of("text")};
	struct sori_error error;
	bool changed;

	assert_int_equal(sori_classifier_put(database, &label, &changed, &error), SORI_OK);
	return changed;
}

static struct sori_classifier *load(sqlite3 *database, const char *dictionary)
{
	struct sori_classifier *classifier;
	struct sori_error error;

	assert_int_equal(sori_classifier_load(&classifier, database, dictionary, &error), SORI_OK);
	return classifier;
}

static void assert_share(const struct sori_classifier_share *share, enum sori_classifier_basis basis, uint64_t right, uint64_t judged)
{
	assert_int_equal(share->basis, basis);
	assert_int_equal(share->right, right);
	assert_int_equal(share->judged, judged);
	assert_true(judged ? share->value == (double)right / (double)judged && share->low <= share->value && share->value <= share->high
			   : isnan(share->value));
}

static void test_what_counts(void **state)
{
	sqlite3 *database = open_database();
	struct sori_classifier *c;
	const struct sori_classifier_category *a;

	(void)state;
	assert_true(put(database, "1", "new", "*random a", "a", "a", ""));
	assert_false(put(database, "1", "new", "*random a", "a", "a", "")); /* read twice */
	assert_true(put(database, "1", "new", "*random a", "a b", "a", ""));
	assert_true(put(database, "2", "new", "*random", "a", "", ""));
	assert_true(put(database, "3", "new", "*random", "", "a", ""));
	assert_true(put(database, "4", "new", "*random", "", "", "a"));
	assert_true(put(database, "5", "new", "*random", "", "", ""));
	assert_true(put(database, "6", "new", "a", "a", "a", ""));   /* its own stratum: precision */
	assert_true(put(database, "7", "new", "b", "a b", "b", "")); /* another's: nothing for a */
	assert_true(put(database, "8", "new", "a", "a", "", "a"));   /* nobody could decide */
	c = load(database, "new");
	assert_int_equal(c->random_texts, 5);
	assert_int_equal(c->stratified_texts, 4);
	assert_true(c->current && c->first == 20000 && c->last == 20000);
	a = sori_classifier_find(c, "a");
	assert_share(&a->precision, SORI_BASIS_LABELS, 2, 3);
	assert_share(&a->recall, SORI_BASIS_LABELS, 1, 2);
	assert_share(&a->specificity, SORI_BASIS_LABELS, 1, 2); /* 2 and 5; 4 is unsure */
	a = sori_classifier_find(c, "b");
	assert_share(&a->precision, SORI_BASIS_LABELS, 1, 2);
	assert_share(&a->recall, SORI_BASIS_NONE, 0, 0);
	assert_share(&a->specificity, SORI_BASIS_LABELS, 4, 5);
	assert_null(sori_classifier_find(c, "nothing"));
	sori_classifier_free(c);
	sqlite3_close(database);
}

static void test_gold_and_versions(void **state)
{
	sqlite3 *database = open_database();
	struct sori_gold_counts gold = {sori_view_of("a"), sori_view_of("old"), sori_view_of("set"), 100, 30, 10, 20, 40};
	struct sori_error error;
	struct sori_classifier *c = load(database, "new");

	(void)state;
	assert_int_equal(c->count, 0);
	assert_string_equal(c->dictionary, "");
	sori_classifier_free(c);
	assert_int_equal(sori_classifier_put_gold(database, &gold, &error), SORI_OK);
	assert_int_equal(sori_classifier_put_gold(database, &gold, &error), SORI_OK);
	c = load(database, "new"); /* not judged: the last one stands in and says so */
	assert_false(c->current);
	assert_string_equal(c->dictionary, "old");
	assert_string_equal(c->gold_name, "set");
	assert_share(&c->categories[0].precision, SORI_BASIS_GOLD, 30, 40);
	assert_share(&c->categories[0].recall, SORI_BASIS_GOLD, 30, 50);
	assert_share(&c->categories[0].specificity, SORI_BASIS_GOLD, 40, 50);
	assert_true(isnan(sori_corrected_share(50, 1000, &c->categories[0]).value)); /* never from a gold set */
	sori_classifier_free(c);
	put(database, "1", "old", "*random", "a", "a", "");
	c = load(database, "old"); /* labels go before gold */
	assert_true(c->current);
	assert_share(&c->categories[0].precision, SORI_BASIS_LABELS, 1, 1);
	assert_share(&c->categories[0].specificity, SORI_BASIS_GOLD, 40, 50);
	assert_true(isnan(sori_corrected_share(50, 1000, &c->categories[0]).value));
	sori_classifier_free(c);
	put(database, "1", "new", "*random", "a", "a", "");
	c = load(database, "");
	assert_string_equal(c->dictionary, "new");
	sori_classifier_free(c);
	sqlite3_close(database);
}

static struct sori_classifier_category category(uint64_t found, uint64_t positives, uint64_t passed, uint64_t negatives)
{
	return (struct sori_classifier_category){
		.id = "a",
		.recall = {SORI_BASIS_LABELS, found, positives, (double)found / (double)positives, 0, 1},
		.specificity = {SORI_BASIS_LABELS, passed, negatives, (double)passed / (double)negatives, 0, 1}};
}

static void test_corrected(void **state)
{
	struct sori_classifier_category c = category(80, 100, 380, 400);
	struct sori_corrected_share share = sori_corrected_share(200, 1000, &c);

	(void)state;
	assert_true(fabs(share.value - 0.2) < 1e-12 && !share.clipped); /* (0.2 + 0.95 - 1) / (0.8 + 0.95 - 1) */
	assert_true(fabs(share.low - 0.15642240009005748) < 1e-9 && fabs(share.high - 0.2484467824388948) < 1e-9);
	share = sori_corrected_share(10, 1000, &c); /* under the false alarms: nothing is left */
	assert_true(share.value == 0 && share.clipped && isnan(share.low) && isnan(share.high));
	share = sori_corrected_share(40, 1000, &c);
	assert_true(share.value == 0 && share.clipped && share.low == 0 && share.high > 0);
	share = sori_corrected_share(790, 1000, &c);
	assert_true(share.value < 1 && !share.clipped && share.high == 1);
	c = category(10, 100, 360, 400); /* 0.1 + 0.9 = 1: the test tells nothing */
	assert_true(isnan(sori_corrected_share(200, 1000, &c).value));
	assert_true(isnan(sori_corrected_share(0, 0, &c).value));
	assert_true(isnan(sori_corrected_share(1, 2, NULL).value));
}

static void test_no_tables_and_no_memory(void **state)
{
	sqlite3 *database, *full = open_database();
	struct sori_classifier *c;
	struct sori_error error;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	c = load(database, "new");
	assert_int_equal(c->count, 0);
	assert_true(c->current);
	sori_classifier_free(c);
	sori_classifier_free(NULL);
	sqlite3_close(database);
	put(full, "1", "new", "*random", "a b c", "a d", "e");
	for (uint64_t n = 1; n < 50; n++) {
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_classifier_load(&c, full, "new", &error);
		sori_memory_fail_after(0, 0);
		if (status == SORI_OK) {
			assert_int_equal(c->count, 5);
			sori_classifier_free(c);
			sqlite3_close(full);
			return;
		}
		assert_int_equal(status, SORI_SYSTEM);
	}
	fail_msg("never enough memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_counts),
		cmocka_unit_test(test_gold_and_versions),
		cmocka_unit_test(test_corrected),
		cmocka_unit_test(test_no_tables_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
