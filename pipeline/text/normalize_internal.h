/* Inside the normaliser: one state, five files.
 *
 *   normalize.c        entry, one step, offset map
 *   normalize_span.c   the loop: copies clean stretches, vectorised
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

/* The compiler is told to zero locals; these are filled before they are read and are not small. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define NOT_ZEROED __attribute__((uninitialized))
#endif
#endif
#ifndef NOT_ZEROED
#define NOT_ZEROED
#endif

#define NORM_NONE ((size_t)-1)
#define NORM_MARK_LIMIT 30 /* UAX #15, stream-safe text */
#define NORM_SPARE 512     /* bytes of room before each step; the most that one step adds beyond what it reads */

struct norm {
	const unsigned char *in;
	size_t size;     /* of the input */
	size_t readable; /* bytes of `in` that may be read; at least 64 */
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

bool norm_make_room(struct norm *s); /* for one step and all input that is left */
void norm_step(struct norm *s);      /* one character at s->at through the rules */

/* Runs over the whole input; false when memory is out. All versions do the same. */
bool norm_run_portable(struct norm *s);
/* Suspects among the block of up to 64 bytes from in[at] on, bit 0 for in[at]; *end: the block's end. The block begins at
 * 0 or where the one before ended or a step led. `readable` bytes may be read: size, or more, and at least 64. */
typedef uint64_t norm_suspects_function(const unsigned char *in, size_t at, size_t size, size_t readable, size_t *end);
norm_suspects_function norm_suspects_portable;
/* Up to 64 bytes, ASCII letters lowered. Up to 64 bytes are written whatever `length`. */
typedef void norm_copy_function(const unsigned char *in, size_t length, size_t readable, unsigned char *out);
norm_copy_function norm_copy_portable;
#if defined(__x86_64__)
bool norm_run_avx2(struct norm *s);
norm_suspects_function norm_suspects_avx2;
norm_copy_function norm_copy_avx2;
#endif

#endif
