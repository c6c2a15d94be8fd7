/* From words as written back to dictionary forms, by guessing: the ending grammar says where a word may be cut, conjugation
 * says which predicates read so. Several guesses stand side by side; whoever has many words lets them vote. For the
 * author's tools, not for matching. */
#ifndef SORI_EXTRACT_STEM_H
#define SORI_EXTRACT_STEM_H

#include "stages/extract/dictionary.h"

struct sori_stemmer;

/* `folder` holds grammar/; the dictionary's grammar is borrowed. One thread each. */
enum sori_status sori_stemmer_new(struct sori_stemmer **stemmer, const struct sori_dictionary *dictionary,
				  const char *const *folders, size_t folder_count, struct sori_error *error);
void sori_stemmer_free(struct sori_stemmer *stemmer);

#define SORI_STEM_LIMIT 32
#define SORI_STEM_BYTES 64

struct sori_stem {
	uint8_t kind;  /* SORI_TERM_NOUN, SORI_TERM_VERB */
	uint8_t tail;  /* bytes of the word that are ending */
	uint8_t length;
	char text[SORI_STEM_BYTES]; /* a noun, or a predicate with 다 */
};

/* Guesses for a run of Hangul syllables (at most 20; longer ones get none), each once. Nouns have two syllables or more. */
size_t sori_stem_guess(struct sori_stemmer *stemmer, struct sori_view word, struct sori_stem out[SORI_STEM_LIMIT]);

/* After sori_extract_text: whether some term stands at [start, end) of the normalised text, or over it. */
bool sori_matcher_covers(struct sori_matcher *matcher, uint32_t start, uint32_t end);
/* After sori_extract_text: whether some match serves a set that this term belongs to. */
bool sori_matcher_serves(struct sori_matcher *matcher, uint32_t term);

#endif
