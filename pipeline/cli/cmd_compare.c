/* What changed: two periods, or two slices of the same period, category by category. */
#include <math.h>
#include <string.h>

#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/core/analyse_restate.h"
#include "pipeline/core/suppress.h"
#include "pipeline/stats/glm.h"

#define PERIOD 28 /* days; 14 or 7 when the store is too young for two periods */

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	SORI_ANALYSIS_OPTION_OUT,
	{"from", 0, "DAY", false, "first day, YYYY-MM-DD (28 days up to the last, fewer in a young store)"},
	{"to", 0, "DAY", false, "last day (the last dated day of the store)"},
	{"with-from", 0, "DAY", false, "first day of the period to compare with (as many days, just before)"},
	{"with-to", 0, "DAY", false, "last day of the period to compare with (the day before the first)"},
	SORI_ANALYSIS_OPTION_WHERE,
	{"slice", 0, "DIM=VALUE", true, "compare this slice, with that of --with, in one period"},
	{"with", 0, "DIM=VALUE", true, "the slice to compare with"},
	{"publish", 0, "inside|outside", false, "hide counts under 5, under 10 customers, and who has most of them"},
	SORI_SIDE_OPTION_CALENDAR,
	SORI_SIDE_OPTION_EXPOSURE,
	SORI_SIDE_OPTION_PER,
	SORI_SIDE_OPTION_LANG,
	SORI_ANALYSIS_OPTION_FORMAT,
	{0},
};

struct request {
	const struct sori_cli *cli;
	enum sori_analysis_format format;
	struct sori_slice_term terms[SORI_PANEL_SIDES][SORI_ANALYSIS_TERMS];
	struct sori_slice slices[SORI_PANEL_SIDES]; /* where + slice, where + with */
	size_t where;                               /* terms of --where that lead both */
	bool by_slice;
	sori_day from, to, with_from, with_to;
	struct sori_side_files files;
	double scale;     /* of a share as it is shown: 100, or 1000 and more for an exposure */
	unsigned k; /* counts under it are hidden; 0: none */
	bool english;
	bool restated;
	struct sori_restated reported; /* filled when `restated` */
	const struct sori_panel *panel;
	struct sori_compare_side a, b;
};

#define SAY(request, en, ko) ((request)->english ? (en) : (ko))

static enum sori_status read_slices(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	const char *one[1];
	bool slice = sori_cli_values(cli, "slice", one, 1) > 0, with = sori_cli_values(cli, "with", one, 1) > 0;
	enum sori_status status = sori_analysis_slice(cli, "where", request->terms[0], &request->slices[0], error);

	if (status != SORI_OK)
		return status;
	if (slice != with)
		return sori_fail(error, SORI_USAGE, "--slice and --with go together");
	request->by_slice = slice;
	request->where = request->slices[0].count;
	memcpy(request->terms[1], request->terms[0], sizeof request->terms[0]);
	request->slices[1] = (struct sori_slice){request->terms[1], request->where};
	if (slice)
		status = sori_analysis_slice(cli, "slice", request->terms[0], &request->slices[0], error);
	if (slice && status == SORI_OK)
		status = sori_analysis_slice(cli, "with", request->terms[1], &request->slices[1], error);
	return status;
}

/* First day of the default period. */
static sori_day default_from(const struct request *request, sori_day first)
{
	sori_day days = PERIOD;

	if (request->by_slice)
		return request->to - (days - 1) > first || first > request->to ? request->to - (days - 1) : first;
	while (days > 7 && request->to - 2 * days + 1 < first)
		days /= 2;
	return request->to - (days - 1);
}

static enum sori_status read_days(const struct sori_cli *cli, struct sqlite3 *database, struct request *request,
				  struct sori_error *error)
{
	sori_day first, last;
	enum sori_status status = sori_analysis_bounds(database, &first, &last, error);

	if (status != SORI_OK)
		return status;
	request->to = last;
	status = sori_analysis_day(cli, "to", &request->to, error);
	request->from = default_from(request, first);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "from", &request->from, error);
	request->with_to = request->from - 1;
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "with-to", &request->with_to, error);
	request->with_from = request->with_to - (request->to - request->from);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "with-from", &request->with_from, error);
	if (status != SORI_OK)
		return status;
	if (request->by_slice && (sori_cli_value(cli, "with-from") || sori_cli_value(cli, "with-to")))
		return sori_fail(error, SORI_USAGE, "--with-from and --with-to compare periods; two slices share one period");
	if (request->from > request->to || request->with_from > request->with_to)
		return sori_fail(error, SORI_USAGE, "a period ends before it begins");
	if (!request->by_slice && request->from <= request->with_to && request->with_from <= request->to)
		return sori_fail(error, SORI_USAGE, "the two periods overlap");
	return SORI_OK;
}

static const char *words(const struct request *request, const struct sori_compare_row *row)
{
	if (row->verdict == SORI_VERDICT_UP && !(row->ab.a > 0.0))
		return SAY(request, "changed: up, new", "변화 있음: 새로 나타남");
	if (row->verdict == SORI_VERDICT_DOWN && !(row->ab.b > 0.0))
		return SAY(request, "changed: down, gone", "변화 있음: 사라짐");
	return sori_side_words(row->verdict, SORI_REFUSAL_NONE, request->english);
}

/* Too few people on a side, or one customer with most of it: neither figure nor anything that derives from it is shown. */
static bool hidden(const struct request *request, const struct sori_compare_row *row)
{
	const struct sori_suppress_cell a = {(uint64_t)row->ab.a, (uint64_t)(isnan(row->customers_a) ? row->ab.a : row->customers_a),
					     (uint64_t)row->one_customer_a};
	const struct sori_suppress_cell b = {(uint64_t)row->ab.b, (uint64_t)(isnan(row->customers_b) ? row->ab.b : row->customers_b),
					     (uint64_t)row->one_customer_b};

	return sori_suppress_alone(&a, request->k) || sori_suppress_alone(&b, request->k);
}

/* A zero on one side has no model of days: the test of the totals takes them for Poisson. */
static const char *caveat(const struct sori_compare_row *row)
{
	if (isnan(row->q))
		return row->ab.eligible && row->ab.a > 0.0 && row->ab.b > 0.0 ? sori_glm_outcome_text(row->ab.weekday.outcome) : "";
	return row->ab.a > 0.0 && row->ab.b > 0.0 ? "" : "assumes Poisson";
}

static void put_period_notes(struct sori_buffer *out, const struct request *request, const struct sori_compare_period *period)
{
	if (!isnan(period->complaints))
		sori_buffer_add_format(out, SAY(request, "; %.0f distinct complaints", "; 서로 다른 불만 %.0f건"), period->complaints);
	if (!isnan(period->customers))
		sori_buffer_add_format(out, SAY(request, ", %s%.0f customers", ", 고객 %s%.0f명"), period->customers_estimated ? SAY(request, "about ", "약 ") : "",
				       period->customers);
	if (period->provisional)
		sori_buffer_add_format(out, SAY(request, "; %zu days left out, data still coming", "; 자료가 덜 들어온 %zu일 제외"), period->provisional);
	if (period->disturbed)
		sori_buffer_add_format(out, SAY(request, "; %zu holidays left out", "; 휴일 %zu일 제외"), period->disturbed);
	if (period->incomplete)
		sori_buffer_add_text(out, SAY(request, "; incomplete", "; 불완전"));
	sori_buffer_add_byte(out, '\n');
}

static void put_period(struct sori_buffer *out, const char *lead, const struct request *request, bool second,
		       const struct sori_compare_period *period)
{
	char from[11], to[11];
	const struct sori_slice *slice = &request->slices[second];
	const struct sori_slice own = {slice->terms + request->where, slice->count - request->where};

	sori_day_text(second && !request->by_slice ? request->with_from : request->from, from);
	sori_day_text(second && !request->by_slice ? request->with_to : request->to, to);
	sori_buffer_add_format(out, "%s ", lead);
	sori_analysis_put_slice(out, &own);
	sori_buffer_add_format(out, SAY(request, "%s%s to %s: %.0f documents on %zu of %zu days, %.1f %% without a category",
					"%s%s – %s: %.0f건, 자료 있는 날 %zu/%zu일, 미분류 %.1f %%"), own.count ? ", " : "", from, to, period->documents,
			       period->observed, period->days, period->documents > 0.0 ? 100.0 * period->none / period->documents : 0.0);
	put_period_notes(out, request, period);
}

static void put_volume(struct sori_buffer *out, const struct request *request, const struct sori_compare_result *result)
{
	const struct sori_ab_result *v = &result->volume;
	enum sori_verdict verdict = SORI_VERDICT_TOO_LITTLE;
	char room[2][48];

	if (v->eligible && !result->a.incomplete && !result->b.incomplete && !isnan(v->p))
		verdict = v->p > 0.05 ? SORI_VERDICT_UNCLEAR : v->share_b > v->share_a ? SORI_VERDICT_UP : SORI_VERDICT_DOWN;
	sori_buffer_add_format(out, SAY(request, "volume    %s documents a day, with %s", "건수      하루 %s건, 비교 %s건"),
			       sori_analysis_cell(room[0], 1, v->share_b), sori_analysis_cell(room[1], 1, v->share_a));
	if (!isnan(v->weekday.log_ratio))
		sori_buffer_add_format(out, SAY(request, "; ratio %.2f [%.2f, %.2f]", "; 비 %.2f [%.2f, %.2f]"), exp(v->weekday.log_ratio), v->weekday.ratio.low,
				       v->weekday.ratio.high);
	sori_buffer_add_format(out, "; %s\n", sori_side_words(verdict, SORI_REFUSAL_NONE, request->english));
	if (result->none_jumped)
		sori_buffer_add_text(out, SAY(request, "note      what no category fits moved by over 2 points: that explains many changes below\n",
					      "참고      미분류 비율이 2%p 넘게 달라짐: 아래 변화의 까닭일 수 있음\n"));
}

/* "0.8 of 2.1 points is mix", and when the two point in different directions. */
static void put_mix(struct sori_buffer *out, const struct request *request, const struct sori_compare_row *row)
{
	const struct sori_strata_result *r = &row->mix.result;

	if (row->mix.strata < 2 || isnan(r->mix_part) || row->verdict == SORI_VERDICT_DICTIONARY || row->verdict == SORI_VERDICT_TOO_LITTLE)
		return;
	if (!row->mix.signs_differ && (fabs(r->mix_part) < 0.2 * fabs(r->crude_difference) || fabs(r->mix_part) < 0.0005))
		return;
	sori_buffer_add_format(out, SAY(request, "; %+.2f of %+.2f points is another mix of channels and products",
					"; %2$+.2f%%p 가운데 %1$+.2f%%p는 채널·제품 구성 변화"), 100.0 * r->mix_part, 100.0 * r->crude_difference);
	if (r->mh_ratio > 0.0 && isfinite(r->mh_ratio))
		sori_buffer_add_format(out, SAY(request, ", adjusted ratio %.2f [%.2f, %.2f]", ", 보정 비 %.2f [%.2f, %.2f]"), r->mh_ratio,
				       r->mh_limits.low, r->mh_limits.high);
	if (row->mix.signs_differ)
		sori_buffer_add_text(out, SAY(request, "; WITHIN THEM IT GOES THE OTHER WAY", "; 안에서는 반대 방향"));
}

static void put_people(struct sori_buffer *out, const struct request *request, const struct sori_compare_row *row)
{
	if (!isnan(row->complaints_b) && (row->complaints_b < 0.8 * row->ab.b || row->complaints_a < 0.8 * row->ab.a))
		sori_buffer_add_format(out, SAY(request, "; distinct complaints %.0f, with %.0f", "; 서로 다른 불만 %.0f, 이전 %.0f"),
				       row->complaints_b, row->complaints_a);
	if (row->one_customer_b > 0.0 && row->ab.b >= 5.0)
		sori_buffer_add_format(out, SAY(request, "; one customer has %.0f of them", "; 한 고객이 %.0f건"), row->one_customer_b);
}

/* How much of a change is the dictionary's. */
static void put_split(struct sori_buffer *out, const struct request *request, const struct sori_compare_row *row)
{
	struct sori_restate_split split;

	if (!request->restated)
		return;
	split = sori_restate_split(request->panel, &request->reported, (size_t)(row->category - request->panel->categories), &request->a, &request->b);
	if (split.known && fabs(split.dictionary) >= 0.0005)
		sori_buffer_add_format(out, SAY(request, "; as reported %+.2f points: %+.2f the data, %+.2f the dictionary",
						"; 보고 당시 %+.2f%%p: 자료 %+.2f, 사전 %+.2f"), 100.0 * split.reported, 100.0 * split.data,
				       100.0 * split.dictionary);
}

static void put_hidden_row(struct sori_buffer *out, const struct request *request, int width, const struct sori_compare_row *row)
{
	sori_buffer_add_format(out, "%-*s %6s %6s %7s %7s %22s %20s %5s %8s  %s\n", width, row->category->id, sori_publish_word(request->k),
			       sori_publish_word(request->k), "-", "-", "-", "-", "-", "-", SAY(request, "hidden: few customers", "숨김: 고객 수가 적음"));
}

static void put_text_row(struct sori_buffer *out, const struct request *request, int width, const struct sori_compare_row *row)
{
	const struct sori_ab_result *ab = &row->ab;
	char limits[2][96], cell[2][48];

	if (hidden(request, row)) {
		put_hidden_row(out, request, width, row);
		return;
	}
	(void)snprintf(limits[0], sizeof limits[0], "%+.2f [%+.2f, %+.2f]", request->scale * ab->difference,
		       request->scale * ab->difference_limits.low, request->scale * ab->difference_limits.high);
	if (isnan(ab->weekday.log_ratio))
		(void)snprintf(limits[1], sizeof limits[1], "-");
	else
		(void)snprintf(limits[1], sizeof limits[1], "%.2f [%.2f, %.2f]", exp(ab->weekday.log_ratio), ab->weekday.ratio.low,
			       ab->weekday.ratio.high);
	sori_buffer_add_format(out, "%-*s %6.0f %6.0f %6.2f%s %6.2f%s %22s %20s %5s %8s  %s", width, row->category->id, ab->b, ab->a,
			       request->scale * ab->share_b, request->files.per ? " " : "%", request->scale * ab->share_a,
			       request->files.per ? " " : "%", limits[0], limits[1],
			       sori_analysis_cell(cell[0], 2, ab->weekday.dispersion), sori_analysis_cell(cell[1], -1, row->q),
			       words(request, row));
	if (*caveat(row))
		sori_buffer_add_format(out, " (%s)", caveat(row));
	put_mix(out, request, row);
	put_people(out, request, row);
	put_split(out, request, row);
	sori_buffer_add_byte(out, '\n');
}

static void put_table_head(struct sori_buffer *out, const struct request *request, int width)
{
	static const char *const heads[][2] = {{"docs", "건"}, {"with", "견줌"}, {"share", "비율"}, {"with", "견줌"}, {"difference, % points", "차이, %p"},
					       {"rate ratio", "비"}, {"phi", "phi"}, {"q", "q"}};
	static const char *const rates[][2] = {{0}, {0}, {"rate", "비율"}, {0}, {"difference", "차이"}, {0}, {0}, {0}};
	static const int widths[] = {6, 6, 7, 7, 22, 20, 5, 8};

	sori_buffer_add_byte(out, '\n');
	sori_side_pad(out, SAY(request, "category", "분류"), width);
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		sori_buffer_add_byte(out, ' ');
		sori_side_pad(out, request->files.per && rates[i][0] ? rates[i][request->english ? 0 : 1] : heads[i][request->english ? 0 : 1],
			      -widths[i]);
	}
	sori_buffer_add_byte(out, '\n');
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_compare_result *result)
{
	int width = 8;

	put_period(out, SAY(request, "compared ", "비교함   "), request, false, &result->b);
	put_period(out, SAY(request, "with     ", "견줌     "), request, true, &result->a);
	if (request->where) {
		sori_buffer_add_text(out, SAY(request, "where     ", "조건      "));
		sori_analysis_put_slice(out, &(struct sori_slice){request->terms[0], request->where});
		sori_buffer_add_byte(out, '\n');
	}
	put_volume(out, request, result);
	if (request->files.per)
		sori_buffer_add_format(out, SAY(request, "rates     per %.0f %s\n", "비율      %2$s %1$.0f당\n"), request->scale, request->files.per);
	for (size_t i = 0; i < result->row_count; i++)
		if ((int)strlen(result->rows[i].category->id) > width)
			width = (int)strlen(result->rows[i].category->id);
	put_table_head(out, request, width);
	for (size_t i = 0; i < result->row_count; i++)
		put_text_row(out, request, width, &result->rows[i]);
	if (result->a.incomplete || result->b.incomplete)
		sori_buffer_add_text(out, SAY(request, "\nA period with under 80 % of its days is incomplete: intervals only, no test.",
					      "\n80 % 미만의 날만 있는 기간은 불완전함: 구간만, 검정 없음."));
	if (result->dictionary_changed)
		sori_buffer_add_text(out, SAY(request, "\nThe two sides were counted by different dictionaries: sori run --restate counts the dumps again.",
					      "\n두 쪽이 서로 다른 사전으로 집계됨: sori run --restate 로 다시 집계할 것."));
	sori_buffer_add_format(out, SAY(request, "\nIntervals at 95 %%: differences by Newcombe, ratios from daily counts with weekday and over-dispersion"
					" (phi). q: Benjamini-Hochberg over %zu categories; changed is q at most 0.05.\nA document may have several"
					" categories: shares add to more than 100 %%. A difference is no cause.\n",
					"\n구간 95 %%: 차이는 Newcombe, 비는 요일과 과산포(phi)를 넣은 일별 건수. q: 분류 %zu개의 Benjamini-Hochberg, 변화는"
					" q 0.05 이하.\n한 건이 여러 분류에 들 수 있어 비율의 합은 100 %%를 넘음. 차이가 곧 원인은 아님.\n"),
			       result->family);
	if (request->k)
		sori_buffer_add_format(out, result->customers_known ? SAY(request, "Cells of under %u customers are hidden.\n", "고객 %u명 미만은 숨김.\n")
							      : SAY(request, "No document has a customer: cells of under %u documents are hidden.\n",
								    "고객 정보가 없음: %u건 미만은 숨김.\n"), request->k);
}

static void put_json_period(struct sori_buffer *out, const char *key, const struct request *request, bool second,
			    const struct sori_compare_period *period)
{
	char from[11], to[11];
	const struct sori_slice *slice = &request->slices[second];

	sori_day_text(second && !request->by_slice ? request->with_from : request->from, from);
	sori_day_text(second && !request->by_slice ? request->with_to : request->to, to);
	sori_buffer_add_format(out, "\"%s\":{\"from\":\"%s\",\"to\":\"%s\"", key, from, to);
	sori_analysis_put_json_slice(out, "slice", slice);
	sori_buffer_add_format(out, ",\"documents\":%.0f,\"without_category\":%.0f,\"days\":%zu,\"days_observed\":%zu,\"days_missing\":%zu,"
			       "\"incomplete\":%s},", period->documents, period->none, period->days, period->observed, period->missing,
			       period->incomplete ? "true" : "false");
}

static void put_json_ratio(struct sori_buffer *out, const struct sori_ab_result *ab)
{
	sori_analysis_put_json(out, "rate_ratio", exp(ab->weekday.log_ratio));
	sori_analysis_put_json(out, "rate_ratio_low", ab->weekday.ratio.low);
	sori_analysis_put_json(out, "rate_ratio_high", ab->weekday.ratio.high);
	sori_analysis_put_json(out, "phi", ab->weekday.dispersion);
}

static void put_json_row(struct sori_buffer *out, const struct request *request, const struct sori_compare_row *row)
{
	const struct sori_ab_result *ab = &row->ab;
	const struct sori_strata_result *r = &row->mix.result;

	sori_buffer_add_text(out, "{\"category\":");
	sori_buffer_add_json(out, sori_view_of(row->category->id));
	sori_analysis_put_json_text(out, "ko", row->category->ko);
	sori_analysis_put_json_text(out, "en", row->category->en);
	sori_analysis_put_json_text(out, "kind", row->category->praise ? "praise" : "pain");
	if (hidden(request, row)) {
		sori_buffer_add_text(out, ",\"hidden\":true}");
		return;
	}
	sori_analysis_put_json(out, "documents", ab->b);
	sori_analysis_put_json(out, "documents_with", ab->a);
	sori_analysis_put_json(out, "share", ab->share_b);
	sori_analysis_put_json(out, "share_with", ab->share_a);
	sori_analysis_put_json(out, "difference", ab->difference);
	sori_analysis_put_json(out, "difference_low", ab->difference_limits.low);
	sori_analysis_put_json(out, "difference_high", ab->difference_limits.high);
	put_json_ratio(out, ab);
	sori_analysis_put_json(out, "excess", row->excess);
	sori_analysis_put_json(out, "p", isnan(row->q) ? row->q : ab->p);
	sori_analysis_put_json(out, "q", row->q);
	sori_analysis_put_json_text(out, "verdict", sori_verdict_id(row->verdict));
	sori_analysis_put_json_text(out, "words", words(request, row));
	sori_analysis_put_json_text(out, "caveat", caveat(row));
	sori_analysis_put_json(out, "distinct_complaints", row->complaints_b);
	sori_analysis_put_json(out, "distinct_complaints_with", row->complaints_a);
	sori_analysis_put_json(out, "customers", row->customers_b);
	sori_analysis_put_json(out, "customers_with", row->customers_a);
	if (row->mix.strata >= 2) {
		sori_buffer_add_format(out, ",\"mix\":{\"strata\":%zu", row->mix.strata);
		sori_analysis_put_json(out, "adjusted_ratio", r->mh_ratio);
		sori_analysis_put_json(out, "adjusted_ratio_low", r->mh_limits.low);
		sori_analysis_put_json(out, "adjusted_ratio_high", r->mh_limits.high);
		sori_analysis_put_json(out, "rate_part", r->rate_part);
		sori_analysis_put_json(out, "mix_part", r->mix_part);
		sori_buffer_add_format(out, ",\"signs_differ\":%s}", row->mix.signs_differ ? "true" : "false");
	}
	sori_buffer_add_byte(out, '}');
}

static void put_json(struct sori_buffer *out, const struct request *request, const struct sori_compare_result *result)
{
	sori_buffer_add_byte(out, '{');
	put_json_period(out, "compared", request, false, &result->b);
	put_json_period(out, "with", request, true, &result->a);
	sori_buffer_add_text(out, "\"volume\":{\"unit\":\"documents a day\"");
	sori_analysis_put_json(out, "rate", result->volume.share_b);
	sori_analysis_put_json(out, "rate_with", result->volume.share_a);
	put_json_ratio(out, &result->volume);
	sori_analysis_put_json(out, "p", result->volume.eligible && !result->a.incomplete && !result->b.incomplete ? result->volume.p : NAN);
	sori_buffer_add_format(out, "},\"dictionary_changed\":%s,\"family\":%zu", result->dictionary_changed ? "true" : "false",
			       result->family);
	if (request->files.per)
		sori_analysis_put_json_text(out, "per", request->files.per);
	sori_buffer_add_text(out, ",\"categories\":[");
	for (size_t i = 0; i < result->row_count; i++) {
		sori_buffer_add_text(out, i ? ",\n" : "\n");
		put_json_row(out, request, &result->rows[i]);
	}
	sori_buffer_add_text(out, "]}\n");
}

static void put_csv(struct sori_buffer *out, const struct request *request, const struct sori_compare_result *result)
{
	sori_buffer_add_text(out, "category,documents,documents_with,n,n_with,share,share_with,difference,difference_low,difference_high,"
			     "rate_ratio,rate_ratio_low,rate_ratio_high,phi,excess,p,q,verdict,caveat,distinct_complaints,distinct_complaints_with,customers,customers_with,adjusted_ratio,mix_part,"
			     "rate_part\n");
	for (size_t i = 0; i < result->row_count; i++) {
		const struct sori_compare_row *row = &result->rows[i];
		const struct sori_ab_result *ab = &row->ab;
		const double figures[] = {ab->b, ab->a, ab->n_b, ab->n_a, ab->share_b, ab->share_a, ab->difference,
					  ab->difference_limits.low, ab->difference_limits.high, exp(ab->weekday.log_ratio),
					  ab->weekday.ratio.low, ab->weekday.ratio.high, ab->weekday.dispersion, row->excess,
					  isnan(row->q) ? row->q : ab->p, row->q};

		const double more[] = {row->complaints_b, row->complaints_a, row->customers_b, row->customers_a,
				       row->mix.strata >= 2 ? row->mix.result.mh_ratio : NAN, row->mix.strata >= 2 ? row->mix.result.mix_part : NAN,
				       row->mix.strata >= 2 ? row->mix.result.rate_part : NAN};

		if (hidden(request, row))
			continue;
		sori_buffer_add_csv(out, sori_view_of(row->category->id), true);
		for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
			sori_analysis_put_csv(out, figures[f]);
		sori_buffer_add_format(out, ",%s,%s", sori_verdict_id(row->verdict), caveat(row));
		for (size_t f = 0; f < sizeof more / sizeof *more; f++)
			sori_analysis_put_csv(out, more[f]);
		sori_buffer_add_byte(out, '\n');
	}
}

/* The exposure of each side's slice, in the panel's arena. */
static enum sori_status load_exposure(struct request *request, struct sori_panel *panel, struct sori_error *error)
{
	enum sori_status status = sori_side_files_read(request->cli, SORI_SIDE_EXPOSURE, &request->files, error);

	request->scale = 100.0;
	for (size_t s = 0; s < panel->side_count && request->files.per && status == SORI_OK; s++) {
		double *values = sori_arena_alloc(&panel->arena, panel->days * sizeof *values);

		if (!values)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		panel->sides[s].exposure = values;
		status = sori_exposure_series(request->files.exposure, request->files.per, &request->slices[s], panel->first, panel->days,
					      values, error);
	}
	return status;
}

/* Rates are told per thousand, or per as many that the highest is at least 1. */
static void choose_scale(struct request *request, const struct sori_compare_result *result)
{
	double highest = 0.0;

	for (size_t i = 0; i < result->row_count; i++)
		highest = fmax(highest, fmax(result->rows[i].ab.share_a, result->rows[i].ab.share_b));
	request->scale = 1000.0;
	while (highest > 0.0 && highest * request->scale < 1.0 && request->scale < 1e9)
		request->scale *= 1000.0;
}

static enum sori_status answer_days(struct request *request, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	static void (*const put[])(struct sori_buffer *, const struct request *, const struct sori_compare_result *) = {
		[SORI_ANALYSIS_TEXT] = put_text, [SORI_ANALYSIS_JSON] = put_json, [SORI_ANALYSIS_CSV] = put_csv};
	sori_day first = request->from < request->with_from || request->by_slice ? request->from : request->with_from;
	sori_day last = request->to > request->with_to || request->by_slice ? request->to : request->with_to;
	const struct sori_compare_side b = {0, request->from, request->to};
	struct sori_compare_side a = {request->by_slice, request->with_from, request->with_to};
	struct sori_compare_result result;
	struct sori_panel *panel;
	enum sori_status status = sori_panel_load(&panel, database, first, last, request->slices, request->by_slice ? 2 : 1, error);

	if (status != SORI_OK)
		return status;
	if (request->by_slice) {
		a.from = b.from;
		a.to = b.to;
	}
	if (panel->overlap)
		status = sori_fail(error, SORI_USAGE, "the two slices share documents; narrow one of them, or --where for both");
	if (status == SORI_OK)
		status = sori_side_calendar_mark(request->cli, panel, &(struct sori_slice){request->terms[0], request->where}, error);
	if (status == SORI_OK)
		status = sori_panel_mark_late(panel, database, error);
	if (status == SORI_OK)
		status = load_exposure(request, panel, error);
	if (status == SORI_OK)
		status = sori_compare_run(panel, &a, &b, &result, error);
	if (status == SORI_OK && request->files.per)
		choose_scale(request, &result);
	if (status == SORI_OK && !request->files.per) /* strata are shares of documents */
		status = sori_compare_mix_run(panel, database, &a, &b, &result, error);
	if (status == SORI_OK)
		status = sori_compare_people(panel, database, &a, &b, &result, error);
	request->panel = panel;
	request->a = a;
	request->b = b;
	if (status == SORI_OK && !request->by_slice)
		status = sori_restated_load(panel, database, &request->slices[0], &request->reported, error);
	request->restated = status == SORI_OK && request->reported.any && !request->files.per;
	if (status == SORI_OK)
		put[request->format](out, request, &result);
	sori_side_files_release(&request->files);
	sori_panel_free(panel);
	return status;
}

static enum sori_status answer(void *user, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	struct request *request = user;
	enum sori_status status = read_days(request->cli, database, request, error);

	return status == SORI_OK ? answer_days(request, database, out, error) : status;
}

static enum sori_status compare_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {.cli = cli};
	enum sori_status status = sori_analysis_format(cli, &request.format, error);
	enum sori_publish publish = SORI_PUBLISH_ALL;

	if (status == SORI_OK)
		status = sori_side_english(cli, &request.english, error);
	if (status == SORI_OK)
		status = sori_publish_parse(sori_cli_value(cli, "publish"), &publish, error);
	request.k = sori_publish_threshold(publish);
	if (status == SORI_OK)
		status = read_slices(cli, &request, error);
	return status == SORI_OK ? sori_analysis_run(cli, answer, &request, error) : status;
}

const struct sori_command sori_command_compare = {
	.name = "compare",
	.summary = "what changed between two periods, or differs between two slices",
	.operands = "",
	.examples = "  sori compare --from 2026-08-01 --to 2026-08-28 --where region=부산\n"
		    "  sori compare --slice product=TV --with product=스마트폰 --format csv\n",
	.details = "Counts documents, not words. Without days, the last 28 days are compared with the 28 before, in a young store 14 or 7. Shares and their "
		   "difference (Newcombe) come from the totals; the rate ratio and the test from daily counts with weekday and "
		   "over-dispersion. q is Benjamini and Hochberg's over the categories. changed: q at most 0.05; no clear change: above "
		   "it, which does not say that nothing changed; too little data: under 5 documents of the category, under 30 documents "
		   "or 7 days on a side, or a period with under 80 % of its days. Rows with most evidence come first. With two or more channels or "
		   "products the difference is split into rate and mix (Kitagawa) and the ratio adjusted for them (Mantel-Haenszel); a warning "
		   "tells when the two point in different directions. Days whose data still comes in and days around Seollal and Chuseok are left out.",
	.options = options,
	.run = compare_run,
};
