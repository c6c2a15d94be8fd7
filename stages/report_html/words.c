/* Words and categories that emerged: the rows of `sori emerging`, with quotes. */
#include <math.h>

#include "stages/report_html/page.h"

#define SHOWN 15

bool page_has_words(const struct page *page)
{
	return page->found->emerging != NULL;
}

static void add_rate(struct page *page, double documents, double all)
{
	page_raw(page, "<td class=n>");
	page_decimal(page, documents, 0);
	page_raw(page, " <small>");
	if (all > 0)
		page_decimal(page, 1000 * documents / all, 1);
	else
		page_raw(page, "–");
	page_raw(page, "</small>");
}

static void add_quotes(struct page *page, const struct sori_emerging_row *row)
{
	for (size_t i = 0; i < SORI_EMERGING_QUOTES; i++) {
		struct sori_view quote = row->quotes[i];
		if (quote.length == 0)
			continue;
		size_t length = quote.length > 240 ? 240 : quote.length;
		while (length < quote.length && length > 0 && ((unsigned char)quote.at[length] & 0xc0) == 0x80)
			length--;
		page_raw(page, "<span class=remark>");
		sori_buffer_add_markup(&page->html, sori_view_make(quote.at, length));
		page_raw(page, length < quote.length ? "… <span class=days>" : " <span class=days>");
		page_day(page, row->quote_day[i]);
		page_raw(page, "</span></span>");
	}
}

static void add_row(struct page *page, const struct sori_emerging_row *row, bool sampled)
{
	const struct sori_report_category *category = sori_report_category_of(page->model, row->category);
	page_raw(page, "\n<tr class=worse><th scope=row>");
	if (category)
		page_link(page, category);
	else
		sori_buffer_add_markup(&page->html, row->term);
	if (row->is_new && !sampled) { /* in a sample, none is not never */
		page_raw(page, " <span class=chip>");
		page_say(page, STRING_NEW);
		page_raw(page, "</span>");
	}
	add_rate(page, row->b, row->n_b);
	add_rate(page, row->a, row->n_a);
	page_raw(page, "<td class=n>");
	page_ratio(page, exp2(row->log_ratio), exp2(row->low), exp2(row->high));
	page_raw(page, "<td class=n>");
	page_q(page, row->q);
	page_raw(page, "<td class=n>");
	if (row->first_seen != SORI_DAY_NONE)
		page_day(page, row->first_seen);
	page_raw(page, "<td class=word>");
	add_quotes(page, row);
}

static void add_table(struct page *page, enum string title, const struct sori_emerging_row *rows, size_t count, bool sampled)
{
	const enum string heads[] = {STRING_BASELINE, STRING_LATEST, STRING_RATIO, STRING_COUNT,
				     sampled ? STRING_FIRST_SAMPLED : STRING_FIRST_SEEN, STRING_EVIDENCE};
	size_t shown = 0;
	for (size_t i = 0; i < count && shown < SHOWN; i++) {
		if (!rows[i].passes)
			continue;
		if (shown++ == 0) {
			page_raw(page, "<table class=words><thead><tr><th scope=col>");
			page_say(page, title);
			for (size_t h = 0; h < sizeof heads / sizeof *heads; h++) {
				page_raw(page, h == 5 ? "<th scope=col>" : "<th scope=col class=n>");
				if (heads[h] == STRING_COUNT)
					page_raw(page, "q");
				else
					page_say(page, heads[h]);
			}
			page_raw(page, "<tbody>");
		}
		add_row(page, &rows[i], sampled);
	}
	page_raw(page, shown > 0 ? "</table>\n" : "");
}

/* Of the baseline, those that the store has. */
static uint64_t days_before(const struct page *page)
{
	const struct sori_report_model *model = page->model;
	if (model->store_first == SORI_DAY_NONE)
		return 0;
	int64_t days = (int64_t)model->as_of - SORI_EMERGING_DAYS - model->store_first + 1;
	return days < 0 ? 0 : days < SORI_EMERGING_BASELINE ? (uint64_t)days : SORI_EMERGING_BASELINE;
}

void page_words(struct page *page)
{
	const struct sori_emerging *emerging = page->found->emerging;
	if (!page_has_words(page))
		return;
	page_section(page, "words", STRING_WORDS);
	page_raw(page, "<p class=note>");
	PAGE_SENTENCE(page, STRING_WORDS_NOTE, fill_number(page, SORI_EMERGING_DAYS), fill_number(page, (uint64_t)emerging->window_documents),
		      fill_number(page, days_before(page)), fill_number(page, (uint64_t)(emerging->documents - emerging->window_documents)));
	page_raw(page, " ");
	if (emerging->sampled)
		PAGE_SENTENCE(page, STRING_WORDS_SAMPLED, fill_number(page, (uint64_t)emerging->read),
			      fill_number(page, (uint64_t)emerging->documents));
	page_raw(page, "</p>\n");
	if (emerging->too_few || emerging->terms_passed + emerging->categories_passed == 0) {
		page_raw(page, "<p>");
		page_say(page, emerging->too_few ? STRING_WORDS_FEW : STRING_WORDS_NONE);
		page_raw(page, "</p>\n");
	}
	add_table(page, STRING_TERM, emerging->terms, emerging->term_count, emerging->sampled);
	add_table(page, STRING_CATEGORY, emerging->categories, emerging->category_count, false);
	page_raw(page, "</section>\n");
}
