/* dict test: the dictionary against a gold set. Multi-label: per category true and false positives and negatives over
 * texts; a category that is `unsure` for a text is left out of it. Micro values sum the counts, macro is the mean F1 over
 * categories that the gold set names often enough to mean something. Intervals of precision and recall are Wilson's, that of
 * F1 follows from Wilson's for the share of right ones among all that either side names. */
#include "pipeline/cli/dict_tools.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/gold.h"
#include "pipeline/stats/intervals.h"
#include "stages/extract/extract.h"

#define MACRO_LEAST 10u /* gold texts of a category that the macro value asks for */

enum flag { WANTED = 1, FOUND = 2, UNSURE = 4 };
enum by { BY_ALL, BY_LANGUAGE, BY_SOURCE };

struct cell {
	uint32_t hit, extra, missing;
};

struct scope {
	enum by by;
	struct sori_view name;
	size_t texts;
	struct cell *cells; /* one per name */
};

struct test {
	struct sori_cli *cli;
	struct sori_dictionary *dictionary;
	struct sori_gold gold;
	struct sori_view *names; /* the catalog's ids, then what only the gold set names */
	size_t name_count, name_capacity;
	struct scope *scopes;
	size_t scope_count, scope_capacity;
	uint8_t *flags; /* of the text in work, per name */
	const char *only, *wrong;
	size_t limit, shown;
	bool json;
	struct sori_buffer out, wrong_out;
};

static enum sori_status out_of_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static size_t name_of(const struct test *test, struct sori_view id)
{
	size_t i = 0;

	while (i < test->name_count && !sori_view_equal(test->names[i], id))
		i++;
	return i;
}

static bool add_name(struct test *test, struct sori_view id)
{
	if (name_of(test, id) < test->name_count)
		return true;
	if (SORI_GROW(test->names, test->name_capacity, test->name_count + 1) != 0)
		return false;
	test->names[test->name_count++] = id;
	return true;
}

static bool collect_names(struct test *test)
{
	bool good = true;

	for (size_t i = 0; i < test->dictionary->catalog.count; i++)
		good = good && add_name(test, sori_view_of(test->dictionary->catalog.categories[i].id));
	for (size_t i = 0; i < test->gold.count; i++) {
		const struct sori_gold_text *text = &test->gold.texts[i];

		for (size_t k = 0; k < text->wanted_count; k++)
			good = good && add_name(test, text->wanted[k]);
		for (size_t k = 0; k < text->unsure_count; k++)
			good = good && add_name(test, text->unsure[k]);
	}
	test->flags = good ? sori_alloc_zero(test->name_count + 1, 1) : NULL;
	return test->flags != NULL;
}

static bool is_praise(const struct test *test, size_t name)
{
	if (name < test->dictionary->catalog.count)
		return test->dictionary->catalog.categories[name].praise;
	return test->names[name].length > 7 && memcmp(test->names[name].at, "praise.", 7) == 0;
}

/* Whether the comma separated list names the text's language or source. */
static bool is_selected(const char *list, const struct sori_gold_text *text)
{
	struct sori_view rest = sori_view_of(list);

	if (!list)
		return true;
	for (;;) {
		const char *comma = rest.length ? memchr(rest.at, ',', rest.length) : NULL;
		struct sori_view item = sori_view_slice(rest, 0, comma ? (size_t)(comma - rest.at) : rest.length);

		if (sori_view_equal(item, text->language) || sori_view_equal(item, text->source))
			return true;
		if (!comma)
			return false;
		rest = sori_view_slice(rest, item.length + 1, rest.length);
	}
}

static struct scope *scope_of(struct test *test, enum by by, struct sori_view name)
{
	struct scope *scope;

	for (size_t i = 0; i < test->scope_count; i++)
		if (test->scopes[i].by == by && sori_view_equal(test->scopes[i].name, name))
			return &test->scopes[i];
	if (SORI_GROW(test->scopes, test->scope_capacity, test->scope_count + 1) != 0)
		return NULL;
	scope = &test->scopes[test->scope_count];
	*scope = (struct scope){by, name, 0, sori_alloc_zero(test->name_count + 1, sizeof *scope->cells)};
	if (!scope->cells)
		return NULL;
	test->scope_count++;
	return scope;
}

static bool count_text(struct test *test, enum by by, struct sori_view name)
{
	struct scope *scope = scope_of(test, by, name);

	if (!scope)
		return false;
	scope->texts++;
	for (size_t i = 0; i < test->name_count; i++) {
		if (test->flags[i] & UNSURE)
			continue;
		scope->cells[i].hit += (test->flags[i] & (WANTED | FOUND)) == (WANTED | FOUND);
		scope->cells[i].extra += (test->flags[i] & (WANTED | FOUND)) == FOUND;
		scope->cells[i].missing += (test->flags[i] & (WANTED | FOUND)) == WANTED;
	}
	return true;
}

static void set_flags(struct test *test, const struct sori_gold_text *text, const struct sori_record *record)
{
	memset(test->flags, 0, test->name_count);
	for (size_t i = 0; i < text->wanted_count; i++)
		test->flags[name_of(test, text->wanted[i])] |= WANTED;
	for (size_t i = 0; i < text->unsure_count; i++)
		test->flags[name_of(test, text->unsure[i])] |= UNSURE;
	for (size_t i = 0; i < test->dictionary->catalog.count; i++)
		if (record->categories[i / 64] >> (i % 64) & 1)
			test->flags[i] |= FOUND;
}

/* ---- texts that went wrong */

static bool is_wrong(uint8_t flags)
{
	return !(flags & UNSURE) && (flags == WANTED || flags == FOUND);
}

static bool wants_text(const struct test *test)
{
	bool any = test->wrong && strcmp(test->wrong, "any") == 0;

	for (size_t i = 0; test->wrong && i < test->name_count; i++)
		if (is_wrong(test->flags[i]) && (any || sori_view_is(test->names[i], test->wrong)))
			return true;
	return false;
}

static void add_names(struct test *test, uint8_t flags, bool only_wrong)
{
	struct sori_buffer *out = &test->wrong_out;
	bool first = true;

	for (size_t i = 0; i < test->name_count; i++) {
		if (only_wrong ? test->flags[i] != flags : !(test->flags[i] & flags))
			continue;
		if (test->json)
			sori_buffer_add_text(out, first ? "" : ",");
		else
			sori_buffer_add_byte(out, ' ');
		if (test->json)
			sori_buffer_add_json(out, test->names[i]);
		else
			sori_buffer_add_view(out, test->names[i]);
		first = false;
	}
	if (first && !test->json)
		sori_buffer_add_text(out, " -");
}

static void add_wrong_json(struct test *test, const struct sori_gold_text *text, const struct sori_batch *batch)
{
	const struct sori_record *record = &batch->records[0];
	struct sori_buffer *out = &test->wrong_out;
	struct sori_buffer masked;

	sori_buffer_init(&masked, (size_t)1 << 24);
	sori_mask_text(text->text, batch->masks.masks + record->mask_first, record->mask_count, &masked);
	sori_buffer_add_text(out, test->shown ? ",\n{\"id\":" : "\n{\"id\":");
	sori_buffer_add_json(out, text->id);
	sori_buffer_add_text(out, ",\"lang\":");
	sori_buffer_add_json(out, text->language);
	sori_buffer_add_text(out, ",\"source\":");
	sori_buffer_add_json(out, text->source);
	sori_buffer_add_text(out, ",\"text\":");
	sori_buffer_add_json(out, sori_buffer_view(&masked));
	sori_buffer_add_text(out, ",\"gold\":[");
	add_names(test, WANTED, false);
	sori_buffer_add_text(out, "],\"missing\":[");
	add_names(test, WANTED, true);
	sori_buffer_add_text(out, "],\"extra\":[");
	add_names(test, FOUND, true);
	sori_buffer_add_byte(out, ']');
	sori_extract_write_members(test->dictionary, batch, record, out);
	sori_buffer_add_byte(out, '}');
	out->failed |= masked.failed;
	sori_buffer_release(&masked);
}

static void add_wrong_text(struct test *test, const struct sori_gold_text *text, const struct sori_batch *batch)
{
	const struct sori_record *record = &batch->records[0];
	struct sori_buffer *out = &test->wrong_out;
	bool any = strcmp(test->wrong, "any") == 0;

	sori_buffer_add_view(out, text->id);
	sori_buffer_add_text(out, " [");
	sori_buffer_add_view(out, text->language);
	sori_buffer_add_text(out, "] ");
	sori_add_masked_line(batch, record, 0, text->text.length, out);
	sori_buffer_add_text(out, "\n    missing");
	add_names(test, WANTED, true);
	sori_buffer_add_text(out, "   extra");
	add_names(test, FOUND, true);
	sori_buffer_add_text(out, "   gold");
	add_names(test, WANTED, false);
	sori_buffer_add_byte(out, '\n');
	for (uint32_t i = 0; i < record->hit_count; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];
		const char *category = test->dictionary->catalog.categories[hit->category].id;
		struct sori_view entry = test->dictionary->entries[hit->entry].id;

		if (!any && strcmp(category, test->wrong) != 0)
			continue;
		sori_buffer_add_format(out, "    %s %s %.*s \"", hit->counted ? "counts" : "no    ", category, (int)entry.length,
				       entry.at);
		sori_add_masked_line(batch, record, hit->start, hit->end, out);
		sori_buffer_add_text(out, "\" ");
		sori_extract_write_tags(hit->tags, out);
		sori_buffer_add_byte(out, '\n');
	}
}

/* ---- the run over the texts */

static enum sori_status judge(struct test *test, const struct sori_gold_text *text, const struct sori_batch *batch,
			      struct sori_error *error)
{
	set_flags(test, text, &batch->records[0]);
	if (!count_text(test, BY_ALL, sori_view_of("")) || !count_text(test, BY_LANGUAGE, text->language) ||
	    !count_text(test, BY_SOURCE, text->source))
		return out_of_memory(error);
	if (wants_text(test) && test->shown < test->limit) {
		(test->json ? add_wrong_json : add_wrong_text)(test, text, batch);
		test->shown++;
	}
	return SORI_OK;
}

static enum sori_status run_texts(struct test *test, struct sori_error *error)
{
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	enum sori_status status = batch ? sori_matcher_new(&matcher, test->dictionary, error) : out_of_memory(error);

	for (size_t i = 0; status == SORI_OK && i < test->gold.count; i++) {
		const struct sori_gold_text *text = &test->gold.texts[i];

		if (!is_selected(test->only, text))
			continue;
		status = sori_extract_text(matcher, text->text, batch, error);
		if (status == SORI_OK)
			status = judge(test, text, batch, error);
	}
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	if (status == SORI_OK && test->scope_count == 0)
		status = sori_fail(error, SORI_DATA, "no gold text has the language or source '%s'", test->only);
	return status;
}

static int compare_scopes(const void *left, const void *right)
{
	const struct scope *a = left, *b = right;

	return a->by != b->by ? (a->by < b->by ? -1 : 1) : sori_view_compare(a->name, b->name);
}

/* ---- figures */

static struct cell micro_of(const struct test *test, const struct scope *scope, bool praise)
{
	struct cell sum = {0};

	for (size_t i = 0; i < test->name_count; i++)
		if (is_praise(test, i) == praise) {
			sum.hit += scope->cells[i].hit;
			sum.extra += scope->cells[i].extra;
			sum.missing += scope->cells[i].missing;
		}
	return sum;
}

static double f1_of(struct cell cell)
{
	double whole = 2.0 * cell.hit + cell.extra + cell.missing;

	return whole > 0 ? 2.0 * cell.hit / whole : NAN;
}

/* F1 = 2J / (1 + J) with J = hit / (hit + extra + missing), a share of the texts that either side names: Wilson's limits of J,
 * carried over by the same increasing function. */
static struct sori_interval f1_interval(struct cell cell)
{
	double named = (double)cell.hit + cell.extra + cell.missing;
	struct sori_interval j = {NAN, NAN};

	if (named > 0)
		j = sori_wilson_interval(cell.hit, named, 0.95);
	return (struct sori_interval){2 * j.low / (1 + j.low), 2 * j.high / (1 + j.high)};
}

static double macro_of(const struct test *test, const struct scope *scope, bool praise, size_t *categories)
{
	double sum = 0;

	*categories = 0;
	for (size_t i = 0; i < test->name_count; i++)
		if (is_praise(test, i) == praise && scope->cells[i].hit + scope->cells[i].missing >= MACRO_LEAST) {
			sum += f1_of(scope->cells[i]);
			++*categories;
		}
	return *categories ? sum / (double)*categories : NAN;
}

static void add_number(struct sori_buffer *out, double value, bool json)
{
	if (isnan(value))
		sori_buffer_add_text(out, json ? "null" : "    -");
	else
		sori_buffer_add_format(out, json ? "%.4f" : "%.3f", value);
}

static void add_share(struct sori_buffer *out, const char *name, uint32_t part, uint32_t whole, bool json)
{
	struct sori_interval interval = {NAN, NAN};

	if (whole)
		interval = sori_wilson_interval(part, whole, 0.95);
	if (json)
		sori_buffer_add_format(out, ",\"%s\":", name);
	else
		sori_buffer_add_text(out, "  ");
	add_number(out, whole ? (double)part / whole : NAN, json);
	if (json) {
		sori_buffer_add_format(out, ",\"%s_interval\":[", name);
		add_number(out, interval.low, true);
		sori_buffer_add_byte(out, ',');
		add_number(out, interval.high, true);
		sori_buffer_add_byte(out, ']');
	} else if (whole) {
		sori_buffer_add_format(out, " [%.2f %.2f]", interval.low, interval.high);
	} else {
		sori_buffer_add_text(out, "            ");
	}
}

static void add_figures(struct sori_buffer *out, struct cell cell, bool json)
{
	struct sori_interval f1 = f1_interval(cell);

	if (json)
		sori_buffer_add_format(out, "\"tp\":%u,\"fp\":%u,\"fn\":%u", cell.hit, cell.extra, cell.missing);
	add_share(out, "precision", cell.hit, cell.hit + cell.extra, json);
	add_share(out, "recall", cell.hit, cell.hit + cell.missing, json);
	sori_buffer_add_text(out, json ? ",\"f1\":" : "  ");
	add_number(out, f1_of(cell), json);
	if (json) {
		sori_buffer_add_text(out, ",\"f1_interval\":[");
		add_number(out, f1.low, true);
		sori_buffer_add_byte(out, ',');
		add_number(out, f1.high, true);
		sori_buffer_add_byte(out, ']');
		return;
	}
	if (isnan(f1.low))
		sori_buffer_add_text(out, "            ");
	else
		sori_buffer_add_format(out, " [%.2f %.2f]", f1.low, f1.high);
	sori_buffer_add_format(out, "  %5u %5u %5u", cell.hit, cell.extra, cell.missing);
}

static bool is_empty(struct cell cell)
{
	return !cell.hit && !cell.extra && !cell.missing;
}

static const char *const by_names[] = {"all", "language", "source"};

static void add_scope_json(struct test *test, const struct scope *scope)
{
	struct sori_buffer *out = &test->out;
	bool first = true;

	sori_buffer_add_format(out, "\n{\"by\":\"%s\",\"name\":", by_names[scope->by]);
	sori_buffer_add_json(out, scope->name);
	sori_buffer_add_format(out, ",\"texts\":%zu", scope->texts);
	for (int praise = 0; praise < 2; praise++) {
		size_t categories;
		double macro = macro_of(test, scope, praise, &categories);

		sori_buffer_add_text(out, praise ? ",\"praise\":{" : ",\"pain\":{");
		add_figures(out, micro_of(test, scope, praise), true);
		sori_buffer_add_text(out, ",\"macro_f1\":");
		add_number(out, macro, true);
		sori_buffer_add_format(out, ",\"macro_categories\":%zu}", categories);
	}
	sori_buffer_add_text(out, ",\"categories\":[");
	for (size_t i = 0; i < test->name_count; i++) {
		if (is_empty(scope->cells[i]))
			continue;
		sori_buffer_add_text(out, first ? "{\"category\":" : ",{\"category\":");
		sori_buffer_add_json(out, test->names[i]);
		sori_buffer_add_byte(out, ',');
		add_figures(out, scope->cells[i], true);
		sori_buffer_add_byte(out, '}');
		first = false;
	}
	sori_buffer_add_text(out, "]}");
}

/* A label of `width` columns at least; its own width is counted in code points, ids being Latin. */
static void add_label(struct sori_buffer *out, const char *lead, struct sori_view name, size_t width)
{
	size_t used = strlen(lead);

	sori_buffer_add_text(out, lead);
	sori_buffer_add_view(out, name);
	for (size_t i = 0; i < name.length; i++)
		used += ((unsigned char)name.at[i] & 0xc0) != 0x80;
	for (; used < width; used++)
		sori_buffer_add_byte(out, ' ');
}

#define LABEL_WIDTH 36u
#define HEAD "  precision [95%%]     recall [95%%]        F1 [95%%]            tp    fp    fn"

static void add_scope_text(struct test *test, const struct scope *scope)
{
	static const char *const leads[] = {"all", "language ", "source "};
	struct sori_buffer *out = &test->out;

	for (int praise = 0; praise < 2; praise++) {
		size_t categories;
		double macro = macro_of(test, scope, praise, &categories);
		struct cell sum = micro_of(test, scope, praise);

		if (is_empty(sum))
			continue;
		add_label(out, leads[scope->by], scope->name, LABEL_WIDTH - 7);
		sori_buffer_add_text(out, praise ? " praise" : " pain  ");
		add_figures(out, sum, false);
		sori_buffer_add_text(out, "  ");
		add_number(out, macro, false);
		sori_buffer_add_format(out, " (%zu)\n", categories);
	}
}

static bool is_asked_for(const struct test *test, enum by by)
{
	struct sori_view list = sori_view_of(sori_cli_value(test->cli, "by"));

	return list.length && (sori_view_is(list, by_names[by]) || sori_view_is(list, "language,source") || sori_view_is(list, "source,language"));
}

static void add_categories_text(struct test *test, const struct scope *scope)
{
	struct sori_buffer *out = &test->out;
	char head[200];

	if (scope->by == BY_ALL)
		(void)snprintf(head, sizeof head, "category");
	else
		(void)snprintf(head, sizeof head, "category, %s %.*s", by_names[scope->by], (int)(scope->name.length < 100 ? scope->name.length : 100),
			       scope->name.at);
	sori_buffer_add_format(out, "\n%-*s" HEAD "\n", (int)LABEL_WIDTH, head);
	for (size_t i = 0; i < test->name_count; i++) {
		if (is_empty(scope->cells[i]))
			continue;
		add_label(out, "", test->names[i], LABEL_WIDTH);
		add_figures(out, scope->cells[i], false);
		sori_buffer_add_byte(out, '\n');
	}
}

static void add_report_text(struct test *test)
{
	struct sori_buffer *out = &test->out;

	sori_buffer_add_view(out, sori_buffer_view(&test->wrong_out));
	if (test->shown)
		sori_buffer_add_byte(out, '\n');
	sori_buffer_add_format(out, "%-*s" HEAD "  macro F1 (categories of %u texts or more)\n", (int)LABEL_WIDTH, "micro",
			       MACRO_LEAST);
	for (size_t i = 0; i < test->scope_count; i++)
		add_scope_text(test, &test->scopes[i]);
	for (size_t i = 0; i < test->scope_count; i++)
		if (test->scopes[i].by == BY_ALL || is_asked_for(test, test->scopes[i].by))
			add_categories_text(test, &test->scopes[i]);
}

static void add_report_json(struct test *test)
{
	struct sori_buffer *out = &test->out;

	sori_buffer_add_text(out, "{\"scopes\":[");
	for (size_t i = 0; i < test->scope_count; i++) {
		if (i)
			sori_buffer_add_byte(out, ',');
		add_scope_json(test, &test->scopes[i]);
	}
	sori_buffer_add_text(out, "\n],\"wrong\":[");
	sori_buffer_add_view(out, sori_buffer_view(&test->wrong_out));
	sori_buffer_add_text(out, "]}\n");
}

static enum sori_status read_options(struct test *test, struct sori_error *error)
{
	const char *format = sori_cli_value(test->cli, "format"), *by = sori_cli_value(test->cli, "by");

	if (test->cli->operand_count != 2)
		return sori_fail(error, SORI_USAGE, "dict test takes one gold set; see sori dict --help");
	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return sori_fail(error, SORI_USAGE, "--format takes text or json, not '%s'", format);
	if (by && strcmp(by, "language") != 0 && strcmp(by, "source") != 0 && strcmp(by, "language,source") != 0 &&
	    strcmp(by, "source,language") != 0)
		return sori_fail(error, SORI_USAGE, "--by takes language, source or both, not '%s'", by);
	test->json = format && strcmp(format, "json") == 0;
	test->only = sori_cli_value(test->cli, "only");
	test->wrong = sori_cli_value(test->cli, "wrong");
	return sori_cli_limit(test->cli, "limit", 1000, &test->limit, error);
}

static enum sori_status run_test(struct test *test, struct sori_error *error)
{
	enum sori_status status = read_options(test, error);

	if (status == SORI_OK)
		status = sori_gold_read(&test->gold, test->cli->operands[1], error);
	if (status == SORI_OK)
		status = sori_cli_dictionary(test->cli, &test->dictionary, error);
	if (status == SORI_OK && !collect_names(test))
		status = out_of_memory(error);
	if (status == SORI_OK && test->wrong && strcmp(test->wrong, "any") != 0 &&
	    name_of(test, sori_view_of(test->wrong)) == test->name_count)
		status = sori_fail(error, SORI_USAGE, "--wrong takes a category or any; there is no '%s'", test->wrong);
	if (status == SORI_OK)
		status = run_texts(test, error);
	if (status != SORI_OK)
		return status;
	qsort(test->scopes, test->scope_count, sizeof *test->scopes, compare_scopes);
	(test->json ? add_report_json : add_report_text)(test);
	if (test->out.failed || test->wrong_out.failed)
		return out_of_memory(error);
	return sori_cli_print(sori_buffer_view(&test->out), error);
}

enum sori_status sori_dict_test(struct sori_cli *cli, struct sori_error *error)
{
	struct test test = {.cli = cli};
	enum sori_status status;

	sori_buffer_init(&test.out, (size_t)1 << 30);
	sori_buffer_init(&test.wrong_out, (size_t)1 << 30);
	status = run_test(&test, error);
	for (size_t i = 0; i < test.scope_count; i++)
		sori_free(test.scopes[i].cells);
	sori_free(test.scopes);
	sori_free(test.names);
	sori_free(test.flags);
	sori_buffer_release(&test.out);
	sori_buffer_release(&test.wrong_out);
	sori_gold_release(&test.gold);
	sori_dictionary_free(test.dictionary);
	return status;
}
