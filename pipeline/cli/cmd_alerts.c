/* What is out of the ordinary tonight. */
#include <math.h>
#include <string.h>

#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"

static const struct sori_cli_option options[] = {
	{"store", 0, "FILE", false, "the store (DIR/store.db)"},
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"as-of", 0, "DAY", false, "\"tonight\", YYYY-MM-DD (the last dated day of the store)"},
	{"tier", 0, "T", false, "nightly, the one there is"},
	{"where", 0, "DIM=VALUE", true, "only documents of this slice; the same dimension again is an alternative"},
	{"all", 'a', NULL, false, "also what is quiet, in text"},
	SORI_SIDE_OPTION_CALENDAR,
	{"format", 'f', "F", false, "text, json or csv (text)"},
	{0},
};

struct request {
	const struct sori_cli *cli;
	enum sori_analysis_format format;
	struct sori_slice_term terms[SORI_ANALYSIS_TERMS];
	struct sori_slice where;
	sori_day as_of;
	bool all;
};

static const char *const tiers[] = {"none", "provisional", "nightly", "weekly"};
static const char *const levels[] = {"volume", "group", "category"};
static const char *const words[] = {"no data", "dict", "holiday", "too few", "no fit", "quiet", "watch", "ALERT"};
static const char *const ids[] = {"no-data", "dictionary-changed", "holiday", "too-little-data", "no-fit", "quiet", "watch", "alert"};

static struct sori_view name_of(const struct sori_alert *row)
{
	return row->category ? sori_view_make(row->category->id, row->id_length) : sori_view_of("all documents");
}

static void put_note(struct sori_buffer *out, const struct sori_alert *row)
{
	const char *lead = "";

	if (row->low) {
		sori_buffer_add_text(out, "too few: a feed may be broken");
		lead = "; ";
	}
	if (row->cause) {
		sori_buffer_add_format(out, "%swithout %s it is quiet", lead, row->cause->category->id);
		lead = "; ";
	}
	if (row->whole) {
		sori_buffer_add_format(out, "%spart of a rise of all of %.*s", lead, (int)row->whole->id_length, row->whole->category->id);
		lead = "; ";
	}
	if (row->released) {
		sori_buffer_add_format(out, "%snew level: so many alarms that they count as baseline again", lead);
		lead = "; ";
	}
	if (row->word >= SORI_ALERT_QUIET && row->expected == 0.0) {
		sori_buffer_add_format(out, "%snothing like it in the baseline", lead);
		lead = "; ";
	}
	if (row->tier == SORI_TIER_PROVISIONAL) {
		sori_buffer_add_format(out, "%sprovisional", lead);
		lead = "; ";
	}
	if (row->dropped && !row->released)
		sori_buffer_add_format(out, "%s%zu earlier alarm%s left out", lead, row->dropped, row->dropped == 1 ? "" : "s");
}

static void put_text_row(struct sori_buffer *out, int width, const struct sori_alert *row)
{
	struct sori_view name = name_of(row);
	const char *members = row->level == SORI_ALERT_GROUP ? ".*" : "";
	int indent = row->level == SORI_ALERT_CATEGORY && row->category->stem < row->id_length ? 2 : 0;
	int padding = width - indent - (int)name.length - (int)strlen(members);
	char cell[6][48];

	sori_buffer_add_format(out, "%-8s %*s%.*s%s%*s %8s %8s %8s %6s %9s %8s  ", words[row->word], indent, "", (int)name.length,
			       name.at, members, padding > 0 ? padding : 0, "", sori_analysis_cell(cell[0], 0, row->observed),
			       sori_analysis_cell(cell[1], 1, row->expected),
			       sori_analysis_cell(cell[2], 1, row->low ? row->lower : row->upper),
			       sori_analysis_cell(cell[3], 1, row->observed / row->expected), sori_analysis_cell(cell[4], -1, row->p),
			       sori_analysis_cell(cell[5], -1, row->q));
	put_note(out, row);
	while (out->length && out->at[out->length - 1] == ' ')
		out->length--;
	sori_buffer_add_byte(out, '\n');
}

static int table_width(const struct sori_alerts_result *result)
{
	size_t width = 16;

	for (size_t i = 0; i < result->row_count; i++)
		if (name_of(&result->rows[i]).length + 3 > width)
			width = name_of(&result->rows[i]).length + 3;
	return (int)width;
}

static const char *tier_text(enum sori_alert_tier tier)
{
	switch (tier) {
	case SORI_TIER_DAILY:
		return "Farrington flexible, seven-day year";
	case SORI_TIER_PROVISIONAL:
		return "EARS C2, provisional until there are 64 days";
	case SORI_TIER_WEEKLY:
		return "Farrington flexible over years of ISO weeks";
	case SORI_TIER_NONE:
		break;
	}
	return "too short for alerts, which need 28 days";
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_alerts_result *result)
{
	char day[11];
	size_t counts[SORI_ALERT_ALERT + 1] = {0};
	int width = table_width(result);

	sori_day_text(result->day, day);
	for (size_t i = 0; i < result->row_count; i++)
		counts[result->rows[i].word]++;
	sori_buffer_add_format(out, "tonight   %s: %.0f documents%s\n", day, result->documents,
			       result->missing ? "; a source is silent that should not be" : "");
	if (request->where.count) {
		sori_buffer_add_text(out, "where     ");
		sori_analysis_put_slice(out, &request->where);
		sori_buffer_add_byte(out, '\n');
	}
	sori_buffer_add_format(out, "baseline  %zu days of history: %s\n\n%-8s %-*s %8s %8s %8s %6s %9s %8s\n", result->history,
			       tier_text(result->tier), "", width, "", "observed", "expected", "bound", "ratio", "p", "q");
	for (size_t i = 0; i < result->row_count; i++)
		if (i == 0 || request->all || result->rows[i].word >= SORI_ALERT_WATCH)
			put_text_row(out, width, &result->rows[i]);
	sori_buffer_add_format(out, "\n%zu alerts, %zu to watch, %zu quiet, %zu with too little data, %zu not judged\n",
			       counts[SORI_ALERT_ALERT], counts[SORI_ALERT_WATCH], counts[SORI_ALERT_QUIET], counts[SORI_ALERT_TOO_LITTLE],
			       counts[SORI_ALERT_NO_DATA] + counts[SORI_ALERT_DICTIONARY] + counts[SORI_ALERT_NO_FIT]);
	sori_buffer_add_format(out, "watch: over the bound; alert: also q at most 0.10 (Benjamini-Hochberg over %zu categories, %zu groups)."
			       "\nCategories are judged by share, all documents by count. Some alerts of a year are chance.\n",
			       result->tested, result->groups_tested);
}

static void put_json_row(struct sori_buffer *out, const struct sori_alert *row)
{
	sori_buffer_add_format(out, "{\"level\":\"%s\",\"id\":", levels[row->level]);
	sori_buffer_add_json(out, row->category ? name_of(row) : sori_view_of("*"));
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
	put_note(out, row);
	sori_buffer_add_format(out, "\",\"tier\":\"%s\"}", tiers[row->tier]);
}

static void put_json(struct sori_buffer *out, const struct request *request, const struct sori_alerts_result *result)
{
	char day[11];

	sori_day_text(result->day, day);
	sori_buffer_add_format(out, "{\"as_of\":\"%s\",\"tier\":\"%s\",\"history_days\":%zu,\"documents\":%.0f,\"source_silent\":%s,"
			       "\"family\":%zu,\"family_groups\":%zu", day, tiers[result->tier], result->history, result->documents,
			       result->missing ? "true" : "false", result->tested, result->groups_tested);
	sori_analysis_put_json_slice(out, "where", &request->where);
	sori_buffer_add_text(out, ",\"rows\":[");
	for (size_t i = 0; i < result->row_count; i++) {
		sori_buffer_add_text(out, i ? ",\n" : "\n");
		put_json_row(out, &result->rows[i]);
	}
	sori_buffer_add_text(out, "]}\n");
}

static void put_csv(struct sori_buffer *out, const struct sori_alerts_result *result)
{
	char day[11];

	sori_day_text(result->day, day);
	sori_buffer_add_text(out, "day,level,id,verdict,observed,expected,lower,upper,ratio,p,q,phi,baseline_days,alarms_left_out,new_level,"
			     "tier,words\n");
	for (size_t i = 0; i < result->row_count; i++) {
		const struct sori_alert *row = &result->rows[i];
		const double figures[] = {row->observed, row->expected, row->lower, row->upper, row->observed / row->expected,
					  row->p, row->q, row->phi};

		sori_buffer_add_format(out, "%s,%s,", day, levels[row->level]);
		sori_buffer_add_csv(out, row->category ? name_of(row) : sori_view_of("*"), true);
		sori_buffer_add_format(out, ",%s", ids[row->word]);
		for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
			sori_analysis_put_csv(out, figures[f]);
		sori_buffer_add_format(out, ",%zu,%zu,%d,%s,", row->used, row->dropped, row->released, tiers[row->tier]);
		put_note(out, row);
		sori_buffer_add_byte(out, '\n');
	}
}

static enum sori_status answer(const struct request *request, struct sqlite3 *database, struct sori_error *error)
{
	struct sori_alerts_result result;
	struct sori_panel *panel;
	struct sori_buffer out;
	enum sori_status status = sori_panel_load(&panel, database, request->as_of - (SORI_ALERT_HISTORY - 1), request->as_of,
						  &request->where, 1, error);

	if (status != SORI_OK)
		return status;
	status = sori_side_calendar_mark(request->cli, panel, &request->where, error);
	if (status == SORI_OK)
		status = sori_alerts_run(panel, &result, error);
	if (status == SORI_OK) {
		sori_buffer_init(&out, 1 << 26);
		if (request->format == SORI_ANALYSIS_JSON)
			put_json(&out, request, &result);
		else if (request->format == SORI_ANALYSIS_CSV)
			put_csv(&out, &result);
		else
			put_text(&out, request, &result);
		status = sori_analysis_print(&out, error);
	}
	sori_panel_free(panel);
	return status;
}

static enum sori_status read_request(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	const char *tier = sori_cli_value(cli, "tier");
	enum sori_status status = sori_analysis_format(cli, &request->format, error);

	request->as_of = SORI_DAY_NONE;
	request->all = sori_cli_flag(cli, "all");
	if (status == SORI_OK && tier && strcmp(tier, "nightly") != 0)
		return sori_fail(error, SORI_USAGE, "--tier takes nightly, not '%s'", tier);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &request->as_of, error);
	if (status == SORI_OK)
		status = sori_analysis_slice(cli, "where", request->terms, &request->where, error);
	return status;
}

static enum sori_status alerts_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {.cli = cli};
	struct sori_store *store = NULL;
	sori_day first, last;
	enum sori_status status = read_request(cli, &request, error), closed;

	if (status == SORI_OK)
		status = sori_analysis_open(cli, &store, error);
	if (status != SORI_OK)
		return status;
	status = sori_analyse_bounds(sori_store_connection(store), &first, &last, error);
	if (status == SORI_OK && last == SORI_DAY_NONE)
		status = sori_fail(error, SORI_DATA, "the store has no dated documents");
	if (request.as_of == SORI_DAY_NONE)
		request.as_of = last;
	if (status == SORI_OK)
		status = answer(&request, sori_store_connection(store), error);
	closed = sori_store_close(store, status == SORI_OK ? error : NULL);
	return status == SORI_OK ? closed : status;
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
		   "categories. watch: over the bound; alert: also a false discovery rate of at most 10 % over the night's categories.",
	.options = options,
	.run = alerts_run,
};
