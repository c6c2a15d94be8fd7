/* identify: ratings, languages, days, identities, cells. */
#include "tests/unit/store_fixture.h"

#include "pipeline/core/cells.h"
#include "stages/identify/identify_parts.h"

static void ratings(void **state)
{
	static const struct {
		const char *text;
		int rating;
	} cases[] = {
		{"5", 5}, {"5.0", 5}, {"4.5", 5}, {"4.4", 4}, {" 3 ", 3}, {"5점", 5}, {"별점 2", 2}, {"★★★★☆", 4}, {"⭐⭐", 2},
		{"4/5", 4}, {"5점 만점에 4점", 4}, {"4점(5점 만점)", 4}, {"10", 10}, {"80%", 4}, {"80점", 4}, {"100점", 5}, {"20점", 1},
		{"５", 5}, {"0", 0}, {"", -1}, {"good", -1}, {"-1", -1}, {"12", -1}, {"2024-03-01", -1}, {"99999999999999", -1},
		{"4 stars", 4}, {"☆☆☆", -1}, {"3,5", 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(sori_rating_parse(sori_view_of(cases[i].text)), cases[i].rating);
	}
}

static void languages(void **state)
{
	static const struct {
		const char *text;
		enum sori_language language;
	} cases[] = {
		{"배송이 늦어요", SORI_LANG_KO}, {"the app crashes", SORI_LANG_EN}, {"아이폰 wifi 안됨", SORI_LANG_KO},
		{"iphone 좋아요 very good", SORI_LANG_MIXED}, {"", SORI_LANG_UND}, {"123 !!!", SORI_LANG_UND},
		{"\x01\x01", SORI_LANG_UND}, {"LG 냉장고", SORI_LANG_KO}, {"ok", SORI_LANG_EN}, {"日本語", SORI_LANG_UND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(sori_language_of(sori_view_of(cases[i].text)), cases[i].language);
}

/* Identifies the rows without a store. */
static void identify(const struct fixture_row *rows, size_t count, struct sori_input *input, struct sori_batch *batch)
{
	struct sori_context context = {.threads = 1};
	struct sori_error error;
	void *shared, *local;

	assert_int_equal(sori_stage_identify.open(&shared, &context, &error), SORI_OK);
	assert_int_equal(sori_stage_identify.open_local(shared, &local, &error), SORI_OK);
	assert_true(fixture_fill(batch, rows, count, 0));
	batch->input = input;
	assert_int_equal(sori_stage_identify.run(shared, local, batch, &error), SORI_OK);
	sori_stage_identify.close_local(local);
	sori_stage_identify.close(shared);
}

static bool same(const struct sori_record *a, const struct sori_record *b)
{
	return a->identity.high == b->identity.high && a->identity.low == b->identity.low;
}

static void identities(void **state)
{
	static const struct fixture_row rows[] = {
		{.text = "좋아요", .date = "2024-03-04", .product = "TV"},
		{.text = "좋아요 ", .date = "2024.3.4", .product = " TV"},    /* 1: blanks and date form do not matter */
		{.text = "좋아요", .date = "2024-03-05", .product = "TV"},    /* 2: another day */
		{.text = "좋아요", .date = "2024-03-04", .product = "TVs"},   /* 3: another product */
		{.text = "좋아요T", .date = "2024-03-04", .product = "V"},    /* 4: field borders count */
		{.id = "7", .text = "좋아요", .date = "2024-03-04"},	       /* 5 */
		{.id = "7", .text = "나빠요", .date = "2024-03-04"},	       /* 6: same document, other content */
		{.id = "8", .text = "좋아요", .date = "2024-03-04"},	       /* 7 */
		{.id = "7", .text = "좋아요", .date = "2024-03-04", .updated = "2024-03-09 12:00:00"}, /* 8: `updated` is no content */
		{.text = "좋아요", .date = "언젠가"},			       /* 9: undated, the text of the date stays in */
		{.text = "좋아요", .date = "언젠가는"},
	};
	struct sori_batch *batch = sori_batch_new();
	struct sori_input input = {.path = (char *)(uintptr_t)"x", .source = (char *)(uintptr_t)"a", .date_style = SORI_DATE_YMD,
				   .zone_minutes = 540};
	const struct sori_record *r;
	struct sori_hash128 before[2];

	(void)state;
	identify(rows, sizeof rows / sizeof rows[0], &input, batch);
	r = batch->records;
	assert_true(same(&r[0], &r[1]));
	assert_int_equal(r[0].cell, r[1].cell);
	assert_int_equal(r[0].day, r[1].day);
	for (size_t i = 2; i < 8; i++)
		assert_false(same(&r[0], &r[i]));
	assert_int_not_equal(r[0].cell, r[3].cell);
	assert_true(same(&r[5], &r[6]));
	assert_true(r[5].content != r[6].content);
	assert_false(same(&r[5], &r[7]));
	assert_true(same(&r[5], &r[8]) && r[5].content == r[8].content);
	assert_true(r[5].updated == INT64_MIN && r[8].updated != INT64_MIN);
	assert_int_equal(r[9].day, SORI_DAY_NONE);
	assert_false(same(&r[9], &r[10]));
	assert_int_equal(r[0].content, 0);
	assert_true(r[5].has_id && !r[0].has_id);
	before[0] = r[0].identity;
	before[1] = r[5].identity;
	input.source = (char *)(uintptr_t)"b";
	identify(rows, sizeof rows / sizeof rows[0], &input, batch);
	assert_true(before[0].low != batch->records[0].identity.low && before[1].low != batch->records[5].identity.low);
	sori_batch_free(batch);
}

static void dimension_values_are_clean(void **state)
{
	struct sori_cells *cells = sori_cells_new();
	struct sori_cells_cache *cache = sori_cells_cache_new();
	struct sori_view values[SORI_DIMENSION_COUNT] = {{"", 0}};
	char longer[400];
	uint32_t cell, numbers[SORI_DIMENSION_COUNT];
	struct sori_view value;

	(void)state;
	memset(longer, 'x', sizeof longer);
	values[SORI_DIMENSION_PRODUCT] = sori_view_of(" A\nB\x07 ");
	values[SORI_DIMENSION_REGION] = sori_view_of("연락처 010-1234-5678");
	values[SORI_DIMENSION_CHANNEL] = sori_view_make(longer, sizeof longer);
	assert_int_equal(sori_cells_find(cells, cache, (struct sori_hash128){1, 2}, values, &cell), SORI_OK);
	sori_cells_values(cells, cell, numbers);
	value = sori_cells_value(cells, SORI_DIMENSION_PRODUCT, numbers[SORI_DIMENSION_PRODUCT]);
	assert_true(sori_view_is(value, "A B"));
	value = sori_cells_value(cells, SORI_DIMENSION_REGION, numbers[SORI_DIMENSION_REGION]);
	assert_null(memmem(value.at, value.length, "1234", 4));
	value = sori_cells_value(cells, SORI_DIMENSION_CHANNEL, numbers[SORI_DIMENSION_CHANNEL]);
	assert_int_equal(value.length, SORI_DIMENSION_VALUE_LIMIT);
	sori_cells_cache_free(cache);
	sori_cells_free(cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratings),
		cmocka_unit_test(languages),
		cmocka_unit_test(identities),
		cmocka_unit_test(dimension_values_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
