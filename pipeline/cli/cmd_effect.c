/* Did it help? One action or date in full, or every action of the ledger in a line each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/stats/missing.h"

#define NEAR 14 /* days to each side of the change */

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	SORI_ANALYSIS_OPTION_OUT,
	{"action", 0, "ID", false, "judge this action of the ledger"},
	{"date", 0, "DAY", false, "judge a change on this day, YYYY-MM-DD"},
	{"category", 0, "C", false, "with --date: the category, or the group before its dot"},
	{"where", 0, "DIM=VALUE", true, "with --date: the slice in which it was done; the rest is compared with"},
	{"phase-in", 0, "WEEKS", false, "with --date: weeks until it was in place, which count on neither side (0)"},
	{"within", 0, "DIM=VALUE", true, "look at documents of this slice alone, before and after, done or not"},
	{"from", 0, "DAY", false, "first day looked at (the first of the store)"},
	{"as-of", 0, "DAY", false, "last day looked at (the last dated day of the store)"},
	SORI_SIDE_OPTION_ACTIONS,
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
	bool english;
	struct sori_side_files files;
	struct sori_slice_term scope[SORI_ANALYSIS_TERMS], within[SORI_ANALYSIS_TERMS];
	struct sori_effect_query query;
	const struct sori_action *action; /* NULL: --date, or the whole ledger */
	bool ledger;
};

/* A macro, so that formats stay literals that the compiler checks. */
#define SAY(request, en, ko) ((request)->english ? (en) : (ko))

/* --- what is asked ---------------------------------------------------------------------------------------------------- */

static enum sori_status read_phase(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, "phase-in");
	unsigned long long weeks = 0;

	if (text && (!sori_view_to_u64(sori_view_of(text), &weeks) || weeks > 26))
		return sori_fail(error, SORI_USAGE, "--phase-in takes whole weeks, 0 to 26, not '%s'", text);
	request->query.phase_in = (unsigned)weeks;
	return SORI_OK;
}

static enum sori_status read_date(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	enum sori_status status = sori_analysis_day(cli, "date", &request->query.date, error);

	request->query.category = sori_cli_value(cli, "category");
	if (status == SORI_OK && !request->query.category)
		return sori_fail(error, SORI_USAGE, "--date needs --category");
	if (status == SORI_OK)
		status = read_phase(cli, request, error);
	return status == SORI_OK ? sori_analysis_slice(cli, "where", request->scope, &request->query.scope, error) : status;
}

static enum sori_status read_action(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	const char *id = sori_cli_value(cli, "action");
	const struct sori_action *action;

	if (!request->files.actions)
		return sori_fail(error, SORI_USAGE, "give --date and --category, or a ledger by --actions or analysis.actions");
	if (!id) {
		request->ledger = true;
		return SORI_OK;
	}
	if (!(action = sori_actions_find(request->files.actions, id)))
		return sori_fail(error, SORI_USAGE, "the ledger has no action '%s'", id);
	request->action = action;
	request->query.category = action->category;
	request->query.date = action->date;
	request->query.phase_in = action->phase_in;
	request->query.scope = action->scope;
	return SORI_OK;
}

static enum sori_status read_request(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	static const char *const only_date[] = {"category", "where", "phase-in"};
	enum sori_status status = sori_analysis_format(cli, &request->format, error);

	request->query.from = request->query.as_of = SORI_DAY_NONE;
	if (status == SORI_OK)
		status = sori_side_english(cli, &request->english, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "from", &request->query.from, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &request->query.as_of, error);
	if (status == SORI_OK)
		status = sori_analysis_slice(cli, "within", request->within, &request->query.where, error);
	if (status == SORI_OK)
		status = sori_side_files_read(cli, SORI_SIDE_CALENDAR | SORI_SIDE_ACTIONS | SORI_SIDE_EXPOSURE | SORI_SIDE_OUTSIDE,
					      &request->files, error);
	if (status != SORI_OK)
		return status;
	request->query.calendar = request->files.calendar;
	request->query.exposure = request->files.exposure;
	request->query.per = request->files.per;
	if (sori_cli_value(cli, "date") && sori_cli_value(cli, "action"))
		return sori_fail(error, SORI_USAGE, "--date and --action ask for two different things");
	if (sori_cli_value(cli, "date"))
		return read_date(cli, request, error);
	for (size_t i = 0; i < sizeof only_date / sizeof *only_date; i++)
		if (sori_cli_values(cli, only_date[i], &(const char *){NULL}, 1))
			return sori_fail(error, SORI_USAGE, "--%s goes with --date; an action has its own in the ledger", only_date[i]);
	return read_action(cli, request, error);
}

/* --- words ------------------------------------------------------------------------------------------------------------ */

static void put_label(struct sori_buffer *out, const struct request *request, const char *en, const char *ko)
{
	sori_side_pad(out, SAY(request, en, ko), 11);
}

static void put_name(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect, const char *asked)
{
	if (!effect->category) {
		sori_side_pad(out, asked, 0);
		return;
	}
	sori_buffer_add_format(out, "%.*s", (int)effect->id_length, effect->category->id);
	if (effect->group)
		sori_buffer_add_text(out, ".*");
	else if (*SAY(request, effect->category->en, effect->category->ko))
		sori_buffer_add_format(out, " (%s)", SAY(request, effect->category->en, effect->category->ko));
}

static void put_verdict(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	const struct sori_effect_line *line = &effect->line;
	char cell[96], next[240];

	put_label(out, request, "verdict", "판정");
	sori_buffer_add_text(out, sori_side_words(effect->verdict, line->refusal, request->english));
	if (line->refusal != SORI_REFUSAL_NONE) {
		sori_buffer_add_format(out, ": %s", sori_refusal_text(line->refusal, request->english));
	} else {
		sori_buffer_add_format(out, "; %s %s, p %.2g", SAY(request, "rate ratio", "비율비"),
				       sori_side_ratio(cell, line->average.ratio, &line->average.headline), line->average.p);
		if (effect->placebo_doubt && effect->verdict != SORI_VERDICT_UNCLEAR)
			sori_buffer_add_text(out, SAY(request, "; doubtful: as large a step is common here", "; 미덥지 않음: 이만한 변화가 평소에도 있음"));
		if (line->weak)
			sori_buffer_add_text(out, SAY(request, "; weak: under 12 weeks before, level only", "; 약함: 전 12주 미만, 수준만 봄"));
	}
	sori_buffer_add_byte(out, '\n');
	sori_effect_next(effect, request->action, request->english, next, sizeof next);
	put_label(out, request, "next", "다음");
	sori_buffer_add_format(out, "%s\n", next);
}

static void put_head(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	const struct sori_effect_query *query = &request->query;
	char day[11];

	if (request->action) {
		put_label(out, request, "action", "조치");
		sori_side_pad(out, request->action->id, 0);
		if (*request->action->title) {
			sori_buffer_add_text(out, ": ");
			sori_side_pad(out, request->action->title, 0);
		}
		sori_buffer_add_text(out, " (");
		sori_side_pad(out, request->action->owner, 0);
		sori_buffer_add_format(out, "%s%s)\n", *request->action->owner ? ", " : "",
				       SAY(request, sori_action_state_id(request->action->state), sori_action_state_ko(request->action->state)));
	}
	put_label(out, request, "judged", "대상");
	put_name(out, request, effect, query->category);
	if (query->scope.count) {
		sori_buffer_add_text(out, SAY(request, " where ", " 범위 "));
		sori_analysis_put_slice(out, &query->scope);
	}
	if (query->where.count) {
		sori_buffer_add_text(out, SAY(request, " within ", " 전체 범위 "));
		sori_analysis_put_slice(out, &query->where);
	}
	sori_day_text(query->date, day);
	sori_buffer_add_format(out, SAY(request, ", change on %s", ", 시행일 %s"), day);
	if (query->phase_in)
		sori_buffer_add_format(out, SAY(request, "; weeks of phase-in left out: %u", "; 도입 기간 %u주 제외"), query->phase_in);
	sori_buffer_add_byte(out, '\n');
	put_label(out, request, "weeks", "주");
	sori_day_text(effect->as_of, day);
	sori_buffer_add_format(out, SAY(request, "%zu before, %zu since; data up to %s", "전 %zu주, 후 %zu주; 자료는 %s까지"), effect->line.before,
			       effect->line.after, day);
	if (effect->left_out_days)
		sori_buffer_add_format(out, SAY(request, "; %zu days around Seollal and Chuseok left out", "; 설·추석 앞뒤 %zu일 제외"),
				       effect->left_out_days);
	if (effect->line.weeks.other_dictionary)
		sori_buffer_add_format(out, SAY(request, "; %zu weeks counted by another dictionary left out", "; 다른 사전으로 센 %zu주 제외"),
				       effect->line.weeks.other_dictionary);
	sori_buffer_add_byte(out, '\n');
}

static void put_horizons(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	char cell[3][96], name[48];

	sori_buffer_add_byte(out, '\n');
	sori_side_pad(out, SAY(request, "against what would have been", "그대로였을 때와 견준 비"), 30);
	sori_side_pad(out, SAY(request, "rate ratio", "비율비 (대표)"), 24);
	sori_side_pad(out, SAY(request, "quasi-Poisson", "준푸아송"), 24);
	sori_buffer_add_text(out, "Newey-West\n");
	for (int h = -1; h < SORI_EFFECT_HORIZONS; h++) {
		const struct sori_effect_ratio *ratio = h < 0 ? &effect->line.average : &effect->line.at[h];

		if (h < 0)
			(void)snprintf(name, sizeof name, "  %s", SAY(request, "mean of the weeks since", "시행 뒤 평균"));
		else if (h == 0)
			(void)snprintf(name, sizeof name, "  %s", SAY(request, "at once", "시행 즉시"));
		else
			(void)snprintf(name, sizeof name, SAY(request, "  %d weeks on", "  %d주 뒤"), sori_effect_weeks[h]);
		sori_side_pad(out, name, 30);
		sori_side_pad(out, sori_side_ratio(cell[0], ratio->ratio, &ratio->headline), 24);
		sori_side_pad(out, sori_side_ratio(cell[1], ratio->ratio, &ratio->quasi), 24);
		sori_buffer_add_text(out, sori_side_ratio(cell[2], ratio->ratio, &ratio->newey_west));
		sori_buffer_add_text(out, ratio->beyond ? SAY(request, "  beyond the data", "  자료 밖") : "");
		sori_buffer_add_byte(out, '\n');
	}
	sori_buffer_add_byte(out, '\n');
}

static void put_control(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	const struct sori_effect_line *line = &effect->compare;
	char cell[96];

	put_label(out, request, "compared", "비교");
	sori_buffer_add_format(out, "%s: ", effect->control == SORI_CONTROL_OUTSIDE_SCOPE
						    ? SAY(request, "the same category outside the scope", "범위 밖의 같은 분류")
						    : SAY(request, "mentions of the other categories", "다른 분류들의 언급"));
	if (line->refusal != SORI_REFUSAL_NONE)
		sori_buffer_add_text(out, sori_refusal_text(line->refusal, request->english));
	else
		sori_buffer_add_text(out, sori_side_ratio(cell, line->average.ratio, &line->average.headline));
	if (isfinite(effect->net.ratio))
		sori_buffer_add_format(out, "; %s %s", SAY(request, "net of it", "이를 뺀 비"),
				       sori_side_ratio(cell, effect->net.ratio, &effect->net.headline));
	sori_buffer_add_byte(out, '\n');
}

static void put_doubts(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	const struct sori_effect_line *line = &effect->line;
	bool per = request->query.exposure != NULL;
	char rate[2][48];

	put_label(out, request, "share", per ? "비율" : "비중");
	sori_buffer_add_format(out, SAY(request, "%s before (%.0f documents), %s since (%.0f)", "전 %s (문서 %.0f건), 후 %s (%.0f건)"),
			       sori_side_rate(rate[0], line->share_before, per), line->documents_before,
			       sori_side_rate(rate[1], line->share_after, per), line->documents_after);
	if (per)
		sori_buffer_add_format(out, SAY(request, ", of %s", ", 분모 %s"), request->query.per);
	sori_buffer_add_byte(out, '\n');
	put_label(out, request, "avoided", "줄어든 수");
	sori_buffer_add_format(out, SAY(request, "%.0f documents [%.0f, %.0f] fewer than without the change%s\n", "그대로였을 때보다 적은 문서 %.0f건 [%.0f, %.0f]%s\n"),
			       effect->avoided, effect->avoided_limits.low, effect->avoided_limits.high,
			       effect->avoided < 0.0 ? SAY(request, "; below zero: more", "; 0보다 작으면 더 많음") : "");
	put_label(out, request, "residuals", "잔차");
	sori_buffer_add_format(out, SAY(request, "phi %.2f, lag-1 autocorrelation %.2f, Ljung-Box (%.0f lags) p %.2g; %u harmonics, Newey-West lag %zu\n",
					"phi %.2f, 1차 자기상관 %.2f, Ljung-Box(%.0f차) p %.2g; 조화항 %u, Newey-West 지연 %zu\n"),
			       effect->phi, effect->acf1, effect->box_lag, effect->box_p, effect->harmonics, effect->lag);
	put_label(out, request, "placebo", "위약 시점");
	sori_buffer_add_format(out, SAY(request, "%zu earlier dates tried, %zu with a step as large%s\n", "앞선 시점 %zu곳 중 %zu곳에 이만한 변화가 있음%s\n"),
			       effect->placebo_tried, effect->placebo_as_large,
			       effect->placebo_tried < 20 ? SAY(request, "; under 20 say little", "; 20곳 미만이라 말해 주는 것이 적음")
			       : effect->placebo_doubt && effect->verdict != SORI_VERDICT_UNCLEAR ? SAY(request, ": doubtful", ": 미덥지 않음")
												  : "");
	put_control(out, request, effect);
}

static void put_outside(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	const struct sori_outside *outside = request->files.outside;
	char cell[2][48];

	for (size_t i = 0; outside && i < outside->count; i++) {
		double before = sori_outside_mean(&outside->series[i], effect->line.weeks.first, effect->date - 1);
		double since = sori_outside_mean(&outside->series[i], effect->date, effect->as_of);

		put_label(out, request, "outside", "바깥");
		sori_side_pad(out, outside->series[i].name, 0);
		sori_buffer_add_format(out, SAY(request, ": mean %s before, %s since; beside, not in the model\n", ": 평균 전 %s, 후 %s; 나란히 보일 뿐 모형에 없음\n"),
				       sori_analysis_cell(cell[0], 2, before), sori_analysis_cell(cell[1], 2, since));
	}
}

/* What else the calendar has around the change, for everybody or for the slice: it may have done the same. */
static bool is_near(const struct request *request, const struct sori_calendar_entry *entry)
{
	sori_day away = entry->day - request->query.date;

	return away >= -NEAR && away <= NEAR && (sori_calendar_holds(entry, &request->query.scope) || sori_calendar_holds(entry, &request->query.where));
}

static void put_near(struct sori_buffer *out, const struct request *request)
{
	const struct sori_calendar *calendar = request->files.calendar;
	char day[11];

	for (size_t i = 0; calendar && i < calendar->count; i++) {
		if (!is_near(request, &calendar->entries[i]))
			continue;
		sori_day_text(calendar->entries[i].day, day);
		put_label(out, request, "also then", "그 무렵");
		sori_buffer_add_format(out, "%s %s ", day, sori_calendar_type_id(calendar->entries[i].type));
		sori_side_pad(out, calendar->entries[i].label, 0);
		sori_buffer_add_byte(out, '\n');
	}
}

static void put_json_near(struct sori_buffer *out, const struct request *request)
{
	const struct sori_calendar *calendar = request->files.calendar;
	const char *lead = "";

	if (!calendar)
		return;
	out->length -= out->length > 0; /* inside the object */
	sori_buffer_add_text(out, ",\"also_then\":[");
	for (size_t i = 0; i < calendar->count; i++) {
		if (!is_near(request, &calendar->entries[i]))
			continue;
		sori_buffer_add_format(out, "%s{\"type\":\"%s\"", lead, sori_calendar_type_id(calendar->entries[i].type));
		sori_side_put_json_day(out, "date", calendar->entries[i].day);
		sori_analysis_put_json_text(out, "label", calendar->entries[i].label);
		sori_buffer_add_byte(out, '}');
		lead = ",";
	}
	sori_buffer_add_text(out, "]}");
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	put_head(out, request, effect);
	put_verdict(out, request, effect);
	if (effect->line.refusal == SORI_REFUSAL_NONE) {
		put_horizons(out, request, effect);
		put_doubts(out, request, effect);
	}
	put_near(out, request);
	put_outside(out, request, effect);
	sori_buffer_add_format(out, "\n%s\n", SAY(request, "Intervals at 95 %; the wider of the two leads.", "구간은 95 %이며 둘 중 넓은 쪽이 대표입니다."));
	sori_buffer_add_format(out, "%s\n", sori_inquiry_caution(SORI_INQUIRY_EFFECT, request->english));
}

/* --- the ledger ------------------------------------------------------------------------------------------------------- */

static void put_ledger_line(struct sori_buffer *out, const struct request *request, const struct sori_action *action,
			    const struct sori_effect *effect, int id_width, int category_width)
{
	char day[11], cell[96], q[48], next[240];

	sori_day_text(action->date, day);
	sori_side_pad(out, action->id, id_width + 1);
	sori_buffer_add_format(out, "%s ", day);
	sori_side_pad(out, action->category, category_width + 1);
	sori_side_pad(out, SAY(request, sori_action_state_id(action->state), sori_action_state_ko(action->state)), 9);
	sori_buffer_add_format(out, "%6zu %6zu ", effect->line.before, effect->line.after);
	sori_side_pad(out, sori_side_ratio(cell, effect->line.average.ratio, &effect->line.average.headline), 19);
	sori_side_pad(out, sori_analysis_cell(q, -1, effect->q), -8);
	sori_buffer_add_text(out, "  ");
	sori_side_pad(out, sori_side_words(effect->verdict, effect->line.refusal, request->english), 18);
	sori_effect_next(effect, action, request->english, next, sizeof next);
	sori_buffer_add_format(out, " %s%s\n", effect->line.weak ? SAY(request, "weak; ", "약함; ") : "", next);
}

static void put_ledger(struct sori_buffer *out, const struct request *request, struct sori_effect *const *effects, size_t family)
{
	const struct sori_actions *actions = request->files.actions;
	int id_width = 2, category_width = 8;

	for (size_t i = 0; i < actions->count; i++) {
		int id = (int)sori_side_width(actions->list[i].id), category = (int)sori_side_width(actions->list[i].category);

		id_width = id > id_width ? id : id_width;
		category_width = category > category_width ? category : category_width;
	}
	sori_side_pad(out, "id", id_width + 1);
	sori_side_pad(out, SAY(request, "date", "시행일"), 11);
	sori_side_pad(out, SAY(request, "category", "분류"), category_width + 1);
	sori_side_pad(out, SAY(request, "status", "상태"), 9);
	sori_side_pad(out, SAY(request, "before", "전(주)"), -6);
	sori_side_pad(out, SAY(request, "since", "후(주)"), -7);
	sori_buffer_add_byte(out, ' ');
	sori_side_pad(out, SAY(request, "rate ratio", "비율비"), 19);
	sori_side_pad(out, "q", -8);
	sori_buffer_add_text(out, "  ");
	sori_side_pad(out, SAY(request, "what", "판정"), 18);
	sori_buffer_add_format(out, " %s\n", SAY(request, "next", "다음"));
	for (size_t i = 0; i < actions->count; i++)
		put_ledger_line(out, request, &actions->list[i], effects[i], id_width, category_width);
	sori_buffer_add_format(out, SAY(request, "\nMean of the weeks since against what would have been, 95 %%; q: Benjamini-Hochberg over the %zu actions "
						 "judged; changed is q at most 0.05.\n",
					"\n시행 뒤 평균을 그대로였을 때와 견준 비, 95 %%; q: 판정한 조치 %zu건의 Benjamini-Hochberg; 변화 있음은 q 0.05 이하.\n"), family);
	sori_buffer_add_format(out, "%s\n", sori_inquiry_caution(SORI_INQUIRY_EFFECT, request->english));
}

/* --- JSON and CSV ----------------------------------------------------------------------------------------------------- */

static void put_json_ratio(struct sori_buffer *out, const char *key, const struct sori_effect_ratio *ratio)
{
	sori_buffer_add_format(out, ",\"%s\":{\"beyond_data\":%s", key, ratio->beyond ? "true" : "false");
	sori_analysis_put_json(out, "ratio", ratio->ratio);
	sori_side_put_json_limits(out, "ratio", &ratio->headline);
	sori_side_put_json_limits(out, "quasi", &ratio->quasi);
	sori_side_put_json_limits(out, "newey_west", &ratio->newey_west);
	sori_analysis_put_json(out, "p", ratio->p);
	sori_buffer_add_byte(out, '}');
}

static void put_json_line(struct sori_buffer *out, const struct sori_effect_line *line, bool weeks)
{
	sori_buffer_add_format(out, "\"reason\":\"%s\",\"weak\":%s,\"weeks_before\":%zu,\"weeks_after\":%zu", sori_refusal_id(line->refusal),
			       line->weak ? "true" : "false", line->before, line->after);
	sori_analysis_put_json(out, "documents_before", line->documents_before);
	sori_analysis_put_json(out, "documents_after", line->documents_after);
	sori_analysis_put_json(out, "share_before", line->share_before);
	sori_analysis_put_json(out, "share_after", line->share_after);
	put_json_ratio(out, "average", &line->average);
	put_json_ratio(out, "at_once", &line->at[0]);
	put_json_ratio(out, "after_4_weeks", &line->at[1]);
	put_json_ratio(out, "after_12_weeks", &line->at[2]);
	if (!weeks)
		return;
	sori_buffer_add_text(out, ",\"weeks\":[");
	for (size_t i = 0; i < line->weeks.count; i++) {
		char day[11];

		sori_day_text(sori_week_monday(&line->weeks, i), day);
		sori_buffer_add_format(out, "%s\n{\"monday\":\"%s\",\"state\":\"%s\"", i ? "," : "", day,
				       sori_week_state_id((enum sori_week_state)line->weeks.state[i]));
		sori_analysis_put_json(out, "documents", line->weeks.y[i]);
		sori_analysis_put_json(out, "denominator", line->weeks.n[i]);
		sori_analysis_put_json(out, "fitted", line->fitted ? line->fitted[i] : NAN);
		sori_analysis_put_json(out, "without", line->without ? line->without[i] : NAN);
		sori_buffer_add_byte(out, '}');
	}
	sori_buffer_add_byte(out, ']');
}

static const char *verdict_id(const struct sori_effect *effect)
{
	return effect->line.refusal == SORI_REFUSAL_EARLY ? "too-early" : sori_verdict_id(effect->verdict);
}

static void put_json_head(struct sori_buffer *out, const struct sori_action *action, const struct sori_effect_query *query,
			  const struct sori_effect *effect)
{
	char next[240];

	sori_buffer_add_text(out, "{\"id\":");
	sori_buffer_add_json(out, sori_view_of(action ? action->id : ""));
	sori_analysis_put_json_text(out, "owner", action ? action->owner : "");
	sori_analysis_put_json_text(out, "title", action ? action->title : "");
	sori_analysis_put_json_text(out, "kind", action ? sori_action_kind_id(action->kind) : "");
	sori_analysis_put_json_text(out, "status", action ? sori_action_state_id(action->state) : "");
	sori_analysis_put_json_text(out, "category", query->category);
	sori_analysis_put_json_text(out, "ko", effect->category && !effect->group ? effect->category->ko : "");
	sori_analysis_put_json_text(out, "en", effect->category && !effect->group ? effect->category->en : "");
	sori_analysis_put_json_slice(out, "scope", &query->scope);
	sori_side_put_json_day(out, "date", query->date);
	sori_side_put_json_day(out, "as_of", effect->as_of);
	sori_side_put_json_day(out, "first_week", effect->t0);
	sori_side_put_json_day(out, "judge_from", effect->judge_from);
	sori_buffer_add_format(out, ",\"phase_in\":%u", query->phase_in);
	sori_analysis_put_json_text(out, "per", query->per ? query->per : "documents");
	sori_analysis_put_json_text(out, "verdict", verdict_id(effect));
	sori_buffer_add_format(out, ",\"better\":%s", effect->better ? "true" : "false");
	sori_effect_next(effect, action, true, next, sizeof next);
	sori_analysis_put_json_text(out, "next", next);
	sori_analysis_put_json(out, "q", effect->q);
}

static void put_json_effect(struct sori_buffer *out, const struct sori_action *action, const struct sori_effect_query *query,
			    const struct sori_effect *effect, bool weeks)
{
	static const char *const controls[] = {"none", "outside-scope", "other-categories"};

	put_json_head(out, action, query, effect);
	sori_buffer_add_byte(out, ',');
	put_json_line(out, &effect->line, weeks);
	sori_analysis_put_json(out, "avoided", effect->avoided);
	sori_side_put_json_limits(out, "avoided", &effect->avoided_limits);
	sori_analysis_put_json(out, "phi", effect->phi);
	sori_analysis_put_json(out, "acf1", effect->acf1);
	sori_analysis_put_json(out, "ljung_box", effect->box);
	sori_analysis_put_json(out, "ljung_box_lags", effect->box_lag);
	sori_analysis_put_json(out, "ljung_box_p", effect->box_p);
	sori_buffer_add_format(out, ",\"harmonics\":%u,\"newey_west_lag\":%zu,\"placebo_tried\":%zu,\"placebo_as_large\":%zu,"
			       "\"placebo_doubt\":%s,\"left_out_days\":%zu,\"weeks_other_dictionary\":%zu,\"control\":\"%s\"", effect->harmonics,
			       effect->lag, effect->placebo_tried, effect->placebo_as_large, effect->placebo_doubt ? "true" : "false",
			       effect->left_out_days, effect->line.weeks.other_dictionary, controls[effect->control]);
	if (effect->control != SORI_CONTROL_NONE) {
		sori_buffer_add_text(out, ",\"comparison\":{");
		put_json_line(out, &effect->compare, weeks);
		sori_buffer_add_byte(out, '}');
		put_json_ratio(out, "net", &effect->net);
	}
	sori_buffer_add_byte(out, '}');
}

static void put_json_outside(struct sori_buffer *out, const struct request *request, const struct sori_effect *effect)
{
	const struct sori_outside *outside = request->files.outside;

	if (!outside)
		return;
	out->length -= out->length > 0; /* inside the object */
	sori_buffer_add_text(out, ",\"outside\":[");
	for (size_t i = 0; i < outside->count; i++) {
		sori_buffer_add_text(out, i ? ",{\"name\":" : "{\"name\":");
		sori_buffer_add_json(out, sori_view_of(outside->series[i].name));
		sori_analysis_put_json(out, "mean_before", sori_outside_mean(&outside->series[i], effect->line.weeks.first, effect->date - 1));
		sori_analysis_put_json(out, "mean_since", sori_outside_mean(&outside->series[i], effect->date, effect->as_of));
		sori_buffer_add_byte(out, '}');
	}
	sori_buffer_add_text(out, "]}");
}

static void put_csv_head(struct sori_buffer *out)
{
	sori_buffer_add_text(out, "id,date,category,status,verdict,reason,weak,weeks_before,weeks_after,documents_before,documents_after,"
				  "share_before,share_after,ratio,ratio_low,ratio_high,p,q,at_once,at_once_low,at_once_high,after_4,after_4_low,"
				  "after_4_high,after_12,after_12_low,after_12_high,avoided,avoided_low,avoided_high,phi,ljung_box_p,placebo_tried,"
				  "placebo_as_large,comparison,comparison_low,comparison_high,net,net_low,net_high,judge_from,next\n");
}

static void put_csv_ratio(struct sori_buffer *out, const struct sori_effect_ratio *ratio)
{
	sori_analysis_put_csv(out, ratio->ratio);
	sori_analysis_put_csv(out, ratio->headline.low);
	sori_analysis_put_csv(out, ratio->headline.high);
}

static void put_csv_line(struct sori_buffer *out, const struct sori_action *action, const struct sori_effect_query *query,
			 const struct sori_effect *effect)
{
	const struct sori_effect_line *line = &effect->line;
	bool fitted = line->refusal == SORI_REFUSAL_NONE;
	char day[11], next[240];

	sori_buffer_add_csv(out, sori_view_of(action ? action->id : ""), true);
	sori_day_text(query->date, day);
	sori_buffer_add_format(out, ",%s", day);
	sori_side_put_csv_text(out, query->category);
	sori_buffer_add_format(out, ",%s,%s,%s,%d,%zu,%zu", action ? sori_action_state_id(action->state) : "", verdict_id(effect),
			       sori_refusal_id(line->refusal), line->weak, line->before, line->after);
	sori_analysis_put_csv(out, line->documents_before);
	sori_analysis_put_csv(out, line->documents_after);
	sori_analysis_put_csv(out, line->share_before);
	sori_analysis_put_csv(out, line->share_after);
	put_csv_ratio(out, &line->average);
	sori_analysis_put_csv(out, line->average.p);
	sori_analysis_put_csv(out, effect->q);
	for (size_t h = 0; h < SORI_EFFECT_HORIZONS; h++)
		put_csv_ratio(out, &line->at[h]);
	sori_analysis_put_csv(out, effect->avoided);
	sori_analysis_put_csv(out, effect->avoided_limits.low);
	sori_analysis_put_csv(out, effect->avoided_limits.high);
	sori_analysis_put_csv(out, effect->phi);
	sori_analysis_put_csv(out, effect->box_p);
	sori_analysis_put_csv(out, fitted ? (double)effect->placebo_tried : sori_na());
	sori_analysis_put_csv(out, fitted ? (double)effect->placebo_as_large : sori_na());
	put_csv_ratio(out, &effect->compare.average);
	put_csv_ratio(out, &effect->net);
	sori_day_text(effect->judge_from, day);
	sori_effect_next(effect, action, true, next, sizeof next);
	sori_buffer_add_format(out, ",%s", day);
	sori_side_put_csv_text(out, next);
	sori_buffer_add_byte(out, '\n');
}

/* --- running ---------------------------------------------------------------------------------------------------------- */

static enum sori_status answer_one(const struct request *request, struct sqlite3 *database, struct sori_buffer *out,
				   struct sori_error *error)
{
	struct sori_effect *effect;
	enum sori_status status = sori_effect_run(&effect, database, &request->query, error);

	if (status == SORI_OK && !request->action && !effect->category)
		status = sori_fail(error, SORI_USAGE, "the store has no category '%s', or no document in that slice", request->query.category);
	if (status == SORI_OK && request->format == SORI_ANALYSIS_JSON) {
		put_json_effect(out, request->action, &request->query, effect, true);
		put_json_near(out, request);
		put_json_outside(out, request, effect);
		sori_buffer_add_byte(out, '\n');
	} else if (status == SORI_OK && request->format == SORI_ANALYSIS_CSV) {
		put_csv_head(out);
		put_csv_line(out, request->action, &request->query, effect);
	} else if (status == SORI_OK) {
		put_text(out, request, effect);
	}
	sori_effect_free(effect);
	return status;
}

static void put_all(struct sori_buffer *out, const struct request *request, struct sori_effect *const *effects, size_t family)
{
	const struct sori_actions *actions = request->files.actions;

	if (request->format == SORI_ANALYSIS_TEXT) {
		put_ledger(out, request, effects, family);
		return;
	}
	if (request->format == SORI_ANALYSIS_CSV)
		put_csv_head(out);
	else
		sori_buffer_add_format(out, "{\"family\":%zu,\"actions\":[", family);
	for (size_t i = 0; i < actions->count; i++) {
		const struct sori_action *action = &actions->list[i];
		struct sori_effect_query query = request->query;

		query.category = action->category;
		query.date = action->date;
		query.phase_in = action->phase_in;
		query.scope = action->scope;
		if (request->format == SORI_ANALYSIS_CSV) {
			put_csv_line(out, action, &query, effects[i]);
		} else {
			sori_buffer_add_text(out, i ? ",\n" : "\n");
			put_json_effect(out, action, &query, effects[i], false);
		}
	}
	if (request->format == SORI_ANALYSIS_JSON)
		sori_buffer_add_text(out, "]}\n");
}

static enum sori_status answer_all(const struct request *request, struct sqlite3 *database, struct sori_buffer *out,
				   struct sori_error *error)
{
	const struct sori_actions *actions = request->files.actions;
	struct sori_effect **effects = sori_alloc_zero(actions->count + 1, sizeof *effects);
	size_t family = 0;
	enum sori_status status;

	if (!effects)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = sori_effect_judge(effects, database, actions, &request->query, &family, error);
	if (status == SORI_OK)
		put_all(out, request, effects, family);
	for (size_t i = 0; i < actions->count; i++)
		sori_effect_free(effects[i]);
	sori_free((void *)effects);
	return status;
}

static enum sori_status answer(void *user, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	const struct request *request = user;

	return request->ledger ? answer_all(request, database, out, error) : answer_one(request, database, out, error);
}

static enum sori_status effect_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {0};
	enum sori_status status = read_request(cli, &request, error);

	if (status == SORI_OK)
		status = sori_analysis_run(cli, answer, &request, error);
	sori_side_files_release(&request.files);
	return status;
}

const struct sori_command sori_command_effect = {
	.name = "effect",
	.summary = "did an action or a release go with fewer complaints",
	.operands = "",
	.examples = "  sori effect --actions actions.tsv                    every action of the ledger, a line each\n"
		    "  sori effect --date 2026-08-01 --category app.crash   one change, in full\n",
	.details = "Interrupted time series over ISO weeks: quasi-Poisson with a change of level and slope, season by harmonics once there is a "
		   "year of weeks, 95 % intervals by quasi-Poisson and by Newey and West, the wider one leading. It needs 12 weeks before and 8 "
		   "since; with 6 to 11 before only a level is judged, and called weak; under that it says too little data, or from when it "
		   "can be judged. Beside the estimate stand the documents avoided, what the residuals remember (Ljung-Box), how many "
		   "earlier dates show a step as large (placebo), what else the calendar has then, and the same model where the action was not done, or over the other "
		   "categories. The ledger is a table of actions, or the status ledger that sori route keeps. The week of the change and the weeks of phase-in count on neither side. An association is no cause.",
	.options = options,
	.run = effect_run,
};
