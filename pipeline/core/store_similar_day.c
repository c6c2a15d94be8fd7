/* A day is a sorted list of its documents, in rows of ROW_ENTRIES:
 *
 *   row = "SSB1", u32 documents, u64 XXH3 of the rest, columns (store_blob.h) of identity, customer, cell, set, dictionary,
 *         then 32 bytes of sketch each
 *
 * Up to SORI_SIMILAR_LIMIT documents are held at once. A larger day (a dump without dates is one day) is streamed: its new rows
 * are written beside the old ones, then read once for every split, a split being the documents whose sketch (for customers:
 * whose pseudonym) has the same low bits, and a split that is too large all the same is cut in order of identity. Alike texts may
 * then fall into two lots and count twice; the lots, like everything else, depend on the documents of the day only. */
#include "pipeline/core/store_similar_day.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_blob.h"

#define ROW_ENTRIES ((size_t)16 * 1024) /* documents of a row of the table */
#define ROW_MAXIMUM ((size_t)4 * 1024 * 1024)
#define OTHER_BASE ((int64_t)1 << 32) /* rows are numbered from 0 or from here, so that old and new ones live side by side */
#define PLACES ((size_t)1 << 15)      /* rows of the tally gathered at once */
#define FIRST_SEEN ((size_t)1 << 12)
#define MAGIC "SSB1"
#define HEADER_SIZE 16
#define CHECK_SEED 0x73696d69u

enum column { HIGH, CUSTOMER, CELL, SET, DICTIONARY, COLUMNS };

struct sori_similar_place {
	uint64_t key; /* of the tally; 0 free */
	uint32_t complaints, customers;
};

struct sori_similar_seen {
	uint64_t *at; /* 0 free */
	size_t capacity, used;
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status damaged(struct sori_error *error)
{
	return sori_fail(error, SORI_DATA, "the texts' sketches in the store are damaged; restore it from a copy");
}

enum sori_status sori_similar_day_init(struct sori_similar_day *day, const struct sori_merge *merge,
				       struct sori_similar_table *table, struct sori_tally *tally, struct sori_error *error)
{
	*day = (struct sori_similar_day){.merge = merge, .table = table, .tally = tally};
	sori_buffer_init(&day->blob, ROW_MAXIMUM);
	day->column = sori_alloc((ROW_ENTRIES + 1) * sizeof *day->column);
	day->complaints = sori_alloc_zero(2, sizeof *day->complaints);
	day->places = sori_alloc_zero(PLACES, sizeof *day->places);
	if (!day->column || !day->complaints || !day->places)
		return no_memory(error);
	day->customers = day->complaints + 1;
	return SORI_OK;
}

void sori_similar_day_release(struct sori_similar_day *day)
{
	for (size_t i = 0; day->complaints && i < 2; i++)
		sori_free(day->complaints[i].at);
	sori_free(day->complaints);
	sori_free(day->places);
	sori_free(day->column);
	sori_free(day->old);
	sori_free(day->entries);
	sori_free(day->sizes);
	sori_buffer_release(&day->blob);
	sori_similar_release(&day->groups);
}

/* --- rows --- */

static uint64_t *gather(const struct sori_similar_entry *items, size_t count, enum column column, uint64_t *into)
{
	for (size_t i = 0; i < count; i++)
		into[i] = column == HIGH       ? items[i].high
			  : column == CUSTOMER ? items[i].customer
			  : column == CELL     ? items[i].cell
			  : column == SET      ? items[i].set
					       : items[i].dictionary;
	return into;
}

static enum sori_status write_row(struct sori_similar_day *day, const struct sori_similar_entry *items, size_t count,
				  struct sori_error *error)
{
	struct sori_buffer *blob = &day->blob;
	sqlite3_stmt *insert = day->table->insert;
	uint32_t number = (uint32_t)count;
	uint64_t check;
	enum sori_status status;

	sori_buffer_reset(blob);
	sori_buffer_add(blob, MAGIC "0123456789ab", HEADER_SIZE);
	for (int column = 0; column < COLUMNS; column++)
		sori_pack_column(blob, gather(items, count, (enum column)column, day->column), count, column == HIGH);
	if (sori_buffer_reserve(blob, count * SORI_SKETCH_BINS))
		for (size_t i = 0; i < count; i++, blob->length += SORI_SKETCH_BINS)
			memcpy(blob->at + blob->length, items[i].sketch.bins, SORI_SKETCH_BINS);
	if (blob->failed)
		return no_memory(error);
	check = sori_hash64(sori_view_make(blob->at + HEADER_SIZE, blob->length - HEADER_SIZE), CHECK_SEED);
	memcpy(blob->at + 4, &number, sizeof number);
	memcpy(blob->at + 8, &check, sizeof check);
	pthread_mutex_lock(&day->table->lock);
	(void)sqlite3_bind_int64(insert, 1, day->day);
	(void)sqlite3_bind_int64(insert, 2, day->new_base + day->rows++);
	(void)sqlite3_bind_int64(insert, 3, (sqlite3_int64)count);
	(void)sqlite3_bind_blob64(insert, 4, blob->at, blob->length, SQLITE_STATIC);
	status = sori_sql_run(insert, error);
	(void)sqlite3_clear_bindings(insert);
	pthread_mutex_unlock(&day->table->lock);
	return status;
}

static void scatter(struct sori_similar_entry *items, size_t count, enum column column, const uint64_t *from)
{
	for (size_t i = 0; i < count; i++)
		switch (column) {
		case HIGH: items[i].high = from[i]; break;
		case CUSTOMER: items[i].customer = from[i]; break;
		case CELL: items[i].cell = (uint32_t)from[i]; break;
		case SET: items[i].set = (uint32_t)from[i]; break;
		case DICTIONARY: items[i].dictionary = (uint32_t)from[i]; break;
		case COLUMNS: break;
		}
}

static bool decode_row(struct sori_similar_day *day)
{
	struct sori_view payload = sori_buffer_view(&day->blob);
	uint32_t count;
	uint64_t check;

	if (payload.length < HEADER_SIZE || memcmp(payload.at, MAGIC, 4) != 0)
		return false;
	memcpy(&count, payload.at + 4, sizeof count);
	memcpy(&check, payload.at + 8, sizeof check);
	payload = sori_view_slice(payload, HEADER_SIZE, payload.length);
	if (count == 0 || count > ROW_ENTRIES || sori_hash64(payload, CHECK_SEED) != check)
		return false;
	for (int column = 0; column < COLUMNS; column++) {
		if (!sori_unpack_column(&payload, day->column, count, column == HIGH))
			return false;
		scatter(day->old, count, (enum column)column, day->column);
	}
	if (payload.length != count * SORI_SKETCH_BINS)
		return false;
	for (size_t i = 0; i < count; i++)
		memcpy(day->old[i].sketch.bins, payload.at + i * SORI_SKETCH_BINS, SORI_SKETCH_BINS);
	day->old_count = count;
	return true;
}

/* The next row of the range that begins at `base`; none left: old_done. */
static enum sori_status read_row(struct sori_similar_day *day, int64_t base, struct sori_error *error)
{
	sqlite3_stmt *read = day->table->read;
	enum sori_status status;

	day->old_at = day->old_count = 0;
	sori_buffer_reset(&day->blob);
	pthread_mutex_lock(&day->table->lock);
	(void)sqlite3_bind_int64(read, 1, day->day);
	(void)sqlite3_bind_int64(read, 2, day->old_next);
	(void)sqlite3_bind_int64(read, 3, base + OTHER_BASE);
	status = sori_sql_step(read, error);
	if (status == SORI_OK) {
		day->old_next = sqlite3_column_int64(read, 0) + 1;
		sori_buffer_add(&day->blob, sqlite3_column_blob(read, 1), (size_t)sqlite3_column_bytes(read, 1));
	}
	(void)sqlite3_reset(read);
	pthread_mutex_unlock(&day->table->lock);
	day->old_done = status == SORI_END;
	if (status != SORI_OK)
		return status == SORI_END ? SORI_OK : status;
	if (!day->old && !(day->old = sori_alloc(ROW_ENTRIES * sizeof *day->old)))
		return no_memory(error);
	return day->blob.failed ? no_memory(error) : decode_row(day) ? SORI_OK : damaged(error);
}

static enum sori_status remove_rows(struct sori_similar_day *day, int64_t from, int64_t to, struct sori_error *error)
{
	sqlite3_stmt *remove = day->table->remove;
	enum sori_status status;

	pthread_mutex_lock(&day->table->lock);
	(void)sqlite3_bind_int64(remove, 1, day->day);
	(void)sqlite3_bind_int64(remove, 2, from);
	(void)sqlite3_bind_int64(remove, 3, to);
	status = sori_sql_run(remove, error);
	pthread_mutex_unlock(&day->table->lock);
	return status;
}

/* --- merging --- */

enum sori_status sori_similar_day_begin(struct sori_similar_day *day, sori_day number, size_t incoming, struct sori_error *error)
{
	sqlite3_stmt *bounds = day->table->bounds;
	int64_t first = 0, stored = 0;
	enum sori_status status;

	pthread_mutex_lock(&day->table->lock);
	(void)sqlite3_bind_int64(bounds, 1, number);
	status = sori_sql_step(bounds, error);
	if (status == SORI_OK) {
		first = sqlite3_column_int64(bounds, 0);
		stored = sqlite3_column_int64(bounds, 1);
	}
	(void)sqlite3_reset(bounds);
	pthread_mutex_unlock(&day->table->lock);
	day->day = number;
	day->old_base = first >= OTHER_BASE ? OTHER_BASE : 0;
	day->old_next = day->old_base;
	day->old_at = day->old_count = 0;
	day->old_done = stored == 0;
	day->streaming = (uint64_t)stored + incoming > SORI_SIMILAR_LIMIT;
	day->new_base = day->streaming && stored && !day->old_base ? OTHER_BASE : 0;
	day->changed = false;
	day->rows = 0;
	day->total = 0;
	day->entry_count = 0;
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status append(struct sori_similar_day *day, const struct sori_similar_entry *item, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (SORI_GROW(day->entries, day->entry_capacity, day->entry_count + 1) != 0)
		return no_memory(error);
	day->entries[day->entry_count++] = *item;
	day->total++;
	if (day->streaming && day->entry_count == ROW_ENTRIES) {
		status = write_row(day, day->entries, day->entry_count, error);
		day->entry_count = 0;
	}
	return status;
}

/* The stored document with the smallest identity not yet passed; NULL: none. */
static enum sori_status top(struct sori_similar_day *day, const struct sori_similar_entry **item, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	*item = NULL;
	if (!day->old_done && day->old_at == day->old_count)
		status = read_row(day, day->old_base, error);
	if (status == SORI_OK && !day->old_done)
		*item = &day->old[day->old_at];
	return status;
}

static enum sori_status keep_until(struct sori_similar_day *day, const uint64_t *high, const struct sori_similar_entry **next,
				   struct sori_error *error)
{
	enum sori_status status = top(day, next, error);

	while (status == SORI_OK && *next && (!high || (*next)->high < *high)) {
		status = append(day, *next, error);
		day->old_at++;
		if (status == SORI_OK)
			status = top(day, next, error);
	}
	return status;
}

static bool same_entry(const struct sori_similar_entry *a, const struct sori_similar_entry *b)
{
	return a->customer == b->customer && a->cell == b->cell && a->set == b->set && a->dictionary == b->dictionary &&
	       memcmp(&a->sketch, &b->sketch, sizeof a->sketch) == 0;
}

/* What the changes of one identity come to: a document, `old` itself, or none. */
static const struct sori_similar_entry *decide(struct sori_similar_day *day, const struct sori_similar_entry *items,
					       const struct sori_similar_key *keys, size_t count,
					       const struct sori_similar_entry *old)
{
	const struct sori_similar_entry *put = NULL, *winner = NULL;
	bool gone = false, any = count > 1;

	for (size_t i = 0; i < count; i++) {
		const struct sori_similar_entry *item = &items[keys[i].index];

		if (item->dictionary == 0) {
			day->changed = true;
			gone |= item->set == SORI_SIMILAR_GONE;
			winner = item->set == SORI_SIMILAR_WINS ? item : winner;
		}
	}
	for (size_t i = 0; i < count; i++) {
		const struct sori_similar_entry *item = &items[keys[i].index];

		/* Several without a winner are equal. */
		if (item->dictionary && (!winner || item->content == winner->content) &&
		    (!any || !put || memcmp(&item->sketch, &put->sketch, sizeof put->sketch) < 0))
			put = item;
	}
	if (gone && !winner)
		return NULL;
	return put ? put : old;
}

enum sori_status sori_similar_day_feed(struct sori_similar_day *day, const struct sori_similar_entry *items,
				       const struct sori_similar_key *keys, size_t count, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0, end; i < count && status == SORI_OK; i = end) {
		const struct sori_similar_entry *next, *old, *now;

		for (end = i + 1; end < count && keys[end].high == keys[i].high;)
			end++;
		status = keep_until(day, &keys[i].high, &next, error);
		if (status != SORI_OK)
			break;
		old = next && next->high == keys[i].high ? next : NULL;
		now = decide(day, items, keys + i, end - i, old);
		day->changed |= !old != !now || (old && old != now && !same_entry(old, now));
		if (now)
			status = append(day, now, error);
		day->old_at += old != NULL;
	}
	return status;
}

/* --- counting --- */

static uint64_t spread(uint64_t value)
{
	value *= 0x9e3779b97f4a7c15u;
	return value ^ value >> 32;
}

static bool grow_seen(struct sori_similar_seen *seen)
{
	size_t capacity = seen->capacity ? seen->capacity * 2 : FIRST_SEEN;
	uint64_t *at = sori_alloc_zero(capacity, sizeof *at);

	if (!at)
		return false;
	for (size_t i = 0; i < seen->capacity; i++) {
		size_t slot = spread(seen->at[i]) & (capacity - 1);

		if (!seen->at[i])
			continue;
		while (at[slot])
			slot = (slot + 1) & (capacity - 1);
		at[slot] = seen->at[i];
	}
	sori_free(seen->at);
	seen->at = at;
	seen->capacity = capacity;
	return true;
}

/* *fresh: the pair was not there before. */
static enum sori_status meet(struct sori_similar_seen *seen, uint64_t key, uint32_t *fresh, struct sori_error *error)
{
	size_t slot;

	if (seen->used * 2 >= seen->capacity && !grow_seen(seen))
		return no_memory(error);
	for (slot = spread(key) & (seen->capacity - 1); seen->at[slot]; slot = (slot + 1) & (seen->capacity - 1))
		if (seen->at[slot] == key) {
			*fresh = 0;
			return SORI_OK;
		}
	seen->at[slot] = key;
	seen->used++;
	*fresh = 1;
	return SORI_OK;
}

static void forget(struct sori_similar_seen *seen)
{
	if (seen->used)
		memset(seen->at, 0, seen->capacity * sizeof *seen->at);
	seen->used = 0;
}

static enum sori_status flush_places(struct sori_similar_day *day, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (!day->place_count)
		return SORI_OK;
	for (size_t i = 0; i < PLACES && status == SORI_OK; i++)
		if (day->places[i].key)
			status = sori_tally_add_distinct(day->tally, day->places[i].key, day->places[i].complaints,
							 day->places[i].customers, error);
	memset(day->places, 0, PLACES * sizeof *day->places);
	day->place_count = 0;
	return status;
}

static void put(struct sori_similar_day *day, uint64_t key, uint32_t complaints, uint32_t customers)
{
	size_t slot = spread(key) & (PLACES - 1);

	while (day->places[slot].key && day->places[slot].key != key)
		slot = (slot + 1) & (PLACES - 1);
	day->place_count += day->places[slot].key == 0;
	day->places[slot].key = key;
	day->places[slot].complaints += complaints;
	day->places[slot].customers += customers;
}

/* The key of the item's row of all documents, and its set; room for its rows in `places`. */
static enum sori_status open_item(struct sori_similar_day *day, const struct sori_similar_entry *item, uint64_t *key,
				  const struct sori_store_set **set, struct sori_error *error)
{
	uint32_t dictionary = sori_tally_dictionary(day->tally, item->dictionary);

	if (dictionary == UINT32_MAX)
		return sori_fail(error, SORI_SYSTEM, "this run touches facts of over %u dictionaries; split it",
				 SORI_TALLY_DICTIONARY_LIMIT);
	if (item->set >= day->merge->set_count || item->cell == 0 || item->cell >= SORI_TALLY_CELL_LIMIT)
		return damaged(error);
	*set = &day->merge->sets[item->set];
	*key = sori_tally_key(day->day, item->cell, 0, dictionary);
	return (day->place_count + (*set)->count) * 4 > PLACES * 3 ? flush_places(day, error) : SORI_OK;
}

static enum sori_status count_customer(struct sori_similar_day *day, const struct sori_similar_entry *item,
				       struct sori_error *error)
{
	const struct sori_store_set *set;
	uint64_t key;
	enum sori_status status = open_item(day, item, &key, &set, error);

	for (uint16_t k = 0; status == SORI_OK && k < set->count; k++) {
		uint64_t category = set->categories[k];
		uint32_t fresh = 0;

		status = meet(day->customers, item->customer | category << SORI_FACT_HASH_BITS | (uint64_t)1 << 63, &fresh, error);
		if (fresh)
			put(day, key | category << 10, 0, 1);
	}
	return status;
}

/* Every row of the item is named, also when nothing is counted there. */
static enum sori_status count_complaint(struct sori_similar_day *day, const struct sori_similar_entry *item, uint32_t group,
					struct sori_error *error)
{
	const struct sori_store_set *set;
	uint64_t key;
	bool alone = day->sizes[group] == 1;
	enum sori_status status = open_item(day, item, &key, &set, error);

	for (uint16_t k = 0; status == SORI_OK && k < set->count; k++) {
		uint64_t category = set->categories[k];
		uint32_t fresh = 1;

		if (!alone)
			status = meet(day->complaints, (uint64_t)(group + 1) << 10 | category, &fresh, error);
		put(day, key | category << 10, fresh, 0);
	}
	return status;
}

static enum sori_status count_complaints(struct sori_similar_day *day, struct sori_error *error)
{
	size_t count = day->entry_count;
	enum sori_status status = SORI_OK;

	if (!count)
		return SORI_OK;
	if (SORI_GROW(day->sizes, day->size_capacity, count) != 0)
		return no_memory(error);
	status = sori_similar_group(&day->groups, &day->entries[0].sketch, sizeof *day->entries, count, error);
	memset(day->sizes, 0, count * sizeof *day->sizes);
	for (size_t i = 0; i < count && status == SORI_OK; i++)
		day->sizes[day->groups.parent[i]]++;
	for (size_t i = 0; i < count && status == SORI_OK; i++)
		status = count_complaint(day, &day->entries[i], day->groups.parent[i], error);
	forget(day->complaints);
	return status;
}

/* One split of a streamed day. */
static enum sori_status count_split(struct sori_similar_day *day, uint32_t split, uint32_t mask, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	day->old_next = day->new_base;
	day->entry_count = 0;
	for (day->old_done = false; !day->old_done && status == SORI_OK;) {
		status = read_row(day, day->new_base, error);
		for (size_t i = 0; i < day->old_count && status == SORI_OK; i++) {
			const struct sori_similar_entry *item = &day->old[i];

			if (item->customer && ((uint32_t)item->customer & mask) == split)
				status = count_customer(day, item, error);
			if (status != SORI_OK || ((item->sketch.bins[0] | (uint32_t)item->sketch.bins[1] << 8) & mask) != split)
				continue;
			day->entries[day->entry_count++] = *item;
			if (day->entry_count == SORI_SIMILAR_LIMIT) {
				status = count_complaints(day, error);
				day->entry_count = 0;
			}
		}
	}
	if (status == SORI_OK)
		status = count_complaints(day, error);
	forget(day->customers);
	return status;
}

static enum sori_status end_streamed(struct sori_similar_day *day, struct sori_error *error)
{
	uint32_t splits = 1;
	enum sori_status status = day->entry_count ? write_row(day, day->entries, day->entry_count, error) : SORI_OK;

	if (status == SORI_OK && day->new_base != day->old_base)
		status = remove_rows(day, day->old_base, day->old_base + OTHER_BASE, error);
	if (status == SORI_OK && SORI_GROW(day->entries, day->entry_capacity, SORI_SIMILAR_LIMIT) != 0)
		status = no_memory(error);
	while (day->total / splits > SORI_SIMILAR_LIMIT && splits < 1u << 16)
		splits *= 2;
	for (uint32_t split = 0; split < splits && status == SORI_OK; split++)
		status = count_split(day, split, splits - 1, error);
	return status;
}

enum sori_status sori_similar_day_end(struct sori_similar_day *day, struct sori_error *error)
{
	const struct sori_similar_entry *next;
	enum sori_status status = keep_until(day, NULL, &next, error);

	if (status == SORI_OK && !day->changed && !day->streaming)
		return SORI_OK; /* the same documents again */
	if (status == SORI_OK && day->streaming) {
		status = end_streamed(day, error);
	} else if (status == SORI_OK) {
		status = remove_rows(day, 0, OTHER_BASE * 2, error);
		for (size_t at = 0; at < day->entry_count && status == SORI_OK; at += ROW_ENTRIES) {
			size_t left = day->entry_count - at;

			status = write_row(day, day->entries + at, left < ROW_ENTRIES ? left : ROW_ENTRIES, error);
		}
		for (size_t i = 0; i < day->entry_count && status == SORI_OK; i++)
			if (day->entries[i].customer)
				status = count_customer(day, &day->entries[i], error);
		forget(day->customers);
		if (status == SORI_OK)
			status = count_complaints(day, error);
	}
	return status == SORI_OK ? flush_places(day, error) : status;
}
