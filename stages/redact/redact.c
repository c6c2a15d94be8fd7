/* Stage `redact`: masks personal data before anything is matched, stored or shown. */
#include "pipeline/base/memory.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/stage.h"

static const struct sori_option options[] = {
	{"keep_staff_names", SORI_OPTION_BOOL, "false", 0, 0, NULL,
	 "leaves names before a staff title (기사, 상담사, 매니저) readable, for the praise stream"},
	{0},
};

static enum sori_status open_stage(void **shared, struct sori_context *context, struct sori_error *error)
{
	struct sori_redact_options *chosen = sori_alloc_zero(1, sizeof *chosen);

	if (!chosen)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	chosen->keep_staff_names = sori_settings_bool(context->settings, "redact", "keep_staff_names");
	*shared = chosen;
	return SORI_OK;
}

static enum sori_status run(void *shared, void *local, struct sori_batch *batch, struct sori_error *error)
{
	struct sori_redactor redactor;

	(void)local;
	sori_redact_begin(&redactor, batch->normalized.at, batch->normalized.length, shared, &batch->masks);
	for (size_t i = 0; i < batch->count; i++) {
		struct sori_record *record = &batch->records[i];
		if (record->reason != SORI_REASON_NONE)
			continue;
		record->mask_first = (uint32_t)batch->masks.count;
		if (sori_redact_next(&redactor, record->norm_start, record->norm_length, batch->map.points + record->map_first,
				     record->map_count) != SORI_OK)
			return sori_fail(error, SORI_SYSTEM, "out of memory while redacting");
		record->mask_count = (uint32_t)batch->masks.count - record->mask_first;
	}
	return SORI_OK;
}

static const char *kind_id(uint32_t kind)
{
	static const char *const ids[] = {"resident", "phone", "card", "account", "email", "address", "name", "vehicle", "serial"};
	_Static_assert(sizeof ids / sizeof *ids == SORI_MASK_COUNT, "one id per kind");
	return ids[kind];
}

/* `masked`: the original text with placeholders; `masks`: bytes of the original text. */
static void annotate(void *shared, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *json)
{
	const struct sori_mask *masks = batch->masks.masks + record->mask_first;
	struct sori_buffer masked;

	(void)shared;
	sori_buffer_init(&masked, 8 * SORI_RECORD_LIMIT);
	sori_mask_text(record->field[SORI_ROLE_TEXT], masks, record->mask_count, &masked);
	sori_buffer_add_text(json, ",\"masked\":");
	sori_buffer_add_json(json, sori_buffer_view(&masked));
	if (masked.failed)
		json->failed = true;
	sori_buffer_release(&masked);
	sori_buffer_add_text(json, ",\"masks\":[");
	for (uint32_t i = 0; i < record->mask_count; i++)
		sori_buffer_add_format(json, "%s{\"start\":%u,\"end\":%u,\"kind\":\"%s\"}", i ? "," : "", masks[i].start, masks[i].end,
				       kind_id(masks[i].kind));
	sori_buffer_add_byte(json, ']');
}

const struct sori_stage sori_stage_redact = {
	.name = "redact",
	.summary = "masks personal data: numbers, addresses, names with a title",
	.phase = SORI_PHASE_REDACT,
	.reads = SORI_COLUMN_FIELDS | SORI_COLUMN_NORMALIZED,
	.writes = SORI_COLUMN_NORMALIZED | SORI_COLUMN_MASKS,
	.options = options,
	.open = open_stage,
	.run = run,
	.close = sori_free,
	.annotate = annotate,
};
