/* A category by the values of each dimension: documents, share, and the share with its interval against the share of all. */
#include <math.h>

#include "pipeline/stats/intervals.h"
#include "stages/report_html/page.h"

#define ENOUGH 30 /* documents of a value for a share */
#define CONFIDENCE 0.95

/* Whether the value's share stands clear of the rest's, and by a tenth of it at least, since with many documents every
 * hair's breadth is clear: 1 above, -1 below, 0 neither or too little to say. */
static int stands_out(const struct page *page, const struct sori_report_category *category, uint64_t documents,
		      uint64_t denominator)
{
	uint64_t rest = page->model->documents - denominator, other = category->documents - documents;
	if (denominator < ENOUGH || rest < ENOUGH || category->documents < 5)
		return 0;
	struct sori_interval limits = sori_newcombe_interval((double)documents, (double)denominator, (double)other, (double)rest,
							     CONFIDENCE);
	double share = (double)documents / (double)denominator, others = (double)other / (double)rest;
	return limits.low > 0 && share > others * 1.1 ? 1 : limits.high < 0 && share < others * 0.9 ? -1 : 0;
}

struct value {
	const char *name; /* NULL: the rest together */
	uint64_t documents, denominator;
	bool hidden;
	struct sori_interval limits;
};

static struct value make_value(const char *name, uint64_t documents, uint64_t denominator)
{
	struct value value = {name, documents, denominator, page_hidden(documents) || page_hidden(denominator), {NAN, NAN}};
	if (!value.hidden && denominator >= ENOUGH)
		value.limits = sori_wilson_interval((double)documents, (double)denominator, CONFIDENCE);
	return value;
}

static void add_row(struct page *page, const struct sori_report_category *category, const struct value *value, double top)
{
	page_raw(page, "<tr><th scope=row>");
	if (!value->name)
		page_say(page, STRING_OTHERS);
	else if (!*value->name)
		page_say(page, STRING_NONE);
	else
		page_text(page, value->name);
	page_raw(page, "<td>");
	page_number(page, value->documents);
	if (value->hidden || value->denominator < ENOUGH) {
		page_raw(page, "<td>–<td>");
		return;
	}
	int sign = value->name && !page_hidden(category->documents) && !page_hidden(page->model->documents)
			   ? stands_out(page, category, value->documents, value->denominator)
			   : 0;
	page_raw(page, sign > 0 ? "<td class=worse>" : sign < 0 ? "<td class=better>" : "<td>");
	if (sign) {
		page_raw(page, sign > 0 ? "<span role=img aria-label=\"" : "<span role=img aria-label=\"");
		page_say_plain(page, sign > 0 ? STRING_ABOVE : STRING_BELOW);
		page_raw(page, sign > 0 ? "\">▲</span>" : "\">▼</span>");
	}
	double share = (double)value->documents / (double)value->denominator;
	page_percent(page, share);
	page_raw(page, "<td>");
	page_interval(page, 0, top, page_hidden(category->documents) ? NAN
				    : (double)category->documents / (double)page->model->documents,
		      value->limits.low, share, value->limits.high);
}

/* The values with most documents; what is left over in one row. */
static size_t collect(const struct page *page, const struct sori_report_category *category, size_t d, struct value *values)
{
	const struct sori_report_dimension *dimension = &page->model->dimensions[d];
	size_t shown = dimension->count <= page->values + 1 ? dimension->count : page->values, count = 0;
	uint64_t others = 0, others_denominator = 0;
	bool hidden = false;
	for (size_t v = 0; v < dimension->count; v++) {
		uint64_t documents = category->by[d][v], denominator = dimension->values[v].documents;
		if (v < shown) {
			if (denominator > 0)
				values[count++] = make_value(dimension->values[v].text, documents, denominator);
			continue;
		}
		hidden = hidden || page_hidden(documents) || page_hidden(denominator);
		others += documents;
		others_denominator += denominator;
	}
	if (!hidden && others_denominator > 0)
		values[count++] = make_value(NULL, others, others_denominator);
	return count;
}

#define VALUES_MOST 52 /* the option's maximum, the one more that is not worth an "others", and the others */

static void add_breakdown(struct page *page, const struct sori_report_category *category, size_t d)
{
	struct value values[VALUES_MOST];
	size_t count = collect(page, category, d, values);
	double top = 0;
	for (size_t i = 0; i < count; i++)
		top = fmax(top, isnan(values[i].limits.high) ? 0 : values[i].limits.high);
	page_raw(page, "<table class=by><caption>");
	page_dimension_name(page, d);
	page_raw(page, "</caption><thead><tr><th scope=col><span class=hide>");
	page_dimension_name(page, d);
	page_raw(page, "</span><th scope=col>");
	page_say(page, STRING_DOCUMENTS);
	page_raw(page, "<th scope=col>");
	page_say(page, STRING_SHARE);
	page_raw(page, "<th scope=col><span class=hide>");
	page_say(page, STRING_INTERVAL);
	page_raw(page, "</span><span class=scale aria-hidden=true><span>0</span><span>");
	page_percent(page, page_nice(top));
	page_raw(page, "</span></span><tbody>");
	for (size_t i = 0; i < count; i++)
		add_row(page, category, &values[i], page_nice(top));
	page_raw(page, "</table>\n");
}

/* A dimension says something when its second value has documents enough for a share. */
static bool tells(const struct sori_report_dimension *dimension)
{
	return dimension->used && dimension->count > 1 && !page_hidden(dimension->values[1].documents) &&
	       dimension->values[1].documents >= ENOUGH;
}

void page_breakdowns(struct page *page, const struct sori_report_category *category)
{
	bool any = false;
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		if (!tells(&page->model->dimensions[d]))
			continue;
		if (!any) {
			page_raw(page, "<h4>");
			page_say(page, STRING_WHERE);
			page_raw(page, " <small>");
			page_say(page, STRING_WHERE_NOTE);
			page_raw(page, "</small></h4><div class=bys>");
		}
		any = true;
		add_breakdown(page, category, d);
	}
	page_raw(page, any ? "</div>\n" : "");
}
