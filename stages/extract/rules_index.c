/* The rules as the matcher asks them. At each level (clause, sentence, record) the sets that rules name have small numbers,
 * anchors first (of a rule the member set with the fewest terms, for each of whose matches it gives a hit); a list of sets
 * that terms have is kept as the words of a bit string that it has bits in. What is there in a unit is then the union of
 * some dozen words, what a rule needs or forbids a bit in it. */
#include "stages/extract/rules.h"

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

/* Numbers of the level in the order of the rules: the anchors first, then what else rules name. */
static void number_set(struct sori_rule_index *x, unsigned level, uint32_t set)
{
	if (x->number[level][set] == SORI_NO_NUMBER)
		x->number[level][set] = (uint16_t)x->counts[level]++;
}

static bool number_sets(const struct sori_dictionary *d, struct sori_rule_index *x, const uint32_t *set_terms)
{
	for (unsigned level = 0; level < SORI_LEVELS; level++) {
		x->number[level] = sori_alloc((d->set_count + (size_t)1) * sizeof *x->number[level]);
		if (!x->number[level])
			return false;
		for (uint32_t s = 0; s <= d->set_count; s++)
			x->number[level][s] = SORI_NO_NUMBER;
	}
	for (uint32_t i = 0; i < d->rule_count; i++) {
		const struct sori_rule *rule = &d->rules[i];
		uint8_t anchor = anchor_of(rule, set_terms);
		if (!is_simple(rule) && anchor < rule->slot_count)
			number_set(x, rule->within, rule->slots[anchor].set);
	}
	for (unsigned level = 0; level < SORI_LEVELS; level++)
		x->anchors[level] = x->counts[level];
	for (uint32_t i = 0; i < d->rule_count; i++) {
		const struct sori_rule *rule = &d->rules[i];
		for (unsigned k = 0; k < rule->slot_count && !is_simple(rule); k++)
			number_set(x, rule->within, rule->slots[k].set);
		for (unsigned k = 0; k < rule->forbid_count; k++)
			number_set(x, rule->within, rule->forbid[k]);
	}
	for (unsigned level = 0; level < SORI_LEVELS; level++) {
		uint32_t words = (x->counts[level] + 63) / 64;
		x->words = words > x->words ? words : x->words;
	}
	x->record_words = (x->counts[SORI_WITHIN_RECORD] + 63) / 64;
	return true;
}

/* Level after level, in the order of the dictionary. */
static bool file_rules(const struct sori_dictionary *d, struct sori_rule_index *x, const uint32_t *set_terms)
{
	size_t needs = 0, count = 0;
	for (uint32_t i = 0; i < d->rule_count; i++)
		needs += (size_t)d->rules[i].slot_count + d->rules[i].forbid_count;
	x->rules = sori_alloc_zero((size_t)d->rule_count + 1, sizeof *x->rules);
	x->needs = sori_alloc_zero(needs + 1, sizeof *x->needs);
	if (!x->rules || !x->needs)
		return false;
	needs = 0;
	for (unsigned level = 0; level < SORI_LEVELS; level++) {
		x->first[level] = (uint32_t)count;
		for (uint32_t i = 0; i < d->rule_count; i++) {
			const struct sori_rule *rule = &d->rules[i];
			const uint16_t *number = x->number[level];
			uint8_t anchor = anchor_of(rule, set_terms);
			if (rule->within != level || is_simple(rule) || anchor >= rule->slot_count)
				continue;
			x->rules[count++] = (struct sori_filed_rule){
				.rule = i, .needs = (uint32_t)needs, .anchor = anchor, .need_count = rule->slot_count,
				.forbid_count = rule->forbid_count, .single = rule->slot_count == 1,
			};
			for (unsigned k = 0; k < rule->slot_count; k++)
				x->needs[needs++] = number[rule->slots[k].set];
			for (unsigned k = 0; k < rule->forbid_count; k++)
				x->needs[needs++] = number[rule->forbid[k]];
		}
	}
	x->first[SORI_LEVELS] = (uint32_t)count;
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

/* Puts the number into the rows of the list's last level, in order of their words. */
static bool add_number(struct sori_rule_index *x, uint32_t from, uint16_t number)
{
	size_t at = x->row_count;
	while (at > from && x->rows[at - 1].word > number / 64u)
		at--;
	if (at == from || x->rows[at - 1].word != number / 64u) {
		if (SORI_GROW(x->rows, x->row_capacity, x->row_count + 1) != 0)
			return false;
		memmove(x->rows + at + 1, x->rows + at, (x->row_count++ - at) * sizeof *x->rows);
		x->rows[at++] = (struct sori_row){.word = number / 64u};
	}
	x->rows[at - 1].bits |= UINT64_C(1) << number % 64;
	return true;
}

static bool fill_list(struct sori_rule_index *x, struct sori_set_list *list, const uint16_t *sets, uint32_t count)
{
	for (unsigned level = 0; level < SORI_LEVELS; level++) {
		list->row[level] = (uint32_t)x->row_count;
		for (uint32_t k = 0; k < count; k++) {
			uint16_t number = x->number[level][sets[k]];
			if (number == SORI_NO_NUMBER)
				continue;
			if (!add_number(x, list->row[level], number))
				return false;
			list->hash[level] |= UINT64_C(1) << number % 64;
			list->anchors[level] |= number < x->anchors[level];
			list->over_record |= level == SORI_WITHIN_RECORD;
		}
	}
	list->row[SORI_LEVELS] = (uint32_t)x->row_count;
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
		x->lists = sori_alloc_zero((size_t)x->list_count + 1, sizeof *x->lists);
		for (uint32_t i = 0; i < x->list_count; i++) {
			const struct sori_group *group = &index->groups[representative[i]];
			total += simple_of(simple, index->group_sets + group->set_first, group->set_count, NULL);
		}
		x->simple = sori_alloc_zero((size_t)total + 1, sizeof *x->simple);
		fine = x->lists && x->simple;
	}
	total = 0;
	for (uint32_t i = 0; fine && i < x->list_count; i++) {
		const struct sori_group *group = &index->groups[representative[i]];
		const uint16_t *sets = index->group_sets + group->set_first;
		fine = fill_list(x, &x->lists[i], sets, group->set_count);
		x->lists[i].simple_first = total;
		x->lists[i].simple_count = simple_of(simple, sets, group->set_count, x->simple + total);
		total += x->lists[i].simple_count;
	}
	sori_free(representative);
	return fine;
}

enum sori_status sori_rule_index_build(const struct sori_dictionary *d, struct sori_error *error)
{
	struct sori_rule_index *x = d->index->rules = sori_alloc_zero(1, sizeof *x);
	uint32_t *set_terms = sori_alloc_zero((size_t)d->set_count + 1, sizeof *set_terms);
	struct simple_rules simple = {NULL, NULL};
	for (uint32_t t = 0; set_terms && t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			set_terms[d->term_sets[d->terms[t].set_first + k]]++;
	bool fine = x && set_terms && number_sets(d, x, set_terms) && sort_simple(d, &simple) && file_rules(d, x, set_terms) &&
		    make_lists(d, x, &simple);
	sori_free(simple.first);
	sori_free(simple.rules);
	sori_free(set_terms);
	return fine ? SORI_OK : sori_fail(error, SORI_SYSTEM, "no memory for the rules");
}

void sori_rule_index_free(struct sori_rule_index *x)
{
	if (!x)
		return;
	for (unsigned level = 0; level < SORI_LEVELS; level++)
		sori_free(x->number[level]);
	sori_free(x->lists);
	sori_free(x->rows);
	sori_free(x->group_list);
	sori_free(x->simple);
	sori_free(x->rules);
	sori_free(x->needs);
	sori_free(x);
}

uint32_t sori_rules_list(const struct sori_matcher *m, uint32_t group)
{
	return m->index->rules->group_list[group];
}
