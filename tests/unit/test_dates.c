/* Dates: forms, styles, zones, guessing, and the day/month exchange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/text/dates.h"

static void expect(enum sori_date_style style, const char *value, const char *day_text)
{
	sori_day day;
	char text[11];
	if (!sori_date_parse(style, NULL, sori_view_of(value), 540, &day, NULL)) {
		if (day_text)
			print_error("not read: %s\n", value);
		assert_null(day_text);
		return;
	}
	sori_day_text(day, text);
	assert_non_null(day_text);
	assert_string_equal(text, day_text);
}

static void civil_forms(void **state)
{
	(void)state;
	expect(SORI_DATE_YMD, "2024-03-01", "2024-03-01");
	expect(SORI_DATE_YMD, " 2024.3.1. ", "2024-03-01");
	expect(SORI_DATE_YMD, "24.03.01", "2024-03-01");
	expect(SORI_DATE_YMD, "98/12/31", "1998-12-31");
	expect(SORI_DATE_YMD, "20240301", "2024-03-01");
	expect(SORI_DATE_YMD, "20240301T120000", "2024-03-01");
	expect(SORI_DATE_YMD, "2024년 3월 1일", "2024-03-01");
	expect(SORI_DATE_YMD, "2024년3월1일(금) 오후 3:20", "2024-03-01");
	expect(SORI_DATE_YMD, "2024-03-01 15시 20분", "2024-03-01");
	expect(SORI_DATE_MDY, "3/1/2024", "2024-03-01");
	expect(SORI_DATE_MDY, "03/22/23", "2023-03-22");
	expect(SORI_DATE_MDY, "2/24/2015 11:35", "2015-02-24");
	expect(SORI_DATE_DMY, "22-04-2015", "2015-04-22");
	expect(SORI_DATE_DMY, "01.02.2024", "2024-02-01");
	expect(SORI_DATE_DMY, "2024-03-01", "2024-03-01");
}

static void month_names_settle_the_order(void **state)
{
	(void)state;
	expect(SORI_DATE_YMD, "31-Jul-18", "2018-07-31");
	expect(SORI_DATE_MDY, "1 March 2024", "2024-03-01");
	expect(SORI_DATE_DMY, "Mar 1, 2024", "2024-03-01");
	expect(SORI_DATE_YMD, "Fri, 1st of Sept 2023", "2023-09-01");
	expect(SORI_DATE_YMD, "2024-Mar-05", "2024-03-05");
	expect(SORI_DATE_YMD, "Tue Feb 24 23:35:52 -0800 2015", "2015-02-25");
}

static void what_is_no_date(void **state)
{
	(void)state;
	static const char *const all[] = {"", "2024-02-30", "2024-13-01", "soon", "3", "12:30", "2024-03", "1.2.3.4", "2024-03-01 25:00",
					  "2024-03-01 x", "March", "0000-00-00", "5 screens broke in 2 days"};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		expect(SORI_DATE_YMD, all[i], NULL);
		expect(SORI_DATE_DMY, all[i], NULL);
		expect(SORI_DATE_EPOCH, all[i], NULL);
	}
}

static void zones_move_the_day(void **state)
{
	(void)state;
	expect(SORI_DATE_YMD, "2024-03-01T14:59:59Z", "2024-03-01");
	expect(SORI_DATE_YMD, "2024-03-01T15:00:00Z", "2024-03-02");
	expect(SORI_DATE_YMD, "2024-03-01 23:00:00 +09:00", "2024-03-01");
	expect(SORI_DATE_YMD, "2024-03-01 23:00", "2024-03-01");
	expect(SORI_DATE_EPOCH, "1709304400", "2024-03-01");
	expect(SORI_DATE_EPOCH, "1709305200000", "2024-03-02");
	expect(SORI_DATE_EXCEL, "45352.75", "2024-03-01");
	int64_t seconds;
	sori_day day;
	assert_true(sori_date_parse(SORI_DATE_YMD, NULL, SORI_VIEW_LITERAL("2024-03-01 오후 12:00:01"), 540, &day, &seconds));
	assert_int_equal(seconds, 1709262001);
	assert_true(sori_date_parse(SORI_DATE_YMD, NULL, SORI_VIEW_LITERAL("2024-03-01 12:00:01 am"), 0, &day, &seconds));
	assert_int_equal(seconds, 1709251201);
}

static void patterns(void **state)
{
	(void)state;
	sori_day day, expected = sori_day_of(2024, 3, 1);
	assert_true(sori_date_parse(SORI_DATE_PATTERN, "%d|%m|%Y", SORI_VIEW_LITERAL("01|03|2024"), 540, &day, NULL));
	assert_int_equal(day, expected);
	assert_true(sori_date_parse(SORI_DATE_PATTERN, "%b %d %y, %I:%M %p", SORI_VIEW_LITERAL("Mar 1 24, 3:20 PM"), 540, &day, NULL));
	assert_int_equal(day, expected);
	assert_false(sori_date_parse(SORI_DATE_PATTERN, "%Y-%m-%d", SORI_VIEW_LITERAL("2024/03/01"), 540, &day, NULL));
	assert_false(sori_date_parse(SORI_DATE_PATTERN, "%Y-%m-%d", SORI_VIEW_LITERAL("2024-03-01x"), 540, &day, NULL));
}

static enum sori_date_style guess(const char *const *values, size_t count, bool english)
{
	struct sori_view views[64];
	for (size_t i = 0; i < count; i++)
		views[i] = sori_view_of(values[i]);
	return sori_date_guess(views, count, english, NULL);
}
#define GUESS(english, ...) guess((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (english))

static void guesses(void **state)
{
	(void)state;
	assert_int_equal(GUESS(true, "3/4/2024", "3/25/2024", "4/1/2024"), SORI_DATE_MDY);
	assert_int_equal(GUESS(true, "25/3/2024", "26/3/2024", "3/4/2024"), SORI_DATE_DMY);
	assert_int_equal(GUESS(true, "3/4/2024", "5/6/2024"), SORI_DATE_MDY);
	assert_int_equal(GUESS(false, "3/4/2024", "5/6/2024"), SORI_DATE_DMY);
	assert_int_equal(GUESS(false, "24.03.01", "24.03.02", "24.04.05"), SORI_DATE_YMD);
	assert_int_equal(GUESS(false, "20240301", "20240302"), SORI_DATE_YMD);
	assert_int_equal(GUESS(false, "31-Jul-18", "30-Jul-18"), SORI_DATE_DMY);
	assert_int_equal(GUESS(false, "1709304400", "1709305200"), SORI_DATE_EPOCH);
	assert_int_equal(GUESS(false, "45352", "45353"), SORI_DATE_EXCEL);
	assert_int_equal(GUESS(false, "1", "2", "3"), SORI_DATE_NONE);
	assert_int_equal(GUESS(false, "12345678", "87654321"), SORI_DATE_NONE);
	assert_int_equal(GUESS(true, "slow", "2024-03-01", "bad"), SORI_DATE_NONE);
}

/* April to June, with day and month exchanged wherever that gives a date. */
static void exchange_is_noticed(void **state)
{
	(void)state;
	static char text[180][32];
	struct sori_view values[180];
	bool exchange = false;
	size_t count = 0;
	for (int month = 4; month <= 6; month++) {
		for (int day = 1; day <= 30; day++) {
			snprintf(text[count], 32, "%02d-%02d-2015", day > 12 ? day : month, day > 12 ? month : day);
			values[count] = sori_view_of(text[count]);
			count++;
		}
	}
	assert_int_equal(sori_date_guess(values, count, true, &exchange), SORI_DATE_DMY);
	assert_true(exchange);
	for (size_t i = 0; i < count; i++)
		snprintf(text[i], 32, "%02zu-%02zu-2015", i % 28 + 1, i % 3 + 4);
	assert_int_equal(sori_date_guess(values, count, true, &exchange), SORI_DATE_DMY);
	assert_false(exchange);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(civil_forms),	 cmocka_unit_test(month_names_settle_the_order),
		cmocka_unit_test(what_is_no_date), cmocka_unit_test(zones_move_the_day),
		cmocka_unit_test(patterns),	 cmocka_unit_test(guesses),
		cmocka_unit_test(exchange_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
