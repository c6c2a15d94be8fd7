/* The ending grammar (endings.tsv) and the scope words (scope.tsv) of dictionaries/grammar, and the automaton that reads
 * the rest of a word after a form. struct sori_grammar is read-only after loading and shared; struct sori_endings is one
 * per thread. */
#ifndef SORI_EXTRACT_GRAMMAR_H
#define SORI_EXTRACT_GRAMMAR_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/extract/dictionary.h"

/* What an ending says to the scope rules; the names stand in endings.tsv. X(NAME, name) */
#define SORI_LABEL_LIST(X) \
	X(COND, "cond") /* if, even if: 면 다면 더라도 어도 */ \
	X(ASK, "ask") /* 나요 까요 ㄴ가요 */ \
	X(CONTRAST, "contrast") /* 지만 는데 */ \
	X(QUOTE, "quote") /* 다고 다는 */ \
	X(NEGJI, "negji") /* 지 지는 지가: a long negation may follow */ \
	X(NEGAUX, "negaux") /* 않 못하 말 glued on */ \
	X(NEGNOUN, "negnoun") /* 없 glued on a noun */ \
	X(ANMOT, "anmot") /* 안 못 glued between noun and light verb */ \
	X(NEGDO, "negdo") /* the light verb after it that it negates */ \
	X(CANNOT, "cannot") /* 안되 못쓰 */ \
	X(NOM, "nom") /* ㅁ 음 */ \
	X(ADN, "adn") /* ㄴ ㄹ 는 던 */ \
	X(THING, "thing") /* 것 거 일 적 after an adnominal, glued */ \
	X(WAY, "way") /* 수 */ \
	X(KNOW, "know") /* 줄 */ \
	X(PAST, "past") /* ㅆ */ \
	X(RETRO, "retro") /* 던 ㅆ었 */ \
	X(WISH, "wish") /* 고 싶 */ \
	X(OBL, "obl") /* a particle that makes no subject or object: 에 로 보다 */ \
	X(LIGHT, "lv") /* light verb after a noun */

enum sori_label_bit {
#define SORI_LABEL_ENUM(name, text) SORI_LABEL_BIT_##name,
	SORI_LABEL_LIST(SORI_LABEL_ENUM)
#undef SORI_LABEL_ENUM
	SORI_LABEL_BIT_COUNT
};
enum sori_label {
#define SORI_LABEL_ENUM(name, text) SORI_LABEL_##name = 1 << SORI_LABEL_BIT_##name,
	SORI_LABEL_LIST(SORI_LABEL_ENUM)
#undef SORI_LABEL_ENUM
};
#define SORI_LABEL_CANCEL_SHIFT 24 /* bits from here on cancel the labels 0 to 7 */

/* Where a parse begins: the form kinds of dictionary.h and the noun classes. */
enum sori_entry_class {
	SORI_ENTRY_V, SORI_ENTRY_K, SORI_ENTRY_B, SORI_ENTRY_L, SORI_ENTRY_D, SORI_ENTRY_U, SORI_ENTRY_W, SORI_ENTRY_A,
	SORI_ENTRY_ADV, SORI_ENTRY_END,
	SORI_ENTRY_NJV, SORI_ENTRY_NJK, SORI_ENTRY_NJL,
	SORI_ENTRY_NSV, SORI_ENTRY_NSK, SORI_ENTRY_NSL,
	SORI_ENTRY_NV,
	SORI_ENTRY_COUNT
};

struct sori_tail_parse {
	uint32_t end;     /* byte after the longest accepted prefix of the rest; the form's end when nothing was accepted */
	uint32_t labels;  /* of that prefix */
	bool accepted;    /* some prefix, the empty one included, is a complete word */
	bool whole;       /* the longest one reaches the end of the run */
	uint64_t borders; /* bit k: the word may end k syllables after the form (k <= 63) */
};

struct sori_endings;
enum sori_status sori_endings_new(struct sori_endings **endings, const struct sori_grammar *grammar,
				  struct sori_error *error);
void sori_endings_free(struct sori_endings *endings);

/* Reads the Hangul syllables of text[at, end) from class `entry` on; `final` (0 none) is the final consonant that an
 * open form's last syllable carries in the text: it is read first. At most 40 syllables are read. False when memory is
 * out. */
bool sori_endings_parse(struct sori_endings *endings, unsigned entry, unsigned final, struct sori_view text, uint32_t at,
			uint32_t end, struct sori_tail_parse *parse);

/* Word lists of scope.tsv; the names stand in the file. X(NAME, name) */
#define SORI_WORD_LIST(X) \
	X(AN, "an") X(NEGAUX, "negaux") X(NONE, "none") X(GONE, "gone") X(APPEAR, "appear") X(ADVERB, "adverb") \
	X(THING, "thing") X(WAY, "way") X(KNOW, "know") X(KNEW, "knew") X(SEEMED, "seemed") X(RHETORIC, "rhetoric") \
	X(WHY, "why") X(WISH, "wish") X(PERSON, "person") X(BEFORE, "before") X(NOW, "now") X(BETTER, "better") \
	X(SUPERLATIVE, "superlative") X(NOTNEG, "notneg") X(STILL, "still") X(BREAK, "break") \
	X(GIVEN, "given") X(WISH_IF, "wish-if") X(GRATEFUL, "grateful") X(ASKING, "asking") X(EMBED, "embed") X(OTHER, "other") X(TROUBLE, "trouble") \
	X(SELF, "self") X(FORMER, "former") X(GEAR, "gear") X(USING, "using") X(SWITCH, "switch") \
	X(EN_NEG, "en-neg") X(EN_NO, "en-no") X(EN_FREE, "en-free") X(EN_STOP, "en-stop") X(EN_IF, "en-if") \
	X(EN_WISH, "en-wish") X(EN_BEFORE, "en-before") X(EN_ASK, "en-ask") X(EN_ENDED, "en-ended") X(EN_SKIP, "en-skip") \
	X(EN_OPEN, "en-open") X(EN_DAY, "en-day") X(EN_FAULT, "en-fault") X(EN_WANT, "en-want") X(EN_SHOULD, "en-should") \
	X(EN_MINE, "en-mine") X(EN_OTHER, "en-other") X(EN_NOW, "en-now") X(EN_FINE, "en-fine") X(EN_STILL, "en-still") \
	X(EN_PAST, "en-past") X(EN_ISNT, "en-isnt") X(EN_MEND, "en-mend") X(EN_LEAD, "en-lead")

enum sori_word_bit {
#define SORI_WORD_ENUM(name, text) SORI_WORD_BIT_##name,
	SORI_WORD_LIST(SORI_WORD_ENUM)
#undef SORI_WORD_ENUM
	SORI_WORD_BIT_COUNT
};
#define SORI_WORD(name) (UINT64_C(1) << SORI_WORD_BIT_##name)

/* The lists (SORI_WORD bits) that a word of normalised text stands in. */
uint64_t sori_grammar_word(const struct sori_grammar *grammar, struct sori_view word);

/* The word stands in the list `break`; quick for words that do not. */
bool sori_grammar_breaks(const struct sori_grammar *grammar, struct sori_view word);

/* English phrases that contain a negator and do not negate ("not only", "no wonder"): length of the one that `text`
 * begins with, 0 none. */
size_t sori_grammar_fixed_phrase(const struct sori_grammar *grammar, struct sori_view text);

#endif
