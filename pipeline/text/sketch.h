/* Sketches of texts for near-duplicate groups: one-permutation MinHash (Li, Owen, Zhang 2012) with fixed densification
 * (Shrivastava 2017). Two texts whose sets of 5-character shingles overlap by the Jaccard index J agree in about J x 32 bins,
 * so 26 equal bins stand for J of about 0.8.
 *
 * Of a bin's minimum 8 bits are kept: bins of unlike texts agree by chance once in 256, which moves the threshold by less than
 * 0.001 in J and halves what the store keeps. */
#ifndef SORI_TEXT_SKETCH_H
#define SORI_TEXT_SKETCH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "pipeline/base/view.h"

#define SORI_SKETCH_BINS 32
#define SORI_SKETCH_BANDS 8      /* of 4 bins: candidates share one */
#define SORI_SKETCH_ALIKE 26     /* equal bins of alike texts */
#define SORI_SKETCH_SHINGLE 5    /* characters */
#define SORI_SKETCH_CHARACTERS 20 /* shorter texts are alike only when they are equal */

struct sori_sketch {
	unsigned char bins[SORI_SKETCH_BINS];
};

/* `text` is normalised UTF-8. A block that is repeated through the whole text counts once: "늦어요 늦어요 늦어요" has the sketch
 * of "늦어요". The same on every processor. Thread-safe, no allocation. */
void sori_sketch_of(struct sori_view text, struct sori_sketch *sketch);
/* Many at once cost less than half as much each. */
void sori_sketch_many(const struct sori_view *texts, size_t count, struct sori_sketch *sketches);
/* The same without vector instructions: what the tests hold the other against. */
void sori_sketch_plain(struct sori_view text, struct sori_sketch *sketch);

/* Number of equal bins. */
static inline unsigned sori_sketch_equal(const struct sori_sketch *a, const struct sori_sketch *b)
{
#if defined(__SSE2__)
	__m128i low = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)a->bins),
				     _mm_loadu_si128((const __m128i *)(const void *)b->bins));
	__m128i high = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(a->bins + 16)),
				      _mm_loadu_si128((const __m128i *)(const void *)(b->bins + 16)));
	__m128i sums = _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), _mm_add_epi8(low, high)), _mm_setzero_si128());

	return (unsigned)(_mm_cvtsi128_si32(sums) + _mm_extract_epi16(sums, 4));
#else
	unsigned equal = 0;

	for (int i = 0; i < SORI_SKETCH_BINS; i++)
		equal += a->bins[i] == b->bins[i];
	return equal;
#endif
}

static inline bool sori_sketch_alike(const struct sori_sketch *a, const struct sori_sketch *b)
{
	return sori_sketch_equal(a, b) >= SORI_SKETCH_ALIKE;
}

#endif
