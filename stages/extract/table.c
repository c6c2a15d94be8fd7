/* Reads the grammar tables. They are a few hundred lines, so the file is read whole and cut in two passes (count, fill). */
#include "stages/extract/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define FILE_LIMIT ((size_t)64 * 1024 * 1024)

static enum sori_status read_open(struct sori_view *bytes, struct sori_arena *arena, int file, const char *path,
				  struct sori_error *error)
{
	struct stat info;
	if (fstat(file, &info) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s cannot be read", path);
	if (!S_ISREG(info.st_mode))
		return sori_fail(error, SORI_CONFIG, "%s is no regular file", path);
	if ((uint64_t)info.st_size > FILE_LIMIT)
		return sori_fail(error, SORI_SYSTEM, "%s is over 64 MiB; split it", path);
	size_t size = (size_t)info.st_size, have = 0;
	char *at = sori_arena_alloc(arena, size + 1);
	if (!at)
		return sori_fail(error, SORI_SYSTEM, "out of memory reading %s", path);
	while (have < size) {
		ssize_t got = read(file, at + have, size - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return sori_fail_errno(error, SORI_IO, errno, "%s cannot be read", path);
		if (got == 0)
			break;
		have += (size_t)got;
	}
	at[have] = '\0';
	*bytes = sori_view_make(at, have);
	return SORI_OK;
}

enum sori_status sori_file_read(struct sori_view *bytes, struct sori_arena *arena, const char *path,
				struct sori_error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s cannot be opened", path);
	enum sori_status status = read_open(bytes, arena, file, path, error);
	close(file);
	return status;
}

static bool next_line(struct sori_view *rest, struct sori_view *line)
{
	if (rest->length == 0)
		return false;
	const char *end = memchr(rest->at, '\n', rest->length);
	size_t length = end ? (size_t)(end - rest->at) : rest->length;
	*line = sori_view_make(rest->at, length);
	*rest = sori_view_slice(*rest, length + 1, rest->length);
	while (line->length > 0 && (line->at[line->length - 1] == '\r' || line->at[line->length - 1] == ' '))
		line->length--;
	return true;
}

static struct sori_view cut_column(struct sori_view *text)
{
	const char *tab = text->length ? memchr(text->at, '\t', text->length) : NULL;
	size_t length = tab ? (size_t)(tab - text->at) : text->length;
	struct sori_view column = sori_view_trim(sori_view_make(text->at, length));
	*text = sori_view_slice(*text, length + 1, text->length);
	return column;
}

static size_t fill_rows(struct sori_view bytes, struct sori_table_row *rows)
{
	struct sori_view line;
	size_t count = 0;
	for (uint32_t number = 1; next_line(&bytes, &line); number++) {
		if (line.length == 0 || line.at[0] == '#')
			continue;
		if (rows) {
			rows[count].line = number;
			rows[count].first = cut_column(&line);
			rows[count].second = cut_column(&line);
			rows[count].rest = sori_view_trim(line);
		}
		count++;
	}
	return count;
}

enum sori_status sori_table_read(struct sori_table *table, struct sori_arena *arena, const char *folder,
				 const char *name, struct sori_error *error)
{
	char path[4096];
	*table = (struct sori_table){0};
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return sori_fail(error, SORI_CONFIG, "the path %s/%s is too long", folder, name);
	enum sori_status status = sori_file_read(&table->bytes, arena, path, error);
	if (status != SORI_OK)
		return status;
	if (!sori_utf8_is_valid(table->bytes))
		return sori_fail(error, SORI_CONFIG, "%s is not valid UTF-8", path);
	table->count = fill_rows(table->bytes, NULL);
	table->rows = sori_arena_zero(arena, table->count + 1, sizeof *table->rows);
	if (!table->rows)
		return sori_fail(error, SORI_SYSTEM, "out of memory reading %s", path);
	fill_rows(table->bytes, table->rows);
	return SORI_OK;
}

struct sori_view sori_table_word(struct sori_view *text)
{
	*text = sori_view_trim(*text);
	size_t length = 0;
	while (length < text->length && text->at[length] != ' ' && text->at[length] != '\t')
		length++;
	struct sori_view word = sori_view_make(text->at, length);
	*text = sori_view_slice(*text, length, text->length);
	return word;
}
