/* Which lemmas, and which pairs of words side by side or with one between, mark the complaints that nothing explains: document frequencies against those
 * of all other texts, by log-odds with a Dirichlet prior (pipeline/stats/keyness.h). The best are then written as entries
 * of a category of their own, compiled with the whole dictionary and run over the texts: gain and loss are what such an
 * entry would really hit, negation, exclusions and longer terms included, and not what the letters promise. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/suggest.h"
#include "pipeline/stats/keyness.h"

#define TRIAL_CATEGORY "suggest-trial"
#define TRIAL_FILE "SUGGESTED"
#define TRIED_FACTOR 3u /* so many times the lines wanted are tried */
#define QUOTE_BYTES 150u

struct pair {
	uint64_t key; /* first << 32 | second */
	uint32_t target, rest, last_text; /* + 1 */
};

struct counting {
	struct sori_suggest *suggest;
	double *target, *rest; /* per lemma */
	uint32_t *last_text;   /* + 1 */
	struct pair *pairs;    /* open addressing */
	size_t pair_count, pair_capacity;
	struct sori_buffer trial; /* the file of entries */
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

/* ---- counting */

static size_t slot_of(const struct pair *pairs, size_t capacity, uint64_t key)
{
	size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (capacity - 1);

	while (pairs[at].key && pairs[at].key != key)
		at = (at + 1) & (capacity - 1);
	return at;
}

static struct pair *pair_of(struct counting *c, uint32_t first, uint32_t second)
{
	uint64_t key = ((uint64_t)(first + 1) << 32) | second;

	if (c->pair_count * 2 >= c->pair_capacity) {
		size_t capacity = c->pair_capacity ? c->pair_capacity * 2 : 4096;
		struct pair *grown = sori_alloc_zero(capacity, sizeof *grown);

		if (!grown)
			return NULL;
		for (size_t i = 0; i < c->pair_capacity; i++)
			if (c->pairs[i].key)
				grown[slot_of(grown, capacity, c->pairs[i].key)] = c->pairs[i];
		sori_free(c->pairs);
		c->pairs = grown;
		c->pair_capacity = capacity;
	}
	struct pair *pair = &c->pairs[slot_of(c->pairs, c->pair_capacity, key)];

	if (!pair->key) {
		pair->key = key;
		c->pair_count++;
	}
	return pair;
}

static bool count_pair(struct counting *c, size_t text, uint32_t first, uint32_t second, bool target)
{
	const struct sori_suggest_lemma *a = &c->suggest->lemmas[first], *b = &c->suggest->lemmas[second];
	struct pair *pair;

	if (a->general || b->general || (a->plain && a->kind != 'x') || b->kind == 'x' || (b->plain && a->kind != 'x') || (a->kind == 'x' && b->kind != 'v') ||
	    (a->kind == 'e') != (b->kind == 'e'))
		return true;
	pair = pair_of(c, first, second);
	if (!pair)
		return false;
	if (pair->last_text != text + 1) {
		pair->last_text = (uint32_t)text + 1;
		*(target ? &pair->target : &pair->rest) += 1;
	}
	return true;
}

/* A Korean pair is tried with a word between; English ones and 안, 못 must touch. */
static bool may_skip(const struct sori_suggest_lemma *first)
{
	return first->kind == 'n' || first->kind == 'v';
}

static bool count_text(struct counting *c, size_t index)
{
	const struct sori_suggest *s = c->suggest;
	const struct sori_suggest_text *text = &s->text[index];
	uint32_t before = SORI_SUGGEST_NONE, earlier = SORI_SUGGEST_NONE; /* one and two words before, in the clause */

	for (size_t i = 0; i < text->word_count; i++) {
		uint32_t word = s->sequence[text->word_first + i];
		uint32_t lemma = word == SORI_SUGGEST_BREAK ? SORI_SUGGEST_NONE : s->words[word].lemma;

		if (lemma != SORI_SUGGEST_NONE && c->last_text[lemma] != index + 1) {
			c->last_text[lemma] = (uint32_t)index + 1;
			*(text->target ? &c->target[lemma] : &c->rest[lemma]) += 1;
		}
		if (lemma != SORI_SUGGEST_NONE && before != SORI_SUGGEST_NONE && !count_pair(c, index, before, lemma, text->target))
			return false;
		if (lemma != SORI_SUGGEST_NONE && earlier != SORI_SUGGEST_NONE && may_skip(&s->lemmas[earlier]) &&
		    !count_pair(c, index, earlier, lemma, text->target))
			return false;
		earlier = word == SORI_SUGGEST_BREAK ? SORI_SUGGEST_NONE : before;
		before = lemma;
	}
	return true;
}

/* ---- choosing */

static bool push(struct sori_suggest *s, struct sori_suggest_candidate candidate)
{
	if (SORI_GROW(s->candidates, s->candidate_capacity, s->candidate_count + 1) != 0)
		return false;
	s->candidates[s->candidate_count++] = candidate;
	return true;
}

static int compare_z(const void *left, const void *right)
{
	const struct sori_suggest_candidate *a = left, *b = right;

	if (a->z != b->z)
		return a->z > b->z ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->second < b->second ? -1 : a->second > b->second;
}

/* The prior's weight: 500, and less than a twentieth of what is there, else it drowns a small dump. */
static double prior_weight(double total)
{
	return total / 20 < 500 ? total / 20 + 1 : 500;
}

static bool choose_lemmas(struct counting *c)
{
	struct sori_suggest *s = c->suggest;
	struct sori_log_odds_totals totals = sori_log_odds_totals(c->target, c->rest, NULL, s->lemma_count, 500);

	totals.alpha0 = prior_weight(totals.first + totals.second);

	for (size_t i = 0; i < s->lemma_count; i++) {
		struct sori_log_odds odds;

		if (s->lemmas[i].plain || s->lemmas[i].known || s->lemmas[i].general || c->target[i] < (double)s->least)
			continue;
		odds = sori_log_odds(c->target[i], c->rest[i], 0, &totals);
		if (odds.z >= s->least_z &&
		    !push(s, (struct sori_suggest_candidate){.first = (uint32_t)i, .second = SORI_SUGGEST_NONE, .target = (uint32_t)c->target[i],
							       .rest = (uint32_t)c->rest[i], .z = odds.z}))
			return false;
	}
	return true;
}

static bool choose_pairs(struct counting *c)
{
	struct sori_suggest *s = c->suggest;
	struct sori_log_odds_totals totals = {0, 0, 0, 500};

	for (size_t i = 0; i < c->pair_capacity; i++) {
		totals.first += c->pairs[i].target;
		totals.second += c->pairs[i].rest;
	}
	totals.alpha0 = prior_weight(totals.first + totals.second);
	for (size_t i = 0; i < c->pair_capacity; i++) {
		const struct pair *pair = &c->pairs[i];
		struct sori_log_odds odds;

		if (!pair->key || pair->target < s->least)
			continue;
		odds = sori_log_odds(pair->target, pair->rest, 0, &totals);
		if (odds.z >= s->least_z &&
		    !push(s, (struct sori_suggest_candidate){.first = (uint32_t)(pair->key >> 32) - 1, .second = (uint32_t)pair->key,
							       .target = pair->target, .rest = pair->rest, .z = odds.z}))
			return false;
	}
	return true;
}

/* ---- trying */

static void add_term(const struct sori_suggest_lemma *lemma, struct sori_buffer *out)
{
	sori_buffer_add_byte(out, lemma->kind);
	sori_buffer_add_byte(out, ':');
	sori_buffer_add_view(out, lemma->text);
}

void sori_suggest_line(const struct sori_suggest *s, const struct sori_suggest_candidate *candidate, struct sori_buffer *out)
{
	const struct sori_suggest_lemma *first = &s->lemmas[candidate->first];

	if (candidate->second == SORI_SUGGEST_NONE) {
		add_term(first, out);
	} else if (first->kind == 'x') {
		sori_buffer_add_text(out, "p:");
		sori_buffer_add_view(out, first->text);
		sori_buffer_add_byte(out, '_');
		sori_buffer_add_view(out, s->lemmas[candidate->second].text);
	} else if (first->kind == 'e') {
		add_term(first, out);
		sori_buffer_add_byte(out, ' ');
		sori_buffer_add_view(out, s->lemmas[candidate->second].text);
	} else {
		sori_buffer_add_text(out, "rule: ");
		add_term(first, out);
		sori_buffer_add_text(out, " <1> ");
		add_term(&s->lemmas[candidate->second], out);
	}
}

struct faults {
	uint8_t *bad; /* per line */
	size_t lines;
};

static void on_fault(void *user, const struct sori_finding *finding)
{
	struct faults *faults = user;

	if (finding->error && finding->line < faults->lines)
		faults->bad[finding->line] = 1;
}

/* One entry a line, id=suggest-N; `bad` lines are left empty. */
static void write_trial(struct counting *c, const uint8_t *bad)
{
	struct sori_suggest *s = c->suggest;

	sori_buffer_reset(&c->trial);
	sori_buffer_add_text(&c->trial, "@category " TRIAL_CATEGORY " ko=\"-\" en=\"-\" kind=pain\n");
	for (size_t i = 0; i < s->candidate_count; i++) {
		if (!bad[i + 2]) {
			sori_suggest_line(s, &s->candidates[i], &c->trial);
			sori_buffer_add_format(&c->trial, " id=suggest-%zu", i);
			s->candidates[i].entry_line = (uint32_t)i + 2;
		}
		sori_buffer_add_byte(&c->trial, '\n');
	}
}

/* A lemma may be no term (묻다 is two verbs): such lines are found by compiling the lines alone. */
static enum sori_status load_trial(struct counting *c, struct sori_dictionary **trial, struct sori_error *error)
{
	struct sori_suggest *s = c->suggest;
	struct faults faults = {sori_alloc_zero(s->candidate_count + 3, 1), s->candidate_count + 3};
	struct sori_dictionary *alone = NULL;
	enum sori_status status = SORI_NO_INPUT;

	if (!faults.bad)
		return no_memory(error);
	write_trial(c, faults.bad);
	for (size_t i = 0; i < s->folder_count && status != SORI_OK && !alone; i++) {
		status = sori_dictionary_compile_text(&alone, sori_buffer_view(&c->trial), s->folders[i], on_fault, &faults, error);
		if (status == SORI_SYSTEM)
			break;
	}
	sori_dictionary_free(alone);
	if (status != SORI_SYSTEM) {
		write_trial(c, faults.bad);
		status = c->trial.failed ? no_memory(error)
					 : sori_dictionary_load_more(trial, s->folders, s->folder_count, TRIAL_FILE, sori_buffer_view(&c->trial),
								     NULL, NULL, error);
	}
	for (size_t i = 0; i < s->candidate_count; i++)
		if (faults.bad[i + 2])
			s->candidates[i].entry_line = 0;
	sori_free(faults.bad);
	return status;
}

/* Number of the candidate that an entry stands for, SIZE_MAX: of the dictionary itself. */
static size_t candidate_of(const struct sori_suggest *s, const struct sori_dictionary *trial, uint32_t entry)
{
	struct sori_view id = trial->entries[entry].id;
	unsigned long long number;

	if (id.length < 9 || memcmp(id.at, "suggest-", 8) != 0 || !sori_view_to_u64(sori_view_slice(id, 8, id.length), &number) ||
	    number >= s->candidate_count)
		return SIZE_MAX;
	return (size_t)number;
}

static void keep_quote(struct sori_suggest *s, struct sori_suggest_candidate *candidate, struct sori_view text, const struct sori_hit *hit)
{
	size_t from = hit->start > QUOTE_BYTES / 2 ? hit->start - QUOTE_BYTES / 2 : 0, to = hit->end + QUOTE_BYTES / 2;
	struct sori_view copy;

	while (from > 0 && ((unsigned char)text.at[from] & 0xc0) == 0x80)
		from--;
	while (to < text.length && ((unsigned char)text.at[to] & 0xc0) == 0x80)
		to++;
	copy = sori_arena_copy(&s->arena, sori_view_slice(text, from, to > from ? to - from : 0));
	if (copy.at)
		candidate->quotes[candidate->quote_count++] = copy;
}

static void count_hit(struct sori_suggest *s, const struct sori_suggest_text *text, struct sori_suggest_candidate *candidate)
{
	if (text->target)
		candidate->gain++;
	else if (text->high)
		candidate->loss++;
	else
		candidate->other++;
	for (size_t c = 0; c < s->dictionary->catalog.count; c++)
		candidate->with[c] += text->categories[c / 64] >> (c % 64) & 1;
}

static enum sori_status try_text(struct sori_suggest *s, const struct sori_dictionary *trial, struct sori_matcher *matcher,
				 struct sori_batch *batch, const struct sori_suggest_text *text, uint32_t *seen, uint32_t stamp,
				 struct sori_error *error)
{
	struct sori_view view = sori_view_make(s->texts.at + text->start, text->length);
	enum sori_status status = sori_extract_text(matcher, view, batch, error);
	const struct sori_record *record = batch->records;

	for (uint32_t i = 0; status == SORI_OK && i < record->hit_count; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];
		size_t number = hit->counted ? candidate_of(s, trial, hit->entry) : SIZE_MAX;

		if (number == SIZE_MAX || seen[number] == stamp)
			continue;
		seen[number] = stamp;
		count_hit(s, text, &s->candidates[number]);
		if (text->target && s->candidates[number].quote_count < 3)
			keep_quote(s, &s->candidates[number], view, hit);
	}
	return status;
}

static enum sori_status try_all(struct sori_suggest *s, const struct sori_dictionary *trial, struct sori_error *error)
{
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	uint32_t *seen = sori_alloc_zero(s->candidate_count + 1, sizeof *seen);
	enum sori_status status = batch && seen ? sori_matcher_new(&matcher, trial, error) : no_memory(error);

	for (size_t i = 0; i < s->text_count && status == SORI_OK; i++)
		status = try_text(s, trial, matcher, batch, &s->text[i], seen, (uint32_t)i + 1, error);
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	sori_free(seen);
	return status;
}

/* ---- which category */

/* The one that stands with it most often, when that is often and more often than everywhere. */
static void guess_category(struct sori_suggest *s, struct sori_suggest_candidate *candidate, const uint64_t *base, uint64_t pains)
{
	uint64_t best = 0, all = 0;

	candidate->category = SORI_CATEGORY_NONE;
	for (size_t c = 0; c < s->dictionary->catalog.count; c++) {
		const struct sori_category *category = &s->dictionary->catalog.categories[c];

		if (category->praise || category->fallback)
			continue;
		all += candidate->with[c];
		if (candidate->with[c] > best) {
			best = candidate->with[c];
			candidate->category = (uint16_t)c;
		}
	}
	if (candidate->category == SORI_CATEGORY_NONE)
		return;
	if (best < 4 || best * 100 < all * 40 || (double)best * (double)pains < 1.7 * (double)all * (double)base[candidate->category])
		candidate->category = SORI_CATEGORY_NONE;
}

static void guess_categories(struct sori_suggest *s)
{
	uint64_t base[SORI_CATEGORY_LIMIT] = {0}, pains = 0;

	for (size_t i = 0; i < s->text_count; i++)
		for (size_t c = 0; c < s->dictionary->catalog.count; c++)
			if (s->text[i].categories[c / 64] >> (c % 64) & 1 && !s->dictionary->catalog.categories[c].praise &&
			    !s->dictionary->catalog.categories[c].fallback) {
				base[c]++;
				pains++;
			}
	for (size_t i = 0; i < s->candidate_count; i++)
		guess_category(s, &s->candidates[i], base, pains);
}

/* ---- against a gold set */

static bool names(const struct sori_view *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (sori_view_is(ids[i], id))
			return true;
	return false;
}

/* Only texts that the category does not have already change. */
static void judge(const struct sori_suggest *s, const struct sori_dictionary *trial, const struct sori_gold_text *text,
		  const struct sori_batch *batch)
{
	const struct sori_record *record = &batch->records[0];

	for (uint32_t i = 0; i < record->hit_count; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];
		size_t number = hit->counted ? candidate_of(s, trial, hit->entry) : SIZE_MAX;
		struct sori_suggest_candidate *candidate = number == SIZE_MAX ? NULL : &s->candidates[number];
		const char *id;
		bool had = false;

		if (!candidate || candidate->category == SORI_CATEGORY_NONE)
			continue;
		id = s->dictionary->catalog.categories[candidate->category].id;
		for (size_t c = 0; c < trial->catalog.count; c++)
			had |= (record->categories[c / 64] >> (c % 64) & 1) && strcmp(trial->catalog.categories[c].id, id) == 0;
		for (uint32_t k = 0; k < i; k++)
			had |= batch->hits[record->hit_first + k].entry == hit->entry && batch->hits[record->hit_first + k].counted;
		if (had || names(text->unsure, text->unsure_count, id))
			continue;
		*(names(text->wanted, text->wanted_count, id) ? &candidate->gold_right : &candidate->gold_wrong) += 1;
	}
}

static enum sori_status judge_gold(struct sori_suggest *s, const struct sori_dictionary *trial, struct sori_error *error)
{
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	enum sori_status status = batch ? sori_matcher_new(&matcher, trial, error) : no_memory(error);

	for (size_t i = 0; i < s->gold.count && status == SORI_OK; i++) {
		status = sori_extract_text(matcher, s->gold.texts[i].text, batch, error);
		if (status == SORI_OK)
			judge(s, trial, &s->gold.texts[i], batch);
	}
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	return status;
}

/* ---- all */

/* Twice as often in what is wanted as in the rest, and hardly ever in what is praised. */
static bool is_useful(const struct sori_suggest *s, const struct sori_suggest_candidate *c)
{
	double wanted = (double)c->gain / (double)s->targets, rest = (double)(s->text_count - s->targets);
	double share = rest > 0 ? (double)(c->loss + c->other) / rest : 0, praised = s->highs ? (double)c->loss / (double)s->highs : 0;

	return c->entry_line && c->gain >= s->least && c->loss * 2 <= c->gain && wanted >= 1.5 * share && wanted >= 3 * praised;
}

static void drop_useless(struct sori_suggest *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->candidate_count; i++) {
		if (kept < s->top && is_useful(s, &s->candidates[i]))
			s->candidates[kept++] = s->candidates[i];
	}
	s->candidate_count = kept;
}

static enum sori_status count_all(struct counting *c, struct sori_error *error)
{
	struct sori_suggest *s = c->suggest;

	c->target = sori_alloc_zero(s->lemma_count + 1, sizeof *c->target);
	c->rest = sori_alloc_zero(s->lemma_count + 1, sizeof *c->rest);
	c->last_text = sori_alloc_zero(s->lemma_count + 1, sizeof *c->last_text);
	if (!c->target || !c->rest || !c->last_text)
		return no_memory(error);
	for (size_t i = 0; i < s->text_count; i++)
		if (!count_text(c, i))
			return no_memory(error);
	if (!choose_lemmas(c) || !choose_pairs(c))
		return no_memory(error);
	if (s->candidate_count)
		qsort(s->candidates, s->candidate_count, sizeof *s->candidates, compare_z);
	if (s->candidate_count > s->top * TRIED_FACTOR)
		s->candidate_count = s->top * TRIED_FACTOR;
	return SORI_OK;
}

enum sori_status sori_suggest_candidates(struct sori_suggest *s, struct sori_error *error)
{
	struct counting c = {.suggest = s};
	struct sori_dictionary *trial = NULL;
	enum sori_status status = count_all(&c, error);

	sori_buffer_init(&c.trial, (size_t)1 << 26);
	if (status == SORI_OK && s->candidate_count) {
		status = load_trial(&c, &trial, error);
		if (status == SORI_OK)
			status = try_all(s, trial, error);
		guess_categories(s);
		if (status == SORI_OK && s->has_gold)
			status = judge_gold(s, trial, error);
		drop_useless(s);
	}
	sori_dictionary_free(trial);
	sori_buffer_release(&c.trial);
	sori_free(c.target);
	sori_free(c.rest);
	sori_free(c.last_text);
	sori_free(c.pairs);
	return status;
}
