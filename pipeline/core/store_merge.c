/* The merge of a run into the store, partition by partition (stages/aggregate/DESIGN.md has the rules and why).
 *
 *   facts of the run, sorted by key ──┐
 *   blob of run 1 ──┐                 ├─> one key at a time: decide -> tally of changes, new blob
 *   blob of run 2 ──┴─ newest wins ───┘
 *
 * Only changed keys go to the new blob, until a partition has SORI_STORE_BLOBS of them: then this run writes the whole
 * partition and drops the older blobs. A partition too large for the sort budget is done in slices of its key range, each
 * a pass over its temporary slots.
 *
 * Partitions are independent, so threads take them in turn; each has its own tally and its own copy of the inputs' counts.
 * SQLite is entered by one thread at a time, and blobs are written in the order of the partitions. */
#include <pthread.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_blob.h"
#include "pipeline/core/store_internal.h"

#define SLICE_FACTS ((uint64_t)48 * 1024) /* facts sorted at once: 5 MiB and 1.5 MiB of keys */

#define SMALL_RUN 20000 /* facts that are not worth a thread */
#define EMPTY_SET 1 /* its number in the store */

struct cursor {
	struct sori_blob_reader reader;
	char *data;
	const struct sori_fact *fact; /* NULL: at the end */
};

/* Shared by the threads. */
struct work {
	struct sori_merge *merge;
	pthread_mutex_t lock; /* guards all below and SQLite */
	pthread_cond_t turn_moved;
	unsigned next; /* partition to take */
	unsigned turn; /* partition to write */
	enum sori_status status;
	struct sori_error error;
	sqlite3_stmt *read, *insert, *remove, *sum;
};

/* One thread's. */
struct partition {
	struct work *work;
	struct sori_merge *merge;
	struct sori_merge_input *inputs; /* counts of this thread */
	struct sori_tally *tally;
	struct sori_similar_pile *pile;
	int64_t matched, named;
	pthread_t thread;
	unsigned number;
	unsigned slice, slice_bits;
	struct sori_fact *facts;
	size_t count, capacity;
	struct sori_fact_key *keys, *key_scratch;
	size_t key_capacity, key_scratch_capacity;
	uint32_t *starts;
	uint32_t *group; /* indexes of one identity's facts, in key order */
	size_t group_capacity;
	struct cursor cursors[SORI_STORE_BLOBS];
	size_t cursor_count;
	bool compact;     /* write everything */
	int64_t live;     /* of the new blob */
	void *scratch;
	struct sori_blob_writer writer;
	struct sori_error *error, own_error;
};

/* Counts `fact` by `sign`. */
static enum sori_status count_fact(struct partition *part, const struct sori_fact *fact, int32_t sign)
{
	const struct sori_merge *merge = part->merge;
	uint32_t dictionary = sori_tally_dictionary(part->tally, fact->dictionary);

	if (dictionary == UINT32_MAX)
		return sori_fail(part->error, SORI_SYSTEM, "this run touches facts of over %u dictionaries; split it",
				 SORI_TALLY_DICTIONARY_LIMIT);
	if (fact->set >= merge->set_count || !merge->sets[fact->set].count || fact->cell == 0 ||
	    fact->cell >= SORI_TALLY_CELL_LIMIT)
		return sori_fail(part->error, SORI_DATA,
				 "a fact blob names an unknown cell or set; restore the store from a copy");
	return sori_tally_add(part->tally, sori_tally_key(fact->day, fact->cell, 0, dictionary), fact->set, sign, part->error);
}

static enum sori_status advance(struct cursor *cursor, struct sori_error *error)
{
	enum sori_status status = sori_blob_next(&cursor->reader, &cursor->fact, error);

	return status == SORI_END ? SORI_OK : status;
}

/* The smallest key of all cursors, as its newest blob has it; NULL at the end. */
static const struct sori_fact *peek(const struct partition *part)
{
	const struct sori_fact *best = NULL;

	for (size_t i = 0; i < part->cursor_count; i++) {
		const struct sori_fact *fact = part->cursors[i].fact;

		if (fact && (!best || sori_fact_compare(fact, best) <= 0))
			best = fact; /* later cursors are newer */
	}
	return best;
}

/* Moves every cursor past `fact`, which is a copy. */
static enum sori_status pass(struct partition *part, const struct sori_fact *fact)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < part->cursor_count && status == SORI_OK; i++)
		if (part->cursors[i].fact && sori_fact_compare(part->cursors[i].fact, fact) == 0)
			status = advance(&part->cursors[i], part->error);
	return status;
}

static struct sori_merge_input *owner_of(const struct partition *part, uint32_t number)
{
	const struct sori_merge *merge = part->merge;
	uint32_t index = number < merge->number_limit ? merge->index_of[number] : 0;

	return index ? &part->inputs[index - 1] : NULL;
}

static bool same_fact(const struct sori_fact *a, const struct sori_fact *b)
{
	return a->content == b->content && a->updated == b->updated && a->customer == b->customer && a->cell == b->cell &&
	       a->set == b->set && a->day == b->day && a->input == b->input && a->dictionary == b->dictionary &&
	       a->rating == b->rating && a->flags == b->flags;
}

/* Writes what became of one key: `before` as stored (NULL: it was not there), `after` (NULL: it is not there now). */
static enum sori_status settle(struct partition *part, const struct sori_fact *before, const struct sori_fact *after)
{
	const struct sori_merge *merge = part->merge;
	enum sori_status status = SORI_OK;
	bool changed = !before != !after || (before && !same_fact(before, after));

	if (changed && before)
		status = count_fact(part, before, -1);
	if (status == SORI_OK && changed && after)
		status = count_fact(part, after, 1);
	if (status == SORI_OK && changed)
		status = sori_similar_tell(part->pile, before, after, part->error);
	if (status != SORI_OK)
		return status;
	part->live += (after != NULL) - (before != NULL);
	part->matched += (after && after->set != EMPTY_SET) - (before && before->set != EMPTY_SET);
	part->named += (after && after->customer) - (before && before->customer);
	if (before || after) {
		uint64_t high = after ? after->high : before->high;

		if (merge->watch && sori_watch_has(merge->watch, high))
			sori_watch_tell(merge->watch, before, after);
	}
	if (after && (changed || part->compact))
		return sori_blob_add(&part->writer, after, part->error);
	if (!after && before && !part->compact) {
		struct sori_fact gone = *before;

		gone.flags |= SORI_FACT_GONE;
		return sori_blob_add(&part->writer, &gone, part->error);
	}
	return SORI_OK;
}

/* A key that only the store has. Its input may be read again in this run without delivering it any more. */
static enum sori_status settle_stored(struct partition *part, const struct sori_fact *stored)
{
	struct sori_merge_input *owner;

	if (stored->flags & SORI_FACT_GONE)
		return SORI_OK;
	owner = owner_of(part, stored->input);
	if (!owner || !owner->again)
		return settle(part, stored, stored);
	owner->change--;
	return settle(part, stored, NULL);
}

static bool in_slice(const struct partition *part, uint64_t high)
{
	return part->slice_bits == 0 || ((high << 8) >> (64 - part->slice_bits)) == part->slice;
}

/* Everything stored before `key` (NULL: to the end of this slice). */
static enum sori_status settle_until(struct partition *part, const struct sori_fact *key)
{
	const struct sori_fact *stored;
	enum sori_status status = SORI_OK;

	while (status == SORI_OK && (stored = peek(part)) && (key ? sori_fact_compare(stored, key) < 0 : in_slice(part, stored->high))) {
		struct sori_fact copy = *stored;

		status = settle_stored(part, &copy);
		if (status == SORI_OK)
			status = pass(part, &copy);
	}
	return status;
}

/* Does the new version win over the one in place? The later `updated`, else the later load. */
static bool wins(const struct sori_fact *fresh, const struct sori_fact *old)
{
	if (fresh->updated != INT64_MIN && old->updated != INT64_MIN && fresh->updated != old->updated)
		return fresh->updated > old->updated;
	return fresh->input >= old->input;
}

/* One more record of the key; `state` is the version in place, *there whether one is. */
static void apply(struct partition *part, const struct sori_fact *fresh, struct sori_fact *state, bool *there)
{
	struct sori_merge_input *input = owner_of(part, fresh->input);

	input->stored++;
	if (*there && state->content == fresh->content) {
		uint32_t owner = state->input;
		int64_t updated = state->updated > fresh->updated ? state->updated : fresh->updated;

		/* The same document again: it is in already, but what this dictionary found in it holds from now on. */
		input->duplicate++;
		*state = *fresh;
		state->input = owner;
		state->updated = updated;
		return;
	}
	input->accepted++;
	input->undated += fresh->day == SORI_DAY_NONE;
	if (!*there) {
		input->change++;
		*there = true;
		*state = *fresh;
	} else if (wins(fresh, state)) {
		*state = *fresh;
	}
}

/* Versions that differ from the one that holds: their texts must not count. */
static enum sori_status tell_versions(struct partition *part, const uint32_t *indexes, size_t count,
				      const struct sori_fact *before, const struct sori_fact *state)
{
	bool differs = before && before->content != state->content;
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < count && status == SORI_OK; i++) {
		const struct sori_fact *fresh = &part->facts[indexes[i]];

		differs |= fresh->content != state->content;
		if (fresh->day != state->day && fresh->occurrence == 0)
			status = sori_similar_except(part->pile, SORI_SIMILAR_GONE, fresh, part->error);
	}
	if (status == SORI_OK && differs && state->occurrence == 0)
		status = sori_similar_except(part->pile, SORI_SIMILAR_WINS, state, part->error);
	return status;
}

/* All records of one key, `indexes` in load order. */
static enum sori_status settle_key(struct partition *part, const uint32_t *indexes, size_t count)
{
	struct sori_fact stored, state;
	const struct sori_fact *before = NULL;
	const struct sori_fact *first = &part->facts[indexes[0]];
	bool there = false;
	enum sori_status status = settle_until(part, first);
	const struct sori_fact *top = peek(part);

	if (status == SORI_OK && top && sori_fact_compare(top, first) == 0) {
		stored = *top;
		status = pass(part, &stored);
		if (!(stored.flags & SORI_FACT_GONE))
			before = &stored;
	}
	if (status != SORI_OK)
		return status;
	if (before) {
		struct sori_merge_input *owner = owner_of(part, before->input);

		state = *before;
		there = !owner || !owner->again;
		if (!there)
			owner->change--;
	}
	for (size_t i = 0; i < count; i++)
		apply(part, &part->facts[indexes[i]], &state, &there);
	if (count > 1 || before)
		status = tell_versions(part, indexes, count, before, &state);
	return status == SORI_OK ? settle(part, before, &state) : status;
}

/* Occurrence numbers of equal records without id: their rank within their input. Then key order: occurrence, input. A
 * thousand equal records are common (one macro), a million are not; counting places keeps it linear in any case. */
static enum sori_status number_group(struct partition *part, const struct sori_fact_key *keys, size_t count)
{
	uint32_t *group, *starts, most = 0;

	if (part->facts[keys[0].index].flags & SORI_FACT_HAS_ID) {
		for (size_t i = 0; i < count; i++)
			part->group[i] = keys[i].index;
		return SORI_OK;
	}
	for (size_t i = 0; i < count; i++) {
		struct sori_fact *fact = &part->facts[keys[i].index];

		fact->occurrence = i && part->facts[keys[i - 1].index].input == fact->input
					   ? part->facts[keys[i - 1].index].occurrence + 1
					   : 0;
		most = fact->occurrence > most ? fact->occurrence : most;
	}
	starts = sori_alloc_zero((size_t)most + 2, sizeof *starts);
	if (!starts)
		return sori_fail(part->error, SORI_SYSTEM, "out of memory");
	group = part->group;
	for (size_t i = 0; i < count; i++)
		starts[part->facts[keys[i].index].occurrence + 1]++;
	for (size_t i = 1; i <= (size_t)most + 1; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < count; i++)
		group[starts[part->facts[keys[i].index].occurrence]++] = keys[i].index;
	sori_free(starts);
	return SORI_OK;
}

/* All records of one identity. */
static enum sori_status settle_group(struct partition *part, const struct sori_fact_key *keys, size_t count)
{
	enum sori_status status = SORI_OK;

	if (count == 1)
		return settle_key(part, &keys[0].index, 1);
	if (SORI_GROW(part->group, part->group_capacity, count) != 0)
		return sori_fail(part->error, SORI_SYSTEM, "out of memory");
	status = number_group(part, keys, count);
	for (size_t i = 0, end; i < count && status == SORI_OK; i = end) {
		end = i + 1;
		while (end < count && part->facts[part->group[end]].occurrence == part->facts[part->group[i]].occurrence)
			end++;
		status = settle_key(part, part->group + i, end - i);
	}
	return status;
}

static enum sori_status take_fact(void *user, const struct sori_fact *fact)
{
	struct partition *part = user;
	const struct sori_merge *merge = part->merge;
	const struct sori_merge_input *input = &merge->inputs[fact->input];
	struct sori_fact *mine;

	if (input->number == 0 || !in_slice(part, fact->high))
		return SORI_OK;
	if (part->count == part->capacity && SORI_GROW(part->facts, part->capacity, part->count + 1) != 0)
		return sori_fail(part->error, SORI_SYSTEM, "out of memory");
	mine = &part->facts[part->count++];
	*mine = *fact;
	mine->input = input->number;
	mine->cell = merge->cell_map[fact->cell];
	mine->set = merge->set_map[fact->set];
	mine->dictionary = (uint32_t)merge->dictionary;
	return SORI_OK;
}

static enum sori_status merge_slice(struct partition *part)
{
	enum sori_status status;

	part->count = 0;
	status = sori_facts_visit(part->merge->store->facts, part->number, part->scratch, take_fact, part, part->error);
	if (status == SORI_OK && (SORI_GROW(part->keys, part->key_capacity, part->count + 1) != 0 ||
				  SORI_GROW(part->key_scratch, part->key_scratch_capacity, part->count + 1) != 0))
		status = sori_fail(part->error, SORI_SYSTEM, "out of memory");
	if (status != SORI_OK)
		return status;
	sori_facts_sort(part->facts, part->keys, part->key_scratch, part->starts, part->count);
	for (size_t i = 0, end; i < part->count && status == SORI_OK; i = end) {
		end = i + 1;
		while (end < part->count && part->keys[end].high == part->keys[i].high &&
		       part->keys[end].low == part->keys[i].low)
			end++;
		status = settle_group(part, part->keys + i, end - i);
	}
	return status == SORI_OK ? settle_until(part, NULL) : status;
}

static enum sori_status open_cursors(struct partition *part)
{
	enum sori_status status = SORI_OK;

	(void)sqlite3_bind_int64(part->work->read, 1, part->number);
	while (status == SORI_OK && (status = sori_sql_step(part->work->read, part->error)) == SORI_OK) {
		size_t size = (size_t)sqlite3_column_bytes(part->work->read, 0);
		struct cursor *cursor = &part->cursors[part->cursor_count];

		if (part->cursor_count == SORI_STORE_BLOBS) {
			status = sori_fail(part->error, SORI_DATA, "the store has too many fact blobs; restore it from a copy");
			break;
		}
		*cursor = (struct cursor){.data = sori_alloc(size)};
		part->cursor_count++;
		if (!cursor->data) {
			status = sori_fail(part->error, SORI_SYSTEM, "out of memory");
			break;
		}
		memcpy(cursor->data, sqlite3_column_blob(part->work->read, 0), size);
		status = sori_blob_reader_init(&cursor->reader, sori_view_make(cursor->data, size), part->error);
		if (status == SORI_OK)
			status = advance(cursor, part->error);
	}
	(void)sqlite3_reset(part->work->read);
	return status == SORI_END ? SORI_OK : status;
}

static void close_cursors(struct partition *part)
{
	for (size_t i = 0; i < part->cursor_count; i++) {
		sori_blob_reader_release(&part->cursors[i].reader);
		sori_free(part->cursors[i].data);
	}
	part->cursor_count = 0;
}

static enum sori_status drop_older(struct partition *part)
{
	enum sori_status status;

	(void)sqlite3_bind_int64(part->work->sum, 1, part->number);
	status = sori_sql_step(part->work->sum, part->error);
	if (status == SORI_OK)
		part->live += sqlite3_column_int64(part->work->sum, 0);
	(void)sqlite3_reset(part->work->sum);
	if (status != SORI_OK && status != SORI_END)
		return status;
	(void)sqlite3_bind_int64(part->work->remove, 1, part->number);
	return sori_sql_run(part->work->remove, part->error);
}

static enum sori_status write_blob(struct partition *part)
{
	enum sori_status status = part->compact ? drop_older(part) : SORI_OK;

	if (status != SORI_OK || part->writer.count == 0)
		return status;
	(void)sqlite3_bind_int64(part->work->insert, 1, part->number);
	(void)sqlite3_bind_int64(part->work->insert, 2, part->merge->run);
	(void)sqlite3_bind_int64(part->work->insert, 3, (sqlite3_int64)part->writer.count);
	(void)sqlite3_bind_blob64(part->work->insert, 4, part->writer.out.at, part->writer.out.length, SQLITE_STATIC);
	(void)sqlite3_bind_int64(part->work->insert, 5, part->live);
	status = sori_sql_run(part->work->insert, part->error);
	(void)sqlite3_clear_bindings(part->work->insert);
	return status;
}

/* Nothing of the run falls into this partition and no input is read again: its blobs stay as they are. */
static bool untouched(const struct partition *part)
{
	const struct sori_merge *merge = part->merge;

	if (sori_facts_partition_count(merge->store->facts, part->number))
		return false;
	for (size_t i = 0; i < merge->store->run.input_count; i++)
		if (merge->inputs[i].again)
			return false;
	return true;
}

/* Merges one partition; its blob is in the writer afterwards. */
static enum sori_status merge_partition(struct partition *part)
{
	uint64_t count = sori_facts_partition_count(part->merge->store->facts, part->number);
	enum sori_status status;

	for (part->slice_bits = 0; count >> part->slice_bits > SLICE_FACTS && part->slice_bits < 12;)
		part->slice_bits++;
	pthread_mutex_lock(&part->work->lock);
	status = open_cursors(part);
	pthread_mutex_unlock(&part->work->lock);
	part->compact = part->cursor_count == SORI_STORE_BLOBS;
	for (part->slice = 0; part->slice < 1u << part->slice_bits && status == SORI_OK; part->slice++)
		status = merge_slice(part);
	close_cursors(part);
	return status == SORI_OK ? sori_blob_end(&part->writer, part->error) : status;
}

/* Waits for the turn of this partition and writes it. */
static void write_in_turn(struct partition *part, enum sori_status status)
{
	struct work *work = part->work;

	pthread_mutex_lock(&work->lock);
	while (work->turn != part->number && work->status == SORI_OK)
		pthread_cond_wait(&work->turn_moved, &work->lock);
	if (status == SORI_OK && work->status == SORI_OK)
		status = write_blob(part);
	if (status != SORI_OK && work->status == SORI_OK) {
		work->status = status;
		work->error = *part->error;
	}
	work->turn++;
	pthread_cond_broadcast(&work->turn_moved);
	pthread_mutex_unlock(&work->lock);
}

static bool take(struct partition *part)
{
	struct work *work = part->work;
	bool more;

	pthread_mutex_lock(&work->lock);
	part->number = work->next++;
	more = part->number < SORI_PARTITIONS && work->status == SORI_OK;
	pthread_mutex_unlock(&work->lock);
	return more;
}

static void *merge_thread(void *argument)
{
	struct partition *part = argument;

	while (take(part)) {
		enum sori_status status = SORI_OK;

		part->live = 0;
		part->compact = false;
		sori_blob_writer_reset(&part->writer);
		if (!untouched(part))
			status = merge_partition(part);
		write_in_turn(part, status);
	}
	return NULL;
}

static enum sori_status init_thread(struct partition *part, struct work *work, size_t index, struct sori_error *error)
{
	size_t inputs = work->merge->store->run.input_count;

	part->work = work;
	part->merge = work->merge;
	part->tally = &work->merge->tallies[index];
	part->pile = sori_similar_pile_new(work->merge->store->similar);
	part->error = &part->own_error;
	part->scratch = sori_alloc(sori_facts_scratch_size(work->merge->store->facts));
	part->starts = sori_alloc(SORI_FACTS_SORT_STARTS * sizeof *part->starts);
	part->inputs = sori_alloc_zero(inputs + 1, sizeof *part->inputs);
	if (!part->scratch || !part->starts || !part->inputs || !part->pile)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < inputs; i++) {
		part->inputs[i].number = work->merge->inputs[i].number;
		part->inputs[i].again = work->merge->inputs[i].again;
	}
	return sori_blob_writer_init(&part->writer, error);
}

/* Sums the thread's counts into the merge's. */
static void fold(struct partition *part)
{
	for (size_t i = 0; part->inputs && i < part->merge->store->run.input_count; i++) {
		struct sori_merge_input *sum = &part->merge->inputs[i];
		const struct sori_merge_input *mine = &part->inputs[i];

		sum->change += mine->change;
		sum->stored += mine->stored;
		sum->accepted += mine->accepted;
		sum->duplicate += mine->duplicate;
		sum->undated += mine->undated;
	}
	part->merge->matched += part->matched;
	part->merge->named += part->named;
}

static void release_thread(struct partition *part)
{
	sori_blob_writer_release(&part->writer);
	sori_free(part->facts);
	sori_free(part->keys);
	sori_free(part->key_scratch);
	sori_free(part->group);
	sori_free(part->starts);
	sori_free(part->scratch);
	sori_free(part->inputs);
}

static enum sori_status prepare(struct work *work, struct sori_error *error)
{
	sqlite3 *database = work->merge->store->database;
	enum sori_status status =
		sori_sql_prepare(database, &work->read, "SELECT data FROM fact WHERE partition = ? ORDER BY run", error);

	if (status == SORI_OK)
		status = sori_sql_prepare(database, &work->insert, "INSERT INTO fact VALUES(?, ?, ?, ?, ?)", error);
	if (status == SORI_OK)
		status = sori_sql_prepare(database, &work->remove, "DELETE FROM fact WHERE partition = ?", error);
	if (status == SORI_OK)
		status = sori_sql_prepare(database, &work->sum, "SELECT sum(live) FROM fact WHERE partition = ?", error);
	return status;
}

/* The calling thread is one of them; a thread that cannot be started is done without. */
static void run_threads(struct partition *parts, size_t count)
{
	size_t started = 0;

	while (started + 1 < count &&
	       pthread_create(&parts[started].thread, NULL, merge_thread, &parts[started]) == 0)
		started++;
	(void)merge_thread(&parts[count - 1]);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(parts[i].thread, NULL);
}

enum sori_status sori_merge_partitions(struct sori_merge *merge, struct sori_error *error)
{
	struct work work = {.merge = merge};
	size_t count = sori_facts_count(merge->store->facts) > SMALL_RUN ? merge->thread_count : 1;
	struct partition *parts = sori_alloc_zero(count, sizeof *parts);
	enum sori_status status = parts ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");

	pthread_mutex_init(&work.lock, NULL);
	pthread_cond_init(&work.turn_moved, NULL);
	if (status == SORI_OK)
		status = prepare(&work, error);
	for (size_t i = 0; i < count && status == SORI_OK; i++)
		status = init_thread(&parts[i], &work, i, error);
	if (status == SORI_OK) {
		run_threads(parts, count);
		status = work.status;
		if (status != SORI_OK && error)
			*error = work.error;
		for (size_t i = 0; i < count; i++)
			fold(&parts[i]);
	}
	for (size_t i = 0; parts && i < count; i++)
		release_thread(&parts[i]);
	sqlite3_finalize(work.read);
	sqlite3_finalize(work.insert);
	sqlite3_finalize(work.remove);
	sqlite3_finalize(work.sum);
	pthread_cond_destroy(&work.turn_moved);
	pthread_mutex_destroy(&work.lock);
	sori_free(parts);
	return status;
}
