/* The top of the page: what a manager takes away in a minute. The heading is the finding; then one sentence each on how much
 * was read, what got worse, what got better, and tonight; then four figures and the volume. */
#include <math.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

#define NAMED 3 /* categories named in a sentence */
#define SOURCES_SHOWN 6

static size_t count_of(struct page *page, page_filter *wanted)
{
	size_t count = 0;
	for (size_t c = 0; c < page->model->category_count; c++)
		count += wanted(&page->model->categories[c]);
	return count;
}

static void add_change_sentence(struct page *page)
{
	const struct sori_report_windows *windows = &page->model->windows;
	size_t worse = count_of(page, page_worse), better = count_of(page, page_better);
	if (!windows->comparable)
		page_say(page, windows->dictionary_changed ? STRING_H_DICTIONARY : STRING_H_NOT_ENOUGH);
	else if (worse > 0 && better > 0)
		PAGE_SENTENCE(page, STRING_H_BOTH, fill_number(page, worse), fill_number(page, better));
	else if (worse > 0)
		PAGE_SENTENCE(page, STRING_H_WORSE, fill_number(page, worse));
	else if (better > 0)
		PAGE_SENTENCE(page, STRING_H_BETTER, fill_number(page, better));
	else
		page_say(page, STRING_H_NONE);
	page_raw(page, " ");
}

static void add_alert_sentence(struct page *page)
{
	const struct sori_report_findings *found = page->found;
	if (found->alerts.tier == SORI_TIER_NONE)
		return;
	if (found->alert > 0)
		PAGE_SENTENCE(page, STRING_H_ALERTS, fill_number(page, found->alert));
	else if (found->watch > 0)
		PAGE_SENTENCE(page, STRING_H_WATCH, fill_number(page, found->watch));
	else
		page_say(page, STRING_H_QUIET);
	page_raw(page, " ");
}

/* "Connection drops 4.7% → 8.9%, …" */
static void add_named(struct page *page, page_filter *wanted, enum string lead, const char *class)
{
	size_t count;
	const struct sori_report_category **list = page_choose(page, wanted, page_by_excess, &count);
	if (list && count > 0) {
		page_raw(page, "<li class=");
		page_raw(page, class);
		page_raw(page, "><b>");
		page_say(page, lead);
		page_raw(page, "</b> ");
		for (size_t i = 0; i < count && i < NAMED; i++) {
			const struct sori_report_change *change = &list[i]->change;
			page_raw(page, i > 0 ? ", " : "");
			page_link(page, list[i]);
			page_raw(page, " <span class=days>");
			page_percent(page, change->share_before);
			page_raw(page, " → ");
			page_percent(page, change->share_after);
			page_raw(page, "</span>");
		}
		if (count > NAMED) {
			page_raw(page, ", ");
			PAGE_SENTENCE(page, STRING_AND_MORE, fill_number(page, count - NAMED));
		}
	}
	sori_free(list);
}

static void add_emerging(struct page *page)
{
	const struct sori_emerging *emerging = page->found->emerging;
	size_t shown = 0;
	for (size_t i = 0; emerging && i < emerging->term_count && shown < NAMED + 2; i++) {
		if (!emerging->terms[i].passes)
			continue;
		if (shown++ == 0) {
			page_raw(page, "<li><b>");
			page_say(page, STRING_LEDE_WORDS);
			page_raw(page, "</b> <a href=\"#words\">");
		} else {
			page_raw(page, ", ");
		}
		page_raw(page, "‘");
		sori_buffer_add_markup(&page->html, emerging->terms[i].term);
		page_raw(page, "’");
	}
	page_raw(page, shown > 0 ? "</a>" : "");
}

static void add_read(struct page *page)
{
	const struct sori_report_windows *windows = &page->model->windows;
	const struct sori_ab_result *volume = &page->found->changes.volume;
	if (windows->days == 0)
		return;
	page_raw(page, "<li>");
	PAGE_SENTENCE(page, STRING_READ_DAYS, fill_number(page, (uint64_t)windows->days),
		      fill_days(page, windows->after_first, windows->after_last), fill_number(page, windows->after_documents),
		      fill_number(page, windows->before_documents));
	if (!windows->comparable || !volume->eligible || volume->weekday.outcome != SORI_GLM_FITTED)
		return;
	page_raw(page, " ");
	double low = volume->weekday.ratio.low, high = volume->weekday.ratio.high;
	PAGE_SENTENCE(page, low > 1 ? STRING_VOLUME_UP : high < 1 ? STRING_VOLUME_DOWN : STRING_VOLUME_SAME,
		      fill_decimal(page, exp(volume->weekday.log_ratio), 2), fill_decimal(page, low, 2), fill_decimal(page, high, 2));
}

static void add_tonight(struct page *page)
{
	const struct sori_alerts_result *alerts = &page->found->alerts;
	size_t shown = 0;
	for (size_t i = 0; i < alerts->row_count && shown < NAMED; i++) {
		const struct sori_alert *row = &alerts->rows[i];
		const struct sori_report_category *category = sori_report_category_of(page->model, row->category);
		if (row->word != SORI_ALERT_ALERT || row->level == SORI_ALERT_GROUP)
			continue;
		if (shown++ == 0) {
			page_raw(page, "<li class=alert><b>");
			page_say(page, STRING_TONIGHT_ALERTS);
			page_raw(page, "</b> ");
		} else {
			page_raw(page, ", ");
		}
		if (category)
			page_link(page, category);
		else
			page_say(page, row->low ? STRING_ALL_LOW : STRING_ALL_DOCUMENTS);
		page_raw(page, " ");
		PAGE_SENTENCE(page, STRING_OBSERVED_EXPECTED, fill_number(page, (uint64_t)row->observed),
			      fill_decimal(page, row->expected, 1));
	}
}

static void add_figure(struct page *page, enum string name, uint64_t count, uint64_t of, enum string of_what)
{
	if (count == SORI_REPORT_UNKNOWN)
		return;
	page_raw(page, "<div><dt>");
	page_say(page, name);
	page_raw(page, "<dd><b>");
	if (of_what != STRING_COUNT)
		page_share(page, count, of);
	else
		page_number(page, count);
	page_raw(page, "</b>");
	if (of_what != STRING_COUNT) {
		page_raw(page, " <small>");
		PAGE_SENTENCE(page, of_what, fill_number(page, count));
		page_raw(page, "</small>");
	}
	page_raw(page, "</div>");
}

static void add_sources(struct page *page)
{
	const struct sori_report_dimension *sources = &page->model->dimensions[0];
	size_t shown = 0, more = 0;
	for (size_t v = 0; v < sources->count; v++) {
		if (sources->values[v].length == 0 || sources->values[v].documents == 0)
			continue;
		if (shown == SOURCES_SHOWN) {
			more++;
			continue;
		}
		page_raw(page, shown++ == 0 ? " · " : ", ");
		page_text(page, sources->values[v].text);
	}
	if (more == 0)
		return;
	page_raw(page, " ");
	PAGE_SENTENCE(page, STRING_AND_MORE, fill_number(page, more));
}

static void add_figures(struct page *page)
{
	const struct sori_report_model *model = page->model;
	page_raw(page, "<dl class=figures>");
	add_figure(page, STRING_DOCUMENTS, model->documents, 0, STRING_COUNT);
	add_figure(page, STRING_DISTINCT_TEXTS, model->complaints > 0 ? model->complaints : SORI_REPORT_UNKNOWN, 0, STRING_COUNT);
	add_figure(page, STRING_WITH_PAIN, model->pain, model->documents, STRING_N_DOCUMENTS);
	add_figure(page, STRING_UNCLASSIFIED, model->none, model->documents, STRING_N_DOCUMENTS);
	add_figure(page, STRING_REJECTED, model->total.rejected, model->total.read, STRING_N_RECORDS);
	page_raw(page, "</dl>\n");
	if (model->publish_k > 0) {
		page_raw(page, "<p class=note>");
		PAGE_SENTENCE(page, STRING_PUBLISHED, fill_number(page, model->publish_k), fill_number(page, model->hidden_categories));
		page_raw(page, "</p>\n");
	}
}

static void add_volume(struct page *page)
{
	static const enum string units[] = {STRING_PER_DAY, STRING_PER_WEEK, STRING_PER_MONTH, STRING_PER_YEAR};
	if (page->model->bucket_count < 2)
		return;
	page_raw(page, "<figure class=volume><figcaption>");
	page_say(page, units[page->model->unit]);
	if (page->model->windows.days > 0 && page->model->unit <= SORI_BUCKET_WEEK) {
		page_raw(page, " ");
		PAGE_SENTENCE(page, STRING_SHADED, fill_number(page, (uint64_t)page->model->windows.days));
	}
	page_raw(page, "</figcaption>");
	page_chart_volume(page);
	page_raw(page, "</figure>\n");
}

void page_headline(struct page *page)
{
	const struct sori_report_model *model = page->model;
	page_raw(page, "<p class=over>");
	page_say(page, STRING_TITLE);
	page_raw(page, " · ");
	if (model->first == SORI_DAY_NONE)
		page_say(page, STRING_NO_DATES);
	else
		page_days(page, model->first, model->last);
	add_sources(page);
	page_raw(page, "</p>\n<h1>");
	if (model->documents == 0) {
		page_say(page, STRING_NOTHING);
	} else {
		bool first = page->found->alert > 0; /* what is burning is said first */
		if (first)
			add_alert_sentence(page);
		add_change_sentence(page);
		if (!first)
			add_alert_sentence(page);
	}
	page_raw(page, "</h1>\n<ul class=lede>");
	add_tonight(page);
	add_named(page, page_worse, STRING_LEDE_WORSE, "worse");
	add_named(page, page_better, STRING_LEDE_BETTER, "better");
	add_emerging(page);
	add_read(page);
	page_raw(page, "</ul>\n");
	add_figures(page);
	add_volume(page);
}
