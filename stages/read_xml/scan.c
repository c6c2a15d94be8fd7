/* Tags are found by '<' and '>' with quotes respected; comments, processing instructions and CDATA sections are skipped as a
 * whole, since they may hold anything that looks like a tag. */
#include "stages/read_xml/scan.h"

#include <string.h>

#include "pipeline/core/columns.h"

#define GUESS_ELEMENTS 256

static size_t find(struct sori_view text, size_t from, const char *what)
{
	if (from >= text.length)
		return text.length;
	const char *at = memmem(text.at + from, text.length - from, what, strlen(what));
	return at ? (size_t)(at - text.at) + strlen(what) : text.length + 1;
}

static bool begins(struct sori_view text, const char *with)
{
	size_t length = strlen(with);
	return text.length >= length && memcmp(text.at, with, length) == 0;
}

static bool is_name_start(char c)
{
	return (c | 32) >= 'a' ? (c | 32) <= 'z' || (unsigned char)c >= 0x80 : c == '_' || c == ':' || (unsigned char)c >= 0x80;
}

static struct xml_token whole(struct sori_view text, enum xml_kind kind, size_t length)
{
	return (struct xml_token){length > text.length ? XML_CUT : kind, length, {NULL, 0}, {NULL, 0}};
}

/* A document type ends at the '>' behind its internal subset, if it has one. */
static struct xml_token doctype(struct sori_view text)
{
	for (size_t at = 9; at < text.length; at++) {
		if (text.at[at] == '[') {
			size_t end = find(text, at, "]");
			return whole(text, XML_DOCTYPE, find(text, end, ">"));
		}
		if (text.at[at] == '>')
			return whole(text, XML_OTHER, at + 1);
	}
	return whole(text, XML_CUT, text.length + 1);
}

struct xml_token sori_xml_next(struct sori_view text)
{
	if (text.at[0] != '<') {
		const char *next = memchr(text.at, '<', text.length);
		struct xml_token token = whole(text, XML_TEXT, next ? (size_t)(next - text.at) : text.length);
		token.text = sori_view_make(text.at, token.length);
		return token;
	}
	if (begins(text, "<!--"))
		return whole(text, XML_OTHER, find(text, 4, "-->"));
	if (begins(text, "<![CDATA[")) {
		struct xml_token token = whole(text, XML_OTHER, find(text, 9, "]]>"));
		if (token.kind == XML_OTHER)
			token.text = sori_view_make(text.at + 9, token.length - 12);
		return token;
	}
	if (begins(text, "<?"))
		return whole(text, XML_OTHER, find(text, 2, "?>"));
	if (begins(text, "<!DOCTYPE"))
		return doctype(text);
	size_t at = 1;
	bool closing = text.length > 1 && text.at[1] == '/';
	at += closing;
	if (text.length < 9 && (text.length < 2 || text.at[1] == '!'))
		return whole(text, XML_CUT, text.length + 1);
	if (at < text.length && !is_name_start(text.at[at])) {
		struct xml_token token = whole(text, XML_TEXT, 1);
		token.text = sori_view_make(text.at, 1);
		return token;
	}
	size_t start = at;
	while (at < text.length && !strchr(" \t\r\n/>", text.at[at]))
		at++;
	struct xml_token token = {.kind = closing ? XML_CLOSE : XML_OPEN, .name = {text.at + start, at - start}};
	char quote = '\0';
	for (; at < text.length; at++) {
		char c = text.at[at];
		if (quote) {
			quote = c == quote ? '\0' : quote;
			if (c == '<') /* never in a value: the quote was a stray one */
				break;
		} else if (c == '"' || c == '\'') {
			quote = closing ? '\0' : c;
		} else if (c == '>') {
			token.length = at + 1;
			if (!closing && text.at[at - 1] == '/')
				token.kind = XML_EMPTY;
			return token;
		} else if (c == '<') {
			break;
		}
	}
	if (at == text.length)
		return whole(text, XML_CUT, text.length + 1);
	token.length = at; /* a tag that another one interrupts: libxml2 will say so */
	return token;
}

enum xml_cut sori_xml_element_end(struct sori_view text, struct sori_view name, size_t *end)
{
	unsigned same = 0, level = 0;
	size_t at = 0;
	while (at < text.length) {
		struct xml_token token = sori_xml_next(sori_view_slice(text, at, text.length));
		if (token.kind == XML_CUT)
			return XML_CUT_MORE;
		bool ours = token.name.at && sori_view_equal(token.name, name);
		if (token.kind == XML_OPEN) {
			level++;
			/* one record element directly inside another, unclosed one: the first close tag is missing */
			if (ours && ++same > 1 && level > XML_DEPTH_LIMIT) {
				*end = at;
				return XML_CUT_BROKEN;
			}
		} else if (token.kind == XML_CLOSE) {
			if (level == 1 && !ours) { /* the close tag of what is around the record */
				*end = at;
				return XML_CUT_BROKEN;
			}
			if (level)
				level--;
			if (ours && same)
				same--;
		}
		at += token.length;
		if (same == 0 && (ours || level == 0)) {
			*end = at;
			return ours ? XML_CUT_DONE : XML_CUT_BROKEN;
		}
	}
	return XML_CUT_MORE;
}

/* ---- guessing ---- */

struct element {
	struct sori_view name;
	int parent;
	size_t count, filled, length, children;
	size_t per_parent; /* most in one parent */
};

struct tree {
	struct element elements[GUESS_ELEMENTS];
	int count;
	int stack[XML_DEPTH_LIMIT];
	size_t own[XML_DEPTH_LIMIT]; /* text of the open element */
	unsigned level;
};

static int element_of(struct tree *tree, struct sori_view name)
{
	int parent = tree->level ? tree->stack[tree->level - 1] : -1;
	for (int i = 0; i < tree->count; i++)
		if (tree->elements[i].parent == parent && sori_view_equal(tree->elements[i].name, name))
			return i;
	if (tree->count == GUESS_ELEMENTS)
		return -1;
	tree->elements[tree->count] = (struct element){.name = name, .parent = parent};
	return tree->count++;
}

static void close_element(struct tree *tree)
{
	struct element *element = &tree->elements[tree->stack[--tree->level]];
	size_t length = tree->own[tree->level];
	element->filled += length > 0;
	element->length += length;
}

static bool take_token(struct tree *tree, const struct xml_token *token)
{
	if (token->kind == XML_CLOSE) {
		if (tree->level)
			close_element(tree);
		return true;
	}
	if (token->kind == XML_OPEN || token->kind == XML_EMPTY) {
		int element = element_of(tree, token->name);
		if (element < 0 || tree->level == XML_DEPTH_LIMIT)
			return false;
		tree->elements[element].count++;
		if (tree->level)
			tree->elements[tree->stack[tree->level - 1]].children++;
		if (token->kind == XML_OPEN) {
			tree->stack[tree->level] = element;
			tree->own[tree->level++] = 0;
		}
		return true;
	}
	if (tree->level && token->text.at)
		tree->own[tree->level - 1] += sori_view_trim(token->text).length;
	return true;
}

/* The element that holds the text: a known name with text in it, else the longest mean text. */
static int text_element(const struct tree *tree)
{
	int best = -1;
	unsigned best_rank = 0;
	double best_mean = 0;
	for (int i = 0; i < tree->count; i++) {
		const struct element *e = &tree->elements[i];
		if (!e->filled)
			continue;
		double mean = (double)e->length / (double)e->filled;
		unsigned rank = mean >= 4 ? sori_column_rank(SORI_ROLE_TEXT, e->name) : 0;
		/* a name counts for less when only few of them hold text, as the title of a whole feed does */
		if (rank && e->count == 1 && tree->count > 8)
			rank += 2000;
		bool better = best < 0 || (rank && (!best_rank || rank < best_rank)) || (!rank && !best_rank && mean > best_mean);
		if (rank && best_rank && rank == best_rank && e->count > tree->elements[best].count)
			better = true;
		if (better) {
			best = i;
			best_rank = rank;
			best_mean = mean;
		}
	}
	return best;
}

static struct sori_view record_of(const struct tree *tree)
{
	int text = text_element(tree);
	if (text < 0)
		return sori_view_make(NULL, 0);
	/* the innermost ancestor that is repeated; the text element itself when it is repeated right under the root */
	for (int up = tree->elements[text].parent; up >= 0 && tree->elements[up].parent >= 0; up = tree->elements[up].parent)
		if (tree->elements[up].count > 1)
			return tree->elements[up].name;
	int parent = tree->elements[text].parent;
	if (tree->elements[text].count > 1 || parent < 0 || tree->elements[parent].parent < 0)
		return tree->elements[text].name;
	return tree->elements[parent].name; /* a file with one record */
}

struct sori_view sori_xml_guess_record(struct sori_view sample, bool *has_doctype)
{
	struct tree tree = {.count = 0};
	*has_doctype = false;
	while (sample.length) {
		struct xml_token token = sori_xml_next(sample);
		if (token.kind == XML_CUT)
			break;
		if (token.kind == XML_DOCTYPE)
			*has_doctype = true;
		if (!take_token(&tree, &token))
			break;
		sample = sori_view_slice(sample, token.length, sample.length);
	}
	while (tree.level)
		close_element(&tree);
	return record_of(&tree);
}
