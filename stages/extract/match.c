/* The matcher over a batch, record by record: words from the memo, clauses, rules, hits. DESIGN.md tells the whole story. */
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
	sori_free(matcher->letters);
	sori_free(matcher->marks);
	sori_free(matcher->matches);
	sori_free(matcher->words);
	sori_free(matcher->present);
	sori_free(matcher->occurrences);
	sori_free(matcher);
}

static void match_record(struct sori_matcher *m, struct sori_record *record)
{
	m->record = record;
	m->text = sori_record_text(m->batch, record);
	m->first_hit = m->batch->hit_count;
	memset(record->categories, 0, sizeof record->categories);
	sori_memo_begin(m);
	sori_clause_cut(m);
	if (!m->failed)
		sori_memo_matches(m);
	if (!m->failed && m->match_count)
		sori_rules_run(m);
	record->hit_first = (uint32_t)m->first_hit;
	record->hit_count = (uint32_t)(m->batch->hit_count - m->first_hit);
}

enum sori_status sori_matcher_run(struct sori_matcher *matcher, struct sori_batch *batch, struct sori_error *error)
{
	matcher->batch = batch;
	matcher->failed = false;
	batch->hit_count = 0;
	for (size_t i = 0; i < batch->count && !matcher->failed; i++)
		if (batch->records[i].reason == SORI_REASON_NONE)
			match_record(matcher, &batch->records[i]);
	return matcher->failed ? sori_fail(error, SORI_SYSTEM, "no memory while matching") : SORI_OK;
}
