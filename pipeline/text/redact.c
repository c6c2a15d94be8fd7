/* Redaction. A scan over the text (redact_scan.c) tells where there may be something; only there the finders look, all at
 * the normalised text (one blank, ASCII digits, lower case, nothing invisible). A stretch that two of them found is given to
 * the more certain kind, and the map carries the findings to the original. */
#include "pipeline/text/redact_internal.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"

const char *sori_mask_placeholder(enum sori_mask_kind kind)
{
	static const char *const placeholders[] = {
#define SORI_MASK_TEXT(name, placeholder) (placeholder),
		SORI_MASK_LIST(SORI_MASK_TEXT)
#undef SORI_MASK_TEXT
	};
	return placeholders[kind];
}

void found_add(struct finder *f, enum sori_mask_kind kind, size_t start, size_t end)
{
	if (f->count == f->capacity && SORI_GROW(f->items, f->capacity, f->count + 1) != 0) {
		f->failed = true;
		return;
	}
	f->items[f->count] = (struct found){start, end, (uint64_t)f->rank << 48 | f->count, kind};
	f->count++;
}

bool cue_before(const struct finder *f, size_t i, size_t window, const char *text)
{
	size_t from = i > window ? i - window : 0, length = strlen(text);
	for (size_t at = i; at > from; at--)
		if (f->text[at - 1] == SORI_CHAR_BREAK)
			from = at;
	return i - from >= length && memmem(f->text + from, i - from, text, length) != NULL;
}

size_t any_at(const struct finder *f, size_t i, const char *const *words)
{
	for (; *words; words++)
		if (text_at(f, i, *words))
			return strlen(*words);
	return 0;
}

size_t any_before(const struct finder *f, size_t i, const char *const *words)
{
	for (; *words; words++)
		if (text_before(f, i, *words))
			return strlen(*words);
	return 0;
}

bool equals_any(const struct finder *f, size_t start, size_t end, const char *const *words)
{
	for (; *words; words++)
		if (text_at(f, start, *words) && strlen(*words) == end - start)
			return true;
	return false;
}

static size_t scan(struct sori_redactor *r)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return redact_scan_avx2(r->normalized, r->length, &r->scanned, r->blocks);
#endif
	return redact_scan_portable(r->normalized, r->length, &r->scanned, r->blocks);
}

static void next_block(struct sori_redactor *r)
{
	r->block++;
	while (r->block >= r->block_count && r->scanned < r->length) {
		r->block_count = scan(r);
		r->block = 0;
	}
	r->base = r->block < r->block_count ? r->blocks[r->block].base : r->length;
}

/* Most numbers are prices, years and counts: up to five digits, no other digit near, no letter at them, no name of a road
 * before and no word in Latin letters behind. Nothing personal looks like that. `behind`: the digits from `at` on, bit 0 for
 * `at`, for `known` bytes. */
static bool is_plain_number(const struct finder *f, size_t at, uint64_t behind, size_t known)
{
	size_t length = (size_t)__builtin_ctzll(~behind | (uint64_t)1 << 63), end = at + length;
	if (length > 5 || known < length + 8 || (behind >> length & 0xff) != 0 || at < 4 || end + 2 > f->length)
		return false;
	unsigned char before = (unsigned char)f->text[at - 1], after = (unsigned char)f->text[end];
	if (before == ' ')
		before = (unsigned char)f->text[at - 2];
	else if (is_lower((char)before) || before == '-')
		return false;
	if (is_lower((char)after) || after == '-' || (after == ' ' && is_lower(f->text[end + 1])))
		return false;
	switch (before) { /* the last bytes of 로 길 동 읍 면 리 가 */
	case 0x9c: case 0xb8: case 0x99: case 0x8d: case 0xb4: case 0xac: case 0x80:
		return false;
	default:
		return true;
	}
}

/* Calls `look` with each place: at, an offset in the text. */
#define AT_PLACES(kind, finder_rank, look) \
	for (uint64_t bits = (f->rank = (finder_rank), places[kind] & here); bits; bits &= bits - 1) { \
		size_t bit = (size_t)__builtin_ctzll(bits), at = r->base + bit - start; \
		look; \
	}

/* The places of the redactor's block that `here` selects. `digits_end`: where the last chain of digits ended, in this block
 * or beyond. */
static void find_at_places(struct finder *f, const struct sori_redactor *r, size_t start, uint64_t here, size_t *digits_end)
{
	const uint64_t *places = r->blocks[r->block].places;
	AT_PLACES(PLACE_NUMBER, RANK_NUMBER,
		  if (at >= *digits_end && !is_plain_number(f, at, places[PLACE_DIGIT] >> bit, 64 - bit))
			*digits_end = find_number(f, at))
	AT_PLACES(PLACE_NAME, RANK_NAME, find_name(f, at, r->keep_staff_names))
	AT_PLACES(PLACE_LATIN, RANK_LATIN_NAME, find_latin_name(f, at))
	AT_PLACES(PLACE_AT, RANK_EMAIL, find_email(f, at))
	AT_PLACES(PLACE_SPOKEN, RANK_SPOKEN, find_spoken_phone(f, at))
}

static int by_start(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void settle_overlaps(struct finder *f)
{
	size_t kept = 0;
	if (f->count < 2)
		return;
	qsort(f->items, f->count, sizeof *f->items, by_start);
	for (size_t i = 1; i < f->count; i++) {
		if (f->items[i].start >= f->items[kept].end)
			f->items[++kept] = f->items[i];
		else if (f->items[i].order < f->items[kept].order)
			f->items[kept] = f->items[i];
	}
	f->count = kept + 1;
}

/* Findings that touch in the original (one stretch of the map covered both) become one mask. */
static enum sori_status add_mask(struct sori_mask_list *masks, size_t first, uint32_t start, uint32_t end, uint32_t kind)
{
	if (masks->count > first && masks->masks[masks->count - 1].end > start) {
		if (masks->masks[masks->count - 1].end < end)
			masks->masks[masks->count - 1].end = end;
		return SORI_OK;
	}
	if (masks->count == masks->capacity && SORI_GROW(masks->masks, masks->capacity, masks->count + 1) != 0)
		return SORI_SYSTEM;
	masks->masks[masks->count++] = (struct sori_mask){start, end, kind};
	return SORI_OK;
}

/* A row of stars was squeezed to one: the others, gone from the normalised text, are part of the mask. */
static void widen_stars(const struct finder *f, const struct found *item, const struct sori_map_point *points, size_t count,
			uint32_t *end)
{
	uint32_t next = points[count - 1].original, unused;
	char last = f->text[item->end - 1];
	if (last != '*' && !text_before(f, item->end, "○") && !text_before(f, item->end, "〇"))
		return;
	if (item->end < f->length)
		sori_map_back(points, count, (uint32_t)item->end, (uint32_t)item->end + 1, &next, &unused);
	*end = next;
}

static enum sori_status mask_found(struct finder *f, char *normalized, const struct sori_map_point *points, size_t point_count,
				   struct sori_mask_list *masks)
{
	enum sori_status status = SORI_OK;
	size_t first = masks->count;
	settle_overlaps(f);
	for (size_t i = 0; i < f->count && status == SORI_OK; i++) {
		uint32_t start, end;
		sori_map_back(points, point_count, (uint32_t)f->items[i].start, (uint32_t)f->items[i].end, &start, &end);
		widen_stars(f, &f->items[i], points, point_count, &end);
		status = add_mask(masks, first, start, end, f->items[i].kind);
	}
	for (size_t i = 0; i < f->count && status == SORI_OK; i++)
		memset(normalized + f->items[i].start, SORI_CHAR_MASK, f->items[i].end - f->items[i].start);
	return status;
}

void sori_redact_begin(struct sori_redactor *r, char *normalized, size_t length, const struct sori_redact_options *options,
		       struct sori_mask_list *masks)
{
	r->normalized = normalized;
	r->length = length;
	r->keep_staff_names = options && options->keep_staff_names;
	r->masks = masks;
	r->scanned = r->block = r->block_count = 0;
	next_block(r);
}

/* The bits of positions below `limit`. */
static uint64_t below(size_t limit) { return limit < 64 ? ((uint64_t)1 << limit) - 1 : UINT64_MAX; }

enum sori_status sori_redact_place(struct sori_redactor *r, size_t start, size_t length, const struct sori_map_point *points,
				   size_t point_count)
{
	struct finder f = {.text = r->normalized + start, .length = length};
	size_t end = start + length, digits_end = 0;
	while (r->base < end && !f.failed) {
		/* the block may begin before this text and end behind it: earlier texts took their places already */
		size_t skip = r->base < start ? start - r->base : 0;
		find_at_places(&f, r, start, below(end - r->base) & ~below(skip), &digits_end);
		if (end - r->base < 64) {
			uint64_t left = 0, *places = r->blocks[r->block].places;
			for (int kind = 0; kind < PLACE_KINDS; kind++)
				left |= places[kind] &= ~below(end - r->base);
			if (left)
				break;
		}
		next_block(r);
	}
	if (f.count == 0 && !f.failed)
		return SORI_OK;
	enum sori_status status = f.failed ? SORI_SYSTEM : mask_found(&f, r->normalized + start, points, point_count, r->masks);
	sori_free(f.items);
	return status;
}

enum sori_status sori_redact(char *normalized, size_t length, const struct sori_map_point *points, size_t point_count,
			     const struct sori_redact_options *options, struct sori_mask_list *masks)
{
	struct sori_redactor redactor NOT_ZEROED;
	sori_redact_begin(&redactor, normalized, length, options, masks);
	return sori_redact_next(&redactor, 0, length, points, point_count);
}

void sori_mask_text(struct sori_view original, const struct sori_mask *masks, size_t count, struct sori_buffer *out)
{
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		sori_buffer_add_view(out, sori_view_slice(original, at, masks[i].start - at));
		sori_buffer_add_text(out, sori_mask_placeholder((enum sori_mask_kind)masks[i].kind));
		at = masks[i].end;
	}
	sori_buffer_add_view(out, sori_view_slice(original, at, original.length - at));
}

size_t sori_mask_offset(const struct sori_mask *masks, size_t count, size_t original)
{
	size_t offset = original;
	for (size_t i = 0; i < count && masks[i].end <= original; i++) {
		offset -= masks[i].end - masks[i].start;
		offset += strlen(sori_mask_placeholder((enum sori_mask_kind)masks[i].kind));
	}
	return offset;
}
