/* What the parts of the Korean scope rules share: the match at hand, its words, and the endings that words are read by. */
#ifndef SORI_EXTRACT_SCOPE_INTERNAL_H
#define SORI_EXTRACT_SCOPE_INTERNAL_H

#include "stages/extract/match.h"
#include "stages/extract/syllable.h"

/* The match with what its rules ask over and over. */
struct scope {
	struct sori_matcher *m;
	struct sori_term_match *match;
	uint32_t clause;
	uint32_t labels;
	bool whole; /* the labels are those of the whole word */
	bool verb;  /* ends in a predicate */
};

static inline bool in_clause(const struct scope *s, uint32_t word)
{
	return word < s->m->word_count && s->m->words[word].clause == s->clause;
}

/* Lists of a word of the clause; 0 outside. */
static inline uint64_t lists(const struct scope *s, uint32_t word)
{
	return in_clause(s, word) ? sori_word_lists(s->m, word) : 0;
}

/* Some word of the passage is in one of the lists. */
static inline bool any_listed(const struct scope *s, uint64_t lists)
{
	return s->m->all_lists & lists;
}

static inline struct sori_view word_text(const struct scope *s, uint32_t word)
{
	return sori_word_text(s->m, word);
}

static inline bool ends_with(struct sori_view text, const char *ending)
{
	size_t n = strlen(ending);
	return text.length >= n && memcmp(text.at + text.length - n, ending, n) == 0;
}

static inline bool begins_with(struct sori_view text, const char *start)
{
	size_t n = strlen(start);
	return text.length >= n && memcmp(text.at, start, n) == 0;
}

/* Ends so that a long negation may follow: 지 지는 지도 지가 지를 진 질. */
static inline bool ends_in_ji(struct sori_view text)
{
	static const char *const endings[] = {"지", "진", "질", "지는", "지도", "지가", "지를", "지만"};
	for (size_t i = 0; i < sizeof endings / sizeof endings[0] - 1; i++)
		if (ends_with(text, endings[i]))
			return true;
	return false;
}

/* The word has a past ending: a syllable with ㅆ below that is not 있 or 겠. */
static inline bool has_past(struct sori_view text)
{
	unsigned length;
	for (size_t at = 0; at < text.length; at += length) {
		uint32_t point = sori_utf8_decode(text.at + at, &length);
		if (sori_is_hangul_syllable(point) && sori_hangul_final(point) == 20 && point != 0xc788 && point != 0xaca0)
			return true;
	}
	return false;
}

static inline bool ends_with_one(struct sori_view text, const char *const *endings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ends_with(text, endings[i]))
			return true;
	return false;
}

/* The predicate whose mood and tense the match shares: its own word, or for nouns and adverbs the next word that is no
 * adverb, one of two. The word count when there is none. */
static inline uint32_t predicate_word(const struct scope *s)
{
	if (s->verb || s->labels & SORI_LABEL_LIGHT)
		return s->match->word;
	for (uint32_t j = s->match->word + 1; j <= s->match->word + 2 && in_clause(s, j); j++)
		if (!(lists(s, j) & (SORI_WORD(ADVERB) | SORI_WORD(AN))))
			return j;
	return (uint32_t)s->m->word_count;
}

/* Who and when (scope_told.c): tags what is told of somebody or something else, and what is past or resolved. */
void sori_scope_told(struct scope *s);

#endif
