/* The compiled dictionary: what the compiler (dict_*.c, compile.c, conjugate.c, english.c) hands to the matcher
 * (index.c, match.c, verify.c, clause.c, scope.c, rules.c). Read-only after sori_dictionary_load; shared by threads.
 *
 * Everything is flat and conjunctive by then: every entry of the language, also a plain term, is a RULE with one or
 * more SLOTS; a slot is satisfied by any TERM of a SET; a term is found through its surface FORMS. */
#ifndef SORI_EXTRACT_DICTIONARY_H
#define SORI_EXTRACT_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/catalog.h"

/* Continuation classes of the ending grammar (dictionaries/grammar/endings.tsv); a form names the class that reads the
 * rest of its word. The first ones are fixed because the compiler writes them; the others are named by the table. */
enum sori_tail {
	SORI_TAIL_WORD, /* Latin: word boundary, or Hangul particles */
	SORI_TAIL_END,  /* Hangul fixed word: end of run or particles (JT) */
	SORI_TAIL_ANY,  /* no check on the right */
	SORI_TAIL_V, SORI_TAIL_K, SORI_TAIL_B, SORI_TAIL_L, SORI_TAIL_D, SORI_TAIL_U, SORI_TAIL_W, SORI_TAIL_A,
	SORI_TAIL_ADV,
	SORI_TAIL_NOUN, /* NSv, NSk or NSl by the last syllable's final; NJ* when the term's tail is `josa` */
	SORI_TAIL_COUNT
};

enum sori_left { SORI_LEFT_STRICT, SORI_LEFT_OWN, SORI_LEFT_ANY };
enum sori_right { SORI_RIGHT_JOSA, SORI_RIGHT_SUFFIX, SORI_RIGHT_OPEN, SORI_RIGHT_ANY };

enum sori_term_kind { SORI_TERM_NOUN, SORI_TERM_VERB, SORI_TERM_ADVERB, SORI_TERM_ENGLISH, SORI_TERM_EXCLUSION,
		      SORI_TERM_PREFIX, SORI_TERM_LEFT };

/* One surface string. `text` is in normalised form (the same function as the feedback text). When `open`, the form ends
 * in a syllable without a final that may take any final in the text (끊기 also reads 끊긴, 끊김): that final is the first
 * jamo of the ending. Nouns of two syllables or more are open too (배터린, 배터립니다); there the particle tables must
 * read the final, the open tail must not. Forms of one text may occur several times with different terms or tails. */
struct sori_form {
	struct sori_view text;
	uint32_t term;
	uint8_t tail; /* enum sori_tail */
	bool open;
	bool upper;   /* Latin: matches capitals only (the original text decides) */
};

struct sori_term {
	struct sori_view label;  /* as the author wrote it, e.g. "v:끊기다" */
	uint8_t kind;            /* enum sori_term_kind */
	uint8_t left;            /* enum sori_left */
	uint8_t right;           /* enum sori_right */
	bool phrase;             /* written as p:, whatever its kind */
	uint16_t set_count;
	uint32_t set_first;      /* slice of dictionary->term_sets: the sets it belongs to, ascending */
	struct sori_view *ex;    /* longer surface words that suppress it when they cover it; normalised */
	uint16_t ex_count;
	uint32_t file, line;
};

enum sori_relation { SORI_RELATE_SAME, SORI_RELATE_NEAR, SORI_RELATE_ORDER, SORI_RELATE_GAP };

struct sori_constraint {
	uint8_t left_slot, right_slot;
	uint8_t relation; /* NEAR: at most `distance` words apart; ORDER: left before right; GAP: left before right with at
			   * most `distance` words between */
	uint8_t distance;
};

enum sori_within { SORI_WITHIN_CLAUSE, SORI_WITHIN_SENTENCE, SORI_WITHIN_RECORD };

#define SORI_SLOT_LIMIT 6

struct sori_slot {
	uint16_t set;
	bool context; /* from req=: must be there, not part of the span, its scope does not matter */
};

/* A condition on record fields: role in {channel, product, region, dim1..3}: value is one of values; or rating <= / >=. */
struct sori_when {
	uint8_t role; /* enum sori_role */
	int8_t compare; /* 0: one of values; -1: rating <= number; 1: rating >= number */
	int number;
	struct sori_view *values;
	uint16_t value_count;
};

struct sori_rule {
	uint32_t entry;
	uint8_t slot_count, constraint_count, forbid_count, when_count;
	uint8_t within; /* enum sori_within */
	struct sori_slot slots[SORI_SLOT_LIMIT];
	struct sori_constraint constraints[SORI_SLOT_LIMIT];
	const uint16_t *forbid; /* sets that must not be in the clause (sentence, record) */
	const struct sori_when *when;
};

#define SORI_CATEGORY_NONE UINT16_MAX

/* What the author calls an entry; several rules may share one (alternatives). */
struct sori_entry {
	struct sori_view id;     /* id=, else "file:line" with the path below the dictionary folder */
	struct sori_view source; /* the line as written */
	uint16_t category;       /* into the catalog */
	uint16_t flip;           /* category that a negated hit counts for, SORI_CATEGORY_NONE: none */
	uint16_t keep_tags;      /* tags that this entry lets count, over the category's count_tags */
	uint16_t drop_tags;      /* tags that it does not let count */
	uint8_t severity;
	uint32_t file, line;
};

struct sori_example {
	struct sori_view text;
	uint16_t category;
	bool wanted; /* + or - */
	uint32_t file, line, column;
};

struct sori_index;   /* trie and prefilter, built by index.c from forms */
struct sori_grammar; /* ending tables, grammar.h */

struct sori_dictionary {
	struct sori_arena arena; /* owns all text and arrays below */
	struct sori_catalog catalog;
	struct sori_view *files; /* paths below their dictionary folder */
	uint32_t file_count;
	struct sori_form *forms;
	uint32_t form_count;
	struct sori_term *terms;
	uint32_t term_count;
	uint16_t *term_sets;
	uint32_t set_count; /* sets 0..set_count-1; a term used directly in a rule has a set of its own */
	struct sori_view *set_names; /* per set: "$NAME", or the term's label */
	struct sori_rule *rules;
	uint32_t rule_count;
	struct sori_entry *entries;
	uint32_t entry_count;
	struct sori_example *examples;
	uint32_t example_count;
	struct sori_index *index;
	struct sori_grammar *grammar;
};

/* Called for each finding while loading; `text` is one line. Errors make the load fail after all files were read. */
struct sori_finding {
	bool error; /* else a warning */
	const char *file;
	uint32_t line, column;
	const char *text;
};
typedef void (*sori_finding_fn)(void *user, const struct sori_finding *finding);

/* Loads every *.dict below the folders (each folder's files in byte order; a later folder adds or overrides by entry
 * id) and grammar/ of the first folder that has one, compiles and indexes them. SORI_CONFIG on any error finding. */
enum sori_status sori_dictionary_load(struct sori_dictionary **dictionary, const char *const *folders, size_t folder_count,
				      sori_finding_fn report, void *user, struct sori_error *error);
/* The same with `text` as one more file behind all others: what an author tries out. */
enum sori_status sori_dictionary_load_more(struct sori_dictionary **dictionary, const char *const *folders,
					   size_t folder_count, const char *name, struct sori_view text,
					   sori_finding_fn report, void *user, struct sori_error *error);
void sori_dictionary_free(struct sori_dictionary *dictionary);

/* Runs every + and - example; reports the failures, returns how many. */
size_t sori_dictionary_run_examples(const struct sori_dictionary *dictionary, sori_finding_fn report, void *user,
				    struct sori_error *error);

/* index.c: builds dictionary->index from the forms; called by sori_dictionary_load. */
enum sori_status sori_index_build(struct sori_dictionary *dictionary, struct sori_error *error);
void sori_index_free(struct sori_index *index);

/* grammar.c: reads endings.tsv and scope.tsv of the folder. */
enum sori_status sori_grammar_load(struct sori_grammar **grammar, const char *folder, struct sori_error *error);
void sori_grammar_free(struct sori_grammar *grammar);

/* match.c: the matcher over a normalised batch. One per thread. */
struct sori_matcher;
enum sori_status sori_matcher_new(struct sori_matcher **matcher, const struct sori_dictionary *dictionary,
				  struct sori_error *error);
void sori_matcher_free(struct sori_matcher *matcher);
/* Fills batch->hits and each record's hits and categories; needs normalized and masks (no hit overlaps a mask). */
enum sori_status sori_matcher_run(struct sori_matcher *matcher, struct sori_batch *batch, struct sori_error *error);

/* One text through normalize, redact and the matcher (pipeline/text): for examples, explain and tests. The batch is reset
 * first and holds one record afterwards, its text field a view of `text`. */
enum sori_status sori_extract_text(struct sori_matcher *matcher, struct sori_view text, struct sori_batch *batch,
				   struct sori_error *error);

#endif
