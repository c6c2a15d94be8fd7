/* External partitioning instead of external merge sort: identities are hashes, so their first byte splits any input into
 * 256 nearly equal parts, and each part of even a 10 GiB night sorts in a few MiB.
 *
 *   thread buffers [256] --full--> slot of the temporary file (fixed size, numbered under the lock)
 *   at merge: what is left in the thread's buffers stays in memory (the "tails")
 *
 * A record takes 32 bytes there, 40 with an id, 56 with an `updated` or a customer: plain copies cost less than any
 * packing at this point, and the file lives in the page cache for a second or two. A slot holds one partition only and
 * begins with the bytes used, so a partition needs just the list of its slot numbers. */
#include "pipeline/core/facts.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_intern.h"
#include "pipeline/core/store_temp.h"

#define BUFFER_BUDGET ((size_t)8 * 1024 * 1024)
#define SLOT_MAXIMUM ((size_t)8 * 1024) /* all buffers of a thread stay within its second-level cache */
#define SLOT_MINIMUM ((size_t)1024)
#define SET_CACHE 4096

struct base_record {
	uint64_t high;
	uint64_t record : 40;
	uint64_t input : 24;
	uint32_t low;
	uint32_t set;
	int32_t day;
	uint32_t cell : 24;
	uint32_t rating : 4; /* + 1 */
	uint32_t flags : 4;
};
_Static_assert(sizeof(struct base_record) == 32, "a base record is 32 bytes");

struct extension {
	uint64_t content;
	int64_t updated;
	uint64_t customer;
};

#define FLAG_EXTENDED 0x8u /* the whole extension follows */
#define FLAG_CONTENT 0x4u  /* its first field follows */
#define CELL_LIMIT ((uint32_t)1 << 24)
#define INPUT_LIMIT ((uint32_t)1 << 24)

struct part_buffer {
	char *at; /* NULL until first used */
	size_t used;
};

struct tail {
	char *at;
	size_t used;
};

struct part {
	uint32_t *slots;
	size_t slot_count, slot_capacity;
	struct tail *tails;
	size_t tail_count, tail_capacity;
	uint64_t count;
};

struct sori_facts {
	pthread_mutex_t lock; /* file creation, slot lists, sets */
	char *folder;
	int file; /* -1: none yet */
	uint32_t next_slot;
	size_t slot_size;
	struct part parts[SORI_PARTITIONS];
	sori_day first, last;
	struct sori_intern sets; /* keys: SORI_CATEGORY_LIMIT / 8 bytes */
};

struct set_entry {
	uint64_t bits[SORI_CATEGORY_LIMIT / 64];
	uint32_t set; /* + 1 */
};

struct sori_facts_local {
	struct sori_facts *facts;
	struct part_buffer buffers[SORI_PARTITIONS];
	uint64_t counts[SORI_PARTITIONS];
	sori_day first, last; /* dated ones; first > last: none */
	struct set_entry cache[SET_CACHE];
};

struct sori_facts *sori_facts_new(const char *folder, unsigned threads)
{
	static const uint64_t empty[SORI_CATEGORY_LIMIT / 64];
	struct sori_facts *facts = sori_alloc_zero(1, sizeof *facts);
	size_t size = BUFFER_BUDGET / SORI_PARTITIONS / (threads ? threads : 1);

	if (!facts)
		return NULL;
	facts->file = -1;
	facts->first = INT32_MAX;
	facts->last = INT32_MIN;
	facts->slot_size = size > SLOT_MAXIMUM ? SLOT_MAXIMUM : size < SLOT_MINIMUM ? SLOT_MINIMUM : size & ~(size_t)511;
	pthread_mutex_init(&facts->lock, NULL);
	sori_intern_init(&facts->sets);
	facts->folder = sori_strdup_n(folder, strlen(folder));
	if (!facts->folder ||
	    sori_intern_add(&facts->sets, sori_view_make((const char *)empty, sizeof empty), NULL) != 0) {
		sori_facts_free(facts);
		return NULL;
	}
	return facts;
}

void sori_facts_free(struct sori_facts *facts)
{
	if (!facts)
		return;
	for (size_t i = 0; i < SORI_PARTITIONS; i++) {
		struct part *part = &facts->parts[i];

		for (size_t k = 0; k < part->tail_count; k++)
			sori_free(part->tails[k].at);
		sori_free(part->tails);
		sori_free(part->slots);
	}
	if (facts->file >= 0)
		(void)close(facts->file); /* unlinked, nothing to lose */
	sori_intern_release(&facts->sets);
	pthread_mutex_destroy(&facts->lock);
	sori_free(facts->folder);
	sori_free(facts);
}

struct sori_facts_local *sori_facts_local_new(struct sori_facts *facts)
{
	struct sori_facts_local *local = sori_alloc_zero(1, sizeof *local);

	if (!local)
		return NULL;
	local->facts = facts;
	local->first = INT32_MAX;
	local->last = INT32_MIN;
	return local;
}

void sori_facts_local_free(struct sori_facts_local *local)
{
	if (!local)
		return;
	for (size_t i = 0; i < SORI_PARTITIONS; i++)
		sori_free(local->buffers[i].at);
	sori_free(local);
}

enum sori_status sori_facts_set(struct sori_facts_local *local, const uint64_t categories[SORI_CATEGORY_LIMIT / 64],
				uint32_t *set, struct sori_error *error)
{
	uint64_t mix = categories[0] ^ categories[1] * 0x9e3779b97f4a7c15u ^ categories[2] * 0xc2b2ae3d27d4eb4fu ^
		       categories[3] * 0x165667b19e3779f9u;
	struct set_entry *entry = &local->cache[(mix * 0x9e3779b97f4a7c15u) >> 52];
	const size_t size = sizeof entry->bits;

	if (entry->set && memcmp(entry->bits, categories, size) == 0) {
		*set = entry->set - 1;
		return SORI_OK;
	}
	pthread_mutex_lock(&local->facts->lock);
	*set = sori_intern_add(&local->facts->sets, sori_view_make((const char *)categories, size), NULL);
	pthread_mutex_unlock(&local->facts->lock);
	if (*set == SORI_INTERN_NONE)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	memcpy(entry->bits, categories, size);
	entry->set = *set + 1;
	return SORI_OK;
}

static enum sori_status take_slot(struct sori_facts *facts, size_t partition, uint32_t *slot, struct sori_error *error)
{
	struct part *part = &facts->parts[partition];
	enum sori_status status = SORI_OK;

	pthread_mutex_lock(&facts->lock);
	if (facts->file < 0)
		status = sori_temp_open(facts->folder, &facts->file, error);
	if (status == SORI_OK && SORI_GROW(part->slots, part->slot_capacity, part->slot_count + 1) != 0)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK) {
		*slot = facts->next_slot++;
		part->slots[part->slot_count++] = *slot;
	}
	pthread_mutex_unlock(&facts->lock);
	return status;
}

/* A buffer begins with the bytes used (itself included), so that it is written in one piece. */
static enum sori_status spill(struct sori_facts *facts, size_t partition, struct part_buffer *buffer,
			      struct sori_error *error)
{
	uint32_t slot;
	enum sori_status status = take_slot(facts, partition, &slot, error);

	if (status != SORI_OK)
		return status;
	memcpy(buffer->at, &buffer->used, sizeof buffer->used);
	status = sori_temp_write(facts->file, buffer->at, buffer->used, (off_t)slot * (off_t)facts->slot_size, error);
	buffer->used = sizeof buffer->used;
	return status;
}

static enum sori_status make_room(struct sori_facts_local *local, size_t partition, size_t size, struct sori_error *error)
{
	struct part_buffer *buffer = &local->buffers[partition];

	if (!buffer->at) {
		buffer->at = sori_alloc(local->facts->slot_size);
		if (!buffer->at)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		buffer->used = sizeof buffer->used;
	}
	if (buffer->used + size > local->facts->slot_size)
		return spill(local->facts, partition, buffer, error);
	return SORI_OK;
}

enum sori_status sori_facts_add(struct sori_facts_local *local, const struct sori_fact *fact, struct sori_error *error)
{
	size_t partition = (size_t)(fact->high >> 56);
	struct part_buffer *buffer = &local->buffers[partition];
	bool extended = fact->updated != INT64_MIN || fact->customer, content = !extended && (fact->flags & SORI_FACT_HAS_ID);
	size_t more_size = extended ? sizeof(struct extension) : content ? sizeof(uint64_t) : 0;
	size_t size = sizeof(struct base_record) + more_size;
	struct base_record base = {
		.high = fact->high, .record = fact->record & (((uint64_t)1 << 40) - 1), .input = fact->input & (INPUT_LIMIT - 1),
		.low = fact->low, .set = fact->set, .day = fact->day, .cell = fact->cell & (CELL_LIMIT - 1),
		.rating = (uint32_t)(fact->rating + 1) & 0xf, .flags = (fact->flags | (extended ? FLAG_EXTENDED : content ? FLAG_CONTENT : 0)) & 0xf,
	};

	if (fact->cell >= CELL_LIMIT || fact->input >= INPUT_LIMIT)
		return sori_fail(error, SORI_SYSTEM, "over %u inputs or combinations of dimension values in one run", CELL_LIMIT);
	if (!buffer->at || buffer->used + size > local->facts->slot_size) {
		enum sori_status status = make_room(local, partition, size, error);

		if (status != SORI_OK)
			return status;
	}
	memcpy(buffer->at + buffer->used, &base, sizeof base);
	if (more_size) {
		struct extension more = {fact->content, fact->updated, fact->customer};

		memcpy(buffer->at + buffer->used + sizeof base, &more, more_size);
	}
	buffer->used += size;
	local->counts[partition]++;
	if (fact->day != SORI_DAY_NONE) {
		local->first = fact->day < local->first ? fact->day : local->first;
		local->last = fact->day > local->last ? fact->day : local->last;
	}
	return SORI_OK;
}

void sori_facts_expect(const struct sori_facts_local *local, uint64_t high)
{
	const struct part_buffer *buffer = &local->buffers[high >> 56];

	__builtin_prefetch(buffer->at + buffer->used, 1);
}

/* A full tail keeps its memory; a small one is copied to its size so that many threads stay cheap. */
static enum sori_status hand_over(struct sori_facts *facts, size_t partition, struct sori_facts_local *local,
				  struct sori_error *error)
{
	struct part *part = &facts->parts[partition];
	struct part_buffer *buffer = &local->buffers[partition];
	char *smaller;

	part->count += local->counts[partition];
	local->counts[partition] = 0;
	if (!buffer->at || buffer->used == sizeof buffer->used)
		return SORI_OK;
	if (SORI_GROW(part->tails, part->tail_capacity, part->tail_count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	smaller = sori_realloc(buffer->at, buffer->used);
	part->tails[part->tail_count++] = (struct tail){smaller ? smaller : buffer->at, buffer->used};
	buffer->at = NULL;
	buffer->used = 0;
	return SORI_OK;
}

enum sori_status sori_facts_merge(struct sori_facts *facts, struct sori_facts_local *local, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	facts->first = local->first < facts->first ? local->first : facts->first;
	facts->last = local->last > facts->last ? local->last : facts->last;
	for (size_t i = 0; i < SORI_PARTITIONS && status == SORI_OK; i++)
		status = hand_over(facts, i, local, error);
	return status;
}

uint64_t sori_facts_count(const struct sori_facts *facts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SORI_PARTITIONS; i++)
		sum += facts->parts[i].count;
	return sum;
}

void sori_facts_days(const struct sori_facts *facts, sori_day *first, sori_day *last)
{
	*first = facts->first;
	*last = facts->last;
}

uint64_t sori_facts_partition_count(const struct sori_facts *facts, unsigned partition)
{
	return facts->parts[partition].count;
}

size_t sori_facts_set_count(const struct sori_facts *facts)
{
	return facts->sets.count;
}

/* The arena aligns every copy to 16, so the bits can be read in place. */
const uint64_t *sori_facts_set_bits(const struct sori_facts *facts, uint32_t set)
{
	return (const uint64_t *)(const void *)facts->sets.text[set].at;
}

size_t sori_facts_scratch_size(const struct sori_facts *facts)
{
	return facts->slot_size;
}

static enum sori_status visit_piece(const char *at, size_t used,
				    enum sori_status (*visit)(void *user, const struct sori_fact *fact), void *user)
{
	enum sori_status status = SORI_OK;

	for (size_t offset = sizeof used; offset < used && status == SORI_OK;) {
		struct base_record base;
		struct extension more = {0, INT64_MIN, 0};
		struct sori_fact fact;

		memcpy(&base, at + offset, sizeof base);
		offset += sizeof base;
		if (base.flags & (FLAG_EXTENDED | FLAG_CONTENT)) {
			size_t size = base.flags & FLAG_EXTENDED ? sizeof more : sizeof more.content;

			memcpy(&more, at + offset, size);
			offset += size;
		}
		fact = (struct sori_fact){
			.high = base.high, .low = base.low, .content = more.content, .updated = more.updated,
			.customer = more.customer, .record = base.record, .cell = base.cell, .set = base.set, .day = base.day,
			.input = (uint32_t)base.input, .rating = (int8_t)(base.rating - 1), .flags = (uint8_t)(base.flags & ~(FLAG_EXTENDED | FLAG_CONTENT)),
		};
		status = visit(user, &fact);
	}
	return status;
}

enum sori_status sori_facts_visit(const struct sori_facts *facts, unsigned partition, void *scratch,
				  enum sori_status (*visit)(void *user, const struct sori_fact *fact), void *user,
				  struct sori_error *error)
{
	const struct part *part = &facts->parts[partition];
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < part->slot_count && status == SORI_OK; i++) {
		off_t offset = (off_t)part->slots[i] * (off_t)facts->slot_size;
		size_t used = 0;

		/* The last slot of the file may be short: its length first. */
		status = sori_temp_read(facts->file, &used, sizeof used, offset, error);
		if (status == SORI_OK && (used < sizeof used || used > facts->slot_size))
			status = sori_fail(error, SORI_IO, "the temporary file is damaged");
		if (status == SORI_OK)
			status = sori_temp_read(facts->file, scratch, used, offset, error);
		if (status == SORI_OK)
			status = visit_piece(scratch, used, visit, user);
	}
	for (size_t i = 0; i < part->tail_count && status == SORI_OK; i++)
		status = visit_piece(part->tails[i].at, part->tails[i].used, visit, user);
	return status;
}

static int compare(const struct sori_fact *facts, const struct sori_fact_key *a, const struct sori_fact_key *b)
{
	const struct sori_fact *left, *right;

	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	left = &facts[a->index];
	right = &facts[b->index];
	if (left->input != right->input)
		return left->input < right->input ? -1 : 1;
	return left->record < right->record ? -1 : left->record > right->record;
}

static void insertion(const struct sori_fact *facts, struct sori_fact_key *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct sori_fact_key held = keys[i];
		size_t k = i;

		for (; k > 0 && compare(facts, &keys[k - 1], &held) > 0; k--)
			keys[k] = keys[k - 1];
		keys[k] = held;
	}
}

static void sift(const struct sori_fact *facts, struct sori_fact_key *keys, size_t root, size_t end)
{
	for (size_t child; (child = 2 * root + 1) < end; root = child) {
		struct sori_fact_key held = keys[root];

		if (child + 1 < end && compare(facts, &keys[child], &keys[child + 1]) < 0)
			child++;
		if (compare(facts, &held, &keys[child]) >= 0)
			return;
		keys[root] = keys[child];
		keys[child] = held;
	}
}

static void heap(const struct sori_fact *facts, struct sori_fact_key *keys, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(facts, keys, i, count);
	for (size_t end = count; end-- > 1;) {
		struct sori_fact_key first = keys[0];

		keys[0] = keys[end];
		keys[end] = first;
		sift(facts, keys, 0, end);
	}
}

/* One pass of distribution by the bits after the highest that differ puts every key within a few places of its rank
 * (identities are uniform); insertion sort does the rest. A bucket that is large all the same holds equal records (one
 * macro sent a thousand times): heap sort, no worst case. */
void sori_facts_sort(const struct sori_fact *facts, struct sori_fact_key *keys, struct sori_fact_key *scratch,
		     uint32_t *starts, size_t count)
{
	uint64_t least = UINT64_MAX, most = 0;
	unsigned bits = 0, shift = 0;
	size_t buckets;

	for (size_t i = 0; i < count; i++) {
		scratch[i] = (struct sori_fact_key){facts[i].high, (uint32_t)i, facts[i].low};
		least = scratch[i].high < least ? scratch[i].high : least;
		most = scratch[i].high > most ? scratch[i].high : most;
	}
	while (bits < 14 && ((size_t)2 << bits) < count)
		bits++;
	if (count > 1)
		while ((most - least) >> shift >> bits)
			shift++;
	buckets = ((size_t)1 << bits) + 1;
	memset(starts, 0, buckets * sizeof *starts);
	for (size_t i = 0; i < count; i++)
		starts[((scratch[i].high - least) >> shift) + 1]++;
	for (size_t i = 1; i < buckets; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < count; i++)
		keys[starts[(scratch[i].high - least) >> shift]++] = scratch[i];
	for (size_t i = 0, from = 0; i + 1 < buckets; from = starts[i], i++) {
		if (starts[i] - from > 48)
			heap(facts, keys + from, starts[i] - from);
		else
			insertion(facts, keys + from, starts[i] - from);
	}
}
