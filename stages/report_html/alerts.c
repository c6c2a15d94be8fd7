/* Tonight: what is over the bound that the weeks before set, as `sori alerts` tells it. A bar from zero to the bound is what may
 * be expected; the dot is what came. */
#include <math.h>

#include "stages/report_html/page.h"

static void add_name(struct page *page, const struct sori_alert *row)
{
	const struct sori_report_category *category = sori_report_category_of(page->model, row->category);
	if (row->level == SORI_ALERT_VOLUME) {
		page_say(page, STRING_ALL_DOCUMENTS);
	} else if (row->level == SORI_ALERT_GROUP) {
		page_say(page, STRING_GROUP);
		page_raw(page, " <code>");
		sori_buffer_add_markup(&page->html, sori_view_make(row->category->id, row->id_length));
		page_raw(page, ".*</code>");
	} else if (category) {
		page_link(page, category);
	} else {
		page_label(page, row->category->ko, row->category->en);
	}
}

static void add_remark(struct page *page, bool holds, enum string string)
{
	if (!holds)
		return;
	page_raw(page, "<span class=remark>");
	page_say(page, string);
	page_raw(page, "</span> ");
}

static void add_other(struct page *page, const struct sori_alert *other, enum string string)
{
	if (!other)
		return;
	const struct sori_report_category *category = sori_report_category_of(page->model, other->category);
	page_raw(page, "<span class=remark>");
	if (other->level == SORI_ALERT_GROUP)
		PAGE_SENTENCE(page, string, fill_text(page, other->category->id));
	else if (category)
		PAGE_SENTENCE(page, string, fill_pair(page, category->ko, category->en));
	page_raw(page, "</span> ");
}

static void add_remarks(struct page *page, const struct sori_alert *row)
{
	add_remark(page, row->low, STRING_R_LOW);
	add_remark(page, row->copies, STRING_R_COPIES);
	add_other(page, row->cause, STRING_R_CAUSE);
	add_other(page, row->whole, STRING_R_WHOLE);
	add_remark(page, row->released, STRING_R_RELEASED);
	add_remark(page, row->expected == 0, STRING_R_NEW);
	add_remark(page, row->tier == SORI_TIER_PROVISIONAL, STRING_R_PROVISIONAL);
}

/* All rows on one scale would hide small categories, so each has its own: up to the observed or twice the bound. */
static void add_bullet(struct page *page, const struct sori_alert *row)
{
	double most = fmax(row->observed, row->upper) * 1.1;
	if (isnan(row->upper) || !(most > 0))
		return;
	int bound = (int)lround(200 * row->upper / most), at = (int)lround(200 * row->observed / most);
	page_raw(page, "<svg class=di aria-hidden=true viewBox=\"0 0 200 20\" preserveAspectRatio=none>");
	sori_buffer_add_format(&page->html, "<path class=usual d=\"M0 4H%dV16H0z\"/>", bound);
	if (!isnan(row->expected))
		sori_buffer_add_format(&page->html, "<path class=z d=\"M%d 2V18\"/>", (int)lround(200 * row->expected / most));
	sori_buffer_add_format(&page->html, "<path class=p d=\"M%d 10h0\"/></svg>", at);
}

static void add_row(struct page *page, const struct sori_alert *row)
{
	static const enum string words[] = {
		[SORI_ALERT_NO_DATA] = STRING_W_NO_DATA,   [SORI_ALERT_DICTIONARY] = STRING_OTHER_DICTIONARY,
		[SORI_ALERT_HOLIDAY] = STRING_W_HOLIDAY,   [SORI_ALERT_TOO_LITTLE] = STRING_TOO_LITTLE,
		[SORI_ALERT_NO_FIT] = STRING_W_NO_FIT,	   [SORI_ALERT_QUIET] = STRING_W_QUIET,
		[SORI_ALERT_WATCH] = STRING_W_WATCH,	   [SORI_ALERT_ALERT] = STRING_W_ALERT};
	static const char *const tones[] = {[SORI_ALERT_WATCH] = "watch", [SORI_ALERT_ALERT] = "alert"};
	sori_buffer_add_format(&page->html, "\n<tr class=%s><td><span class=chip>",
			       row->word >= SORI_ALERT_WATCH ? tones[row->word] : "flat");
	page_say(page, words[row->word]);
	page_raw(page, "</span><th scope=row>");
	add_name(page, row);
	page_raw(page, "<td class=n><b>");
	page_decimal(page, row->observed, 0);
	page_raw(page, "</b><td class=n>");
	page_decimal(page, row->expected, 1);
	page_raw(page, "<td class=n>");
	page_decimal(page, row->low ? row->lower : row->upper, 0);
	page_raw(page, "<td class=n>");
	if (row->expected > 0) {
		page_raw(page, "×");
		page_decimal(page, row->observed / row->expected, 1);
	} else {
		page_raw(page, "–");
	}
	page_raw(page, "<td class=g>");
	add_bullet(page, row);
	page_raw(page, "<td class=n>");
	page_q(page, row->q);
	page_raw(page, "<td class=word>");
	if (!isnan(row->complaints))
		PAGE_SENTENCE(page, row->level == SORI_ALERT_VOLUME ? STRING_R_DISTINCT_TEXTS : STRING_R_DISTINCT, fill_decimal(page, row->complaints, 0));
	add_remarks(page, row);
}

static void add_table(struct page *page)
{
	static const enum string heads[] = {STRING_STATE, STRING_CATEGORY, STRING_OBSERVED, STRING_EXPECTED, STRING_BOUND,
					    STRING_RATIO, STRING_TO_BOUND, STRING_COUNT,	STRING_REMARK};
	const struct sori_alerts_result *alerts = &page->found->alerts;
	page_raw(page, "<table class=alerts><thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		page_raw(page, i == 6 ? "<th scope=col class=g>" : i < 2 || i == 8 ? "<th scope=col>" : "<th scope=col class=n>");
		if (heads[i] == STRING_COUNT)
			page_raw(page, "q");
		else
			page_say(page, heads[i]);
	}
	page_raw(page, "<tbody>");
	for (size_t i = 0; i < alerts->row_count; i++)
		if (i == 0 || alerts->rows[i].word >= SORI_ALERT_WATCH)
			add_row(page, &alerts->rows[i]);
	page_raw(page, "</table>\n");
}

static void add_summary(struct page *page)
{
	static const enum string tiers[] = {[SORI_TIER_PROVISIONAL] = STRING_TIER_PROVISIONAL, [SORI_TIER_DAILY] = STRING_TIER_DAILY,
					    [SORI_TIER_WEEKLY] = STRING_TIER_DAILY};
	const struct sori_report_findings *found = page->found;
	page_raw(page, "<p class=note>");
	bool sparse = found->alerts.tier == SORI_TIER_PROVISIONAL && found->alerts.history >= SORI_ALERT_DAILY_DAYS;
	PAGE_SENTENCE(page, sparse ? STRING_TIER_SPARSE : tiers[found->alerts.tier], fill_number(page, found->alerts.history));
	page_raw(page, " ");
	PAGE_SENTENCE(page, STRING_ALERT_COUNTS, fill_number(page, found->alert), fill_number(page, found->watch),
		      fill_number(page, found->quiet), fill_number(page, found->unjudged));
	page_raw(page, " ");
	page_say(page, STRING_ALERT_WORDS);
	if (found->alerts.tested > 0) {
		page_raw(page, " ");
		PAGE_SENTENCE(page, STRING_FAMILY, fill_number(page, found->alerts.tested));
	}
	page_raw(page, "</p>\n");
}

void page_alerts(struct page *page)
{
	const struct sori_alerts_result *alerts = &page->found->alerts;
	page_section(page, "alerts", STRING_ALERTS);
	if (page->model->as_of == SORI_DAY_NONE || alerts->row_count == 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_NO_NIGHT);
		page_raw(page, "</p></section>\n");
		return;
	}
	page_raw(page, "<p class=note>");
	PAGE_SENTENCE(page, STRING_NIGHT, fill_day(page, alerts->day), fill_number(page, (uint64_t)alerts->documents));
	if (alerts->missing) {
		page_raw(page, " <span class=problem>");
		page_say(page, STRING_SILENT);
		page_raw(page, "</span>");
	}
	page_raw(page, "</p>\n");
	if (alerts->tier == SORI_TIER_NONE) {
		page_raw(page, "<p>");
		PAGE_SENTENCE(page, STRING_TIER_NONE, fill_number(page, alerts->history));
		page_raw(page, "</p></section>\n");
		return;
	}
	if (page->found->alert + page->found->watch == 0) {
		page_raw(page, "<p>");
		page_say(page, STRING_ALL_QUIET);
		page_raw(page, "</p>\n");
	}
	add_table(page);
	add_summary(page);
	page_raw(page, "</section>\n");
}
