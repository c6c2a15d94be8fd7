/* Operands to inputs. Folders are walked with openat and the list is sorted at the end: the order then depends on the
 * paths alone, not on the order of the folder or of the operands. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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
	sori_free(input->header);
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
	list->inputs = NULL;
	list->count = list->capacity = 0;
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

/* What cannot be listed or examined inside a folder must not cost the night the others: it is an input of its own, refused
 * before it is opened. Out of memory or of descriptors is no such thing. */
static enum sori_status refuse(struct sori_input_list *list, const char *path, const char *source, enum sori_status failure,
			       struct sori_error *error)
{
	if (failure != SORI_PERMISSION && failure != SORI_NO_INPUT && failure != SORI_IO)
		return failure;
	size_t length = strlen(path);
	bool named = strncmp(error->text, path, length) == 0 && strncmp(error->text + length, ": ", 2) == 0;
	const struct sori_error why = *error;
	enum sori_status status = add(list, path, source, error);
	if (status != SORI_OK)
		return status;
	struct sori_input *input = list->inputs[list->count - 1];
	input->refused = true;
	input->failure = failure;
	(void)snprintf(input->problem, sizeof input->problem, "%.*s", (int)sizeof input->problem - 1,
		       why.text + (named ? length + 2 : 0));
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

/* What this program writes lies where its user put it, often beside the dumps or among them: `sori run .` must not count
 * its own reports on the second night, nor read the quarantine as feedback. */
static bool is_output_name(const char *name)
{
	static const char *const names[] = {"report.html", "report.xlsx", "report.json.gz", "report.xml.gz", "counts.csv.gz",
					    "counts.csv",  "run.json",       "sori.prom",     "quarantine",
					    "store.db",    "store.db-wal",   "store.db-shm",  "store.db.key",
					    "store.db.lock"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool same_folder(const char *path, const struct stat *folder)
{
	struct stat info;
	return path && stat(path, &info) == 0 && info.st_dev == folder->st_dev && info.st_ino == folder->st_ino;
}

/* The folder of the outputs, or one that shows by their names that another run wrote there. */
static bool has_outputs(const struct sori_input_list *list, const char *folder)
{
	struct stat info;
	char path[4200];
	if (stat(folder, &info) != 0)
		return false;
	if (same_folder(list->out, &info))
		return true;
	static const char *const marks[] = {"store.db.lock", "run.json", "sori.prom"};
	bool found[3];
	for (size_t i = 0; i < 3; i++)
		found[i] = snprintf(path, sizeof path, "%s/%s", folder, marks[i]) < (int)sizeof path && access(path, F_OK) == 0;
	return found[0] || (found[1] && found[2]);
}

/* The store and what SQLite and the lock put beside it. */
static bool is_store(const struct sori_input_list *list, const char *folder, const char *name)
{
	const char *slash = list->store ? strrchr(list->store, '/') : NULL, *base = slash ? slash + 1 : list->store;
	struct stat info;
	char parent[4096];
	if (!base || strncmp(name, base, strlen(base)) != 0 || stat(folder, &info) != 0)
		return false;
	(void)snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - list->store + 1) : 1, slash ? list->store : ".");
	static const char *const endings[] = {"", "-wal", "-shm", ".key", ".lock"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcmp(name + strlen(base), endings[i]) == 0)
			return same_folder(parent, &info);
	return false;
}

/* The folders above the one that is read: a link back to one of them is a loop. */
struct level {
	const struct level *up;
	dev_t device;
	ino_t number;
	unsigned depth;
};

static bool is_loop(const struct level *level, const struct stat *folder)
{
	for (; level; level = level->up)
		if (level->device == folder->st_dev && level->number == folder->st_ino)
			return true;
	return false;
}

static enum sori_status walk_inner(struct sori_input_list *list, const char *folder, const char *source, const struct level *up,
				   struct sori_error *error);

static void skip(struct sori_input_list *list, const char *path)
{
	if (list->skipped++ == 0 || strcmp(path, list->first_skipped) < 0)
		(void)snprintf(list->first_skipped, sizeof list->first_skipped, "%s", path);
}

static enum sori_status visit(struct sori_input_list *list, const char *path, const char *source, const struct level *level,
			      struct sori_error *error)
{
	struct stat link, info;
	if (lstat(path, &link) != 0)
		return refuse(list, path, source, sori_fail_errno(error, SORI_IO, errno, "%s: cannot be examined", path), error);
	bool there = stat(path, &info) == 0;
	if (there && S_ISDIR(info.st_mode) && !is_loop(level, &info))
		return walk_inner(list, path, source, level, error);
	if (!there || !S_ISREG(info.st_mode)) {
		skip(list, path); /* a dangling link, a link into its own folders, a FIFO or a device: no dump */
		return SORI_OK;
	}
	return add(list, path, source, error);
}

/* *unlisted: the status is about `folder` itself, not about what lies in it. */
static enum sori_status walk(struct sori_input_list *list, const char *folder, const char *source, const struct level *up,
			     bool *unlisted, struct sori_error *error)
{
	*unlisted = true;
	struct level level = {.up = up, .depth = up ? up->depth + 1 : 0};
	struct stat info;
	if (level.depth > FOLDER_DEPTH)
		return sori_fail(error, SORI_NO_INPUT, "%s: folders nested over %d deep", folder, FOLDER_DEPTH);
	if (stat(folder, &info) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be examined", folder);
	level.device = info.st_dev;
	level.number = info.st_ino;
	DIR *stream = opendir(folder);
	if (!stream)
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be listed", folder);
	*unlisted = false;
	enum sori_status status = SORI_OK;
	bool outputs = has_outputs(list, folder);
	while (status == SORI_OK) {
		errno = 0;
		struct dirent *entry = readdir(stream);
		if (!entry) {
			*unlisted = errno != 0;
			if (errno)
				status = sori_fail_errno(error, SORI_IO, errno, "%s: cannot be listed", folder);
			break;
		}
		if (entry->d_name[0] == '.')
			continue;
		if ((outputs && is_output_name(entry->d_name)) || is_store(list, folder, entry->d_name)) {
			list->own++;
			continue;
		}
		char *path = join(folder, entry->d_name);
		status = path ? visit(list, path, source, &level, error) : sori_fail(error, SORI_SYSTEM, "out of memory");
		sori_free(path);
	}
	closedir(stream);
	return status;
}

static enum sori_status walk_inner(struct sori_input_list *list, const char *folder, const char *source, const struct level *up,
				   struct sori_error *error)
{
	bool unlisted;
	enum sori_status status = walk(list, folder, source, up, &unlisted, error);
	return status != SORI_OK && unlisted ? refuse(list, folder, source, status, error) : status;
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

static enum sori_status operand(struct sori_input_list *list, const char *path, const char *source, bool alone,
				struct sori_error *error)
{
	struct stat info;
	if (strcmp(path, "-") == 0)
		return add(list, path, source ? source : "stdin", error);
	if (stat(path, &info) != 0) {
		enum sori_status status = sori_fail_errno(error, SORI_NO_INPUT, errno, "%s: cannot be read", path);
		return alone || !path[0] ? status : refuse(list, path, source ? source : "", status, error);
	}
	if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
		return sori_fail(error, SORI_NO_INPUT, "%s: neither a file nor a folder", path);
	bool is_folder = S_ISDIR(info.st_mode);
	char *name = source ? sori_strdup_n(source, strlen(source)) : folder_name(path, is_folder);
	if (!name)
		return sori_fail(error, SORI_SYSTEM, "%s: its folder has no name", path);
	bool unlisted = false;
	enum sori_status status = is_folder ? walk(list, path, name, NULL, &unlisted, error) : add(list, path, name, error);
	if (status != SORI_OK && unlisted && !alone)
		status = refuse(list, path, name, status, error);
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
		enum sori_status status = operand(list, operands[i], source, count == 1, error);
		if (status != SORI_OK)
			return status;
	}
	size_t there = 0;
	for (size_t i = 0; i < list->count; i++)
		there += !list->inputs[i]->refused;
	if (list->count > 0 && there == 0)
		return sori_fail(error, list->inputs[0]->failure, "%s: %s", list->inputs[0]->path, list->inputs[0]->problem);
	if (list->count == 0)
		return sori_fail(error, SORI_NO_INPUT, "no file to read in '%s'%s%s%s", operands[0], count > 1 ? " and the others" : "",
				 list->skipped ? "; skipped, because it is no file: " : "", list->first_skipped);
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
