/* Tags of an English match. Negators reach four content words to the right ("no" three), never past a clause border or
 * a clause word; fixed phrases (not only, can't go wrong) do not negate, nor does a negator that a longer term before the
 * match has used up ("not working crashes"). What ended is negated too: "stopped dropping", "the issue was fixed".
 * A wish takes the negation away (it would be nice if it didn't crash): what is wished away is there. What is told of
 * before or of somebody else's is set against the next clause, which must say how it is now or with one's own. */
#include "stages/extract/match.h"

#define REACH 4u
#define REACH_NO 3u
#define LOOK 6u
#define LOOK_FAR 8u
#define LOOK_AHEAD 14u

static bool same_clause(const struct sori_matcher *m, uint32_t a, uint32_t b)
{
	return b < m->word_count && m->words[a].clause == m->words[b].clause;
}

static bool same_sentence(const struct sori_matcher *m, uint32_t a, uint32_t b)
{
	return b < m->word_count && m->words[a].sentence == m->words[b].sentence;
}

static bool word_is(const struct sori_matcher *m, uint32_t number, const char *text)
{
	return number < m->word_count && sori_view_is(sori_word_text(m, number), text);
}

static uint64_t lists_at(struct sori_matcher *m, uint32_t number)
{
	return number < m->word_count ? sori_word_lists(m, number) : 0;
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

/* The negator `number` belongs to a term of two words or more that ends right before the match, and whose last word
 * leaves nothing open: "not working" has its negator for itself, "don't have" and "no longer" have not. */
static bool used_up(struct sori_matcher *m, const struct sori_term_match *match, uint32_t number)
{
	if (number + 2 > match->first_word || lists_at(m, number) & SORI_WORD(EN_NO) ||
	    lists_at(m, match->first_word - 1) & (SORI_WORD(EN_OPEN) | SORI_WORD(EN_SKIP)))
		return false;
	const struct sori_term_match *other = match;
	for (unsigned back = 0; back < SORI_OVERLAP_WINDOW && other > m->matches; back++) {
		other--;
		if (other->start < m->words[number].start)
			return false;
		if (other->start == m->words[number].start && other->word + 1 == match->first_word)
			return true;
	}
	return false;
}

/* One more negator over the clause: "there isn't a day when it doesn't drop". */
static void no_day(struct sori_matcher *m, struct sori_term_match *match, uint32_t negator)
{
	for (uint32_t back = 2; back <= LOOK_FAR && back <= negator; back++) {
		uint32_t j = negator - back;
		if (!same_clause(m, match->first_word, j))
			return;
		if (!(lists_at(m, j) & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO))))
			continue;
		for (uint32_t k = j + 1; k <= j + 4 && k < negator; k++)
			if (lists_at(m, k) & SORI_WORD(EN_DAY)) {
				sori_match_negate(match, m->words[j].start);
				return;
			}
	}
}

/* Something is free of it: "lag-free", "free" as the last word of its clause or before "and", "so"; not "great free app". */
static void free_of(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t next = match->word + 1;
	if (m->words[match->word].end > match->end && lists_at(m, match->word) & SORI_WORD(EN_FREE)) {
		sori_match_negate(match, match->end);
		return;
	}
	if (!same_clause(m, match->word, next) || !word_is(m, next, "free"))
		return;
	if (!same_clause(m, match->word, next + 1) || word_is(m, next + 1, "and") || word_is(m, next + 1, "so"))
		sori_match_negate(match, m->words[next].start);
}

/* The match says no itself: "nobody answers", "doesn't work". */
static bool says_no(struct sori_matcher *m, const struct sori_term_match *match)
{
	if (match->word == match->first_word)
		return false;
	for (uint32_t j = match->first_word; j <= match->word; j++)
		if (sori_word_lists(m, j) & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO)))
			return true;
	return false;
}

static bool of_trouble(struct sori_matcher *m, uint32_t number)
{
	return word_is(m, number, "problem") || word_is(m, number, "problems") || word_is(m, number, "issue") ||
	       word_is(m, number, "issues") || word_is(m, number, "trouble");
}

/* The negator leaves what follows standing: "don't understand why", "doesn't fix the crash" (but "not understand" as the
 * match itself is denied), "never had so many", "no it is". */
static bool leaves_standing(struct sori_matcher *m, const struct sori_term_match *match, uint32_t number)
{
	uint32_t next = number + 1;
	if (next < match->first_word && lists_at(m, next) & SORI_WORD(EN_MEND))
		return true;
	if (lists_at(m, number) & SORI_WORD(EN_NO)) {
		for (uint32_t j = next; j < match->first_word; j++)
			if (of_trouble(m, j) || word_is(m, j, "complaints") || word_is(m, j, "doubt"))
				return true; /* "no problems great sound" */
		return next <= match->first_word && (word_is(m, next, "it") || word_is(m, next, "i") || word_is(m, next, "you") ||
						     word_is(m, next, "we") || word_is(m, next, "they"));
	}
	for (uint32_t j = next; word_is(m, number, "never") && j < match->first_word; j++)
		if (word_is(m, j, "so") || word_is(m, j, "such") || word_is(m, j, "this"))
			return true;
	return false;
}

static void negation(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t content = 0;
	bool some = m->all_lists & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO));
	bool itself = some && says_no(m, match), trouble = false;
	for (uint32_t j = match->first_word; some && j-- > 0 && content < REACH && same_clause(m, match->first_word, j);) {
		if (word_is(m, j, "when"))
			break;
		uint64_t lists = sori_word_lists(m, j);
		bool no = lists & SORI_WORD(EN_NO) && content < REACH_NO;
		trouble |= of_trouble(m, j);
		bool denies = !itself || trouble || word_is(m, j, "nothing"); /* "nothing I don't like" */
		if (denies && (no || lists & SORI_WORD(EN_NEG)) && negates(m, j) && !used_up(m, match, j) &&
		    !leaves_standing(m, match, j)) {
			sori_match_negate(match, m->words[j].start);
			no_day(m, match, j);
			if (word_is(m, j, "nor"))
				break; /* "neither … nor …" denies once */
		}
		content += !(lists & SORI_WORD(EN_SKIP));
	}
	free_of(m, match);
}

/* "was fixed", "got resolved": told as done. */
static bool is_done(struct sori_matcher *m, uint32_t number)
{
	static const char *const auxiliaries[] = {"was", "were", "is", "been", "got", "has", "have"};
	for (size_t i = 0; i < sizeof auxiliaries / sizeof auxiliaries[0]; i++)
		if (number > 0 && word_is(m, number - 1, auxiliaries[i]))
			return true;
	return false;
}

/* The ending is denied, wished for or still to come: "never fixed", "to get it fixed", "until fixed". */
static bool not_ended(struct sori_matcher *m, uint32_t number)
{
	static const char *const pending[] = {"get", "be", "to", "gets", "until", "once"};
	for (uint32_t back = 1; back <= 3 && back <= number && same_clause(m, number, number - back); back++) {
		uint32_t j = number - back;
		if (sori_word_lists(m, j) & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO) | SORI_WORD(EN_WISH)))
			return true;
		for (size_t i = 0; i < sizeof pending / sizeof pending[0]; i++)
			if (word_is(m, j, pending[i]) && (back == 1 || !is_done(m, number)))
				return true;
	}
	return false;
}

/* A word of ending before (stopped X) or after (X was fixed; further off only told as done), not itself denied. */
static void ended(struct sori_matcher *m, struct sori_term_match *match)
{
	if (!(m->all_lists & SORI_WORD(EN_ENDED)))
		return;
	if (lists_at(m, match->word) & SORI_WORD(EN_ENDED) && lists_at(m, match->word + 1) & SORI_WORD(EN_FAULT) &&
	    same_clause(m, match->word, match->word + 1)) {
		sori_match_negate(match, m->words[match->word + 1].start); /* the match is the "stopped" of "stopped dropping" */
		return;
	}
	uint32_t first = match->first_word > 3 ? match->first_word - 3 : 0;
	for (uint32_t j = first; j <= match->word + 4 && j < m->word_count; j++) {
		if ((j >= match->first_word && j <= match->word) || !same_clause(m, match->word, j) ||
		    !(sori_word_lists(m, j) & SORI_WORD(EN_ENDED)) || (j == match->word + 4 && !is_done(m, j)))
			continue;
		if (!not_ended(m, j))
			sori_match_negate(match, m->words[j].start);
		return;
	}
}

/* The nearest word of `lists` at most `reach` words before `from`, in its clause; the word count when there is none. */
static uint32_t listed_before(struct sori_matcher *m, uint32_t from, uint32_t reach, uint64_t lists)
{
	if (!(m->all_lists & lists))
		return (uint32_t)m->word_count;
	for (uint32_t back = 1; back <= reach && back <= from; back++) {
		if (!same_clause(m, from, from - back))
			break;
		if (sori_word_lists(m, from - back) & lists)
			return from - back;
	}
	return (uint32_t)m->word_count;
}

/* Negators after the word of wishing are part of the wish. */
static void wish_away(struct sori_matcher *m, struct sori_term_match *match, uint32_t wish)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < match->negator_count; i++)
		if (match->negators[i] < m->words[wish].start)
			match->negators[kept++] = match->negators[i];
	match->negator_count = (uint8_t)kept;
}

/* "should not crash", "shouldn't be slow" */
static void should_not(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t should = listed_before(m, match->first_word, LOOK, SORI_WORD(EN_SHOULD));
	if (should == m->word_count || !match->negator_count)
		return;
	match->tags |= SORI_TAG_WISH;
	wish_away(m, match, should);
}

/* Before "if": wish, hope, please, or would be (nice, great), would like, appreciate. */
static bool wishes_that(struct sori_matcher *m, uint32_t wish)
{
	return lists_at(m, wish) & SORI_WORD(EN_WANT) || word_is(m, wish + 1, "be") || word_is(m, wish + 1, "like") ||
	       word_is(m, wish + 1, "appreciate") || word_is(m, wish + 1, "help");
}

static void condition_and_wish(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t none = (uint32_t)m->word_count;
	uint32_t condition = listed_before(m, match->first_word, LOOK, SORI_WORD(EN_IF));
	uint32_t from = condition == none ? match->first_word : condition;
	uint32_t wish = listed_before(m, from, LOOK, SORI_WORD(EN_WISH));
	if (condition != none && wish != none && !wishes_that(m, wish))
		wish = none;
	if (wish == none && condition != none)
		wish = listed_before(m, match->first_word, LOOK, SORI_WORD(EN_WISH));
	if (wish != none) {
		match->tags |= SORI_TAG_WISH;
		if (condition > wish || lists_at(m, wish) & SORI_WORD(EN_WANT))
			wish_away(m, match, wish);
	} else if (condition != none) {
		match->tags |= SORI_TAG_HYPOTHETICAL;
	}
	should_not(m, match);
}

/* Whom a message calls, and small talk, stand before the question: "@shop hi, so is it late?" */
static bool addressed(struct sori_matcher *m, uint32_t number)
{
	uint32_t start = m->words[number].start;
	return sori_word_lists(m, number) & SORI_WORD(EN_LEAD) ||
	       (start > 0 && (m->text.at[start - 1] == '@' || m->text.at[start - 1] == '#')) || m->text.at[start] == '@' ||
	       m->text.at[start] == '#';
}

/* A question asked with an auxiliary first ("does it …?"); why and how questions complain. */
static bool asked(struct sori_matcher *m, const struct sori_term_match *match)
{
	uint32_t first = match->first_word, last = match->word;
	while (first > 0 && match->first_word - first < 12 && same_clause(m, match->first_word, first - 1))
		first--;
	while (last - match->word < 12 && same_clause(m, match->word, last + 1))
		last++;
	if (!(m->words[last].flags & SORI_WORD_ASKS))
		return false;
	while (first < match->first_word && addressed(m, first))
		first++;
	return sori_word_lists(m, first) & SORI_WORD(EN_ASK);
}

/* "Isn't this too expensive?" expects yes: the negator that the question begins with denies nothing. */
static void asked_denied(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t first = match->first_word, last = match->word;
	while (first > 0 && match->first_word - first < LOOK && same_clause(m, match->first_word, first - 1))
		first--;
	while (last - match->word < LOOK && same_clause(m, match->word, last + 1))
		last++;
	if (!match->negator_count || !(m->words[last].flags & SORI_WORD_ASKS) || !(lists_at(m, first) & SORI_WORD(EN_ISNT)))
		return;
	for (unsigned i = 0; i < match->negator_count; i++)
		if (match->negators[i] == m->words[first].start) {
			match->negators[i] = match->negators[--match->negator_count];
			match->tags = (uint16_t)((match->tags & ~SORI_TAG_QUESTION) | SORI_TAG_RHETORICAL);
			return;
		}
}

static bool used_to(struct sori_matcher *m, const struct sori_term_match *match)
{
	for (uint32_t back = 2; back <= LOOK_FAR && back <= match->first_word; back++) {
		uint32_t j = match->first_word - back;
		if (!same_clause(m, match->first_word, j))
			return false;
		if (word_is(m, j, "used") && word_is(m, j + 1, "to"))
			return back <= 4 || !(lists_at(m, j + 2) & SORI_WORD(EN_FINE));
	}
	return false;
}

/* "mine", "ours", "here", "this one", "this time", "the new one" at word j. */
static bool own_at(struct sori_matcher *m, uint32_t j)
{
	if (lists_at(m, j) & SORI_WORD(EN_MINE))
		return true;
	bool pointed = word_is(m, j, "this") || word_is(m, j, "new");
	return pointed && (word_is(m, j + 1, "one") || word_is(m, j + 1, "time"));
}

/* Somebody else's or another product, set against one's own in the next clause; "unlike" reaches over the sentence. */
static bool of_others(struct sori_matcher *m, const struct sori_term_match *match)
{
	uint32_t clause = m->words[match->word].clause;
	bool other = listed_before(m, match->first_word, LOOK_FAR, SORI_WORD(EN_OTHER)) != m->word_count, unlike = false;
	for (uint32_t back = 1; back <= LOOK_AHEAD && back <= match->first_word; back++) {
		uint32_t j = match->first_word - back;
		unlike |= same_sentence(m, match->word, j) && (word_is(m, j, "unlike") || word_is(m, j, "compared"));
		if (unlike && m->words[j].clause == clause)
			return true;
	}
	if (!other && !unlike)
		return false;
	for (uint32_t j = match->word + 1, seen = 0; j < m->word_count && seen < 3 && j <= match->word + LOOK_AHEAD; j++) {
		if (!same_sentence(m, match->word, j) || m->words[j].clause > clause + 1)
			return false;
		if (m->words[j].clause == clause)
			continue;
		seen++;
		if (own_at(m, j))
			return true;
	}
	return false;
}

struct told {
	bool before, now, better, still, mended;
};

/* What the rest of the sentence says of how it was and how it is. */
static struct told told_after(struct sori_matcher *m, const struct sori_term_match *match)
{
	struct told told = {0};
	for (uint32_t j = match->word + 1; j <= match->word + LOOK_AHEAD && same_sentence(m, match->word, j); j++) {
		uint64_t lists = sori_word_lists(m, j);
		bool denied = lists_at(m, j - 1) & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO)) ||
			      (j >= 2 && lists_at(m, j - 2) & (SORI_WORD(EN_NEG) | SORI_WORD(EN_NO)));
		told.before |= lists & SORI_WORD(EN_BEFORE) || (word_is(m, j, "first") && word_is(m, j - 1, "at"));
		told.now |= (lists & SORI_WORD(EN_NOW)) != 0;
		told.still |= (lists & SORI_WORD(EN_STILL)) != 0;
		told.better |= lists & SORI_WORD(EN_FINE) && !denied && m->words[j].clause > m->words[match->word].clause;
		told.mended |= lists & SORI_WORD(EN_ENDED) && !denied &&
			       (word_is(m, j + 1, "it") || word_is(m, j + 1, "that") || word_is(m, j + 1, "this"));
	}
	return told;
}

static bool is_past(struct sori_matcher *m, const struct sori_term_match *match)
{
	struct sori_view word = sori_word_text(m, match->word);
	if (word.length > 3 && memcmp(word.at + word.length - 2, "ed", 2) == 0)
		return true;
	return lists_at(m, match->word) & SORI_WORD(EN_PAST) || lists_at(m, match->first_word) & SORI_WORD(EN_PAST) ||
	       listed_before(m, match->first_word, REACH, SORI_WORD(EN_PAST)) != m->word_count;
}

static void past(struct sori_matcher *m, struct sori_term_match *match)
{
	bool before = listed_before(m, match->first_word, LOOK, SORI_WORD(EN_BEFORE)) != m->word_count;
	for (uint32_t back = 1; back <= LOOK && back < match->first_word && !before; back++) {
		uint32_t j = match->first_word - back;
		before = same_clause(m, match->first_word, j) && word_is(m, j, "first") && word_is(m, j - 1, "at");
	}
	if (before)
		match->tags |= SORI_TAG_PAST;
	if (used_to(m, match)) {
		match->tags |= SORI_TAG_PAST | SORI_TAG_RESOLVED;
		return;
	}
	if (!is_past(m, match))
		return;
	struct told told = told_after(m, match);
	before |= told.before;
	if (!told.still && ((before && (told.now || told.better)) || (told.now && told.better) || told.mended))
		match->tags |= SORI_TAG_PAST | SORI_TAG_RESOLVED;
}

void sori_scope_english(struct sori_matcher *m, struct sori_term_match *match)
{
	negation(m, match);
	ended(m, match);
	condition_and_wish(m, match);
	if (asked(m, match))
		match->tags |= SORI_TAG_QUESTION;
	asked_denied(m, match);
	if (of_others(m, match))
		match->tags |= SORI_TAG_ATTRIBUTED;
	past(m, match);
}
