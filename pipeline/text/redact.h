/* Personal data in text: found in the normalised text, masked there and, by the map, in the original. */
#ifndef SORI_TEXT_REDACT_H
#define SORI_TEXT_REDACT_H

#include "pipeline/base/buffer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/text/normalize.h"

/* X(name, placeholder) */
#define SORI_MASK_LIST(X) \
	X(RESIDENT, "[주민번호]") \
	X(PHONE, "[전화번호]") \
	X(CARD, "[카드번호]") \
	X(ACCOUNT, "[계좌번호]") \
	X(EMAIL, "[이메일]") \
	X(ADDRESS, "[주소]") \
	X(NAME, "[이름]") \
	X(VEHICLE, "[차량번호]") \
	X(SERIAL, "[일련번호]")

enum sori_mask_kind {
#define SORI_MASK_ENUM(name, placeholder) SORI_MASK_##name,
	SORI_MASK_LIST(SORI_MASK_ENUM)
#undef SORI_MASK_ENUM
	SORI_MASK_COUNT
};
const char *sori_mask_placeholder(enum sori_mask_kind kind);

/* A masked stretch, in bytes of the ORIGINAL text. Sorted, disjoint. */
struct sori_mask {
	uint32_t start;
	uint32_t end;
	uint32_t kind;
};

struct sori_mask_list {
	struct sori_mask *masks;
	size_t count, capacity;
};

struct sori_redact_options {
	bool keep_staff_names; /* names before 기사님, 상담사님 … stay */
};

/* Finds personal data in `normalized` (one text of sori_normalize, with its points), appends the masks in original
 * offsets and overwrites every masked byte of `normalized` in place with SORI_CHAR_MASK (length and map unchanged). 36
 * bytes behind the text are read, as sori_normalize leaves them; what they hold does not matter. */
enum sori_status sori_redact(char *normalized, size_t length, const struct sori_map_point *points, size_t point_count,
			     const struct sori_redact_options *options, struct sori_mask_list *masks);

/* The same for many texts that stand in one buffer, in ascending order, a byte or more between them: what lies behind one
 * another is scanned at once. begin: `length` bytes from `normalized` on hold all of them, 36 more are readable. next: the
 * text [start, start + length) of them. Not to be copied; nothing to release. */
struct sori_redact_block { /* 64 bytes in which something may be found */
	size_t base;
	uint64_t places[6];
};
#define SORI_REDACT_BLOCKS 8
struct sori_redactor {
	char *normalized;
	size_t length;
	size_t base;    /* of blocks[block], the first that is not done; length: there are no more */
	size_t scanned; /* bytes */
	size_t block, block_count;
	struct sori_redact_block blocks[SORI_REDACT_BLOCKS];
	bool keep_staff_names;
	struct sori_mask_list *masks;
};
void sori_redact_begin(struct sori_redactor *redactor, char *normalized, size_t length,
		       const struct sori_redact_options *options, struct sori_mask_list *masks);
enum sori_status sori_redact_place(struct sori_redactor *redactor, size_t start, size_t length,
				   const struct sori_map_point *points, size_t point_count);
static inline enum sori_status sori_redact_next(struct sori_redactor *redactor, size_t start, size_t length,
						const struct sori_map_point *points, size_t point_count)
{
	return redactor->base >= start + length ? SORI_OK
						: sori_redact_place(redactor, start, length, points, point_count);
}

/* Appends the original text with each mask replaced by its placeholder. `shift` (NULL: none) gets, per mask, nothing;
 * use sori_mask_offset to carry an original offset over. */
void sori_mask_text(struct sori_view original, const struct sori_mask *masks, size_t count, struct sori_buffer *out);

/* Offset in the masked text of an original offset that lies in no mask. */
size_t sori_mask_offset(const struct sori_mask *masks, size_t count, size_t original);

#endif
