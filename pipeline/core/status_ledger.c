/* The status ledger. What is there stays as it is, byte for byte: new lines are put behind it in a new file that takes the old one's
 * name, unless the old one is no longer what was read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/output.h"
#include "pipeline/core/route.h"
#include "pipeline/core/side_table.h"

#define LEDGER_LIMIT ((size_t)64 * 1024 * 1024)

static const char *const columns[] = {"id", "category", "owner", "documents", "received", "routed", "improved", "verified", "note", NULL};
enum { P_ID, P_CATEGORY, P_OWNER, P_DOCUMENTS, P_RECEIVED, P_ROUTED, P_IMPROVED, P_VERIFIED, P_NOTE, NEEDED = P_NOTE };
static const char *const head = "id\tcategory\towner\tdocuments\treceived\trouted\timproved\tverified\tnote\n";

/* Bytes of a file into `out`; *exists false: there is none. */
static enum sori_status slurp(const char *path, struct sori_buffer *out, bool *exists, struct sori_error *error)
{
	char room[65536];
	ssize_t got;
	int file = open(path, O_RDONLY | O_CLOEXEC);

	*exists = file >= 0;
	if (file < 0)
		return errno == ENOENT ? SORI_OK : sori_fail_errno(error, SORI_IO, errno, "cannot read %s", path);
	while ((got = read(file, room, sizeof room)) > 0)
		sori_buffer_add(out, room, (size_t)got);
	(void)close(file);
	if (got < 0)
		return sori_fail_errno(error, SORI_IO, errno, "cannot read %s", path);
	return out->failed ? sori_fail(error, SORI_SYSTEM, "%s is too large", path) : SORI_OK;
}

static enum sori_status read_day(const struct sori_side_table *table, size_t row, size_t column, sori_day *day, struct sori_error *error)
{
	sori_day last;

	*day = SORI_DAY_NONE;
	return sori_side_cell(table, row, column).length ? sori_side_day(table, row, column, false, day, &last, error) : SORI_OK;
}

/* Days that are there stand in order, and none before an empty one. */
static enum sori_status check_order(const struct sori_side_table *table, size_t row, const size_t *place, const struct sori_status_line *line,
				    struct sori_error *error)
{
	const sori_day days[] = {line->received, line->routed, line->improved, line->verified};
	static const int at[] = {P_RECEIVED, P_ROUTED, P_IMPROVED, P_VERIFIED};

	for (int i = 1; i < 4; i++)
		if (days[i] != SORI_DAY_NONE && (days[i - 1] == SORI_DAY_NONE || days[i] < days[i - 1]))
			return sori_side_fail(table, row, place[at[i]], error, days[i - 1] == SORI_DAY_NONE ? "'%s' has a day and '%s' has none"
													     : "'%s' is before '%s'",
					      columns[at[i]], columns[at[i - 1]]);
	return SORI_OK;
}

static enum sori_status read_line(struct sori_status_ledger *ledger, const struct sori_side_table *table, size_t row, const size_t *place,
				  struct sori_error *error)
{
	struct sori_status_line *line = &ledger->lines[ledger->count];
	double documents = 0.0;
	enum sori_status status = SORI_OK;

	*line = (struct sori_status_line){.id = sori_side_cell(table, row, place[P_ID]).text,
					  .owner = sori_side_cell(table, row, place[P_OWNER]).text,
					  .category = sori_side_cell(table, row, place[P_CATEGORY]).text,
					  .note = sori_side_cell(table, row, place[P_NOTE]).text, .line = table->lines[row]};
	if (!*line->id || strpbrk(line->id, " \t"))
		return sori_side_fail(table, row, place[P_ID], error, *line->id ? "an id has no blanks" : "the id is missing");
	if (sori_side_cell(table, row, place[P_DOCUMENTS]).length)
		status = sori_side_number(table, row, place[P_DOCUMENTS], &documents, error);
	if (status == SORI_OK && (documents < 0.0 || documents > 9e15))
		return sori_side_fail(table, row, place[P_DOCUMENTS], error, "documents is a count");
	line->documents = (uint64_t)documents;
	if (status == SORI_OK)
		status = read_day(table, row, place[P_RECEIVED], &line->received, error);
	if (status == SORI_OK)
		status = read_day(table, row, place[P_ROUTED], &line->routed, error);
	if (status == SORI_OK)
		status = read_day(table, row, place[P_IMPROVED], &line->improved, error);
	if (status == SORI_OK)
		status = read_day(table, row, place[P_VERIFIED], &line->verified, error);
	if (status == SORI_OK)
		status = check_order(table, row, place, line, error);
	ledger->count += status == SORI_OK;
	return status;
}

static int by_id(const void *left, const void *right)
{
	const struct sori_status_line *const *a = left, *const *b = right;
	int order = strcmp((*a)->id, (*b)->id);

	return order ? order : ((*a)->line > (*b)->line) - ((*a)->line < (*b)->line);
}

/* Sorted, since a line a category and night makes tens of thousands in some years. The first line that repeats an id is told. */
static enum sori_status sort_ids(struct sori_status_ledger *ledger, const struct sori_side_table *table, const size_t *place,
				 struct sori_error *error)
{
	const struct sori_status_line *first = NULL, *again = NULL;

	ledger->by_id = sori_arena_zero(&ledger->arena, ledger->count + 1, sizeof *ledger->by_id);
	if (!ledger->by_id)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < ledger->count; i++)
		ledger->by_id[i] = &ledger->lines[i];
	if (ledger->count)
		qsort((void *)ledger->by_id, ledger->count, sizeof *ledger->by_id, by_id);
	for (size_t i = 1; i < ledger->count; i++)
		if (!strcmp(ledger->by_id[i - 1]->id, ledger->by_id[i]->id) && (!again || ledger->by_id[i]->line < again->line)) {
			first = ledger->by_id[i - 1];
			again = ledger->by_id[i];
		}
	return again ? sori_side_fail(table, (size_t)(again - ledger->lines), place[P_ID], error, "the id '%s' is there already, in line %llu",
				      again->id, (unsigned long long)first->line)
		     : SORI_OK;
}

static enum sori_status read_table(struct sori_status_ledger *ledger, const struct sori_side_table *table, struct sori_error *error)
{
	size_t place[sizeof columns / sizeof *columns];
	size_t *others = sori_arena_zero(&ledger->arena, table->columns + 1, sizeof *others);
	enum sori_status status = others ? sori_side_columns(table, columns, NEEDED, place, others, error)
					 : sori_fail(error, SORI_SYSTEM, "out of memory");

	ledger->lines = sori_arena_zero(&ledger->arena, table->rows + 1, sizeof *ledger->lines);
	ledger->header = sori_arena_zero(&ledger->arena, table->columns + 1, sizeof *ledger->header);
	if (!ledger->lines || !ledger->header)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t c = 0; c < table->columns; c++)
		ledger->header[c] = table->header[c].text;
	ledger->columns = table->columns;
	for (size_t row = 0; row < table->rows && status == SORI_OK; row++)
		status = read_line(ledger, table, row, place, error);
	return status == SORI_OK ? sort_ids(ledger, table, place, error) : status;
}

enum sori_status sori_status_read(struct sori_status_ledger *ledger, const char *path, struct sori_error *error)
{
	struct sori_side_table table;
	enum sori_status status;

	*ledger = (struct sori_status_ledger){0};
	sori_arena_init(&ledger->arena, 1 << 14);
	sori_buffer_init(&ledger->bytes, LEDGER_LIMIT);
	status = slurp(path, &ledger->bytes, &ledger->exists, error);
	if (status != SORI_OK || !ledger->exists)
		return status;
	status = sori_side_read(&table, path, '\t', &ledger->arena, error);
	if (status == SORI_OK)
		status = read_table(ledger, &table, error);
	sori_side_release(&table);
	return status;
}

void sori_status_release(struct sori_status_ledger *ledger)
{
	sori_buffer_release(&ledger->bytes);
	sori_arena_release(&ledger->arena);
	*ledger = (struct sori_status_ledger){0};
}

static bool known(const struct sori_status_ledger *ledger, const char *id)
{
	size_t low = 0, high = ledger->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(ledger->by_id[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ledger->count && !strcmp(ledger->by_id[low]->id, id);
}

static void put_cell(struct sori_buffer *out, const char *name, const char *id, const char *day, const struct sori_status_new *line)
{
	if (!strcmp(name, "id"))
		sori_buffer_add_text(out, id);
	else if (!strcmp(name, "category"))
		sori_buffer_add_text(out, line->category);
	else if (!strcmp(name, "owner"))
		sori_buffer_add_text(out, line->owner);
	else if (!strcmp(name, "documents"))
		sori_buffer_add_u64(out, line->documents);
	else if (!strcmp(name, "received") || !strcmp(name, "routed"))
		sori_buffer_add_text(out, day);
}

static size_t put_lines(const struct sori_status_ledger *ledger, struct sori_buffer *out, sori_day when, const struct sori_status_new *lines,
			size_t count)
{
	static const char *const standard[] = {"id", "category", "owner", "documents", "received", "routed", "improved", "verified", "note"};
	const char *const *header = ledger->exists ? ledger->header : standard;
	size_t width = ledger->exists ? ledger->columns : sizeof standard / sizeof *standard, added = 0;
	char day[11], id[300];

	sori_day_text(when, day);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(id, sizeof id, "%s-%s", day, lines[i].category);
		if (known(ledger, id))
			continue;
		for (size_t c = 0; c < width; c++) {
			sori_buffer_add_text(out, c ? "\t" : "");
			put_cell(out, header[c], id, day, &lines[i]);
		}
		sori_buffer_add_byte(out, '\n');
		added++;
	}
	return added;
}

static enum sori_status write_new(const struct sori_status_ledger *ledger, const char *folder, const char *name, struct sori_view content,
				  struct sori_error *error)
{
	struct sori_output *output = NULL;
	struct sori_buffer now;
	char path[4096];
	bool exists;
	enum sori_status status = sori_output_open(&output, folder, name, false, 0, error);

	if (status == SORI_OK)
		status = sori_output_write(output, content, error);
	if (status == SORI_OK)
		status = sori_output_finish(output, error);
	sori_buffer_init(&now, LEDGER_LIMIT);
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	if (status == SORI_OK)
		status = slurp(path, &now, &exists, error);
	if (status == SORI_OK && (exists != ledger->exists || !sori_view_equal(sori_buffer_view(&now), sori_buffer_view(&ledger->bytes))))
		status = sori_fail(error, SORI_BUSY, "%s was changed while it was being read; run again", path);
	sori_buffer_release(&now);
	if (status == SORI_OK)
		status = sori_output_publish(output, error);
	sori_output_close(output);
	return status;
}

enum sori_status sori_status_append(struct sori_status_ledger *ledger, const char *folder, const char *name, sori_day day,
				    const struct sori_status_new *lines, size_t count, size_t *added, struct sori_error *error)
{
	struct sori_buffer content;
	enum sori_status status = SORI_OK;
	size_t fresh;

	sori_buffer_init(&content, LEDGER_LIMIT);
	if (ledger->exists)
		sori_buffer_add_view(&content, sori_buffer_view(&ledger->bytes));
	else
		sori_buffer_add_text(&content, head);
	if (content.length && content.at[content.length - 1] != '\n')
		sori_buffer_add_byte(&content, '\n');
	fresh = put_lines(ledger, &content, day, lines, count);
	if (content.failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK && fresh)
		status = write_new(ledger, folder, name, sori_buffer_view(&content), error);
	sori_buffer_release(&content);
	if (added)
		*added = status == SORI_OK ? fresh : 0;
	return status;
}
