/* The table of passages: open addressing over two generations of entries in bump-allocated memory. A new entry goes to the
 * young generation; when that is full it becomes the old one, whose entries are dropped unless they are asked for again
 * (then they are copied to the young one). So what repeats stays, what does not makes room, and neither costs a list.
 * A chain is looked through for PROBES slots only: keys made to collide are just not kept. */
#include "stages/extract/memo.h"
#include "stages/extract/passage.h"

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

#define PROBES 12u
#define GENERATION_BYTES ((size_t)5 << 20)
#define SLOTS ((size_t)1 << 16)

_Static_assert(_Alignof(struct sori_kept_hit) <= 4 && _Alignof(struct sori_kept_match) <= 4 &&
	       sizeof(struct sori_kept_hit) % 4 == 0 && sizeof(struct sori_passage) % 8 == 0, "entries are laid out by hand");

static bool open_generation(struct sori_passage_generation *g, size_t capacity, size_t slots)
{
	g->bytes = sori_alloc(capacity);
	g->slots = sori_alloc_zero(slots, sizeof *g->slots);
	return g->bytes && g->slots;
}

static void close_generation(struct sori_passage_generation *g)
{
	sori_free(g->bytes);
	sori_free(g->slots);
	*g = (struct sori_passage_generation){0};
}

enum sori_status sori_passages_new(struct sori_matcher *m, struct sori_error *error)
{
	const struct sori_dictionary *d = m->dictionary;
	struct sori_passages *p = m->passages = sori_alloc_zero(1, sizeof *p);
	if (!p || !open_generation(&p->young, GENERATION_BYTES, SLOTS) || !open_generation(&p->old, GENERATION_BYTES, SLOTS) ||
	    !(p->sets = sori_alloc_zero(m->index->rules->record_words + (size_t)1, sizeof *p->sets)) ||
	    !(p->own_sets = sori_alloc_zero(m->index->rules->record_words + (size_t)1, sizeof *p->own_sets)))
		return sori_fail(error, SORI_SYSTEM, "no memory for the matcher");
	p->capacity = GENERATION_BYTES;
	p->undivided = m->index->spills->over_border;
	for (size_t i = 0; i < d->catalog.count && i < SORI_CATEGORY_LIMIT; i++) {
		const struct sori_category *category = &d->catalog.categories[i];
		p->class[i] = (uint8_t)((!category->praise && !category->fallback ? SORI_CLASS_PAIN : 0) |
					(category->fallback ? SORI_CLASS_FALLBACK : 0));
	}
	return SORI_OK;
}

void sori_passages_free(struct sori_matcher *m)
{
	struct sori_passages *p = m->passages;
	if (!p)
		return;
	close_generation(&p->young);
	close_generation(&p->old);
	sori_free(p->sets);
	sori_free(p->own_sets);
	sori_free(p->spans);
	sori_free(p->parts);
	sori_free(p->live);
	sori_free(p->gathered);
	sori_free(p);
}

static void empty(struct sori_passage_generation *g)
{
	if (g->count)
		memset(g->slots, 0, SLOTS * sizeof *g->slots);
	g->count = g->used = 0;
}

void sori_passages_limit(struct sori_matcher *m, size_t bytes)
{
	struct sori_passages *p = m->passages;
	empty(&p->young);
	empty(&p->old);
	p->capacity = bytes / 2 < GENERATION_BYTES ? bytes / 2 : GENERATION_BYTES;
}

void sori_passage_turn(struct sori_passages *p)
{
	if (p->young.used + p->capacity / 16 < p->capacity && p->young.count < SLOTS / 2)
		return;
	struct sori_passage_generation old = p->old;
	p->old = p->young;
	p->young = old;
	empty(&p->young);
}

uint64_t sori_passage_hash(struct sori_view key, uint32_t own)
{
	return sori_hash64(key, own);
}

void sori_passage_await_slot(const struct sori_passages *p, uint64_t hash)
{
	__builtin_prefetch(&p->young.slots[hash % SLOTS]);
	__builtin_prefetch(&p->old.slots[hash % SLOTS]);
}

void sori_passage_await(const struct sori_passages *p, uint64_t hash)
{
	const struct sori_passage_generation *g = &p->young;
	struct sori_passage_slot slot = g->slots[hash % SLOTS];
	if (!slot.place || slot.tag != (uint32_t)(hash >> 32)) {
		g = &p->old;
		slot = g->slots[hash % SLOTS];
	}
	if (!slot.place || slot.tag != (uint32_t)(hash >> 32))
		return;
	const char *at = g->bytes + ((size_t)slot.place - 1) * 8;
	for (unsigned line = 0; line < 4; line++)
		__builtin_prefetch(at + 64 * line);
}

static struct sori_passage *look(const struct sori_passage_generation *g, struct sori_view key, uint32_t own, uint64_t hash)
{
	for (size_t slot = hash, i = 0; i < PROBES; i++, slot++) {
		const struct sori_passage_slot *s = &g->slots[slot % SLOTS];
		if (!s->place)
			return NULL;
		if (s->tag != (uint32_t)(hash >> 32))
			continue;
		struct sori_passage *known = (struct sori_passage *)(void *)(g->bytes + ((size_t)s->place - 1) * 8);
		if (known->hash == hash && known->length == key.length && known->own == own &&
		    memcmp(sori_passage_key(known), key.at, key.length) == 0)
			return known;
	}
	return NULL;
}

static size_t size_of(struct sori_passage *passage)
{
	size_t bytes = (size_t)(sori_passage_key(passage) - (char *)passage) + passage->length;
	return (bytes + 7) & ~(size_t)7;
}

/* Room for `bytes` under the hash in the young generation, in the slot of `instead` when that has one there; NULL when
 * it or the chain is full. */
static struct sori_passage *place(struct sori_passages *p, uint64_t hash, size_t bytes, const struct sori_passage *instead)
{
	struct sori_passage_generation *g = &p->young;
	if (g->used + bytes > p->capacity || g->count > SLOTS / 4 * 3)
		return NULL;
	for (size_t slot = hash, i = 0; i < PROBES; i++, slot++) {
		struct sori_passage_slot *s = &g->slots[slot % SLOTS];
		if (s->place && (const char *)instead != g->bytes + ((size_t)s->place - 1) * 8)
			continue;
		*s = (struct sori_passage_slot){(uint32_t)(hash >> 32), (uint32_t)(g->used / 8 + 1)};
		struct sori_passage *made = (struct sori_passage *)(void *)(g->bytes + g->used);
		g->used += bytes;
		g->count++;
		return made;
	}
	return NULL;
}

struct sori_passage *sori_passage_find(struct sori_passages *p, struct sori_view key, uint32_t own, uint64_t hash)
{
	struct sori_passage *known = look(&p->young, key, own, hash);
	if (known || !p->old.count)
		return known;
	known = look(&p->old, key, own, hash);
	if (!known)
		return NULL;
	size_t bytes = size_of(known);
	struct sori_passage *copy = place(p, hash, bytes, NULL);
	return copy ? memcpy(copy, known, bytes) : known;
}

static uint32_t count_record_matches(const struct sori_matcher *m)
{
	uint32_t count = 0;
	for (size_t i = 0; i < m->match_count; i++)
		count += sori_match_list(m, &m->matches[i])->over_record;
	return count;
}

static void keep_hits(const struct sori_matcher *m, struct sori_kept_hit *kept)
{
	for (size_t i = 0; i < m->found_count; i++) {
		const struct sori_found_hit *found = &m->found[i];
		bool open = found->condition != SORI_NO_RULE;
		kept[i] = (struct sori_kept_hit){
			.entry = open ? found->condition : found->hit.entry, .start = (uint16_t)found->hit.start,
			.end = (uint16_t)found->hit.end, .category = found->hit.category, .tags = found->hit.tags,
			.counted = found->hit.counted, .open = open,
		};
	}
}

static void keep_matches(const struct sori_matcher *m, struct sori_kept_match *kept, size_t count)
{
	for (size_t i = 0; count && i < m->match_count; i++) {
		const struct sori_term_match *match = &m->matches[i];
		if (!sori_match_list(m, match)->over_record)
			continue;
		*kept = (struct sori_kept_match){
			.group = match->group, .list = match->list, .start = (uint16_t)match->start, .end = (uint16_t)match->end,
			.tail_end = (uint16_t)match->tail_end, .first_word = (uint16_t)match->first_word,
			.word = (uint16_t)match->word, .tags = match->tags, .flags = match->flags,
			.negator_count = match->negator_count,
		};
		for (unsigned n = 0; n < match->negator_count; n++)
			kept->negators[n] = (uint16_t)match->negators[n];
		kept++;
	}
}

void sori_passage_tags(struct sori_passage *passage, const struct sori_term_match *matches, uint32_t base)
{
	struct sori_kept_match *kept = sori_passage_matches(passage);
	for (const struct sori_kept_match *end = kept + passage->match_count; kept < end; kept++, matches++) {
		if (!(matches->flags & SORI_MATCH_SCOPED))
			continue;
		kept->flags |= SORI_MATCH_SCOPED;
		kept->tags = matches->tags;
		kept->negator_count = matches->negator_count;
		for (unsigned n = 0; n < matches->negator_count; n++)
			kept->negators[n] = (uint16_t)(matches->negators[n] - base);
	}
}

struct sori_passage *sori_passage_keep(struct sori_matcher *m, struct sori_view key, uint32_t own, uint64_t hash,
				       uint32_t word_count, const struct sori_passage *instead)
{
	const struct sori_passages *p = m->passages;
	uint32_t matches = count_record_matches(m);
	if (key.length > SORI_PASSAGE_KEY_LIMIT || m->found_count > UINT16_MAX || matches > UINT16_MAX)
		return NULL;
	struct sori_passage head = {
		.hash = hash, .length = (uint16_t)key.length, .own = (uint16_t)own, .word_count = (uint16_t)word_count,
		.hit_count = (uint16_t)m->found_count, .match_count = (uint16_t)(p->matched ? matches : 0),
		.wants_more = m->wants_more, .matched = p->matched || !matches,
		.set_words = (uint16_t)(matches ? m->index->rules->record_words : 0),
	};
	size_t bytes = sizeof head + head.set_words * sizeof *p->sets + head.hit_count * sizeof(struct sori_kept_hit) +
		       head.match_count * sizeof(struct sori_kept_match) + key.length;
	struct sori_passage *made = place(m->passages, hash, (bytes + 7) & ~(size_t)7, instead);
	if (!made)
		return NULL;
	*made = head;
	if (head.set_words)
		memcpy(sori_passage_sets(made), p->own_sets, head.set_words * sizeof *p->sets);
	keep_hits(m, sori_passage_hits(made));
	keep_matches(m, sori_passage_matches(made), head.match_count);
	memcpy(sori_passage_key(made), key.at, key.length);
	return made;
}
