/* Inside of the rules: how they are filed (rules_index.c) for those that run them (rules.c, passage.c). */
#ifndef SORI_EXTRACT_RULES_H
#define SORI_EXTRACT_RULES_H

#include "stages/extract/match.h"

#define SORI_LEVELS 3u
#define SORI_NO_NUMBER UINT16_MAX

/* A rule of the index: what must be there, and what must not, by number at the rule's level. */
struct sori_filed_rule {
	uint32_t rule;
	uint32_t needs; /* into needs[]: need_count, then forbid_count */
	uint8_t need_count, forbid_count;
	uint8_t anchor; /* slot */
	bool single;    /* one slot */
};

/* 64 numbers of a bit string; what a list has there. */
struct sori_row {
	uint64_t bits;
	uint32_t word;
};

/* One list of sets; groups with the same list share it. Its sets at a level are rows, in order. */
struct sori_set_list {
	uint64_t hash[SORI_LEVELS]; /* a bit per number, modulo 64 */
	uint32_t row[SORI_LEVELS + 1]; /* into rows[], of each level, and the end */
	uint32_t simple_first, simple_count; /* into simple[] */
	bool anchors[SORI_LEVELS]; /* some of the sets are anchors there */
	bool over_record;          /* rules over the record name some of the sets */
};

/* Of the whole dictionary, made once and shared by threads. */
struct sori_rule_index {
	uint16_t *number[SORI_LEVELS];  /* per set: its number at the level, anchors before others */
	uint32_t counts[SORI_LEVELS];   /* of numbers */
	uint32_t anchors[SORI_LEVELS];  /* of them, the first ones */
	uint32_t words;                 /* of a bit string over the numbers of any level */
	uint32_t record_words;          /* over those of the record's */
	struct sori_set_list *lists;
	struct sori_row *rows;
	size_t row_count, row_capacity;
	uint32_t *group_list;           /* per group of the index */
	uint32_t list_count;
	uint32_t *simple;               /* rules */
	uint32_t first[SORI_LEVELS + 1]; /* of each level, into rules, and the end */
	struct sori_filed_rule *rules;  /* by level, in order */
	uint16_t *needs;
};

/* Where a matcher looks for rules: each under the one of its needs that was there least often so far (rules_file.c). Another
 * filing finds the same rules. */
struct sori_filing {
	uint32_t *first[SORI_LEVELS]; /* per number and one more, into rules and next */
	uint32_t *rules;              /* into the index's */
	uint16_t *next;               /* of each, the need to ask for first */
	uint64_t *some[SORI_LEVELS];  /* numbers that have rules */
	uint32_t *seen[SORI_LEVELS];  /* per number: sampled units that had it */
	uint32_t units, samples, due; /* units gone over, looked at; samples that the next filing waits for */
};

enum sori_status sori_filing_new(struct sori_matcher *m, struct sori_error *error);
void sori_filing_free(struct sori_matcher *m);
/* Once per unit, with its sets. */
void sori_filing_note(struct sori_matcher *m, unsigned level, const uint64_t *present);

/* Adds the list's sets at the level to the bit string. */
static inline void sori_rules_add(const struct sori_rule_index *x, uint32_t list, unsigned level, uint64_t *bits)
{
	const struct sori_row *row = x->rows + x->lists[list].row[level], *end = x->rows + x->lists[list].row[level + 1];
	for (; row < end; row++)
		bits[row->word] |= row->bits;
}

/* What the rule needs is there, and nothing that it forbids. */
static inline bool sori_needs_hold(const struct sori_rule_index *x, const struct sori_filed_rule *filed, const uint64_t *bits)
{
	const uint16_t *need = x->needs + filed->needs, *end = need + filed->need_count;
	for (; need < end; need++)
		if (!sori_bit(bits, *need))
			return false;
	for (end += filed->forbid_count; need < end; need++)
		if (sori_bit(bits, *need))
			return false;
	return true;
}

#endif
