/* Inside of the rules: how they are filed (rules_index.c) for those that run them (rules.c, passage.c). */
#ifndef SORI_EXTRACT_RULES_H
#define SORI_EXTRACT_RULES_H

#include "stages/extract/match.h"

#define SORI_LEVELS 3u
#define SORI_NO_NUMBER UINT16_MAX

/* A rule under its anchor: what else must be there, and what must not, by number at the rule's level. */
struct sori_filed_rule {
	uint32_t rule;
	uint32_t needs; /* into needs[]: need_count, then forbid_count */
	uint8_t need_count, forbid_count;
	uint8_t anchor; /* slot */
	bool single;    /* one slot */
};

/* One list of sets; groups with the same list share it. */
struct sori_set_list {
	uint64_t hash[SORI_LEVELS]; /* a bit per number, modulo 64 */
	uint32_t first;             /* into numbers[], level after level, anchors first */
	uint16_t count[SORI_LEVELS];
	uint16_t anchors[SORI_LEVELS];
	uint32_t simple_first, simple_count; /* into simple[] */
	bool over_record;      /* rules over the record name some of the sets */
	bool member;           /* not only as a context or as what must not be there */
};

/* Of the whole dictionary, made once and shared by threads. */
struct sori_rule_index {
	uint16_t *number[SORI_LEVELS];  /* per set: its number at the level, anchors before others */
	uint32_t counts[SORI_LEVELS];   /* of numbers */
	uint32_t anchors[SORI_LEVELS];  /* of them, the first ones */
	uint32_t words;                 /* of a bit string over the numbers of any level */
	uint32_t record_words;          /* over those of the record's */
	struct sori_set_list *lists;
	uint16_t *numbers;
	size_t number_count, number_capacity;
	uint32_t *group_list;           /* per group of the index */
	uint32_t list_count;
	uint32_t *simple;               /* rules */
	uint32_t *first[SORI_LEVELS];   /* per anchor and one more, into rules */
	struct sori_filed_rule *rules;  /* by level, then anchor */
	uint16_t *needs;
	bool *member;                   /* per set: member of a rule over the record */
};

/* Numbers of the list at the level. */
static inline const uint16_t *sori_list_numbers(const struct sori_rule_index *x, const struct sori_set_list *list, unsigned level)
{
	const uint16_t *numbers = x->numbers + list->first;
	for (unsigned before = 0; before < level; before++)
		numbers += list->count[before];
	return numbers;
}

static inline void sori_rules_add(const struct sori_rule_index *x, uint32_t list, unsigned level, uint64_t *bits)
{
	const uint16_t *number = sori_list_numbers(x, &x->lists[list], level);
	for (const uint16_t *end = number + x->lists[list].count[level]; number < end; number++)
		bits[*number / 64] |= UINT64_C(1) << *number % 64;
}

/* What else the rule needs is there, and nothing that it forbids. */
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
