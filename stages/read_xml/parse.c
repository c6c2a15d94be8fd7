/* The push parser with handlers of its own, one document for each record: no entities but the five, no document type, no
 * network, no recovery, no size limits lifted. Record by record, because libxml2 cannot go on behind an error: the next
 * record then starts with a clean parser, and records can be parsed on several threads. Handlers are of the first SAX
 * interface: names keep their prefix, which a piece without its root cannot declare. */
#include "stages/read_xml/parse.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "stages/read_xml/scan.h"

#define NAME_LIMIT 256

struct xml_parser {
	xmlParserCtxtPtr context;
	xmlSAXHandler handlers;
	xml_take *take;
	void *user;
	char name[NAME_LIMIT];
	size_t name_length;
	size_t before[XML_DEPTH_LIMIT]; /* name length outside each open element */
	size_t start[XML_DEPTH_LIMIT];  /* where its text begins in `text` */
	unsigned level;
	bool too_deep, memory, stopped;
	struct sori_buffer text;
};

static struct xml_parser *of(void *context)
{
	return ((xmlParserCtxtPtr)context)->_private;
}

static void stop(void *context)
{
	of(context)->stopped = true;
	xmlStopParser(context);
}

static void add_name(struct xml_parser *parser, const char *name)
{
	size_t length = strlen(name), dot = parser->name_length ? 1 : 0;
	if (parser->name_length + dot + length > NAME_LIMIT)
		return; /* cannot be a chosen one */
	if (dot)
		parser->name[parser->name_length++] = '.';
	memcpy(parser->name + parser->name_length, name, length);
	parser->name_length += length;
}

static void on_open(void *context, const xmlChar *name, const xmlChar **attributes)
{
	struct xml_parser *parser = of(context);
	if (parser->level == XML_DEPTH_LIMIT) {
		parser->too_deep = true;
		stop(context);
		return;
	}
	parser->before[parser->level] = parser->name_length;
	parser->start[parser->level] = parser->text.length;
	if (parser->level) /* the record's own name is left out */
		add_name(parser, (const char *)name);
	parser->level++;
	for (size_t i = 0; attributes && attributes[i]; i += 2) {
		size_t length = parser->name_length;
		add_name(parser, (const char *)attributes[i]);
		parser->take(parser->user, sori_view_make(parser->name, parser->name_length),
			     sori_view_of((const char *)attributes[i + 1]));
		parser->name_length = length;
	}
}

static void on_close(void *context, const xmlChar *name)
{
	struct xml_parser *parser = of(context);
	if (!parser->level)
		return;
	parser->level--;
	size_t start = parser->start[parser->level];
	struct sori_view text = sori_view_slice(sori_buffer_view(&parser->text), start, parser->text.length);
	struct sori_view full = sori_view_make(parser->name, parser->name_length);
	if (parser->level == 0)
		full = sori_view_of((const char *)name);
	if (sori_view_trim(text).length)
		parser->take(parser->user, full, sori_view_trim(text));
	parser->text.length = start;
	parser->name_length = parser->before[parser->level];
}

static void on_text(void *context, const xmlChar *text, int length)
{
	struct xml_parser *parser = of(context);
	sori_buffer_add(&parser->text, text, (size_t)length);
	if (parser->text.failed) {
		parser->memory = true;
		stop(context);
	}
}

static void on_document_type(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	stop(context);
}

static xmlEntityPtr on_entity(void *context, const xmlChar *name)
{
	(void)context;
	return xmlGetPredefinedEntity(name);
}

static xmlParserInputPtr on_resolve(void *context, const xmlChar *external, const xmlChar *system)
{
	(void)external;
	(void)system;
	stop(context);
	return NULL;
}

static void on_reference(void *context, const xmlChar *name)
{
	(void)name;
	stop(context); /* an entity that was not replaced */
}

static xmlParserInputPtr refuse_to_load(const char *address, const char *id, xmlParserCtxtPtr context)
{
	(void)address;
	(void)id;
	(void)context;
	return NULL;
}

static void silent(void *context, xmlErrorPtr fault)
{
	(void)context;
	(void)fault;
}

void sori_xml_parser_prepare(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(refuse_to_load);
}

static bool renew(struct xml_parser *parser)
{
	if (parser->context)
		xmlFreeParserCtxt(parser->context);
	parser->context = xmlCreatePushParserCtxt(&parser->handlers, NULL, NULL, 0, NULL);
	if (!parser->context)
		return false;
	parser->context->_private = parser;
	return true;
}

struct xml_parser *sori_xml_parser_new(xml_take *take, void *user)
{
	struct xml_parser *parser = sori_alloc_zero(1, sizeof *parser);
	if (!parser)
		return NULL;
	parser->take = take;
	parser->user = user;
	sori_buffer_init(&parser->text, 2 * SORI_RECORD_LIMIT);
	parser->handlers.startElement = on_open;
	parser->handlers.endElement = on_close;
	parser->handlers.characters = on_text;
	parser->handlers.ignorableWhitespace = on_text;
	parser->handlers.cdataBlock = on_text;
	parser->handlers.internalSubset = on_document_type;
	parser->handlers.getEntity = on_entity;
	parser->handlers.resolveEntity = on_resolve;
	parser->handlers.reference = on_reference;
	parser->handlers.serror = silent;
	parser->handlers.initialized = 1;
	if (!renew(parser)) {
		sori_xml_parser_free(parser);
		return NULL;
	}
	return parser;
}

void sori_xml_parser_free(struct xml_parser *parser)
{
	if (!parser)
		return;
	if (parser->context)
		xmlFreeParserCtxt(parser->context);
	sori_buffer_release(&parser->text);
	sori_free(parser);
}

bool sori_xml_parser_out_of_memory(const struct xml_parser *parser)
{
	return parser->memory;
}

enum sori_reason sori_xml_parse(struct xml_parser *parser, struct sori_view element)
{
	parser->name_length = 0;
	parser->level = 0;
	parser->too_deep = parser->memory = parser->stopped = false;
	sori_buffer_reset(&parser->text);
	if (xmlCtxtResetPush(parser->context, NULL, 0, NULL, NULL) != 0 && !renew(parser)) {
		parser->memory = true;
		return SORI_REASON_SYNTAX;
	}
	parser->context->_private = parser;
	xmlCtxtUseOptions(parser->context, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
						   XML_PARSE_SAX1);
	parser->context->replaceEntities = 0;
	int fault = xmlParseChunk(parser->context, element.at, (int)element.length, 0);
	if (!fault && !parser->stopped)
		fault = xmlParseChunk(parser->context, NULL, 0, 1);
	if (fault == XML_ERR_NO_MEMORY)
		parser->memory = true;
	bool fine = !fault && !parser->stopped && parser->context->wellFormed && parser->level == 0;
	return fine ? SORI_REASON_NONE : parser->too_deep ? SORI_REASON_TOO_DEEP : SORI_REASON_SYNTAX;
}
