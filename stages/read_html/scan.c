/* Rows end where the next row or the table's end begins, since </tr> may be left out; blocks end at their balanced close
 * tag, elements without a close tag (br, img …) not counted. */
#include "stages/read_html/scan.h"

#include <stdio.h>
#include <string.h>

#define GROUPS 128
#define DEPTH 128

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_tag(struct sori_view name, const char *tag)
{
	return sori_view_equal_nocase(name, sori_view_of(tag));
}

static bool is_void(struct sori_view name)
{
	static const char *const all[] = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (is_tag(name, all[i]))
			return true;
	return false;
}

static size_t find_nocase(struct sori_view text, size_t from, const char *what)
{
	size_t length = strlen(what);
	while (from + length <= text.length) {
		const char *at = memchr(text.at + from, what[0], text.length - from);
		if (!at)
			break;
		from = (size_t)(at - text.at);
		if (from + length <= text.length && sori_view_equal_nocase(sori_view_make(at, length), sori_view_make(what, length)))
			return from;
		from++;
	}
	return text.length;
}

/* First word of the class attribute in a tag's text. */
static struct sori_view class_of(struct sori_view tag)
{
	size_t at = find_nocase(tag, 0, "class");
	while (at < tag.length && at && !is_blank(tag.at[at - 1]))
		at = find_nocase(tag, at + 1, "class");
	at += 5;
	while (at < tag.length && (is_blank(tag.at[at]) || tag.at[at] == '='))
		at++;
	if (at >= tag.length)
		return sori_view_make("", 0);
	if (tag.at[at] == '"' || tag.at[at] == '\'')
		at++;
	while (at < tag.length && is_blank(tag.at[at]))
		at++;
	size_t end = at;
	while (end < tag.length && !is_blank(tag.at[end]) && !strchr("\"'>", tag.at[end]))
		end++;
	return sori_view_make(tag.at + at, end - at);
}

struct html_token sori_html_next(struct sori_view text)
{
	struct html_token token = {.kind = HTML_TEXT, .group = {"", 0}};
	if (text.at[0] != '<') {
		const char *next = memchr(text.at, '<', text.length);
		token.length = next ? (size_t)(next - text.at) : text.length;
		return token;
	}
	if (text.length >= 4 && memcmp(text.at, "<!--", 4) == 0) {
		const char *end = memmem(text.at + 4, text.length - 4, "-->", 3);
		token.kind = end ? HTML_OTHER : HTML_CUT;
		token.length = end ? (size_t)(end - text.at) + 3 : text.length;
		return token;
	}
	size_t at = 1;
	bool closing = text.length > 1 && text.at[1] == '/';
	at += closing;
	if (at >= text.length) {
		token.kind = HTML_CUT;
		token.length = text.length;
		return token;
	}
	bool letter = (text.at[at] | 32) >= 'a' && (text.at[at] | 32) <= 'z';
	if (!letter && text.at[at] != '!' && text.at[at] != '?') {
		token.length = 1; /* a '<' in running text */
		return token;
	}
	size_t start = at;
	while (at < text.length && !is_blank(text.at[at]) && text.at[at] != '>' && text.at[at] != '/')
		at++;
	token.name = sori_view_make(text.at + start, at - start);
	char quote = '\0';
	for (; at < text.length && (quote || text.at[at] != '>'); at++) {
		if (quote ? text.at[at] == quote : (text.at[at] == '"' || text.at[at] == '\''))
			quote = quote ? '\0' : text.at[at];
	}
	if (at == text.length) {
		token.kind = HTML_CUT;
		token.length = text.length;
		return token;
	}
	token.length = at + 1;
	token.kind = !letter ? HTML_OTHER : closing ? HTML_CLOSE : HTML_OPEN;
	if (token.kind == HTML_OPEN)
		token.group = class_of(sori_view_make(text.at + start, at - start));
	if (token.kind == HTML_OPEN && (is_tag(token.name, "script") || is_tag(token.name, "style"))) {
		size_t end = find_nocase(text, token.length, is_tag(token.name, "script") ? "</script" : "</style");
		token.kind = end < text.length ? HTML_OTHER : HTML_CUT;
		token.length = end;
	}
	return token;
}

bool sori_html_begins(const struct html_shape *shape, const struct html_token *token)
{
	if (token->kind != HTML_OPEN || !is_tag(token->name, shape->tag))
		return false;
	return shape->rows || sori_view_is(token->group, shape->group);
}

bool sori_html_record_end(const struct html_shape *shape, struct sori_view text, size_t *end)
{
	unsigned level = 0;
	for (size_t at = 0; at < text.length;) {
		struct html_token token = sori_html_next(sori_view_slice(text, at, text.length));
		if (token.kind == HTML_CUT)
			return false;
		if (shape->rows) {
			bool border = token.kind == HTML_CLOSE ? is_tag(token.name, "table") || is_tag(token.name, "tbody") || is_tag(token.name, "thead")
							       : token.kind == HTML_OPEN && at && is_tag(token.name, "tr");
			if (border || (token.kind == HTML_CLOSE && is_tag(token.name, "tr"))) {
				*end = border ? at : at + token.length;
				return true;
			}
		} else if (token.name.at && is_tag(token.name, shape->tag)) {
			level += token.kind == HTML_OPEN;
			level -= token.kind == HTML_CLOSE && level;
			if (level == 0) {
				*end = at + token.length;
				return true;
			}
		}
		at += token.length;
	}
	return false;
}

/* ---- guessing ---- */

struct group {
	struct sori_view tag, name;
	size_t count, text;
};

struct guess {
	struct group groups[GROUPS];
	int count;
	int open[DEPTH]; /* group of each open element, -1 none */
	struct sori_view tags[DEPTH];
	unsigned level;
	size_t rows, cells;
};

static int group_of(struct guess *guess, const struct html_token *token)
{
	if (!token->group.length || token->group.length > 60 || token->name.length > 30)
		return -1;
	for (int i = 0; i < guess->count; i++)
		if (sori_view_equal(guess->groups[i].name, token->group) && sori_view_equal(guess->groups[i].tag, token->name))
			return i;
	if (guess->count == GROUPS)
		return -1;
	guess->groups[guess->count] = (struct group){token->name, token->group, 0, 0};
	return guess->count++;
}

static void take_token(struct guess *guess, const struct html_token *token, struct sori_view text)
{
	if (token->kind == HTML_TEXT) {
		size_t length = sori_view_trim(sori_view_slice(text, 0, token->length)).length;
		for (unsigned i = 0; i < guess->level; i++)
			if (guess->open[i] >= 0)
				guess->groups[guess->open[i]].text += length;
	} else if (token->kind == HTML_OPEN) {
		guess->rows += is_tag(token->name, "tr");
		guess->cells += is_tag(token->name, "td") || is_tag(token->name, "th");
		if (is_void(token->name))
			return;
		int group = group_of(guess, token);
		if (group >= 0)
			guess->groups[group].count++;
		if (guess->level < DEPTH) {
			guess->open[guess->level] = group;
			guess->tags[guess->level++] = token->name;
		}
	} else if (token->kind == HTML_CLOSE) {
		for (unsigned i = guess->level; i > 0; i--) {
			if (!sori_view_equal_nocase(guess->tags[i - 1], token->name))
				continue;
			guess->level = i - 1;
			break;
		}
	}
}

bool sori_html_guess(struct sori_view sample, struct html_shape *shape)
{
	struct guess guess = {.count = 0};
	while (sample.length) {
		struct html_token token = sori_html_next(sample);
		if (token.kind == HTML_CUT)
			break;
		take_token(&guess, &token, sample);
		sample = sori_view_slice(sample, token.length, sample.length);
	}
	*shape = (struct html_shape){0};
	if (guess.rows >= 3 && guess.cells >= guess.rows * 2) {
		shape->rows = true;
		snprintf(shape->tag, sizeof shape->tag, "tr");
		return true;
	}
	size_t most = 0;
	for (int i = 0; i < guess.count; i++)
		if (guess.groups[i].count > 1 && guess.groups[i].text > most)
			most = guess.groups[i].text;
	/* of the blocks that hold most of the text, the one that is repeated most; of equals the outer one */
	const struct group *best = NULL;
	for (int i = 0; i < guess.count; i++) {
		const struct group *g = &guess.groups[i];
		if (g->count < 2 || g->text * 2 < most || most == 0)
			continue;
		if (!best || g->count > best->count || (g->count == best->count && g->text > best->text))
			best = g;
	}
	if (!best)
		return false;
	snprintf(shape->tag, sizeof shape->tag, "%.*s", (int)best->tag.length, best->tag.at);
	snprintf(shape->group, sizeof shape->group, "%.*s", (int)best->name.length, best->name.at);
	return true;
}
