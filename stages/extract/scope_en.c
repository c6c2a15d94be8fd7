/* Tags of an English match. Negators reach four content words to the right ("no" three), never past a clause border or
 * a clause word; fixed phrases (not only, can't go wrong) do not negate. What ended is negated too: "stopped dropping",
 * "the issue was fixed". */
#include "stages/extract/match.h"

#define REACH 4u
#define REACH_NO 3u
#define LOOK 6u

static bool same_clause(const struct sori_matcher *m, uint32_t a, uint32_t b)
{
	return b < m->word_count && m->words[a].clause == m->words[b].clause;
}

/* The word `number` negates, unless it begins (or stands second in) a fixed phrase. */
static bool negates(struct sori_matcher *m, uint32_t number)
{
	const struct sori_grammar *g = m->dictionary->grammar;
	uint32_t start = m->words[number].start;
	if (sori_grammar_fixed_phrase(g, sori_view_slice(m->text, start, 64)))
		return false;
	if (number == 0)
		return true;
	size_t length = sori_grammar_fixed_phrase(g, sori_view_slice(m->text, m->words[number - 1].start, 64));
	return m->words[number - 1].start + length <= start;
}

static void negation(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t content = 0;
	for (uint32_t j = match->first_word; j-- > 0 && content < REACH && same_clause(m, match->first_word, j);) {
		uint64_t lists = sori_word_lists(m, j);
		bool no = lists & SORI_WORD(EN_NO) && content < REACH_NO;
		if ((no || lists & SORI_WORD(EN_NEG)) && negates(m, j))
			sori_match_negate(match, m->words[j].start);
		content += !(lists & SORI_WORD(EN_SKIP));
	}
	uint32_t next = match->word + 1;
	bool glued = m->words[match->word].end > match->end && sori_word_lists(m, match->word) & SORI_WORD(EN_FREE);
	bool spaced = same_clause(m, match->word, next) && sori_view_is(sori_word_text(m, next), "free");
	if (glued || spaced)
		sori_match_negate(match, glued ? match->end : m->words[next].start);
}

/* A word of ending before (stopped X) or after (X was fixed), not itself negated. */
static void ended(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t first = match->first_word > 3 ? match->first_word - 3 : 0;
	for (uint32_t j = first; j <= match->word + 3 && j < m->word_count; j++) {
		if ((j >= match->first_word && j <= match->word) || !same_clause(m, match->word, j) ||
		    !(sori_word_lists(m, j) & SORI_WORD(EN_ENDED)))
			continue;
		bool denied = false;
		for (uint32_t back = 1; back <= 3 && back <= j && same_clause(m, j, j - back); back++)
			denied |= (sori_word_lists(m, j - back) & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO) | SORI_WORD(EN_WISH))) != 0;
		if (!denied)
			sori_match_negate(match, m->words[j].start);
		return;
	}
}

static bool listed_before(struct sori_matcher *m, const struct sori_term_match *match, uint64_t lists)
{
	for (uint32_t back = 1; back <= LOOK && back <= match->first_word; back++) {
		if (!same_clause(m, match->first_word, match->first_word - back))
			return false;
		if (sori_word_lists(m, match->first_word - back) & lists)
			return true;
	}
	return false;
}

static bool used_to(struct sori_matcher *m, const struct sori_term_match *match)
{
	for (uint32_t back = 2; back <= 4 && back <= match->first_word; back++) {
		uint32_t j = match->first_word - back;
		if (same_clause(m, match->first_word, j) && sori_view_is(sori_word_text(m, j), "used") &&
		    sori_view_is(sori_word_text(m, j + 1), "to"))
			return true;
	}
	return false;
}

/* A question asked with an auxiliary first ("does it …?"); why and how questions complain. */
static bool asked(struct sori_matcher *m, const struct sori_term_match *match)
{
	uint32_t first = match->first_word, last = match->word;
	while (first > 0 && match->first_word - first < 12 && same_clause(m, match->first_word, first - 1))
		first--;
	while (last - match->word < 12 && same_clause(m, match->word, last + 1))
		last++;
	return m->words[last].flags & SORI_WORD_ASKS && sori_word_lists(m, first) & SORI_WORD(EN_ASK);
}

void sori_scope_english(struct sori_matcher *m, struct sori_term_match *match)
{
	negation(m, match);
	ended(m, match);
	if (listed_before(m, match, SORI_WORD(EN_IF)))
		match->tags |= SORI_TAG_HYPOTHETICAL;
	if (listed_before(m, match, SORI_WORD(EN_WISH)))
		match->tags = (uint16_t)((match->tags & ~SORI_TAG_HYPOTHETICAL) | SORI_TAG_WISH);
	if (asked(m, match))
		match->tags |= SORI_TAG_QUESTION;
	if (listed_before(m, match, SORI_WORD(EN_BEFORE)))
		match->tags |= SORI_TAG_PAST;
	if (used_to(m, match))
		match->tags |= SORI_TAG_PAST | SORI_TAG_RESOLVED;
}
