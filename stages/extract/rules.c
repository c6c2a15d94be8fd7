/* Rules over the matches of a clause (sentence, record), and the hits that come of them.
 *
 * Rules are conjunctive. Those of one slot without conditions hang on the terms themselves. Of the others each level
 * (clause, sentence, record) numbers the sets that its rules name, and every list of sets that some term has is kept as a
 * bit string per level: what is present in a unit is the union of its matches' strings. A rule is filed under its anchor,
 * the member set with the fewest terms; only rules whose anchor is present are looked at. A signature, two small hashes of
 * the sets that are there, sorts most of them out; the sets of the others are bit tests. Matches are listed per set only
 * for rules that pass. Members are chosen by a depth-first search that minimises the words between them; its steps are
 * bounded per unit. Scope is worked out only for matches that end up in a hit. */
#include "stages/extract/match.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

#define LEVELS 3u
#define NO_NUMBER UINT16_MAX
#define NO_RULE UINT32_MAX /* ends the filed rules */

/* Sets as bits of two small hashes: says for most rules that some set is missing without a look at the set. */
struct signature {
	uint64_t low, high;
};

struct filed_rule {
	struct signature need; /* of the slots */
	uint32_t rule;
	uint8_t anchor;
	uint8_t level;
	uint16_t set; /* number of the anchor's set at the level */
};

/* One list of sets; groups with the same list share it. */
struct set_list {
	uint32_t simple_first, simple_count; /* into simple[] */
	uint32_t anchor_first;               /* into numbers[]: the anchors among the sets, level after level */
	uint16_t anchor_count[LEVELS];
};

struct sori_rule_index {
	uint16_t *number[LEVELS];    /* per set: its bit at the level */
	uint32_t words[LEVELS];      /* of the bit strings */
	uint32_t offset[LEVELS];     /* of the level within a list's bits */
	uint32_t stride;             /* words of a list's bits, all levels */
	uint64_t *bits;              /* stride words per list */
	struct signature *signatures; /* LEVELS per list */
	uint64_t *anchors;           /* stride words: sets that rules are filed under */
	uint32_t *anchor_stamp[LEVELS]; /* per number: unit in which its rules were last run */
	struct set_list *lists;
	uint16_t *numbers;
	size_t number_count, number_capacity;
	uint32_t *group_list;        /* per group of the index */
	uint32_t list_count;
	uint32_t *simple;            /* rules */
	uint32_t *first[LEVELS];     /* per number, into rules */
	struct filed_rule *rules;    /* by level, then number */
};

static inline uint64_t high_bit(uint16_t number)
{
	return UINT64_C(1) << (number * UINT32_C(0x9e3779b1) >> 26);
}

static void sign(struct signature *signature, uint16_t number)
{
	signature->low |= UINT64_C(1) << number % 64;
	signature->high |= high_bit(number);
}

static inline bool may_hold(const struct signature *signature, uint16_t number)
{
	return (signature->low >> number % 64 & 1) && (signature->high & high_bit(number));
}

static bool is_simple(const struct sori_rule *rule)
{
	return rule->slot_count == 1 && !rule->forbid_count && !rule->when_count && !rule->slots[0].context;
}

static uint8_t anchor_of(const struct sori_rule *rule, const uint32_t *set_terms)
{
	unsigned best = rule->slot_count;
	for (unsigned i = 0; i < rule->slot_count; i++) {
		if (rule->slots[i].context)
			continue;
		if (best == rule->slot_count || set_terms[rule->slots[i].set] < set_terms[rule->slots[best].set])
			best = i;
	}
	return (uint8_t)best;
}

static void number_set(struct sori_rule_index *x, unsigned level, uint32_t set, uint32_t *count)
{
	if (x->number[level][set] == NO_NUMBER)
		x->number[level][set] = (uint16_t)(*count)++;
}

static bool number_sets(const struct sori_dictionary *d, struct sori_rule_index *x)
{
	uint32_t counts[LEVELS] = {0};
	for (unsigned level = 0; level < LEVELS; level++) {
		x->number[level] = sori_alloc((d->set_count + (size_t)1) * sizeof *x->number[level]);
		if (!x->number[level])
			return false;
		for (uint32_t s = 0; s <= d->set_count; s++)
			x->number[level][s] = NO_NUMBER;
	}
	for (uint32_t i = 0; i < d->rule_count; i++) {
		const struct sori_rule *rule = &d->rules[i];
		if (is_simple(rule))
			continue;
		for (unsigned k = 0; k < rule->slot_count; k++)
			number_set(x, rule->within, rule->slots[k].set, &counts[rule->within]);
		for (unsigned k = 0; k < rule->forbid_count; k++)
			number_set(x, rule->within, rule->forbid[k], &counts[rule->within]);
	}
	for (unsigned level = 0; level < LEVELS; level++) {
		x->words[level] = (counts[level] + 63) / 64;
		x->offset[level] = x->stride;
		x->stride += x->words[level];
		x->first[level] = sori_alloc_zero((size_t)counts[level] + 2, sizeof *x->first[level]);
		x->anchor_stamp[level] = sori_alloc_zero((size_t)counts[level] + 2, sizeof *x->anchor_stamp[level]);
		if (!x->first[level] || !x->anchor_stamp[level])
			return false;
	}
	x->anchors = sori_alloc_zero((size_t)x->stride + 1, sizeof *x->anchors);
	return x->anchors != NULL;
}

static int compare_filed_rules(const void *left, const void *right)
{
	const struct filed_rule *a = left, *b = right;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	if (a->set != b->set)
		return a->set < b->set ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static bool file_rules(const struct sori_dictionary *d, struct sori_rule_index *x, const uint32_t *set_terms)
{
	size_t count = 0;
	x->rules = sori_alloc_zero((size_t)d->rule_count + 1, sizeof *x->rules);
	if (!x->rules)
		return false;
	for (uint32_t i = 0; i < d->rule_count; i++) {
		const struct sori_rule *rule = &d->rules[i];
		uint8_t anchor = anchor_of(rule, set_terms);
		if (anchor >= rule->slot_count || is_simple(rule))
			continue;
		x->rules[count] = (struct filed_rule){.rule = i, .anchor = anchor, .level = rule->within,
							.set = x->number[rule->within][rule->slots[anchor].set]};
		for (unsigned k = 0; k < rule->slot_count; k++)
			sign(&x->rules[count].need, x->number[rule->within][rule->slots[k].set]);
		count++;
	}
	if (count)
		qsort(x->rules, count, sizeof *x->rules, compare_filed_rules);
	x->rules[count].rule = NO_RULE;
	for (size_t at = 0, level = 0; level < LEVELS; level++) {
		for (uint32_t set = 0; set < x->words[level] * 64; set++) {
			size_t from = at;
			while (at < count && x->rules[at].level == level && x->rules[at].set == set)
				at++;
			if (at == from)
				continue;
			x->first[level][set] = (uint32_t)from;
			x->anchors[x->offset[level] + set / 64] |= UINT64_C(1) << set % 64;
		}
	}
	return true;
}

/* Rules of one slot by the set of that slot, for filling the lists. */
struct simple_rules {
	uint32_t *first, *rules; /* per set; set_count + 2 */
};

static bool sort_simple(const struct sori_dictionary *d, struct simple_rules *simple)
{
	simple->first = sori_alloc_zero((size_t)d->set_count + 2, sizeof *simple->first);
	simple->rules = sori_alloc_zero((size_t)d->rule_count + 1, sizeof *simple->rules);
	if (!simple->first || !simple->rules)
		return false;
	for (uint32_t i = 0; i < d->rule_count; i++)
		if (is_simple(&d->rules[i]))
			simple->first[d->rules[i].slots[0].set + 2]++;
	for (uint32_t s = 1; s <= d->set_count; s++)
		simple->first[s + 1] += simple->first[s];
	for (uint32_t i = 0; i < d->rule_count; i++)
		if (is_simple(&d->rules[i]))
			simple->rules[simple->first[d->rules[i].slots[0].set + 1]++] = i;
	return true;
}

static bool fill_list(struct sori_rule_index *x, uint32_t list, const uint16_t *sets, uint32_t count)
{
	uint64_t *bits = x->bits + (size_t)list * x->stride;
	if (SORI_GROW(x->numbers, x->number_capacity, x->number_count + LEVELS * (size_t)count + 1) != 0)
		return false;
	x->lists[list].anchor_first = (uint32_t)x->number_count;
	for (unsigned level = 0; level < LEVELS; level++)
		for (uint32_t k = 0; k < count; k++) {
			uint16_t number = x->number[level][sets[k]];
			if (number == NO_NUMBER)
				continue;
			size_t word = x->offset[level] + number / 64;
			bits[word] |= UINT64_C(1) << number % 64;
			sign(&x->signatures[(size_t)list * LEVELS + level], number);
			if (!(x->anchors[word] >> number % 64 & 1))
				continue;
			x->numbers[x->number_count++] = number;
			x->lists[list].anchor_count[level]++;
		}
	return true;
}

static uint32_t simple_of(const struct simple_rules *simple, const uint16_t *sets, uint32_t count, uint32_t *into)
{
	uint32_t total = 0;
	for (uint32_t k = 0; k < count; k++)
		for (uint32_t at = simple->first[sets[k]]; at < simple->first[sets[k] + 1]; at++) {
			if (into)
				into[total] = simple->rules[at];
			total++;
		}
	return total;
}

/* Groups with equal lists of sets find each other in a table by hash of the list. */
static bool intern_lists(const struct sori_index *index, struct sori_rule_index *x, uint32_t *representative)
{
	size_t size = 64;
	while (size < 2 * index->group_count)
		size *= 2;
	uint32_t *table = sori_alloc_zero(size, sizeof *table); /* list + 1 */
	if (!table)
		return false;
	for (size_t g = 0; g < index->group_count; g++) {
		const struct sori_group *group = &index->groups[g];
		const char *sets = (const char *)(index->group_sets + group->set_first);
		size_t bytes = group->set_count * sizeof *index->group_sets;
		size_t slot = sori_hash64(sori_view_make(sets, bytes), 0) & (size - 1);
		for (; table[slot]; slot = (slot + 1) & (size - 1)) {
			const struct sori_group *other = &index->groups[representative[table[slot] - 1]];
			if (other->set_count == group->set_count &&
			    (!bytes || memcmp(index->group_sets + other->set_first, sets, bytes) == 0))
				break;
		}
		if (!table[slot]) {
			representative[x->list_count++] = (uint32_t)g;
			table[slot] = x->list_count;
		}
		x->group_list[g] = table[slot] - 1;
	}
	sori_free(table);
	return true;
}

static bool make_lists(const struct sori_dictionary *d, struct sori_rule_index *x, const struct simple_rules *simple)
{
	const struct sori_index *index = d->index;
	uint32_t *representative = sori_alloc_zero(index->group_count + 1, sizeof *representative);
	uint32_t total = 0;
	x->group_list = sori_alloc_zero(index->group_count + 1, sizeof *x->group_list);
	bool fine = representative && x->group_list && intern_lists(index, x, representative);
	if (fine) {
		x->bits = sori_alloc_zero(((size_t)x->list_count + 1) * (x->stride + 1), sizeof *x->bits);
		x->signatures = sori_alloc_zero(((size_t)x->list_count + 1) * LEVELS, sizeof *x->signatures);
		x->lists = sori_alloc_zero((size_t)x->list_count + 1, sizeof *x->lists);
		for (uint32_t i = 0; i < x->list_count; i++) {
			const struct sori_group *group = &index->groups[representative[i]];
			total += simple_of(simple, index->group_sets + group->set_first, group->set_count, NULL);
		}
		x->simple = sori_alloc_zero((size_t)total + 1, sizeof *x->simple);
		fine = x->bits && x->signatures && x->lists && x->simple;
	}
	total = 0;
	for (uint32_t i = 0; fine && i < x->list_count; i++) {
		const struct sori_group *group = &index->groups[representative[i]];
		const uint16_t *sets = index->group_sets + group->set_first;
		fine = fill_list(x, i, sets, group->set_count);
		x->lists[i].simple_first = total;
		x->lists[i].simple_count = simple_of(simple, sets, group->set_count, x->simple + total);
		total += x->lists[i].simple_count;
	}
	sori_free(representative);
	return fine;
}

enum sori_status sori_rules_prepare(struct sori_matcher *m, struct sori_error *error)
{
	const struct sori_dictionary *d = m->dictionary;
	struct sori_rule_index *x = m->rules = sori_alloc_zero(1, sizeof *x);
	uint32_t *set_terms = sori_alloc_zero((size_t)d->set_count + 1, sizeof *set_terms);
	struct simple_rules simple = {NULL, NULL};
	m->sets = sori_alloc_zero((size_t)d->set_count + 1, sizeof *m->sets);
	bool fine = x && set_terms && m->sets && number_sets(d, x) && sort_simple(d, &simple);
	for (uint32_t t = 0; fine && t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			set_terms[d->term_sets[d->terms[t].set_first + k]]++;
	fine = fine && file_rules(d, x, set_terms) && make_lists(d, x, &simple);
	sori_free(simple.first);
	sori_free(simple.rules);
	sori_free(set_terms);
	return fine ? SORI_OK : sori_fail(error, SORI_SYSTEM, "no memory for the rules");
}

void sori_rules_release(struct sori_matcher *m)
{
	struct sori_rule_index *x = m->rules;
	for (unsigned level = 0; x && level < LEVELS; level++) {
		sori_free(x->number[level]);
		sori_free(x->first[level]);
		sori_free(x->anchor_stamp[level]);
	}
	if (x) {
		sori_free(x->bits);
		sori_free(x->signatures);
		sori_free(x->anchors);
		sori_free(x->lists);
		sori_free(x->numbers);
		sori_free(x->group_list);
		sori_free(x->simple);
		sori_free(x->rules);
	}
	sori_free(x);
	sori_free(m->sets);
}

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
	uint32_t steps;             /* left */
	struct signature signature; /* of all sets that are there */
};

/* Whether some match of the unit serves the set. Units are small and most rules fail before, so that asking costs less
 * than noting all that is there. */
static bool is_present(const struct sori_matcher *m, const struct unit *unit, uint32_t set)
{
	const struct sori_rule_index *x = m->rules;
	uint16_t number = x->number[unit->level][set];
	const uint64_t *bits = x->bits + x->offset[unit->level] + number / 64;
	if (!may_hold(&unit->signature, number))
		return false;
	for (size_t i = unit->from; i < unit->to; i++)
		if (bits[(size_t)m->matches[i].list * x->stride] >> number % 64 & 1)
			return true;
	return false;
}

static bool conditions_hold(const struct sori_matcher *m, const struct filed_rule *filed, const struct unit *unit)
{
	const struct sori_rule *rule = &m->dictionary->rules[filed->rule];
	for (unsigned i = 0; i < rule->slot_count; i++)
		if (i != filed->anchor && !is_present(m, unit, rule->slots[i].set))
			return false;
	for (unsigned i = 0; i < rule->forbid_count; i++)
		if (is_present(m, unit, rule->forbid[i]))
			return false;
	for (unsigned i = 0; i < rule->when_count; i++)
		if (!sori_rules_when(m->record, &rule->when[i]))
			return false;
	return true;
}

/* Negated: some member has an odd number of negators that are not themselves part of the hit's members. */
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
		tags |= match->tags;
		if (negators & 1)
			tags |= SORI_TAG_NEGATED;
	}
	return tags;
}

/* Pulls the range out of the record's masks: to the part before the first mask that it meets, or, when it begins inside
 * one, after it. False when nothing is left. */
static bool leave_masks(const struct sori_matcher *m, uint32_t *start, uint32_t *end)
{
	for (uint32_t i = 0; i < m->record->mask_count; i++) {
		const struct sori_mask *mask = &m->batch->masks.masks[m->record->mask_first + i];
		if (mask->end <= *start || mask->start >= *end)
			continue;
		if (mask->start > *start)
			*end = mask->start;
		else
			*start = mask->end;
		if (*start >= *end)
			return false;
	}
	return true;
}

static void add_hit(struct sori_matcher *m, const struct sori_rule *rule, const struct choice *choice)
{
	const struct sori_entry *entry = &m->dictionary->entries[rule->entry];
	uint32_t start = UINT32_MAX, end = 0;
	for (unsigned i = 0; i < rule->slot_count; i++) {
		const struct sori_term_match *match = &m->matches[choice->match[i]];
		if (rule->slots[i].context)
			continue;
		start = match->start < start ? match->start : start;
		end = hit_end(m, match) > end ? hit_end(m, match) : end;
	}
	struct sori_hit hit = {.category = entry->category, .entry = rule->entry, .tags = tags_of(m, rule, choice)};
	sori_record_original(m->batch, m->record, start, end, &hit.start, &hit.end);
	if (!leave_masks(m, &hit.start, &hit.end))
		return;
	if (hit.tags & SORI_TAG_NEGATED && entry->flip != SORI_CATEGORY_NONE) {
		hit.category = entry->flip;
		hit.tags = (uint16_t)((hit.tags & ~SORI_TAG_NEGATED) | SORI_TAG_FLIPPED);
	}
	unsigned allowed = (m->dictionary->catalog.categories[hit.category].count_tags | entry->keep_tags) &
			   ~(unsigned)entry->drop_tags;
	hit.counted = !(hit.tags & ~(allowed | SORI_TAG_FLIPPED));
	if (SORI_GROW(m->batch->hits, m->batch->hit_capacity, m->batch->hit_count + 1) != 0) {
		m->failed = true;
		return;
	}
	m->batch->hits[m->batch->hit_count++] = hit;
}

/* The matches of the unit that serve a set, in text order; listed once per unit. */
static void list_set(struct sori_matcher *m, unsigned level, uint32_t set, size_t from, size_t to)
{
	const struct sori_rule_index *x = m->rules;
	struct sori_set_state *state = &m->sets[set];
	uint16_t number = x->number[level][set];
	size_t word = x->offset[level] + number / 64;
	if (state->stamp == m->stamp)
		return;
	*state = (struct sori_set_state){.stamp = m->stamp};
	if (SORI_GROW(m->occurrences, m->occurrence_capacity, m->occurrence_count + (to - from) + 1) != 0) {
		m->failed = true;
		return;
	}
	for (size_t i = from; i < to; i++) {
		const uint64_t *bits = x->bits + (size_t)m->matches[i].list * x->stride;
		if (!(bits[word] >> number % 64 & 1))
			continue;
		m->occurrences[m->occurrence_count++] = (struct sori_occurrence){(uint32_t)i, 0};
		if (state->last)
			m->occurrences[state->last - 1].next = (uint32_t)m->occurrence_count;
		else
			state->first = (uint32_t)m->occurrence_count;
		state->last = (uint32_t)m->occurrence_count;
	}
}

static void run_rule(struct sori_matcher *m, const struct filed_rule *filed, size_t from, size_t to, uint32_t *steps)
{
	const struct sori_rule *rule = &m->dictionary->rules[filed->rule];
	for (unsigned i = 0; i < rule->slot_count && !m->failed; i++)
		list_set(m, filed->level, rule->slots[i].set, from, to);
	if (m->failed)
		return;
	for (uint32_t at = m->sets[rule->slots[filed->anchor].set].first; at; at = m->occurrences[at - 1].next) {
		struct search s = {.m = m, .rule = rule, .anchor = filed->anchor, .steps = steps};
		s.now.match[filed->anchor] = m->occurrences[at - 1].match;
		if (rule->slot_count == 1) {
			add_hit(m, rule, &s.now);
			continue;
		}
		choose(&s, 0, 1u << filed->anchor, 0);
		if (s.found)
			add_hit(m, rule, &s.best);
		if (!*steps)
			return;
	}
}

static void next_stamp(struct sori_matcher *m)
{
	struct sori_rule_index *x = m->rules;
	if (++m->stamp)
		return;
	memset(m->sets, 0, (size_t)m->dictionary->set_count * sizeof *m->sets);
	for (unsigned level = 0; level < LEVELS; level++)
		memset(x->anchor_stamp[level], 0, (size_t)x->words[level] * 64 * sizeof *x->anchor_stamp[level]);
	m->stamp = 1;
}

static void enter_unit(struct sori_matcher *m, struct unit *unit)
{
	const struct sori_rule_index *x = m->rules;
	next_stamp(m);
	m->occurrence_count = 0;
	for (size_t i = unit->from; i < unit->to; i++) {
		const struct signature *more = &x->signatures[(size_t)m->matches[i].list * LEVELS + unit->level];
		unit->signature.low |= more->low;
		unit->signature.high |= more->high;
	}
}

static void run_anchor(struct sori_matcher *m, struct unit *unit, uint16_t set)
{
	const struct sori_rule_index *x = m->rules;
	const struct filed_rule *filed = &x->rules[x->first[unit->level][set]];
	for (; filed->set == set && filed->level == unit->level && filed->rule != NO_RULE; filed++) {
		if ((filed->need.low & ~unit->signature.low) | (filed->need.high & ~unit->signature.high))
			continue;
		bool single = m->dictionary->rules[filed->rule].slot_count == 1;
		if ((unit->steps || single) && conditions_hold(m, filed, unit))
			run_rule(m, filed, unit->from, unit->to, &unit->steps);
	}
}

/* Runs the rules that meet within units of this kind over matches[from, to). */
static void run_unit(struct sori_matcher *m, size_t from, size_t to, unsigned level)
{
	const struct sori_rule_index *x = m->rules;
	struct unit unit = {.from = from, .to = to, .level = level, .steps = SORI_RULE_STEPS};
	bool entered = false;
	for (size_t i = from; i < to && !m->failed; i++) {
		const struct set_list *list = &x->lists[m->matches[i].list];
		if (!list->anchor_count[level])
			continue;
		if (!entered)
			enter_unit(m, &unit);
		entered = true;
		const uint16_t *anchor = x->numbers + list->anchor_first;
		for (unsigned before = 0; before < level; before++)
			anchor += list->anchor_count[before];
		for (const uint16_t *end = anchor + list->anchor_count[level]; anchor < end; anchor++) {
			if (x->anchor_stamp[level][*anchor] == m->stamp)
				continue;
			x->anchor_stamp[level][*anchor] = m->stamp;
			run_anchor(m, &unit, *anchor);
		}
	}
	m->cuts.rules += unit.steps == 0;
}

/* Rules of one term: no unit needed. The result says by bits which levels have rules to look at. */
static unsigned run_simple(struct sori_matcher *m)
{
	const struct sori_rule_index *x = m->rules;
	unsigned levels = 0;
	for (size_t i = 0; i < m->match_count && !m->failed; i++) {
		const struct set_list *list = &x->lists[m->matches[i].list];
		for (unsigned level = 0; level < LEVELS; level++)
			levels |= (unsigned)(list->anchor_count[level] != 0) << level;
		for (uint32_t k = 0; k < list->simple_count; k++) {
			struct choice choice;
			choice.match[0] = (uint32_t)i;
			add_hit(m, &m->dictionary->rules[x->simple[list->simple_first + k]], &choice);
		}
	}
	return levels;
}

uint32_t sori_rules_list(const struct sori_matcher *m, uint32_t group)
{
	return m->rules->group_list[group];
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

static int compare_hits(const void *left, const void *right)
{
	const struct sori_hit *a = left, *b = right;
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

/* Orders the record's hits; the same entry, category and span once, the counted one when there is one. */
static void order_hits(struct sori_matcher *m)
{
	struct sori_hit *hits = m->batch->hits + m->first_hit;
	size_t count = m->batch->hit_count - m->first_hit, kept = 0;
	if (count > 1)
		qsort(hits, count, sizeof *hits, compare_hits);
	for (size_t i = 0; i < count; i++) {
		const struct sori_hit *last = kept ? &hits[kept - 1] : NULL;
		if (last && last->start == hits[i].start && last->end == hits[i].end &&
		    last->category == hits[i].category && last->entry == hits[i].entry)
			continue;
		hits[kept++] = hits[i];
	}
	m->batch->hit_count = m->first_hit + kept;
}

/* A fallback category counts only when no other pain category of the record does. */
static void settle_fallbacks(struct sori_matcher *m)
{
	const struct sori_category *categories = m->dictionary->catalog.categories;
	struct sori_hit *hits = m->batch->hits + m->first_hit;
	size_t count = m->batch->hit_count - m->first_hit;
	bool pain = false;
	for (size_t i = 0; i < count; i++)
		pain |= hits[i].counted && !categories[hits[i].category].praise && !categories[hits[i].category].fallback;
	for (size_t i = 0; i < count; i++) {
		if (pain && categories[hits[i].category].fallback)
			hits[i].counted = 0;
		if (hits[i].counted)
			m->record->categories[hits[i].category / 64] |= UINT64_C(1) << (hits[i].category % 64);
	}
}

void sori_rules_run(struct sori_matcher *m)
{
	unsigned levels = run_simple(m);
	for (unsigned within = 0; within < LEVELS; within++)
		if (levels >> within & 1)
			run_level(m, within);
	order_hits(m);
	settle_fallbacks(m);
}
