/* What goes with low ratings, as `sori drivers` tells it: crude difference with its interval, the difference adjusted for all
 * other categories, and how many low ratings that makes. Associations. */
#include <math.h>

#include "stages/report_html/page.h"

#define SHOWN 15

bool page_has_drivers(const struct page *page)
{
	return page->found->drivers && page->found->drivers->refusal == SORI_REFUSAL_NONE;
}

static bool counts(const struct page *page, const struct sori_drivers_row *row)
{
	const struct sori_report_category *category = sori_report_category_of(page->model, row->category);
	return category && !category->praise && row->verdict == SORI_VERDICT_UP;
}

static double find_top(const struct page *page, size_t *count)
{
	const struct sori_drivers_result *drivers = page->found->drivers;
	double top = 0;
	*count = 0;
	for (size_t i = 0; i < drivers->row_count && *count < SHOWN; i++)
		if (counts(page, &drivers->rows[i])) {
			top = fmax(top, drivers->rows[i].driver.difference_limits.high);
			++*count;
		}
	return page_nice(top * 100) / 100;
}

static void add_row(struct page *page, const struct sori_drivers_row *row, double top)
{
	const struct sori_driver *driver = &row->driver;
	page_raw(page, "\n<tr class=worse><th scope=row>");
	page_link(page, sori_report_category_of(page->model, row->category));
	page_raw(page, "<td class=n>");
	page_number(page, (uint64_t)driver->with);
	page_raw(page, "<td class=n>");
	page_percent(page, driver->low_with / driver->with);
	page_raw(page, "<td class=n>");
	page_percent(page, driver->low_without / driver->without);
	page_raw(page, "<td class=g>");
	page_interval(page, 0, top, NAN, driver->difference_limits.low, driver->difference, driver->difference_limits.high);
	page_raw(page, "<td class=n><b>");
	page_points(page, driver->difference);
	page_raw(page, "</b> <small>");
	page_limits(page, driver->difference_limits.low, driver->difference_limits.high);
	page_raw(page, "</small><td class=n>");
	page_points(page, driver->effect);
	page_raw(page, "<td class=n>");
	page_decimal(page, driver->excess, 0);
	page_raw(page, "<td class=n>");
	page_percent(page, driver->adjusted_part);
}

static void add_head(struct page *page, double top)
{
	static const enum string heads[] = {STRING_CATEGORY, STRING_RATED, STRING_LOW_WITH, STRING_LOW_WITHOUT};
	static const enum string tails[] = {STRING_POINTS_APART, STRING_ADJUSTED, STRING_EXCESS, STRING_OF_LOW};
	page_raw(page, "<table class=drivers><thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		page_raw(page, i == 0 ? "<th scope=col>" : "<th scope=col class=n>");
		page_say(page, heads[i]);
	}
	page_raw(page, "<th scope=col class=g><span class=hide>");
	page_say(page, STRING_DIFFERENCE);
	page_raw(page, "</span><span class=scale aria-hidden=true><span>0</span><span>");
	page_points(page, top);
	page_raw(page, "</span></span>");
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		page_raw(page, "<th scope=col class=n>");
		page_say(page, tails[i]);
	}
	page_raw(page, "<tbody>");
}

static void add_table(struct page *page)
{
	const struct sori_drivers_result *drivers = page->found->drivers;
	size_t count, shown = 0, more = 0;
	double top = find_top(page, &count);
	if (count == 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_NO_DRIVER);
		page_raw(page, "</p>\n");
		return;
	}
	add_head(page, top);
	for (size_t i = 0; i < drivers->row_count; i++) {
		if (!counts(page, &drivers->rows[i]))
			continue;
		if (shown < SHOWN) {
			add_row(page, &drivers->rows[i], top);
			shown++;
		} else {
			more++;
		}
	}
	page_raw(page, "</table>\n");
	if (more > 0) {
		page_raw(page, "<p class=note>");
		PAGE_SENTENCE(page, STRING_AND_MORE, fill_number(page, more));
		page_raw(page, " <code>sori drivers</code></p>\n");
	}
}

void page_drivers(struct page *page)
{
	const struct sori_drivers_result *drivers = page->found->drivers;
	if (!page_has_drivers(page))
		return;
	page_section(page, "drivers", STRING_DRIVERS);
	page_raw(page, "<p class=note>");
	PAGE_SENTENCE(page, STRING_DRIVERS_NOTE, fill_number(page, (uint64_t)drivers->rated),
		      fill_percent(page, drivers->rated / drivers->documents), fill_number(page, (uint64_t)drivers->low),
		      fill_percent(page, drivers->low / drivers->rated), fill_number(page, (uint64_t)drivers->threshold),
		      fill_number(page, (uint64_t)drivers->scale));
	if (drivers->adjusted_refusal != SORI_REFUSAL_NONE) {
		page_raw(page, " ");
		page_label(page, sori_refusal_text(drivers->adjusted_refusal, false), sori_refusal_text(drivers->adjusted_refusal, true));
		page_raw(page, ".");
	}
	page_raw(page, "</p>\n");
	add_table(page);
	page_raw(page, "<p class=note>");
	page_label(page, sori_inquiry_caution(SORI_INQUIRY_DRIVERS, false), sori_inquiry_caution(SORI_INQUIRY_DRIVERS, true));
	page_raw(page, "</p></section>\n");
}
