/* Is there a season, when is its peak, and how does this year compare with the last. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	SORI_ANALYSIS_OPTION_OUT,
	{"from", 0, "DAY", false, "first day looked at (the first of the store)"},
	{"as-of", 0, "DAY", false, "last day looked at (the last dated day of the store)"},
	SORI_ANALYSIS_OPTION_WHERE,
	{"all", 'a', NULL, false, "in text also the categories with too little data"},
	SORI_SIDE_OPTION_CALENDAR,
	SORI_SIDE_OPTION_EXPOSURE,
	SORI_SIDE_OPTION_PER,
	SORI_SIDE_OPTION_OUTSIDE,
	SORI_SIDE_OPTION_LANG,
	SORI_ANALYSIS_OPTION_FORMAT,
	{0},
};

struct request {
	enum sori_analysis_format format;
	bool english, all;
	struct sori_slice_term terms[SORI_ANALYSIS_TERMS];
	struct sori_side_files files;
	struct sori_season_query query;
};

/* A macro, so that formats stay literals that the compiler checks. */
#define SAY(request, en, ko) ((request)->english ? (en) : (ko))

static enum sori_status read_request(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	enum sori_status status = sori_analysis_format(cli, &request->format, error);

	request->all = sori_cli_flag(cli, "all");
	request->query.from = request->query.as_of = SORI_DAY_NONE;
	if (status == SORI_OK && cli->operand_count > 1)
		return sori_fail(error, SORI_USAGE, "season takes one category, or none for all of them");
	if (status == SORI_OK)
		status = sori_side_english(cli, &request->english, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "from", &request->query.from, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &request->query.as_of, error);
	if (status == SORI_OK)
		status = sori_analysis_slice(cli, "where", request->terms, &request->query.where, error);
	if (status == SORI_OK)
		status = sori_side_files_read(cli, SORI_SIDE_CALENDAR | SORI_SIDE_EXPOSURE | SORI_SIDE_OUTSIDE, &request->files, error);
	request->query.category = cli->operand_count ? cli->operands[0] : NULL;
	request->query.calendar = request->files.calendar;
	request->query.exposure = request->files.exposure;
	request->query.per = request->files.per;
	return status;
}

/* --- words ------------------------------------------------------------------------------------------------------------ */

static const char *words(const struct sori_season_row *row, bool english, char room[64])
{
	bool every = row->years_apart == row->years;

	if (row->refusal == SORI_REFUSAL_HISTORY && row->observed)
		return english ? "shown, not tested: under two years" : "보이기만 함: 두 해 미만";
	switch (row->verdict) {
	case SORI_VERDICT_UP:
		if (row->every_year && every)
			return english ? "a season, every year" : "계절성 있음, 해마다";
		(void)snprintf(room, 64, english ? "a season, in %zu of %zu years" : "계절성 있음, %zu/%zu해", row->years_apart, row->years);
		return room;
	case SORI_VERDICT_UNCLEAR:
		if (!row->recurs && row->q <= 0.05)
			return english ? "no season: not every year's peak" : "계절성 아님: 몇 해에만 많았음";
		return english ? "no clear season" : "뚜렷한 계절성 없음";
	case SORI_VERDICT_DICTIONARY:
		return english ? "counted by different dictionaries" : "서로 다른 사전으로 집계됨";
	default:
		if (row->refusal == SORI_REFUSAL_FIT || row->refusal == SORI_REFUSAL_EXPOSURE)
			return sori_refusal_text(row->refusal, english);
		return english ? "too little data" : "자료 부족";
	}
}

static const char *verdict_id(const struct sori_season_row *row)
{
	static const char *const ids[] = {"too-little-data", "dictionary-changed", "unclear", "season", "season"};

	return row->refusal == SORI_REFUSAL_HISTORY && row->observed ? "shown" : ids[row->verdict];
}

static void put_id(char *room, size_t size, const struct sori_season_row *row)
{
	(void)snprintf(room, size, "%.*s%s", (int)row->id_length, row->category->id, row->group ? ".*" : "");
}

/* "09-21 ~ 09-27" */
static const char *week_text(char room[32], sori_day monday)
{
	char from[11], to[11];

	if (monday == SORI_DAY_NONE)
		return "-";
	sori_day_text(monday, from);
	sori_day_text(monday + 6, to);
	(void)snprintf(room, 32, "%s ~ %s", from + 5, to + 5);
	return room;
}

static const char *year_words(const struct sori_season_row *row, bool english)
{
	return row->this_monday == SORI_DAY_NONE ? (english ? "no year before" : "지난해 없음")
						 : sori_side_words(row->year_verdict, SORI_REFUSAL_NONE, english);
}

static void put_row(struct sori_buffer *out, const struct request *request, const struct sori_season_row *row, int width)
{
	char id[256], week[2][32], cell[4][48], ratio[96], room[64];

	put_id(id, sizeof id, row);
	sori_side_pad(out, id, width + 1);
	sori_buffer_add_format(out, "%7.0f ", row->weeks.documents);
	sori_side_pad(out, week_text(week[0], row->peak), 14);
	sori_side_pad(out, week_text(week[1], row->trough), 14);
	sori_buffer_add_format(out, "%7s %8s  ", sori_analysis_cell(cell[0], 2, row->ratio), sori_analysis_cell(cell[1], -1, row->q));
	sori_side_pad(out, words(row, request->english, room), 36);
	sori_side_pad(out, row->this_monday == SORI_DAY_NONE ? "-" : sori_side_ratio(ratio, exp(row->year.weekday.log_ratio), &row->year.weekday.ratio), 19);
	sori_buffer_add_format(out, " %s\n", year_words(row, request->english));
}

static void put_head(struct sori_buffer *out, const struct request *request, const struct sori_season_result *result)
{
	char from[11], to[11], last[11];

	sori_day_text(result->first, from);
	sori_day_text(result->as_of, to);
	sori_side_pad(out, SAY(request, "data", "자료"), 11);
	sori_buffer_add_format(out, SAY(request, "%s to %s, %.1f years", "%s ~ %s, %.1f년"), from, to, (double)(result->as_of - result->first + 1) / 365.2425);
	if (request->query.where.count) {
		sori_buffer_add_text(out, SAY(request, ", where ", ", 범위 "));
		sori_analysis_put_slice(out, &request->query.where);
	}
	sori_buffer_add_format(out, SAY(request, "; counted against %s\n", "; 분모 %s\n"), request->query.per ? request->query.per
										: SAY(request, "documents", "문서"));
	if (!result->row_count || result->rows[0].this_monday == SORI_DAY_NONE)
		return;
	sori_day_text(result->rows[0].this_monday, to);
	sori_day_text(result->rows[0].last_monday, last);
	sori_side_pad(out, SAY(request, "last year", "지난해"), 11);
	sori_buffer_add_format(out, SAY(request, "the week of %s against that of %s%s\n", "%s 주를 %s 주와 견줌%s\n"), to, last,
			       result->rows[0].aligned ? SAY(request, ", as far from the feast", ", 명절에서 같은 거리") : "");
}

/* Months of the weeks' Thursdays, with a bar as long as the share. */
static void put_months(struct sori_buffer *out, const struct request *request, const struct sori_season_row *row)
{
	double y[13] = {0.0}, n[13] = {0.0}, most = 0.0;
	char rate[48];

	for (size_t i = 0; i < row->weeks.count; i++) {
		int year, month, day;

		if (row->weeks.state[i] != SORI_WEEK_USED)
			continue;
		sori_day_split(sori_week_monday(&row->weeks, i) + 3, &year, &month, &day);
		y[month] += row->weeks.y[i];
		n[month] += row->weeks.n[i];
	}
	for (int month = 1; month <= 12; month++)
		most = n[month] > 0.0 && y[month] / n[month] > most ? y[month] / n[month] : most;
	sori_buffer_add_byte(out, '\n');
	for (int month = 1; month <= 12 && most > 0.0; month++) {
		double value = n[month] > 0.0 ? y[month] / n[month] : NAN;

		sori_buffer_add_format(out, SAY(request, "month %2d  ", "%2d월  "), month);
		sori_side_pad(out, sori_side_rate(rate, value, request->query.per != NULL), -16);
		sori_buffer_add_text(out, "  ");
		for (int bar = 0; !isnan(value) && bar < (int)(40.0 * value / most + 0.5); bar++)
			sori_buffer_add_byte(out, '#');
		sori_buffer_add_byte(out, '\n');
	}
}

static void put_outside(struct sori_buffer *out, const struct request *request, const struct sori_season_result *result)
{
	const struct sori_outside *outside = request->files.outside;
	const struct sori_season_row *row = result->row_count ? &result->rows[0] : NULL;
	char cell[2][48];

	for (size_t i = 0; outside && row && row->this_monday != SORI_DAY_NONE && i < outside->count; i++) {
		sori_side_pad(out, SAY(request, "outside", "바깥"), 11);
		sori_side_pad(out, outside->series[i].name, 0);
		sori_buffer_add_format(out, SAY(request, ": %s that week, %s the year before; beside, not in the model\n",
						": 그 주 %s, 한 해 전 %s; 나란히 보일 뿐 모형에 없음\n"),
				       sori_analysis_cell(cell[0], 2, sori_outside_mean(&outside->series[i], row->this_monday, row->this_monday + 6)),
				       sori_analysis_cell(cell[1], 2, sori_outside_mean(&outside->series[i], row->last_monday, row->last_monday + 6)));
	}
}

static bool shown(const struct request *request, const struct sori_season_row *row)
{
	return request->all || request->query.category || row->refusal == SORI_REFUSAL_NONE || row->observed ||
	       row->year_verdict > SORI_VERDICT_UNCLEAR;
}

static void put_table(struct sori_buffer *out, const struct request *request, const struct sori_season_result *result)
{
	int width = 8;
	size_t hidden = 0;

	for (size_t i = 0; i < result->row_count; i++)
		if ((int)result->rows[i].id_length + 2 > width)
			width = (int)result->rows[i].id_length + 2;
	sori_buffer_add_byte(out, '\n');
	sori_side_pad(out, SAY(request, "category", "분류"), width + 1);
	sori_side_pad(out, SAY(request, "docs", "문서"), -7);
	sori_buffer_add_byte(out, ' ');
	sori_side_pad(out, SAY(request, "peak week", "가장 많은 주"), 14);
	sori_side_pad(out, SAY(request, "lowest week", "가장 적은 주"), 14);
	sori_side_pad(out, SAY(request, "ratio", "비"), -7);
	sori_side_pad(out, "q", -9);
	sori_buffer_add_text(out, "  ");
	sori_side_pad(out, SAY(request, "season", "계절성"), 36);
	sori_buffer_add_format(out, "%s\n", SAY(request, "last week, year on year", "지난주, 한 해 전과 견줌"));
	for (size_t i = 0; i < result->row_count; i++)
		if (shown(request, &result->rows[i]))
			put_row(out, request, &result->rows[i], width);
		else
			hidden++;
	if (hidden)
		sori_buffer_add_format(out, SAY(request, "%zu categories with too little data not shown (--all)\n", "자료가 부족한 분류 %zu개는 안 보임(--all)\n"),
				       hidden);
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_season_result *result)
{
	put_head(out, request, result);
	put_outside(out, request, result);
	put_table(out, request, result);
	if (request->query.category && result->row_count)
		put_months(out, request, &result->rows[0]);
	sori_buffer_add_format(out, SAY(request, "\nSeason: F test of two harmonics against the trend alone, over-dispersed weekly counts, less what weeks share with "
						 "their neighbours; q over %zu categories; dates are those of the last full year.\nYear on year: rate ratio 95 %% of the last whole week and the "
						 "same ISO week a year before, q over %zu categories.\n",
					"\n계절성: 추세만 있는 모형에 조화항 둘을 더한 F 검정, 과분산 주별 건수, 이웃한 주끼리 닮은 만큼 뺌; q는 분류 %zu개; 날짜는 마지막 온전한 한 해의 것.\n"
					"한 해 전: 마지막 온전한 주와 한 해 전 같은 ISO 주의 비율비 95 %%, q는 분류 %zu개.\n"),
			       result->family, result->year_family);
	sori_buffer_add_format(out, "%s\n", sori_inquiry_caution(SORI_INQUIRY_SEASON, request->english));
}

/* --- JSON and CSV ----------------------------------------------------------------------------------------------------- */

static void put_json_weeks(struct sori_buffer *out, const struct sori_season_row *row)
{
	sori_buffer_add_text(out, ",\"weeks\":[");
	for (size_t i = 0; i < row->weeks.count; i++) {
		char day[11];

		sori_day_text(sori_week_monday(&row->weeks, i), day);
		sori_buffer_add_format(out, "%s\n{\"monday\":\"%s\",\"state\":\"%s\"", i ? "," : "", day,
				       sori_week_state_id((enum sori_week_state)row->weeks.state[i]));
		sori_analysis_put_json(out, "documents", row->weeks.y[i]);
		sori_analysis_put_json(out, "denominator", row->weeks.n[i]);
		sori_analysis_put_json(out, "fitted", row->fitted[i]);
		sori_buffer_add_byte(out, '}');
	}
	sori_buffer_add_byte(out, ']');
}

static void put_json_row(struct sori_buffer *out, const struct request *request, const struct sori_season_row *row)
{
	char id[256], room[64];

	put_id(id, sizeof id, row);
	sori_buffer_add_text(out, "{\"category\":");
	sori_buffer_add_json(out, sori_view_of(id));
	sori_analysis_put_json_text(out, "ko", row->group ? "" : row->category->ko);
	sori_analysis_put_json_text(out, "en", row->group ? "" : row->category->en);
	sori_analysis_put_json_text(out, "verdict", verdict_id(row));
	sori_analysis_put_json_text(out, "reason", sori_refusal_id(row->refusal));
	sori_analysis_put_json_text(out, "words", words(row, true, room));
	sori_analysis_put_json(out, "documents", row->weeks.documents);
	sori_buffer_add_format(out, ",\"weeks_used\":%zu,\"weeks_other_dictionary\":%zu,\"observed\":%s,\"every_year\":%s", row->weeks.used,
			       row->weeks.other_dictionary, row->observed ? "true" : "false", row->every_year ? "true" : "false");
	sori_side_put_json_day(out, "peak_week", row->peak);
	sori_side_put_json_day(out, "lowest_week", row->trough);
	sori_analysis_put_json(out, "peak_to_lowest", row->ratio);
	sori_analysis_put_json(out, "f", row->season.f);
	sori_analysis_put_json(out, "df1", row->season.df1);
	sori_analysis_put_json(out, "df2", row->season.df2);
	sori_analysis_put_json(out, "phi", row->season.dispersion);
	sori_analysis_put_json(out, "p", row->season.p);
	sori_analysis_put_json(out, "acf1", row->acf1);
	sori_analysis_put_json(out, "p_memory", row->p_memory);
	sori_analysis_put_json(out, "q", row->q);
	sori_analysis_put_json(out, "p_without_largest_year", row->p_without);
	sori_buffer_add_format(out, ",\"recurs\":%s,\"years\":%zu,\"years_apart\":%zu", row->recurs ? "true" : "false", row->years, row->years_apart);
	sori_side_put_json_day(out, "this_week", row->this_monday);
	sori_side_put_json_day(out, "last_years_week", row->last_monday);
	sori_buffer_add_format(out, ",\"aligned\":%s", row->aligned ? "true" : "false");
	sori_analysis_put_json(out, "this_year", row->year.b);
	sori_analysis_put_json(out, "last_year", row->year.a);
	sori_analysis_put_json(out, "year_ratio", exp(row->year.weekday.log_ratio));
	sori_side_put_json_limits(out, "year_ratio", &row->year.weekday.ratio);
	sori_analysis_put_json(out, "year_q", row->year_q);
	sori_analysis_put_json_text(out, "year_verdict", row->this_monday == SORI_DAY_NONE ? "too-little-data" : sori_verdict_id(row->year_verdict));
	if (request->query.category)
		put_json_weeks(out, row);
	sori_buffer_add_byte(out, '}');
}

static void put_json(struct sori_buffer *out, const struct request *request, const struct sori_season_result *result)
{
	sori_buffer_add_format(out, "{\"family\":%zu,\"year_family\":%zu", result->family, result->year_family);
	sori_side_put_json_day(out, "from", result->first);
	sori_side_put_json_day(out, "as_of", result->as_of);
	sori_analysis_put_json_slice(out, "where", &request->query.where);
	sori_analysis_put_json_text(out, "per", request->query.per ? request->query.per : "documents");
	sori_buffer_add_text(out, ",\"categories\":[");
	for (size_t i = 0; i < result->row_count; i++) {
		sori_buffer_add_text(out, i ? ",\n" : "\n");
		put_json_row(out, request, &result->rows[i]);
	}
	sori_buffer_add_text(out, "]}\n");
}

static void put_csv_day(struct sori_buffer *out, sori_day day)
{
	char text[11];

	sori_day_text(day, text);
	sori_buffer_add_format(out, ",%s", text);
}

static void put_csv(struct sori_buffer *out, const struct request *request, const struct sori_season_result *result)
{
	(void)request;
	sori_buffer_add_text(out, "category,verdict,reason,documents,weeks,peak_week,lowest_week,peak_to_lowest,f,df1,df2,phi,p,p_memory,q,this_week,"
				  "last_years_week,aligned,this_year,last_year,year_ratio,year_ratio_low,year_ratio_high,year_q,year_verdict\n");
	for (size_t i = 0; i < result->row_count; i++) {
		const struct sori_season_row *row = &result->rows[i];
		const double figures[] = {row->ratio, row->season.f, row->season.df1, row->season.df2, row->season.dispersion, row->season.p, row->p_memory, row->q};
		const double years[] = {row->year.b, row->year.a, exp(row->year.weekday.log_ratio), row->year.weekday.ratio.low,
					row->year.weekday.ratio.high, row->year_q};
		char id[256];

		put_id(id, sizeof id, row);
		sori_buffer_add_csv(out, sori_view_of(id), true);
		sori_buffer_add_format(out, ",%s,%s,%.0f,%zu", verdict_id(row), sori_refusal_id(row->refusal), row->weeks.documents, row->weeks.used);
		put_csv_day(out, row->peak);
		put_csv_day(out, row->trough);
		for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
			sori_analysis_put_csv(out, figures[f]);
		put_csv_day(out, row->this_monday);
		put_csv_day(out, row->last_monday);
		sori_buffer_add_format(out, ",%d", row->aligned);
		for (size_t f = 0; f < sizeof years / sizeof *years; f++)
			sori_analysis_put_csv(out, years[f]);
		sori_buffer_add_format(out, ",%s\n", row->this_monday == SORI_DAY_NONE ? "too-little-data" : sori_verdict_id(row->year_verdict));
	}
}

static enum sori_status answer(void *user, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	static void (*const put[])(struct sori_buffer *, const struct request *, const struct sori_season_result *) = {
		[SORI_ANALYSIS_TEXT] = put_text, [SORI_ANALYSIS_JSON] = put_json, [SORI_ANALYSIS_CSV] = put_csv};
	const struct request *request = user;
	struct sori_season_result *result;
	enum sori_status status = sori_season_run(&result, database, &request->query, error);

	if (status == SORI_OK)
		put[request->format](out, request, result);
	sori_season_free(result);
	return status;
}

static enum sori_status season_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {0};
	enum sori_status status = read_request(cli, &request, error);

	if (status == SORI_OK)
		status = sori_analysis_run(cli, answer, &request, error);
	sori_side_files_release(&request.files);
	return status;
}

const struct sori_command sori_command_season = {
	.name = "season",
	.summary = "is there a season, when is its peak, and this year against the last",
	.operands = "[CATEGORY]",
	.examples = "  sori season --calendar calendar.csv\n"
		    "  sori season delivery.delay --where region=부산 --format json\n",
	.details = "Weekly shares of the category with a trend and two harmonics of a year, over-dispersed, against the trend alone. The peak must "
		   "also show in nearly every year, and the test hold without the year that has most documents: one large event is no season. It "
		   "needs 60 documents and two full years, three to say every year; with one year the highest and lowest weeks are shown and nothing is tested. "
		   "The last whole week is compared with the same ISO week of the year before; near Seollal and Chuseok, when the calendar "
		   "names them in both years, with the days as far from the feast. A group (the part of a name before the dot) counts the "
		   "mentions of its categories. A season says when, not why.",
	.options = options,
	.run = season_run,
};
