/* Reads labelled sheets back into the store, or a gold set, or judges the labelled texts anew under the dictionaries of now;
 * then prints how often each category is right and how much of it is found. A sheet is checked as a whole before anything
 * is written, and all of it is written in one transaction: reading it twice changes nothing. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/memory.h"
#include "pipeline/cli/analysis.h"
#include "pipeline/cli/dict_tools.h"
#include "pipeline/cli/gold.h"
#include "pipeline/cli/sheet.h"
#include "pipeline/core/classifier.h"
#include "stages/extract/dictionary.h"

#define RANDOM "*random"
#define WORD_LIMIT 256 /* as many categories as there can be */

static const struct sori_cli_option options[] = {
	{"store", 0, "FILE", false, "the store that keeps the judgements (DIR/store.db)"},
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"gold", 0, "FILE", false, "a curated gold set: its precision and recall, for categories without labels"},
	{"rescore", 0, NULL, false, "what these dictionaries make of the random texts that were labelled before"},
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"format", 'f', "F", false, "text, csv or json"},
	{0},
};

struct labelling {
	struct sori_cli *cli;
	struct sori_dictionary *dictionary;
	char hash[33];
	sqlite3 *database;
	struct sori_arena arena;
	size_t judged, open, changed;
};

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status exec(struct labelling *labelling, const char *sql, struct sori_error *error)
{
	if (sqlite3_exec(labelling->database, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_IO, "the store cannot be written: %s", sqlite3_errmsg(labelling->database));
	return SORI_OK;
}

/* ---- a sheet */

struct columns {
	size_t id, drawn, fraction, dictionary, day, text, predicted, labels, unsure;
};

static enum sori_status find_columns(const struct sori_sheet *sheet, struct columns *columns, struct sori_error *error)
{
	const struct {
		const char *name;
		size_t *column;
	} needed[] = {{"id", &columns->id}, {"drawn", &columns->drawn}, {"dictionary", &columns->dictionary}, {"day", &columns->day},
		      {"text", &columns->text}, {"predicted", &columns->predicted}, {"labels", &columns->labels}};
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < sizeof needed / sizeof *needed && status == SORI_OK; i++)
		status = sori_sheet_need(sheet, needed[i].name, needed[i].column, error);
	columns->fraction = sori_sheet_column(sheet, "fraction");
	columns->unsure = sori_sheet_column(sheet, "unsure");
	return status;
}

static struct sori_view cell(const struct sori_sheet *sheet, size_t row, size_t column)
{
	struct sori_view text;

	if (column == SORI_SHEET_NONE)
		return sori_view_of("");
	text = sori_view_trim(sori_sheet_cell(sheet, row, column));
	if (text.length && text.at[0] == '\'') /* what keeps a spreadsheet from reading a formula */
		text = sori_view_slice(text, 1, text.length);
	return text;
}

static const char *category_name(size_t index, const void *user)
{
	const struct sori_catalog *catalog = user;

	return index < catalog->count ? catalog->categories[index].id : NULL;
}

static bool is_category(const struct labelling *labelling, struct sori_view id)
{
	for (size_t i = 0; i < labelling->dictionary->catalog.count; i++)
		if (sori_view_is(id, labelling->dictionary->catalog.categories[i].id))
			return true;
	return false;
}

static bool is_none(struct sori_view word)
{
	return sori_view_is(word, "-") || sori_view_is(word, "none") || sori_view_is(word, "없음");
}

static struct sori_view next_word(struct sori_view *rest)
{
	struct sori_view word;
	size_t length = 0;

	while (rest->length && strchr(" ,;/\t\r\n", *rest->at))
		*rest = sori_view_slice(*rest, 1, rest->length);
	while (length < rest->length && !strchr(" ,;/\t\r\n", rest->at[length]))
		length++;
	word = sori_view_slice(*rest, 0, length);
	*rest = sori_view_slice(*rest, length, rest->length);
	return word;
}

static int compare_words(const void *left, const void *right)
{
	return sori_view_compare(*(const struct sori_view *)left, *(const struct sori_view *)right);
}

/* Ids sorted, once each, blanks between. With `checked` each must be a category. */
static enum sori_status tidy(struct labelling *labelling, const struct sori_sheet *sheet, size_t row, struct sori_view cell_text,
			     const char *column, bool checked, struct sori_view *out, struct sori_error *error)
{
	struct sori_view words[WORD_LIMIT];
	size_t count = 0;
	struct sori_buffer text;

	for (struct sori_view rest = cell_text, word = next_word(&rest); word.length; word = next_word(&rest)) {
		if (is_none(word))
			continue;
		if (checked && !is_category(labelling, word)) {
			char name[65];
			const char *near;

			(void)snprintf(name, sizeof name, "%.*s", (int)(word.length < 64 ? word.length : 64), word.at);
			near = sori_cli_nearest(name, category_name, &labelling->dictionary->catalog);
			return sori_sheet_fail(sheet, row, error, "%s: '%s' is no category%s%s%s", column, name, near ? "; '" : "",
					       near ? near : "", near ? "'?" : " of these dictionaries");
		}
		if (count == WORD_LIMIT)
			return sheet ? sori_sheet_fail(sheet, row, error, "%s: more than %d categories", column, WORD_LIMIT)
				     : sori_fail(error, SORI_DATA, "a text was drawn for more than %d categories", WORD_LIMIT);
		words[count++] = word;
	}
	if (count)
		qsort(words, count, sizeof *words, compare_words);
	sori_buffer_init(&text, (size_t)1 << 16);
	for (size_t i = 0; i < count; i++) {
		if (i && sori_view_equal(words[i], words[i - 1]))
			continue;
		if (text.length)
			sori_buffer_add_byte(&text, ' ');
		sori_buffer_add_view(&text, words[i]);
	}
	*out = sori_arena_copy(&labelling->arena, sori_buffer_view(&text));
	if (text.failed || (text.length && !out->at)) {
		sori_buffer_release(&text);
		return no_memory(error);
	}
	sori_buffer_release(&text);
	return SORI_OK;
}

static bool is_hash(struct sori_view text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!strchr("0123456789abcdef", text.at[i]))
			return false;
	return text.length == 32;
}

/* *judged false: the labels are empty. */
static enum sori_status read_row(struct labelling *labelling, const struct sori_sheet *sheet, const struct columns *columns,
				 size_t row, struct sori_label *label, bool *judged, struct sori_error *error)
{
	struct sori_view day = cell(sheet, row, columns->day), labels = cell(sheet, row, columns->labels),
			 unsure = cell(sheet, row, columns->unsure);
	enum sori_status status;

	*label = (struct sori_label){.identity = cell(sheet, row, columns->id), .dictionary = cell(sheet, row, columns->dictionary),
				     .day = SORI_DAY_NONE, .fraction = cell(sheet, row, columns->fraction),
				     .text = cell(sheet, row, columns->text)};
	*judged = labels.length > 0;
	if (!*judged && unsure.length)
		return sori_sheet_fail(sheet, row, error, "unsure is filled in and labels is empty; write - when there is no category");
	if (!is_hash(label->identity))
		return sori_sheet_fail(sheet, row, error, "id: '%.*s' is none of a sheet of sori sample",
				       (int)(label->identity.length < 40 ? label->identity.length : 40), label->identity.at);
	if (!is_hash(label->dictionary))
		return sori_sheet_fail(sheet, row, error, "dictionary: the hash of the dictionaries is damaged");
	if (day.length && !sori_day_parse_iso(day, &label->day))
		return sori_sheet_fail(sheet, row, error, "day: '%.*s' is not YYYY-MM-DD; a spreadsheet may have changed it",
				       (int)(day.length < 40 ? day.length : 40), day.at);
	if (!sori_view_trim(cell(sheet, row, columns->drawn)).length)
		return sori_sheet_fail(sheet, row, error, "drawn is empty: without it nobody knows what the text stands for");
	status = tidy(labelling, sheet, row, labels, "labels", true, &label->wanted, error);
	if (status == SORI_OK)
		status = tidy(labelling, sheet, row, unsure, "unsure", true, &label->unsure, error);
	if (status == SORI_OK)
		status = tidy(labelling, sheet, row, cell(sheet, row, columns->predicted), "predicted", false, &label->found, error);
	if (status == SORI_OK)
		status = tidy(labelling, sheet, row, cell(sheet, row, columns->drawn), "drawn", false, &label->drawn, error);
	return status;
}

static int compare_identities(const void *left, const void *right)
{
	const struct sori_label *const *a = left, *const *b = right;
	int order = sori_view_compare((*a)->identity, (*b)->identity);

	return order ? order : sori_view_compare((*a)->dictionary, (*b)->dictionary);
}

/* The same text twice on a sheet must be judged alike. */
static enum sori_status check_twice(struct labelling *labelling, const struct sori_sheet *sheet, const struct sori_label *labels,
				    size_t count, const size_t *rows, struct sori_error *error)
{
	const struct sori_label **sorted = sori_arena_zero(&labelling->arena, count + 1, sizeof *sorted);

	if (!sorted)
		return no_memory(error);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &labels[i];
	if (count)
		qsort(sorted, count, sizeof *sorted, compare_identities);
	for (size_t i = 1; i < count; i++)
		if (compare_identities(&sorted[i - 1], &sorted[i]) == 0 &&
		    (!sori_view_equal(sorted[i]->wanted, sorted[i - 1]->wanted) || !sori_view_equal(sorted[i]->unsure, sorted[i - 1]->unsure))) {
			size_t a = rows[sorted[i] - labels], b = rows[sorted[i - 1] - labels];

			return sori_sheet_fail(sheet, a > b ? a : b, error, "the text of line %llu stands here again with other labels",
					       (unsigned long long)sheet->lines[a > b ? b : a]);
		}
	return SORI_OK;
}

/* A text on two sheets was drawn for both reasons. */
static enum sori_status join_drawn(struct labelling *labelling, struct sori_label *label, struct sori_error *error)
{
	sqlite3_stmt *statement;
	struct sori_buffer words;
	enum sori_status status = SORI_OK;

	if (sqlite3_prepare_v2(labelling->database, "SELECT drawn, fraction FROM label WHERE identity = ?1 AND dictionary = ?2", -1,
			       &statement, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(labelling->database));
	(void)sqlite3_bind_text(statement, 1, label->identity.at, (int)label->identity.length, SQLITE_STATIC);
	(void)sqlite3_bind_text(statement, 2, label->dictionary.at, (int)label->dictionary.length, SQLITE_STATIC);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		sori_buffer_init(&words, (size_t)1 << 16);
		sori_buffer_add_view(&words, label->drawn);
		sori_buffer_add_byte(&words, ' ');
		sori_buffer_add_text(&words, (const char *)sqlite3_column_text(statement, 0));
		status = tidy(labelling, NULL, 0, sori_buffer_view(&words), "drawn", false, &label->drawn, error);
		if (!label->fraction.length) {
			label->fraction = sori_arena_copy(&labelling->arena, sori_view_of((const char *)sqlite3_column_text(statement, 1)));
			if (!label->fraction.at)
				label->fraction = sori_view_of("");
		}
		sori_buffer_release(&words);
	}
	(void)sqlite3_finalize(statement);
	return status;
}

static enum sori_status put_labels(struct labelling *labelling, struct sori_label *labels, size_t count, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < count && status == SORI_OK; i++) {
		bool changed = false;

		status = join_drawn(labelling, &labels[i], error);
		if (status == SORI_OK)
			status = sori_classifier_put(labelling->database, &labels[i], &changed, error);
		labelling->changed += changed;
	}
	return status;
}

static enum sori_status read_sheet(struct labelling *labelling, const char *path, struct sori_error *error)
{
	struct sori_sheet sheet;
	struct columns columns;
	struct sori_label *labels;
	size_t *rows, count = 0;
	enum sori_status status = sori_sheet_read(&sheet, path, error);

	if (status != SORI_OK)
		return status;
	status = find_columns(&sheet, &columns, error);
	labels = sori_alloc_zero(sheet.rows + 1, sizeof *labels);
	rows = sori_alloc_zero(sheet.rows + 1, sizeof *rows);
	if (status == SORI_OK && (!labels || !rows))
		status = no_memory(error);
	for (size_t row = 0; row < sheet.rows && status == SORI_OK; row++) {
		bool judged;

		status = read_row(labelling, &sheet, &columns, row, &labels[count], &judged, error);
		if (!judged) {
			labelling->open++;
			continue;
		}
		rows[count++] = row;
	}
	if (status == SORI_OK)
		status = check_twice(labelling, &sheet, labels, count, rows, error);
	if (status == SORI_OK)
		status = put_labels(labelling, labels, count, error);
	labelling->judged += count;
	sori_free(labels);
	sori_free(rows);
	sori_sheet_release(&sheet);
	return status;
}

/* ---- texts through the dictionaries of now */

static void add_counted(const struct labelling *labelling, const struct sori_batch *batch, struct sori_buffer *ids)
{
	const struct sori_record *record = &batch->records[0];

	for (size_t c = 0; c < labelling->dictionary->catalog.count; c++)
		if (record->categories[c / 64] >> (c % 64) & 1) {
			if (ids->length)
				sori_buffer_add_byte(ids, ' ');
			sori_buffer_add_text(ids, labelling->dictionary->catalog.categories[c].id);
		}
}

static struct sori_view column(sqlite3_stmt *statement, int number)
{
	const char *at = (const char *)sqlite3_column_text(statement, number);

	return sori_view_make(at ? at : "", at ? (size_t)sqlite3_column_bytes(statement, number) : 0);
}

static enum sori_status rescore_row(struct labelling *labelling, sqlite3_stmt *row, struct sori_matcher *matcher,
				    struct sori_batch *batch, struct sori_error *error)
{
	struct sori_label label = {.identity = column(row, 0), .dictionary = sori_view_of(labelling->hash),
				   .day = (sori_day)sqlite3_column_int64(row, 1), .drawn = sori_view_of(RANDOM), .fraction = column(row, 2),
				   .wanted = column(row, 3), .unsure = column(row, 4), .text = column(row, 5)};
	struct sori_buffer ids;
	bool changed = false;
	enum sori_status status = sori_extract_text(matcher, label.text, batch, error);

	sori_buffer_init(&ids, (size_t)1 << 16);
	if (status == SORI_OK)
		add_counted(labelling, batch, &ids);
	label.found = sori_buffer_view(&ids);
	if (status == SORI_OK)
		status = ids.failed ? no_memory(error) : sori_classifier_put(labelling->database, &label, &changed, error);
	labelling->changed += changed;
	labelling->judged++;
	sori_buffer_release(&ids);
	return status;
}

/* Of each text the judgement of the dictionary that came last; only random ones: the strata were drawn by other hits. */
static enum sori_status rescore(struct labelling *labelling, struct sori_error *error)
{
	static const char sql[] =
		"SELECT identity, day, fraction, wanted, unsure, text FROM label l WHERE (' ' || drawn || ' ') LIKE '% *random %'"
		" AND dictionary <> ?1 AND NOT EXISTS (SELECT 1 FROM label n WHERE n.identity = l.identity AND n.dictionary = ?1)"
		" GROUP BY identity HAVING max(coalesce((SELECT d.dictionary FROM dictionary d WHERE d.hash = l.dictionary), 0)) >= 0"
		" ORDER BY identity";
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	sqlite3_stmt *statement = NULL;
	enum sori_status status = batch ? sori_matcher_new(&matcher, labelling->dictionary, error) : no_memory(error);

	if (status == SORI_OK && sqlite3_prepare_v2(labelling->database, sql, -1, &statement, NULL) != SQLITE_OK)
		status = sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(labelling->database));
	if (status == SORI_OK)
		(void)sqlite3_bind_text(statement, 1, labelling->hash, -1, SQLITE_STATIC);
	while (status == SORI_OK && sqlite3_step(statement) == SQLITE_ROW)
		status = rescore_row(labelling, statement, matcher, batch, error);
	(void)sqlite3_finalize(statement);
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	return status;
}

/* ---- a gold set */

static bool has(const struct sori_view *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (sori_view_is(ids[i], id))
			return true;
	return false;
}

static void judge_gold(const struct labelling *labelling, const struct sori_gold_text *text, const struct sori_record *record,
		       struct sori_gold_counts *counts)
{
	for (size_t c = 0; c < labelling->dictionary->catalog.count; c++) {
		const char *id = labelling->dictionary->catalog.categories[c].id;
		bool found = record->categories[c / 64] >> (c % 64) & 1, wanted = has(text->wanted, text->wanted_count, id);

		counts[c].texts++;
		if (has(text->unsure, text->unsure_count, id))
			continue;
		counts[c].tp += found && wanted;
		counts[c].fp += found && !wanted;
		counts[c].fn += !found && wanted;
		counts[c].tn += !found && !wanted;
	}
}

static enum sori_status read_gold(struct labelling *labelling, const char *path, struct sori_error *error)
{
	size_t categories = labelling->dictionary->catalog.count;
	struct sori_gold_counts *counts = sori_arena_zero(&labelling->arena, categories + 1, sizeof *counts);
	const char *slash = strrchr(path, '/');
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	struct sori_gold gold;
	enum sori_status status = sori_gold_read(&gold, path, error);

	if (status == SORI_OK && (!counts || !batch))
		status = no_memory(error);
	if (status == SORI_OK)
		status = sori_matcher_new(&matcher, labelling->dictionary, error);
	for (size_t i = 0; i < gold.count && status == SORI_OK; i++) {
		status = sori_extract_text(matcher, gold.texts[i].text, batch, error);
		if (status == SORI_OK)
			judge_gold(labelling, &gold.texts[i], &batch->records[0], counts);
	}
	for (size_t c = 0; c < categories && status == SORI_OK; c++) {
		counts[c].category = sori_view_of(labelling->dictionary->catalog.categories[c].id);
		counts[c].dictionary = sori_view_of(labelling->hash);
		counts[c].name = sori_view_of(slash ? slash + 1 : path);
		status = sori_classifier_put_gold(labelling->database, &counts[c], error);
	}
	labelling->judged += gold.count;
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	sori_gold_release(&gold);
	return status;
}

/* ---- what is known now */

static void add_share_text(struct sori_buffer *out, const struct sori_classifier_share *share)
{
	if (share->basis == SORI_BASIS_NONE)
		sori_buffer_add_format(out, "  %-26s", "-");
	else
		sori_buffer_add_format(out, "  %.3f [%.2f %.2f] %5llu %c", share->value, share->low, share->high,
				       (unsigned long long)share->judged, share->basis == SORI_BASIS_GOLD ? 'g' : ' ');
}

static void add_share_json(struct sori_buffer *out, const char *name, const struct sori_classifier_share *share)
{
	if (share->basis == SORI_BASIS_NONE)
		sori_buffer_add_format(out, ",\"%s\":null", name);
	else
		sori_buffer_add_format(out, ",\"%s\":{\"value\":%.6f,\"low\":%.6f,\"high\":%.6f,\"right\":%llu,\"judged\":%llu,\"basis\":\"%s\"}",
				       name, share->value, share->low, share->high, (unsigned long long)share->right,
				       (unsigned long long)share->judged, sori_classifier_basis_id(share->basis));
}

static void add_share_csv(struct sori_buffer *out, const struct sori_classifier_share *share)
{
	if (share->basis == SORI_BASIS_NONE)
		sori_buffer_add_text(out, ",,,,0,none");
	else
		sori_buffer_add_format(out, ",%.6f,%.6f,%.6f,%llu,%s", share->value, share->low, share->high,
				       (unsigned long long)share->judged, sori_classifier_basis_id(share->basis));
}

static void add_text(const struct sori_classifier *c, struct sori_buffer *out)
{
	char first[11], last[11];

	sori_day_text(c->first, first);
	sori_day_text(c->last, last);
	sori_buffer_add_format(out, "dictionary %s%s\n", c->dictionary, c->current ? "" : " (not the one of now: --rescore)");
	sori_buffer_add_format(out, "labelled: %llu texts at random%s%s%s%s, %llu drawn per category; gold set: %llu texts%s%s\n\n",
			       (unsigned long long)c->random_texts, c->first == SORI_DAY_NONE ? "" : " of ", first,
			       c->first == c->last ? "" : " to ", c->first == c->last ? "" : last, (unsigned long long)c->stratified_texts,
			       (unsigned long long)c->gold_texts, c->gold_name[0] ? " of " : "", c->gold_name);
	sori_buffer_add_format(out, "%-24s  %-26s  %-26s  %-26s\n", "category", "precision [95%] texts", "recall [95%] texts",
			       "specificity [95%] texts");
	for (size_t i = 0; i < c->count; i++) {
		sori_buffer_add_format(out, "%-24s", c->categories[i].id);
		add_share_text(out, &c->categories[i].precision);
		add_share_text(out, &c->categories[i].recall);
		add_share_text(out, &c->categories[i].specificity);
		sori_buffer_add_byte(out, '\n');
	}
	sori_buffer_add_text(out, "\nprecision: texts drawn at random and for the category; recall, specificity: at random; g: gold set, "
				  "whose texts were chosen and not drawn\n");
}

static void add_json(const struct sori_classifier *c, struct sori_buffer *out)
{
	sori_buffer_add_format(out, "{\"dictionary\":\"%s\",\"current\":%s,\"random_texts\":%llu,\"stratified_texts\":%llu,\"gold_texts\":%llu,\"categories\":[",
			       c->dictionary, c->current ? "true" : "false", (unsigned long long)c->random_texts,
			       (unsigned long long)c->stratified_texts, (unsigned long long)c->gold_texts);
	for (size_t i = 0; i < c->count; i++) {
		sori_buffer_add_text(out, i ? ",\n{\"category\":" : "\n{\"category\":");
		sori_buffer_add_json(out, sori_view_of(c->categories[i].id));
		add_share_json(out, "precision", &c->categories[i].precision);
		add_share_json(out, "recall", &c->categories[i].recall);
		add_share_json(out, "specificity", &c->categories[i].specificity);
		sori_buffer_add_byte(out, '}');
	}
	sori_buffer_add_text(out, "]}\n");
}

static void add_csv(const struct sori_classifier *c, struct sori_buffer *out)
{
	sori_buffer_add_text(out, "category,precision,precision_low,precision_high,precision_texts,precision_basis,recall,recall_low,recall_high,"
				  "recall_texts,recall_basis,specificity,specificity_low,specificity_high,specificity_texts,specificity_basis\n");
	for (size_t i = 0; i < c->count; i++) {
		sori_buffer_add_text(out, c->categories[i].id);
		add_share_csv(out, &c->categories[i].precision);
		add_share_csv(out, &c->categories[i].recall);
		add_share_csv(out, &c->categories[i].specificity);
		sori_buffer_add_byte(out, '\n');
	}
}

static enum sori_status show(struct labelling *labelling, enum sori_analysis_format format, struct sori_error *error)
{
	struct sori_classifier *classifier;
	struct sori_buffer out;
	enum sori_status status = sori_classifier_load(&classifier, labelling->database, labelling->hash, error);

	if (status != SORI_OK)
		return status;
	sori_buffer_init(&out, (size_t)1 << 24);
	if (format == SORI_ANALYSIS_JSON)
		add_json(classifier, &out);
	else if (format == SORI_ANALYSIS_CSV)
		add_csv(classifier, &out);
	else if (!classifier->dictionary[0])
		sori_buffer_add_text(&out, "nothing is labelled yet: sori sample writes a sheet\n");
	else
		add_text(classifier, &out);
	sori_classifier_free(classifier);
	status = out.failed ? no_memory(error) : sori_cli_print(sori_buffer_view(&out), error);
	sori_buffer_release(&out);
	return status;
}

/* ---- the command */

static enum sori_status take_all(struct labelling *labelling, struct sori_error *error)
{
	const char *gold = sori_cli_value(labelling->cli, "gold");
	enum sori_status status = sori_classifier_prepare(labelling->database, error);

	if (status == SORI_OK)
		status = exec(labelling, "BEGIN IMMEDIATE", error);
	if (status != SORI_OK)
		return status;
	for (size_t i = 0; i < labelling->cli->operand_count && status == SORI_OK; i++)
		status = read_sheet(labelling, labelling->cli->operands[i], error);
	if (status == SORI_OK && gold)
		status = read_gold(labelling, gold, error);
	if (status == SORI_OK && sori_cli_flag(labelling->cli, "rescore"))
		status = rescore(labelling, error);
	if (status == SORI_OK)
		return exec(labelling, "COMMIT", error);
	(void)sqlite3_exec(labelling->database, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

static enum sori_status open_store(const struct sori_cli *cli, bool write, struct sori_store **store, struct sori_error *error)
{
	const char *out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out", *given = sori_cli_value(cli, "store");
	char path[4200];
	struct sori_store *there;
	struct sori_error ignored;
	enum sori_status status;

	if (snprintf(path, sizeof path, "%s%s", given ? given : out, given ? "" : "/store.db") >= (int)sizeof path)
		return sori_fail(error, SORI_USAGE, "the path of the store is too long");
	status = sori_store_open(&there, path, false, error); /* a store that is not there is not made here */
	if (status != SORI_OK || !write) {
		*store = there;
		return status;
	}
	(void)sori_store_close(there, &ignored);
	return sori_store_open(store, path, true, error);
}

static enum sori_status label_run(struct sori_cli *cli, struct sori_error *error)
{
	struct labelling labelling = {.cli = cli};
	bool writes = cli->operand_count || sori_cli_value(cli, "gold") || sori_cli_flag(cli, "rescore");
	enum sori_analysis_format format;
	struct sori_store *store = NULL;
	struct sori_error closing;
	enum sori_status status = sori_analysis_format(cli, &format, error);

	sori_arena_init(&labelling.arena, (size_t)64 * 1024);
	if (status == SORI_OK)
		status = sori_cli_dictionary(cli, &labelling.dictionary, error);
	if (status == SORI_OK) {
		sori_hash128_text(labelling.dictionary->catalog.hash, labelling.hash);
		status = open_store(cli, writes, &store, error);
	}
	if (status == SORI_OK) {
		labelling.database = sori_store_connection(store);
		if (writes)
			status = take_all(&labelling, error);
	}
	if (status == SORI_OK && writes)
		sori_cli_note(cli, "%zu texts judged, %zu of them new or changed, %zu not judged yet", labelling.judged, labelling.changed,
			      labelling.open);
	if (status == SORI_OK)
		status = show(&labelling, format, error);
	if (store && sori_store_close(store, &closing) != SORI_OK && status == SORI_OK) {
		*error = closing;
		status = closing.status;
	}
	sori_dictionary_free(labelling.dictionary);
	sori_arena_release(&labelling.arena);
	return status;
}

const struct sori_command sori_command_label = {
	.name = "label",
	.summary = "reads labelled sheets back and tells how far each category can be trusted",
	.operands = "[SHEET…]",
	.examples = "  sori label sheet.csv --store=sori-out/store.db\n  sori label --gold=gold.jsonl\n",
	.details = "SHEET is one of sori sample with its labels filled in. All of it is checked first; then every judgement is\n"
		   "stored with the hash of the dictionaries that made the predictions. Reading a sheet again changes nothing, a\n"
		   "corrected label replaces the old one.\n\n"
		   "Shown, and put into reports: precision (texts drawn at random or for the category), recall and specificity\n"
		   "(texts drawn at random), each with Wilson's 95 % interval. --gold fills in categories without labels and is\n"
		   "marked. Reports correct a share (Rogan and Gladen) only from texts drawn at random. When the dictionaries\n"
		   "have changed, --rescore puts the random texts through the new ones. Without SHEET it only shows.\n",
	.options = options,
	.run = label_run,
};
