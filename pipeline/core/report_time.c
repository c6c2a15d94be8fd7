/* How the period is cut into buckets for the charts, and which whole weeks are compared. */
#include "pipeline/core/report_load.h"

#define DAILY_DOCUMENTS 100 /* a day; with fewer a category's daily share is mostly noise */

/* First day of the bucket that `day` lies in, and of the one after it. */
static sori_day bucket_start(enum sori_bucket_unit unit, sori_day day)
{
	int year, month, date;
	if (unit == SORI_BUCKET_DAY)
		return day;
	if (unit == SORI_BUCKET_WEEK)
		return day - sori_day_weekday(day);
	sori_day_split(day, &year, &month, &date);
	return unit == SORI_BUCKET_MONTH ? day - (date - 1) : sori_day_of(year, 1, 1);
}

static sori_day bucket_next(enum sori_bucket_unit unit, sori_day start)
{
	static const int longest[] = {1, 7, 31, 366};
	return unit <= SORI_BUCKET_WEEK ? start + longest[unit] : bucket_start(unit, start + longest[unit]);
}

/* Days while a day has enough documents for a share, weeks up to two years, then months and years. */
static enum sori_bucket_unit choose_unit(sori_day first, sori_day last, uint64_t documents)
{
	int span = last - first + 1;
	if (span <= 14 || (span <= 100 && documents / (uint64_t)span >= DAILY_DOCUMENTS))
		return SORI_BUCKET_DAY;
	return span <= 740 ? SORI_BUCKET_WEEK : span <= 7400 ? SORI_BUCKET_MONTH : SORI_BUCKET_YEAR;
}

/* Index of the first day to draw: a handful of stray early dates (a wrong year, the epoch) must not squeeze the rest
 * into a corner. They stay in every count. */
static size_t first_drawn(const struct sori_report_loading *load)
{
	uint64_t total = 0, sum = 0;
	for (size_t i = 0; i < load->day_count; i++)
		total += load->days[i].documents;
	for (size_t i = 0; i < load->day_count; i++) {
		if ((sum + load->days[i].documents) * 200 > total) {
			sori_day span = load->days[load->day_count - 1].day - load->days[0].day;
			return load->days[i].day - load->days[0].day > span / 2 ? i : 0;
		}
		sum += load->days[i].documents;
	}
	return 0;
}

enum sori_status sori_report_make_buckets(struct sori_report_loading *load)
{
	struct sori_report_model *model = load->model;
	if (load->day_count == 0)
		return SORI_OK;
	size_t from = first_drawn(load);
	uint64_t drawn = 0;
	for (size_t i = 0; i < load->day_count; i++)
		*(i < from ? &model->before_chart : &drawn) += load->days[i].documents;
	sori_day first = load->days[from].day, last = load->days[load->day_count - 1].day;
	model->unit = choose_unit(first, last, drawn);
	size_t count = 0;
	for (sori_day at = bucket_start(model->unit, first); at <= last; at = bucket_next(model->unit, at))
		count++;
	model->buckets = sori_arena_zero(&model->arena, count, sizeof *model->buckets);
	if (!model->buckets)
		return sori_report_no_memory(load->error);
	model->bucket_count = count;
	sori_day at = bucket_start(model->unit, first);
	for (size_t i = 0; i < count; i++, at = bucket_next(model->unit, at)) {
		sori_day next = bucket_next(model->unit, at);
		model->buckets[i].first = at < first ? first : at;
		model->buckets[i].last = next - 1 > last ? last : next - 1;
	}
	size_t bucket = 0;
	for (size_t i = from; i < load->day_count; i++) {
		while (load->days[i].day > model->buckets[bucket].last)
			bucket++;
		model->buckets[bucket].documents += load->days[i].documents;
	}
	return SORI_OK;
}

/* The latest whole weeks against as many before. */
void sori_report_make_windows(struct sori_report_loading *load)
{
	struct sori_report_model *model = load->model;
	struct sori_report_windows *windows = &model->windows;
	if (model->bucket_count == 0)
		return;
	sori_day end = model->last;
	if (model->as_of != SORI_DAY_NONE && model->as_of < end && model->as_of >= model->first)
		end = model->as_of;
	int span = end - model->buckets[0].first + 1;
	windows->days = span >= 56 ? 28 : span >= 28 ? 14 : span >= 14 ? 7 : 0;
	if (windows->days == 0)
		return;
	windows->after_last = end;
	windows->after_first = end - windows->days + 1;
	windows->before_last = windows->after_first - 1;
	windows->before_first = windows->before_last - windows->days + 1;
	for (size_t i = 0; i < load->day_count; i++) {
		const struct sori_report_day *day = &load->days[i];
		if (day->day >= windows->after_first && day->day <= windows->after_last) {
			windows->after_documents += day->documents;
			windows->after_days++;
		} else if (day->day >= windows->before_first && day->day <= windows->before_last) {
			windows->before_documents += day->documents;
			windows->before_days++;
		}
	}
}

bool sori_report_in_period(const struct sori_report_model *model, sori_day day)
{
	if (day == SORI_DAY_NONE)
		return model->whole;
	return (model->query.from == SORI_DAY_NONE || day >= model->query.from) &&
	       (model->query.to == SORI_DAY_NONE || day <= model->query.to);
}

size_t sori_report_bucket_of(const struct sori_report_model *model, sori_day day)
{
	size_t low = 0, high = day == SORI_DAY_NONE ? 0 : model->bucket_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (model->buckets[middle].last < day)
			low = middle + 1;
		else
			high = middle;
	}
	return day != SORI_DAY_NONE && low < model->bucket_count && model->buckets[low].first <= day ? low : model->bucket_count;
}
