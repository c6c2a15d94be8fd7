/* Shared by grammar.c (reading the tables), endings.c (running the automaton) and words.c (the word lists). */
#ifndef SORI_EXTRACT_GRAMMAR_INTERNAL_H
#define SORI_EXTRACT_GRAMMAR_INTERNAL_H

#include "stages/extract/grammar.h"

#define SORI_JAMO_COUNT 68 /* 19 initials, 21 vowels, 27 finals, one spare */
#define SORI_CLASS_LIMIT 64
#define SORI_JAMO_VOWEL 19
#define SORI_JAMO_FINAL 39 /* + 1..27 */

/* A node of the trie of one class. `jump`: continuations when a string ends here. */
struct sori_grammar_node {
	uint32_t child, sibling; /* node numbers, 0: none (node 0 is nobody's child) */
	uint32_t jump;           /* first continuation + 1, 0: none */
	uint8_t symbol;
	uint8_t final; /* root of a class of @final */
};

struct sori_grammar_jump {
	uint32_t root;   /* node of the next class */
	uint32_t labels;
	uint32_t next;   /* as node.jump */
};

/* One pattern of scope.tsv, in a table sorted by the pattern's text. */
enum sori_pattern_kind {
	SORI_PATTERN_WORD,   /* the word itself */
	SORI_PATTERN_PARTICLE, /* word=  it, or it and a particle */
	SORI_PATTERN_PREFIX, /* word~  begins with it */
	SORI_PATTERN_OPEN,   /* word+  begins with it, the last syllable with any final */
	SORI_PATTERN_SUFFIX, /* ~word */
	SORI_PATTERN_INSIDE, /* ~word~ */
	SORI_PATTERN_PHRASE  /* en-fixed: several words */
};

struct sori_pattern {
	struct sori_view text;
	uint64_t words;
	uint64_t letters; /* loose ones: signature of the letters, all of which the word must have */
	uint8_t kind;
};

struct sori_grammar {
	struct sori_arena arena;
	struct sori_grammar_node *nodes;
	size_t node_count, node_capacity;
	struct sori_grammar_jump *jumps;
	size_t jump_count, jump_capacity;
	struct { char name[8]; uint32_t root; } classes[SORI_CLASS_LIMIT];
	size_t class_count;
	uint32_t entries[SORI_ENTRY_COUNT];
	struct sori_pattern *patterns;
	size_t pattern_count, pattern_capacity;
	uint32_t *buckets; /* patterns by the first code point's hash: bucket b is [buckets[b], buckets[b+1]) */
	uint32_t break_letters; /* bit per first letter a..z of the list `break` */
	size_t loose_first;  /* SUFFIX and INSIDE patterns stand at the end, from here on */
};

/* words.c */
enum sori_status sori_words_load(struct sori_grammar *grammar, const char *path, struct sori_error *error);
/* grammar.c: whole file into the grammar's arena */
enum sori_status sori_grammar_read_file(struct sori_grammar *grammar, const char *path, struct sori_view *text,
					struct sori_error *error);

#endif
