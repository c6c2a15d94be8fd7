/* Each cut of the word is tried: the part before as a noun or as one of the allomorphs that conjugation makes, the rest by
 * the ending automaton, which must accept all of it. An allomorph is led back to its stems by undoing each of the few jamo
 * operations; what comes out is conjugated again and must give the allomorph, so that no class is guessed wrongly here. */
#include "stages/extract/stem.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/extract/conjugate.h"
#include "stages/extract/match.h"
#include "stages/extract/syllable.h"

enum { VOWEL_A = 0, VOWEL_AE = 1, VOWEL_EO = 4, VOWEL_E = 5, VOWEL_YEO = 6, VOWEL_O = 8, VOWEL_WA = 9, VOWEL_WAE = 10,
       VOWEL_OE = 11, VOWEL_U = 13, VOWEL_WO = 14, VOWEL_EU = 18, VOWEL_I = 20 };
enum { INITIAL_L = 5, INITIAL_NULL = 11, INITIAL_H = 18 };
enum { NO_FINAL = 0, FINAL_N = 4, FINAL_D = 7, FINAL_L = 8, FINAL_M = 16, FINAL_B = 17, FINAL_S = 19, FINAL_SS = 20 };

struct sori_stemmer {
	struct sori_endings *endings;
	struct sori_arena arena;
	const struct sori_verb_classes *classes;
};

/* One word in work. */
struct guessing {
	struct sori_stemmer *stemmer;
	struct sori_view word;
	struct sori_stem *out;
	size_t count;
};

enum sori_status sori_stemmer_new(struct sori_stemmer **result, const struct sori_dictionary *dictionary,
				  const char *const *folders, size_t folder_count, struct sori_error *error)
{
	struct sori_stemmer *stemmer = sori_alloc_zero(1, sizeof *stemmer);
	enum sori_status status = SORI_NO_INPUT;
	char path[4200];

	*result = NULL;
	if (!stemmer)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_arena_init(&stemmer->arena, (size_t)64 * 1024);
	for (size_t i = 0; i < folder_count && status == SORI_NO_INPUT; i++) {
		if (snprintf(path, sizeof path, "%s/grammar", folders[i]) >= (int)sizeof path)
			continue;
		status = sori_verb_classes_load(&stemmer->classes, &stemmer->arena, path, error);
	}
	if (status == SORI_OK)
		status = sori_endings_new(&stemmer->endings, dictionary->grammar, error);
	if (status != SORI_OK) {
		sori_stemmer_free(stemmer);
		return status;
	}
	*result = stemmer;
	return SORI_OK;
}

void sori_stemmer_free(struct sori_stemmer *stemmer)
{
	if (!stemmer)
		return;
	sori_endings_free(stemmer->endings);
	sori_arena_release(&stemmer->arena);
	sori_free(stemmer);
}

static void add(struct guessing *g, uint8_t kind, struct sori_view stem, size_t tail)
{
	struct sori_stem made = {.kind = kind, .tail = (uint8_t)tail};
	size_t extra = kind == SORI_TERM_VERB ? 3 : 0;

	if (g->count == SORI_STEM_LIMIT || stem.length + extra > SORI_STEM_BYTES || stem.length == 0)
		return;
	memcpy(made.text, stem.at, stem.length);
	memcpy(made.text + stem.length, "다", extra);
	made.length = (uint8_t)(stem.length + extra);
	for (size_t i = 0; i < g->count; i++)
		if (g->out[i].kind == kind && g->out[i].length == made.length && memcmp(g->out[i].text, made.text, made.length) == 0)
			return;
	g->out[g->count++] = made;
}

/* The ending automaton takes all that follows `at`. */
static bool takes_rest(struct guessing *g, unsigned entry, unsigned final, uint32_t at)
{
	struct sori_tail_parse parse;

	return sori_endings_parse(g->stemmer->endings, entry, final, g->word, at, (uint32_t)g->word.length, &parse) && parse.whole;
}

/* ---- nouns */

static void guess_noun(struct guessing *g, uint32_t cut)
{
	uint32_t last = sori_last_point(sori_view_slice(g->word, 0, cut), NULL);
	unsigned final = sori_hangul_final(last);
	unsigned entry = final == NO_FINAL ? SORI_ENTRY_NJV : final == FINAL_L ? SORI_ENTRY_NJL : SORI_ENTRY_NJK;

	if (cut >= 6 && (cut == g->word.length || takes_rest(g, entry, 0, cut)))
		add(g, SORI_TERM_NOUN, sori_view_slice(g->word, 0, cut), g->word.length - cut);
}

/* ---- predicates */

/* The stem conjugates to this allomorph. */
static bool gives(const struct guessing *g, struct sori_view stem, struct sori_view surface, unsigned tail)
{
	struct sori_allomorph made[SORI_ALLOMORPH_LIMIT];
	size_t count = sori_conjugate(g->stemmer->classes, stem, SORI_CLASS_INFER, made);

	for (size_t i = 0; i < count; i++)
		if (made[i].tail == tail && made[i].keep + made[i].add_length == surface.length &&
		    memcmp(surface.at, stem.at, made[i].keep) == 0 &&
		    memcmp(surface.at + made[i].keep, made[i].add, made[i].add_length) == 0)
			return true;
	return false;
}

/* `surface` without its last `drop` syllables, then the syllable `point` (0: none). */
static void try_stem(struct guessing *g, struct sori_view surface, unsigned drop, uint32_t point, unsigned tail, size_t ending)
{
	char text[SORI_STEM_BYTES + 4];
	size_t length = surface.length - 3 * drop;

	if (surface.length < 3 * drop || length + 3 > SORI_STEM_BYTES)
		return;
	memcpy(text, surface.at, length);
	if (point)
		length += sori_utf8_encode(point, text + length);
	if (length && gives(g, sori_view_make(text, length), surface, tail))
		add(g, SORI_TERM_VERB, sori_view_make(text, length), ending);
}

static uint32_t point_at(struct sori_view text, unsigned from_end)
{
	unsigned length;

	return text.length >= 3 * from_end ? sori_utf8_decode(text.at + text.length - 3 * from_end, &length) : 0;
}

static uint32_t with(uint32_t point, unsigned vowel, unsigned final)
{
	return sori_syllable(sori_hangul_initial(point), vowel, final);
}

/* 해 -> 하, 겨 -> 기, 와 -> 오, 빠 -> 쁘, 어 -> left out, 러 after ㄹ -> 르, 워 -> ㅂ … */
static void undo_infinitive(struct guessing *g, struct sori_view surface, size_t ending)
{
	uint32_t last = point_at(surface, 1), before = point_at(surface, 2);
	unsigned vowel = sori_hangul_vowel(last), initial = sori_hangul_initial(last);
	static const unsigned changes[][2] = {{VOWEL_AE, VOWEL_A}, {VOWEL_YEO, VOWEL_I}, {VOWEL_WO, VOWEL_U}, {VOWEL_WA, VOWEL_O},
					      {VOWEL_WAE, VOWEL_OE}, {VOWEL_A, VOWEL_EU}, {VOWEL_EO, VOWEL_EU}};

	try_stem(g, surface, 0, 0, SORI_TAIL_A, ending);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if (vowel == changes[i][0])
			try_stem(g, surface, 1, with(last, changes[i][1], NO_FINAL), SORI_TAIL_A, ending);
	if (!before)
		return;
	if (initial == INITIAL_NULL) {
		try_stem(g, surface, 1, 0, SORI_TAIL_A, ending);
		if (sori_hangul_final(before) == FINAL_L)
			try_stem(g, surface, 2, with(before, sori_hangul_vowel(before), FINAL_D), SORI_TAIL_A, ending);
		if (sori_hangul_final(before) == NO_FINAL) {
			try_stem(g, surface, 2, with(before, sori_hangul_vowel(before), FINAL_B), SORI_TAIL_A, ending);
			try_stem(g, surface, 2, with(before, sori_hangul_vowel(before), FINAL_S), SORI_TAIL_A, ending);
		}
	}
	if (initial == INITIAL_L && sori_hangul_final(before) == FINAL_L) {
		char text[SORI_STEM_BYTES + 8];
		size_t length = surface.length - 6;

		if (length + 6 > SORI_STEM_BYTES)
			return;
		memcpy(text, surface.at, length);
		length += sori_utf8_encode(with(before, sori_hangul_vowel(before), NO_FINAL), text + length);
		memcpy(text + length, "르", 3);
		if (gives(g, sori_view_make(text, length + 3), surface, SORI_TAIL_A))
			add(g, SORI_TERM_VERB, sori_view_make(text, length + 3), ending);
	}
}

/* Open stems: what carries no final of its own; `final` belongs to the ending. */
static void guess_open(struct guessing *g, struct sori_view surface, unsigned final, uint32_t cut)
{
	uint32_t last = point_at(surface, 1), before = point_at(surface, 2);
	size_t ending = g->word.length - cut;

	if (takes_rest(g, SORI_ENTRY_V, final, cut))
		try_stem(g, surface, 0, 0, SORI_TAIL_V, ending);
	if (takes_rest(g, SORI_ENTRY_A, final, cut))
		undo_infinitive(g, surface, ending);
	if (takes_rest(g, SORI_ENTRY_D, final, cut))
		try_stem(g, surface, 1, with(last, sori_hangul_vowel(last), FINAL_L), SORI_TAIL_D, ending);
	if (before && sori_hangul_initial(last) == INITIAL_NULL && sori_hangul_vowel(last) == VOWEL_U &&
	    sori_hangul_final(before) == NO_FINAL && takes_rest(g, SORI_ENTRY_U, final, cut))
		try_stem(g, surface, 2, with(before, sori_hangul_vowel(before), FINAL_B), SORI_TAIL_U, ending);
}

static void guess_closed(struct guessing *g, struct sori_view surface, unsigned final, uint32_t cut)
{
	static const unsigned entries[][2] = {
		{SORI_ENTRY_K, SORI_TAIL_K}, {SORI_ENTRY_L, SORI_TAIL_L}, {SORI_ENTRY_B, SORI_TAIL_B}, {SORI_ENTRY_W, SORI_TAIL_W}};

	(void)final;
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		if (takes_rest(g, entries[i][0], 0, cut))
			try_stem(g, surface, 0, 0, entries[i][1], g->word.length - cut);
}

static void guess_predicate(struct guessing *g, uint32_t cut)
{
	struct sori_view surface = sori_view_slice(g->word, 0, cut);
	uint32_t last = point_at(surface, 1);
	unsigned final = sori_hangul_final(last);
	char opened[SORI_STEM_BYTES + 4];

	if (final == NO_FINAL) {
		guess_open(g, surface, 0, cut);
		return;
	}
	guess_closed(g, surface, final, cut);
	if (cut > SORI_STEM_BYTES || (final != FINAL_N && final != FINAL_L && final != FINAL_M && final != FINAL_B && final != FINAL_SS))
		return;
	memcpy(opened, surface.at, surface.length);
	(void)sori_utf8_encode(last - final, opened + surface.length - 3);
	guess_open(g, sori_view_make(opened, surface.length), final, cut);
}

size_t sori_stem_guess(struct sori_stemmer *stemmer, struct sori_view word, struct sori_stem out[SORI_STEM_LIMIT])
{
	struct guessing g = {.stemmer = stemmer, .word = word, .out = out};

	if (word.length % 3 || word.length > 60 || sori_syllable_count(word) * 3 != word.length)
		return 0;
	for (uint32_t cut = 3; cut <= word.length; cut += 3) {
		guess_noun(&g, cut);
		guess_predicate(&g, cut);
	}
	return g.count;
}

bool sori_matcher_covers(struct sori_matcher *m, uint32_t start, uint32_t end)
{
	sori_passages_whole(m);
	for (size_t i = 0; i < m->match_count; i++)
		if (!(m->matches[i].flags & SORI_MATCH_SUPPRESSED) && m->matches[i].start <= start &&
		    (m->matches[i].tail_end >= end || m->matches[i].end >= end))
			return true;
	return false;
}

bool sori_matcher_serves(struct sori_matcher *m, uint32_t term)
{
	const struct sori_dictionary *d = m->dictionary;

	sori_passages_whole(m);
	for (size_t i = 0; i < m->match_count; i++) {
		const struct sori_group *group = sori_match_group(m, &m->matches[i]);
		const uint16_t *sets = m->index->group_sets + group->set_first;

		for (uint32_t k = 0; k < group->set_count; k++)
			for (uint32_t t = 0; t < d->terms[term].set_count; t++)
				if (sets[k] == d->term_sets[d->terms[term].set_first + t])
					return true;
	}
	return false;
}
