/* Rules over the matches of a clause (sentence, record), and the hits that come of them.
 *
 * Rules are conjunctive. Those of one slot without conditions hang on the terms themselves. For the others
 * the sets of a unit's matches are put into a bit string; the rules that are filed under one of them (rules_file.c) ask it for
 * what they need and for what they forbid. Matches are listed per set only for rules that pass. Members
 * are chosen by a depth-first search that minimises the words between them; its steps are bounded per unit. Scope is
 * worked out only for matches that end up in a hit.
 *
 * Clauses and sentences are run per passage (passage.c), whose hits are kept: conditions on the record's fields are left
 * open there and decided when the hits are used. Rules over the record are run once per record over the matches that
 * such rules name, their scope worked out with the passage. */
#include "stages/extract/rules.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"

bool sori_rules_when(const struct sori_record *record, const struct sori_when *when)
{
	if (when->role == SORI_ROLE_RATING && when->compare != 0)
		return record->rating >= 0 && (when->compare < 0 ? record->rating <= when->number
								 : record->rating >= when->number);
	struct sori_view value = sori_view_trim(record->field[when->role]);
	for (unsigned i = 0; i < when->value_count; i++)
		if (sori_view_equal_nocase(value, when->values[i]))
			return true;
	return false;
}

bool sori_rules_conditions(const struct sori_matcher *m, const struct sori_rule *rule)
{
	for (unsigned i = 0; i < rule->when_count; i++)
		if (!sori_rules_when(m->record, &rule->when[i]))
			return false;
	return true;
}

/* The members chosen for one hit. */
struct choice {
	uint32_t match[SORI_SLOT_LIMIT];
};

struct search {
	struct sori_matcher *m;
	const struct sori_rule *rule;
	uint8_t anchor;
	uint32_t *steps; /* left for the unit */
	uint32_t best_cost;
	bool found;
	struct choice now, best;
};

static uint32_t hit_end(const struct sori_matcher *m, const struct sori_term_match *match)
{
	return sori_match_group(m, match)->kind == SORI_TERM_VERB ? match->tail_end : match->end;
}

/* Constraints between `slot` and the slots already chosen (bits of `done`), and no two members on the same words. */
static bool fits(const struct search *s, unsigned slot, unsigned done)
{
	const struct sori_term_match *all = s->m->matches, *mine = &all[s->now.match[slot]];
	for (unsigned i = 0; i < s->rule->slot_count; i++) {
		const struct sori_term_match *other = &all[s->now.match[i]];
		if (i == slot || !(done >> i & 1))
			continue;
		bool context = s->rule->slots[i].context || s->rule->slots[slot].context;
		if (context ? mine == other : mine->start < other->end && other->start < mine->end)
			return false;
	}
	for (unsigned i = 0; i < s->rule->constraint_count; i++) {
		const struct sori_constraint *c = &s->rule->constraints[i];
		unsigned other = c->left_slot == slot ? c->right_slot : c->left_slot;
		if ((c->left_slot != slot && c->right_slot != slot) || !(done >> other & 1))
			continue;
		if (!sori_relation_holds(c, &all[s->now.match[c->left_slot]], &all[s->now.match[c->right_slot]]))
			return false;
	}
	return true;
}

static void choose(struct search *s, unsigned slot, unsigned done, uint32_t cost)
{
	while (slot < s->rule->slot_count && done >> slot & 1)
		slot++;
	if (slot == s->rule->slot_count) {
		s->best = s->now;
		s->best_cost = cost;
		s->found = true;
		return;
	}
	struct sori_matcher *m = s->m;
	uint32_t at = m->sets[s->rule->slots[slot].set].first;
	for (; at && *s->steps; at = m->occurrences[at - 1].next) {
		--*s->steps;
		s->now.match[slot] = m->occurrences[at - 1].match;
		uint32_t more = cost + sori_words_apart(&m->matches[s->now.match[slot]], &m->matches[s->now.match[s->anchor]]);
		if ((!s->found || more < s->best_cost) && fits(s, slot, done))
			choose(s, slot + 1, done | 1u << slot, more);
	}
}

struct unit {
	size_t from, to; /* matches */
	unsigned level;
	uint32_t steps; /* left */
};

/* A Korean condition that another member follows says when it happens, not whether: 로그인하면 튕겨요, 재설치해도 안 떠요. */
static bool says_when(const struct sori_matcher *m, const struct sori_rule *rule, const struct choice *choice,
		      const struct sori_term_match *match)
{
	bool followed = false;
	for (unsigned k = 0; k < rule->slot_count; k++)
		followed |= !rule->slots[k].context && m->matches[choice->match[k]].first_word > match->word;
	return followed && (unsigned char)m->text.at[match->start] >= 0xea;
}

/* Of the matches only what they hold and their letters may be asked here: over the record their words are gone.
 * Negated: some member has an odd number of negators that are not themselves part of the hit's members. */
static uint16_t tags_of(struct sori_matcher *m, const struct sori_rule *rule, const struct choice *choice)
{
	uint16_t tags = 0;
	for (unsigned i = 0; i < rule->slot_count; i++) {
		struct sori_term_match *match = &m->matches[choice->match[i]];
		if (rule->slots[i].context)
			continue;
		sori_scope_fill(m, match);
		unsigned negators = 0;
		for (unsigned n = 0; n < match->negator_count; n++) {
			bool inside = false;
			for (unsigned k = 0; k < rule->slot_count && !inside; k++) {
				const struct sori_term_match *member = &m->matches[choice->match[k]];
				inside = match->negators[n] >= member->start && match->negators[n] < member->end;
			}
			negators += !inside;
		}
		tags |= says_when(m, rule, choice, match) ? (uint16_t)(match->tags & ~SORI_TAG_HYPOTHETICAL) : match->tags;
		if (negators & 1)
			tags |= SORI_TAG_NEGATED;
	}
	return tags;
}

static void note_members(struct sori_matcher *m, const struct sori_rule *rule, const struct choice *choice)
{
	for (unsigned i = 0; i < rule->slot_count; i++) {
		struct sori_term_match *match = &m->matches[choice->match[i]];
		if (rule->slots[i].context)
			continue;
		if (m->want == SORI_RULES_TAGS)
			sori_scope_fill(m, match);
		match->flags |= SORI_MATCH_CHOSEN;
	}
}

static void add_hit(struct sori_matcher *m, const struct sori_rule *rule, const struct choice *choice)
{
	const struct sori_entry *entry = &m->dictionary->entries[rule->entry];
	uint32_t start = UINT32_MAX, end = 0;
	if (m->want != SORI_RULES_HITS) {
		note_members(m, rule, choice);
		return;
	}
	for (unsigned i = 0; i < rule->slot_count; i++) {
		const struct sori_term_match *match = &m->matches[choice->match[i]];
		if (rule->slots[i].context)
			continue;
		start = match->start < start ? match->start : start;
		end = hit_end(m, match) > end ? hit_end(m, match) : end;
	}
	struct sori_hit hit = {.category = entry->category, .entry = rule->entry, .tags = tags_of(m, rule, choice),
			       .start = start, .end = end};
	if (hit.tags & SORI_TAG_NEGATED && entry->flip != SORI_CATEGORY_NONE) {
		hit.category = entry->flip;
		hit.tags = (uint16_t)((hit.tags & ~SORI_TAG_NEGATED) | SORI_TAG_FLIPPED);
	}
	unsigned allowed = (m->dictionary->catalog.categories[hit.category].count_tags | entry->keep_tags) &
			   ~(unsigned)entry->drop_tags;
	hit.counted = !(hit.tags & ~(allowed | SORI_TAG_FLIPPED));
	if (SORI_GROW(m->found, m->found_capacity, m->found_count + 1) != 0) {
		m->failed = true;
		return;
	}
	bool open = rule->when_count && rule->within != SORI_WITHIN_RECORD;
	m->found[m->found_count++] = (struct sori_found_hit){
		.hit = hit, .condition = open ? (uint32_t)(rule - m->dictionary->rules) : SORI_NO_RULE,
	};
}

static bool lists_number(const struct sori_rule_index *x, const struct sori_set_list *list, unsigned level, uint16_t number)
{
	const struct sori_row *row = x->rows + list->row[level], *end = x->rows + list->row[level + 1];
	if (!(list->hash[level] >> number % 64 & 1))
		return false;
	for (; row < end; row++)
		if (row->word == number / 64u)
			return row->bits >> number % 64 & 1;
	return false;
}

/* The matches of the unit that serve a set, in text order; listed once per unit. */
static void list_set(struct sori_matcher *m, const struct unit *unit, uint32_t set)
{
	const struct sori_rule_index *x = m->index->rules;
	struct sori_set_state *state = &m->sets[set];
	uint16_t number = x->number[unit->level][set];
	if (state->stamp == m->stamp)
		return;
	*state = (struct sori_set_state){.stamp = m->stamp};
	if (SORI_GROW(m->occurrences, m->occurrence_capacity, m->occurrence_count + (unit->to - unit->from) + 1) != 0) {
		m->failed = true;
		return;
	}
	for (size_t i = unit->from; i < unit->to; i++) {
		if (!lists_number(x, &x->lists[m->matches[i].list], unit->level, number))
			continue;
		m->occurrences[m->occurrence_count++] = (struct sori_occurrence){(uint32_t)i, 0};
		if (state->last)
			m->occurrences[state->last - 1].next = (uint32_t)m->occurrence_count;
		else
			state->first = (uint32_t)m->occurrence_count;
		state->last = (uint32_t)m->occurrence_count;
	}
}

static void run_rule(struct sori_matcher *m, const struct sori_filed_rule *filed, struct unit *unit)
{
	const struct sori_rule *rule = &m->dictionary->rules[filed->rule];
	for (unsigned i = 0; i < rule->slot_count && !m->failed; i++)
		list_set(m, unit, rule->slots[i].set);
	if (m->failed)
		return;
	for (uint32_t at = m->sets[rule->slots[filed->anchor].set].first; at; at = m->occurrences[at - 1].next) {
		struct search s = {.m = m, .rule = rule, .anchor = filed->anchor, .steps = &unit->steps};
		s.now.match[filed->anchor] = m->occurrences[at - 1].match;
		if (filed->single) {
			add_hit(m, rule, &s.now);
			continue;
		}
		choose(&s, 0, 1u << filed->anchor, 0);
		if (s.found)
			add_hit(m, rule, &s.best);
		if (!unit->steps)
			return;
	}
}

/* Puts together what is there. */
static void enter_unit(struct sori_matcher *m, const struct unit *unit)
{
	const struct sori_rule_index *x = m->index->rules;
	if (!++m->stamp) {
		memset(m->sets, 0, (size_t)m->dictionary->set_count * sizeof *m->sets);
		m->stamp = 1;
	}
	m->occurrence_count = 0;
	memset(m->present, 0, (x->counts[unit->level] + 63) / 64 * sizeof *m->present);
	for (size_t i = unit->from; i < unit->to; i++)
		sori_rules_add(x, m->matches[i].list, unit->level, m->present);
	sori_filing_note(m, unit->level, m->present);
}

/* The rules that hold with these sets, in their order, into m->holding. */
static void find_rules(struct sori_matcher *m, unsigned level, const uint64_t *present)
{
	const struct sori_rule_index *x = m->index->rules;
	const struct sori_filing *f = m->filing;
	m->holding_count = 0;
	for (uint32_t w = 0; w * 64 < x->counts[level]; w++)
		for (uint64_t left = present[w] & f->some[level][w]; left; left &= left - 1) {
			uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(left);
			for (uint32_t i = f->first[level][number], end = f->first[level][number + 1]; i < end; i++) {
				if (!sori_bit(present, f->next[i]) || !sori_needs_hold(x, &x->rules[f->rules[i]], present))
					continue;
				uint32_t to = m->holding_count++;
				for (; to > 0 && m->holding[to - 1] > f->rules[i]; to--)
					m->holding[to] = m->holding[to - 1];
				m->holding[to] = f->rules[i];
			}
		}
}

static bool has_anchor(const struct sori_matcher *m, const struct unit *unit)
{
	for (size_t i = unit->from; i < unit->to; i++)
		if (m->index->rules->lists[m->matches[i].list].anchors[unit->level])
			return true;
	return false;
}

/* Runs the rules that meet within units of this kind over matches[from, to). */
static void run_unit(struct sori_matcher *m, size_t from, size_t to, unsigned level)
{
	struct unit unit = {.from = from, .to = to, .level = level, .steps = SORI_RULE_STEPS};
	if (!has_anchor(m, &unit))
		return;
	enter_unit(m, &unit);
	find_rules(m, level, m->present);
	for (uint32_t i = 0; i < m->holding_count && !m->failed; i++) {
		const struct sori_filed_rule *filed = &m->index->rules->rules[m->holding[i]];
		if (!unit.steps && !filed->single)
			continue;
		if (level != SORI_WITHIN_RECORD || sori_rules_conditions(m, &m->dictionary->rules[filed->rule]))
			run_rule(m, filed, &unit);
	}
	m->cuts.rules += unit.steps == 0;
}

/* Rules of one term: no unit needed. The result says by bits which levels have rules to look at. */
static unsigned run_simple(struct sori_matcher *m)
{
	const struct sori_rule_index *x = m->index->rules;
	unsigned levels = 0;
	for (size_t i = 0; i < m->match_count && !m->failed; i++) {
		const struct sori_set_list *list = &x->lists[m->matches[i].list];
		for (unsigned level = 0; level < SORI_LEVELS; level++)
			levels |= (unsigned)(list->anchors[level]) << level;
		for (uint32_t k = 0; k < list->simple_count; k++) {
			struct choice choice;
			choice.match[0] = (uint32_t)i;
			add_hit(m, &m->dictionary->rules[x->simple[list->simple_first + k]], &choice);
		}
	}
	return levels;
}

static void run_level(struct sori_matcher *m, unsigned within)
{
	for (size_t from = 0, to; from < m->match_count; from = to) {
		to = from + 1;
		while (to < m->match_count && sori_unit_of(m, to, within) == sori_unit_of(m, from, within))
			to++;
		run_unit(m, from, to, within);
	}
}

int sori_hit_compare(const struct sori_hit *a, const struct sori_hit *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	if (a->entry != b->entry)
		return a->entry < b->entry ? -1 : 1;
	if (a->counted != b->counted)
		return a->counted ? -1 : 1;
	return a->tags < b->tags ? -1 : a->tags > b->tags;
}

static int compare_found(const void *left, const void *right)
{
	const struct sori_found_hit *a = left, *b = right;
	int order = sori_hit_compare(&a->hit, &b->hit);
	return order ? order : (a->condition > b->condition) - (a->condition < b->condition);
}

#define FEW_HITS 24u

/* Found hits in order; what does not depend on a condition once. */
static void order_found(struct sori_matcher *m)
{
	struct sori_found_hit *found = m->found;
	size_t count = m->found_count, kept = 0;
	if (count > FEW_HITS)
		qsort(found, count, sizeof *found, compare_found);
	for (size_t i = 1; i < count && count <= FEW_HITS; i++) {
		struct sori_found_hit moving = found[i];
		size_t to = i;
		for (; to > 0 && compare_found(&moving, &found[to - 1]) < 0; to--)
			found[to] = found[to - 1];
		found[to] = moving;
	}
	for (size_t i = 0; i < count; i++) {
		const struct sori_found_hit *last = kept ? &found[kept - 1] : NULL;
		if (last && last->condition == SORI_NO_RULE && found[i].condition == SORI_NO_RULE &&
		    sori_hit_same(&last->hit, &found[i].hit))
			continue;
		found[kept++] = found[i];
	}
	m->found_count = kept;
}

void sori_rules_passage(struct sori_matcher *m)
{
	m->found_count = 0;
	unsigned levels = run_simple(m);
	for (unsigned within = 0; within < SORI_WITHIN_RECORD; within++)
		if (levels >> within & 1)
			run_level(m, within);
	order_found(m);
}

bool sori_rules_meet(struct sori_matcher *m, const uint64_t *present)
{
	find_rules(m, SORI_WITHIN_RECORD, present);
	return m->holding_count > 0;
}

void sori_rules_record(struct sori_matcher *m, enum sori_rules_want want)
{
	m->want = (uint8_t)want;
	run_unit(m, 0, m->match_count, SORI_WITHIN_RECORD);
	m->want = SORI_RULES_HITS;
	if (want == SORI_RULES_HITS)
		order_found(m);
}

enum sori_status sori_rules_prepare(struct sori_matcher *m, struct sori_error *error)
{
	const struct sori_rule_index *x = m->index->rules;
	m->sets = sori_alloc_zero((size_t)m->dictionary->set_count + 1, sizeof *m->sets);
	m->present = sori_alloc_zero((size_t)x->words + 1, sizeof *m->present);
	m->holding = sori_alloc_zero((size_t)x->first[SORI_LEVELS] + 1, sizeof *m->holding);
	if (!m->sets || !m->present || !m->holding)
		return sori_fail(error, SORI_SYSTEM, "no memory for the rules");
	return sori_filing_new(m, error);
}

void sori_rules_release(struct sori_matcher *m)
{
	sori_free(m->sets);
	sori_free(m->present);
	sori_free(m->holding);
	sori_filing_free(m);
}
