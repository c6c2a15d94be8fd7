/* The matcher over a batch: the prefilter runs over the whole buffer of normalised texts, piece by piece; each candidate
 * is verified in its record; a record with matches gets words, clauses, rules and hits when its last candidate is
 * through. Most records of a batch share one pass, so the tables stay in the cache. DESIGN.md tells the whole story. */
#include "stages/extract/match.h"

#include "pipeline/base/memory.h"

#define CANDIDATE_CAPACITY 8192u

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
	sori_free(matcher->matches);
	sori_free(matcher->words);
	sori_free(matcher->present);
	sori_free(matcher->occurrences);
	sori_free(matcher);
}

static void begin_record(struct sori_matcher *m, struct sori_record *record)
{
	m->record = record;
	m->text = sori_record_text(m->batch, record);
	record->hit_first = (uint32_t)m->batch->hit_count;
	record->hit_count = 0;
	memset(record->categories, 0, sizeof record->categories);
	sori_verify_begin(m);
}

static void finish_record(struct sori_matcher *m)
{
	if (m->match_count)
		sori_verify_finish(m);
	if (!m->match_count)
		return;
	m->first_hit = m->batch->hit_count;
	sori_clause_cut(m);
	if (!m->failed)
		sori_rules_run(m);
	m->record->hit_first = (uint32_t)m->first_hit;
	m->record->hit_count = (uint32_t)(m->batch->hit_count - m->first_hit);
}

/* The records in the order of their texts; rejected ones have none. */
struct cursor {
	size_t next; /* record to begin next */
	size_t end;  /* byte after the text of the one begun */
};

/* Finishes records until the one that holds byte `at` is begun; false when none does. */
static bool advance(struct sori_matcher *m, struct cursor *cursor, size_t at)
{
	while (at >= cursor->end) {
		if (m->record)
			finish_record(m);
		m->record = NULL;
		while (cursor->next < m->batch->count && m->batch->records[cursor->next].reason != SORI_REASON_NONE)
			cursor->next++;
		if (cursor->next == m->batch->count)
			return false;
		struct sori_record *record = &m->batch->records[cursor->next++];
		begin_record(m, record);
		cursor->end = (size_t)record->norm_start + record->norm_length + 1;
	}
	return at >= m->record->norm_start;
}

enum sori_status sori_matcher_run(struct sori_matcher *matcher, struct sori_batch *batch, struct sori_error *error)
{
	struct sori_matcher *m = matcher;
	struct sori_view text = sori_buffer_view(&batch->normalized);
	struct sori_scan scan = {0};
	struct cursor cursor = {0};
	m->batch = batch;
	m->record = NULL;
	m->failed = false;
	batch->hit_count = 0;
	while (scan.at < text.length && !m->failed) {
		m->candidates.count = 0;
		sori_scan_run(m->index, text, &scan, &m->candidates);
		for (size_t i = 0; i < m->candidates.count; i++) {
			size_t at = m->candidates.at[i];
			if (advance(m, &cursor, at))
				sori_verify_candidate(m, (uint32_t)(at - m->record->norm_start), m->candidates.kind[i]);
		}
	}
	advance(m, &cursor, SIZE_MAX);
	return m->failed ? sori_fail(error, SORI_SYSTEM, "no memory while matching") : SORI_OK;
}
