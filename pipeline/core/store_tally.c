/* Identities are hashes, so the merge meets days and cells at random; adding straight to one table would miss the cache at
 * every category. Partitioning by day first makes it two sequential passes. A range whose table grows past its bound all
 * the same (everything on one day, a million cells) is sorted and written out in runs that are merged when it ends. */
#include "pipeline/core/store_tally.h"

#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_temp.h"

#define STANDARD_PLACES ((size_t)1 << 19)
#define FIRST_PLACES ((size_t)1 << 12)
#define RUN_BUFFER 256 /* entries */

void sori_tally_init(struct sori_tally *tally, const char *folder, sori_day first, sori_day last, size_t places)
{
	*tally = (struct sori_tally){.folder = folder, .first = first, .last = last,
				     .maximum = places ? places : STANDARD_PLACES, .file = -1};
}

void sori_tally_release(struct sori_tally *tally)
{
	if (tally->file >= 0)
		(void)close(tally->file); /* nameless, nothing to lose */
	for (size_t i = 0; i < SORI_TALLY_RANGES; i++) {
		sori_free(tally->ranges[i].items);
		sori_free(tally->ranges[i].slots);
	}
	sori_free(tally->entries);
	sori_free(tally->runs);
	*tally = (struct sori_tally){.file = -1};
}

uint32_t sori_tally_dictionary(struct sori_tally *tally, uint32_t dictionary)
{
	for (uint32_t i = 0; i < tally->dictionary_count; i++)
		if (tally->dictionaries[i] == dictionary)
			return i;
	if (tally->dictionary_count == SORI_TALLY_DICTIONARY_LIMIT)
		return UINT32_MAX;
	tally->dictionaries[tally->dictionary_count] = dictionary;
	return tally->dictionary_count++;
}

static size_t slot_of(uint64_t key, size_t capacity)
{
	uint64_t mix = (key ^ key >> 29) * 0x9e3779b97f4a7c15u;

	return (size_t)(mix >> 32) & (capacity - 1);
}

static void put(struct sori_tally *tally, const struct sori_tally_entry *more)
{
	uint64_t key = more->key;
	size_t slot = slot_of(key, tally->capacity);

	while (tally->entries[slot].key && tally->entries[slot].key != key)
		slot = (slot + 1) & (tally->capacity - 1);
	tally->used += tally->entries[slot].key == 0;
	tally->entries[slot].key = key;
	tally->entries[slot].delta += more->delta;
	tally->entries[slot].complaints += more->complaints;
	tally->entries[slot].customers += more->customers;
}

static bool grow(struct sori_tally *tally)
{
	struct sori_tally_entry *old = tally->entries;
	size_t count = tally->capacity, first = FIRST_PLACES < tally->maximum ? FIRST_PLACES : tally->maximum;
	size_t capacity = count ? count * 2 : first;
	struct sori_tally_entry *entries = sori_alloc_zero(capacity, sizeof *entries);

	if (!entries)
		return false;
	tally->entries = entries;
	tally->capacity = capacity;
	tally->used = 0;
	for (size_t i = 0; i < count; i++)
		if (old[i].key)
			put(tally, &old[i]);
	sori_free(old);
	return true;
}

/* Radix sort in place, most significant byte first (American flag); small stretches by insertion. The keys' high bytes
 * are the day, so one or two levels do nearly everything. */
static void sort(struct sori_tally_entry *at, size_t count, unsigned shift)
{
	size_t starts[257] = {0}, next[256];

	if (count <= 32) {
		for (size_t i = 1; i < count; i++) {
			struct sori_tally_entry held = at[i];
			size_t k = i;

			for (; k > 0 && at[k - 1].key > held.key; k--)
				at[k] = at[k - 1];
			at[k] = held;
		}
		return;
	}
	for (size_t i = 0; i < count; i++)
		starts[((at[i].key >> shift) & 0xff) + 1]++;
	for (size_t b = 1; b < 257; b++)
		starts[b] += starts[b - 1];
	memcpy(next, starts, sizeof next);
	for (size_t b = 0; b < 256; b++) {
		while (next[b] < starts[b + 1]) {
			struct sori_tally_entry held = at[next[b]];
			size_t to = (held.key >> shift) & 0xff;

			if (to == b) {
				next[b]++;
				continue;
			}
			at[next[b]] = at[next[to]];
			at[next[to]++] = held;
		}
	}
	for (size_t b = 0; shift && b < 256; b++)
		if (starts[b + 1] - starts[b] > 1)
			sort(at + starts[b], starts[b + 1] - starts[b], shift - 8);
}

/* Entries to the front, sorted; the table is no table afterwards. */
static size_t compact(struct sori_tally *tally)
{
	size_t count = 0;

	for (size_t i = 0; i < tally->capacity; i++)
		if (tally->entries[i].key)
			tally->entries[count++] = tally->entries[i];
	sort(tally->entries, count, 56);
	return count;
}

static enum sori_status append(struct sori_tally *tally, const void *data, size_t size, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (tally->file < 0)
		status = sori_temp_open(tally->folder, &tally->file, error);
	if (status == SORI_OK)
		status = sori_temp_write(tally->file, data, size, tally->file_size, error);
	if (status == SORI_OK)
		tally->file_size += (off_t)size;
	return status;
}

static enum sori_status spill_table(struct sori_tally *tally, struct sori_error *error)
{
	size_t count = compact(tally);
	struct sori_tally_run run = {tally->file_size, count};
	enum sori_status status = append(tally, tally->entries, count * sizeof *tally->entries, error);

	if (status == SORI_OK && SORI_GROW(tally->runs, tally->run_capacity, tally->run_count + 1) != 0)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status != SORI_OK)
		return status;
	tally->runs[tally->run_count++] = run;
	memset(tally->entries, 0, tally->capacity * sizeof *tally->entries);
	tally->used = 0;
	return SORI_OK;
}

/* Makes sure that one more item fits the table with all its categories. */
static enum sori_status make_room(struct sori_tally *tally, size_t more, struct sori_error *error)
{
	while ((tally->used + more) * 4 > tally->capacity * 3) {
		if (tally->capacity >= tally->maximum && tally->used)
			return spill_table(tally, error);
		if (!grow(tally))
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	return SORI_OK;
}

/* Buffers are written at multiples of their size as long as gathering lasts: nothing else goes to the file before. */
static enum sori_status spill_range(struct sori_tally *tally, struct sori_tally_range *range, struct sori_error *error)
{
	const size_t size = SORI_TALLY_BUFFER * sizeof *range->items;
	uint32_t slot = (uint32_t)((size_t)tally->file_size / size);
	enum sori_status status = append(tally, range->items, size, error);

	if (status == SORI_OK && SORI_GROW(range->slots, range->slot_capacity, range->slot_count + 1) != 0)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status != SORI_OK)
		return status;
	range->slots[range->slot_count++] = slot;
	range->count = 0;
	return SORI_OK;
}

/* Monotone in the day: the ranges come out in order. */
static size_t range_of(const struct sori_tally *tally, uint64_t key)
{
	int64_t day = (int64_t)(key >> 43) - 1 - (1 << 20), span = (int64_t)tally->last - tally->first + 1;

	if (span <= 0 || day <= tally->first)
		return 0;
	if (day >= tally->last)
		return (size_t)((span - 1) * SORI_TALLY_RANGES / span);
	return (size_t)((day - tally->first) * SORI_TALLY_RANGES / span);
}

enum sori_status sori_tally_add(struct sori_tally *tally, uint64_t key, uint32_t set, int32_t sign,
				struct sori_error *error)
{
	struct sori_tally_range *range = &tally->ranges[range_of(tally, key)];
	enum sori_status status = SORI_OK;

	if (!range->items) {
		range->items = sori_alloc(SORI_TALLY_BUFFER * sizeof *range->items);
		if (!range->items)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	} else if (range->count == SORI_TALLY_BUFFER) {
		status = spill_range(tally, range, error);
	}
	if (status == SORI_OK) /* what cannot be written aside leaves no room */
		range->items[range->count++] = (struct sori_tally_item){key, set, sign};
	return status;
}

enum sori_status sori_tally_add_distinct(struct sori_tally *tally, uint64_t key, uint32_t complaints, uint32_t customers,
					 struct sori_error *error)
{
	return sori_tally_add(tally, key, complaints | SORI_TALLY_DISTINCT, (int32_t)customers, error);
}

/* Sums are built in `tally`; the items' dictionary numbers are another tally's, `dictionaries` says what they are here. */
static enum sori_status sum_items(struct sori_tally *tally, const struct sori_store_set *sets,
				  const uint32_t *dictionaries, const struct sori_tally_item *items, size_t count,
				  struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < count && status == SORI_OK; i++) {
		uint64_t key = (items[i].key & ~(uint64_t)(SORI_TALLY_DICTIONARY_LIMIT - 1)) |
			       dictionaries[items[i].key & (SORI_TALLY_DICTIONARY_LIMIT - 1)];
		const struct sori_store_set *set;

		if (items[i].set & SORI_TALLY_DISTINCT) {
			status = make_room(tally, 1, error);
			if (status == SORI_OK)
				put(tally, &(struct sori_tally_entry){key, 0, items[i].set & ~SORI_TALLY_DISTINCT, (uint32_t)items[i].sign});
			continue;
		}
		set = &sets[items[i].set];
		status = make_room(tally, set->count, error);
		for (uint16_t k = 0; k < set->count && status == SORI_OK; k++)
			put(tally, &(struct sori_tally_entry){key | (uint64_t)set->categories[k] << 10, items[i].sign, 0, 0});
	}
	return status;
}

static enum sori_status sum_range(struct sori_tally *tally, struct sori_tally *from, size_t number,
				  const struct sori_store_set *sets, const uint32_t *dictionaries, struct sori_error *error)
{
	const size_t size = SORI_TALLY_BUFFER * sizeof(struct sori_tally_item);
	struct sori_tally_range *range = &from->ranges[number];
	enum sori_status status = SORI_OK;

	if (!range->items)
		return SORI_OK;
	status = sum_items(tally, sets, dictionaries, range->items, range->count, error);
	for (size_t i = 0; i < range->slot_count && status == SORI_OK; i++) {
		status = sori_temp_read(from->file, range->items, size, (off_t)range->slots[i] * (off_t)size, error);
		if (status == SORI_OK)
			status = sum_items(tally, sets, dictionaries, range->items, SORI_TALLY_BUFFER, error);
	}
	return status;
}

/* One sorted source of the merge: a run of the file, or the table itself. */
struct stream {
	struct sori_tally_entry *at;
	size_t next, held;
	off_t offset;
	uint64_t left; /* still in the file */
};

static enum sori_status refill(struct sori_tally *tally, struct stream *stream, struct sori_error *error)
{
	size_t take = stream->left < RUN_BUFFER ? (size_t)stream->left : RUN_BUFFER;
	enum sori_status status;

	if (stream->next < stream->held || take == 0)
		return SORI_OK;
	status = sori_temp_read(tally->file, stream->at, take * sizeof *stream->at, stream->offset, error);
	stream->offset += (off_t)(take * sizeof *stream->at);
	stream->left -= take;
	stream->next = 0;
	stream->held = take;
	return status;
}

static struct sori_tally_row row_of(const struct sori_tally *tally, const struct sori_tally_entry *sum)
{
	uint64_t key = sum->key;
	uint64_t when = key >> 43;

	return (struct sori_tally_row){
		.day = when == 0 ? SORI_DAY_NONE : (sori_day)((int64_t)when - 1 - (1 << 20)),
		.cell = (uint32_t)(key >> 20) & (SORI_TALLY_CELL_LIMIT - 1),
		.category = (uint32_t)(key >> 10) & (SORI_TALLY_CATEGORY_LIMIT - 1),
		.dictionary = tally->dictionaries[key & (SORI_TALLY_DICTIONARY_LIMIT - 1)],
		.delta = sum->delta,
		.complaints = sum->complaints,
		.customers = sum->customers,
	};
}

static enum sori_status merge(struct sori_tally *tally, struct stream *streams, size_t count,
			      enum sori_status (*visit)(void *user, const struct sori_tally_row *row,
							struct sori_error *error),
			      void *user, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	while (status == SORI_OK) {
		struct sori_tally_entry sum = {.key = UINT64_MAX};

		for (size_t i = 0; i < count; i++)
			if (streams[i].next < streams[i].held && streams[i].at[streams[i].next].key < sum.key)
				sum.key = streams[i].at[streams[i].next].key;
		if (sum.key == UINT64_MAX)
			break;
		for (size_t i = 0; i < count && status == SORI_OK; i++) {
			const struct sori_tally_entry *top = &streams[i].at[streams[i].next];

			if (streams[i].next == streams[i].held || top->key != sum.key)
				continue;
			sum.delta += top->delta;
			sum.complaints += top->complaints;
			sum.customers += top->customers;
			streams[i].next++;
			status = refill(tally, &streams[i], error);
		}
		if (status == SORI_OK) {
			struct sori_tally_row row = row_of(tally, &sum);

			status = visit(user, &row, error);
		}
	}
	return status;
}

/* One range, summed, in order. */
static enum sori_status visit_range(struct sori_tally *tally,
				    enum sori_status (*visit)(void *user, const struct sori_tally_row *row,
							      struct sori_error *error),
				    void *user, struct sori_error *error)
{
	size_t count = tally->run_count + 1;
	struct stream *streams = sori_alloc_zero(count, sizeof *streams);
	struct sori_tally_entry *buffers = sori_alloc((tally->run_count * RUN_BUFFER + 1) * sizeof *buffers);
	enum sori_status status = streams && buffers ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");

	for (size_t i = 0; i < tally->run_count && status == SORI_OK; i++) {
		streams[i] = (struct stream){.at = buffers + i * RUN_BUFFER, .offset = tally->runs[i].offset,
					     .left = tally->runs[i].count};
		status = refill(tally, &streams[i], error);
	}
	if (status == SORI_OK) {
		streams[count - 1] = (struct stream){.at = tally->entries, .held = compact(tally)};
		status = merge(tally, streams, count, visit, user, error);
	}
	sori_free(streams);
	sori_free(buffers);
	memset(tally->entries, 0, tally->capacity * sizeof *tally->entries);
	tally->used = 0;
	tally->run_count = 0;
	return status;
}

static enum sori_status map_dictionaries(struct sori_tally *tally, const struct sori_tally *from,
					 uint32_t map[SORI_TALLY_DICTIONARY_LIMIT], struct sori_error *error)
{
	for (uint32_t i = 0; i < from->dictionary_count; i++) {
		map[i] = sori_tally_dictionary(tally, from->dictionaries[i]);
		if (map[i] == UINT32_MAX)
			return sori_fail(error, SORI_SYSTEM, "this run touches facts of over %u dictionaries; split it",
					 SORI_TALLY_DICTIONARY_LIMIT);
	}
	return SORI_OK;
}

enum sori_status sori_tally_visit(struct sori_tally *tallies, size_t count, const struct sori_store_set *sets,
				  enum sori_status (*visit)(void *user, const struct sori_tally_row *row,
							    struct sori_error *error),
				  void *user, struct sori_error *error)
{
	uint32_t map[SORI_TALLY_DICTIONARY_LIMIT];
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < SORI_TALLY_RANGES && status == SORI_OK; i++) {
		for (size_t k = 0; k < count && status == SORI_OK; k++) {
			status = map_dictionaries(tallies, &tallies[k], map, error);
			if (status == SORI_OK)
				status = sum_range(tallies, &tallies[k], i, sets, map, error);
		}
		if (status == SORI_OK && tallies->used + tallies->run_count)
			status = visit_range(tallies, visit, user, error);
	}
	return status;
}
