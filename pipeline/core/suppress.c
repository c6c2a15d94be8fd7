/* Marks are set in rounds: first what is small by itself, then complements until every row and column with a printed total holds
 * two hidden cells and k documents, then an audit by the exact intervals of pipeline/stats/suppression.h, whose findings are
 * answered by further complements. Each round hides more, so it ends.
 *
 * Where only rows have totals the hidden cells of a row can be anything that adds up, so the audit is the sum itself. With both,
 * cells are a transport problem. A row or column whose total is hidden gives no equation: a large virtual cell takes it up. */
#include "pipeline/core/suppress.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/suppression.h"

unsigned sori_publish_threshold(enum sori_publish publish)
{
	return publish == SORI_PUBLISH_INSIDE ? 5 : publish == SORI_PUBLISH_OUTSIDE ? 10 : 0;
}

enum sori_status sori_publish_parse(const char *text, enum sori_publish *publish, struct sori_error *error)
{
	*publish = SORI_PUBLISH_ALL;
	if (!text)
		return SORI_OK;
	if (!strcmp(text, "inside"))
		*publish = SORI_PUBLISH_INSIDE;
	else if (!strcmp(text, "outside"))
		*publish = SORI_PUBLISH_OUTSIDE;
	else
		return sori_fail(error, SORI_USAGE, "--publish takes inside or outside, not '%s'", text);
	return SORI_OK;
}

const char *sori_publish_word(unsigned k)
{
	return k == 5 ? "<5" : k == 10 ? "<10" : "";
}

static enum sori_suppress_mark mark_of(const struct sori_suppress_cell *cell, unsigned k)
{
	if (cell->documents == 0)
		return SORI_SHOWN;
	if (cell->people < k || cell->documents < k)
		return SORI_HIDDEN_SMALL;
	return cell->most > cell->documents / 2 ? SORI_HIDDEN_ONE_CUSTOMER : SORI_SHOWN;
}

bool sori_suppress_alone(const struct sori_suppress_cell *cell, unsigned k)
{
	return k && mark_of(cell, k) != SORI_SHOWN;
}

/* ---- lines: a row or a column */

struct line {
	const struct sori_suppress_table *table;
	size_t first, step, count; /* cells */
	unsigned char *total;      /* its mark */
};

static struct line line_of(const struct sori_suppress_table *t, bool row, size_t index)
{
	if (row)
		return (struct line){t, index * t->columns, 1, t->columns, t->row_mark ? t->row_mark + index : NULL};
	return (struct line){t, index, t->columns, t->rows, t->column_mark ? t->column_mark + index : NULL};
}

static bool gives_equation(const struct line *line)
{
	return !line->total || !*line->total;
}

/* The smallest shown cell that is not zero; SIZE_MAX: none is left. */
static size_t next_complement(const struct line *line)
{
	const struct sori_suppress_table *t = line->table;
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < line->count; i++) {
		size_t at = line->first + i * line->step;

		if (!t->mark[at] && t->cells[at].documents && (best == SIZE_MAX || t->cells[at].documents < t->cells[best].documents))
			best = at;
	}
	return best;
}

/* One more hidden cell, or the total where no cell is left. */
static bool hide_more(const struct line *line)
{
	struct sori_suppress_table *t = (struct sori_suppress_table *)line->table;
	size_t at = next_complement(line);

	if (at != SIZE_MAX) {
		t->mark[at] = SORI_HIDDEN_COMPLEMENT;
		t->complement++;
		return true;
	}
	if (!line->total || *line->total)
		return false;
	*line->total = SORI_HIDDEN_COMPLEMENT;
	return true;
}

static bool needs_more(const struct line *line)
{
	const struct sori_suppress_table *t = line->table;
	uint64_t sum = 0;
	size_t hidden = 0;

	for (size_t i = 0; i < line->count; i++) {
		size_t at = line->first + i * line->step;

		hidden += t->mark[at] != SORI_SHOWN;
		sum += t->mark[at] ? t->cells[at].documents : 0;
	}
	return hidden == 1 || (hidden > 1 && sum < t->k);
}

static bool complement(struct sori_suppress_table *t)
{
	bool changed = false;

	for (int row = 1; row >= 0; row--) {
		if (!(row ? t->row_totals : t->column_totals))
			continue;
		for (size_t i = 0; i < (row ? t->rows : t->columns); i++) {
			struct line line = line_of(t, row, i);

			while (gives_equation(&line) && needs_more(&line) && hide_more(&line))
				changed = true;
		}
	}
	return changed;
}

/* ---- audit */

struct audit {
	struct sori_hidden_cell *cells;
	size_t *at;    /* table cell; SIZE_MAX: virtual */
	size_t count;
};

static void add_cell(struct audit *audit, size_t row, size_t column, uint64_t count, size_t at)
{
	audit->cells[audit->count] = (struct sori_hidden_cell){.row = row, .column = column, .count = (int64_t)count};
	audit->at[audit->count++] = at;
}

/* Lines without an equation meet in a virtual column and row, which have room for anything. */
static void gather(const struct sori_suppress_table *t, struct audit *audit)
{
	uint64_t large = 1;
	bool any = false;

	for (size_t i = 0; i < t->rows * t->columns; i++)
		large += t->mark[i] ? t->cells[i].documents + t->k : 0;
	for (size_t i = 0; i < t->rows * t->columns; i++)
		if (t->mark[i])
			add_cell(audit, i / t->columns, i % t->columns, t->cells[i].documents, i);
	for (size_t row = 0; row < t->rows; row++) {
		struct line line = line_of(t, true, row);

		if (!t->row_totals || !gives_equation(&line)) {
			add_cell(audit, row, t->columns, large, SIZE_MAX);
			any = true;
		}
	}
	for (size_t column = 0; column < t->columns; column++) {
		struct line line = line_of(t, false, column);

		if (!t->column_totals || !gives_equation(&line)) {
			add_cell(audit, t->rows, column, large, SIZE_MAX);
			any = true;
		}
	}
	if (any)
		add_cell(audit, t->rows, t->columns, large, SIZE_MAX);
}

/* Answers the first disclosed cell; *disclosed says whether there was one. */
static enum sori_status audit_once(struct sori_suppress_table *t, struct audit *audit, bool *disclosed, bool *answered,
				   struct sori_error *error)
{
	enum sori_status status;

	audit->count = 0;
	gather(t, audit);
	*disclosed = *answered = false;
	if (!audit->count)
		return SORI_OK;
	status = sori_suppression_audit(audit->cells, audit->count, error);
	for (size_t i = 0; i < audit->count && status == SORI_OK && !*disclosed; i++) {
		const struct sori_hidden_cell *cell = &audit->cells[i];

		if (audit->at[i] == SIZE_MAX || cell->high - cell->low >= (int64_t)t->k)
			continue;
		*disclosed = true;
		for (int row = 1; row >= 0 && !*answered; row--) {
			struct line line = line_of(t, row, row ? cell->row : cell->column);

			if ((row ? t->row_totals : t->column_totals) && gives_equation(&line))
				*answered = hide_more(&line);
		}
	}
	return status;
}

static enum sori_status audit_all(struct sori_suppress_table *t, struct sori_error *error)
{
	size_t room = t->rows * t->columns + t->rows + t->columns + 1;
	struct audit audit = {.cells = sori_alloc(room * sizeof *audit.cells), .at = sori_alloc(room * sizeof *audit.at)};
	enum sori_status status = audit.cells && audit.at ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
	bool disclosed = true, answered = true;

	while (status == SORI_OK && disclosed && answered) {
		status = audit_once(t, &audit, &disclosed, &answered, error);
		if (status == SORI_OK && answered)
			while (complement(t))
				continue;
	}
	sori_free(audit.cells);
	sori_free(audit.at);
	if (status == SORI_OK && disclosed)
		status = sori_fail(error, SORI_INTERNAL, "small cells cannot be hidden safely; nothing is published");
	return status;
}

/* Rows alone: any values that add up to the row's hidden sum are possible, and the rule has seen to that sum. */
static enum sori_status audit_rows(const struct sori_suppress_table *t, struct sori_error *error)
{
	for (int row = 1; row >= 0; row--)
		for (size_t i = 0; (row ? t->row_totals : t->column_totals) && i < (row ? t->rows : t->columns); i++) {
			struct line line = line_of(t, row, i);

			if (gives_equation(&line) && needs_more(&line))
				return sori_fail(error, SORI_INTERNAL, "small cells cannot be hidden safely; nothing is published");
		}
	return SORI_OK;
}

enum sori_status sori_suppress_table(struct sori_suppress_table *table, struct sori_error *error)
{
	size_t cells = table->rows * table->columns;

	memset(table->mark, SORI_SHOWN, cells);
	if (table->row_mark)
		memset(table->row_mark, SORI_SHOWN, table->rows);
	if (table->column_mark)
		memset(table->column_mark, SORI_SHOWN, table->columns);
	table->small = table->one_customer = table->complement = 0;
	for (size_t i = 0; table->k && i < cells; i++) {
		table->mark[i] = (unsigned char)mark_of(&table->cells[i], table->k);
		table->small += table->mark[i] == SORI_HIDDEN_SMALL;
		table->one_customer += table->mark[i] == SORI_HIDDEN_ONE_CUSTOMER;
	}
	while (table->k && complement(table))
		continue;
	if (!table->k)
		return SORI_OK;
	return table->row_totals && table->column_totals ? audit_all(table, error) : audit_rows(table, error);
}

size_t sori_suppress_values(const uint64_t *people, size_t count, size_t other, unsigned k, bool *roll)
{
	size_t rolled = 0;
	uint64_t sum = other < count ? people[other] : 0;

	for (size_t i = 0; i < count; i++) {
		roll[i] = i != other && people[i] > 0 && people[i] < k;
		rolled += roll[i];
		sum += roll[i] ? people[i] : 0;
	}
	while ((rolled || (other < count && people[other] > 0)) && sum > 0 && sum < k) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < count; i++)
			if (!roll[i] && i != other && people[i] > 0 && (best == SIZE_MAX || people[i] < people[best]))
				best = i;
		if (best == SIZE_MAX)
			break;
		roll[best] = true;
		rolled++;
		sum += people[best];
	}
	return rolled;
}
