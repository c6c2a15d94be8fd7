/* Days are worked on one after the other:
 *
 *   changes of the run, by day modulo 64 ──> sorted by day and identity ─┐
 *   rows of `similar` of that day ───────────────────────────────────────┴─> merged ──> rows written back
 *                                                                                └───> groups, customers ──> the tallies' rows
 *                                                                                      (store_similar_day.c)
 * Days modulo 64, not stretches of days: one stray date of 1970 would put all others into one stretch. A part with more changes
 * than fit is read once for every day and stretch of identities. */
#include "pipeline/core/store_similar.h"

#include <string.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_similar_day.h"
#include "pipeline/core/store_temp.h"

#define STARTS 16385
#define EXCEPTION (((uint32_t)1 << 24) - 1) /* as number of an input */
#define KEPT (((uint64_t)1 << SORI_FACT_HASH_BITS) - 1)
#define MANY 20000 /* changes that are worth a thread */

struct day_count {
	sori_day day;
	size_t count;
};

/* Shared by the threads. */
struct work {
	struct sori_merge *merge;
	pthread_mutex_t lock; /* guards all below */
	unsigned next;        /* part to take */
	enum sori_status status;
	struct sori_error error;
	struct sori_similar_table table; /* has its own */
};

/* One thread's. */
struct worker {
	struct work *work;
	struct sori_merge *merge;
	pthread_t thread;
	unsigned part;
	struct day_count *days; /* of the part, ascending */
	size_t day_count, day_capacity;
	const struct day_count *wanted; /* NULL: every day */
	unsigned slice, slice_bits;     /* of the identity's high bits */
	sori_day *item_days;
	size_t item_day_capacity;
	struct sori_similar_entry *items;
	size_t item_count, item_capacity;
	struct sori_similar_key *keys, *scratch;
	size_t key_capacity, scratch_capacity;
	struct sori_similar_item *slot; /* a buffer of the file */
	struct sori_similar_day day;
	struct sori_error *error, own_error;
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

struct sori_similar_heap {
	pthread_mutex_t lock;
	char *folder;
	struct sori_similar_pile *first;
};

struct sori_similar_heap *sori_similar_heap_new(const char *folder)
{
	struct sori_similar_heap *heap = sori_alloc_zero(1, sizeof *heap);

	if (!heap)
		return NULL;
	pthread_mutex_init(&heap->lock, NULL);
	heap->folder = sori_strdup_n(folder, strlen(folder));
	if (heap->folder)
		return heap;
	sori_similar_heap_free(heap);
	return NULL;
}

static void free_pile(struct sori_similar_pile *pile)
{
	if (pile->file >= 0)
		(void)close(pile->file); /* nameless, nothing to lose */
	for (size_t i = 0; i < SORI_SIMILAR_PARTS; i++) {
		sori_free(pile->parts[i].items);
		sori_free(pile->parts[i].slots);
	}
	sori_free(pile);
}

void sori_similar_heap_free(struct sori_similar_heap *heap)
{
	if (!heap)
		return;
	for (struct sori_similar_pile *pile = heap->first, *next; pile; pile = next) {
		next = pile->next;
		free_pile(pile);
	}
	pthread_mutex_destroy(&heap->lock);
	sori_free(heap->folder);
	sori_free(heap);
}

struct sori_similar_pile *sori_similar_pile_new(struct sori_similar_heap *heap)
{
	struct sori_similar_pile *pile = sori_alloc_zero(1, sizeof *pile);

	if (!pile)
		return NULL;
	pile->folder = heap->folder;
	pile->file = -1;
	pthread_mutex_lock(&heap->lock);
	pile->next = heap->first;
	heap->first = pile;
	pthread_mutex_unlock(&heap->lock);
	return pile;
}

static enum sori_status spill(struct sori_similar_pile *pile, struct sori_similar_part *part, struct sori_error *error)
{
	const size_t size = SORI_SIMILAR_BUFFER * sizeof *part->items;
	enum sori_status status = SORI_OK;

	if (pile->file < 0)
		status = sori_temp_open(pile->folder, &pile->file, error);
	if (status == SORI_OK && SORI_GROW(part->slots, part->slot_capacity, part->slot_count + 1) != 0)
		status = no_memory(error);
	if (status == SORI_OK)
		status = sori_temp_write(pile->file, part->items, size, (off_t)pile->next_slot * (off_t)size, error);
	if (status == SORI_OK)
		part->slots[part->slot_count++] = pile->next_slot++;
	part->count = 0;
	return status;
}

static enum sori_status place_for(struct sori_similar_pile *pile, sori_day day, struct sori_similar_item **item,
				  struct sori_error *error)
{
	struct sori_similar_part *part = &pile->parts[(uint32_t)day % SORI_SIMILAR_PARTS];
	enum sori_status status = SORI_OK;

	if (!part->items) {
		part->items = sori_alloc(SORI_SIMILAR_BUFFER * sizeof *part->items);
		if (!part->items)
			return no_memory(error);
	} else if (part->count == SORI_SIMILAR_BUFFER) {
		status = spill(pile, part, error);
	}
	if (status == SORI_OK)
		*item = &part->items[part->count++];
	return status;
}

enum sori_status sori_similar_add(struct sori_similar_pile *pile, const struct sori_fact *fact, const struct sori_sketch *sketch,
				  struct sori_error *error)
{
	struct sori_similar_item *item;
	enum sori_status status = place_for(pile, fact->day, &item, error);

	_Static_assert(sizeof *item == 64, "an item is a cache line");
	if (status == SORI_OK)
		*item = (struct sori_similar_item){
			.high = fact->high, .customer = fact->customer & KEPT, .content_low = fact->content & 0xffff,
			.input = fact->input & EXCEPTION, .cell = fact->cell & EXCEPTION,
			.content_high = fact->content >> 16 & 0xffff, .set = fact->set, .day = fact->day, .sketch = *sketch,
		};
	return status;
}

void sori_similar_expect(const struct sori_similar_pile *pile, sori_day day)
{
	const struct sori_similar_part *part = &pile->parts[(uint32_t)day % SORI_SIMILAR_PARTS];

	if (part->items)
		__builtin_prefetch(part->items + part->count, 1);
}

enum sori_status sori_similar_except(struct sori_similar_pile *pile, enum sori_similar_exception what, const struct sori_fact *fact,
				     struct sori_error *error)
{
	struct sori_similar_item *item;
	enum sori_status status = place_for(pile, fact->day, &item, error);

	if (status == SORI_OK)
		*item = (struct sori_similar_item){
			.high = fact->high, .content_low = fact->content & 0xffff, .input = EXCEPTION,
			.content_high = fact->content >> 16 & 0xffff, .set = what, .day = fact->day,
		};
	return status;
}

static bool same_entry(const struct sori_fact *a, const struct sori_fact *b)
{
	return a->cell == b->cell && a->set == b->set && a->customer == b->customer && a->dictionary == b->dictionary;
}

/* Equal records without id differ in their occurrence number only: the first speaks for all. */
enum sori_status sori_similar_tell(struct sori_similar_pile *pile, const struct sori_fact *before, const struct sori_fact *after,
				   struct sori_error *error)
{
	bool first = (after ? after : before)->occurrence == 0;
	bool moved = before && after && before->day != after->day;
	enum sori_status status = SORI_OK;

	if (before && (!after || moved))
		status = sori_similar_except(pile, first ? SORI_SIMILAR_GONE : SORI_SIMILAR_TOUCH, before, error);
	if (status == SORI_OK && after && (!first || (before && !moved && same_entry(before, after))))
		status = sori_similar_except(pile, SORI_SIMILAR_TOUCH, after, error);
	return status;
}

static const struct sori_similar_heap *heap_of(const struct sori_merge *merge)
{
	return merge->store->similar;
}

static enum sori_status visit_part(struct worker *w,
				   enum sori_status (*visit)(struct worker *w, const struct sori_similar_item *item))
{
	const size_t size = SORI_SIMILAR_BUFFER * sizeof *w->slot;
	enum sori_status status = SORI_OK;

	for (const struct sori_similar_pile *pile = heap_of(w->merge)->first; pile && status == SORI_OK; pile = pile->next) {
		const struct sori_similar_part *part = &pile->parts[w->part];

		for (size_t s = 0; s < part->slot_count && status == SORI_OK; s++) {
			status = sori_temp_read(pile->file, w->slot, size, (off_t)part->slots[s] * (off_t)size, w->error);
			for (size_t i = 0; status == SORI_OK && i < SORI_SIMILAR_BUFFER; i++)
				status = visit(w, &w->slot[i]);
		}
		for (size_t i = 0; status == SORI_OK && i < part->count; i++)
			status = visit(w, &part->items[i]);
	}
	return status;
}

/* Index of the first day that is not before `day`. */
static size_t find_day(const struct worker *w, sori_day day)
{
	size_t low = 0, high = w->day_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (w->days[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Records of refused inputs are no documents. */
static bool counts(const struct worker *w, const struct sori_similar_item *item)
{
	return item->input == EXCEPTION || w->merge->inputs[item->input].number != 0;
}

static enum sori_status count_day(struct worker *w, const struct sori_similar_item *item)
{
	size_t at = find_day(w, item->day);

	if (!counts(w, item))
		return SORI_OK;
	if (at == w->day_count || w->days[at].day != item->day) {
		if (SORI_GROW(w->days, w->day_capacity, w->day_count + 1) != 0)
			return no_memory(w->error);
		memmove(w->days + at + 1, w->days + at, (w->day_count - at) * sizeof *w->days);
		w->days[at] = (struct day_count){item->day, 0};
		w->day_count++;
	}
	w->days[at].count++;
	return SORI_OK;
}

static enum sori_status take_item(struct worker *w, const struct sori_similar_item *item)
{
	bool exception = item->input == EXCEPTION;

	if (!counts(w, item) || (w->wanted && (item->day != w->wanted->day ||
					       (w->slice_bits && item->high >> (64 - w->slice_bits) != w->slice))))
		return SORI_OK;
	if (SORI_GROW(w->items, w->item_capacity, w->item_count + 1) != 0 ||
	    SORI_GROW(w->item_days, w->item_day_capacity, w->item_count + 1) != 0)
		return no_memory(w->error);
	w->item_days[w->item_count] = item->day;
	w->items[w->item_count++] = (struct sori_similar_entry){
		.high = item->high,
		.customer = item->customer,
		.cell = exception ? 0 : w->merge->cell_map[item->cell],
		.set = exception ? item->set : w->merge->set_map[item->set],
		.dictionary = exception ? 0 : (uint32_t)w->merge->dictionary,
		.content = (uint32_t)item->content_low | (uint32_t)item->content_high << 16,
		.sketch = item->sketch,
	};
	return SORI_OK;
}

/* Keys of one day from `from` to `to`, by identity: one distribution by the bits after the highest that differ, then insertion
 * (identities are uniform; many equal ones cost an insertion sort nothing). */
static void sort_day(const struct sori_similar_key *from, struct sori_similar_key *to, size_t count)
{
	SORI_UNINITIALIZED uint32_t starts[STARTS];
	uint64_t least = UINT64_MAX, most = 0;
	unsigned bits = 1, shift = 0;

	for (size_t i = 0; i < count; i++) {
		least = from[i].high < least ? from[i].high : least;
		most = from[i].high > most ? from[i].high : most;
	}
	while (bits < 14 && ((size_t)2 << bits) < count)
		bits++;
	while (count && (most - least) >> shift >> bits)
		shift++;
	memset(starts, 0, (((size_t)1 << bits) + 1) * sizeof *starts);
	for (size_t i = 0; i < count; i++)
		starts[((from[i].high - least) >> shift) + 1]++;
	for (size_t i = 1; i <= (size_t)1 << bits; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < count; i++)
		to[starts[(from[i].high - least) >> shift]++] = from[i];
	for (size_t i = 1; i < count; i++) {
		struct sori_similar_key held = to[i];
		size_t k = i;

		for (; k > 0 && to[k - 1].high > held.high; k--)
			to[k] = to[k - 1];
		to[k] = held;
	}
}

/* Indexes of the items by day; then each day's by identity. */
static enum sori_status sort_items(struct worker *w)
{
	size_t at = 0;

	if (SORI_GROW(w->keys, w->key_capacity, w->item_count + 1) != 0 ||
	    SORI_GROW(w->scratch, w->scratch_capacity, w->item_count + w->day_count + 1) != 0)
		return no_memory(w->error);
	if (w->wanted) {
		for (size_t i = 0; i < w->item_count; i++)
			w->scratch[i] = (struct sori_similar_key){w->items[i].high, 0, (uint32_t)i};
		sort_day(w->scratch, w->keys, w->item_count);
		return SORI_OK;
	}
	for (size_t d = 0; d < w->day_count; d++) {
		size_t count = w->days[d].count;

		w->days[d].count = at;
		at += count;
	}
	for (size_t i = 0; i < w->item_count; i++)
		w->scratch[w->days[find_day(w, w->item_days[i])].count++] =
			(struct sori_similar_key){w->items[i].high, 0, (uint32_t)i};
	for (size_t d = 0, from = 0; d < w->day_count; from = w->days[d].count, d++)
		sort_day(w->scratch + from, w->keys + from, w->days[d].count - from);
	return SORI_OK;
}

/* All days of a part whose changes fit. */
static enum sori_status settle_days(struct worker *w)
{
	enum sori_status status;

	w->wanted = NULL;
	w->item_count = 0;
	status = visit_part(w, take_item);
	if (status == SORI_OK)
		status = sort_items(w);
	for (size_t d = 0, from = 0; d < w->day_count && status == SORI_OK; from = w->days[d].count, d++) {
		size_t count = w->days[d].count - from; /* sorting left the ends there */

		status = sori_similar_day_begin(&w->day, w->days[d].day, count, w->error);
		if (status == SORI_OK)
			status = sori_similar_day_feed(&w->day, w->items, w->keys + from, count, w->error);
		if (status == SORI_OK)
			status = sori_similar_day_end(&w->day, w->error);
	}
	return status;
}

static enum sori_status settle_large_day(struct worker *w, const struct day_count *day)
{
	enum sori_status status = sori_similar_day_begin(&w->day, day->day, day->count, w->error);

	w->wanted = day;
	for (w->slice_bits = 0; day->count >> w->slice_bits > SORI_SIMILAR_LIMIT / 2 && w->slice_bits < 16;)
		w->slice_bits++;
	for (w->slice = 0; w->slice < 1u << w->slice_bits && status == SORI_OK; w->slice++) {
		w->item_count = 0;
		status = visit_part(w, take_item);
		if (status == SORI_OK)
			status = sort_items(w);
		if (status == SORI_OK)
			status = sori_similar_day_feed(&w->day, w->items, w->keys, w->item_count, w->error);
	}
	return status == SORI_OK ? sori_similar_day_end(&w->day, w->error) : status;
}

static size_t part_count(const struct sori_merge *merge, unsigned part)
{
	size_t count = 0;

	for (const struct sori_similar_pile *pile = heap_of(merge)->first; pile; pile = pile->next)
		count += pile->parts[part].slot_count * SORI_SIMILAR_BUFFER + pile->parts[part].count;
	return count;
}

static enum sori_status settle_part(struct worker *w)
{
	size_t count = part_count(w->merge, w->part);
	enum sori_status status;

	if (count == 0)
		return SORI_OK;
	w->day_count = 0;
	status = visit_part(w, count_day);
	if (status == SORI_OK && count <= SORI_SIMILAR_LIMIT)
		return settle_days(w);
	for (size_t d = 0; d < w->day_count && status == SORI_OK; d++)
		status = settle_large_day(w, &w->days[d]);
	return status;
}

static bool take(struct worker *w)
{
	struct work *work = w->work;
	bool more;

	pthread_mutex_lock(&work->lock);
	w->part = work->next++;
	more = w->part < SORI_SIMILAR_PARTS && work->status == SORI_OK;
	pthread_mutex_unlock(&work->lock);
	return more;
}

static void *settle_thread(void *argument)
{
	struct worker *w = argument;

	while (take(w)) {
		enum sori_status status = settle_part(w);

		if (status == SORI_OK)
			continue;
		pthread_mutex_lock(&w->work->lock);
		if (w->work->status == SORI_OK) {
			w->work->status = status;
			w->work->error = *w->error;
		}
		pthread_mutex_unlock(&w->work->lock);
	}
	return NULL;
}

static enum sori_status init_worker(struct worker *w, struct work *work, size_t index, struct sori_error *error)
{
	w->work = work;
	w->merge = work->merge;
	w->error = &w->own_error;
	w->slot = sori_alloc(SORI_SIMILAR_BUFFER * sizeof *w->slot);
	if (!w->slot)
		return no_memory(error);
	return sori_similar_day_init(&w->day, work->merge, &work->table, &work->merge->tallies[index], error);
}

static void release_worker(struct worker *w)
{
	sori_similar_day_release(&w->day);
	sori_free(w->days);
	sori_free(w->items);
	sori_free(w->item_days);
	sori_free(w->keys);
	sori_free(w->scratch);
	sori_free(w->slot);
}

static enum sori_status prepare(struct work *work, struct sori_error *error)
{
	sqlite3 *database = work->merge->store->database;
	struct sori_similar_table *table = &work->table;
	enum sori_status status = sori_sql_prepare(database, &table->bounds,
						   "SELECT min(chunk), sum(count) FROM similar WHERE day = ?", error);

	if (status == SORI_OK)
		status = sori_sql_prepare(database, &table->read, "SELECT chunk, data FROM similar WHERE day = ? AND chunk >= ?"
					  " AND chunk < ? ORDER BY chunk LIMIT 1", error);
	if (status == SORI_OK)
		status = sori_sql_prepare(database, &table->insert, "INSERT INTO similar VALUES(?, ?, ?, ?)", error);
	if (status == SORI_OK)
		status = sori_sql_prepare(database, &table->remove, "DELETE FROM similar WHERE day = ? AND chunk >= ? AND chunk < ?",
					  error);
	return status;
}

/* The calling thread is one of them; a thread that cannot be started is done without. */
static void run_threads(struct worker *workers, size_t count)
{
	size_t started = 0;

	while (started + 1 < count && pthread_create(&workers[started].thread, NULL, settle_thread, &workers[started]) == 0)
		started++;
	(void)settle_thread(&workers[count - 1]);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
}

enum sori_status sori_similar_settle(struct sori_merge *merge, struct sori_error *error)
{
	struct work work = {.merge = merge};
	size_t changes = 0, count;
	struct worker *workers;
	enum sori_status status;

	for (unsigned part = 0; part < SORI_SIMILAR_PARTS; part++)
		changes += part_count(merge, part);
	count = changes > MANY ? merge->thread_count : 1;
	workers = sori_alloc_zero(count, sizeof *workers);
	if (!workers)
		return no_memory(error);
	pthread_mutex_init(&work.lock, NULL);
	pthread_mutex_init(&work.table.lock, NULL);
	status = prepare(&work, error);
	for (size_t i = 0; i < count && status == SORI_OK; i++)
		status = init_worker(&workers[i], &work, i, error);
	if (status == SORI_OK) {
		run_threads(workers, count);
		status = work.status;
		if (status != SORI_OK && error)
			*error = work.error;
	}
	for (size_t i = 0; i < count; i++)
		release_worker(&workers[i]);
	sqlite3_finalize(work.table.bounds);
	sqlite3_finalize(work.table.read);
	sqlite3_finalize(work.table.insert);
	sqlite3_finalize(work.table.remove);
	pthread_mutex_destroy(&work.table.lock);
	pthread_mutex_destroy(&work.lock);
	sori_free(workers);
	return status;
}
