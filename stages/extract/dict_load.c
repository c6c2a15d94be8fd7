/* The door of the dictionary: read, compile, load the grammar, build the index; and the examples, run through the very
 * path that feedback takes. */
#include "stages/extract/compile.h"

#include <stdio.h>

#include "pipeline/base/memory.h"

void sori_dictionary_free(struct sori_dictionary *dictionary)
{
	if (!dictionary)
		return;
	sori_index_free(dictionary->index);
	sori_grammar_free(dictionary->grammar);
	sori_arena_release(&dictionary->arena);
	sori_free(dictionary);
}

static enum sori_status parse_more(struct sori_source *source, const char *name, struct sori_view text,
				   struct sori_error *error)
{
	struct sori_source_file *file = SORI_SOURCE_PUSH(source, source->files, source->file_count, source->file_capacity);
	if (!file)
		return sori_fail(error, SORI_SYSTEM, "out of memory reading dictionaries");
	*file = (struct sori_source_file){.path = name, .name = sori_view_of(name), .bytes = text};
	sori_source_parse(source, (uint32_t)(source->file_count - 1));
	return SORI_OK;
}

enum sori_status sori_dictionary_load_more(struct sori_dictionary **result, const char *const *folders, size_t folder_count,
					   const char *name, struct sori_view text, sori_finding_fn report, void *user,
					   struct sori_error *error)
{
	struct sori_source source;
	struct sori_dictionary *dictionary = NULL;
	char grammar[4096];
	*result = NULL;
	sori_source_init(&source, report, user);
	enum sori_status status = sori_read_folders(&source, folders, folder_count, grammar, error);
	if (status == SORI_OK && name)
		status = parse_more(&source, name, text, error);
	if (status == SORI_OK)
		status = sori_build(&dictionary, &source, grammar, error);
	sori_source_release(&source);
	if (status == SORI_OK)
		status = sori_grammar_load(&dictionary->grammar, grammar, error);
	if (status == SORI_OK)
		status = sori_index_build(dictionary, error);
	if (status != SORI_OK) {
		sori_dictionary_free(dictionary);
		return status;
	}
	*result = dictionary;
	return SORI_OK;
}

enum sori_status sori_dictionary_load(struct sori_dictionary **result, const char *const *folders, size_t folder_count,
				      sori_finding_fn report, void *user, struct sori_error *error)
{
	return sori_dictionary_load_more(result, folders, folder_count, NULL, sori_view_of(""), report, user, error);
}

static bool is_counted(const struct sori_record *record, uint16_t category)
{
	return record->categories[category / 64] >> (category % 64) & 1;
}

static void add_counted(const struct sori_dictionary *dictionary, const struct sori_record *record, char *text, size_t size)
{
	size_t length = 0;
	text[0] = '\0';
	for (uint16_t i = 0; i < dictionary->catalog.count && length < size; i++)
		if (is_counted(record, i))
			length += (size_t)snprintf(text + length, size - length, "%s%s", length ? " " : "",
						   dictionary->catalog.categories[i].id);
	if (length == 0)
		snprintf(text, size, "nothing");
}

static void report_failure(const struct sori_dictionary *dictionary, const struct sori_example *example,
			   const struct sori_record *record, sori_finding_fn report, void *user)
{
	char text[700], got[256];
	add_counted(dictionary, record, got, sizeof got);
	snprintf(text, sizeof text, "%s %s: \"%.*s\" (counted: %s)", example->wanted ? "misses" : "must not get",
		 dictionary->catalog.categories[example->category].id, (int)(example->text.length < 300 ? example->text.length : 300),
		 example->text.at, got);
	struct sori_finding finding = {true, dictionary->files[example->file].at, example->line, example->column, text};
	if (report)
		report(user, &finding);
}

size_t sori_dictionary_run_examples(const struct sori_dictionary *dictionary, sori_finding_fn report, void *user,
				    struct sori_error *error)
{
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	size_t failures = 0;
	enum sori_status status = batch ? sori_matcher_new(&matcher, dictionary, error)
					: sori_fail(error, SORI_SYSTEM, "out of memory running the examples");
	for (uint32_t i = 0; i < dictionary->example_count && status == SORI_OK; i++) {
		const struct sori_example *example = &dictionary->examples[i];
		status = sori_extract_text(matcher, example->text, batch, error);
		if (status != SORI_OK || batch->count == 0 || is_counted(&batch->records[0], example->category) == example->wanted)
			continue;
		failures++;
		report_failure(dictionary, example, &batch->records[0], report, user);
	}
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	return status == SORI_OK ? failures : failures + 1;
}
