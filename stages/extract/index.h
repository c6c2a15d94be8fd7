/* Finding the forms of the dictionary in text: a prefilter over whole buffers, then a walk through a trie. */
#ifndef SORI_EXTRACT_INDEX_H
#define SORI_EXTRACT_INDEX_H

#include "stages/extract/dictionary.h"

#define SORI_SYLLABLES 11172u
#define SORI_OPEN_SYLLABLES 399u /* initial and vowel */
#define SORI_JAMO 94u            /* U+3131..318E, numbered after the syllables */
#define SORI_LETTERS (SORI_SYLLABLES + SORI_JAMO)
#define SORI_PAIR_BITS 18u
#define SORI_LATIN_BITS 16u

/* How the prefilter came to propose a position. */
enum sori_candidate_kind {
	SORI_CANDIDATE_EXACT = 1,  /* the first six bytes */
	SORI_CANDIDATE_OPEN = 2,   /* first syllable, second one up to its final */
	SORI_CANDIDATE_SINGLE = 4, /* a one-syllable form */
	SORI_CANDIDATE_LATIN = 8
};

/* What the matcher works with instead of terms: the terms that share a surface form and all that decides whether it
 * stands there are one group with the union of their sets. A dictionary names the same word in many sets; without
 * groups each mention would be verified on its own. Groups are interned by content. */
struct sori_group {
	uint8_t kind, left, right; /* as in struct sori_term */
	bool phrase;               /* of phrases only */
	uint16_t ex_count;
	uint32_t set_first, set_count; /* into group_sets, ascending */
	uint64_t hash;             /* a bit per set, modulo 64 */
	const struct sori_view *ex;    /* a term with ex= is a group of its own */
	uint32_t ex_first;         /* the same ex_count words, into index->ex */
};

/* A word of ex=, with what tells quickly that it does not matter. */
struct sori_ex {
	struct sori_view text;
	uint64_t letters; /* a bit per code point, hashed */
	bool joins;       /* has a blank or mark, so that it may reach over the border of a word */
};

/* A form in the lists of the trie. */
struct sori_index_form {
	uint32_t group;
	uint8_t tail; /* enum sori_tail */
	bool open, upper;
	bool one_syllable;
	uint8_t kind, left, right; /* the group's, so that most refusals need not load it */
};

struct sori_index_node {
	uint32_t label;       /* into bytes: read after the node's own key */
	uint16_t label_length;
	uint16_t child_count; /* sorted by code point */
	uint32_t child_first;
	uint32_t form_first;  /* into lists: forms that end here */
	uint16_t form_count;
	uint16_t open_count;  /* sorted by open syllable */
	uint32_t open_first;
};

struct sori_index_child {
	uint32_t point, node;
};

struct sori_index_open {
	uint16_t syllable; /* initial * 21 + vowel */
	uint16_t form_count;
	uint32_t form_first;
};

struct sori_index_slot {
	uint64_t key; /* 0: free */
	uint32_t node;
};

struct sori_rule_index;
struct sori_spill_index;

struct sori_index {
	/* prefilter */
	uint64_t exact[(1u << SORI_PAIR_BITS) / 64];
	uint64_t open[(1u << SORI_PAIR_BITS) / 64];
	uint64_t single_start[SORI_LETTERS / 64 + 1]; /* proposed at the start of a run of Hangul */
	uint64_t single_any[SORI_LETTERS / 64 + 1];   /* proposed anywhere */
	uint64_t latin4[(1u << SORI_LATIN_BITS) / 64];  /* first four bytes */
	uint64_t latin3[(1u << SORI_LATIN_BITS) / 64];  /* words of three letters */
	uint64_t latin2[65536 / 64];                    /* words of two, by value */
	uint64_t latin1[4];
	bool marks;                                     /* some form begins with ASCII punctuation (%, +, #) */
	uint64_t mark_starts[2];                        /* which ASCII punctuation */
	/* trie */
	struct sori_index_slot *slots;
	uint32_t slot_mask;
	struct sori_index_node *nodes;
	struct sori_index_child *children;
	struct sori_index_open *opens;
	struct sori_index_form *lists;
	struct sori_group *groups;
	struct sori_ex *ex;
	size_t ex_count, ex_capacity;
	uint16_t *group_sets;
	char *bytes;
	struct sori_rule_index *rules; /* rules_index.c */
	struct sori_spill_index *spills; /* spill.c */
	uint32_t single_closed[SORI_LETTERS];       /* node, 0: none */
	uint32_t single_open[SORI_OPEN_SYLLABLES];  /* node, 0: none */
	size_t node_count, node_capacity, child_count, child_capacity, open_count, open_capacity;
	size_t list_count, list_capacity, byte_count, byte_capacity, group_count, group_capacity, set_count, set_capacity;
};

struct sori_candidate_list {
	uint32_t *at;  /* bytes from the start of the buffer, ascending */
	uint8_t *kind; /* enum sori_candidate_kind bits */
	size_t count, capacity;
};

/* State of a scan over one buffer; begin with {0}. */
struct sori_scan {
	size_t at;
	size_t hangul;  /* start of the last Hangul syllable seen + 8, 0: none */
	uint64_t word;  /* 1 when the last byte was a letter or digit */
};

/* Proposes candidates in [scan->at, scan->at + bytes of the block or end of text), 64-byte steps; stops when `list`
 * may not hold another step's. The text must be readable 64 bytes past its end. */
void sori_scan_run(const struct sori_index *index, struct sori_view text, struct sori_scan *scan,
		   struct sori_candidate_list *list);
/* The same without vector instructions, for tests and other machines. */
void sori_scan_run_portable(const struct sori_index *index, struct sori_view text, struct sori_scan *scan,
			    struct sori_candidate_list *list);

/* rules_index.c: builds dictionary->index->rules; part of sori_index_build. */
enum sori_status sori_rule_index_build(const struct sori_dictionary *dictionary, struct sori_error *error);
void sori_rule_index_free(struct sori_rule_index *rules);

/* spill.c: the same for dictionary->index->spills. */
enum sori_status sori_spill_build(const struct sori_dictionary *dictionary, struct sori_error *error);
void sori_spill_free(struct sori_spill_index *spills);

/* index_sort.c: sorts by the key, what has equal keys by `compare` (NULL: as it stood). False: out of memory. */
bool sori_index_sort(void *items, size_t count, size_t size, uint64_t (*key)(const void *item),
		     int (*compare)(const void *left, const void *right));

/* index_ex.c: fills index->ex; part of sori_index_build. False: out of memory. */
bool sori_index_ex(struct sori_index *index);

/* A bit per code point of the text, hashed. */
uint64_t sori_index_letters(struct sori_view text);

struct sori_found {
	const struct sori_index_form *form;
	uint32_t end;
};
#define SORI_FOUND_LIMIT 64u /* forms found at one position: more are dropped */

/* All forms that stand in `text` at `at`; at most SORI_FOUND_LIMIT. */
unsigned sori_index_find(const struct sori_index *index, struct sori_view text, uint32_t at, unsigned kind,
			 struct sori_found found[SORI_FOUND_LIMIT]);

/* The same; *cut is set when some form may go on behind the end of the text. */
unsigned sori_index_find_cut(const struct sori_index *index, struct sori_view text, uint32_t at, unsigned kind,
			     struct sori_found found[SORI_FOUND_LIMIT], bool *cut);

static inline uint64_t sori_index_load(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static inline uint32_t sori_index_hash(uint64_t key, unsigned bits)
{
	return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

/* Number of the precomposed syllable whose three bytes are the low ones of `word`; >= SORI_SYLLABLES: none. */
static inline uint32_t sori_index_syllable(uint64_t word)
{
	return (uint32_t)((word & 0x0f) << 12 | (word >> 8 & 0x3f) << 6 | (word >> 16 & 0x3f)) - 0xac00u;
}

/* Number of a syllable or jamo, at most SORI_LETTERS, which stands for neither. */
static inline uint32_t sori_index_letter(uint64_t word)
{
	uint32_t syllable = sori_index_syllable(word), jamo = syllable + (0xac00u - 0x3131u);
	uint32_t other = jamo < SORI_JAMO ? SORI_SYLLABLES + jamo : SORI_LETTERS;
	return syllable < SORI_SYLLABLES ? syllable : other;
}

static inline bool sori_bit(const uint64_t *bits, uint32_t at)
{
	return bits[at >> 6] >> (at & 63) & 1;
}

static inline bool sori_is_word_byte(unsigned char byte)
{
	return (unsigned)byte - 'a' < 26u || (unsigned)byte - '0' < 10u || (unsigned)byte - 'A' < 26u;
}

#define SORI_KEY_EXACT(word) (UINT64_C(1) << 56 | ((word) & UINT64_C(0xffffffffffff)))
#define SORI_KEY_OPEN(word, open) (UINT64_C(2) << 56 | ((word) & 0xffffffu) | (uint64_t)(open) << 24)
#define SORI_KEY_ASCII(word) (UINT64_C(3) << 56 | ((word) & 0xffffffffu))
#define SORI_KEY_LATIN(word) (UINT64_C(4) << 56 | ((word) & 0xffffffffu))
#define SORI_KEY_SHORT(word, length) (UINT64_C(5) << 56 | (uint64_t)(length) << 48 | ((word) & ((UINT64_C(1) << 8 * (length)) - 1)))

#endif
