/* Operands to inputs. Folders are walked with openat and the list is sorted at the end: the order then depends on the
 * paths alone, not on the order of the folder or of the operands. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/source.h"

#define FOLDER_DEPTH 64

struct sori_input *sori_input_new(const char *path, const char *source)
{
	struct sori_input *input = sori_alloc_zero(1, sizeof *input);
	if (!input)
		return NULL;
	input->path = sori_strdup_n(path, strlen(path));
	input->source = sori_strdup_n(source, strlen(source));
	input->zone_minutes = 540;
	if (!input->path || !input->source) {
		sori_input_free(input);
		return NULL;
	}
	return input;
}

void sori_input_free(struct sori_input *input)
{
	if (!input)
		return;
	for (int i = 0; i < SORI_ROLE_COUNT; i++)
		sori_free(input->column[i]);
	for (int i = 0; i < 3; i++)
		sori_free(input->dim_label[i]);
	sori_free(input->date_pattern);
	sori_free(input->path);
	sori_free(input->source);
	sori_free(input);
}

void sori_inputs_release(struct sori_input_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		sori_input_free(list->inputs[i]);
	sori_free(list->inputs);
	*list = (struct sori_input_list){0};
}

static enum sori_status add(struct sori_input_list *list, const char *path, const char *source, struct sori_error *error)
{
	struct sori_input *input = sori_input_new(path, source);
	if (!input || SORI_GROW(list->inputs, list->capacity, list->count + 1) != 0) {
		sori_input_free(input);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	list->inputs[list->count++] = input;
	return SORI_OK;
}

static char *join(const char *folder, const char *name)
{
	size_t length = strlen(folder), extra = strlen(name);
	while (length > 1 && folder[length - 1] == '/')
		length--;
	bool slash = length && folder[length - 1] != '/';
	char *path = sori_alloc(length + extra + 2);
	if (!path)
		return NULL;
	memcpy(path, folder, length);
	if (slash)
		path[length++] = '/';
	memcpy(path + length, name, extra + 1);
	return path;
}

static enum sori_status walk(struct sori_input_list *list, const char *folder, const char *source, unsigned depth,
			     struct sori_error *error);

static enum sori_status visit(struct sori_input_list *list, const char *path, const char *source, unsigned depth,
			      struct sori_error *error)
{
	struct stat link, info;
	if (lstat(path, &link) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be examined", path);
	if (S_ISDIR(link.st_mode))
		return walk(list, path, source, depth + 1, error);
	if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
		return SORI_OK; /* a dangling link, a FIFO, a device or a link to a folder: no dump */
	return add(list, path, source, error);
}

static enum sori_status walk(struct sori_input_list *list, const char *folder, const char *source, unsigned depth,
			     struct sori_error *error)
{
	if (depth > FOLDER_DEPTH)
		return sori_fail(error, SORI_NO_INPUT, "%s: folders nested over %d deep", folder, FOLDER_DEPTH);
	DIR *stream = opendir(folder);
	if (!stream)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be listed", folder);
	enum sori_status status = SORI_OK;
	while (status == SORI_OK) {
		errno = 0;
		struct dirent *entry = readdir(stream);
		if (!entry) {
			if (errno)
				status = sori_fail_errno(error, SORI_IO, errno, "%s: cannot be listed", folder);
			break;
		}
		if (entry->d_name[0] == '.')
			continue;
		char *path = join(folder, entry->d_name);
		status = path ? visit(list, path, source, depth, error) : sori_fail(error, SORI_SYSTEM, "out of memory");
		sori_free(path);
	}
	closedir(stream);
	return status;
}

/* Name of the last folder of an existing path; the caller frees. */
static char *folder_name(const char *path, bool is_folder)
{
	char *full = realpath(path, NULL); /* libc's memory: its size is not ours to choose */
	if (!full)
		return NULL;
	char *slash = strrchr(full, '/');
	if (!is_folder && slash) {
		*slash = '\0';
		slash = strrchr(full, '/');
	}
	const char *name = slash ? slash + 1 : full;
	char *copy = sori_strdup_n(name, strlen(name));
	free(full);
	return copy;
}

static enum sori_status operand(struct sori_input_list *list, const char *path, const char *source,
				struct sori_error *error)
{
	struct stat info;
	if (strcmp(path, "-") == 0)
		return add(list, path, source ? source : "stdin", error);
	if (stat(path, &info) != 0)
		return sori_fail_errno(error, SORI_NO_INPUT, errno, "%s: cannot be read", path);
	if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
		return sori_fail(error, SORI_NO_INPUT, "%s: neither a file nor a folder", path);
	bool is_folder = S_ISDIR(info.st_mode);
	char *name = source ? sori_strdup_n(source, strlen(source)) : folder_name(path, is_folder);
	if (!name)
		return sori_fail(error, SORI_SYSTEM, "%s: its folder has no name", path);
	enum sori_status status = is_folder ? walk(list, path, name, 0, error) : add(list, path, name, error);
	sori_free(name);
	return status;
}

static int by_path(const void *a, const void *b)
{
	const struct sori_input *const *one = a, *const *two = b;
	return strcmp((*one)->path, (*two)->path);
}

enum sori_status sori_inputs_expand(const char *const *operands, size_t count, const char *source,
				    struct sori_input_list *list, struct sori_error *error)
{
	for (size_t i = 0; i < count; i++) {
		enum sori_status status = operand(list, operands[i], source, error);
		if (status != SORI_OK)
			return status;
	}
	if (list->count == 0)
		return sori_fail(error, SORI_NO_INPUT, "no file to read in what was named");
	qsort(list->inputs, list->count, sizeof *list->inputs, by_path);
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++) {
		if (kept && strcmp(list->inputs[kept - 1]->path, list->inputs[i]->path) == 0) {
			sori_input_free(list->inputs[i]);
			continue;
		}
		list->inputs[i]->index = (uint32_t)kept;
		list->inputs[kept++] = list->inputs[i];
	}
	list->count = kept;
	return SORI_OK;
}
