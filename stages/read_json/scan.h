/* Cutting JSON text into elements without parsing it: aware of strings and nesting only. */
#ifndef SORI_READ_JSON_SCAN_H
#define SORI_READ_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/view.h"

#define JSON_DEPTH_LIMIT 64

enum json_scan { JSON_SCAN_DONE, JSON_SCAN_MORE, JSON_SCAN_BROKEN };

/* Finds the end of the value that begins at text.at[0]. DONE: *end is behind it, *depth its deepest nesting. BROKEN: *end is
 * where it stopped making sense (a line end inside a string, a string before something that is no separator, a closing
 * bracket of the wrong kind). MORE: the text ends inside the value. */
enum json_scan sori_json_scan_value(struct sori_view text, bool last, size_t *end, unsigned *depth);

/* First place from `from` on where a next element plausibly begins: a '{' that starts a line with `indent` blanks before
 * it, or a '{' behind "}," and blanks. text.length when there is none. */
size_t sori_json_resync(struct sori_view text, size_t from, size_t indent);

/* First byte from `from` on that is no JSON white space. */
size_t sori_json_skip_blank(struct sori_view text, size_t from);

/* Where the elements of an array of objects that stands under a key of the top-level object begin (behind its '[');
 * 0 when the text is no such wrapper. */
size_t sori_json_find_array(struct sori_view text);

#endif
