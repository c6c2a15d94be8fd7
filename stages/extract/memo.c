/* Words seen before. Feedback repeats its words (a night's texts of a million rows have some ten thousand that matter), and
 * what a word contains does not depend on its neighbours: the terms in it with their endings, what longer terms take away
 * from shorter ones, its word lists. All that is worked out once per word and thread, and copied from then on; text costs
 * a look-up a word instead of a scan, a walk and a parse.
 *
 * What does depend on the neighbours is kept apart: a term that goes over the end of the word (log in, 안 되다). The places
 * where one may begin are noted with the word ("spills"); a bitmap over the start and the first three bytes behind the blank
 * tells cheaply whether it can go on here, and only then the trie is asked. A record with such a term is ordered as a whole.
 *
 * The memo is emptied when it is full. That changes speed only: an entry is a function of the word's bytes. */
#include "stages/extract/memo.h"

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define WORD_LIMIT 96u /* bytes; longer words are worked out each time */
#define SLOT_BITS 15u
#define ENTRY_LIMIT 24576u /* entries before the memo is emptied */
#define POOL_LIMIT (1u << 17) /* matches, likewise */
#define SPILL_LIMIT 64u /* bytes of a word that a term over several words may begin with */
#define NO_ENTRY UINT32_MAX

/* sori_spill_hash for text that is readable 8 bytes past its end. */
static inline uint64_t hash_text(const char *at, size_t length)
{
	uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15);
	for (; length > 8; length -= 8, at += 8) {
		hash = (hash ^ sori_index_load(at)) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	hash = (hash ^ (length ? sori_index_load(at) << (64 - 8 * length) >> (64 - 8 * length) : 0)) *
	       UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 32) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 29;
}

enum sori_status sori_memo_new(struct sori_matcher *m, struct sori_error *error)
{
	struct sori_memo *memo = m->memo = sori_alloc_zero(1, sizeof *memo);
	if (memo)
		memo->slots = sori_alloc_zero((size_t)1 << SLOT_BITS, sizeof *memo->slots);
	if (!memo || !memo->slots || !sori_phrase_new(memo))
		return sori_fail(error, SORI_SYSTEM, "no memory for the matcher");
	return SORI_OK;
}

void sori_memo_free(struct sori_matcher *m)
{
	if (!m->memo)
		return;
	sori_free(m->memo->slots);
	sori_free(m->memo->entries);
	sori_free(m->memo->bytes);
	sori_free(m->memo->pool);
	sori_free(m->memo->spills);
	sori_free(m->memo->words);
	sori_phrase_free(m->memo);
	sori_free(m->memo);
}

void sori_memo_begin(struct sori_matcher *m)
{
	struct sori_memo *memo = m->memo;
	bool full = memo->entry_count >= ENTRY_LIMIT || memo->pool_count >= POOL_LIMIT;
	if (full || sori_phrase_full(memo))
		sori_phrase_empty(memo);
	if (!full)
		return;
	memset(memo->slots, 0, sizeof *memo->slots << SLOT_BITS);
	memo->entry_count = memo->byte_count = memo->pool_count = memo->spill_count = 0;
}

/* ---- working a word out */

static void scan_word(struct sori_matcher *m, uint32_t start, uint32_t end)
{
	struct sori_view word = sori_view_slice(m->text, start, end - start);
	struct sori_scan scan = {0};
	sori_verify_begin(m);
	m->accept_above = 0;
	m->accept_to = end;
	while (scan.at < word.length && !m->failed) {
		m->candidates.count = 0;
		sori_scan_run(m->index, word, &scan, &m->candidates);
		for (size_t i = 0; i < m->candidates.count; i++)
			sori_verify_candidate(m, start + m->candidates.at[i], m->candidates.kind[i]);
	}
	m->accept_to = UINT32_MAX;
}

bool sori_memo_spills(const struct sori_matcher *m, uint32_t at, uint32_t end)
{
	return end - at <= SPILL_LIMIT && sori_spill_known(m->index->spills, sori_spill_hash(m->text.at + at, end - at) | 1);
}

static bool begins_letter(struct sori_view text, uint32_t at, uint32_t start)
{
	unsigned char byte = (unsigned char)text.at[at];
	if (byte >= 0x80)
		return (byte & 0xc0) != 0x80;
	return sori_is_word_byte(byte) && (at == start || !sori_is_word_byte((unsigned char)text.at[at - 1]));
}

static bool note_spills(struct sori_matcher *m, struct sori_memo_word *entry, uint32_t start, uint32_t end)
{
	struct sori_memo *memo = m->memo;
	entry->spill_first = (uint32_t)memo->spill_count;
	for (uint32_t at = end - start > SPILL_LIMIT ? end - SPILL_LIMIT : start; at < end; at++) {
		if (!begins_letter(m->text, at, start))
			continue;
		uint64_t rest = sori_spill_hash(m->text.at + at, end - at) | 1;
		uint32_t hash = (uint32_t)(rest >> 32);
		if (!sori_spill_known(m->index->spills, rest))
			continue;
		if (SORI_GROW(memo->spills, memo->spill_capacity, memo->spill_count + 1) != 0)
			return false;
		memo->spills[memo->spill_count++] = (struct sori_spill){at - start, hash, (unsigned char)m->text.at[at] < 0x80};
		entry->spill_count++;
	}
	return true;
}

/* The kept matches first, then those that another match took away: they count again when a longer term of the record
 * takes the other one away. */
static bool note_matches(struct sori_matcher *m, struct sori_memo_word *entry, uint32_t start)
{
	struct sori_memo *memo = m->memo;
	if (SORI_GROW(memo->pool, memo->pool_capacity, memo->pool_count + m->match_count + 1) != 0)
		return false;
	entry->match_first = (uint32_t)memo->pool_count;
	entry->match_count = (uint32_t)m->match_count;
	for (unsigned taken = 0; taken < 2; taken++)
		for (size_t i = 0; i < m->match_count; i++) {
			struct sori_term_match match = m->matches[i];
			if (sori_match_dropped(m, &match) != (taken != 0))
				continue;
			entry->kept += !taken;
			if (sori_verify_ex_reaches(m, &match, start, start + entry->length))
				entry->flags |= SORI_MEMO_WHOLE;
			match.start -= start;
			match.end -= start;
			match.tail_end -= start;
			memo->pool[memo->pool_count++] = match;
		}
	return true;
}

static uint32_t work_out(struct sori_matcher *m, uint32_t start, uint32_t end, uint64_t hash, bool upper)
{
	struct sori_memo *memo = m->memo;
	struct sori_view word = sori_view_slice(m->text, start, end - start);
	struct sori_memo_word entry = {.hash = hash, .length = end - start};
	if (SORI_GROW(memo->entries, memo->entry_capacity, memo->entry_count + 1) != 0 ||
	    SORI_GROW(memo->bytes, memo->byte_capacity, memo->byte_count + word.length + 8) != 0) {
		m->failed = true;
		return NO_ENTRY;
	}
	m->upper = upper;
	m->saw_upper = false;
	scan_word(m, start, end);
	if (!m->failed)
		sori_verify_order(m, 0);
	entry.lists = sori_grammar_word(m->dictionary->grammar, word);
	if (sori_is_word_byte((unsigned char)word.at[0]))
		entry.flags = SORI_MEMO_LATIN | (entry.lists & SORI_WORD(BREAK) ? SORI_MEMO_BREAK : 0);
	else if (sori_clause_contrastive(word))
		entry.flags = SORI_MEMO_CONTRAST;
	if (m->saw_upper)
		entry.flags |= SORI_MEMO_UPPER;
	entry.run = m->run;
	entry.run.start -= start; /* both may wrap; they are only used with the word's start added again */
	entry.run.end -= start;
	if (m->failed || !note_matches(m, &entry, start) || !note_spills(m, &entry, start, end)) {
		m->failed = true;
		return NO_ENTRY;
	}
	entry.bytes = (uint32_t)memo->byte_count;
	memcpy(memo->bytes + memo->byte_count, word.at, word.length);
	memo->byte_count += word.length;
	memo->entries[memo->entry_count++] = entry;
	return (uint32_t)memo->entry_count - 1;
}

/* ---- looking up */

static inline bool same_word(const struct sori_memo *memo, const struct sori_memo_word *entry, uint64_t hash, const char *at,
			     size_t length)
{
	if (entry->hash != hash || entry->length != length)
		return false;
	const char *known = memo->bytes + entry->bytes; /* both sides are readable 8 bytes on */
	for (; length > 8; length -= 8, at += 8, known += 8)
		if (sori_index_load(at) != sori_index_load(known))
			return false;
	return length == 0 || (sori_index_load(at) ^ sori_index_load(known)) << (64 - 8 * length) == 0;
}

/* Terms in capitals only (AS, LTE): whether the original of the word has no small letter. */
static bool is_upper(const struct sori_matcher *m, uint32_t start, uint32_t end)
{
	uint32_t from, to;
	sori_record_original(m->batch, m->record, m->base + start, m->base + end, &from, &to);
	struct sori_view original = sori_view_slice(m->record->field[SORI_ROLE_TEXT], from, to - from);
	for (size_t i = 0; i < original.length; i++)
		if (original.at[i] >= 'a' && original.at[i] <= 'z')
			return false;
	return true;
}

static uint32_t upper_variant(struct sori_matcher *m, uint32_t number, uint32_t start, uint32_t end)
{
	struct sori_memo_word *entry = &m->memo->entries[number];
	if (!(entry->flags & SORI_MEMO_UPPER) || !is_upper(m, start, end))
		return number;
	if (entry->upper == 0) {
		uint32_t made = work_out(m, start, end, entry->hash, true);
		if (made == NO_ENTRY)
			return number;
		m->memo->entries[number].upper = made + 1;
	}
	return m->memo->entries[number].upper - 1;
}

const struct sori_memo_word *sori_memo_word(struct sori_matcher *m, uint32_t start, uint32_t end)
{
	struct sori_memo *memo = m->memo;
	const char *at = m->text.at + start;
	size_t length = end - start;
	uint64_t hash = hash_text(at, length);
	uint32_t slot = (uint32_t)(hash >> (64 - SLOT_BITS)), number = NO_ENTRY;
	while (memo->slots[slot]) {
		if (same_word(memo, &memo->entries[memo->slots[slot] - 1], hash, at, length)) {
			number = memo->slots[slot] - 1;
			break;
		}
		slot = (slot + 1) & ((1u << SLOT_BITS) - 1);
	}
	if (number == NO_ENTRY) {
		number = work_out(m, start, end, hash, false);
		if (number == NO_ENTRY)
			return NULL;
		if (length <= WORD_LIMIT && memo->entry_count <= ENTRY_LIMIT)
			memo->slots[slot] = number + 1;
	}
	if (memo->entries[number].flags & SORI_MEMO_UPPER) {
		m->asked_case = true;
		number = upper_variant(m, number, start, end);
	}
	if (SORI_GROW(memo->words, memo->word_capacity, m->word_count + 1) != 0) {
		m->failed = true;
		return NULL;
	}
	memo->words[m->word_count] = number;
	return &memo->entries[number];
}
