/* Tags of a Korean match: negation by the rule families N1 to N8 of DESIGN.md, then rhetorical, hypothetical, wish,
 * question, attributed, past, resolved. Every negator that acts on the match is noted by its place, so that parity can be
 * taken per rule hit, without the negators that are members of the hit. Windows are words of the same clause.
 *
 * A predicate shows its mood and tense in its own ending. A noun or an adverb has none: it takes those of the predicate
 * that follows it (소음이 심하면, 버퍼링이 심했는데), read off the letters of that word. */
#include "stages/extract/scope_internal.h"

#define CUT_REST 6u /* bytes: more after a single noun is another word glued on */

/* The word ends as a clause before a noun does: 는 은 을 던, or any ㄴ or ㄹ below. */
static bool ends_adnominal(struct sori_view text)
{
	uint32_t last = sori_last_point(text, NULL);
	return sori_is_hangul_syllable(last) && (sori_hangul_final(last) == 4 || sori_hangul_final(last) == 8);
}

/* Ends in a particle that a subject takes: "않은 요금제가 없다". */
static bool ends_in_subject(struct sori_view text)
{
	return ends_with(text, "가") || ends_with(text, "이") || ends_with(text, "는") || ends_with(text, "은") ||
	       ends_with(text, "도");
}

/* A favour as a condition is a request: 해 주면, 해 주시면 (더 좋겠어요, 감사하겠습니다). */
static bool asks_favour(struct sori_view text)
{
	return ends_with(text, "주면") || ends_with(text, "주시면") || ends_with(text, "주신다면") || ends_with(text, "준다면");
}

/* Labels read off the letters of the word that a form without an ending of its own is cut from (p:앱이_튕 in 튕기면). */
static uint32_t text_labels(struct sori_view word, struct sori_view rest)
{
	static const char *const asks[] = {"나요", "가요", "니까", "을까", "느냐"};
	static const char *const quotes[] = {"다는", "다고", "다던데", "대요", "라는"};
	uint32_t labels = 0;
	labels |= ends_with(rest, "면") ? SORI_LABEL_COND : 0u;
	labels |= has_past(word) ? SORI_LABEL_PAST : 0u;
	labels |= ends_in_ji(rest) ? SORI_LABEL_NEGJI : 0u;
	labels |= ends_adnominal(rest) ? SORI_LABEL_ADN : 0u;
	labels |= ends_with(rest, "던") ? SORI_LABEL_RETRO : 0u;
	if (!sori_view_is(rest, "나요")) /* 짜증나요 does not ask */
		labels |= ends_with_one(rest, asks, sizeof asks / sizeof asks[0]) ? SORI_LABEL_ASK : 0u;
	labels |= ends_with_one(rest, quotes, sizeof quotes / sizeof quotes[0]) ? SORI_LABEL_QUOTE : 0u;
	return labels;
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
	const struct sori_word *own = &s->m->words[s->match->first_word];
	for (uint32_t at = own->start; at + 3 <= s->match->start; at += 3) /* 그랬는데왜느려졌어요: no blank before 왜 */
		if (memcmp(s->m->text.at + at, "왜", 3) == 0)
			return true;
	if (!any_listed(s, SORI_WORD(WHY)))
		return false;
	for (uint32_t back = 1; back <= 5 && back <= s->match->first_word; back++)
		if (lists(s, s->match->first_word - back) & SORI_WORD(WHY))
			return true;
	return false;
}

/* Notes the negator at byte `at` of word `word`, unless it asks rhetorically (않나요): then the match stands, as RHET. */
static void negate(struct scope *s, uint32_t word, uint32_t at)
{
	struct sori_view rest = sori_view_slice(s->m->text, at, s->m->words[word].end - at);
	bool asks = s->m->words[word].flags & SORI_WORD_ASKS && begins_with(rest, "아");
	if ((asks || sori_grammar_word(s->m->dictionary->grammar, rest) & SORI_WORD(RHETORIC)) && !why_before(s)) {
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
	else if (after & SORI_WORD(NONE) && ends_adnominal(text) &&
		 (next & (SORI_WORD(THING) | SORI_WORD(WAY)) || ends_in_subject(word_text(s, word + 1))))
		sori_match_negate(s->match, s->m->words[word + 2].start);
}

/* The denial is written onto the verb: 느끼지못했고, 느껴본적이없어요. */
static bool glued_denial(struct sori_view text)
{
	static const char *const denials[] = {"지못", "지않", "지 못", "지 않", "적이없", "적없", "적도없", "적은없", "적이 없"};
	for (size_t i = 0; i < sizeof denials / sizeof denials[0]; i++)
		if (memmem(text.at, text.length, denials[i], strlen(denials[i])))
			return true;
	return false;
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
	if (here & SORI_WORD(APPEAR) && glued_denial(text)) {
		negate(s, j, start);
		return true;
	}
	if (here & SORI_WORD(APPEAR) && ends_adnominal(text) && next & SORI_WORD(THING) && lists(s, j + 2) & SORI_WORD(NONE)) {
		negate(s, j + 2, s->m->words[j + 2].start);
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

/* What follows the match in its word is a particle. */
static bool has_particle(const struct scope *s)
{
	static const char *const particles[] = {"이", "가", "은", "는", "을", "를", "도", "의", "만"};
	uint32_t end = s->m->words[s->match->word].end;
	struct sori_view rest = sori_view_slice(s->m->text, s->match->end, end - s->match->end);
	for (size_t i = 0; i < sizeof particles / sizeof particles[0]; i++)
		if (sori_view_is(rest, particles[i]))
			return true;
	return false;
}

/* The match ends its word, but for a particle; forms with any tail do not know their ending. */
static bool is_whole(const struct scope *s)
{
	return s->whole || s->match->end == s->m->words[s->match->word].end || has_particle(s);
}

/* The bare root of a predicate in 하다, or a noun before it: 불편 안 해요. Not the 어 form: 느려 안 해요. */
static void root_denied(struct scope *s)
{
	static const char *const does[] = {"하", "해", "했", "합", "함", "한", "할"};
	uint32_t j = s->match->word + 1, length;
	if (s->labels || !in_clause(s, j + 1) || !sori_view_is(word_text(s, j), "안") ||
	    !(has_particle(s) || s->match->end == s->m->words[s->match->word].end))
		return;
	uint32_t last = sori_last_point(sori_view_slice(s->m->text, 0, s->match->end), &length);
	if (!sori_is_hangul_syllable(last) || (s->verb && sori_hangul_final(last) == 0 && !has_particle(s)))
		return;
	struct sori_view next = word_text(s, j + 1);
	for (size_t i = 0; i < sizeof does / sizeof does[0]; i++)
		if (begins_with(next, does[i])) {
			sori_match_negate(s->match, s->m->words[j].start);
			return;
		}
}

/* N1: 안 X, glued or as the word before. */
static void short_form(struct scope *s)
{
	struct sori_term_match *match = s->match;
	if (!s->verb && !(s->labels & SORI_LABEL_LIGHT))
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
	if (!(s->labels & SORI_LABEL_NEGJI) || !s->whole)
		return;
	uint32_t j = s->match->word + 1;
	if (lists(s, j) & SORI_WORD(ADVERB) && !(lists(s, j) & SORI_WORD(NEGAUX)))
		j++;
	if (!(lists(s, j) & SORI_WORD(NEGAUX)) || begins_with(word_text(s, j), "말이")) /* 되어야지 말이죠 */
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

/* A noun of trouble written as variant of a predicate (접속장애 of 접속_안_되다): a particle follows, or 없이. */
static bool noun_variant(const struct scope *s)
{
	uint32_t start = s->m->words[s->match->word].start, next = s->match->word + 1;
	if (s->labels)
		return false;
	if (!has_particle(s) && !(in_clause(s, next) && begins_with(word_text(s, next), "없이")))
		return false;
	start = start > s->match->start ? start : s->match->start;
	struct sori_view noun = sori_view_slice(s->m->text, start, s->match->end - start);
	return sori_grammar_word(s->m->dictionary->grammar, noun) & SORI_WORD(TROUBLE);
}

/* N3 and N5: a noun, or X음, is denied: 끊김이 전혀 없다, 오류 안 나다. */
static void denied_noun(struct scope *s)
{
	bool nominal = s->labels & SORI_LABEL_NOM;
	bool noun = (!s->verb || noun_variant(s)) && !(s->labels & (SORI_LABEL_LIGHT | SORI_LABEL_NEGJI));
	if (!(noun || nominal) || s->labels & SORI_LABEL_OBL || !is_whole(s))
		return;
	uint32_t j = skip_sibling(s, s->match->word + 1);
	if (lists(s, j) & SORI_WORD(THING) && !(lists(s, j) & SORI_WORD(GONE)))
		j++;
	denied_from(s, j);
}

/* What is denied has the denial written onto it: 불편함이없네요, 불편한점이없네요, 불편한건전혀없구요. */
static void denied_in_word(struct scope *s)
{
	uint32_t from = s->match->tail_end, end = s->m->words[s->match->word].end;
	if (from >= end || (s->verb && !(s->labels & (SORI_LABEL_NOM | SORI_LABEL_THING))))
		return;
	struct sori_view rest = sori_view_slice(s->m->text, from, end - from);
	uint64_t said = sori_grammar_word(s->m->dictionary->grammar, rest);
	if (said & SORI_WORD(NONE) || (said & SORI_WORD(APPEAR) && glued_denial(rest)))
		negate(s, s->match->word, from);
}

static bool superlative_before(const struct scope *s)
{
	if (!any_listed(s, SORI_WORD(SUPERLATIVE)))
		return false;
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
	uint32_t thing = s->match->word;
	if (lists(s, thing) & SORI_WORD(AN) && in_clause(s, thing + 1) && ends_adnominal(word_text(s, thing + 1)))
		thing++; /* the match is the 안 of "안 된 적이 없다" */
	else if (!(s->labels & (SORI_LABEL_ADN | SORI_LABEL_QUOTE)) || !s->whole || unable(s))
		return;
	if (!(s->labels & (SORI_LABEL_THING | SORI_LABEL_KNOW))) {
		thing++;
		bool denies = s->match->end >= s->match->start + 3 && memcmp(s->m->text.at + s->match->end - 3, "않", 3) == 0;
		if (!(lists(s, thing) & (SORI_WORD(THING) | SORI_WORD(KNOW))) &&
		    !(denies && in_clause(s, thing) && ends_in_subject(word_text(s, thing))))
			return;
	}
	if (unexpected(s, thing))
		return;
	if (lists(s, thing + 1) & SORI_WORD(AN) && in_clause(s, thing + 2) && begins_with(word_text(s, thing + 2), "받"))
		negate(s, thing + 1, s->m->words[thing + 1].start); /* 느리다는 느낌은 못 받았어요 */
	else
		denied_from(s, thing + 1);
}

/* The wish takes away what is negated: 안 끊기게 해 주세요, 안 튕겼으면 좋겠어요, 오류 없는 …: the match stands. */
static void wish_away(struct scope *s)
{
	static const char *const endings[] = {"게", "게끔", "도록", "면", "길", "기를", "기"};
	for (unsigned i = 0; i < s->match->negator_count; i++) {
		uint32_t word = s->match->word;
		while (in_clause(s, word + 1) && s->m->words[word].end <= s->match->negators[i])
			word++;
		struct sori_view text = word_text(s, word);
		bool wanted = lists(s, word) & SORI_WORD(WISH);
		for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++)
			wanted |= ends_with(text, endings[k]);
		if (wanted)
			s->match->negators[i--] = s->match->negators[--s->match->negator_count];
	}
}

/* "안 되면 어떻게 이용하라는 거죠", "안 되면 어쩌라는 건지": who asks what he is told to do tells of what happens to him. */
static bool told_to_do_what(const struct scope *s, uint32_t last)
{
	static const char *const anyway[] = {"거면", "꺼면", "거라면", "바엔", "바에는", "바에"};
	if (ends_with_one(word_text(s, last), anyway, sizeof anyway / sizeof *anyway))
		return true; /* 안 될 거면 왜 만들었는지: takes it for granted */
	for (uint32_t j = last + 1; j <= last + 4 && j < s->m->word_count && s->m->words[j].clause <= s->clause + 1; j++) {
		struct sori_view text = word_text(s, j);
		if (begins_with(text, "어쩌라") || begins_with(text, "어쩌자") || begins_with(text, "어떡하라"))
			return true;
		bool how = begins_with(text, "어떻게") || begins_with(text, "어케") || begins_with(text, "뭘") || begins_with(text, "무엇을");
		for (uint32_t k = j; how && k <= j + 2 && k < s->m->word_count; k++) {
			static const char *const told[] = {"라는", "라고", "라고요", "라는거", "라는거죠", "라는거지", "라는거야", "라는거에요",
							   "라는거예요", "라는건지", "라는건가요", "라는거냐", "라는겁니까", "란거죠", "란건지"};
			if (ends_with_one(word_text(s, k), told, sizeof told / sizeof *told))
				return true;
		}
	}
	return false;
}

/* A condition of its own is a wish only together with 좋겠, 합니다, 바랍니다 …: "안 되면 전화 주세요" wishes nothing. */
static void hypothetical_and_wish(struct scope *s)
{
	uint16_t *tags = &s->match->tags;
	uint32_t predicate = predicate_word(s), last = s->match->word;
	bool condition = s->labels & SORI_LABEL_COND, wish = s->labels & SORI_LABEL_WISH;
	condition |= ends_with(word_text(s, last), "까") && in_clause(s, last + 1) && begins_with(word_text(s, last + 1), "봐");
	if (predicate != last && lists(s, predicate) & SORI_WORD(GIVEN)) {
		condition = true;
		last = predicate;
	}
	if (condition) {
		wish |= asks_favour(word_text(s, last));
		wish |= lists(s, last + 1) & SORI_WORD(WISH_IF) || lists(s, last + 2) & SORI_WORD(GRATEFUL) ||
			lists(s, last) & SORI_WORD(WISH);
	} else {
		for (uint32_t j = s->match->word; j <= s->match->word + 3; j++)
			wish |= (lists(s, j) & SORI_WORD(WISH)) != 0;
	}
	if (wish) {
		*tags |= SORI_TAG_WISH;
		wish_away(s);
	} else if (condition && !told_to_do_what(s, last)) {
		*tags |= SORI_TAG_HYPOTHETICAL;
	}
}

/* These endings state, whatever mark follows: 자꾸 꺼지네요? tells of surprise and asks nothing; the blunt -냐 upbraids
 * (되는 게 없냐). */
static bool states(struct sori_view text)
{
	static const char *const endings[] = {"네요", "네", "네여", "넹", "군요", "구나", "잖아요", "잖아", "거든요", "다니", "다니요", "라니", "라니요",
					      "냐", "냐고", "냐고요", "냐구", "냐구요", "는데", "는데요", "던데", "던데요",
					      "자나요", "자나여", "자나", "죠", "거지", "지요", "고", "구"};
	return ends_with_one(text, endings, sizeof endings / sizeof endings[0]);
}

/* A question mark within two words, or at the end of the clause after a word that asks. What is told as past, or asked
 * about with why, is no question. */
static bool marked_question(const struct scope *s)
{
	uint32_t j = s->match->word;
	for (; j <= s->match->word + 4 && in_clause(s, j); j++) {
		if (lists(s, j) & SORI_WORD(WHY))
			return false;
		if (s->m->words[j].flags & SORI_WORD_ASKS && lists(s, j) & (SORI_WORD(RHETORIC) | SORI_WORD(NONE)) &&
		    !begins_with(word_text(s, j), "없"))
			return false;
		if (s->m->words[j].flags & SORI_WORD_ASKS)
			return !states(word_text(s, j)) && (j <= s->match->word + 2 || lists(s, j) & SORI_WORD(ASKING));
	}
	return false;
}

/* "왜" in its own word or after it (업데이트를 왜 한 거죠), or asked only within: 왜 심한지 이해가 안 돼요. */
static bool why_after(const struct scope *s)
{
	uint32_t word = s->match->word;
	if (lists(s, word + 1) & SORI_WORD(EMBED))
		return true;
	for (uint32_t j = s->match->first_word; j <= word + 4 && in_clause(s, j); j++)
		if (lists(s, j) & SORI_WORD(WHY))
			return true;
	return false;
}

static void question(struct scope *s)
{
	bool asks = s->labels & SORI_LABEL_ASK && !states(word_text(s, s->match->word));
	bool rhetorical = s->match->tags & SORI_TAG_RHETORICAL && !asks;
	if (!rhetorical && (asks || marked_question(s)) && !why_before(s) && !why_after(s) && !told_to_do_what(s, s->match->word))
		s->match->tags |= SORI_TAG_QUESTION;
}

/* A form that ends inside a word whose rest was not read as an ending: its labels are those of the word's letters. */
static void cut_form(struct scope *s)
{
	const struct sori_word *word = &s->m->words[s->match->word];
	bool one_noun = s->match->first_word == s->match->word && sori_match_group(s->m, s->match)->kind == SORI_TERM_NOUN;
	if (s->match->end >= word->end || has_particle(s) || (one_noun && word->end - s->match->end > CUT_REST))
		return;
	struct sori_view text = word_text(s, s->match->word);
	struct sori_view rest = sori_view_slice(s->m->text, s->match->end, word->end - s->match->end);
	s->labels |= text_labels(text, rest);
	s->whole = s->verb = true;
}

/* Latin letters up to the end of the word: English rules, also for a Latin variant of a Korean term. */
static bool is_latin_word(const struct sori_matcher *m, const struct sori_term_match *match)
{
	const struct sori_word *word = &m->words[match->word];
	return (match->flags & SORI_MATCH_LATIN || m->words[match->first_word].flags & SORI_WORD_LATIN) &&
	       (unsigned char)m->text.at[word->end - 1] < 0x80;
}

/* An English word in a Korean sentence is a noun of it: "lag 없음", "freeze 자주 됐는데 지금은 괜찮아요". */
static void latin_noun(struct sori_matcher *m, struct sori_term_match *match)
{
	uint32_t next = match->word + 1;
	if (next >= m->word_count || m->words[next].clause != m->words[match->word].clause ||
	    (unsigned char)m->text.at[m->words[next].start] < 0xe0)
		return;
	struct scope s = {m, match, m->words[match->word].clause, 0, true, false};
	denied_noun(&s);
	hypothetical_and_wish(&s);
	sori_scope_told(&s);
}

void sori_scope_fill(struct sori_matcher *m, struct sori_term_match *match)
{
	if (match->flags & SORI_MATCH_SCOPED)
		return;
	match->flags |= SORI_MATCH_SCOPED;
	if (is_latin_word(m, match)) {
		sori_scope_english(m, match);
		latin_noun(m, match);
		return;
	}
	const struct sori_group *group = sori_match_group(m, match);
	struct scope s = {m, match, m->words[match->word].clause, match->labels,
			  match->flags & SORI_MATCH_WHOLE && (match->labels || group->right != SORI_RIGHT_ANY),
			  group->kind == SORI_TERM_VERB};
	if (!s.whole || !match->labels)
		cut_form(&s);
	short_form(&s);
	long_form(&s);
	glued_forms(&s);
	denied_in_word(&s);
	denied_noun(&s);
	root_denied(&s);
	modified(&s);
	hypothetical_and_wish(&s);
	question(&s);
	sori_scope_told(&s);
}
