/* Inside of the rules: how they are filed (rules_index.c) for those that run them (rules.c, passage.c). */
#ifndef SORI_EXTRACT_RULES_H
#define SORI_EXTRACT_RULES_H

#include "stages/extract/match.h"

#define SORI_LEVELS 3u
#define SORI_NO_NUMBER UINT16_MAX

/* Sets as bits of two small hashes: says for most rules that some set is missing without a look at the set. */
struct sori_signature {
	uint64_t low, high;
};

struct sori_filed_rule {
	struct sori_signature need; /* of the slots */
	uint32_t rule;
	uint8_t anchor;
	uint8_t level;
	uint16_t set; /* number of the anchor's set at the level */
};

/* One list of sets; groups with the same list share it. */
struct sori_set_list {
	uint32_t simple_first, simple_count; /* into simple[] */
	uint32_t anchor_first;               /* into numbers[]: the anchors among the sets, level after level */
	uint16_t anchor_count[SORI_LEVELS];
	bool over_record; /* rules over the record name some of the sets */
	bool member;      /* not only as a context or as what must not be there */
};

struct sori_rule_index {
	uint16_t *number[SORI_LEVELS];    /* per set: its bit at the level */
	uint32_t words[SORI_LEVELS];      /* of the bit strings */
	uint32_t offset[SORI_LEVELS];     /* of the level within a list's bits */
	uint32_t stride;             /* words of a list's bits, all levels */
	uint64_t *bits;              /* stride words per list */
	struct sori_signature *signatures; /* SORI_LEVELS per list */
	uint64_t *anchors;           /* stride words: sets that rules are filed under */
	uint32_t *anchor_stamp[SORI_LEVELS]; /* per number: unit in which its rules were last run */
	struct sori_set_list *lists;
	uint16_t *numbers;
	size_t number_count, number_capacity;
	uint32_t *group_list;        /* per group of the index */
	uint32_t list_count;
	uint32_t *simple;            /* rules */
	uint32_t *first[SORI_LEVELS];     /* per number, into rules */
	struct sori_filed_rule *rules;    /* by level, then number */
	uint64_t *members;           /* sets that are members of rules over the record, by number */
};

/* Adds the list's sets that rules over the record name, by their numbers there. */
static inline void sori_rules_sets(const struct sori_rule_index *x, uint32_t list, uint64_t *sets)
{
	const uint64_t *bits = x->bits + (size_t)list * x->stride + x->offset[SORI_WITHIN_RECORD];
	for (uint32_t w = 0; w < x->words[SORI_WITHIN_RECORD]; w++)
		sets[w] |= bits[w];
}

static inline uint64_t sori_high_bit(uint16_t number)
{
	return UINT64_C(1) << (number * UINT32_C(0x9e3779b1) >> 26);
}

static inline void sori_sign(struct sori_signature *signature, uint16_t number)
{
	signature->low |= UINT64_C(1) << number % 64;
	signature->high |= sori_high_bit(number);
}

static inline bool sori_may_hold(const struct sori_signature *signature, uint16_t number)
{
	return (signature->low >> number % 64 & 1) && (signature->high & sori_high_bit(number));
}

#endif
