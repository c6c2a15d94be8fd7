/* The section of one category: figures, trend, breakdowns, evidence, the trend's numbers as a table. */
#include <string.h>

#include "stages/report_html/page.h"
#include "pipeline/stats/intervals.h"

#define ENOUGH 30       /* documents of a value for a share */
#define QUOTE_BYTES 420 /* shown of a long verbatim */
#define QUOTE_LEAD 120  /* bytes kept before its first marked word */

enum string page_dimension_string(size_t dimension)
{
	static const enum string names[] = {STRING_SOURCE, STRING_CHANNEL, STRING_PRODUCT, STRING_REGION, STRING_LANG};
	return dimension < 5 ? names[dimension] : STRING_COUNT;
}

static void add_dimension_name(struct page *page, size_t d)
{
	if (page_dimension_string(d) != STRING_COUNT)
		page_say(page, page_dimension_string(d));
	else
		page_text(page, page->model->dimensions[d].label);
}

/* Whether the value's share stands clear of the rest's, and by a tenth of it at least, since with many documents every
 * hair's breadth is clear: 1 above, -1 below, 0 neither or too little to say. */
static int stands_out(const struct page *page, const struct sori_report_category *category, uint64_t documents,
		      uint64_t denominator)
{
	double low, high;
	uint64_t rest = page->model->documents - denominator, other = category->documents - documents;
	if (denominator < ENOUGH || rest < ENOUGH || category->documents < 5)
		return 0;
	struct sori_interval limits = sori_newcombe_interval((double)documents, (double)denominator, (double)other, (double)rest, 0.95);
	low = limits.low;
	high = limits.high;
	double share = (double)documents / (double)denominator, others = (double)other / (double)rest;
	return low > 0 && share > others * 1.1 ? 1 : high < 0 && share < others * 0.9 ? -1 : 0;
}

static void add_value_row(struct page *page, const struct sori_report_category *category, const char *name,
			  uint64_t documents, uint64_t denominator, double most)
{
	page_raw(page, "<tr><th scope=row>");
	if (!name)
		page_say(page, STRING_OTHERS);
	else if (!*name)
		page_say(page, STRING_NONE);
	else
		page_text(page, name);
	page_raw(page, "<td>");
	page_number(page, documents);
	page_raw(page, "<td>");
	if (denominator < ENOUGH) {
		page_raw(page, "–");
		return;
	}
	double share = (double)documents / (double)denominator;
	sori_buffer_add_format(&page->html, "<i class=w%d></i>", most > 0 ? (int)(share / most * 50 + 0.5) * 2 : 0);
	page_percent(page, share);
	int sign = name ? stands_out(page, category, documents, denominator) : 0;
	if (sign) {
		page_raw(page, sign > 0 ? " <b role=img aria-label=\"" : " <b class=low role=img aria-label=\"");
		page_say_plain(page, sign > 0 ? STRING_ABOVE : STRING_BELOW);
		page_raw(page, sign > 0 ? "\">▲</b>" : "\">▼</b>");
	}
}

/* The values with most documents; what is left over in one row. */
static void add_breakdown(struct page *page, const struct sori_report_category *category, size_t d)
{
	const struct sori_report_dimension *dimension = &page->model->dimensions[d];
	const uint64_t *by = category->by[d];
	size_t shown = dimension->count <= page->values + 1 ? dimension->count : page->values;
	uint64_t others = 0, others_denominator = 0;
	double most = 0;
	for (size_t v = 0; v < dimension->count; v++) {
		uint64_t denominator = dimension->values[v].documents;
		double share = denominator >= ENOUGH ? (double)by[v] / (double)denominator : 0;
		if (v < shown) {
			most = share > most ? share : most;
		} else {
			others += by[v];
			others_denominator += denominator;
		}
	}
	if (others_denominator >= ENOUGH && (double)others / (double)others_denominator > most)
		most = (double)others / (double)others_denominator;
	page_raw(page, "<table class=by><caption>");
	add_dimension_name(page, d);
	page_raw(page, "</caption><thead><tr><td><th scope=col>");
	page_say(page, STRING_DOCUMENTS);
	page_raw(page, "<th scope=col>");
	page_say(page, STRING_SHARE);
	page_raw(page, "<tbody>");
	for (size_t v = 0; v < shown; v++)
		if (dimension->values[v].documents > 0)
			add_value_row(page, category, dimension->values[v].text, by[v], dimension->values[v].documents,
				      most);
	if (others_denominator > 0)
		add_value_row(page, category, NULL, others, others_denominator, most);
	page_raw(page, "</table>\n");
}

/* A dimension says something when its second value has documents enough for a share. */
static bool tells(const struct sori_report_dimension *dimension)
{
	return dimension->used && dimension->count > 1 && dimension->values[1].documents >= ENOUGH;
}

static void add_breakdowns(struct page *page, const struct sori_report_category *category)
{
	bool any = false;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		if (!tells(&page->model->dimensions[d]))
			continue;
		if (!any)
			page_raw(page, "<div class=bys>");
		any = true;
		add_breakdown(page, category, d);
	}
	if (any)
		page_raw(page, "</div>\n");
}

/* A piece of the verbatim, its marked words in <mark>. */
static void add_marked(struct page *page, const struct sori_report_sample *sample, uint32_t from, uint32_t to)
{
	uint32_t at = from;
	for (size_t i = 0; i < sample->span_count; i++) {
		uint32_t start = sample->spans[i].start, end = sample->spans[i].end;
		if (end <= at || start >= to)
			continue;
		start = start < at ? at : start;
		end = end > to ? to : end;
		sori_buffer_add_markup(&page->html, sori_view_make(sample->text + at, start - at));
		page_raw(page, "<mark>");
		sori_buffer_add_markup(&page->html, sori_view_make(sample->text + start, end - start));
		page_raw(page, "</mark>");
		at = end;
	}
	sori_buffer_add_markup(&page->html, sori_view_make(sample->text + at, to - at));
}

static uint32_t border(const struct sori_report_sample *sample, uint32_t at)
{
	while (at > 0 && at < sample->length && ((unsigned char)sample->text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static void add_quote(struct page *page, const struct sori_report_sample *sample)
{
	const char *lang = sample->value[4];
	uint32_t from = 0, to = sample->length;
	if (to > QUOTE_BYTES) {
		if (sample->span_count > 0 && sample->spans[0].start > QUOTE_LEAD * 2)
			from = border(sample, sample->spans[0].start - QUOTE_LEAD);
		if (to - from > QUOTE_BYTES)
			to = border(sample, from + QUOTE_BYTES);
	}
	page_raw(page, "<li><blockquote dir=auto");
	if (strcmp(lang, "ko") == 0 || strcmp(lang, "en") == 0) {
		page_raw(page, " lang=");
		page_raw(page, lang);
	}
	page_raw(page, from > 0 ? ">…" : ">");
	add_marked(page, sample, from, to);
	page_raw(page, to < sample->length ? "…</blockquote><p>" : "</blockquote><p>");
	page_day(page, sample->day);
	for (size_t d = 1; d <= 3; d++) {
		if (!*sample->value[d])
			continue;
		page_raw(page, " · ");
		page_text(page, sample->value[d]);
	}
	if (sample->rating >= 0)
		sori_buffer_add_format(&page->html, " · ★%d", sample->rating);
	const char *slash = strrchr(sample->place, '/'); /* the file's name; the data files give the whole path */
	page_raw(page, " · <code>");
	page_text(page, slash ? slash + 1 : sample->place);
	page_raw(page, "</code>");
}

/* Newest month first; of one month no more than half, while there are others. */
static void add_evidence(struct page *page, const struct sori_report_category *category)
{
	size_t shown = 0, of_month = 0;
	int month = -1;
	if (category->sample_count == 0)
		return;
	page_raw(page, "<h4>");
	page_say(page, STRING_EVIDENCE);
	page_raw(page, " <small>");
	page_say(page, STRING_EVIDENCE_NOTE);
	page_raw(page, "</small></h4><ul class=quotes>\n");
	size_t cap = page->evidence;
	const struct sori_report_sample *last = &category->samples[category->sample_count - 1];
	int years[2] = {0}, months[2] = {0}, date;
	if (last->day != SORI_DAY_NONE && category->samples[0].day != SORI_DAY_NONE) {
		sori_day_split(category->samples[0].day, &years[0], &months[0], &date);
		sori_day_split(last->day, &years[1], &months[1], &date);
		if (years[0] != years[1] || months[0] != months[1])
			cap = (page->evidence + 1) / 2;
	}
	for (size_t i = 0; i < category->sample_count && shown < page->evidence; i++) {
		const struct sori_report_sample *sample = &category->samples[i];
		int year = 0, this_month = 0;
		if (sample->day != SORI_DAY_NONE)
			sori_day_split(sample->day, &year, &this_month, &date);
		if (year * 12 + this_month != month)
			of_month = 0;
		month = year * 12 + this_month;
		if (of_month++ >= cap)
			continue;
		add_quote(page, sample);
		shown++;
	}
	page_raw(page, "</ul>\n");
}

static void add_numbers(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_model *model = page->model;
	if (model->bucket_count == 0)
		return;
	page_raw(page, "<details><summary>");
	page_say(page, STRING_DATA_TABLE);
	page_raw(page, "</summary><table class=series><thead><tr><th scope=col>");
	page_say(page, STRING_FROM_DAY);
	page_raw(page, "<th scope=col>");
	page_say(page, STRING_DOCUMENTS);
	page_raw(page, "<th scope=col>");
	page_say(page, STRING_SHARE);
	page_raw(page, "<tbody>");
	for (size_t i = 0; i < model->bucket_count; i++) {
		page_raw(page, "<tr><th scope=row>");
		page_day(page, model->buckets[i].first);
		page_raw(page, "<td>");
		if (model->buckets[i].documents > 0)
			page_number(page, category->series[i]);
		page_raw(page, "<td>");
		page_share(page, category->series[i], model->buckets[i].documents);
	}
	page_raw(page, "</table></details>\n");
}

void page_category(struct page *page, const struct sori_report_category *category, size_t number)
{
	page_raw(page, "<section class=cat id=\"c-");
	page_text(page, category->id);
	page_raw(page, "\"><h3>");
	page_label(page, category->ko, category->en);
	page_raw(page, " <code>");
	page_text(page, category->id);
	page_raw(page, "</code></h3><p class=facts><b>");
	page_number(page, category->documents);
	page_raw(page, "</b>");
	page_say(page, STRING_CASES);
	page_raw(page, " · ");
	page_share(page, category->documents, page->model->documents);
	sori_buffer_add_format(&page->html, " · <span class=%s>", page_tone(category));
	page_change(page, category);
	if (category->change.verdict >= SORI_VERDICT_UNCLEAR)
		page_say(page, STRING_POINTS);
	page_raw(page, "</span>");
	if (*category->owner) {
		page_raw(page, " · ");
		page_say(page, STRING_OWNER);
		page_raw(page, " ");
		page_text(page, category->owner);
	}
	if (category->severity > 0) {
		page_raw(page, " · ");
		page_say(page, STRING_SEVERITY);
		sori_buffer_add_format(&page->html, " %d", category->severity);
	}
	page_raw(page, "</p>\n");
	page_chart(page, category, number);
	add_numbers(page, category);
	add_breakdowns(page, category);
	add_evidence(page, category);
	page_raw(page, "<p class=top><a href=\"#categories\">");
	page_say(page, STRING_TOP);
	page_raw(page, "</a></p></section>\n");
}
