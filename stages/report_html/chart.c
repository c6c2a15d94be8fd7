/* Charts as inline SVG. A drawing that stretches with the page stands in an inner SVG (0 to 1000 across, no fixed aspect);
 * the texts stand in the outer one at percentages of its width, so that they keep their size on a phone. y begins at zero; a
 * bucket without documents breaks the line. The scale comes from buckets with enough documents: in a bucket of three, one
 * document is 33 % and would flatten all the rest; such a point is cut off at the top.
 *
 * Daily shares are noisy and swing with the weekday, so days are dots and the line is the share over the seven days around. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stages/report_html/page.h"

#define WIDTH 1000
#define HEIGHT PAGE_CHART_HEIGHT
#define VOLUME 84  /* of that of all documents */
#define ABOVE PAGE_CHART_ABOVE /* room for the labels of marks */
#define ENOUGH 10
#define SMOOTH 3   /* days to each side */
#define EVENTS 24
#define LABEL_WIDTH 170 /* per mille between labels of one row */

/* A bucket of which under half of the days are in the period: a short first or last week. It is in every count, but its share
 * would make the line jump. */
static bool stub(const struct sori_report_model *model, size_t i)
{
	static const int half[] = {0, 4, 15, 183};
	const struct sori_report_bucket *bucket = &model->buckets[i];
	return model->bucket_count > 4 && bucket->last - bucket->first + 1 < half[model->unit];
}

static bool blank(const struct sori_report_model *model, size_t i)
{
	return model->buckets[i].documents == 0 || page_hidden(model->buckets[i].documents);
}

static double share_at(const struct sori_report_model *model, const struct sori_report_category *category, size_t i)
{
	return (double)category->series[i] / (double)model->buckets[i].documents;
}

/* Days: the share over the seven days around; NaN on a day without documents. Longer buckets: their own. */
static double line_at(const struct sori_report_model *model, const struct sori_report_category *category, size_t i)
{
	double documents = 0, all = 0;
	if (blank(model, i) || stub(model, i) || page_hidden(category->series[i]))
		return NAN;
	if (model->unit != SORI_BUCKET_DAY)
		return share_at(model, category, i);
	for (size_t k = i < SMOOTH ? 0 : i - SMOOTH; k <= i + SMOOTH && k < model->bucket_count; k++) {
		if (blank(model, k) || page_hidden(category->series[k]))
			continue;
		documents += (double)category->series[k];
		all += (double)model->buckets[k].documents;
	}
	return documents / all;
}

double page_nice(double value)
{
	static const double steps[] = {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10};
	if (!(value > 0))
		return 1;
	double power = pow(10, floor(log10(value)));
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (steps[i] * power >= value * (1 - 1e-9))
			return steps[i] * power;
	return 10 * power;
}

/* The top of the scale: the highest value of buckets with enough documents (of all, when none has), and the band's. */
static double highest(const struct sori_report_model *model, const struct sori_report_category *category, bool band)
{
	double all = 0, solid = 0;
	for (size_t i = 0; i < model->bucket_count; i++) {
		if (blank(model, i) || (category && (stub(model, i) || page_hidden(category->series[i]))))
			continue;
		double value = category ? line_at(model, category, i) : (double)model->buckets[i].documents;
		if (category && band && model->unit == SORI_BUCKET_DAY)
			value = fmax(value, share_at(model, category, i));
		all = fmax(all, value);
		if (category && model->buckets[i].documents < ENOUGH)
			continue;
		solid = fmax(solid, value);
		if (band && category && category->usual.known)
			solid = fmax(solid, fmin(category->usual.high[i] / (double)model->buckets[i].documents, 3 * category->usual.share));
	}
	return solid > 0 ? solid : all;
}

static int x_of(const struct sori_report_model *model, double position)
{
	return (int)lround(position * WIDTH / (double)model->bucket_count);
}

static int y_of(double value, double top, int height)
{
	double part = value / top;
	return (int)lround(height * (1 - (part > 1 ? 1 : part)));
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

void page_lift(struct page *page, struct pen *pen)
{
	page_raw(page, pen->down && pen->single ? "h0" : "");
	pen->down = false;
}

void page_draw(struct page *page, struct pen *pen, int x, int y)
{
	if (!pen->down)
		sori_buffer_add_format(&page->html, "M%d %d", x, y);
	else
		sori_buffer_add_format(&page->html, pen->single ? "l%d %d" : y < pen->y ? " %d%d" : " %d %d", x - pen->x, y - pen->y);
	*pen = (struct pen){true, !pen->down, x, y};
}

/* The line, in pieces between gaps; a lone point becomes a dot (round caps on a line of no length). */
static void add_line(struct page *page, const struct sori_report_category *category, double top, int height)
{
	const struct sori_report_model *model = page->model;
	struct pen pen = {0};
	for (size_t i = 0; i < model->bucket_count; i++) {
		double value = line_at(model, category, i);
		if (isnan(value))
			page_lift(page, &pen);
		else
			page_draw(page, &pen, x_of(model, (double)i + 0.5), y_of(value, top, height));
	}
	page_lift(page, &pen);
}

static void add_dots(struct page *page, const struct sori_report_category *category, double top)
{
	const struct sori_report_model *model = page->model;
	page_raw(page, "<path class=dots d=\"");
	for (size_t i = 0; i < model->bucket_count; i++)
		if (!blank(model, i) && !page_hidden(category->series[i]))
			sori_buffer_add_format(&page->html, "M%d %dh0", x_of(model, (double)i + 0.5),
					       y_of(share_at(model, category, i), top, HEIGHT));
	page_raw(page, "\"/>");
}

/* The usual range, forward along its upper edge and back along the lower. */
static void add_band(struct page *page, const struct sori_report_category *category, double top)
{
	const struct sori_report_model *model = page->model;
	struct pen pen = {0};
	if (!category->usual.known)
		return;
	page_raw(page, "<path class=usual d=\"");
	for (int edge = 0; edge < 2; edge++)
		for (size_t k = 0; k < model->bucket_count; k++) {
			size_t i = edge ? model->bucket_count - 1 - k : k;
			if (blank(model, i) || stub(model, i))
				continue;
			double value = (edge ? category->usual.low[i] : category->usual.high[i]) / (double)model->buckets[i].documents;
			page_draw(page, &pen, x_of(model, (double)i + 0.5), y_of(value, top, HEIGHT));
		}
	page_raw(page, pen.down ? "z\"/>" : "\"/>");
}

static void add_columns(struct page *page, double top, int full, bool stubs)
{
	const struct sori_report_model *model = page->model;
	int gap = model->bucket_count <= 200 ? 1 : 0;
	page_raw(page, stubs ? "<path class=\"columns stub\" d=\"" : "<path class=columns d=\"");
	for (size_t i = 0; i < model->bucket_count; i++) {
		if (blank(model, i) || stub(model, i) != stubs)
			continue;
		int height = (int)lround(full * (double)model->buckets[i].documents / top);
		int left = x_of(model, (double)i), right = x_of(model, (double)i + 1);
		if (right - left > 3 * gap)
			right -= gap;
		sori_buffer_add_format(&page->html, "M%d %dv-%dh%dv%dz", left, full, height, right - left, height);
	}
	page_raw(page, "\"/>");
}

static void add_upright(struct page *page, const char *class, sori_day day, int height)
{
	sori_buffer_add_format(&page->html, "<path class=%s d=\"M%d 0V%d\"/>", class, x_of(page->model, position_of(page->model, day)),
			       height);
}

/* The latest window as a shade, changes of dictionary as dashed uprights. */
static void add_marks(struct page *page, int height)
{
	const struct sori_report_model *model = page->model;
	if (model->windows.days > 0 && model->unit <= SORI_BUCKET_WEEK) {
		int left = x_of(model, position_of(model, model->windows.after_first));
		int right = x_of(model, position_of(model, model->windows.after_last + 1));
		sori_buffer_add_format(&page->html, "<path class=window d=\"M%d 0H%dV%dH%dz\"/>", left, right, height, left);
	}
	sori_day before = SORI_DAY_NONE;
	for (size_t i = 0; i < model->dictionary_count; i++) {
		sori_day first = model->dictionaries[i].first;
		if (first == SORI_DAY_NONE)
			continue;
		if (before != SORI_DAY_NONE && first >= model->buckets[0].first && first > before)
			add_upright(page, "break", first, height);
		before = first;
	}
}

/* What happened: releases, weather and feasts of the calendar, and what the ledger says was done about the category. */
struct event {
	sori_day day;
	const char *label;
};

static bool drawn(const struct sori_report_model *model, sori_day day)
{
	return day >= model->buckets[0].first && day <= model->buckets[model->bucket_count - 1].last;
}

/* An action is about a category, or about the group before its dot. */
static bool concerns(const struct sori_action *action, const struct sori_report_category *category)
{
	size_t length = strlen(action->category);
	return category && strncmp(category->id, action->category, length) == 0 &&
	       (category->id[length] == '\0' || category->id[length] == '.');
}

static size_t find_events(const struct page *page, const struct sori_report_category *category, struct event events[EVENTS])
{
	const struct sori_report_model *model = page->model;
	const struct sori_calendar *calendar = model->query.calendar;
	const struct sori_actions *actions = model->query.actions;
	enum sori_calendar_type last = SORI_CALENDAR_OTHER;
	sori_day last_day = SORI_DAY_NONE;
	size_t count = 0;
	for (size_t i = 0; actions && i < actions->count && count < EVENTS; i++)
		if (concerns(&actions->list[i], category) && drawn(model, actions->list[i].date))
			events[count++] = (struct event){actions->list[i].date, actions->list[i].title};
	for (size_t i = 0; calendar && i < calendar->count && count < EVENTS; i++) {
		const struct sori_calendar_entry *entry = &calendar->entries[i];
		bool feast = entry->type <= SORI_CALENDAR_CHUSEOK;
		if ((sori_calendar_day_off(entry->type) && !feast) || !drawn(model, entry->day))
			continue;
		bool again = feast && entry->type == last && entry->day - last_day <= 3; /* one label for the days of a feast */
		last = entry->type;
		last_day = entry->day;
		if (!again)
			events[count++] = (struct event){entry->day, entry->label};
	}
	return count;
}

static void add_events(struct page *page, const struct event *events, size_t count, int height)
{
	for (size_t i = 0; i < count; i++)
		add_upright(page, "event", events[i].day, height);
}

/* Two rows above the drawing; a label that would touch the one before in its row is left to the upright alone. */
static void label_events(struct page *page, const struct event *events, size_t count)
{
	double taken[2] = {-1000, -1000};
	for (size_t i = 0; i < count; i++) {
		double x = position_of(page->model, events[i].day) * 1000 / (double)page->model->bucket_count;
		int row = x - taken[0] >= LABEL_WIDTH ? 0 : x - taken[1] >= LABEL_WIDTH ? 1 : 2;
		if (row == 2 || !events[i].label || !*events[i].label)
			continue;
		taken[row] = x;
		page_chart_text(page, "mark", x, row == 0 ? 21 : 9, events[i].label, events[i].label);
	}
}

void page_chart_text(struct page *page, const char *class, double x, int y, const char *ko, const char *en)
{
	const char *anchor = x > 850 ? "end" : x > 150 ? "middle" : "start";
	const char *const both[2] = {ko, en};
	bool same = strcmp(ko, en) == 0;
	for (int l = 0; l < 2 - same; l++) {
		sori_buffer_add_format(&page->html, "<text class=%s x=\"%.1f%%\" y=%d text-anchor=%s", class, x / 10, y, anchor);
		page_raw(page, same ? ">" : l ? " lang=en>" : " lang=ko>");
		page_text(page, both[l]);
		page_raw(page, "</text>");
	}
}

void page_chart_value(struct page *page, const char *class, double x, int y, double value, bool percent)
{
	char text[48];
	if (percent)
		snprintf(text, sizeof text, "%.*f%%", value >= 0.1 || value == 0 ? 0 : value >= 0.01 ? 1 : value >= 0.001 ? 2 : 3, value * 100);
	else
		snprintf(text, sizeof text, value == floor(value) ? "%.0f" : "%.1f", value);
	size_t length = strlen(text);
	if (!percent && value >= 1000 && value < 1000000 && value == floor(value)) {
		memmove(text + length - 2, text + length - 3, 4);
		text[length - 3] = ',';
	}
	page_chart_text(page, class, x, y, text, text);
}

/* Days along the bottom: the first, the middle and the last. */
static void add_days(struct page *page, int y)
{
	const struct sori_report_model *model = page->model;
	char text[11];
	sori_day_text(model->buckets[0].first, text);
	page_chart_text(page, "day", 0, y, text, text);
	if (model->bucket_count > 2) {
		sori_day_text(model->buckets[model->bucket_count / 2].first, text);
		page_chart_text(page, "day mid", ((double)(model->bucket_count / 2) + 0.5) * 1000 / (double)model->bucket_count, y, text, text);
	}
	if (model->bucket_count > 1) {
		sori_day_text(model->buckets[model->bucket_count - 1].last, text);
		page_chart_text(page, "day", 1000, y, text, text);
	}
}

void page_chart_open(struct page *page, const char *ko, const char *en, int height)
{
	size_t number = ++page->charts;
	sori_buffer_add_format(&page->html, "<svg class=chart role=img height=%d aria-labelledby=\"t%zu d%zu\"><title id=t%zu>",
			       height, number, number, number);
	page_text(page, ko);
	if (strcmp(ko, en) != 0) {
		page_raw(page, " · ");
		page_text(page, en);
	}
	sori_buffer_add_format(&page->html, "</title><desc id=d%zu>", number);
}

void page_chart_draw(struct page *page, int height)
{
	sori_buffer_add_format(&page->html, "<svg y=%d height=%d viewBox=\"0 0 %d %d\" preserveAspectRatio=none>", ABOVE, height,
			       WIDTH, height);
}

static void add_grid(struct page *page, int height)
{
	sori_buffer_add_format(&page->html, "<path class=grid d=\"M0 0H%dM0 %dH%dM0 %dH%d\"/>", WIDTH, height / 2, WIDTH, height,
			       WIDTH);
}

static void add_period(struct page *page)
{
	const struct sori_report_model *model = page->model;
	page_day(page, model->buckets[0].first);
	page_raw(page, " – ");
	page_day(page, model->buckets[model->bucket_count - 1].last);
}

void page_chart_volume(struct page *page)
{
	const struct sori_report_model *model = page->model;
	double top = fmax(1, page_nice(highest(model, NULL, false)));
	struct event events[EVENTS];
	size_t count = find_events(page, NULL, events);
	page_chart_open(page, "문서 수 추이", "Documents over time", ABOVE + VOLUME + 22);
	add_period(page);
	page_raw(page, "</desc>");
	page_chart_draw(page, VOLUME);
	add_marks(page, VOLUME);
	add_columns(page, top, VOLUME, false);
	add_columns(page, top, VOLUME, true);
	add_grid(page, VOLUME);
	add_events(page, events, count, VOLUME);
	page_raw(page, "</svg>");
	page_chart_value(page, "axis", 0, ABOVE - 4, top, false);
	label_events(page, events, count);
	add_days(page, ABOVE + VOLUME + 16);
	page_raw(page, "</svg>\n");
}

static void describe(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_model *model = page->model;
	double low = NAN, high = NAN;
	for (size_t i = 0; i < model->bucket_count; i++) {
		double value = line_at(model, category, i);
		if (isnan(value) || model->buckets[i].documents < ENOUGH)
			continue;
		low = isnan(low) ? value : fmin(low, value);
		high = isnan(high) ? value : fmax(high, value);
	}
	add_period(page);
	if (isnan(low))
		return;
	page_raw(page, ", ");
	page_percent(page, low);
	page_raw(page, " – ");
	page_percent(page, high);
}

static void label_end(struct page *page, const struct sori_report_category *category, double top)
{
	const struct sori_report_model *model = page->model;
	for (size_t i = model->bucket_count; i-- > 0;) {
		double value = line_at(model, category, i);
		if (isnan(value) || model->buckets[i].documents < ENOUGH)
			continue;
		double x = ((double)i + 0.5) * 1000 / (double)model->bucket_count;
		int y = ABOVE + y_of(value, top, HEIGHT) - 8;
		page_chart_value(page, "end", x > 970 ? 1000 : x, y < 12 ? 12 : y, value, true);
		return;
	}
}

static void label_band(struct page *page, const struct sori_report_category *category, double top)
{
	const struct sori_report_model *model = page->model;
	if (!category->usual.known || model->bucket_count < 4)
		return;
	size_t i = 0;
	while (i + 1 < model->bucket_count && (blank(model, i) || stub(model, i)))
		i++;
	if (blank(model, i))
		return;
	double high = category->usual.high[i] / (double)model->buckets[i].documents;
	double low = category->usual.low[i] / (double)model->buckets[i].documents;
	int upper = y_of(high, top, HEIGHT), lower = y_of(low, top, HEIGHT), thin = lower - upper < 18; /* then under the band */
	double x = ((double)i + 0.5) * 1000 / (double)model->bucket_count + 6;
	page_chart_text(page, "band", x > 150 ? 150 : x, ABOVE + (thin ? (lower > HEIGHT - 14 ? upper - 5 : lower + 13) : upper + 14),
			"평소 범위", "usual range");
}

void page_chart_category(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_model *model = page->model;
	if (model->bucket_count < 2)
		return;
	double top = page_nice(highest(model, category, true));
	struct event events[EVENTS];
	size_t count = find_events(page, category, events);
	page_chart_open(page, category->ko, category->en, ABOVE + HEIGHT + 22);
	describe(page, category);
	page_raw(page, "</desc>");
	page_chart_draw(page, HEIGHT);
	add_marks(page, HEIGHT);
	add_band(page, category, top);
	add_grid(page, HEIGHT);
	if (model->unit == SORI_BUCKET_DAY)
		add_dots(page, category, top);
	page_raw(page, "<path class=line d=\"");
	add_line(page, category, top, HEIGHT);
	page_raw(page, "\"/>");
	add_events(page, events, count, HEIGHT);
	page_raw(page, "</svg>");
	page_chart_value(page, "axis", 0, ABOVE + 12, top, true);
	label_events(page, events, count);
	label_band(page, category, top);
	label_end(page, category, top);
	add_days(page, ABOVE + HEIGHT + 16);
	page_raw(page, "</svg>\n");
}

/* An index has no natural zero: its scale is that of its values, and both ends are labelled. A share begins at zero. */
static bool find_range(const struct sori_report_model *model, const double *values, bool percent, double *low, double *high, size_t *last)
{
	bool any = false;
	for (size_t i = 0; i < model->bucket_count; i++) {
		if (isnan(values[i]) || stub(model, i))
			continue;
		*low = any ? fmin(*low, values[i]) : values[i];
		*high = any ? fmax(*high, values[i]) : values[i];
		*last = i;
		any = true;
	}
	if (!any)
		return false;
	double step = page_nice(fmax(*high - *low, fabs(*high) * 0.02) / 2);
	*low = percent ? 0 : floor(*low / step) * step;
	*high = percent ? page_nice(*high) : ceil(*high / step) * step;
	return *high > *low;
}

void page_chart_values(struct page *page, const char *ko, const char *en, const double *values, bool percent)
{
	const struct sori_report_model *model = page->model;
	struct pen pen = {0};
	double low = 0, high = 0;
	size_t last = 0;
	if (!find_range(model, values, percent, &low, &high, &last))
		return;
	page_chart_open(page, ko, en, ABOVE + VOLUME + 22);
	add_period(page);
	page_raw(page, "</desc>");
	page_chart_draw(page, VOLUME);
	add_grid(page, VOLUME);
	page_raw(page, "<path class=line d=\"");
	for (size_t i = 0; i < model->bucket_count; i++)
		if (isnan(values[i]) || stub(model, i))
			page_lift(page, &pen);
		else
			page_draw(page, &pen, x_of(model, (double)i + 0.5), y_of(values[i] - low, high - low, VOLUME));
	page_lift(page, &pen);
	page_raw(page, "\"/></svg>");
	page_chart_value(page, "axis", 0, ABOVE - 4, high, percent);
	if (low > 0)
		page_chart_value(page, "axis", 0, ABOVE + VOLUME - 4, low, percent);
	double x = ((double)last + 0.5) * 1000 / (double)model->bucket_count;
	page_chart_value(page, "end", x > 970 ? 1000 : x, ABOVE + y_of(values[last] - low, high - low, VOLUME) - 8, values[last], percent);
	add_days(page, ABOVE + VOLUME + 16);
	page_raw(page, "</svg>\n");
}

static void define_spark(struct page *page, size_t c)
{
	const struct sori_report_model *model = page->model;
	const struct sori_report_category *category = &model->categories[c];
	double top = highest(model, category, false);
	if (!(top > 0))
		top = 1;
	sori_buffer_add_format(&page->html, "<g id=s%zu><path class=sl d=\"", c);
	add_line(page, category, top, 60);
	page_raw(page, "\"/>");
	for (size_t i = model->bucket_count; i-- > 0;) {
		double value = line_at(model, category, i);
		if (isnan(value))
			continue;
		sori_buffer_add_format(&page->html, "<path class=sd d=\"M%d %dh0\"/>", x_of(model, (double)i + 0.5),
				       y_of(value, top, 60));
		break;
	}
	page_raw(page, "</g>");
}

void page_define_sparks(struct page *page)
{
	if (page->model->bucket_count < 2)
		return;
	page_raw(page, "<svg class=hide aria-hidden=true><defs>");
	for (size_t c = 0; c < page->model->category_count; c++)
		if (page->model->categories[c].documents > 0)
			define_spark(page, c);
	page_raw(page, "</defs></svg>\n");
}

void page_spark(struct page *page, const struct sori_report_category *category)
{
	if (page->model->bucket_count < 2 || category->documents == 0)
		return;
	sori_buffer_add_format(&page->html, "<svg class=spark aria-hidden=true viewBox=\"0 -4 1000 68\" preserveAspectRatio=none>"
			       "<use href=#s%zu /></svg>", (size_t)(category - page->model->categories));
}

static int across(double value, double from, double to)
{
	double part = (value - from) / (to - from);
	return (int)lround(200 * fmin(fmax(part, 0), 1));
}

void page_interval(struct page *page, double from, double to, double mark, double low, double value, double high)
{
	page_raw(page, "<svg class=di aria-hidden=true viewBox=\"0 0 200 20\" preserveAspectRatio=none>");
	if (!isnan(mark))
		sori_buffer_add_format(&page->html, "<path class=z d=\"M%d 0V20\"/>", across(mark, from, to));
	if (!isnan(low) && !isnan(high))
		sori_buffer_add_format(&page->html, "<path class=i d=\"M%d 10H%d\"/>", across(low, from, to), across(high, from, to));
	if (!isnan(value))
		sori_buffer_add_format(&page->html, "<path class=p d=\"M%d 10h0\"/>", across(value, from, to));
	page_raw(page, "</svg>");
}
