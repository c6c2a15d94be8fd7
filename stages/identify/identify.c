/* Who and when: day, rating, language, identity, content hash, customer and dimension cell of every record.
 *
 * Each field enters one small key as length and bytes (a field over 64 bytes as its hash), so that no two different
 * records make the same key by where their fields end. From it come
 *   cell      = hash of the dimensions and the language
 *   identity  = with an id: hash of source and id; else hash of everything
 *   content   = with an id: hash of everything; else 0 (equal identity is equal content)
 * "Everything" is source, dimensions, rating, author, moment and text. The moment is the parsed date when there is one:
 * the same record in a CSV and in a JSON export, whose dates are written differently, is one document.
 *
 * Dumps are sorted by date as a rule: the last date read is remembered with its text. */
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/cells.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/stage.h"
#include "pipeline/core/store.h"
#include "stages/identify/identify_parts.h"

#define WHOLE_FIELD 64 /* bytes that enter a key as they are */
#define KEY_FIELDS 14
#define KEY_SIZE (KEY_FIELDS * (WHOLE_FIELD + 8))
#define DATE_MEMORY 48
#define SEED_CELL 1
#define SEED_ID 2
#define SEED_RECORD 3

struct identify {
	struct sori_cells *cells; /* the store's or our own */
	bool own_cells;
	const unsigned char *customer_key; /* NULL: customers are not kept */
};

struct identify_local {
	struct sori_cells_cache *cache;
	const struct sori_input *input; /* that `date` is of */
	char date[DATE_MEMORY];
	size_t date_length;
	sori_day day;
	int64_t seconds;
	bool dated;
};

struct key {
	char at[KEY_SIZE];
	size_t length;
};

/* Most fields are a few bytes, for which a call to copy them costs more than the copy. */
static void copy_short(char *to, const char *from, size_t length)
{
	if (length >= 16) {
		for (size_t at = 0; at + 16 < length; at += 16)
			memcpy(to + at, from + at, 16);
		memcpy(to + length - 16, from + length - 16, 16);
	} else if (length >= 8) {
		memcpy(to, from, 8);
		memcpy(to + length - 8, from + length - 8, 8);
	} else if (length >= 4) {
		memcpy(to, from, 4);
		memcpy(to + length - 4, from + length - 4, 4);
	} else {
		for (size_t at = 0; at < length; at++)
			to[at] = from[at];
	}
}

static void key_add(struct key *key, struct sori_view field)
{
	uint32_t length = (uint32_t)field.length;

	memcpy(key->at + key->length, &length, sizeof length);
	key->length += sizeof length;
	if (field.length <= WHOLE_FIELD) {
		copy_short(key->at + key->length, field.at, field.length);
		key->length += field.length;
	} else {
		struct sori_hash128 hash = sori_hash128(field, SEED_RECORD);

		memcpy(key->at + key->length, &hash, sizeof hash);
		key->length += sizeof hash;
	}
}

static struct sori_view key_view(const struct key *key)
{
	return sori_view_make(key->at, key->length);
}

static enum sori_status identify_open(void **shared, struct sori_context *context, struct sori_error *error)
{
	struct identify *identify = sori_alloc_zero(1, sizeof *identify);

	if (!identify)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (context->store) {
		identify->cells = sori_store_cells(context->store);
		identify->customer_key = sori_store_key(context->store);
	}
	if (!identify->cells) {
		identify->cells = sori_cells_new();
		identify->own_cells = true;
	}
	*shared = identify;
	return identify->cells ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
}

static void identify_close(void *shared)
{
	struct identify *identify = shared;

	if (identify && identify->own_cells)
		sori_cells_free(identify->cells);
	sori_free(identify);
}

static enum sori_status identify_open_local(void *shared, void **local, struct sori_error *error)
{
	struct identify_local *mine = sori_alloc_zero(1, sizeof *mine);

	(void)shared;
	*local = mine;
	if (!mine || !(mine->cache = sori_cells_cache_new()))
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	return SORI_OK;
}

static void identify_close_local(void *local)
{
	struct identify_local *mine = local;

	if (mine)
		sori_cells_cache_free(mine->cache);
	sori_free(mine);
}

static void read_date(struct identify_local *local, const struct sori_input *input, struct sori_view text)
{
	if (local->input == input && text.length == local->date_length && text.length &&
	    memcmp(text.at, local->date, text.length) == 0)
		return;
	local->input = input;
	local->seconds = INT64_MIN;
	local->day = SORI_DAY_NONE;
	local->dated = text.length && input->date_style != SORI_DATE_NONE &&
		       sori_date_parse(input->date_style, input->date_pattern, text, input->zone_minutes, &local->day,
				       &local->seconds);
	if (!local->dated)
		local->day = SORI_DAY_NONE;
	local->date_length = text.length <= DATE_MEMORY ? text.length : 0;
	if (local->date_length)
		memcpy(local->date, text.at, local->date_length);
}

/* An `updated` column may be written in another style than the date column. */
static int64_t read_updated(const struct sori_input *input, struct sori_view text)
{
	static const enum sori_date_style others[] = {SORI_DATE_YMD, SORI_DATE_EPOCH};
	int64_t seconds = INT64_MIN;
	sori_day day;

	if (text.length == 0)
		return INT64_MIN;
	if (input->date_style != SORI_DATE_NONE &&
	    sori_date_parse(input->date_style, input->date_pattern, text, input->zone_minutes, &day, &seconds))
		return seconds;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (sori_date_parse(others[i], NULL, text, input->zone_minutes, &day, &seconds))
			return seconds;
	return INT64_MIN;
}

static void add_moment(struct key *key, const struct identify_local *local, struct sori_view text)
{
	if (local->dated)
		key_add(key, sori_view_make((const char *)&local->seconds, sizeof local->seconds));
	else
		key_add(key, text);
}

static enum sori_status find_cell(const struct identify *identify, struct identify_local *local,
				  const struct sori_input *input, struct sori_record *record, struct key *key)
{
	static const enum sori_role roles[SORI_DIMENSION_COUNT] = {
		[SORI_DIMENSION_CHANNEL] = SORI_ROLE_CHANNEL, [SORI_DIMENSION_PRODUCT] = SORI_ROLE_PRODUCT,
		[SORI_DIMENSION_REGION] = SORI_ROLE_REGION,   [SORI_DIMENSION_DIM1] = SORI_ROLE_DIM1,
		[SORI_DIMENSION_DIM2] = SORI_ROLE_DIM2,	      [SORI_DIMENSION_DIM3] = SORI_ROLE_DIM3,
	};
	struct sori_view values[SORI_DIMENSION_COUNT];
	const char language = (char)record->language;

	for (size_t i = 0; i < SORI_DIMENSION_COUNT; i++) {
		if (i == SORI_DIMENSION_LANG) {
			values[i] = sori_view_of(sori_language_id((enum sori_language)record->language));
			continue;
		}
		values[i] = i == SORI_DIMENSION_SOURCE ? sori_view_of(input->source) : sori_view_trim(record->field[roles[i]]);
		key_add(key, values[i]);
	}
	key->at[key->length] = language; /* for the cell only: it follows from the text */
	return sori_cells_find(identify->cells, local->cache,
			       sori_hash128(sori_view_make(key->at, key->length + 1), SEED_CELL), values, &record->cell);
}

static void find_identity(const struct identify_local *local, const struct sori_input *input, struct sori_record *record,
			  struct key *key)
{
	struct sori_view id = sori_view_trim(record->field[SORI_ROLE_ID]);
	struct sori_hash128 text = sori_hash128(sori_view_trim(record->field[SORI_ROLE_TEXT]), SEED_RECORD);

	key_add(key, sori_view_trim(record->field[SORI_ROLE_RATING]));
	key_add(key, sori_view_trim(record->field[SORI_ROLE_AUTHOR]));
	add_moment(key, local, sori_view_trim(record->field[SORI_ROLE_DATE]));
	memcpy(key->at + key->length, &text, sizeof text);
	key->length += sizeof text;
	record->has_id = id.length > 0;
	if (!record->has_id) {
		record->identity = sori_hash128(key_view(key), SEED_RECORD);
		record->content = 0;
		return;
	}
	record->content = sori_hash64(key_view(key), SEED_RECORD);
	key->length = 0;
	key_add(key, sori_view_of(input->source));
	key_add(key, id);
	record->identity = sori_hash128(key_view(key), SEED_ID);
}

static enum sori_status identify_record(const struct identify *identify, struct identify_local *local,
					const struct sori_batch *batch, struct sori_record *record)
{
	const struct sori_input *input = batch->input;
	struct sori_view author = sori_view_trim(record->field[SORI_ROLE_AUTHOR]);
	enum sori_status status;
	SORI_UNINITIALIZED struct key key;

	key.length = 0;
	read_date(local, input, sori_view_trim(record->field[SORI_ROLE_DATE]));
	record->day = local->day;
	record->updated = read_updated(input, sori_view_trim(record->field[SORI_ROLE_UPDATED]));
	record->rating = sori_rating_parse(record->field[SORI_ROLE_RATING]);
	record->language = (uint8_t)sori_language_of(sori_record_text(batch, record));
	record->customer = identify->customer_key && author.length ? sori_siphash(identify->customer_key, author) : 0;
	status = find_cell(identify, local, input, record, &key);
	find_identity(local, input, record, &key);
	return status;
}

static enum sori_status identify_run(void *shared, void *local, struct sori_batch *batch, struct sori_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->records[i].reason != SORI_REASON_NONE)
			continue;
		if (identify_record(shared, local, batch, &batch->records[i]) != SORI_OK)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	return SORI_OK;
}

static void identify_annotate(void *shared, const struct sori_batch *batch, const struct sori_record *record,
			      struct sori_buffer *json)
{
	char text[33], day[11];

	(void)shared;
	(void)batch;
	sori_day_text(record->day, day);
	sori_hash128_text(record->identity, text);
	sori_buffer_add_format(json, ",\"lang\":\"%s\",\"identity\":\"%s\"",
			       sori_language_id((enum sori_language)record->language), text);
	if (day[0])
		sori_buffer_add_format(json, ",\"day\":\"%s\"", day);
	if (record->rating >= 0)
		sori_buffer_add_format(json, ",\"stars\":%d", record->rating);
}

const struct sori_stage sori_stage_identify = {
	.name = "identify",
	.summary = "language, day, rating, identity and dimensions of every record",
	.phase = SORI_PHASE_IDENTIFY,
	.reads = SORI_COLUMN_FIELDS | SORI_COLUMN_NORMALIZED,
	.writes = SORI_COLUMN_IDENTITY,
	.open = identify_open,
	.open_local = identify_open_local,
	.run = identify_run,
	.close_local = identify_close_local,
	.close = identify_close,
	.annotate = identify_annotate,
};
