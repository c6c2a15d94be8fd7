/* The ending automaton, made deterministic while it runs. A state is a sorted set of items (trie node, labels met on the
 * way there); its row of next states is filled in when a text first asks for it. Feedback text reaches some hundred
 * states, which stay in cache; the bound keeps a hostile text from growing it: a full cache is emptied and built anew,
 * which changes speed only, never results.
 *
 * A word may end where the root of a @final class is among the items; the labels of that end are the union over such
 * items, less those that an item cancels (읽으면서: 면서 cancels the "if" of 면). */
#include "stages/extract/grammar_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/base/hash.h"

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define STATE_LIMIT 12000u
#define ITEM_POOL_LIMIT (STATE_LIMIT * 24u)
#define SET_LIMIT 1024u /* items of one state: more are dropped, in order, the same everywhere */
#define HASH_SIZE 32768u
#define DEAD 0u
#define UNKNOWN UINT16_MAX
#define SYLLABLE_LIMIT 40u

struct item {
	uint32_t node, labels;
};

struct state {
	uint32_t first, count; /* items */
	uint32_t labels;
	uint8_t final;
	uint16_t next[SORI_JAMO_COUNT];
};

struct sori_endings {
	const struct sori_grammar *grammar;
	struct state *states;
	size_t state_count, state_capacity;
	struct item *items;
	size_t item_count, item_capacity;
	uint16_t *hash;
	uint16_t entries[SORI_ENTRY_COUNT]; /* 0: not made yet */
	struct item work[SET_LIMIT];
	size_t work_count;
};

static void flush(struct sori_endings *e)
{
	memset(e->hash, 0, HASH_SIZE * sizeof *e->hash);
	memset(e->entries, 0, sizeof e->entries);
	e->state_count = 1; /* DEAD */
	e->item_count = 0;
}

enum sori_status sori_endings_new(struct sori_endings **endings, const struct sori_grammar *grammar,
				  struct sori_error *error)
{
	struct sori_endings *e = sori_alloc_zero(1, sizeof *e);
	if (e)
		e->hash = sori_alloc_zero(HASH_SIZE, sizeof *e->hash);
	if (!e || !e->hash || SORI_GROW(e->states, e->state_capacity, 256) != 0) {
		sori_endings_free(e);
		return sori_fail(error, SORI_SYSTEM, "no memory for the ending automaton");
	}
	memset(&e->states[0], 0, sizeof e->states[0]);
	e->grammar = grammar;
	flush(e);
	*endings = e;
	return SORI_OK;
}

void sori_endings_free(struct sori_endings *endings)
{
	if (!endings)
		return;
	sori_free(endings->states);
	sori_free(endings->items);
	sori_free(endings->hash);
	sori_free(endings);
}

/* Adds an item and all that it reaches without reading; epsilon cycles end because an item is added once. */
static void close_over(struct sori_endings *e, uint32_t node, uint32_t labels)
{
	for (size_t i = 0; i < e->work_count; i++)
		if (e->work[i].node == node && e->work[i].labels == labels)
			return;
	if (e->work_count == SET_LIMIT)
		return;
	e->work[e->work_count++] = (struct item){node, labels};
	const struct sori_grammar *g = e->grammar;
	for (uint32_t jump = g->nodes[node].jump; jump; jump = g->jumps[jump - 1].next)
		close_over(e, g->jumps[jump - 1].root, labels | g->jumps[jump - 1].labels);
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return a->labels < b->labels ? -1 : a->labels > b->labels;
}

/* Number of the state with the work set's items; UNKNOWN: out of memory. */
static uint16_t intern(struct sori_endings *e)
{
	if (!e->work_count)
		return DEAD;
	qsort(e->work, e->work_count, sizeof e->work[0], compare_items);
	struct sori_view bytes = {(const char *)e->work, e->work_count * sizeof e->work[0]};
	size_t slot = (size_t)sori_hash64(bytes, 0) & (HASH_SIZE - 1);
	for (; e->hash[slot]; slot = (slot + 1) & (HASH_SIZE - 1)) {
		const struct state *s = &e->states[e->hash[slot]];
		if (s->count == e->work_count && memcmp(e->items + s->first, e->work, bytes.length) == 0)
			return e->hash[slot];
	}
	if (SORI_GROW(e->states, e->state_capacity, e->state_count + 1) != 0 ||
	    SORI_GROW(e->items, e->item_capacity, e->item_count + e->work_count) != 0)
		return UNKNOWN;
	uint16_t number = (uint16_t)e->state_count++;
	struct state *s = &e->states[number];
	*s = (struct state){.first = (uint32_t)e->item_count, .count = (uint32_t)e->work_count};
	memset(s->next, 0xff, sizeof s->next);
	memcpy(e->items + e->item_count, e->work, bytes.length);
	e->item_count += e->work_count;
	uint32_t all = 0;
	for (size_t i = 0; i < e->work_count; i++) {
		if (!e->grammar->nodes[e->work[i].node].final)
			continue;
		s->final = 1;
		all |= e->work[i].labels;
	}
	s->labels = all & ~(all >> SORI_LABEL_CANCEL_SHIFT) & ((UINT32_C(1) << SORI_LABEL_CANCEL_SHIFT) - 1);
	e->hash[slot] = number;
	return number;
}

static uint16_t start_state(struct sori_endings *e, unsigned entry)
{
	if (e->entries[entry])
		return e->entries[entry];
	e->work_count = 0;
	close_over(e, e->grammar->entries[entry], 0);
	uint16_t state = intern(e);
	if (state != UNKNOWN)
		e->entries[entry] = state;
	return state;
}

/* The state after `symbol`, made when it is new. */
static uint16_t make_next(struct sori_endings *e, uint16_t from, unsigned symbol)
{
	const struct sori_grammar *g = e->grammar;
	struct state source = e->states[from];
	e->work_count = 0;
	for (uint32_t i = 0; i < source.count; i++) {
		struct item item = e->items[source.first + i];
		for (uint32_t child = g->nodes[item.node].child; child; child = g->nodes[child].sibling)
			if (g->nodes[child].symbol == symbol)
				close_over(e, child, item.labels);
	}
	uint16_t to = intern(e);
	if (to != UNKNOWN)
		e->states[from].next[symbol] = to;
	return to;
}

static inline uint16_t next_state(struct sori_endings *e, uint16_t from, unsigned symbol)
{
	uint16_t to = e->states[from].next[symbol];
	return to != UNKNOWN ? to : make_next(e, from, symbol);
}

static void note(const struct sori_endings *e, uint16_t state, uint32_t at, unsigned syllables,
		 struct sori_tail_parse *parse)
{
	const struct state *s = &e->states[state];
	if (!s->final)
		return;
	parse->accepted = true;
	parse->end = at;
	parse->labels = s->labels;
	parse->borders |= UINT64_C(1) << syllables;
}

/* Index of the syllable at `at` among the 11,172, or a larger number for anything else. */
static inline uint32_t syllable_at(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;
	return ((uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3fu)) - 0xac00u;
}

bool sori_endings_parse(struct sori_endings *e, unsigned entry, unsigned final, struct sori_view text, uint32_t at,
			uint32_t end, struct sori_tail_parse *parse)
{
	if (e->state_count >= STATE_LIMIT || e->item_count >= ITEM_POOL_LIMIT)
		flush(e);
	*parse = (struct sori_tail_parse){.end = at};
	uint16_t state = start_state(e, entry);
	if (state != UNKNOWN && final)
		state = next_state(e, state, SORI_JAMO_FINAL + final);
	for (unsigned k = 0;; k++) {
		if (state == UNKNOWN)
			return false;
		note(e, state, at, k, parse);
		if (state == DEAD || k == SYLLABLE_LIMIT || at + 3 > end)
			break;
		uint32_t index = syllable_at(text.at + at);
		assert(index < 11172);
		state = next_state(e, state, index / 588);
		if (state != UNKNOWN && state != DEAD)
			state = next_state(e, state, SORI_JAMO_VOWEL + index / 28 % 21);
		if (state != UNKNOWN && state != DEAD && index % 28)
			state = next_state(e, state, SORI_JAMO_FINAL + index % 28);
		at += 3;
	}
	parse->whole = parse->accepted && parse->end == end;
	return true;
}
