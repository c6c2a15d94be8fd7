/* dict suggest: what an author might add. One pass over the dumps keeps every text, masked, with what the dictionary finds
 * in it; the rest works on those. Printed is a .dict file ready to be read, edited and kept, or, with --patch, a unified diff
 * that adds it and puts variants behind the terms they belong to. Nothing is added by itself: every line has the figures and
 * quotes that an author decides by, and lines without a category are comments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/dict_tools.h"
#include "pipeline/cli/filter.h"
#include "pipeline/cli/suggest.h"
#include "stages/extract/table.h"

#define TEXT_LIMIT 4000u
#define NEW_FILE "suggested/suggested.dict"

struct head {
	uint64_t categories[SORI_CATEGORY_LIMIT / 64];
	int32_t rating;
	uint32_t length;
};

/* ---- reading */

static void suggest_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	struct head head = {.rating = record->rating};
	size_t at = out->length, length = record->field[SORI_ROLE_TEXT].length, to = length < TEXT_LIMIT ? length : TEXT_LIMIT;

	(void)user;
	memcpy(head.categories, record->categories, sizeof head.categories);
	while (to < length && ((unsigned char)record->field[SORI_ROLE_TEXT].at[to] & 0xc0) == 0x80)
		to++;
	sori_buffer_add(out, &head, sizeof head);
	sori_add_masked_line(batch, record, 0, to, out);
	if (out->failed)
		return;
	head.length = (uint32_t)(out->length - at - sizeof head);
	memcpy(out->at + at, &head, sizeof head);
}

static void judge_text(const struct sori_suggest *s, struct sori_suggest_text *text)
{
	bool explained = false, general = false;

	for (size_t c = 0; c < s->dictionary->catalog.count; c++) {
		const struct sori_category *category = &s->dictionary->catalog.categories[c];

		if (!(text->categories[c / 64] >> (c % 64) & 1) || category->praise)
			continue;
		general |= category->fallback;
		explained |= !category->fallback;
	}
	text->target = !explained && (general || (text->rating >= 0 && (size_t)text->rating <= s->low));
	text->high = !explained && !general && text->rating >= 0 && (size_t)text->rating >= s->high;
}

static enum sori_status keep_texts(void *user, struct sori_view lines, struct sori_error *error)
{
	struct sori_suggest *s = user;

	while (lines.length) {
		struct head head;
		struct sori_suggest_text text = {.start = s->texts.length};

		memcpy(&head, lines.at, sizeof head);
		memcpy(text.categories, head.categories, sizeof text.categories);
		text.rating = head.rating;
		text.length = head.length;
		judge_text(s, &text);
		sori_buffer_add(&s->texts, lines.at + sizeof head, head.length);
		if (s->texts.failed || SORI_GROW(s->text, s->text_capacity, s->text_count + 1) != 0)
			return sori_fail(error, SORI_SYSTEM, "more texts than memory or 1 GiB hold; give fewer dumps");
		s->targets += text.target;
		s->highs += text.high;
		s->text[s->text_count++] = text;
		lines = sori_view_slice(lines, sizeof head + head.length, lines.length);
	}
	return SORI_OK;
}

static enum sori_status read_dumps(struct sori_suggest *s, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", NULL};
	struct sori_cli inner = *s->cli;
	struct sori_filter filter = {.cli = &inner, .stages = stages, .dictionary = s->dictionary, .line = suggest_line,
				     .sink = keep_texts, .user = s};
	enum sori_status status;

	filter.wish.column[SORI_ROLE_TEXT] = sori_cli_value(s->cli, "text");
	filter.wish.column[SORI_ROLE_RATING] = sori_cli_value(s->cli, "rating");
	inner.operands++;
	inner.operand_count--;
	status = sori_filter_run(&filter, error);
	s->cli->exit_code = inner.exit_code;
	return status;
}

/* ---- the fragment */

static const char *category_id(const struct sori_suggest *s, uint16_t category)
{
	return category == SORI_CATEGORY_NONE ? "?" : s->dictionary->catalog.categories[category].id;
}

/* The categories that stand with it, most first, up to three. */
static void add_company(const struct sori_suggest *s, const struct sori_suggest_candidate *candidate, struct sori_buffer *out)
{
	uint32_t below = UINT32_MAX;
	unsigned shown = 0;

	while (shown < 3) {
		uint32_t most = 0;

		for (size_t c = 0; c < s->dictionary->catalog.count; c++)
			if (candidate->with[c] < below && candidate->with[c] > most && !s->dictionary->catalog.categories[c].fallback)
				most = candidate->with[c];
		if (!most)
			return;
		for (size_t c = 0; c < s->dictionary->catalog.count && shown < 3; c++)
			if (candidate->with[c] == most && !s->dictionary->catalog.categories[c].fallback)
				sori_buffer_add_format(out, "%s%s %u", shown++ ? ", " : "; stands with ", s->dictionary->catalog.categories[c].id,
						       most);
		below = most;
	}
}

static void add_candidate(const struct sori_suggest *s, const struct sori_suggest_candidate *candidate, struct sori_buffer *out)
{
	sori_buffer_add_format(out, "\n# z %.1f, gain %u, loss %u, others %u", candidate->z, candidate->gain, candidate->loss, candidate->other);
	add_company(s, candidate, out);
	if (s->has_gold && candidate->category != SORI_CATEGORY_NONE)
		sori_buffer_add_format(out, "; gold +%u right, +%u wrong", candidate->gold_right, candidate->gold_wrong);
	sori_buffer_add_byte(out, '\n');
	for (size_t i = 0; i < candidate->quote_count; i++) {
		sori_buffer_add_text(out, "#   \"");
		sori_buffer_add_view(out, candidate->quotes[i]);
		sori_buffer_add_text(out, "\"\n");
	}
	if (candidate->category == SORI_CATEGORY_NONE)
		sori_buffer_add_text(out, "# ? ");
	sori_suggest_line(s, candidate, out);
	sori_buffer_add_byte(out, '\n');
}

static bool has_candidates(const struct sori_suggest *s, uint16_t category)
{
	for (size_t i = 0; i < s->candidate_count; i++)
		if (s->candidates[i].category == category)
			return true;
	return false;
}

static void add_category(const struct sori_suggest *s, uint16_t category, struct sori_buffer *out)
{
	if (!has_candidates(s, category))
		return;
	if (category == SORI_CATEGORY_NONE)
		sori_buffer_add_text(out, "\n# ---- no category shows: put those you want under one\n");
	else
		sori_buffer_add_format(out, "\n@in %s\n", category_id(s, category));
	for (size_t i = 0; i < s->candidate_count; i++)
		if (s->candidates[i].category == category)
			add_candidate(s, &s->candidates[i], out);
}

static void add_variants(const struct sori_suggest *s, struct sori_buffer *out)
{
	if (s->variant_count)
		sori_buffer_add_text(out, "\n# ---- written like a known term, but not matched (variants for the term's line)\n");
	for (size_t i = 0; i < s->variant_count; i++) {
		const struct sori_suggest_variant *variant = &s->variants[i];
		const struct sori_term *term = &s->dictionary->terms[variant->term];
		struct sori_view file = s->dictionary->files[term->file];

		sori_buffer_add_format(out, "# %.*s  %u texts, near %.*s (%.*s:%u)%s\n#   \"", (int)variant->written.length,
				       variant->written.at, variant->count, (int)variant->known.length, variant->known.at, (int)file.length,
				       file.at, term->line, variant->spacing ? ", with a space" : "");
		sori_buffer_add_view(out, variant->quote);
		sori_buffer_add_text(out, "\"\n");
	}
}

static void add_fragment(const struct sori_suggest *s, struct sori_buffer *out)
{
	sori_buffer_add_format(out, "# %zu candidates from %zu complaints that nothing explains, of %zu texts.\n"
			       "# gain: such complaints that the line would hit and count; loss: texts rated %zu or more without a complaint (%zu)\n"
			       "# that it would hit; others: the rest, those with a complaint already among them.\n",
			       s->candidate_count, s->targets, s->text_count, s->high, s->highs);
	for (size_t c = 0; c < s->dictionary->catalog.count; c++)
		add_category(s, (uint16_t)c, out);
	add_category(s, SORI_CATEGORY_NONE, out);
	add_variants(s, out);
}

/* ---- the patch */

struct change {
	uint32_t file, line;
	struct sori_view known, written;
};

static int compare_changes(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return sori_view_compare(a->written, b->written);
}

/* Place of a spelling in a line: the letters between kind or comma and comma, blank or end. */
static const char *find_spelling(struct sori_view line, struct sori_view text)
{
	for (const char *at = line.at; at + text.length <= line.at + line.length; at++) {
		const char *end = at + text.length;

		at = memmem(at, (size_t)(line.at + line.length - at), text.at, text.length);
		if (!at)
			return NULL;
		end = at + text.length;
		if (at > line.at && strchr(":=,", at[-1]) && (end == line.at + line.length || strchr("=, \t)|", *end)))
			return at;
	}
	return NULL;
}

/* Puts `written` behind `known` in *line; false when the line does not spell it. */
static bool put_variant(struct sori_buffer *line, const struct change *change)
{
	struct sori_view text = sori_buffer_view(line), tail;
	struct sori_buffer made;
	const char *at;
	char known[256];
	size_t length = change->known.length;
	bool good;

	if (length + 4 > sizeof known)
		return false;
	memcpy(known, change->known.at, length);
	at = find_spelling(text, sori_view_make(known, length));
	if (!at) { /* a stem: as the author wrote it */
		memcpy(known + length, "다", 3);
		length += 3;
		at = find_spelling(text, sori_view_make(known, length));
	}
	if (!at)
		return false;
	tail = sori_view_slice(text, (size_t)(at - text.at) + length, text.length);
	sori_buffer_init(&made, (size_t)1 << 24);
	sori_buffer_add_view(&made, sori_view_slice(text, 0, (size_t)(at - text.at) + length));
	if (tail.length && *tail.at == '=') {
		sori_buffer_add_byte(&made, '=');
		sori_buffer_add_view(&made, change->written);
		sori_buffer_add_byte(&made, ',');
		tail = sori_view_slice(tail, 1, tail.length);
	} else {
		sori_buffer_add_byte(&made, at[-1] == ':' ? '=' : ',');
		sori_buffer_add_view(&made, change->written);
	}
	sori_buffer_add_view(&made, tail);
	sori_buffer_reset(line);
	sori_buffer_add_view(line, sori_buffer_view(&made));
	good = !made.failed && !line->failed;
	sori_buffer_release(&made);
	return good;
}

static struct sori_view line_of(struct sori_view bytes, uint32_t number)
{
	while (bytes.length) {
		const char *end = memchr(bytes.at, '\n', bytes.length);
		size_t length = end ? (size_t)(end - bytes.at) : bytes.length;

		if (--number == 0)
			return sori_view_slice(bytes, 0, length);
		bytes = sori_view_slice(bytes, length + 1, bytes.length);
	}
	return sori_view_of("");
}

/* One hunk without context for one line; applies with any offset, since the whole line must be there. */
static void add_hunk(struct sori_view bytes, const struct change *changes, size_t count, struct sori_buffer *out)
{
	struct sori_view before = line_of(bytes, changes[0].line);
	struct sori_buffer after;
	bool changed = false;

	sori_buffer_init(&after, (size_t)1 << 24);
	sori_buffer_add_view(&after, before);
	for (size_t i = 0; i < count; i++)
		changed |= put_variant(&after, &changes[i]);
	if (changed && before.length) {
		sori_buffer_add_format(out, "@@ -%u +%u @@\n-", changes[0].line, changes[0].line);
		sori_buffer_add_view(out, before);
		sori_buffer_add_text(out, "\n+");
		sori_buffer_add_view(out, sori_buffer_view(&after));
		sori_buffer_add_byte(out, '\n');
	}
	out->failed |= after.failed;
	sori_buffer_release(&after);
}

/* The file of a name, in the last folder that has it: the one in force. */
static bool read_file(struct sori_suggest *s, struct sori_view name, struct sori_view *bytes)
{
	for (size_t i = s->folder_count; i-- > 0;) {
		char path[4200];
		struct sori_error ignored;

		if (snprintf(path, sizeof path, "%s/%.*s", s->folders[i], (int)name.length, name.at) < (int)sizeof path &&
		    sori_file_read(bytes, &s->arena, path, &ignored) == SORI_OK)
			return true;
	}
	return false;
}

static void add_changes(struct sori_suggest *s, const struct change *changes, size_t count, struct sori_buffer *out)
{
	for (size_t i = 0, next; i < count; i = next) {
		struct sori_view name = s->dictionary->files[changes[i].file], bytes;
		struct sori_buffer hunks;

		for (next = i + 1; next < count && changes[next].file == changes[i].file; next++)
			continue;
		if (!read_file(s, name, &bytes))
			continue;
		sori_buffer_init(&hunks, (size_t)1 << 28);
		for (size_t k = i, line; k < next; k = line) {
			for (line = k + 1; line < next && changes[line].line == changes[k].line; line++)
				continue;
			add_hunk(bytes, changes + k, line - k, &hunks);
		}
		if (hunks.length) {
			sori_buffer_add_format(out, "--- a/%.*s\n+++ b/%.*s\n", (int)name.length, name.at, (int)name.length, name.at);
			sori_buffer_add_view(out, sori_buffer_view(&hunks));
		}
		out->failed |= hunks.failed;
		sori_buffer_release(&hunks);
	}
}

static bool add_patch(struct sori_suggest *s, struct sori_view fragment, struct sori_buffer *out)
{
	struct change *changes = sori_alloc_zero(s->variant_count + 1, sizeof *changes);
	size_t lines = 0;

	if (!changes)
		return false;
	for (size_t i = 0; i < fragment.length; i++)
		lines += fragment.at[i] == '\n';
	sori_buffer_add_format(out, "--- /dev/null\n+++ b/" NEW_FILE "\n@@ -0,0 +1,%zu @@\n", lines);
	while (fragment.length) {
		const char *end = memchr(fragment.at, '\n', fragment.length);
		size_t length = end ? (size_t)(end - fragment.at) : fragment.length;

		sori_buffer_add_byte(out, '+');
		sori_buffer_add_view(out, sori_view_slice(fragment, 0, length));
		sori_buffer_add_byte(out, '\n');
		fragment = sori_view_slice(fragment, length + 1, fragment.length);
	}
	for (size_t i = 0; i < s->variant_count; i++) {
		const struct sori_term *term = &s->dictionary->terms[s->variants[i].term];

		changes[i] = (struct change){term->file, term->line, s->variants[i].known, s->variants[i].written};
	}
	if (s->variant_count)
		qsort(changes, s->variant_count, sizeof *changes, compare_changes);
	add_changes(s, changes, s->variant_count, out);
	sori_free(changes);
	return !out->failed;
}

/* ---- the command */

static enum sori_status read_options(struct sori_suggest *s, struct sori_error *error)
{
	enum sori_status status = sori_cli_limit(s->cli, "low", 2, &s->low, error);

	if (status == SORI_OK)
		status = sori_cli_limit(s->cli, "high", 4, &s->high, error);
	if (status == SORI_OK)
		status = sori_cli_limit(s->cli, "least", 4, &s->least, error);
	if (status == SORI_OK)
		status = sori_cli_limit(s->cli, "limit", 60, &s->top, error);
	s->least_z = 1.645; /* one-sided: only what marks complaints is wanted */
	if (s->least == 0)
		s->least = 1;
	if (status == SORI_OK && s->cli->operand_count < 2)
		status = sori_fail(error, SORI_USAGE, "dict suggest takes dumps; see sori dict --help");
	s->folder_count = sori_cli_dictionary_folders(s->cli, s->folders, SORI_SUGGEST_FOLDERS, s->room, sizeof s->room);
	return status;
}

static enum sori_status print(struct sori_suggest *s, struct sori_error *error)
{
	struct sori_buffer fragment, patch;
	bool as_patch = sori_cli_flag(s->cli, "patch"), good = true;
	enum sori_status status;

	sori_buffer_init(&fragment, (size_t)1 << 28);
	sori_buffer_init(&patch, (size_t)1 << 28);
	add_fragment(s, &fragment);
	if (as_patch)
		good = add_patch(s, sori_buffer_view(&fragment), &patch);
	status = !good || fragment.failed || patch.failed ? sori_fail(error, SORI_SYSTEM, "out of memory")
							  : sori_cli_print(sori_buffer_view(as_patch ? &patch : &fragment), error);
	sori_buffer_release(&fragment);
	sori_buffer_release(&patch);
	return status;
}

static enum sori_status run(struct sori_suggest *s, struct sori_error *error)
{
	const char *gold = sori_cli_value(s->cli, "gold");
	enum sori_status status = read_options(s, error);

	if (status == SORI_OK && gold) {
		s->has_gold = true;
		status = sori_gold_read(&s->gold, gold, error);
	}
	if (status == SORI_OK)
		status = sori_cli_dictionary(s->cli, &s->dictionary, error);
	if (status == SORI_OK)
		status = read_dumps(s, error);
	if (status == SORI_OK && s->targets == 0)
		status = sori_fail(error, SORI_NO_INPUT, "no complaint among %zu texts is without an explanation (rated %zu or less, or negative)",
				   s->text_count, s->low);
	if (status == SORI_OK)
		status = sori_suggest_words(s, error);
	if (status == SORI_OK)
		status = sori_suggest_candidates(s, error);
	if (status == SORI_OK)
		status = sori_suggest_variants(s, error);
	return status == SORI_OK ? print(s, error) : status;
}

enum sori_status sori_dict_suggest(struct sori_cli *cli, struct sori_error *error)
{
	struct sori_suggest *s = sori_alloc_zero(1, sizeof *s);
	enum sori_status status;

	if (!s)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	s->cli = cli;
	sori_arena_init(&s->arena, (size_t)256 * 1024);
	sori_buffer_init(&s->texts, (size_t)1 << 30);
	status = run(s, error);
	if (s->has_gold)
		sori_gold_release(&s->gold);
	sori_buffer_release(&s->texts);
	sori_free(s->text);
	sori_free(s->sequence);
	sori_free(s->words);
	sori_free(s->lemmas);
	sori_free(s->candidates);
	sori_free(s->variants);
	sori_arena_release(&s->arena);
	sori_dictionary_free(s->dictionary);
	sori_free(s);
	return status;
}
