/* Surface forms of a term. A spelling is cut into words with the way each is joined to the one before (blank, `_`,
 * hyphen); all words but the last are literal, the last is conjugated, takes particles, or stands for itself. The joins
 * are multiplied out here, so that the matcher knows contiguous strings only. */
#include "stages/extract/compile.h"

#include <stdio.h>

#include "pipeline/base/memory.h"
#include "stages/extract/syllable.h"
#include "stages/extract/table.h"

#define WORDS 12
#define FORM_LIMIT ((size_t)1 << 23)
#define JOINS_MULTIPLIED 5 /* over it: all with blanks, and all glued */

struct word {
	struct sori_view text; /* normalised */
	bool fixed;            /* stood in quotes */
	char join;             /* to the word before: ' ', '_', '-' */
};

struct work {
	struct sori_builder *builder;
	const struct sori_source_term *source;
	const struct sori_spelling *spelling;
	uint32_t term;
	struct word words[WORDS];
	size_t count;
	size_t syllables;
	enum sori_verb_class class;
	char prefix[256]; /* all words before the last, joined */
	size_t prefix_length;
};

static bool fault(struct work *work, const char *text)
{
	sori_source_find(work->builder->source, true, work->spelling->place, "%s", text);
	return true; /* reported; compiling goes on */
}

/* ---- forms, each once in a term. The table holds indices of forms; a slot whose form belongs to an earlier term counts
 * as empty, so that nothing has to be cleared between terms. */

static uint32_t *form_slot(struct sori_builder *builder, const struct sori_form *wanted)
{
	uint64_t hash = sori_hash64(wanted->text, wanted->tail * 2u + wanted->open);
	for (size_t at = hash & (builder->seen_capacity - 1);; at = (at + 1) & (builder->seen_capacity - 1)) {
		uint32_t *slot = &builder->seen[at];
		const struct sori_form *form = *slot < builder->form_count ? &builder->forms[*slot] : NULL;
		if (!form || form->term != wanted->term || (form->tail == wanted->tail && form->open == wanted->open &&
							    sori_view_equal(form->text, wanted->text)))
			return slot;
	}
}

static bool grow_seen(struct sori_builder *builder, uint32_t term)
{
	size_t capacity = builder->seen_capacity ? builder->seen_capacity * 2 : 1024;
	uint32_t *seen = sori_alloc(capacity * sizeof *seen);
	if (!seen)
		return sori_source_fail(builder->source);
	memset(seen, 0xff, capacity * sizeof *seen);
	sori_free(builder->seen);
	builder->seen = seen;
	builder->seen_capacity = capacity;
	for (size_t i = builder->form_count; i > 0 && builder->forms[i - 1].term == term; i--)
		*form_slot(builder, &builder->forms[i - 1]) = (uint32_t)(i - 1);
	return true;
}

bool sori_build_form(struct sori_builder *builder, uint32_t term, struct sori_view text, uint8_t tail, bool open)
{
	struct sori_form form = {text, term, tail, open, false};
	if (builder->seen_term != term || builder->seen_capacity == 0)
		builder->seen_count = 0;
	builder->seen_term = term;
	if (builder->seen_count * 2 >= builder->seen_capacity && !grow_seen(builder, term))
		return false;
	uint32_t *slot = form_slot(builder, &form);
	if (*slot < builder->form_count && builder->forms[*slot].term == term)
		return true;
	if (builder->form_count >= FORM_LIMIT) {
		if (builder->form_count == FORM_LIMIT && !builder->too_many_forms)
			sori_source_find(builder->source, true, builder->term_sources[term]->place, "the dictionary has over %zu forms",
					 FORM_LIMIT);
		builder->too_many_forms = true;
		return true;
	}
	if (SORI_GROW(builder->forms, builder->form_capacity, builder->form_count + 1))
		return sori_source_fail(builder->source);
	form.text = sori_arena_copy(&builder->dictionary->arena, text);
	if (!form.text.at)
		return sori_source_fail(builder->source);
	*slot = (uint32_t)builder->form_count;
	builder->forms[builder->form_count++] = form;
	builder->seen_count++;
	return true;
}

/* ---- spelling to words */

static bool normalize_word(struct work *work, struct sori_view raw, struct word *word)
{
	struct sori_buffer *scratch = &work->builder->scratch;
	sori_buffer_reset(scratch);
	enum sori_status status = sori_normalize_term(raw, scratch);
	if (status == SORI_SYSTEM || scratch->failed)
		return sori_source_fail(work->builder->source);
	word->text = sori_arena_copy(&work->builder->source->arena, sori_view_trim(sori_buffer_view(scratch)));
	if (!word->text.at && scratch->length)
		return sori_source_fail(work->builder->source);
	return true;
}

static bool is_letter_at(struct sori_view text, size_t at)
{
	unsigned char c = at < text.length ? (unsigned char)text.at[at] : 0;
	return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Is text[at] a join of words? Blanks always; `_` in Korean; a hyphen between letters in English. */
static bool is_join(const struct work *work, struct sori_view text, size_t at)
{
	char c = text.at[at];
	bool english = work->source->kind == 'e' || work->source->kind == 'x';
	if (c == ' ' || c == '\t' || c == '_')
		return true;
	return c == '-' && english && at > 0 && is_letter_at(text, at - 1) && is_letter_at(text, at + 1);
}

static bool split_words(struct work *work)
{
	struct sori_view text = work->spelling->text;
	bool quoted = false;
	char join = ' ';
	for (size_t at = 0; at < text.length;) {
		if (text.at[at] == '"' || is_join(work, text, at)) {
			join = text.at[at] == '"' || text.at[at] == '\t' ? join : text.at[at];
			quoted ^= text.at[at++] == '"';
			continue;
		}
		size_t start = at;
		while (at < text.length && text.at[at] != '"' && !is_join(work, text, at))
			at++;
		if (work->count == WORDS)
			return fault(work, "a term has at most 12 words");
		struct word *word = &work->words[work->count];
		*word = (struct word){.fixed = quoted, .join = join};
		join = ' ';
		if (!normalize_word(work, sori_view_make(text.at + start, at - start), word))
			return false;
		work->syllables += sori_syllable_count(word->text);
		work->count += word->text.length > 0;
	}
	return true;
}

/* 묻다/ㄷ: cuts the class off the last word before it is normalised. */
static void cut_class(struct work *work, struct sori_spelling *spelling)
{
	struct sori_view text = spelling->text;
	for (size_t at = text.length; at > 0; at--) {
		if (text.at[at - 1] != '/')
			continue;
		work->class = sori_verb_class_of(sori_view_slice(text, at, text.length));
		if (work->class != SORI_CLASS_INFER)
			spelling->text = sori_view_slice(text, 0, at - 1);
		return;
	}
}

/* ---- the last word */

static bool emit(struct work *work, struct sori_view stem, struct sori_view add, uint8_t tail, bool open)
{
	char text[512];
	size_t length = work->prefix_length + stem.length + add.length;
	if (length >= sizeof text)
		return fault(work, "the term is too long");
	memcpy(text, work->prefix, work->prefix_length);
	if (stem.length)
		memcpy(text + work->prefix_length, stem.at, stem.length);
	if (add.length)
		memcpy(text + work->prefix_length + stem.length, add.at, add.length);
	return sori_build_form(work->builder, work->term, sori_view_make(text, length), tail, open);
}

static bool emit_conjugated(struct work *work, struct sori_view stem, enum sori_verb_class class)
{
	struct sori_allomorph forms[SORI_ALLOMORPH_LIMIT];
	size_t count = sori_conjugate(work->builder->classes, stem, class, forms);
	if (count == 0)
		return fault(work, class ? "the stem does not fit this conjugation class" : "the stem does not conjugate");
	for (size_t i = 0; i < count; i++)
		if (!emit(work, sori_view_slice(stem, 0, forms[i].keep), sori_view_make(forms[i].add, forms[i].add_length),
			  forms[i].tail, forms[i].open))
			return false;
	return true;
}

/* A noun, or any word that only particles follow. Finals on an open last syllable (배터린, 배터립니다) only from two
 * syllables on: 폰 is no 포 with ㄴ. */
static bool emit_noun(struct work *work, struct sori_view word)
{
	struct sori_view none = {"", 0};
	if (!sori_ends_in_hangul(word))
		return emit(work, word, none, SORI_TAIL_WORD, false);
	bool open = sori_ends_open(word) && sori_syllable_count(word) >= 2;
	return emit(work, word, none, SORI_TAIL_NOUN, open);
}

static bool is_predicate(struct sori_view word)
{
	return word.length > 3 && sori_view_ends(word, SORI_VIEW_LITERAL("다"));
}

static struct sori_view stem_of(struct sori_view word)
{
	return sori_view_slice(word, 0, word.length - 3);
}

static bool emit_last(struct work *work)
{
	const struct word *last = &work->words[work->count - 1];
	struct sori_view none = {"", 0};
	char kind = work->source->kind;
	if (kind == 'P' || kind == 'L')
		return emit(work, last->text, none, SORI_TAIL_ANY, false);
	if (kind == 'a')
		return emit(work, last->text, none, sori_ends_in_hangul(last->text) ? SORI_TAIL_END : SORI_TAIL_WORD, false);
	if (last->fixed && kind != 'v')
		return emit(work, last->text, none,
			    kind == 'x' ? SORI_TAIL_ANY : sori_ends_in_hangul(last->text) ? SORI_TAIL_NOUN : SORI_TAIL_WORD, false);
	if (kind != 'n' && is_predicate(last->text))
		return emit_conjugated(work, stem_of(last->text), work->class);
	if (kind == 'v' && work->prefix_length == 0 && !work->source->loose)
		sori_source_find(work->builder->source, false, work->spelling->place,
				 "a predicate ends in -다; taken as a noun (n:)");
	if (kind == 'x')
		return emit(work, last->text, none, sori_ends_in_hangul(last->text) ? SORI_TAIL_ANY : SORI_TAIL_WORD, false);
	return emit_noun(work, last->text);
}

/* ---- the joins */

static bool add_prefix(struct work *work, struct sori_view text)
{
	if (work->prefix_length + text.length >= sizeof work->prefix)
		return false;
	memcpy(work->prefix + work->prefix_length, text.at, text.length);
	work->prefix_length += text.length;
	return true;
}

/* Words before the last with the join of each bit (1: blank); `other` replaces 안 by 않, a common misspelling. */
static bool emit_joined(struct work *work, unsigned mask, bool other)
{
	work->prefix_length = 0;
	for (size_t i = 0; i + 1 < work->count; i++) {
		struct sori_view text = work->words[i].text;
		if (other && i + 2 == work->count)
			text = SORI_VIEW_LITERAL("않");
		if (!add_prefix(work, text) || ((mask >> i & 1) && !add_prefix(work, SORI_VIEW_LITERAL(" "))))
			return fault(work, "the term is too long");
	}
	return emit_last(work);
}

/* May the blank before words[at + 1] be left out? `_` always; a blank in terms of three syllables or more. */
static bool may_glue(const struct work *work, size_t at)
{
	const struct word *next = &work->words[at + 1];
	bool hangul = sori_ends_in_hangul(work->words[at].text) || sori_syllable_count(next->text) > 0;
	return next->join == '_' || work->source->loose || (hangul && work->syllables >= 3 && !next->fixed);
}

static bool emit_masks(struct work *work, bool other)
{
	unsigned joins = (unsigned)work->count - 1, all = (1u << joins) - 1, glue = 0;
	for (unsigned i = 0; i < joins; i++)
		glue |= may_glue(work, i) ? 1u << i : 0u;
	if (joins > JOINS_MULTIPLIED)
		return emit_joined(work, all, other) && (glue == 0 || emit_joined(work, all & ~glue, other));
	for (unsigned mask = 0; mask <= all; mask++)
		if ((mask | glue) == all && !emit_joined(work, mask, other))
			return false;
	return true;
}

/* ---- noun + light verb: 고장나다, 화_나다 */

static const struct sori_light_verb *light_verb_of(const struct work *work, struct sori_view *noun)
{
	const struct sori_light_verb *verbs;
	size_t count = sori_light_verbs(work->builder->classes, &verbs);
	const struct word *last = &work->words[work->count - 1];
	struct sori_view stem = is_predicate(last->text) ? stem_of(last->text) : (struct sori_view){"", 0};
	bool explicit = work->count == 2 && last->join == '_';
	if (work->source->kind != 'v' || work->count > 2 || (work->count == 2 && !explicit))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (explicit ? !sori_view_equal(stem, verbs[i].stem) : !sori_view_ends(stem, verbs[i].stem))
			continue;
		*noun = explicit ? work->words[0].text : sori_view_slice(stem, 0, stem.length - verbs[i].stem.length);
		return explicit || sori_syllable_count(*noun) >= 2 ? &verbs[i] : NULL;
	}
	return NULL;
}

/* "이/가": the first after a final, the second after a vowel. */
static struct sori_view particle_for(struct sori_view noun, struct sori_view choice)
{
	const char *slash = memchr(choice.at, '/', choice.length);
	size_t first = slash ? (size_t)(slash - choice.at) : choice.length;
	return slash && sori_ends_open(noun) ? sori_view_slice(choice, first + 1, choice.length) : sori_view_slice(choice, 0, first);
}

static bool emit_spaced(struct work *work, const struct sori_light_verb *light, struct sori_view noun)
{
	struct sori_view rest = light->particles, choice, none = {"", 0};
	for (choice = none;; choice = sori_table_word(&rest)) {
		bool first = choice.at == none.at;
		if (!first && choice.length == 0)
			return true;
		work->prefix_length = 0;
		if (!add_prefix(work, noun) || (!first && !add_prefix(work, particle_for(noun, choice))) ||
		    !add_prefix(work, SORI_VIEW_LITERAL(" ")))
			return fault(work, "the term is too long");
		if (!emit_conjugated(work, light->stem, SORI_CLASS_INFER))
			return false;
	}
}

static bool emit_light(struct work *work)
{
	struct sori_view noun = {"", 0};
	const struct sori_light_verb *light = light_verb_of(work, &noun);
	if (!light)
		return true;
	if (!emit_spaced(work, light, noun))
		return false;
	work->prefix_length = 0;
	if (sori_view_is(light->stem, "하") && !work->source->no_root && sori_syllable_count(noun) >= 2)
		return emit_noun(work, noun);
	return true;
}

/* loose: a blank may stand between any two syllables. */
static bool emit_loose(struct work *work)
{
	struct sori_view text = work->words[0].text;
	struct word whole = work->words[0];
	unsigned length;
	if (work->count != 1 || work->syllables < 3)
		return true;
	for (size_t at = 0; at < text.length; at += length) {
		sori_utf8_decode(text.at + at, &length);
		if (at == 0)
			continue;
		work->prefix_length = 0;
		work->words[0].text = sori_view_slice(text, at, text.length);
		if (!add_prefix(work, sori_view_slice(text, 0, at)) || !add_prefix(work, SORI_VIEW_LITERAL(" ")) ||
		    !emit_last(work))
			return false;
	}
	work->words[0] = whole;
	return true;
}

/* The long negation of a phrase written short: p:안_열리다 also reads 열리지가 않아요, 열리질 못하네. */
static bool emit_long_negation(struct work *work, const char *auxiliary)
{
	static const char *const links[] = {"지", "지가", "지도", "지를", "지는", "질", "진", "지조차"};
	struct sori_view stem = stem_of(work->words[work->count - 1].text);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		for (int blank = 0; blank < 2; blank++) {
			work->prefix_length = 0;
			if (!add_prefix(work, stem) || !add_prefix(work, sori_view_of(links[i])) ||
			    (blank && !add_prefix(work, SORI_VIEW_LITERAL(" "))))
				return fault(work, "the term is too long");
			if (!emit_conjugated(work, sori_view_of(auxiliary), SORI_CLASS_INFER))
				return false;
		}
	}
	return true;
}

static bool emit_korean(struct work *work)
{
	if (!emit_masks(work, false))
		return false;
	const struct word *before = work->count >= 2 ? &work->words[work->count - 2] : NULL;
	bool not = before && !before->fixed && sori_view_is(before->text, "안");
	bool cannot = before && !before->fixed && sori_view_is(before->text, "못");
	if (not && !emit_masks(work, true))
		return false;
	const struct word *last = &work->words[work->count - 1];
	if ((not || cannot) && work->source->kind == 'p' && work->count == 2 && !last->fixed && is_predicate(last->text) &&
	    !emit_long_negation(work, not ? "않" : "못하"))
		return false;
	if (!emit_light(work))
		return false;
	return !work->source->loose || emit_loose(work);
}

bool sori_gap_noun(const struct sori_builder *builder, struct sori_view spelling, struct sori_view *noun,
		   struct sori_view *verb)
{
	const struct sori_light_verb *verbs;
	size_t count = sori_light_verbs(builder->classes, &verbs);
	const char *join = memchr(spelling.at, '_', spelling.length);
	if (!is_predicate(spelling) || memchr(spelling.at, ' ', spelling.length) || memchr(spelling.at, '"', spelling.length))
		return false;
	struct sori_view stem = stem_of(spelling);
	for (size_t i = 0; i < count; i++) {
		size_t cut = stem.length - verbs[i].stem.length - (join ? 1 : 0);
		if (!verbs[i].gap || !sori_view_ends(stem, verbs[i].stem) || cut >= stem.length ||
		    (join && join != stem.at + cut))
			continue;
		*noun = sori_view_slice(spelling, 0, cut);
		*verb = sori_view_slice(spelling, cut + (join ? 1 : 0), spelling.length);
		return (join || sori_syllable_count(*noun) >= 2) && !sori_is_compound(builder->classes, *noun);
	}
	return false;
}

/* ---- English */

static bool take_english(void *user, struct sori_view form)
{
	struct work *work = user;
	return sori_build_form(work->builder, work->term, form, SORI_TAIL_WORD, false);
}

static bool emit_english(struct work *work)
{
	struct sori_english_word words[WORDS];
	size_t bytes = 0;
	for (size_t i = 0; i < work->count; i++) {
		words[i] = (struct sori_english_word){work->words[i].text, work->words[i].fixed, i > 0 && work->words[i].join == '-'};
		bytes += work->words[i].text.length;
	}
	if (bytes < 2 && is_letter_at(words[0].text, 0) && words[0].text.at[0] > '9')
		return fault(work, "an English term of one letter is too short");
	if (!sori_english_expand(work->builder->english, words, work->count, take_english, work))
		return work->builder->source->failed ? false : fault(work, "a word of the term is too long");
	return true;
}

static bool has_hangul(const struct work *work)
{
	return work->syllables > 0;
}

/* The index files forms by their first characters: ASCII, or such of three bytes (Hangul). */
static bool can_begin(struct sori_view text)
{
	unsigned char first = (unsigned char)text.at[0], next = text.length > 3 ? (unsigned char)text.at[3] : 0;
	if (first < 0x80)
		return first > ' ' && first < 0x7f;
	uint32_t point = sori_last_point(text, NULL);
	bool letter = sori_is_hangul_syllable(point) || (point >= 0x3131 && point <= 0x318e); /* ㅠ */
	return first >= 0xe0 && first < 0xf0 && (next < 0x80 || (next >= 0xe0 && next < 0xf0)) && (text.length > 3 || letter);
}

static bool build_spelling(struct sori_builder *builder, const struct sori_source_term *source,
			   struct sori_spelling spelling, uint32_t term)
{
	struct work work = {.builder = builder, .source = source, .spelling = &spelling, .term = term};
	bool class = source->kind == 'v' || source->kind == 'p' || source->kind == 'x';
	if (class)
		cut_class(&work, &spelling);
	if (!split_words(&work))
		return false;
	if (work.count == 0)
		return fault(&work, "the term is empty");
	if (!can_begin(work.words[0].text))
		return fault(&work, "a term begins with Hangul or ASCII letters, digits or signs");
	bool ambiguous = false;
	if (source->kind == 'v' && work.class == SORI_CLASS_INFER && is_predicate(work.words[work.count - 1].text) &&
	    !work.words[work.count - 1].fixed)
		sori_verb_class_infer(builder->classes, stem_of(work.words[work.count - 1].text), &ambiguous);
	if (ambiguous)
		sori_source_find(builder->source, false, spelling.place,
				 "two verbs are written so: name the class, as in v:묻다/ㄷ or v:묻다/규");
	if (source->kind == 'e' && has_hangul(&work))
		return fault(&work, "an English term holds no Hangul; use n: or p:");
	if (source->kind == 'e' || (source->kind == 'x' && !has_hangul(&work)))
		return emit_english(&work);
	return emit_korean(&work);
}

bool sori_build_forms(struct sori_builder *builder, const struct sori_source_term *source, uint32_t term)
{
	size_t first = builder->form_count;
	for (size_t i = 0; i < source->spelling_count; i++)
		if (!build_spelling(builder, source, source->spellings[i], term))
			return false;
	for (size_t i = first; i < builder->form_count; i++)
		builder->forms[i].upper = source->upper && builder->forms[i].tail == SORI_TAIL_WORD;
	return true;
}
