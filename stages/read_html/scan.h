/* HTML seen as a row of tags, to cut table rows or repeated blocks from the raw bytes. */
#ifndef SORI_READ_HTML_SCAN_H
#define SORI_READ_HTML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/view.h"

enum html_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE, HTML_OTHER /* comment, document type, script or style as a whole */, HTML_CUT };

struct html_token {
	enum html_kind kind;
	size_t length;
	struct sori_view name;  /* of a tag, as written */
	struct sori_view group; /* first word of its class, empty when none */
};

/* The token at the front of `text` (not empty). */
struct html_token sori_html_next(struct sori_view text);

/* What a record is in this document. */
struct html_shape {
	bool rows;        /* table rows; else blocks with this tag and class */
	char tag[32];
	char group[64];
};

/* False when neither a table of two rows or more nor a repeated block is found. */
bool sori_html_guess(struct sori_view sample, struct html_shape *shape);

/* Does the token begin a record? */
bool sori_html_begins(const struct html_shape *shape, const struct html_token *token);

/* `text` begins with a record's open tag: *end is behind the record. False: the end is not in sight. */
bool sori_html_record_end(const struct html_shape *shape, struct sori_view text, size_t *end);

#endif
