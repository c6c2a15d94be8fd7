/* Spellings one letter off a known term. Letters are jamo: 와이파이 and 와아파이 differ in one. Neighbours are found by
 * deletion (Garbe's symmetric delete): two words at distance one have a common word among themselves and what is left of
 * them when one letter is taken out, so a table over those of the known terms answers without comparing all with all.
 * Spacing: two neighbouring words that joined are a known term, and that the dictionary does not read as it. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/suggest.h"

#define LEAST_JAMO 6u  /* shorter words have too many neighbours that are other words */
#define LEAST_SYLLABLES 3u
#define JAMO_LIMIT 48u
#define LEAST_COUNT 3u

struct known {
	uint64_t hash; /* of the form with one letter left out, or whole */
	uint32_t form;
};

struct searching {
	struct sori_suggest *suggest;
	struct known *table;
	size_t count, capacity;
	struct sori_names forms; /* text -> form */
	struct sori_names lemmas; /* stem -> texts it stands in */
	uint32_t *texts;         /* per lemma: texts it stands in */
	uint32_t *example;       /* per lemma: the first text + 1 */
};

struct letters {
	uint16_t at[JAMO_LIMIT];
	size_t count;
};

static bool spell(struct sori_view text, struct letters *letters)
{
	unsigned length;

	letters->count = 0;
	for (size_t at = 0; at < text.length; at += length) {
		uint32_t point = sori_utf8_decode(text.at + at, &length);

		if (letters->count + 3 > JAMO_LIMIT)
			return false;
		if (!sori_is_hangul_syllable(point)) {
			letters->at[letters->count++] = (uint16_t)point;
			continue;
		}
		letters->at[letters->count++] = (uint16_t)(1 + sori_hangul_initial(point));
		letters->at[letters->count++] = (uint16_t)(30 + sori_hangul_vowel(point));
		if (sori_hangul_final(point))
			letters->at[letters->count++] = (uint16_t)(60 + sori_hangul_final(point));
	}
	return true;
}

static uint64_t hash_without(const struct letters *letters, size_t left_out)
{
	uint16_t rest[JAMO_LIMIT];
	size_t count = 0;

	for (size_t i = 0; i < letters->count; i++)
		if (i != left_out)
			rest[count++] = letters->at[i];
	return sori_hash64(sori_view_make((const char *)rest, count * sizeof *rest), 0);
}

/* One letter changed, added or left out. */
static bool is_near(const struct letters *a, const struct letters *b)
{
	size_t from = 0, left_a = a->count, left_b = b->count;

	while (from < left_a && from < left_b && a->at[from] == b->at[from])
		from++;
	while (left_a > from && left_b > from && a->at[left_a - 1] == b->at[left_b - 1]) {
		left_a--;
		left_b--;
	}
	return left_a - from <= 1 && left_b - from <= 1 && (left_a > from || left_b > from);
}

static int compare_known(const void *left, const void *right)
{
	const struct known *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->form < b->form ? -1 : a->form > b->form;
}

/* Stems and nouns that stand for a word of their own: what an author wrote, not its endings. */
static bool is_base(const struct sori_dictionary *d, const struct sori_form *form)
{
	uint8_t kind = d->terms[form->term].kind;

	if (d->terms[form->term].set_count == 0 || kind > SORI_TERM_ADVERB)
		return false;
	return form->tail == SORI_TAIL_NOUN || form->tail == SORI_TAIL_END || form->tail == SORI_TAIL_V || form->tail == SORI_TAIL_K ||
	       form->tail == SORI_TAIL_L || form->tail == SORI_TAIL_B;
}

static bool add_known(struct searching *s, uint32_t form)
{
	struct sori_view text = s->suggest->dictionary->forms[form].text;
	struct letters letters;
	struct sori_name *slot = sori_names_put(&s->forms, text);

	if (!slot)
		return false;
	if (slot->value != UINT32_MAX)
		return true;
	slot->value = form;
	if (memchr(text.at, ' ', text.length) || !spell(text, &letters) || letters.count + 1 < LEAST_JAMO)
		return true;
	if (SORI_GROW(s->table, s->capacity, s->count + letters.count + 1) != 0)
		return false;
	for (size_t i = 0; i <= letters.count; i++)
		s->table[s->count++] = (struct known){hash_without(&letters, i), form};
	return true;
}

static bool build_table(struct searching *s)
{
	const struct sori_dictionary *d = s->suggest->dictionary;

	for (uint32_t i = 0; i < d->form_count; i++)
		if (is_base(d, &d->forms[i]) && !add_known(s, i))
			return false;
	if (s->count)
		qsort(s->table, s->count, sizeof *s->table, compare_known);
	return true;
}

static bool count_lemmas(struct searching *s)
{
	const struct sori_suggest *g = s->suggest;
	uint32_t *last = sori_alloc_zero(g->lemma_count + 1, sizeof *last);

	s->texts = sori_alloc_zero(g->lemma_count + 1, sizeof *s->texts);
	s->example = sori_alloc_zero(g->lemma_count + 1, sizeof *s->example);
	for (size_t i = 0; last && s->texts && s->example && i < g->text_count; i++)
		for (size_t k = 0; k < g->text[i].word_count; k++) {
			uint32_t word = g->sequence[g->text[i].word_first + k];
			uint32_t lemma = word == SORI_SUGGEST_BREAK ? SORI_SUGGEST_NONE : g->words[word].lemma;

			if (lemma == SORI_SUGGEST_NONE || last[lemma] == i + 1)
				continue;
			last[lemma] = (uint32_t)i + 1;
			s->texts[lemma]++;
			if (!s->example[lemma])
				s->example[lemma] = (uint32_t)i + 1;
		}
	sori_free(last);
	return last && s->texts && s->example;
}

/* The stem of a predicate is what forms hold. */
static struct sori_view stem_of(const struct sori_suggest_lemma *lemma)
{
	return lemma->kind == 'v' ? sori_view_slice(lemma->text, 0, lemma->text.length - 3) : lemma->text;
}

static struct sori_view quote_of(const struct sori_suggest *s, uint32_t text)
{
	struct sori_view view = text ? sori_view_make(s->texts.at + s->text[text - 1].start, s->text[text - 1].length) : sori_view_of("");

	view.length = view.length < 150 ? view.length : 150;
	view.length = sori_utf8_valid_prefix(view);
	return view;
}

static bool push(struct sori_suggest *s, struct sori_suggest_variant variant)
{
	if (SORI_GROW(s->variants, s->variant_capacity, s->variant_count + 1) != 0)
		return false;
	s->variants[s->variant_count++] = variant;
	return true;
}

/* How often each stem is met, known or not. */
static bool index_lemmas(struct searching *s)
{
	for (size_t i = 0; i < s->suggest->lemma_count; i++) {
		struct sori_name *slot = sori_names_put(&s->lemmas, stem_of(&s->suggest->lemmas[i]));

		if (!slot)
			return false;
		slot->value = (slot->value == UINT32_MAX ? 0 : slot->value) + s->texts[i];
	}
	return true;
}

/* A slip is rarer than what it slipped from. */
static bool is_rarer(const struct searching *s, uint32_t texts, struct sori_view known)
{
	const struct sori_name *slot = sori_names_find(&s->lemmas, known);

	return slot && texts * 2 <= slot->value;
}

/* The nearest known form, UINT32_MAX: none; of several the first written down. */
static uint32_t near_form(const struct searching *s, struct sori_view text, uint8_t kind)
{
	const struct sori_dictionary *d = s->suggest->dictionary;
	struct letters letters, other;
	uint32_t best = UINT32_MAX;

	if (!spell(text, &letters) || letters.count < LEAST_JAMO)
		return UINT32_MAX;
	for (size_t i = 0; i <= letters.count; i++) {
		uint64_t hash = hash_without(&letters, i);
		size_t low = 0, high = s->count;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (s->table[middle].hash < hash)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < s->count && s->table[low].hash == hash; low++)
			if (s->table[low].form < best && d->terms[d->forms[s->table[low].form].term].kind == kind &&
			    spell(d->forms[s->table[low].form].text, &other) && is_near(&letters, &other))
				best = s->table[low].form;
	}
	return best;
}

static bool find_spellings(struct searching *s)
{
	struct sori_suggest *g = s->suggest;

	for (size_t i = 0; i < g->lemma_count; i++) {
		const struct sori_suggest_lemma *lemma = &g->lemmas[i];
		struct sori_view text;
		uint32_t form;

		if (lemma->known || lemma->plain || s->texts[i] < LEAST_COUNT || lemma->kind == 'e' || lemma->kind == 'x')
			continue;
		text = stem_of(lemma);
		if (text.length < 3 * LEAST_SYLLABLES - (lemma->kind == 'v' ? 3 : 0))
			continue;
		form = near_form(s, text, lemma->kind == 'v' ? SORI_TERM_VERB : SORI_TERM_NOUN);
		if (form != UINT32_MAX && is_rarer(s, s->texts[i], g->dictionary->forms[form].text) &&
		    !push(g, (struct sori_suggest_variant){.written = lemma->text, .known = g->dictionary->forms[form].text,
							     .term = g->dictionary->forms[form].term, .count = s->texts[i],
							     .quote = quote_of(g, s->example[i])}))
			return false;
	}
	return true;
}

/* ---- spacing */

static bool find_spacing(struct searching *s, struct sori_matcher *matcher, struct sori_batch *batch, struct sori_names *seen,
			 size_t text, struct sori_error *error, enum sori_status *status)
{
	struct sori_suggest *g = s->suggest;

	for (size_t k = 1; k < g->text[text].word_count; k++) {
		uint32_t a = g->sequence[g->text[text].word_first + k - 1], b = g->sequence[g->text[text].word_first + k];
		char joined[160], spaced[164];
		struct sori_view left, right;
		const struct sori_name *form;
		struct sori_name *slot;
		size_t length;

		if (a == SORI_SUGGEST_BREAK || b == SORI_SUGGEST_BREAK || !g->words[a].hangul || !g->words[b].hangul ||
		    g->words[b].lemma == SORI_SUGGEST_NONE)
			continue;
		left = g->words[a].text;
		right = stem_of(&g->lemmas[g->words[b].lemma]);
		length = left.length + right.length;
		if (length < 9 || length + 1 > sizeof joined)
			continue;
		memcpy(joined, left.at, left.length);
		memcpy(joined + left.length, right.at, right.length);
		form = sori_names_find(&s->forms, sori_view_make(joined, length));
		if (!form)
			continue;
		memcpy(spaced, left.at, left.length);
		spaced[left.length] = ' ';
		memcpy(spaced + left.length + 1, right.at, right.length);
		slot = sori_names_put(seen, sori_view_make(spaced, length + 1));
		if (!slot)
			return false;
		if (slot->value == UINT32_MAX) {
			struct sori_view copy = sori_arena_copy(&g->arena, slot->key);
			uint32_t term = g->dictionary->forms[form->value].term;

			*status = copy.at ? sori_extract_text(matcher, copy, batch, error) : SORI_SYSTEM;
			if (*status != SORI_OK)
				return false;
			slot->key = copy;
			slot->value = (uint32_t)g->variant_count;
			if (!push(g, (struct sori_suggest_variant){
					     .written = copy, .known = g->dictionary->forms[form->value].text, .term = term, .spacing = true,
					     .count = sori_matcher_serves(matcher, term) ? SORI_SUGGEST_NONE : 0,
					     .quote = quote_of(g, (uint32_t)text + 1)}))
				return false;
		}
		if (g->variants[slot->value].count != SORI_SUGGEST_NONE)
			g->variants[slot->value].count++;
	}
	return true;
}

static enum sori_status find_spacings(struct searching *s, struct sori_error *error)
{
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	struct sori_names seen = {0};
	enum sori_status status = batch ? sori_matcher_new(&matcher, s->suggest->dictionary, error)
					: sori_fail(error, SORI_SYSTEM, "out of memory");

	for (size_t i = 0; i < s->suggest->text_count && status == SORI_OK; i++)
		if (!find_spacing(s, matcher, batch, &seen, i, error, &status) && status == SORI_OK)
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_names_release(&seen);
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	return status;
}

static int compare_variants(const void *left, const void *right)
{
	const struct sori_suggest_variant *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return sori_view_compare(a->written, b->written);
}

static void keep_frequent(struct sori_suggest *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->variant_count; i++)
		if (g->variants[i].count != SORI_SUGGEST_NONE && g->variants[i].count >= LEAST_COUNT)
			g->variants[kept++] = g->variants[i];
	g->variant_count = kept;
	if (kept)
		qsort(g->variants, kept, sizeof *g->variants, compare_variants);
	if (g->variant_count > g->top)
		g->variant_count = g->top;
}

enum sori_status sori_suggest_variants(struct sori_suggest *suggest, struct sori_error *error)
{
	struct searching s = {.suggest = suggest};
	enum sori_status status = SORI_OK;

	if (!build_table(&s) || !count_lemmas(&s) || !index_lemmas(&s) || !find_spellings(&s))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = find_spacings(&s, error);
	if (status == SORI_OK)
		keep_frequent(suggest);
	sori_names_release(&s.forms);
	sori_names_release(&s.lemmas);
	sori_free(s.table);
	sori_free(s.texts);
	sori_free(s.example);
	return status;
}
