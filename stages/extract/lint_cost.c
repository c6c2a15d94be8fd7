/* Cost of rules over texts. The matcher looks at a rule when its anchor, the member set with the fewest terms, is in the
 * text; each such text without a hit was work for nothing. Counted from the matches that the matcher leaves behind, so that
 * nothing is measured that does not happen. Rules of one member cost nothing beyond their terms and are left out. */
#include "stages/extract/lint_internal.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"

struct sori_lint_cost {
	const struct sori_dictionary *dictionary;
	struct sori_matcher *matcher;
	struct sori_batch *batch;
	struct sori_lint_rule_cost *rules; /* those of several members, by rule */
	size_t rule_count;
	uint32_t *by_anchor, *first; /* [first[s], first[s + 1]): places in rules */
	uint32_t *set_stamp, *entry_stamp;
	uint16_t *present;
	uint32_t stamp;
	uint64_t texts;
};

void sori_lint_cost_free(struct sori_lint_cost *cost)
{
	if (!cost)
		return;
	sori_matcher_free(cost->matcher);
	sori_batch_free(cost->batch);
	sori_free(cost->rules);
	sori_free(cost->by_anchor);
	sori_free(cost->first);
	sori_free(cost->set_stamp);
	sori_free(cost->entry_stamp);
	sori_free(cost->present);
	sori_free(cost);
}

static uint16_t anchor_of(const struct sori_rule *rule, const uint32_t *terms)
{
	uint16_t best = UINT16_MAX;

	for (unsigned i = 0; i < rule->slot_count; i++)
		if (!rule->slots[i].context && (best == UINT16_MAX || terms[rule->slots[i].set] < terms[best]))
			best = rule->slots[i].set;
	return best;
}

static void file_rules(struct sori_lint_cost *cost, uint32_t *terms)
{
	const struct sori_dictionary *d = cost->dictionary;

	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			terms[d->term_sets[d->terms[t].set_first + k]]++;
	for (uint32_t i = 0; i < d->rule_count; i++) {
		uint16_t anchor = anchor_of(&d->rules[i], terms);

		if (anchor == UINT16_MAX || (d->rules[i].slot_count == 1 && !d->rules[i].forbid_count && !d->rules[i].when_count))
			continue;
		cost->rules[cost->rule_count++] = (struct sori_lint_rule_cost){.rule = i, .anchor = anchor};
		cost->first[anchor + 1]++;
	}
	for (uint32_t s = 0; s < d->set_count; s++)
		cost->first[s + 1] += cost->first[s];
	for (size_t i = 0; i < cost->rule_count; i++)
		cost->by_anchor[cost->first[cost->rules[i].anchor]++] = (uint32_t)i;
	for (uint32_t s = d->set_count; s > 0; s--)
		cost->first[s] = cost->first[s - 1];
	cost->first[0] = 0;
}

enum sori_status sori_lint_cost_new(struct sori_lint_cost **result, const struct sori_dictionary *dictionary,
				    struct sori_error *error)
{
	struct sori_lint_cost *cost = sori_alloc_zero(1, sizeof *cost);
	size_t sets = (size_t)dictionary->set_count + 2;
	uint32_t *terms = sori_alloc_zero(sets, sizeof *terms);
	enum sori_status status = SORI_OK;

	*result = NULL;
	if (cost) {
		cost->dictionary = dictionary;
		cost->rules = sori_alloc_zero((size_t)dictionary->rule_count + 1, sizeof *cost->rules);
		cost->by_anchor = sori_alloc_zero((size_t)dictionary->rule_count + 1, sizeof *cost->by_anchor);
		cost->first = sori_alloc_zero(sets, sizeof *cost->first);
		cost->set_stamp = sori_alloc_zero(sets, sizeof *cost->set_stamp);
		cost->present = sori_alloc_zero(sets, sizeof *cost->present);
		cost->entry_stamp = sori_alloc_zero((size_t)dictionary->entry_count + 1, sizeof *cost->entry_stamp);
		cost->batch = sori_batch_new();
	}
	if (!cost || !terms || !cost->rules || !cost->by_anchor || !cost->first || !cost->set_stamp || !cost->present ||
	    !cost->entry_stamp || !cost->batch)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = sori_matcher_new(&cost->matcher, dictionary, error);
	if (status == SORI_OK)
		file_rules(cost, terms);
	else
		sori_lint_cost_free(cost);
	sori_free(terms);
	*result = status == SORI_OK ? cost : NULL;
	return status;
}

static size_t mark_present(struct sori_lint_cost *cost)
{
	const struct sori_matcher *m = cost->matcher;
	size_t count = 0;

	for (size_t i = 0; i < m->match_count; i++) {
		const struct sori_group *group = sori_match_group(m, &m->matches[i]);
		const uint16_t *sets = m->index->group_sets + group->set_first;

		for (uint32_t k = 0; k < group->set_count; k++)
			if (cost->set_stamp[sets[k]] != cost->stamp) {
				cost->set_stamp[sets[k]] = cost->stamp;
				cost->present[count++] = sets[k];
			}
	}
	return count;
}

static bool is_complete(const struct sori_lint_cost *cost, const struct sori_rule *rule)
{
	for (unsigned i = 0; i < rule->slot_count; i++)
		if (cost->set_stamp[rule->slots[i].set] != cost->stamp)
			return false;
	return true;
}

enum sori_status sori_lint_cost_add(struct sori_lint_cost *cost, struct sori_view text, struct sori_error *error)
{
	enum sori_status status = sori_extract_text(cost->matcher, text, cost->batch, error);
	const struct sori_record *record = &cost->batch->records[0];
	size_t present;

	if (status != SORI_OK)
		return status;
	sori_passages_whole(cost->matcher);
	cost->stamp++;
	cost->texts++;
	present = mark_present(cost);
	for (uint32_t i = 0; i < record->hit_count; i++)
		cost->entry_stamp[cost->batch->hits[record->hit_first + i].entry] = cost->stamp;
	for (size_t p = 0; p < present; p++)
		for (uint32_t at = cost->first[cost->present[p]]; at < cost->first[cost->present[p] + 1]; at++) {
			struct sori_lint_rule_cost *rule = &cost->rules[cost->by_anchor[at]];

			rule->candidates++;
			rule->complete += is_complete(cost, &cost->dictionary->rules[rule->rule]);
			rule->hits += cost->entry_stamp[cost->dictionary->rules[rule->rule].entry] == cost->stamp;
		}
	return SORI_OK;
}

static int compare_rules(const void *left, const void *right)
{
	const struct sori_lint_rule_cost *a = left, *b = right;
	uint64_t idle_a = a->candidates - a->hits, idle_b = b->candidates - b->hits;

	if (idle_a != idle_b)
		return idle_a > idle_b ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

const struct sori_lint_rule_cost *sori_lint_cost_result(struct sori_lint_cost *cost, size_t *count, uint64_t *texts)
{
	struct sori_lint_rule_cost *looked = sori_alloc((cost->rule_count + 1) * sizeof *looked);
	size_t kept = 0;

	if (!looked)
		return NULL;
	for (size_t i = 0; i < cost->rule_count; i++)
		if (cost->rules[i].candidates)
			looked[kept++] = cost->rules[i];
	if (kept)
		qsort(looked, kept, sizeof *looked, compare_rules);
	sori_free(cost->rules);
	cost->rules = looked; /* rules are not added to after this */
	cost->rule_count = kept;
	*count = kept;
	*texts = cost->texts;
	return cost->rules;
}
