/* Evidence: masked verbatims with the matched words marked. */
#include <string.h>

#include "stages/report_html/page.h"

#define QUOTE_BYTES 420 /* shown of a long verbatim */
#define QUOTE_LEAD 120  /* bytes kept before its first marked word */

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

/* Day, dimensions, rating, record. */
static void add_place(struct page *page, const struct sori_report_sample *sample)
{
	if (sample->day != SORI_DAY_NONE)
		page_day(page, sample->day);
	else if (page->model->publish_k == 0)
		page_say(page, STRING_UNDATED);
	for (size_t d = 1; d <= 3; d++) {
		if (!*sample->value[d])
			continue;
		page_raw(page, " · ");
		page_text(page, sample->value[d]);
	}
	if (sample->rating >= 0)
		sori_buffer_add_format(&page->html, " · ★%d", sample->rating);
	const char *slash = strrchr(sample->place, '/'); /* the file's name; the data files give the whole path */
	if (!*sample->place)
		return;
	page_raw(page, " · <code>");
	page_text(page, slash ? slash + 1 : sample->place);
	page_raw(page, "</code>");
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
	add_place(page, sample);
	page_raw(page, "</p>");
}

/* Others that tell nearly the same: where and when, not their words again. */
static void add_alike(struct page *page, const struct sori_report_category *category, size_t index)
{
	uint64_t count = 0;
	for (size_t i = index + 1; i < category->sample_count; i++)
		count += category->samples[i].group == index;
	if (count == 0)
		return;
	page_raw(page, "<details><summary>");
	PAGE_SENTENCE(page, STRING_ALIKE, fill_number(page, count));
	page_raw(page, "</summary>");
	for (size_t i = index + 1; i < category->sample_count; i++)
		if (category->samples[i].group == index) {
			page_raw(page, "<p>");
			add_place(page, &category->samples[i]);
			page_raw(page, "</p>");
		}
	page_raw(page, "</details>");
}

/* Newest month first; of one month no more than half, while there are others. */
void page_evidence(struct page *page, const struct sori_report_category *category)
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
		if (sample->group != i)
			continue; /* stands with the first that tells the same */
		int year = 0, this_month = 0;
		if (sample->day != SORI_DAY_NONE)
			sori_day_split(sample->day, &year, &this_month, &date);
		if (year * 12 + this_month != month)
			of_month = 0;
		month = year * 12 + this_month;
		if (of_month++ >= cap)
			continue;
		add_quote(page, sample);
		add_alike(page, category, i);
		shown++;
	}
	page_raw(page, "</ul>\n");
}

