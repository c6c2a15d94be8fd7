/* Rules over the matches of a clause (sentence, record), and the hits that come of them.
 *
 * Rules are conjunctive; each is filed under one anchor set, the one with the fewest terms among its members. For a unit
 * the sets present are listed with their matches; only rules anchored at a present set are looked at, and a 64-bit
 * signature of the sets present rejects most of those at once. Members are then chosen by a depth-first search that
 * minimises the words between them; its steps are bounded per unit. Scope is worked out only for matches that end up in
 * a hit. */
#include "stages/extract/match.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"

struct filed_rule {
	uint64_t need; /* signature of the sets that must be present */
	uint32_t rule;
	uint8_t anchor;
	bool simple; /* one slot, no condition */
};

struct sori_rule_index {
	uint32_t *first; /* per set, into rules; set_count + 1 entries */
	struct filed_rule *rules;
	uint8_t *levels;  /* per set: 1 << within of the rules anchored there */
};

static uint64_t signature(uint32_t set)
{
	return UINT64_C(1) << (set * UINT32_C(0x9e3779b1) >> 26);
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

static void file_rules(const struct sori_dictionary *d, struct sori_rule_index *x, const uint32_t *set_terms)
{
	for (uint32_t i = 0; i < d->rule_count; i++) {
		uint8_t anchor = anchor_of(&d->rules[i], set_terms);
		if (anchor < d->rules[i].slot_count)
			x->first[d->rules[i].slots[anchor].set + 1]++;
	}
	for (uint32_t s = 0; s < d->set_count; s++)
		x->first[s + 1] += x->first[s];
	for (uint32_t i = d->rule_count; i-- > 0;) {
		const struct sori_rule *rule = &d->rules[i];
		uint8_t anchor = anchor_of(rule, set_terms);
		if (anchor >= rule->slot_count)
			continue;
		uint32_t set = rule->slots[anchor].set, at = x->first[set];
		while (x->rules[at].need) /* need is never 0: it holds the anchor */
			at++;
		x->rules[at] = (struct filed_rule){.rule = i, .anchor = anchor,
			.simple = rule->slot_count == 1 && !rule->forbid_count && !rule->when_count};
		for (unsigned k = 0; k < rule->slot_count; k++)
			x->rules[at].need |= signature(rule->slots[k].set);
		x->levels[set] |= (uint8_t)(1u << rule->within);
	}
}

enum sori_status sori_rules_prepare(struct sori_matcher *m, struct sori_error *error)
{
	const struct sori_dictionary *d = m->dictionary;
	struct sori_rule_index *x = m->rules = sori_alloc_zero(1, sizeof *x);
	uint32_t *set_terms = sori_alloc_zero((size_t)d->set_count + 1, sizeof *set_terms);
	m->sets = sori_alloc_zero((size_t)d->set_count + 1, sizeof *m->sets);
	if (x) {
		x->first = sori_alloc_zero((size_t)d->set_count + 2, sizeof *x->first);
		x->rules = sori_alloc_zero((size_t)d->rule_count + 1, sizeof *x->rules);
		x->levels = sori_alloc_zero((size_t)d->set_count + 1, sizeof *x->levels);
	}
	bool fine = x && set_terms && m->sets && x->first && x->rules && x->levels;
	if (fine) {
		for (uint32_t t = 0; t < d->term_count; t++)
			for (uint32_t k = 0; k < d->terms[t].set_count; k++)
				set_terms[d->term_sets[d->terms[t].set_first + k]]++;
		file_rules(d, x, set_terms);
	}
	sori_free(set_terms);
	return fine ? SORI_OK : sori_fail(error, SORI_SYSTEM, "no memory for the rules");
}

void sori_rules_release(struct sori_matcher *m)
{
	if (m->rules) {
		sori_free(m->rules->first);
		sori_free(m->rules->rules);
		sori_free(m->rules->levels);
	}
	sori_free(m->rules);
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

static uint32_t words_apart(const struct sori_term_match *a, const struct sori_term_match *b)
{
	if (a->first_word > b->word)
		return a->first_word - b->word;
	return b->first_word > a->word ? b->first_word - a->word : 0;
}

static bool relation_holds(const struct sori_constraint *c, const struct sori_term_match *left,
			   const struct sori_term_match *right)
{
	switch (c->relation) {
	case SORI_RELATE_NEAR:
		return words_apart(left, right) <= c->distance;
	case SORI_RELATE_ORDER:
		return left->end <= right->start;
	case SORI_RELATE_GAP:
		return left->end <= right->start && words_apart(left, right) <= c->distance + 1u;
	default:
		return true;
	}
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
		if (!relation_holds(c, &all[s->now.match[c->left_slot]], &all[s->now.match[c->right_slot]]))
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
		uint32_t more = cost + words_apart(&m->matches[s->now.match[slot]], &m->matches[s->now.match[s->anchor]]);
		if ((!s->found || more < s->best_cost) && fits(s, slot, done))
			choose(s, slot + 1, done | 1u << slot, more);
	}
}

static bool set_present(const struct sori_matcher *m, uint32_t set)
{
	return m->sets[set].stamp == m->stamp;
}

static bool conditions_hold(const struct sori_matcher *m, const struct sori_rule *rule)
{
	for (unsigned i = 0; i < rule->slot_count; i++)
		if (!set_present(m, rule->slots[i].set))
			return false;
	for (unsigned i = 0; i < rule->forbid_count; i++)
		if (set_present(m, rule->forbid[i]))
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

static void run_rule(struct sori_matcher *m, const struct filed_rule *filed, uint32_t set, uint32_t *steps)
{
	const struct sori_rule *rule = &m->dictionary->rules[filed->rule];
	if (!filed->simple && !conditions_hold(m, rule))
		return;
	for (uint32_t at = m->sets[set].first; at; at = m->occurrences[at - 1].next) {
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

/* Lists the sets of matches[from, to) with their matches; gives their signature. */
static uint64_t enter_unit(struct sori_matcher *m, size_t from, size_t to)
{
	const struct sori_dictionary *d = m->dictionary;
	uint64_t all = 0;
	if (++m->stamp == 0) {
		memset(m->sets, 0, (size_t)d->set_count * sizeof *m->sets);
		m->stamp = 1;
	}
	size_t total = 0;
	for (size_t i = from; i < to; i++)
		total += sori_match_group(m, &m->matches[i])->set_count;
	if (SORI_GROW(m->occurrences, m->occurrence_capacity, total + 1) != 0 ||
	    SORI_GROW(m->present, m->present_capacity, total + 1) != 0) {
		m->failed = true;
		return 0;
	}
	struct sori_set_state *states = m->sets;
	struct sori_occurrence *occurrences = m->occurrences;
	uint32_t *sets_present = m->present, stamp = m->stamp, count = 0;
	size_t present = 0;
	for (size_t i = from; i < to; i++) {
		const struct sori_group *group = sori_match_group(m, &m->matches[i]);
		const uint16_t *sets = m->index->group_sets + group->set_first, *end = sets + group->set_count;
		for (; sets < end; sets++) {
			struct sori_set_state *state = &states[*sets];
			occurrences[count++] = (struct sori_occurrence){(uint32_t)i, 0};
			if (state->stamp != stamp) {
				state->stamp = stamp;
				state->first = count;
				sets_present[present++] = *sets;
				all |= signature(*sets);
			} else {
				occurrences[state->last - 1].next = count;
			}
			state->last = count;
		}
	}
	m->present_count = present;
	m->occurrence_count = count;
	return all;
}

/* Runs the rules that meet within units of this kind over matches[from, to); returns the levels that rules at the sets
 * present ask for. */
static unsigned run_unit(struct sori_matcher *m, size_t from, size_t to, unsigned within)
{
	const struct sori_rule_index *x = m->rules;
	uint64_t present = enter_unit(m, from, to);
	uint32_t steps = SORI_RULE_STEPS;
	unsigned levels = 0;
	for (size_t i = 0; i < m->present_count && !m->failed; i++) {
		uint32_t set = m->present[i];
		levels |= x->levels[set];
		if (!(x->levels[set] >> within & 1))
			continue;
		for (uint32_t at = x->first[set]; at < x->first[set + 1]; at++) {
			const struct filed_rule *filed = &x->rules[at];
			if (filed->need & ~present || m->dictionary->rules[filed->rule].within != within)
				continue;
			if (steps || m->dictionary->rules[filed->rule].slot_count == 1)
				run_rule(m, filed, set, &steps);
		}
	}
	m->cuts.rules += steps == 0;
	return levels;
}

static uint32_t unit_of(const struct sori_matcher *m, size_t match, unsigned within)
{
	const struct sori_word *word = &m->words[m->matches[match].first_word];
	return within == SORI_WITHIN_CLAUSE ? word->clause : within == SORI_WITHIN_SENTENCE ? word->sentence : 0;
}

static unsigned run_level(struct sori_matcher *m, unsigned within)
{
	unsigned levels = 0;
	for (size_t from = 0, to; from < m->match_count; from = to) {
		to = from + 1;
		while (to < m->match_count && unit_of(m, to, within) == unit_of(m, from, within))
			to++;
		levels |= run_unit(m, from, to, within);
	}
	return levels;
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
	unsigned levels = run_level(m, SORI_WITHIN_CLAUSE);
	if (levels >> SORI_WITHIN_SENTENCE & 1)
		run_level(m, SORI_WITHIN_SENTENCE);
	if (levels >> SORI_WITHIN_RECORD & 1)
		run_level(m, SORI_WITHIN_RECORD);
	order_hits(m);
	settle_fallbacks(m);
}
