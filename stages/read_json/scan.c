/* One pass, one table look-up a byte outside strings, memchr inside them. A string must stand before ':', ',', '}' or ']':
 * that one rule finds a missing quote within the same element, where counting quotes would swallow the rest of the file. */
#include "stages/read_json/scan.h"

#include <stdint.h>
#include <string.h>

#include "pipeline/core/columns.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t sori_json_skip_blank(struct sori_view text, size_t from)
{
	while (from < text.length && is_blank(text.at[from]))
		from++;
	return from;
}

/* Behind the closing quote of the string that opens at `open`. */
static enum json_scan scan_string(struct sori_view text, size_t open, size_t *end)
{
	for (size_t at = open + 1; at < text.length; at++) {
		char c = text.at[at];
		if (c == '"') {
			*end = at + 1;
			return JSON_SCAN_DONE;
		}
		if (c == '\\')
			at++;
		else if (c == '\n' || c == '\r') {
			*end = at;
			return JSON_SCAN_BROKEN;
		}
	}
	return JSON_SCAN_MORE;
}

static enum json_scan scan_scalar(struct sori_view text, bool last, size_t *end)
{
	size_t at = 0;
	while (at < text.length && !is_blank(text.at[at]) && !strchr(",]}", text.at[at]))
		at++;
	if (at == text.length && !last)
		return JSON_SCAN_MORE;
	*end = at ? at : 1;
	return at ? JSON_SCAN_DONE : JSON_SCAN_BROKEN;
}

enum json_scan sori_json_scan_value(struct sori_view text, bool last, size_t *end, unsigned *depth)
{
	uint64_t objects = 0; /* bit d: the bracket at depth d + 1 is a '{' */
	unsigned level = 0;
	*depth = 0;
	if (text.length && text.at[0] != '{' && text.at[0] != '[' && text.at[0] != '"')
		return scan_scalar(text, last, end);
	for (size_t at = 0; at < text.length; at++) {
		char c = text.at[at];
		if (c == '"') {
			size_t open = at;
			enum json_scan result = scan_string(text, at, end);
			if (result == JSON_SCAN_BROKEN)
				*end = open;
			if (result != JSON_SCAN_DONE)
				return result;
			if (level == 0)
				return JSON_SCAN_DONE;
			size_t next = sori_json_skip_blank(text, *end);
			if (next == text.length)
				return JSON_SCAN_MORE;
			if (!strchr(":,}]", text.at[next])) {
				*end = open;
				return JSON_SCAN_BROKEN;
			}
			at = next - 1;
		} else if (c == '{' || c == '[') {
			if (level < 64)
				objects = c == '{' ? objects | 1ull << level : objects & ~(1ull << level);
			level++;
			*depth = level > *depth ? level : *depth;
		} else if (c == '}' || c == ']') {
			level--;
			if (level < 64 && (objects >> level & 1) != (c == '}')) {
				*end = at;
				return JSON_SCAN_BROKEN;
			}
			if (level == 0) {
				*end = at + 1;
				return JSON_SCAN_DONE;
			}
		}
	}
	return JSON_SCAN_MORE;
}

size_t sori_json_resync(struct sori_view text, size_t from, size_t indent)
{
	for (size_t at = from; at < text.length;) {
		const char *next = memchr(text.at + at, '{', text.length - at);
		if (!next)
			return text.length;
		size_t brace = (size_t)(next - text.at), before = brace;
		while (before > from && (text.at[before - 1] == ' ' || text.at[before - 1] == '\t'))
			before--;
		if (before > from && (text.at[before - 1] == '\n' || text.at[before - 1] == '\r') && brace - before == indent)
			return brace;
		while (before > from && is_blank(text.at[before - 1]))
			before--;
		if (before > from && text.at[before - 1] == ',') {
			before--;
			while (before > from && is_blank(text.at[before - 1]))
				before--;
			if (before > from && text.at[before - 1] == '}')
				return brace;
		}
		at = brace + 1;
	}
	return text.length;
}

size_t sori_json_find_array(struct sori_view text)
{
	unsigned level = 0;
	for (size_t at = 0; at < text.length; at++) {
		char c = text.at[at];
		size_t end;
		if (c == '{') {
			if (++level > 4)
				return 0;
		} else if (c == '}') {
			if (--level == 0)
				return 0;
		} else if (c == '[') {
			size_t inside = sori_json_skip_blank(text, at + 1);
			if (inside < text.length && text.at[inside] == '{')
				return at + 1;
			unsigned depth;
			if (sori_json_scan_value(sori_view_slice(text, at, text.length), false, &end, &depth) != JSON_SCAN_DONE)
				return 0;
			at += end - 1;
		} else if (c == '"') {
			if (scan_string(text, at, &end) != JSON_SCAN_DONE)
				return 0;
			size_t colon = sori_json_skip_blank(text, end), value = sori_json_skip_blank(text, colon + 1);
			/* the object itself is feedback: what it holds are its parts */
			if (level == 1 && value < text.length && text.at[colon] == ':' && text.at[value] == '"' &&
			    sori_column_rank(SORI_ROLE_TEXT, sori_view_make(text.at + at + 1, end - at - 2)))
				return 0;
			at = end - 1;
		}
	}
	return 0;
}
