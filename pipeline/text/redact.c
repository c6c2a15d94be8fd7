/* Redaction. Most texts hold no personal data, so a prefilter that the compiler vectorises asks first whether there is a
 * digit, an '@' or one of a few byte trigrams that every title and cue contains; only then the finders run, from the most
 * certain kind to the least, and a stretch once found is not given to another kind. All of them look at the normalised
 * text (one blank, ASCII digits, lower case, nothing invisible), the map carries what they find to the original. */
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
	f->items[f->count] = (struct found){start, end, f->count, kind};
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

enum { HINT_DIGIT = 1, HINT_AT = 2, HINT_TITLE = 4, HINT_HANGUL_DIGIT = 8, HINT_ENGLISH = 16 };

/* The middle of each cue as three bytes: rare enough, and the same loop for all. */
#define TRIGRAM(a, b, c) ((text[i] == (a)) & (text[i + 1] == (b)) & (text[i + 2] == (c)))
#define NEXT(d) (text[i + 3] == (d))

__attribute__((always_inline)) static inline unsigned scan_hints(const unsigned char *text, size_t length)
{
	unsigned char digit = 0, at = 0, title = 0, hangul = 0, english = 0;
	for (size_t i = 0; i < length; i++) {
		digit |= (unsigned char)((unsigned char)(text[i] - '0') < 10);
		at |= text[i] == '@';
	}
	for (size_t i = 0; i + 3 < length; i++) {
		title |= (unsigned char)(TRIGRAM(0xeb, 0x8b, 0x98) |               /* 님 */
					 TRIGRAM(0xec, 0x94, 0xa8) |               /* 씨 */
					 TRIGRAM(0xec, 0x9e, 0xa5) |               /* 과장, 팀장, 부장 … */
					 (TRIGRAM(0xb0, 0xec, 0x82) & NEXT(0xac)) | /* 기사 */
					 (TRIGRAM(0x81, 0xeb, 0x8b) & NEXT(0xb4)) | /* 상담 */
					 (TRIGRAM(0x88, 0xec, 0xa0) & NEXT(0x80)) | /* 매니저 */
					 (TRIGRAM(0x80, 0xeb, 0xa6) & NEXT(0xac)) | /* 대리 */
					 (TRIGRAM(0xb4, 0xeb, 0xa6) & NEXT(0x84)) | /* 이름 */
					 (TRIGRAM(0xb1, 0xed, 0x95) & NEXT(0xa8))); /* 성함 */
		hangul |= (unsigned char)(TRIGRAM(0xea, 0xb3, 0xb5) | TRIGRAM(0x81, 0xec, 0x9d)); /* 공, 영일 */
		english |= (unsigned char)(TRIGRAM('m', 'r', '.') | TRIGRAM('m', 'r', ' ') | TRIGRAM('m', 'r', 's') |
					   TRIGRAM('m', 's', '.') | TRIGRAM('m', 's', ' ') | TRIGRAM('i', 's', 's') |
					   TRIGRAM('m', 'e', ' '));
	}
	if (length >= 3) { /* the last three bytes, where no fourth follows */
		size_t i = length - 3;
		title |= (unsigned char)(TRIGRAM(0xeb, 0x8b, 0x98) | TRIGRAM(0xec, 0x94, 0xa8) | TRIGRAM(0xec, 0x9e, 0xa5));
	}
	return (unsigned)(digit ? HINT_DIGIT : 0) | (at ? HINT_AT : 0) | (title ? HINT_TITLE : 0) |
	       (hangul ? HINT_HANGUL_DIGIT : 0) | (english ? HINT_ENGLISH : 0);
}

static unsigned hints_portable(const unsigned char *text, size_t length) { return scan_hints(text, length); }

#if defined(__x86_64__)
#if defined(__clang__)
__attribute__((target("avx2")))
#else
__attribute__((target("avx2"), optimize("O3"))) /* gcc 12 vectorises such loops from -O3 on */
#endif
static unsigned hints_avx2(const unsigned char *text, size_t length)
{
	return scan_hints(text, length);
}
#endif

static unsigned hints_of(const char *text, size_t length)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return hints_avx2((const unsigned char *)text, length);
#endif
	return hints_portable((const unsigned char *)text, length);
}

static void find_all(struct finder *f, unsigned hints, const struct sori_redact_options *options)
{
	if (hints & HINT_AT)
		find_email(f);
	if (hints & HINT_DIGIT)
		find_numbers(f);
	if (hints & HINT_HANGUL_DIGIT)
		find_hangul_phones(f);
	if (hints & (HINT_TITLE | HINT_ENGLISH))
		find_names(f, options && options->keep_staff_names, (hints & HINT_ENGLISH) != 0);
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

enum sori_status sori_redact(char *normalized, size_t length, const struct sori_map_point *points, size_t point_count,
			     const struct sori_redact_options *options, struct sori_mask_list *masks)
{
	unsigned hints = hints_of(normalized, length);
	if (hints == 0)
		return SORI_OK;
	struct finder f = {.text = normalized, .length = length};
	enum sori_status status = SORI_OK;
	size_t first = masks->count;
	find_all(&f, hints, options);
	settle_overlaps(&f);
	for (size_t i = 0; i < f.count && status == SORI_OK; i++) {
		uint32_t start, end;
		sori_map_back(points, point_count, (uint32_t)f.items[i].start, (uint32_t)f.items[i].end, &start, &end);
		widen_stars(&f, &f.items[i], points, point_count, &end);
		status = add_mask(masks, first, start, end, f.items[i].kind);
	}
	for (size_t i = 0; i < f.count && status == SORI_OK; i++)
		memset(normalized + f.items[i].start, SORI_CHAR_MASK, f.items[i].end - f.items[i].start);
	sori_free(f.items);
	return f.failed ? SORI_SYSTEM : status;
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
