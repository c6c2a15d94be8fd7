/* Charts as inline SVG: the drawing alone is in the SVG and stretches with the page, axis texts are HTML beside it, so
 * that they keep their size on a phone. Coordinates are whole numbers in a 1000 x 200 box; y begins at zero; a bucket
 * without documents breaks the line. The scale comes from buckets with enough documents: in a bucket of three, one
 * document is 33 % and would flatten all the rest; such a point is cut off at the top. */
#include <math.h>
#include <stdio.h>

#include "stages/report_html/page.h"

#define WIDTH 1000
#define HEIGHT 200
#define ENOUGH 10

static double share_at(const struct sori_report_model *model, const struct sori_report_category *category, size_t i)
{
	return (double)category->series[i] / (double)model->buckets[i].documents;
}

/* The smallest round number that is not below `value`. */
static double nice_top(double value)
{
	static const double steps[] = {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
	if (value <= 0)
		return 1;
	double power = pow(10, floor(log10(value)));
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i] * power >= value * (1 - 1e-9))
			return steps[i] * power;
	return 10 * power;
}

static double highest(const struct sori_report_model *model, const struct sori_report_category *category)
{
	double all = 0, solid = 0;
	for (size_t i = 0; i < model->bucket_count; i++) {
		if (model->buckets[i].documents == 0)
			continue;
		double value = category ? share_at(model, category, i) : (double)model->buckets[i].documents;
		all = value > all ? value : all;
		if (!category || model->buckets[i].documents >= ENOUGH)
			solid = value > solid ? value : solid;
	}
	return solid > 0 ? solid : all;
}

static int x_of(const struct sori_report_model *model, double position)
{
	return (int)lround(position * WIDTH / (double)model->bucket_count);
}

/* Where a day lies, in buckets from the left. */
static double position_of(const struct sori_report_model *model, sori_day day)
{
	for (size_t i = 0; i < model->bucket_count; i++) {
		const struct sori_report_bucket *bucket = &model->buckets[i];
		if (day <= bucket->last)
			return (double)i + (day <= bucket->first ? 0 : (double)(day - bucket->first) /
									       (double)(bucket->last - bucket->first + 1));
	}
	return (double)model->bucket_count;
}

/* The line, in pieces between gaps; a lone point becomes a dot (round caps on a line of no length). */
static void add_line(struct page *page, const struct sori_report_category *category, double top, int height)
{
	const struct sori_report_model *model = page->model;
	bool open = false, single = false;
	for (size_t i = 0; i < model->bucket_count; i++) {
		if (model->buckets[i].documents == 0) {
			if (single)
				page_raw(page, "h0");
			open = single = false;
			continue;
		}
		double value = share_at(model, category, i) / top;
		int x = x_of(model, (double)i + 0.5), y = (int)lround(height * (1 - (value > 1 ? 1 : value)));
		sori_buffer_add_format(&page->html, "%s%d %d", open ? (single ? "L" : " ") : "M", x, y);
		single = !open;
		open = true;
	}
	if (single)
		page_raw(page, "h0");
}

static void add_columns(struct page *page, double top)
{
	const struct sori_report_model *model = page->model;
	int gap = model->bucket_count <= 200 ? 1 : 0;
	for (size_t i = 0; i < model->bucket_count; i++) {
		double value = (double)model->buckets[i].documents / top;
		int height = (int)lround(HEIGHT * value), left = x_of(model, (double)i), right = x_of(model, (double)i + 1);
		if (height == 0)
			continue;
		if (right - left > 3 * gap)
			right -= gap;
		sori_buffer_add_format(&page->html, "M%d %dv-%dh%dv%dz", left, HEIGHT, height, right - left, height);
	}
}

/* The latest window as a band, changes of dictionary as dashed uprights. */
static void add_marks(struct page *page)
{
	const struct sori_report_model *model = page->model;
	if (model->windows.days > 0 && model->unit <= SORI_BUCKET_WEEK) {
		int left = x_of(model, position_of(model, model->windows.after_first));
		int right = x_of(model, position_of(model, model->windows.after_last + 1));
		sori_buffer_add_format(&page->html, "<path class=band d=\"M%d 0H%dV%dH%dz\"/>", left, right, HEIGHT, left);
	}
	sori_day before = SORI_DAY_NONE;
	for (size_t i = 0; i < model->dictionary_count; i++) {
		sori_day first = model->dictionaries[i].first;
		if (first == SORI_DAY_NONE)
			continue;
		if (before != SORI_DAY_NONE && first >= model->buckets[0].first && first > before)
			sori_buffer_add_format(&page->html, "<path class=break d=\"M%d 0V%d\"/>",
					       x_of(model, position_of(model, first)), HEIGHT);
		before = first;
	}
}

static void add_value(struct page *page, const struct sori_report_category *category, double value)
{
	if (category)
		page_percent(page, value);
	else
		page_number(page, (uint64_t)llround(value));
}

/* Highest and latest point in figures, the same in both languages. */
static void add_description(struct page *page, const struct sori_report_category *category, size_t number)
{
	const struct sori_report_model *model = page->model;
	size_t most = model->bucket_count, latest = model->bucket_count;
	double best = -1;
	for (size_t i = 0; i < model->bucket_count; i++) {
		if (model->buckets[i].documents == 0)
			continue;
		double value = category ? share_at(model, category, i) : (double)model->buckets[i].documents;
		latest = i;
		if (value > best) {
			best = value;
			most = i;
		}
	}
	sori_buffer_add_format(&page->html, "<desc id=d%zu>", number);
	page_day(page, model->buckets[0].first);
	page_raw(page, " – ");
	page_day(page, model->buckets[model->bucket_count - 1].last);
	size_t shown[] = {most, latest};
	for (size_t k = 0; k < (most == latest ? 1u : 2u); k++) {
		if (shown[k] == model->bucket_count)
			break;
		page_raw(page, "; ");
		page_day(page, model->buckets[shown[k]].first);
		page_raw(page, ": ");
		add_value(page, category,
			  category ? share_at(model, category, shown[k]) : (double)model->buckets[shown[k]].documents);
	}
	page_raw(page, "</desc>");
}

/* A round number as it is, 0.15% as well as 40%. */
static void add_tick(struct page *page, const struct sori_report_category *category, double value)
{
	if (category)
		sori_buffer_add_format(&page->html, "%.6g%%", value * 100);
	else
		page_number(page, (uint64_t)llround(value));
}

static void add_axis(struct page *page, const struct sori_report_category *category, double top)
{
	const struct sori_report_model *model = page->model;
	page_raw(page, "<div class=y aria-hidden=true><span>");
	add_tick(page, category, top);
	page_raw(page, "</span><span>");
	if (category || (top >= 2 && fmod(top, 2) == 0))
		add_tick(page, category, top / 2);
	page_raw(page, "</span><span>0</span></div><div class=x aria-hidden=true><span>");
	page_day(page, model->buckets[0].first);
	page_raw(page, "</span><span>");
	if (model->bucket_count > 2)
		page_day(page, model->buckets[model->bucket_count / 2].first);
	page_raw(page, "</span><span>");
	page_day(page, model->buckets[model->bucket_count - 1].last);
	page_raw(page, "</span></div>");
}

void page_chart(struct page *page, const struct sori_report_category *category, size_t number)
{
	const struct sori_report_model *model = page->model;
	if (model->bucket_count == 0)
		return;
	double top = nice_top(highest(model, category));
	if (!category && top < 1)
		top = 1;
	sori_buffer_add_format(&page->html,
			       "<div class=chart><svg role=img viewBox=\"0 0 %d %d\" preserveAspectRatio=none "
			       "aria-labelledby=\"t%zu d%zu\"><title id=t%zu>", WIDTH, HEIGHT, number, number, number);
	if (category) {
		page_text(page, category->ko);
		page_raw(page, " · ");
		page_text(page, category->en);
	} else {
		page_say_plain(page, STRING_VOLUME);
	}
	page_raw(page, "</title>");
	add_description(page, category, number);
	add_marks(page);
	sori_buffer_add_format(&page->html, "<path class=grid d=\"M0 0H%dM0 %dH%dM0 %dH%d\"/><path class=%s d=\"", WIDTH,
			       HEIGHT / 2, WIDTH, HEIGHT, WIDTH, category ? "line" : "columns");
	if (category)
		add_line(page, category, top, HEIGHT);
	else
		add_columns(page, top);
	page_raw(page, "\"/></svg>");
	add_axis(page, category, top);
	page_raw(page, "</div>");
}

void page_spark(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_model *model = page->model;
	if (model->bucket_count == 0)
		return;
	double top = highest(model, category);
	sori_buffer_add_format(&page->html,
			       "<svg class=spark aria-hidden=true viewBox=\"0 -4 %d 68\" preserveAspectRatio=none>"
			       "<path class=line d=\"", WIDTH);
	add_line(page, category, top > 0 ? top : 1, 60);
	page_raw(page, "\"/></svg>");
}
