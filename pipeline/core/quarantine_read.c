/* Reading a quarantine folder: names sorted first, so that a listing does not depend on the folder's order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/quarantine.h"

#define SET_LENGTH 32
#define INDEX_LIMIT ((size_t)1 << 30)

struct set {
	char name[SET_LENGTH];
};

struct sets {
	struct set *all;
	size_t count, capacity;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct set *)a)->name, ((const struct set *)b)->name);
}

static enum sori_status list_sets(const char *path, struct sets *sets, struct sori_error *error)
{
	DIR *stream = opendir(path);
	if (!stream)
		return errno == ENOENT ? SORI_OK : sori_fail_errno(error, SORI_IO, errno, "%s: cannot be listed", path);
	enum sori_status status = SORI_OK;
	for (struct dirent *entry; status == SORI_OK && (entry = readdir(stream));) {
		size_t length = strlen(entry->d_name);
		if (entry->d_name[0] == '.' || length < 5 || length - 4 >= SET_LENGTH ||
		    strcmp(entry->d_name + length - 4, ".idx") != 0)
			continue;
		if (SORI_GROW(sets->all, sets->capacity, sets->count + 1) != 0) {
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
			break;
		}
		struct set *set = &sets->all[sets->count++];
		memcpy(set->name, entry->d_name, length - 4);
		set->name[length - 4] = '\0';
	}
	closedir(stream);
	if (sets->count)
		qsort(sets->all, sets->count, sizeof *sets->all, by_name);
	return status;
}

/* Appends `length` bytes from `offset` on, or all to the end when length is UINT64_MAX. */
static enum sori_status read_part(const char *path, uint64_t offset, uint64_t length, struct sori_buffer *out,
				  struct sori_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be opened", path);
	enum sori_status status = SORI_OK;
	while (length) {
		size_t want = length < 65536 ? (size_t)length : 65536;
		if (!sori_buffer_reserve(out, want)) {
			status = sori_fail(error, SORI_SYSTEM, "%s: too large to be read", path);
			break;
		}
		ssize_t n = pread(fd, out->at + out->length, want, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = sori_fail_errno(error, SORI_IO, errno, "%s: cannot be read", path);
		else if (n == 0 && length != UINT64_MAX)
			status = sori_fail(error, SORI_DATA, "%s: ends before the record that its index names", path);
		if (n <= 0)
			break;
		out->length += (size_t)n;
		offset += (uint64_t)n;
		length -= length == UINT64_MAX ? 0 : (uint64_t)n;
	}
	close(fd);
	return status;
}

enum sori_status sori_quarantine_each(const char *folder,
				      enum sori_status (*visit)(void *user, const char *set, struct sori_view line,
								struct sori_error *error),
				      void *user, struct sori_error *error)
{
	char path[PATH_MAX];
	struct sets sets = {0};
	struct sori_buffer index;
	sori_buffer_init(&index, INDEX_LIMIT);
	snprintf(path, sizeof path, "%s/quarantine", folder);
	enum sori_status status = list_sets(path, &sets, error);
	for (size_t i = 0; i < sets.count && status == SORI_OK; i++) {
		sori_buffer_reset(&index);
		snprintf(path, sizeof path, "%s/quarantine/%s.idx", folder, sets.all[i].name);
		status = read_part(path, 0, UINT64_MAX, &index, error);
		struct sori_view rest = sori_buffer_view(&index);
		while (rest.length && status == SORI_OK) {
			const char *end = memchr(rest.at, '\n', rest.length);
			size_t length = end ? (size_t)(end - rest.at) : rest.length;
			status = visit(user, sets.all[i].name, sori_view_slice(rest, 0, length), error);
			rest = sori_view_slice(rest, length + 1, rest.length);
		}
	}
	sori_buffer_release(&index);
	sori_free(sets.all);
	return status;
}

enum sori_status sori_quarantine_bytes(const char *folder, const char *set, uint64_t offset, uint64_t length,
				       struct sori_buffer *out, struct sori_error *error)
{
	char path[PATH_MAX];
	if (strchr(set, '/'))
		return sori_fail(error, SORI_USAGE, "'%s' is no set of rejected records", set);
	snprintf(path, sizeof path, "%s/quarantine/%s.bin", folder, set);
	return read_part(path, offset, length, out, error);
}
