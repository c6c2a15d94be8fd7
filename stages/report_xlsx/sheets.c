/* The sheets: each a header, then rows in the order of the report. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/stats/intervals.h"
#include "stages/report_xlsx/sheet.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define CHARTS 12
#define CHART_ROWS 15
#define CHART_COLUMNS 8
#define ENOUGH 30 /* documents of a value for an interval */

static const char *pick(const struct book *book, const char *ko, const char *en)
{
	return book->model->query.english ? en : ko;
}

static const char *verdict_word(const struct book *book, enum sori_verdict verdict)
{
	static const char *const ko[] = {"자료 부족", "사전 바뀜", "뚜렷한 변화 없음", "늘어남", "줄어듦"};
	static const char *const en[] = {"too little data", "dictionary changed", "no clear change", "up", "down"};
	return pick(book, ko[verdict], en[verdict]);
}

static void put_fact(struct sheet *sheet, const char *ko, const char *en)
{
	sheet_next_row(sheet);
	sheet_text(sheet, pick(sheet->book, ko, en));
}

static void put_windows(struct sheet *sheet)
{
	const struct sori_report_windows *windows = &sheet->book->model->windows;
	if (windows->days == 0)
		return;
	put_fact(sheet, "견준 기간: 최근", "Compared: the last");
	sheet_day(sheet, windows->after_first);
	sheet_day(sheet, windows->after_last);
	sheet_count(sheet, windows->after_documents);
	put_fact(sheet, "견준 기간: 그 앞", "Compared: the span before");
	sheet_day(sheet, windows->before_first);
	sheet_day(sheet, windows->before_last);
	sheet_count(sheet, windows->before_documents);
}

static size_t count_changed(const struct sori_report_model *model, enum sori_verdict verdict)
{
	size_t count = 0;
	for (size_t c = 0; c < model->category_count; c++)
		count += !model->categories[c].praise && model->categories[c].change.verdict == verdict;
	return count;
}

void book_summary(struct book *book)
{
	const struct sori_report_model *model = book->model;
	struct sheet sheet = sheet_open(book, "요약", "Summary", NULL, 0, 0);
	if (!sheet.worksheet)
		return;
	worksheet_set_column(sheet.worksheet, 0, 0, 34, NULL);
	worksheet_set_column(sheet.worksheet, 1, 3, 14, NULL);
	worksheet_write_string(sheet.worksheet, 0, 0, pick(book, "고객의 소리", "Customer voice"), book->title);
	put_fact(&sheet, "기간", "Period");
	sheet_day(&sheet, model->first);
	sheet_day(&sheet, model->last);
	put_fact(&sheet, "오늘 밤", "Tonight");
	sheet_day(&sheet, model->as_of);
	put_fact(&sheet, "문서", "Documents");
	sheet_count(&sheet, model->documents);
	put_fact(&sheet, "서로 다른 불편", "Distinct complaints");
	sheet_count(&sheet, model->complaints > 0 ? model->complaints : SORI_REPORT_UNKNOWN);
	put_fact(&sheet, "불편을 말한 문서", "With a pain point");
	sheet_count(&sheet, model->pain);
	if (model->pain != SORI_REPORT_UNKNOWN)
		sheet_share(&sheet, model->pain, model->documents);
	put_fact(&sheet, "분류되지 않은 문서", "Unclassified");
	sheet_count(&sheet, model->none);
	if (model->none != SORI_REPORT_UNKNOWN)
		sheet_share(&sheet, model->none, model->documents);
	put_fact(&sheet, "날짜 없는 문서", "Undated");
	sheet_count(&sheet, model->undated);
	put_windows(&sheet);
	put_fact(&sheet, "늘어난 불편", "Complaints that got worse");
	sheet_count(&sheet, count_changed(model, SORI_VERDICT_UP));
	put_fact(&sheet, "줄어든 불편", "Complaints that got better");
	sheet_count(&sheet, count_changed(model, SORI_VERDICT_DOWN));
	put_fact(&sheet, "오늘 밤 경보", "Alerts tonight");
	sheet_count(&sheet, book->found->alert);
	put_fact(&sheet, "오늘 밤 지켜볼 것", "To watch tonight");
	sheet_count(&sheet, book->found->watch);
	sheet_next_row(&sheet);
	sheet_next_row(&sheet);
	sheet_text(&sheet, pick(book, "늘고 줄었다는 말은 q가 0.05 이하일 때만 씁니다. 구간은 95%입니다. 함께 나타난 것이 원인이라는 뜻은 아닙니다.",
				"Up and down are said only when q is at most 0.05. Intervals are 95%. What goes together need not be a cause."));
}

static void put_category(struct sheet *sheet, const struct sori_report_category *category)
{
	sheet_text(sheet, pick(sheet->book, category->ko, category->en));
	sheet_text(sheet, category->id);
	sheet_text(sheet, category->praise ? pick(sheet->book, "칭찬", "praise") : pick(sheet->book, "불편", "pain"));
}

void book_changes(struct book *book)
{
	static const struct column columns[] = {
		{"분류", "Category", 26},	     {"아이디", "Id", 24},	       {"종류", "Kind", 8},
		{"판단", "Verdict", 18},	     {"문서 앞", "Documents before", 11},  {"문서 최근", "Documents lately", 11},
		{"서로 다른 불편 앞", "Distinct before", 11}, {"서로 다른 불편 최근", "Distinct lately", 11},
		{"비율 앞", "Share before", 10},     {"비율 최근", "Share lately", 10}, {"차이", "Difference", 10},
		{"차이 하한", "Low", 10},	     {"차이 상한", "High", 10},	       {"배율", "Ratio", 9},
		{"배율 하한", "Ratio low", 9},	     {"배율 상한", "Ratio high", 9},    {"q", "q", 8},
		{"더 온 문서", "Excess documents", 10}};
	const struct sori_report_model *model = book->model;
	struct sheet sheet = sheet_open(book, "변화", "Changes", columns, COUNT(columns), model->category_count);
	for (size_t c = 0; c < model->category_count; c++, sheet_next_row(&sheet)) {
		const struct sori_report_change *change = &model->categories[c].change;
		put_category(&sheet, &model->categories[c]);
		sheet_text(&sheet, verdict_word(book, change->verdict));
		sheet_count(&sheet, change->before);
		sheet_count(&sheet, change->after);
		sheet_number(&sheet, change->complaints_before, book->count);
		sheet_number(&sheet, change->complaints_after, book->count);
		sheet_number(&sheet, change->share_before, book->percent);
		sheet_number(&sheet, change->share_after, book->percent);
		sheet_number(&sheet, change->difference, book->points);
		sheet_number(&sheet, change->low, book->points);
		sheet_number(&sheet, change->high, book->points);
		sheet_number(&sheet, change->ratio, book->ratio);
		sheet_number(&sheet, change->ratio_low, book->ratio);
		sheet_number(&sheet, change->ratio_high, book->ratio);
		sheet_number(&sheet, change->q, book->q);
		sheet_number(&sheet, isnan(change->difference) ? NAN : change->excess, book->count);
	}
}

/* ---- series and their charts: a column for each category with documents */

static int by_documents(const void *a, const void *b)
{
	const struct sori_report_category *left = *(const struct sori_report_category *const *)a;
	const struct sori_report_category *right = *(const struct sori_report_category *const *)b;
	bool changed = left->change.verdict >= SORI_VERDICT_UP, other = right->change.verdict >= SORI_VERDICT_UP;
	if (changed != other)
		return changed ? -1 : 1;
	if (left->documents != right->documents)
		return left->documents > right->documents ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* Categories with documents: those that changed, then the largest. NULL when memory is out; freed with sori_free. */
static const struct sori_report_category **rank(struct book *book, size_t *count)
{
	const struct sori_report_model *model = book->model;
	const struct sori_report_category **list = sori_alloc_zero(model->category_count + 1, sizeof *list);
	*count = 0;
	if (!list) {
		book->failed = LXW_ERROR_MEMORY_MALLOC_FAILED;
		return NULL;
	}
	for (size_t c = 0; c < model->category_count; c++)
		if (model->categories[c].documents > 0)
			list[(*count)++] = &model->categories[c];
	qsort(list, *count, sizeof *list, by_documents);
	return list;
}

static const char *series_name(const struct book *book)
{
	return pick(book, "시계열", "Series");
}

void book_series(struct book *book)
{
	static const struct column first[] = {{"시작", "From", 12}, {"끝", "To", 12}, {"문서", "Documents", 11}};
	const struct sori_report_model *model = book->model;
	size_t count;
	const struct sori_report_category **list = rank(book, &count);
	struct column *columns = sori_alloc((count + COUNT(first)) * sizeof *columns);
	if (list && columns) {
		memcpy(columns, first, sizeof first);
		for (size_t c = 0; c < count; c++)
			columns[COUNT(first) + c] = (struct column){list[c]->ko, list[c]->en, 12};
		struct sheet sheet = sheet_open(book, series_name(book), series_name(book), columns, count + COUNT(first), model->bucket_count);
		for (size_t i = 0; i < model->bucket_count; i++, sheet_next_row(&sheet)) {
			sheet_day(&sheet, model->buckets[i].first);
			sheet_day(&sheet, model->buckets[i].last);
			bool hidden = model->publish_k && model->buckets[i].documents == 0; /* or none: not told apart */
			sheet_count(&sheet, hidden ? SORI_REPORT_UNKNOWN : model->buckets[i].documents);
			for (size_t c = 0; c < count; c++)
				sheet_share(&sheet, list[c]->series[i], model->buckets[i].documents);
		}
	} else {
		book->failed = LXW_ERROR_MEMORY_MALLOC_FAILED;
	}
	sori_free(list);
	sori_free(columns);
}

static void put_chart(struct book *book, lxw_worksheet *worksheet, const struct sori_report_category *category, size_t number)
{
	const struct sori_report_model *model = book->model;
	lxw_row_t last = (lxw_row_t)model->bucket_count;
	lxw_col_t column = (lxw_col_t)(3 + number);
	lxw_chart *chart = workbook_add_chart(book->workbook, LXW_CHART_LINE);
	lxw_chart_series *series = chart ? chart_add_series(chart, NULL, NULL) : NULL;
	char title[300];
	if (!series) {
		book->failed = LXW_ERROR_MEMORY_MALLOC_FAILED;
		return;
	}
	chart_series_set_categories(series, series_name(book), 1, 0, last, 0);
	chart_series_set_values(series, series_name(book), 1, column, last, column);
	snprintf(title, sizeof title, "%.90s — %s", pick(book, category->ko, category->en), verdict_word(book, category->change.verdict));
	for (size_t end = strlen(title); end > 0 && ((unsigned char)title[end] & 0xc0) == 0x80; end--)
		title[end] = '\0';
	chart_title_set_name(chart, title);
	lxw_chart_font font = {.size = 11, .bold = LXW_EXPLICIT_FALSE};
	chart_title_set_name_font(chart, &font);
	chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
	chart_axis_set_min(chart->y_axis, 0);
	char percent[] = "0%", days[] = "yyyy-mm-dd";
	chart_axis_set_num_format(chart->y_axis, percent);
	chart_axis_set_num_format(chart->x_axis, days);
	lxw_chart_options place = {.x_scale = 1.05, .y_scale = 1.0};
	worksheet_insert_chart_opt(worksheet, (lxw_row_t)(number / 2 * CHART_ROWS), (lxw_col_t)(number % 2 * CHART_COLUMNS), chart, &place);
}

void book_trends(struct book *book)
{
	size_t count;
	const struct sori_report_category **list = rank(book, &count);
	struct sheet sheet = sheet_open(book, "추이", "Trends", NULL, 0, 0);
	for (size_t c = 0; list && sheet.worksheet && c < count && c < CHARTS && book->model->bucket_count > 1; c++)
		put_chart(book, sheet.worksheet, list[c], c);
	sori_free(list);
}

/* ---- breakdown */

static size_t breakdown_rows(const struct sori_report_model *model)
{
	size_t rows = 0;
	for (size_t c = 0; c < model->category_count; c++)
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
			for (size_t v = 0; model->dimensions[d].used && v < model->dimensions[d].count; v++)
				rows += model->categories[c].by[d][v] > 0;
	return rows;
}

void book_breakdown(struct book *book)
{
	static const struct column columns[] = {
		{"분류", "Category", 26}, {"아이디", "Id", 24},	     {"종류", "Kind", 8},    {"차원", "Dimension", 12}, {"값", "Value", 22},
		{"문서", "Documents", 11}, {"전체 문서", "Of documents", 12}, {"비율", "Share", 9}, {"하한", "Low", 9},	       {"상한", "High", 9}};
	const struct sori_report_model *model = book->model;
	struct sheet sheet = sheet_open(book, "나눠 보기", "Breakdown", columns, COUNT(columns), breakdown_rows(model));
	for (size_t c = 0; c < model->category_count; c++)
		for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
			const struct sori_report_dimension *dimension = &model->dimensions[d];
			for (size_t v = 0; dimension->used && v < dimension->count; v++) {
				uint64_t documents = model->categories[c].by[d][v], all = dimension->values[v].documents;
				struct sori_interval limits = {NAN, NAN};
				if (documents == 0)
					continue;
				if (!sori_is_hidden(documents) && !sori_is_hidden(all) && all >= ENOUGH)
					limits = sori_wilson_interval((double)documents, (double)all, 0.95);
				put_category(&sheet, &model->categories[c]);
				sheet_text(&sheet, dimension->label);
				sheet_text(&sheet, *dimension->values[v].text ? dimension->values[v].text : pick(book, "(없음)", "(none)"));
				sheet_count(&sheet, documents);
				sheet_count(&sheet, all);
				sheet_share(&sheet, documents, all);
				sheet_number(&sheet, limits.low, book->percent);
				sheet_number(&sheet, limits.high, book->percent);
				sheet_next_row(&sheet);
			}
		}
}

void book_alerts(struct book *book)
{
	static const struct column columns[] = {
		{"판단", "Verdict", 14}, {"갈래", "Level", 12},	   {"아이디", "Id", 26},     {"분류", "Category", 26}, {"오늘", "Observed", 10},
		{"평소", "Expected", 10}, {"하한", "Lower", 9},	   {"상한", "Upper", 9},     {"배율", "Ratio", 9},	{"p", "p", 9},
		{"q", "q", 9},		  {"서로 다른 불편", "Distinct complaints", 12}, {"기준 날수", "Baseline days", 10}};
	static const char *const ko[] = {"자료 없음", "사전 바뀜", "쉬는 날", "자료 부족", "맞지 않음", "조용", "지켜봄", "경보"};
	static const char *const en[] = {"no data", "dictionary changed", "holiday", "too little data", "no fit", "quiet", "watch", "alert"};
	static const char *const levels[] = {"volume", "group", "category"};
	const struct sori_alerts_result *alerts = &book->found->alerts;
	struct sheet sheet = sheet_open(book, "경보", "Alerts", columns, COUNT(columns), alerts->row_count);
	for (size_t i = 0; i < alerts->row_count; i++, sheet_next_row(&sheet)) {
		const struct sori_alert *row = &alerts->rows[i];
		char id[256];
		snprintf(id, sizeof id, "%.*s%s", row->category ? (int)row->id_length : 1, row->category ? row->category->id : "*",
			 row->level == SORI_ALERT_GROUP ? ".*" : "");
		sheet_text(&sheet, pick(book, ko[row->word], en[row->word]));
		sheet_text(&sheet, levels[row->level]);
		sheet_text(&sheet, id);
		sheet_text(&sheet, row->level == SORI_ALERT_CATEGORY ? pick(book, row->category->ko, row->category->en) : "");
		sheet_number(&sheet, row->observed, book->count);
		sheet_number(&sheet, row->expected, book->ratio);
		sheet_number(&sheet, row->lower, book->ratio);
		sheet_number(&sheet, row->upper, book->ratio);
		sheet_number(&sheet, row->observed / row->expected, book->ratio);
		sheet_number(&sheet, row->p, book->q);
		sheet_number(&sheet, row->q, book->q);
		sheet_number(&sheet, row->complaints, book->count);
		sheet_number(&sheet, (double)row->used, book->count);
	}
}

void book_evidence(struct book *book)
{
	static const struct column columns[] = {
		{"분류", "Category", 26}, {"아이디", "Id", 24},	  {"종류", "Kind", 8},	   {"날짜", "Day", 12},	  {"평점", "Rating", 8},
		{"채널", "Channel", 14},  {"제품", "Product", 18}, {"지역", "Region", 14}, {"글", "Text", 90},	  {"비슷한 글 묶음", "Alike", 8},
		{"자리", "Place", 34}};
	const struct sori_report_model *model = book->model;
	size_t rows = 0;
	for (size_t c = 0; c < model->category_count; c++)
		rows += model->categories[c].sample_count;
	struct sheet sheet = sheet_open(book, "고객이 한 말", "Evidence", columns, COUNT(columns), rows);
	for (size_t c = 0; c < model->category_count; c++)
		for (size_t i = 0; i < model->categories[c].sample_count; i++, sheet_next_row(&sheet)) {
			const struct sori_report_sample *sample = &model->categories[c].samples[i];
			put_category(&sheet, &model->categories[c]);
			sheet_day(&sheet, sample->day);
			sheet_number(&sheet, sample->rating >= 0 ? (double)sample->rating : (double)NAN, book->count);
			for (size_t d = 1; d <= 3; d++)
				sheet_text(&sheet, sample->value[d]);
			sheet_long_text(&sheet, sori_view_make(sample->text, sample->length));
			sheet_number(&sheet, (double)sample->group + 1, book->count);
			sheet_text(&sheet, sample->place);
		}
}

void book_quality(struct book *book)
{
	static const struct column columns[] = {
		{"파일", "File", 44},	    {"출처", "Source", 14},	{"형식", "Format", 8},	    {"인코딩", "Encoding", 10},
		{"상태", "State", 12},	    {"읽음", "Read", 10},	{"받음", "Accepted", 10},   {"거름", "Rejected", 10},
		{"중복", "Duplicate", 10},  {"대체", "Replaced", 10},	{"날짜 없음", "Undated", 10}, {"열", "Columns", 40},
		{"거른 까닭", "Reasons", 30}, {"문제", "Problem", 30},	{"알림", "Warning", 30}};
	const struct sori_report_model *model = book->model;
	struct sheet sheet = sheet_open(book, "자료 품질", "Quality", columns, COUNT(columns), model->input_count);
	for (size_t i = 0; i < model->input_count; i++, sheet_next_row(&sheet)) {
		const struct sori_report_input *input = &model->inputs[i];
		const char *const lead[] = {input->path, input->source, input->format, input->encoding, input->status};
		const uint64_t counts[] = {input->read, input->accepted, input->rejected, input->duplicate, input->replaced, input->undated};
		const char *const tail[] = {input->columns_text, input->reasons_text, input->problem, input->warning};
		for (size_t k = 0; k < COUNT(lead); k++)
			sheet_text(&sheet, lead[k]);
		for (size_t k = 0; k < COUNT(counts); k++)
			sheet_count(&sheet, counts[k]);
		for (size_t k = 0; k < COUNT(tail); k++)
			sheet_text(&sheet, tail[k]);
	}
}
