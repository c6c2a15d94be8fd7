/* Growable byte buffer with a maximum. Invariants: length <= capacity <= maximum; at is NULL only when capacity is 0.
 * init/release on caller's memory; reset keeps the memory. Not thread-safe. */
#ifndef SORI_BASE_BUFFER_H
#define SORI_BASE_BUFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "pipeline/base/view.h"

struct sori_buffer {
	char *at;
	size_t length;
	size_t capacity;
	size_t maximum;
	bool failed; /* an append did not fit or memory was out; sticky until reset: check once at the end */
};

void sori_buffer_init(struct sori_buffer *buffer, size_t maximum);
void sori_buffer_release(struct sori_buffer *buffer);
static inline void sori_buffer_reset(struct sori_buffer *buffer)
{
	buffer->length = 0;
	buffer->failed = false;
}

/* Makes room for `extra` more bytes; false (and failed set) when over the maximum or out of memory. */
bool sori_buffer_reserve(struct sori_buffer *buffer, size_t extra);

/* Appends; nothing is appended on failure, and `failed` is set. */
void sori_buffer_add(struct sori_buffer *buffer, const void *data, size_t length);
void sori_buffer_add_view(struct sori_buffer *buffer, struct sori_view text);
void sori_buffer_add_text(struct sori_buffer *buffer, const char *text);
void sori_buffer_add_byte(struct sori_buffer *buffer, char byte);
void sori_buffer_add_u64(struct sori_buffer *buffer, uint64_t value);
void sori_buffer_add_i64(struct sori_buffer *buffer, int64_t value);
void sori_buffer_add_format(struct sori_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* JSON string with quotes; the input must be valid UTF-8. C0, DEL, U+2028/2029, <, > and & are escaped as \u00XX so
 * that the text is inert inside HTML as well. */
void sori_buffer_add_json(struct sori_buffer *buffer, struct sori_view text);

/* HTML/XML text or attribute value: & < > " ' escaped, C0 other than tab and newline replaced by U+FFFD. */
void sori_buffer_add_markup(struct sori_buffer *buffer, struct sori_view text);

/* One CSV field (RFC 4180): quoted when needed. With `guard`, a cell that a spreadsheet would take for a formula
 * (first of = + - @ TAB CR LF, after BOM, blanks, zero-width; also the full-width forms) gets a leading apostrophe. */
void sori_buffer_add_csv(struct sori_buffer *buffer, struct sori_view text, bool guard);

static inline struct sori_view sori_buffer_view(const struct sori_buffer *buffer)
{
	return (struct sori_view){buffer->at, buffer->length};
}

#endif
