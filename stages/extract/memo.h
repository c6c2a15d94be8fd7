/* Inside of the memo: words (memo.c) and what goes over several of them (phrase.c). */
#ifndef SORI_EXTRACT_MEMO_H
#define SORI_EXTRACT_MEMO_H

#include "stages/extract/match.h"

#define SORI_SPILL_BITS 21u

/* A place in a word where a term that goes over the word's end may begin. */
struct sori_spill {
	uint32_t at; /* from the word's start */
	uint32_t hash;
	bool latin;
};

enum sori_phrase_kind {
	SORI_PHRASE_WHOLE,  /* the matches are all that there are */
	SORI_PHRASE_DEEPER, /* a term may go on behind the phrase: ask for a longer one */
	SORI_PHRASE_LIVE    /* depends on more than the words (capitals): not kept */
};

/* What is known of a sequence of words. Its key is the numbers of their entries and the bytes between them. */
struct sori_phrase {
	uint64_t hash;
	uint32_t key_first, match_first; /* into phrase_keys, phrase_pool; offsets and words from the first word */
	uint16_t key_count, match_count;
	uint8_t kind, words; /* words: how many of them the matches reach */
	bool beyond;         /* a match ends behind the last word that it touches (on time!) */
};

/* Matches found that begin in `word` and end in a later one. */
struct sori_span {
	uint32_t word, last;
	uint32_t first, count; /* into spanning, when live, else into phrase_pool */
	bool live, beyond;
};

struct sori_spill_index {
	uint64_t *starts; /* hash set: what stands before a blank in some term */
	size_t start_capacity;
	uint64_t goes_on[(1u << SORI_SPILL_BITS) / 64]; /* the same with the blank and three bytes behind it, as a bitmap */
	bool over_border; /* some form goes over the border of passages */
};

/* Reads only the text's own bytes: dictionary terms have no padding. */
static inline uint64_t sori_spill_hash(const char *at, size_t length)
{
	uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t word = 0;
	for (; length > 8; length -= 8, at += 8) {
		hash = (hash ^ sori_index_load(at)) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	memcpy(&word, at, length);
	hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 32) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 29;
}

static inline size_t sori_spill_slot(const struct sori_spill_index *x, uint64_t hash)
{
	size_t slot = hash & (x->start_capacity - 1);
	while (x->starts[slot] && x->starts[slot] != hash)
		slot = (slot + 1) & (x->start_capacity - 1);
	return slot;
}

static inline bool sori_spill_known(const struct sori_spill_index *x, uint64_t hash)
{
	return x->starts[sori_spill_slot(x, hash)] == hash;
}

struct sori_memo {
	uint32_t *slots; /* entry + 1 */
	struct sori_memo_word *entries;
	size_t entry_count, entry_capacity;
	char *bytes;
	size_t byte_count, byte_capacity;
	struct sori_term_match *pool;
	size_t pool_count, pool_capacity;
	struct sori_spill *spills;
	size_t spill_count, spill_capacity;
	uint32_t *words; /* entry of each word of the record */
	size_t word_capacity;
	/* phrases */
	uint32_t *phrase_slots; /* phrase + 1 */
	struct sori_phrase *phrases;
	size_t phrase_count, phrase_capacity;
	uint32_t *phrase_keys;
	size_t phrase_key_count, phrase_key_capacity;
	struct sori_term_match *phrase_pool;
	size_t phrase_pool_count, phrase_pool_capacity;
	/* of the record */
	struct sori_span *spans;
	size_t span_count, span_capacity;
	struct sori_term_match *spanning; /* live terms that go over several words */
	size_t spanning_count, spanning_capacity;
};

/* `behind`: the blank and the three bytes after it. */
static inline uint32_t sori_spill_bit(uint32_t hash, const unsigned char behind[4])
{
	uint32_t next = (uint32_t)behind[0] << 24 | (uint32_t)behind[1] << 16 | (uint32_t)behind[2] << 8 | behind[3];
	return (hash ^ next * UINT32_C(0x9e3779b1)) * UINT32_C(0x85ebca6b) >> (32 - SORI_SPILL_BITS);
}

/* phrase.c */
bool sori_phrase_new(struct sori_memo *memo);
void sori_phrase_free(struct sori_memo *memo);
bool sori_phrase_full(const struct sori_memo *memo);
void sori_phrase_empty(struct sori_memo *memo);

#endif
