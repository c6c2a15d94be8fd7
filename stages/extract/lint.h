/* What is wrong with a dictionary that compiles: the findings of `sori dict check` beyond the compiler's own.
 *
 *   spellings (lint_spelling.c)  repeated, duplicate entries and terms, dead ones
 *   rules (lint_rules.c)         shadowed entries, entries that can never hold, categories without entries
 *   words (lint_words.c)         false friends: terms that stand inside other words of a background
 *   cost (lint_cost.c)           how often a rule is looked at and how seldom it holds, over a corpus
 *
 * Every finding has a code and a subject (a label or an id, no line number), by which an author can accept it. */
#ifndef SORI_EXTRACT_LINT_H
#define SORI_EXTRACT_LINT_H

#include "pipeline/base/buffer.h"
#include "stages/extract/dictionary.h"

enum sori_lint_level {
	SORI_LINT_ERROR,
	SORI_LINT_WARNING, /* something that the author did not mean, or that does nothing */
	SORI_LINT_NOTE     /* harmless: the same said twice */
};

struct sori_lint_finding {
	enum sori_lint_level level;
	const char *code;          /* "dead-term", … */
	struct sori_view subject;
	const char *file;          /* as opened */
	uint32_t line, column;     /* 1-based; column in characters */
	const char *text;          /* one line */
};
typedef void (*sori_lint_fn)(void *user, const struct sori_lint_finding *finding);

/* A word of the background, normalised, and how often it occurs. */
struct sori_lint_word {
	struct sori_view text;
	uint64_t count;
	bool lexeme; /* from a list of words; else as it stands in texts, with endings and without blanks */
};

struct sori_lint {
	const struct sori_dictionary *dictionary; /* loaded from the same folders */
	const char *const *folders;
	size_t folder_count;
	const struct sori_lint_word *words; /* may be NULL */
	size_t word_count;
	sori_lint_fn report;
	void *user;
};

/* All lints, findings in the order of the files' lines within each kind. SYSTEM when memory is out; findings never fail it. */
enum sori_status sori_lint_run(const struct sori_lint *lint, struct sori_error *error);

/* The words of FOLDER/grammar/background.tsv (word, or word, tab, count of texts), the default
 * background; none there: count 0. */
enum sori_status sori_lint_background(struct sori_arena *arena, const char *const *folders, size_t folder_count,
				      struct sori_lint_word **words, size_t *count, struct sori_error *error);

/* ---- cost of rules over texts */

struct sori_lint_cost;

struct sori_lint_rule_cost {
	uint32_t rule;
	uint16_t anchor;     /* the set by which the rule is filed */
	uint64_t candidates; /* texts in which some member of the anchor stands */
	uint64_t complete;   /* texts in which all its members stand somewhere */
	uint64_t hits;       /* texts that its entry hits, counted or not */
};

enum sori_status sori_lint_cost_new(struct sori_lint_cost **cost, const struct sori_dictionary *dictionary,
				    struct sori_error *error);
void sori_lint_cost_free(struct sori_lint_cost *cost);
enum sori_status sori_lint_cost_add(struct sori_lint_cost *cost, struct sori_view text, struct sori_error *error);
/* Rules that were looked at, the most candidates without a hit first; *texts: how many were added. Valid until the cost is
 * freed; NULL when memory is out. */
const struct sori_lint_rule_cost *sori_lint_cost_result(struct sori_lint_cost *cost, size_t *count, uint64_t *texts);

#endif
