/* Suppression: what is hidden, why, and that nothing can be worked out from the totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/people.h"
#include "pipeline/core/suppress.h"
#include "pipeline/stats/suppression.h"

#define COLUMNS 4

/* Rows as "3 7 0 12"; documents are people unless said otherwise. */
static void fill(struct sori_suppress_cell *cells, const int *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cells[i] = (struct sori_suppress_cell){.documents = (uint64_t)numbers[i], .people = (uint64_t)numbers[i]};
}

static struct sori_suppress_table table_of(struct sori_suppress_cell *cells, size_t rows, unsigned char *marks, bool columns)
{
	return (struct sori_suppress_table){.rows = rows, .columns = COLUMNS, .cells = cells, .row_totals = true, .column_totals = columns,
					    .k = 5, .mark = marks, .row_mark = marks + 64, .column_mark = marks + 80};
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
	struct sori_suppress_cell cells[8];
	unsigned char marks[96];
	struct sori_suppress_table table = table_of(cells, 2, marks, false);
	struct sori_error error;

	(void)state;
	fill(cells, numbers, 8);
	assert_int_equal(sori_suppress_table(&table, &error), SORI_OK);
	assert_int_equal(marks[0], SORI_HIDDEN_SMALL);
	assert_int_equal(marks[2], SORI_HIDDEN_COMPLEMENT); /* the smallest other */
	assert_int_equal(marks[1] + marks[3] + marks[4] + marks[5] + marks[6] + marks[7], SORI_SHOWN);
	assert_int_equal(table.small, 1);
	assert_int_equal(table.complement, 1);
	assert_int_equal(marks[64] + marks[65], SORI_SHOWN); /* totals stay */
}

static void zeros_are_shown_and_totals_go_when_nothing_else_is_left(void **state)
{
	const int numbers[] = {0, 3, 0, 0, 0, 0, 0, 0};
	struct sori_suppress_cell cells[8];
	unsigned char marks[96];
	struct sori_suppress_table table = table_of(cells, 2, marks, false);
	struct sori_error error;

	(void)state;
	fill(cells, numbers, 8);
	assert_int_equal(sori_suppress_table(&table, &error), SORI_OK);
	assert_int_equal(marks[0], SORI_SHOWN);
	assert_int_equal(marks[1], SORI_HIDDEN_SMALL);
	assert_int_not_equal(marks[64], SORI_SHOWN); /* the total is the cell */
	assert_int_equal(marks[65], SORI_SHOWN);
}

static void two_small_ones_that_hold_too_little(void **state)
{
	const int numbers[] = {1, 2, 30, 40};
	struct sori_suppress_cell cells[4];
	unsigned char marks[96];
	struct sori_suppress_table table = table_of(cells, 1, marks, false);
	struct sori_error error;

	(void)state;
	fill(cells, numbers, 4);
	assert_int_equal(sori_suppress_table(&table, &error), SORI_OK);
	assert_int_equal(marks[2], SORI_HIDDEN_COMPLEMENT); /* 1 + 2 < 5 */
	assert_int_equal(marks[3], SORI_SHOWN);
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

/* With both totals printed, the simple rule leaves cells that can be worked out; the audit does not. Counts are drawn from a fixed
 * sequence, and every table is attacked by trying all values of its hidden cells. */
static bool consistent(const int *numbers, const unsigned char *marks, size_t rows, const int *guess)
{
	for (size_t r = 0; r < rows; r++) {
		int sum = 0;

		for (size_t c = 0; c < COLUMNS; c++)
			sum += numbers[r * COLUMNS + c] - (marks[r * COLUMNS + c] ? guess[r * COLUMNS + c] : numbers[r * COLUMNS + c]);
		if (sum && !marks[64 + r])
			return false;
	}
	for (size_t c = 0; c < COLUMNS; c++) {
		int sum = 0;

		for (size_t r = 0; r < rows; r++)
			sum += numbers[r * COLUMNS + c] - (marks[r * COLUMNS + c] ? guess[r * COLUMNS + c] : numbers[r * COLUMNS + c]);
		if (sum && !marks[80 + c])
			return false;
	}
	return true;
}

/* Walks a cycle of hidden cells by +1 and -1: with intervals of 5 or more every hidden cell of value v can also be another value. */
static bool can_be_other(const int *numbers, const unsigned char *marks, size_t rows, size_t at)
{
	int guess[3 * COLUMNS];

	for (size_t other = 0; other < rows * COLUMNS; other++)
		for (size_t across = 0; across < rows * COLUMNS; across++)
			for (size_t corner = 0; corner < rows * COLUMNS; corner++)
				for (int step = -1; step <= 1; step += 2) {
					memcpy(guess, numbers, rows * COLUMNS * sizeof *guess);
					guess[at] += step;
					guess[other] -= step;
					guess[across] -= other != across ? step : 0;
					guess[corner] += other != across ? step : 0;
					if (guess[at] != numbers[at] && guess[at] >= 0 && guess[other] >= 0 && guess[across] >= 0 &&
					    marks[other] && marks[across] && marks[corner] && consistent(numbers, marks, rows, guess))
						return true;
				}
	return false;
}

/* Where all totals are printed, what they leave open for each hidden cell, by the exact intervals. */
static void intervals_are_wide(const int *numbers, const unsigned char *marks, size_t rows)
{
	struct sori_hidden_cell hidden[3 * COLUMNS];
	struct sori_error error;
	size_t count = 0;

	for (size_t i = 0; i < rows + COLUMNS; i++)
		if (marks[i < rows ? 64 + i : 80 + i - rows])
			return;
	for (size_t i = 0; i < rows * COLUMNS; i++)
		if (marks[i])
			hidden[count++] = (struct sori_hidden_cell){.row = i / COLUMNS, .column = i % COLUMNS, .count = numbers[i]};
	assert_int_equal(sori_suppression_audit(hidden, count, &error), SORI_OK);
	for (size_t i = 0; i < count; i++)
		assert_true(hidden[i].high - hidden[i].low >= 5);
}

static void nothing_can_be_worked_out(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int trial = 0; trial < 200; trial++) {
		struct sori_suppress_cell cells[12];
		unsigned char marks[96];
		struct sori_suppress_table table = table_of(cells, 3, marks, true);
		struct sori_error error;
		int numbers[12];

		for (size_t i = 0; i < 12; i++) {
			seed = seed * 1103515245u + 12345u;
			numbers[i] = (int)(seed >> 16) % 24;
			numbers[i] = numbers[i] > 20 ? 0 : numbers[i];
		}
		fill(cells, numbers, 12);
		assert_int_equal(sori_suppress_table(&table, &error), SORI_OK);
		for (size_t i = 0; i < 12; i++) {
			if (numbers[i] > 0 && numbers[i] < 5)
				assert_int_not_equal(marks[i], SORI_SHOWN);
			if (numbers[i] == 0)
				assert_int_equal(marks[i], SORI_SHOWN);
		}
		intervals_are_wide(numbers, marks, 3);
		for (size_t r = 0; r < 3; r++) { /* no line with an equation has a single hidden cell */
			size_t hidden = 0;

			for (size_t c = 0; c < COLUMNS; c++)
				hidden += marks[r * COLUMNS + c] != SORI_SHOWN;
			if (!marks[64 + r])
				assert_int_not_equal(hidden, 1);
		}
	}
}

/* Two rows share two hidden columns and a third row one of them: solvable, though every row and column has two hidden. */
static void the_audit_finds_what_the_rule_does_not(void **state)
{
	const int numbers[] = {1, 9, 50, 50, 8, 1, 50, 50, 50, 50, 50, 50};
	struct sori_suppress_cell cells[12];
	unsigned char marks[96];
	struct sori_suppress_table table = table_of(cells, 3, marks, true);
	struct sori_error error;

	(void)state;
	fill(cells, numbers, 12);
	assert_int_equal(sori_suppress_table(&table, &error), SORI_OK);
	/* the square 1 9 / 8 1 alone leaves the 1s open by only 9 in all: 0..9 and 0..9, which is enough */
	assert_true(can_be_other(numbers, marks, 3, 0));
	assert_true(can_be_other(numbers, marks, 3, 5));
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
