/* The section of one category: what is found, trend, classifier, breakdowns, evidence, the trend's numbers as a table. Closed
 * until it is asked for; a link to it opens it, with or without scripts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

#define MIX_TOLD 0.2   /* part of a difference below which a change of mix goes unsaid */
#define MIX_LEAST 0.003 /* and share of all documents */

enum string page_dimension_string(size_t dimension)
{
	static const enum string names[] = {STRING_SOURCE, STRING_CHANNEL, STRING_PRODUCT, STRING_REGION, STRING_LANG};
	return dimension < 5 ? names[dimension] : STRING_COUNT;
}

void page_dimension_name(struct page *page, size_t dimension)
{
	if (page_dimension_string(dimension) != STRING_COUNT)
		page_say(page, page_dimension_string(dimension));
	else
		page_text(page, page->model->dimensions[dimension].label);
}

static void add_finding(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	const struct sori_report_windows *windows = &page->model->windows;
	if (windows->days == 0 || change->verdict == SORI_VERDICT_DICTIONARY)
		return;
	page_raw(page, "<p class=finding>");
	if (change->verdict == SORI_VERDICT_TOO_LITTLE) {
		PAGE_SENTENCE(page, STRING_F_TOO_LITTLE, fill_number(page, (uint64_t)windows->days), fill_number(page, change->before),
			      fill_number(page, change->after));
		page_raw(page, "</p>\n");
		return;
	}
	enum string string = change->verdict == SORI_VERDICT_UP	  ? STRING_F_UP
			     : change->verdict == SORI_VERDICT_DOWN ? STRING_F_DOWN
								    : STRING_F_UNCLEAR;
	PAGE_SENTENCE(page, string, fill_number(page, (uint64_t)windows->days),
		      fill_percent(page, change->share_before), fill_percent(page, change->share_after),
		      fill_points(page, change->difference), fill_points(page, change->low), fill_points(page, change->high));
	page_raw(page, " <small>");
	PAGE_SENTENCE(page, STRING_F_COUNTS, fill_number(page, change->before), fill_number(page, change->after));
	page_raw(page, ", q ");
	page_q(page, change->q);
	page_raw(page, "</small></p>\n");
}

/* How much of the change is another mix of channels and products, and how much another dictionary. */
static void add_parts(struct page *page, const struct sori_report_category *category)
{
	const struct sori_compare_row *row = sori_report_change_of(page->found, category->id);
	struct sori_restate_split split = sori_report_split_of(page->model, category->id);
	if (row && row->mix.strata > 1 && category->change.verdict >= SORI_VERDICT_UNCLEAR &&
	    fabs(row->mix.result.mix_part) >= MIX_LEAST &&
	    (row->mix.signs_differ || fabs(row->mix.result.mix_part) > MIX_TOLD * fabs(row->mix.result.crude_difference))) {
		page_raw(page, row->mix.signs_differ ? "<p class=problem>" : "<p>");
		PAGE_SENTENCE(page, row->mix.signs_differ ? STRING_F_MIX_TURNS : STRING_F_MIX,
			      fill_points(page, row->mix.result.crude_difference), fill_points(page, row->mix.result.mix_part),
			      fill_decimal(page, row->mix.result.mh_ratio, 2));
		page_raw(page, "</p>\n");
	}
	if (split.known && fabs(split.dictionary) > 0) {
		page_raw(page, "<p>");
		PAGE_SENTENCE(page, STRING_F_RESTATED, fill_points(page, split.reported), fill_points(page, split.data),
			      fill_points(page, split.dictionary));
		page_raw(page, "</p>\n");
	}
}

/* What the rating says of it, and its season. */
static void add_inquiries(struct page *page, const struct sori_report_category *category)
{
	const struct sori_drivers_row *row = sori_report_driver_of(page->found, category->id);
	const struct sori_season_row *season = sori_report_season_of(page->found, category->id);
	if (row && row->verdict >= SORI_VERDICT_UP && page_has_drivers(page)) {
		const struct sori_driver *driver = &row->driver;
		page_raw(page, "<p>");
		PAGE_SENTENCE(page, STRING_F_DRIVER, fill_percent(page, driver->low_with / driver->with),
			      fill_percent(page, driver->low_without / driver->without), fill_points(page, driver->difference),
			      fill_points(page, driver->difference_limits.low), fill_points(page, driver->difference_limits.high));
		page_raw(page, "</p>\n");
	}
	if (season && season->verdict == SORI_VERDICT_UP && season->peak != SORI_DAY_NONE) {
		page_raw(page, "<p>");
		PAGE_SENTENCE(page, STRING_F_SEASON, fill_day(page, season->peak), fill_decimal(page, season->ratio, 1));
		page_raw(page, "</p>\n");
	}
}

static void open_fact(struct page *page, enum string name)
{
	page_raw(page, "<div><dt>");
	page_say(page, name);
	page_raw(page, "<dd>");
}

static void add_fact(struct page *page, enum string name, const char *text)
{
	open_fact(page, name);
	page_text(page, text);
	page_raw(page, "</div>");
}

/* Left open after the interval, for what goes with it. */
static void add_share(struct page *page, enum string name, double value, double low, double high)
{
	open_fact(page, name);
	page_percent(page, value);
	page_raw(page, " <small>[");
	page_percent(page, low);
	page_raw(page, ", ");
	page_percent(page, high);
	page_raw(page, "]");
}

static void add_judged(struct page *page, enum string name, const struct sori_classifier_share *share)
{
	if (share->basis == SORI_BASIS_NONE)
		return;
	add_share(page, name, share->value, share->low, share->high);
	page_raw(page, " ");
	PAGE_SENTENCE(page, share->basis == SORI_BASIS_GOLD ? STRING_JUDGED_GOLD : STRING_JUDGED, fill_number(page, share->judged));
	page_raw(page, "</small></div>");
}

/* How far the count can be trusted, and the share corrected for it, beside and not instead. */
static void add_classifier(struct page *page, const struct sori_report_category *category)
{
	const struct sori_classifier_category *judged = sori_classifier_find(page->found->classifier, category->id);
	if (!judged)
		return;
	add_judged(page, STRING_PRECISION, &judged->precision);
	add_judged(page, STRING_RECALL, &judged->recall);
	if (page_hidden(category->documents) || page_hidden(page->model->documents))
		return;
	struct sori_corrected_share corrected = sori_corrected_share(category->documents, page->model->documents, judged);
	if (isnan(corrected.value))
		return;
	add_share(page, STRING_CORRECTED, corrected.value, corrected.low, corrected.high);
	page_raw(page, "</small></div>");
}

static void add_facts(struct page *page, const struct sori_report_category *category)
{
	static const char *const severities[] = {"", "1", "2", "3", "4", "5"};
	page_raw(page, "<dl class=facts>");
	open_fact(page, STRING_DOCUMENTS);
	page_number(page, category->documents);
	page_raw(page, " <small>");
	page_share(page, category->documents, page->model->documents);
	page_raw(page, "</small></div>");
	if (page->model->complaints > 0) {
		open_fact(page, STRING_COMPLAINTS);
		page_number(page, category->complaints);
		page_raw(page, "</div>");
	}
	if (*category->owner)
		add_fact(page, STRING_OWNER, category->owner);
	if (category->severity > 0 && category->severity <= 5)
		add_fact(page, STRING_SEVERITY, severities[category->severity]);
	add_classifier(page, category);
	page_raw(page, "</dl>\n");
}

static int month_of(sori_day day)
{
	int year, month, date;
	sori_day_split(day, &year, &month, &date);
	return year * 12 + month;
}

/* A row for each bucket; for each month where that would be too many, each year where those would be. */
static bool same_row(const struct page *page, size_t i, size_t k)
{
	const struct sori_report_model *model = page->model;
	int one = month_of(model->buckets[i].first), two = month_of(model->buckets[k].first);
	if (model->bucket_count <= page->rows)
		return i == k;
	size_t months = (size_t)(month_of(model->buckets[model->bucket_count - 1].first) - month_of(model->buckets[0].first)) + 1;
	return months <= page->rows ? one == two : one / 12 == two / 12;
}

static void add_numbers(struct page *page, const struct sori_report_category *category)
{
	const struct sori_report_model *model = page->model;
	if (model->bucket_count == 0)
		return;
	page_raw(page, "<details class=fold><summary>");
	page_say(page, STRING_DATA_TABLE);
	page_raw(page, "</summary><table class=series><thead><tr><th scope=col>");
	page_say(page, STRING_FROM_DAY);
	page_raw(page, "<th scope=col class=n>");
	page_say(page, STRING_DOCUMENTS);
	page_raw(page, "<th scope=col class=n>");
	page_say(page, STRING_SHARE);
	page_raw(page, "<tbody>");
	for (size_t i = 0, next; i < model->bucket_count; i = next) {
		uint64_t documents = 0, all = 0;
		bool hidden = false;
		for (next = i; next < model->bucket_count && same_row(page, i, next); next++) {
			hidden = hidden || page_hidden(category->series[next]) || page_hidden(model->buckets[next].documents);
			documents += category->series[next];
			all += model->buckets[next].documents;
		}
		page_raw(page, "<tr><th scope=row>");
		page_day(page, model->buckets[i].first);
		page_raw(page, "<td>");
		if (hidden)
			page_raw(page, "–");
		else if (all > 0)
			page_number(page, documents);
		page_raw(page, "<td>");
		page_share(page, documents, hidden ? 0 : all);
	}
	page_raw(page, "</table></details>\n");
}

static void add_summary(struct page *page, const struct sori_report_category *category)
{
	page_raw(page, "<summary><h3>");
	page_label(page, category->ko, category->en);
	page_raw(page, "</h3><code>");
	page_text(page, category->id);
	page_raw(page, "</code><span class=n>");
	page_number(page, category->documents);
	page_raw(page, "</span><span class=g>");
	page_spark(page, category);
	sori_buffer_add_format(&page->html, "</span><span class=\"word %s\">", page_tone(category));
	page_change(page, category);
	page_raw(page, "</span></summary>");
}

static void add_category(struct page *page, const struct sori_report_category *category)
{
	page_raw(page, "<details class=cat>");
	add_summary(page, category);
	page_raw(page, "<div class=body id=\"c-");
	page_text(page, category->id);
	page_raw(page, "\">");
	add_finding(page, category);
	add_parts(page, category);
	add_facts(page, category);
	add_inquiries(page, category);
	page_chart_category(page, category);
	add_numbers(page, category);
	page_breakdowns(page, category);
	page_evidence(page, category);
	page_raw(page, "</div></details>\n");
}

void page_categories(struct page *page)
{
	page_filter *const kinds[] = {page_pain, page_praise};
	page_section(page, "details", STRING_DETAILS);
	if (page->model->bucket_count > 1)
		page_note(page, page->model->unit == SORI_BUCKET_DAY ? STRING_CHART_DAYS : STRING_CHART_BUCKETS);
	page_raw(page, "<p id=folds hidden></p>\n");
	for (size_t k = 0; k < 2; k++) {
		size_t count;
		const struct sori_report_category **list = page_choose(page, kinds[k], page_by_documents, &count);
		if (!list)
			return;
		if (k == 1 && count > 0) {
			page_raw(page, "<h3 class=kind>");
			page_say(page, STRING_PRAISE);
			page_raw(page, "</h3>\n");
		}
		for (size_t i = 0; i < count; i++)
			add_category(page, list[i]);
		sori_free(list);
	}
	page_raw(page, "</section>\n");
}
