/* Inside of the passages: what was seen before (passage_memo.c) for those who use it (passage.c). */
#ifndef SORI_EXTRACT_PASSAGE_H
#define SORI_EXTRACT_PASSAGE_H

#include "stages/extract/rules.h"

#define SORI_PASSAGE_KEY_LIMIT 1024u /* bytes; longer passages are worked out each time */

/* A hit of a passage seen before. */
struct sori_kept_hit {
	uint32_t entry; /* the rule, when `open` */
	uint16_t start, end, category, tags;
	uint8_t counted, open; /* open: the rule's when= decides */
};

/* A match of a passage seen before that rules over the record name. */
struct sori_kept_match {
	uint32_t group, list;
	uint16_t start, end, tail_end, first_word, word, tags;
	uint16_t negators[SORI_NEGATORS];
	uint8_t flags, negator_count;
};

/* What is known of a passage. Behind it, in this order: `set_words` of sets that rules over the record name, the hits, the
 * matches that serve them, the key. The matches are left out until a rule over the record may need them. */
struct sori_passage {
	uint64_t hash;
	uint16_t length, own; /* bytes of the key, and of the passage in it; what is behind is the next passage, seen by scope */
	uint16_t word_count, hit_count, match_count, set_words;
	bool wants_more; /* with nothing behind it: scope asked for what is behind */
	bool matched;    /* the matches are there */
};

struct sori_passage_slot {
	uint32_t tag, place; /* place: offset / 8 + 1; 0: free */
};

struct sori_passage_generation {
	char *bytes;
	size_t used, count;
	struct sori_passage_slot *slots;
};

/* A passage of a record of the block in work. */
struct sori_passage_span {
	uint64_t hash;
	uint32_t start, end;
};

/* A passage of the record that has matches for rules over the record. */
struct sori_passage_part {
	struct sori_passage *passage; /* NULL: its matches are live[first …) */
	uint32_t first, count;
	uint32_t base, words; /* what to add to its bytes and words */
	uint32_t end, seen, next; /* ends of the passage, of what scope saw, of the next passage */
};

struct sori_passages {
	struct sori_passage_generation young, old;
	size_t capacity;    /* bytes of a generation */
	bool undivided;     /* some form goes over the border of passages: texts are not divided */
	uint64_t *sets;     /* of the record, by number at its level */
	uint64_t *own_sets; /* of the passage in work */
	bool matched;       /* likewise: its matches are to be kept */
	struct sori_passage_span *spans; /* of the records in work */
	size_t span_count, span_capacity;
	struct sori_passage_part *parts;
	size_t part_count, part_capacity;
	struct sori_term_match *live; /* matches that were not kept or just found */
	size_t live_count, live_capacity;
	struct sori_term_match *gathered; /* of the record, for its rules */
	size_t gathered_count, gathered_capacity;
	uint8_t class[SORI_CATEGORY_LIMIT]; /* of a category */
};

enum { SORI_CLASS_PAIN = 1, SORI_CLASS_FALLBACK = 2 };

static inline uint64_t *sori_passage_sets(struct sori_passage *passage)
{
	return (uint64_t *)(void *)(passage + 1);
}

static inline struct sori_kept_hit *sori_passage_hits(struct sori_passage *passage)
{
	return (struct sori_kept_hit *)(void *)(sori_passage_sets(passage) + passage->set_words);
}

static inline struct sori_kept_match *sori_passage_matches(struct sori_passage *passage)
{
	return (struct sori_kept_match *)(void *)(sori_passage_hits(passage) + passage->hit_count);
}

static inline char *sori_passage_key(struct sori_passage *passage)
{
	return (char *)(sori_passage_matches(passage) + passage->match_count);
}

static inline const struct sori_set_list *sori_match_list(const struct sori_matcher *m, const struct sori_term_match *match)
{
	return &m->index->rules->lists[match->list];
}

uint64_t sori_passage_hash(struct sori_view key, uint32_t own);
/* Asks for the memory where the passage would be: first its slots, then, when these have come, the passage. */
void sori_passage_await_slot(const struct sori_passages *p, uint64_t hash);
void sori_passage_await(const struct sori_passages *p, uint64_t hash);
/* The passage that is known by `key`, of which it is the first `own` bytes; NULL. Valid until the next turn. */
struct sori_passage *sori_passage_find(struct sori_passages *p, struct sori_view key, uint32_t own, uint64_t hash);
/* Keeps m->found and what m->matches say to rules over the record, in the place of `instead` (NULL: it is new). NULL when
 * there is no room. */
struct sori_passage *sori_passage_keep(struct sori_matcher *m, struct sori_view key, uint32_t own, uint64_t hash,
				       uint32_t word_count, const struct sori_passage *instead);
/* Tags of its matches, which begin at `base` in these. */
void sori_passage_tags(struct sori_passage *passage, const struct sori_term_match *matches, uint32_t base);
/* Before a block of records: makes room. */
void sori_passage_turn(struct sori_passages *p);

#endif
