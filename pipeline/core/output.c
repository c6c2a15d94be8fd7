/* Output files that are whole or absent.
 *
 * Every file is written to FOLDER/.NAME.tmp, flushed, synced and renamed over NAME, then the folder is synced: a reader
 * sees the old file or the new one. The temporary name is fixed, so that a killed run leaves at most one stray file per
 * output, which the next run takes over; a lock on it (flock) keeps two writers of the same file apart. Folder and file
 * are reached through one descriptor of the folder, so that renaming the folder meanwhile cannot split them.
 *
 * Gzip goes through zlib with a header of our own (no name, time 0, OS 3), so the bytes depend on the data and on
 * nothing else. */
#include "pipeline/core/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "pipeline/base/memory.h"

#define BUFFER_SIZE ((size_t)128 * 1024)
#define NAME_LIMIT 200

struct sori_output {
	char name[NAME_LIMIT];
	char temporary[NAME_LIMIT + 8];
	int folder; /* descriptor */
	int file;   /* -1 once closed */
	bool finished, published;
	bool gzip;
	z_stream stream;
	gz_header header;
	char *buffer;
	size_t used;
};

static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size)
{
	(void)opaque;
	return sori_alloc((size_t)items * size);
}

static void zlib_free(voidpf opaque, voidpf memory)
{
	(void)opaque;
	sori_free(memory);
}

static enum sori_status write_all(struct sori_output *output, const char *data, size_t length, struct sori_error *error)
{
	while (length > 0) {
		ssize_t got = write(output->file, data, length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return sori_fail_errno(error, SORI_IO, errno, "cannot write %s", output->name);
		data += got;
		length -= (size_t)got;
	}
	return SORI_OK;
}

/* Opens and locks the temporary file. It may be a leftover (taken over), another writer's (busy) or, between open and
 * lock, one that its writer has just renamed away (tried again). */
static enum sori_status open_temporary(struct sori_output *output, struct sori_error *error)
{
	for (int attempt = 0; attempt < 8; attempt++) {
		struct stat opened, named;
		int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
		output->file = openat(output->folder, output->temporary, flags, 0640);
		if (output->file < 0)
			return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot create %s", output->name);
		if (flock(output->file, LOCK_EX | LOCK_NB) != 0) {
			if (errno == EWOULDBLOCK)
				return sori_fail(error, SORI_BUSY, "another process is writing %s", output->name);
			return sori_fail_errno(error, SORI_IO, errno, "cannot lock %s", output->name);
		}
		if (fstat(output->file, &opened) != 0)
			return sori_fail_errno(error, SORI_IO, errno, "cannot look at %s", output->name);
		if (!S_ISREG(opened.st_mode))
			return sori_fail(error, SORI_CANNOT_CREATE, "%s is no regular file", output->temporary);
		if (fstatat(output->folder, output->temporary, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		    named.st_ino == opened.st_ino && named.st_dev == opened.st_dev) {
			if (opened.st_nlink == 1) {
				if (ftruncate(output->file, 0) != 0)
					return sori_fail_errno(error, SORI_IO, errno, "cannot empty %s", output->name);
				return SORI_OK;
			}
			/* somebody linked it to another file: never write through that */
			if (unlinkat(output->folder, output->temporary, 0) != 0)
				return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot replace %s",
						       output->temporary);
		}
		close(output->file);
		output->file = -1;
	}
	return sori_fail(error, SORI_BUSY, "another process is writing %s", output->name);
}

static enum sori_status start_gzip(struct sori_output *output, int level, struct sori_error *error)
{
	output->stream.zalloc = zlib_alloc;
	output->stream.zfree = zlib_free;
	if (deflateInit2(&output->stream, level ? level : 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return sori_fail(error, SORI_SYSTEM, "no memory to compress %s", output->name);
	output->gzip = true;
	output->header.os = 3;
	deflateSetHeader(&output->stream, &output->header);
	return SORI_OK;
}

enum sori_status sori_output_open(struct sori_output **result, const char *folder, const char *name, bool gzip, int level,
				  struct sori_error *error)
{
	assert(strlen(name) < NAME_LIMIT && !strchr(name, '/') && level >= 0 && level <= 9);
	*result = NULL;
	struct sori_output *output = sori_alloc_zero(1, sizeof *output);
	if (!output || !(output->buffer = sori_alloc(BUFFER_SIZE))) {
		sori_free(output);
		return sori_fail(error, SORI_SYSTEM, "no memory to write %s", name);
	}
	output->file = -1;
	strcpy(output->name, name);
	snprintf(output->temporary, sizeof output->temporary, ".%s.tmp", name);
	output->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum sori_status status = SORI_OK;
	if (output->folder < 0)
		status = sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot open the folder %s", folder);
	if (status == SORI_OK)
		status = open_temporary(output, error);
	if (status == SORI_OK && gzip)
		status = start_gzip(output, level, error);
	if (status != SORI_OK) {
		if (output->file >= 0 && status == SORI_BUSY) { /* not ours to remove */
			close(output->file);
			output->file = -1;
		}
		sori_output_close(output);
		return status;
	}
	*result = output;
	return SORI_OK;
}

static enum sori_status compress_some(struct sori_output *output, struct sori_view data, int flush,
				      struct sori_error *error)
{
	output->stream.next_in = (Bytef *)(uintptr_t)data.at;
	output->stream.avail_in = (uInt)data.length;
	int code;
	do {
		output->stream.next_out = (Bytef *)output->buffer;
		output->stream.avail_out = (uInt)BUFFER_SIZE;
		code = deflate(&output->stream, flush);
		assert(code != Z_STREAM_ERROR);
		enum sori_status status =
			write_all(output, output->buffer, BUFFER_SIZE - output->stream.avail_out, error);
		if (status != SORI_OK)
			return status;
	} while (output->stream.avail_out == 0 && code != Z_STREAM_END);
	return SORI_OK;
}

enum sori_status sori_output_write(struct sori_output *output, struct sori_view data, struct sori_error *error)
{
	assert(!output->finished);
	if (output->gzip) {
		while (data.length > 0) {
			struct sori_view part = sori_view_slice(data, 0, (size_t)1 << 30);
			enum sori_status status = compress_some(output, part, Z_NO_FLUSH, error);
			if (status != SORI_OK)
				return status;
			data = sori_view_slice(data, part.length, data.length);
		}
		return SORI_OK;
	}
	if (output->used + data.length > BUFFER_SIZE) {
		enum sori_status status = write_all(output, output->buffer, output->used, error);
		output->used = 0;
		if (status != SORI_OK)
			return status;
		if (data.length > BUFFER_SIZE / 2)
			return write_all(output, data.at, data.length, error);
	}
	if (data.length > 0)
		memcpy(output->buffer + output->used, data.at, data.length);
	output->used += data.length;
	return SORI_OK;
}

enum sori_status sori_output_finish(struct sori_output *output, struct sori_error *error)
{
	if (output->finished)
		return SORI_OK;
	enum sori_status status = output->gzip
					  ? compress_some(output, (struct sori_view){"", 0}, Z_FINISH, error)
					  : write_all(output, output->buffer, output->used, error);
	if (status != SORI_OK)
		return status;
	/* the kernel may have dropped the pages after a failed sync: final, never tried again */
	if (fsync(output->file) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "cannot sync %s", output->name);
	output->finished = true;
	return SORI_OK;
}

static enum sori_status rename_output(struct sori_output *output, struct sori_error *error)
{
	if (output->published)
		return SORI_OK;
	if (renameat(output->folder, output->temporary, output->folder, output->name) != 0)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot rename to %s", output->name);
	output->published = true;
	int file = output->file;
	output->file = -1;
	if (close(file) != 0 && errno != EINTR)
		return sori_fail_errno(error, SORI_IO, errno, "cannot close %s", output->name);
	return SORI_OK;
}

static enum sori_status sync_folder(const struct sori_output *output, struct sori_error *error)
{
	if (fsync(output->folder) != 0 && errno != EINVAL) /* EINVAL: a file system without folder syncs */
		return sori_fail_errno(error, SORI_IO, errno, "cannot sync the folder of %s", output->name);
	return SORI_OK;
}

enum sori_status sori_output_publish(struct sori_output *output, struct sori_error *error)
{
	assert(output->finished);
	enum sori_status status = rename_output(output, error);
	return status == SORI_OK ? sync_folder(output, error) : status;
}

void sori_output_close(struct sori_output *output)
{
	if (!output)
		return;
	if (output->file >= 0) {
		/* before the lock goes with the descriptor, so that nobody else's file is removed */
		unlinkat(output->folder, output->temporary, 0);
		close(output->file);
	}
	if (output->folder >= 0)
		close(output->folder);
	if (output->gzip)
		deflateEnd(&output->stream);
	sori_free(output->buffer);
	sori_free(output);
}

struct sori_output_set {
	char *folder;
	struct sori_output **outputs;
	size_t count, capacity;
	const char **dropped;
	size_t dropped_count, dropped_capacity;
};

struct sori_output_set *sori_output_set_new(const char *folder)
{
	struct sori_output_set *set = sori_alloc_zero(1, sizeof *set);
	if (set && !(set->folder = sori_strdup_n(folder, strlen(folder)))) {
		sori_free(set);
		return NULL;
	}
	return set;
}

void sori_output_set_free(struct sori_output_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->count; i++)
		sori_output_close(set->outputs[i]);
	sori_free(set->outputs);
	sori_free(set->dropped);
	sori_free(set->folder);
	sori_free(set);
}

enum sori_status sori_output_set_open(struct sori_output_set *set, const char *name, bool gzip, int level,
				      struct sori_output **output, struct sori_error *error)
{
	*output = NULL;
	if (SORI_GROW(set->outputs, set->capacity, set->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "no memory to write %s", name);
	enum sori_status status = sori_output_open(output, set->folder, name, gzip, level, error);
	if (status == SORI_OK)
		set->outputs[set->count++] = *output;
	return status;
}

enum sori_status sori_output_set_drop(struct sori_output_set *set, const char *name, struct sori_error *error)
{
	if (SORI_GROW(set->dropped, set->dropped_capacity, set->dropped_count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "no memory to leave out %s", name);
	set->dropped[set->dropped_count++] = name;
	return SORI_OK;
}

static enum sori_status remove_dropped(const struct sori_output_set *set, const char *name, struct sori_error *error)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof path, "%s/%s", set->folder, name);

	if (length < 0 || (size_t)length >= sizeof path || (unlink(path) != 0 && errno != ENOENT))
		return sori_fail_errno(error, SORI_IO, length < 0 || (size_t)length >= sizeof path ? ENAMETOOLONG : errno,
				       "cannot remove %s of an earlier run", name);
	return SORI_OK;
}

enum sori_status sori_output_set_finish(struct sori_output_set *set, struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	for (size_t i = 0; i < set->count && status == SORI_OK; i++)
		status = sori_output_finish(set->outputs[i], error);
	return status;
}

enum sori_status sori_output_set_publish(struct sori_output_set *set, struct sori_error *error)
{
	enum sori_status status = sori_output_set_finish(set, error);
	for (size_t i = 0; i < set->count && status == SORI_OK; i++)
		status = rename_output(set->outputs[i], error);
	for (size_t i = 0; i < set->dropped_count && status == SORI_OK; i++)
		status = remove_dropped(set, set->dropped[i], error);
	if (status == SORI_OK && set->count > 0)
		status = sync_folder(set->outputs[0], error);
	return status;
}

const char *sori_output_set_name(const struct sori_output_set *set, size_t index)
{
	return index < set->count ? set->outputs[index]->name : NULL;
}

enum sori_status sori_make_folder(const char *path, unsigned mode, struct sori_error *error)
{
	char part[PATH_MAX];
	size_t length = strlen(path);
	if (length == 0 || length >= sizeof part)
		return sori_fail(error, SORI_CANNOT_CREATE, "the folder's name is %s", length ? "too long" : "empty");
	memcpy(part, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		char kept = part[i];
		part[i] = '\0';
		struct stat info;
		if (mkdir(part, (mode_t)mode) != 0 &&
		    (errno != EEXIST || stat(part, &info) != 0 || !S_ISDIR(info.st_mode)))
			return sori_fail_errno(error, SORI_CANNOT_CREATE, errno == EEXIST ? ENOTDIR : errno,
					       "cannot create the folder %s", part);
		part[i] = kept;
	}
	return SORI_OK;
}
