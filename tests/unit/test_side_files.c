/* Calendar, actions, exposure and outside series: what they say is what is read; what is wrong is told with line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <math.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/actions.h"
#include "pipeline/core/calendar.h"
#include "pipeline/core/exposure.h"
#include "pipeline/core/outside.h"

static char path[] = "/tmp/sori-side-XXXXXX";

static int make_file(void **state)
{
	int file = mkstemp(path);

	(void)state;
	return file < 0 || close(file) ? -1 : 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static sori_day day_of(const char *text)
{
	sori_day day;

	assert_true(sori_day_parse_iso(sori_view_of(text), &day));
	return day;
}

static struct sori_calendar *calendar_of(const char *text)
{
	struct sori_calendar *calendar;
	struct sori_error error = {0};

	write_file(text);
	if (sori_calendar_read(&calendar, path, &error) != SORI_OK)
		fail_msg("%llu:%u: %s", (unsigned long long)error.line, error.column, error.text);
	return calendar;
}

static void kinds_of_days(void **state)
{
	/* Chuseok 2026: Thu 24 to Sat 26 September; Monday is the first working day. 9 October is a Friday. */
	struct sori_calendar *calendar = calendar_of("\xef\xbb\xbf# days off\r\ntype,date,label\r\nchuseok,2026-09-25,\"추석, 가운데\"\r\n"
						     "chuseok,2026-09-24\r\nchuseok,2026-09-26,\r\n\r\nsingle,2026-10-09,한글날\r\n"
						     "release,2026-09-02,5.2\r\n");
	static const struct {
		const char *day;
		enum sori_day_kind kind;
	} expected[] = {
		{"2026-09-02", SORI_DAY_ORDINARY},  {"2026-09-22", SORI_DAY_ORDINARY},	{"2026-09-23", SORI_DAY_DISTURBED},
		{"2026-09-24", SORI_DAY_DISTURBED}, {"2026-09-26", SORI_DAY_DISTURBED}, {"2026-09-27", SORI_DAY_DISTURBED},
		{"2026-09-28", SORI_DAY_DISTURBED}, {"2026-09-29", SORI_DAY_ORDINARY},	{"2026-10-09", SORI_DAY_HOLIDAY},
		{"2026-10-10", SORI_DAY_ORDINARY},
	};
	sori_day first = day_of("2026-09-01");
	unsigned char kinds[50];

	(void)state;
	assert_int_equal(calendar->count, 5);
	assert_int_equal(calendar->entries[0].type, SORI_CALENDAR_RELEASE); /* by day */
	assert_string_equal(calendar->entries[2].label, "추석, 가운데");
	sori_calendar_kinds(calendar, NULL, first, sizeof kinds, kinds);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_int_equal(kinds[day_of(expected[i].day) - first], expected[i].kind);
	sori_calendar_kinds(calendar, NULL, day_of("2026-09-28"), 2, kinds); /* the feast itself is before the range */
	assert_int_equal(kinds[0], SORI_DAY_DISTURBED);
	assert_int_equal(kinds[1], SORI_DAY_ORDINARY);
	sori_calendar_kinds(NULL, NULL, first, sizeof kinds, kinds);
	for (size_t i = 0; i < sizeof kinds; i++)
		assert_int_equal(kinds[i], SORI_DAY_ORDINARY);
	assert_int_equal(sori_calendar_feast(calendar, SORI_CALENDAR_CHUSEOK, 2026), day_of("2026-09-25"));
	assert_int_equal(sori_calendar_feast(calendar, SORI_CALENDAR_SEOLLAL, 2026), SORI_DAY_NONE);
	sori_calendar_free(calendar);
}

/* A substitute day off after the feast puts the working day off. */
static void the_working_day_after_a_feast(void **state)
{
	struct sori_calendar *calendar = calendar_of("date,type\n2025-10-06,chuseok\n2025-10-08,substitute\n2025-10-09,single\n");
	unsigned char kinds[10];

	(void)state;
	sori_calendar_kinds(calendar, NULL, day_of("2025-10-05"), sizeof kinds, kinds);
	assert_int_equal(kinds[2], SORI_DAY_DISTURBED); /* the 7th: a day beside, and the first working day */
	assert_int_equal(kinds[3], SORI_DAY_HOLIDAY);
	assert_int_equal(kinds[4], SORI_DAY_HOLIDAY);
	assert_int_equal(kinds[5], SORI_DAY_ORDINARY);
	sori_calendar_free(calendar);
	calendar = calendar_of("date,type\n2025-10-05,chuseok\n2025-10-06,chuseok\n2025-10-07,chuseok\n2025-10-08,substitute\n2025-10-09,single\n");
	sori_calendar_kinds(calendar, NULL, day_of("2025-10-05"), sizeof kinds, kinds);
	assert_int_equal(kinds[3], SORI_DAY_DISTURBED); /* beside the last day */
	assert_int_equal(kinds[4], SORI_DAY_HOLIDAY);
	assert_int_equal(kinds[5], SORI_DAY_DISTURBED); /* Friday the 10th: work again */
	sori_calendar_free(calendar);
}

static void scopes_hold_for_the_slices_within(void **state)
{
	struct sori_calendar *calendar = calendar_of("date,type,label,scope\n2026-08-03,single,축제,region=부산; region=울산 \n");
	const struct sori_slice_term busan = {"region", "부산"}, seoul = {"region", "서울"}, both[] = {{"region", "부산"}, {"region", "서울"}},
				     more[] = {{"region", "부산"}, {"product", "TV"}};
	unsigned char kind;

	(void)state;
	assert_int_equal(calendar->entries[0].scope.count, 2);
	assert_string_equal(calendar->entries[0].scope.terms[1].value, "울산");
	assert_true(sori_calendar_holds(&calendar->entries[0], &(struct sori_slice){&busan, 1}));
	assert_true(sori_calendar_holds(&calendar->entries[0], &(struct sori_slice){more, 2}));
	assert_false(sori_calendar_holds(&calendar->entries[0], &(struct sori_slice){&seoul, 1}));
	assert_false(sori_calendar_holds(&calendar->entries[0], &(struct sori_slice){both, 2}));
	assert_false(sori_calendar_holds(&calendar->entries[0], NULL));
	sori_calendar_kinds(calendar, &(struct sori_slice){&busan, 1}, day_of("2026-08-03"), 1, &kind);
	assert_int_equal(kind, SORI_DAY_HOLIDAY);
	sori_calendar_kinds(calendar, NULL, day_of("2026-08-03"), 1, &kind);
	assert_int_equal(kind, SORI_DAY_ORDINARY);
	sori_calendar_free(calendar);
}

enum reader { CALENDAR, ACTIONS, EXPOSURE, OUTSIDE };

static enum sori_status read_any(enum reader reader, struct sori_error *error)
{
	struct sori_calendar *calendar = NULL;
	struct sori_actions *actions = NULL;
	struct sori_exposure *exposure = NULL;
	struct sori_outside *outside = NULL;
	enum sori_status status = reader == CALENDAR   ? sori_calendar_read(&calendar, path, error)
				  : reader == ACTIONS  ? sori_actions_read(&actions, path, error)
				  : reader == EXPOSURE ? sori_exposure_read(&exposure, path, error)
						       : sori_outside_read(&outside, path, error);

	assert_true((status == SORI_OK) == (calendar || actions || exposure || outside));
	sori_calendar_free(calendar);
	sori_actions_free(actions);
	sori_exposure_free(exposure);
	sori_outside_free(outside);
	return status;
}

static void what_is_wrong_has_a_place(void **state)
{
	static const struct {
		enum reader reader;
		const char *text;
		unsigned line, column;
		const char *words;
	} cases[] = {
		{CALENDAR, "", 1, 1, "no header"},
		{CALENDAR, "# only a comment\n", 1, 1, "no header"},
		{CALENDAR, "date\n2026-01-01\n", 1, 1, "column 'type' is missing"},
		{CALENDAR, "date,type,lable\n", 1, 11, "did you mean 'label'"},
		{CALENDAR, "date,type,date\n", 1, 11, "twice"},
		{CALENDAR, "date,type\n2026-02-30,seollal\n", 2, 1, "'2026-02-30' is no day"},
		{CALENDAR, "date,type\n\n# x\n2026-02-17, feast\n", 4, 13, "'feast' is none of seollal, chuseok"},
		{CALENDAR, "date,type\n2026-02-17,\n", 2, 12, "type is missing"},
		{CALENDAR, "date,type\n2026-02-17,single,x\n", 2, 19, "more cells"},
		{CALENDAR, "date,type\n2026-02-17,single\n2026-02-17,single\n", 3, 1, "already, in line 2"},
		{CALENDAR, "date,type,label\n2026-02-17,single,\"설\n", 2, 19, "quote does not close"},
		{CALENDAR, "date,type,label\n2026-02-17,single,\"설\"날\n", 2, 22, "text follows"},
		{CALENDAR, "date,label,type,scope\n2026-02-17,설날,single,region=부산;서울\n", 2, 32, "DIM=VALUE"},
		{CALENDAR, "date,type,label\n2026-02-17,single,설\xff\n", 2, 20, "not UTF-8"},
		{ACTIONS, "id\tdate\tcategory\n\t2026-01-01\ta.x\n", 2, 1, "id is missing"},
		{ACTIONS, "id\tdate\tcategory\na 1\t2026-01-01\ta.x\n", 2, 1, "no blanks"},
		{ACTIONS, "id\tdate\tcategory\na\t2026-01-01\ta.x\na\t2026-01-02\ta.x\n", 3, 1, "'a' is there already, in line 2"},
		{ACTIONS, "id\tdate\tcategory\na\t2026-01\ta.x\n", 2, 3, "'2026-01' is no day"},
		{ACTIONS, "id\tdate\tcategory\na\t2026-01-01\n", 2, 13, "category is missing"},
		{ACTIONS, "id\tdate\tcategory\tstatus\na\t2026-01-01\ta.x\t완료\n", 2, 18, "none of received, routed"},
		{ACTIONS, "id\tdate\tcategory\tphase_in\na\t2026-01-01\ta.x\t27\n", 2, 18, "0 to 26"},
		{ACTIONS, "id\tdate\tcategory\tphase_in\na\t2026-01-01\ta.x\t1.5\n", 2, 18, "0 to 26"},
		{ACTIONS, "id\tdate\tcategory\tkind\na\t2026-01-01\ta.x\tfix\n", 2, 18, "none of action, release"},
		{EXPOSURE, "date,name,value\n2026-01,visits,-1\n", 2, 16, "at least 0"},
		{EXPOSURE, "date,name,value\n2026-01,visits,1e999\n", 2, 16, "not a number"},
		{EXPOSURE, "date,name,value\n2026-01,visits,0x10\n", 2, 16, "not a number"},
		{EXPOSURE, "date,name,value\n2026-13,visits,1\n", 2, 1, "nor a month"},
		{EXPOSURE, "date,name,value\n2026-01,,1\n", 2, 9, "name is missing"},
		{EXPOSURE, "date,name,value,region\n2026-01,v,1,부산\n2026-02,v,1,\n", 3, 13, "same dimensions; line 2 fills 'region'"},
		{EXPOSURE, "date,name,value,region\n2026-01,v,1,부산\n2026-01,v,1,서울\n2026-01-31,v,1,부산\n", 4, 1, "a day of line 2 again"},
		{OUTSIDE, "date,name,value\n2026-01,cpi,NaN\n", 2, 13, "not a number"},
		{OUTSIDE, "date,name,value\n2026-01-05,cpi,1\n2026-01,cpi,1\n", 2, 1, "this day already, in line 3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sori_error error = {0};

		write_file(cases[i].text);
		assert_int_equal(read_any(cases[i].reader, &error), SORI_CONFIG);
		if (error.line != cases[i].line || error.column != cases[i].column || !strstr(error.text, cases[i].words))
			fail_msg("case %zu: %llu:%u: %s", i, (unsigned long long)error.line, error.column, error.text);
		assert_string_equal(error.source, path);
	}
}

static void a_file_that_is_not_there(void **state)
{
	struct sori_calendar *calendar;
	struct sori_error error = {0};

	(void)state;
	assert_int_equal(sori_calendar_read(&calendar, "/nowhere/calendar.csv", &error), SORI_CONFIG);
	assert_null(calendar);
	assert_string_equal(error.source, "/nowhere/calendar.csv");
}

static void the_ledger(void **state)
{
	struct sori_actions *actions;
	struct sori_error error = {0};
	const struct sori_action *action;

	(void)state;
	write_file("# what we did\ncategory\tid\tdate\towner\tscope\tkind\ttitle\tstatus\tphase_in\tnote\n"
		   "delivery.late\tb2\t2026-08-03\t물류\tregion=부산;channel=앱\t\t\"새\" 배송사, 두 곳\t개선\t2\tsee mail\n"
		   "app\ta1\t2026-07-01\t\t\trelease\t5.2\n");
	assert_int_equal(sori_actions_read(&actions, path, &error), SORI_OK);
	assert_int_equal(actions->count, 2);
	assert_string_equal(actions->list[0].id, "a1"); /* by date */
	assert_int_equal(actions->list[0].kind, SORI_ACTION_RELEASE);
	assert_int_equal(actions->list[0].state, SORI_ACTION_RECEIVED);
	assert_int_equal(actions->list[0].scope.count, 0);
	action = sori_actions_find(actions, "b2");
	assert_non_null(action);
	assert_string_equal(action->title, "\"새\" 배송사, 두 곳");
	assert_int_equal(action->state, SORI_ACTION_IMPROVED);
	assert_string_equal(sori_action_state_ko(action->state), "개선");
	assert_int_equal(action->phase_in, 2);
	assert_int_equal(action->scope.count, 2);
	assert_string_equal(action->scope.terms[1].dimension, "channel");
	assert_null(sori_actions_find(actions, "c3"));
	sori_actions_free(actions);
}

static void the_status_ledger(void **state)
{
	struct sori_actions *actions;
	struct sori_error error = {0};

	(void)state;
	write_file("# kept by sori route\nid\towner\tcategory\tdocuments\treceived\trouted\timproved\tverified\tnote\tmine\n"
		   "2026-08-03-delivery.late\t물류\tdelivery.late\t12\t2026-08-03\t2026-08-03\t2026-08-20\t\t두 번째 배송사\tx\n"
		   "2026-08-04-app.crash\t앱\tapp.crash\t3\t2026-08-04\t2026-08-04\n"
		   "2026-07-01-app.slow\t앱\tapp.slow\t5\t2026-07-01\t2026-07-01\t2026-07-05\t2026-07-20\n");
	assert_int_equal(sori_actions_read(&actions, path, &error), SORI_OK);
	assert_int_equal(actions->count, 2); /* one is not improved yet */
	assert_string_equal(actions->list[0].category, "app.slow");
	assert_int_equal(actions->list[0].state, SORI_ACTION_VERIFIED);
	assert_int_equal(actions->list[1].date, day_of("2026-08-20"));
	assert_int_equal(actions->list[1].state, SORI_ACTION_IMPROVED);
	assert_string_equal(actions->list[1].title, "두 번째 배송사");
	sori_actions_free(actions);
	write_file("id\tcategory\timproved\na\tx.y\tsoon\n");
	assert_int_equal(sori_actions_read(&actions, path, &error), SORI_CONFIG);
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 7);
}

static void exposures(void **state)
{
	const struct sori_slice_term busan = {"region", "부산"}, both[] = {{"region", "부산"}, {"region", "서울"}}, jeju = {"region", "제주"},
				     product = {"product", "TV"};
	struct sori_exposure *exposure;
	struct sori_error error = {0};
	double values[40];
	sori_day first = day_of("2026-06-25");

	(void)state;
	write_file("date,region,name,value\n2026-06,부산,visits,300\n2026-07-01,부산,visits,50\n2026-06,서울,visits,600\n"
		   "2026-06,,subscribers,3000\n");
	assert_int_equal(sori_exposure_read(&exposure, path, &error), SORI_OK);
	assert_int_equal(exposure->name_count, 2);
	assert_int_equal(sori_exposure_series(exposure, "visits", &(struct sori_slice){&busan, 1}, first, 40, values, &error), SORI_OK);
	assert_true(fabs(values[0] - 10.0) < 1e-12 && fabs(values[5] - 10.0) < 1e-12 && fabs(values[6] - 50.0) < 1e-12);
	assert_true(isnan(values[7]));
	assert_int_equal(sori_exposure_series(exposure, "visits", NULL, first, 40, values, &error), SORI_OK);
	assert_true(fabs(values[5] - 30.0) < 1e-12 && isnan(values[6])); /* July lacks 서울 */
	assert_int_equal(sori_exposure_series(exposure, "visits", &(struct sori_slice){both, 2}, first, 40, values, &error), SORI_OK);
	assert_true(fabs(values[0] - 30.0) < 1e-12);
	assert_int_equal(sori_exposure_series(exposure, "subscribers", NULL, first, 1, values, &error), SORI_OK);
	assert_true(fabs(values[0] - 100.0) < 1e-12);
	assert_int_equal(sori_exposure_series(exposure, "subscribers", &(struct sori_slice){&busan, 1}, first, 1, values, &error), SORI_CONFIG);
	assert_int_equal(sori_exposure_series(exposure, "visits", &(struct sori_slice){&jeju, 1}, first, 1, values, &error), SORI_CONFIG);
	assert_int_equal(sori_exposure_series(exposure, "visits", &(struct sori_slice){&product, 1}, first, 1, values, &error), SORI_CONFIG);
	assert_int_equal(sori_exposure_series(exposure, "sales", NULL, first, 1, values, &error), SORI_CONFIG);
	sori_exposure_free(exposure);
}

static void outside_means(void **state)
{
	struct sori_outside *outside;
	struct sori_error error = {0};
	sori_day june = day_of("2026-06-01");

	(void)state;
	write_file("date,name,value\n2026-07,물가,110\n2026-06,물가,100\n2026-06-02,기온,-3.5\n");
	assert_int_equal(sori_outside_read(&outside, path, &error), SORI_OK);
	assert_int_equal(outside->count, 2);
	assert_true(fabs(sori_outside_mean(&outside->series[0], june, june + 29) - 100.0) < 1e-12);
	assert_true(fabs(sori_outside_mean(&outside->series[0], june + 20, june + 39) - 105.0) < 1e-12);
	assert_true(isnan(sori_outside_mean(&outside->series[0], june - 9, june - 1)));
	assert_true(fabs(sori_outside_mean(&outside->series[1], june, june + 9) + 3.5) < 1e-12);
	sori_outside_free(outside);
}

static void memory_runs_out(void **state)
{
	static const char *const texts[] = {"date,type,scope\n2026-02-17,single,region=부산\n", "id\tdate\tcategory\na\t2026-01-01\ta.x\n",
					    "date,name,value,region\n2026-01,v,1,부산\n", "date,name,value\n2026-01,v,1\n"};

	(void)state;
	for (int reader = CALENDAR; reader <= OUTSIDE; reader++) {
		size_t failures = 0;

		write_file(texts[reader]);
		for (uint64_t n = 1; n < 40; n++) {
			struct sori_error error = {0};
			enum sori_status status;

			sori_memory_fail_after(n, 0);
			status = read_any((enum reader)reader, &error);
			sori_memory_fail_after(0, 0);
			assert_true(status == SORI_OK || status == SORI_SYSTEM);
			failures += status == SORI_SYSTEM;
		}
		assert_true(failures > 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_days),	    cmocka_unit_test(the_working_day_after_a_feast),
		cmocka_unit_test(scopes_hold_for_the_slices_within), cmocka_unit_test(what_is_wrong_has_a_place),
		cmocka_unit_test(a_file_that_is_not_there), cmocka_unit_test(the_ledger),
		cmocka_unit_test(the_status_ledger),	    cmocka_unit_test(exposures),
		cmocka_unit_test(outside_means),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
