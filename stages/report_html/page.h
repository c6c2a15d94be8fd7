/* Writing the page: text in two languages, numbers, sentences, markup. Private to report_html. */
#ifndef SORI_REPORT_HTML_PAGE_H
#define SORI_REPORT_HTML_PAGE_H

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/core/report.h"
#include "pipeline/core/report_findings.h"

enum string {
#define X(name, ko, en) STRING_##name,
#include "stages/report_html/strings.def"
#undef X
	STRING_COUNT
};

struct page {
	const struct sori_report_model *model;
	const struct sori_report_findings *found;
	struct sori_buffer html;   /* sticky failure, checked once at the end */
	struct sori_arena scratch; /* pieces of sentences */
	struct sori_buffer data;   /* the embedded counts, made once: data.c; empty: nothing to filter */
	size_t evidence;           /* verbatims shown per category */
	size_t values;             /* values shown per dimension */
	size_t rows;               /* of a category's table of numbers */
	size_t charts;             /* drawn so far: their ids */
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
/* The same as a link to the category's section. */
void page_link(struct page *page, const struct sori_report_category *category);

/* What a sentence is filled with. In a string {0} is the first fill; {0:a|b} is a or b: in Korean a when the fill ends in a
 * closed syllable (이/가), in English a when the fill is one (document/documents). */
struct fill {
	const char *ko, *en; /* markup; NULL when memory was out */
	bool closed, one;
};
struct fill fill_number(struct page *page, uint64_t value);
struct fill fill_percent(struct page *page, double share);
struct fill fill_points(struct page *page, double difference);
struct fill fill_decimal(struct page *page, double value, int decimals);
struct fill fill_day(struct page *page, sori_day day);
struct fill fill_days(struct page *page, sori_day first, sori_day last);
struct fill fill_text(struct page *page, const char *text);
struct fill fill_pair(struct page *page, const char *ko, const char *en);
struct fill fill_category(struct page *page, const struct sori_report_category *category); /* a link */
/* A sentence in both languages. */
void page_sentence(struct page *page, enum string string, const struct fill *fills, size_t count);
#define PAGE_SENTENCE(page, string, ...) \
	page_sentence(page, string, (const struct fill[]){__VA_ARGS__}, sizeof((const struct fill[]){__VA_ARGS__}) / sizeof(struct fill))

/* 12,345; "<5" when it is hidden */
void page_number(struct page *page, uint64_t value);
/* 5.6% of a share 0.056; two decimals below 0.1 % */
void page_percent(struct page *page, double share);
/* +2.1 / −0.4 of a difference of shares, in percentage points */
void page_points(struct page *page, double difference);
/* [−0.4, +2.1]: an interval of them */
void page_limits(struct page *page, double low, double high);
/* Documents over denominator as percent; a dash when it is 0 or one of them is hidden. */
void page_share(struct page *page, uint64_t documents, uint64_t denominator);
/* 0.012, <0.001, a dash */
void page_q(struct page *page, double q);
void page_decimal(struct page *page, double value, int decimals);
void page_day(struct page *page, sori_day day);
void page_days(struct page *page, sori_day first, sori_day last);
bool page_hidden(uint64_t count);

/* Open and close a section with a heading; `lead` may be STRING_COUNT. */
void page_section(struct page *page, const char *id, enum string title);
void page_note(struct page *page, enum string string);

/* "worse", "better" or "flat": the style class of a change. */
const char *page_tone(const struct sori_report_category *category);
/* ▲ +2.1, ▼ −0.4, "no clear change", …: a chip for table cells. */
void page_change(struct page *page, const struct sori_report_category *category);

/* The categories that pass, in order; NULL when memory is out (then html.failed is set). Freed with sori_free. */
typedef bool page_filter(const struct sori_report_category *category);
typedef int page_order(const void *left, const void *right);
const struct sori_report_category **page_choose(struct page *page, page_filter *wanted, page_order *order, size_t *count);
bool page_pain(const struct sori_report_category *category);
bool page_praise(const struct sori_report_category *category);
bool page_worse(const struct sori_report_category *category);  /* pain that rose */
bool page_better(const struct sori_report_category *category); /* pain that fell */
int page_by_excess(const void *left, const void *right);
int page_by_documents(const void *left, const void *right);

/* A path of straight pieces in relative coordinates, which are shorter: lift the pen, or draw to a point. A point alone becomes a
 * dot. */
struct pen {
	bool down, single;
	int x, y;
};
void page_lift(struct page *page, struct pen *pen);
void page_draw(struct page *page, struct pen *pen, int x, int y);

/* chart.c: drawings 1000 across, PAGE_CHART_HEIGHT high, PAGE_CHART_ABOVE below the chart's upper edge. */
#define PAGE_CHART_HEIGHT 150
#define PAGE_CHART_ABOVE 24
void page_chart_open(struct page *page, const char *ko, const char *en, int height);
void page_chart_draw(struct page *page, int height);
/* A text at x per mille and y pixels, in both languages. */
void page_chart_text(struct page *page, const char *class, double x, int y, const char *ko, const char *en);
void page_chart_value(struct page *page, const char *class, double x, int y, double value, bool percent);
/* A value for each bucket, NaN: none. */
void page_chart_values(struct page *page, const char *ko, const char *en, const double *values, bool percent);
void page_chart_volume(struct page *page);
void page_chart_category(struct page *page, const struct sori_report_category *category);
/* A category's line is drawn once and used wherever it stands. */
void page_define_sparks(struct page *page);
void page_spark(struct page *page, const struct sori_report_category *category);
/* One row of a dot-and-interval chart over [from, to]; `mark` an upright, NaN: none. */
void page_interval(struct page *page, double from, double to, double mark, double low, double value, double high);
/* "2.31 [1.20, 4.55]" */
void page_ratio(struct page *page, double ratio, double low, double high);
double page_nice(double value); /* the smallest round number not below */

/* headline.c, changes.c, alerts.c, words.c, drivers.c, explore.c, category.c, actions.c, quality.c: the sections, in this order. */
void page_headline(struct page *page);
void page_changes(struct page *page);
void page_alerts(struct page *page);
void page_words(struct page *page);
void page_drivers(struct page *page);
bool page_has_words(const struct page *page);
bool page_has_drivers(const struct page *page);
void page_explore(struct page *page);
void page_categories(struct page *page);
void page_actions(struct page *page);
void page_praises(struct page *page);
void page_quality(struct page *page);
void page_reading(struct page *page);

/* explore.c: a sortable table of categories. */
void page_category_table(struct page *page, const char *id, page_filter *wanted);

/* category.c */
enum string page_dimension_string(size_t dimension); /* STRING_COUNT: named by the operator */
void page_dimension_name(struct page *page, size_t dimension);
/* breakdown.c, evidence.c: parts of a category's section. */
void page_breakdowns(struct page *page, const struct sori_report_category *category);
void page_evidence(struct page *page, const struct sori_report_category *category);

/* data.c: the counts that the filter works on, as JSON with compressed blocks; `budget` bytes at most. */
void page_make_data(struct page *page, size_t budget);

/* sha256.c: base64 of SHA-256 (FIPS 180-4), for the content security policy. */
void page_sha256_base64(struct sori_view data, char text[45]);

#endif
