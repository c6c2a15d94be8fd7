/* dict suggest, in parts:
 *
 *   dict_suggest.c       options, the pass over the dumps, what is printed
 *   suggest_words.c      texts to words, words to lemmas
 *   suggest_candidates.c which lemmas and pairs mark the unmatched texts; each tried as an entry: gain and loss
 *   suggest_variants.c   spellings and spacings that are one letter off a known term */
#ifndef SORI_CLI_SUGGEST_H
#define SORI_CLI_SUGGEST_H

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/cli/gold.h"
#include "stages/extract/compile.h"
#include "stages/extract/grammar.h"
#include "stages/extract/stem.h"

#define SORI_SUGGEST_FOLDERS 16
#define SORI_SUGGEST_BREAK UINT32_MAX /* among the words of a text: a clause may end here */
#define SORI_SUGGEST_NONE UINT32_MAX

struct sori_suggest_text {
	size_t start, length; /* masked, in suggest->texts */
	size_t word_first, word_count;
	uint64_t categories[SORI_CATEGORY_LIMIT / 64];
	int rating;           /* -1 none */
	bool target;          /* a complaint that nothing explains */
	bool high;            /* rated high, without a complaint: what a candidate must not hit */
};

struct sori_suggest_word {
	struct sori_view text;
	uint32_t lemma; /* SORI_SUGGEST_NONE: no word of content */
	bool hangul, known;
};

struct sori_suggest_lemma {
	struct sori_view text; /* noun, predicate with 다, or English */
	char kind;             /* n v e; 'x': 안 못 */
	bool known;            /* its words are matched by some term */
	bool plain;            /* too common to say anything alone */
	bool general;         /* a bare negative verdict */
	uint32_t words;       /* votes while they are counted, then distinct words */
	uint32_t occurrences;
};

struct sori_suggest_candidate {
	uint32_t first, second; /* lemmas; second NONE: alone */
	uint32_t target, rest;  /* texts in which it stands */
	double z;
	uint32_t entry_line;    /* in the trial file, 0: it does not compile */
	uint32_t gain, loss, other; /* texts that the entry hits and counts: unexplained complaints, rated high, the rest */
	uint32_t with[SORI_CATEGORY_LIMIT]; /* texts it hits that count for a category already */
	uint32_t gold_right, gold_wrong;
	uint16_t category;      /* SORI_CATEGORY_NONE: nobody knows */
	struct sori_view quotes[3];
	size_t quote_count;
};

struct sori_suggest_variant {
	struct sori_view written, known; /* as it stands in texts; the term's form */
	uint32_t term;
	uint32_t count;  /* texts, SORI_SUGGEST_NONE: dropped */
	bool spacing;
	struct sori_view quote;
};

struct sori_suggest {
	struct sori_cli *cli;
	const char *folders[SORI_SUGGEST_FOLDERS];
	size_t folder_count;
	char room[4200];
	struct sori_dictionary *dictionary;
	struct sori_arena arena;
	struct sori_buffer texts;
	struct sori_suggest_text *text;
	size_t text_count, text_capacity;
	uint32_t *sequence; /* words of all texts, breaks between clauses */
	size_t sequence_count, sequence_capacity;
	struct sori_suggest_word *words;
	size_t word_count, word_capacity;
	struct sori_suggest_lemma *lemmas;
	size_t lemma_count, lemma_capacity;
	struct sori_suggest_candidate *candidates;
	size_t candidate_count, candidate_capacity;
	struct sori_suggest_variant *variants;
	size_t variant_count, variant_capacity;
	struct sori_gold gold;
	bool has_gold;
	size_t low, high, least, top;
	double least_z;
	size_t targets, highs;
};

/* Fills words, lemmas and sequence from the texts. */
enum sori_status sori_suggest_words(struct sori_suggest *suggest, struct sori_error *error);
/* Fills candidates, best first, tried. */
enum sori_status sori_suggest_candidates(struct sori_suggest *suggest, struct sori_error *error);
/* The line of the dictionary language that a candidate stands for. */
void sori_suggest_line(const struct sori_suggest *suggest, const struct sori_suggest_candidate *candidate,
		       struct sori_buffer *out);
/* Fills variants, the most frequent first. */
enum sori_status sori_suggest_variants(struct sori_suggest *suggest, struct sori_error *error);

#endif
