/* dict diff: what an author changed, told by meaning and not by line. Each side is turned into a sorted list of items:
 * categories, members of sets, words outside entries (exclusions, @prefix, @left), entries. Items are merged by key. An
 * entry's key is its stable id when it has one, else category and source: lines may move. Of the entries without an id
 * that are left over, a removed and an added one of the same category and the same first spelling are one changed entry. */
#include "pipeline/cli/dict_tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/memory.h"
#include "stages/extract/extract.h"

#define FOLDER_LIMIT 16u
#define DUMP_LIMIT 64u
#define LONG_LINE 160u /* bytes of an entry that is not shown twice */

enum kind { KIND_CATEGORY, KIND_MEMBER, KIND_WORD, KIND_ENTRY, KIND_COUNT };

struct item {
	enum kind kind;
	struct sori_view key, value; /* equal keys with different values: changed */
	struct sori_view head;       /* entries without an id: category and first spelling, else empty */
	struct sori_view line;       /* what is shown */
	struct sori_view brief, source; /* entries: category and place; the line as written */
};

struct side {
	struct sori_dictionary *dictionary;
	struct sori_arena arena;
	struct item *items;
	size_t count, capacity;
	bool failed;
};

enum mark { MARK_SAME, MARK_LONE, MARK_PAIRED };

struct diff {
	struct side before, after;
	uint8_t *before_marks, *after_marks;
	size_t added[KIND_COUNT], removed[KIND_COUNT], changed[KIND_COUNT];
	struct sori_buffer out;
};

/* ---- one side as items */

static struct sori_view join(struct side *side, const struct sori_view *parts, size_t count, const char *between)
{
	struct sori_buffer text;
	struct sori_view kept;

	sori_buffer_init(&text, (size_t)1 << 24);
	for (size_t i = 0; i < count; i++) {
		if (i)
			sori_buffer_add_text(&text, between);
		sori_buffer_add_view(&text, parts[i]);
	}
	kept = sori_arena_copy(&side->arena, sori_buffer_view(&text));
	side->failed |= text.failed || (text.length && !kept.at);
	sori_buffer_release(&text);
	return kept;
}

static void add_item(struct side *side, struct item item)
{
	if (SORI_GROW(side->items, side->capacity, side->count + 1) != 0)
		side->failed = true;
	else
		side->items[side->count++] = item;
}

static void add_categories(struct side *side)
{
	for (size_t i = 0; i < side->dictionary->catalog.count; i++) {
		const struct sori_category *c = &side->dictionary->catalog.categories[i];
		struct sori_view id = sori_view_of(c->id), parts[] = {sori_view_of(c->ko), sori_view_of(c->en), {NULL, 0}};
		struct sori_view value;
		struct sori_buffer rest;

		sori_buffer_init(&rest, (size_t)1 << 20);
		sori_buffer_add_format(&rest, "%s severity %u%s%s%s counts ", c->praise ? "praise" : "pain", c->severity,
				       c->fallback ? " fallback" : "", c->owner[0] ? " -> " : "", c->owner);
		sori_extract_write_tags(c->count_tags, &rest);
		side->failed |= rest.failed;
		parts[2] = sori_buffer_view(&rest);
		value = join(side, parts, 3, " / ");
		sori_buffer_release(&rest);
		add_item(side, (struct item){.kind = KIND_CATEGORY, .key = id, .value = value,
					     .line = join(side, (struct sori_view[]){id, value}, 2, "  ")});
	}
}

static struct sori_view place_of(struct side *side, uint32_t file, uint32_t line)
{
	char number[24];

	(void)snprintf(number, sizeof number, "%u", line);
	return join(side, (struct sori_view[]){side->dictionary->files[file], sori_view_of(number)}, 2, ":");
}

/* A term's options stand for its value: the same spelling with another left= is a change. */
static struct sori_view options_of(struct side *side, const struct sori_term *term)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%u %u %u", term->kind, term->left, term->right);
	return join(side, (struct sori_view[]){sori_view_of(text), join(side, term->ex, term->ex_count, ",")}, 2, " ");
}

static void add_terms(struct side *side)
{
	static const char *const lefts[] = {"strict", "own", "any"}, *const rights[] = {"josa", "suffix", "open", "any"};
	static const char *const words[] = {"exclusion", "@prefix", "@left"};
	const struct sori_dictionary *d = side->dictionary;

	for (uint32_t t = 0; t < d->term_count; t++) {
		const struct sori_term *term = &d->terms[t];
		struct sori_view shown[] = {{NULL, 0}, term->label, {NULL, 0}, place_of(side, term->file, term->line)};
		char options[48];
		struct item item = {.kind = KIND_MEMBER, .value = options_of(side, term)};

		(void)snprintf(options, sizeof options, "left=%s tail=%s", lefts[term->left], rights[term->right]);
		shown[2] = sori_view_of(options);
		for (uint32_t k = 0; k < term->set_count; k++) {
			shown[0] = d->set_names[d->term_sets[term->set_first + k]];
			if (!shown[0].length || shown[0].at[0] != '$')
				continue;
			item.key = join(side, shown, 2, "\t");
			item.line = join(side, shown, 4, "  ");
			add_item(side, item);
		}
		if (term->kind >= SORI_TERM_EXCLUSION) {
			shown[0] = sori_view_of(words[term->kind - SORI_TERM_EXCLUSION]);
			item.kind = KIND_WORD;
			item.key = join(side, shown, 2, "\t");
			item.line = join(side, shown, 4, "  ");
			add_item(side, item);
		}
	}
}

/* Up to the first blank or = of a term; a rule has no first spelling of its own. */
static struct sori_view first_spelling(struct sori_view source)
{
	size_t length = 0;

	while (length < source.length && !strchr(" \t=", source.at[length]))
		length++;
	if (length >= 5 && memcmp(source.at, "rule:", 5) == 0)
		return sori_view_make(NULL, 0);
	return sori_view_slice(source, 0, length);
}

static void add_entries(struct side *side)
{
	const struct sori_dictionary *d = side->dictionary;

	for (uint32_t i = 0; i < d->entry_count; i++) {
		const struct sori_entry *entry = &d->entries[i];
		struct sori_view place = place_of(side, entry->file, entry->line), head = first_spelling(entry->source);
		struct sori_view category = sori_view_of(entry->category < d->catalog.count
								 ? d->catalog.categories[entry->category].id
								 : "");
		struct sori_view whole = join(side, (struct sori_view[]){category, entry->source}, 2, "\t");
		bool named = !sori_view_equal(place, entry->id);
		struct item item = {.kind = KIND_ENTRY, .key = named ? entry->id : whole, .value = named ? whole : entry->source};

		if (!named && head.length)
			item.head = join(side, (struct sori_view[]){category, head}, 2, "\t");
		item.line = join(side, (struct sori_view[]){category, place, entry->source}, 3, "  ");
		item.brief = join(side, (struct sori_view[]){category, place}, 2, "  ");
		item.source = entry->source;
		add_item(side, item);
	}
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : sori_view_compare(a->key, b->key);

	if (!order)
		order = sori_view_compare(a->value, b->value);
	return order ? order : sori_view_compare(a->line, b->line);
}

/* Spellings whose defaults differ are terms of their own with one label: such twins are one item with all options. */
static void join_twins(struct side *side)
{
	size_t kept = 0;

	for (size_t i = 0; i < side->count; i++) {
		struct item *last = kept ? &side->items[kept - 1] : NULL, *item = &side->items[i];

		if (last && item->kind != KIND_ENTRY && last->kind == item->kind && sori_view_equal(last->key, item->key)) {
			last->value = join(side, (struct sori_view[]){last->value, item->value}, 2, "; ");
			continue;
		}
		side->items[kept++] = *item;
	}
	side->count = kept;
}

static bool list_side(struct side *side)
{
	add_categories(side);
	add_terms(side);
	add_entries(side);
	if (side->failed)
		return false;
	qsort(side->items, side->count, sizeof *side->items, compare_items);
	join_twins(side);
	return !side->failed;
}

/* ---- comparing */

static void show(struct diff *diff, const char *mark, const struct item *item)
{
	sori_buffer_add_text(&diff->out, mark);
	sori_buffer_add_view(&diff->out, item->line);
	sori_buffer_add_byte(&diff->out, '\n');
}

/* Cuts the next piece between commas, bars, ampersands and brackets off *rest; empty pieces are passed over. */
static struct sori_view next_piece(struct sori_view *rest)
{
	struct sori_view piece = {NULL, 0};

	while (rest->length && !piece.length) {
		size_t length = 0;

		while (length < rest->length && !strchr(",|&()", rest->at[length]))
			length++;
		piece = sori_view_trim(sori_view_slice(*rest, 0, length));
		*rest = sori_view_slice(*rest, length + 1, rest->length);
	}
	return piece;
}

static bool has_piece(struct sori_view source, struct sori_view piece)
{
	while (source.length)
		if (sori_view_equal(next_piece(&source), piece))
			return true;
	return false;
}

/* Pieces of one line that the other lacks; returns how many. */
static size_t show_pieces(struct diff *diff, const char *lead, struct sori_view source, struct sori_view other)
{
	size_t count = 0;

	while (source.length) {
		struct sori_view piece = next_piece(&source);

		if (!piece.length || has_piece(other, piece))
			continue;
		sori_buffer_add_text(&diff->out, count++ ? ", " : lead);
		sori_buffer_add_view(&diff->out, piece);
	}
	if (count)
		sori_buffer_add_byte(&diff->out, '\n');
	return count;
}

/* Long lists: where it is, and only what came and went. */
static void show_long_change(struct diff *diff, const struct item *before, const struct item *after)
{
	struct sori_view rest = after->source, first = next_piece(&rest);

	sori_buffer_add_text(&diff->out, "~ ");
	sori_buffer_add_view(&diff->out, after->brief);
	sori_buffer_add_text(&diff->out, "  ");
	sori_buffer_add_view(&diff->out, first);
	sori_buffer_add_text(&diff->out, " …\n");
	if (show_pieces(diff, "    - ", before->source, after->source) + show_pieces(diff, "    + ", after->source, before->source) == 0)
		sori_buffer_add_text(&diff->out, "    the same pieces, ordered or joined in another way\n");
}

static void show_change(struct diff *diff, const struct item *before, const struct item *after)
{
	diff->changed[after->kind]++;
	if (before->source.length > LONG_LINE || after->source.length > LONG_LINE) {
		show_long_change(diff, before, after);
		return;
	}
	show(diff, "~ ", before);
	show(diff, "  ", after);
}

static int compare_keys(const struct item *a, const struct item *b)
{
	return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : sori_view_compare(a->key, b->key);
}

/* Marks what has no partner of the same key; shows the changed ones. */
static void merge(struct diff *diff)
{
	const struct side *before = &diff->before, *after = &diff->after;
	size_t i = 0, k = 0;

	while (i < before->count || k < after->count) {
		int order = i == before->count ? 1 : k == after->count ? -1 : compare_keys(&before->items[i], &after->items[k]);

		if (order < 0)
			diff->before_marks[i++] = MARK_LONE;
		else if (order > 0)
			diff->after_marks[k++] = MARK_LONE;
		else {
			if (!sori_view_equal(before->items[i].value, after->items[k].value))
				show_change(diff, &before->items[i], &after->items[k]);
			i++;
			k++;
		}
	}
}

static void pair_entries(struct diff *diff)
{
	for (size_t i = 0; i < diff->before.count; i++) {
		const struct item *before = &diff->before.items[i];

		if (diff->before_marks[i] != MARK_LONE || !before->head.length)
			continue;
		for (size_t k = 0; k < diff->after.count; k++)
			if (diff->after_marks[k] == MARK_LONE && sori_view_equal(before->head, diff->after.items[k].head)) {
				diff->before_marks[i] = diff->after_marks[k] = MARK_PAIRED;
				show_change(diff, before, &diff->after.items[k]);
				break;
			}
	}
}

static void show_lone(struct diff *diff)
{
	for (size_t i = 0; i < diff->before.count; i++)
		if (diff->before_marks[i] == MARK_LONE) {
			diff->removed[diff->before.items[i].kind]++;
			show(diff, "- ", &diff->before.items[i]);
		}
	for (size_t k = 0; k < diff->after.count; k++)
		if (diff->after_marks[k] == MARK_LONE) {
			diff->added[diff->after.items[k].kind]++;
			show(diff, "+ ", &diff->after.items[k]);
		}
}

static void show_sums(struct diff *diff)
{
	static const char *const names[] = {"categories", "members of sets", "exclusions and gluing words", "entries"};

	for (size_t kind = KIND_COUNT; kind-- > 0;)
		if (kind == KIND_ENTRY || diff->added[kind] || diff->removed[kind] || diff->changed[kind])
			sori_buffer_add_format(&diff->out, "%s: %zu added, %zu removed, %zu changed\n", names[kind],
					       diff->added[kind], diff->removed[kind], diff->changed[kind]);
}

static enum sori_status compare(struct diff *diff, struct sori_error *error)
{
	if (list_side(&diff->before) && list_side(&diff->after)) {
		diff->before_marks = sori_alloc_zero(diff->before.count + 1, 1);
		diff->after_marks = sori_alloc_zero(diff->after.count + 1, 1);
	}
	if (!diff->before_marks || !diff->after_marks)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	merge(diff);
	pair_entries(diff);
	show_lone(diff);
	show_sums(diff);
	return SORI_OK;
}

/* ---- the command */

static void print_finding(void *user, const struct sori_finding *finding)
{
	if (!finding->error)
		return;
	(void)fprintf(stderr, "sori: error: %s: %s:%u:%u: ", (const char *)user, finding->file, finding->line, finding->column);
	sori_cli_print_safe(stderr, finding->text);
	(void)fputc('\n', stderr);
}

static enum sori_status load_side(struct side *side, const char *list, struct sori_error *error)
{
	const char *folders[FOLDER_LIMIT];
	size_t count = 0;
	char *words = sori_strdup_n(list, strlen(list)), *rest = NULL;
	char name[256];
	enum sori_status status = SORI_OK;

	sori_arena_init(&side->arena, (size_t)1024 * 1024);
	if (!words)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	(void)snprintf(name, sizeof name, "%s", list);
	for (char *word = strtok_r(words, ",", &rest); word && status == SORI_OK; word = strtok_r(NULL, ",", &rest)) {
		if (count == FOLDER_LIMIT)
			status = sori_fail(error, SORI_USAGE, "more than %u dictionary folders", FOLDER_LIMIT);
		else
			folders[count++] = word;
	}
	if (status == SORI_OK)
		status = count ? sori_dictionary_load(&side->dictionary, folders, count, print_finding, name, error)
			       : sori_fail(error, SORI_USAGE, "dict diff takes two dictionary folders; see sori dict --help");
	sori_free(words);
	return status;
}

static void release_side(struct side *side)
{
	sori_free(side->items);
	sori_arena_release(&side->arena);
	sori_dictionary_free(side->dictionary);
}

static enum sori_status run_diff(struct diff *diff, const struct sori_cli *cli, struct sori_error *error)
{
	const char *dumps[DUMP_LIMIT];
	size_t dump_count = sori_cli_values(cli, "impact", dumps, DUMP_LIMIT);
	enum sori_status status;

	if (cli->operand_count != 3)
		return sori_fail(error, SORI_USAGE, "dict diff takes two dictionary folders; see sori dict --help");
	status = load_side(&diff->before, cli->operands[1], error);
	if (status == SORI_OK)
		status = load_side(&diff->after, cli->operands[2], error);
	if (status == SORI_OK)
		status = compare(diff, error);
	if (status == SORI_OK && dump_count)
		status = sori_dict_impact(cli, diff->before.dictionary, diff->after.dictionary, dumps, dump_count, &diff->out,
					  error);
	if (status == SORI_OK && diff->out.failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	return status == SORI_OK ? sori_cli_print(sori_buffer_view(&diff->out), error) : status;
}

enum sori_status sori_dict_diff(struct sori_cli *cli, struct sori_error *error)
{
	struct diff diff = {0};
	enum sori_status status;

	sori_buffer_init(&diff.out, (size_t)1 << 30);
	status = run_diff(&diff, cli, error);
	sori_free(diff.before_marks);
	sori_free(diff.after_marks);
	sori_buffer_release(&diff.out);
	release_side(&diff.before);
	release_side(&diff.after);
	return status;
}
