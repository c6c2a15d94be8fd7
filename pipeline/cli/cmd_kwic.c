/* Keyword in context. A term line is compiled as one more file of the dictionary, in a category of its own, so that sets,
 * gluing words and exclusions act on it as they will when it is an entry. Lines are kept as keyword, right context, left
 * context and place with tabs between, and sorted as bytes: equal keywords and what follows them come together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/dict_tools.h"
#include "pipeline/cli/filter.h"

#define TRIED_FILE "TERM"
#define TRIED_CATEGORY "kwic-term"
#define CONTEXT_LIMIT 400u

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"context", 0, "N", false, "columns of text on each side (40)"},
	{"counted", 0, NULL, false, "only hits that count"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{0},
};

struct kwic {
	struct sori_cli *cli;
	struct sori_dictionary *dictionary;
	uint16_t category;
	uint32_t entry; /* UINT32_MAX: all of the category */
	size_t context;
	bool counted;
	struct sori_buffer lines;
};

/* ---- columns */

/* Columns that a character takes on a terminal: East Asian wide ones two. */
static unsigned width_of(uint32_t point)
{
	static const uint32_t wide[][2] = {
		{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
		{0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
	};

	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (point >= wide[i][0] && point <= wide[i][1])
			return 2;
	return 1;
}

static size_t columns_of(struct sori_view text)
{
	size_t columns = 0;
	unsigned length;

	for (size_t at = 0; at < text.length; at += length)
		columns += width_of(sori_utf8_decode(text.at + at, &length));
	return columns;
}

/* The longest beginning, or with `tail` the longest end, of at most so many columns. */
static struct sori_view cut(struct sori_view text, size_t columns, bool tail)
{
	size_t total = columns_of(text), at = 0, used = 0;
	unsigned length;

	while (at < text.length) {
		unsigned width = width_of(sori_utf8_decode(text.at + at, &length));

		if (tail ? total - used <= columns : used + width > columns)
			break;
		used += width;
		at += length;
	}
	return tail ? sori_view_slice(text, at, text.length) : sori_view_slice(text, 0, at);
}

static void pad(struct sori_buffer *out, size_t columns)
{
	while (columns--)
		sori_buffer_add_byte(out, ' ');
}

/* ---- lines, made in parallel */

static bool concerns(const struct kwic *kwic, const struct sori_hit *hit)
{
	if (kwic->counted && !hit->counted)
		return false;
	return kwic->entry == UINT32_MAX ? hit->category == kwic->category : hit->entry == kwic->entry;
}

static void add_context(const struct kwic *kwic, const struct sori_batch *batch, const struct sori_record *record, size_t from,
			size_t to, bool tail, struct sori_buffer *out)
{
	struct sori_buffer line;

	sori_buffer_init(&line, out->maximum);
	sori_add_masked_line(batch, record, from, to, &line);
	sori_buffer_add_view(out, cut(sori_buffer_view(&line), kwic->context, tail));
	out->failed |= line.failed;
	sori_buffer_release(&line);
}

static void add_place(const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	for (const char *at = batch->input->path; *at; at++)
		sori_buffer_add_byte(out, (unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at);
	sori_buffer_add_byte(out, ':');
	sori_buffer_add_u64(out, record->line);
	sori_buffer_add_byte(out, '\n');
}

static void kwic_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	const struct kwic *kwic = user;
	struct sori_view text = record->field[SORI_ROLE_TEXT];
	size_t reach = 4 * kwic->context + 4; /* bytes that always hold the context; blanks in a row may shorten it */
	uint32_t last_start = UINT32_MAX, last_end = 0;

	for (uint32_t i = 0; i < record->hit_count; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];
		size_t from = hit->start > reach ? hit->start - reach : 0, to = hit->end + reach;

		if (!concerns(kwic, hit) || (hit->start == last_start && hit->end == last_end))
			continue;
		last_start = hit->start;
		last_end = hit->end;
		while (from && from < text.length && ((unsigned char)text.at[from] & 0xc0) == 0x80)
			from++;
		while (to < text.length && ((unsigned char)text.at[to] & 0xc0) == 0x80)
			to++;
		sori_add_masked_line(batch, record, hit->start, hit->end, out);
		sori_buffer_add_byte(out, '\t');
		add_context(kwic, batch, record, hit->end, to, false, out);
		sori_buffer_add_byte(out, '\t');
		add_context(kwic, batch, record, from, hit->start, true, out);
		sori_buffer_add_byte(out, '\t');
		add_place(batch, record, out);
	}
}

static enum sori_status keep_lines(void *user, struct sori_view lines, struct sori_error *error)
{
	struct kwic *kwic = user;

	sori_buffer_add_view(&kwic->lines, lines);
	return kwic->lines.failed ? sori_fail(error, SORI_SYSTEM, "more lines than memory or 1 GiB hold; give fewer dumps")
				  : SORI_OK;
}

/* ---- sorted, in columns */

static int compare_lines(const void *left, const void *right)
{
	const struct sori_view *a = left, *b = right;

	return sori_view_compare(*a, *b);
}

static struct sori_view next_field(struct sori_view *rest, char end)
{
	const char *at = rest->length ? memchr(rest->at, end, rest->length) : NULL;
	struct sori_view field = sori_view_slice(*rest, 0, at ? (size_t)(at - rest->at) : rest->length);

	*rest = sori_view_slice(*rest, field.length + (at ? 1 : 0), rest->length);
	return field;
}

static void add_columns(const struct kwic *kwic, struct sori_view line, struct sori_buffer *out)
{
	struct sori_view keyword = next_field(&line, '\t'), right = next_field(&line, '\t'), left = next_field(&line, '\t');
	bool color = kwic->cli->color;

	pad(out, kwic->context - columns_of(left));
	sori_buffer_add_view(out, left);
	sori_buffer_add_text(out, color ? "\033[7m" : "[");
	sori_buffer_add_view(out, keyword);
	sori_buffer_add_text(out, color ? "\033[0m" : "]");
	sori_buffer_add_view(out, right);
	pad(out, kwic->context - columns_of(right) + 2);
	sori_buffer_add_view(out, line);
	sori_buffer_add_byte(out, '\n');
}

static enum sori_status print_sorted(struct kwic *kwic, struct sori_error *error)
{
	struct sori_view rest = sori_buffer_view(&kwic->lines);
	struct sori_view *lines = NULL;
	size_t count = 0, capacity = 0;
	struct sori_buffer out;
	enum sori_status status = SORI_OK;

	while (rest.length) {
		if (SORI_GROW(lines, capacity, count + 1) != 0) {
			sori_free(lines);
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		}
		lines[count++] = next_field(&rest, '\n');
	}
	if (count)
		qsort(lines, count, sizeof *lines, compare_lines);
	sori_buffer_init(&out, (size_t)1 << 24);
	for (size_t i = 0; status == SORI_OK && i < count; i++) {
		sori_buffer_reset(&out);
		add_columns(kwic, lines[i], &out);
		status = out.failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : sori_cli_print(sori_buffer_view(&out), error);
	}
	sori_buffer_release(&out);
	sori_free(lines);
	if (status == SORI_OK)
		sori_cli_note(kwic->cli, "%zu place%s", count, count == 1 ? "" : "s");
	return status;
}

/* ---- what is looked for */

static void print_finding(void *user, const struct sori_finding *finding)
{
	(void)user;
	if (!finding->error)
		return;
	if (strcmp(finding->file, TRIED_FILE) == 0)
		(void)fprintf(stderr, "sori: error: the term, column %u: ", finding->column);
	else
		(void)fprintf(stderr, "sori: error: %s:%u:%u: ", finding->file, finding->line, finding->column);
	sori_cli_print_safe(stderr, finding->text);
	(void)fputc('\n', stderr);
}

/* A bare word becomes a predicate, an English word or a noun by its letters. */
static const char *guess_kind(const char *term)
{
	size_t length = strlen(term);

	if (strchr(term, ':') || !length)
		return "";
	if (length > 3 && strcmp(term + length - 3, "다") == 0)
		return "v:";
	return (unsigned char)term[0] < 0x80 ? "e:" : "n:";
}

static bool find_category(struct kwic *kwic, const char *id)
{
	const struct sori_catalog *catalog = &kwic->dictionary->catalog;

	for (kwic->category = 0; kwic->category < catalog->count; kwic->category++)
		if (strcmp(catalog->categories[kwic->category].id, id) == 0)
			return true;
	return false;
}

static bool find_entry(struct kwic *kwic, const char *id)
{
	for (uint32_t i = 0; i < kwic->dictionary->entry_count; i++)
		if (sori_view_is(kwic->dictionary->entries[i].id, id)) {
			kwic->entry = i;
			return true;
		}
	return false;
}

/* A comment, a directive or an exclusion leaves none. */
static bool has_entries(const struct kwic *kwic)
{
	for (uint32_t i = 0; i < kwic->dictionary->entry_count; i++)
		if (kwic->dictionary->entries[i].category == kwic->category)
			return true;
	return false;
}

static enum sori_status load_term(struct kwic *kwic, const char *term, struct sori_error *error)
{
	const char *folders[16];
	char room[4200];
	size_t count = sori_cli_dictionary_folders(kwic->cli, folders, 16, room, sizeof room);
	const char *kind = guess_kind(term);
	struct sori_buffer text;
	enum sori_status status;

	if (*kind)
		sori_cli_note(kwic->cli, "'%s' is read as %s%s", term, kind, term);
	sori_dictionary_free(kwic->dictionary);
	kwic->dictionary = NULL;
	sori_buffer_init(&text, (size_t)1 << 20);
	sori_buffer_add_text(&text, "@category " TRIED_CATEGORY " ko=\"kwic\" en=\"kwic\" kind=pain\n");
	sori_buffer_add_text(&text, kind);
	sori_buffer_add_text(&text, term);
	sori_buffer_add_byte(&text, '\n');
	status = text.failed ? sori_fail(error, SORI_SYSTEM, "out of memory")
			     : sori_dictionary_load_more(&kwic->dictionary, folders, count, TRIED_FILE, sori_buffer_view(&text),
							 print_finding, NULL, error);
	sori_buffer_release(&text);
	if (status == SORI_OK && (!find_category(kwic, TRIED_CATEGORY) || !has_entries(kwic)))
		status = sori_fail(error, SORI_USAGE, "'%s' is no entry, category or term line that matches; see sori kwic --help",
				   term);
	return status;
}

static enum sori_status prepare(struct kwic *kwic, const char *term, struct sori_error *error)
{
	enum sori_status status;

	if (!sori_utf8_is_valid(sori_view_of(term)))
		return sori_fail(error, SORI_DATA, "the term is not UTF-8");
	status = sori_cli_dictionary(kwic->cli, &kwic->dictionary, error);
	kwic->entry = UINT32_MAX;
	if (status != SORI_OK || find_category(kwic, term) || find_entry(kwic, term))
		return status;
	return load_term(kwic, term, error);
}

static enum sori_status kwic_run(struct sori_cli *cli, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", NULL};
	struct sori_cli inner = *cli;
	struct kwic kwic = {.cli = &inner, .counted = sori_cli_flag(cli, "counted")};
	struct sori_filter filter = {.cli = &inner, .stages = stages, .line = kwic_line, .sink = keep_lines, .user = &kwic};
	enum sori_status status = sori_cli_limit(cli, "context", 40, &kwic.context, error);

	if (status != SORI_OK)
		return status;
	if (cli->operand_count < 2)
		return sori_fail(error, SORI_USAGE, "a term and a dump are needed; see sori kwic --help");
	if (kwic.context > CONTEXT_LIMIT)
		kwic.context = CONTEXT_LIMIT;
	inner.operands++;
	inner.operand_count--;
	sori_buffer_init(&kwic.lines, (size_t)1 << 30);
	status = sori_cli_wish(cli, &filter.wish, error);
	if (status == SORI_OK)
		status = prepare(&kwic, cli->operands[0], error);
	filter.dictionary = kwic.dictionary;
	if (status == SORI_OK)
		status = sori_filter_run(&filter, error);
	if (status == SORI_OK)
		status = print_sorted(&kwic, error);
	cli->exit_code = inner.exit_code;
	sori_buffer_release(&kwic.lines);
	sori_dictionary_free(kwic.dictionary);
	return status;
}

const struct sori_command sori_command_kwic = {
	.name = "kwic",
	.summary = "keyword in context: what a term, an entry or a category matches in dumps, masked and sorted",
	.operands = "TERM|ENTRY|CATEGORY DUMP…",
	.examples = "  sori kwic v:끊기다 corpora/dumps\n  sori kwic 'rule: $APP & v:느리다' --context=30 export.csv\n",
	.details = "TERM is a line of the dictionary language as it would stand in a file; it is compiled with the dictionaries, so\n"
		   "that sets, exclusions and longer terms act on it. A bare word is read as v:, e: or n: by its letters.\n"
		   "Hits that do not count (negated, asked …) are shown as well, unless --counted. Sorted by the words matched,\n"
		   "then by what follows; the place is the file and the line where the record begins.\n",
	.options = options,
	.reads_input = true,
	.run = kwic_run,
};
