/* Most texts have no twin, so most of the work is to find that out cheaply:
 *
 *   equal sketches      one hash table; one of each goes on
 *   band after band     a bit table of keys met tells the keys that may come twice (one pass), those and the first ones they met
 *                       are listed (a second pass), everything else is done with this band
 *   a key's members     in order of index, each against the ones before it
 *
 * Two sketches with 26 equal bins differ in 6 at most, so of their 8 bands two are equal at least: a byte of every band in one
 * word tells most pairs apart without a look at the sketches.
 *
 * Comparing with the first MEMBERS of a bucket only bounds the cost of a boilerplate band that a thousand unlike texts share;
 * who they are depends on the order of the sketches, which is that of the identities, not on how the texts arrived. */
#include "pipeline/core/similar.h"

#include <string.h>

#include "pipeline/base/memory.h"

#define MEMBERS 32
#define SMALL_BITS 17 /* of the second table, which holds only keys met twice */

static uint32_t find(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

/* The smaller index leads: it is returned. */
static uint32_t join(uint32_t *parent, uint32_t a, uint32_t b)
{
	a = find(parent, a);
	b = find(parent, b);
	if (a < b)
		return parent[b] = a;
	return parent[a] = b;
}

static const struct sori_sketch *at(const struct sori_sketch *sketches, size_t stride, size_t i)
{
	return (const struct sori_sketch *)(const void *)((const char *)sketches + i * stride);
}

static uint64_t word_of(const struct sori_sketch *sketch, size_t word)
{
	uint64_t value;

	memcpy(&value, sketch->bins + word * 8, 8);
	return value;
}

static uint64_t spread(uint64_t value)
{
	value *= 0x9e3779b97f4a7c15u;
	return value ^ value >> 32;
}

static size_t power_over(size_t least)
{
	size_t power = 64;

	while (power < least)
		power *= 2;
	return power;
}

static bool make_room(struct sori_similar *s, size_t count)
{
	size_t slots = power_over(count * 2), bits = power_over(count * 32) / 64;

	return SORI_GROW(s->parent, s->parent_capacity, count + 1) == 0 && SORI_GROW(s->slots, s->slot_capacity, slots) == 0 &&
	       SORI_GROW(s->unique, s->unique_capacity, count + 1) == 0 &&
	       SORI_GROW(s->keys, s->key_capacity, count * SORI_SKETCH_BANDS + 1) == 0 &&
	       SORI_GROW(s->tags, s->tag_capacity, count + 1) == 0 &&
	       SORI_GROW(s->chosen, s->chosen_capacity, count + 1) == 0 && SORI_GROW(s->next, s->next_capacity, count + 1) == 0 &&
	       SORI_GROW(s->bits, s->bit_capacity, bits + ((size_t)1 << SMALL_BITS) / 64) == 0;
}

/* Equal sketches become one; returns the number that differ. */
static size_t join_equal(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, size_t count)
{
	size_t slots = power_over(count * 2), unique = 0;

	memset(s->slots, 0, slots * sizeof *s->slots);
	for (uint32_t i = 0; i < count; i++) {
		const struct sori_sketch *mine = at(sketches, stride, i);
		size_t slot = (size_t)spread(word_of(mine, 0) ^ word_of(mine, 3) >> 7) & (slots - 1);

		while (s->slots[slot] && memcmp(at(sketches, stride, s->slots[slot] - 1), mine, sizeof *mine) != 0)
			slot = (slot + 1) & (slots - 1);
		if (s->slots[slot]) {
			s->parent[i] = s->slots[slot] - 1;
			continue;
		}
		s->slots[slot] = i + 1;
		s->parent[i] = i;
		s->unique[unique++] = i;
	}
	return unique;
}

static bool test_and_set(uint64_t *bits, uint64_t bit)
{
	uint64_t mask = (uint64_t)1 << bit % 64;
	bool was = (bits[bit / 64] & mask) != 0;

	bits[bit / 64] |= mask;
	return was;
}

static void cut_bands(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, size_t unique)
{
	for (size_t i = 0; i < unique; i++) {
		const struct sori_sketch *sketch = at(sketches, stride, s->unique[i]);
		uint64_t tags = 0;

		for (size_t band = 0; band < SORI_SKETCH_BANDS; band++) {
			uint32_t key;

			memcpy(&key, sketch->bins + band * 4, 4);
			s->keys[band * unique + i] = key;
			tags |= (uint64_t)(key * 0x9e3779b1u >> 24) << (band * 8);
		}
		s->tags[i] = tags;
	}
}

/* Lists the places whose key may be that of another; returns how many. */
static size_t choose(struct sori_similar *s, const uint32_t *keys, size_t unique)
{
	size_t bits = power_over(unique * 32), chosen = 0;
	uint64_t *again = s->bits + bits / 64; /* keys met twice */
	bool any = false;

	memset(s->bits, 0, bits / 8 + ((size_t)1 << SMALL_BITS) / 8);
	for (size_t i = 0; i < unique; i++) {
		uint64_t hash = spread(keys[i]);

		if (test_and_set(s->bits, hash & (bits - 1))) {
			(void)test_and_set(again, (hash >> 24) % (1u << SMALL_BITS));
			any = true;
		}
	}
	for (size_t i = 0; any && i < unique; i++) {
		uint64_t bit = (spread(keys[i]) >> 24) % (1u << SMALL_BITS);

		s->chosen[chosen] = (uint32_t)i;
		chosen += again[bit / 64] >> bit % 64 & 1;
	}
	return chosen;
}

/* Two bytes of the words at least are equal: two bits of the zero-byte test are set. */
static bool two_bands(uint64_t a, uint64_t b)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	uint64_t difference = a ^ b, zeros = ~(((difference & low) + low) | difference | low);

	return (zeros & (zeros - 1)) != 0;
}

/* Joins `place` with those of its bucket that it is like. */
static void compare(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, uint32_t first, uint32_t place)
{
	uint32_t mine = s->unique[place], root = find(s->parent, mine);
	const struct sori_sketch *sketch = at(sketches, stride, mine);
	uint64_t tags = s->tags[place];
	unsigned members = 0;

	for (uint32_t other = first; other && members < MEMBERS; other = s->next[other - 1], members++) {
		uint32_t theirs;

		if (!two_bands(s->tags[other - 1], tags))
			continue;
		theirs = s->unique[other - 1];
		if (find(s->parent, theirs) != root && sori_sketch_alike(at(sketches, stride, theirs), sketch))
			root = join(s->parent, theirs, root);
	}
}

/* Buckets are lists in order of index: the last member is remembered beside the first. */
static bool join_band(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, const uint32_t *keys,
		      size_t chosen)
{
	size_t count = power_over(chosen * 2);
	uint32_t *firsts, *lasts;

	if (SORI_GROW(s->buckets, s->bucket_capacity, count * 2) != 0)
		return false;
	firsts = s->buckets;
	lasts = s->buckets + count;
	memset(firsts, 0, count * sizeof *firsts);
	for (size_t i = 0; i < chosen; i++) {
		uint32_t place = s->chosen[i];
		size_t bucket = (size_t)(spread(keys[place]) >> 8) & (count - 1);

		s->next[place] = 0;
		if (firsts[bucket]) {
			compare(s, sketches, stride, firsts[bucket], place);
			s->next[lasts[bucket] - 1] = place + 1;
		} else {
			firsts[bucket] = place + 1;
		}
		lasts[bucket] = place + 1;
	}
	return true;
}

void sori_similar_release(struct sori_similar *similar)
{
	sori_free(similar->parent);
	sori_free(similar->slots);
	sori_free(similar->unique);
	sori_free(similar->keys);
	sori_free(similar->tags);
	sori_free(similar->chosen);
	sori_free(similar->buckets);
	sori_free(similar->next);
	sori_free(similar->bits);
	*similar = (struct sori_similar){.parent = NULL};
}

enum sori_status sori_similar_group(struct sori_similar *similar, const struct sori_sketch *sketches, size_t stride, size_t count,
				    struct sori_error *error)
{
	size_t unique;

	if (!make_room(similar, count))
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	unique = join_equal(similar, sketches, stride, count);
	cut_bands(similar, sketches, stride, unique);
	for (size_t band = 0; band < SORI_SKETCH_BANDS && unique > 1; band++) {
		const uint32_t *keys = similar->keys + band * unique;
		size_t chosen = choose(similar, keys, unique);

		if (chosen > 1 && !join_band(similar, sketches, stride, keys, chosen))
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	for (uint32_t i = 0; i < count; i++)
		similar->parent[i] = find(similar->parent, i);
	return SORI_OK;
}
