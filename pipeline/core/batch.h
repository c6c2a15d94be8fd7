/* The batch: a few hundred records that travel through the stages together and are annotated in place.
 *
 * Lifetimes, in order:
 *  1. `raw` holds the decoded member's bytes of these records; the source fills it, nobody changes it afterwards.
 *  2. `field` views point into `raw` or into `arena` (unescaped, transcoded); valid UTF-8 after the decode step.
 *  3. `normalized` holds every accepted record's normalised text, each followed by '\n', and SORI_BATCH_PADDING zero
 *     bytes after the last, so that a scanner may read past the end.
 *  4. `map`, `masks`, `hits` are flat arrays; a record owns the slice [first, first + count).
 *  5. sori_batch_reset ends all of the above; nothing may be kept but copies.
 * One thread at a time owns a batch. */
#ifndef SORI_CORE_BATCH_H
#define SORI_CORE_BATCH_H

#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/view.h"
#include "pipeline/text/normalize.h"
#include "pipeline/text/redact.h"

#define SORI_BATCH_PADDING 64
#define SORI_BATCH_RAW_TARGET ((size_t)128 * 1024) /* bytes of raw input that a source aims at */
#define SORI_RECORD_LIMIT ((size_t)1024 * 1024)    /* bytes of one record; longer ones go to quarantine */
#define SORI_NORMALIZED_LIMIT ((size_t)4 * 1024 * 1024)
#define SORI_CATEGORY_LIMIT 256

/* What a column of the dump means. X(name, option, ko, en) */
#define SORI_ROLE_LIST(X) \
	X(TEXT, "text", "본문", "text") \
	X(DATE, "date", "날짜", "date") \
	X(RATING, "rating", "평점", "rating") \
	X(ID, "id", "번호", "id") \
	X(AUTHOR, "author", "고객", "customer") \
	X(UPDATED, "updated", "수정일", "updated") \
	X(CHANNEL, "channel", "채널", "channel") \
	X(PRODUCT, "product", "제품", "product") \
	X(REGION, "region", "지역", "region") \
	X(DIM1, "dim1", "구분1", "dimension 1") \
	X(DIM2, "dim2", "구분2", "dimension 2") \
	X(DIM3, "dim3", "구분3", "dimension 3")

enum sori_role {
#define SORI_ROLE_ENUM(name, option, ko, en) SORI_ROLE_##name,
	SORI_ROLE_LIST(SORI_ROLE_ENUM)
#undef SORI_ROLE_ENUM
	SORI_ROLE_COUNT
};

/* Why a record went to quarantine. X(name, id): the id stands in the index, in run.json and on screen. */
#define SORI_REASON_LIST(X) \
	X(NONE, "none") \
	X(ENCODING, "encoding") \
	X(COLUMNS, "columns") \
	X(QUOTE, "quote") \
	X(TOO_LONG, "too-long") \
	X(TOO_MANY_FIELDS, "too-many-fields") \
	X(TOO_DEEP, "too-deep") \
	X(SYNTAX, "syntax") \
	X(NO_TEXT, "no-text-column") \
	X(TRUNCATED, "truncated") \
	X(NORMALIZED_SIZE, "normalized-size") \
	X(NUL, "nul-byte") \
	X(REFUSED, "input-refused") /* counted only: the good records of an input that was refused as a whole */

enum sori_reason {
#define SORI_REASON_ENUM(name, id) SORI_REASON_##name,
	SORI_REASON_LIST(SORI_REASON_ENUM)
#undef SORI_REASON_ENUM
	SORI_REASON_COUNT
};
const char *sori_reason_id(enum sori_reason reason);

enum sori_language { SORI_LANG_UND, SORI_LANG_KO, SORI_LANG_EN, SORI_LANG_MIXED };
const char *sori_language_id(enum sori_language language); /* "und" "ko" "en" "mixed" */

enum sori_tag {
	SORI_TAG_NEGATED = 1 << 0,
	SORI_TAG_RHETORICAL = 1 << 1,
	SORI_TAG_HYPOTHETICAL = 1 << 2,
	SORI_TAG_WISH = 1 << 3,
	SORI_TAG_PAST = 1 << 4,
	SORI_TAG_RESOLVED = 1 << 5,
	SORI_TAG_ATTRIBUTED = 1 << 6,
	SORI_TAG_QUESTION = 1 << 7,
	SORI_TAG_FLIPPED = 1 << 8 /* category is the flip target of a negated entry */
};
#define SORI_SCOPE_TAGS 8 /* those that a dictionary may name: all before SORI_TAG_FLIPPED */
#define SORI_TAGS 9
extern const char *const sori_tag_names[SORI_TAGS]; /* by bit */

struct sori_hit {
	uint16_t category; /* index into the catalog */
	uint16_t tags;
	uint32_t entry;    /* index into the dictionary's entries */
	uint32_t start;    /* bytes of the ORIGINAL text field, on code point borders */
	uint32_t end;
	uint8_t counted;
};

struct sori_record {
	/* source */
	uint64_t number; /* 1-based in its member, header and blanks not counted */
	uint64_t byte;   /* of the raw span in the decoded member */
	uint64_t line;   /* physical line of its first byte, 1-based */
	struct sori_view raw;
	struct sori_view field[SORI_ROLE_COUNT];
	uint8_t reason;     /* enum sori_reason; not NONE: rejected, later stages skip it */
	uint8_t needs_work; /* the source's private mark for its decode step */
	/* normalize */
	uint32_t norm_start; /* into batch->normalized */
	uint32_t norm_length;
	uint32_t map_first, map_count;
	/* redact */
	uint32_t mask_first, mask_count;
	/* identify */
	uint8_t language; /* enum sori_language */
	int8_t rating;    /* whole stars 0..10, -1 none */
	sori_day day;
	int64_t updated; /* epoch seconds; INT64_MIN none */
	struct sori_hash128 identity; /* before the occurrence number when has_id is 0 */
	uint64_t content;
	uint64_t customer; /* 0: none */
	uint8_t has_id;
	uint32_t cell; /* interned dimension combination */
	/* extract */
	uint32_t hit_first, hit_count;
	uint64_t categories[SORI_CATEGORY_LIMIT / 64]; /* counted ones */
};

struct sori_input; /* pipeline/core/input.h */

struct sori_batch {
	uint64_t sequence;         /* 0, 1, 2 … over the whole run, in input order */
	struct sori_input *input;  /* all records come from one input */
	struct sori_buffer raw;
	struct sori_arena arena;
	struct sori_record *records;
	size_t count, capacity;
	struct sori_buffer normalized;
	struct sori_map map;
	struct sori_mask_list masks;
	struct sori_hit *hits;
	size_t hit_count, hit_capacity;
	struct sori_buffer output; /* what a writing stage made of this batch in `run`, for its `deliver` */
	size_t rejected;
	size_t record_limit; /* set by the runner: a source adds no more records than this; 0: none */
};

/* new: NULL when memory is out. */
struct sori_batch *sori_batch_new(void);
void sori_batch_free(struct sori_batch *batch);
void sori_batch_reset(struct sori_batch *batch);

/* A zeroed record appended (number, day = NONE, rating = -1, updated = INT64_MIN preset); NULL when memory is out. */
struct sori_record *sori_batch_add(struct sori_batch *batch);

/* Marks the record rejected, once. */
void sori_batch_reject(struct sori_batch *batch, struct sori_record *record, enum sori_reason reason);

static inline struct sori_view sori_record_text(const struct sori_batch *batch, const struct sori_record *record)
{
	return (struct sori_view){batch->normalized.at ? batch->normalized.at + record->norm_start : "", record->norm_length};
}

/* Original byte range that the normalised range [start, end) of the record stands for, widened to whole original
 * stretches; offsets are relative to the record's normalised text and to its text field. */
void sori_record_original(const struct sori_batch *batch, const struct sori_record *record, uint32_t start, uint32_t end,
			  uint32_t *original_start, uint32_t *original_end);

#endif
