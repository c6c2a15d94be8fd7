/* report.html: one file that a manager reads in a minute and an analyst for an hour, ordered by the questions that they bring:
 * what is the matter, what changed, what about tonight, what is new, then every category with its evidence, what became of
 * actions, praise apart, how far the data can be trusted, how to read it.
 *
 * Everything is in the markup, so the page is whole without scripts; the script sorts, filters by the embedded counts and tells
 * the numbers under the pointer. Both languages are in the file and two radio buttons choose with CSS. The
 * policy names the hashes of the one style sheet and the one script, so nothing that a customer wrote can run or load anything
 * even if escaping failed. Text from outside passes sori_buffer_add_markup or sori_buffer_add_json and nothing else. */
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

#define PAGE_LIMIT ((size_t)64 * 1024 * 1024)
#define PAGE_WANTED ((size_t)600 * 1000)  /* shorten what can be shortened without loss of sense */
#define PAGE_MOST ((size_t)1400 * 1000)  /* shorten further */
#define DATA_WANTED ((size_t)400 * 1000)

extern const struct sori_reporter sori_reporter_html;

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
	page_raw(page, "<div class=page><a class=skip href=\"#changed\">");
	page_say(page, STRING_SKIP);
	page_raw(page, "</a>\n<header><div class=switch role=group aria-label=\"언어 · Language\"><input type=radio name=lang id=ko");
	page_raw(page, english ? "><label for=ko lang=ko>한국어</label><input type=radio name=lang id=en checked>"
			       : " checked><label for=ko lang=ko>한국어</label><input type=radio name=lang id=en>");
	page_raw(page, "<label for=en lang=en>English</label></div>\n");
	page_headline(page);
	page_raw(page, "</header>\n");
}

static void add_contents(struct page *page)
{
	const struct {
		const char *target;
		enum string name;
		bool there;
	} items[] = {{"changed", STRING_CHANGED, true},
		     {"alerts", STRING_ALERTS, true},
		     {"words", STRING_WORDS, page_has_words(page)},
		     {"drivers", STRING_DRIVERS, page_has_drivers(page)},
		     {"explore", STRING_EXPLORE, true},
		     {"details", STRING_DETAILS, true},
		     {"actions", STRING_ACTIONS, page->found->effect_count > 0},
		     {"season", STRING_SEASON, page->found->season != NULL},
		     {"outside", STRING_OUTSIDE, page->model->query.outside && page->model->bucket_count > 1},
		     {"praise", STRING_PRAISE, true},
		     {"quality", STRING_QUALITY, true},
		     {"reading", STRING_READING, true}};
	page_raw(page, "<nav class=contents aria-label=\"");
	page_say_plain(page, STRING_CONTENTS);
	page_raw(page, "\">");
	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
		if (!items[i].there)
			continue;
		page_raw(page, "<a href=\"#");
		page_raw(page, items[i].target);
		page_raw(page, "\">");
		page_say(page, items[i].name);
		page_raw(page, "</a>");
	}
	page_raw(page, "</nav>\n<main>\n");
}

void page_reading(struct page *page)
{
	static const enum string lines[] = {STRING_READ_UNIT,	   STRING_READ_SHARE,  STRING_READ_CHANGE, STRING_READ_WORDS,
					    STRING_READ_ALERT,	   STRING_READ_USUAL,  STRING_READ_BREAKDOWN, STRING_READ_BREAK,
					    STRING_READ_CLASSIFIER, STRING_READ_FILTER, STRING_READ_DRIVERS, STRING_READ_CAUSE};
	page_section(page, "reading", STRING_READING);
	page_raw(page, "<ul class=plain>");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		page_raw(page, "<li>");
		page_say(page, lines[i]);
	}
	page_raw(page, "</ul></section>\n");
}

static void add_closing(struct page *page)
{
	page_raw(page, "</main>\n<footer>sori " SORI_VERSION "</footer></div>\n");
	if (page->data.length > 0) {
		page_raw(page, "<script type=\"application/json\" id=counts>");
		sori_buffer_add_view(&page->html, sori_buffer_view(&page->data));
		page_raw(page, "</script>\n");
	}
	page_raw(page, "<script>");
	page_raw(page, sori_asset_report_js);
	page_raw(page, "</script></body></html>\n");
}

static void add_page(struct page *page)
{
	page->charts = 0;
	add_head(page);
	add_switch(page);
	page_define_sparks(page);
	add_contents(page);
	page_changes(page);
	page_alerts(page);
	page_words(page);
	page_drivers(page);
	page_explore(page);
	page_categories(page);
	page_actions(page);
	page_praises(page);
	page_quality(page);
	page_reading(page);
	add_closing(page);
}

/* The page, drawn again with less evidence and shorter breakdowns while it is too large to send around. */
static void add_fitting_page(struct page *page)
{
	static const struct {
		size_t evidence, values, rows, limit;
	} less[] = {{4, 8, 32, PAGE_WANTED}, {4, 6, 13, PAGE_WANTED}, {3, 6, 13, PAGE_WANTED}, {3, 4, 13, PAGE_MOST},
		    {2, 3, 13, PAGE_MOST},   {1, 2, 13, PAGE_MOST}};
	add_page(page);
	for (size_t i = 0; i < sizeof less / sizeof *less && !page->html.failed; i++) {
		if (page->html.length <= less[i].limit)
			continue;
		page->evidence = page->evidence < less[i].evidence ? page->evidence : less[i].evidence;
		page->values = page->values < less[i].values ? page->values : less[i].values;
		page->rows = page->rows < less[i].rows ? page->rows : less[i].rows;
		sori_buffer_reset(&page->html);
		add_page(page);
	}
}

static enum sori_status report_html_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					  const struct sori_settings *settings, struct sori_error *error)
{
	struct page page = {.model = model, .found = model->findings, .evidence = 6, .values = 8, .rows = 32};
	if (settings) {
		page.evidence = (size_t)sori_settings_integer(settings, sori_reporter_html.name, "evidence");
		page.values = (size_t)sori_settings_integer(settings, sori_reporter_html.name, "values");
	}
	struct sori_output *output;
	enum sori_status status = sori_output_set_open(outputs, "report.html", false, 0, &output, error);
	if (status != SORI_OK)
		return status;
	sori_buffer_init(&page.html, PAGE_LIMIT);
	sori_arena_init(&page.scratch, 1 << 14);
	page_make_data(&page, DATA_WANTED);
	add_fitting_page(&page);
	status = page.html.failed || page.data.failed ? sori_fail(error, SORI_SYSTEM, "no memory for report.html")
						      : sori_output_write(output, sori_buffer_view(&page.html), error);
	sori_buffer_release(&page.html);
	sori_buffer_release(&page.data);
	sori_arena_release(&page.scratch);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

static const struct sori_option options[] = {
	{"evidence", SORI_OPTION_INTEGER, "6", 0, 12, NULL, "verbatims shown for each category, fewer when the page grows too large"},
	{"values", SORI_OPTION_INTEGER, "8", 1, 50, NULL, "values shown for each dimension before the rest is put together"},
	{0}};

const struct sori_reporter sori_reporter_html = {"report_html", "one page for people (report.html)", options,
						 report_html_write, NULL};
