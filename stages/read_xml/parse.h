/* One record element through libxml2's push parser, as a list of dotted names and texts. */
#ifndef SORI_READ_XML_PARSE_H
#define SORI_READ_XML_PARSE_H

#include <stdbool.h>

#include "pipeline/base/view.h"
#include "pipeline/core/batch.h"

struct xml_parser;

/* Called for every attribute and every element with text of its own: the name relative to the record ("text",
 * "aspects.term", "author.id"; the record's own text under its element name). Views end with the call. */
typedef void xml_take(void *user, struct sori_view name, struct sori_view value);

/* new: NULL when memory is out. */
struct xml_parser *sori_xml_parser_new(xml_take *take, void *user);
void sori_xml_parser_free(struct xml_parser *parser);

/* Parses one element (valid UTF-8). SYNTAX: not well-formed, or an entity other than the five of XML; TOO_DEEP. */
enum sori_reason sori_xml_parse(struct xml_parser *parser, struct sori_view element);

/* Has memory run out in the last parse? */
bool sori_xml_parser_out_of_memory(const struct xml_parser *parser);

/* Makes libxml2 ready and switches off everything that could load something. Call before the first parser. */
void sori_xml_parser_prepare(void);

#endif
