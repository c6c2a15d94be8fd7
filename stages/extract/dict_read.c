/* Which files make a dictionary: every *.dict below the folders, each folder's in byte order of their paths. A file with
 * the same path below a later folder replaces the earlier one as a whole, so that `file:line` stays a name. */
#include "stages/extract/compile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "pipeline/base/memory.h"
#include "stages/extract/table.h"

#define DEPTH_LIMIT 16

struct listing {
	struct sori_source *source;
	const char *folder;
	uint32_t index;
	struct sori_error *error;
};

static bool is_dictionary(const char *name)
{
	size_t length = strlen(name);
	return length > 5 && strcmp(name + length - 5, ".dict") == 0;
}

static enum sori_status add_file(struct listing *listing, const char *path, const char *name)
{
	struct sori_source *source = listing->source;
	struct sori_source_file *file = SORI_SOURCE_PUSH(source, source->files, source->file_count, source->file_capacity);
	if (!file)
		return sori_fail(listing->error, SORI_SYSTEM, "out of memory reading dictionaries");
	*file = (struct sori_source_file){.folder = listing->index};
	file->path = sori_arena_copy(&source->arena, sori_view_of(path)).at;
	file->name = sori_arena_copy(&source->arena, sori_view_of(name));
	return file->path && file->name.at ? SORI_OK : sori_fail(listing->error, SORI_SYSTEM, "out of memory reading dictionaries");
}

static enum sori_status list_folder(struct listing *listing, const char *below, unsigned depth);

static enum sori_status visit(struct listing *listing, const char *below, const char *name, unsigned depth)
{
	char relative[2048], path[4096];
	struct stat info;
	if (snprintf(relative, sizeof relative, "%s%s%s", below, *below ? "/" : "", name) >= (int)sizeof relative ||
	    snprintf(path, sizeof path, "%s/%s", listing->folder, relative) >= (int)sizeof path)
		return sori_fail(listing->error, SORI_CONFIG, "a path below %s is too long", listing->folder);
	if (stat(path, &info) != 0)
		return is_dictionary(name) ? sori_fail_errno(listing->error, SORI_IO, errno, "%s cannot be read", path) : SORI_OK;
	if (S_ISDIR(info.st_mode))
		return depth < DEPTH_LIMIT ? list_folder(listing, relative, depth + 1) : SORI_OK;
	return is_dictionary(name) ? add_file(listing, path, relative) : SORI_OK;
}

static enum sori_status list_folder(struct listing *listing, const char *below, unsigned depth)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s%s%s", listing->folder, *below ? "/" : "", below) >= (int)sizeof path)
		return sori_fail(listing->error, SORI_CONFIG, "a path below %s is too long", listing->folder);
	DIR *folder = opendir(path);
	if (!folder)
		return sori_fail_errno(listing->error, SORI_NO_INPUT, errno, "the dictionary folder %s cannot be opened", path);
	enum sori_status status = SORI_OK;
	struct dirent *entry;
	while (status == SORI_OK && (errno = 0, entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			status = visit(listing, below, entry->d_name, depth);
	if (status == SORI_OK && errno != 0)
		status = sori_fail_errno(listing->error, SORI_IO, errno, "the dictionary folder %s cannot be read", path);
	closedir(folder);
	return status;
}

static int compare_files(const void *left, const void *right)
{
	const struct sori_source_file *a = left, *b = right;
	return sori_view_compare(a->name, b->name);
}

static void replace_earlier(struct sori_source *source, size_t first)
{
	for (size_t i = first; i < source->file_count; i++)
		for (size_t k = 0; k < first; k++)
			source->files[k].dead |= sori_view_equal(source->files[k].name, source->files[i].name);
}

static bool has_grammar(const char *folder, char path[4096])
{
	struct stat info;
	return snprintf(path, 4096, "%s/grammar", folder) < 4096 && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

enum sori_status sori_read_folders(struct sori_source *source, const char *const *folders, size_t folder_count,
				   char path[4096], struct sori_error *error)
{
	bool grammar = false;
	for (size_t i = 0; i < folder_count; i++) {
		struct listing listing = {source, folders[i], (uint32_t)i, error};
		size_t first = source->file_count;
		enum sori_status status = list_folder(&listing, "", 0);
		if (status != SORI_OK)
			return status;
		if (source->file_count > first)
			qsort(source->files + first, source->file_count - first, sizeof *source->files, compare_files);
		replace_earlier(source, first);
		grammar = grammar || has_grammar(folders[i], path);
	}
	if (!grammar)
		return sori_fail(error, SORI_CONFIG, "no dictionary folder holds grammar/; add the shipped one with --dict");
	if (source->file_count == 0)
		return sori_fail(error, SORI_CONFIG, "no *.dict file below the dictionary folders");
	for (uint32_t i = 0; i < source->file_count; i++) {
		struct sori_source_file *file = &source->files[i];
		if (file->dead)
			continue;
		enum sori_status status = sori_file_read(&file->bytes, &source->arena, file->path, error);
		if (status != SORI_OK)
			return status;
		sori_source_parse(source, i);
	}
	return SORI_OK;
}

enum sori_status sori_dictionary_compile(struct sori_dictionary **dictionary, const char *const *folders,
					 size_t folder_count, sori_finding_fn report, void *user, struct sori_error *error)
{
	struct sori_source source;
	char grammar[4096];
	*dictionary = NULL;
	sori_source_init(&source, report, user);
	enum sori_status status = sori_read_folders(&source, folders, folder_count, grammar, error);
	if (status == SORI_OK)
		status = sori_build(dictionary, &source, grammar, error);
	sori_source_release(&source);
	return status;
}

enum sori_status sori_dictionary_compile_text(struct sori_dictionary **dictionary, struct sori_view text,
					      const char *folder, sori_finding_fn report, void *user,
					      struct sori_error *error)
{
	struct sori_source source;
	char grammar[4096];
	enum sori_status status = SORI_SYSTEM;
	*dictionary = NULL;
	sori_source_init(&source, report, user);
	struct sori_source_file *file = SORI_SOURCE_PUSH(&source, source.files, source.file_count, source.file_capacity);
	if (!file) {
		sori_fail(error, SORI_SYSTEM, "out of memory reading dictionaries");
	} else if (!has_grammar(folder, grammar)) {
		status = sori_fail(error, SORI_CONFIG, "%s holds no grammar/", folder);
	} else {
		*file = (struct sori_source_file){.path = "text", .name = SORI_VIEW_LITERAL("text"), .bytes = text};
		sori_source_parse(&source, 0);
		status = sori_build(dictionary, &source, grammar, error);
	}
	sori_source_release(&source);
	return status;
}
