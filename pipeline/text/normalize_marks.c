/* Jamo and combining marks.
 *
 * NFC only where it is needed. Compatibility jamo are no decomposed text to it (and NFKC would wreck ㅋㅋ), so runs that
 * spell at least two whole syllables are composed here; conjoining jamo compose by the arithmetic of the Unicode Standard
 * (3.12), never through utf8proc 2.8, which swallows U+11A7 after a syllable without a final. Combining marks go to utf8proc as one
 * starter with at most 30 of them: its canonical ordering is quadratic in the run. */
#include "pipeline/text/normalize_internal.h"

#include <utf8proc.h>

#define RUN_LIMIT 64 /* jamo taken at once; a longer run is parted by a blank when it is not laughter */

struct jamo {
	uint32_t point;
	size_t from, to;
};

struct jamo_run {
	struct jamo item[RUN_LIMIT];
	size_t count;
};

bool norm_is_compat_jamo(uint32_t point)
{
	return point >= 0x3131 && point <= 0x318e && point != 0x3164 && point != 0x318d;
}

/* Compatibility jamo of the conjoining initials U+1100.. and finals U+11A8..; vowels run alike from U+314F. */
static const uint8_t initial_jamo[19] = {0x31, 0x32, 0x34, 0x37, 0x38, 0x39, 0x41, 0x42, 0x43, 0x45,
					 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e};
static const uint8_t final_jamo[27] = {0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f,
				       0x40, 0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e};

static bool is_modern_initial(uint32_t point) { return point >= 0x1100 && point <= 0x1112; }
static bool is_modern_vowel(uint32_t point) { return point >= 0x1161 && point <= 0x1175; }
static bool is_modern_final(uint32_t point) { return point >= 0x11a8 && point <= 0x11c2; }
static bool is_any_initial(uint32_t point)
{
	return (point >= 0x1100 && point <= 0x115e) || (point >= 0xa960 && point <= 0xa97c);
}
static bool is_any_vowel(uint32_t point)
{
	return (point >= 0x1161 && point <= 0x11a7) || (point >= 0xd7b0 && point <= 0xd7c6);
}

uint32_t norm_to_compat_jamo(uint32_t point)
{
	if (point >= 0xffa1 && point <= 0xffbe)
		return 0x3131 + (point - 0xffa1);
	if (point >= 0xffc2 && point <= 0xffdc) {
		uint32_t group = (point - 0xffc2) / 8, place = (point - 0xffc2) % 8;
		return place < 6 && group * 6 + place < 21 ? 0x314f + group * 6 + place : point;
	}
	if (is_modern_initial(point))
		return 0x3100u + initial_jamo[point - 0x1100];
	if (is_modern_vowel(point))
		return 0x314f + (point - 0x1161);
	if (is_modern_final(point))
		return 0x3100u + final_jamo[point - 0x11a8];
	return point;
}

static int index_of(const uint8_t *table, int count, uint32_t point)
{
	for (int i = 0; i < count; i++)
		if (0x3100u + table[i] == point)
			return i;
	return -1;
}
static int initial_of(uint32_t point) { return index_of(initial_jamo, 19, point); }
static int final_of(uint32_t point) { return index_of(final_jamo, 27, point); }
static int vowel_of(uint32_t point) { return point >= 0x314f && point <= 0x3163 ? (int)(point - 0x314f) : -1; }

static bool is_laughter(uint32_t point) { return point == 0x314b || point == 0x314e; }      /* ㅋ ㅎ */
static bool is_tears(uint32_t point) { return point == 0x315c || point == 0x3160; }         /* ㅜ ㅠ */
static bool is_mood(uint32_t point)
{
	return is_laughter(point) || is_tears(point) || point == 0x3161 || point == 0x3137; /* ㅡ ㄷ */
}

static uint32_t peek(const struct norm *s, size_t at, unsigned *width)
{
	*width = 0;
	return at < s->size ? sori_utf8_decode((const char *)s->in + at, width) : 0;
}

/* What a conjoining jamo becomes, given the output's tail and what follows: composed with its neighbours, kept (old
 * Hangul), or, standing alone, compatibility jamo. True when it is to be taken as part of a jamo run. */
static bool stands_alone(const struct norm *s, uint32_t point, size_t to)
{
	size_t start = 0;
	unsigned width;
	uint32_t last = norm_before(s, s->length, &start);
	if (is_modern_initial(point))
		return !is_any_vowel(peek(s, to, &width));
	if (is_modern_vowel(point))
		return !is_any_initial(last);
	if (is_modern_final(point))
		return !is_any_vowel(last) && !(sori_is_hangul_syllable(last) && sori_hangul_final(last) == 0);
	return false;
}

void norm_conjoining(struct norm *s, uint32_t point, size_t from, size_t to)
{
	unsigned width;
	size_t start = 0;
	if (stands_alone(s, point, to)) {
		norm_jamo_run(s);
		return;
	}
	s->at = to;
	uint32_t next = peek(s, to, &width);
	if (is_modern_initial(point) && is_modern_vowel(next)) {
		uint32_t syllable = 0xac00 + ((point - 0x1100) * 21 + (next - 0x1161)) * 28;
		s->at = to + width;
		uint32_t last = peek(s, s->at, &width);
		if (is_modern_final(last)) {
			syllable += last - 0x11a7;
			s->at += width;
		}
		norm_feed_syllable(s, syllable, from, s->at);
		return;
	}
	uint32_t before = norm_before(s, s->length, &start);
	if (is_modern_final(point) && sori_is_hangul_syllable(before) && sori_hangul_final(before) == 0) {
		from = norm_origin(s, start);
		norm_pop(s, start);
		norm_feed_syllable(s, before + (point - 0x11a7), from, to);
		return;
	}
	norm_put_point(s, point, from, to);
}

/* Reads jamo from s->at on, over ignorable characters between them. */
static void read_run(struct norm *s, struct jamo_run *run)
{
	size_t at = s->at;
	run->count = 0;
	while (at < s->size && run->count < RUN_LIMIT) {
		unsigned width;
		uint32_t point = peek(s, at, &width);
		if (norm_is_ignorable(point)) {
			at += width;
			continue;
		}
		unsigned next_width;
		if (is_modern_initial(point) && is_any_vowel(peek(s, at + width, &next_width)))
			break;
		uint32_t jamo = norm_to_compat_jamo(point);
		if (!norm_is_compat_jamo(jamo))
			break;
		run->item[run->count++] = (struct jamo){jamo, at, at + width};
		at += width;
		s->at = at;
	}
}

/* Syllables that item[first, last) spells with nothing left over, 0 when it does not. A final is taken when no vowel
 * follows it. `emit` puts them out. */
static size_t compose(struct norm *s, const struct jamo_run *run, size_t first, size_t last, bool emit)
{
	size_t groups = 0;
	for (size_t i = first; i < last; groups++) {
		int initial = initial_of(run->item[i].point);
		int vowel = i + 1 < last ? vowel_of(run->item[i + 1].point) : -1;
		if (initial < 0 || vowel < 0)
			return 0;
		size_t used = 2;
		int final = i + 2 < last ? final_of(run->item[i + 2].point) : -1;
		bool vowel_after = i + 3 < last && vowel_of(run->item[i + 3].point) >= 0;
		if (final >= 0 && !vowel_after)
			used = 3;
		if (emit)
			norm_feed_syllable(s, 0xac00 + (uint32_t)((initial * 21 + vowel) * 28 + (used == 3 ? final + 1 : 0)),
					   run->item[i].from, run->item[i + used - 1].to);
		i += used;
	}
	return groups;
}

/* Stems and nouns whose own final is ㅎ or ㅋ: 좋ㅎㅎ is 좋 and laughter, 입니닿ㅎㅎ is not 입니닿. */
static bool owns_final(uint32_t syllable)
{
	static const uint16_t own[] = {0xc88b /* 좋 */, 0xb193 /* 놓 */, 0xb123 /* 넣 */, 0xb0b3 /* 낳 */, 0xc313 /* 쌓 */,
				       0xb807 /* 렇 */, 0xb5bb /* 떻 */, 0xcc27 /* 찧 */, 0xb54b /* 땋 */, 0xbe7b /* 빻 */,
				       0xb158 /* 녘 */};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i] == syllable)
			return true;
	return false;
}

/* 입니닼ㅋㅋ: the final belongs to the laughter. */
static void split_tail(struct norm *s, uint32_t letter)
{
	size_t start = 0;
	uint32_t before = norm_before(s, s->length, &start);
	if (!is_laughter(letter) || !sori_is_hangul_syllable(before) || owns_final(before))
		return;
	if (sori_hangul_final(before) != (letter == 0x314b ? 24u : 27u))
		return;
	size_t from = norm_origin(s, start), to = s->gap;
	if (s->map && s->map->points[s->map->count - 1].literal)
		to = from + 3;
	norm_pop(s, start);
	norm_feed_syllable(s, before - sori_hangul_final(before), from, to);
}

static void put_plain(struct norm *s, const struct jamo_run *run, size_t first, size_t last)
{
	if (first < last && compose(s, run, first, last, false) >= 2) {
		compose(s, run, first, last, true);
		return;
	}
	for (size_t i = first; i < last; i++)
		norm_put_point(s, run->item[i].point, run->item[i].from, run->item[i].to);
}

static void put_with_moods(struct norm *s, const struct jamo_run *run)
{
	size_t plain = 0, i = 0;
	while (i < run->count) {
		size_t end = i;
		while (end < run->count && is_mood(run->item[end].point))
			end++;
		bool alone = run->count == 1 && end == 1 && (is_laughter(run->item[0].point) || is_tears(run->item[0].point));
		if (end - i >= 2 || alone) {
			put_plain(s, run, plain, i);
			split_tail(s, run->item[i].point);
			norm_feed_mood(s, run->item[i].from, run->item[end - 1].to);
			plain = end;
		}
		i = end > i ? end : i + 1;
	}
	put_plain(s, run, plain, run->count);
}

static bool all_moods(const struct jamo_run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (!is_mood(run->item[i].point))
			return false;
	return true;
}

/* ㅋㅋㅋㅋㅋ as it is written most: one letter, nothing else. */
static void skip_row(struct norm *s, const struct jamo_run *run)
{
	const struct jamo *last = &run->item[run->count - 1];
	if (last->to - last->from != 3)
		return;
	while (s->size - s->at >= 3 && memcmp(s->in + s->at, s->in + last->from, 3) == 0)
		s->at += 3;
}

/* A jamo that was an entity: on its own, so that no run grows out of pieces. */
void norm_feed_jamo(struct norm *s, uint32_t point, size_t from, size_t to)
{
	size_t start = 0;
	if (!s->term && (is_laughter(point) || is_tears(point))) {
		norm_feed_mood(s, from, to);
		return;
	}
	if (norm_is_compat_jamo(norm_before(s, s->length, &start)))
		norm_feed_blank(s, from, from);
	norm_put_point(s, point, from, to);
}

/* ㅋㅋㅋ, ㅠㅠ: a row of one letter and nothing else, as moods are written most. The same as the long way below. */
static bool put_row(struct norm *s)
{
	const unsigned char *in = s->in + s->at;
	size_t left = s->size - s->at, end = 3;
	if (s->term || in[0] != 0xe3 || in[1] != 0x85 || (in[2] != 0x8b && in[2] != 0x8e && in[2] != 0x9c && in[2] != 0xa0))
		return false;
	while (left - end >= 3 && memcmp(in + end, in, 3) == 0)
		end += 3;
	if (left > end && in[end] >= 0x80 && (in[end] < 0xea || in[end] > 0xed))
		return false;
	size_t from = s->at, counted = end < 3 * RUN_LIMIT ? end : 3 * RUN_LIMIT;
	split_tail(s, 0x3140u | (in[2] & 0x3fu));
	norm_feed_mood(s, from, from + counted);
	s->at = from + end;
	return true;
}

void norm_jamo_run(struct norm *s)
{
	struct jamo_run run NOT_ZEROED;
	size_t start = 0;
	size_t from = s->at;
	if (norm_is_compat_jamo(norm_before(s, s->length, &start)))
		norm_feed_blank(s, from, from);
	if (put_row(s))
		return;
	read_run(s, &run);
	if (s->term || (!all_moods(&run) && compose(s, &run, 0, run.count, false) >= 2)) {
		put_plain(s, &run, 0, run.count);
		return;
	}
	put_with_moods(s, &run);
	if (norm_tail(s, 1) == SORI_CHAR_MOOD)
		skip_row(s, &run);
}

bool norm_is_mark(uint32_t point)
{
	if (point < 0x300 || (point >= 0x2000 && point <= 0x20cf) || (point >= 0x3100 && point <= 0xa66e))
		return false;
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)point);
	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

/* NFC of a few points: decomposed, put in canonical order, composed; UTF-8 to `bytes`. */
static size_t to_nfc(const char *text, size_t length, char bytes[NORM_SPARE])
{
	utf8proc_int32_t points[192];
	utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, points, 192,
						    UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
	if (count <= 0 || count > 192)
		return 0;
	for (utf8proc_ssize_t i = 0; i < count; i++)
		points[i] = utf8proc_tolower(points[i]);
	count = utf8proc_normalize_utf32(points, count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	size_t total = 0;
	for (utf8proc_ssize_t i = 0; i < count && total + 4 <= NORM_SPARE; i++)
		total += sori_utf8_encode((uint32_t)points[i], bytes + total);
	return total;
}

/* The first point goes through the rules (U+037E is ';' to NFC), marks behind it straight out. */
static void feed_composed(struct norm *s, const char *bytes, size_t total, uint32_t same, size_t from, size_t to)
{
	unsigned width;
	uint32_t first = sori_utf8_decode(bytes, &width);
	if (first == same)
		norm_put(s, bytes, width, from, to);
	else
		norm_feed(s, first, from, to);
	if (total > width)
		norm_put(s, bytes + width, total - width, to, to);
}

void norm_put_composed(struct norm *s, uint32_t point, size_t from, size_t to)
{
	char text[4], bytes[NORM_SPARE];
	size_t length = sori_utf8_encode(point, text);
	size_t total = to_nfc(text, length, bytes);
	if (total > 0)
		feed_composed(s, bytes, total, point, from, to);
	else
		norm_put(s, text, length, from, to);
}

/* Marks the output ends in, and where their starter begins. */
static size_t marks_before(const struct norm *s, size_t *starter)
{
	size_t count = 0, position = s->length;
	while (position > 0 && count <= NORM_MARK_LIMIT) {
		size_t start;
		uint32_t point = norm_before(s, position, &start);
		if (point < 0x20)
			break;
		position = start;
		if (!norm_is_mark(point))
			break;
		count++;
	}
	*starter = position;
	return count;
}

/* The starter and its marks in the output give way to `bytes`; a starter that stays the same is not touched, so that no
 * rule sees it twice. `from`, `to`: the input bytes of the new marks. */
static void replace_cluster(struct norm *s, size_t starter, const char *bytes, size_t total, size_t from, size_t to)
{
	unsigned old_width = 0, width;
	uint32_t old = starter < s->length ? sori_utf8_decode((const char *)s->out + starter, &old_width) : 0;
	uint32_t first = sori_utf8_decode(bytes, &width);
	if (old == first && !norm_is_mark(first)) {
		starter += old_width;
		bytes += width;
		total -= width;
	}
	size_t origin = starter < s->length ? norm_origin(s, starter) : from;
	norm_pop(s, starter);
	if (old == '<' && first != '<')
		norm_find_bracket(s);
	if (old != first && !norm_is_mark(first)) {
		feed_composed(s, bytes, total, 0, origin, to);
		return;
	}
	norm_open_stretch(s, origin, to, false); /* of the same length, perhaps, but in another order */
	memcpy(s->out + s->length, bytes, total);
	s->length += total;
}

void norm_marks(struct norm *s)
{
	size_t starter, from = s->at, kept = s->at;
	size_t count = marks_before(s, &starter);
	while (s->at < s->size) {
		unsigned width;
		uint32_t point = peek(s, s->at, &width);
		if (!norm_is_mark(point) || norm_is_ignorable(point))
			break;
		s->at += width;
		if (count < NORM_MARK_LIMIT) {
			count++;
			kept = s->at;
		}
	}
	char text[NORM_SPARE], bytes[NORM_SPARE];
	size_t before = s->length - starter, added = kept - from;
	if (added == 0 || before + added > sizeof text)
		return;
	memcpy(text, s->out + starter, before);
	memcpy(text + before, s->in + from, added);
	size_t total = to_nfc(text, before + added, bytes);
	if (total == 0 || (total == before + added && memcmp(bytes, text, total) == 0)) {
		norm_put(s, s->in + from, added, from, kept);
		return;
	}
	replace_cluster(s, starter, bytes, total, from, kept);
}
