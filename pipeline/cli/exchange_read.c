/* Dictionaries of other programs into the exchange. Each reader walks the whole decoded text in memory, line by line where
 * the format has lines; YAML through libyaml's document, XML through libxml2's reader without entities and network. A fault
 * ends the reading with line and column; what is understood but cannot be kept is a loss. */
#include <libxml/xmlreader.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/exchange.h"
#include "pipeline/core/encoding.h"

#define DEPTH_LIMIT 16u
#define NUMBER_LIMIT 1000u
#define ITEM_LIMIT 2000000u
#define CATEGORY_LIMIT 10000u

struct reading {
	struct sori_exchange *x;
	struct sori_view text;
	const char *path;
	struct sori_error *error;
	enum sori_status status;
	uint32_t steps; /* an alias of YAML may name what holds it: what is walked is counted, not what is written */
};

static enum sori_status fault(struct reading *r, uint64_t line, uint64_t column, const char *text)
{
	(void)sori_fail(r->error, SORI_DATA, "%s", text);
	r->status = sori_error_at(r->error, r->path, line, (uint32_t)column);
	return r->status;
}

static bool is_full(struct reading *r, uint64_t line)
{
	if (r->x->category_count > CATEGORY_LIMIT) {
		(void)fault(r, line, 1, "more than 10,000 categories");
		return true;
	}
	if (r->x->item_count < ITEM_LIMIT && r->steps++ < 4 * ITEM_LIMIT)
		return false;
	(void)fault(r, line, 1, "more than 2,000,000 terms");
	return true;
}

/* ---- bytes to UTF-8 */

static bool from_utf16(struct reading *r, struct sori_view bytes, bool big)
{
	struct sori_buffer out;
	char room[4];
	uint32_t high = 0;

	sori_buffer_init(&out, bytes.length * 2 + 16);
	for (size_t i = 2; i + 1 < bytes.length; i += 2) {
		unsigned char a = (unsigned char)bytes.at[i], b = (unsigned char)bytes.at[i + 1];
		uint32_t unit = big ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;

		if (unit >= 0xd800 && unit < 0xdc00) {
			high = unit;
			continue;
		}
		if (unit >= 0xdc00 && unit < 0xe000)
			unit = high ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : 0xfffd;
		high = 0;
		sori_buffer_add(&out, room, sori_utf8_encode(unit, room));
	}
	r->text = sori_exchange_keep(r->x, sori_buffer_view(&out));
	r->x->failed |= out.failed;
	sori_buffer_release(&out);
	return true;
}

static enum sori_status decode(struct reading *r, struct sori_view bytes)
{
	char problem[256];
	enum sori_encoding encoding = sori_encoding_guess(bytes, true, problem);
	const char *name = sori_encoding_name(encoding);

	if (strncmp(name, "utf-16", 6) == 0) {
		(void)from_utf16(r, bytes, strcmp(name, "utf-16be") == 0);
		return SORI_OK;
	}
	if (bytes.length >= 3 && memcmp(bytes.at, "\xef\xbb\xbf", 3) == 0)
		bytes = sori_view_slice(bytes, 3, bytes.length);
	if (!sori_decode_text(encoding, bytes, &r->x->arena, &r->text)) {
		size_t valid = sori_utf8_valid_prefix(bytes);
		uint64_t line = 1;

		for (size_t i = 0; i < valid; i++)
			line += bytes.at[i] == '\n';
		return fault(r, line, 0, "the text is neither UTF-8 nor UTF-16 nor CP949");
	}
	if (bytes.length && !r->text.at)
		r->x->failed = true;
	return SORI_OK;
}

/* ---- lines */

static struct sori_view next_line(struct sori_view *rest)
{
	const char *end = rest->length ? memchr(rest->at, '\n', rest->length) : NULL;
	size_t length = end ? (size_t)(end - rest->at) : rest->length;
	struct sori_view line = sori_view_slice(*rest, 0, length);

	*rest = sori_view_slice(*rest, length + 1, rest->length);
	while (line.length && (line.at[line.length - 1] == '\r' || line.at[line.length - 1] == ' ' || line.at[line.length - 1] == '\t'))
		line.length--;
	return line;
}

/* Tabs, or pairs of blanks. */
static size_t depth_of(struct sori_view line, size_t *skip)
{
	size_t depth = 0, blanks = 0, i = 0;

	for (; i < line.length && (line.at[i] == '\t' || line.at[i] == ' '); i++) {
		blanks += line.at[i] == ' ';
		depth += line.at[i] == '\t';
	}
	*skip = i;
	return depth + blanks / 2;
}

/* Names of the open levels, joined. */
struct levels {
	struct sori_view names[DEPTH_LIMIT];
	size_t count;
};

static bool put_level(struct levels *levels, size_t depth, struct sori_view name)
{
	if (depth > levels->count || depth == DEPTH_LIMIT)
		return false;
	levels->names[depth] = name;
	levels->count = depth + 1;
	return true;
}

static size_t category_at(struct sori_exchange *x, const struct levels *levels, size_t from)
{
	struct sori_buffer path;
	size_t number;

	sori_buffer_init(&path, 65536);
	for (size_t i = from; i < levels->count; i++) {
		sori_buffer_add_text(&path, i > from ? "." : "");
		sori_buffer_add_view(&path, levels->names[i]);
	}
	number = sori_exchange_category(x, sori_buffer_view(&path));
	x->failed |= path.failed;
	sori_buffer_release(&path);
	return number;
}

/* ---- CSV */

struct csv {
	struct reading *r;
	const char *at, *end, *line_start;
	uint64_t line;
	char delimiter;
	struct sori_buffer field;
};

/* One field; *last: the row ends. False at a fault. */
static bool read_field(struct csv *csv, bool *last)
{
	uint64_t line = csv->line, column = (uint64_t)(csv->at - csv->line_start) + 1;
	bool quoted = csv->at < csv->end && *csv->at == '"';

	sori_buffer_reset(&csv->field);
	csv->at += quoted;
	while (csv->at < csv->end) {
		char c = *csv->at++;

		if (quoted && c == '"' && csv->at < csv->end && *csv->at == '"')
			csv->at++;
		else if (quoted && c == '"') {
			quoted = false;
			continue;
		} else if (!quoted && (c == csv->delimiter || c == '\n')) {
			*last = c == '\n';
			if (c == '\n') {
				csv->line++;
				csv->line_start = csv->at;
			}
			return true;
		} else if (!quoted && c == '\r') {
			continue;
		}
		if (c == '\n') {
			csv->line++;
			csv->line_start = csv->at;
		}
		sori_buffer_add_byte(&csv->field, c);
	}
	*last = true;
	if (quoted)
		(void)fault(csv->r, line, column, "a quote does not close");
	return !quoted;
}

enum { COLUMN_CATEGORY, COLUMN_KIND, COLUMN_TERM, COLUMN_OPTIONS, COLUMN_KO, COLUMN_EN, COLUMN_PRAISE, COLUMN_SEVERITY, COLUMN_OWNER,
       COLUMN_COUNT };

static char delimiter_of(struct sori_view line)
{
	static const char marks[] = ",;\t";
	size_t best = 0, most = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t count = 0;

		for (size_t k = 0; k < line.length; k++)
			count += line.at[k] == marks[i];
		if (count > most) {
			most = count;
			best = i;
		}
	}
	return marks[best];
}

static struct sori_view guarded(struct sori_view cell)
{
	return cell.length > 1 && *cell.at == '\'' && strchr("=+-@", cell.at[1]) ? sori_view_slice(cell, 1, cell.length) : cell;
}

static void take_row(struct csv *csv, const struct sori_view *cells, uint64_t line)
{
	struct sori_exchange *x = csv->r->x;
	struct sori_view kind = guarded(cells[COLUMN_KIND]), term = guarded(cells[COLUMN_TERM]);
	size_t number;

	if (!cells[COLUMN_CATEGORY].length || !term.length) {
		(void)fault(csv->r, line, 1, "a row needs a category and a term");
		return;
	}
	if (kind.length && (kind.length > 1 || !strchr("nvapex", *kind.at))) {
		(void)fault(csv->r, line, 1, "kind is n, v, a, p, e, x or empty");
		return;
	}
	number = sori_exchange_category(x, guarded(cells[COLUMN_CATEGORY]));
	if (number == SORI_EXCHANGE_NONE || is_full(csv->r, line))
		return;
	if (cells[COLUMN_KO].length)
		x->categories[number].ko = sori_exchange_keep(x, guarded(cells[COLUMN_KO]));
	if (cells[COLUMN_EN].length)
		x->categories[number].en = sori_exchange_keep(x, guarded(cells[COLUMN_EN]));
	if (cells[COLUMN_OWNER].length)
		x->categories[number].owner = sori_exchange_keep(x, guarded(cells[COLUMN_OWNER]));
	if (cells[COLUMN_PRAISE].length)
		x->categories[number].praise = sori_view_is(cells[COLUMN_PRAISE], "yes") || sori_view_is(cells[COLUMN_PRAISE], "praise");
	if (cells[COLUMN_SEVERITY].length == 1 && *cells[COLUMN_SEVERITY].at >= '1' && *cells[COLUMN_SEVERITY].at <= '5')
		x->categories[number].severity = (uint8_t)(*cells[COLUMN_SEVERITY].at - '0');
	sori_exchange_add(x, (struct sori_exchange_item){.category = number, .kind = kind.length ? *kind.at : 0, .text = term,
							 .options = guarded(cells[COLUMN_OPTIONS]), .line = (uint32_t)line});
}

static void read_csv(struct reading *r)
{
	static const char *const names[COLUMN_COUNT] = {"category", "kind", "term", "options", "ko", "en", "praise", "severity", "owner"};
	struct csv csv = {.r = r, .at = r->text.at, .end = r->text.at + r->text.length, .line_start = r->text.at, .line = 1};
	struct sori_view rest = r->text;
	int columns[64];
	size_t count = 0;
	bool last = false, has[COLUMN_COUNT] = {false};

	csv.delimiter = delimiter_of(next_line(&rest));
	sori_buffer_init(&csv.field, (size_t)1 << 24);
	while (!last && r->status == SORI_OK && csv.at < csv.end && read_field(&csv, &last)) {
		struct sori_view name = sori_view_trim(sori_buffer_view(&csv.field));
		int column = COLUMN_COUNT;

		for (int i = 0; i < COLUMN_COUNT; i++)
			if (sori_view_equal_nocase(name, sori_view_of(names[i])))
				column = i;
		if (column < COLUMN_COUNT)
			has[column] = true;
		if (count < 64)
			columns[count++] = column;
	}
	if (r->status == SORI_OK && (!has[COLUMN_CATEGORY] || !has[COLUMN_TERM]))
		(void)fault(r, 1, 1, "the header needs the columns category and term");
	while (csv.at < csv.end && r->status == SORI_OK) {
		struct sori_view cells[COLUMN_COUNT + 1];
		uint64_t line = csv.line;
		size_t column = 0;
		bool any = false;

		for (size_t i = 0; i <= COLUMN_COUNT; i++)
			cells[i] = sori_view_of("");
		for (last = false; !last && read_field(&csv, &last); column++) {
			struct sori_view cell = sori_view_trim(sori_buffer_view(&csv.field));

			any |= cell.length > 0;
			if (column < count && cell.length)
				cells[columns[column]] = sori_exchange_keep(r->x, cell);
		}
		if (r->status == SORI_OK && any)
			take_row(&csv, cells, line);
	}
	sori_buffer_release(&csv.field);
}

/* ---- YAML */

struct yaml {
	struct reading *r;
	yaml_document_t *document;
};

static struct sori_view scalar(const yaml_node_t *node)
{
	return node && node->type == YAML_SCALAR_NODE ? sori_view_make((const char *)node->data.scalar.value, node->data.scalar.length)
						      : sori_view_of("");
}

static void yaml_fault(struct yaml *y, const yaml_node_t *node, const char *text)
{
	(void)fault(y->r, node->start_mark.line + 1, node->start_mark.column + 1, text);
}

static void take_list(struct yaml *y, const yaml_node_t *node, size_t category, char kind)
{
	if (node->type == YAML_SCALAR_NODE) {
		if (scalar(node).length)
			sori_exchange_add(y->r->x, (struct sori_exchange_item){.category = category, .kind = kind, .text = scalar(node),
										 .line = (uint32_t)node->start_mark.line + 1});
		return;
	}
	if (node->type != YAML_SEQUENCE_NODE) {
		yaml_fault(y, node, "a list of terms is expected");
		return;
	}
	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top && y->r->status == SORI_OK; i++) {
		const yaml_node_t *item = yaml_document_get_node(y->document, *i);

		if (item->type != YAML_SCALAR_NODE)
			yaml_fault(y, item, "a term is a plain text");
		else if (!is_full(y->r, item->start_mark.line + 1))
			take_list(y, item, category, kind);
	}
}

static uint16_t tags_of(struct sori_view names)
{
	uint16_t tags = 0;

	while (names.length) {
		const char *comma = memchr(names.at, ',', names.length);
		size_t length = comma ? (size_t)(comma - names.at) : names.length;
		int tag = sori_tag_of(sori_view_trim(sori_view_slice(names, 0, length)));

		tags |= tag > 0 ? (uint16_t)tag : 0;
		names = sori_view_slice(names, length + 1, names.length);
	}
	return tags;
}

/* Properties of a category; false: the key names a category below. */
static bool take_property(struct yaml *y, struct sori_view key, const yaml_node_t *value, size_t number)
{
	struct sori_exchange *x = y->r->x;
	struct sori_exchange_category *c = &x->categories[number];
	struct sori_view text = scalar(value);

	if (sori_view_is(key, "ko"))
		c->ko = sori_exchange_keep(x, text);
	else if (sori_view_is(key, "en"))
		c->en = sori_exchange_keep(x, text);
	else if (sori_view_is(key, "owner"))
		c->owner = sori_exchange_keep(x, text);
	else if (sori_view_is(key, "kind")) {
		c->praise = sori_view_is(text, "praise");
		c->kind_given = true;
	} else if (sori_view_is(key, "severity"))
		c->severity = text.length == 1 && *text.at >= '1' && *text.at <= '5' ? (uint8_t)(*text.at - '0') : 0;
	else if (sori_view_is(key, "fallback"))
		c->fallback = sori_view_is(text, "yes") || sori_view_is(text, "true");
	else if (sori_view_is(key, "count")) {
		c->has_tags = true;
		c->count_tags = tags_of(text);
	} else if (sori_view_is(key, "entries"))
		take_list(y, value, number, 'l');
	else if (sori_view_is(key, "terms") || sori_view_is(key, "words"))
		take_list(y, value, number, 0);
	else
		return false;
	return true;
}

static void take_categories(struct yaml *y, const yaml_node_t *node, struct levels *levels);

static void take_category(struct yaml *y, const yaml_node_t *node, struct levels *levels)
{
	size_t depth = levels->count, number;

	if (node->type != YAML_MAPPING_NODE) {
		number = category_at(y->r->x, levels, 0);
		if (number != SORI_EXCHANGE_NONE)
			take_list(y, node, number, 0);
		return;
	}
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top && y->r->status == SORI_OK; pair++) {
		const yaml_node_t *key = yaml_document_get_node(y->document, pair->key), *value = yaml_document_get_node(y->document, pair->value);
		static const char *const own[] = {"ko", "en", "owner", "kind", "severity", "fallback", "count", "entries", "terms", "words"};
		bool property = false;

		if (is_full(y->r, key->start_mark.line + 1))
			return;
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			property |= sori_view_is(scalar(key), own[i]);
		if (property) {
			number = category_at(y->r->x, levels, 0);
			if (number != SORI_EXCHANGE_NONE)
				(void)take_property(y, scalar(key), value, number);
			continue;
		}
		if (!scalar(key).length || !put_level(levels, depth, scalar(key))) {
			yaml_fault(y, key, depth >= DEPTH_LIMIT ? "categories are nested too deep" : "the name of a category is expected");
			return;
		}
		take_category(y, value, levels);
		levels->count = depth;
	}
}

static void take_categories(struct yaml *y, const yaml_node_t *node, struct levels *levels)
{
	if (node->type != YAML_MAPPING_NODE)
		yaml_fault(y, node, "categories are names with lists of terms");
	else
		take_category(y, node, levels);
}

static void take_lines(struct yaml *y, const yaml_node_t *node)
{
	struct sori_exchange *x = y->r->x;

	if (node->type != YAML_SEQUENCE_NODE) {
		yaml_fault(y, node, "lines is a list");
		return;
	}
	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
		if (is_full(y->r, node->start_mark.line + 1))
			return;
		if (SORI_GROW(x->lines, x->line_capacity, x->line_count + 1) != 0) {
			x->failed = true;
			return;
		}
		x->lines[x->line_count++] = sori_exchange_keep(x, scalar(yaml_document_get_node(y->document, *i)));
	}
}

static void take_root(struct yaml *y, const yaml_node_t *root)
{
	struct levels levels = {.count = 0};
	bool ours = false;

	if (root->type != YAML_MAPPING_NODE) {
		yaml_fault(y, root, "the file is a mapping of categories");
		return;
	}
	for (yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top && y->r->status == SORI_OK; pair++) {
		struct sori_view key = scalar(yaml_document_get_node(y->document, pair->key));
		const yaml_node_t *value = yaml_document_get_node(y->document, pair->value);

		if (sori_view_is(key, "lines"))
			take_lines(y, value);
		else if (sori_view_is(key, "categories"))
			take_categories(y, value, &levels);
		else
			continue;
		ours = true;
	}
	if (!ours && y->r->status == SORI_OK)
		take_categories(y, root, &levels);
}

static void read_yaml(struct reading *r)
{
	yaml_parser_t parser;
	yaml_document_t document;
	struct yaml y = {r, &document};
	const yaml_node_t *root;

	if (!yaml_parser_initialize(&parser)) {
		r->x->failed = true;
		return;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)r->text.at, r->text.length);
	if (!yaml_parser_load(&parser, &document)) {
		(void)fault(r, parser.problem_mark.line + 1, parser.problem_mark.column + 1, parser.problem ? parser.problem : "no YAML");
	} else {
		root = yaml_document_get_root_node(&document);
		if (root)
			take_root(&y, root);
		else
			(void)fault(r, 1, 1, "the file is empty");
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
}

/* ---- LIWC */

struct liwc {
	struct reading *r;
	size_t category[NUMBER_LIMIT]; /* + 1 */
};

static void liwc_category(struct liwc *l, struct sori_view line, uint64_t number, struct levels *levels)
{
	size_t skip, depth = depth_of(line, &skip), digits = 0;
	unsigned long long id;
	struct sori_view rest = sori_view_slice(line, skip, line.length);

	while (digits < rest.length && rest.at[digits] >= '0' && rest.at[digits] <= '9')
		digits++;
	if (!sori_view_to_u64(sori_view_slice(rest, 0, digits), &id) || id >= NUMBER_LIMIT) {
		(void)fault(l->r, number, skip + 1, "a category is its number, a tab and its name");
		return;
	}
	for (rest = sori_view_slice(rest, digits, rest.length); rest.length > 1 && rest.at[0] == '\t' && rest.at[1] == '\t';) {
		rest = sori_view_slice(rest, 1, rest.length);
		depth++;
	}
	rest = sori_view_trim(rest);
	if (rest.length && memchr(rest.at, '\t', rest.length)) /* a long name behind the short one */
		rest = sori_view_trim(sori_view_slice(rest, 0, (size_t)((const char *)memchr(rest.at, '\t', rest.length) - rest.at)));
	if (!rest.length || !put_level(levels, depth < levels->count ? depth : levels->count, rest)) {
		(void)fault(l->r, number, skip + digits + 1, "the category has no name");
		return;
	}
	l->category[id] = category_at(l->r->x, levels, 0) + 1;
}

static struct sori_view last_word(struct sori_view line)
{
	size_t start = line.length;

	while (start > 0 && line.at[start - 1] != '\t' && line.at[start - 1] != ' ')
		start--;
	return sori_view_slice(line, start, line.length);
}

static void liwc_word(struct liwc *l, struct sori_view line, uint64_t number)
{
	struct sori_view text = line, word;
	unsigned long long id;
	const char *tab;
	bool any = false;

	if (memchr(line.at, '(', line.length) || memchr(line.at, '<', line.length)) {
		sori_exchange_lose(l->r->x, "line %llu: a condition on neighbours: %.*s", (unsigned long long)number, (int)(line.length < 100 ? line.length : 100), line.at);
		return;
	}
	tab = memchr(line.at, '\t', line.length);
	if (tab) /* a phrase may end in a number */
		text = sori_view_trim(sori_view_slice(line, 0, (size_t)(tab - line.at)));
	while (!tab && (word = last_word(text)).length && word.length < text.length && sori_view_to_u64(word, &id))
		text = sori_view_trim(sori_view_slice(text, 0, text.length - word.length));
	for (struct sori_view rest = sori_view_slice(line, text.length, line.length); rest.length;) {
		size_t start = 0, length;

		while (start < rest.length && (rest.at[start] == ' ' || rest.at[start] == '\t'))
			start++;
		for (length = 0; start + length < rest.length && rest.at[start + length] != ' ' && rest.at[start + length] != '\t'; length++)
			continue;
		if (!length)
			break;
		if (!sori_view_to_u64(sori_view_slice(rest, start, length), &id) || id >= NUMBER_LIMIT || !l->category[id]) {
			(void)fault(l->r, number, sori_utf8_count(sori_view_make(line.at, (size_t)(rest.at + start - line.at))) + 1, "no category has this number");
			return;
		}
		sori_exchange_add(l->r->x, (struct sori_exchange_item){.category = l->category[id] - 1, .text = text, .line = (uint32_t)number});
		any = true;
		rest = sori_view_slice(rest, start + length, rest.length);
	}
	if (!any)
		(void)fault(l->r, number, 1, "a word without the number of a category");
}

static void read_liwc(struct reading *r)
{
	struct liwc *l = sori_alloc_zero(1, sizeof *l);
	struct sori_view rest = r->text;
	struct levels levels = {.count = 0};
	unsigned part = 0; /* 1: categories, 2: words */

	if (!l) {
		r->x->failed = true;
		return;
	}
	l->r = r;
	for (uint64_t number = 1; rest.length && r->status == SORI_OK; number++) {
		struct sori_view line = next_line(&rest), bare = sori_view_trim(line);

		if (!bare.length)
			continue;
		if (*bare.at == '%' && part < 2)
			part++;
		else if (part == 0)
			(void)fault(r, number, 1, "a LIWC dictionary begins with a line of %");
		else if (part == 1)
			liwc_category(l, line, number, &levels);
		else if (!is_full(r, number))
			liwc_word(l, bare, number);
	}
	if (r->status == SORI_OK && part < 2)
		(void)fault(r, 1, 1, "the second line of % is missing");
	sori_free(l);
}

/* ---- Yoshikoder */

static struct sori_view attribute(xmlTextReaderPtr reader, const char *name, struct sori_exchange *x)
{
	xmlChar *value = xmlTextReaderGetAttribute(reader, (const xmlChar *)name);
	struct sori_view kept = value ? sori_exchange_keep(x, sori_view_of((const char *)value)) : sori_view_make(NULL, 0);

	xmlFree(value);
	return kept;
}

static void ykd_node(struct reading *r, xmlTextReaderPtr reader, struct levels *levels)
{
	const char *name = (const char *)xmlTextReaderConstLocalName(reader);
	uint64_t line = (uint64_t)xmlTextReaderGetParserLineNumber(reader), column = (uint64_t)xmlTextReaderGetParserColumnNumber(reader);
	struct sori_view value;

	if (xmlTextReaderNodeType(reader) == XML_READER_TYPE_END_ELEMENT) {
		if (strcmp(name, "cnode") == 0 && levels->count)
			levels->count--;
		return;
	}
	if (xmlTextReaderNodeType(reader) != XML_READER_TYPE_ELEMENT || (strcmp(name, "cnode") != 0 && strcmp(name, "pnode") != 0))
		return;
	value = attribute(reader, "name", r->x);
	if (!value.at || !value.length) {
		(void)fault(r, line, column, "cnode and pnode have a name");
	} else if (strcmp(name, "cnode") == 0) {
		if (!put_level(levels, levels->count, value))
			(void)fault(r, line, column, "categories are nested too deep");
		else if (xmlTextReaderIsEmptyElement(reader))
			levels->count--;
	} else if (levels->count == 0) {
		(void)fault(r, line, column, "a pnode stands in a cnode");
	} else if (!is_full(r, line)) { /* the outermost cnode is the dictionary's own name, unless it holds words itself */
		sori_exchange_add(r->x, (struct sori_exchange_item){.category = category_at(r->x, levels, levels->count > 1), .text = value,
								     .line = (uint32_t)line});
	}
}

static void keep_first_error(void *user, const char *message, xmlParserSeverities severity, xmlTextReaderLocatorPtr locator)
{
	struct reading *r = user;
	char text[200];
	size_t length = strcspn(message, "\n");

	(void)severity;
	if (r->status != SORI_OK)
		return;
	(void)snprintf(text, sizeof text, "%.*s", (int)(length < 180 ? length : 180), message);
	(void)fault(r, (uint64_t)xmlTextReaderLocatorLineNumber(locator), 0, text);
}

static void read_ykd(struct reading *r)
{
	xmlTextReaderPtr reader = r->text.length > INT32_MAX ? NULL
							     : xmlReaderForMemory(r->text.at, (int)r->text.length, NULL, "UTF-8",
										  XML_PARSE_NONET | XML_PARSE_NOCDATA);
	struct levels levels = {.count = 0};

	if (!reader) {
		(void)fault(r, 1, 1, "no XML that can be read");
		return;
	}
	xmlTextReaderSetErrorHandler(reader, keep_first_error, r);
	while (r->status == SORI_OK && xmlTextReaderRead(reader) == 1) {
		if (xmlTextReaderNodeType(reader) == XML_READER_TYPE_DOCUMENT_TYPE)
			(void)fault(r, (uint64_t)xmlTextReaderGetParserLineNumber(reader), 1, "a document type is not taken");
		else
			ykd_node(r, reader, &levels);
	}
	xmlFreeTextReader(reader);
}

/* ---- WordStat */

static bool weight_of(struct sori_view line, size_t *text_length, struct sori_view *weight)
{
	size_t open;

	if (!line.length || line.at[line.length - 1] != ')')
		return false;
	for (open = line.length; open > 0 && line.at[open - 1] != '('; open--)
		continue;
	if (open == 0)
		return false;
	*weight = sori_view_slice(line, open, line.length - open - 1);
	for (*text_length = open - 1; *text_length > 0 && line.at[*text_length - 1] == ' '; --*text_length)
		continue;
	return weight->length > 0 && *text_length > 0 && strchr("-0123456789.", *weight->at);
}

static void cat_word(struct reading *r, struct sori_view text, struct sori_view weight, const struct levels *levels, uint64_t number)
{
	struct sori_buffer words;

	if (*text.at == '@') {
		sori_exchange_lose(r->x, "line %llu: a rule: %.*s", (unsigned long long)number, (int)(text.length < 100 ? text.length : 100), text.at);
		return;
	}
	if (!sori_view_is(weight, "1"))
		sori_exchange_lose(r->x, "line %llu: the weight %.*s of %.*s", (unsigned long long)number, (int)(weight.length < 20 ? weight.length : 20), weight.at,
				   (int)(text.length < 100 ? text.length : 100), text.at);
	sori_buffer_init(&words, 65536);
	for (size_t i = 0; i < text.length; i++)
		sori_buffer_add_byte(&words, text.at[i] == '_' ? ' ' : text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] + 32) : text.at[i]);
	sori_exchange_add(r->x, (struct sori_exchange_item){.category = category_at(r->x, levels, 0), .text = sori_buffer_view(&words), .line = (uint32_t)number});
	r->x->failed |= words.failed;
	sori_buffer_release(&words);
}

static void read_cat(struct reading *r)
{
	struct sori_view rest = r->text;
	struct levels levels = {.count = 0};

	for (uint64_t number = 1; rest.length && r->status == SORI_OK; number++) {
		struct sori_view line = next_line(&rest), weight, bare;
		size_t skip, depth = depth_of(line, &skip), length;

		bare = sori_view_slice(line, skip, line.length);
		if (!bare.length)
			continue;
		if (!weight_of(bare, &length, &weight)) {
			if (!put_level(&levels, depth, bare))
				(void)fault(r, number, 1, "a category stands deeper than one level below the one above");
			continue;
		}
		if (depth == 0 || depth > levels.count) {
			(void)fault(r, number, skip + 1, "a word stands below a category");
			continue;
		}
		levels.count = depth;
		if (!is_full(r, number))
			cat_word(r, sori_view_slice(bare, 0, length), weight, &levels, number);
	}
}

/* ---- all */

enum sori_status sori_exchange_read(struct sori_exchange *exchange, struct sori_view bytes, enum sori_exchange_format format,
				    const char *path, struct sori_error *error)
{
	static void (*const readers[])(struct reading *) = {read_csv, read_yaml, read_liwc, read_ykd, read_cat};
	struct reading r = {.x = exchange, .path = path, .error = error, .status = SORI_OK};

	if (decode(&r, bytes) == SORI_OK && !exchange->failed && format < SORI_EXCHANGE_COUNT)
		readers[format](&r);
	if (exchange->failed || exchange->losses.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (r.status == SORI_OK && exchange->item_count == 0 && exchange->line_count == 0)
		return fault(&r, 1, 0, "no term is in it");
	return r.status;
}
