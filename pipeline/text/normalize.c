/* Normalisation: the entry and the offset map.
 *
 *   input   좋아요!!!  <b>근데</b> 배터리ㅠㅠ
 *   output  좋아요! 근데 배터리☹          (☹ = SORI_CHAR_MOOD)
 *
 * Two gears. A span copier takes all that no rule can touch (normalize_span.c); everything else goes one code point at a
 * time through rules over the output's tail (normalize_rules.c). There is one pass and no look back beyond 2 KiB, so time
 * is linear whatever comes in. */
#include "pipeline/text/normalize_internal.h"

#include "pipeline/base/memory.h"

static void add_point(struct norm *s, size_t at, size_t original, bool literal)
{
	struct sori_map *map = s->map;
	if (map->count == map->capacity && SORI_GROW(map->points, map->capacity, map->count + 1) != 0) {
		s->failed = true;
		return;
	}
	map->points[map->count++] =
		(struct sori_map_point){(uint32_t)at, (uint32_t)original & 0x7fffffffu, literal ? 1u : 0u};
}

/* A removed stretch shows in the map as a point of no width, so that its neighbours are not widened over it. */
void norm_open_stretch(struct norm *s, size_t from, size_t to, bool literal)
{
	if (!s->map)
		return;
	const struct sori_map_point *last = s->map->count > s->map_first ? &s->map->points[s->map->count - 1] : NULL;
	if (last && last->literal) {
		if (literal && s->length - last->at == from - last->original)
			return;
	} else if (s->gap != from) {
		add_point(s, s->length, s->gap, true);
	}
	add_point(s, s->length, from, literal);
	s->gap = to;
}

void norm_put(struct norm *s, const void *bytes, size_t length, size_t from, size_t to)
{
	norm_open_stretch(s, from, to, length == to - from);
	memcpy(s->out + s->length, bytes, length);
	s->length += length;
}

void norm_put_point(struct norm *s, uint32_t point, size_t from, size_t to)
{
	char bytes[4];
	norm_put(s, bytes, sori_utf8_encode(point, bytes), from, to);
}

void norm_pop(struct norm *s, size_t position)
{
	s->length = position;
	if (s->squeezed != NORM_NONE && s->squeezed > position)
		s->squeezed = NORM_NONE;
	if (s->tag != NORM_NONE && s->tag >= position)
		s->tag = NORM_NONE;
	if (!s->map)
		return;
	while (s->map->count > s->map_first && s->map->points[s->map->count - 1].at >= position)
		s->gap = s->map->points[--s->map->count].original;
}

size_t norm_origin(const struct norm *s, size_t position)
{
	if (!s->map)
		return 0;
	for (size_t i = s->map->count; i > s->map_first; i--) {
		const struct sori_map_point *point = &s->map->points[i - 1];
		if (point->at <= position)
			return point->literal ? point->original + (position - point->at) : point->original;
	}
	return 0;
}

uint32_t norm_before(const struct norm *s, size_t position, size_t *start)
{
	if (position == 0)
		return 0;
	size_t i = position - 1;
	while (i > 0 && (s->out[i] & 0xc0) == 0x80)
		i--;
	unsigned length;
	*start = i;
	return sori_utf8_decode((const char *)s->out + i, &length);
}

bool norm_make_room(struct norm *s)
{
	size_t needed = s->length + (s->size - s->at) + NORM_SPARE;
	if (needed <= s->room)
		return true;
	s->buffer->length = s->base + s->length;
	if (!sori_buffer_reserve(s->buffer, needed - s->length))
		return false;
	s->out = (unsigned char *)s->buffer->at + s->base;
	s->room = s->buffer->capacity - s->base;
	return true;
}

void norm_step(struct norm *s)
{
	unsigned width;
	size_t from = s->at;
	uint32_t point = sori_utf8_decode((const char *)s->in + from, &width);
	if (point < 0x80) {
		s->at += width;
		norm_feed(s, point, from, s->at);
	} else if (sori_is_hangul_syllable(point)) {
		s->at += width;
		norm_feed_syllable(s, point, from, s->at);
	} else if (point >= 0x1f300 && point <= 0x1faff && !s->term) { /* pictures, most of what is beyond Hangul */
		s->at += width;
		norm_feed_mood(s, from, s->at);
	} else if (norm_is_ignorable(point)) {
		s->at += width;
	} else if (norm_is_conjoining(point)) {
		norm_conjoining(s, point, from, from + width);
	} else if (norm_to_compat_jamo(point) != point || norm_is_compat_jamo(point)) {
		norm_jamo_run(s);
	} else if (norm_is_mark(point)) {
		norm_marks(s);
	} else {
		s->at += width;
		norm_feed(s, point, from, s->at);
	}
}

/* A short text moves to where 64 bytes may be read. */
static bool run_short(struct norm *s)
{
	unsigned char bytes[64] = {0};
	memcpy(bytes, s->in, s->size);
	s->in = bytes;
	s->readable = sizeof bytes;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return norm_run_avx2(s);
#endif
	return norm_run_portable(s);
}

static bool run(struct norm *s)
{
	if (s->size < 64)
		return s->size == 0 || run_short(s);
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return norm_run_avx2(s);
#endif
	return norm_run_portable(s);
}

static void finish(struct norm *s)
{
	while (s->length > 0 && (norm_tail(s, 1) == ' ' || norm_tail(s, 1) == SORI_CHAR_BREAK))
		norm_pop(s, s->length - 1);
	if (!s->map)
		return;
	const struct sori_map_point *last = s->map->count > s->map_first ? &s->map->points[s->map->count - 1] : NULL;
	if (!last || (!last->literal && s->gap != s->size))
		add_point(s, s->length, s->gap, true);
	add_point(s, s->length, s->size, true);
}

static enum sori_status give_up(struct norm *s, enum sori_status status)
{
	s->buffer->length = s->base;
	s->buffer->failed = false;
	if (s->map)
		s->map->count = s->map_first;
	return status;
}

static enum sori_status normalize(struct sori_view text, struct sori_buffer *out, struct sori_map *map, bool term)
{
	struct norm s = {
		.in = (const unsigned char *)text.at,
		.size = text.length,
		.readable = text.length,
		.buffer = out,
		.base = out->length,
		.map = map,
		.map_first = map ? map->count : 0,
		.squeezed = NORM_NONE,
		.tag = NORM_NONE,
		.term = term,
	};
	size_t limit = text.length < 16 ? 64 : 4 * text.length;
	if (limit > SORI_NORMALIZED_LIMIT)
		limit = SORI_NORMALIZED_LIMIT;
	if (text.length > INT32_MAX)
		return SORI_DATA;
	if (!norm_make_room(&s) || !run(&s))
		return give_up(&s, s.base + s.length + text.length + NORM_SPARE > out->maximum ? SORI_DATA : SORI_SYSTEM);
	finish(&s);
	if (s.failed)
		return give_up(&s, SORI_SYSTEM);
	if (s.length > limit)
		return give_up(&s, SORI_DATA);
	out->length = s.base + s.length;
	return SORI_OK;
}

enum sori_status sori_normalize(struct sori_view text, struct sori_buffer *out, struct sori_map *map)
{
	return normalize(text, out, map, false);
}

enum sori_status sori_normalize_term(struct sori_view term, struct sori_buffer *out)
{
	return normalize(term, out, NULL, true);
}

/* The last of the points before the final one with at <= position. */
static size_t stretch_of(const struct sori_map_point *points, size_t count, uint32_t position)
{
	size_t low = 0, high = count - 1;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (points[middle].at <= position)
			low = middle;
		else
			high = middle;
	}
	return low;
}

void sori_map_back(const struct sori_map_point *points, size_t count, uint32_t start, uint32_t end,
		   uint32_t *original_start, uint32_t *original_end)
{
	*original_start = *original_end = 0;
	if (count < 2)
		return;
	size_t first = stretch_of(points, count, start);
	*original_start = points[first].original + (points[first].literal ? start - points[first].at : 0);
	if (end <= start) {
		*original_end = *original_start;
		return;
	}
	size_t last = stretch_of(points, count, end - 1);
	*original_end = points[last].literal ? points[last].original + (end - points[last].at) : points[last + 1].original;
}
