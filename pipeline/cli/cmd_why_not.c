/* Why a text does not count for a category: hits that do not count, with the tags that forbid it; the rules that came
 * nearest, member by member; and letters of the category's terms that stand in the text without being a match. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/dict_tools.h"
#include "stages/extract/extract.h"
#include "stages/extract/why.h"

#define SHOWN_LIMIT 50u
#define SAMPLE_TERMS 5u
#define SOURCE_WIDTH 96u /* characters of an entry's line */
#define NAME_WIDTH 40u   /* of a set's or term's name */

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"limit", 0, "N", false, "this many rules and terms at most (5)"},
	{"full", 0, NULL, false, "entries and lists in full length"},
	{0},
};

struct question {
	const struct sori_dictionary *dictionary;
	struct sori_matcher *matcher;
	const struct sori_batch *batch;
	const struct sori_record *record;
	uint16_t category;
	uint32_t entry; /* SORI_WHY_ANY: all of the category */
	size_t limit;
	bool full;
	struct sori_buffer out;
};

/* The text, cut to so many characters unless --full. */
static void add_short(struct question *q, struct sori_view text, size_t width)
{
	size_t length = 0, count = 0;

	while (!q->full && length < text.length && (count < width || ((unsigned char)text.at[length] & 0xc0) == 0x80))
		count += ((unsigned char)text.at[length++] & 0xc0) != 0x80;
	if (q->full || length == text.length) {
		sori_buffer_add_view(&q->out, text);
		return;
	}
	sori_buffer_add_view(&q->out, sori_view_slice(text, 0, length));
	sori_buffer_add_text(&q->out, "…");
}

/* A term by its first spelling. */
static struct sori_view first_spelling(struct sori_view label)
{
	const char *variants = label.length ? memchr(label.at, '=', label.length) : NULL;

	return sori_view_slice(label, 0, variants ? (size_t)(variants - label.at) : label.length);
}

static void add_words(struct question *q, uint32_t start, uint32_t end)
{
	sori_buffer_add_byte(&q->out, '"');
	sori_add_masked_line(q->batch, q->record, start, end, &q->out);
	sori_buffer_add_byte(&q->out, '"');
}

static void add_entry(struct question *q, uint32_t index)
{
	const struct sori_entry *entry = &q->dictionary->entries[index];

	sori_buffer_add_view(&q->out, entry->id);
	sori_buffer_add_text(&q->out, "  ");
	add_short(q, entry->source, SOURCE_WIDTH);
	sori_buffer_add_byte(&q->out, '\n');
}

/* ---- hits */

static void add_other_pains(struct question *q)
{
	const struct sori_catalog *catalog = &q->dictionary->catalog;
	const char *lead = " ";

	for (size_t i = 0; i < catalog->count; i++)
		if ((q->record->categories[i / 64] >> (i % 64) & 1) && !catalog->categories[i].praise) {
			sori_buffer_add_text(&q->out, lead);
			sori_buffer_add_text(&q->out, catalog->categories[i].id);
			lead = ", ";
		}
}

static void add_verdict(struct question *q, const struct sori_hit *hit)
{
	const struct sori_category *category = &q->dictionary->catalog.categories[hit->category];
	const struct sori_entry *entry = &q->dictionary->entries[hit->entry];
	unsigned allowed = (category->count_tags | entry->keep_tags) & ~(unsigned)entry->drop_tags;
	unsigned against = hit->tags & ~(allowed | SORI_TAG_FLIPPED);

	sori_buffer_add_text(&q->out, "      ");
	if (hit->category != q->category)
		sori_buffer_add_format(&q->out, "counts for %s when negated (neg=flip)\n", category->id);
	else if (hit->counted)
		sori_buffer_add_text(&q->out, "counts\n");
	else if (against) {
		sori_buffer_add_text(&q->out, "scope: ");
		sori_extract_write_tags(against, &q->out);
		sori_buffer_add_format(&q->out, " does not count in %s\n", category->id);
	} else if (category->fallback) {
		sori_buffer_add_text(&q->out, "fallback: counts only when no other pain category does, here");
		add_other_pains(q);
		sori_buffer_add_byte(&q->out, '\n');
	} else
		sori_buffer_add_text(&q->out, "does not count\n");
}

static bool concerns(const struct question *q, const struct sori_hit *hit)
{
	if (q->entry != SORI_WHY_ANY)
		return hit->entry == q->entry;
	return hit->category == q->category || q->dictionary->entries[hit->entry].category == q->category;
}

static size_t add_hits(struct question *q)
{
	size_t count = 0;

	for (uint32_t i = 0; i < q->record->hit_count; i++) {
		const struct sori_hit *hit = &q->batch->hits[q->record->hit_first + i];

		if (!concerns(q, hit))
			continue;
		if (!count++)
			sori_buffer_add_text(&q->out, "hits:\n");
		sori_buffer_add_text(&q->out, "  ");
		add_words(q, hit->start, hit->end);
		sori_buffer_add_text(&q->out, "  ");
		add_entry(q, hit->entry);
		add_verdict(q, hit);
	}
	return count;
}

/* ---- rules */

static void add_set(struct question *q, uint16_t set)
{
	add_short(q, q->dictionary->set_names[set], NAME_WIDTH);
}

/* Some terms of a named set, so that one sees what it asks for. */
static void add_sample(struct question *q, uint16_t set)
{
	const struct sori_dictionary *d = q->dictionary;
	struct sori_view last = {NULL, 0};
	size_t count = 0;

	if (!d->set_names[set].length || d->set_names[set].at[0] != '$')
		return;
	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++) {
			if (d->term_sets[d->terms[t].set_first + k] != set)
				continue;
			struct sori_view label = q->full ? d->terms[t].label : first_spelling(d->terms[t].label);

			/* spellings whose defaults differ are terms of their own with one label */
			if (sori_view_equal(label, last))
				continue;
			last = label;
			if (count++ >= SAMPLE_TERMS && !q->full)
				continue;
			sori_buffer_add_text(&q->out, count == 1 ? "  (" : ", ");
			add_short(q, last, NAME_WIDTH);
		}
	if (count > SAMPLE_TERMS && !q->full)
		sori_buffer_add_format(&q->out, ", … %zu terms", count);
	if (count)
		sori_buffer_add_byte(&q->out, ')');
}

static void add_slot(struct question *q, const struct sori_rule *rule, const struct sori_why *why, unsigned i)
{
	static const char *const units[] = {"clause", "sentence", "record"};
	const struct sori_why_slot *slot = &why->slots[i];

	sori_buffer_add_text(&q->out, slot->present ? "      + " : "      - ");
	if (rule->slots[i].context)
		sori_buffer_add_text(&q->out, "req ");
	add_set(q, rule->slots[i].set);
	sori_buffer_add_text(&q->out, "  ");
	if (slot->present)
		add_words(q, slot->start, slot->end);
	else if (slot->apart) {
		add_words(q, slot->start, slot->end);
		sori_buffer_add_format(&q->out, " stands in another %s", units[rule->within]);
	} else {
		sori_buffer_add_text(&q->out, "not in the text");
		add_sample(q, rule->slots[i].set);
	}
	sori_buffer_add_byte(&q->out, '\n');
}

static void add_relation(struct question *q, const struct sori_rule *rule, unsigned index)
{
	const struct sori_constraint *c = &rule->constraints[index];

	sori_buffer_add_text(&q->out, "      - ");
	add_set(q, rule->slots[c->left_slot].set);
	if (c->relation == SORI_RELATE_NEAR)
		sori_buffer_add_format(&q->out, " ~%u ", c->distance);
	else if (c->relation == SORI_RELATE_GAP)
		sori_buffer_add_format(&q->out, " <%u> ", c->distance);
	else
		sori_buffer_add_text(&q->out, " > ");
	add_set(q, rule->slots[c->right_slot].set);
	sori_buffer_add_text(&q->out, c->relation == SORI_RELATE_NEAR    ? "  too far apart\n"
				      : c->relation == SORI_RELATE_ORDER ? "  in the other order\n"
									 : "  too far apart or in the other order\n");
}

static void add_when(struct question *q, const struct sori_when *when)
{
#define ROLE_NAME(name, option, ko, en) option,
	static const char *const roles[] = {SORI_ROLE_LIST(ROLE_NAME)};
#undef ROLE_NAME

	sori_buffer_add_format(&q->out, "      - when %s", roles[when->role]);
	if (when->role == SORI_ROLE_RATING && when->compare)
		sori_buffer_add_format(&q->out, " %s %d", when->compare < 0 ? "<=" : ">=", when->number);
	for (uint16_t i = 0; i < when->value_count; i++) {
		sori_buffer_add_text(&q->out, i ? "|" : " = ");
		sori_buffer_add_view(&q->out, when->values[i]);
	}
	sori_buffer_add_text(&q->out, "  a single text has no such field\n");
}

static void add_rule(struct question *q, const struct sori_why *why)
{
	const struct sori_rule *rule = &q->dictionary->rules[why->rule];

	sori_buffer_add_text(&q->out, "  ");
	add_entry(q, rule->entry);
	for (unsigned i = 0; i < rule->slot_count; i++)
		add_slot(q, rule, why, i);
	if (why->causes & SORI_WHY_RELATION)
		add_relation(q, rule, why->constraint);
	if (why->causes & SORI_WHY_OVERLAP)
		sori_buffer_add_text(&q->out, "      - two members would need the same words\n");
	if (why->causes & SORI_WHY_FORBIDDEN) {
		sori_buffer_add_text(&q->out, "      - not ");
		add_set(q, why->forbidden);
		sori_buffer_add_text(&q->out, "  ");
		add_words(q, why->forbidden_start, why->forbidden_end);
		sori_buffer_add_text(&q->out, " stands there\n");
	}
	if (why->causes & SORI_WHY_CONDITION)
		add_when(q, &rule->when[why->when]);
	if (why->causes & SORI_WHY_MASKED)
		sori_buffer_add_text(&q->out, "      - the words are personal data and masked\n");
}

static void add_form(struct question *q, const struct sori_why_form *form)
{
	static const char *const lefts[] = {"strict", "own", "any"}, *const rights[] = {"josa", "suffix", "open", "any"};
	const struct sori_term *term = &q->dictionary->terms[form->term];

	sori_buffer_add_text(&q->out, "  ");
	add_words(q, form->start, form->end);
	sori_buffer_add_text(&q->out, "  ");
	add_short(q, term->label, NAME_WIDTH);
	if (form->cover != SORI_WHY_ANY) {
		sori_buffer_add_text(&q->out, "  a longer term stands over it: ");
		add_short(q, q->dictionary->terms[form->cover].label, NAME_WIDTH);
		sori_buffer_add_byte(&q->out, '\n');
	} else if (term->kind == SORI_TERM_ENGLISH)
		sori_buffer_add_text(&q->out, "  only part of a word\n");
	else if (term->kind == SORI_TERM_VERB)
		sori_buffer_add_format(&q->out, "  what stands before it (left=%s) or the ending after it is not known\n",
				       lefts[term->left]);
	else
		sori_buffer_add_format(&q->out, "  what stands before it (left=%s) or after it (tail=%s) is not allowed\n",
				       lefts[term->left], rights[term->right]);
}

static enum sori_status add_nearest(struct question *q, size_t hits, struct sori_error *error)
{
	struct sori_why rules[SHOWN_LIMIT];
	struct sori_why_form forms[SHOWN_LIMIT];
	size_t rule_count = sori_why_not(q->matcher, q->category, q->entry, rules, q->limit);
	size_t form_count = sori_why_forms(q->matcher, q->category, q->entry, forms, q->limit);

	if (rule_count == SIZE_MAX || form_count == SIZE_MAX)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (rule_count)
		sori_buffer_add_text(&q->out, "nearest rules:\n");
	for (size_t i = 0; i < rule_count; i++)
		add_rule(q, &rules[i]);
	if (form_count)
		sori_buffer_add_text(&q->out, "letters of its terms that are no match:\n");
	for (size_t i = 0; i < form_count; i++)
		add_form(q, &forms[i]);
	if (!hits && !rule_count && !form_count)
		sori_buffer_add_format(&q->out, "nothing of %s is near this text\n",
				       q->entry == SORI_WHY_ANY ? q->dictionary->catalog.categories[q->category].id : "the entry");
	return SORI_OK;
}

static enum sori_status answer(struct question *q, struct sori_view text, struct sori_error *error)
{
	const struct sori_category *category = &q->dictionary->catalog.categories[q->category];
	bool counts = q->record->categories[q->category / 64] >> (q->category % 64) & 1;
	enum sori_status status;
	size_t hits;

	sori_add_masked_line(q->batch, q->record, 0, text.length, &q->out);
	sori_buffer_add_format(&q->out, "\n= %s (%s, %s) %s\n", category->id, category->ko, category->en,
			       counts ? "counts" : "does not count");
	hits = add_hits(q);
	status = add_nearest(q, hits, error);
	if (status == SORI_OK && q->out.failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	return status == SORI_OK ? sori_cli_print(sori_buffer_view(&q->out), error) : status;
}

static const char *category_name_at(size_t index, const void *user)
{
	const struct sori_catalog *catalog = user;

	return index < catalog->count ? catalog->categories[index].id : NULL;
}

/* The operand as a category or as the id of an entry. */
static enum sori_status find_category(struct question *q, const char *name, struct sori_error *error)
{
	const struct sori_dictionary *d = q->dictionary;
	const char *nearest;

	q->entry = SORI_WHY_ANY;
	for (q->category = 0; q->category < d->catalog.count; q->category++)
		if (strcmp(d->catalog.categories[q->category].id, name) == 0)
			return SORI_OK;
	for (q->entry = 0; q->entry < d->entry_count; q->entry++)
		if (sori_view_is(d->entries[q->entry].id, name)) {
			q->category = d->entries[q->entry].category;
			if (q->category < d->catalog.count)
				return SORI_OK;
			return sori_fail(error, SORI_USAGE, "the entry '%s' belongs to no category", name);
		}
	nearest = sori_cli_nearest(name, category_name_at, &d->catalog);
	return sori_fail(error, SORI_USAGE, "no category or entry '%s'%s%s%s; see sori dict list", name,
			 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static enum sori_status ask(struct question *q, const char *words, struct sori_error *error)
{
	struct sori_view text = sori_view_of(words);
	struct sori_batch *batch;
	enum sori_status status;

	if (!sori_utf8_is_valid(text))
		return sori_fail(error, SORI_DATA, "the text is not UTF-8 (byte %zu)", sori_utf8_valid_prefix(text));
	batch = sori_batch_new();
	if (!batch)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = sori_extract_text(q->matcher, text, batch, error);
	q->batch = batch;
	q->record = batch->records;
	if (status == SORI_OK)
		status = answer(q, text, error);
	sori_batch_free(batch);
	return status;
}

static enum sori_status why_not_run(struct sori_cli *cli, struct sori_error *error)
{
	struct sori_dictionary *dictionary = NULL;
	struct question q = {.entry = SORI_WHY_ANY};
	enum sori_status status;

	if (cli->operand_count != 2)
		return sori_fail(error, SORI_USAGE, "a text and a category are needed; see sori why-not --help");
	status = sori_cli_limit(cli, "limit", 5, &q.limit, error);
	if (status == SORI_OK && q.limit > SHOWN_LIMIT)
		q.limit = SHOWN_LIMIT;
	q.full = sori_cli_flag(cli, "full");
	sori_buffer_init(&q.out, (size_t)1 << 30);
	if (status == SORI_OK)
		status = sori_cli_dictionary(cli, &dictionary, error);
	q.dictionary = dictionary;
	if (status == SORI_OK)
		status = find_category(&q, cli->operands[1], error);
	if (status == SORI_OK)
		status = sori_matcher_new(&q.matcher, dictionary, error);
	if (status == SORI_OK)
		status = ask(&q, cli->operands[0], error);
	sori_buffer_release(&q.out);
	sori_matcher_free(q.matcher);
	sori_dictionary_free(dictionary);
	return status;
}

const struct sori_command sori_command_why_not = {
	.name = "why-not",
	.summary = "why a text does not count for a category: the nearest rules and what they lack",
	.operands = "TEXT CATEGORY|ENTRY",
	.examples = "  sori why-not \"배송이 빨랐으면 좋겠어요\" delivery.delay\n  sori why-not \"no crashes so far\" app.crash\n",
	.details = "Shows hits that do not count with the scope tags against them, then the rules that came nearest: members that are\n"
		   "there (+) with their words; members, distances, orders, conditions and exclusions that failed (-); then\n"
		   "letters of the category's terms that stand in the text but in no place where they would match.\n",
	.options = options,
	.run = why_not_run,
};
