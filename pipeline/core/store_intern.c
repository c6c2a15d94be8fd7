/* Open addressing with linear probing at half load over XXH3: the tables hold some thousands of short strings and are
 * asked only when a thread's own cache misses, so plain and small beats clever. */
#include "pipeline/core/store_intern.h"

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

#define INTERN_SEED 0x736f7269696e7401u

void sori_intern_init(struct sori_intern *intern)
{
	*intern = (struct sori_intern){.count = 0};
	sori_arena_init(&intern->arena, 16 * 1024);
}

void sori_intern_release(struct sori_intern *intern)
{
	sori_arena_release(&intern->arena);
	sori_free(intern->text);
	sori_free(intern->hash);
	sori_free(intern->slots);
	*intern = (struct sori_intern){.count = 0};
}

static uint32_t probe(const struct sori_intern *intern, struct sori_view text, uint64_t hash)
{
	size_t mask = intern->slot_count - 1;

	if (intern->slot_count == 0)
		return SORI_INTERN_NONE;
	for (size_t slot = (size_t)hash & mask; intern->slots[slot]; slot = (slot + 1) & mask) {
		uint32_t number = intern->slots[slot] - 1;

		if (intern->hash[number] == hash && sori_view_equal(intern->text[number], text))
			return number;
	}
	return SORI_INTERN_NONE;
}

uint32_t sori_intern_find(const struct sori_intern *intern, struct sori_view text)
{
	return probe(intern, text, sori_hash64(text, INTERN_SEED));
}

static void place(struct sori_intern *intern, uint32_t number)
{
	size_t mask = intern->slot_count - 1;
	size_t slot = (size_t)intern->hash[number] & mask;

	while (intern->slots[slot])
		slot = (slot + 1) & mask;
	intern->slots[slot] = number + 1;
}

static bool grow_slots(struct sori_intern *intern)
{
	size_t count = intern->slot_count ? intern->slot_count * 2 : 256;
	uint32_t *slots = sori_alloc_zero(count, sizeof *slots);

	if (!slots)
		return false;
	sori_free(intern->slots);
	intern->slots = slots;
	intern->slot_count = count;
	for (size_t i = 0; i < intern->count; i++)
		place(intern, (uint32_t)i);
	return true;
}

uint32_t sori_intern_add(struct sori_intern *intern, struct sori_view text, bool *added)
{
	uint64_t hash = sori_hash64(text, INTERN_SEED);
	uint32_t number = probe(intern, text, hash);
	struct sori_view copy;

	if (added)
		*added = number == SORI_INTERN_NONE;
	if (number != SORI_INTERN_NONE)
		return number;
	if (intern->count >= SORI_INTERN_NONE - 1)
		return SORI_INTERN_NONE;
	if ((intern->count + 1) * 2 > intern->slot_count && !grow_slots(intern))
		return SORI_INTERN_NONE;
	if (SORI_GROW(intern->text, intern->capacity, intern->count + 1) != 0 ||
	    SORI_GROW(intern->hash, intern->hash_capacity, intern->count + 1) != 0)
		return SORI_INTERN_NONE;
	copy = sori_arena_copy(&intern->arena, text);
	if (!copy.at && text.length)
		return SORI_INTERN_NONE;
	number = (uint32_t)intern->count++;
	intern->text[number] = copy;
	intern->hash[number] = hash;
	place(intern, number);
	return number;
}

/* Heap sort: no memory, no worst case; the lists are short. */
static void sift(const struct sori_intern *intern, uint32_t *order, size_t root, size_t end)
{
	for (size_t child; (child = 2 * root + 1) < end; root = child) {
		uint32_t held = order[root];

		if (child + 1 < end && sori_view_compare(intern->text[order[child]], intern->text[order[child + 1]]) < 0)
			child++;
		if (sori_view_compare(intern->text[held], intern->text[order[child]]) >= 0)
			return;
		order[root] = order[child];
		order[child] = held;
	}
}

void sori_intern_sort(const struct sori_intern *intern, uint32_t *order)
{
	size_t count = intern->count;

	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	for (size_t i = count / 2; i-- > 0;)
		sift(intern, order, i, count);
	for (size_t end = count; end-- > 1;) {
		uint32_t first = order[0];

		order[0] = order[end];
		order[end] = first;
		sift(intern, order, 0, end);
	}
}
