/* Columns by option, else by header name checked against the values, else by the values alone.
 *
 * Each column's sample gives a few figures (filled cells, mean length, share of numbers, distinct values). A name alone
 * does not decide: "review" may head a count of reviews, "date" a time of day. Consecutive integers in file order are a
 * row number and are never an id or a dimension. */
#include "pipeline/core/columns.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

struct figures {
	size_t filled, numbers, small;
	size_t characters, blanks;
	size_t distinct;
	bool row_number;
	enum sori_date_style style; /* computed on demand: style_known */
	bool style_known, exchange;
};

struct chooser {
	const struct sori_column_table *table;
	struct sori_input *input;
	struct sori_column_choice *choice;
	struct figures *figures;
	uint64_t *hashes;
	struct sori_view *cells;
	bool english;
};

static struct sori_view cell(const struct sori_column_table *table, size_t row, size_t column)
{
	return sori_view_trim(table->values[row * table->columns + column]);
}

static bool is_number(struct sori_view text, bool *small)
{
	size_t i = 0, digits = 0, points = 0;
	if (text.length && (text.at[0] == '-' || text.at[0] == '+'))
		i++;
	for (; i < text.length; i++) {
		if (text.at[i] >= '0' && text.at[i] <= '9')
			digits++;
		else if (text.at[i] == '.' && !points)
			points++;
		else
			return false;
	}
	*small = digits && text.at[0] != '-' && strtod((char[8]){text.at[0], text.length > 1 ? text.at[1] : '\0',
								 text.length > 2 ? text.at[2] : '\0',
								 text.length > 3 ? text.at[3] : '\0', '\0'}, NULL) <= 100 &&
		 text.length <= 4;
	return digits > 0;
}

static int compare_u64(const void *a, const void *b)
{
	const uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
	return one < two ? -1 : one > two;
}

static size_t count_distinct(uint64_t *hashes, size_t count)
{
	qsort(hashes, count, sizeof *hashes, compare_u64);
	size_t distinct = 0;
	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || hashes[i] != hashes[i - 1];
	return distinct;
}

static void measure(struct chooser *chooser, size_t column)
{
	const struct sori_column_table *table = chooser->table;
	struct figures *f = &chooser->figures[column];
	unsigned long long first = 0, before = 0;
	bool rising = table->rows > 0, running = rising;
	for (size_t row = 0; row < table->rows; row++) {
		struct sori_view value = cell(table, row, column);
		unsigned long long whole = 0;
		bool small = false;
		if (!sori_view_to_u64(value, &whole) || (row && whole <= before))
			rising = running = false;
		else if ((row && whole != before + 1) || (table->rows == 1 && whole > 1))
			running = false;
		if (row == 0)
			first = whole;
		before = rising ? whole : 0;
		if (!value.length)
			continue;
		chooser->hashes[f->filled++] = sori_hash64(value, 0);
		f->numbers += is_number(value, &small);
		f->small += small;
		f->characters += sori_utf8_count(value);
		for (size_t i = 0; i < value.length; i++)
			f->blanks += value.at[i] == ' ';
	}
	/* also when some rows were taken out after they were numbered from 0 or 1 */
	f->row_number = running || (rising && first <= 1 && before - first < table->rows + table->rows / 20 + 2);
	f->distinct = count_distinct(chooser->hashes, f->filled);
}

static enum sori_date_style style_of(struct chooser *chooser, size_t column)
{
	struct figures *f = &chooser->figures[column];
	if (!f->style_known) {
		size_t count = 0;
		for (size_t row = 0; row < chooser->table->rows; row++) {
			struct sori_view value = cell(chooser->table, row, column);
			if (value.length)
				chooser->cells[count++] = value;
		}
		f->style = sori_date_guess(chooser->cells, count, chooser->english, &f->exchange);
		f->style_known = true;
	}
	return f->style;
}

static bool is_taken(const struct chooser *chooser, size_t column)
{
	/* a further dimension may repeat a column that has a meaning already */
	for (int role = 0; role < SORI_ROLE_DIM1; role++)
		if (chooser->choice->column[role] == (int)column)
			return true;
	return false;
}

/* Do the values fit what the name says? An empty column fits everything but text and id. */
static bool fits(struct chooser *chooser, enum sori_role role, size_t column)
{
	const struct figures *f = &chooser->figures[column];
	size_t rows = chooser->table->rows;
	if (rows == 0)
		return true;
	switch (role) {
	case SORI_ROLE_TEXT: return f->filled > 0 && f->numbers * 2 <= f->filled && f->characters >= f->filled;
	case SORI_ROLE_DATE:
	case SORI_ROLE_UPDATED: return f->filled > 0 && style_of(chooser, column) != SORI_DATE_NONE;
	case SORI_ROLE_RATING: return f->filled > 0 && f->numbers * 10 >= f->filled * 9 && f->small * 10 >= f->filled * 9;
	case SORI_ROLE_ID: return !f->row_number && f->filled * 2 > rows && f->distinct * 2 > f->filled;
	case SORI_ROLE_AUTHOR: return !f->row_number && f->filled > 0;
	case SORI_ROLE_CHANNEL:
	case SORI_ROLE_PRODUCT:
	case SORI_ROLE_REGION:
	case SORI_ROLE_DIM1:
	case SORI_ROLE_DIM2:
	case SORI_ROLE_DIM3:
		return !f->row_number && f->filled > 0 && (f->distinct <= 3 || f->distinct * 2 <= f->filled) &&
		       f->characters <= f->filled * 60;
	case SORI_ROLE_COUNT: break;
	}
	return false;
}

static void by_name(struct chooser *chooser, enum sori_role role)
{
	unsigned best = 0;
	for (size_t column = 0; column < chooser->table->columns; column++) {
		unsigned rank = sori_column_rank(role, chooser->table->names[column]);
		if (!rank || (best && rank >= best) || is_taken(chooser, column) || !fits(chooser, role, column))
			continue;
		best = rank;
		chooser->choice->column[role] = (int)column;
	}
}

/* Longest mean free text; words and many different values speak for it. */
static void text_by_values(struct chooser *chooser)
{
	double best = 0;
	for (size_t column = 0; column < chooser->table->columns; column++) {
		const struct figures *f = &chooser->figures[column];
		if (!f->filled || f->numbers * 2 > f->filled || f->row_number || is_taken(chooser, column))
			continue;
		double mean = (double)f->characters / (double)f->filled;
		double share = (double)f->filled / (double)chooser->table->rows;
		double score = mean * share * (f->blanks ? 1 : 0.3) * (f->distinct * 5 > f->filled ? 1 : 0.2);
		if (style_of(chooser, column) != SORI_DATE_NONE)
			continue;
		if (score > best && (mean >= 6 || chooser->table->columns == 1)) {
			best = score;
			chooser->choice->column[SORI_ROLE_TEXT] = (int)column;
		}
	}
}

static void date_by_values(struct chooser *chooser)
{
	for (size_t column = 0; column < chooser->table->columns; column++) {
		const struct figures *f = &chooser->figures[column];
		if (f->filled * 2 <= chooser->table->rows || is_taken(chooser, column) || f->row_number)
			continue;
		/* plain numbers are too easily something else when no name speaks for them, eight digits apart */
		enum sori_date_style style = style_of(chooser, column);
		if (style == SORI_DATE_NONE || style == SORI_DATE_EXCEL)
			continue;
		chooser->choice->column[SORI_ROLE_DATE] = (int)column;
		return;
	}
}

static void rating_by_values(struct chooser *chooser)
{
	for (size_t column = 0; column < chooser->table->columns; column++) {
		const struct figures *f = &chooser->figures[column];
		if (f->filled < 10 || f->small != f->filled || f->numbers != f->filled || is_taken(chooser, column) ||
		    f->row_number || f->distinct < 3 || f->distinct > 6)
			continue;
		size_t inside = 0;
		for (size_t row = 0; row < chooser->table->rows; row++) {
			struct sori_view value = cell(chooser->table, row, column);
			inside += value.length == 1 && value.at[0] >= '1' && value.at[0] <= '5';
		}
		if (inside != f->filled || chooser->table->names[column].length > 1)
			continue;
		chooser->choice->column[SORI_ROLE_RATING] = (int)column;
		return;
	}
}

static int find_name(const struct sori_column_table *table, const char *name)
{
	struct sori_view wanted = sori_view_of(name);
	for (size_t column = 0; column < table->columns; column++)
		if (sori_view_equal(sori_view_trim(table->names[column]), wanted))
			return (int)column;
	for (size_t column = 0; column < table->columns; column++)
		if (sori_view_equal_nocase(sori_view_trim(table->names[column]), wanted))
			return (int)column;
	unsigned long long number;
	if (sori_view_to_u64(wanted, &number) && number >= 1 && number <= table->columns)
		return (int)number - 1;
	return -1;
}

/* Says which columns there are, as far as the room goes. */
static void refuse_column(struct chooser *chooser, const char *name)
{
	struct sori_input *input = chooser->input;
	size_t used = (size_t)snprintf(input->problem, sizeof input->problem, "no column named '%.60s'; there are:", name);
	input->refused = true;
	for (size_t i = 0; i < chooser->table->columns; i++) {
		struct sori_view other = sori_view_trim(chooser->table->names[i]);
		bool room = other.length < 60 && used + other.length + 8 < sizeof input->problem;
		used += (size_t)snprintf(input->problem + used, sizeof input->problem - used, "%s %.*s", i ? "," : "",
					 room ? (int)other.length : 3, room ? other.at : "...");
		if (!room)
			return;
	}
}

static bool by_wish(struct chooser *chooser, const struct sori_input_wish *wish)
{
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		if (!wish->column[role])
			continue;
		int column = find_name(chooser->table, wish->column[role]);
		chooser->input->column_given[role] = true;
		if (column < 0 && (role >= SORI_ROLE_DIM1 || (role != SORI_ROLE_TEXT && strcmp(wish->column[role], "none") == 0)))
			continue; /* a dimension that only some of the dumps have; a guess that is not wanted */
		if (column < 0) {
			chooser->input->refused = true;
			refuse_column(chooser, wish->column[role]);
			return false;
		}
		chooser->choice->column[role] = column;
	}
	return true;
}

static bool keep_name(struct chooser *chooser, int role)
{
	int column = chooser->choice->column[role];
	if (column < 0)
		return true;
	struct sori_view name = sori_view_trim(chooser->table->names[column]);
	char number[16];
	if (!name.length) {
		snprintf(number, sizeof number, "%d", column + 1);
		name = sori_view_of(number);
	}
	sori_free(chooser->input->column[role]);
	chooser->input->column[role] = sori_strdup_n(name.at, name.length);
	return chooser->input->column[role] != NULL;
}

static bool keep_labels(struct chooser *chooser, const struct sori_input_wish *wish)
{
	for (int i = 0; i < 3; i++) {
		const char *label = wish->dim_label[i] ? wish->dim_label[i] : chooser->input->column[SORI_ROLE_DIM1 + i];
		if (!label)
			continue;
		sori_free(chooser->input->dim_label[i]);
		chooser->input->dim_label[i] = sori_strdup_n(label, strlen(label));
		if (!chooser->input->dim_label[i])
			return false;
	}
	return true;
}

static void warn(struct sori_input *input, const char *text)
{
	size_t used = strlen(input->warning);
	snprintf(input->warning + used, sizeof input->warning - used, "%s%s", used ? "; " : "", text);
}

static bool settle_date(struct chooser *chooser, const struct sori_input_wish *wish)
{
	struct sori_input *input = chooser->input;
	int column = chooser->choice->column[SORI_ROLE_DATE];
	if (wish->date_format) {
		input->date_style = SORI_DATE_PATTERN;
		for (int style = SORI_DATE_YMD; style < SORI_DATE_PATTERN; style++)
			if (strcmp(wish->date_format, sori_date_style_name((enum sori_date_style)style)) == 0)
				input->date_style = (enum sori_date_style)style;
		input->date_pattern = sori_strdup_n(wish->date_format, strlen(wish->date_format));
		return input->date_pattern != NULL;
	}
	if (column < 0)
		return true;
	input->date_style = style_of(chooser, (size_t)column);
	if (chooser->figures[column].exchange)
		warn(input, "the dates of days 1 to 12 look as if day and month were exchanged: they spread over many months while "
			    "all later days fall into few");
	return true;
}

/* Mostly Latin letters in the names and first rows: then 3/4/2024 is March */
static bool looks_english(const struct sori_column_table *table)
{
	size_t korean = 0, latin = 0;
	for (size_t i = 0; i < table->rows * table->columns && i < 4000; i++) {
		struct sori_view value = table->values[i];
		for (size_t j = 0; j < value.length && j < 200; j++) {
			korean += (unsigned char)value.at[j] >= 0xea && (unsigned char)value.at[j] <= 0xed;
			latin += (value.at[j] | 32) >= 'a' && (value.at[j] | 32) <= 'z';
		}
	}
	return latin > korean * 3;
}

static void choose(struct chooser *chooser)
{
	static const enum sori_role order[] = {SORI_ROLE_TEXT, SORI_ROLE_DATE, SORI_ROLE_RATING, SORI_ROLE_ID, SORI_ROLE_UPDATED,
					       SORI_ROLE_CHANNEL, SORI_ROLE_PRODUCT, SORI_ROLE_REGION, SORI_ROLE_AUTHOR};
	int *column = chooser->choice->column;
	if (chooser->table->named)
		for (size_t i = 0; i < sizeof order / sizeof *order; i++)
			if (column[order[i]] < 0 && !chooser->input->column_given[order[i]])
				by_name(chooser, order[i]);
	if (column[SORI_ROLE_TEXT] < 0)
		text_by_values(chooser);
	if (column[SORI_ROLE_DATE] < 0 && !chooser->input->column_given[SORI_ROLE_DATE])
		date_by_values(chooser);
	if (column[SORI_ROLE_RATING] < 0 && !chooser->input->column_given[SORI_ROLE_RATING] && !chooser->table->named)
		rating_by_values(chooser);
}

enum sori_status sori_columns_choose(const struct sori_column_table *table, const struct sori_input_wish *wish,
				     struct sori_input *input, struct sori_column_choice *choice, struct sori_error *error)
{
	struct chooser chooser = {.table = table, .input = input, .choice = choice, .english = looks_english(table)};
	bool fine = true;
	for (int role = 0; role < SORI_ROLE_COUNT; role++)
		choice->column[role] = -1;
	chooser.figures = sori_alloc_zero(table->columns + 1, sizeof *chooser.figures);
	chooser.hashes = sori_alloc_zero(table->rows + 1, sizeof *chooser.hashes);
	chooser.cells = sori_alloc_zero(table->rows + 1, sizeof *chooser.cells);
	fine = chooser.figures && chooser.hashes && chooser.cells;
	if (fine) {
		for (size_t column = 0; column < table->columns; column++)
			measure(&chooser, column);
		if (by_wish(&chooser, wish))
			choose(&chooser);
		for (int role = 0; role < SORI_ROLE_COUNT; role++)
			fine = fine && keep_name(&chooser, role);
		fine = fine && keep_labels(&chooser, wish) && settle_date(&chooser, wish);
		if (choice->column[SORI_ROLE_TEXT] < 0 && !input->refused) {
			input->refused = true;
			snprintf(input->problem, sizeof input->problem, "no text column found: give --text COLUMN");
		}
	}
	sori_free(chooser.figures);
	sori_free(chooser.hashes);
	sori_free(chooser.cells);
	return fine ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
}
