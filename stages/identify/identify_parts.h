/* The parts of the stage that stand alone. */
#ifndef SORI_STAGES_IDENTIFY_PARTS_H
#define SORI_STAGES_IDENTIFY_PARTS_H

#include <stdint.h>

#include "pipeline/base/view.h"
#include "pipeline/core/batch.h"

/* Whole stars of a rating column: "5", "4.5" (half up), "5점", "별점 3", "4/5", "5점 만점에 4점", "★★★★☆", "80%" and "80점"
 * (of a hundred, 20 a star); -1 when there is none or it is over 10 in another way. */
int8_t sori_rating_parse(struct sori_view value);

/* Language of a normalised text by the share of Hangul syllables (counted twice: a syllable carries about two letters)
 * and Latin letters: ko from 70 % Hangul, en from 90 % Latin, mixed between, und without either. */
enum sori_language sori_language_of(struct sori_view normalized);

#endif
