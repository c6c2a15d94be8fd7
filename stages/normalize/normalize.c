/* Stage `normalize`: every accepted record's text through sori_normalize into one buffer per batch, a line each. */
#include "pipeline/core/batch.h"
#include "pipeline/core/stage.h"

/* The line's end and, after the last line, the zero bytes that a scanner may read. */
static bool end_line(struct sori_buffer *normalized)
{
	if (normalized->capacity - normalized->length <= SORI_BATCH_PADDING &&
	    !sori_buffer_reserve(normalized, 1 + SORI_BATCH_PADDING))
		return false;
	normalized->at[normalized->length++] = '\n';
	return true;
}

static enum sori_status out_of_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory while normalising");
}

static enum sori_status normalize_record(struct sori_batch *batch, struct sori_record *record, struct sori_error *error)
{
	size_t start = batch->normalized.length, first = batch->map.count;
	enum sori_status status = sori_normalize(record->field[SORI_ROLE_TEXT], &batch->normalized, &batch->map);

	if (status == SORI_DATA) {
		sori_batch_reject(batch, record, SORI_REASON_NORMALIZED_SIZE);
		return SORI_OK;
	}
	if (status != SORI_OK)
		return out_of_memory(error);
	record->norm_start = (uint32_t)start;
	record->norm_length = (uint32_t)(batch->normalized.length - start);
	record->map_first = (uint32_t)first;
	record->map_count = (uint32_t)(batch->map.count - first);
	return end_line(&batch->normalized) ? SORI_OK : out_of_memory(error);
}

static enum sori_status run(void *shared, void *local, struct sori_batch *batch, struct sori_error *error)
{
	(void)shared;
	(void)local;
	for (size_t i = 0; i < batch->count; i++) {
		struct sori_record *record = &batch->records[i];
		if (record->reason != SORI_REASON_NONE)
			continue;
		enum sori_status status = normalize_record(batch, record, error);
		if (status != SORI_OK)
			return status;
	}
	if (!sori_buffer_reserve(&batch->normalized, SORI_BATCH_PADDING))
		return out_of_memory(error);
	memset(batch->normalized.at + batch->normalized.length, 0, SORI_BATCH_PADDING);
	return SORI_OK;
}

static void annotate(void *shared, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *json)
{
	(void)shared;
	sori_buffer_add_text(json, ",\"normalized\":");
	sori_buffer_add_json(json, sori_record_text(batch, record));
}

const struct sori_stage sori_stage_normalize = {
	.name = "normalize",
	.summary = "normalises the text, with a map back to the original bytes",
	.phase = SORI_PHASE_NORMALIZE,
	.reads = SORI_COLUMN_FIELDS,
	.writes = SORI_COLUMN_NORMALIZED,
	.run = run,
	.annotate = annotate,
};
