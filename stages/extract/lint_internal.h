/* Shared by lint*.c. */
#ifndef SORI_EXTRACT_LINT_INTERNAL_H
#define SORI_EXTRACT_LINT_INTERNAL_H

#include "pipeline/base/utf8.h"
#include "stages/extract/compile.h"
#include "stages/extract/lint.h"
#include "stages/extract/match.h"

struct sori_linting {
	const struct sori_lint *wish;
	const struct sori_dictionary *dictionary;
	struct sori_source source; /* the same files once more, as a tree: the compiler does not keep columns */
	struct sori_matcher *matcher;
	struct sori_batch *batch;
	struct sori_names names;   /* reused by each lint; keys in `arena` or the source */
	struct sori_arena arena;
	struct sori_buffer scratch;
	bool failed;               /* memory */
};

void sori_lint_say(struct sori_linting *l, enum sori_lint_level level, const char *code, struct sori_view subject,
		   struct sori_place place, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* At most so many bytes, cut on a code point border. */
static inline struct sori_view sori_lint_cut(struct sori_view text, size_t bytes)
{
	struct sori_view cut = sori_view_slice(text, 0, bytes);

	cut.length = sori_utf8_valid_prefix(cut);
	return cut;
}

/* Path of a file as opened. */
const char *sori_lint_path(const struct sori_linting *l, uint32_t file);

/* Runs one text through the matcher; the matches are in l->matcher then. */
bool sori_lint_match(struct sori_linting *l, struct sori_view text, struct sori_error *error);

enum sori_status sori_lint_spellings(struct sori_linting *l, struct sori_error *error);
enum sori_status sori_lint_rules(struct sori_linting *l, struct sori_error *error);
enum sori_status sori_lint_words(struct sori_linting *l, struct sori_error *error);

#endif
