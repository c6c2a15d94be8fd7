/* What goes with low ratings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	SORI_ANALYSIS_OPTION_OUT,
	{"from", 0, "DAY", false, "first day, YYYY-MM-DD (the first of the store, undated documents included)"},
	{"to", 0, "DAY", false, "last day (the last of the store)"},
	{"as-of", 0, "DAY", false, "the same as --to"},
	SORI_ANALYSIS_OPTION_WHERE,
	{"low", 0, "LIST", false, "ratings that are low, such as 1,2 or 1,2,3: all up to the largest (1,2 of 5)"},
	{"nps", 0, NULL, false, "ratings are 0 to 10 and low up to 6"},
	{"all", 'a', NULL, false, "in text also the categories with too little data"},
	SORI_SIDE_OPTION_LANG,
	SORI_ANALYSIS_OPTION_FORMAT,
	{0},
};

struct request {
	enum sori_analysis_format format;
	bool english, all;
	struct sori_slice_term terms[SORI_ANALYSIS_TERMS];
	struct sori_drivers_query query;
};

/* A macro, so that formats stay literals that the compiler checks. */
#define SAY(request, en, ko) ((request)->english ? (en) : (ko))

/* A list without holes: its largest is the threshold. */
static enum sori_status read_low(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, "low");
	unsigned given = 0;
	int least = 11, most = -1;

	request->query.low = -1;
	request->query.nps = sori_cli_flag(cli, "nps");
	if (!text)
		return SORI_OK;
	for (const char *at = text; *at;) {
		unsigned long long rating;
		size_t length = strcspn(at, ",");

		if (!sori_view_to_u64(sori_view_make(at, length), &rating) || rating > 9)
			return sori_fail(error, SORI_USAGE, "--low takes ratings 0 to 9 with commas between, not '%s'", text);
		given |= 1U << rating;
		least = (int)rating < least ? (int)rating : least;
		most = (int)rating > most ? (int)rating : most;
		at += length + (at[length] == ',');
	}
	for (int rating = least; rating <= most; rating++)
		if (!(given >> rating & 1))
			return sori_fail(error, SORI_USAGE, "--low leaves out %d: low ratings are all up to the largest one given", rating);
	if (most < 0)
		return sori_fail(error, SORI_USAGE, "--low takes ratings with commas between");
	if (request->query.nps)
		return sori_fail(error, SORI_USAGE, "--nps says what is low; --low goes without it");
	request->query.low = most;
	return SORI_OK;
}

static enum sori_status read_request(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	enum sori_status status = sori_analysis_format(cli, &request->format, error);

	request->query.from = request->query.to = SORI_DAY_NONE;
	request->all = sori_cli_flag(cli, "all");
	if (status == SORI_OK)
		status = sori_side_english(cli, &request->english, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "from", &request->query.from, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &request->query.to, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "to", &request->query.to, error);
	if (status == SORI_OK)
		status = sori_analysis_slice(cli, "where", request->terms, &request->query.where, error);
	if (status == SORI_OK && request->query.from != SORI_DAY_NONE && request->query.to != SORI_DAY_NONE &&
	    request->query.from > request->query.to)
		return sori_fail(error, SORI_USAGE, "the period ends before it begins");
	return status == SORI_OK ? read_low(cli, request, error) : status;
}

/* --- text ------------------------------------------------------------------------------------------------------------- */

static const char *words(const struct sori_drivers_row *row, bool english)
{
	switch (row->verdict) {
	case SORI_VERDICT_UP:
		return english ? "goes with low ratings" : "낮은 평점과 함께 나타남";
	case SORI_VERDICT_DOWN:
		return english ? "goes with better ratings" : "나은 평점과 함께 나타남";
	case SORI_VERDICT_UNCLEAR:
		return english ? "no clear difference" : "뚜렷한 차이 없음";
	default:
		return english ? "too little data" : "자료 부족";
	}
}

static void put_label(struct sori_buffer *out, const struct request *request, const char *en, const char *ko)
{
	sori_side_pad(out, SAY(request, en, ko), 11);
}

static void put_period(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	char from[11], to[11];

	put_label(out, request, "documents", "문서");
	sori_buffer_add_format(out, "%.0f", result->documents);
	if (result->from != SORI_DAY_NONE) {
		sori_day_text(result->from, from);
		sori_day_text(result->to, to);
		sori_buffer_add_format(out, SAY(request, ", %s to %s", ", %s ~ %s"), from, to);
	}
	if (request->query.where.count) {
		sori_buffer_add_text(out, SAY(request, ", where ", ", 범위 "));
		sori_analysis_put_slice(out, &request->query.where);
	}
	if (result->other_dictionary > 0.0)
		sori_buffer_add_format(out, SAY(request, "; %.0f counted by another dictionary left out", "; 다른 사전으로 센 %.0f건 제외"),
				       result->other_dictionary);
	sori_buffer_add_byte(out, '\n');
}

static void put_ratings(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	put_label(out, request, "rated", "평점 있음");
	sori_buffer_add_format(out, SAY(request, "%.0f (%.1f %%), %.0f of them low (%.1f %%): up to %d of %d\n",
					"%.0f건(%.1f %%), 그중 낮음 %.0f건(%.1f %%): %d점까지 / %d점 만점\n"),
			       result->rated, result->documents > 0.0 ? 100.0 * result->rated / result->documents : 0.0, result->low,
			       result->rated > 0.0 ? 100.0 * result->low / result->rated : 0.0, result->threshold, result->scale);
	if (result->off_scale > 0.0) {
		put_label(out, request, "left out", "제외");
		sori_buffer_add_format(out, SAY(request, "%.0f documents with a rating over 5\n", "평점이 5를 넘는 문서 %.0f건\n"), result->off_scale);
	}
}

static const char *company(const struct request *request, const struct sori_drivers_result *result)
{
	if (request->english || !*result->adjusted_for)
		return result->adjusted_for;
	return strchr(result->adjusted_for, ' ') ? "채널 x 제품" : "채널";
}

static void put_adjustment(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	put_label(out, request, "adjusted", "보정");
	if (result->adjusted_refusal != SORI_REFUSAL_NONE)
		sori_buffer_add_format(out, "%s: %s\n", SAY(request, "not", "안 함"),
				       result->adjusted_refusal == SORI_REFUSAL_FEW
					       ? SAY(request, "under 10 low ratings for each parameter", "모수마다 낮은 평점 10건이 안 됨")
					       : sori_refusal_text(result->adjusted_refusal, request->english));
	else
		sori_buffer_add_format(out, SAY(request, "for all categories with enough data%s%s; %zu parameters, %zu dropped\n",
						"자료가 충분한 모든 분류%s%s; 모수 %zu개, 뺀 것 %zu개\n"),
				       *result->adjusted_for ? SAY(request, " and ", " + ") : "", company(request, result), result->parameters,
				       result->dropped);
}

static double points(double share)
{
	return 100.0 * share;
}

static void put_row(struct sori_buffer *out, const struct request *request, const struct sori_drivers_row *row, int width)
{
	const struct sori_driver *d = &row->driver;
	char limits[96], cell[8][48];

	(void)snprintf(limits, sizeof limits, "%+.1f [%+.1f, %+.1f]", points(d->difference), points(d->difference_limits.low),
		       points(d->difference_limits.high));
	sori_side_pad(out, row->category->id, width + 1);
	sori_buffer_add_format(out, "%6.0f %5s%% %6s%% ", d->with, sori_analysis_cell(cell[0], 1, points(d->low_with / d->with)),
			       sori_analysis_cell(cell[1], 1, points(d->low_without / d->without)));
	sori_side_pad(out, isnan(d->difference) ? "-" : limits, -22);
	sori_buffer_add_format(out, " %7s %7s %8s %7s %8s  %s\n", sori_analysis_cell(cell[2], 2, points(row->impact)),
			       sori_analysis_cell(cell[3], 1, points(d->effect)), sori_analysis_cell(cell[4], 0, d->excess),
			       sori_analysis_cell(cell[5], 1, d->adjusted_part >= 0.0 ? points(d->adjusted_part) : NAN),
			       row->q <= 0.0 ? "<1e-300" : sori_analysis_cell(cell[6], -1, row->q),
			       words(row, request->english));
}

static void put_table(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	size_t hidden = 0;
	int width = 8;

	for (size_t i = 0; i < result->row_count; i++)
		if ((int)strlen(result->rows[i].category->id) > width)
			width = (int)strlen(result->rows[i].category->id);
	sori_buffer_add_byte(out, '\n');
	sori_side_pad(out, SAY(request, "category", "분류"), width + 1);
	sori_side_pad(out, SAY(request, "with", "건수"), -6);
	sori_side_pad(out, SAY(request, "low", "낮음"), -7);
	sori_side_pad(out, SAY(request, "without", "없을 때"), -8);
	sori_side_pad(out, SAY(request, "difference, % points", "차이, %포인트"), -23);
	sori_side_pad(out, SAY(request, "impact", "영향"), -8);
	sori_side_pad(out, SAY(request, "adjust.", "보정"), -8);
	sori_side_pad(out, SAY(request, "excess", "초과 건"), -9);
	sori_side_pad(out, SAY(request, "of low%", "비중%"), -8);
	sori_side_pad(out, "q", -9);
	sori_buffer_add_byte(out, '\n');
	for (size_t i = 0; i < result->row_count; i++)
		if (request->all || result->rows[i].refusal == SORI_REFUSAL_NONE)
			put_row(out, request, &result->rows[i], width);
		else
			hidden++;
	if (hidden)
		sori_buffer_add_format(out, SAY(request, "%zu categories with under 30 rated documents or 5 low ones not shown (--all)\n",
						"평점 문서 30건이나 낮은 평점 5건이 안 되는 분류 %zu개는 안 보임(--all)\n"), hidden);
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	put_period(out, request, result);
	put_ratings(out, request, result);
	if (result->refusal == SORI_REFUSAL_NONE)
		put_adjustment(out, request, result);
	if (result->refusal != SORI_REFUSAL_NONE) {
		put_label(out, request, "verdict", "판정");
		sori_buffer_add_format(out, "%s: %s\n", SAY(request, "too little data", "자료 부족"),
				       SAY(request, "under 300 rated documents", "평점 있는 문서가 300건이 안 됨"));
	} else {
		put_table(out, request, result);
		sori_buffer_add_format(out, SAY(request, "\nDifference of the share of low ratings with and without the category, Newcombe 95 %%; impact: share of "
							 "documents x difference, %% points.\nadjust.: mean effect in a logistic model, %% points; excess: low "
							 "ratings more than without the category, and their share of all low ones.\nq: Benjamini-Hochberg "
							 "over %zu categories.\n",
						"\n분류가 있을 때와 없을 때의 낮은 평점 비중 차이, Newcombe 95 %%; 영향: 문서 비중 x 차이, %%포인트.\n보정: 로지스틱 모형의 "
						"평균 효과, %%포인트; 초과 건: 분류가 없을 때보다 많은 낮은 평점, 그리고 낮은 평점 전체에서의 비중.\nq: 분류 %zu개의 Benjamini-Hochberg.\n"),
				       result->family);
	}
	sori_buffer_add_format(out, "%s\n", sori_inquiry_caution(SORI_INQUIRY_DRIVERS, request->english));
}

/* --- JSON and CSV ----------------------------------------------------------------------------------------------------- */

static const char *verdict_id(const struct sori_drivers_row *row)
{
	static const char *const ids[] = {"too-little-data", "too-little-data", "unclear", "low", "better"};

	return ids[row->verdict];
}

static void put_json_row(struct sori_buffer *out, const struct sori_drivers_row *row)
{
	const struct sori_driver *d = &row->driver;

	sori_buffer_add_text(out, "{\"category\":");
	sori_buffer_add_json(out, sori_view_of(row->category->id));
	sori_analysis_put_json_text(out, "ko", row->category->ko);
	sori_analysis_put_json_text(out, "en", row->category->en);
	sori_analysis_put_json_text(out, "kind", row->category->praise ? "praise" : "pain");
	sori_analysis_put_json(out, "documents", row->documents);
	sori_analysis_put_json(out, "rated", d->with);
	sori_analysis_put_json(out, "low", d->low_with);
	sori_analysis_put_json(out, "low_share", d->low_with / d->with);
	sori_analysis_put_json(out, "low_share_without", d->low_without / d->without);
	sori_analysis_put_json(out, "difference", d->difference);
	sori_side_put_json_limits(out, "difference", &d->difference_limits);
	sori_analysis_put_json(out, "impact", row->impact);
	sori_analysis_put_json(out, "adjusted", d->effect);
	sori_analysis_put_json(out, "excess", d->excess);
	sori_analysis_put_json(out, "adjusted_share", d->adjusted_part);
	sori_analysis_put_json(out, "p", row->p);
	sori_analysis_put_json(out, "q", row->q);
	sori_analysis_put_json_text(out, "verdict", verdict_id(row));
	sori_analysis_put_json_text(out, "words", words(row, true));
	sori_buffer_add_byte(out, '}');
}

static void put_json(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	sori_buffer_add_format(out, "{\"documents\":%.0f", result->documents);
	sori_side_put_json_day(out, "from", result->from);
	sori_side_put_json_day(out, "to", result->to);
	sori_analysis_put_json_slice(out, "where", &request->query.where);
	sori_analysis_put_json(out, "rated", result->rated);
	sori_analysis_put_json(out, "coverage", result->rated / result->documents);
	sori_analysis_put_json(out, "low", result->low);
	sori_buffer_add_format(out, ",\"low_up_to\":%d,\"scale\":%d,\"off_scale\":%.0f,\"other_dictionary\":%.0f,\"ratings\":[", result->threshold,
			       result->scale, result->off_scale, result->other_dictionary);
	for (size_t i = 0; i < 11; i++)
		sori_buffer_add_format(out, "%s%.0f", i ? "," : "", result->by_rating[i]);
	sori_buffer_add_format(out, "],\"reason\":\"%s\",\"adjusted_reason\":\"%s\",\"adjusted_for\":\"%s\",\"parameters\":%zu,\"dropped\":%zu,"
			       "\"family\":%zu,\"categories\":[", sori_refusal_id(result->refusal), sori_refusal_id(result->adjusted_refusal),
			       result->adjusted_for, result->parameters, result->dropped, result->family);
	for (size_t i = 0; i < result->row_count; i++) {
		sori_buffer_add_text(out, i ? ",\n" : "\n");
		put_json_row(out, &result->rows[i]);
	}
	sori_buffer_add_text(out, "]}\n");
}

static void put_csv(struct sori_buffer *out, const struct request *request, const struct sori_drivers_result *result)
{
	(void)request;
	sori_buffer_add_text(out, "category,documents,rated,low,low_share,low_share_without,difference,difference_low,difference_high,impact,"
				  "adjusted,excess,adjusted_share,p,q,verdict\n");
	for (size_t i = 0; i < result->row_count; i++) {
		const struct sori_drivers_row *row = &result->rows[i];
		const struct sori_driver *d = &row->driver;
		const double figures[] = {row->documents, d->with, d->low_with, d->low_with / d->with, d->low_without / d->without, d->difference,
					  d->difference_limits.low, d->difference_limits.high, row->impact, d->effect, d->excess,
					  d->adjusted_part, row->p, row->q};

		sori_buffer_add_csv(out, sori_view_of(row->category->id), true);
		for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
			sori_analysis_put_csv(out, figures[f]);
		sori_buffer_add_format(out, ",%s\n", verdict_id(row));
	}
}

static enum sori_status answer(void *user, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	static void (*const put[])(struct sori_buffer *, const struct request *, const struct sori_drivers_result *) = {
		[SORI_ANALYSIS_TEXT] = put_text, [SORI_ANALYSIS_JSON] = put_json, [SORI_ANALYSIS_CSV] = put_csv};
	const struct request *request = user;
	struct sori_drivers_result *result;
	enum sori_status status = sori_drivers_run(&result, database, &request->query, error);

	if (status == SORI_OK)
		put[request->format](out, request, result);
	sori_drivers_free(result);
	return status;
}

static enum sori_status drivers_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {0};
	enum sori_status status = read_request(cli, &request, error);

	return status == SORI_OK ? sori_analysis_run(cli, answer, &request, error) : status;
}

const struct sori_command sori_command_drivers = {
	.name = "drivers",
	.summary = "what goes with low ratings",
	.operands = "",
	.examples = "  sori drivers --from 2026-06-01 --where channel=앱\n"
		    "  sori drivers --nps --format csv > drivers.csv\n",
	.details = "For every category the share of low ratings with it and without it, their difference (Newcombe) and its impact, the share of "
		   "documents times the difference. One logistic model over all categories and channel x product gives the adjusted "
		   "effect: a category that only keeps bad company has a difference and no effect. It needs 300 rated documents, 30 and 5 low "
		   "ones for a category, and 10 low ones for each parameter of the model, which is otherwise adjusted for less or not made. "
		   "Low is 1 and 2 of 5, with --nps 0 to 6 of 10. What goes with low ratings need not be their cause.",
	.options = options,
	.run = drivers_run,
};
