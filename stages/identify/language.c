/* Byte counting: in UTF-8 the syllables U+AC00..D7A3 are exactly (but for a few hundred Yi and Meetei letters) the sequences that
 * begin with 0xEA..0xED, and no continuation byte falls there. Sixteen bytes at a time where the processor always can: sums of up to
 * 255 turns fit a byte, so a long text is counted in stretches. */
#include <string.h>

#include "stages/identify/identify_parts.h"

#if defined(__SSE2__)
#include <emmintrin.h>

#define STRETCH (16 * 255)

/* All ones where a byte is one of the `width` from `first` on. */
static __m128i in_range(__m128i bytes, int first, int width)
{
	__m128i moved = _mm_sub_epi8(bytes, _mm_set1_epi8((char)first));

	return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8((char)(width - 1))), moved);
}

/* The last length % 16 bytes, after zeros. */
static __m128i load_last(const char *at, size_t length)
{
	static const unsigned char fence[32] = {[16] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	char few[16] = {0};

	if (length >= 16)
		return _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)(at + length - 16)),
				     _mm_loadu_si128((const __m128i *)(const void *)(fence + length % 16)));
	memcpy(few, at, length);
	return _mm_loadu_si128((const __m128i *)(const void *)few);
}

static size_t sum(__m128i counts)
{
	__m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());

	return (size_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi16(sums, 4));
}

static void count_stretch(const char *at, size_t length, size_t *hangul, size_t *latin)
{
	__m128i syllables = _mm_setzero_si128(), letters = _mm_setzero_si128();

	for (size_t i = 0; i < length; i += 16) {
		__m128i bytes = length - i < 16 ? load_last(at, length) : _mm_loadu_si128((const __m128i *)(const void *)(at + i));

		syllables = _mm_sub_epi8(syllables, in_range(bytes, 0xea, 4));
		letters = _mm_sub_epi8(letters, in_range(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26));
	}
	*hangul += sum(syllables);
	*latin += sum(letters);
}
#else
#define STRETCH SIZE_MAX

static void count_stretch(const char *at, size_t length, size_t *hangul, size_t *latin)
{
	for (size_t i = 0; i < length; i++) {
		*hangul += (unsigned char)((unsigned char)at[i] - 0xea) < 4;
		*latin += (unsigned char)(((unsigned char)at[i] | 0x20) - 'a') < 26;
	}
}
#endif

enum sori_language sori_language_of(struct sori_view normalized)
{
	size_t hangul = 0, latin = 0;

	for (size_t at = 0; at < normalized.length; at += STRETCH) {
		size_t left = normalized.length - at;

		count_stretch(normalized.at + at, left < STRETCH ? left : STRETCH, &hangul, &latin);
	}
	hangul *= 2;
	if (hangul + latin == 0)
		return SORI_LANG_UND;
	if (hangul * 10 >= (hangul + latin) * 7)
		return SORI_LANG_KO;
	if (latin * 10 >= (hangul + latin) * 9)
		return SORI_LANG_EN;
	return SORI_LANG_MIXED;
}
