/* False friends: where terms stand inside words of a background that are other words. Each word goes through the matcher
 * alone. Feedback is written without blanks as often as not, so most of what stands around a term is a word of its own; a
 * match is suspected only
 *   on the left   when the letters before it are no chain of known terms, no word of the background, and, if they are one
 *                 syllable, no prefix and no word of the grammar (넘, 안, 왜): 참여는 is no v:열다
 *   on the right  in words of a list only, when a noun leaves two syllables or more that begin no known term and no word of
 *                 the background: 사기꾼들. In texts what follows a noun unknown is nearly always a compound of it.
 * Suspicions are gathered per spelling; one is told with the boundary mode that would end it. */
#include "stages/extract/lint_internal.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/extract/syllable.h"

#define SHORT_SYLLABLES 3u
#define SHOWN 6u
#define LEAST_WORDS 2u
#define LEAST_TIMES 3u

struct suspicion {
	uint32_t form; /* the first of its text */
	uint32_t term;
	uint32_t word; /* of the background */
	bool left, right;
};

struct suspicions {
	struct sori_linting *l;
	struct sori_names forms; /* text -> first form; the rest by `next` */
	struct sori_names words; /* the background */
	struct sori_names glued; /* @prefix and @left */
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
		uint8_t kind = d->terms[form->term].kind;
		struct sori_name *slot;

		if ((kind == SORI_TERM_PREFIX || kind == SORI_TERM_LEFT) && !sori_names_put(&s->glued, form->text))
			return false;
		if (kind >= SORI_TERM_ENGLISH || form->text.length > 3 * SHORT_SYLLABLES)
			continue;
		slot = sori_names_put(&s->forms, form->text);
		if (!slot)
			return false;
		s->next[i] = slot->value;
		slot->value = i;
	}
	return s->next != NULL;
}

static bool index_words(struct suspicions *s)
{
	for (size_t i = 0; i < s->l->wish->word_count; i++) {
		struct sori_name *slot = sori_names_put(&s->words, s->l->wish->words[i].text);

		if (!slot)
			return false;
		slot->value = 1;
	}
	return true;
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

/* The forms of this text; of an open form the text's final is taken off. */
static uint32_t forms_of(const struct suspicions *s, struct sori_view text)
{
	const struct sori_name *slot = sori_names_find(&s->forms, text);
	uint32_t last = sori_last_point(text, NULL);
	char opened[64];

	if (slot || text.length < 3 || text.length > sizeof opened - 4 || !sori_is_hangul_syllable(last))
		return slot ? slot->value : UINT32_MAX;
	memcpy(opened, text.at, text.length);
	(void)sori_utf8_encode(last - sori_hangul_final(last), opened + text.length - 3);
	slot = sori_names_find(&s->forms, sori_view_make(opened, text.length));
	return slot ? slot->value : UINT32_MAX;
}

static void suspect(struct suspicions *s, const struct sori_term_match *match, uint32_t word, bool left, bool right)
{
	const struct sori_matcher *m = s->l->matcher;
	const struct sori_group *group = sori_match_group(m, match);
	uint32_t first = forms_of(s, sori_view_slice(m->text, match->start, match->end - match->start));

	for (uint32_t form = first; form != UINT32_MAX; form = s->next[form]) {
		uint32_t term = s->l->dictionary->forms[form].term;

		if (!fits(s->l->dictionary, group, term, m->index->group_sets + group->set_first))
			continue;
		for (size_t i = s->count; i > 0 && s->items[i - 1].word == word; i--)
			if (s->items[i - 1].form == first)
				return;
		if (SORI_GROW(s->items, s->capacity, s->count + 1) != 0)
			s->l->failed = true;
		else
			s->items[s->count++] = (struct suspicion){first, term, word, left, right};
		return;
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

static bool is_word(const struct suspicions *s, struct sori_view text)
{
	const struct sori_name *slot = sori_names_find(&s->words, text);

	return slot && slot->value == 1;
}

static bool is_strange_before(const struct suspicions *s, const struct sori_term_match *match)
{
	const struct sori_matcher *m = s->l->matcher;
	struct sori_view before = sori_view_slice(m->text, 0, match->start);

	if (before.length == 3)
		return !sori_names_find(&s->glued, before) && !sori_grammar_word(s->l->dictionary->grammar, before);
	return before.length > 3 && sori_match_group(m, match)->left == SORI_LEFT_ANY && !is_bridged(m, 0, match->start) &&
	       !is_word(s, before);
}

static bool is_strange_behind(const struct suspicions *s, const struct sori_term_match *match)
{
	const struct sori_matcher *m = s->l->matcher;
	struct sori_view behind = sori_view_slice(m->text, match->tail_end, m->text.length);

	if (sori_match_group(m, match)->kind != SORI_TERM_NOUN || sori_match_group(m, match)->right < SORI_RIGHT_OPEN || behind.length < 6 ||
	    is_bridged(m, match->tail_end, (uint32_t)m->text.length))
		return false;
	for (size_t length = behind.length; length >= 6; length -= 3)
		if (is_word(s, sori_view_slice(behind, 0, length)))
			return false;
	for (size_t i = 0; i < m->match_count; i++)
		if (m->matches[i].start == match->tail_end)
			return false;
	return true;
}

static void look_at(struct suspicions *s, uint32_t word)
{
	const struct sori_matcher *m = s->l->matcher;

	for (size_t i = 0; i < m->match_count; i++) {
		const struct sori_term_match *match = &m->matches[i];
		bool left, right;

		if (match->flags & (SORI_MATCH_LATIN | SORI_MATCH_SUPPRESSED) || sori_match_group(m, match)->kind >= SORI_TERM_ENGLISH)
			continue;
		left = is_strange_before(s, match);
		right = !left && s->l->wish->words[word].lexeme && is_strange_behind(s, match);
		if (left || right)
			suspect(s, match, word, left, right);
	}
}

static int compare_suspicions(const void *left, const void *right)
{
	const struct suspicion *a = left, *b = right;

	if (a->form != b->form)
		return a->form < b->form ? -1 : 1;
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

/* The most frequent words first; few, so that a selection will do. */
static void add_shown(struct suspicions *s, const struct suspicion *items, size_t count, struct sori_buffer *list)
{
	const struct sori_lint_word *words = s->l->wish->words;
	uint64_t below = UINT64_MAX;

	for (size_t shown = 0; shown < count && shown < SHOWN;) {
		uint64_t most = 0;

		for (size_t i = 0; i < count; i++)
			if (words[items[i].word].count < below && words[items[i].word].count > most)
				most = words[items[i].word].count;
		for (size_t i = 0; i < count && shown < SHOWN; i++) {
			const struct sori_lint_word *word = &words[items[i].word];

			if (word->count != most)
				continue;
			sori_buffer_add_text(list, shown++ ? ", " : "");
			sori_buffer_add_view(list, sori_lint_cut(word->text, 60));
			sori_buffer_add_format(list, " %llu", (unsigned long long)word->count);
		}
		below = most;
	}
	sori_buffer_add_text(list, count > SHOWN ? ", …" : "");
}

static void tell(struct suspicions *s, const struct suspicion *items, size_t count)
{
	const struct sori_dictionary *d = s->l->dictionary;
	const struct sori_term *term = &d->terms[items[0].term];
	struct sori_view text = d->forms[items[0].form].text;
	struct sori_buffer list;
	uint64_t total = 0;
	bool lexeme = false, harmless;

	for (size_t i = 0; i < count; i++) {
		total += s->l->wish->words[items[i].word].count;
		lexeme |= s->l->wish->words[items[i].word].lexeme;
	}
	if (!lexeme && (count < LEAST_WORDS || total < LEAST_TIMES))
		return;
	harmless = count < LEAST_WORDS && total < LEAST_TIMES; /* one word, never met: worth knowing, no more */
	sori_buffer_init(&list, 4096);
	add_shown(s, items, count, &list);
	sori_lint_say(s->l, harmless ? SORI_LINT_NOTE : SORI_LINT_WARNING, "false-friend", text, (struct sori_place){term->file, term->line, 1},
		      "%.*s (of %.*s) stands inside %zu other word%s, %llu times: %.*s; try %s", (int)text.length, text.at,
		      (int)sori_lint_cut(term->label, 60).length, term->label.at, count, count == 1 ? "" : "s",
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
	if (!index_forms(&s) || !index_words(&s))
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
		for (next = i + 1; next < s.count && s.items[next].form == s.items[i].form; next++)
			continue;
		tell(&s, s.items + i, next - i);
	}
	sori_names_release(&s.forms);
	sori_names_release(&s.words);
	sori_names_release(&s.glued);
	sori_free(s.next);
	sori_free(s.items);
	return status;
}
