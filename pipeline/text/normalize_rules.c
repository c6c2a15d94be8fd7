/* What one code point does to the output's tail. */
#include "pipeline/text/normalize_internal.h"

#include <utf8proc.h>

#define URL_LIMIT 2048

struct range {
	uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t point)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (point > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && point >= ranges[low].first;
}
#define IN_RANGES(ranges, point) in_ranges(ranges, sizeof(ranges) / sizeof *(ranges), point)

/* Soft hyphen, grapheme joiner, Hangul fillers, zero-width and bidi controls, variation selectors, byte order mark,
 * keycap, annotation and object marks, tags. */
static const struct range ignorable[] = {
	{0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
	{0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x20e3, 0x20e3}, {0x3164, 0x3164}, {0xfe00, 0xfe0f},
	{0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffc}, {0xe0000, 0xe0fff},
};

static const struct range blanks[] = {
	{0x0080, 0x0084}, {0x0086, 0x00a0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f},
	{0x2800, 0x2800}, {0x3000, 0x3000},
};

/* Pictures: faces, hearts, hands, signs of weather, transport and play. Stars and check marks stay as they are. */
static const struct range emoji[] = {
	{0x231a, 0x231b}, {0x23e9, 0x23f3}, {0x2600, 0x2604}, {0x2614, 0x2615}, {0x2618, 0x2618}, {0x261d, 0x261d},
	{0x2620, 0x2623}, {0x2638, 0x263b}, {0x2661, 0x2661}, {0x2665, 0x2665}, {0x2668, 0x2668}, {0x267f, 0x267f},
	{0x26a1, 0x26a1}, {0x26bd, 0x26be}, {0x26c4, 0x26c5}, {0x26d4, 0x26d4}, {0x26fd, 0x26fd}, {0x2708, 0x270d},
	{0x2728, 0x2728}, {0x274c, 0x274e}, {0x2763, 0x2764}, {0x1f000, 0x1f0ff}, {0x1f18e, 0x1f19a}, {0x1f1e6, 0x1f1ff},
	{0x1f300, 0x1faff},
};

bool norm_is_ignorable(uint32_t point)
{
	return point >= 0xad && IN_RANGES(ignorable, point);
}

/* Forms that only type setting tells apart: one for all. 0: not one of them. */
static uint32_t fold_sign(uint32_t point)
{
	if (point >= 0xff01 && point <= 0xff5e)
		return point - 0xff01 + '!';
	switch (point) {
	case 0x00b4: case 0x2018: case 0x2019: case 0x201a: case 0x201b: case 0x2032: case 0x02bc:
		return '\'';
	case 0x00ab: case 0x00bb: case 0x201c: case 0x201d: case 0x201e: case 0x201f: case 0x2033: case 0x301d: case 0x301e:
		return '"';
	case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212: case 0xfe58: case 0xfe63:
		return '-';
	case 0x2024: case 0x2025: case 0x2026: case 0x3002: case 0xff61: case 0x22ef:
		return '.';
	case 0x3001: case 0xff64:
		return ',';
	case 0x223c: case 0x301c: case 0x3030: case 0x02dc:
		return '~';
	case 0x203c:
		return '!';
	case 0x2044: case 0x2215:
		return '/';
	case 0x318d: case 0x30fb: case 0xff65: case 0x2022: case 0x2027: case 0x2219: case 0x22c5:
		return 0x00b7;
	case 0xffe0:
		return 0x00a2;
	case 0xffe1:
		return 0x00a3;
	case 0xffe5:
		return 0x00a5;
	case 0xffe6:
		return 0x20a9;
	default:
		return 0;
	}
}

static bool is_alnum(unsigned c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does the input go on with a letter, digit or syllable? Latin letters with a mark count as letters, since a mark may
 * yet come to a plain one. */
static bool word_follows(const struct norm *s)
{
	unsigned char next = s->at < s->size ? s->in[s->at] : 0, second = s->size - s->at > 1 ? s->in[s->at + 1] : 0;
	return is_alnum(next) || (next >= 0xea && next <= 0xed) || (next >= 0xc3 && next <= 0xcc) ||
	       (next == 0xe1 && second >= 0xb8 && second <= 0xbb);
}

void norm_feed_blank(struct norm *s, size_t from, size_t to)
{
	unsigned char last = norm_tail(s, 1);
	if (s->length > 0 && last != ' ' && last != SORI_CHAR_BREAK)
		norm_put(s, " ", 1, from, to);
}

void norm_feed_break(struct norm *s, size_t from, size_t to)
{
	if (norm_tail(s, 1) == ' ')
		norm_pop(s, s->length - 1);
	if (s->length > 0 && norm_tail(s, 1) != SORI_CHAR_BREAK)
		norm_put(s, &(char){SORI_CHAR_BREAK}, 1, from, to);
}

/* One mark for a whole row of them: "ㅋㅋ ㅎㅎ", "ㅠ_ㅠ". */
void norm_feed_mood(struct norm *s, size_t from, size_t to)
{
	unsigned char last = norm_tail(s, 1);
	if (last == SORI_CHAR_MOOD)
		return;
	if ((last == ' ' || last == '_' || last == '.' || last == '-') && norm_tail(s, 2) == SORI_CHAR_MOOD) {
		norm_pop(s, s->length - 1);
		return;
	}
	norm_put(s, &(char){SORI_CHAR_MOOD}, 1, from, to);
}

static void pop_for_mood(struct norm *s, size_t count, size_t to)
{
	size_t position = s->length - count;
	size_t from = norm_origin(s, position);
	norm_pop(s, position);
	norm_feed_mood(s, from, to);
}

/* Faces that end in `c`; the whole of it, eyes first, is in the output but for c. `raw` is c before folding. */
static bool ends_face(struct norm *s, unsigned char c, unsigned char raw, size_t to)
{
	unsigned char one = norm_tail(s, 1), two = norm_tail(s, 2);
	size_t length = 0;
	if (c == '^' && one == '^')
		length = 1;
	else if (c == ';' && one == ';')
		length = 1;
	else if (c == '^' && two == '^' && (one == '_' || one == '-' || one == '.' || one == 'o'))
		length = 2;
	else if (one == '_' && two == c && (c == '-' || c == '=' || c == '@'))
		length = 2;
	else if (c == '<' && one == '_' && two == '>')
		length = 2;
	else if (c == 't' && one == '_' && two == 't' && !is_alnum(norm_tail(s, 3)) && norm_tail(s, 3) < 0x80 && !word_follows(s))
		length = norm_tail(s, 3) == '(' && norm_tail(s, 4) == ':' ? 4 : 2; /* ":(" stayed for the letter behind it */
	else if (c == ')' && (one == ':' || one == '='))
		length = 1;
	else if (c == '(' && one == ':' && !word_follows(s))
		length = 1;
	else if (raw == 'D' && one == ':' && !word_follows(s))
		length = 1;
	else if ((c == ')' || c == '(') && two == ':' && (one == '-' || one == '\''))
		length = 2;
	if (length == 0)
		return false;
	pop_for_mood(s, length, to);
	return true;
}

/* After "http:/" and '/': the rest of the address as it is. */
static void copy_url(struct norm *s)
{
	size_t end = s->at;
	while (end < s->size && end - s->at < URL_LIMIT) {
		unsigned char c = s->in[end];
		if (c <= 0x20 || c >= 0x7f || c == '<' || c == '>' || c == '"')
			break;
		end++;
	}
	norm_open_stretch(s, s->at, end, true);
	for (; s->at < end; s->at++) {
		unsigned char c = s->in[s->at];
		s->out[s->length++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
	}
}

static bool tail_is(const struct norm *s, const char *text, size_t length)
{
	return s->length >= length && memcmp(s->out + s->length - length, text, length) == 0;
}

static void feed_slash(struct norm *s, size_t from, size_t to)
{
	norm_put(s, "/", 1, from, to);
	if (tail_is(s, "http://", 7) || tail_is(s, "https://", 8))
		copy_url(s);
}

static bool may_end_face(unsigned char c)
{
	switch (c) {
	case '^': case ';': case '-': case '=': case '@': case '<': case ')': case '(':
		return true;
	default:
		return false;
	}
}

/* Drops the rest of a row of the same sign at once. */
static void skip_row(struct norm *s, unsigned char c)
{
	while (s->at < s->size && s->in[s->at] == c)
		s->at++;
}

static void feed_sign(struct norm *s, unsigned char c, size_t from, size_t to)
{
	unsigned char last = norm_tail(s, 1);
	if (c == '/') {
		feed_slash(s, from, to);
		return;
	}
	if (c == '`')
		c = '\'';
	if (c == ';' && !s->term && norm_entity(s, to))
		return;
	if (c == '>' && !s->term && norm_tag(s, to))
		return;
	if (!s->term && may_end_face(c) && ends_face(s, c, c, to))
		return;
	if (c == ';' && last == SORI_CHAR_MOOD)
		return;
	if (c == '!' && last == '?')
		return;
	if (c == '?' && last == '!') {
		from = norm_origin(s, s->length - 1);
		norm_pop(s, s->length - 1);
		last = norm_tail(s, 1);
	}
	if (c != last) {
		if (c == '<')
			s->tag = s->length;
		norm_put(s, &c, 1, from, to);
	}
	if (c != '^' && c != ';')
		skip_row(s, c);
}

static void feed_ascii(struct norm *s, unsigned char c, size_t from, size_t to)
{
	if (is_alnum(c)) {
		unsigned char low = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
		if ((low == 't' || low == 'd') && !s->term && ends_face(s, low, c, to))
			return;
		norm_put(s, &low, 1, from, to);
	} else if (c == '\n' || c == '\r' || c == '\t') {
		norm_feed_break(s, from, to);
	} else if (c <= 0x20 || c == 0x7f) {
		norm_feed_blank(s, from, to);
	} else {
		feed_sign(s, c, from, to);
	}
}

/* A fourth equal syllable cuts the run back to two; the fifth and later ones are dropped. */
void norm_feed_syllable(struct norm *s, uint32_t point, size_t from, size_t to)
{
	char bytes[4];
	sori_utf8_encode(point, bytes);
	if (s->length < 6 || !tail_is(s, bytes, 3)) {
		norm_put(s, bytes, 3, from, to);
		return;
	}
	if (s->squeezed != s->length) {
		if (s->length < 9 || memcmp(s->out + s->length - 9, s->out + s->length - 6, 6) != 0) {
			norm_put(s, bytes, 3, from, to);
			return;
		}
		norm_pop(s, s->length - 3);
		s->squeezed = s->length;
	}
	while (to == s->at && s->size - s->at >= 3 && memcmp(s->in + s->at, bytes, 3) == 0)
		to = s->at += 3;
}

/* Signs beyond ASCII in a row become one, as ASCII ones do. */
static bool is_sign(uint32_t point)
{
	return point == 0xb7 || (point >= 0x2010 && point <= 0x2bff) || (point >= 0x3001 && point <= 0x303f);
}

/* Ranges without canonical decomposition, the bulk of what comes by. */
static bool is_composed(uint32_t point)
{
	return (point >= 0xa1 && point <= 0x24f) || (point >= 0x400 && point <= 0x482) || (point >= 0x3041 && point <= 0x3096) ||
	       (point >= 0x30a1 && point <= 0x30fa) || (point >= 0x3400 && point <= 0x9fff) ||
	       (point >= 0x2010 && point <= 0x20ff);
}

static void feed_other(struct norm *s, uint32_t point, size_t from, size_t to)
{
	uint32_t sign = fold_sign(point);
	if (sign != 0 && sign < 0x80) {
		norm_feed(s, sign, from, to);
		return;
	}
	if (sign != 0)
		point = sign;
	if (point == 0x85 || point == 0x2028 || point == 0x2029) {
		norm_feed_break(s, from, to);
		return;
	}
	if (IN_RANGES(blanks, point)) {
		norm_feed_blank(s, from, to);
		return;
	}
	if (!s->term && IN_RANGES(emoji, point)) {
		norm_feed_mood(s, from, to);
		return;
	}
	if (is_sign(point)) {
		size_t start;
		if (norm_before(s, s->length, &start) == point)
			return;
	}
	if (point < 0x2000 || point > 0xa000 || point == 0x212a || point == 0x212b)
		point = (uint32_t)utf8proc_tolower((utf8proc_int32_t)point);
	if (is_composed(point))
		norm_put_point(s, point, from, to);
	else
		norm_put_composed(s, point, from, to);
}

void norm_feed(struct norm *s, uint32_t point, size_t from, size_t to)
{
	if (point < 0x80)
		feed_ascii(s, (unsigned char)point, from, to);
	else if (sori_is_hangul_syllable(point))
		norm_feed_syllable(s, point, from, to);
	else if (norm_is_compat_jamo(point))
		norm_feed_jamo(s, point, from, to);
	else if (!norm_is_ignorable(point))
		feed_other(s, point, from, to);
}
