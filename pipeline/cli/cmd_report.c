/* Reports rebuilt from the store, for any period. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/cli/cli.h"
#include "pipeline/cli/load.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/cli/term_grammar.h"
#include "pipeline/core/category_map.h"
#include "pipeline/core/report.h"
#include "pipeline/core/store.h"

static const struct sori_cli_option options[] = {
	{"store", 0, "FILE", false, "the store (DIR/store.db)"},
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"from", 0, "DAY", false, "first day, YYYY-MM-DD"},
	{"to", 0, "DAY", false, "last day, YYYY-MM-DD"},
	{"as-of", 0, "DAY", false, "\"tonight\" (the last dated day in the period)"},
	{"lang", 0, "ko|en", false, "language that the report opens in (ko)"},
	{"excel", 0, NULL, false, "counts.csv with byte order mark and CRLF"},
	{"publish", 0, "inside|outside", false, "hide small cells: under 5, under 10 customers (nothing is hidden)"},
	{"dict", 0, "DIR", true, "dictionaries, for the words that emerged"},
	SORI_SIDE_OPTION_CALENDAR,
	SORI_SIDE_OPTION_ACTIONS,
	SORI_SIDE_OPTION_EXPOSURE,
	SORI_SIDE_OPTION_PER,
	SORI_SIDE_OPTION_OUTSIDE,
	{0},
};

static enum sori_status day_option(const struct sori_cli *cli, const char *name, sori_day *day, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, name);

	if (text && !sori_day_parse_iso(sori_view_of(text), day))
		return sori_fail(error, SORI_USAGE, "--%s takes a day as YYYY-MM-DD, not '%s'", name, text);
	return SORI_OK;
}

static enum sori_status read_query(const struct sori_cli *cli, struct sori_report_query *query, struct sori_error *error)
{
	const char *lang = sori_cli_value(cli, "lang");
	enum sori_status status;

	sori_report_query_init(query);
	if (lang && strcmp(lang, "ko") != 0 && strcmp(lang, "en") != 0)
		return sori_fail(error, SORI_USAGE, "--lang takes ko or en, not '%s'", lang);
	query->english = lang && !strcmp(lang, "en");
	status = sori_publish_parse(sori_cli_value(cli, "publish"), &query->publish, error);
	if (status == SORI_OK)
		status = day_option(cli, "from", &query->from, error);
	if (status == SORI_OK)
		status = day_option(cli, "to", &query->to, error);
	if (status == SORI_OK)
		status = day_option(cli, "as-of", &query->as_of, error);
	if (status == SORI_OK && query->from != SORI_DAY_NONE && query->to != SORI_DAY_NONE && query->from > query->to)
		return sori_fail(error, SORI_USAGE, "--from is after --to");
	return status;
}

static enum sori_status write_reports(const struct sori_cli *cli, struct sori_store *store, const char *out,
				      const struct sori_report_query *query, struct sori_error *error)
{
	struct sori_output_set *outputs = sori_output_set_new(out);
	struct sori_report_model *model = NULL;
	enum sori_status status;
	char names[512];

	if (!outputs)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = sori_make_folder(out, 0750, error);
	if (status == SORI_OK)
		status = sori_report_model_load(&model, sori_store_connection(store), query, error);
	if (status == SORI_OK && model->documents == 0)
		sori_cli_warn("the store has no documents in this period; sori status tells its days");
	if (status == SORI_OK)
		status = sori_report_write_all(model, sori_reporters, outputs, cli->settings, error);
	if (status == SORI_OK)
		status = sori_output_set_publish(outputs, error);
	sori_cli_output_names(outputs, names, sizeof names);
	if (status == SORI_OK)
		sori_cli_note(cli, "%s/%s", out, names);
	sori_report_model_free(model);
	sori_output_set_free(outputs);
	return status;
}

/* A report can be rebuilt where no dictionary is; then it has no emerging words. One that is named must be there. */
static enum sori_status read_terms(const struct sori_cli *cli, struct sori_term_reader *terms, struct sori_report_query *query,
				   struct sori_error *error)
{
	enum sori_status status = sori_term_reader_open(terms, cli, error);

	if (status == SORI_OK)
		query->grammar = &terms->grammar;
	else if (!sori_cli_value(cli, "dict")) {
		*error = (struct sori_error){0};
		status = SORI_OK;
	}
	return status;
}

static enum sori_status report_run(struct sori_cli *cli, struct sori_error *error)
{
	const char *out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out";
	const char *given = sori_cli_value(cli, "store");
	char path[4096];
	struct sori_report_query query;
	struct sori_side_files side = {0};
	struct sori_term_reader terms = {0};
	struct sori_store *store = NULL;
	enum sori_status status = read_query(cli, &query, error), closed;

	if (cli->operand_count)
		return sori_fail(error, SORI_USAGE, "report takes no operand; dumps are read by sori run");
	if (snprintf(path, sizeof path, "%s%s", given ? given : out, given ? "" : "/store.db") >= (int)sizeof path)
		return sori_fail(error, SORI_USAGE, "the path of the store is too long");
	if (status == SORI_OK && sori_cli_flag(cli, "excel"))
		status = sori_settings_set(cli->settings, "report_csv", "excel", "true", error);
	if (status == SORI_OK)
		status = sori_side_files_read(cli, SORI_SIDE_REPORT, &side, error);
	sori_side_files_ask(&side, &query);
	if (status == SORI_OK)
		status = read_terms(cli, &terms, &query, error);
	if (status == SORI_OK)
		status = sori_store_open(&store, path, false, error);
	if (status == SORI_OK) {
		status = sori_category_map_install(sori_store_connection(store), error);
		if (status == SORI_OK)
			status = write_reports(cli, store, out, &query, error);
		closed = sori_store_close(store, status == SORI_OK ? error : NULL);
		if (status == SORI_OK)
			status = closed;
	}
	sori_term_reader_close(&terms);
	sori_side_files_release(&side);
	return status;
}

const struct sori_command sori_command_report = {
	.name = "report",
	.summary = "rebuild the reports from the store, for any period",
	.operands = "",
	.examples = "  sori report --from 2026-07-01 --to 2026-07-31 --store sori-out/store.db --out july\n  sori report --store /srv/sori/store.db --lang en\n",
	.options = options,
	.run = report_run,
};
