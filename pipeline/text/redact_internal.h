/* Inside redaction: the finders and the list they share.
 *
 *   redact.c          order of the finders, masks, masked text
 *   redact_scan.c     where there may be something, vectorised
 *   redact_numbers.c  chains of digit groups: resident numbers, cards, phones, accounts, IMEI
 *   redact_places.c   vehicle plates, addresses, serials with a cue, e-mail
 *   redact_names.c    names with a title cue */
#ifndef SORI_TEXT_REDACT_INTERNAL_H
#define SORI_TEXT_REDACT_INTERNAL_H

#include "pipeline/text/normalize_internal.h"
#include "pipeline/text/redact.h"

/* Finders from the most to the least certain: of findings that overlap the lower rank stays, within a rank the earlier. */
enum finder_rank { RANK_EMAIL, RANK_NUMBER, RANK_SPOKEN, RANK_LATIN_NAME, RANK_NAME };

struct found {
	size_t start, end; /* normalised bytes */
	uint64_t order;    /* rank, then number of finding */
	enum sori_mask_kind kind;
};

struct finder {
	const char *text;
	size_t length;
	struct found *items;
	size_t count, capacity;
	enum finder_rank rank; /* of the finder at work */
	bool failed;           /* memory */
};

/* Places in a block of 64 bytes, bit i for byte i. */
enum place {
	PLACE_NUMBER, /* the first digit of a group */
	PLACE_NAME,   /* a title or cue of Korean names may begin */
	PLACE_LATIN,  /* mr, ms, my n */
	PLACE_AT,     /* '@' */
	PLACE_SPOKEN, /* 공, 영 */
	PLACE_DIGIT,  /* any digit, when there is a place at all */
	PLACE_KINDS
};
_Static_assert(sizeof ((struct sori_redact_block *)0)->places == PLACE_KINDS * sizeof(uint64_t), "the redactor holds a block");

/* Scans up to SORI_REDACT_BLOCKS blocks from *from on, moves *from behind them, and puts those with any place into
 * `blocks`; returns their number. */
size_t redact_scan_portable(const char *text, size_t length, size_t *from, struct sori_redact_block *blocks);
#if defined(__x86_64__)
size_t redact_scan_avx2(const char *text, size_t length, size_t *from, struct sori_redact_block *blocks);
#endif

/* Digits written in groups: 010-1234-5678 has three. `gap` is the sign before the group: '-', '.', ' ', ')' or 0. */
#define CHAIN_GROUPS 24
struct group {
	size_t start, end;
	char gap;
};
struct chain {
	struct group item[CHAIN_GROUPS];
	size_t count;
};

void found_add(struct finder *f, enum sori_mask_kind kind, size_t start, size_t end);

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline char char_at(const struct finder *f, size_t i) { return i < f->length ? f->text[i] : '\0'; }
static inline char char_before(const struct finder *f, size_t i) { return i > 0 ? f->text[i - 1] : '\0'; }
/* A precomposed syllable of three bytes at i; before i. */
static inline bool syllable_at(const struct finder *f, size_t i)
{
	return i + 3 <= f->length && (unsigned char)f->text[i] >= 0xea && (unsigned char)f->text[i] <= 0xed;
}
static inline bool syllable_before(const struct finder *f, size_t i) { return i >= 3 && syllable_at(f, i - 3); }

/* Byte by byte: nearly all comparisons end at the first or second. */
static inline bool text_at(const struct finder *f, size_t i, const char *text)
{
	for (; *text; text++, i++)
		if (i >= f->length || f->text[i] != *text)
			return false;
	return true;
}
static inline bool text_before(const struct finder *f, size_t i, const char *text)
{
	size_t length = strlen(text);
	return i >= length && f->text[i - 1] == text[length - 1] && text_at(f, i - length, text);
}
/* `text` within the `window` bytes before i, on the same line. */
bool cue_before(const struct finder *f, size_t i, size_t window, const char *text);
/* Is `text` in the NULL-ended list of equal-length or shorter words, at or before i? The length matched, 0 none. */
size_t any_at(const struct finder *f, size_t i, const char *const *words);
size_t any_before(const struct finder *f, size_t i, const char *const *words);
bool equals_any(const struct finder *f, size_t start, size_t end, const char *const *words);

/* Each looks at one place. find_number: a digit without one before it; the end of the chain that begins there. */
size_t find_number(struct finder *f, size_t at);
void find_places(struct finder *f, const struct chain *chain);
void find_spoken_phone(struct finder *f, size_t at); /* 공 or 영 */
void find_email(struct finder *f, size_t at);        /* '@' */
void find_latin_name(struct finder *f, size_t at);   /* 'm' */
void find_name(struct finder *f, size_t at, bool keep_staff);

#endif
