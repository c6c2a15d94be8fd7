/* The batch's memory: buffers grow to the working size once and are kept. */
#include "pipeline/core/batch.h"

#include <assert.h>
#include <string.h>

#include "pipeline/base/memory.h"

/* A batch may have to hold one record at its limit, decoded to at most four times its size, and then some. */
#define RAW_MAXIMUM ((size_t)64 * 1024 * 1024)
#define OUTPUT_MAXIMUM ((size_t)512 * 1024 * 1024)
#define ARENA_BLOCK ((size_t)64 * 1024)

const char *const sori_tag_names[SORI_TAGS] = {
	"negated", "rhetorical", "hypothetical", "wish", "past", "resolved", "attributed", "question", "flipped",
};

const char *sori_reason_id(enum sori_reason reason)
{
	static const char *const ids[] = {
#define SORI_REASON_TEXT(name, id) (id),
		SORI_REASON_LIST(SORI_REASON_TEXT)
#undef SORI_REASON_TEXT
	};
	assert((size_t)reason < SORI_REASON_COUNT);
	return ids[reason];
}

const char *sori_language_id(enum sori_language language)
{
	static const char *const ids[] = {"und", "ko", "en", "mixed"};

	assert((size_t)language < sizeof ids / sizeof *ids);
	return ids[language];
}

struct sori_batch *sori_batch_new(void)
{
	struct sori_batch *batch = sori_alloc_zero(1, sizeof *batch);

	if (!batch)
		return NULL;
	sori_buffer_init(&batch->raw, RAW_MAXIMUM);
	sori_buffer_init(&batch->normalized, RAW_MAXIMUM);
	sori_buffer_init(&batch->output, OUTPUT_MAXIMUM);
	sori_arena_init(&batch->arena, ARENA_BLOCK);
	return batch;
}

void sori_batch_free(struct sori_batch *batch)
{
	if (!batch)
		return;
	sori_buffer_release(&batch->raw);
	sori_buffer_release(&batch->normalized);
	sori_buffer_release(&batch->output);
	sori_arena_release(&batch->arena);
	sori_free(batch->records);
	sori_free(batch->map.points);
	sori_free(batch->masks.masks);
	sori_free(batch->hits);
	sori_free(batch);
}

void sori_batch_reset(struct sori_batch *batch)
{
	sori_buffer_reset(&batch->raw);
	sori_buffer_reset(&batch->normalized);
	sori_buffer_reset(&batch->output);
	sori_arena_reset(&batch->arena);
	batch->count = 0;
	batch->map.count = 0;
	batch->masks.count = 0;
	batch->hit_count = 0;
	batch->rejected = 0;
	batch->input = NULL;
}

struct sori_record *sori_batch_add(struct sori_batch *batch)
{
	struct sori_record *record;

	if (batch->count == batch->capacity && SORI_GROW(batch->records, batch->capacity, batch->count + 1) != 0)
		return NULL;
	record = &batch->records[batch->count++];
	memset(record, 0, sizeof *record);
	record->day = SORI_DAY_NONE;
	record->rating = -1;
	record->updated = INT64_MIN;
	return record;
}

void sori_batch_reject(struct sori_batch *batch, struct sori_record *record, enum sori_reason reason)
{
	assert(reason != SORI_REASON_NONE);
	if (record->reason != SORI_REASON_NONE)
		return;
	record->reason = (uint8_t)reason;
	batch->rejected++;
}

void sori_record_original(const struct sori_batch *batch, const struct sori_record *record, uint32_t start, uint32_t end,
			  uint32_t *original_start, uint32_t *original_end)
{
	sori_map_back(batch->map.points + record->map_first, record->map_count, start, end, original_start, original_end);
}
