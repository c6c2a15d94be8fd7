/* What is new or suddenly common: terms and categories of the last days against the weeks before. */
#include <math.h>
#include <string.h>

#include "pipeline/cli/analysis.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/cli/term_grammar.h"
#include "pipeline/core/suppress.h"

#define WINDOW_DAYS SORI_EMERGING_DAYS
#define BASELINE_DAYS SORI_EMERGING_BASELINE
#define HISTORY_DAYS SORI_EMERGING_HISTORY
#define SHOWN 30
#define QUOTE_COLUMNS 100

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	SORI_ANALYSIS_OPTION_OUT,
	{"dict", 0, "DIR", true, "dictionaries, for the grammar"},
	{"as-of", 0, "DAY", false, "last day of the window (the last dated day of the store)"},
	{"days", 0, "N", false, "days of the window (7)"},
	{"baseline", 0, "N", false, "days before it to compare with (28)"},
	SORI_ANALYSIS_OPTION_WHERE,
	{"limit", 0, "N", false, "terms at most (30)"},
	{"all", 'a', NULL, false, "also the nearest that do not pass, with the reason"},
	{"publish", 0, "inside|outside", false, "hide what under 5, under 10 customers say"},
	SORI_SIDE_OPTION_LANG,
	SORI_ANALYSIS_OPTION_FORMAT,
	{0},
};

struct request {
	const struct sori_cli *cli;
	enum sori_analysis_format format;
	struct sori_slice_term terms[SORI_ANALYSIS_TERMS];
	struct sori_emerging_query query;
	sori_day as_of;
	size_t days, baseline;
	enum sori_publish publish;
	bool all, english;
};

#define SAY(request, en, ko) ((request)->english ? (en) : (ko))

static const char *reason(const struct request *request, const char *id)
{
	static const char *const words[][3] = {
		{"few-documents", "under 5 documents", "5건 미만"},
		{"few-customers", "under 3 customers", "고객 3명 미만"},
		{"one-day", "on one day only", "하루뿐"},
		{"not-clear", "no clear change", "뚜렷한 변화 없음"},
		{"interval", "interval reaches zero", "구간이 0을 포함"},
		{"dictionary", "counted by different dictionaries", "서로 다른 사전으로 집계됨"},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i][0], id))
			return words[i][request->english ? 1 : 2];
	return id;
}

/* With --publish: who says it must be enough people. */
static bool hidden(const struct request *request, const struct sori_emerging *result, const struct sori_emerging_row *row)
{
	unsigned k = sori_publish_threshold(request->publish);
	uint64_t documents = (uint64_t)row->a, people = !row->category && result->customers_known ? row->customers : documents;

	return sori_suppress_alone(&(struct sori_suppress_cell){.documents = documents, .people = people}, k) ||
	       (k && row->b > 0.0 && row->b < (double)k);
}

static void put_quote(struct sori_buffer *out, struct sori_view quote)
{
	size_t end = quote.length;
	bool cut = end > QUOTE_COLUMNS * 2;

	if (cut)
		for (end = QUOTE_COLUMNS * 2; end && ((unsigned char)quote.at[end] & 0xc0) == 0x80;)
			end--;
	for (size_t i = 0; i < end; i++)
		sori_buffer_add_byte(out, (unsigned char)quote.at[i] < ' ' || quote.at[i] == 0x7f ? ' ' : quote.at[i]);
	sori_buffer_add_text(out, cut ? " …\n" : "\n");
}

static void put_text_row(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result,
			 const struct sori_emerging_row *row)
{
	char day[11], name[200], room[48];
	bool secret = hidden(request, result, row);

	sori_day_text(row->first_seen, day);
	(void)snprintf(name, sizeof name, "%.*s", (int)(row->term.length > 190 ? 190 : row->term.length), row->term.at);
	sori_buffer_add_text(out, row->passes ? "* " : "  ");
	if (secret) {
		sori_buffer_add_format(out, "%s\n", SAY(request, "(hidden: few customers)", "(숨김: 고객 수가 적음)"));
		return;
	}
	sori_side_pad(out, name, 28);
	sori_buffer_add_format(out, " %5.0f %5.0f %8.1f %8.1f  %5.2f [%5.2f, %5.2f] %6.1f %8s  %s", row->a, row->b, 1000.0 * row->a / row->n_a,
			       1000.0 * row->b / row->n_b, row->log_ratio, row->low, row->high, row->z, sori_analysis_cell(room, -1, row->q), day);
	if (!row->category && result->customers_known)
		sori_buffer_add_format(out, SAY(request, "  %zu customers, %zu days", "  고객 %zu명, %zu일"), row->customers, row->days);
	else
		sori_buffer_add_format(out, SAY(request, "  %zu days", "  %zu일"), row->days);
	if (row->is_new)
		sori_buffer_add_format(out, SAY(request, "; new: before at most %.1f in 1000", "; 새로 나타남: 이전에는 1000건에 많아야 %.1f건"),
				       1000.0 * row->baseline_most);
	if (!row->passes)
		sori_buffer_add_format(out, "; %s", reason(request, row->why_not));
	sori_buffer_add_byte(out, '\n');
	for (int i = 0; row->passes && i < SORI_EMERGING_QUOTES; i++)
		if (row->quotes[i].length) {
			sori_day_text(row->quote_day[i], day);
			sori_buffer_add_format(out, "      %s  ", day);
			put_quote(out, row->quotes[i]);
		}
}

static void put_head(struct sori_buffer *out, const struct request *request, const char *en, const char *ko)
{
	sori_buffer_add_text(out, "\n  ");
	sori_side_pad(out, SAY(request, en, ko), 28);
	sori_buffer_add_format(out, " %s\n", SAY(request, " docs before per 1000   before  log ratio             z        q  first seen",
						  "   건   이전 1000건당     이전  로그비                z        q  처음 나타난 날"));
}

static void put_span(struct sori_buffer *out, const char *lead, sori_day from, sori_day to, double documents, const char *unit)
{
	char first[11], last[11];

	sori_day_text(from, first);
	sori_day_text(to, last);
	sori_buffer_add_format(out, "%s%s – %s: %.0f%s\n", lead, first, last, documents, unit);
}

static void put_text(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result)
{
	const struct sori_emerging_query *q = &request->query;

	put_span(out, SAY(request, "window    ", "기간      "), q->from, q->to, result->window_documents, SAY(request, " documents", "건"));
	put_span(out, SAY(request, "baseline  ", "비교      "), q->base_from, q->base_to, result->documents - result->window_documents,
		 SAY(request, " documents", "건"));
	if (q->slice.count) {
		sori_buffer_add_text(out, SAY(request, "where     ", "조건      "));
		sori_analysis_put_slice(out, &q->slice);
		sori_buffer_add_byte(out, '\n');
	}
	sori_buffer_add_format(out, result->sampled ? SAY(request, "terms     from an even sample: %.0f of the distinct complaints of both\n",
							  "낱말      고른 표본에서: 두 기간의 서로 다른 불만 %.0f건\n")
						    : SAY(request, "terms     from all %.0f distinct complaints of both\n",
							  "낱말      두 기간의 서로 다른 불만 %.0f건 모두에서\n"),
			       result->read);
	if (result->too_few) {
		sori_buffer_add_format(out, SAY(request, "\ntoo little data: %.0f documents in the window, 200 are needed\n",
						"\n자료 부족: 기간 안에 %.0f건, 200건이 필요함\n"), result->window_read);
		return;
	}
	put_head(out, request, "term", "낱말");
	for (size_t i = 0; i < result->term_count; i++)
		if (result->terms[i].passes || request->all)
			put_text_row(out, request, result, &result->terms[i]);
	if (!result->terms_passed)
		sori_buffer_add_format(out, "  %s\n", SAY(request, "no term clearly more common than before", "이전보다 뚜렷이 늘어난 낱말 없음"));
	put_head(out, request, "category", "분류");
	for (size_t i = 0; i < result->category_count; i++)
		if (result->categories[i].passes || request->all)
			put_text_row(out, request, result, &result->categories[i]);
	if (!result->categories_passed)
		sori_buffer_add_format(out, "  %s\n", SAY(request, "no category clearly more common than before", "이전보다 뚜렷이 늘어난 분류 없음"));
	sori_buffer_add_format(out, SAY(request, "\n%zu of %zu terms and %zu of %zu categories pass: q (Benjamini-Hochberg on G2) under 0.05, Log Ratio"
					" clear of 0,\n5 documents, 3 customers, 2 days. Order: log odds with a Dirichlet prior. Nearly equal texts"
					" count once.\n",
					"\n낱말 %2$zu개 중 %1$zu개, 분류 %4$zu개 중 %3$zu개가 기준을 넘음: q(Benjamini-Hochberg, G2) 0.05 미만, 로그비 구간이 0 초과,\n"
					"5건·고객 3명·2일 이상. 순서는 디리클레 사전분포를 둔 로그 오즈. 거의 같은 글은 한 번만 셈.\n"),
			       result->terms_passed, result->terms_tested, result->categories_passed, result->categories_tested);
}

static void put_json_row(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result,
			 const struct sori_emerging_row *row)
{
	bool first = true;

	if (hidden(request, result, row)) {
		sori_buffer_add_text(out, "{\"hidden\":true}");
		return;
	}
	sori_buffer_add_text(out, "{\"term\":");
	sori_buffer_add_json(out, row->term);
	sori_buffer_add_format(out, ",\"pair\":%s", row->bigram ? "true" : "false");
	sori_analysis_put_json(out, "documents", row->a);
	sori_analysis_put_json(out, "documents_before", row->b);
	sori_analysis_put_json(out, "of", row->n_a);
	sori_analysis_put_json(out, "of_before", row->n_b);
	sori_analysis_put_json(out, "log_ratio", row->log_ratio);
	sori_analysis_put_json(out, "log_ratio_low", row->low);
	sori_analysis_put_json(out, "log_ratio_high", row->high);
	sori_analysis_put_json(out, "z", row->z);
	sori_analysis_put_json(out, "g2", row->g2);
	sori_analysis_put_json(out, "q", row->q);
	sori_buffer_add_format(out, ",\"new\":%s", row->is_new ? "true" : "false");
	sori_analysis_put_json(out, "before_at_most", row->baseline_most);
	sori_side_put_json_day(out, "first_seen", row->first_seen);
	sori_buffer_add_format(out, ",\"days\":%zu", row->days);
	if (!row->category && result->customers_known)
		sori_buffer_add_format(out, ",\"customers\":%zu", row->customers);
	sori_buffer_add_format(out, ",\"passes\":%s", row->passes ? "true" : "false");
	sori_analysis_put_json_text(out, "why_not", row->why_not);
	sori_buffer_add_text(out, ",\"quotes\":[");
	for (int i = 0; row->passes && i < SORI_EMERGING_QUOTES; i++)
		if (row->quotes[i].length) {
			sori_buffer_add_text(out, first ? "" : ",");
			sori_buffer_add_json(out, row->quotes[i]);
			first = false;
		}
	sori_buffer_add_text(out, "]}");
}

static void put_json_rows(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result, const char *key,
			  const struct sori_emerging_row *rows, size_t count)
{
	bool first = true;

	sori_buffer_add_format(out, ",\"%s\":[", key);
	for (size_t i = 0; i < count; i++) {
		if (!rows[i].passes && !request->all)
			continue;
		sori_buffer_add_text(out, first ? "\n" : ",\n");
		put_json_row(out, request, result, &rows[i]);
		first = false;
	}
	sori_buffer_add_byte(out, ']');
}

static void put_json(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result)
{
	const struct sori_emerging_query *q = &request->query;
	char days[4][11];

	sori_day_text(q->from, days[0]);
	sori_day_text(q->to, days[1]);
	sori_day_text(q->base_from, days[2]);
	sori_day_text(q->base_to, days[3]);
	sori_buffer_add_format(out, "{\"window\":{\"from\":\"%s\",\"to\":\"%s\",\"documents\":%.0f},\"baseline\":{\"from\":\"%s\",\"to\":\"%s\","
			       "\"documents\":%.0f},\"sampled\":%s,\"distinct_complaints_read\":%.0f,\"too_few\":%s,\"family\":%zu,\"family_categories\":%zu",
			       days[0], days[1], result->window_documents, days[2], days[3], result->documents - result->window_documents,
			       result->sampled ? "true" : "false", result->read, result->too_few ? "true" : "false", result->terms_tested,
			       result->categories_tested);
	sori_analysis_put_json_slice(out, "where", &q->slice);
	put_json_rows(out, request, result, "terms", result->terms, result->term_count);
	put_json_rows(out, request, result, "categories", result->categories, result->category_count);
	sori_buffer_add_text(out, "}\n");
}

static void put_csv_row(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result,
			const struct sori_emerging_row *row)
{
	const double figures[] = {row->a, row->b, row->n_a, row->n_b, row->log_ratio, row->low, row->high, row->z, row->g2, row->q};
	char day[11];

	if ((!row->passes && !request->all) || hidden(request, result, row))
		return;
	sori_day_text(row->first_seen, day);
	sori_buffer_add_text(out, row->category ? "category," : row->bigram ? "pair," : "term,");
	sori_buffer_add_csv(out, row->term, true);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		sori_analysis_put_csv(out, figures[i]);
	sori_buffer_add_format(out, ",%d,%s,%zu,%zu,%d,%s,", row->is_new, day, row->days, row->customers, row->passes, row->why_not);
	if (row->passes)
		sori_buffer_add_csv(out, row->quotes[0], true);
	sori_buffer_add_byte(out, '\n');
}

static void put_csv(struct sori_buffer *out, const struct request *request, const struct sori_emerging *result)
{
	sori_buffer_add_text(out, "kind,term,documents,documents_before,of,of_before,log_ratio,log_ratio_low,log_ratio_high,z,g2,q,new,first_seen,"
			     "days,customers,passes,why_not,quote\n");
	for (size_t i = 0; i < result->term_count; i++)
		put_csv_row(out, request, result, &result->terms[i]);
	for (size_t i = 0; i < result->category_count; i++)
		put_csv_row(out, request, result, &result->categories[i]);
}

static enum sori_status number(const struct sori_cli *cli, const char *name, size_t standard, size_t *value, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, name);
	unsigned long long given = standard;

	if (text && (!sori_view_to_u64(sori_view_of(text), &given) || given < 1 || given > 3660))
		return sori_fail(error, SORI_USAGE, "--%s takes a number from 1 to 3660, not '%s'", name, text);
	*value = (size_t)given;
	return SORI_OK;
}

static enum sori_status read_request(const struct sori_cli *cli, struct request *request, struct sori_error *error)
{
	enum sori_status status = sori_analysis_format(cli, &request->format, error);

	request->as_of = SORI_DAY_NONE;
	request->all = sori_cli_flag(cli, "all");
	if (status == SORI_OK)
		status = sori_side_english(cli, &request->english, error);
	if (status == SORI_OK)
		status = sori_publish_parse(sori_cli_value(cli, "publish"), &request->publish, error);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &request->as_of, error);
	if (status == SORI_OK)
		status = number(cli, "days", WINDOW_DAYS, &request->days, error);
	if (status == SORI_OK)
		status = number(cli, "baseline", BASELINE_DAYS, &request->baseline, error);
	if (status == SORI_OK)
		status = number(cli, "limit", SHOWN, &request->query.limit, error);
	if (status == SORI_OK)
		status = sori_analysis_slice(cli, "where", request->terms, &request->query.slice, error);
	return status;
}

static enum sori_status find_days(struct request *request, struct sqlite3 *database, struct sori_error *error)
{
	struct sori_emerging_query *q = &request->query;
	sori_day first, last;
	enum sori_status status = sori_analysis_bounds(database, &first, &last, error);

	if (status != SORI_OK)
		return status;
	q->to = request->as_of == SORI_DAY_NONE ? last : request->as_of;
	q->from = q->to - (sori_day)request->days + 1;
	q->base_to = q->from - 1;
	q->base_from = q->base_to - (sori_day)request->baseline + 1;
	q->history_from = q->base_from - HISTORY_DAYS;
	return SORI_OK;
}

static enum sori_status answer(void *user, struct sqlite3 *database, struct sori_buffer *out, struct sori_error *error)
{
	static void (*const put[])(struct sori_buffer *, const struct request *, const struct sori_emerging *) = {
		[SORI_ANALYSIS_TEXT] = put_text, [SORI_ANALYSIS_JSON] = put_json, [SORI_ANALYSIS_CSV] = put_csv};
	struct request *request = user;
	struct sori_panel *panel = NULL;
	struct sori_emerging *result = NULL;
	struct sori_term_reader reader;
	enum sori_status status = sori_term_reader_open(&reader, request->cli, error);

	request->query.grammar = reader.grammar;
	if (status == SORI_OK)
		status = find_days(request, database, error);
	if (status == SORI_OK)
		status = sori_panel_load(&panel, database, request->query.history_from, request->query.to, &request->query.slice, 1, error);
	if (status == SORI_OK)
		status = sori_emerging_run(&result, database, panel, &request->query, error);
	if (status == SORI_OK)
		put[request->format](out, request, result);
	sori_emerging_free(result);
	sori_panel_free(panel);
	sori_term_reader_close(&reader);
	return status;
}

static enum sori_status emerging_run(struct sori_cli *cli, struct sori_error *error)
{
	struct request request = {.cli = cli};
	enum sori_status status = read_request(cli, &request, error);

	return status == SORI_OK ? sori_analysis_run(cli, answer, &request, error) : status;
}

const struct sori_command sori_command_emerging = {
	.name = "emerging",
	.summary = "terms and categories that are new or suddenly common",
	.operands = "",
	.examples = "  sori emerging\n  sori emerging --as-of 2026-08-03 --days 3 --where product=TV --format json\n",
	.details = "Terms are words, with particles and inflection cut where other words bear witness, and pairs of neighbours, counted once a "
		   "document in the day samples of the store: of every day the 128 records with the smallest hashes, which is all of a day "
		   "that has no more. Nearly equal texts count once. Categories are counted in all documents. A term passes with q under 0.05 "
		   "(Benjamini and Hochberg over all terms with 5 documents), a Log Ratio clear of 0, and 5 documents, 3 customers and 2 days in "
		   "the window; under 200 documents there is no test. Order: z of the log odds with a Dirichlet prior of 500.",
	.options = options,
	.run = emerging_run,
};
