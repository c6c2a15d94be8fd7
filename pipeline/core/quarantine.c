/* Two temporary files while the run goes on, renamed at the end to the hash of what they hold: the same run over the same
 * inputs writes the same names and bytes, and another run never overwrites its evidence. The index has one JSON object a
 * line; offset and length say where in the .bin file the verbatim bytes stand. */
#include "pipeline/core/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/stage.h"

#define BUFFERED ((size_t)256 * 1024)

struct side {
	int fd;
	char *temporary;
	struct sori_buffer buffer;
};

struct sori_quarantine {
	char *folder; /* FOLDER/quarantine; NULL: counts only */
	struct side bytes, index;
	struct sori_hasher *hasher;
	uint64_t written; /* bytes of the .bin file so far */
	uint64_t records;
	const struct sori_input *input; /* whose header stands at header_at */
	uint64_t header_at;
};

static char *join(const char *folder, const char *name)
{
	size_t length = strlen(folder), extra = strlen(name);
	char *path = sori_alloc(length + extra + 2);
	if (!path)
		return NULL;
	memcpy(path, folder, length);
	path[length] = '/';
	memcpy(path + length + 1, name, extra + 1);
	return path;
}

static enum sori_status flush(struct side *side, struct sori_error *error)
{
	size_t at = 0;
	while (at < side->buffer.length) {
		ssize_t n = write(side->fd, side->buffer.at + at, side->buffer.length - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be written", side->temporary);
		at += (size_t)n;
	}
	sori_buffer_reset(&side->buffer);
	return SORI_OK;
}

static enum sori_status open_side(struct sori_quarantine *quarantine, struct side *side, const char *name,
				  struct sori_error *error)
{
	sori_buffer_init(&side->buffer, 64 * 1024 * 1024);
	side->temporary = join(quarantine->folder, name);
	if (!side->temporary)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	/* left behind by a run that was killed: the store's lock makes sure that it is nobody's now */
	unlink(side->temporary);
	side->fd = open(side->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (side->fd < 0)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "%s: cannot be created", side->temporary);
	return SORI_OK;
}

static enum sori_status open_files(struct sori_quarantine *quarantine, const char *folder, struct sori_error *error)
{
	quarantine->folder = join(folder, "quarantine");
	quarantine->hasher = sori_hasher_new();
	if (!quarantine->folder || !quarantine->hasher)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (mkdir(quarantine->folder, 0700) != 0 && errno != EEXIST)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "%s: cannot be created", quarantine->folder);
	enum sori_status status = open_side(quarantine, &quarantine->bytes, ".rejects.bin.part", error);
	return status == SORI_OK ? open_side(quarantine, &quarantine->index, ".rejects.idx.part", error) : status;
}

enum sori_status sori_quarantine_open(struct sori_quarantine **result, const char *folder, struct sori_error *error)
{
	*result = NULL;
	struct sori_quarantine *quarantine = sori_alloc_zero(1, sizeof *quarantine);
	if (!quarantine)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	quarantine->bytes.fd = quarantine->index.fd = -1;
	enum sori_status status = folder ? open_files(quarantine, folder, error) : SORI_OK;
	if (status != SORI_OK) {
		sori_quarantine_close(quarantine);
		return status;
	}
	*result = quarantine;
	return SORI_OK;
}

/* A path may hold bytes that are no UTF-8: they are written as \xHH. */
static void add_path(struct sori_buffer *json, const char *path)
{
	char text[4096];
	size_t length = 0;
	for (const char *at = path; *at && length + 5 < sizeof text;) {
		size_t valid = sori_utf8_valid_prefix(sori_view_of(at));
		if (valid > sizeof text - length - 5)
			valid = sizeof text - length - 5;
		memcpy(text + length, at, valid);
		length += valid;
		at += valid;
		if (*at && valid == 0) {
			length += (size_t)snprintf(text + length, 5, "\\x%02x", (unsigned char)*at);
			at++;
		}
	}
	sori_buffer_add_json(json, sori_view_make(text, length));
}

static void add_number(struct sori_buffer *json, const char *name, uint64_t value)
{
	sori_buffer_add_text(json, name);
	sori_buffer_add_u64(json, value);
}

static enum sori_status add_index(struct sori_quarantine *quarantine, const struct sori_batch *batch,
				  const struct sori_record *record, struct sori_error *error)
{
	struct sori_buffer *json = &quarantine->index.buffer;
	size_t start = json->length;
	sori_buffer_add_text(json, "{\"file\":");
	add_path(json, batch->input->path);
	add_number(json, ",\"input\":", batch->input->index);
	add_number(json, ",\"record\":", record->number);
	add_number(json, ",\"line\":", record->line);
	add_number(json, ",\"byte\":", record->byte);
	add_number(json, ",\"length\":", record->raw.length);
	add_number(json, ",\"offset\":", quarantine->written);
	if (batch->input->header) {
		add_number(json, ",\"header_offset\":", quarantine->header_at);
		add_number(json, ",\"header_length\":", batch->input->header_length);
	}
	sori_buffer_add_text(json, ",\"source\":");
	add_path(json, batch->input->source);
	sori_buffer_add_text(json, ",\"id\":");
	add_path(json, batch->input->column[SORI_ROLE_ID] ? batch->input->column[SORI_ROLE_ID] : "");
	sori_buffer_add_text(json, ",\"encoding\":");
	sori_buffer_add_json(json, sori_view_of(sori_encoding_name(batch->input->encoding)));
	sori_buffer_add_text(json, ",\"stage\":");
	sori_buffer_add_json(json, sori_view_of(batch->input->format ? batch->input->format->name : ""));
	sori_buffer_add_text(json, ",\"reason\":");
	sori_buffer_add_json(json, sori_view_of(sori_reason_id((enum sori_reason)record->reason)));
	sori_buffer_add_text(json, "}\n");
	if (json->failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_hasher_add(quarantine->hasher, json->at + start, json->length - start);
	return json->length > BUFFERED ? flush(&quarantine->index, error) : SORI_OK;
}

static enum sori_status add_bytes(struct sori_quarantine *quarantine, struct sori_view bytes, struct sori_error *error)
{
	sori_buffer_add_view(&quarantine->bytes.buffer, bytes);
	if (quarantine->bytes.buffer.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_hasher_add(quarantine->hasher, bytes.at, bytes.length);
	quarantine->written += bytes.length;
	return quarantine->bytes.buffer.length > BUFFERED ? flush(&quarantine->bytes, error) : SORI_OK;
}

/* The header line once for each input: rejected records can then be read again when the dump is gone. */
static enum sori_status add_header(struct sori_quarantine *quarantine, const struct sori_input *input, struct sori_error *error)
{
	if (quarantine->input == input || !input->header)
		return SORI_OK;
	quarantine->input = input;
	quarantine->header_at = quarantine->written;
	return add_bytes(quarantine, sori_view_make(input->header, input->header_length), error);
}

enum sori_status sori_quarantine_add(struct sori_quarantine *quarantine, const struct sori_batch *batch,
				     const struct sori_record *record, struct sori_error *error)
{
	quarantine->records++;
	if (!quarantine->folder)
		return SORI_OK;
	enum sori_status status = add_header(quarantine, batch->input, error);
	if (status == SORI_OK)
		status = add_index(quarantine, batch, record, error);
	return status == SORI_OK ? add_bytes(quarantine, record->raw, error) : status;
}

static enum sori_status publish(struct sori_quarantine *quarantine, struct side *side, const char *ending,
				struct sori_error *error)
{
	char hash[33], name[64];
	enum sori_status status = flush(side, error);
	if (status != SORI_OK)
		return status;
	int fd = side->fd;
	side->fd = -1;
	if (fsync(fd) != 0) {
		status = sori_fail_errno(error, SORI_IO, errno, "%s: cannot be synced", side->temporary);
		close(fd);
		return status;
	}
	if (close(fd) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be closed", side->temporary);
	sori_hash128_text(sori_hasher_result(quarantine->hasher), hash);
	snprintf(name, sizeof name, "%.16s.%s", hash, ending);
	char *path = join(quarantine->folder, name);
	if (!path)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (rename(side->temporary, path) != 0)
		status = sori_fail_errno(error, SORI_IO, errno, "%s: cannot be renamed", side->temporary);
	else
		side->temporary[0] = '\0';
	sori_free(path);
	return status;
}

static enum sori_status sync_folder(const char *folder, struct sori_error *error)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be opened", folder);
	int failed = fsync(fd) != 0 ? errno : 0;
	close(fd);
	return failed ? sori_fail_errno(error, SORI_IO, failed, "%s: cannot be synced", folder) : SORI_OK;
}

enum sori_status sori_quarantine_finish(struct sori_quarantine *quarantine, struct sori_error *error)
{
	if (!quarantine->folder || quarantine->records == 0)
		return SORI_OK; /* nothing was rejected: close takes the empty files away */
	/* the bytes first: an index never names bytes that are not there */
	enum sori_status status = publish(quarantine, &quarantine->bytes, "bin", error);
	if (status == SORI_OK)
		status = publish(quarantine, &quarantine->index, "idx", error);
	return status == SORI_OK ? sync_folder(quarantine->folder, error) : status;
}

static void close_side(struct side *side)
{
	if (side->fd >= 0)
		close(side->fd);
	if (side->temporary && side->temporary[0])
		unlink(side->temporary);
	sori_free(side->temporary);
	sori_buffer_release(&side->buffer);
}

void sori_quarantine_close(struct sori_quarantine *quarantine)
{
	if (!quarantine)
		return;
	close_side(&quarantine->bytes);
	close_side(&quarantine->index);
	sori_hasher_free(quarantine->hasher);
	sori_free(quarantine->folder);
	sori_free(quarantine);
}
