/* Inside the normaliser: one state, five files.
 *
 *   normalize.c        entry, main loop, offset map
 *   normalize_span.c   copies clean stretches, vectorised
 *   normalize_rules.c  what one code point does to the output's tail
 *   normalize_html.c   entities and tags, by the output's tail as well
 *   normalize_marks.c  jamo runs, combining marks
 *
 * Every rule looks at the tail of the OUTPUT, never at what the input happened to be, and replaces it by something that is
 * itself fed through the rules. So no output holds a stretch that a rule would still change, and normalising twice is
 * normalising once. */
#ifndef SORI_TEXT_NORMALIZE_INTERNAL_H
#define SORI_TEXT_NORMALIZE_INTERNAL_H

#include "pipeline/base/utf8.h"
#include "pipeline/text/normalize.h"

#define NORM_NONE ((size_t)-1)
#define NORM_MARK_LIMIT 30 /* UAX #15, stream-safe text */
#define NORM_SPARE 512     /* bytes of room before each step; the most that one step adds beyond what it reads */

struct norm {
	const unsigned char *in;
	size_t size; /* of the input */
	size_t at;   /* next input byte */
	struct sori_buffer *buffer;
	unsigned char *out; /* this text's output */
	size_t base;        /* of out in the buffer */
	size_t length;      /* of out */
	size_t room;        /* bytes that fit behind out */
	struct sori_map *map;
	size_t map_first;
	size_t gap;      /* end, in the input, of the last stretch that is not literal */
	size_t squeezed; /* output length at which a syllable run was squeezed; more of the same is dropped */
	size_t tag;      /* output position of the last '<' that may begin a tag */
	bool term;
	bool failed; /* memory */
};

/* Output. `from`, `to`: the input bytes it stands for. put_literal: the same length in and out, byte for byte. */
void norm_put(struct norm *s, const void *bytes, size_t length, size_t from, size_t to);
void norm_put_point(struct norm *s, uint32_t point, size_t from, size_t to);
void norm_pop(struct norm *s, size_t position); /* cuts the output back */
size_t norm_origin(const struct norm *s, size_t position);
void norm_open_stretch(struct norm *s, size_t from, size_t to, bool literal);

/* The output's last code point before `position`, its start in *start; 0 when there is none. */
uint32_t norm_before(const struct norm *s, size_t position, size_t *start);
static inline unsigned char norm_tail(const struct norm *s, size_t back)
{
	return s->length >= back ? s->out[s->length - back] : 0;
}

/* Feeds one code point, whatever it is, as if it had been read from input bytes [from, to). */
void norm_feed(struct norm *s, uint32_t point, size_t from, size_t to);
void norm_feed_syllable(struct norm *s, uint32_t point, size_t from, size_t to);
void norm_feed_mood(struct norm *s, size_t from, size_t to);
void norm_feed_blank(struct norm *s, size_t from, size_t to);
void norm_feed_break(struct norm *s, size_t from, size_t to);

/* Removed wherever it stands: zero-width, bidi controls, fillers, variation selectors, tags. */
bool norm_is_ignorable(uint32_t point);
bool norm_is_compat_jamo(uint32_t point);
static inline bool norm_is_conjoining(uint32_t point)
{
	return (point >= 0x1100 && point <= 0x11ff) || (point >= 0xa960 && point <= 0xa97f) ||
	       (point >= 0xd7b0 && point <= 0xd7ff);
}
/* Half-width and lone conjoining jamo as compatibility jamo; the point itself when it is none. */
uint32_t norm_to_compat_jamo(uint32_t point);

/* Entity before a ';' about to be put; true when it was replaced. Tag before a '>': likewise. */
bool norm_entity(struct norm *s, size_t to);
bool norm_tag(struct norm *s, size_t to);
void norm_find_bracket(struct norm *s); /* after a '<' at the tail went away */

/* From s->at on: a run of jamo, a conjoining jamo, a combining mark; each moves s->at on. */
void norm_jamo_run(struct norm *s);
void norm_feed_jamo(struct norm *s, uint32_t point, size_t from, size_t to);
void norm_conjoining(struct norm *s, uint32_t point, size_t from, size_t to);
bool norm_is_mark(uint32_t point);
void norm_marks(struct norm *s);
/* A point that may decompose canonically, not a mark. */
void norm_put_composed(struct norm *s, uint32_t point, size_t from, size_t to);

/* Copies the clean prefix of `in` to `out`, ASCII letters lowered, and returns its length, on a code point border. Clean:
 * ASCII and precomposed syllables that no rule can touch, given the eight output bytes before (zeros when there are
 * fewer). Writes up to 64 bytes beyond what it returns. All versions return the same. */
size_t norm_span_portable(const unsigned char *in, size_t size, unsigned char *out, const unsigned char before[8]);
#if defined(__x86_64__)
size_t norm_span_avx2(const unsigned char *in, size_t size, unsigned char *out, const unsigned char before[8]);
#endif

#endif
