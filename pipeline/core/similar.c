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

#define MEMBERS 64
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
	       SORI_GROW(s->chosen, s->chosen_capacity, count + 1) == 0 && SORI_GROW(s->places, s->place_capacity, count + 1) == 0 &&
	       SORI_GROW(s->members, s->member_capacity, count + 1) == 0 &&
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

/* Lists the places whose key may be that of another; returns how many. Without a branch: whether a key was met is as good as
 * random where texts are made of a few sentences. */
static size_t choose(struct sori_similar *s, const uint32_t *keys, size_t unique)
{
	unsigned width = (unsigned)__builtin_ctzll(power_over(unique * 32));
	uint64_t *met = s->bits, *again = met + ((size_t)1 << width) / 64;
	size_t chosen = 0;

	memset(met, 0, (((size_t)1 << width) + ((size_t)1 << SMALL_BITS)) / 8);
	for (size_t i = 0; i < unique; i++) {
		uint32_t bit = keys[i] * 0x9e3779b1u >> (32 - width), small = keys[i] * 0x85ebca6bu >> (32 - SMALL_BITS);
		uint64_t word = met[bit / 64];

		again[small / 64] |= (word >> bit % 64 & 1) << small % 64;
		met[bit / 64] = word | (uint64_t)1 << bit % 64;
	}
	for (size_t i = 0; i < unique; i++) {
		uint32_t small = keys[i] * 0x85ebca6bu >> (32 - SMALL_BITS);

		s->chosen[chosen] = (uint32_t)i;
		chosen += again[small / 64] >> small % 64 & 1;
	}
	return chosen;
}

/* High bits of the bytes that are equal. */
static uint64_t equal_tags(uint64_t a, uint64_t b)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	uint64_t difference = a ^ b;

	return ~(((difference & low) + low) | difference | low);
}

/* Candidates of `band` with two equal tags: they were compared before when they share an earlier band, really. */
static void compare(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, size_t unique, size_t band,
		    uint64_t equal, const uint32_t places[2])
{
	size_t first = (size_t)__builtin_ctzll(equal) / 8;
	uint32_t a = s->unique[places[0]], b = s->unique[places[1]];
	const uint32_t *keys = s->keys + first * unique;

	if (first < band && keys[places[0]] == keys[places[1]])
		return;
	if (find(s->parent, a) != find(s->parent, b) && sori_sketch_alike(at(sketches, stride, a), at(sketches, stride, b)))
		join(s->parent, a, b);
}

/* One bucket, in order of index. */
static void join_bucket(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, size_t unique, size_t band,
			size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++) {
		size_t end = i < from + MEMBERS ? i : from + MEMBERS;
		uint64_t tags = s->members[i];

		for (size_t k = from; k < end; k++) {
			uint64_t equal = equal_tags(s->members[k], tags);

			if (equal & (equal - 1))
				compare(s, sketches, stride, unique, band, equal, (const uint32_t[2]){s->places[k], s->places[i]});
		}
	}
}

static bool join_band(struct sori_similar *s, const struct sori_sketch *sketches, size_t stride, size_t unique, size_t band,
		      size_t chosen)
{
	const uint32_t *keys = s->keys + band * unique;
	size_t count = power_over(chosen);
	unsigned shift = 32 - (unsigned)__builtin_ctzll(count);
	uint32_t sum = 0;

	if (SORI_GROW(s->buckets, s->bucket_capacity, count) != 0)
		return false;
	memset(s->buckets, 0, count * sizeof *s->buckets);
	for (size_t i = 0; i < chosen; i++)
		s->buckets[keys[s->chosen[i]] * 0xc2b2ae35u >> shift]++;
	for (size_t i = 0; i < count; i++) {
		uint32_t size = s->buckets[i];

		s->buckets[i] = sum;
		sum += size;
	}
	for (size_t i = 0; i < chosen; i++) {
		uint32_t place = s->chosen[i], to = s->buckets[keys[place] * 0xc2b2ae35u >> shift]++;

		s->places[to] = place;
		s->members[to] = s->tags[place];
	}
	for (size_t i = 0, from = 0; i < count; from = s->buckets[i], i++)
		if (s->buckets[i] - from > 1)
			join_bucket(s, sketches, stride, unique, band, from, s->buckets[i]);
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
	sori_free(similar->places);
	sori_free(similar->members);
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
	/* Not the last: who shares it shares another. */
	for (size_t band = 0; band + 1 < SORI_SKETCH_BANDS && unique > 1; band++) {
		size_t chosen = choose(similar, similar->keys + band * unique, unique);

		if (chosen > 1 && !join_band(similar, sketches, stride, unique, band, chosen))
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	for (uint32_t i = 0; i < count; i++)
		similar->parent[i] = find(similar->parent, i);
	return SORI_OK;
}
