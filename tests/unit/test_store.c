/* The store: every rule of stages/aggregate/DESIGN.md as a small night. */
#include "tests/unit/store_fixture.h"

#define ROWS(...) (const struct fixture_row[]){__VA_ARGS__}
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define ALL "SELECT ifnull(sum(documents), 0) FROM daily WHERE category = 0"
#define OF(id) "SELECT ifnull(sum(documents), 0) FROM daily JOIN category USING(category) WHERE id = '" id "'"

static const struct fixture_row monday[] = {
	{.id = "a1", .text = "앱이 꺼져요", .date = "2024-03-04", .product = "TV", .categories = 1},
	{.id = "a2", .text = "배송이 늦어요", .date = "2024-03-04", .product = "TV", .categories = 2},
	{.id = "a3", .text = "기사님이 친절해요", .date = "2024-03-05", .product = "에어컨", .categories = 4},
	{.id = "a4", .text = "그냥 그래요", .date = "", .product = "에어컨", .categories = 0},
};

static const struct fixture_row anonymous[] = {
	{.text = "좋아요", .date = "2024-03-04", .product = "TV"},
	{.text = "좋아요", .date = "2024-03-04", .product = "TV"},
	{.text = "좋아요", .date = "2024-03-04", .product = "TV"},
	{.text = "앱이 꺼져요", .date = "2024-03-04", .product = "TV", .categories = 1},
};

static void run_ok(const struct fixture *fixture, const struct fixture_file *files, size_t count, unsigned version,
		   struct fixture_result *result)
{
	fixture_run(fixture, files, count, version, 1, 2, result);
	if (result->status != SORI_OK)
		print_error("%s\n", result->error.text);
	assert_int_equal(result->status, SORI_OK);
	for (size_t i = 0; i + 1 < SORI_IDENTITY_COUNT; i++) {
		assert_true(result->identities.of[i].known);
		assert_true(result->identities.of[i].ok);
	}
	fixture_release(result);
}

static void counts_and_undated(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_file file = {.name = "a.csv", .rows = monday, .count = COUNT(monday)};

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &result);
	assert_true(result.changed);
	assert_int_equal(result.inputs[0].counts.accepted, 4);
	assert_int_equal(result.inputs[0].counts.duplicate, 0);
	assert_int_equal(result.inputs[0].counts.undated, 1);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	assert_int_equal(fixture_number(&fixture, OF("app.crash")), 1);
	assert_int_equal(fixture_number(&fixture, OF("*none")), 1);
	assert_int_equal(fixture_number(&fixture, OF("*pain")), 2);
	assert_int_equal(fixture_number(&fixture, OF("staff.kind")), 1);
	assert_int_equal(fixture_number(&fixture, "SELECT documents FROM daily WHERE day = -2147483648 AND category = 0"), 1);
	assert_int_equal(fixture_number(&fixture, "SELECT as_of FROM run"), 19787); /* 2024-03-05 */
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM cell"), 2);
	assert_int_equal(fixture_number(&fixture, "SELECT denominator FROM category_daily WHERE category = 'app.crash'"), 2);
	assert_int_equal(fixture_number(&fixture, "SELECT time FROM category_daily WHERE category = 'app.crash'"), 1709510400);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM sample"), 3);
	fixture_remove(&fixture);
}

static void same_again_is_no_op(void **state)
{
	struct fixture fixture;
	struct fixture_result first, second;
	struct fixture_file file = {.name = "a.csv", .rows = monday, .count = COUNT(monday), .rejected = 2};
	char *before, *after;

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &first);
	before = fixture_dump(&fixture);
	run_ok(&fixture, &file, 1, 1, &second);
	after = fixture_dump(&fixture);
	assert_false(second.changed);
	assert_true(second.inputs[0].known);
	assert_string_equal(before, after);
	assert_memory_equal(&first.inputs[0].counts, &second.inputs[0].counts, sizeof first.inputs[0].counts);
	assert_int_equal(second.inputs[0].delimiter, ',');
	assert_int_equal(second.inputs[0].date_style, SORI_DATE_YMD);
	for (size_t i = 0; i < SORI_IDENTITY_COUNT; i++) {
		assert_int_equal(first.identities.of[i].left, second.identities.of[i].left);
		assert_int_equal(first.identities.of[i].right, second.identities.of[i].right);
	}
	free(before);
	free(after);
	fixture_remove(&fixture);
}

static void equal_records_in_overlapping_files(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_file files[2] = {{.name = "a.csv", .rows = anonymous, .count = 3},
					{.name = "b.csv", .rows = anonymous, .count = 4}};

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, files, 2, 1, &result);
	assert_int_equal(result.inputs[0].counts.accepted, 3);
	assert_int_equal(result.inputs[1].counts.accepted, 1);
	assert_int_equal(result.inputs[1].counts.duplicate, 3);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	files[0] = (struct fixture_file){.name = "c.csv", .rows = anonymous, .count = 2};
	run_ok(&fixture, files, 1, 1, &result);
	assert_int_equal(result.inputs[0].counts.duplicate, 2);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	fixture_remove(&fixture);
}

static void corrections_replace(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	const struct fixture_row old[] = {
		{.id = "x", .text = "앱이 꺼져요", .date = "2024-03-04", .updated = "2024-03-06 10:00:00", .categories = 1}};
	const struct fixture_row late[] = {
		{.id = "x", .text = "이제 잘 돼요", .date = "2024-03-04", .updated = "2024-03-07 10:00:00", .categories = 4}};
	struct fixture_file files[2] = {{.name = "a.csv", .rows = late, .count = 1}, {.name = "b.csv", .rows = old, .count = 1}};

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, files, 2, 1, &result); /* the older version is loaded later and loses */
	assert_int_equal(fixture_number(&fixture, ALL), 1);
	assert_int_equal(fixture_number(&fixture, OF("staff.kind")), 1);
	assert_int_equal(fixture_number(&fixture, OF("app.crash")), 0);
	assert_int_equal(result.inputs[1].counts.accepted, 1);
	assert_int_equal(result.inputs[1].counts.replaced, 1);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM sample JOIN category USING(category) WHERE id = 'app.crash'"), 0);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM sample"), 1);
	fixture_remove(&fixture);
	fixture_make(&fixture);
	run_ok(&fixture, &files[1], 1, 1, &result); /* in the other order, in two nights */
	assert_int_equal(fixture_number(&fixture, OF("app.crash")), 1);
	run_ok(&fixture, &files[0], 1, 1, &result);
	assert_int_equal(fixture_number(&fixture, ALL), 1);
	assert_int_equal(fixture_number(&fixture, OF("app.crash")), 0);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM sample JOIN category USING(category) WHERE id = 'app.crash'"), 0);
	assert_int_equal(result.inputs[0].counts.replaced, 1);
	fixture_remove(&fixture);
}

static void later_load_wins_without_updated(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	const struct fixture_row rows[] = {{.id = "x", .text = "하나", .date = "2024-03-04", .categories = 1},
					   {.id = "x", .text = "둘", .date = "2024-03-05", .categories = 2},
					   {.id = "x", .text = "둘", .date = "2024-03-05", .categories = 2}};
	struct fixture_file file = {.name = "a.csv", .rows = rows, .count = 3};

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &result);
	assert_int_equal(result.inputs[0].counts.accepted, 2);
	assert_int_equal(result.inputs[0].counts.replaced, 1);
	assert_int_equal(result.inputs[0].counts.duplicate, 1);
	assert_int_equal(fixture_number(&fixture, ALL), 1);
	assert_int_equal(fixture_number(&fixture, "SELECT day FROM daily WHERE category = 0"), 19787);
	fixture_remove(&fixture);
}

static void new_dictionary_restates(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_row rows[COUNT(monday)];
	struct fixture_file file = {.name = "a.csv", .rows = monday, .count = COUNT(monday)};
	char *first, *third;

	(void)state;
	memcpy(rows, monday, sizeof rows);
	rows[3].categories = 1;
	rows[0].categories = 0;
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &result);
	first = fixture_dump(&fixture);
	file.rows = rows;
	run_ok(&fixture, &file, 1, 2, &result);
	assert_true(result.changed);
	assert_int_equal(result.inputs[0].counts.accepted, 4);
	assert_int_equal(result.inputs[0].counts.replaced, 0);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	assert_int_equal(fixture_number(&fixture, OF("app.crash")), 1);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM daily WHERE dictionary = 1"), 0);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM input"), 1);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM sample WHERE text = '앱이 꺼져요'"), 0);
	file.rows = monday;
	run_ok(&fixture, &file, 1, 1, &result); /* and back again: not taken for known */
	assert_true(result.changed);
	third = fixture_dump(&fixture);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM daily WHERE dictionary = 2"), 0);
	assert_string_not_equal(first, third);
	free(first);
	free(third);
	fixture_remove(&fixture);
}

/* A second file under a new dictionary restates what it delivers; the first file is then counted again and keeps it. */
static void overlap_under_new_dictionary(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_file a = {.name = "a.csv", .rows = monday, .count = 3}, b = {.name = "b.csv", .rows = monday, .count = 4};

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, &a, 1, 1, &result);
	run_ok(&fixture, &b, 1, 2, &result);
	assert_int_equal(result.inputs[0].counts.duplicate, 3);
	assert_int_equal(result.inputs[0].counts.accepted, 1);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM daily WHERE dictionary = 1"), 0);
	run_ok(&fixture, &a, 1, 2, &result);
	assert_int_equal(result.inputs[0].counts.accepted, 3);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	run_ok(&fixture, &b, 1, 3, &result);
	run_ok(&fixture, &a, 1, 3, &result);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	fixture_remove(&fixture);
}

/* Read again with another date format, the keys of records without id change: the old ones go. */
static void other_configuration_replaces(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_row rows[COUNT(anonymous)];
	struct fixture_file file = {.name = "a.csv", .rows = anonymous, .count = COUNT(anonymous)};

	(void)state;
	memcpy(rows, anonymous, sizeof rows);
	for (size_t i = 0; i < COUNT(rows); i++)
		rows[i].date = "2024-04-03";
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &result);
	file.rows = rows;
	run_ok(&fixture, &file, 1, 2, &result);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	assert_int_equal(fixture_number(&fixture, "SELECT count(DISTINCT day) FROM daily"), 1);
	assert_int_equal(result.inputs[0].counts.accepted, 4);
	assert_int_equal(result.inputs[0].counts.replaced, 0);
	assert_int_equal(fixture_number(&fixture, "SELECT sum(live) FROM fact"), 4);
	fixture_remove(&fixture);
}

static void refused_adds_nothing(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	const struct fixture_row bad[] = {{.text = "나쁜 파일", .date = "2024-03-04", .product = "없는 제품", .categories = 1}};
	struct fixture_file files[2] = {{.name = "a.csv", .rows = monday, .count = 4},
					{.name = "b.csv", .rows = bad, .count = 1, .refused = true, .rejected = 30}};
	char *before, *after;

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, files, 2, 1, &result);
	assert_int_equal(result.inputs[1].counts.accepted, 0);
	assert_int_equal(result.inputs[1].counts.rejected, 31);
	assert_int_equal(result.inputs[1].counts.by_reason[SORI_REASON_REFUSED], 1);
	assert_int_equal(fixture_number(&fixture, ALL), 4);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM cell WHERE product = '없는 제품'"), 0);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM sample WHERE text = '나쁜 파일'"), 0);
	before = fixture_dump(&fixture);
	run_ok(&fixture, files, 2, 1, &result); /* refused again: read again, nothing new */
	assert_false(result.changed);
	after = fixture_dump(&fixture);
	assert_string_equal(before, after);
	free(before);
	free(after);
	files[1].refused = false; /* the limit was raised */
	run_ok(&fixture, files, 2, 1, &result);
	assert_int_equal(fixture_number(&fixture, ALL), 5);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM input"), 2);
	fixture_remove(&fixture);
}

static void threads_and_batches_agree(void **state)
{
	enum { MANY = 3000 };
	struct fixture_row *rows = calloc(MANY, sizeof *rows);
	char (*text)[48] = calloc(MANY, sizeof *text), (*product)[24] = calloc(MANY, sizeof *product);
	char *expected = NULL;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(text[i], sizeof text[i], "불편 %zu 그리고 %zu", i % 1900, i % 7);
		(void)snprintf(product[i], sizeof product[i], "모델 %zu", i * i % 37);
		rows[i] = (struct fixture_row){.id = i % 3 ? NULL : text[i], .text = text[i], .product = product[i],
					       .date = i % 5 ? "2024-03-04" : "2024-04-01", .categories = (unsigned)(i * 7 % 8)};
	}
	for (unsigned threads = 1; threads <= 3; threads++) {
		for (size_t batch = 1; batch <= 1024; batch = batch * 31 + 1) {
			struct fixture fixture;
			struct fixture_result result;
			struct fixture_file files[2] = {{.name = "a.csv", .rows = rows, .count = 2000},
							{.name = "b.csv", .rows = rows + 1000, .count = 2000}};
			char *dump, *place;

			fixture_make(&fixture);
			fixture_run(&fixture, files, 2, 1, threads, batch, &result);
			assert_int_equal(result.status, SORI_OK);
			fixture_release(&result);
			dump = fixture_dump(&fixture);
			while ((place = strstr(dump, fixture.folder))) /* the folder's name is random */
				memset(place, 'x', strlen(fixture.folder));
			place = strstr(dump, "\nrun|"); /* the run's hash covers the paths */
			assert_non_null(place);
			memset(place + 7, 'x', 32);
			if (expected)
				assert_string_equal(expected, dump);
			else
				expected = strdup(dump);
			free(dump);
			fixture_remove(&fixture);
		}
	}
	free(expected);
	free(rows);
	free(text);
	free(product);
}

static void many_nights_compact(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_row rows[40];
	char ids[40][16], names[30][16];

	(void)state;
	fixture_make(&fixture);
	for (size_t i = 0; i < 40; i++)
		(void)snprintf(ids[i], sizeof ids[i], "n%zu", i);
	for (size_t night = 0; night < 30; night++) {
		struct fixture_file file = {.name = names[night], .rows = rows, .count = 40};

		(void)snprintf(names[night], sizeof names[night], "%02zu.csv", night);
		for (size_t i = 0; i < 40; i++)
			rows[i] = (struct fixture_row){.id = ids[i], .text = i % 4 == night % 4 ? names[night] : "같은 말",
						       .date = "2024-03-04", .categories = (unsigned)(i + night) % 8};
		run_ok(&fixture, &file, 1, 1, &result);
		assert_int_equal(fixture_number(&fixture, ALL), 40);
	}
	assert_true(fixture_number(&fixture, "SELECT max(n) FROM (SELECT count(*) AS n FROM fact GROUP BY partition)") <= 8);
	assert_int_equal(fixture_number(&fixture, "SELECT sum(live) FROM fact"), 40);
	fixture_remove(&fixture);
}

static void dimension_over_the_limit(void **state)
{
	enum { MANY = 1500 };
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_row rows[MANY + 10];
	static char product[MANY][16];
	struct fixture_file file = {.name = "a.csv", .rows = rows, .count = MANY + 10};

	(void)state;
	for (size_t i = 0; i < MANY + 10; i++) {
		size_t value = i < MANY ? i : MANY - 1; /* the last in byte order is the most frequent */

		(void)snprintf(product[value], sizeof product[value], "p%04zu", value);
		rows[i] = (struct fixture_row){.text = "말", .date = "2024-03-04", .product = product[value]};
	}
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &result);
	assert_int_equal(fixture_number(&fixture, "SELECT count(*) FROM cell"), 1001);
	assert_int_equal(fixture_number(&fixture, "SELECT sum(documents) FROM daily JOIN cell USING(cell) WHERE product = '기타' AND category = 0"), 500);
	assert_int_equal(fixture_number(&fixture, "SELECT sum(documents) FROM daily JOIN cell USING(cell) WHERE product = 'p1499' AND category = 0"), 11);
	assert_non_null(strstr(result.inputs[0].warning, "product has over 1,000 values"));
	fixture_remove(&fixture);
}

static void one_writer_at_a_time(void **state)
{
	struct fixture fixture;
	struct sori_store *first, *second;
	struct sori_error error;
	struct fixture_result result;
	struct fixture_file file = {.name = "a.csv", .rows = monday, .count = 4};

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(sori_store_open(&second, fixture.store, false, &error), SORI_NO_INPUT);
	run_ok(&fixture, &file, 1, 1, &result);
	assert_int_equal(sori_store_open(&first, fixture.store, true, &error), SORI_OK);
	assert_int_equal(sori_store_open(&second, fixture.store, true, &error), SORI_BUSY);
	assert_null(second);
	assert_int_equal(sori_store_open(&second, fixture.store, false, &error), SORI_OK);
	assert_int_equal(sori_store_check(second, &error), SORI_OK);
	assert_int_equal(sori_store_close(second, &error), SORI_OK);
	assert_int_equal(sori_store_close(first, &error), SORI_OK);
	assert_int_equal(sori_store_open(&first, fixture.store, true, &error), SORI_OK);
	assert_int_equal(sori_store_close(first, &error), SORI_OK);
	fixture_remove(&fixture);
}

static void strange_files_are_refused(void **state)
{
	struct fixture fixture;
	struct sori_store *store;
	struct sori_error error;
	sqlite3 *database;
	FILE *out;

	(void)state;
	fixture_make(&fixture);
	out = fopen(fixture.store, "wb");
	assert_non_null(out);
	for (int i = 0; i < 200; i++)
		assert_true(fputs("this is no database ", out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(sori_store_open(&store, fixture.store, true, &error), SORI_DATA);
	assert_int_equal(unlink(fixture.store), 0);
	assert_int_equal(sqlite3_open(fixture.store, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, "CREATE TABLE mine(x)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	assert_int_equal(sori_store_open(&store, fixture.store, true, &error), SORI_DATA);
	assert_int_equal(unlink(fixture.store), 0);
	assert_int_equal(sqlite3_open(fixture.store, &database), SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, "PRAGMA application_id = 1397707337; PRAGMA user_version = 99; CREATE TABLE t(x)",
				      NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	assert_int_equal(sori_store_open(&store, fixture.store, true, &error), SORI_CONFIG);
	fixture_remove(&fixture);
}

static void no_memory_is_an_error_and_leaves_nothing(void **state)
{
	struct fixture fixture;
	struct fixture_result result;
	struct fixture_file file = {.name = "a.csv", .rows = monday, .count = 4};
	char *before, *after;
	bool went_through = false;

	(void)state;
	fixture_make(&fixture);
	run_ok(&fixture, &file, 1, 1, &result);
	before = fixture_dump(&fixture);
	file = (struct fixture_file){.name = "b.csv", .rows = anonymous, .count = 4};
	for (uint64_t n = 1; n < 20000 && !went_through; n++) {
		sori_memory_fail_after(n, 1);
		fixture_run(&fixture, &file, 1, 1, 1, 2, &result);
		sori_memory_fail_after(0, 0);
		fixture_release(&result);
		went_through = result.status == SORI_OK;
		if (went_through)
			break;
		assert_int_equal(result.status, SORI_SYSTEM);
		after = fixture_dump(&fixture);
		assert_string_equal(before, after);
		free(after);
	}
	assert_true(went_through);
	free(before);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_and_undated),
		cmocka_unit_test(same_again_is_no_op),
		cmocka_unit_test(equal_records_in_overlapping_files),
		cmocka_unit_test(corrections_replace),
		cmocka_unit_test(later_load_wins_without_updated),
		cmocka_unit_test(new_dictionary_restates),
		cmocka_unit_test(overlap_under_new_dictionary),
		cmocka_unit_test(other_configuration_replaces),
		cmocka_unit_test(refused_adds_nothing),
		cmocka_unit_test(threads_and_batches_agree),
		cmocka_unit_test(many_nights_compact),
		cmocka_unit_test(dimension_over_the_limit),
		cmocka_unit_test(one_writer_at_a_time),
		cmocka_unit_test(strange_files_are_refused),
		cmocka_unit_test(no_memory_is_an_error_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
