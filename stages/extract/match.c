/* The matcher over a batch, some records at a time. DESIGN.md tells the whole story. */
#include "stages/extract/match.h"

#include "pipeline/base/memory.h"

#define CANDIDATE_CAPACITY 1024u

enum sori_status sori_matcher_new(struct sori_matcher **matcher, const struct sori_dictionary *dictionary,
				  struct sori_error *error)
{
	struct sori_matcher *m = sori_alloc_zero(1, sizeof *m);
	if (!m)
		return sori_fail(error, SORI_SYSTEM, "no memory for the matcher");
	m->dictionary = dictionary;
	m->index = dictionary->index;
	m->candidates.at = sori_alloc_zero(CANDIDATE_CAPACITY, sizeof *m->candidates.at);
	m->candidates.kind = sori_alloc_zero(CANDIDATE_CAPACITY, sizeof *m->candidates.kind);
	m->candidates.capacity = CANDIDATE_CAPACITY;
	enum sori_status status = SORI_OK;
	if (!m->candidates.at || !m->candidates.kind)
		status = sori_fail(error, SORI_SYSTEM, "no memory for the matcher");
	if (status == SORI_OK)
		status = sori_endings_new(&m->endings, dictionary->grammar, error);
	if (status == SORI_OK)
		status = sori_rules_prepare(m, error);
	if (status == SORI_OK)
		status = sori_memo_new(m, error);
	if (status == SORI_OK)
		status = sori_passages_new(m, error);
	if (status != SORI_OK) {
		sori_matcher_free(m);
		return status;
	}
	*matcher = m;
	return SORI_OK;
}

void sori_matcher_free(struct sori_matcher *matcher)
{
	if (!matcher)
		return;
	sori_free(matcher->candidates.at);
	sori_free(matcher->candidates.kind);
	sori_endings_free(matcher->endings);
	sori_rules_release(matcher);
	sori_memo_free(matcher);
	sori_passages_free(matcher);
	sori_free(matcher->found);
	sori_free(matcher->letters);
	sori_free(matcher->marks);
	sori_free(matcher->matches);
	sori_free(matcher->words);
	sori_free(matcher->occurrences);
	sori_free(matcher);
}

enum sori_status sori_matcher_run(struct sori_matcher *matcher, struct sori_batch *batch, struct sori_error *error)
{
	matcher->batch = batch;
	matcher->failed = false;
	batch->hit_count = 0;
	for (size_t i = 0; i < batch->count && !matcher->failed; i += SORI_PASSAGE_BLOCK) {
		size_t left = batch->count - i;
		sori_passages_run(matcher, batch->records + i, left < SORI_PASSAGE_BLOCK ? left : SORI_PASSAGE_BLOCK);
	}
	return matcher->failed ? sori_fail(error, SORI_SYSTEM, "no memory while matching") : SORI_OK;
}
