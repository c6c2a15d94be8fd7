/* Small helpers over precomposed Hangul in UTF-8 (three bytes a syllable). Pure functions. */
#ifndef SORI_EXTRACT_SYLLABLE_H
#define SORI_EXTRACT_SYLLABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/utf8.h"
#include "pipeline/base/view.h"

/* The last code point of valid UTF-8, 0 when empty; *length (may be NULL) gets its bytes. */
static inline uint32_t sori_last_point(struct sori_view text, unsigned *length)
{
	size_t start = text.length;
	unsigned got = 0;
	uint32_t point = 0;
	while (start > 0 && ((unsigned char)text.at[--start] & 0xc0) == 0x80)
		continue;
	if (text.length > 0)
		point = sori_utf8_decode(text.at + start, &got);
	if (length)
		*length = got;
	return point;
}

/* Number of Hangul syllables in valid UTF-8; other characters do not count. */
static inline size_t sori_syllable_count(struct sori_view text)
{
	size_t count = 0;
	unsigned length;
	for (size_t i = 0; i < text.length; i += length)
		count += sori_is_hangul_syllable(sori_utf8_decode(text.at + i, &length));
	return count;
}

static inline uint32_t sori_syllable(unsigned initial, unsigned vowel, unsigned final)
{
	return 0xac00 + (initial * 21 + vowel) * 28 + final;
}

/* True when the last character is a syllable without a final. */
static inline bool sori_ends_open(struct sori_view text)
{
	uint32_t last = sori_last_point(text, NULL);
	return sori_is_hangul_syllable(last) && sori_hangul_final(last) == 0;
}

static inline bool sori_ends_in_hangul(struct sori_view text)
{
	return sori_is_hangul_syllable(sori_last_point(text, NULL));
}

static inline bool sori_view_ends(struct sori_view text, struct sori_view end)
{
	return text.length >= end.length && memcmp(text.at + text.length - end.length, end.at, end.length) == 0;
}

#endif
