/* Who is told of, and when: what others have or say is attributed, what was so before and is well now is resolved. The
 * words that tell it stand in scope.tsv; where they must stand is said at each function. */
#include "stages/extract/scope_internal.h"

#define CLAUSE_REACH 24u

/* One of the first two words of clause `clause` (the one before or after, of the same sentence, at most CLAUSE_REACH
 * words away) stands in `wanted`. */
static bool clause_begins(const struct scope *s, uint32_t clause, uint64_t wanted)
{
	const struct sori_word *words = s->m->words;
	uint32_t word = s->match->word, j = word, sentence = words[word].sentence;
	while (j > 0 && words[j - 1].clause >= clause && word - j < CLAUSE_REACH)
		j--;
	while (j < s->m->word_count && words[j].clause < clause && j - word < CLAUSE_REACH)
		j++;
	for (uint32_t end = j + 2; j < end && j < s->m->word_count; j++)
		if (words[j].clause == clause && words[j].sentence == sentence && sori_word_lists(s->m, j) & wanted)
			return true;
	return false;
}

/* Somebody else's, set against one's own in the clause after or before: 친구 거는 뜨거운데 제 건 괜찮아요. */
static bool contrasted(const struct scope *s)
{
	if (!any_listed(s, SORI_WORD(OTHER)))
		return false;
	bool other = false;
	for (uint32_t back = 0; back <= 5 && back <= s->match->first_word && !other; back++) {
		uint32_t j = s->match->first_word - back;
		bool rest = in_clause(s, j) && begins_with(word_text(s, j), "다른") && lists(s, j + 1) & SORI_WORD(THING);
		other = lists(s, j) & SORI_WORD(OTHER) && !rest; /* "다른 건 다 좋은데": not somebody else's */
	}
	return other && (clause_begins(s, s->clause + 1, SORI_WORD(SELF)) ||
			 (s->clause > 0 && clause_begins(s, s->clause - 1, SORI_WORD(SELF))));
}

/* Before the match, in its clause, a device of before: 전에 쓰던 폰은, 기존 아이폰이. Not what it is compared with (기존 폰보다). */
static bool former_before(const struct scope *s)
{
	if (!any_listed(s, SORI_WORD(FORMER)))
		return false;
	for (uint32_t back = 0; back <= 8 && back <= s->match->first_word; back++) {
		uint32_t j = s->match->first_word - back;
		uint64_t here = lists(s, j), next = lists(s, j + 1);
		uint64_t other = here & SORI_WORD(FORMER) ? SORI_WORD(SWITCH) : SORI_WORD(SWITCH) | SORI_WORD(SELF) | SORI_WORD(NOW);
		if (!in_clause(s, j) || (back && here & other))
			return false;
		if (!(here & SORI_WORD(FORMER)))
			continue;
		uint32_t gear = here & SORI_WORD(GEAR) ? j : next & SORI_WORD(GEAR) ? j + 1 : j + 2;
		if (gear > s->match->word || !(lists(s, gear) & SORI_WORD(GEAR)))
			continue;
		struct sori_view name = word_text(s, gear);
		bool measure = memmem(name.at, name.length, "보다", 6) || memmem(name.at, name.length, "대비", 6) ||
			       (in_clause(s, gear + 1) && (begins_with(word_text(s, gear + 1), "비") ||
							   begins_with(word_text(s, gear + 1), "대비") ||
							   begins_with(word_text(s, gear + 1), "보다")));
		return !measure;
	}
	return false;
}

static bool others(struct sori_view text)
{
	static const char *const begin[] = {"타은행", "다른은행", "다른앱", "다른어플", "타사", "타앱", "타쇼핑", "경쟁사"};
	bool other = sori_view_is(text, "다른") || sori_view_is(text, "타");
	for (size_t i = 0; i < sizeof begin / sizeof begin[0]; i++)
		other |= begins_with(text, begin[i]);
	return other;
}

/* Before the match, in its clause, others are the topic: 타 쇼핑몰 앱은 버벅거려 속터지는데, 다른 은행 앱은 복잡하고. */
static bool others_before(const struct scope *s)
{
	static const char *const topics[] = {"앱은", "앱들은", "어플은", "어플들은", "은행은", "은행들은", "은행앱은", "쇼핑몰은", "사이트는", "몰은",
					     "뱅킹은", "증권은", "증권사는", "회사는", "회사앱은", "브랜드는", "제품은", "업체는", "뱅크는", "사는"};
	for (uint32_t back = 1; back <= 8 && back <= s->match->first_word; back++) {
		uint32_t j = s->match->first_word - back;
		struct sori_view text = word_text(s, j);
		if (!in_clause(s, j) || lists(s, j) & SORI_WORD(SELF) || ends_with(text, "만"))
			return false;
		if (ends_with_one(text, topics, sizeof topics / sizeof topics[0]))
			return others(text) || (j > 0 && others(word_text(s, j - 1))) || (j > 1 && others(word_text(s, j - 2)));
	}
	return false;
}

/* Told as the reason to change a device: 아이폰 쓰다가 배터리가 빨리 닳아서 바꿨어요, 폰이 느려져서 새로 샀습니다. */
static bool reason_to_change(const struct scope *s)
{
	const struct sori_word *words = s->m->words;
	uint32_t word = s->match->word, sentence = words[word].sentence, changed = word + 1, told = predicate_word(s);
	struct sori_view text = word_text(s, told < s->m->word_count ? told : word);
	static const char *const reasons[] = {"서", "길래", "고", "때문에", "땜에", "탓에", "문제로", "부족으로", "고장으로", "이유로"};
	bool reason = ends_with_one(text, reasons, sizeof reasons / sizeof reasons[0]);
	uint32_t reach = word + 12;
	while (changed < s->m->word_count && changed <= reach && words[changed].sentence == sentence &&
	       !(sori_word_lists(s->m, changed) & SORI_WORD(SWITCH)))
		changed++;
	if (changed >= s->m->word_count || changed > reach || words[changed].sentence != sentence)
		return false;
	bool near = reason && changed <= word + 7 && !(sori_word_lists(s->m, word) & SORI_WORD(BETTER)); /* 예뻐서 샀어요 */
	for (uint32_t back = 0; back <= 12 && back <= s->match->first_word; back++) {
		uint32_t j = s->match->first_word - back;
		uint64_t here = sori_word_lists(s->m, j);
		if (words[j].sentence != sentence || (back && here & (SORI_WORD(SWITCH) | SORI_WORD(NOW))))
			return false;
		uint64_t one = j > 0 ? sori_word_lists(s->m, j - 1) : 0, two = j > 1 ? sori_word_lists(s->m, j - 2) : 0;
		if (here & SORI_WORD(USING) && (here | one | two) & SORI_WORD(GEAR))
			return true;
		bool own = here & SORI_WORD(GEAR) || begins_with(word_text(s, j), "쓰던");
		if (near && back <= 4 && own && !(here & SORI_WORD(SELF)))
			return true;
	}
	return false;
}

static void attributed(struct scope *s)
{
	uint32_t predicate = predicate_word(s);
	bool said = s->labels & SORI_LABEL_QUOTE ||
		    (predicate != s->match->word && in_clause(s, predicate) && ends_with(word_text(s, predicate), "다는"));
	if (s->labels & SORI_LABEL_QUOTE)
		predicate = s->match->word;
	said = said && lists(s, predicate + 1) & SORI_WORD(PERSON);
	if (said || contrasted(s) || others_before(s) || former_before(s) || (any_listed(s, SORI_WORD(SWITCH)) && reason_to_change(s)))
		s->match->tags |= SORI_TAG_ATTRIBUTED;
}

static bool before_said(const struct scope *s)
{
	if (!any_listed(s, SORI_WORD(BEFORE)))
		return false;
	for (uint32_t back = 1; back <= 8 && back <= s->match->first_word; back++)
		if (lists(s, s->match->first_word - back) & SORI_WORD(BEFORE))
			return true;
	return false;
}

/* The word is there. Behind the passage nothing is, unless one asks for the next one: what is said next may matter. */
static bool is_said(const struct scope *s, uint32_t word)
{
	bool there = word < s->m->word_count;
	s->m->wants_more |= !there;
	return there;
}

/* -고 and -며 leave the tense to the predicate that they join: 번거롭고 불편했는데. The word that tells it, at most three
 * predicates on; the predicate's own word when it joins nothing. */
static uint32_t tense_word(const struct scope *s, uint32_t predicate)
{
	uint32_t word = predicate;
	for (int joined = 0; joined < 3 && word < s->m->word_count; joined++) {
		if (!ends_with(word_text(s, word), "고") && !ends_with(word_text(s, word), "며"))
			break;
		uint32_t last = word + 3, clause = s->m->words[word].clause + 1, next = word + 1;
		for (; next <= last && is_said(s, next) && s->m->words[next].clause <= clause; next++)
			if (has_past(word_text(s, next)) || ends_with(word_text(s, next), "고") || ends_with(word_text(s, next), "며"))
				break;
		if (next > last || next >= s->m->word_count || s->m->words[next].clause > clause)
			break;
		word = next;
	}
	return word;
}

/* Words after word `from`, of its clause and the next one, at most ten: what they say about how it is now. */
static uint64_t said_after(const struct scope *s, uint32_t from)
{
	uint64_t all = 0;
	uint32_t clause = s->m->words[from].clause;
	for (uint32_t j = from + 1; j <= from + 10 && is_said(s, j); j++) {
		if (s->m->words[j].clause > clause + 1)
			break;
		uint64_t here = sori_word_lists(s->m, j);
		uint64_t next = j + 1 < s->m->word_count ? sori_word_lists(s->m, j + 1) : 0;
		bool well = sori_view_is(word_text(s, j), "잘");
		bool denied = next & SORI_WORD(NEGAUX) && (well || ends_in_ji(word_text(s, j)));
		bool short_denied = sori_word_lists(s->m, j - 1) & SORI_WORD(AN);
		all |= denied || short_denied ? here & ~SORI_WORD(BETTER) : here;
	}
	return all;
}

static void past(struct scope *s)
{
	uint32_t predicate = predicate_word(s), tense = tense_word(s, predicate);
	bool told = s->labels & (SORI_LABEL_PAST | SORI_LABEL_RETRO);
	if (tense != s->match->word && tense < s->m->word_count)
		told |= has_past(word_text(s, tense));
	if (!told)
		return;
	bool before = before_said(s);
	if (before || s->labels & SORI_LABEL_RETRO)
		s->match->tags |= SORI_TAG_PAST;
	uint64_t after = said_after(s, tense < s->m->word_count && tense > s->match->word && tense != predicate ? tense : s->match->word);
	bool now = after & SORI_WORD(NOW), better = after & SORI_WORD(BETTER);
	if (after & SORI_WORD(STILL))
		return;
	if ((before && (now || better)) || (now && better))
		s->match->tags |= SORI_TAG_RESOLVED;
}

void sori_scope_told(struct scope *s)
{
	attributed(s);
	past(s);
}
