/* How rules are filed. */
#include "stages/extract/rules.h"

#include <stdlib.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

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
	if (x->number[level][set] == SORI_NO_NUMBER)
		x->number[level][set] = (uint16_t)(*count)++;
}

static bool number_sets(const struct sori_dictionary *d, struct sori_rule_index *x)
{
	uint32_t counts[SORI_LEVELS] = {0};
	for (unsigned level = 0; level < SORI_LEVELS; level++) {
		x->number[level] = sori_alloc((d->set_count + (size_t)1) * sizeof *x->number[level]);
		if (!x->number[level])
			return false;
		for (uint32_t s = 0; s <= d->set_count; s++)
			x->number[level][s] = SORI_NO_NUMBER;
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
	for (unsigned level = 0; level < SORI_LEVELS; level++) {
		x->words[level] = (counts[level] + 63) / 64;
		x->offset[level] = x->stride;
		x->stride += x->words[level];
		x->first[level] = sori_alloc_zero((size_t)counts[level] + 2, sizeof *x->first[level]);
		x->anchor_stamp[level] = sori_alloc_zero((size_t)counts[level] + 2, sizeof *x->anchor_stamp[level]);
		if (!x->first[level] || !x->anchor_stamp[level])
			return false;
	}
	x->anchors = sori_alloc_zero((size_t)x->stride + 1, sizeof *x->anchors);
	x->members = sori_alloc_zero((size_t)x->words[SORI_WITHIN_RECORD] + 1, sizeof *x->members);
	return x->anchors && x->members;
}

static int compare_filed_rules(const void *left, const void *right)
{
	const struct sori_filed_rule *a = left, *b = right;
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
		x->rules[count] = (struct sori_filed_rule){.rule = i, .anchor = anchor, .level = rule->within,
							.set = x->number[rule->within][rule->slots[anchor].set]};
		for (unsigned k = 0; k < rule->slot_count; k++) {
			uint16_t number = x->number[rule->within][rule->slots[k].set];
			sori_sign(&x->rules[count].need, number);
			if (rule->within == SORI_WITHIN_RECORD && !rule->slots[k].context)
				x->members[number / 64] |= UINT64_C(1) << number % 64;
		}
		count++;
	}
	if (count)
		qsort(x->rules, count, sizeof *x->rules, compare_filed_rules);
	x->rules[count].rule = SORI_NO_RULE;
	for (size_t at = 0, level = 0; level < SORI_LEVELS; level++) {
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
	if (SORI_GROW(x->numbers, x->number_capacity, x->number_count + SORI_LEVELS * (size_t)count + 1) != 0)
		return false;
	x->lists[list].anchor_first = (uint32_t)x->number_count;
	for (unsigned level = 0; level < SORI_LEVELS; level++)
		for (uint32_t k = 0; k < count; k++) {
			uint16_t number = x->number[level][sets[k]];
			if (number == SORI_NO_NUMBER)
				continue;
			size_t word = x->offset[level] + number / 64;
			bits[word] |= UINT64_C(1) << number % 64;
			sori_sign(&x->signatures[(size_t)list * SORI_LEVELS + level], number);
			if (level == SORI_WITHIN_RECORD) {
				x->lists[list].over_record = true;
				x->lists[list].member |= sori_bit(x->members, number);
			}
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
		x->signatures = sori_alloc_zero(((size_t)x->list_count + 1) * SORI_LEVELS, sizeof *x->signatures);
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
	for (unsigned level = 0; x && level < SORI_LEVELS; level++) {
		sori_free(x->number[level]);
		sori_free(x->first[level]);
		sori_free(x->anchor_stamp[level]);
	}
	if (x) {
		sori_free(x->bits);
		sori_free(x->signatures);
		sori_free(x->anchors);
		sori_free(x->members);
		sori_free(x->lists);
		sori_free(x->numbers);
		sori_free(x->group_list);
		sori_free(x->simple);
		sori_free(x->rules);
	}
	sori_free(x);
	sori_free(m->sets);
}

uint32_t sori_rules_list(const struct sori_matcher *m, uint32_t group)
{
	return m->rules->group_list[group];
}
