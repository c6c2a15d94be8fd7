/* English terms to surface forms: inflection by rule with an irregular table, contractions with and without the
 * apostrophe, British and American spelling, words joined by a space or a hyphen. Data: english_irregular.tsv. */
#ifndef SORI_EXTRACT_ENGLISH_H
#define SORI_EXTRACT_ENGLISH_H

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

struct sori_english;

/* Memory in the arena. */
enum sori_status sori_english_load(const struct sori_english **english, struct sori_arena *arena, const char *folder,
				   struct sori_error *error);
struct sori_view sori_english_bytes(const struct sori_english *english);

/* One word of a term: normalised (lower case); `fixed` words (quoted) are taken as they are. */
struct sori_english_word {
	struct sori_view text;
	bool fixed;
	bool hyphen; /* joined to the word before by a hyphen */
};

#define SORI_ENGLISH_WORD_LIMIT 12  /* words of a term */
#define SORI_ENGLISH_FORM_LIMIT 160 /* forms of a term; over it, only one word at a time is inflected */

typedef bool (*sori_english_fn)(void *user, struct sori_view form);

/* Calls `emit` for each form; stops and returns false when emit does, or when there are too many words. The view lives
 * until the call returns. Forms may repeat. Thread-safe. */
bool sori_english_expand(const struct sori_english *english, const struct sori_english_word *words, size_t count,
			 sori_english_fn emit, void *user);

#endif
