/* Conjugation of Korean predicates: from a stem to its allomorphs and the continuation class that reads the rest.
 *
 *   끊기- -> 끊기:V  끊겨:A  끊기어:A  끊기여:A        (Kinds: enum sori_tail; classes: dictionaries/LANGUAGE.md)
 */
#ifndef SORI_EXTRACT_CONJUGATE_H
#define SORI_EXTRACT_CONJUGATE_H

#include "pipeline/base/arena.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

enum sori_verb_class {
	SORI_CLASS_INFER,
	SORI_CLASS_REGULAR, /* 규 */
	SORI_CLASS_L,       /* ㄹ: 힘들다 */
	SORI_CLASS_EU,      /* 으: 나쁘다, 따르다 */
	SORI_CLASS_REU,     /* 르: 빠르다 */
	SORI_CLASS_REO,     /* 러: 푸르다 */
	SORI_CLASS_U,       /* 우: 푸다 */
	SORI_CLASS_YEO,     /* 여: 하다 */
	SORI_CLASS_B,       /* ㅂ: 덥다 */
	SORI_CLASS_D,       /* ㄷ: 듣다 */
	SORI_CLASS_S,       /* ㅅ: 낫다 */
	SORI_CLASS_H,       /* ㅎ: 그렇다 */
	SORI_CLASS_COUNT
};

/* Stem minus its last bytes, plus `add`: the first `keep` bytes of the stem stay. */
struct sori_allomorph {
	size_t keep;
	char add[16];
	uint8_t add_length;
	uint8_t tail; /* enum sori_tail */
	bool open;    /* may take a final: see struct sori_form */
};
#define SORI_ALLOMORPH_LIMIT 8

/* Exceptions and lists of dictionaries/grammar/verb_classes.tsv; memory in the arena it was loaded with. */
struct sori_verb_classes;
enum sori_status sori_verb_classes_load(const struct sori_verb_classes **classes, struct sori_arena *arena,
					const char *folder, struct sori_error *error);
struct sori_view sori_verb_classes_bytes(const struct sori_verb_classes *classes);

/* 규 ㄹ 으 르 러 우 여 ㅂ ㄷ ㅅ ㅎ; SORI_CLASS_INFER for any other text. */
enum sori_verb_class sori_verb_class_of(struct sori_view name);

/* The class of a stem (without 다); *ambiguous (may be NULL) says that the stem belongs to two verbs. */
enum sori_verb_class sori_verb_class_infer(const struct sori_verb_classes *classes, struct sori_view stem, bool *ambiguous);

/* Fills `out`, returns how many; 0 when the stem is empty, does not end in a syllable, or does not fit the class given.
 * Thread-safe. */
size_t sori_conjugate(const struct sori_verb_classes *classes, struct sori_view stem, enum sori_verb_class given,
		      struct sori_allomorph out[SORI_ALLOMORPH_LIMIT]);

/* A light verb that makes predicates of nouns (고장나다): 다-form, and the particles that may stand between. */
struct sori_light_verb {
	struct sori_view stem;      /* without 다 */
	struct sori_view particles; /* blank-separated; 이/가 by the noun's final */
	bool gap;                   /* words may stand between: 고장이 자주 나요 */
};
/* True for the first part of a verb that only looks like a noun with a light verb: 나타(나다), 돌아(가다). */
bool sori_is_compound(const struct sori_verb_classes *classes, struct sori_view first);
size_t sori_light_verbs(const struct sori_verb_classes *classes, const struct sori_light_verb **verbs);

#endif
