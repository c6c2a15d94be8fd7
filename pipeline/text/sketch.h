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
/* The same without vector instructions: what the tests hold the other against. */
void sori_sketch_plain(struct sori_view text, struct sori_sketch *sketch);

/* Number of equal bins: zero bytes of the difference, eight at a time. */
static inline unsigned sori_sketch_equal(const struct sori_sketch *a, const struct sori_sketch *b)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	unsigned unequal = 0;

	for (int i = 0; i < SORI_SKETCH_BINS; i += 8) {
		uint64_t x, y;

		memcpy(&x, a->bins + i, 8);
		memcpy(&y, b->bins + i, 8);
		x ^= y;
		unequal += (unsigned)((((((x & low) + low) | x) & ~low) >> 7) * 0x0101010101010101u >> 56);
	}
	return SORI_SKETCH_BINS - unequal;
}

static inline bool sori_sketch_alike(const struct sori_sketch *a, const struct sori_sketch *b)
{
	return sori_sketch_equal(a, b) >= SORI_SKETCH_ALIKE;
}

#endif
