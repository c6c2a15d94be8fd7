/* A borrowed piece of text: pointer and length, never terminated, never owned.
 * A view is valid as long as the memory it points into; the batch (pipeline/core/batch.h) says how long that is. */
#ifndef SORI_BASE_VIEW_H
#define SORI_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sori_view {
	const char *at; /* may be NULL only when length is 0 */
	size_t length;  /* bytes */
};

#define SORI_VIEW_LITERAL(text) ((struct sori_view){(text), sizeof(text) - 1})

/* View of a C string; NULL gives the empty view. */
static inline struct sori_view sori_view_of(const char *text)
{
	return (struct sori_view){text, text ? strlen(text) : 0};
}

static inline struct sori_view sori_view_make(const char *at, size_t length)
{
	return (struct sori_view){at, length};
}

/* The `length` bytes from `from` on; both are clipped to the view. */
static inline struct sori_view sori_view_slice(struct sori_view whole, size_t from, size_t length)
{
	if (from > whole.length)
		from = whole.length;
	if (length > whole.length - from)
		length = whole.length - from;
	return (struct sori_view){whole.at ? whole.at + from : NULL, length};
}

static inline bool sori_view_equal(struct sori_view a, struct sori_view b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static inline bool sori_view_is(struct sori_view a, const char *text)
{
	return sori_view_equal(a, sori_view_of(text));
}

/* Byte order, shorter first on a common prefix; the order of every sorted output. */
int sori_view_compare(struct sori_view a, struct sori_view b);

/* Without ASCII blanks (space, tab, CR, LF, VT, FF) at either end. */
static inline struct sori_view sori_view_trim(struct sori_view text)
{
	while (text.length && (text.at[0] == ' ' || (text.at[0] >= '\t' && text.at[0] <= '\r'))) {
		text.at++;
		text.length--;
	}
	while (text.length && (text.at[text.length - 1] == ' ' ||
			       (text.at[text.length - 1] >= '\t' && text.at[text.length - 1] <= '\r')))
		text.length--;
	return text;
}

/* True when equal under ASCII case folding. */
bool sori_view_equal_nocase(struct sori_view a, struct sori_view b);

/* Letters to change, add or leave out between two words (Levenshtein), of their first 32 bytes: to name the nearest of
 * some options. */
size_t sori_edit_distance(const char *a, const char *b);

/* Decimal digits only, no sign, no blank; false when empty, not digits, or over UINT64_MAX. */
bool sori_view_to_u64(struct sori_view text, unsigned long long *value);

#endif
