/* What became of actions: each of the ledger before and after, against what would have been without it; the season; and series
 * from outside beside the counts. */
#include <math.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

#define SEASONS_SHOWN 12
#define SEASON_CLEAR 0.05 /* q of a season, which also has to come back every year */
#define NEXT_ROOM 256

/* ---- actions */

static enum string verdict_string(const struct sori_effect *effect)
{
	switch (effect->verdict) {
	case SORI_VERDICT_UP:
		return STRING_E_UP;
	case SORI_VERDICT_DOWN:
		return STRING_E_DOWN;
	case SORI_VERDICT_UNCLEAR:
		return STRING_E_UNCLEAR;
	case SORI_VERDICT_TOO_LITTLE:
	case SORI_VERDICT_DICTIONARY:
		break;
	}
	return STRING_COUNT;
}

static int week_x(const struct sori_week_series *weeks, double week)
{
	return (int)lround(week * 1000 / (double)weeks->count);
}

/* A model drawn on for years may leave the page; what was observed sets the scale, and the rest is cut off at the top. */
static double top_of(const struct sori_effect_line *line)
{
	double top = 0, without = 0;
	for (size_t i = 0; i < line->weeks.count; i++) {
		double n = line->weeks.n[i];
		if (line->weeks.state[i] != SORI_WEEK_USED || !(n > 0))
			continue;
		top = fmax(top, line->weeks.y[i] / n);
		if (!isnan(line->without[i]))
			without = fmax(without, line->without[i] / n);
	}
	return page_nice(fmax(top, fmin(without, 1.5 * top)));
}

/* One line over the weeks: documents (y, fitted, without) as shares. */
static void add_weeks(struct page *page, const char *class, const struct sori_week_series *weeks, const double *documents, double top,
		      size_t from)
{
	struct pen pen = {0};
	sori_buffer_add_format(&page->html, "<path class=%s d=\"", class);
	for (size_t i = from; i < weeks->count; i++) {
		double share = documents[i] / weeks->n[i];
		if (weeks->state[i] != SORI_WEEK_USED || isnan(share) || share > top)
			page_lift(page, &pen);
		else
			page_draw(page, &pen, week_x(weeks, (double)i + 0.5), (int)lround(PAGE_CHART_HEIGHT * (1 - fmin(1, share / top))));
	}
	page_lift(page, &pen);
	page_raw(page, "\"/>");
}

static void add_dots(struct page *page, const struct sori_week_series *weeks, double top)
{
	page_raw(page, "<path class=dots d=\"");
	for (size_t i = 0; i < weeks->count; i++)
		if (weeks->state[i] == SORI_WEEK_USED)
			sori_buffer_add_format(&page->html, "M%d %dh0", week_x(weeks, (double)i + 0.5),
					       (int)lround(PAGE_CHART_HEIGHT * (1 - fmin(1, weeks->y[i] / weeks->n[i] / top))));
	page_raw(page, "\"/>");
}

static bool fitted(const struct sori_effect *effect)
{
	return verdict_string(effect) != STRING_COUNT;
}

static void add_chart(struct page *page, const struct sori_effect *effect, const struct sori_action *action)
{
	const struct sori_effect_line *line = &effect->line;
	const struct sori_week_series *weeks = &line->weeks;
	char day[11];
	if (weeks->count < 2 || !line->without)
		return;
	double top = top_of(line), at = (double)(effect->date - weeks->first) / 7;
	page_chart_open(page, *action->title ? action->title : action->id, *action->title ? action->title : action->id,
			PAGE_CHART_ABOVE + PAGE_CHART_HEIGHT + 22);
	page_day(page, weeks->first);
	page_raw(page, " – ");
	page_day(page, effect->as_of);
	page_raw(page, "</desc>");
	page_chart_draw(page, PAGE_CHART_HEIGHT);
	sori_buffer_add_format(&page->html, "<path class=grid d=\"M0 0H1000M0 75H1000M0 150H1000\"/><path class=event d=\"M%d 0V150\"/>",
			       week_x(weeks, at));
	if (fitted(effect)) {
		add_dots(page, weeks, top);
		add_weeks(page, "line", weeks, line->fitted, top, 0);
		add_weeks(page, "without", weeks, line->without, top, at > 0 ? (size_t)at : 0);
	} else {
		add_weeks(page, "line", weeks, weeks->y, top, 0);
	}
	page_raw(page, "</svg>");
	page_chart_value(page, "axis", 0, PAGE_CHART_ABOVE + 12, top, true);
	sori_day_text(effect->date, day);
	page_chart_text(page, "mark", at * 1000 / (double)weeks->count, 21, day, day);
	sori_day_text(weeks->first, day);
	page_chart_text(page, "day", 0, PAGE_CHART_ABOVE + PAGE_CHART_HEIGHT + 16, day, day);
	sori_day_text(effect->as_of, day);
	page_chart_text(page, "day", 1000, PAGE_CHART_ABOVE + PAGE_CHART_HEIGHT + 16, day, day);
	page_raw(page, "</svg>\n");
	page_note(page, fitted(effect) ? STRING_EFFECT_CHART : STRING_EFFECT_WEEKS);
}

static void add_judgement(struct page *page, const struct sori_effect *effect)
{
	const struct sori_effect_ratio *average = &effect->line.average;
	enum string string = verdict_string(effect);
	page_raw(page, "<p class=finding>");
	if (string == STRING_COUNT) {
		page_label(page, sori_refusal_text(effect->line.refusal, false), sori_refusal_text(effect->line.refusal, true));
		page_raw(page, "</p>\n");
		return;
	}
	PAGE_SENTENCE(page, string, fill_decimal(page, average->ratio, 2), fill_decimal(page, average->headline.low, 2),
		      fill_decimal(page, average->headline.high, 2));
	if (!isnan(effect->q)) {
		page_raw(page, " <small>q ");
		page_q(page, effect->q);
		page_raw(page, "</small>");
	}
	page_raw(page, "</p>\n<p>");
	if (effect->avoided >= 0)
		PAGE_SENTENCE(page, STRING_E_AVOIDED, fill_decimal(page, effect->avoided, 0),
			      fill_decimal(page, effect->avoided_limits.low, 0), fill_decimal(page, effect->avoided_limits.high, 0));
	else if (effect->avoided < 0)
		PAGE_SENTENCE(page, STRING_E_MORE, fill_decimal(page, -effect->avoided, 0),
			      fill_decimal(page, -effect->avoided_limits.high, 0), fill_decimal(page, -effect->avoided_limits.low, 0));
	if (!isnan(effect->net.ratio)) {
		page_raw(page, " ");
		PAGE_SENTENCE(page, STRING_E_NET, fill_decimal(page, effect->net.ratio, 2),
			      fill_decimal(page, effect->net.headline.low, 2), fill_decimal(page, effect->net.headline.high, 2));
	}
	if (effect->line.weak) {
		page_raw(page, " ");
		page_say(page, STRING_E_WEAK);
	}
	if (effect->placebo_tried > 0) {
		page_raw(page, " ");
		PAGE_SENTENCE(page, effect->placebo_doubt ? STRING_E_DOUBT : STRING_E_PLACEBO, fill_number(page, effect->placebo_tried),
			      fill_number(page, effect->placebo_as_large));
	}
	page_raw(page, "</p>\n");
}

static void add_scope(struct page *page, const struct sori_action *action)
{
	for (size_t t = 0; t < action->scope.count; t++) {
		page_raw(page, t == 0 ? " · " : ", ");
		page_text(page, action->scope.terms[t].dimension);
		page_raw(page, "=");
		page_text(page, action->scope.terms[t].value);
	}
}

static void add_action(struct page *page, const struct sori_effect *effect, const struct sori_action *action)
{
	char ko[NEXT_ROOM] = "", en[NEXT_ROOM] = "";
	const struct sori_report_category *category = sori_report_category_of(page->model, effect->category);
	page_raw(page, "<article class=action><h3>");
	page_text(page, *action->title ? action->title : action->id);
	page_raw(page, "</h3><p class=note>");
	page_day(page, action->date);
	page_raw(page, " · ");
	if (category && !effect->group)
		page_link(page, category);
	else
		page_text(page, action->category);
	add_scope(page, action);
	if (*action->owner) {
		page_raw(page, " · ");
		page_text(page, action->owner);
	}
	page_raw(page, " · <span class=chip>");
	page_label(page, sori_action_state_ko(action->state), sori_action_state_id(action->state));
	page_raw(page, "</span></p>\n");
	add_judgement(page, effect);
	sori_effect_next(effect, action, false, ko, sizeof ko);
	sori_effect_next(effect, action, true, en, sizeof en);
	page_raw(page, "<p class=note>");
	page_label(page, ko, en);
	page_raw(page, "</p>\n");
	add_chart(page, effect, action);
	page_raw(page, "</article>\n");
}

static void add_actions(struct page *page)
{
	const struct sori_report_findings *found = page->found;
	page_section(page, "actions", STRING_ACTIONS);
	for (size_t i = 0; i < found->effect_count; i++)
		add_action(page, found->effects[i], &page->model->query.actions->list[i]);
	page_raw(page, "<p class=note>");
	page_label(page, sori_inquiry_caution(SORI_INQUIRY_EFFECT, false), sori_inquiry_caution(SORI_INQUIRY_EFFECT, true));
	page_raw(page, "</p></section>\n");
}

/* ---- season */

static void add_season_row(struct page *page, const struct sori_season_row *row)
{
	const struct sori_report_category *category = sori_report_category_of(page->model, row->category);
	page_raw(page, "\n<tr><th scope=row>");
	if (category && !row->group)
		page_link(page, category);
	else
		sori_buffer_add_markup(&page->html, sori_view_make(row->category->id, row->id_length));
	page_raw(page, "<td class=n>");
	if (row->peak != SORI_DAY_NONE)
		page_day(page, row->peak);
	else
		page_raw(page, "–");
	page_raw(page, "<td class=n>");
	if (!isnan(row->ratio))
		page_raw(page, "×");
	page_decimal(page, row->ratio, 1);
	page_raw(page, "<td class=n>");
	page_q(page, row->q);
	page_raw(page, "<td class=n>");
	if (row->this_monday != SORI_DAY_NONE) {
		page_number(page, (uint64_t)row->year.a);
		page_raw(page, " <i>→</i> ");
		page_number(page, (uint64_t)row->year.b);
	} else {
		page_raw(page, "–");
	}
	page_raw(page, "<td class=word>");
	page_say(page, row->verdict == SORI_VERDICT_UP		       ? row->every_year ? STRING_S_EVERY : STRING_S_SEASON
		       : row->verdict == SORI_VERDICT_DICTIONARY	       ? STRING_OTHER_DICTIONARY
		       : row->verdict == SORI_VERDICT_TOO_LITTLE	       ? STRING_S_SHOWN
		       : row->q <= SEASON_CLEAR			       ? STRING_S_NOT_EVERY
								       : STRING_S_NONE);
}

static void add_season(struct page *page)
{
	static const enum string heads[] = {STRING_CATEGORY, STRING_PEAK, STRING_PEAK_RATIO, STRING_COUNT, STRING_YEAR, STRING_STATE};
	const struct sori_season_result *season = page->found->season;
	size_t shown = 0;
	bool any = season->row_count > 0 && season->rows[0].verdict == SORI_VERDICT_UP; /* seasons come first */
	page_section(page, "season", STRING_SEASON);
	if (!any) {
		page_raw(page, "<p>");
		page_say(page, STRING_S_NOBODY);
		page_raw(page, "</p>\n<details class=fold><summary>");
		page_say(page, STRING_S_LIST);
		page_raw(page, "</summary>");
	}
	page_raw(page, "<table class=season><thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		page_raw(page, i == 0 || i == 5 ? "<th scope=col>" : "<th scope=col class=n>");
		if (heads[i] == STRING_COUNT)
			page_raw(page, "q");
		else
			page_say(page, heads[i]);
	}
	page_raw(page, "<tbody>");
	for (size_t i = 0; i < season->row_count && shown < SEASONS_SHOWN; i++)
		if (season->rows[i].category && season->rows[i].refusal != SORI_REFUSAL_FEW) {
			add_season_row(page, &season->rows[i]);
			shown++;
		}
	page_raw(page, any ? "</table>\n<p class=note>" : "</table></details>\n<p class=note>");
	page_label(page, sori_inquiry_caution(SORI_INQUIRY_SEASON, false), sori_inquiry_caution(SORI_INQUIRY_SEASON, true));
	page_raw(page, "</p></section>\n");
}

/* ---- outside */

static void add_pain(struct page *page, double *values)
{
	const struct sori_report_model *model = page->model;
	for (size_t i = 0; i < model->bucket_count; i++)
		values[i] = model->buckets[i].documents > 0 ? (double)model->pain_series[i] / (double)model->buckets[i].documents : NAN;
	page_raw(page, "<figure><figcaption>");
	page_say(page, STRING_PAIN_SHARE);
	page_raw(page, "</figcaption>");
	page_chart_values(page, "불편을 말한 문서의 비율", "Share of documents with a pain point", values, true);
	page_raw(page, "</figure>\n");
}

static void add_outside(struct page *page)
{
	const struct sori_report_model *model = page->model;
	const struct sori_outside *outside = model->query.outside;
	double *values = sori_alloc((model->bucket_count + 1) * sizeof *values);
	if (!values) {
		page->html.failed = true;
		return;
	}
	page_section(page, "outside", STRING_OUTSIDE);
	page_note(page, STRING_OUTSIDE_NOTE);
	for (size_t s = 0; s < outside->count; s++) {
		for (size_t i = 0; i < model->bucket_count; i++)
			values[i] = sori_outside_mean(&outside->series[s], model->buckets[i].first, model->buckets[i].last);
		page_raw(page, "<figure><figcaption>");
		page_text(page, outside->series[s].name);
		page_raw(page, "</figcaption>");
		page_chart_values(page, outside->series[s].name, outside->series[s].name, values, false);
		page_raw(page, "</figure>\n");
	}
	if (model->pain != SORI_REPORT_UNKNOWN && model->publish_k == 0)
		add_pain(page, values);
	page_raw(page, "</section>\n");
	sori_free(values);
}

void page_actions(struct page *page)
{
	if (page->found->effect_count > 0)
		add_actions(page);
	if (page->found->season)
		add_season(page);
	if (page->model->query.outside && page->model->bucket_count > 1)
		add_outside(page);
}
