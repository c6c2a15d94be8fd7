/* What changed: pain that grew, that shrank, that did not clearly change, and where there is too little data, each with estimate
 * and interval on one scale, then words and q. The rows are those of `sori compare` over the two windows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

/* The common scale: symmetrical intervals of rare categories must not flatten the rest, so the far ends are those of the
 * categories that have a q. */
struct scale {
	double from, to;
	bool complaints; /* the store counts them */
};

/* Whether the comparison tells distinct complaints: a store from before they were counted does not. */
static bool counts_complaints(const struct sori_report_model *model)
{
	for (size_t c = 0; c < model->category_count; c++)
		if (!isnan(model->categories[c].change.complaints_after))
			return true;
	return false;
}

static struct scale find_scale(const struct sori_report_model *model)
{
	struct scale scale = {.complaints = counts_complaints(model)};
	double most = 0;
	for (size_t c = 0; c < model->category_count; c++) {
		const struct sori_report_change *change = &model->categories[c].change;
		if (!isnan(change->q))
			most = fmax(most, fmax(fabs(change->low), fabs(change->high)));
	}
	scale.to = most > 0 ? page_nice(most * 100) / 100 : 0.01;
	scale.from = -scale.to;
	return scale;
}

static bool unclear(const struct sori_report_category *category)
{
	return !category->praise && category->change.verdict == SORI_VERDICT_UNCLEAR;
}

static bool too_little(const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	return !category->praise && change->verdict == SORI_VERDICT_TOO_LITTLE &&
	       (page_hidden(change->before) || page_hidden(change->after) || change->before + change->after > 0);
}

static bool praise_changed(const struct sori_report_category *category)
{
	return category->praise && category->change.verdict >= SORI_VERDICT_UP;
}

static bool praise_unchanged(const struct sori_report_category *category)
{
	return category->praise && category->change.verdict == SORI_VERDICT_UNCLEAR;
}

static void add_pair(struct page *page, double before, double after)
{
	page_raw(page, "<td class=n>");
	if (isnan(before) || isnan(after)) {
		page_raw(page, "–");
		return;
	}
	page_number(page, (uint64_t)before);
	page_raw(page, " <i>→</i> ");
	page_number(page, (uint64_t)after);
}

static void add_row(struct page *page, const struct scale *scale, const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	sori_buffer_add_format(&page->html, "\n<tr class=%s><th scope=row>", page_tone(category));
	page_link(page, category);
	page_raw(page, "<td class=g>");
	page_spark(page, category);
	page_raw(page, "<td class=n>");
	page_percent(page, change->share_before);
	page_raw(page, " <i>→</i> <b>");
	page_percent(page, change->share_after);
	page_raw(page, "</b><td class=n>");
	page_number(page, change->before);
	page_raw(page, " <i>→</i> ");
	page_number(page, change->after);
	if (scale->complaints)
		add_pair(page, change->complaints_before, change->complaints_after);
	page_raw(page, "<td class=g>");
	if (!isnan(change->difference))
		page_interval(page, scale->from, scale->to, 0, change->low, change->difference, change->high);
	page_raw(page, "<td class=n><b>");
	page_points(page, change->difference);
	page_raw(page, "</b> <small>");
	if (!isnan(change->low))
		page_limits(page, change->low, change->high);
	page_raw(page, "</small><td class=n>");
	page_ratio(page, change->ratio, change->ratio_low, change->ratio_high);
	page_raw(page, "<td class=n>");
	page_q(page, change->q);
}

static void add_scale_head(struct page *page, const struct scale *scale)
{
	page_raw(page, "<th scope=col class=g><span class=hide>");
	page_say(page, STRING_DIFFERENCE);
	page_raw(page, "</span><span class=scale aria-hidden=true><span>");
	page_points(page, scale->from);
	page_raw(page, "</span><span>0</span><span>");
	page_points(page, scale->to);
	page_raw(page, "</span></span>");
}

static void add_head(struct page *page, const struct scale *scale)
{
	static const enum string heads[] = {STRING_CATEGORY, STRING_TREND, STRING_SHARE, STRING_DOCUMENTS};
	page_raw(page, "<thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		page_raw(page, i == 0 ? "<th scope=col>" : i == 1 ? "<th scope=col class=g>" : "<th scope=col class=n>");
		page_say(page, heads[i]);
	}
	if (scale->complaints) {
		page_raw(page, "<th scope=col class=n>");
		page_say(page, STRING_COMPLAINTS);
	}
	add_scale_head(page, scale);
	page_raw(page, "<th scope=col class=n>");
	page_say(page, STRING_CHANGE);
	page_raw(page, "<th scope=col class=n>");
	page_say(page, STRING_RATIO);
	page_raw(page, "<th scope=col class=n>q<tbody>");
}

static void add_table(struct page *page, const struct scale *scale, enum string title, page_filter *wanted, bool folded)
{
	size_t count;
	const struct sori_report_category **list = page_choose(page, wanted, page_by_excess, &count);
	if (!list || count == 0) {
		sori_free(list);
		return;
	}
	page_raw(page, folded ? "<details class=fold><summary>" : "<h3>");
	PAGE_SENTENCE(page, title, fill_number(page, count));
	page_raw(page, folded ? "</summary>" : "</h3>");
	sori_buffer_add_format(&page->html, "<table class=\"changes%s sort\">", scale->complaints ? " wider" : "");
	add_head(page, scale);
	for (size_t i = 0; i < count; i++)
		add_row(page, scale, list[i]);
	page_raw(page, "</table>\n");
	page_raw(page, folded ? "</details>\n" : "");
	sori_free(list);
}

static void add_windows(struct page *page)
{
	const struct sori_report_windows *windows = &page->model->windows;
	page_raw(page, "<p class=note>");
	PAGE_SENTENCE(page, STRING_WINDOWS, fill_number(page, (uint64_t)windows->days),
		      fill_days(page, windows->after_first, windows->after_last), fill_number(page, windows->after_documents),
		      fill_days(page, windows->before_first, windows->before_last), fill_number(page, windows->before_documents));
	if (page->found->changes.family > 0) {
		page_raw(page, " ");
		PAGE_SENTENCE(page, STRING_FAMILY, fill_number(page, page->found->changes.family));
	}
	page_raw(page, "</p>\n");
}

/* A jump of what no category takes explains many a change. */
static void add_unclassified(struct page *page)
{
	const struct sori_compare_result *changes = &page->found->changes;
	if (!(changes->a.documents > 0) || !(changes->b.documents > 0))
		return;
	page_raw(page, changes->none_jumped ? "<p class=\"note problem\">" : "<p class=note>");
	PAGE_SENTENCE(page, changes->none_jumped ? STRING_NONE_JUMPED : STRING_NONE_SHARES,
		      fill_percent(page, changes->a.none / changes->a.documents),
		      fill_percent(page, changes->b.none / changes->b.documents));
	page_raw(page, "</p>\n");
}

void page_changes(struct page *page)
{
	const struct sori_report_model *model = page->model;
	const struct sori_report_windows *windows = &model->windows;
	struct scale scale = find_scale(model);
	page_section(page, "changed", STRING_CHANGED);
	if (windows->days > 0)
		add_windows(page);
	if (!windows->comparable) {
		page_raw(page, "<p>");
		page_say(page, windows->dictionary_changed ? STRING_DICTIONARY_CHANGED : STRING_NOT_ENOUGH);
		page_raw(page, "</p>\n");
	}
	if (windows->days > 0 && !windows->dictionary_changed) {
		add_table(page, &scale, STRING_WORSE, page_worse, false);
		add_table(page, &scale, STRING_BETTER, page_better, false);
		add_table(page, &scale, STRING_PRAISE_CHANGED, praise_changed, false);
		add_table(page, &scale, STRING_UNCLEAR_LIST, unclear, true);
		add_table(page, &scale, STRING_PRAISE_UNCHANGED, praise_unchanged, true);
		add_table(page, &scale, STRING_TOO_LITTLE_LIST, too_little, true);
		add_unclassified(page);
	}
	page_raw(page, "</section>\n");
}
