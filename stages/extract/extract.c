/* Stage `extract`: the matcher as a stage, its results as JSON, and the way of a single text through it. */
#include "stages/extract/extract.h"

#include "pipeline/core/stage.h"

void sori_extract_write_tags(unsigned tags, struct sori_buffer *json)
{
	bool first = true;
	sori_buffer_add_byte(json, '[');
	for (unsigned i = 0; i < SORI_TAGS; i++) {
		if (!(tags >> i & 1))
			continue;
		sori_buffer_add_text(json, first ? "\"" : ",\"");
		sori_buffer_add_text(json, sori_tag_names[i]);
		sori_buffer_add_byte(json, '"');
		first = false;
	}
	sori_buffer_add_byte(json, ']');
}

static void write_hit(const struct sori_dictionary *dictionary, const struct sori_record *record,
		      const struct sori_hit *hit, struct sori_buffer *json)
{
	sori_buffer_add_text(json, "{\"category\":");
	sori_buffer_add_json(json, sori_view_of(dictionary->catalog.categories[hit->category].id));
	sori_buffer_add_text(json, ",\"entry\":");
	sori_buffer_add_json(json, dictionary->entries[hit->entry].id);
	sori_buffer_add_text(json, ",\"start\":");
	sori_buffer_add_u64(json, hit->start);
	sori_buffer_add_text(json, ",\"end\":");
	sori_buffer_add_u64(json, hit->end);
	sori_buffer_add_text(json, ",\"text\":");
	sori_buffer_add_json(json, sori_view_slice(record->field[SORI_ROLE_TEXT], hit->start, hit->end - hit->start));
	sori_buffer_add_text(json, ",\"tags\":");
	sori_extract_write_tags(hit->tags, json);
	sori_buffer_add_text(json, hit->counted ? ",\"counted\":true}" : ",\"counted\":false}");
}

void sori_extract_write_members(const struct sori_dictionary *dictionary, const struct sori_batch *batch,
				const struct sori_record *record, struct sori_buffer *json)
{
	bool first = true;
	sori_buffer_add_text(json, ",\"categories\":[");
	for (size_t i = 0; i < dictionary->catalog.count; i++) {
		if (!(record->categories[i / 64] >> (i % 64) & 1))
			continue;
		if (!first)
			sori_buffer_add_byte(json, ',');
		sori_buffer_add_json(json, sori_view_of(dictionary->catalog.categories[i].id));
		first = false;
	}
	sori_buffer_add_text(json, "],\"hits\":[");
	for (uint32_t i = 0; i < record->hit_count; i++) {
		if (i)
			sori_buffer_add_byte(json, ',');
		write_hit(dictionary, record, &batch->hits[record->hit_first + i], json);
	}
	sori_buffer_add_byte(json, ']');
}

static void write_id(const struct sori_record *record, struct sori_view path, struct sori_buffer *json)
{
	struct sori_view id = record->field[SORI_ROLE_ID];
	if (record->has_id && id.length) {
		sori_buffer_add_json(json, id);
		return;
	}
	char number[24];
	size_t at = sizeof number;
	uint64_t value = record->number;
	do
		number[--at] = (char)('0' + value % 10);
	while (value /= 10);
	number[--at] = '#';
	struct sori_buffer whole;
	sori_buffer_init(&whole, (size_t)1 << 20);
	sori_buffer_add_view(&whole, path);
	sori_buffer_add(&whole, number + at, sizeof number - at);
	if (whole.failed)
		json->failed = true;
	else
		sori_buffer_add_json(json, sori_buffer_view(&whole));
	sori_buffer_release(&whole);
}

void sori_extract_write_line(const struct sori_dictionary *dictionary, const struct sori_batch *batch,
			     const struct sori_record *record, struct sori_view path, struct sori_buffer *json)
{
	sori_buffer_add_text(json, "{\"id\":");
	write_id(record, path, json);
	sori_buffer_add_text(json, ",\"lang\":");
	sori_buffer_add_json(json, sori_view_of(sori_language_id((enum sori_language)record->language)));
	sori_extract_write_members(dictionary, batch, record, json);
	sori_buffer_add_text(json, "}\n");
}

static enum sori_status out_of_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory extracting a text");
}

static enum sori_status prepare_text(struct sori_batch *batch, struct sori_view text, struct sori_error *error)
{
	static const struct sori_redact_options options = {0};
	sori_batch_reset(batch);
	struct sori_record *record = sori_batch_add(batch);
	if (!record)
		return out_of_memory(error);
	record->number = 1;
	record->field[SORI_ROLE_TEXT] = text;
	enum sori_status status = sori_normalize(text, &batch->normalized, &batch->map);
	if (status != SORI_OK)
		return status == SORI_SYSTEM ? out_of_memory(error)
					     : sori_fail(error, status, "the text cannot be normalised");
	record->norm_length = (uint32_t)batch->normalized.length;
	record->map_count = (uint32_t)batch->map.count;
	if (!sori_buffer_reserve(&batch->normalized, 1 + SORI_BATCH_PADDING))
		return out_of_memory(error);
	sori_buffer_add_byte(&batch->normalized, '\n');
	memset(batch->normalized.at + batch->normalized.length, 0, SORI_BATCH_PADDING);
	status = sori_redact(batch->normalized.at, record->norm_length, batch->map.points, batch->map.count, &options,
			     &batch->masks);
	record->mask_count = (uint32_t)batch->masks.count;
	return status == SORI_OK ? SORI_OK : out_of_memory(error);
}

enum sori_status sori_extract_text(struct sori_matcher *matcher, struct sori_view text, struct sori_batch *batch,
				   struct sori_error *error)
{
	enum sori_status status = prepare_text(batch, text, error);
	return status == SORI_OK ? sori_matcher_run(matcher, batch, error) : status;
}

/* The stage shares nothing but the dictionary, which its caller owns and nobody changes. */
static enum sori_status open(void **shared, struct sori_context *context, struct sori_error *error)
{
	if (!context->dictionary)
		return sori_fail(error, SORI_CONFIG, "no dictionary is loaded; name one with --dict DIR");
	*shared = (void *)(uintptr_t)context->dictionary;
	return SORI_OK;
}

static enum sori_status open_local(void *shared, void **local, struct sori_error *error)
{
	struct sori_matcher *matcher = NULL;
	enum sori_status status = sori_matcher_new(&matcher, shared, error);
	*local = matcher;
	return status;
}

static enum sori_status run(void *shared, void *local, struct sori_batch *batch, struct sori_error *error)
{
	(void)shared;
	return sori_matcher_run(local, batch, error);
}

static void close_local(void *local)
{
	sori_matcher_free(local);
}

static void annotate(void *shared, const struct sori_batch *batch, const struct sori_record *record,
		     struct sori_buffer *json)
{
	sori_extract_write_members(shared, batch, record, json);
}

const struct sori_stage sori_stage_extract = {
	.name = "extract",
	.summary = "finds terms and rules of the dictionary, with their scope, and the categories they count for",
	.phase = SORI_PHASE_EXTRACT,
	.reads = SORI_COLUMN_FIELDS | SORI_COLUMN_NORMALIZED | SORI_COLUMN_MASKS,
	.writes = SORI_COLUMN_HITS,
	.open = open,
	.open_local = open_local,
	.run = run,
	.close_local = close_local,
	.annotate = annotate,
};
