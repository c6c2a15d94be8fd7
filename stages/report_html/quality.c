/* The data quality section: what was read and how much of it, what was left out and why, which dictionary counted. */
#include <string.h>

#include "stages/report_html/page.h"

#define INPUTS_SHOWN 40

static void add_cell(struct page *page, uint64_t value)
{
	page_raw(page, "<td>");
	page_number(page, value);
}

static void add_counts(struct page *page, const struct sori_report_input *input)
{
	add_cell(page, input->read);
	add_cell(page, input->accepted);
	add_cell(page, input->rejected);
	add_cell(page, input->duplicate);
	add_cell(page, input->replaced);
	add_cell(page, input->undated);
}

static void add_note(struct page *page, const char *text)
{
	if (!*text)
		return;
	page_raw(page, "<p class=problem>");
	page_text(page, text);
	page_raw(page, "</p>");
}

static void add_input(struct page *page, const struct sori_report_input *input)
{
	bool good = strcmp(input->status, "ok") == 0;
	page_raw(page, "\n<tr><th scope=row><code>");
	page_text(page, input->path);
	page_raw(page, "</code>");
	if (*input->columns_text) {
		page_raw(page, "<p>");
		page_say(page, STRING_COLUMNS);
		page_raw(page, " — ");
		page_text(page, input->columns_text);
		page_raw(page, "</p>");
	}
	if (*input->reasons_text && input->rejected > 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_REASONS);
		page_raw(page, " — ");
		page_text(page, input->reasons_text);
		page_raw(page, "</p>");
	}
	add_note(page, input->problem);
	add_note(page, input->warning);
	page_raw(page, "<td class=word>");
	page_text(page, input->format);
	if (strcmp(input->compression, "gzip") == 0)
		page_raw(page, ".gz");
	page_raw(page, "<td class=word>");
	page_text(page, input->encoding);
	add_counts(page, input);
	page_raw(page, good ? "<td class=word>" : "<td class=\"word problem\">");
	page_say(page, good && *input->warning ? STRING_CHECK
		       : good						      ? STRING_OK
		       : strcmp(input->status, "refused") == 0 ? STRING_REFUSED
							       : STRING_INCOMPLETE);
}

static void add_inputs(struct page *page)
{
	static const enum string heads[] = {STRING_FILE,     STRING_FORMAT,	    STRING_ENCODING,  STRING_READ,
					    STRING_ACCEPTED, STRING_REJECTED_SHORT, STRING_DUPLICATE, STRING_REPLACED,
					    STRING_UNDATED,  STRING_STATUS};
	const struct sori_report_model *model = page->model;
	page_raw(page, "<div class=wide tabindex=0 role=region aria-labelledby=files><table class=inputs><caption id=files>");
	page_say(page, STRING_FILES);
	page_raw(page, "</caption><thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		page_raw(page, "<th scope=col>");
		page_say(page, heads[i]);
	}
	page_raw(page, "<tbody>");
	size_t shown = model->input_count > INPUTS_SHOWN + 1 ? INPUTS_SHOWN : model->input_count;
	for (size_t i = 0; i < shown; i++)
		add_input(page, &model->inputs[i]);
	if (shown < model->input_count) {
		page_raw(page, "\n<tr><td colspan=10 class=word>… ");
		PAGE_SENTENCE(page, STRING_AND_MORE, fill_number(page, model->input_count - shown));
	}
	page_raw(page, "\n<tfoot><tr><th scope=row>");
	page_say(page, STRING_TOTAL);
	page_raw(page, "<td><td>");
	add_counts(page, &model->total);
	page_raw(page, "<td></table></div>\n");
}

static void add_fact(struct page *page, enum string string, uint64_t count, uint64_t of)
{
	page_raw(page, "<li>");
	page_say(page, string);
	page_raw(page, ": <b>");
	page_number(page, count);
	page_raw(page, "</b>");
	if (of > 0) {
		page_raw(page, " (");
		page_share(page, count, of);
		page_raw(page, ")");
	}
}

static void add_check(struct page *page, enum string string, bool holds)
{
	page_raw(page, holds ? "<li>✓ " : "<li class=problem>✗ ");
	page_say(page, string);
	page_raw(page, ": ");
	page_say(page, holds ? STRING_HOLDS : STRING_BROKEN);
}

static void add_dictionaries(struct page *page)
{
	for (size_t i = 0; i < page->model->dictionary_count; i++) {
		const struct sori_report_dictionary *dictionary = &page->model->dictionaries[i];
		page_raw(page, "<li>");
		page_say(page, STRING_DICTIONARY);
		page_raw(page, " <code>");
		page_text(page, dictionary->hash);
		page_raw(page, "</code> — ");
		if (dictionary->first != SORI_DAY_NONE) {
			page_days(page, dictionary->first, dictionary->last);
			page_raw(page, ", ");
		}
		page_number(page, dictionary->documents);
		page_say(page, STRING_CASES);
	}
}

/* Days on which another dictionary began to count. */
static void add_breaks(struct page *page)
{
	uint64_t breaks = 0;
	for (size_t i = 1; i < page->model->dictionary_count; i++)
		breaks += page->model->dictionaries[i].first != SORI_DAY_NONE && page->model->dictionaries[i - 1].first != SORI_DAY_NONE;
	if (breaks == 0)
		return;
	page_raw(page, "<li>");
	PAGE_SENTENCE(page, STRING_BREAKS, fill_number(page, breaks));
}

static void add_classifier(struct page *page)
{
	const struct sori_classifier *classifier = page->found->classifier;
	uint64_t texts = classifier->random_texts + classifier->stratified_texts;
	page_raw(page, "<li>");
	if (texts == 0) {
		page_say(page, STRING_NOT_LABELLED);
		return;
	}
	PAGE_SENTENCE(page, STRING_LABELLED, fill_number(page, texts));
	if (!classifier->current) {
		page_raw(page, " ");
		page_say(page, STRING_LABELLED_OTHER);
	}
}

void page_quality(struct page *page)
{
	const struct sori_report_model *model = page->model;
	page_section(page, "quality", STRING_QUALITY);
	page_raw(page, "<ul class=plain>");
	if (model->none != SORI_REPORT_UNKNOWN)
		add_fact(page, STRING_UNCLASSIFIED, model->none, model->documents);
	add_fact(page, STRING_REJECTED, model->total.rejected, model->total.read);
	if (model->undated > 0)
		add_fact(page, model->whole ? STRING_UNDATED_IN : STRING_UNDATED_OUT, model->undated, 0);
	if (model->before_chart > 0)
		add_fact(page, STRING_BEFORE_CHART, model->before_chart, 0);
	add_check(page, STRING_ROWS_HOLD, model->rows_hold);
	add_check(page, STRING_DOCUMENTS_HOLD, model->documents_hold);
	add_classifier(page);
	if (!model->query.actions) {
		page_raw(page, "<li>");
		page_say(page, STRING_NO_LEDGER);
	}
	add_dictionaries(page);
	add_breaks(page);
	page_raw(page, "</ul>\n");
	add_inputs(page);
	page_raw(page, "</section>\n");
}
