/* Which sample verbatims live. Candidates of the run are in when the version they show is the one that the merge left in
 * place; samples of earlier runs are out when their record was replaced, restated or taken away. Both kinds are found by
 * identity while the merge goes by, behind a bit table, so that a fact nobody watches costs one load. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_internal.h"

#define FILTER_BITS 17

struct watched {
	uint64_t high;
	uint32_t low;
	uint32_t next;             /* of the same bucket, + 1 */
	struct sori_verbatim *candidate; /* NULL: a sample of the store */
	bool gone;
};

struct sori_watch {
	uint64_t filter[(1u << FILTER_BITS) / 64];
	struct watched *items;
	size_t count, capacity;
	uint32_t *buckets;
	size_t bucket_count;
};

static uint64_t filter_bit(uint64_t high)
{
	return (high >> 20) & ((1u << FILTER_BITS) - 1);
}

bool sori_watch_has(const struct sori_watch *watch, uint64_t high)
{
	uint64_t bit = filter_bit(high);

	return watch->filter[bit / 64] >> bit % 64 & 1;
}

static enum sori_status add(struct sori_watch *watch, uint64_t high, uint32_t low, struct sori_verbatim *candidate,
			    struct sori_error *error)
{
	uint64_t bit = filter_bit(high);

	if (SORI_GROW(watch->items, watch->capacity, watch->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	watch->items[watch->count++] = (struct watched){.high = high, .low = low, .candidate = candidate};
	watch->filter[bit / 64] |= (uint64_t)1 << bit % 64;
	return SORI_OK;
}

static enum sori_status add_candidate(void *user, int32_t month, size_t category, struct sori_verbatim *sample,
				      struct sori_error *error)
{
	(void)month;
	(void)category;
	sample->alive = false;
	return add(user, sample->high, sample->low, sample, error);
}

static uint64_t read_big(const unsigned char *at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static enum sori_status add_stored(struct sori_watch *watch, sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(database, &statement, "SELECT DISTINCT identity FROM sample", error);

	while (status == SORI_OK && (status = sori_sql_step(statement, error)) == SORI_OK) {
		const unsigned char *identity = sqlite3_column_blob(statement, 0);

		if (identity && sqlite3_column_bytes(statement, 0) == 16)
			status = add(watch, read_big(identity, 8), (uint32_t)read_big(identity + 12, 4), NULL, error);
	}
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status link_all(struct sori_watch *watch, struct sori_error *error)
{
	watch->bucket_count = 1024;
	while (watch->bucket_count < watch->count)
		watch->bucket_count *= 2;
	watch->buckets = sori_alloc_zero(watch->bucket_count, sizeof *watch->buckets);
	if (!watch->buckets)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < watch->count; i++) {
		uint32_t *bucket = &watch->buckets[watch->items[i].high & (watch->bucket_count - 1)];

		watch->items[i].next = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	return SORI_OK;
}

enum sori_status sori_watch_new(struct sori_watch **result, struct sori_merge *merge, struct sori_error *error)
{
	struct sori_watch *watch = sori_alloc_zero(1, sizeof *watch);
	enum sori_status status;

	*result = watch;
	if (!watch)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = add_stored(watch, merge->store->database, error);
	if (status == SORI_OK)
		status = sori_samples_visit(merge->store->samples, add_candidate, watch, error);
	return status == SORI_OK ? link_all(watch, error) : status;
}

void sori_watch_free(struct sori_watch *watch)
{
	if (!watch)
		return;
	sori_free(watch->items);
	sori_free(watch->buckets);
	sori_free(watch);
}

/* Only the first of equal records without id is ever shown, so occurrence 0 speaks for all. */
void sori_watch_tell(struct sori_watch *watch, const struct sori_fact *before, const struct sori_fact *after)
{
	const struct sori_fact *any = after ? after : before;
	bool stale = before && (!after || before->content != after->content || before->dictionary != after->dictionary ||
				before->set != after->set || before->cell != after->cell || before->day != after->day);

	if (any->occurrence)
		return;
	for (uint32_t i = watch->buckets[any->high & (watch->bucket_count - 1)]; i; i = watch->items[i - 1].next) {
		struct watched *item = &watch->items[i - 1];

		if (item->high != any->high || item->low != any->low)
			continue;
		if (!item->candidate)
			item->gone |= stale;
		else if (after && item->candidate->content == after->content)
			item->candidate->alive = true;
	}
}

static void write_big(uint64_t value, unsigned char *at)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		at[i] = (unsigned char)value;
}

static enum sori_status remove_gone(const struct sori_watch *watch, sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *statement;
	/* The store's facts know 96 of the 128 bits: the first 8 bytes and the last 4. */
	enum sori_status status =
		sori_sql_prepare(database, &statement,
				 "DELETE FROM sample WHERE rank = ?1 AND substr(identity, 1, 8) = ?2", error);

	for (size_t i = 0; i < watch->count && status == SORI_OK; i++) {
		const struct watched *item = &watch->items[i];
		unsigned char high[8];

		if (!item->gone)
			continue;
		write_big(item->high, high);
		(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)sori_sample_rank(item->high, item->low));
		(void)sqlite3_bind_blob(statement, 2, high, sizeof high, SQLITE_TRANSIENT);
		status = sori_sql_run(statement, error);
	}
	sqlite3_finalize(statement);
	return status;
}

struct writer {
	struct sori_merge *merge;
	sqlite3_stmt *statement;
};

static enum sori_status write_sample(void *user, int32_t month, size_t category, struct sori_verbatim *sample,
				     struct sori_error *error)
{
	struct writer *writer = user;
	const struct sori_merge *merge = writer->merge;
	sqlite3_stmt *statement = writer->statement;
	unsigned char identity[16];
	char place[1200];

	if (!sample->alive || merge->inputs[sample->input].number == 0)
		return SORI_OK;
	write_big(sample->identity.high, identity);
	write_big(sample->identity.low, identity + 8);
	(void)snprintf(place, sizeof place, "%.1100s#%llu", merge->store->run.inputs[sample->input]->path,
		       (unsigned long long)sample->record);
	(void)sqlite3_bind_int(statement, 1, month);
	(void)sqlite3_bind_int(statement, 2, merge->category_map[category]);
	(void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)sample->rank);
	(void)sqlite3_bind_blob(statement, 4, identity, sizeof identity, SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(statement, 5, sample->day);
	(void)sqlite3_bind_int64(statement, 6, merge->cell_map[sample->cell]);
	sori_sql_bind_text(statement, 7, place);
	(void)sqlite3_bind_int(statement, 8, sample->rating);
	sori_sql_bind_view(statement, 9, sori_view_make(sample->text, sample->text_length));
	sori_sql_bind_view(statement, 10, sori_view_make(sample->spans, sample->spans_length));
	return sori_sql_run(statement, error);
}

enum sori_status sori_watch_write(struct sori_watch *watch, struct sori_merge *merge, struct sori_error *error)
{
	static const char *const prune =
		"DELETE FROM sample WHERE (month, category, rank, identity) IN (SELECT month, category, rank, identity FROM"
		" (SELECT month, category, rank, identity, row_number() OVER"
		" (PARTITION BY month, category, text ORDER BY rank, identity) AS place FROM sample) WHERE place > 1);"
		"DELETE FROM sample WHERE (month, category, rank, identity) IN (SELECT month, category, rank, identity FROM"
		" (SELECT month, category, rank, identity, row_number() OVER"
		" (PARTITION BY month, category ORDER BY rank, identity) AS place FROM sample) WHERE place > 8);";
	struct writer writer = {.merge = merge};
	sqlite3 *database = merge->store->database;
	enum sori_status status = remove_gone(watch, database, error);

	_Static_assert(SORI_SAMPLES_KEPT == 8, "the number in the statement");
	if (status == SORI_OK)
		status = sori_sql_prepare(database, &writer.statement,
					  "INSERT OR IGNORE INTO sample VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error);
	if (status == SORI_OK)
		status = sori_samples_visit(merge->store->samples, write_sample, &writer, error);
	sqlite3_finalize(writer.statement);
	return status == SORI_OK ? sori_sql_exec(database, prune, error) : status;
}
