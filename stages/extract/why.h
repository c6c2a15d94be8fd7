/* Why rules gave no hit: they are evaluated again, slowly and one by one, over what the matcher found in its last record. */
#ifndef SORI_EXTRACT_WHY_H
#define SORI_EXTRACT_WHY_H

#include "stages/extract/dictionary.h"

enum sori_why_cause {
	SORI_WHY_MISSING = 1,   /* a member is nowhere in the record */
	SORI_WHY_APART = 2,     /* a member is in the record, but in another clause (sentence) */
	SORI_WHY_RELATION = 4,  /* a distance or an order does not hold */
	SORI_WHY_OVERLAP = 8,   /* two members would need the same words */
	SORI_WHY_FORBIDDEN = 16, /* a `!` or not= stands there */
	SORI_WHY_CONDITION = 32, /* a when= does not hold */
	SORI_WHY_MASKED = 64    /* all holds, but the words are personal data, or the record ran out of steps */
};

struct sori_why_slot {
	bool present;        /* in the unit; else `apart` or missing */
	bool apart;
	uint32_t start, end; /* bytes of the text field; when present or apart */
};

struct sori_why {
	uint32_t rule;
	unsigned causes; /* enum sori_why_cause bits */
	unsigned missing, apart, present;
	uint32_t terms; /* of the sets that are present: few terms say more */
	struct sori_why_slot slots[SORI_SLOT_LIMIT];
	uint8_t constraint; /* with RELATION */
	uint8_t when;       /* with CONDITION */
	uint16_t forbidden; /* the set, with FORBIDDEN */
	uint32_t forbidden_start, forbidden_end;
};

#define SORI_WHY_ANY UINT32_MAX

/* The rules of a category (of one entry, unless it is SORI_WHY_ANY) that came nearest, one per entry, best first; those
 * of which no member is there, and entries that gave a hit, are left out. To be called after sori_extract_text; returns
 * how many were written to `nearest`. SIZE_MAX: out of memory. */
size_t sori_why_not(struct sori_matcher *matcher, uint16_t category, uint32_t entry, struct sori_why *nearest, size_t limit);

/* Letters of a term that stand in the text without being a match. */
struct sori_why_form {
	uint32_t term;
	uint32_t start, end;   /* bytes of the text field */
	uint32_t cover;        /* a longer term that stands over them, SORI_WHY_ANY: none */
};

/* The same for terms of the category's rules (not of req=), longest first, each place once. */
size_t sori_why_forms(struct sori_matcher *matcher, uint16_t category, uint32_t entry, struct sori_why_form *forms,
		      size_t limit);

#endif
