/* Writing the page: text in two languages, numbers, markup. Private to report_html. */
#ifndef SORI_REPORT_HTML_PAGE_H
#define SORI_REPORT_HTML_PAGE_H

#include "pipeline/base/buffer.h"
#include "pipeline/core/report.h"

enum string {
#define X(name, ko, en) STRING_##name,
#include "stages/report_html/strings.def"
#undef X
	STRING_COUNT
};

struct page {
	const struct sori_report_model *model;
	struct sori_buffer html; /* sticky failure, checked once at the end */
	size_t evidence;         /* verbatims shown per category */
	size_t values;           /* values shown per dimension */
};

/* The assets, NUL-terminated: built from report.css and report.js. */
extern const char sori_asset_report_css[];
extern const char sori_asset_report_js[];

/* Markup as it stands; only for texts of this folder. */
void page_raw(struct page *page, const char *markup);
/* Any text, escaped. */
void page_text(struct page *page, const char *text);
/* A string of the page in both languages, of which the style sheet shows one. */
void page_say(struct page *page, enum string string);
/* The same in the initial language alone, for places that hold no elements. */
void page_say_plain(struct page *page, enum string string);
/* A pair of labels (from the dictionary), both languages. */
void page_label(struct page *page, const char *ko, const char *en);

/* 12,345 */
void page_number(struct page *page, uint64_t value);
/* 5.6% of a share 0.056; two decimals below 0.1 % */
void page_percent(struct page *page, double share);
/* +2.1 / −0.4 of a difference of shares, in percentage points */
void page_points(struct page *page, double difference);
/* Documents over denominator as percent; a dash when it is 0. */
void page_share(struct page *page, uint64_t documents, uint64_t denominator);
void page_day(struct page *page, sori_day day);
void page_days(struct page *page, sori_day first, sori_day last);

/* ▲ +2.1, ▼ −0.4, "unclear", …: for table cells and sentences. */
void page_change(struct page *page, const struct sori_report_category *category);
/* "worse", "better" or "flat": the style class of a change. */
const char *page_tone(const struct sori_report_category *category);

/* chart.c: shares of a category over the buckets; documents (category NULL) as columns. */
void page_chart(struct page *page, const struct sori_report_category *category, size_t number);
void page_spark(struct page *page, const struct sori_report_category *category);

/* category.c: the section of one category. */
void page_category(struct page *page, const struct sori_report_category *category, size_t number);
enum string page_dimension_string(size_t dimension);

/* quality.c */
void page_quality(struct page *page);

/* sha256.c: base64 of SHA-256 (FIPS 180-4), for the content security policy. */
void page_sha256_base64(struct sori_view data, char text[45]);

#endif
