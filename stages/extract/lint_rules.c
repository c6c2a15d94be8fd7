/* Entries that add nothing. Both questions are asked of the compiled rules, where every entry is a conjunction of sets:
 *
 *   unreachable: a member set lies inside a forbidden one, conditions on fields exclude each other
 *   shadowed:    for each of its rules another entry of the category has a rule that holds whenever this one does and counts
 *                whenever it counts. "Whenever" is proved, not tried: the other's members are supersets of own members,
 *                chosen one to one, its relations are weaker, it forbids and drops no more.
 *
 * The supersets of a set are found through its term that is in the fewest sets. */
#include "stages/extract/lint_internal.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"

struct relations {
	const struct sori_dictionary *d;
	uint32_t *first, *terms;      /* terms of a set: [first[s], first[s + 1]) */
	uint32_t *rule_first, *rules; /* rules by the set of their first slot */
	uint32_t *entry_first;        /* rules of an entry, which stand together: [entry_first[e], entry_first[e + 1]) */
	uint8_t *negating;            /* per set: some member is a word of negation */
};

static bool term_in(const struct sori_dictionary *d, uint32_t term, uint16_t set)
{
	const uint16_t *sets = d->term_sets + d->terms[term].set_first;
	size_t low = 0, high = d->terms[term].set_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sets[middle] < set)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->terms[term].set_count && sets[low] == set;
}

static bool is_subset(const struct relations *r, uint16_t inner, uint16_t outer)
{
	if (inner == outer)
		return true;
	if (r->first[inner + 1] - r->first[inner] > r->first[outer + 1] - r->first[outer])
		return false;
	for (uint32_t i = r->first[inner]; i < r->first[inner + 1]; i++)
		if (!term_in(r->d, r->terms[i], outer))
			return false;
	return r->first[inner] < r->first[inner + 1];
}

static bool is_negation(struct sori_view label)
{
	static const char *const words[] = {"안", "못", "않", "없", "아니", "말다", "not", "n't", "never", "no ", "without", "stop"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (label.length >= strlen(words[i]) && memmem(label.at, label.length, words[i], strlen(words[i])))
			return true;
	return label.length >= 4 && memcmp(label.at + label.length - 3, ":no", 3) == 0;
}

static bool fill_sets(struct relations *r)
{
	const struct sori_dictionary *d = r->d;

	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			r->first[d->term_sets[d->terms[t].set_first + k] + 1]++;
	for (uint32_t s = 0; s < d->set_count; s++)
		r->first[s + 1] += r->first[s];
	r->terms = sori_alloc(((size_t)r->first[d->set_count] + 1) * sizeof *r->terms);
	if (!r->terms)
		return false;
	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++) {
			uint16_t set = d->term_sets[d->terms[t].set_first + k];

			r->terms[r->first[set]++] = t;
			r->negating[set] |= is_negation(d->terms[t].label);
		}
	for (uint32_t s = d->set_count; s > 0; s--)
		r->first[s] = r->first[s - 1];
	r->first[0] = 0;
	return true;
}

static bool fill_rules(struct relations *r)
{
	const struct sori_dictionary *d = r->d;

	r->rules = sori_alloc(((size_t)d->rule_count + 1) * sizeof *r->rules);
	if (!r->rules)
		return false;
	for (uint32_t i = 0; i < d->rule_count; i++) {
		r->rule_first[d->rules[i].slots[0].set + 1]++;
		r->entry_first[d->rules[i].entry + 1]++;
	}
	for (uint32_t s = 0; s < d->set_count; s++)
		r->rule_first[s + 1] += r->rule_first[s];
	for (uint32_t e = 0; e < d->entry_count; e++)
		r->entry_first[e + 1] += r->entry_first[e];
	for (uint32_t i = 0; i < d->rule_count; i++)
		r->rules[r->rule_first[d->rules[i].slots[0].set]++] = i;
	for (uint32_t s = d->set_count; s > 0; s--)
		r->rule_first[s] = r->rule_first[s - 1];
	r->rule_first[0] = 0;
	return true;
}

static bool prepare(struct relations *r)
{
	size_t sets = (size_t)r->d->set_count + 2, entries = (size_t)r->d->entry_count + 2;

	r->first = sori_alloc_zero(sets, sizeof *r->first);
	r->rule_first = sori_alloc_zero(sets, sizeof *r->rule_first);
	r->negating = sori_alloc_zero(sets, 1);
	r->entry_first = sori_alloc_zero(entries, sizeof *r->entry_first);
	return r->first && r->rule_first && r->negating && r->entry_first && fill_sets(r) && fill_rules(r);
}

static void release(struct relations *r)
{
	sori_free(r->first);
	sori_free(r->terms);
	sori_free(r->rule_first);
	sori_free(r->rules);
	sori_free(r->entry_first);
	sori_free(r->negating);
}

/* ---- does one rule follow from another */

static bool relation_follows(const struct sori_rule *given, const struct sori_constraint *wanted, const uint8_t *chosen)
{
	uint8_t left = chosen[wanted->left_slot], right = chosen[wanted->right_slot];

	if (wanted->relation == SORI_RELATE_SAME)
		return true;
	for (unsigned i = 0; i < given->constraint_count; i++) {
		const struct sori_constraint *c = &given->constraints[i];
		bool same = c->left_slot == left && c->right_slot == right, turned = c->left_slot == right && c->right_slot == left;
		unsigned reach = c->distance + (c->relation == SORI_RELATE_GAP ? 1u : 0u);

		if (!same && !(turned && wanted->relation == SORI_RELATE_NEAR))
			continue;
		if (wanted->relation == SORI_RELATE_NEAR &&
		    (c->relation == SORI_RELATE_NEAR || c->relation == SORI_RELATE_GAP) && reach <= wanted->distance)
			return true;
		if (wanted->relation == SORI_RELATE_ORDER && (c->relation == SORI_RELATE_ORDER || c->relation == SORI_RELATE_GAP))
			return true;
		if (wanted->relation == SORI_RELATE_GAP && c->relation == SORI_RELATE_GAP && c->distance <= wanted->distance)
			return true;
	}
	return false;
}

static bool forbids_follow(const struct relations *r, const struct sori_rule *given, const struct sori_rule *wanted)
{
	if (wanted->forbid_count && given->within != wanted->within)
		return false;
	for (unsigned i = 0; i < wanted->forbid_count; i++) {
		bool covered = false;

		for (unsigned k = 0; k < given->forbid_count && !covered; k++)
			covered = is_subset(r, wanted->forbid[i], given->forbid[k]);
		if (!covered)
			return false;
	}
	return true;
}

static bool same_when(const struct sori_when *a, const struct sori_when *b)
{
	if (a->role != b->role || a->compare != b->compare || a->number != b->number || a->value_count != b->value_count)
		return false;
	for (unsigned i = 0; i < a->value_count; i++)
		if (!sori_view_equal(a->values[i], b->values[i]))
			return false;
	return true;
}

static bool whens_follow(const struct sori_rule *given, const struct sori_rule *wanted)
{
	for (unsigned i = 0; i < wanted->when_count; i++) {
		bool covered = false;

		for (unsigned k = 0; k < given->when_count && !covered; k++)
			covered = same_when(&wanted->when[i], &given->when[k]);
		if (!covered)
			return false;
	}
	return true;
}

/* A word of negation among the members denies nothing for its own rule; for the other rule it would. */
static bool leaves_no_negation(const struct relations *r, const struct sori_rule *given, unsigned used)
{
	for (unsigned i = 0; i < given->slot_count; i++)
		if (!(used >> i & 1) && r->negating[given->slots[i].set])
			return false;
	return true;
}

static bool choose(const struct relations *r, const struct sori_rule *given, const struct sori_rule *wanted, unsigned slot,
		   unsigned used, uint8_t *chosen)
{
	if (slot == wanted->slot_count) {
		for (unsigned i = 0; i < wanted->constraint_count; i++)
			if (!relation_follows(given, &wanted->constraints[i], chosen))
				return false;
		return leaves_no_negation(r, given, used);
	}
	for (unsigned i = 0; i < given->slot_count; i++) {
		if (used >> i & 1 || (given->slots[i].context && !wanted->slots[slot].context) ||
		    !is_subset(r, given->slots[i].set, wanted->slots[slot].set))
			continue;
		chosen[slot] = (uint8_t)i;
		if (choose(r, given, wanted, slot + 1, used | 1u << i, chosen))
			return true;
	}
	return false;
}

static bool follows(const struct relations *r, const struct sori_rule *given, const struct sori_rule *wanted)
{
	const struct sori_entry *a = &r->d->entries[given->entry], *b = &r->d->entries[wanted->entry];
	uint8_t chosen[SORI_SLOT_LIMIT];

	return a->category == b->category && a->flip == b->flip && !(a->keep_tags & ~b->keep_tags) &&
	       !(b->drop_tags & ~a->drop_tags) && a->severity == b->severity && wanted->slot_count <= given->slot_count &&
	       given->within <= wanted->within && whens_follow(given, wanted) && forbids_follow(r, given, wanted) &&
	       choose(r, given, wanted, 0, 0, chosen);
}

/* ---- shadowed */

/* The entry whose rule makes this rule idle, UINT32_MAX: none. */
static uint32_t shadow_of_rule(const struct relations *r, uint32_t rule)
{
	const struct sori_dictionary *d = r->d;
	const struct sori_rule *given = &d->rules[rule];

	for (unsigned i = 0; i < given->slot_count; i++) {
		uint16_t set = given->slots[i].set;
		uint32_t rarest = r->first[set] < r->first[set + 1] ? r->terms[r->first[set]] : UINT32_MAX;

		for (uint32_t k = r->first[set]; k < r->first[set + 1]; k++)
			if (d->terms[r->terms[k]].set_count < d->terms[rarest].set_count)
				rarest = r->terms[k];
		for (uint32_t k = 0; rarest != UINT32_MAX && k < d->terms[rarest].set_count; k++) {
			uint16_t outer = d->term_sets[d->terms[rarest].set_first + k];

			for (uint32_t at = r->rule_first[outer]; at < r->rule_first[outer + 1]; at++) {
				const struct sori_rule *other = &d->rules[r->rules[at]];

				if (other->entry == given->entry || !follows(r, given, other))
					continue;
				if (other->entry < given->entry || !follows(r, other, given))
					return other->entry;
			}
		}
	}
	return UINT32_MAX;
}

static struct sori_place place_of(const struct sori_dictionary *d, uint32_t entry)
{
	return (struct sori_place){d->entries[entry].file, d->entries[entry].line, 1};
}

static void check_shadow(struct sori_linting *l, const struct relations *r, uint32_t entry)
{
	const struct sori_dictionary *d = r->d;
	uint32_t shadow = UINT32_MAX;

	for (uint32_t i = r->entry_first[entry]; i < r->entry_first[entry + 1]; i++) {
		shadow = shadow_of_rule(r, i);
		if (shadow == UINT32_MAX)
			return;
	}
	if (shadow != UINT32_MAX)
		sori_lint_say(l, SORI_LINT_WARNING, "shadowed", d->entries[entry].source, place_of(d, entry),
			      "adds nothing to %s: %s:%u always counts as well", d->catalog.categories[d->entries[entry].category].id,
			      sori_lint_path(l, d->entries[shadow].file), d->entries[shadow].line);
}

/* ---- unreachable */

static bool share_value(const struct sori_when *a, const struct sori_when *b)
{
	for (unsigned i = 0; i < a->value_count; i++)
		for (unsigned k = 0; k < b->value_count; k++)
			if (sori_view_equal(a->values[i], b->values[k]))
				return true;
	return false;
}

/* NULL when the conditions can hold. Ratings are 0 to 10. */
static const char *impossible(const struct sori_rule *rule)
{
	int low = 0, high = 10;

	for (unsigned i = 0; i < rule->when_count; i++) {
		const struct sori_when *when = &rule->when[i];

		if (when->compare < 0 && when->number < high)
			high = when->number;
		if (when->compare > 0 && when->number > low)
			low = when->number;
		for (unsigned k = 0; k < i; k++)
			if (!when->compare && !rule->when[k].compare && when->role == rule->when[k].role &&
			    !share_value(when, &rule->when[k]))
				return "its when= conditions name different values of one field";
	}
	return low > high ? "no rating fulfils its when=" : NULL;
}

static void check_reach(struct sori_linting *l, const struct relations *r, uint32_t entry)
{
	const struct sori_dictionary *d = r->d;
	const char *why = NULL;
	uint16_t inner = 0, outer = 0;

	for (uint32_t i = r->entry_first[entry]; i < r->entry_first[entry + 1]; i++) {
		const struct sori_rule *rule = &d->rules[i];
		bool blocked = false;

		for (unsigned k = 0; k < rule->slot_count && !blocked; k++)
			for (unsigned f = 0; f < rule->forbid_count && !blocked; f++)
				if (is_subset(r, rule->slots[k].set, rule->forbid[f])) {
					blocked = true;
					inner = rule->slots[k].set;
					outer = rule->forbid[f];
				}
		why = impossible(rule);
		if (!blocked && !why)
			return;
	}
	if (r->entry_first[entry] == r->entry_first[entry + 1])
		return;
	if (why)
		sori_lint_say(l, SORI_LINT_WARNING, "unreachable", d->entries[entry].source, place_of(d, entry), "can never hold: %s", why);
	else
		sori_lint_say(l, SORI_LINT_WARNING, "unreachable", d->entries[entry].source, place_of(d, entry),
			      "can never hold: its member %.*s lies inside what it forbids, %.*s", (int)sori_lint_cut(d->set_names[inner], 80).length,
			      d->set_names[inner].at, (int)sori_lint_cut(d->set_names[outer], 80).length, d->set_names[outer].at);
}

static void check_categories(struct sori_linting *l)
{
	const struct sori_dictionary *d = l->dictionary;

	for (size_t c = 0; c < d->catalog.count; c++) {
		bool used = false;

		for (uint32_t e = 0; e < d->entry_count && !used; e++)
			used = d->entries[e].category == c || d->entries[e].flip == c;
		for (size_t i = 0; i < l->source.category_count && !used; i++)
			if (sori_view_is(l->source.categories[i].id, d->catalog.categories[c].id)) {
				sori_lint_say(l, SORI_LINT_WARNING, "empty-category", l->source.categories[i].id,
					      l->source.categories[i].place, "no entry counts for the category %s", d->catalog.categories[c].id);
				used = true;
			}
	}
}

enum sori_status sori_lint_rules(struct sori_linting *l, struct sori_error *error)
{
	struct relations r = {.d = l->dictionary};

	if (!prepare(&r)) {
		release(&r);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	for (uint32_t entry = 0; entry < l->dictionary->entry_count; entry++) {
		check_reach(l, &r, entry);
		check_shadow(l, &r, entry);
	}
	check_categories(l);
	release(&r);
	return SORI_OK;
}
