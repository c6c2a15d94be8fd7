/* Encoding decision by counting lines that decode, because a single broken line must not turn a file into another
 * encoding; CP949 by a two-level table, because the C library's converter is an optional part of some systems. */
#include "pipeline/core/encoding.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/utf8.h"

#define LONG_LINE 4096

struct name {
	const char *name;
	enum sori_encoding encoding;
};

static const struct name names[] = {
	{"utf-8", SORI_ENCODING_UTF8},	     {"utf8", SORI_ENCODING_UTF8},
	{"ascii", SORI_ENCODING_UTF8},	     {"us-ascii", SORI_ENCODING_UTF8},
	{"cp949", SORI_ENCODING_CP949},	     {"euc-kr", SORI_ENCODING_CP949},
	{"euckr", SORI_ENCODING_CP949},	     {"ms949", SORI_ENCODING_CP949},
	{"uhc", SORI_ENCODING_CP949},	     {"ks_c_5601-1987", SORI_ENCODING_CP949},
	{"windows-949", SORI_ENCODING_CP949}, {"utf-16le", SORI_ENCODING_UTF16LE},
	{"utf16le", SORI_ENCODING_UTF16LE},  {"utf-16be", SORI_ENCODING_UTF16BE},
	{"utf16be", SORI_ENCODING_UTF16BE},
};

const char *sori_encoding_name(enum sori_encoding encoding)
{
	switch (encoding) {
	case SORI_ENCODING_UTF8: return "utf-8";
	case SORI_ENCODING_CP949: return "cp949";
	case SORI_ENCODING_UTF16LE: return "utf-16le";
	case SORI_ENCODING_UTF16BE: return "utf-16be";
	case SORI_ENCODING_UNKNOWN: break;
	}
	return "unknown";
}

enum sori_encoding sori_encoding_named(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (sori_view_equal_nocase(sori_view_of(name), sori_view_of(names[i].name)))
			return names[i].encoding;
	return SORI_ENCODING_UNKNOWN;
}

static unsigned point_of(unsigned char lead, unsigned char trail)
{
	if (lead < 0x81 || lead == 0xff || trail < 0x41 || trail == 0xff)
		return 0;
	return sori_cp949_table[lead - 0x81][trail - 0x41];
}

static size_t ascii_prefix(struct sori_view text)
{
	size_t at = 0;
	for (; at + 8 <= text.length; at += 8) {
		unsigned long long word;
		memcpy(&word, text.at + at, 8);
		if (word & 0x8080808080808080ull)
			break;
	}
	while (at < text.length && (unsigned char)text.at[at] < 0x80)
		at++;
	return at;
}

bool sori_cp949_is_valid(struct sori_view text)
{
	const unsigned char *b = (const unsigned char *)text.at;
	for (size_t i = ascii_prefix(text); i < text.length;) {
		if (b[i] < 0x80) {
			i++;
			continue;
		}
		if (i + 1 == text.length || !point_of(b[i], b[i + 1]))
			return false;
		i += 2;
	}
	return true;
}

bool sori_cp949_to_utf8(struct sori_view text, struct sori_arena *arena, struct sori_view *out)
{
	size_t plain = ascii_prefix(text);
	*out = text;
	if (plain == text.length)
		return true;
	/* two bytes become at most three */
	char *to = sori_arena_alloc(arena, text.length + text.length / 2 + 4);
	if (!to) {
		*out = sori_view_make(NULL, 0);
		return true;
	}
	memcpy(to, text.at, plain);
	size_t length = plain;
	const unsigned char *b = (const unsigned char *)text.at;
	for (size_t i = plain; i < text.length;) {
		if (b[i] < 0x80) {
			to[length++] = (char)b[i++];
			continue;
		}
		unsigned point = i + 1 < text.length ? point_of(b[i], b[i + 1]) : 0;
		if (!point)
			return false;
		length += sori_utf8_encode(point, to + length);
		i += 2;
	}
	*out = sori_view_make(to, length);
	return true;
}

bool sori_decode_text(enum sori_encoding encoding, struct sori_view text, struct sori_arena *arena, struct sori_view *out)
{
	if (encoding == SORI_ENCODING_CP949)
		return sori_cp949_to_utf8(text, arena, out);
	*out = text;
	return sori_utf8_is_valid(text);
}

/* Next piece of the sample that counts as one record: a line, or a part of a long one behind '}' or '>'. */
static struct sori_view next_piece(struct sori_view *rest)
{
	size_t at = 0;
	while (at < rest->length) {
		char c = rest->at[at++];
		if (c == '\n' || c == '\r' || (at > LONG_LINE && (c == '}' || c == '>')))
			break;
	}
	struct sori_view piece = sori_view_slice(*rest, 0, at);
	*rest = sori_view_slice(*rest, at, rest->length);
	return piece;
}

/* Drops the last line of a sample that was cut in the middle; when there is only one line, what stands behind its last
 * ASCII byte, where a character of any encoding may be cut. */
static struct sori_view without_cut(struct sori_view sample)
{
	const char *last = memrchr(sample.at, '\n', sample.length);
	if (last && last != sample.at)
		return sori_view_make(sample.at, (size_t)(last - sample.at) + 1);
	size_t length = sample.length;
	while (length && (unsigned char)sample.at[length - 1] >= 0x80)
		length--;
	return sori_view_make(sample.at, length);
}

enum sori_encoding sori_encoding_guess(struct sori_view sample, bool whole, char problem[256])
{
	problem[0] = '\0';
	if (sample.length >= 2 && memcmp(sample.at, "\xff\xfe", 2) == 0)
		return SORI_ENCODING_UTF16LE;
	if (sample.length >= 2 && memcmp(sample.at, "\xfe\xff", 2) == 0)
		return SORI_ENCODING_UTF16BE;
	if (sample.length >= 3 && memcmp(sample.at, "\xef\xbb\xbf", 3) == 0)
		return SORI_ENCODING_UTF8;
	size_t zeros = 0;
	for (size_t i = 0; i < sample.length && i < 65536; i++)
		zeros += sample.at[i] == '\0';
	if (zeros * 20 > (sample.length < 65536 ? sample.length : 65536) && zeros > 0) {
		snprintf(problem, 256, "many zero bytes: binary, or UTF-16 without a byte order mark (then give --encoding utf-16le)");
		return SORI_ENCODING_UNKNOWN;
	}
	struct sori_view rest = whole || !sample.length ? sample : without_cut(sample);
	size_t lines = 0, utf8 = 0, cp949 = 0;
	while (rest.length) {
		struct sori_view piece = next_piece(&rest);
		if (ascii_prefix(piece) == piece.length)
			continue;
		lines++;
		utf8 += sori_utf8_is_valid(piece);
		cp949 += sori_cp949_is_valid(piece);
	}
	if (utf8 * 100 >= lines * 99)
		return SORI_ENCODING_UTF8;
	if (cp949 * 100 >= lines * 99)
		return SORI_ENCODING_CP949;
	snprintf(problem, 256, "neither UTF-8 (%zu of %zu lines with non-ASCII bytes) nor CP949 (%zu): give --encoding", utf8,
		 lines, cp949);
	return SORI_ENCODING_UNKNOWN;
}
