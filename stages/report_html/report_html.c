/* report.html: one file that a manager reads in a minute and an analyst for an hour.
 *
 * Order: period and size, what changed, all categories in a table, then one section a category (trend, breakdowns,
 * evidence), data quality, how to read the numbers. Everything is in the markup, so the page is whole without scripts;
 * the script only sorts and filters. Both languages are in the file and two radio buttons before the page choose with
 * CSS. The policy names the hashes of the one style sheet and the one script, so nothing that a customer wrote can run
 * or load anything even if escaping failed. Text from outside passes sori_buffer_add_markup and nothing else. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

#define PAGE_LIMIT ((size_t)64 * 1024 * 1024)
#define PAGE_WANTED ((size_t)480 * 1000)
#define CHANGES_SHOWN 8
#define SOURCES_SHOWN 6

extern const struct sori_reporter sori_reporter_html;

typedef bool filter(const struct sori_report_category *category);

static void add_head(struct page *page)
{
	char style[45], script[45];
	page_sha256_base64(sori_view_of(sori_asset_report_css), style);
	page_sha256_base64(sori_view_of(sori_asset_report_js), script);
	page_raw(page, "<!doctype html>\n<html lang=");
	page_raw(page, page->model->query.english ? "en" : "ko");
	page_raw(page, "><head><meta charset=utf-8>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		       "'none'; style-src 'sha256-");
	page_raw(page, style);
	page_raw(page, "'; script-src 'sha256-");
	page_raw(page, script);
	page_raw(page, "'; base-uri 'none'; form-action 'none'\">\n<meta name=viewport "
		       "content=\"width=device-width,initial-scale=1\">\n<meta name=color-scheme content=\"light dark\">\n"
		       "<meta name=referrer content=no-referrer>\n<meta name=generator content=\"sori " SORI_VERSION
		       "\">\n<title>");
	page_say_plain(page, STRING_TITLE);
	if (page->model->first != SORI_DAY_NONE) {
		page_raw(page, " ");
		page_day(page, page->model->first);
		page_raw(page, " – ");
		page_day(page, page->model->last);
	}
	page_raw(page, "</title>\n<style>");
	page_raw(page, sori_asset_report_css);
	page_raw(page, "</style></head>\n<body>");
}

static void add_switch(struct page *page)
{
	bool english = page->model->query.english;
	page_raw(page, english ? "<input type=radio name=lang id=ko><input type=radio name=lang id=en checked>"
			       : "<input type=radio name=lang id=ko checked><input type=radio name=lang id=en>");
	page_raw(page, "\n<div class=page><a class=skip href=\"#changed\">");
	page_say(page, STRING_SKIP);
	page_raw(page, "</a>\n<header><div class=switch><label for=ko lang=ko>한국어</label><label for=en "
		       "lang=en>English</label></div>\n<h1>");
	page_say(page, STRING_TITLE);
	page_raw(page, "</h1>\n");
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
		if (shown++ == 0) {
			page_raw(page, "<br>");
			page_say(page, STRING_SOURCES);
			page_raw(page, " ");
		} else {
			page_raw(page, ", ");
		}
		page_text(page, sources->values[v].text);
	}
	if (more == 0)
		return;
	page_raw(page, " ");
	page_say(page, STRING_AND_MORE);
	page_number(page, more);
	page_say(page, STRING_MORE);
}

static void add_figure(struct page *page, enum string name, uint64_t count, uint64_t of, enum string of_what)
{
	page_raw(page, "<div><dt>");
	page_say(page, name);
	page_raw(page, "<dd><b>");
	if (count == SORI_REPORT_UNKNOWN)
		page_raw(page, "–");
	else if (of > 0)
		page_share(page, count, of);
	else
		page_number(page, count);
	page_raw(page, "</b> <small>");
	if (count == SORI_REPORT_UNKNOWN) {
		page_say(page, STRING_NOT_KEPT);
	} else if (of > 0) {
		page_say(page, of_what);
		page_raw(page, " · ");
		page_number(page, count);
	}
	page_raw(page, "</small></div>");
}

static void add_opening(struct page *page)
{
	static const enum string units[] = {STRING_PER_DAY, STRING_PER_WEEK, STRING_PER_MONTH, STRING_PER_YEAR};
	const struct sori_report_model *model = page->model;
	page_raw(page, "<p class=lede>");
	if (model->first == SORI_DAY_NONE) {
		page_say(page, STRING_NO_DATES);
	} else {
		page_days(page, model->first, model->last);
	}
	add_sources(page);
	page_raw(page, "</p>\n<dl class=figures>");
	add_figure(page, STRING_DOCUMENTS, model->documents, 0, STRING_OF_DOCUMENTS);
	add_figure(page, STRING_WITH_PAIN, model->pain, model->documents, STRING_OF_DOCUMENTS);
	add_figure(page, STRING_UNCLASSIFIED, model->none, model->documents, STRING_OF_DOCUMENTS);
	add_figure(page, STRING_REJECTED, model->total.rejected, model->total.read, STRING_OF_READ);
	page_raw(page, "</dl>\n");
	if (model->bucket_count > 1) {
		page_raw(page, "<div class=volume><p class=cap>");
		page_say(page, STRING_VOLUME);
		page_raw(page, " <small>");
		page_say(page, units[model->unit]);
		page_raw(page, "</small></p>");
		page_chart(page, NULL, 0);
		page_raw(page, "</div>\n");
	}
	page_raw(page, "</header>\n");
}

static void add_contents(struct page *page)
{
	static const struct {
		const char *target;
		enum string name;
	} items[] = {{"changed", STRING_CHANGED}, {"categories", STRING_PAIN}, {"praise", STRING_PRAISE},
		     {"details", STRING_DETAILS}, {"quality", STRING_QUALITY}, {"reading", STRING_READING}};
	page_raw(page, "<nav class=contents aria-label=\"");
	page_say_plain(page, STRING_CONTENTS);
	page_raw(page, "\">");
	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
		page_raw(page, "<a href=\"#");
		page_raw(page, items[i].target);
		page_raw(page, "\">");
		page_say(page, items[i].name);
		page_raw(page, "</a>");
	}
	page_raw(page, "</nav>\n<main>\n");
}

static bool worse(const struct sori_report_category *category)
{
	return !category->praise && category->change.verdict == SORI_VERDICT_UP;
}

static bool better(const struct sori_report_category *category)
{
	return !category->praise && category->change.verdict == SORI_VERDICT_DOWN;
}

static bool praise_changed(const struct sori_report_category *category)
{
	return category->praise && category->change.verdict >= SORI_VERDICT_UP;
}

static bool pain(const struct sori_report_category *category)
{
	return !category->praise && category->documents > 0;
}

static bool praise(const struct sori_report_category *category)
{
	return category->praise && category->documents > 0;
}

static int by_excess(const void *a, const void *b)
{
	const struct sori_report_category *left = *(const struct sori_report_category *const *)a;
	const struct sori_report_category *right = *(const struct sori_report_category *const *)b;
	double one = fabs(left->change.excess), two = fabs(right->change.excess);
	return one > two ? -1 : one < two ? 1 : strcmp(left->id, right->id);
}

static int by_documents(const void *a, const void *b)
{
	const struct sori_report_category *left = *(const struct sori_report_category *const *)a;
	const struct sori_report_category *right = *(const struct sori_report_category *const *)b;
	if (left->documents != right->documents)
		return left->documents > right->documents ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* The categories that pass, in order; NULL when memory is out. Freed by the caller. */
static const struct sori_report_category **choose(const struct page *page, filter *wanted,
						  int (*order)(const void *, const void *), size_t *count)
{
	const struct sori_report_model *model = page->model;
	const struct sori_report_category **list = sori_alloc_zero(model->category_count + 1, sizeof *list);
	*count = 0;
	for (size_t c = 0; c < model->category_count && list; c++)
		if (wanted(&model->categories[c]))
			list[(*count)++] = &model->categories[c];
	if (list)
		qsort(list, *count, sizeof *list, order);
	return list;
}

static void add_link(struct page *page, const struct sori_report_category *category)
{
	page_raw(page, "<a href=\"#c-");
	page_text(page, category->id);
	page_raw(page, "\">");
	page_label(page, category->ko, category->en);
	page_raw(page, "</a>");
}

/* "Connection drops 3.1% → 5.2% ▲ +2.1 pp (95% interval +0.8 to +3.4) · 31 → 56 documents" */
static void add_change_line(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	const struct sori_report_windows *windows = &page->model->windows;
	sori_buffer_add_format(&page->html, "<li class=%s><div>", page_tone(category));
	add_link(page, category);
	page_raw(page, " <b>");
	page_change(page, category);
	page_say(page, STRING_POINTS);
	page_raw(page, "</b></div><p>");
	page_share(page, change->before, windows->before_documents);
	page_raw(page, " → ");
	page_share(page, change->after, windows->after_documents);
	page_raw(page, " · ");
	page_number(page, change->before);
	page_raw(page, " → ");
	page_number(page, change->after);
	page_say(page, STRING_CASES);
	page_raw(page, " · ");
	page_say(page, STRING_INTERVAL);
	page_raw(page, " ");
	page_points(page, change->low);
	page_raw(page, " ");
	page_say(page, STRING_TO);
	page_raw(page, " ");
	page_points(page, change->high);
	page_raw(page, "</p>");
	page_spark(page, category);
}

static void add_change_list(struct page *page, enum string title, filter *wanted)
{
	size_t count;
	const struct sori_report_category **list = choose(page, wanted, by_excess, &count);
	if (!list) {
		page->html.failed = true;
		return;
	}
	page_raw(page, "<div><h3>");
	page_say(page, title);
	page_raw(page, "</h3>");
	if (count == 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_NO_CHANGE);
		page_raw(page, "</p>");
	} else {
		page_raw(page, "<ol class=changes>\n");
		for (size_t i = 0; i < count && i < CHANGES_SHOWN; i++)
			add_change_line(page, list[i]);
		page_raw(page, "</ol>");
		if (count > CHANGES_SHOWN) {
			page_raw(page, "<p>… ");
			page_say(page, STRING_AND_MORE);
			page_number(page, count - CHANGES_SHOWN);
			page_say(page, STRING_MORE);
			page_raw(page, "</p>");
		}
	}
	page_raw(page, "</div>\n");
	sori_free(list);
}

static void add_windows(struct page *page)
{
	const struct sori_report_windows *windows = &page->model->windows;
	page_raw(page, "<p class=note>");
	page_say(page, STRING_WINDOW_LAST);
	sori_buffer_add_format(&page->html, " %d", windows->days);
	page_say(page, STRING_WINDOW_DAYS);
	page_raw(page, " (");
	page_days(page, windows->after_first, windows->after_last);
	page_raw(page, ", ");
	page_number(page, windows->after_documents);
	page_say(page, STRING_CASES);
	page_raw(page, ")");
	page_say(page, STRING_WINDOW_AGAINST);
	sori_buffer_add_format(&page->html, " %d", windows->days);
	page_say(page, STRING_WINDOW_BEFORE);
	page_raw(page, " (");
	page_days(page, windows->before_first, windows->before_last);
	page_raw(page, ", ");
	page_number(page, windows->before_documents);
	page_say(page, STRING_CASES);
	page_raw(page, ")");
	page_say(page, STRING_WINDOW_END);
	if (page->model->unit <= SORI_BUCKET_WEEK)
		page_say(page, STRING_SHADED);
	page_raw(page, "</p>\n");
}

/* How many of the comparisons would leave out zero if nothing had changed: one in twenty. */
static void add_chance(struct page *page)
{
	size_t compared = 0;
	for (size_t c = 0; c < page->model->category_count; c++)
		compared += page->model->categories[c].change.verdict >= SORI_VERDICT_UNCLEAR;
	if (compared < 10)
		return;
	page_raw(page, "<p class=note>");
	page_say(page, STRING_CHANCE_A);
	page_number(page, compared);
	page_say(page, STRING_CHANCE_B);
	page_number(page, (compared + 10) / 20);
	page_say(page, STRING_CHANCE_C);
	page_raw(page, "</p>\n");
}

static void add_changed(struct page *page)
{
	const struct sori_report_windows *windows = &page->model->windows;
	page_raw(page, "<section id=changed><h2>");
	page_say(page, STRING_CHANGED);
	page_raw(page, "</h2>\n");
	if (windows->days > 0)
		add_windows(page);
	if (!windows->comparable) {
		page_raw(page, "<p>");
		page_say(page, windows->dictionary_changed ? STRING_DICTIONARY_CHANGED : STRING_NOT_ENOUGH);
		page_raw(page, "</p></section>\n");
		return;
	}
	page_raw(page, "<div class=two>");
	add_change_list(page, STRING_WORSE, worse);
	add_change_list(page, STRING_BETTER, better);
	page_raw(page, "</div>\n");
	size_t count;
	const struct sori_report_category **list = choose(page, praise_changed, by_excess, &count);
	if (!list)
		page->html.failed = true;
	sori_free(list);
	if (count > 0)
		add_change_list(page, STRING_PRAISE_CHANGED, praise_changed);
	add_chance(page);
	page_raw(page, "</section>\n");
}

static void add_row(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	page_raw(page, "\n<tr><th scope=row>");
	add_link(page, category);
	page_raw(page, "<td>");
	page_number(page, category->documents);
	page_raw(page, "<td>");
	page_share(page, category->documents, page->model->documents);
	if (page->model->bucket_count == 0)
		return;
	sori_buffer_add_format(&page->html, "<td class=%s>", page_tone(category));
	page_change(page, category);
	if (change->verdict >= SORI_VERDICT_UNCLEAR) {
		page_raw(page, " <small>(");
		page_points(page, change->low);
		page_raw(page, " ~ ");
		page_points(page, change->high);
		page_raw(page, ")</small>");
	}
	page_raw(page, "<td class=sparkcell>");
	page_spark(page, category);
}

static void add_table(struct page *page, const char *id, enum string title, filter *wanted)
{
	static const enum string heads[] = {STRING_CATEGORY, STRING_DOCUMENTS, STRING_SHARE, STRING_CHANGE, STRING_TREND};
	size_t count;
	const struct sori_report_category **list = choose(page, wanted, by_documents, &count);
	if (!list) {
		page->html.failed = true;
		return;
	}
	page_raw(page, "<section id=");
	page_raw(page, id);
	page_raw(page, "><h2>");
	page_say(page, title);
	page_raw(page, "</h2>\n");
	if (wanted == praise) {
		page_raw(page, "<p class=note>");
		page_say(page, STRING_PRAISE_NOTE);
		page_raw(page, "</p>\n");
	} else {
		page_raw(page, "<p id=filter hidden><label for=q>");
		page_say(page, STRING_FILTER);
		page_raw(page, "</label> <input id=q type=search autocomplete=off></p>\n");
	}
	if (count == 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_NOTHING);
		page_raw(page, "</p>");
	} else {
		page_raw(page, "<table class=\"list sort\"><thead><tr>");
		size_t columns = page->model->bucket_count == 0 ? 3 : sizeof heads / sizeof *heads; /* no time, no trend */
		for (size_t i = 0; i < columns; i++) {
			page_raw(page, "<th scope=col>");
			page_say(page, heads[i]);
		}
		page_raw(page, "<tbody>");
		for (size_t i = 0; i < count; i++)
			add_row(page, list[i]);
		page_raw(page, "</table>\n");
	}
	page_raw(page, "</section>\n");
	sori_free(list);
}

static void add_empty(struct page *page)
{
	bool any = false;
	for (size_t c = 0; c < page->model->category_count; c++) {
		const struct sori_report_category *category = &page->model->categories[c];
		if (category->documents > 0)
			continue;
		if (!any) {
			page_raw(page, "<p class=note>");
			page_say(page, STRING_EMPTY);
			page_raw(page, ": ");
		} else {
			page_raw(page, ", ");
		}
		any = true;
		page_label(page, category->ko, category->en);
	}
	if (any)
		page_raw(page, "</p>\n");
}

static void add_details(struct page *page)
{
	filter *const kinds[] = {pain, praise};
	size_t number = 0;
	page_raw(page, "<section id=details><h2>");
	page_say(page, STRING_DETAILS);
	page_raw(page, "</h2>\n");
	if (page->model->bucket_count > 0) {
		page_raw(page, "<p class=note>");
		page_say(page, STRING_SHARE_TREND);
		page_raw(page, "</p>\n");
	}
	for (size_t k = 0; k < 2; k++) {
		size_t count;
		const struct sori_report_category **list = choose(page, kinds[k], by_documents, &count);
		if (!list) {
			page->html.failed = true;
			return;
		}
		for (size_t i = 0; i < count; i++)
			page_category(page, list[i], ++number);
		sori_free(list);
	}
	add_empty(page);
	page_raw(page, "</section>\n");
}

static void add_closing(struct page *page)
{
	static const enum string lines[] = {STRING_READ_UNIT, STRING_READ_SHARE, STRING_READ_CHANGE,
					    STRING_READ_BREAKDOWN, STRING_READ_BREAK, STRING_READ_CAUSE};
	page_raw(page, "<section id=reading><h2>");
	page_say(page, STRING_READING);
	page_raw(page, "</h2>\n<ul class=plain>");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		page_raw(page, "<li>");
		page_say(page, lines[i]);
	}
	page_raw(page, "</ul></section>\n</main>\n<footer>sori " SORI_VERSION "</footer></div>\n<script>");
	page_raw(page, sori_asset_report_js);
	page_raw(page, "</script></body></html>\n");
}

static void add_page(struct page *page)
{
	add_head(page);
	add_switch(page);
	add_opening(page);
	add_contents(page);
	add_changed(page);
	add_table(page, "categories", STRING_PAIN, pain);
	add_table(page, "praise", STRING_PRAISE, praise);
	add_details(page);
	page_quality(page);
	add_closing(page);
}

/* The page, drawn again with less evidence and shorter breakdowns while it is too large to send around. */
static void add_fitting_page(struct page *page)
{
	static const struct {
		size_t evidence, values;
	} less[] = {{4, 6}, {3, 5}, {2, 4}, {1, 3}};
	add_page(page);
	for (size_t i = 0; i < sizeof less / sizeof *less && page->html.length > PAGE_WANTED; i++) {
		page->evidence = page->evidence < less[i].evidence ? page->evidence : less[i].evidence;
		page->values = page->values < less[i].values ? page->values : less[i].values;
		sori_buffer_reset(&page->html);
		add_page(page);
	}
}

static enum sori_status report_html_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					  const struct sori_settings *settings, struct sori_error *error)
{
	struct page page = {.model = model, .evidence = 6, .values = 8};
	if (settings) {
		page.evidence = (size_t)sori_settings_integer(settings, sori_reporter_html.name, "evidence");
		page.values = (size_t)sori_settings_integer(settings, sori_reporter_html.name, "values");
	}
	struct sori_output *output;
	enum sori_status status = sori_output_set_open(outputs, "report.html", false, 0, &output, error);
	if (status != SORI_OK)
		return status;
	sori_buffer_init(&page.html, PAGE_LIMIT);
	add_fitting_page(&page);
	status = page.html.failed ? sori_fail(error, SORI_SYSTEM, "no memory for report.html")
				  : sori_output_write(output, sori_buffer_view(&page.html), error);
	sori_buffer_release(&page.html);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

static const struct sori_option options[] = {
	{"evidence", SORI_OPTION_INTEGER, "6", 0, 12, NULL, "verbatims shown for each category, fewer when the page grows too large"},
	{"values", SORI_OPTION_INTEGER, "8", 1, 50, NULL, "values shown for each dimension before the rest is put together"},
	{0}};

const struct sori_reporter sori_reporter_html = {"report_html", "one page for people (report.html)", options,
						 report_html_write};
