/* Shared by the matcher's tests: a dictionary from text, one text through the matcher, the hits as one line. */
#ifndef SORI_TESTS_EXTRACT_HELPER_H
#define SORI_TESTS_EXTRACT_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/extract/compile.h"
#include "stages/extract/extract.h"
#include "stages/extract/match.h"

struct matching {
	struct sori_dictionary *dictionary;
	struct sori_matcher *matcher;
	struct sori_batch *batch;
	char line[4096];
};

static inline void report_error(void *user, const struct sori_finding *finding)
{
	(void)user;
	if (finding->error)
		fail_msg("%u:%u %s", finding->line, finding->column, finding->text);
}

static inline void matching_open(struct matching *x, const char *dictionary)
{
	struct sori_error error = {0};
	if (sori_dictionary_compile_text(&x->dictionary, sori_view_of(dictionary), SORI_SOURCE_DIR "/dictionaries",
					 report_error, NULL, &error) != SORI_OK)
		fail_msg("%s", error.text);
	if (!x->dictionary->grammar)
		assert_int_equal(sori_grammar_load(&x->dictionary->grammar, SORI_SOURCE_DIR "/dictionaries/grammar", &error), SORI_OK);
	if (!x->dictionary->index)
		assert_int_equal(sori_index_build(x->dictionary, &error), SORI_OK);
	assert_int_equal(sori_matcher_new(&x->matcher, x->dictionary, &error), SORI_OK);
	x->batch = sori_batch_new();
	assert_non_null(x->batch);
}

static inline void matching_close(struct matching *x)
{
	sori_matcher_free(x->matcher);
	sori_batch_free(x->batch);
	sori_dictionary_free(x->dictionary);
}

static inline void matching_run(struct matching *x, const char *text)
{
	struct sori_error error = {0};
	if (sori_extract_text(x->matcher, sori_view_of(text), x->batch, &error) != SORI_OK)
		fail_msg("%s: %s", text, error.text);
}

/* "category[text]+tag …", hits in order; "-" when none. With `texts` off the text in brackets is left out. */
static inline const char *matching_line(struct matching *x, const char *text, bool texts)
{
	static const char *const tags[] = {"negated", "rhetorical", "hypothetical", "wish", "past", "resolved",
					   "attributed", "question", "flipped"};
	size_t at = 0;
	matching_run(x, text);
	const struct sori_record *record = &x->batch->records[0];
	strcpy(x->line, "-");
	for (uint32_t i = 0; i < record->hit_count; i++) {
		const struct sori_hit *hit = &x->batch->hits[record->hit_first + i];
		at += (size_t)snprintf(x->line + at, sizeof x->line - at, "%s%s", i ? " " : "",
				       x->dictionary->catalog.categories[hit->category].id);
		if (texts)
			at += (size_t)snprintf(x->line + at, sizeof x->line - at, "[%.*s]", (int)(hit->end - hit->start),
					       text + hit->start);
		for (unsigned t = 0; t < sizeof tags / sizeof tags[0]; t++)
			if (hit->tags >> t & 1)
				at += (size_t)snprintf(x->line + at, sizeof x->line - at, "+%s", tags[t]);
	}
	return x->line;
}

/* The counted categories, blanks between. */
static inline const char *matching_counted(struct matching *x, const char *text)
{
	size_t at = 0;
	matching_run(x, text);
	x->line[0] = '\0';
	for (size_t i = 0; i < x->dictionary->catalog.count; i++)
		if (x->batch->records[0].categories[i / 64] >> (i % 64) & 1)
			at += (size_t)snprintf(x->line + at, sizeof x->line - at, "%s%s", at ? " " : "",
					       x->dictionary->catalog.categories[i].id);
	return x->line;
}

#endif
