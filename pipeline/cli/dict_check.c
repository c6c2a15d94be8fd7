/* dict check: what the compiler says, the examples, the lints; against a background of words and, when a corpus is given,
 * what each rule costs there. Findings are kept, sorted by place and printed in the end, so that the output does not depend
 * on the order of the checks. What an author has accepted, with a reason, in FOLDER/accepted.tsv is counted, not shown. */
#include "pipeline/cli/dict_tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/filter.h"
#include "pipeline/core/category_map.h"
#include "pipeline/text/normalize.h"
#include "stages/extract/compile.h"
#include "stages/extract/lint.h"
#include "stages/extract/table.h"

#define FOLDER_LIMIT 16u
#define FILE_LIMIT 32u
#define COST_SHOWN 20u

struct kept {
	enum sori_lint_level level;
	const char *code, *file;
	uint32_t line, column;
	struct sori_view subject, text;
	bool accepted;
};

struct accepted {
	struct sori_view code, subject;
	const char *file;
	uint32_t line;
	bool used;
};

struct check {
	struct sori_cli *cli;
	const char *folders[FOLDER_LIMIT];
	size_t folder_count;
	char room[4200];
	struct sori_dictionary *dictionary;
	struct sori_arena arena;
	struct kept *findings;
	size_t finding_count, finding_capacity;
	struct accepted *accepted;
	size_t accepted_count, accepted_capacity;
	struct sori_lint_word *words;
	size_t word_count, word_capacity;
	struct sori_names seen; /* words, by place in `words` */
	struct sori_lint_cost *cost;
	size_t failures, map_errors;
	size_t counts[3], accepted_findings;
	bool json, all, strict, failed;
	struct sori_buffer out;
};

/* ---- findings */

static struct sori_view keep(struct check *check, struct sori_view text)
{
	struct sori_view copy = sori_arena_copy(&check->arena, text);

	check->failed |= text.length && !copy.at;
	return copy;
}

static void add_finding(struct check *check, struct kept finding)
{
	if (SORI_GROW(check->findings, check->finding_capacity, check->finding_count + 1) != 0) {
		check->failed = true;
		return;
	}
	finding.file = keep(check, sori_view_of(finding.file)).at;
	finding.subject = keep(check, finding.subject);
	finding.text = keep(check, finding.text);
	check->findings[check->finding_count++] = finding;
}

/* The compiler's findings: their text is their subject. */
static void on_compile(void *user, const struct sori_finding *finding)
{
	struct sori_view text = sori_view_of(finding->text);

	add_finding(user, (struct kept){.level = finding->error ? SORI_LINT_ERROR : SORI_LINT_WARNING, .code = "compile",
					.file = finding->file, .line = finding->line, .column = finding->column, .subject = text,
					.text = text});
}

/* Examples know their file below its folder; shown is the path as opened: of the last folder that has it. */
static void on_example(void *user, const struct sori_finding *finding)
{
	struct check *check = user;
	struct sori_view text = sori_view_of(finding->text);
	char path[4200];
	struct stat info;

	(void)snprintf(path, sizeof path, "%s", finding->file);
	for (size_t i = check->folder_count; i-- > 0;) {
		(void)snprintf(path, sizeof path, "%s/%s", check->folders[i], finding->file);
		if (stat(path, &info) == 0)
			break;
	}
	add_finding(check, (struct kept){.level = SORI_LINT_ERROR, .code = "example", .file = path, .line = finding->line,
					 .column = finding->column, .subject = text, .text = text});
}

static void on_lint(void *user, const struct sori_lint_finding *finding)
{
	add_finding(user, (struct kept){.level = finding->level, .code = finding->code, .file = finding->file,
					.line = finding->line, .column = finding->column, .subject = finding->subject,
					.text = sori_view_of(finding->text)});
}

static int compare_findings(const void *left, const void *right)
{
	const struct kept *a = left, *b = right;
	int order = strcmp(a->file, b->file);

	if (!order && a->line != b->line)
		order = a->line < b->line ? -1 : 1;
	if (!order && a->column != b->column)
		order = a->column < b->column ? -1 : 1;
	if (!order)
		order = strcmp(a->code, b->code);
	return order ? order : sori_view_compare(a->text, b->text);
}

/* ---- what is accepted */

static enum sori_status read_accepted(struct check *check, struct sori_error *error)
{
	for (size_t i = 0; i < check->folder_count; i++) {
		struct sori_table table;
		char path[4200];
		enum sori_status status = sori_table_read(&table, &check->arena, check->folders[i], "accepted.tsv", error);
		const char *name;

		if (status == SORI_NO_INPUT)
			continue;
		if (status != SORI_OK)
			return status;
		(void)snprintf(path, sizeof path, "%s/accepted.tsv", check->folders[i]);
		name = keep(check, sori_view_of(path)).at;
		for (size_t k = 0; k < table.count; k++) {
			const struct sori_table_row *row = &table.rows[k];

			if (!row->second.length || !sori_view_trim(row->rest).length) {
				(void)sori_fail(error, SORI_CONFIG, "a line is CODE, what is accepted, and why, parted by tabs");
				return sori_error_at(error, path, row->line, 1);
			}
			if (SORI_GROW(check->accepted, check->accepted_capacity, check->accepted_count + 1) != 0)
				return sori_fail(error, SORI_SYSTEM, "out of memory");
			check->accepted[check->accepted_count++] = (struct accepted){row->first, row->second, name, row->line, false};
		}
	}
	return SORI_OK;
}

/* The whole subject, or its beginning before "...". */
static bool is_meant(struct sori_view pattern, struct sori_view subject)
{
	if (pattern.length > 3 && memcmp(pattern.at + pattern.length - 3, "...", 3) == 0) {
		pattern.length -= 3;
		return subject.length >= pattern.length && memcmp(subject.at, pattern.at, pattern.length) == 0;
	}
	return sori_view_equal(pattern, subject);
}

static void accept_findings(struct check *check)
{
	for (size_t i = 0; i < check->finding_count; i++)
		for (size_t k = 0; check->findings[i].level != SORI_LINT_ERROR && k < check->accepted_count; k++)
			if (sori_view_is(check->accepted[k].code, check->findings[i].code) &&
			    is_meant(check->accepted[k].subject, check->findings[i].subject))
				check->findings[i].accepted = check->accepted[k].used = true;
	for (size_t k = 0; k < check->accepted_count; k++) {
		const struct accepted *a = &check->accepted[k];
		char text[300];

		if (a->used || sori_view_is(a->code, "false-friend")) /* those depend on the words given */
			continue;
		(void)snprintf(text, sizeof text, "nothing to accept any more: %.*s %.*s", (int)a->code.length, a->code.at,
			       (int)sori_utf8_valid_prefix(sori_view_slice(a->subject, 0, 200)), a->subject.at);
		add_finding(check, (struct kept){.level = SORI_LINT_WARNING, .code = "accepted", .file = a->file, .line = a->line,
						 .column = 1, .subject = a->subject, .text = sori_view_of(text)});
	}
}

/* ---- the category map */

static bool is_declared(const struct check *check, const char *id)
{
	for (size_t i = 0; i < check->dictionary->catalog.count; i++)
		if (strcmp(check->dictionary->catalog.categories[i].id, id) == 0)
			return true;
	return false;
}

static void add_map_finding(struct check *check, const struct sori_category_change *change, enum sori_lint_level level, const char *id,
			    const char *what)
{
	char text[300];

	(void)snprintf(text, sizeof text, "%s %s", id, what);
	add_finding(check, (struct kept){.level = level, .code = "category-map", .file = change->file, .line = change->line, .column = 1,
					 .subject = sori_view_of(id), .text = sori_view_of(text)});
	check->map_errors += level == SORI_LINT_ERROR;
}

/* Every id that is left in the end must be a category; one that was given up must be none. */
static void check_change(struct check *check, const struct sori_category_map *map, const struct sori_category_change *change)
{
	const char *ids[SORI_MOVE_LIMIT];
	bool split, kept = false;

	for (size_t i = 0; i < change->to_count; i++) {
		size_t count = sori_category_map_now(map, change->to[i], change->day, ids, &split);

		for (size_t k = 0; k < count; k++)
			if (!is_declared(check, ids[k]))
				add_map_finding(check, change, SORI_LINT_ERROR, ids[k], "is nowhere declared");
	}
	for (size_t i = 0; i < change->from_count; i++) {
		for (size_t k = 0; k < change->to_count; k++)
			kept |= strcmp(change->to[k], change->from[i]) == 0;
		if (!kept && is_declared(check, change->from[i]))
			add_map_finding(check, change, SORI_LINT_WARNING, change->from[i],
					"is still a category: from this day on it is another one than before");
	}
}

static enum sori_status check_map(struct check *check, struct sori_error *error)
{
	struct sori_category_map *map;
	enum sori_status status = sori_category_map_read(&map, check->folders, check->folder_count, error);

	for (size_t i = 0; status == SORI_OK && i < map->count; i++)
		check_change(check, map, &map->changes[i]);
	sori_category_map_free(map);
	return status;
}

/* ---- the background of words */

static void add_word(struct check *check, struct sori_view text, uint64_t count, bool lexeme)
{
	struct sori_name *slot;

	if (text.length == 0 || check->failed)
		return;
	slot = sori_names_put(&check->seen, text);
	if (!slot) {
		check->failed = true;
	} else if (slot->value != UINT32_MAX) {
		check->words[slot->value].count += count;
		check->words[slot->value].lexeme |= lexeme;
	} else if (SORI_GROW(check->words, check->word_capacity, check->word_count + 1) != 0) {
		check->failed = true;
	} else {
		slot->key = keep(check, text);
		slot->value = (uint32_t)check->word_count;
		check->words[check->word_count++] = (struct sori_lint_word){slot->key, count, lexeme};
	}
}

/* A word list: a word a line, a count after a tab; hunspell's: its number first, flags behind a slash. */
static enum sori_status read_words(struct check *check, const char *path, struct sori_error *error)
{
	struct sori_view bytes, rest;
	struct sori_buffer normal;
	enum sori_status status = sori_file_read(&bytes, &check->arena, path, error);
	bool first = true;

	if (status != SORI_OK)
		return status;
	sori_buffer_init(&normal, (size_t)1 << 20);
	for (rest = bytes; rest.length && !check->failed; first = false) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.at) : rest.length, word = 0;
		struct sori_view line = sori_view_trim(sori_view_slice(rest, 0, length));
		unsigned long long count = 1;

		rest = sori_view_slice(rest, length + (end ? 1 : 0), rest.length);
		if ((first && sori_view_to_u64(line, &count)) || !sori_utf8_is_valid(line))
			continue;
		while (word < line.length && line.at[word] != '/' && line.at[word] != '\t')
			word++;
		count = 1;
		if (word < line.length && line.at[word] == '\t')
			(void)sori_view_to_u64(sori_view_trim(sori_view_slice(line, word + 1, line.length)), &count);
		sori_buffer_reset(&normal);
		if (word && sori_normalize_term(sori_view_slice(line, 0, word), &normal) == SORI_OK)
			add_word(check, sori_view_trim(sori_buffer_view(&normal)), count, true);
	}
	check->failed |= normal.failed;
	sori_buffer_release(&normal);
	return SORI_OK;
}

/* Runs of Hangul syllables are the words that terms may hide in. */
static void add_words_of(struct check *check, struct sori_view text)
{
	size_t start = 0;
	unsigned length;

	for (size_t at = 0; at < text.length; at += length) {
		uint32_t point = sori_utf8_decode(text.at + at, &length);

		if (sori_is_hangul_syllable(point))
			continue;
		if (at > start)
			add_word(check, sori_view_slice(text, start, at - start), 1, false);
		start = at + length;
	}
	if (start < text.length)
		add_word(check, sori_view_slice(text, start, text.length - start), 1, false);
}

static void corpus_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	(void)user;
	sori_add_masked_line(batch, record, 0, record->field[SORI_ROLE_TEXT].length, out);
	sori_buffer_add_byte(out, '\n');
}

static enum sori_status keep_corpus(void *user, struct sori_view lines, struct sori_error *error)
{
	struct check *check = user;
	enum sori_status status = SORI_OK;

	while (lines.length && status == SORI_OK) {
		const char *end = memchr(lines.at, '\n', lines.length);
		size_t length = end ? (size_t)(end - lines.at) : lines.length;
		struct sori_view line = sori_view_slice(lines, 0, length);

		status = sori_lint_cost_add(check->cost, line, error);
		add_words_of(check, line);
		lines = sori_view_slice(lines, length + 1, lines.length);
	}
	return check->failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : status;
}

static enum sori_status read_corpus(struct check *check, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", NULL};
	const char *dumps[FILE_LIMIT];
	struct sori_cli inner = *check->cli;
	struct sori_filter filter = {.cli = &inner, .stages = stages, .line = corpus_line, .sink = keep_corpus, .user = check};
	enum sori_status status = SORI_OK;

	inner.operands = dumps;
	inner.operand_count = sori_cli_values(check->cli, "corpus", dumps, FILE_LIMIT);
	if (inner.operand_count == 0)
		return SORI_OK;
	filter.wish.column[SORI_ROLE_TEXT] = sori_cli_value(check->cli, "text");
	status = sori_lint_cost_new(&check->cost, check->dictionary, error);
	return status == SORI_OK ? sori_filter_run(&filter, error) : status;
}

static enum sori_status read_background(struct check *check, struct sori_error *error)
{
	const char *files[FILE_LIMIT];
	size_t file_count = sori_cli_values(check->cli, "words", files, FILE_LIMIT), count;
	struct sori_lint_word *words;
	enum sori_status status =
		sori_lint_background(&check->arena, check->folders, check->folder_count, &words, &count, error);

	for (size_t i = 0; status == SORI_OK && i < count; i++)
		add_word(check, words[i].text, words[i].count, words[i].lexeme);
	for (size_t i = 0; status == SORI_OK && i < file_count; i++)
		status = read_words(check, files[i], error);
	if (status == SORI_OK)
		status = read_corpus(check, error);
	return status == SORI_OK && check->failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : status;
}

/* ---- printing */

static const char *const levels[] = {"error", "warning", "note"};

static bool is_shown(const struct check *check, const struct kept *finding)
{
	return check->all || (!finding->accepted && finding->level != SORI_LINT_NOTE);
}

static void add_finding_text(struct check *check, const struct kept *f)
{
	sori_buffer_add_format(&check->out, "%s:%u:%u: %s: ", f->file, f->line, f->column, f->accepted ? "accepted" : levels[f->level]);
	sori_buffer_add_view(&check->out, f->text);
	if (strcmp(f->code, "compile") != 0 && strcmp(f->code, "example") != 0)
		sori_buffer_add_format(&check->out, " [%s]", f->code);
	sori_buffer_add_byte(&check->out, '\n');
}

static void add_finding_json(struct check *check, const struct kept *f, bool first)
{
	struct sori_buffer *out = &check->out;

	sori_buffer_add_format(out, "%s\n{\"level\":\"%s\",\"code\":\"%s\",\"accepted\":%s,\"file\":", first ? "" : ",", levels[f->level],
			       f->code, f->accepted ? "true" : "false");
	sori_buffer_add_json(out, sori_view_of(f->file));
	sori_buffer_add_format(out, ",\"line\":%u,\"column\":%u,\"subject\":", f->line, f->column);
	sori_buffer_add_json(out, f->subject);
	sori_buffer_add_text(out, ",\"text\":");
	sori_buffer_add_json(out, f->text);
	sori_buffer_add_byte(out, '}');
}

/* On a code point border. */
static int shown_length(struct sori_view text, size_t bytes)
{
	return (int)sori_utf8_valid_prefix(sori_view_slice(text, 0, bytes));
}

static double per_thousand(uint64_t count, uint64_t texts)
{
	return texts ? 1000.0 * (double)count / (double)texts : 0;
}

static void add_cost(struct check *check)
{
	const struct sori_dictionary *d = check->dictionary;
	struct sori_buffer *out = &check->out;
	size_t count = 0;
	uint64_t texts = 0;
	const struct sori_lint_rule_cost *rules = check->cost ? sori_lint_cost_result(check->cost, &count, &texts) : NULL;

	if (check->json)
		sori_buffer_add_format(out, ",\"texts\":%llu,\"cost\":[", (unsigned long long)texts);
	else if (rules)
		sori_buffer_add_format(out, "\ncost over %llu texts, per 1,000: the anchor of the rule stands, all members stand, its entry hits\n"
				       "%9s %9s %9s  %-24s %s\n", (unsigned long long)texts, "anchor", "members", "hits", "anchor", "entry");
	for (size_t i = 0; rules && i < count && (check->json || i < COST_SHOWN); i++) {
		struct sori_view id = d->entries[d->rules[rules[i].rule].entry].id, anchor = d->set_names[rules[i].anchor];

		if (!check->json) {
			sori_buffer_add_format(out, "%9.2f %9.2f %9.2f  %-24.*s ", per_thousand(rules[i].candidates, texts),
					       per_thousand(rules[i].complete, texts), per_thousand(rules[i].hits, texts),
					       shown_length(anchor, 60), anchor.at);
			sori_buffer_add_view(out, id);
			sori_buffer_add_byte(out, '\n');
			continue;
		}
		sori_buffer_add_text(out, i ? ",\n{\"entry\":" : "\n{\"entry\":");
		sori_buffer_add_json(out, id);
		sori_buffer_add_text(out, ",\"anchor\":");
		sori_buffer_add_json(out, anchor);
		sori_buffer_add_format(out, ",\"candidates\":%llu,\"complete\":%llu,\"hits\":%llu}",
				       (unsigned long long)rules[i].candidates, (unsigned long long)rules[i].complete,
				       (unsigned long long)rules[i].hits);
	}
	if (check->json)
		sori_buffer_add_text(out, "]");
}

static void add_summary(struct check *check)
{
	const struct sori_dictionary *d = check->dictionary;
	struct sori_buffer *out = &check->out;

	if (check->json) {
		sori_buffer_add_text(out, "]");
		add_cost(check);
		sori_buffer_add_format(out, ",\"errors\":%zu,\"warnings\":%zu,\"notes\":%zu,\"accepted\":%zu", check->counts[0],
				       check->counts[1], check->counts[2], check->accepted_findings);
		if (d)
			sori_buffer_add_format(out, ",\"files\":%u,\"categories\":%zu,\"entries\":%u,\"rules\":%u,\"terms\":%u,\"forms\":%u,"
					       "\"examples\":%u,\"failed_examples\":%zu,\"background\":%zu", d->file_count, d->catalog.count,
					       d->entry_count, d->rule_count, d->term_count, d->form_count, d->example_count, check->failures,
					       check->word_count);
		sori_buffer_add_text(out, "}\n");
		return;
	}
	if (!d)
		return;
	sori_buffer_add_format(out, "%u files, %zu categories, %u entries, %u rules, %u terms, %u forms; %u examples, %zu failed; %zu warnings",
			       d->file_count, d->catalog.count, d->entry_count, d->rule_count, d->term_count, d->form_count,
			       d->example_count, check->failures, check->counts[1]);
	if (check->accepted_findings)
		sori_buffer_add_format(out, ", %zu accepted", check->accepted_findings);
	if (check->counts[2])
		sori_buffer_add_format(out, ", %zu notes%s", check->counts[2], check->all ? "" : " (--all shows them)");
	sori_buffer_add_byte(out, '\n');
	if (check->cost)
		add_cost(check);
}

static enum sori_status print(struct check *check, struct sori_error *error)
{
	bool first = true;

	if (check->finding_count)
		qsort(check->findings, check->finding_count, sizeof *check->findings, compare_findings);
	if (check->json)
		sori_buffer_add_text(&check->out, "{\"findings\":[");
	for (size_t i = 0; i < check->finding_count; i++) {
		const struct kept *finding = &check->findings[i];

		if (finding->accepted)
			check->accepted_findings++;
		else
			check->counts[finding->level]++;
		if (check->json)
			add_finding_json(check, finding, first);
		else if (is_shown(check, finding))
			add_finding_text(check, finding);
		first = false;
	}
	add_summary(check);
	if (check->out.failed || check->failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	return sori_cli_print(sori_buffer_view(&check->out), error);
}

/* ---- the command */

static enum sori_status read_options(struct check *check, struct sori_error *error)
{
	const char *format = sori_cli_value(check->cli, "format");

	if (check->cli->operand_count > 1)
		return sori_fail(error, SORI_USAGE, "dict check takes no operand; name folders with --dict");
	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return sori_fail(error, SORI_USAGE, "--format takes text or json, not '%s'", format);
	check->json = format && strcmp(format, "json") == 0;
	check->all = sori_cli_flag(check->cli, "all");
	check->strict = sori_cli_flag(check->cli, "strict");
	check->folder_count = sori_cli_dictionary_folders(check->cli, check->folders, FOLDER_LIMIT, check->room, sizeof check->room);
	return SORI_OK;
}

static enum sori_status run_checks(struct check *check, struct sori_error *error)
{
	struct sori_lint lint = {.folders = check->folders, .folder_count = check->folder_count, .report = on_lint, .user = check};
	struct sori_error later = {.status = SORI_OK};
	enum sori_status status = read_accepted(check, error);

	if (status == SORI_OK)
		status = sori_dictionary_load(&check->dictionary, check->folders, check->folder_count, on_compile, check, error);
	if (status == SORI_OK)
		check->failures = sori_dictionary_run_examples(check->dictionary, on_example, check, &later);
	if (status == SORI_OK && later.status != SORI_OK) {
		*error = later;
		return later.status;
	}
	if (status == SORI_OK)
		status = check_map(check, error);
	if (status == SORI_OK)
		status = read_background(check, error);
	lint.dictionary = check->dictionary;
	lint.words = check->words;
	lint.word_count = check->word_count;
	return status == SORI_OK ? sori_lint_run(&lint, error) : status;
}

static enum sori_status judge(const struct check *check, struct sori_error *error)
{
	if (check->failures)
		return sori_fail(error, SORI_CONFIG, "%zu of %u examples failed", check->failures, check->dictionary->example_count);
	if (check->map_errors)
		return sori_fail(error, SORI_CONFIG, "the category map names what is no category");
	if (check->strict && check->counts[SORI_LINT_WARNING])
		return sori_fail(error, SORI_CONFIG, "%zu warnings, and --strict asks for none", check->counts[SORI_LINT_WARNING]);
	return SORI_OK;
}

enum sori_status sori_dict_check(struct sori_cli *cli, struct sori_error *error)
{
	struct check check = {.cli = cli};
	struct sori_error printing;
	enum sori_status status = read_options(&check, error);

	sori_arena_init(&check.arena, (size_t)256 * 1024);
	sori_buffer_init(&check.out, (size_t)1 << 30);
	if (status == SORI_OK) {
		status = run_checks(&check, error);
		if (status == SORI_OK)
			accept_findings(&check);
		if (status == SORI_OK || (status == SORI_CONFIG && check.finding_count)) {
			enum sori_status printed = print(&check, &printing);

			if (printed != SORI_OK) {
				*error = printing;
				status = printed;
			}
		}
	}
	if (status == SORI_OK)
		status = judge(&check, error);
	sori_lint_cost_free(check.cost);
	sori_dictionary_free(check.dictionary);
	sori_names_release(&check.seen);
	sori_free(check.findings);
	sori_free(check.accepted);
	sori_free(check.words);
	sori_buffer_release(&check.out);
	sori_arena_release(&check.arena);
	return status;
}
