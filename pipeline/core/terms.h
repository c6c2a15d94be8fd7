/* Terms of many documents: words of normalised text, their readings by vote, and pairs of neighbours; then which documents have
 * which. For analyse_emerging.c. */
#ifndef SORI_CORE_TERMS_H
#define SORI_CORE_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/core/analyse_emerging.h"

struct sori_term_use {
	uint32_t term, document;
};

struct sori_terms {
	struct sori_arena arena;       /* texts */
	struct sori_view *text;        /* [count] in byte order: a word, or two with a blank */
	bool *pair;                    /* [count] */
	size_t count;
	struct sori_term_use *uses;    /* by term, then document; each pair once */
	size_t use_count;
};

struct sori_term_gather;

/* Gathers documents (numbered 0, 1, 2 … as they are added), then votes. NULL when memory is out. */
struct sori_term_gather *sori_term_gather_new(const struct sori_term_grammar *grammar);
void sori_term_gather_free(struct sori_term_gather *gather);
/* `text` is normalised. Words of one letter, numbers and what holds a mask are no terms. */
enum sori_status sori_term_gather_add(struct sori_term_gather *gather, struct sori_view text, struct sori_error *error);
/* The result does not depend on the order in which documents were added, but for their numbers. Release `terms` afterwards. */
enum sori_status sori_term_gather_end(struct sori_term_gather *gather, struct sori_terms *terms, struct sori_error *error);
void sori_terms_release(struct sori_terms *terms);

#endif
