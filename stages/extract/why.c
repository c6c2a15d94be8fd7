/* why-not: rules evaluated one by one over the matches of the last record. Per rule the unit (clause, sentence, record) with
 * the most members is taken; among the ways to choose the members there, the one that breaks the fewest relations. What is
 * still wrong is the answer. Rules are ranked by what they lack, then by how telling the members are that they have: a set
 * of few terms says more than one of hundreds. Speed does not matter here, so nothing of rules.c is shared but its data. */
#include "stages/extract/why.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/extract/match.h"

#define SEARCH_STEPS 4096u
#define NO_MATCH UINT32_MAX

struct range {
	size_t from, to; /* matches */
};

static bool serves(const struct sori_matcher *m, size_t match, uint16_t set)
{
	const struct sori_group *group = sori_match_group(m, &m->matches[match]);
	const uint16_t *sets = m->index->group_sets + group->set_first;
	for (uint32_t i = 0; i < group->set_count; i++)
		if (sets[i] == set)
			return true;
	return false;
}

static uint32_t first_match(const struct sori_matcher *m, struct range range, uint16_t set)
{
	for (size_t i = range.from; i < range.to; i++)
		if (serves(m, i, set))
			return (uint32_t)i;
	return NO_MATCH;
}

static void place_of(const struct sori_matcher *m, uint32_t match, uint32_t *start, uint32_t *end)
{
	const struct sori_term_match *found = &m->matches[match];
	uint32_t to = sori_match_group(m, found)->kind == SORI_TERM_VERB ? found->tail_end : found->end;
	sori_record_original(m->batch, m->record, found->start, to, start, end);
}

/* ---- choosing members */

struct search {
	const struct sori_matcher *m;
	const struct sori_rule *rule;
	struct range range;
	uint32_t steps;
	unsigned best_broken;
	uint32_t now[SORI_SLOT_LIMIT], best[SORI_SLOT_LIMIT];
};

static bool overlap(const struct search *s, unsigned a, unsigned b)
{
	const struct sori_term_match *x = &s->m->matches[s->now[a]], *y = &s->m->matches[s->now[b]];
	if (s->rule->slots[a].context || s->rule->slots[b].context)
		return x == y;
	return x->start < y->end && y->start < x->end;
}

/* Relations broken by the members chosen; *constraint: the first one, *overlaps: members on the same words. */
static unsigned broken(const struct search *s, uint8_t *constraint, bool *overlaps)
{
	unsigned count = 0;
	*overlaps = false;
	*constraint = UINT8_MAX;
	for (unsigned a = 0; a < s->rule->slot_count; a++)
		for (unsigned b = a + 1; b < s->rule->slot_count; b++)
			if (s->now[a] != NO_MATCH && s->now[b] != NO_MATCH && overlap(s, a, b)) {
				*overlaps = true;
				count += 2;
			}
	for (uint8_t i = 0; i < s->rule->constraint_count; i++) {
		const struct sori_constraint *c = &s->rule->constraints[i];
		uint32_t left = s->now[c->left_slot], right = s->now[c->right_slot];
		if (left == NO_MATCH || right == NO_MATCH || sori_relation_holds(c, &s->m->matches[left], &s->m->matches[right]))
			continue;
		if (*constraint == UINT8_MAX)
			*constraint = i;
		count++;
	}
	return count;
}

static void choose(struct search *s, unsigned slot)
{
	uint8_t constraint;
	bool overlaps, any = false;
	if (slot == s->rule->slot_count) {
		unsigned count = broken(s, &constraint, &overlaps);
		if (count < s->best_broken) {
			s->best_broken = count;
			memcpy(s->best, s->now, sizeof s->best);
		}
		return;
	}
	for (size_t i = s->range.from; i < s->range.to && s->best_broken && s->steps; i++) {
		if (!serves(s->m, i, s->rule->slots[slot].set))
			continue;
		s->steps--;
		any = true;
		s->now[slot] = (uint32_t)i;
		choose(s, slot + 1);
	}
	if (!any) {
		s->now[slot] = NO_MATCH;
		choose(s, slot + 1);
	}
}

/* ---- one rule */

static unsigned count_present(const struct sori_matcher *m, const struct sori_rule *rule, struct range range)
{
	unsigned count = 0;
	for (unsigned i = 0; i < rule->slot_count; i++)
		count += first_match(m, range, rule->slots[i].set) != NO_MATCH;
	return count;
}

static struct range best_unit(const struct sori_matcher *m, const struct sori_rule *rule)
{
	struct range best = {0, 0};
	unsigned most = 0;
	for (size_t from = 0, to; from < m->match_count; from = to) {
		to = from + 1;
		while (to < m->match_count && sori_unit_of(m, to, rule->within) == sori_unit_of(m, from, rule->within))
			to++;
		unsigned count = count_present(m, rule, (struct range){from, to});
		if (count > most) {
			most = count;
			best = (struct range){from, to};
		}
	}
	return best;
}

static void fill_slots(const struct sori_matcher *m, const struct sori_rule *rule, const struct search *s,
		       const uint32_t *set_terms, struct sori_why *why)
{
	for (unsigned i = 0; i < rule->slot_count; i++) {
		struct sori_why_slot *slot = &why->slots[i];
		uint32_t match = s->best[i];
		slot->present = match != NO_MATCH;
		if (!slot->present) {
			match = first_match(m, (struct range){0, m->match_count}, rule->slots[i].set);
			slot->apart = match != NO_MATCH;
		}
		if (match != NO_MATCH) {
			place_of(m, match, &slot->start, &slot->end);
			why->terms += set_terms[rule->slots[i].set];
		}
		why->present += slot->present;
		why->apart += slot->apart;
		why->missing += !slot->present && !slot->apart;
	}
	why->causes |= (why->missing ? SORI_WHY_MISSING : 0u) | (why->apart ? SORI_WHY_APART : 0u);
}

static void check_conditions(const struct sori_matcher *m, const struct sori_rule *rule, struct range range,
			     struct sori_why *why)
{
	for (unsigned i = 0; i < rule->forbid_count; i++) {
		uint32_t match = first_match(m, range, rule->forbid[i]);
		if (match == NO_MATCH)
			continue;
		why->causes |= SORI_WHY_FORBIDDEN;
		why->forbidden = rule->forbid[i];
		place_of(m, match, &why->forbidden_start, &why->forbidden_end);
		break;
	}
	for (uint8_t i = 0; i < rule->when_count; i++)
		if (!sori_rules_when(m->record, &rule->when[i])) {
			why->causes |= SORI_WHY_CONDITION;
			why->when = i;
			break;
		}
}

/* False: no member but context is there, which is nothing to tell. */
static bool examine(const struct sori_matcher *m, uint32_t index, const uint32_t *set_terms, struct sori_why *why)
{
	const struct sori_rule *rule = &m->dictionary->rules[index];
	bool own = false, overlaps;
	*why = (struct sori_why){.rule = index};
	for (unsigned i = 0; i < rule->slot_count && !own; i++)
		own = !rule->slots[i].context &&
		      first_match(m, (struct range){0, m->match_count}, rule->slots[i].set) != NO_MATCH;
	if (!own)
		return false;
	struct search s = {.m = m, .rule = rule, .range = best_unit(m, rule), .steps = SEARCH_STEPS, .best_broken = UINT32_MAX};
	memset(s.best, 0xff, sizeof s.best);
	choose(&s, 0);
	fill_slots(m, rule, &s, set_terms, why);
	memcpy(s.now, s.best, sizeof s.now);
	(void)broken(&s, &why->constraint, &overlaps);
	why->causes |= (overlaps ? SORI_WHY_OVERLAP : 0u) | (why->constraint != UINT8_MAX ? SORI_WHY_RELATION : 0u);
	check_conditions(m, rule, s.range, why);
	if (!why->causes)
		why->causes = SORI_WHY_MASKED;
	return true;
}

/* ---- ranking */

static int compare_number(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const struct sori_why *a, const struct sori_why *b)
{
	int order = compare_number(a->missing, b->missing);
	if (!order)
		order = compare_number(a->apart, b->apart);
	if (!order)
		order = compare_number((uint32_t)__builtin_popcount(a->causes), (uint32_t)__builtin_popcount(b->causes));
	if (!order)
		order = compare_number(b->present, a->present);
	if (!order)
		order = compare_number(a->terms, b->terms);
	return order ? order : compare_number(a->rule, b->rule);
}

/* Keeps the best `limit`, one per entry. */
static size_t insert(const struct sori_dictionary *d, struct sori_why *nearest, size_t count, size_t limit,
		     const struct sori_why *why)
{
	size_t at = 0, last = count;
	while (at < count && compare(&nearest[at], why) <= 0)
		at++;
	for (size_t i = 0; i < count; i++)
		if (d->rules[nearest[i].rule].entry == d->rules[why->rule].entry) {
			if (i < at)
				return count; /* a better one is there */
			last = i;
		}
	if (at == limit)
		return count;
	if (last == count)
		last = count < limit ? count++ : limit - 1;
	memmove(&nearest[at + 1], &nearest[at], (last - at) * sizeof *nearest);
	nearest[at] = *why;
	return count;
}

static bool has_hit(const struct sori_matcher *m, uint32_t entry)
{
	for (uint32_t i = 0; i < m->record->hit_count; i++)
		if (m->batch->hits[m->record->hit_first + i].entry == entry)
			return true;
	return false;
}

static bool is_asked(const struct sori_matcher *m, uint32_t rule, uint16_t category, uint32_t entry)
{
	uint32_t own = m->dictionary->rules[rule].entry;
	return m->dictionary->entries[own].category == category && (entry == SORI_WHY_ANY || own == entry) && !has_hit(m, own);
}

size_t sori_why_not(struct sori_matcher *m, uint16_t category, uint32_t entry, struct sori_why *nearest, size_t limit)
{
	sori_passages_whole(m);
	const struct sori_dictionary *d = m->dictionary;
	uint32_t *set_terms = sori_alloc_zero((size_t)d->set_count + 1, sizeof *set_terms);
	size_t count = 0;
	if (!set_terms)
		return SIZE_MAX;
	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			set_terms[d->term_sets[d->terms[t].set_first + k]]++;
	for (uint32_t i = 0; limit && i < d->rule_count; i++) {
		struct sori_why why;
		if (is_asked(m, i, category, entry) && examine(m, i, set_terms, &why))
			count = insert(d, nearest, count, limit, &why);
	}
	sori_free(set_terms);
	return count;
}

/* ---- letters that are no match */

/* Where the form stands in the text from `from` on; an open form also with any final. SIZE_MAX: nowhere. */
static size_t find_form(struct sori_view text, size_t from, const struct sori_form *form)
{
	size_t length = form->text.length, fixed = form->open && length > 3 ? length - 3 : length;
	bool latin = length && (unsigned char)form->text.at[0] < 0x80;
	for (; from + length <= text.length; from++) {
		const char *at = memmem(text.at + from, text.length - from, form->text.at, fixed);
		if (!at)
			return SIZE_MAX;
		from = (size_t)(at - text.at);
		if (from + length > text.length || (latin && from && sori_is_word_byte((unsigned char)text.at[from - 1])))
			continue;
		if (fixed == length)
			return from;
		uint32_t have = sori_index_syllable((uint64_t)(unsigned char)at[fixed] | (uint64_t)(unsigned char)at[fixed + 1] << 8 |
						    (uint64_t)(unsigned char)at[fixed + 2] << 16);
		const unsigned char *last = (const unsigned char *)form->text.at + fixed;
		uint32_t want = sori_index_syllable((uint64_t)last[0] | (uint64_t)last[1] << 8 | (uint64_t)last[2] << 16);
		if (have < SORI_SYLLABLES && want < SORI_SYLLABLES && have / 28 == want / 28)
			return from;
	}
	return SIZE_MAX;
}

static bool is_long_enough(const struct sori_form *form)
{
	return form->text.length && form->text.length >= ((unsigned char)form->text.at[0] < 0x80 ? 3u : 6u);
}

/* A match of one of the term's sets stands on these letters. */
static bool is_matched(const struct sori_matcher *m, const struct sori_term *term, size_t start, size_t end)
{
	for (size_t i = 0; i < m->match_count; i++)
		if (m->matches[i].start < end && m->matches[i].end > start)
			for (uint32_t k = 0; k < term->set_count; k++)
				if (serves(m, i, m->dictionary->term_sets[term->set_first + k]))
					return true;
	return false;
}

/* The longest term whose letters stand over [start, end) and further. */
static uint32_t find_cover(const struct sori_matcher *m, size_t start, size_t end)
{
	const struct sori_dictionary *d = m->dictionary;
	uint32_t best = SORI_WHY_ANY;
	size_t longest = end - start;
	for (uint32_t i = 0; i < d->form_count; i++) {
		const struct sori_form *form = &d->forms[i];
		if (form->text.length <= longest || d->terms[form->term].kind >= SORI_TERM_PREFIX)
			continue;
		for (size_t at = find_form(m->text, 0, form); at <= start; at = find_form(m->text, at + 1, form))
			if (at + form->text.length >= end) {
				best = form->term;
				longest = form->text.length;
				break;
			}
	}
	return best;
}

struct finding {
	const struct sori_matcher *m;
	struct sori_why_form *forms; /* offsets of the normalised text until the end */
	size_t count, limit;
};

/* Longest first; a place inside one that is kept says nothing new. */
static void add_form(struct finding *f, uint32_t term, size_t start, size_t end)
{
	size_t at = 0;
	for (size_t i = 0; i < f->count; i++)
		if (f->forms[i].start <= start && f->forms[i].end >= end)
			return;
	while (at < f->count && f->forms[at].end - f->forms[at].start >= end - start)
		at++;
	if (at == f->limit)
		return;
	if (f->count < f->limit)
		f->count++;
	memmove(&f->forms[at + 1], &f->forms[at], (f->count - 1 - at) * sizeof *f->forms);
	f->forms[at] = (struct sori_why_form){term, (uint32_t)start, (uint32_t)end, SORI_WHY_ANY};
}

static bool mark_sets(const struct sori_matcher *m, uint16_t category, uint32_t entry, uint8_t *wanted)
{
	bool any = false;
	for (uint32_t i = 0; i < m->dictionary->rule_count; i++) {
		const struct sori_rule *rule = &m->dictionary->rules[i];
		if (!is_asked(m, i, category, entry))
			continue;
		for (unsigned k = 0; k < rule->slot_count; k++)
			wanted[rule->slots[k].set] |= !rule->slots[k].context;
		any = true;
	}
	return any;
}

static bool is_wanted(const struct sori_dictionary *d, const struct sori_term *term, const uint8_t *wanted)
{
	for (uint32_t k = 0; k < term->set_count; k++)
		if (wanted[d->term_sets[term->set_first + k]])
			return true;
	return false;
}

size_t sori_why_forms(struct sori_matcher *m, uint16_t category, uint32_t entry, struct sori_why_form *forms, size_t limit)
{
	sori_passages_whole(m);
	const struct sori_dictionary *d = m->dictionary;
	struct finding f = {m, forms, 0, limit};
	uint8_t *wanted = sori_alloc_zero((size_t)d->set_count + 1, 1);
	if (!wanted)
		return SIZE_MAX;
	bool any = limit && mark_sets(m, category, entry, wanted);
	for (uint32_t i = 0; any && i < d->form_count; i++) {
		const struct sori_form *form = &d->forms[i];
		const struct sori_term *term = &d->terms[form->term];
		if (!is_long_enough(form) || !is_wanted(d, term, wanted))
			continue;
		for (size_t at = find_form(m->text, 0, form); at != SIZE_MAX; at = find_form(m->text, at + 1, form))
			if (!is_matched(m, term, at, at + form->text.length))
				add_form(&f, form->term, at, at + form->text.length);
	}
	for (size_t i = 0; i < f.count; i++) {
		forms[i].cover = find_cover(m, forms[i].start, forms[i].end);
		sori_record_original(m->batch, m->record, forms[i].start, forms[i].end, &forms[i].start, &forms[i].end);
	}
	sori_free(wanted);
	return f.count;
}
