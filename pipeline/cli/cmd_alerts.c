/* What is out of the ordinary tonight. */
#include <math.h>
#include <string.h>

#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	SORI_ANALYSIS_OPTION_OUT,
	{"as-of", 0, "DAY", false, "\"tonight\", YYYY-MM-DD (the last dated day of the store)"},
	{"tier", 0, "T", false, "nightly, or weekly: the last whole week against 3 to 5 years (nightly)"},
	SORI_ANALYSIS_OPTION_WHERE,
	{"all", 'a', NULL, false, "also what is quiet, in text"},
	{"publish", 0, "inside|outside", false, "hide counts under 5, under 10"},
	SORI_SIDE_OPTION_CALENDAR,
	SORI_SIDE_OPTION_LANG,
	SORI_ANALYSIS_OPTION_FORMAT,
	{0},
};

struct request {
	const struct sori_cli *cli;
	enum sori_analysis_format format;
	struct sori_slice_term terms[SORI_ANALYSIS_TERMS];
	struct sori_slice where;
	sori_day as_of;
	bool all, weekly, english;
	unsigned k; /* counts under it are hidden; 0: none */
};

#define SAY(request, en, ko) ((request)->english ? (en) : (ko))

static const char *const tiers[] = {"none", "provisional", "nightly", "weekly"};
static const char *const levels[] = {"volume", "group", "category"};
static const char *const words[] = {"no data", "dict", "holiday", "too few", "no fit", "quiet", "watch", "ALERT"};
static const char *const words_ko[] = {"자료없음", "사전다름", "휴일", "자료부족", "계산불가", "조용", "지켜봄", "경보"};
static const char *const ids[] = {"no-data", "dictionary-changed", "holiday", "too-little-data", "no-fit", "quiet", "watch", "alert"};

static struct sori_view name_of(const struct request *request, const struct sori_alert *row)
{
	return row->category ? sori_view_make(row->category->id, row->id_length) : sori_view_of(SAY(request, "all documents", "전체"));
}

/* A count that must not leave the house, with everything that derives from it. */
static bool hidden(const struct request *request, const struct sori_alert *row)
{
	return request->k && row->observed > 0.0 && row->observed < (double)request->k;
}

static const char *lead(const struct sori_buffer *out, size_t start)
{
	return out->length > start ? "; " : "";
}

static void put_note(struct sori_buffer *out, const struct request *request, const struct sori_alert *row)
{
	size_t start = out->length;

	if (hidden(request, row)) {
		sori_buffer_add_text(out, SAY(request, "hidden: few documents", "숨김: 건수가 적음"));
		return;
	}
	if (row->low)
		sori_buffer_add_text(out, SAY(request, "too few: a feed may be broken", "너무 적음: 수집이 끊겼을 수 있음"));
	if (row->copies) /* distinct complaints are NaN where they could not be judged */
		sori_buffer_add_format(out, SAY(request, "%scopies: %.0f distinct complaints, %.1f to be expected", "%s같은 글 반복: 서로 다른 불만 %.0f건, 평소 %.1f건"),
				       lead(out, start), row->complaints, row->complaints_expected);
	if (row->cause)
		sori_buffer_add_format(out, SAY(request, "%swithout %s it is quiet", "%s%s 빼면 평소"), lead(out, start), row->cause->category->id);
	if (row->whole)
		sori_buffer_add_format(out, SAY(request, "%spart of a rise of all of %.*s", "%s%.*s 전체가 늘어난 일부"), lead(out, start),
				       (int)row->whole->id_length, row->whole->category->id);
	if (row->released)
		sori_buffer_add_format(out, SAY(request, "%snew level: so many alarms that they count as baseline again", "%s새 수준: 경보가 잦아 다시 기준에 넣음"),
				       lead(out, start));
	if (row->word >= SORI_ALERT_QUIET && row->expected == 0.0)
		sori_buffer_add_format(out, SAY(request, "%snothing like it in the baseline", "%s기준 기간에는 없던 일"), lead(out, start));
	if (row->tier == SORI_TIER_PROVISIONAL)
		sori_buffer_add_format(out, SAY(request, "%sprovisional", "%s잠정"), lead(out, start));
	if (row->trend_used)
		sori_buffer_add_format(out, SAY(request, "%strend %+.0f %% a year", "%s추세 연 %+.0f %%"), lead(out, start), 100.0 * (row->trend - 1.0));
	if (row->dropped && !row->released)
		sori_buffer_add_format(out, request->english ? "%s%zu earlier alarm%s left out" : "%s앞선 경보 %zu건%s 제외", lead(out, start), row->dropped,
				       request->english && row->dropped != 1 ? "s" : "");
}

static void put_text_row(struct sori_buffer *out, const struct request *request, int width, const struct sori_alert *row)
{
	struct sori_view name = name_of(request, row);
	int indent = row->level == SORI_ALERT_CATEGORY && row->category->stem < row->id_length ? 2 : 0;
	bool secret = hidden(request, row);
	char cell[6][48], label[256];

	(void)snprintf(label, sizeof label, "%*s%.*s%s", indent, "", (int)(name.length > 240 ? 240 : name.length), name.at,
		       row->level == SORI_ALERT_GROUP ? ".*" : "");
	sori_side_pad(out, SAY(request, words[row->word], words_ko[row->word]), 8);
	sori_buffer_add_byte(out, ' ');
	sori_side_pad(out, label, width);
	if (secret)
		sori_buffer_add_format(out, " %8s %8s %8s %6s %9s %8s  ", sori_publish_word(request->k), "-", "-", "-", "-", "-");
	else
		sori_buffer_add_format(out, " %8s %8s %8s %6s %9s %8s  ", sori_analysis_cell(cell[0], 0, row->observed),
				       sori_analysis_cell(cell[1], 1, row->expected), sori_analysis_cell(cell[2], 1, row->low ? row->lower : row->upper),
				       sori_analysis_cell(cell[3], 1, row->observed / row->expected), sori_analysis_cell(cell[4], -1, row->p),
				       sori_analysis_cell(cell[5], -1, row->q));
	put_note(out, request, row);
	while (out->length && out->at[out->length - 1] == ' ')
		out->length--;
	sori_buffer_add_byte(out, '\n');
}

static int table_width(const struct request *request, const struct sori_alerts_result *result)
{
	size_t width = 16;

	for (size_t i = 0; i < result->row_count; i++)
		if (name_of(request, &result->rows[i]).length + 3 > width)
			width = name_of(request, &result->rows[i]).length + 3;
	return (int)width;
}

static const char *tier_text(const struct request *request, enum sori_alert_tier tier, size_t history)
{
	switch (tier) {
	case SORI_TIER_DAILY:
		return SAY(request, "Farrington flexible, seven-day year", "Farrington flexible, 7일을 한 해로");
	case SORI_TIER_PROVISIONAL:
		if (history >= SORI_ALERT_DAILY_DAYS)
			return SAY(request, "EARS C2, provisional: too few of these days have documents", "EARS C2, 문서가 온 날이 적어 잠정");
		return SAY(request, "EARS C2, provisional until there are 64 days", "EARS C2, 64일이 모일 때까지 잠정");
	case SORI_TIER_WEEKLY:
		return SAY(request, "Farrington flexible over years of ISO weeks", "Farrington flexible, 여러 해의 ISO 주");
	case SORI_TIER_NONE:
		break;
	}
	return request->weekly ? SAY(request, "too short for weekly alerts, which need 160 weeks", "주간 경보에는 160주가 필요함")
			       : SAY(request, "too short for alerts, which need 28 days", "경보에는 28일이 필요함");
}

static void put_head(struct sori_buffer *out, const struct request *request, const struct sori_alerts_result *result)
{
	char day[11], first[11];

	sori_day_text(result->day, day);
	sori_day_text(result->day - 6, first);
	if (request->weekly)
		sori_buffer_add_format(out, SAY(request, "week      %s to %s: %.0f documents", "한 주     %s – %s: %.0f건"), first, day, result->documents);
	else
		sori_buffer_add_format(out, SAY(request, "tonight   %s: %.0f documents", "오늘 밤   %s: %.0f건"), day, result->documents);
	if (result->missing)
		sori_buffer_add_text(out, SAY(request, "; a source is silent that should not be", "; 와야 할 출처가 조용함"));
	if (result->completeness < 0.95)
		sori_buffer_add_format(out, SAY(request, "; provisional: about %.0f %% are in by now", "; 잠정: 지금까지 약 %.0f %% 들어옴"),
				       100.0 * result->completeness);
	if (result->kind == SORI_DAY_HOLIDAY)
		sori_buffer_add_text(out, SAY(request, "; a holiday", "; 휴일"));
	if (result->kind == SORI_DAY_DISTURBED)
		sori_buffer_add_text(out, SAY(request, "; around Seollal or Chuseok: not judged", "; 설·추석 무렵: 판단하지 않음"));
	sori_buffer_add_byte(out, '\n');
	if (request->where.count) {
		sori_buffer_add_text(out, SAY(request, "where     ", "조건      "));
		sori_analysis_put_slice(out, &request->where);
		sori_buffer_add_byte(out, '\n');
	}
	sori_buffer_add_format(out, request->weekly ? SAY(request, "baseline  %zu weeks of history: %s\n\n", "기준      %zu주의 기록: %s\n\n")
						    : SAY(request, "baseline  %zu days of history: %s\n\n", "기준      %zu일의 기록: %s\n\n"),
			       result->history, tier_text(request, result->tier, result->history));
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_alerts_result *result)
{
	size_t counts[SORI_ALERT_ALERT + 1] = {0}, unjudged = 0; /* without groups, as the report counts */
	int width = table_width(request, result);

	for (size_t i = 0; i < result->row_count; i++)
		if (result->rows[i].level != SORI_ALERT_GROUP) {
			counts[result->rows[i].word]++;
			unjudged += result->rows[i].word < SORI_ALERT_QUIET;
		}
	put_head(out, request, result);
	sori_side_pad(out, "", 9);
	sori_side_pad(out, "", width);
	static const char *const heads[][2] = {{"observed", "건수"}, {"expected", "평소"}, {"bound", "한계"}, {"ratio", "비율"}, {"p", "p"}, {"q", "q"}};
	static const int widths[] = {8, 8, 8, 6, 9, 8};
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		sori_buffer_add_byte(out, ' ');
		sori_side_pad(out, heads[i][request->english ? 0 : 1], -widths[i]);
	}
	sori_buffer_add_byte(out, '\n');
	for (size_t i = 0; i < result->row_count; i++)
		if (i == 0 || request->all || result->rows[i].word >= SORI_ALERT_WATCH)
			put_text_row(out, request, width, &result->rows[i]);
	sori_buffer_add_format(out, SAY(request, "\n%zu alert%s, %zu to watch, %zu quiet, %zu not judged; groups are not counted\n",
					"\n경보 %zu%s, 지켜봄 %zu, 조용함 %zu, 판단하지 않음 %zu; 묶음은 세지 않음\n"),
			       counts[SORI_ALERT_ALERT], request->english && counts[SORI_ALERT_ALERT] != 1 ? "s" : "", counts[SORI_ALERT_WATCH],
			       counts[SORI_ALERT_QUIET], unjudged);
	sori_buffer_add_format(out, SAY(request, "watch: over the bound; alert: also q at most 0.10 (Benjamini-Hochberg over %zu categories, %zu groups)."
					"\nCategories are judged by share, all documents by count. Some alerts of a year are chance.\n",
					"지켜봄: 한계를 넘음. 경보: q도 0.10 이하(Benjamini-Hochberg, 분류 %zu개, 묶음 %zu개).\n"
					"분류는 비율로, 전체는 건수로 판단함. 한 해의 경보 가운데 일부는 우연임.\n"),
			       result->tested, result->groups_tested);
	if (request->k)
		sori_buffer_add_format(out, SAY(request, "Counts under %u documents are hidden.\n", "%u건 미만은 숨김.\n"), request->k);
}

static void put_json_row(struct sori_buffer *out, const struct request *request, const struct sori_alert *given)
{
	struct sori_alert bare = *given;
	const struct sori_alert *row = &bare;

	if (hidden(request, given))
		bare.observed = bare.expected = bare.lower = bare.upper = bare.p = bare.q = bare.phi = bare.complaints = NAN;
	sori_buffer_add_format(out, "{\"level\":\"%s\",\"id\":", levels[row->level]);
	sori_buffer_add_json(out, row->category ? name_of(request, row) : sori_view_of("*"));
	if (row->level == SORI_ALERT_CATEGORY) {
		sori_analysis_put_json_text(out, "ko", row->category->ko);
		sori_analysis_put_json_text(out, "en", row->category->en);
		sori_analysis_put_json_text(out, "kind", row->category->praise ? "praise" : "pain");
	}
	sori_analysis_put_json_text(out, "verdict", ids[row->word]);
	sori_analysis_put_json(out, "observed", row->observed);
	sori_analysis_put_json(out, "expected", row->expected);
	if (row->level == SORI_ALERT_VOLUME)
		sori_analysis_put_json(out, "lower", row->lower);
	sori_analysis_put_json(out, "upper", row->upper);
	sori_analysis_put_json(out, "ratio", row->observed / row->expected);
	sori_analysis_put_json(out, "p", row->p);
	sori_analysis_put_json(out, "q", row->q);
	sori_analysis_put_json(out, "phi", row->phi);
	sori_buffer_add_format(out, ",\"baseline_days\":%zu,\"alarms_left_out\":%zu,\"new_level\":%s,\"low\":%s,\"words\":\"", row->used,
			       row->dropped, row->released ? "true" : "false", row->low ? "true" : "false");
	put_note(out, request, given);
	sori_buffer_add_format(out, "\",\"tier\":\"%s\"", tiers[row->tier]);
	if (row->trend_used)
		sori_analysis_put_json(out, "trend_a_year", row->trend);
	if (!isnan(row->complaints)) {
		sori_analysis_put_json(out, "distinct_complaints", row->complaints);
		sori_analysis_put_json(out, "distinct_complaints_expected", row->complaints_expected);
		sori_analysis_put_json(out, "distinct_complaints_upper", row->complaints_upper);
		sori_buffer_add_format(out, ",\"copies\":%s", row->copies ? "true" : "false");
	}
	if (hidden(request, given))
		sori_buffer_add_text(out, ",\"hidden\":true");
	sori_buffer_add_byte(out, '}');
}

static void put_json(struct sori_buffer *out, const struct request *request, const struct sori_alerts_result *result)
{
	char day[11];

	sori_day_text(result->day, day);
	sori_buffer_add_format(out, "{\"as_of\":\"%s\",\"tier\":\"%s\",\"%s\":%zu,\"documents\":%.0f,\"source_silent\":%s,"
			       "\"family\":%zu,\"family_groups\":%zu", day, tiers[result->tier], request->weekly ? "history_weeks" : "history_days", result->history, result->documents,
			       result->missing ? "true" : "false", result->tested, result->groups_tested);
	sori_analysis_put_json(out, "completeness", result->completeness);
	sori_analysis_put_json_slice(out, "where", &request->where);
	sori_buffer_add_text(out, ",\"rows\":[");
	for (size_t i = 0; i < result->row_count; i++) {
		sori_buffer_add_text(out, i ? ",\n" : "\n");
		put_json_row(out, request, &result->rows[i]);
	}
	sori_buffer_add_text(out, "]}\n");
}

static void put_csv(struct sori_buffer *out, const struct request *request, const struct sori_alerts_result *result)
{
	struct sori_buffer note;
	char day[11];

	sori_buffer_init(&note, 4096);
	sori_day_text(result->day, day);
	sori_buffer_add_text(out, "day,level,id,verdict,observed,expected,lower,upper,ratio,p,q,phi,baseline_days,alarms_left_out,new_level,"
			     "tier,words,trend_a_year,distinct_complaints,distinct_complaints_expected,copies\n");
	for (size_t i = 0; i < result->row_count; i++) {
		const struct sori_alert *row = &result->rows[i];
		const double figures[] = {row->observed, row->expected, row->lower, row->upper, row->observed / row->expected,
					  row->p, row->q, row->phi};

		if (hidden(request, row))
			continue;
		sori_buffer_add_format(out, "%s,%s,", day, levels[row->level]);
		sori_buffer_add_csv(out, row->category ? name_of(request, row) : sori_view_of("*"), true);
		sori_buffer_add_format(out, ",%s", ids[row->word]);
		for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
			sori_analysis_put_csv(out, figures[f]);
		sori_buffer_add_format(out, ",%zu,%zu,%d,%s,", row->used, row->dropped, row->released, tiers[row->tier]);
		sori_buffer_reset(&note);
		put_note(&note, request, row);
		sori_buffer_add_csv(out, sori_buffer_view(&note), true);
		out->failed |= note.failed;
		sori_analysis_put_csv(out, row->trend);
		sori_analysis_put_csv(out, row->complaints);
		sori_analysis_put_csv(out, row->complaints_expected);
		sori_buffer_add_format(out, ",%d\n", row->copies);
	}
	sori_buffer_release(&note);
}

static enum sori_status answer(void *user, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	static void (*const put[])(struct sori_buffer *, const struct request *, const struct sori_alerts_result *) = {
		[SORI_ANALYSIS_TEXT] = put_text, [SORI_ANALYSIS_JSON] = put_json, [SORI_ANALYSIS_CSV] = put_csv};
	struct request *request = user;
	struct sori_alerts_result result;
	struct sori_panel *panel = NULL;
	sori_day before = (request->weekly ? SORI_ALERT_HISTORY_WEEKLY + 7 : SORI_ALERT_HISTORY) - 1, first, last;
	enum sori_status status = sori_analysis_bounds(database, &first, &last, error);

	if (request->as_of == SORI_DAY_NONE)
		request->as_of = last;
	if (status == SORI_OK)
		status = sori_panel_load(&panel, database, request->as_of - before, request->as_of, &request->where, 1, error);
	if (status == SORI_OK)
		status = sori_side_calendar_mark(request->cli, panel, &request->where, error);
	if (status == SORI_OK)
		status = sori_panel_mark_late(panel, database, error);
	if (status == SORI_OK)
		status = request->weekly ? sori_alerts_run_weekly(panel, &result, error) : sori_alerts_run(panel, &result, error);
	if (status == SORI_OK)
		put[request->format](out, request, &result);
	sori_panel_free(panel);
	return status;
}

static enum sori_status read_request(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	const char *tier = sori_cli_value(cli, "tier");
	enum sori_publish publish = SORI_PUBLISH_ALL;
	enum sori_status status = sori_analysis_format(cli, &request->format, error);

	request->as_of = SORI_DAY_NONE;
	request->all = sori_cli_flag(cli, "all");
	request->weekly = tier && !strcmp(tier, "weekly");
	if (status == SORI_OK && tier && !request->weekly && strcmp(tier, "nightly") != 0)
		return sori_fail(error, SORI_USAGE, "--tier takes nightly or weekly, not '%s'", tier);
	if (status == SORI_OK)
		status = sori_side_english(cli, &request->english, error);
	if (status == SORI_OK)
		status = sori_publish_parse(sori_cli_value(cli, "publish"), &publish, error);
	request->k = sori_publish_threshold(publish);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &request->as_of, error);
	if (status == SORI_OK)
		status = sori_analysis_slice(cli, "where", request->terms, &request->where, error);
	return status;
}

static enum sori_status alerts_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {.cli = cli};
	enum sori_status status = read_request(cli, &request, error);

	return status == SORI_OK ? sori_analysis_run(cli, answer, &request, error) : status;
}

const struct sori_command sori_command_alerts = {
	.name = "alerts",
	.summary = "what is out of the ordinary tonight, by category and in all",
	.operands = "",
	.examples = "  sori alerts\n  sori alerts --as-of 2026-08-03 --where region=부산 --format json\n",
	.details = "Tonight's count against a baseline of eight weeks by weekday (Farrington flexible, bound at 0.5 % with over-dispersion); "
		   "the last seven days and earlier alarms stay out of it, until there are so many that the level counts as new. With 28 to "
		   "63 days of history EARS C2 judges, provisionally. Categories are judged by their share of documents, all documents by "
		   "their number, to both sides. A group, the part of a category's name before the dot, counts the mentions of its "
		   "categories. watch: over the bound; alert: also a false discovery rate of at most 10 % over the night's categories, and not in "
		   "copies of few texts alone. Late data (by the delays of the last eight weeks), days around Seollal and Chuseok and holidays with "
		   "under three like them stay out of the baseline. --tier weekly judges the last whole ISO week against 3 to 5 years.",
	.options = options,
	.run = alerts_run,
};
