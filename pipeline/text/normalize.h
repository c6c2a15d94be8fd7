/* The one normaliser: feedback text and dictionary terms pass through the same function (order and traps: NFC, width
 * folding, jamo composition, HTML to text, zero-width and bidi removal, Latin case folding, laughter and tears to a
 * class, repetition squeezed, combining runs capped before utf8proc). Keeps a map to the original bytes. */
#ifndef SORI_TEXT_NORMALIZE_H
#define SORI_TEXT_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

/* Private-use bytes that normalised text may hold; none of them is valid UTF-8 text of its own, so they never clash. */
#define SORI_CHAR_MOOD '\x01'  /* laughter, tears, emoji: breaks a clause */
#define SORI_CHAR_MASK '\x02'  /* one redacted stretch; breaks nothing, matches nothing */
#define SORI_CHAR_BREAK '\x03' /* paragraph or line break of the original: ends a sentence */

#define SORI_NORMALIZED_LIMIT ((size_t)4 * 1024 * 1024)

/* Offset map: normalised byte `at` and everything after it, up to the next point, comes from the original byte
 * `original` on, byte for byte when `literal`; else the whole stretch stands for original bytes
 * [original, next point's original). The first point is {0,0}; the last is {normalised length, original length}. A text
 * that normalises to itself (case apart) has just these two. */
struct sori_map_point {
	uint32_t at;
	uint32_t original : 31;
	uint32_t literal : 1;
};

struct sori_map {
	struct sori_map_point *points;
	size_t count, capacity;
};

/* Appends the normalised form of `text` (valid UTF-8) to `out` and its points, counted from 0 for this text, to `map`
 * (NULL: none wanted). Lines never contain '\n' afterwards. Result: OK; DATA when the result would be over
 * max(4 x length, 64) or SORI_NORMALIZED_LIMIT bytes; SYSTEM out of memory. Thread-safe; one pass, no allocation but the
 * growth of out and map. `out` keeps at least 64 spare bytes of capacity. */
enum sori_status sori_normalize(struct sori_view text, struct sori_buffer *out, struct sori_map *map);

/* As sori_normalize for text that is plainly a dictionary term: no HTML, no mood folding. */
enum sori_status sori_normalize_term(struct sori_view term, struct sori_buffer *out);

/* Original range of the normalised range [start, end), widened to whole stretches where they are not literal. */
void sori_map_back(const struct sori_map_point *points, size_t count, uint32_t start, uint32_t end,
		   uint32_t *original_start, uint32_t *original_end);

#endif
