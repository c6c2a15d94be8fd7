/* From a proposed position to term matches: what may stand left and right of a form within its run of Hangul.
 *
 * Left: candidates come from left to right, so "the part before it consists of known words" is a small dynamic
 * programme over the run: bit k of run.own says that known words (with the particles and endings that may end there)
 * reach from the start of the run to its k-th syllable. Right: the ending automaton, see right_side. */
#include "stages/extract/match.h"

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define FINAL_IEUNG 21u   /* place of ㅇ among the finals */
#define FORM_LIMIT 256u /* bytes; longer than any form */

static bool syllable_here(struct sori_view text, uint32_t at)
{
	if (at + 3 > text.length)
		return false;
	unsigned char lead = (unsigned char)text.at[at];
	return lead >= 0xea && lead <= 0xed && sori_index_syllable(sori_index_load(text.at + at)) < SORI_SYLLABLES;
}

static uint32_t syllable_number(struct sori_view text, uint32_t at)
{
	return sori_index_syllable(sori_index_load(text.at + at));
}

/* 안, 못 and the frequent misspelling 않 */
static bool short_negator(struct sori_view text, uint32_t at)
{
	return memcmp(text.at + at, "안", 3) == 0 || memcmp(text.at + at, "못", 3) == 0 ||
	       memcmp(text.at + at, "않", 3) == 0;
}

void sori_verify_begin(struct sori_matcher *m)
{
	m->run = (struct sori_run){0};
	m->match_count = 0;
	m->last_parse.valid = false;
}

static void verify_at(struct sori_matcher *m, uint32_t at, unsigned kind);

/* A word may begin at byte `at` of the run; `strict`: also one that wants nothing but prefixes before it. */
static void reach(struct sori_matcher *m, uint32_t at, bool strict)
{
	struct sori_run *run = &m->run;
	uint32_t index = (at - run->start) / 3;
	if (at < run->start || at >= run->end || index >= SORI_RUN_SYLLABLES)
		return;
	uint64_t bit = UINT64_C(1) << index;
	bool known = (run->own & bit) != 0;
	run->own |= bit;
	run->predicate |= bit;
	if (strict)
		run->strict |= bit;
	if (index + 1 < SORI_RUN_SYLLABLES && short_negator(m->text, at)) {
		run->predicate |= bit << 1;
		if (strict)
			run->strict |= bit << 1;
		if (!known && at + 3 < run->end && sori_bit(m->index->single_start, syllable_number(m->text, at + 3)))
			verify_at(m, at + 3, SORI_CANDIDATE_SINGLE);
	}
	/* The prefilter proposes one-syllable forms at the start of a run only; here is another place for one. */
	if (!known && index > 0 && sori_bit(m->index->single_start, syllable_number(m->text, at)))
		verify_at(m, at, SORI_CANDIDATE_SINGLE);
}

static void enter_run(struct sori_matcher *m, uint32_t at)
{
	uint32_t start = at, end = at;
	while (start >= 3 && syllable_here(m->text, start - 3))
		start -= 3;
	while (syllable_here(m->text, end))
		end += 3;
	m->run = (struct sori_run){.start = start, .end = end};
	m->cuts.runs += (end - start) / 3 > SORI_RUN_SYLLABLES;
	if (end > start)
		reach(m, start, true);
	else
		m->run.own = m->run.predicate = m->run.strict = 1; /* a form that begins with a jamo */
}

static bool left_side(const struct sori_matcher *m, const struct sori_index_form *form, uint32_t at)
{
	const struct sori_run *run = &m->run;
	bool predicate = form->kind == SORI_TERM_VERB;
	if (form->left == SORI_LEFT_ANY || at <= run->start || at > run->end)
		return true;
	uint32_t index = (at - run->start) / 3;
	if (index >= SORI_RUN_SYLLABLES)
		return false;
	uint64_t mask = form->left == SORI_LEFT_STRICT ? (predicate ? run->strict : 1)
		      : predicate ? run->predicate : run->own;
	return mask >> index & 1;
}

/* Only the word itself is asked, not what comes after it: forms inside it, or one that may go on behind it. */
static bool known_word_at(const struct sori_matcher *m, uint32_t at)
{
	struct sori_found found[SORI_FOUND_LIMIT] SORI_UNINITIALIZED;
	if (!syllable_here(m->text, at))
		return false;
	if (short_negator(m->text, at))
		return true;
	unsigned count = sori_index_find(m->index, m->text, at, SORI_CANDIDATE_EXACT | SORI_CANDIDATE_OPEN, found);
	/* What is further off than any term is long need not be looked at: the work stays bounded in endless words. */
	uint32_t end = sori_clause_word_end(sori_view_slice(m->text, 0, (size_t)at + FORM_LIMIT), at);
	for (unsigned i = 0; i < count; i++)
		if (found[i].end <= end)
			return true;
	return sori_memo_spills(m, at, end);
}

/* Some place where the word may end has a known word after it. */
static bool known_word_follows(const struct sori_matcher *m, const struct sori_tail_parse *parse, uint32_t end)
{
	for (uint64_t borders = parse->borders; borders; borders &= borders - 1)
		if (known_word_at(m, end + 3 * (uint32_t)__builtin_ctzll(borders)))
			return true;
	return false;
}

static unsigned noun_entry(struct sori_view text, uint32_t end, uint8_t right)
{
	if (end < 3 || !syllable_here(text, end - 3))
		return SORI_ENTRY_NV;
	unsigned final = syllable_number(text, end - 3) % 28;
	unsigned first = right == SORI_RIGHT_JOSA ? SORI_ENTRY_NJV : SORI_ENTRY_NSV;
	return first + (final == 0 ? 0 : final == 8 ? 2 : 1);
}

/* Class that reads on after the form, and the final of an open last syllable. */
static unsigned entry_of(struct sori_view text, const struct sori_index_form *form, uint32_t end, unsigned *final)
{
	*final = form->open && syllable_here(text, end - 3) ? syllable_number(text, end - 3) % 28 : 0;
	switch (form->tail) {
	case SORI_TAIL_NOUN:
		if (*final)
			return form->right == SORI_RIGHT_JOSA ? SORI_ENTRY_NJV : SORI_ENTRY_NSV;
		return noun_entry(text, end, form->right);
	case SORI_TAIL_WORD:
		return noun_entry(text, end, SORI_RIGHT_SUFFIX);
	case SORI_TAIL_END:
	case SORI_TAIL_ANY:
		return SORI_ENTRY_END;
	default:
		return SORI_ENTRY_V + (unsigned)(form->tail - SORI_TAIL_V);
	}
}

/* End of the run of Hangul that `at` lies in or ends. */
static uint32_t run_end(const struct sori_matcher *m, uint32_t at)
{
	if (at >= m->run.start && at <= m->run.end)
		return m->run.end;
	while (syllable_here(m->text, at))
		at += 3;
	return at;
}

struct right_side {
	struct sori_tail_parse parse;
	bool low;
};

/* Nouns: the rest is particles (and suffixes), or (open) at least two syllables of another word, or a known word comes
 * after some particle; one left-over syllable rejects. */
static bool noun_right(const struct sori_matcher *m, const struct sori_index_form *form, uint32_t end, uint32_t stop,
		       const struct right_side *side)
{
	if (form->right == SORI_RIGHT_ANY || side->parse.whole)
		return true;
	if (!side->parse.accepted) /* an open form whose final is no ending */
		return false;
	if (form->right == SORI_RIGHT_OPEN && stop - end >= 6)
		return true;
	return known_word_follows(m, &side->parse, end);
}

/* Predicates: any accepted ending does, what follows may be a run-on word; a stem of one syllable must use up its run
 * or meet a known word; a longer one is kept, marked, when no ending was accepted (typing errors). */
static bool predicate_right(const struct sori_matcher *m, const struct sori_index_form *form, uint32_t end,
			    struct right_side *side)
{
	if (!form->one_syllable) {
		side->low = !side->parse.accepted;
		return true;
	}
	return side->parse.accepted && (side->parse.whole || known_word_follows(m, &side->parse, end));
}

/* The forms at one place often ask for the same parse: the last one is kept. */
static bool parse_tail(struct sori_matcher *m, unsigned entry, unsigned final, uint32_t end, uint32_t stop)
{
	struct sori_last_parse *last = &m->last_parse;
	if (last->valid && last->end == end && last->entry == entry && last->final == final)
		return true;
	last->valid = sori_endings_parse(m->endings, entry, final, m->text, end, stop, &last->result);
	last->end = end;
	last->entry = entry;
	last->final = final;
	return last->valid;
}

static bool right_side(struct sori_matcher *m, const struct sori_index_form *form, uint32_t end,
		       struct right_side *side)
{
	unsigned final;
	unsigned entry = entry_of(m->text, form, end, &final);
	uint32_t stop = run_end(m, end);
	side->low = false;
	if (!parse_tail(m, entry, final, end, stop)) {
		m->failed = true;
		return false;
	}
	side->parse = m->last_parse.result;
	switch (form->tail) {
	case SORI_TAIL_ANY:
	case SORI_TAIL_WORD:
		return true;
	case SORI_TAIL_NOUN:
		return noun_right(m, form, end, stop, side);
	case SORI_TAIL_ADV:
	case SORI_TAIL_END:
		return side->parse.whole || (!form->one_syllable && known_word_follows(m, &side->parse, end));
	default: /* a stem of one syllable takes no playful ㅇ: 생일 is not 새다 */
		return !(form->one_syllable && final == FINAL_IEUNG) && predicate_right(m, form, end, side);
	}
}

/* Where words may begin after this one. */
static void reach_after(struct sori_matcher *m, const struct sori_index_form *form, uint32_t at, uint32_t end,
			const struct right_side *side)
{
	const struct sori_run *run = &m->run;
	if (at < run->start || end > run->end || end <= run->start)
		return;
	uint32_t index = (at - run->start) / 3;
	if (at >= run->start && (index >= SORI_RUN_SYLLABLES || !(run->predicate >> index & 1)))
		return;
	if (form->kind == SORI_TERM_PREFIX) {
		reach(m, end, run->strict >> index & 1);
		return;
	}
	for (uint64_t borders = side->parse.borders; borders; borders &= borders - 1)
		reach(m, end + 3 * (uint32_t)__builtin_ctzll(borders), false);
}

static bool is_upper(const struct sori_matcher *m, uint32_t at, uint32_t end)
{
	uint32_t from, to;
	sori_record_original(m->batch, m->record, m->base + at, m->base + end, &from, &to);
	struct sori_view original = sori_view_slice(m->record->field[SORI_ROLE_TEXT], from, to - from);
	for (size_t i = 0; i < original.length; i++)
		if (original.at[i] >= 'a' && original.at[i] <= 'z')
			return false;
	return true;
}

static void add_match(struct sori_matcher *m, const struct sori_index_form *form, uint32_t at, uint32_t end,
		      const struct right_side *side)
{
	const struct sori_group *term = &m->index->groups[form->group];
	if (term->set_count == 0 && term->kind != SORI_TERM_EXCLUSION)
		return;
	if (SORI_GROW(m->matches, m->match_capacity, m->match_count + 1) != 0) {
		m->failed = true;
		return;
	}
	const struct sori_run *run = &m->run;
	bool glued = at >= run->start + 3 && at < run->end && short_negator(m->text, at - 3) &&
		     (at - run->start) / 3 < SORI_RUN_SYLLABLES && run->own >> ((at - run->start) / 3 - 1) & 1;
	unsigned flags = (side->parse.whole ? SORI_MATCH_WHOLE : 0u) | (side->low ? SORI_MATCH_LOW : 0u) |
			 (glued ? SORI_MATCH_GLUED : 0u) |
			 (term->kind == SORI_TERM_ENGLISH ? SORI_MATCH_LATIN : 0u);
	m->matches[m->match_count++] = (struct sori_term_match){
		.start = at, .end = end, .tail_end = side->parse.end, .group = form->group,
		.list = sori_rules_list(m, form->group),
		.labels = side->parse.labels, .flags = (uint8_t)flags,
	};
}

static bool latin_border(struct sori_view text, uint32_t end)
{
	return end >= text.length || !sori_is_word_byte((unsigned char)text.at[end]) ||
	       !sori_is_word_byte((unsigned char)text.at[end - 1]);
}

static void verify_form(struct sori_matcher *m, const struct sori_index_form *form, uint32_t at, uint32_t end)
{
	struct right_side side = {0};
	if (!latin_border(m->text, end) || !left_side(m, form, at))
		return;
	if (form->upper) {
		m->saw_upper = m->asked_case = true;
		if (!(m->live ? is_upper(m, at, end) : m->upper))
			return;
	}
	if (form->kind == SORI_TERM_PREFIX) {
		side = (struct right_side){.parse = {.end = end, .borders = 1}};
		reach_after(m, form, at, end, &side);
		return;
	}
	if (!right_side(m, form, end, &side)) {
		if (form->kind == SORI_TERM_LEFT)
			reach_after(m, form, at, end, &side);
		return;
	}
	add_match(m, form, at, end, &side);
	reach_after(m, form, at, end, &side);
}

static void verify_at(struct sori_matcher *m, uint32_t at, unsigned kind)
{
	struct sori_found found[SORI_FOUND_LIMIT] SORI_UNINITIALIZED;
	unsigned count = sori_index_find_cut(m->index, m->text, at, kind, found, &m->cut);
	for (unsigned i = 0; i < count; i++)
		if (found[i].end > m->accept_above && found[i].end <= m->accept_to)
			verify_form(m, found[i].form, at, found[i].end);
}

void sori_verify_spilling(struct sori_matcher *m, uint32_t at, uint32_t above, const struct sori_run *run)
{
	m->run = (struct sori_run){.start = at, .end = at, .own = 1, .predicate = 1, .strict = 1};
	m->last_parse.valid = false;
	m->accept_above = above;
	m->accept_to = UINT32_MAX;
	m->live = true;
	if (run && at >= run->start && at < run->end)
		m->run = *run;
	else if (run)
		enter_run(m, at);
	verify_at(m, at, run ? SORI_CANDIDATE_EXACT | SORI_CANDIDATE_OPEN : SORI_CANDIDATE_LATIN);
	m->live = false;
}

void sori_verify_candidate(struct sori_matcher *m, uint32_t at, unsigned kind)
{
	if (kind & SORI_CANDIDATE_LATIN)
		m->run = (struct sori_run){.start = at, .end = at, .own = 1, .predicate = 1, .strict = 1};
	else if (at >= m->run.end)
		enter_run(m, at);
	verify_at(m, at, kind);
}

/* Text order; at one place the longer first, exclusions before all of their length. */
static bool goes_before(const struct sori_matcher *m, const struct sori_term_match *a, const struct sori_term_match *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	if (a->end != b->end)
		return a->end > b->end;
	bool a_out = sori_match_group(m, a)->kind == SORI_TERM_EXCLUSION;
	bool b_out = sori_match_group(m, b)->kind == SORI_TERM_EXCLUSION;
	if (a_out != b_out)
		return a_out;
	return a->group < b->group;
}

/* Insertion sort: candidates come in order, only one-syllable words are out of place, by less than a run. */
static void sort_matches(struct sori_matcher *m, size_t from)
{
	for (size_t i = from + 1; i < m->match_count; i++) {
		if (!goes_before(m, &m->matches[i], &m->matches[i - 1]))
			continue;
		struct sori_term_match moving = m->matches[i];
		size_t to = i;
		for (; to > from && goes_before(m, &moving, &m->matches[to - 1]); to--)
			m->matches[to] = m->matches[to - 1];
		m->matches[to] = moving;
	}
}

/* Two forms of one group at one place: the one whose ending reads further stays. */
static void merge_same_group(struct sori_matcher *m, size_t from, size_t at)
{
	struct sori_term_match *match = &m->matches[at];
	for (size_t i = at; i > from && m->matches[i - 1].start == match->start; i--) {
		struct sori_term_match *other = &m->matches[i - 1];
		if (other->group != match->group || other->flags & SORI_MATCH_SUPPRESSED)
			continue;
		bool other_low = other->flags & SORI_MATCH_LOW, low = match->flags & SORI_MATCH_LOW;
		bool better = other_low != low ? other_low : match->tail_end > other->tail_end;
		if (!better && other_low == low && match->tail_end == other->tail_end)
			other->labels |= match->labels;
		(better ? other : match)->flags |= SORI_MATCH_SUPPRESSED;
		return;
	}
}

/* Every set of the inner one is also in the outer one: nothing is lost with it. */
static bool serves_as(const struct sori_index *index, const struct sori_group *outer, const struct sori_group *inner)
{
	const uint16_t *big = index->group_sets + outer->set_first, *small = index->group_sets + inner->set_first;
	size_t i = 0;
	if (inner->hash & ~outer->hash || inner->set_count > outer->set_count)
		return false;
	for (size_t k = 0; k < inner->set_count; k++) {
		while (i < outer->set_count && big[i] < small[k])
			i++;
		if (i == outer->set_count || big[i] != small[k])
			return false;
	}
	return true;
}

/* The match stands in the ex= word from its byte `before` on: most places fail here, before the whole word is compared. */
static inline bool ex_has_match(struct sori_view word, size_t before, const char *match, uint32_t length)
{
	return word.at[before] == match[0] && word.at[before + length - 1] == match[length - 1] &&
	       memcmp(word.at + before, match, length) == 0;
}

static uint64_t match_letters(const struct sori_matcher *m, const struct sori_term_match *match)
{
	return sori_index_letters(sori_view_slice(m->text, match->start, match->end - match->start));
}

static bool covered_by_ex(const struct sori_matcher *m, const struct sori_term_match *match)
{
	const struct sori_group *term = sori_match_group(m, match);
	uint32_t length = match->end - match->start;
	if (!term->ex_count)
		return false;
	uint64_t letters = match_letters(m, match);
	for (const struct sori_ex *ex = m->index->ex + term->ex_first, *end = ex + term->ex_count; ex < end; ex++) {
		struct sori_view word = ex->text;
		if (letters & ~ex->letters)
			continue;
		for (size_t before = 0; before + length <= word.length && before <= match->start; before++) {
			size_t from = match->start - before;
			if (ex_has_match(word, before, m->text.at + match->start, length) && from + word.length <= m->text.length &&
			    memcmp(m->text.at + from, word.at, word.length) == 0)
				return true;
		}
	}
	return false;
}

/* [start, end) are whole words: what reaches out of them has a blank or mark. */
bool sori_verify_ex_reaches(const struct sori_matcher *m, const struct sori_term_match *match, uint32_t start, uint32_t end)
{
	const struct sori_group *term = sori_match_group(m, match);
	uint32_t length = match->end - match->start;
	if (!term->ex_count)
		return false;
	uint64_t letters = match_letters(m, match);
	for (const struct sori_ex *ex = m->index->ex + term->ex_first, *last = ex + term->ex_count; ex < last; ex++) {
		struct sori_view word = ex->text;
		if (!ex->joins || letters & ~ex->letters)
			continue;
		for (size_t before = 0; before + length <= word.length; before++) {
			size_t skip = match->start - start < before ? before - (match->start - start) : 0;
			size_t from = match->start + skip - before, left = word.length - skip;
			if ((skip == 0 && from + left <= end) || !ex_has_match(word, before, m->text.at + match->start, length))
				continue;
			left = from + left > end ? end - from : left;
			if (memcmp(m->text.at + from, word.at + skip, left) == 0)
				return true;
		}
	}
	return false;
}

/* A negated predicate glued on behind two syllables or more is a word of its own: 접속이안됨, 결제가안돼요; not 불안하다. */
static bool negated_part(const struct sori_matcher *m, const struct sori_term_match *outer, const struct sori_term_match *inner)
{
	return inner->start >= outer->start + 6 && inner->end > inner->start + 3 && short_negator(m->text, inner->start);
}

/* Whether the match `outer`, which covers `inner`, does away with it. */
static bool outer_wins(const struct sori_matcher *m, const struct sori_term_match *outer,
		       const struct sori_term_match *inner)
{
	const struct sori_group *big = sori_match_group(m, outer), *small = sori_match_group(m, inner);
	if (big->kind == SORI_TERM_EXCLUSION)
		return small->kind != SORI_TERM_EXCLUSION;
	if (outer->end - outer->start == inner->end - inner->start)
		return false;
	if (serves_as(m->index, big, small))
		return true;
	/* A phrase or a longer verb that begins where the word does (p:왔어요, p:맛이) is no other word: what is read to its
	 * end stays, unless a light verb is needed for it (심하네요 is not 시다). */
	bool verbs = big->kind == SORI_TERM_VERB && small->kind == SORI_TERM_VERB && !(inner->labels & SORI_LABEL_LIGHT);
	bool same_word = (big->phrase || verbs) && inner->start == outer->start && inner->tail_end >= outer->end;
	bool one_syllable = inner->end - inner->start == 3 && !same_word &&
			    (small->kind == SORI_TERM_NOUN || small->kind == SORI_TERM_VERB);
	bool inside = big->kind == SORI_TERM_VERB && inner->start > outer->start && !negated_part(m, outer, inner);
	return (inside || one_syllable) && !memchr(m->text.at + outer->start, ' ', outer->end - outer->start);
}

/* `longest`: bytes of the longest match; one that begins further back cannot cover. */
static bool covered(const struct sori_matcher *m, size_t from, size_t at, uint32_t longest)
{
	const struct sori_term_match *inner = &m->matches[at];
	for (size_t back = 1; back <= SORI_OVERLAP_WINDOW && back <= at - from; back++) {
		const struct sori_term_match *outer = &m->matches[at - back];
		if (outer->start + longest < inner->end)
			break;
		if (outer->flags & SORI_MATCH_SUPPRESSED || outer->end < inner->end)
			continue;
		if (outer_wins(m, outer, inner))
			return true;
	}
	return covered_by_ex(m, inner);
}

void sori_verify_order(struct sori_matcher *m, size_t from)
{
	uint32_t longest = 0;
	sort_matches(m, from);
	for (size_t i = from; i < m->match_count; i++)
		longest = m->matches[i].end - m->matches[i].start > longest ? m->matches[i].end - m->matches[i].start : longest;
	for (size_t i = from; i < m->match_count; i++) {
		merge_same_group(m, from, i);
		if (!(m->matches[i].flags & SORI_MATCH_SUPPRESSED) && covered(m, from, i, longest))
			m->matches[i].flags |= SORI_MATCH_SUPPRESSED;
	}
}

bool sori_match_dropped(const struct sori_matcher *m, const struct sori_term_match *match)
{
	return match->flags & SORI_MATCH_SUPPRESSED || sori_match_group(m, match)->kind == SORI_TERM_EXCLUSION;
}

void sori_verify_drop(struct sori_matcher *m, size_t from)
{
	size_t kept = from;
	for (size_t i = from; i < m->match_count; i++)
		if (!sori_match_dropped(m, &m->matches[i]))
			m->matches[kept++] = m->matches[i];
	m->match_count = kept;
}
