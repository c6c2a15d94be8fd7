/* Frame of reference: each column of a chunk is stored as its minimum and the differences from it in just as many bits
 * as the largest needs. Chosen over delta/varint because both directions run without a branch per value and because the
 * columns that matter (key, customer) are hashes that no code makes smaller. */
#include "pipeline/core/store_blob.h"

#include <string.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

#define MAGIC "SFB1"
#define MAGIC_SIZE 4
#define HEADER_SIZE 16
#define CHECK_SEED 0x66616374u
#define UPDATED_OFFSET ((int64_t)1 << 40) /* seconds around 1970 that fit 41 bits: 34,000 years */
#define DAY_OFFSET ((int32_t)1 << 20)

enum column { HIGH, LOW, OCCURRENCE, CONTENT, UPDATED, CUSTOMER, CELL, SET, DAY, INPUT, DICTIONARY, RATING, FLAGS, COLUMNS };

enum sori_status sori_blob_writer_init(struct sori_blob_writer *writer, struct sori_error *error)
{
	*writer = (struct sori_blob_writer){.count = 0};
	sori_buffer_init(&writer->out, SORI_BLOB_MAXIMUM);
	writer->pending = sori_alloc(SORI_BLOB_CHUNK * sizeof *writer->pending);
	writer->column = sori_alloc((SORI_BLOB_CHUNK + 1) * sizeof *writer->column);
	if (!writer->pending || !writer->column)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	return SORI_OK;
}

void sori_blob_writer_release(struct sori_blob_writer *writer)
{
	sori_buffer_release(&writer->out);
	sori_free(writer->pending);
	sori_free(writer->column);
	writer->pending = NULL;
	writer->column = NULL;
}

void sori_blob_writer_reset(struct sori_blob_writer *writer)
{
	sori_buffer_reset(&writer->out);
	writer->pending_count = 0;
	writer->count = 0;
}

static uint64_t pack_updated(int64_t updated)
{
	if (updated == INT64_MIN)
		return 0;
	if (updated < -UPDATED_OFFSET)
		updated = -UPDATED_OFFSET;
	if (updated >= UPDATED_OFFSET)
		updated = UPDATED_OFFSET - 1;
	return (uint64_t)(updated + UPDATED_OFFSET) + 1;
}

static int64_t unpack_updated(uint64_t value)
{
	return value == 0 ? INT64_MIN : (int64_t)(value - 1) - UPDATED_OFFSET;
}

static uint64_t pack_day(sori_day day)
{
	return day == SORI_DAY_NONE ? 0 : (uint64_t)(day + DAY_OFFSET) + 1;
}

static sori_day unpack_day(uint64_t value)
{
	return value == 0 ? SORI_DAY_NONE : (sori_day)((int64_t)value - 1 - DAY_OFFSET);
}

/* One column of the pending facts as numbers. */
static uint64_t *gather(const struct sori_fact *facts, size_t count, enum column column, uint64_t *into)
{
#define EACH(expression) \
	for (size_t i = 0; i < count; i++) \
		into[i] = (expression); \
	break
	switch (column) {
	case HIGH: EACH(facts[i].high);
	case LOW: EACH(facts[i].low);
	case OCCURRENCE: EACH(facts[i].occurrence);
	case CONTENT: EACH(facts[i].content);
	case UPDATED: EACH(pack_updated(facts[i].updated));
	case CUSTOMER: EACH(facts[i].customer);
	case CELL: EACH(facts[i].cell);
	case SET: EACH(facts[i].set);
	case DAY: EACH(pack_day(facts[i].day));
	case INPUT: EACH(facts[i].input);
	case DICTIONARY: EACH(facts[i].dictionary);
	case RATING: EACH((uint64_t)(facts[i].rating + 1));
	case FLAGS: EACH(facts[i].flags);
	case COLUMNS: break;
	}
#undef EACH
	return into;
}

static void scatter(struct sori_fact *facts, size_t count, enum column column, const uint64_t *from)
{
#define EACH(assignment) \
	for (size_t i = 0; i < count; i++) \
		assignment; \
	break
	switch (column) {
	case HIGH: EACH(facts[i].high = from[i]);
	case LOW: EACH(facts[i].low = (uint32_t)from[i]);
	case OCCURRENCE: EACH(facts[i].occurrence = (uint32_t)from[i]);
	case CONTENT: EACH(facts[i].content = from[i]);
	case UPDATED: EACH(facts[i].updated = unpack_updated(from[i]));
	case CUSTOMER: EACH(facts[i].customer = from[i]);
	case CELL: EACH(facts[i].cell = (uint32_t)from[i]);
	case SET: EACH(facts[i].set = (uint32_t)from[i]);
	case DAY: EACH(facts[i].day = unpack_day(from[i]));
	case INPUT: EACH(facts[i].input = (uint32_t)from[i]);
	case DICTIONARY: EACH(facts[i].dictionary = (uint32_t)from[i]);
	case RATING: EACH(facts[i].rating = (int8_t)((int64_t)from[i] - 1));
	case FLAGS: EACH(facts[i].flags = (uint8_t)from[i]);
	case COLUMNS: break;
	}
#undef EACH
}

static size_t packed_words(size_t count, unsigned width)
{
	return (count * width + 63) / 64;
}

/* In place: word k is finished before value k is overwritten, since width <= 64. */
static void pack(uint64_t *values, size_t count, uint64_t base, unsigned width)
{
	uint64_t word = 0;
	unsigned fill = 0;
	size_t out = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t value = values[i] - base;

		word |= value << fill;
		fill += width;
		if (fill >= 64) {
			values[out++] = word;
			fill -= 64;
			word = fill ? value >> (width - fill) : 0;
		}
	}
	if (fill)
		values[out] = word;
}

static void unpack(const char *words, size_t count, uint64_t base, unsigned width, uint64_t *values)
{
	uint64_t mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
	size_t total = packed_words(count, width);

	for (size_t i = 0, bit = 0; i < count; i++, bit += width) {
		uint64_t low, high = 0;
		size_t word = bit / 64;
		unsigned shift = (unsigned)(bit % 64);

		if (width == 0) {
			values[i] = base;
			continue;
		}
		memcpy(&low, words + word * 8, 8);
		if (shift + width > 64 && word + 1 < total)
			memcpy(&high, words + word * 8 + 8, 8);
		values[i] = base + ((shift ? low >> shift | high << (64 - shift) : low) & mask);
	}
}

void sori_pack_column(struct sori_buffer *out, uint64_t *values, size_t count, bool rising)
{
	uint64_t base, most;
	unsigned char width = 0;

	for (size_t i = count; rising && i-- > 1;)
		values[i] -= values[i - 1];
	base = rising && count > 1 ? values[1] : values[0];
	most = base;
	/* The first of a rising column is absolute: it goes into an extra word. */
	for (size_t i = rising ? 1 : 0; i < count; i++) {
		base = values[i] < base ? values[i] : base;
		most = values[i] > most ? values[i] : most;
	}
	while (width < 64 && (most - base) >> width)
		width++;
	if (rising) {
		sori_buffer_add(out, &values[0], 8);
		values[0] = base;
	}
	sori_buffer_add_byte(out, (char)width);
	sori_buffer_add(out, &base, 8);
	if (width == 0)
		return; /* the same throughout */
	pack(values, count, base, width);
	sori_buffer_add(out, values, packed_words(count, width) * 8);
}

bool sori_unpack_column(struct sori_view *payload, uint64_t *values, size_t count, bool rising)
{
	uint64_t first = 0, base;
	unsigned width;
	size_t head = rising ? 17 : 9, size;
	const char *at = payload->at;

	if (payload->length < head)
		return false;
	if (rising) {
		memcpy(&first, at, 8);
		at += 8;
	}
	width = (unsigned char)at[0];
	memcpy(&base, at + 1, 8);
	if (width > 64)
		return false;
	size = packed_words(count, width) * 8;
	if (payload->length - head < size)
		return false;
	unpack(payload->at + head, count, base, width, values);
	if (rising) {
		values[0] = first;
		for (size_t i = 1; i < count; i++)
			values[i] += values[i - 1];
	}
	*payload = sori_view_slice(*payload, head + size, payload->length);
	return true;
}

static enum sori_status flush(struct sori_blob_writer *writer, struct sori_error *error)
{
	size_t start;
	uint32_t head[2];
	uint64_t check;

	if (writer->out.length == 0)
		sori_buffer_add(&writer->out, MAGIC, MAGIC_SIZE);
	start = writer->out.length;
	sori_buffer_add(&writer->out, "0123456789abcdef", HEADER_SIZE);
	for (int column = 0; column < COLUMNS; column++)
		sori_pack_column(&writer->out, gather(writer->pending, writer->pending_count, (enum column)column, writer->column),
				 writer->pending_count, column == HIGH);
	if (writer->out.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory for a fact blob");
	head[0] = (uint32_t)writer->pending_count;
	head[1] = (uint32_t)(writer->out.length - start - HEADER_SIZE);
	check = sori_hash64(sori_view_make(writer->out.at + start + HEADER_SIZE, head[1]), CHECK_SEED);
	memcpy(writer->out.at + start, head, sizeof head);
	memcpy(writer->out.at + start + sizeof head, &check, sizeof check);
	writer->pending_count = 0;
	return SORI_OK;
}

enum sori_status sori_blob_add(struct sori_blob_writer *writer, const struct sori_fact *fact, struct sori_error *error)
{
	writer->pending[writer->pending_count++] = *fact;
	writer->count++;
	return writer->pending_count == SORI_BLOB_CHUNK ? flush(writer, error) : SORI_OK;
}

enum sori_status sori_blob_end(struct sori_blob_writer *writer, struct sori_error *error)
{
	return writer->pending_count ? flush(writer, error) : SORI_OK;
}

static enum sori_status damaged(struct sori_error *error)
{
	return sori_fail(error, SORI_DATA, "a fact blob of the store is damaged; restore the store from a copy");
}

enum sori_status sori_blob_reader_init(struct sori_blob_reader *reader, struct sori_view data, struct sori_error *error)
{
	*reader = (struct sori_blob_reader){.data = data, .offset = MAGIC_SIZE};
	if (data.length < MAGIC_SIZE || memcmp(data.at, MAGIC, MAGIC_SIZE) != 0)
		return damaged(error);
	reader->facts = sori_alloc_zero(SORI_BLOB_CHUNK, sizeof *reader->facts);
	return reader->facts ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
}

void sori_blob_reader_release(struct sori_blob_reader *reader)
{
	sori_free(reader->facts);
	reader->facts = NULL;
}

static enum sori_status read_chunk(struct sori_blob_reader *reader, struct sori_error *error)
{
	uint64_t values[SORI_BLOB_CHUNK];
	struct sori_view payload, rest = sori_view_slice(reader->data, reader->offset, reader->data.length);
	uint32_t head[2];
	uint64_t check;

	if (rest.length == 0)
		return SORI_END;
	if (rest.length < HEADER_SIZE)
		return damaged(error);
	memcpy(head, rest.at, sizeof head);
	memcpy(&check, rest.at + sizeof head, sizeof check);
	if (head[0] == 0 || head[0] > SORI_BLOB_CHUNK || head[1] > rest.length - HEADER_SIZE)
		return damaged(error);
	payload = sori_view_make(rest.at + HEADER_SIZE, head[1]);
	if (sori_hash64(payload, CHECK_SEED) != check)
		return damaged(error);
	reader->count = head[0];
	reader->at = 0;
	for (int column = 0; column < COLUMNS; column++)
		if (sori_unpack_column(&payload, values, reader->count, column == HIGH))
			scatter(reader->facts, reader->count, (enum column)column, values);
		else
			return damaged(error);
	reader->offset += HEADER_SIZE + head[1];
	return SORI_OK;
}

enum sori_status sori_blob_next(struct sori_blob_reader *reader, const struct sori_fact **fact, struct sori_error *error)
{
	*fact = NULL;
	if (reader->at == reader->count) {
		enum sori_status status = read_chunk(reader, error);

		if (status != SORI_OK)
			return status;
	}
	*fact = &reader->facts[reader->at++];
	return SORI_OK;
}
