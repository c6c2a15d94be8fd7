/* Text, numbers, sentences and changes as the page writes them. */
#include "stages/report_html/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/suppress.h"

#define PIECE_LIMIT ((size_t)1 << 16)

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

void page_link(struct page *page, const struct sori_report_category *category)
{
	page_raw(page, "<a href=\"#c-");
	page_text(page, category->id);
	page_raw(page, "\">");
	page_label(page, category->ko, category->en);
	page_raw(page, "</a>");
}

/* ---- numbers: each into a small room, for the page and for sentences alike */

#define ROOM 48

bool page_hidden(uint64_t count)
{
	return sori_is_hidden(count);
}

static const char *number_in(const struct page *page, uint64_t value, char room[ROOM])
{
	char digits[24];
	int length, at = 0;
	if (value == SORI_REPORT_UNKNOWN)
		return "–";
	if (sori_is_hidden(value)) {
		snprintf(room, ROOM, "&lt;%u", page->model->publish_k);
		return room;
	}
	length = snprintf(digits, sizeof digits, "%" PRIu64, value);
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			room[at++] = ',';
		room[at++] = digits[i];
	}
	room[at] = '\0';
	return room;
}

static const char *percent_in(double share, char room[ROOM])
{
	double percent = share * 100;
	if (isnan(share))
		return "–";
	snprintf(room, ROOM, "%.*f%%", percent > 0 && percent < 0.095 ? 2 : 1, percent);
	return room;
}

static const char *points_in(double difference, char room[ROOM])
{
	double points = fabs(difference) * 100;
	bool zero = points < 0.005;
	if (isnan(difference))
		return "–";
	snprintf(room, ROOM, "%s%.*f", zero ? "" : difference < 0 ? "\xe2\x88\x92" : "+", points < 0.095 ? 2 : 1,
		 zero ? 0.0 : points); /* U+2212 */
	return room;
}

void page_number(struct page *page, uint64_t value)
{
	char room[ROOM];
	page_raw(page, number_in(page, value, room));
}

void page_percent(struct page *page, double share)
{
	char room[ROOM];
	page_raw(page, percent_in(share, room));
}

void page_points(struct page *page, double difference)
{
	char room[ROOM];
	page_raw(page, points_in(difference, room));
}

void page_limits(struct page *page, double low, double high)
{
	page_raw(page, "[");
	page_points(page, low);
	page_raw(page, ", ");
	page_points(page, high);
	page_raw(page, "]");
}

void page_share(struct page *page, uint64_t documents, uint64_t denominator)
{
	if (denominator == 0 || sori_is_hidden(documents) || sori_is_hidden(denominator))
		page_raw(page, "–");
	else
		page_percent(page, (double)documents / (double)denominator);
}

void page_q(struct page *page, double q)
{
	if (isnan(q))
		page_raw(page, "–");
	else if (q < 0.001)
		page_raw(page, "&lt;0.001");
	else
		sori_buffer_add_format(&page->html, "%.*f", q < 0.1 ? 3 : 2, q);
}

void page_decimal(struct page *page, double value, int decimals)
{
	if (isnan(value))
		page_raw(page, "–");
	else if (isinf(value))
		page_raw(page, "∞");
	else
		sori_buffer_add_format(&page->html, "%s%.*f", value < 0 ? "\xe2\x88\x92" : "", decimals, fabs(value));
}

void page_ratio(struct page *page, double ratio, double low, double high)
{
	page_decimal(page, ratio, 2);
	if (isnan(ratio) || isnan(low) || isnan(high))
		return;
	page_raw(page, " <small>[");
	page_decimal(page, low, 2);
	page_raw(page, ", ");
	page_decimal(page, high, 2);
	page_raw(page, "]</small>");
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

/* ---- sentences */

static const char *keep(struct page *page, const char *text)
{
	return sori_arena_copy(&page->scratch, sori_view_of(text)).at;
}

static struct fill same(struct page *page, const char *text)
{
	const char *copy = keep(page, text);
	return (struct fill){.ko = copy, .en = copy};
}

struct fill fill_number(struct page *page, uint64_t value)
{
	char room[ROOM];
	struct fill fill = same(page, number_in(page, value, room));
	fill.one = value == 1;
	return fill;
}

struct fill fill_percent(struct page *page, double share)
{
	char room[ROOM];
	return same(page, percent_in(share, room));
}

struct fill fill_points(struct page *page, double difference)
{
	char room[ROOM];
	return same(page, points_in(difference, room));
}

struct fill fill_decimal(struct page *page, double value, int decimals)
{
	char room[ROOM];
	if (isnan(value) || isinf(value))
		return same(page, isnan(value) ? "–" : "∞");
	snprintf(room, ROOM, "%s%.*f", value < 0 ? "\xe2\x88\x92" : "", decimals, fabs(value));
	return same(page, room);
}

struct fill fill_day(struct page *page, sori_day day)
{
	char text[11];
	sori_day_text(day, text);
	return same(page, text);
}

struct fill fill_days(struct page *page, sori_day first, sori_day last)
{
	char from[11], to[11], both[80];
	sori_day_text(first, from);
	sori_day_text(last, to);
	snprintf(both, sizeof both, "<span class=days>%s – %s</span>", from, to);
	return same(page, both);
}

static const char *escaped(struct page *page, const char *before, const char *id, const char *text)
{
	struct sori_buffer piece;
	sori_buffer_init(&piece, PIECE_LIMIT);
	if (id) {
		sori_buffer_add_text(&piece, before);
		sori_buffer_add_markup(&piece, sori_view_of(id));
		sori_buffer_add_text(&piece, "\">");
	}
	sori_buffer_add_markup(&piece, sori_view_of(text));
	sori_buffer_add_text(&piece, id ? "</a>" : "");
	sori_buffer_add_byte(&piece, '\0');
	const char *copy = piece.failed ? NULL : keep(page, piece.at);
	sori_buffer_release(&piece);
	return copy;
}

/* Does the last letter close its syllable? Digits and Latin letters by how Korean reads them. */
static bool closed(const char *text)
{
	size_t length = strlen(text);
	const unsigned char *end = (const unsigned char *)text + length;
	while (length > 0 && (end[-1] == ')' || end[-1] == ' ' || end[-1] == '"'))
		end--, length--;
	if (length >= 3 && end[-3] >= 0xea && end[-3] <= 0xed) {
		unsigned code = (end[-3] & 0xfU) << 12 | (end[-2] & 0x3fU) << 6 | (end[-1] & 0x3fU);
		return code >= 0xac00 && code <= 0xd7a3 && (code - 0xac00) % 28 != 0;
	}
	return length > 0 && strchr("013678lmnLMN", end[-1]) != NULL;
}

struct fill fill_pair(struct page *page, const char *ko, const char *en)
{
	return (struct fill){.ko = escaped(page, NULL, NULL, ko), .en = escaped(page, NULL, NULL, en), .closed = closed(ko)};
}

struct fill fill_text(struct page *page, const char *text)
{
	return fill_pair(page, text, text);
}

struct fill fill_category(struct page *page, const struct sori_report_category *category)
{
	return (struct fill){.ko = escaped(page, "<a href=\"#c-", category->id, category->ko),
			     .en = escaped(page, "<a href=\"#c-", category->id, category->en),
			     .closed = closed(category->ko)};
}

static void fill_in(struct page *page, const char *pattern, bool english, const struct fill *fills, size_t count)
{
	for (const char *open; (open = strchr(pattern, '{')); pattern = strchr(open, '}') + 1) {
		const struct fill *fill = &fills[open[1] - '0'];
		sori_buffer_add(&page->html, pattern, (size_t)(open - pattern));
		if ((size_t)(open[1] - '0') >= count)
			continue;
		if (open[2] == ':') {
			const char *bar = strchr(open, '|'), *end = strchr(open, '}');
			bool first = english ? fill->one : fill->closed;
			const char *from = first ? open + 3 : bar + 1;
			sori_buffer_add(&page->html, from, (size_t)((first ? bar : end) - from));
			continue;
		}
		const char *text = english ? fill->en : fill->ko;
		if (text)
			page_raw(page, text);
		else
			page->html.failed = true;
	}
	page_raw(page, pattern);
}

void page_sentence(struct page *page, enum string string, const struct fill *fills, size_t count)
{
	page_raw(page, "<span lang=ko>");
	fill_in(page, strings[string][0], false, fills, count);
	page_raw(page, "</span><span lang=en>");
	fill_in(page, strings[string][1], true, fills, count);
	page_raw(page, "</span>");
	sori_arena_reset(&page->scratch);
}

/* ---- pieces that several sections use */

void page_section(struct page *page, const char *id, enum string title)
{
	page_raw(page, "<section id=");
	page_raw(page, id);
	page_raw(page, "><h2>");
	page_say(page, title);
	page_raw(page, "</h2>\n");
}

void page_note(struct page *page, enum string string)
{
	page_raw(page, "<p class=note>");
	page_say(page, string);
	page_raw(page, "</p>\n");
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
	case SORI_VERDICT_UNCLEAR:
		page_say(page, STRING_UNCLEAR);
		return;
	case SORI_VERDICT_UP:
		page_raw(page, "▲ ");
		break;
	case SORI_VERDICT_DOWN:
		page_raw(page, "▼ ");
		break;
	}
	page_points(page, change->difference);
	page_say(page, STRING_POINTS);
}

bool page_pain(const struct sori_report_category *category)
{
	return !category->praise && category->documents > 0;
}

bool page_praise(const struct sori_report_category *category)
{
	return category->praise && category->documents > 0;
}

bool page_worse(const struct sori_report_category *category)
{
	return !category->praise && category->change.verdict == SORI_VERDICT_UP;
}

bool page_better(const struct sori_report_category *category)
{
	return !category->praise && category->change.verdict == SORI_VERDICT_DOWN;
}

int page_by_excess(const void *a, const void *b)
{
	const struct sori_report_category *left = *(const struct sori_report_category *const *)a;
	const struct sori_report_category *right = *(const struct sori_report_category *const *)b;
	double one = fabs(left->change.excess), two = fabs(right->change.excess);
	return one > two ? -1 : one < two ? 1 : strcmp(left->id, right->id);
}

int page_by_documents(const void *a, const void *b)
{
	const struct sori_report_category *left = *(const struct sori_report_category *const *)a;
	const struct sori_report_category *right = *(const struct sori_report_category *const *)b;
	uint64_t one = sori_is_hidden(left->documents) ? 0 : left->documents;
	uint64_t two = sori_is_hidden(right->documents) ? 0 : right->documents;
	return one > two ? -1 : one < two ? 1 : strcmp(left->id, right->id);
}

const struct sori_report_category **page_choose(struct page *page, page_filter *wanted, page_order *order, size_t *count)
{
	const struct sori_report_model *model = page->model;
	const struct sori_report_category **list = sori_alloc_zero(model->category_count + 1, sizeof *list);
	*count = 0;
	if (!list) {
		page->html.failed = true;
		return NULL;
	}
	for (size_t c = 0; c < model->category_count; c++)
		if (wanted(&model->categories[c]))
			list[(*count)++] = &model->categories[c];
	qsort(list, *count, sizeof *list, order);
	return list;
}
