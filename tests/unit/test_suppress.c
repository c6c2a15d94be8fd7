/* Suppression: what is hidden, why, and that nothing can be worked out from the totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pipeline/core/people.h"
#include "pipeline/core/suppress.h"
#include "pipeline/stats/suppression.h"

#define COLUMNS 4
#define CELLS (3 * COLUMNS)

/* A table with its row totals (and column totals, when asked for), after suppression with k = 5. */
struct suppressed {
	struct sori_suppress_cell cells[CELLS];
	unsigned char marks[CELLS], row_marks[3], column_marks[COLUMNS];
	struct sori_suppress_table table;
};

/* Row by row; documents are people. */
static void suppress(struct suppressed *s, const int *numbers, size_t rows, bool columns)
{
	struct sori_error error;

	assert_true(rows * COLUMNS <= CELLS);
	for (size_t i = 0; i < rows * COLUMNS; i++)
		s->cells[i] = (struct sori_suppress_cell){.documents = (uint64_t)numbers[i], .people = (uint64_t)numbers[i]};
	s->table = (struct sori_suppress_table){.rows = rows, .columns = COLUMNS, .cells = s->cells, .row_totals = true,
						.column_totals = columns, .k = 5, .mark = s->marks, .row_mark = s->row_marks,
						.column_mark = s->column_marks};
	assert_int_equal(sori_suppress_table(&s->table, &error), SORI_OK);
}

static void words_and_thresholds(void **state)
{
	enum sori_publish publish = SORI_PUBLISH_OUTSIDE;
	struct sori_error error;

	(void)state;
	assert_int_equal(sori_publish_parse(NULL, &publish, &error), SORI_OK);
	assert_int_equal(sori_publish_threshold(publish), 0);
	assert_int_equal(sori_publish_parse("inside", &publish, &error), SORI_OK);
	assert_string_equal(sori_publish_word(sori_publish_threshold(publish)), "<5");
	assert_int_equal(sori_publish_parse("outside", &publish, &error), SORI_OK);
	assert_int_equal(sori_publish_threshold(publish), 10);
	assert_int_equal(sori_publish_parse("everybody", &publish, &error), SORI_USAGE);
}

static void a_single_hidden_cell_gets_a_complement(void **state)
{
	const int numbers[] = {3, 40, 9, 12, 50, 60, 70, 80};
	struct suppressed s;

	(void)state;
	suppress(&s, numbers, 2, false);
	for (size_t i = 0; i < 8; i++) /* 9 is the smallest other */
		assert_int_equal(s.marks[i], i == 0 ? SORI_HIDDEN_SMALL : i == 2 ? SORI_HIDDEN_COMPLEMENT : SORI_SHOWN);
	assert_int_equal(s.table.small, 1);
	assert_int_equal(s.table.complement, 1);
	assert_int_equal(s.row_marks[0] + s.row_marks[1], SORI_SHOWN); /* totals stay */
}

static void zeros_are_shown_and_totals_go_when_nothing_else_is_left(void **state)
{
	const int numbers[] = {0, 3, 0, 0, 0, 0, 0, 0};
	struct suppressed s;

	(void)state;
	suppress(&s, numbers, 2, false);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(s.marks[i], i == 1 ? SORI_HIDDEN_SMALL : SORI_SHOWN);
	assert_int_equal(s.row_marks[0], SORI_HIDDEN_COMPLEMENT); /* the total is the cell */
	assert_int_equal(s.row_marks[1], SORI_SHOWN);
}

static void two_small_ones_that_hold_too_little(void **state)
{
	const int numbers[] = {1, 2, 30, 40};
	struct suppressed s;

	(void)state;
	suppress(&s, numbers, 1, false);
	assert_int_equal(s.marks[2], SORI_HIDDEN_COMPLEMENT); /* 1 + 2 < 5 */
	assert_int_equal(s.marks[3], SORI_SHOWN);
}

static void one_customer(void **state)
{
	struct sori_suppress_cell cell = {.documents = 30, .people = 12, .most = 16};

	(void)state;
	assert_true(sori_suppress_alone(&cell, 5));
	cell.most = 15;
	assert_false(sori_suppress_alone(&cell, 5));
	assert_false(sori_suppress_alone(&cell, 0));
	cell = (struct sori_suppress_cell){.documents = 30, .people = 4};
	assert_true(sori_suppress_alone(&cell, 5));
	cell = (struct sori_suppress_cell){0};
	assert_false(sori_suppress_alone(&cell, 5));
}

/* What the printed totals leave open for each hidden cell, by the exact intervals: k or more. A line whose total is hidden says
 * nothing, so that its intervals are not those of the audit; such tables are left to the other checks. */
static bool intervals_are_wide(const struct suppressed *s)
{
	struct sori_hidden_cell hidden[CELLS];
	struct sori_error error;
	size_t count = 0;

	for (size_t r = 0; r < s->table.rows; r++)
		if (s->row_marks[r])
			return false;
	for (size_t c = 0; c < COLUMNS; c++)
		if (s->column_marks[c])
			return false;
	for (size_t i = 0; i < s->table.rows * COLUMNS; i++)
		if (s->marks[i])
			hidden[count++] = (struct sori_hidden_cell){.row = i / COLUMNS, .column = i % COLUMNS,
								    .count = (int64_t)s->cells[i].documents};
	assert_int_equal(sori_suppression_audit(hidden, count, &error), SORI_OK);
	for (size_t i = 0; i < count; i++)
		assert_true(hidden[i].high - hidden[i].low >= 5);
	return count > 0;
}

/* No line with a printed total has a single hidden cell. */
static void nobody_is_alone(const struct suppressed *s)
{
	size_t across[3] = {0}, down[COLUMNS] = {0};

	for (size_t i = 0; i < s->table.rows * COLUMNS; i++) {
		across[i / COLUMNS] += s->marks[i] != SORI_SHOWN;
		down[i % COLUMNS] += s->marks[i] != SORI_SHOWN;
	}
	for (size_t r = 0; r < s->table.rows; r++)
		assert_true(s->row_marks[r] || across[r] != 1);
	for (size_t c = 0; c < COLUMNS; c++)
		assert_true(s->column_marks[c] || down[c] != 1);
}

/* Counts are drawn from a fixed sequence. */
static void nothing_can_be_worked_out(void **state)
{
	unsigned seed = 7;
	size_t audited = 0;

	(void)state;
	for (int trial = 0; trial < 200; trial++) {
		struct suppressed s;
		int numbers[CELLS];

		for (size_t i = 0; i < CELLS; i++) {
			seed = seed * 1103515245u + 12345u;
			numbers[i] = (int)(seed >> 16) % 24;
			numbers[i] = numbers[i] > 20 ? 0 : numbers[i];
		}
		suppress(&s, numbers, 3, true);
		for (size_t i = 0; i < CELLS; i++) {
			if (numbers[i] > 0 && numbers[i] < 5)
				assert_int_equal(s.marks[i], SORI_HIDDEN_SMALL);
			if (numbers[i] == 0)
				assert_int_equal(s.marks[i], SORI_SHOWN);
		}
		audited += intervals_are_wide(&s);
		nobody_is_alone(&s);
	}
	assert_true(audited >= 150); /* most tables keep all their totals */
}

/* Every line hides no cell, or two that hold 5 or more together, as the rule asks, and still some lie within less than 5: the audit
 * hides the first row's other 41 as well. */
static void the_audit_finds_what_the_rule_does_not(void **state)
{
	const int numbers[] = {41, 2, 41, 50, 50, 4, 4, 38, 41, 50, 2, 44};
	struct sori_hidden_cell rule[] = {{0, 0, 41, 0, 0}, {0, 1, 2, 0, 0}, {1, 1, 4, 0, 0},
					  {1, 2, 4, 0, 0},  {2, 0, 41, 0, 0}, {2, 2, 2, 0, 0}};
	struct suppressed s;
	struct sori_error error;
	size_t narrow = 0;

	(void)state;
	assert_int_equal(sori_suppression_audit(rule, 6, &error), SORI_OK);
	for (size_t i = 0; i < 6; i++)
		narrow += rule[i].high - rule[i].low < 5;
	assert_true(narrow > 0);
	suppress(&s, numbers, 3, true);
	for (size_t i = 0; i < 6; i++)
		assert_int_not_equal(s.marks[rule[i].row * COLUMNS + rule[i].column], SORI_SHOWN);
	assert_int_equal(s.marks[2], SORI_HIDDEN_COMPLEMENT);
	assert_int_equal(s.table.small, 4);
	assert_int_equal(s.table.complement, 3);
	assert_true(intervals_are_wide(&s));
}

static void values_roll_up(void **state)
{
	const uint64_t people[] = {100, 3, 1, 40, 0, 7};
	bool roll[6];

	(void)state;
	/* 3 + 1 < 5: the smallest other one joins */
	assert_int_equal(sori_suppress_values(people, 6, SIZE_MAX, 5, roll), 3);
	assert_true(roll[1] && roll[2] && roll[5]);
	assert_false(roll[0] || roll[3] || roll[4]);
	/* an existing 기타 of 40 takes them in */
	assert_int_equal(sori_suppress_values(people, 6, 3, 5, roll), 2);
	assert_false(roll[3] || roll[5]);
	/* nothing small, nothing rolled */
	assert_int_equal(sori_suppress_values(people, 1, SIZE_MAX, 5, roll), 0);
}

static void people_are_counted_once(void **state)
{
	struct sori_people people;
	struct sori_error error;
	bool estimated;

	(void)state;
	assert_int_equal(sori_people_init(&people, 2, 100, &error), SORI_OK);
	for (uint64_t pass = 0; pass < 3; pass++)
		for (uint64_t i = 1; i <= 90; i++)
			assert_int_equal(sori_people_add(&people, 0, i * 7919, &error), SORI_OK);
	for (int i = 0; i < 500; i++)
		assert_int_equal(sori_people_add(&people, 0, 4242, &error), SORI_OK);
	assert_int_equal(sori_people_add(&people, 0, 0, &error), SORI_OK); /* nobody: one of its own */
	for (uint64_t i = 1; i <= 20000; i++)
		assert_int_equal(sori_people_add(&people, 1, i % 10000 + 1, &error), SORI_OK);
	for (int i = 0; i < 500; i++)
		sori_people_check(&people, 0, 4242);
	assert_int_equal(sori_people_count(&people, 0, &estimated), 92);
	assert_false(estimated);
	assert_int_equal(sori_people_most(&people, 0), 500);
	assert_in_range(sori_people_count(&people, 1, &estimated), 7000, 13000);
	assert_true(estimated);
	assert_int_equal(sori_people_most(&people, 1), 0);
	sori_people_release(&people);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_thresholds),
		cmocka_unit_test(a_single_hidden_cell_gets_a_complement),
		cmocka_unit_test(zeros_are_shown_and_totals_go_when_nothing_else_is_left),
		cmocka_unit_test(two_small_ones_that_hold_too_little),
		cmocka_unit_test(one_customer),
		cmocka_unit_test(nothing_can_be_worked_out),
		cmocka_unit_test(the_audit_finds_what_the_rule_does_not),
		cmocka_unit_test(values_roll_up),
		cmocka_unit_test(people_are_counted_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
