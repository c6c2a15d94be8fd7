/* Text, numbers and changes as the page writes them. */
#include "stages/report_html/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const char *const strings[STRING_COUNT][2] = {
#define X(name, ko, en) {ko, en},
#include "stages/report_html/strings.def"
#undef X
};

void page_raw(struct page *page, const char *markup)
{
	sori_buffer_add_text(&page->html, markup);
}

void page_text(struct page *page, const char *text)
{
	sori_buffer_add_markup(&page->html, sori_view_of(text));
}

void page_say(struct page *page, enum string string)
{
	page_raw(page, "<span lang=ko>");
	page_raw(page, strings[string][0]);
	page_raw(page, "</span><span lang=en>");
	page_raw(page, strings[string][1]);
	page_raw(page, "</span>");
}

void page_say_plain(struct page *page, enum string string)
{
	page_raw(page, strings[string][page->model->query.english]);
}

void page_label(struct page *page, const char *ko, const char *en)
{
	page_raw(page, "<span lang=ko>");
	page_text(page, ko);
	page_raw(page, "</span><span lang=en>");
	page_text(page, en);
	page_raw(page, "</span>");
}

void page_number(struct page *page, uint64_t value)
{
	char digits[24], grouped[32];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, value), at = 0;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			grouped[at++] = ',';
		grouped[at++] = digits[i];
	}
	sori_buffer_add(&page->html, grouped, (size_t)at);
}

void page_percent(struct page *page, double share)
{
	double percent = share * 100;
	sori_buffer_add_format(&page->html, "%.*f%%", percent > 0 && percent < 0.095 ? 2 : 1, percent);
}

void page_points(struct page *page, double difference)
{
	double points = fabs(difference) * 100;
	int decimals = points < 0.095 ? 2 : 1;
	bool zero = points < 0.005;
	page_raw(page, zero ? "" : difference < 0 ? "\xe2\x88\x92" : "+"); /* U+2212 */
	sori_buffer_add_format(&page->html, "%.*f", decimals, zero ? 0.0 : points);
}

void page_share(struct page *page, uint64_t documents, uint64_t denominator)
{
	if (denominator == 0)
		page_raw(page, "\xe2\x80\x93");
	else
		page_percent(page, (double)documents / (double)denominator);
}

void page_day(struct page *page, sori_day day)
{
	char text[11];
	sori_day_text(day, text);
	page_raw(page, text);
}

void page_days(struct page *page, sori_day first, sori_day last)
{
	page_raw(page, "<span class=days>");
	page_day(page, first);
	page_raw(page, " – ");
	page_day(page, last);
	page_raw(page, "</span>");
}

const char *page_tone(const struct sori_report_category *category)
{
	enum sori_verdict verdict = category->change.verdict;
	if (verdict != SORI_VERDICT_UP && verdict != SORI_VERDICT_DOWN)
		return "flat";
	return (verdict == SORI_VERDICT_UP) != category->praise ? "worse" : "better";
}

void page_change(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	switch (change->verdict) {
	case SORI_VERDICT_TOO_LITTLE:
		page_say(page, STRING_TOO_LITTLE);
		return;
	case SORI_VERDICT_DICTIONARY:
		page_say(page, STRING_OTHER_DICTIONARY);
		return;
	case SORI_VERDICT_UP:
		page_raw(page, "▲ ");
		break;
	case SORI_VERDICT_DOWN:
		page_raw(page, "▼ ");
		break;
	case SORI_VERDICT_UNCLEAR:
		break;
	}
	page_points(page, change->difference);
}
