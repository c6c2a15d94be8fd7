/* The matches of a record: what the memo says of its words, and the terms that go over several of them.
 *
 * Phrases repeat as words do. Which terms begin in a word and go on into the next ones depends on these words and the
 * bytes between them alone, so it is worked out once per sequence: first for the word and the next one; when the trie
 * shows that some term may go on behind these, for three words, and so on. The text is cut at the end of the sequence
 * while it is worked out, so nothing behind can have a say. Words under such a term are ordered together (longest match),
 * and the result of that, too, is kept by the sequence of words. Keys are compared in full. */
#include "stages/extract/memo.h"

#include "pipeline/base/memory.h"

#define PHRASE_BITS 16u
#define PHRASE_LIMIT 49152u           /* phrases before they are emptied */
#define PHRASE_POOL_LIMIT (1u << 17)  /* their matches, likewise */
#define PHRASE_WORDS 8u               /* of a key */
#define GAP_BYTES 7u                  /* behind the last word, that a key may hold */
#define KEY_LIMIT (2 * PHRASE_WORDS + 4)

enum { KEY_SPILL = 1, KEY_TAIL, KEY_JOIN }; /* what the key asks, in its last element */

struct key {
	uint32_t at[KEY_LIMIT];
	uint32_t count;
	uint64_t hash;
};

bool sori_phrase_new(struct sori_memo *memo)
{
	memo->phrase_slots = sori_alloc_zero((size_t)1 << PHRASE_BITS, sizeof *memo->phrase_slots);
	return memo->phrase_slots != NULL;
}

void sori_phrase_free(struct sori_memo *memo)
{
	sori_free(memo->phrase_slots);
	sori_free(memo->phrases);
	sori_free(memo->phrase_keys);
	sori_free(memo->phrase_pool);
	sori_free(memo->spans);
	sori_free(memo->spanning);
}

bool sori_phrase_full(const struct sori_memo *memo)
{
	return memo->phrase_count >= PHRASE_LIMIT || memo->phrase_pool_count >= PHRASE_POOL_LIMIT;
}

void sori_phrase_empty(struct sori_memo *memo)
{
	memset(memo->phrase_slots, 0, sizeof *memo->phrase_slots << PHRASE_BITS);
	memo->phrase_count = memo->phrase_key_count = memo->phrase_pool_count = 0;
}

/* ---- keys */

static inline void key_add(struct key *key, uint32_t value)
{
	key->at[key->count++] = value;
	key->hash = (key->hash ^ value) * UINT64_C(0xff51afd7ed558ccd);
	key->hash ^= key->hash >> 32;
}

static inline void key_pop(struct key *key, uint64_t hash)
{
	key->count--;
	key->hash = hash;
}

static inline bool same_key(const struct sori_memo *memo, const struct sori_phrase *phrase, const struct key *key)
{
	if (phrase->hash != key->hash || phrase->key_count != key->count)
		return false;
	const uint32_t *known = memo->phrase_keys + phrase->key_first;
	uint32_t differ = 0;
	for (uint32_t i = 0; i < key->count; i++)
		differ |= known[i] ^ key->at[i];
	return differ == 0;
}

static const struct sori_phrase *find_phrase(const struct sori_memo *memo, const struct key *key)
{
	size_t slot = (size_t)(key->hash >> (64 - PHRASE_BITS));
	for (; memo->phrase_slots[slot]; slot = (slot + 1) & (((size_t)1 << PHRASE_BITS) - 1)) {
		const struct sori_phrase *phrase = &memo->phrases[memo->phrase_slots[slot] - 1];
		if (same_key(memo, phrase, key))
			return phrase;
	}
	return NULL;
}

/* Keeps matches[from …) of the matcher under the key; offsets and words are made relative to words[first]. */
static const struct sori_phrase *keep_phrase(struct sori_matcher *m, const struct key *key, uint8_t kind, uint32_t first,
					     size_t from)
{
	struct sori_memo *memo = m->memo;
	size_t count = kind == SORI_PHRASE_WHOLE ? m->match_count - from : 0;
	size_t slot = (size_t)(key->hash >> (64 - PHRASE_BITS));
	if (memo->phrase_count > PHRASE_LIMIT || count > UINT16_MAX)
		return NULL;
	if (SORI_GROW(memo->phrases, memo->phrase_capacity, memo->phrase_count + 1) != 0 ||
	    SORI_GROW(memo->phrase_keys, memo->phrase_key_capacity, memo->phrase_key_count + key->count) != 0 ||
	    SORI_GROW(memo->phrase_pool, memo->phrase_pool_capacity, memo->phrase_pool_count + count + 1) != 0) {
		m->failed = true;
		return NULL;
	}
	struct sori_phrase *phrase = &memo->phrases[memo->phrase_count++];
	*phrase = (struct sori_phrase){
		.hash = key->hash, .key_first = (uint32_t)memo->phrase_key_count, .key_count = (uint16_t)key->count,
		.match_first = (uint32_t)memo->phrase_pool_count, .match_count = (uint16_t)count, .kind = kind,
	};
	memcpy(memo->phrase_keys + memo->phrase_key_count, key->at, key->count * sizeof *key->at);
	memo->phrase_key_count += key->count;
	for (size_t i = from; i < from + count; i++) {
		struct sori_term_match match = m->matches[i];
		uint32_t start = m->words[first].start;
		phrase->beyond |= match.end > m->words[match.word].end;
		match.start -= start;
		match.end -= start;
		match.tail_end -= start;
		match.first_word -= first;
		match.word -= first;
		phrase->words = match.word > phrase->words ? (uint8_t)match.word : phrase->words;
		memo->phrase_pool[memo->phrase_pool_count++] = match;
	}
	while (memo->phrase_slots[slot])
		slot = (slot + 1) & (((size_t)1 << PHRASE_BITS) - 1);
	memo->phrase_slots[slot] = (uint32_t)memo->phrase_count;
	return phrase;
}

/* ---- copying what is known */

static bool reserve(struct sori_matcher *m, size_t more)
{
	if (SORI_GROW(m->matches, m->match_capacity, m->match_count + more + 1) == 0)
		return true;
	m->failed = true;
	return false;
}

static inline void copy_matches(struct sori_matcher *m, uint32_t number, uint32_t count)
{
	const struct sori_memo_word *entry = &m->memo->entries[m->memo->words[number]];
	const struct sori_term_match *from = m->memo->pool + entry->match_first;
	uint32_t start = m->words[number].start;
	for (uint32_t i = 0; i < count; i++) {
		struct sori_term_match *match = &m->matches[m->match_count++];
		*match = from[i];
		match->start += start;
		match->end += start;
		match->tail_end += start;
		match->first_word = match->word = number;
	}
}

static void copy_phrase(struct sori_matcher *m, uint32_t first, uint32_t from, uint32_t count)
{
	const struct sori_term_match *known = m->memo->phrase_pool + from;
	uint32_t start = m->words[first].start;
	if (!reserve(m, count))
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct sori_term_match *match = &m->matches[m->match_count++];
		*match = known[i];
		match->start += start;
		match->end += start;
		match->tail_end += start;
		match->first_word += first;
		match->word += first;
	}
}

/* Words of matches[from …), which begin in words[first] or later. */
static void assign_words(struct sori_matcher *m, size_t from, uint32_t first)
{
	uint32_t word = first;
	for (size_t i = from; i < m->match_count; i++) {
		struct sori_term_match *match = &m->matches[i];
		while (word + 1 < m->word_count && m->words[word + 1].start <= match->start)
			word++;
		match->first_word = match->word = word;
		while (match->word + 1 < m->word_count && m->words[match->word + 1].start < match->end)
			match->word++;
	}
}

/* ---- terms that begin in a word and end behind it */

/* Appends to m->matches what the trie finds up to the end of the text. */
static void ask_trie(struct sori_matcher *m, uint32_t number)
{
	const struct sori_memo_word entry = m->memo->entries[m->memo->words[number]]; /* a copy: the memo does not move here */
	const struct sori_word *word = &m->words[number];
	const unsigned char *behind = (const unsigned char *)m->text.at + word->end;
	for (uint32_t i = 0; i < entry.spill_count; i++) {
		struct sori_spill spill = m->memo->spills[entry.spill_first + i];
		const unsigned char any[4] = {behind[0], 0, 0, 0};
		if (!sori_bit(m->index->spills->goes_on, sori_spill_bit(spill.hash, behind)) &&
		    !sori_bit(m->index->spills->goes_on, sori_spill_bit(spill.hash, any)))
			continue;
		struct sori_run run = entry.run;
		run.start += word->start;
		run.end += word->start;
		sori_verify_spilling(m, word->start + spill.at, word->end, spill.latin ? NULL : &run);
	}
}

static bool may_go_on(const struct sori_matcher *m, uint32_t number)
{
	const struct sori_memo_word *entry = &m->memo->entries[m->memo->words[number]];
	const struct sori_spill *spill = m->memo->spills + entry->spill_first, *end = spill + entry->spill_count;
	const unsigned char *behind = (const unsigned char *)m->text.at + m->words[number].end;
	const unsigned char any[4] = {behind[0], 0, 0, 0};
	for (; spill < end; spill++)
		if (sori_bit(m->index->spills->goes_on, sori_spill_bit(spill->hash, behind)) ||
		    sori_bit(m->index->spills->goes_on, sori_spill_bit(spill->hash, any)))
			return true;
	return false;
}

static void add_span(struct sori_matcher *m, struct sori_span span)
{
	struct sori_memo *memo = m->memo;
	if (SORI_GROW(memo->spans, memo->span_capacity, memo->span_count + 1) != 0)
		m->failed = true;
	else
		memo->spans[memo->span_count++] = span;
}

/* Moves matches[0 …) to the live spanning ones. */
static void add_live_span(struct sori_matcher *m, uint32_t number)
{
	struct sori_memo *memo = m->memo;
	struct sori_span span = {.word = number, .last = number, .first = (uint32_t)memo->spanning_count,
				 .count = (uint32_t)m->match_count, .live = true};
	if (m->match_count == 0)
		return;
	if (SORI_GROW(memo->spanning, memo->spanning_capacity, memo->spanning_count + m->match_count) != 0) {
		m->failed = true;
		return;
	}
	assign_words(m, 0, number);
	for (size_t i = 0; i < m->match_count; i++) {
		span.last = m->matches[i].word > span.last ? m->matches[i].word : span.last;
		memo->spanning[memo->spanning_count++] = m->matches[i];
	}
	m->match_count = 0;
	add_span(m, span);
}

static void span_live(struct sori_matcher *m, uint32_t number)
{
	m->match_count = 0;
	ask_trie(m, number);
	if (!m->failed)
		add_live_span(m, number);
}

/* Works the phrase from words[number] to byte `end` out and keeps it. `final`: the text ends there anyway. */
static const struct sori_phrase *work_out(struct sori_matcher *m, uint32_t number, const struct key *key, uint32_t end,
					  bool final)
{
	size_t length = m->text.length;
	uint8_t kind = SORI_PHRASE_WHOLE;
	m->match_count = 0;
	m->cut = m->saw_upper = false;
	m->text.length = end;
	ask_trie(m, number);
	m->text.length = length;
	if (m->failed)
		return NULL;
	if (m->saw_upper)
		kind = SORI_PHRASE_LIVE;
	else if (m->cut && !final)
		kind = SORI_PHRASE_DEEPER;
	assign_words(m, 0, number);
	const struct sori_phrase *phrase = keep_phrase(m, key, kind, number, 0);
	m->match_count = 0;
	return phrase;
}

/* The bytes between words[last] and the next one, or the end of the text. */
static uint32_t gap_end(const struct sori_matcher *m, uint32_t last)
{
	return last + 1 < m->word_count ? m->words[last + 1].start : (uint32_t)m->text.length;
}

/* Adds what stands behind words[last] to the key when it is no blank before another word: no term goes on there, or
 * hardly any. False when it is too long. */
static bool key_add_gap(const struct sori_matcher *m, struct key *key, uint32_t last, uint32_t end)
{
	uint32_t at = m->words[last].end, length = end - at;
	if (length > GAP_BYTES)
		return false;
	uint64_t bytes = length ? sori_index_load(m->text.at + at) << (64 - 8 * length) >> (64 - 8 * length) : 0;
	key_add(key, (uint32_t)bytes);
	key_add(key, (uint32_t)(bytes >> 32) | length << 24 | (last + 1 == m->word_count ? 1u << 31 : 0u));
	return true;
}

static void find_spilling(struct sori_matcher *m, uint32_t number)
{
	struct sori_memo *memo = m->memo;
	struct key key SORI_UNINITIALIZED;
	const struct sori_phrase *phrase = NULL;
	key.count = 0;
	key.hash = 0;
	key_add(&key, memo->words[number]);
	for (uint32_t last = number;;) {
		uint32_t end = gap_end(m, last);
		bool tail = last + 1 >= m->word_count || end != m->words[last].end + 1 || last + 1 - number >= PHRASE_WORDS;
		if (tail) {
			if (!key_add_gap(m, &key, last, end))
				break;
		} else {
			last++;
			key_add(&key, (unsigned char)m->text.at[end - 1]);
			key_add(&key, memo->words[last]);
			end = m->words[last].end;
		}
		uint64_t hash = key.hash;
		key_add(&key, tail ? KEY_TAIL : KEY_SPILL);
		phrase = find_phrase(memo, &key);
		if (!phrase)
			phrase = work_out(m, number, &key, end, tail && last + 1 == m->word_count);
		if (m->failed)
			return;
		if (!phrase || tail || phrase->kind != SORI_PHRASE_DEEPER)
			break;
		key_pop(&key, hash);
	}
	if (!phrase || phrase->kind != SORI_PHRASE_WHOLE)
		span_live(m, number);
	else if (phrase->match_count)
		add_span(m, (struct sori_span){.word = number, .last = number + phrase->words, .first = phrase->match_first,
					       .count = phrase->match_count, .beyond = phrase->beyond});
}

/* ---- terms that begin with a mark outside the words (%, ★) */

static bool find_marks(struct sori_matcher *m)
{
	m->match_count = 0;
	for (size_t i = 0; i < m->mark_count && !m->failed; i++)
		sori_verify_spilling(m, m->marks[i], m->marks[i], NULL);
	return m->match_count > 0;
}

/* The matches of one span: those kept with a phrase that was seen before, or those made for this record. */
static void copy_span(struct sori_matcher *m, struct sori_span span)
{
	if (!span.live)
		copy_phrase(m, span.word, span.first, span.count);
	else if (reserve(m, span.count))
		for (uint32_t k = 0; k < span.count; k++)
			m->matches[m->match_count++] = m->memo->spanning[span.first + k];
}

/* All spanning terms of the record in text order, each a span of its own: marks lie between words. m->matches are
 * those of marks. */
static void mix_in_marks(struct sori_matcher *m)
{
	struct sori_memo *memo = m->memo;
	for (size_t i = 0; i < memo->span_count && !m->failed; i++) {
		copy_span(m, memo->spans[i]);
	}
	for (size_t i = 1; i < m->match_count; i++) {
		struct sori_term_match moving = m->matches[i];
		size_t to = i;
		for (; to > 0 && m->matches[to - 1].start > moving.start; to--)
			m->matches[to] = m->matches[to - 1];
		m->matches[to] = moving;
	}
	assign_words(m, 0, 0);
	memo->span_count = memo->spanning_count = 0;
	if (m->failed || SORI_GROW(memo->spanning, memo->spanning_capacity, m->match_count) != 0) {
		m->failed = true;
		return;
	}
	for (size_t i = 0; i < m->match_count && !m->failed; i++) {
		const struct sori_term_match *match = &m->matches[i];
		memo->spanning[memo->spanning_count] = *match;
		add_span(m, (struct sori_span){.word = match->first_word, .last = match->word, .count = 1, .live = true,
					       .first = (uint32_t)memo->spanning_count++});
	}
	m->match_count = 0;
}

/* ---- longest match over several words */

/* Words [first, last] with the terms of spans[from, to) that go over them: longest match is decided anew, also over
 * what had been taken away. False when the outcome depends on more than these words. */
static bool order_words(struct sori_matcher *m, uint32_t first, uint32_t last, size_t from, size_t to)
{
	struct sori_memo *memo = m->memo;
	size_t begin = m->match_count;
	bool alone = true;
	for (uint32_t w = first; w <= last; w++) {
		uint32_t count = memo->entries[memo->words[w]].match_count;
		if (!reserve(m, count))
			return false;
		copy_matches(m, w, count);
	}
	for (size_t i = from; i < to; i++) {
		copy_span(m, memo->spans[i]);
		if (m->failed)
			return false;
	}
	for (size_t i = begin; i < m->match_count; i++) {
		m->matches[i].flags &= (uint8_t)~SORI_MATCH_SUPPRESSED;
		alone &= !sori_verify_ex_reaches(m, &m->matches[i], m->words[first].start, m->words[last].end);
	}
	sori_verify_order(m, begin);
	sori_verify_drop(m, begin);
	assign_words(m, begin, first);
	return alone;
}

/* Key of the words, or false when there are too many, more than one byte between two, or terms among them that depend on
 * more than the words. */
static bool key_of_words(const struct sori_matcher *m, struct key *key, uint32_t first, uint32_t last, size_t from, size_t to)
{
	const struct sori_memo *memo = m->memo;
	key->count = 0;
	key->hash = 0;
	if (last - first >= PHRASE_WORDS)
		return false;
	for (size_t i = from; i < to; i++)
		if (memo->spans[i].live || memo->spans[i].beyond)
			return false;
	for (uint32_t w = first; w <= last; w++) {
		if (memo->entries[memo->words[w]].flags & SORI_MEMO_WHOLE)
			return false;
		key_add(key, memo->words[w]);
		if (w == last)
			break;
		if (m->words[w + 1].start != m->words[w].end + 1)
			return false;
		key_add(key, (unsigned char)m->text.at[m->words[w].end]);
	}
	key_add(key, KEY_JOIN);
	return true;
}

static void join_words(struct sori_matcher *m, uint32_t first, uint32_t last, size_t from, size_t to)
{
	struct key key SORI_UNINITIALIZED;
	size_t begin = m->match_count;
	bool keyed = key_of_words(m, &key, first, last, from, to);
	const struct sori_phrase *phrase = keyed ? find_phrase(m->memo, &key) : NULL;
	if (phrase)
		copy_phrase(m, first, phrase->match_first, phrase->match_count);
	else if (order_words(m, first, last, from, to) && keyed && !m->failed)
		(void)keep_phrase(m, &key, SORI_PHRASE_WHOLE, first, begin);
}

/* Most words keep what the memo says; those under a spanning term are ordered together. */
static void join_all(struct sori_matcher *m)
{
	struct sori_memo *memo = m->memo;
	size_t next = 0;
	for (uint32_t w = 0; w < m->word_count && !m->failed; w++) {
		const struct sori_memo_word *entry = &memo->entries[memo->words[w]];
		size_t from = next;
		uint32_t last = w;
		while (next < memo->span_count && memo->spans[next].word <= last) {
			last = memo->spans[next].last > last ? memo->spans[next].last : last;
			next++;
		}
		if (next > from || entry->flags & SORI_MEMO_WHOLE)
			join_words(m, w, last, from, next);
		else if (entry->kept && reserve(m, entry->kept))
			copy_matches(m, w, entry->kept);
		w = last;
	}
}

void sori_memo_matches(struct sori_matcher *m)
{
	struct sori_memo *memo = m->memo;
	memo->span_count = memo->spanning_count = 0;
	sori_verify_begin(m);
	for (uint32_t w = 0; w < m->word_count && !m->failed; w++)
		if (memo->entries[memo->words[w]].spill_count && may_go_on(m, w))
			find_spilling(m, w);
	if (m->mark_count && !m->failed && find_marks(m) && !m->failed)
		mix_in_marks(m);
	m->match_count = 0;
	join_all(m);
}
