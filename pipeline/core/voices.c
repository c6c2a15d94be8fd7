/* A sorted list of at most SORI_VOICES_KEPT a day, behind a directory by day, so that the usual case is two loads and a compare.
 *
 * In the store a day is one blob:  u32 count, then per voice by (rank, high, low, content):
 *   u64 high, u32 low, u64 content, u16 bytes of text, text                      (little-endian; rank follows from high and low) */
#include "pipeline/core/voices.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/facts.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/report_query.h"
#include "pipeline/core/samples.h"
#include "pipeline/text/redact.h"

#define FIRST_DAY (-25567)       /* 1900-01-01 */
#define DAYS (300 * 366)
#define NO_INPUT UINT32_MAX      /* of a voice that the store had */
#define HEAD 22                  /* bytes of a voice in a blob, before its text */

struct entry {
	uint64_t rank, high, content;
	uint32_t low, input;
	uint16_t length;
	char text[];
};

struct day {
	uint64_t worst; /* rank of the last when full, else UINT64_MAX */
	uint32_t count;
	struct entry *at[SORI_VOICES_KEPT];
};

struct sori_voices {
	struct day *days[DAYS];
};

struct sori_voices_local {
	struct sori_voices own;
	struct sori_buffer text;
};

static void release(struct sori_voices *voices)
{
	for (size_t i = 0; i < DAYS; i++) {
		struct day *day = voices->days[i];

		for (uint32_t k = 0; day && k < day->count; k++)
			sori_free(day->at[k]);
		sori_free(day);
		voices->days[i] = NULL;
	}
}

struct sori_voices *sori_voices_new(void)
{
	return sori_alloc_zero(1, sizeof(struct sori_voices));
}

void sori_voices_free(struct sori_voices *voices)
{
	if (voices)
		release(voices);
	sori_free(voices);
}

struct sori_voices_local *sori_voices_local_new(void)
{
	struct sori_voices_local *local = sori_alloc_zero(1, sizeof *local);

	if (local)
		sori_buffer_init(&local->text, (size_t)8 * 1024 * 1024);
	return local;
}

void sori_voices_local_free(struct sori_voices_local *local)
{
	if (!local)
		return;
	release(&local->own);
	sori_buffer_release(&local->text);
	sori_free(local);
}

/* A total order but for the input: the same version of a record comes once. */
static int compare(const struct entry *a, const struct entry *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->content != b->content)
		return a->content < b->content ? -1 : 1;
	return 0;
}

/* Takes the entry over, or frees it. Equal ones differ in nothing that is kept but the input; the first input that counts speaks. */
static void insert(struct day *day, struct entry *entry)
{
	uint32_t low = 0, high = day->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (compare(day->at[middle], entry) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < day->count && compare(day->at[low], entry) == 0) {
		if (entry->input < day->at[low]->input) {
			sori_free(day->at[low]);
			day->at[low] = entry;
		} else {
			sori_free(entry);
		}
		return;
	}
	if (low == SORI_VOICES_KEPT) {
		sori_free(entry);
		return;
	}
	if (day->count == SORI_VOICES_KEPT)
		sori_free(day->at[--day->count]);
	memmove(day->at + low + 1, day->at + low, (day->count - low) * sizeof *day->at);
	day->at[low] = entry;
	day->count++;
	day->worst = day->count == SORI_VOICES_KEPT ? day->at[day->count - 1]->rank : UINT64_MAX;
}

static struct day *day_of(struct sori_voices *voices, size_t index)
{
	if (!voices->days[index]) {
		voices->days[index] = sori_alloc_zero(1, sizeof *voices->days[index]);
		if (voices->days[index])
			voices->days[index]->worst = UINT64_MAX;
	}
	return voices->days[index];
}

static struct entry *make(struct sori_voices_local *local, const struct sori_batch *batch, const struct sori_record *record)
{
	struct sori_buffer *text = &local->text;
	struct entry *entry;
	size_t length;

	sori_buffer_reset(text);
	sori_mask_text(record->field[SORI_ROLE_TEXT], batch->masks.masks + record->mask_first, record->mask_count, text);
	if (text->failed)
		return NULL;
	length = text->length > SORI_VOICE_TEXT ? SORI_VOICE_TEXT : text->length;
	while (length < text->length && length && ((unsigned char)text->at[length] & 0xc0) == 0x80)
		length--;
	entry = sori_alloc(sizeof *entry + length);
	if (!entry)
		return NULL;
	*entry = (struct entry){.high = record->identity.high, .low = (uint32_t)record->identity.low,
				.content = record->content & (((uint64_t)1 << SORI_FACT_HASH_BITS) - 1),
				.input = batch->input->index, .length = (uint16_t)length};
	if (length)
		memcpy(entry->text, text->at, length);
	return entry;
}

enum sori_status sori_voices_offer(struct sori_voices_local *local, const struct sori_batch *batch, const struct sori_record *record,
				   struct sori_error *error)
{
	int64_t index = (int64_t)record->day - FIRST_DAY;
	uint64_t rank;
	struct day *day;
	struct entry *entry;

	if (record->day == SORI_DAY_NONE || index < 0 || index >= DAYS)
		return SORI_OK;
	rank = sori_sample_rank(record->identity.high, (uint32_t)record->identity.low);
	day = day_of(&local->own, (size_t)index);
	if (day && rank > day->worst)
		return SORI_OK;
	entry = day ? make(local, batch, record) : NULL;
	if (!entry)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	entry->rank = rank;
	insert(day, entry);
	return SORI_OK;
}

enum sori_status sori_voices_merge(struct sori_voices *voices, struct sori_voices_local *local, struct sori_error *error)
{
	for (size_t i = 0; i < DAYS; i++) {
		struct day *from = local->own.days[i], *to;

		if (!from)
			continue;
		to = day_of(voices, i);
		if (!to)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		for (uint32_t k = 0; k < from->count; k++)
			insert(to, from->at[k]);
		from->count = 0;
		sori_free(from);
		local->own.days[i] = NULL;
	}
	return SORI_OK;
}

/* ---- the store */

static void put(struct sori_buffer *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++, value >>= 8)
		sori_buffer_add_byte(out, (char)(value & 0xff));
}

static uint64_t get(const unsigned char *at, int bytes)
{
	uint64_t value = 0;

	for (int i = bytes - 1; i >= 0; i--)
		value = value << 8 | at[i];
	return value;
}

/* Takes the next voice off a blob; false at its end, or on damage (then *damaged). */
static bool next_voice(struct sori_view *blob, struct entry *head, struct sori_view *text, bool *damaged)
{
	const unsigned char *at = (const unsigned char *)blob->at;

	if (blob->length == 0)
		return false;
	*damaged = blob->length < HEAD || blob->length - HEAD < get(at + 20, 2);
	if (*damaged)
		return false;
	*head = (struct entry){.high = get(at, 8), .low = (uint32_t)get(at + 8, 4), .content = get(at + 12, 8), .input = NO_INPUT,
			       .length = (uint16_t)get(at + 20, 2)};
	head->rank = sori_sample_rank(head->high, head->low);
	*text = sori_view_slice(*blob, HEAD, head->length);
	*blob = sori_view_slice(*blob, HEAD + head->length, blob->length);
	return true;
}

static enum sori_status damaged_blob(struct sori_error *error)
{
	return sori_fail(error, SORI_DATA, "a day sample of the store is damaged; restore it from a copy");
}

static enum sori_status join_stored(struct day *day, struct sori_view blob, struct sori_error *error)
{
	struct entry head;
	struct sori_view text;
	bool damaged = false;

	while (next_voice(&blob, &head, &text, &damaged)) {
		struct entry *entry = sori_alloc(sizeof *entry + text.length);

		if (!entry)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		*entry = head;
		if (text.length)
			memcpy(entry->text, text.at, text.length);
		insert(day, entry);
	}
	return damaged ? damaged_blob(error) : SORI_OK;
}

static void drop_uncounted(struct day *day, const bool *counts, size_t inputs)
{
	uint32_t kept = 0;

	for (uint32_t k = 0; k < day->count; k++)
		if (day->at[k]->input < inputs && counts[day->at[k]->input])
			day->at[kept++] = day->at[k];
		else
			sori_free(day->at[k]);
	day->count = kept;
	day->worst = UINT64_MAX;
}

struct joining {
	sqlite3_stmt *read, *write;
	struct sori_buffer blob;
};

static enum sori_status write_day(struct joining *joining, struct day *day, sori_day when, struct sori_error *error)
{
	enum sori_status status;

	(void)sqlite3_bind_int(joining->read, 1, when);
	status = sori_report_step(joining->read, error);
	if (status == SORI_OK)
		status = join_stored(day, sori_view_make(sqlite3_column_blob(joining->read, 0), (size_t)sqlite3_column_bytes(joining->read, 0)),
				     error);
	(void)sqlite3_reset(joining->read);
	if (status != SORI_OK && status != SORI_END)
		return status;
	sori_buffer_reset(&joining->blob);
	for (uint32_t k = 0; k < day->count; k++) {
		put(&joining->blob, day->at[k]->high, 8);
		put(&joining->blob, day->at[k]->low, 4);
		put(&joining->blob, day->at[k]->content, 8);
		put(&joining->blob, day->at[k]->length, 2);
		sori_buffer_add(&joining->blob, day->at[k]->text, day->at[k]->length);
	}
	if (joining->blob.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	(void)sqlite3_bind_int(joining->write, 1, when);
	(void)sqlite3_bind_blob64(joining->write, 2, joining->blob.at, joining->blob.length, SQLITE_STATIC);
	status = sori_report_step(joining->write, error);
	(void)sqlite3_reset(joining->write);
	return status == SORI_END ? SORI_OK : status;
}

enum sori_status sori_voices_write(struct sori_voices *voices, struct sqlite3 *database, const bool *counts, size_t inputs,
				   struct sori_error *error)
{
	struct joining joining = {0};
	enum sori_status status = SORI_OK;

	if (sqlite3_exec(database, "CREATE TABLE IF NOT EXISTS voice(day INTEGER PRIMARY KEY, data BLOB NOT NULL)", NULL, NULL, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_IO, "cannot write the store: %s", sqlite3_errmsg(database));
	sori_buffer_init(&joining.blob, (size_t)1 << 20);
	status = sori_report_prepare(database, &joining.read, "SELECT data FROM voice WHERE day = ?", error);
	if (status == SORI_OK)
		status = sori_report_prepare(database, &joining.write, "INSERT OR REPLACE INTO voice VALUES(?, ?)", error);
	for (size_t i = 0; i < DAYS && status == SORI_OK; i++) {
		struct day *day = voices->days[i];

		if (!day)
			continue;
		drop_uncounted(day, counts, inputs);
		if (day->count)
			status = write_day(&joining, day, (sori_day)((int64_t)i + FIRST_DAY), error);
	}
	(void)sqlite3_finalize(joining.read);
	(void)sqlite3_finalize(joining.write);
	sori_buffer_release(&joining.blob);
	return status;
}

/* ---- reading: what is in force is asked from the facts */

struct kept {
	struct sori_voice voice;
	uint64_t high, content;
	uint32_t low;
	bool live;
};

struct reading {
	struct kept *list;
	size_t count, capacity;
	uint32_t *buckets, *next;
	size_t bucket_count;
	sori_day from, to;
};

static enum sori_status load(struct reading *reading, sqlite3 *database, struct sori_arena *arena, struct sori_error *error)
{
	sqlite3_stmt *row = NULL;
	bool damaged = false;
	enum sori_status status;

	if (sqlite3_prepare_v2(database, "SELECT day, data FROM voice WHERE day BETWEEN ? AND ? ORDER BY day", -1, &row, NULL) != SQLITE_OK)
		return SORI_OK; /* an older store */
	(void)sqlite3_bind_int(row, 1, reading->from);
	(void)sqlite3_bind_int(row, 2, reading->to);
	while ((status = sori_report_step(row, error)) == SORI_OK) {
		struct sori_view blob = {sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1)}, text;
		struct entry head;

		while (status == SORI_OK && next_voice(&blob, &head, &text, &damaged)) {
			struct kept *kept;

			if (SORI_GROW(reading->list, reading->capacity, reading->count + 1) != 0)
				status = sori_report_no_memory(error);
			else {
				kept = &reading->list[reading->count++];
				*kept = (struct kept){.high = head.high, .low = head.low, .content = head.content};
				kept->voice = (struct sori_voice){.day = sqlite3_column_int(row, 0), .rank = head.rank,
								  .text = sori_arena_copy(arena, text)};
				if (!kept->voice.text.at && text.length)
					status = sori_report_no_memory(error);
			}
		}
		if (damaged)
			status = damaged_blob(error);
		if (status != SORI_OK)
			break;
	}
	(void)sqlite3_finalize(row);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status link_all(struct reading *reading, struct sori_error *error)
{
	reading->bucket_count = 1024;
	while (reading->bucket_count < reading->count * 2)
		reading->bucket_count *= 2;
	reading->buckets = sori_alloc_zero(reading->bucket_count, sizeof *reading->buckets);
	reading->next = sori_alloc_zero(reading->count + 1, sizeof *reading->next);
	if (!reading->buckets || !reading->next)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < reading->count; i++) {
		uint32_t *bucket = &reading->buckets[reading->list[i].high & (reading->bucket_count - 1)];

		reading->next[i] = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	return SORI_OK;
}

/* Of equal records without id the first speaks for all: they tell the same. */
static enum sori_status visit(void *user, const struct sori_fact *fact, struct sori_error *error)
{
	struct reading *reading = user;

	(void)error;
	if (fact->occurrence || fact->day < reading->from || fact->day > reading->to)
		return SORI_OK;
	for (uint32_t i = reading->buckets[fact->high & (reading->bucket_count - 1)]; i; i = reading->next[i - 1]) {
		struct kept *kept = &reading->list[i - 1];

		if (kept->high != fact->high || kept->low != fact->low || kept->content != fact->content || kept->voice.day != fact->day)
			continue;
		kept->live = true;
		kept->voice.customer = fact->customer;
		kept->voice.cell = fact->cell;
		kept->voice.set = fact->set;
	}
	return SORI_OK;
}

enum sori_status sori_voices_read(struct sqlite3 *database, sori_day from, sori_day to, struct sori_arena *arena,
				  struct sori_voice **voices, size_t *count, struct sori_error *error)
{
	struct reading reading = {.from = from, .to = to};
	enum sori_status status = load(&reading, database, arena, error);
	size_t of_day = 0;

	*voices = NULL;
	*count = 0;
	if (status == SORI_OK)
		status = link_all(&reading, error);
	if (status == SORI_OK && reading.count)
		status = sori_fact_scan(database, visit, &reading, error);
	if (status == SORI_OK && !(*voices = sori_arena_zero(arena, reading.count + 1, sizeof **voices)))
		status = sori_report_no_memory(error);
	for (size_t i = 0; i < reading.count && status == SORI_OK; i++) {
		of_day = i && reading.list[i].voice.day == reading.list[i - 1].voice.day ? of_day : 0;
		if (reading.list[i].live && of_day++ < SORI_VOICES_PER_DAY)
			(*voices)[(*count)++] = reading.list[i].voice;
	}
	sori_free(reading.list);
	sori_free(reading.buckets);
	sori_free(reading.next);
	return status;
}
