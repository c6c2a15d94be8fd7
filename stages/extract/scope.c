/* Tags of a Korean match: negation by the rule families N1 to N8 of DESIGN.md, then rhetorical, hypothetical, wish,
 * question, attributed, past, resolved. Every negator that acts on the match is noted by its place, so that parity can be
 * taken per rule hit, without the negators that are members of the hit. Windows are words of the same clause. */
#include "stages/extract/match.h"

/* The match with what its rules ask over and over. */
struct scope {
	struct sori_matcher *m;
	struct sori_term_match *match;
	uint32_t clause;
	uint32_t labels;
};

static bool in_clause(const struct scope *s, uint32_t word)
{
	return word < s->m->word_count && s->m->words[word].clause == s->clause;
}

/* Lists of a word of the clause; 0 outside. */
static uint64_t lists(const struct scope *s, uint32_t word)
{
	return in_clause(s, word) ? sori_word_lists(s->m, word) : 0;
}

static struct sori_view word_text(const struct scope *s, uint32_t word)
{
	return sori_word_text(s->m, word);
}

static bool ends_with(struct sori_view text, const char *ending)
{
	size_t n = strlen(ending);
	return text.length >= n && memcmp(text.at + text.length - n, ending, n) == 0;
}

static bool begins_with(struct sori_view text, const char *start)
{
	size_t n = strlen(start);
	return text.length >= n && memcmp(text.at, start, n) == 0;
}

/* Ends so that a long negation may follow: 지 지는 지도 지가 지를 진 질. */
static bool ends_in_ji(struct sori_view text)
{
	static const char *const endings[] = {"지", "진", "질", "지는", "지도", "지가", "지를", "지만"};
	for (size_t i = 0; i < sizeof endings / sizeof endings[0] - 1; i++)
		if (ends_with(text, endings[i]))
			return true;
	return false;
}

/* Place of the first of the syllables 않 못 말 마 없 안 in [from, to); `to` when there is none. */
static uint32_t find_negator(struct sori_view text, uint32_t from, uint32_t to)
{
	static const char *const negators[] = {"않", "못", "없", "말", "마", "안"};
	for (uint32_t at = from; at + 3 <= to; at++)
		for (size_t i = 0; i < sizeof negators / sizeof negators[0]; i++)
			if (memcmp(text.at + at, negators[i], 3) == 0)
				return at;
	return to;
}

static bool why_before(const struct scope *s)
{
	for (uint32_t back = 1; back <= 5 && back <= s->match->first_word; back++)
		if (lists(s, s->match->first_word - back) & SORI_WORD(WHY))
			return true;
	return false;
}

/* Notes the negator at byte `at` of word `word`, unless it asks rhetorically (않나요): then the match stands, as RHET. */
static void negate(struct scope *s, uint32_t word, uint32_t at)
{
	struct sori_view rest = sori_view_slice(s->m->text, at, s->m->words[word].end - at);
	if (sori_grammar_word(s->m->dictionary->grammar, rest) & SORI_WORD(RHETORIC) && !why_before(s)) {
		s->match->tags |= SORI_TAG_RHETORICAL;
		return;
	}
	sori_match_negate(s->match, at);
}

/* A negated negation: "않은 것이 없", "않을 수 없", "없지 않": the word `word` negates and is negated itself. */
static void negate_again(struct scope *s, uint32_t word)
{
	struct sori_view text = word_text(s, word);
	uint64_t next = lists(s, word + 1), after = lists(s, word + 2);
	if (ends_in_ji(text) && next & SORI_WORD(NEGAUX))
		sori_match_negate(s->match, s->m->words[word + 1].start);
	else if (begins_with(text, "없지않") || begins_with(text, "없지 않"))
		sori_match_negate(s->match, s->m->words[word].start + 6);
	else if (begins_with(text, "없잖") && in_clause(s, word + 1) && begins_with(word_text(s, word + 1), "있"))
		sori_match_negate(s->match, s->m->words[word + 1].start);
	else if ((next & (SORI_WORD(THING) | SORI_WORD(WAY))) && after & SORI_WORD(NONE) &&
		 (ends_with(text, "은") || ends_with(text, "을") || ends_with(text, "는")))
		sori_match_negate(s->match, s->m->words[word + 2].start);
}

/* Something is said not to be there or to be gone, at word `j`: 없다, 아니다, 사라졌다, 안 나다, 생기지 않다. */
static bool denied_at(struct scope *s, uint32_t j)
{
	uint64_t here = lists(s, j), next = lists(s, j + 1);
	if (!in_clause(s, j))
		return false;
	struct sori_view text = word_text(s, j);
	uint32_t start = s->m->words[j].start;
	if (here & SORI_WORD(NONE)) {
		negate(s, j, start);
		negate_again(s, j);
		return true;
	}
	if (here & SORI_WORD(GONE) && !(next & (SORI_WORD(AN) | SORI_WORD(NEGAUX))) && !(here & SORI_WORD(WISH)) &&
	    !ends_in_ji(text)) {
		negate(s, j, start);
		return true;
	}
	if (here & SORI_WORD(AN) && next & SORI_WORD(APPEAR)) {
		negate(s, j, start);
		return true;
	}
	if ((begins_with(text, "안") || begins_with(text, "못")) && text.length > 3 &&
	    sori_grammar_word(s->m->dictionary->grammar, sori_view_slice(text, 3, text.length)) & SORI_WORD(APPEAR)) {
		negate(s, j, start);
		return true;
	}
	if (here & SORI_WORD(APPEAR) && ends_in_ji(text) && next & SORI_WORD(NEGAUX)) {
		negate(s, j + 1, s->m->words[j + 1].start);
		return true;
	}
	return false;
}

/* From word `j` on, over adverbs: is it denied, at most four words from the match? */
static bool denied_from(struct scope *s, uint32_t j)
{
	uint32_t limit = s->match->word + 4;
	for (; j <= limit && in_clause(s, j); j++) {
		if (denied_at(s, j))
			return true;
		if (!(lists(s, j) & SORI_WORD(ADVERB)))
			return false;
	}
	return false;
}

/* N1: 안 X, glued or as the word before. */
static void short_form(struct scope *s)
{
	const struct sori_group *term = sori_match_group(s->m, s->match);
	struct sori_term_match *match = s->match;
	if (term->kind != SORI_TERM_VERB && !(s->labels & SORI_LABEL_LIGHT))
		return;
	uint32_t at;
	if (match->flags & SORI_MATCH_GLUED)
		at = match->start - 3;
	else if (match->first_word > 0 && s->m->words[match->first_word].start == match->start &&
		 lists(s, match->first_word - 1) & SORI_WORD(AN))
		at = s->m->words[match->first_word - 1].start;
	else
		return;
	if (s->labels & SORI_LABEL_ASK && !why_before(s))
		match->tags |= SORI_TAG_RHETORICAL;
	else
		sori_match_negate(match, at);
}

/* N2: X지 않다. */
static void long_form(struct scope *s)
{
	if (!(s->labels & SORI_LABEL_NEGJI) || !(s->match->flags & SORI_MATCH_WHOLE))
		return;
	uint32_t j = s->match->word + 1;
	if (lists(s, j) & SORI_WORD(ADVERB) && !(lists(s, j) & SORI_WORD(NEGAUX)))
		j++;
	if (!(lists(s, j) & SORI_WORD(NEGAUX)))
		return;
	negate(s, j, s->m->words[j].start);
	negate_again(s, j);
}

/* Negators inside the ending: 끊기지않아요, 문제없이, 고장안나요. */
static void glued_forms(struct scope *s)
{
	uint32_t wanted = SORI_LABEL_NEGAUX | SORI_LABEL_NEGNOUN;
	bool light = s->labels & SORI_LABEL_ANMOT && s->labels & SORI_LABEL_NEGDO;
	if (!(s->labels & wanted) && !light)
		return;
	uint32_t at = find_negator(s->m->text, s->match->end, s->match->tail_end);
	if (at == s->match->tail_end)
		return;
	negate(s, s->match->word, at);
	negate_again(s, s->match->word);
}

/* Another noun of the same denial may stand between: "렉도 버벅임도 없어요". */
static uint32_t skip_sibling(const struct scope *s, uint32_t j)
{
	static const char *const joints[] = {"도", "나", "과", "와", "랑", "및"};
	struct sori_view mine = word_text(s, s->match->word);
	bool joined = false;
	for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++)
		joined |= ends_with(mine, joints[i]);
	const struct sori_term_match *next = s->match + 1, *end = s->m->matches + s->m->match_count;
	if (!joined || next >= end || next->first_word != j)
		return j;
	return next->word + 1;
}

/* N3 and N5: a noun, or X음, is denied: 끊김이 전혀 없다, 오류 안 나다. */
static void denied_noun(struct scope *s)
{
	bool nominal = s->labels & SORI_LABEL_NOM;
	bool noun = sori_match_group(s->m, s->match)->kind != SORI_TERM_VERB &&
		    !(s->labels & (SORI_LABEL_LIGHT | SORI_LABEL_NEGJI));
	if (!(noun || nominal) || s->labels & SORI_LABEL_OBL || !(s->match->flags & SORI_MATCH_WHOLE))
		return;
	uint32_t j = skip_sibling(s, s->match->word + 1);
	if (lists(s, j) & SORI_WORD(THING) && !(lists(s, j) & SORI_WORD(GONE)))
		j++;
	denied_from(s, j);
}

static bool superlative_before(const struct scope *s)
{
	for (uint32_t back = 1; back <= 5 && back <= s->match->first_word; back++)
		if (lists(s, s->match->first_word - back) & SORI_WORD(SUPERLATIVE))
			return true;
	return false;
}

/* N6: X할 수 없다. True when 수 follows at all. */
static bool unable(struct scope *s)
{
	uint32_t j = s->match->word + 1;
	struct sori_view tail = sori_view_slice(s->m->text, s->match->end, s->match->tail_end - s->match->end);
	if (s->labels & SORI_LABEL_WAY) {
		if (tail.length && memmem(tail.at, tail.length, "밖에", 6))
			return true;
	} else if (lists(s, j) & SORI_WORD(WAY)) {
		j++;
	} else {
		return false;
	}
	if (lists(s, j) & SORI_WORD(NONE) && !superlative_before(s)) {
		negate(s, j, s->m->words[j].start);
		negate_again(s, j);
	}
	return true;
}

/* N7: X인 줄 알았다, X할 것 같았는데 아니었다. True when one of them. */
static bool unexpected(struct scope *s, uint32_t thing)
{
	uint64_t next = lists(s, thing + 1);
	bool know = lists(s, thing) & SORI_WORD(KNOW) || (s->labels & SORI_LABEL_KNOW && thing == s->match->word);
	if (know && next & SORI_WORD(KNEW)) {
		sori_match_negate(s->match, s->m->words[thing + 1].start);
		return true;
	}
	if (!(next & SORI_WORD(SEEMED)))
		return false;
	uint32_t sentence = s->m->words[s->match->word].sentence;
	for (uint32_t j = thing + 2; j <= thing + 4 && j < s->m->word_count; j++) {
		if (s->m->words[j].sentence != sentence || !(sori_word_lists(s->m, j) & SORI_WORD(NONE)))
			continue;
		sori_match_negate(s->match, s->m->words[j].start);
		return true;
	}
	return false;
}

/* N4, N6, N7, N8: X한 것이 없다, X할 수 없다, X한 줄 알았다, X다는 생각이 안 들다. */
static void modified(struct scope *s)
{
	if (!(s->labels & (SORI_LABEL_ADN | SORI_LABEL_QUOTE)) || !(s->match->flags & SORI_MATCH_WHOLE) || unable(s))
		return;
	uint32_t thing = s->match->word;
	if (!(s->labels & (SORI_LABEL_THING | SORI_LABEL_KNOW))) {
		thing++;
		if (!(lists(s, thing) & (SORI_WORD(THING) | SORI_WORD(KNOW))))
			return;
	}
	if (!unexpected(s, thing))
		denied_from(s, thing + 1);
}

static void hypothetical_and_wish(struct scope *s)
{
	uint16_t *tags = &s->match->tags;
	if (s->labels & SORI_LABEL_COND)
		*tags |= SORI_TAG_HYPOTHETICAL;
	bool wish = s->labels & SORI_LABEL_WISH;
	for (uint32_t j = s->match->word; j <= s->match->word + 3; j++)
		wish |= (lists(s, j) & SORI_WORD(WISH)) != 0;
	if (wish)
		*tags = (uint16_t)((*tags & ~SORI_TAG_HYPOTHETICAL) | SORI_TAG_WISH);
}

static void question(struct scope *s)
{
	bool asks = s->labels & SORI_LABEL_ASK;
	for (uint32_t j = s->match->word; j <= s->match->word + 2 && in_clause(s, j); j++)
		asks |= (s->m->words[j].flags & SORI_WORD_ASKS) != 0;
	bool rhetorical = s->match->tags & SORI_TAG_RHETORICAL && !(s->labels & SORI_LABEL_ASK);
	if (asks && !rhetorical && !why_before(s))
		s->match->tags |= SORI_TAG_QUESTION;
}

static void attributed(struct scope *s)
{
	if (s->labels & SORI_LABEL_QUOTE && lists(s, s->match->word + 1) & SORI_WORD(PERSON))
		s->match->tags |= SORI_TAG_ATTRIBUTED;
}

static bool before_said(const struct scope *s)
{
	for (uint32_t back = 1; back <= 8 && back <= s->match->first_word; back++)
		if (lists(s, s->match->first_word - back) & SORI_WORD(BEFORE))
			return true;
	return false;
}

/* Words of the rest of this clause and the next one, at most ten: what they say about how it is now. */
static uint64_t said_after(const struct scope *s)
{
	uint64_t all = 0;
	for (uint32_t j = s->match->word + 1; j <= s->match->word + 10 && j < s->m->word_count; j++) {
		if (s->m->words[j].clause > s->clause + 1)
			break;
		uint64_t here = sori_word_lists(s->m, j);
		bool denied = j + 1 < s->m->word_count && ends_in_ji(word_text(s, j)) &&
			      sori_word_lists(s->m, j + 1) & SORI_WORD(NEGAUX);
		bool short_denied = sori_word_lists(s->m, j - 1) & SORI_WORD(AN);
		all |= denied || short_denied ? here & ~SORI_WORD(BETTER) : here;
	}
	return all;
}

static void past(struct scope *s)
{
	if (!(s->labels & (SORI_LABEL_PAST | SORI_LABEL_RETRO)))
		return;
	bool before = before_said(s);
	if (before || s->labels & SORI_LABEL_RETRO)
		s->match->tags |= SORI_TAG_PAST;
	uint64_t after = said_after(s);
	bool now = after & SORI_WORD(NOW), better = after & SORI_WORD(BETTER);
	if (after & SORI_WORD(STILL))
		return;
	if ((before && (now || better)) || (now && better))
		s->match->tags |= SORI_TAG_RESOLVED;
}

void sori_scope_fill(struct sori_matcher *m, struct sori_term_match *match)
{
	if (match->flags & SORI_MATCH_SCOPED)
		return;
	match->flags |= SORI_MATCH_SCOPED;
	if (match->flags & SORI_MATCH_LATIN) {
		sori_scope_english(m, match);
		return;
	}
	struct scope s = {m, match, m->words[match->word].clause, match->labels};
	short_form(&s);
	long_form(&s);
	glued_forms(&s);
	denied_noun(&s);
	modified(&s);
	hypothetical_and_wish(&s);
	question(&s);
	attributed(&s);
	past(&s);
}
