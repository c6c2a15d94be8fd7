/* Which rules are asked for a unit: those filed under a set that is there. All that a rule needs must be there, so it may be
 * filed under any of its needs, and the rarest is best: most rules are then never looked at. How often a set is there shows
 * only in the texts (few terms may be common words), so it is counted in one unit of SAMPLE, and the rules are filed anew
 * when enough units are counted. Every filing finds the same rules. */
#include "stages/extract/rules.h"

#include "pipeline/base/memory.h"

#define SAMPLE 32u
#define FIRST_DUE 32u
#define NEXT_DUE 32u /* times as many samples */

/* The two needs that were there least often. */
static void rarest(const struct sori_rule_index *x, const struct sori_filed_rule *filed, const uint32_t *seen, uint16_t best[2])
{
	const uint16_t *needs = x->needs + filed->needs;
	best[0] = best[1] = needs[0];
	for (unsigned i = 1; i < filed->need_count; i++)
		if (seen[needs[i]] < seen[best[0]]) {
			best[1] = best[0];
			best[0] = needs[i];
		} else if (best[1] == best[0] || seen[needs[i]] < seen[best[1]]) {
			best[1] = needs[i];
		}
}

static void file_level(const struct sori_rule_index *x, struct sori_filing *f, unsigned level)
{
	uint32_t *first = f->first[level], from = x->first[level], count = x->counts[level];
	uint16_t best[2];
	memset(first, 0, ((size_t)count + 1) * sizeof *first);
	memset(f->some[level], 0, (count / 64 + 1) * sizeof *f->some[level]);
	for (uint32_t i = from; i < x->first[level + 1]; i++) {
		rarest(x, &x->rules[i], f->seen[level], best);
		first[best[0]]++;
	}
	for (uint32_t n = 0, at = from; n <= count; n++) {
		uint32_t here = first[n];
		f->some[level][n / 64] |= (uint64_t)(here != 0) << n % 64;
		first[n] = at + here; /* filled from the end */
		at += here;
	}
	for (uint32_t i = x->first[level + 1]; i-- > from;) {
		rarest(x, &x->rules[i], f->seen[level], best);
		uint32_t to = --first[best[0]];
		f->rules[to] = i;
		f->next[to] = best[1];
	}
}

enum sori_status sori_filing_new(struct sori_matcher *m, struct sori_error *error)
{
	const struct sori_rule_index *x = m->index->rules;
	struct sori_filing *f = m->filing = sori_alloc_zero(1, sizeof *f);
	bool fine = f != NULL;
	for (unsigned level = 0; fine && level < SORI_LEVELS; level++) {
		f->first[level] = sori_alloc_zero((size_t)x->counts[level] + 1, sizeof *f->first[level]);
		f->seen[level] = sori_alloc_zero((size_t)x->counts[level] + 1, sizeof *f->seen[level]);
		f->some[level] = sori_alloc_zero(x->counts[level] / 64 + 1, sizeof *f->some[level]);
		fine = f->first[level] && f->seen[level] && f->some[level];
		for (uint32_t n = x->anchors[level]; fine && n < x->counts[level]; n++)
			f->seen[level][n] = 1; /* before anything is known: under the anchor */
	}
	if (fine) {
		f->rules = sori_alloc_zero((size_t)x->first[SORI_LEVELS] + 1, sizeof *f->rules);
		f->next = sori_alloc_zero((size_t)x->first[SORI_LEVELS] + 1, sizeof *f->next);
		f->due = FIRST_DUE;
		fine = f->rules && f->next;
	}
	for (unsigned level = 0; fine && level < SORI_LEVELS; level++)
		file_level(x, f, level);
	return fine ? SORI_OK : sori_fail(error, SORI_SYSTEM, "no memory for the rules");
}

void sori_filing_free(struct sori_matcher *m)
{
	struct sori_filing *f = m->filing;
	for (unsigned level = 0; f && level < SORI_LEVELS; level++) {
		sori_free(f->first[level]);
		sori_free(f->seen[level]);
		sori_free(f->some[level]);
	}
	if (f) {
		sori_free(f->rules);
		sori_free(f->next);
	}
	sori_free(f);
}

void sori_filing_note(struct sori_matcher *m, unsigned level, const uint64_t *present)
{
	const struct sori_rule_index *x = m->index->rules;
	struct sori_filing *f = m->filing;
	if (++f->units % SAMPLE || f->samples == UINT32_MAX)
		return;
	for (uint32_t w = 0; w * 64 < x->counts[level]; w++)
		for (uint64_t left = present[w]; left; left &= left - 1)
			f->seen[level][w * 64 + (uint32_t)__builtin_ctzll(left)]++;
	if (++f->samples < f->due)
		return;
	for (unsigned each = 0; each < SORI_LEVELS; each++)
		file_level(x, f, each);
	f->due = f->due > UINT32_MAX / NEXT_DUE ? UINT32_MAX : f->due * NEXT_DUE;
}
