/* UTF-8 validation, decoding and encoding (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
#ifndef SORI_BASE_UTF8_H
#define SORI_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/view.h"

/* Length of the valid prefix; equals text.length when all is valid. Vectorised where the CPU allows, same result. */
size_t sori_utf8_valid_prefix(struct sori_view text);
static inline bool sori_utf8_is_valid(struct sori_view text)
{
	return sori_utf8_valid_prefix(text) == text.length;
}

/* Decodes one code point at `at` (at < end) of VALID UTF-8; *length gets its bytes, 1 to 4. */
static inline uint32_t sori_utf8_decode(const char *at, unsigned *length)
{
	const unsigned char *b = (const unsigned char *)at;
	if (b[0] < 0x80) {
		*length = 1;
		return b[0];
	}
	if (b[0] < 0xe0) {
		*length = 2;
		return ((uint32_t)(b[0] & 0x1f) << 6) | (b[1] & 0x3fu);
	}
	if (b[0] < 0xf0) {
		*length = 3;
		return ((uint32_t)(b[0] & 0x0f) << 12) | ((uint32_t)(b[1] & 0x3f) << 6) | (b[2] & 0x3fu);
	}
	*length = 4;
	return ((uint32_t)(b[0] & 0x07) << 18) | ((uint32_t)(b[1] & 0x3f) << 12) | ((uint32_t)(b[2] & 0x3f) << 6) |
	       (b[3] & 0x3fu);
}

/* Encodes a scalar value; returns the bytes written, 1 to 4. */
unsigned sori_utf8_encode(uint32_t point, char out[4]);

/* Number of code points in valid UTF-8. */
size_t sori_utf8_count(struct sori_view text);

/* Precomposed Hangul syllables U+AC00..D7A3: index of initial (0-18), vowel (0-20), final (0 = none, 1-27). */
static inline bool sori_is_hangul_syllable(uint32_t point)
{
	return point >= 0xac00 && point <= 0xd7a3;
}
static inline unsigned sori_hangul_initial(uint32_t point) { return (point - 0xac00) / 588; }
static inline unsigned sori_hangul_vowel(uint32_t point) { return (point - 0xac00) / 28 % 21; }
static inline unsigned sori_hangul_final(uint32_t point) { return (point - 0xac00) % 28; }

#endif
