/* One line is one action; ids are compared pairwise, since a ledger has hundreds of lines, not millions. */
#include "pipeline/core/actions.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/side_table.h"

#define PHASE_LIMIT 26.0

enum column { ID, CATEGORY, DATE, OWNER, SCOPE, KIND, TITLE, STATUS, PHASE, NOTE, COLUMNS };
static const char *const columns[] = {"id", "category", "date", "owner", "scope", "kind", "title", "status", "phase_in", "note", NULL};
enum { NEEDED = DATE + 1 };

/* Of the status ledger. */
enum status_column { LINE_ID, LINE_CATEGORY, LINE_IMPROVED, LINE_OWNER, LINE_VERIFIED, LINE_NOTE, LINE_COLUMNS };
static const char *const status_columns[] = {"id", "category", "improved", "owner", "verified", "note", NULL};
enum { LINE_NEEDED = LINE_IMPROVED + 1 };
_Static_assert((int)LINE_COLUMNS <= (int)COLUMNS && (int)LINE_ID == (int)ID && (int)LINE_CATEGORY == (int)CATEGORY, "one array of places for both");
static const char *const kinds[] = {"action", "release", NULL};
static const char *const states[] = {"received", "routed", "improved", "verified", "접수", "전달", "개선", "확인", NULL};

const char *sori_action_kind_id(enum sori_action_kind kind)
{
	return kinds[kind];
}

const char *sori_action_state_id(enum sori_action_state state)
{
	return states[state];
}

const char *sori_action_state_ko(enum sori_action_state state)
{
	return states[4 + state];
}

static enum sori_status check_names(const struct sori_actions *actions, const struct sori_side_table *table, const size_t *place,
				    size_t row, struct sori_error *error)
{
	const struct sori_action *action = &actions->list[actions->count];

	if (!*action->id || strpbrk(action->id, " \t"))
		return sori_side_fail(table, row, place[ID], error, *action->id ? "an id has no blanks" : "the id is missing");
	if (!*action->category)
		return sori_side_fail(table, row, place[CATEGORY], error, "the category is missing");
	for (size_t i = 0; i < actions->count; i++)
		if (!strcmp(actions->list[i].id, action->id))
			return sori_side_fail(table, row, place[ID], error, "the id '%s' is there already, in line %llu", action->id,
					      (unsigned long long)actions->list[i].line);
	return SORI_OK;
}

static enum sori_status read_texts(struct sori_actions *actions, const struct sori_side_table *table, const size_t *place, size_t row,
				   struct sori_error *error)
{
	struct sori_action *action = &actions->list[actions->count];
	size_t kind = 0, state = 0;
	enum sori_status status = sori_side_word(table, row, place[KIND], kinds, &kind, error);

	if (status == SORI_OK)
		status = sori_side_word(table, row, place[STATUS], states, &state, error);
	if (status == SORI_OK)
		status = sori_side_scope(table, row, place[SCOPE], &action->scope, error);
	action->kind = (enum sori_action_kind)kind;
	action->state = (enum sori_action_state)(state % 4);
	action->id = sori_side_cell(table, row, place[ID]).text;
	action->category = sori_side_cell(table, row, place[CATEGORY]).text;
	action->owner = sori_side_cell(table, row, place[OWNER]).text;
	action->title = sori_side_cell(table, row, place[TITLE]).text;
	action->line = table->lines[row];
	return status == SORI_OK ? check_names(actions, table, place, row, error) : status;
}

static enum sori_status read_row(struct sori_actions *actions, const struct sori_side_table *table, const size_t *place, size_t row,
				 struct sori_error *error)
{
	struct sori_action *action = &actions->list[actions->count];
	double weeks = 0.0;
	sori_day last;
	enum sori_status status = read_texts(actions, table, place, row, error);

	if (status == SORI_OK)
		status = sori_side_day(table, row, place[DATE], false, &action->date, &last, error);
	if (status == SORI_OK && sori_side_cell(table, row, place[PHASE]).length)
		status = sori_side_number(table, row, place[PHASE], &weeks, error);
	if (status == SORI_OK && !(weeks >= 0.0 && weeks <= PHASE_LIMIT && weeks == (double)(unsigned)weeks))
		return sori_side_fail(table, row, place[PHASE], error, "phase_in is whole weeks, 0 to 26");
	action->phase_in = (unsigned)weeks;
	actions->count += status == SORI_OK;
	return status;
}

/* A line of the status ledger: an action once it has an improved day. */
static enum sori_status read_line(struct sori_actions *actions, const struct sori_side_table *table, const size_t *place, size_t row,
				  struct sori_error *error)
{
	struct sori_action *action = &actions->list[actions->count];
	sori_day last;
	enum sori_status status;

	if (sori_side_cell(table, row, place[LINE_IMPROVED]).length == 0)
		return SORI_OK;
	*action = (struct sori_action){
		.id = sori_side_cell(table, row, place[LINE_ID]).text,
		.category = sori_side_cell(table, row, place[LINE_CATEGORY]).text,
		.owner = sori_side_cell(table, row, place[LINE_OWNER]).text,
		.title = sori_side_cell(table, row, place[LINE_NOTE]).text,
		.state = sori_side_cell(table, row, place[LINE_VERIFIED]).length ? SORI_ACTION_VERIFIED : SORI_ACTION_IMPROVED,
		.line = table->lines[row],
	};
	status = check_names(actions, table, place, row, error); /* id and category lead both tables of columns */
	if (status == SORI_OK)
		status = sori_side_day(table, row, place[LINE_IMPROVED], false, &action->date, &last, error);
	actions->count += status == SORI_OK;
	return status;
}

static bool is_status_ledger(const struct sori_side_table *table)
{
	bool date = false, improved = false;

	for (size_t i = 0; i < table->columns; i++) {
		date = date || !strcmp(table->header[i].text, columns[DATE]);
		improved = improved || !strcmp(table->header[i].text, status_columns[LINE_IMPROVED]);
	}
	return improved && !date;
}

static enum sori_status read_rows(struct sori_actions *actions, const struct sori_side_table *table, struct sori_error *error)
{
	bool lines = is_status_ledger(table);
	size_t place[COLUMNS], others;
	enum sori_status status = lines ? sori_side_columns(table, status_columns, LINE_NEEDED, place, &others, error)
					: sori_side_columns(table, columns, NEEDED, place, NULL, error);

	for (size_t row = 0; row < table->rows && status == SORI_OK; row++)
		status = lines ? read_line(actions, table, place, row, error) : read_row(actions, table, place, row, error);
	return status;
}

static int by_date(const void *left, const void *right)
{
	const struct sori_action *a = left, *b = right;

	if (a->date != b->date)
		return a->date < b->date ? -1 : 1;
	return strcmp(a->id, b->id);
}

enum sori_status sori_actions_read(struct sori_actions **result, const char *path, struct sori_error *error)
{
	struct sori_actions *actions = sori_alloc_zero(1, sizeof *actions);
	struct sori_side_table table = {0};
	enum sori_status status;

	*result = NULL;
	if (!actions)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_arena_init(&actions->arena, 1 << 14);
	status = sori_side_read(&table, path, '\t', &actions->arena, error);
	if (status == SORI_OK && !(actions->list = sori_arena_zero(&actions->arena, table.rows + 1, sizeof *actions->list)))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = read_rows(actions, &table, error);
	sori_side_release(&table);
	if (status == SORI_OK) {
		qsort(actions->list, actions->count, sizeof *actions->list, by_date);
		*result = actions;
	} else {
		sori_actions_free(actions);
	}
	return status;
}

void sori_actions_free(struct sori_actions *actions)
{
	if (!actions)
		return;
	sori_arena_release(&actions->arena);
	sori_free(actions);
}

const struct sori_action *sori_actions_find(const struct sori_actions *actions, const char *id)
{
	for (size_t i = 0; i < actions->count; i++)
		if (!strcmp(actions->list[i].id, id))
			return &actions->list[i];
	return NULL;
}
