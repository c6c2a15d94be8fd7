/* Cutting delimited text into records by the bit maps of mask.h. The grammar, the same for every buffer border:
 *
 *  - a field that begins with the quote ends at the first quote that stands before a delimiter, a line end or the end;
 *    `""` inside is one quote; any other quote inside is a lone quote and taken literally;
 *  - a quote elsewhere is literal;
 *  - a field with a line end inside its quotes must have no lone quote, its record the right number of columns, at most
 *    SORI_RECORD_LIMIT bytes, and an end. Otherwise its opening quote was a stray one: the physical line is rejected and
 *    reading goes on at the next line. */
#ifndef SORI_READ_CSV_CUT_H
#define SORI_READ_CSV_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/core/batch.h"
#include "stages/read_csv/mask.h"

#define CSV_FRAGMENT_LINES 64 /* lines behind a stray quote that may be put into one rejected piece */

struct csv_cutter {
	struct csv_marks marks;
	size_t columns;      /* expected; 0: any number */
	size_t field_limit;
	/* the text: set by the caller */
	const char *data;
	size_t length;       /* 64 more bytes are readable */
	bool last;           /* nothing follows */
	/* bit maps of data[0, masked) */
	uint64_t *borders, *line_ends, *quotes;
	size_t capacity, masked;
	/* a quote that opened before `no_span` did not close properly there: lines before it hold no multi-line field */
	size_t no_span;
	/* the record found */
	uint32_t *ends;      /* of field_limit + 1 entries: where each field ends */
	size_t fields;
	bool quoted;         /* some field begins with a quote */
	uint64_t lines;      /* line ends in it, its own included */
};

enum csv_result {
	CSV_RECORD,
	CSV_BLANK,
	CSV_MORE,      /* the end is not in sight: more text wanted */
	CSV_COLUMNS,   /* wrong number of columns */
	CSV_QUOTE,     /* stray quote */
	CSV_TOO_LONG,
	CSV_TOO_MANY
};

/* False when memory is out. release frees. */
bool sori_csv_cutter_init(struct csv_cutter *cutter, const struct csv_marks *marks, size_t columns, size_t field_limit);
void sori_csv_cutter_release(struct csv_cutter *cutter);

/* Gives the cutter its text (call again when it has grown; data may have moved) and brings the bit maps up to date;
 * `fresh`: another text altogether. False when memory is out. */
bool sori_csv_cutter_set(struct csv_cutter *cutter, const char *data, size_t length, bool last, bool fresh);

/* Finds the piece that begins at `start`; *end is the first byte behind it. */
enum csv_result sori_csv_cut(struct csv_cutter *cutter, size_t start, size_t *end);

/* Finds the end of the line that `start` stands in, for the rest of a line that was over the limit: CSV_TOO_LONG (at most
 * SORI_RECORD_LIMIT bytes of it) or CSV_MORE. */
enum csv_result sori_csv_cut_rest(struct csv_cutter *cutter, size_t start, size_t *end);

#endif
