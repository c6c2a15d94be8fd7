/* The byte stream of one input.
 *
 *   read(2) -> stored bytes (hashed) -> [inflate, member by member] -> [UTF-16 to UTF-8] -> caller
 *
 * Own inflate loop instead of gzread: gzread passes plain text through, takes a cut file for its end and drops bytes
 * after a member without a word. Here every one of these ends the stream with the stored offset in input->problem.
 * Plain input is read straight into the caller's memory: no copy between the kernel and the batch. */
#include "pipeline/core/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define STANDARD_READ ((size_t)1 << 20)
#define SAMPLE_LIMIT ((size_t)4 << 20)
#define UNIT_CHUNK ((size_t)64 * 1024)

struct sori_bytes {
	struct sori_input *input;
	int fd;
	size_t read_size;
	struct sori_hasher *hasher;
	/* stored bytes not yet used; buffer of read_size */
	unsigned char *stored;
	size_t stored_at, stored_length;
	uint64_t stored_offset; /* of the byte after the last one read */
	bool stored_end;
	/* gzip */
	bool gzip, inflating, padding;
	z_stream stream;
	bool ended; /* of the decoded stream, by end or damage */
	/* sample, decoded; handed out first */
	char *sample;
	size_t sample_at, sample_length;
	/* UTF-16 */
	enum sori_encoding encoding;
	unsigned char *units;
	size_t unit_left; /* bytes of an unfinished unit or pair at the front of `units` */
	char *text;       /* transcoded, not yet handed out */
	size_t text_at, text_length;
};

static void damage(struct sori_bytes *bytes, const char *what, uint64_t at)
{
	bytes->ended = true;
	bytes->input->incomplete = true;
	bytes->input->cut_short = bytes->inflating;
	snprintf(bytes->input->problem, sizeof bytes->input->problem, "%s at stored byte %llu", what,
		 (unsigned long long)at);
}

/* One read(2) of at most `size` bytes, hashed and counted. */
static enum sori_status read_stored(struct sori_bytes *bytes, void *into, size_t size, size_t *got,
				    struct sori_error *error)
{
	*got = 0;
	if (bytes->stored_end)
		return SORI_OK;
	if (size > bytes->read_size)
		size = bytes->read_size;
	ssize_t n;
	do
		n = read(bytes->fd, into, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: read failed", bytes->input->path);
	if (n == 0) {
		bytes->stored_end = true;
		return SORI_OK;
	}
	*got = (size_t)n;
	sori_hasher_add(bytes->hasher, into, *got);
	bytes->stored_offset += *got;
	return SORI_OK;
}

/* Makes sure that a stored byte is at hand unless the file has ended. */
static enum sori_status refill(struct sori_bytes *bytes, struct sori_error *error)
{
	if (bytes->stored_at < bytes->stored_length || bytes->stored_end)
		return SORI_OK;
	bytes->stored_at = bytes->stored_length = 0;
	return read_stored(bytes, bytes->stored, bytes->read_size, &bytes->stored_length, error);
}

static uint64_t stored_position(const struct sori_bytes *bytes)
{
	return bytes->stored_offset - (bytes->stored_length - bytes->stored_at);
}

static enum sori_status read_plain(struct sori_bytes *bytes, char *into, size_t size, size_t *got,
				   struct sori_error *error)
{
	size_t left = bytes->stored_length - bytes->stored_at;
	if (left) {
		*got = left < size ? left : size;
		memcpy(into, bytes->stored + bytes->stored_at, *got);
		bytes->stored_at += *got;
		return SORI_OK;
	}
	enum sori_status status = read_stored(bytes, into, size, got, error);
	if (status == SORI_OK && *got == 0)
		bytes->ended = true;
	return status;
}

/* Between members: a new member, zero padding, or garbage. Returns OK with `inflating` set when a member begins. */
static enum sori_status next_member(struct sori_bytes *bytes, struct sori_error *error)
{
	enum sori_status status = refill(bytes, error);
	if (status != SORI_OK)
		return status;
	if (bytes->stored_at == bytes->stored_length) {
		bytes->ended = true;
		return SORI_OK;
	}
	unsigned char first = bytes->stored[bytes->stored_at];
	if (first == 0) {
		if (!bytes->padding && !bytes->input->warning[0])
			snprintf(bytes->input->warning, sizeof bytes->input->warning,
				 "zero padding after the gzip data, from stored byte %llu on",
				 (unsigned long long)stored_position(bytes));
		bytes->padding = true;
		while (bytes->stored_at < bytes->stored_length && bytes->stored[bytes->stored_at] == 0)
			bytes->stored_at++;
		return SORI_OK;
	}
	if (first != 0x1f || bytes->padding) {
		damage(bytes, "bytes after the gzip data that are no gzip member", stored_position(bytes));
		return SORI_OK;
	}
	if (inflateReset(&bytes->stream) != Z_OK)
		return sori_fail(error, SORI_SYSTEM, "%s: inflate cannot start", bytes->input->path);
	bytes->inflating = true;
	return SORI_OK;
}

static const char *inflate_words(const z_stream *stream)
{
	if (!stream->msg)
		return "damaged gzip data";
	if (strcmp(stream->msg, "incorrect data check") == 0)
		return "gzip checksum does not match: damaged data";
	if (strcmp(stream->msg, "incorrect length check") == 0)
		return "gzip length does not match: damaged data";
	if (strstr(stream->msg, "header"))
		return "damaged gzip header or bytes after the gzip data";
	return "damaged gzip data";
}

static enum sori_status inflate_some(struct sori_bytes *bytes, char *into, size_t size, size_t *got,
				     struct sori_error *error)
{
	enum sori_status status = refill(bytes, error);
	if (status != SORI_OK)
		return status;
	size_t given = bytes->stored_length - bytes->stored_at;
	if (given == 0) {
		damage(bytes, "gzip data is cut off", stored_position(bytes));
		return SORI_OK;
	}
	z_stream *stream = &bytes->stream;
	stream->next_in = bytes->stored + bytes->stored_at;
	stream->avail_in = (uInt)given;
	stream->next_out = (Bytef *)into;
	stream->avail_out = size > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)size;
	uInt room = stream->avail_out;
	int code = inflate(stream, Z_NO_FLUSH);
	bytes->stored_at += given - stream->avail_in;
	*got = room - stream->avail_out;
	if (code == Z_STREAM_END)
		bytes->inflating = false;
	else if (code == Z_MEM_ERROR)
		return sori_fail(error, SORI_SYSTEM, "%s: out of memory while inflating", bytes->input->path);
	else if (code != Z_OK && code != Z_BUF_ERROR)
		damage(bytes, inflate_words(stream), stored_position(bytes));
	return SORI_OK;
}

/* Decoded bytes before transcoding; *got is 0 only at the end. */
static enum sori_status read_decoded(struct sori_bytes *bytes, char *into, size_t size, size_t *got,
				     struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	*got = 0;
	while (!bytes->ended && *got == 0 && status == SORI_OK) {
		if (!bytes->gzip)
			status = read_plain(bytes, into, size, got, error);
		else if (bytes->inflating)
			status = inflate_some(bytes, into, size, got, error);
		else
			status = next_member(bytes, error);
	}
	return status;
}

/* ---- UTF-16 ---- */

static unsigned unit_at(const struct sori_bytes *bytes, const unsigned char *at)
{
	return bytes->encoding == SORI_ENCODING_UTF16LE ? at[0] | (unsigned)at[1] << 8 : at[1] | (unsigned)at[0] << 8;
}

/* Transcodes whole units; returns how many bytes of `from` were used. A lone surrogate becomes the three bytes that
 * UTF-8 forbids, an odd last byte 0xFF, so that exactly the record that holds it fails to decode later. */
static size_t transcode(const struct sori_bytes *bytes, const unsigned char *from, size_t length, bool last, char *to,
			size_t *written)
{
	size_t at = 0, out = 0;
	while (length - at >= 2) {
		unsigned unit = unit_at(bytes, from + at);
		if (unit >= 0xd800 && unit < 0xdc00) {
			if (length - at < 4 && !last)
				break;
			unsigned low = length - at < 4 ? 0 : unit_at(bytes, from + at + 2);
			if (low >= 0xdc00 && low < 0xe000) {
				out += sori_utf8_encode(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), to + out);
				at += 4;
				continue;
			}
		}
		if (unit >= 0xd800 && unit < 0xe000) {
			to[out++] = (char)0xed;
			to[out++] = (char)(0x80 | (unit >> 6 & 0x3f));
			to[out++] = (char)(0x80 | (unit & 0x3f));
		} else {
			out += sori_utf8_encode(unit, to + out);
		}
		at += 2;
	}
	if (last && at < length) {
		to[out++] = (char)0xff;
		at = length;
	}
	*written = out;
	return at;
}

static bool is_utf16(enum sori_encoding encoding)
{
	return encoding == SORI_ENCODING_UTF16LE || encoding == SORI_ENCODING_UTF16BE;
}

static enum sori_status read_transcoded(struct sori_bytes *bytes, char *into, size_t size, size_t *got,
					struct sori_error *error)
{
	while (bytes->text_at == bytes->text_length) {
		size_t more;
		enum sori_status status = read_decoded(bytes, (char *)bytes->units + bytes->unit_left,
						       UNIT_CHUNK - bytes->unit_left, &more, error);
		if (status != SORI_OK)
			return status;
		size_t length = bytes->unit_left + more;
		if (length == 0) {
			*got = 0;
			return SORI_OK;
		}
		bytes->text_at = 0;
		size_t used = transcode(bytes, bytes->units, length, more == 0, bytes->text, &bytes->text_length);
		bytes->unit_left = length - used;
		memmove(bytes->units, bytes->units + used, bytes->unit_left);
	}
	size_t left = bytes->text_length - bytes->text_at;
	*got = left < size ? left : size;
	memcpy(into, bytes->text + bytes->text_at, *got);
	bytes->text_at += *got;
	return SORI_OK;
}

/* ---- opening ---- */

static enum sori_status open_file(struct sori_bytes *bytes, struct sori_error *error)
{
	const char *path = bytes->input->path;
	if (strcmp(path, "-") == 0) {
		bytes->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (bytes->fd < 0)
			return sori_fail_errno(error, SORI_IO, errno, "standard input cannot be read");
		return SORI_OK;
	}
	/* O_NONBLOCK: a FIFO put in the file's place must not hang the run */
	bytes->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (bytes->fd < 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be opened", path);
	struct stat info;
	if (fstat(bytes->fd, &info) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be examined", path);
	if (!S_ISREG(info.st_mode))
		return sori_fail(error, SORI_NO_INPUT, "%s: not a regular file", path);
	return SORI_OK;
}

static enum sori_status read_sample(struct sori_bytes *bytes, struct sori_error *error)
{
	size_t capacity = 0;
	for (;;) {
		if (bytes->sample_length == SAMPLE_LIMIT)
			return SORI_OK;
		if (capacity - bytes->sample_length < 4096) {
			capacity = capacity ? capacity * 2 : 64 * 1024;
			if (capacity > SAMPLE_LIMIT)
				capacity = SAMPLE_LIMIT;
			char *grown = sori_realloc(bytes->sample, capacity);
			if (!grown)
				return sori_fail(error, SORI_SYSTEM, "out of memory");
			bytes->sample = grown;
		}
		size_t got;
		enum sori_status status = read_decoded(bytes, bytes->sample + bytes->sample_length,
						       capacity - bytes->sample_length, &got, error);
		if (status != SORI_OK || got == 0)
			return status;
		bytes->sample_length += got;
	}
}

static enum sori_status detect_compression(struct sori_bytes *bytes, struct sori_error *error)
{
	/* two bytes may come in two reads */
	while (bytes->stored_length < 2 && !bytes->stored_end) {
		size_t got;
		enum sori_status status = read_stored(bytes, bytes->stored + bytes->stored_length,
						      bytes->read_size < 2 ? 2 : bytes->read_size - bytes->stored_length,
						      &got, error);
		if (status != SORI_OK)
			return status;
		bytes->stored_length += got;
	}
	bytes->gzip = bytes->stored_length >= 2 && bytes->stored[0] == 0x1f && bytes->stored[1] == 0x8b;
	bytes->input->compression = bytes->gzip ? SORI_COMPRESSION_GZIP : SORI_COMPRESSION_NONE;
	if (!bytes->gzip) {
		size_t length = strlen(bytes->input->path);
		if (bytes->stored_length < 2 && length > 3 && strcmp(bytes->input->path + length - 3, ".gz") == 0)
			damage(bytes, "gzip data is cut off", bytes->stored_length);
		return SORI_OK;
	}
	if (inflateInit2(&bytes->stream, 15 + 16) != Z_OK) {
		bytes->gzip = false;
		return sori_fail(error, SORI_SYSTEM, "%s: inflate cannot start", bytes->input->path);
	}
	bytes->inflating = true;
	return SORI_OK;
}

static void set_sample(struct sori_bytes *bytes, struct sori_sample *sample)
{
	sample->bytes = sori_view_make(bytes->sample ? bytes->sample + bytes->sample_at : "",
				       bytes->sample_length - bytes->sample_at);
	sample->whole = bytes->ended && bytes->unit_left == 0 && bytes->text_at == bytes->text_length;
	sample->encoding = bytes->encoding;
	sample->path = bytes->input->path;
}

enum sori_status sori_bytes_open(struct sori_bytes **result, struct sori_input *input, size_t read_size,
				 struct sori_sample *sample, struct sori_error *error)
{
	*result = NULL;
	struct sori_bytes *bytes = sori_alloc_zero(1, sizeof *bytes);
	if (!bytes)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	bytes->input = input;
	bytes->fd = -1;
	bytes->read_size = read_size ? read_size : STANDARD_READ;
	bytes->hasher = sori_hasher_new();
	bytes->stored = sori_alloc(bytes->read_size + 2);
	enum sori_status status = SORI_OK;
	if (!bytes->hasher || !bytes->stored)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = open_file(bytes, error);
	if (status == SORI_OK)
		status = detect_compression(bytes, error);
	if (status == SORI_OK)
		status = read_sample(bytes, error);
	if (status != SORI_OK) {
		bytes->stored_end = true;
		sori_bytes_close(bytes, NULL);
		return status;
	}
	set_sample(bytes, sample);
	*result = bytes;
	return SORI_OK;
}

static enum sori_status transcode_sample(struct sori_bytes *bytes, struct sori_error *error)
{
	bytes->units = sori_alloc(UNIT_CHUNK);
	bytes->text = sori_alloc(UNIT_CHUNK / 2 * 3 + 8);
	size_t length = bytes->sample_length - bytes->sample_at;
	char *text = sori_alloc(length / 2 * 3 + 8);
	if (!bytes->units || !bytes->text || !text) {
		sori_free(text);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	const unsigned char *from = (const unsigned char *)bytes->sample + bytes->sample_at;
	size_t written;
	size_t used = transcode(bytes, from, length, bytes->ended, text, &written);
	bytes->unit_left = length - used;
	memcpy(bytes->units, from + used, bytes->unit_left);
	sori_free(bytes->sample);
	bytes->sample = text;
	bytes->sample_at = 0;
	bytes->sample_length = written;
	return SORI_OK;
}

enum sori_status sori_bytes_set_encoding(struct sori_bytes *bytes, enum sori_encoding encoding,
					 struct sori_sample *sample, struct sori_error *error)
{
	bytes->encoding = encoding;
	bytes->input->encoding = encoding;
	enum sori_status status = is_utf16(encoding) ? transcode_sample(bytes, error) : SORI_OK;
	if (status != SORI_OK)
		return status;
	/* after transcoding the mark is the same three bytes in every encoding */
	if (encoding != SORI_ENCODING_CP949 && bytes->sample_length >= 3 &&
	    memcmp(bytes->sample, "\xef\xbb\xbf", 3) == 0) {
		bytes->sample_at = 3;
		bytes->input->byte_order_mark = true;
		bytes->input->counts.framing_bytes += 3;
		bytes->input->counts.decoded_bytes += 3;
	}
	set_sample(bytes, sample);
	return SORI_OK;
}

enum sori_status sori_bytes_read(struct sori_bytes *bytes, char *into, size_t size, size_t *got, struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	size_t left = bytes->sample_length - bytes->sample_at;
	*got = 0;
	if (size == 0)
		return SORI_OK;
	if (left) {
		*got = left < size ? left : size;
		memcpy(into, bytes->sample + bytes->sample_at, *got);
		bytes->sample_at += *got;
	} else {
		if (bytes->sample) {
			sori_free(bytes->sample);
			bytes->sample = NULL;
			bytes->sample_at = bytes->sample_length = 0;
		}
		status = is_utf16(bytes->encoding) ? read_transcoded(bytes, into, size, got, error)
						   : read_decoded(bytes, into, size, got, error);
	}
	bytes->input->counts.decoded_bytes += *got;
	return status;
}

enum sori_status sori_bytes_close(struct sori_bytes *bytes, struct sori_error *error)
{
	if (!bytes)
		return SORI_OK;
	enum sori_status status = SORI_OK;
	while (!bytes->stored_end && status == SORI_OK) {
		size_t got;
		status = read_stored(bytes, bytes->stored, bytes->read_size, &got, error);
	}
	if (bytes->hasher && status == SORI_OK) {
		bytes->input->hash = sori_hasher_result(bytes->hasher);
		bytes->input->bytes = bytes->stored_offset;
	}
	if (bytes->gzip)
		inflateEnd(&bytes->stream);
	if (bytes->fd >= 0 && close(bytes->fd) != 0 && status == SORI_OK && errno != EINTR)
		status = sori_fail_errno(error, SORI_IO, errno, "%s: close failed", bytes->input->path);
	sori_hasher_free(bytes->hasher);
	sori_free(bytes->stored);
	sori_free(bytes->sample);
	sori_free(bytes->units);
	sori_free(bytes->text);
	sori_free(bytes);
	return status;
}
