/* XML seen as a row of tags: enough to cut record elements from the raw bytes at their exact places. Whether a record is
 * well-formed is libxml2's business (parse.c). */
#ifndef SORI_READ_XML_SCAN_H
#define SORI_READ_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/view.h"

#define XML_DEPTH_LIMIT 64

enum xml_kind { XML_TEXT, XML_OPEN, XML_CLOSE, XML_EMPTY, XML_OTHER /* comment, PI, CDATA */, XML_DOCTYPE, XML_CUT /* not all there */ };

struct xml_token {
	enum xml_kind kind;
	size_t length;         /* bytes, from '<' to '>' for a tag */
	struct sori_view name; /* of a tag */
	struct sori_view text; /* TEXT; contents of a CDATA section */
};

/* The token at the front of `text` (not empty). A '<' that begins no tag counts as text. */
struct xml_token sori_xml_next(struct sori_view text);

enum xml_cut { XML_CUT_DONE, XML_CUT_MORE, XML_CUT_BROKEN };

/* `text` begins with the open or empty tag of element `name`: *end is behind its close tag (elements of the same name
 * inside it are counted). BROKEN at *end: another element of the same name begins where its parent's close tag or a
 * deeper nesting than the limit shows that this one was never closed. */
enum xml_cut sori_xml_element_end(struct sori_view text, struct sori_view name, size_t *end);

/* Guesses the record element from a sample: the innermost repeated element that holds the text. Its name (in the sample);
 * empty when there is none. `*doctype` is set when the document has a document type with declarations of its own. */
struct sori_view sori_xml_guess_record(struct sori_view sample, bool *doctype);

#endif
