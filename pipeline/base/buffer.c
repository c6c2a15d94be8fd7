/* Growable buffer and the escapes that every writer shares. */
#include "pipeline/base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"

void sori_buffer_init(struct sori_buffer *buffer, size_t maximum)
{
	*buffer = (struct sori_buffer){.maximum = maximum};
}

void sori_buffer_release(struct sori_buffer *buffer)
{
	sori_free(buffer->at);
	*buffer = (struct sori_buffer){.maximum = buffer->maximum};
}

bool sori_buffer_reserve(struct sori_buffer *buffer, size_t extra)
{
	size_t needed, wanted;
	char *larger;

	assert(buffer->length <= buffer->capacity);
	if (buffer->capacity - buffer->length >= extra)
		return true;
	if (extra > buffer->maximum - buffer->length) {
		buffer->failed = true;
		return false;
	}
	needed = buffer->length + extra;
	wanted = buffer->capacity < 128 ? 256 : buffer->capacity * 2;
	if (wanted < needed)
		wanted = needed;
	if (wanted > buffer->maximum)
		wanted = buffer->maximum;
	larger = sori_realloc(buffer->at, wanted);
	if (!larger) {
		buffer->failed = true;
		return false;
	}
	buffer->at = larger;
	buffer->capacity = wanted;
	return true;
}

void sori_buffer_add(struct sori_buffer *buffer, const void *data, size_t length)
{
	if (length == 0 || !sori_buffer_reserve(buffer, length))
		return;
	memcpy(buffer->at + buffer->length, data, length);
	buffer->length += length;
}

void sori_buffer_add_view(struct sori_buffer *buffer, struct sori_view text)
{
	sori_buffer_add(buffer, text.at, text.length);
}

void sori_buffer_add_text(struct sori_buffer *buffer, const char *text)
{
	sori_buffer_add(buffer, text, strlen(text));
}

void sori_buffer_add_byte(struct sori_buffer *buffer, char byte)
{
	if (buffer->length < buffer->capacity || sori_buffer_reserve(buffer, 1))
		buffer->at[buffer->length++] = byte;
}

void sori_buffer_add_u64(struct sori_buffer *buffer, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	sori_buffer_add(buffer, digits + at, sizeof digits - at);
}

void sori_buffer_add_i64(struct sori_buffer *buffer, int64_t value)
{
	if (value < 0)
		sori_buffer_add_byte(buffer, '-');
	sori_buffer_add_u64(buffer, value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value);
}

void sori_buffer_add_format(struct sori_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	char small[512];
	int length;

	va_start(arguments, format);
	length = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buffer->failed = true;
	} else if ((size_t)length < sizeof small) {
		sori_buffer_add(buffer, small, (size_t)length);
	} else if (sori_buffer_reserve(buffer, (size_t)length + 1)) {
		va_start(arguments, format);
		(void)vsnprintf(buffer->at + buffer->length, (size_t)length + 1, format, arguments);
		va_end(arguments);
		buffer->length += (size_t)length;
	}
}

/* Length of an escape-worthy sequence at `at` for JSON, 0 when the byte is plain. */
static unsigned json_special(const unsigned char *at, size_t left)
{
	if (*at < 0x20 || *at == '"' || *at == '\\' || *at == 0x7f || *at == '<' || *at == '>' || *at == '&')
		return 1;
	if (*at == 0xe2 && left >= 3 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9))
		return 3;
	return 0;
}

static void add_json_escape(struct sori_buffer *buffer, const unsigned char *at, unsigned length)
{
	static const char short_escapes[] = "\"\"\\\\\nn\rr\tt\bb\ff";
	static const char hex[] = "0123456789abcdef";
	char out[6] = {'\\', 'u', '0', '0', 0, 0};

	if (length == 3) {
		sori_buffer_add_text(buffer, at[2] == 0xa8 ? "\\u2028" : "\\u2029");
		return;
	}
	for (size_t i = 0; i + 1 < sizeof short_escapes; i += 2)
		if ((char)*at == short_escapes[i]) {
			sori_buffer_add_byte(buffer, '\\');
			sori_buffer_add_byte(buffer, short_escapes[i + 1]);
			return;
		}
	out[4] = hex[*at >> 4];
	out[5] = hex[*at & 15];
	sori_buffer_add(buffer, out, sizeof out);
}

void sori_buffer_add_json(struct sori_buffer *buffer, struct sori_view text)
{
	const unsigned char *bytes = (const unsigned char *)text.at;
	size_t plain = 0;

	sori_buffer_add_byte(buffer, '"');
	for (size_t i = 0; i < text.length;) {
		unsigned special = json_special(bytes + i, text.length - i);

		if (!special) {
			i++;
			continue;
		}
		sori_buffer_add(buffer, text.at + plain, i - plain);
		add_json_escape(buffer, bytes + i, special);
		i += special;
		plain = i;
	}
	if (text.length > plain)
		sori_buffer_add(buffer, text.at + plain, text.length - plain);
	sori_buffer_add_byte(buffer, '"');
}

static const char *markup_escape(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f ? "\xef\xbf\xbd" : NULL;
	}
}

void sori_buffer_add_markup(struct sori_buffer *buffer, struct sori_view text)
{
	size_t plain = 0;

	for (size_t i = 0; i < text.length; i++) {
		const char *escape = markup_escape((unsigned char)text.at[i]);

		if (!escape)
			continue;
		sori_buffer_add(buffer, text.at + plain, i - plain);
		sori_buffer_add_text(buffer, escape);
		plain = i + 1;
	}
	if (text.length > plain)
		sori_buffer_add(buffer, text.at + plain, text.length - plain);
}

/* Bytes at the start that a spreadsheet skips before it looks for a formula: BOM, zero-width, blanks. */
static size_t formula_lead(struct sori_view text)
{
	static const char *const skipped[] = {"\xef\xbb\xbf", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d",
					      "\xe2\x81\xa0", "\xe3\x80\x80", "\xc2\xa0", " "};
	size_t at = 0;

	for (size_t k = 0; k < sizeof skipped / sizeof *skipped; k++) {
		size_t length = strlen(skipped[k]);

		if (text.length - at >= length && memcmp(text.at + at, skipped[k], length) == 0) {
			at += length;
			k = (size_t)-1; /* start over: they may be mixed */
		}
	}
	return at;
}

static bool looks_like_formula(struct sori_view text)
{
	/* full-width = + - @ */
	static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
	size_t at = formula_lead(text);

	if (at == text.length)
		return false;
	if (memchr("=+-@\t\r\n", text.at[at], 7) || text.at[at] == '\0')
		return true;
	for (size_t k = 0; k < 4; k++)
		if (text.length - at >= 3 && memcmp(text.at + at, wide[k], 3) == 0)
			return true;
	return false;
}

void sori_buffer_add_csv(struct sori_buffer *buffer, struct sori_view text, bool guard)
{
	bool guarded = guard && text.length && looks_like_formula(text);
	bool quoted = false;

	for (size_t i = 0; i < text.length && !quoted; i++)
		quoted = text.at[i] == '"' || text.at[i] == ',' || text.at[i] == '\n' || text.at[i] == '\r';
	if (quoted)
		sori_buffer_add_byte(buffer, '"');
	if (guarded)
		sori_buffer_add_byte(buffer, '\'');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"')
			sori_buffer_add_byte(buffer, '"');
		sori_buffer_add_byte(buffer, text.at[i]);
	}
	if (quoted)
		sori_buffer_add_byte(buffer, '"');
}
