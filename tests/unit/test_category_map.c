/* The category map: reading and its faults, what an id became, breaks, and the views over a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/category_map.h"
#include "tests/unit/sql_fixture.h"

static const char text[] = "# what became of what\n"
			   "2026-03-01 rename app.freeze -> app.crash\n"
			   "2026-05-01 merge billing.fee billing.rate -> billing.price   # one unit now\n"
			   "2026-06-01 split network -> network.outage network.speed\n"
			   "2026-04-01 rename net -> network\n"
			   "2026-07-01 split network.speed -> network.speed network.coverage\n";

static struct sori_category_map *read(const char *from)
{
	struct sori_category_map *map;
	struct sori_error error;

	if (sori_category_map_parse(&map, sori_view_of(from), "m", &error) != SORI_OK)
		fail_msg("%s", error.text);
	return map;
}

static sori_day day(int month, int of_month)
{
	return sori_day_of(2026, month, of_month);
}

static void assert_now(const struct sori_category_map *map, const char *id, sori_day when, const char *wanted, bool split)
{
	const char *ids[SORI_MOVE_LIMIT];
	bool was_split;
	size_t count = sori_category_map_now(map, id, when, ids, &was_split);
	char line[400] = "";

	for (size_t i = 0; i < count; i++) {
		strcat(line, i ? " " : "");
		strcat(line, ids[i]);
	}
	assert_string_equal(line, wanted);
	assert_int_equal(was_split, split);
}

static void test_now(void **state)
{
	struct sori_category_map *map = read(text);

	(void)state;
	assert_int_equal(map->count, 5);
	assert_int_equal(map->changes[1].day, day(4, 1)); /* by day, not by line */
	assert_now(map, "app.freeze", day(2, 28), "app.crash", false);
	assert_now(map, "app.freeze", day(3, 1), "app.freeze", false); /* used again for something else */
	assert_now(map, "app.freeze", SORI_DAY_NONE, "app.crash", false);
	assert_now(map, "app.crash", day(1, 1), "app.crash", false);
	assert_now(map, "billing.rate", day(4, 30), "billing.price", false);
	assert_now(map, "network", day(5, 1), "network.outage network.speed network.coverage", true);
	assert_now(map, "net", day(1, 1), "network.outage network.speed network.coverage", true);
	assert_now(map, "network.speed", day(6, 15), "network.speed network.coverage", true);
	assert_now(map, "network.speed", day(7, 1), "network.speed", false);
	sori_category_map_free(map);
	map = read("");
	assert_now(map, "x", 0, "x", false);
	sori_category_map_free(map);
	sori_category_map_free(NULL);
}

static void test_breaks(void **state)
{
	struct sori_category_map *map = read(text);
	sori_day days[4];

	(void)state;
	assert_int_equal(sori_category_map_breaks(map, "app.crash", days, 4), 0); /* a name is no break */
	assert_int_equal(sori_category_map_breaks(map, "billing.price", days, 4), 1);
	assert_int_equal(days[0], day(5, 1));
	assert_int_equal(sori_category_map_breaks(map, "network.outage", days, 4), 1);
	assert_int_equal(days[0], day(6, 1));
	assert_int_equal(sori_category_map_breaks(map, "network.coverage", days, 4), 1);
	assert_int_equal(days[0], day(7, 1));
	sori_category_map_free(map);
}

static void test_faults(void **state)
{
	static const struct {
		const char *text;
		uint32_t line, column;
	} faults[] = {
		{"2026-13-01 rename a -> b\n", 1, 1}, {"\n2026-01-01 move a -> b\n", 2, 12}, {"2026-01-01 rename a b\n", 1, 22},
		{"2026-01-01 rename a -> b c\n", 1, 1}, {"2026-01-01 merge a -> b\n", 1, 1}, {"2026-01-01 split a -> b\n", 1, 1},
		{"2026-01-01 rename A -> b\n", 1, 19}, {"2026-01-01 rename a -> a\n", 1, 1}, {"2026-01-01 split a -> b b\n", 1, 25},
		{"2026-01-01 rename a -> b\n2026-01-01 split a -> c d\n", 2, 1}, {"2026-01-01 rename a -> b -> c\n", 1, 26},
		{"2026-01-01 rename -> b\n", 1, 19}, {"rename a -> b\n", 1, 1}, {"2026-01-01\n", 1, 11}, {"2026-01-01 rename a ->", 1, 23},
		{"2026-01-01 rename a\xff -> b", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct sori_category_map *map;
		struct sori_error error;

		assert_int_equal(sori_category_map_parse(&map, sori_view_of(faults[i].text), "m", &error), SORI_CONFIG);
		assert_null(map);
		if (error.line != faults[i].line || error.column != faults[i].column)
			fail_msg("%s: %llu:%u %s", faults[i].text, (unsigned long long)error.line, error.column, error.text);
	}
}

/* Days as in the map: 20514 is 2026-03-02, 20513 the day before. */
static sqlite3 *open_store(void)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	sql_run(database,
		"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
		"CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT);"
		"CREATE TABLE daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER,"
		" customers INTEGER, PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID;"
		"CREATE TABLE sample(month INTEGER, category INTEGER, rank INTEGER, identity BLOB, day INTEGER, cell INTEGER,"
		" place TEXT, rating INTEGER, text TEXT, spans TEXT, PRIMARY KEY(month, category, rank, identity)) WITHOUT ROWID;"
		"INSERT INTO category VALUES (0,'*'), (3,'app.freeze'), (4,'app.crash'), (5,'billing.fee'), (6,'billing.rate'),"
		" (7,'billing.price'), (8,'network'), (9,'network.outage');"
		"INSERT INTO daily VALUES (20000,1,0,1,9,5), (20000,1,3,1,2,2), (20000,1,4,1,1,1), (20600,1,3,2,7,7),"
		" (20000,1,5,1,3,3), (20000,1,6,1,4,NULL), (20000,1,8,1,5,5), (-2147483648,1,3,1,6,6);"
		"INSERT INTO sample VALUES (202409,3,1,x'01',20000,1,'p',1,'t','[]'), (202409,4,1,x'01',20000,1,'p',1,'t','[]')");
	return database;
}

static void test_store(void **state)
{
	sqlite3 *database = open_store();
	struct sori_category_map *map = read(text), *empty = read("");
	struct sori_error error;

	(void)state;
	assert_int_equal(sori_category_map_install(database, &error), SORI_OK); /* none kept: nothing */
	assert_int_equal(sql_number(database, "SELECT count(*) FROM sqlite_temp_master"), 0);
	assert_int_equal(sori_category_map_save(map, database, &error), SORI_OK);
	assert_int_equal(sori_category_map_save(map, database, &error), SORI_OK);
	assert_int_equal(sori_category_map_install(database, &error), SORI_OK);
	assert_int_equal(sori_category_map_install(database, &error), SORI_OK);
	assert_int_equal(sql_number(database, "SELECT documents FROM daily WHERE day = 20000 AND category = 4"), 3);
	assert_int_equal(sql_number(database, "SELECT customers FROM daily WHERE day = 20000 AND category = 4"), 3);
	assert_int_equal(sql_number(database, "SELECT documents FROM daily WHERE day = 20600 AND category = 3"), 7);
	assert_int_equal(sql_number(database, "SELECT documents FROM daily WHERE day = -2147483648 AND category = 4"), 6);
	assert_int_equal(sql_number(database, "SELECT documents FROM daily WHERE category = 7"), 7);
	assert_int_equal(sql_number(database, "SELECT documents FROM daily WHERE category = 8"), 5); /* split: stays what it was */
	assert_int_equal(sql_number(database, "SELECT documents FROM daily WHERE category = 0"), 9);
	assert_int_equal(sql_number(database, "SELECT sum(documents) FROM daily"), sql_number(database, "SELECT sum(documents) FROM main.daily"));
	assert_int_equal(sql_number(database, "SELECT count(*) FROM sample"), 1); /* one text under one id */
	assert_int_equal(sori_category_map_save(empty, database, &error), SORI_OK);
	assert_int_equal(sql_number(database, "SELECT count(*) FROM meta"), 0);
	sori_category_map_free(map);
	sori_category_map_free(empty);
	sqlite3_close(database);
}

static void test_no_memory(void **state)
{
	struct sori_category_map *map;
	struct sori_error error;

	(void)state;
	for (uint64_t n = 1; n < 100; n++) {
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_category_map_parse(&map, sori_view_of(text), "m", &error);
		sori_memory_fail_after(0, 0);
		if (status == SORI_OK) {
			sori_category_map_free(map);
			return;
		}
		assert_int_equal(status, SORI_SYSTEM);
		assert_null(map);
	}
	fail_msg("never enough memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_now), cmocka_unit_test(test_breaks), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_store), cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
