/* False friends: where terms stand inside words of a background that are other words. Each word goes through the matcher
 * alone; a match that begins inside it, and whose letters before are no known words, or that leaves letters behind it which
 * are neither ending nor known word, is suspected. Suspicions are gathered per term; only short terms, and only those that
 * are met in several words or often, are told, with the boundary mode that would end it. */
#include "stages/extract/lint_internal.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/extract/syllable.h"

#define SHORT_SYLLABLES 3u
#define SHOWN 6u
#define LEAST_WORDS 2u

struct suspicion {
	uint32_t term;
	uint32_t word; /* of the background */
	bool left, right;
};

struct suspicions {
	struct sori_linting *l;
	struct sori_names forms; /* text -> first form; the rest by `next` */
	uint32_t *next;
	struct suspicion *items;
	size_t count, capacity;
};

static bool index_forms(struct suspicions *s)
{
	const struct sori_dictionary *d = s->l->dictionary;

	s->next = sori_alloc(((size_t)d->form_count + 1) * sizeof *s->next);
	for (uint32_t i = d->form_count; s->next && i-- > 0;) {
		const struct sori_form *form = &d->forms[i];
		struct sori_name *slot;

		if (d->terms[form->term].kind >= SORI_TERM_ENGLISH || sori_syllable_count(form->text) > SHORT_SYLLABLES)
			continue;
		slot = sori_names_put(&s->forms, form->text);
		if (!slot)
			return false;
		s->next[i] = slot->value;
		slot->value = i;
	}
	return s->next != NULL;
}

static bool fits(const struct sori_dictionary *d, const struct sori_group *group, uint32_t term, const uint16_t *sets)
{
	const struct sori_term *t = &d->terms[term];

	if (t->kind != group->kind || t->left != group->left || t->right != group->right || t->set_count == 0)
		return false;
	for (uint32_t i = 0; i < group->set_count; i++)
		if (sets[i] == d->term_sets[t->set_first])
			return true;
	return false;
}

static void suspect(struct suspicions *s, const struct sori_term_match *match, uint32_t word, bool left, bool right)
{
	const struct sori_matcher *m = s->l->matcher;
	const struct sori_group *group = sori_match_group(m, match);
	struct sori_view text = sori_view_slice(m->text, match->start, match->end - match->start);
	const struct sori_name *slot;
	char opened[64];

	slot = sori_names_find(&s->forms, text);
	if (!slot && text.length >= 3 && text.length < sizeof opened) { /* an open form: without the final */
		uint32_t last = sori_last_point(text, NULL);

		memcpy(opened, text.at, text.length);
		if (sori_is_hangul_syllable(last))
			(void)sori_utf8_encode(last - (last - 0xac00) % 28, opened + text.length - 3);
		slot = sori_names_find(&s->forms, sori_view_make(opened, text.length));
	}
	for (uint32_t form = slot ? slot->value : UINT32_MAX; form != UINT32_MAX; form = s->next[form]) {
		uint32_t term = s->l->dictionary->forms[form].term;

		if (!fits(s->l->dictionary, group, term, m->index->group_sets + group->set_first))
			continue;
		if (s->count && s->items[s->count - 1].term == term && s->items[s->count - 1].word == word)
			continue;
		if (SORI_GROW(s->items, s->capacity, s->count + 1) != 0) {
			s->l->failed = true;
			return;
		}
		s->items[s->count++] = (struct suspicion){term, word, left, right};
	}
}

/* Whether other matches, one after another, lead from `from` to `to`. */
static bool is_bridged(const struct sori_matcher *m, uint32_t from, uint32_t to)
{
	bool moved = true;

	while (from < to && moved) {
		moved = false;
		for (size_t i = 0; i < m->match_count; i++)
			if (m->matches[i].start <= from && m->matches[i].tail_end > from && m->matches[i].tail_end <= to) {
				from = m->matches[i].tail_end;
				moved = true;
			}
	}
	return from >= to;
}

static void look_at(struct suspicions *s, uint32_t word)
{
	const struct sori_matcher *m = s->l->matcher;

	for (size_t i = 0; i < m->match_count; i++) {
		const struct sori_term_match *match = &m->matches[i];
		uint8_t kind = sori_match_group(m, match)->kind;
		bool left, right;

		if (match->flags & (SORI_MATCH_LATIN | SORI_MATCH_SUPPRESSED) || kind >= SORI_TERM_ENGLISH)
			continue;
		left = match->start > 0 && !is_bridged(m, 0, match->start);
		right = kind == SORI_TERM_NOUN && match->tail_end < m->text.length &&
			!is_bridged(m, match->tail_end, (uint32_t)m->text.length);
		if (left || right)
			suspect(s, match, word, left, right);
	}
}

static int compare_suspicions(const void *left, const void *right)
{
	const struct suspicion *a = left, *b = right;

	if (a->term != b->term)
		return a->term < b->term ? -1 : 1;
	return a->word < b->word ? -1 : a->word > b->word;
}

/* ---- telling */

static const char *advice(const struct sori_term *term, const struct suspicion *items, size_t count)
{
	size_t lefts = 0, rights = 0;

	for (size_t i = 0; i < count; i++) {
		lefts += items[i].left;
		rights += items[i].right;
	}
	if (count <= 2 && lefts + rights <= 2)
		return "ex= with these words";
	if (lefts >= rights)
		return term->left == SORI_LEFT_ANY ? "left=own" : "left=strict";
	return term->right > SORI_RIGHT_SUFFIX ? "tail=suffix" : "tail=josa";
}

static void tell(struct suspicions *s, const struct suspicion *items, size_t count)
{
	const struct sori_lint_word *words = s->l->wish->words;
	const struct sori_term *term = &s->l->dictionary->terms[items[0].term];
	struct sori_buffer list;
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += words[items[i].word].count;
	if (count < LEAST_WORDS)
		return;
	sori_buffer_init(&list, 4096);
	for (size_t i = 0; i < count && i < SHOWN; i++)
		sori_buffer_add_format(&list, "%s%.*s %llu", i ? ", " : "", (int)(words[items[i].word].text.length < 60 ? words[items[i].word].text.length : 60),
				       words[items[i].word].text.at, (unsigned long long)words[items[i].word].count);
	sori_buffer_add_text(&list, count > SHOWN ? ", …" : "");
	sori_lint_say(s->l, SORI_LINT_WARNING, "false-friend", term->label, (struct sori_place){term->file, term->line, 1},
		      "%.*s stands inside %zu other words, %llu times: %.*s; try %s", (int)term->label.length, term->label.at, count,
		      (unsigned long long)total, (int)list.length, list.at ? list.at : "", advice(term, items, count));
	s->l->failed |= list.failed;
	sori_buffer_release(&list);
}

enum sori_status sori_lint_words(struct sori_linting *l, struct sori_error *error)
{
	struct suspicions s = {.l = l};
	enum sori_status status = SORI_OK;

	if (l->wish->word_count == 0)
		return SORI_OK;
	if (!index_forms(&s))
		l->failed = true;
	for (uint32_t i = 0; i < l->wish->word_count && !l->failed && status == SORI_OK; i++) {
		struct sori_view text = l->wish->words[i].text;

		if (text.length < 9 || text.length > 60 || sori_syllable_count(text) * 3 != text.length)
			continue;
		if (!sori_lint_match(l, text, error))
			status = error->status;
		else
			look_at(&s, i);
	}
	if (s.count)
		qsort(s.items, s.count, sizeof *s.items, compare_suspicions);
	for (size_t i = 0, next; i < s.count; i = next) {
		for (next = i + 1; next < s.count && s.items[next].term == s.items[i].term; next++)
			continue;
		tell(&s, s.items + i, next - i);
	}
	sori_names_release(&s.forms);
	sori_free(s.next);
	sori_free(s.items);
	return status;
}
