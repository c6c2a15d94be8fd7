/* The frame of the lints. The dictionary is read a second time as a tree, for columns; nothing is compiled twice. */
#include "stages/extract/lint_internal.h"

#include <stdarg.h>
#include <stdio.h>

#include "stages/extract/table.h"

void sori_lint_say(struct sori_linting *l, enum sori_lint_level level, const char *code, struct sori_view subject,
		   struct sori_place place, const char *format, ...)
{
	char text[900];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	l->wish->report(l->wish->user, &(struct sori_lint_finding){level, code, subject, sori_lint_path(l, place.file), place.line,
								    place.column, text});
}

const char *sori_lint_path(const struct sori_linting *l, uint32_t file)
{
	return file < l->source.file_count ? l->source.files[file].path : "";
}

bool sori_lint_match(struct sori_linting *l, struct sori_view text, struct sori_error *error)
{
	if (sori_extract_text(l->matcher, text, l->batch, error) != SORI_OK)
		return false;
	sori_passages_whole(l->matcher);
	return true;
}

static enum sori_status prepare(struct sori_linting *l, struct sori_error *error)
{
	char grammar[4096];
	enum sori_status status;

	sori_source_init(&l->source, NULL, NULL);
	sori_arena_init(&l->arena, (size_t)256 * 1024);
	sori_buffer_init(&l->scratch, (size_t)1 << 24);
	status = sori_read_folders(&l->source, l->wish->folders, l->wish->folder_count, grammar, error);
	if (status == SORI_OK)
		status = sori_matcher_new(&l->matcher, l->dictionary, error);
	l->batch = sori_batch_new();
	if (status == SORI_OK && (!l->batch || l->source.failed))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	return status;
}

enum sori_status sori_lint_run(const struct sori_lint *lint, struct sori_error *error)
{
	static enum sori_status (*const lints[])(struct sori_linting *, struct sori_error *) = {
		sori_lint_spellings, sori_lint_rules, sori_lint_words};
	struct sori_linting l = {.wish = lint, .dictionary = lint->dictionary};
	enum sori_status status = prepare(&l, error);

	for (size_t i = 0; status == SORI_OK && i < sizeof lints / sizeof *lints; i++) {
		status = lints[i](&l, error);
		sori_names_release(&l.names);
		if (status == SORI_OK && l.failed)
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	sori_matcher_free(l.matcher);
	sori_batch_free(l.batch);
	sori_source_release(&l.source);
	sori_arena_release(&l.arena);
	sori_buffer_release(&l.scratch);
	return status;
}

enum sori_status sori_lint_background(struct sori_arena *arena, const char *const *folders, size_t folder_count,
				      struct sori_lint_word **words, size_t *count, struct sori_error *error)
{
	struct sori_table table = {.count = 0};
	enum sori_status status = SORI_OK;

	*words = NULL;
	*count = 0;
	for (size_t i = 0; i < folder_count && table.count == 0; i++) {
		char path[4096];

		if (snprintf(path, sizeof path, "%s/grammar", folders[i]) >= (int)sizeof path)
			continue;
		status = sori_table_read(&table, arena, path, "background.tsv", error);
		if (status != SORI_OK && status != SORI_NO_INPUT)
			return status;
	}
	*words = sori_arena_zero(arena, table.count + 1, sizeof **words);
	if (!*words)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < table.count; i++) {
		unsigned long long number = 1;
		bool counted = sori_view_to_u64(table.rows[i].second, &number);

		(*words)[(*count)++] = (struct sori_lint_word){table.rows[i].first, number, !counted};
	}
	return SORI_OK;
}
