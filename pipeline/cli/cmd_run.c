/* The night's job: read, extract, count, report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/cli/load.h"
#include "pipeline/cli/restate.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/cli/term_grammar.h"
#include "pipeline/core/identities.h"
#include "pipeline/core/report.h"
#include "pipeline/core/store.h"
#include "stages/extract/dictionary.h"

static const struct sori_cli_option options[] = {
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"store", 0, "FILE", false, "the store (DIR/store.db)"},
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"lang", 0, "ko|en", false, "language that the report opens in (ko)"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{"as-of", 0, "DAY", false, "\"tonight\", YYYY-MM-DD (the last dated day in the store)"},
	{"max-reject", 0, "R", false, "an input is refused over this share of bad records (0.01) and over 20 of them"},
	{"excel", 0, NULL, false, "counts.csv with byte order mark and CRLF"},
	{"publish", 0, "inside|outside", false, "hide small cells: under 5, under 10 customers (nothing is hidden)"},
	SORI_SIDE_OPTION_CALENDAR,
	SORI_SIDE_OPTION_ACTIONS,
	SORI_SIDE_OPTION_EXPOSURE,
	SORI_SIDE_OPTION_PER,
	SORI_SIDE_OPTION_OUTSIDE,
	{"restate", 0, NULL, false, "count the ledger's dumps again that another dictionary counted"},
	{"read-size", 0, "BYTES", false, "bytes of one read; for tests"},
	{"batch", 0, "RECORDS", false, "records of a batch at most; for tests"},
	{0},
};

struct job {
	struct sori_cli *cli;
	const char *out;
	char store_path[4096];
	struct sori_input_wish wish;
	struct sori_input_list inputs;
	struct sori_restate_list restate; /* with --restate */
	struct sori_dictionary *dictionary;
	struct sori_store *store;
	struct sori_chain chain;
	struct sori_context context;
	struct sori_runner_options runner;
	struct sori_quarantine *quarantine;
	struct sori_identities identities;
	struct sori_report_query query;
	struct sori_side_files side;
	struct sori_term_reader terms;
	uint64_t config;
	int64_t started;
	bool changed;
	char written[512]; /* names of the outputs */
	struct timespec began, last_shown;
	uint64_t total_bytes; /* as stored, of plain inputs; 0 when some are packed or unknown */
};

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) * 1e-9;
}

/* At most ten times a second, on a terminal only. */
static void show_progress(void *user, const struct sori_progress *progress)
{
	struct job *job = user;
	double elapsed = seconds_since(&job->began), rate;
	char left[32] = "";

	if (seconds_since(&job->last_shown) < 0.1)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &job->last_shown);
	rate = elapsed > 0 ? (double)progress->bytes / elapsed : 0;
	if (job->total_bytes > progress->bytes && rate > 0)
		(void)snprintf(left, sizeof left, ", %.0f s left", (double)(job->total_bytes - progress->bytes) / rate);
	(void)fprintf(stderr, "\r\033[Ksori: %zu/%zu files, %llu records, %.0f MB/s%s", progress->input + 1, progress->inputs,
		      (unsigned long long)progress->records, rate / 1e6, left);
}

static enum sori_status number_option(const struct sori_cli *cli, const char *name, size_t *value, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, name);
	unsigned long long number = 0;

	if (text && (!sori_view_to_u64(sori_view_of(text), &number) || number < 1 || number > 1 << 30))
		return sori_fail(error, SORI_USAGE, "--%s takes a positive number, not '%s'", name, text);
	*value = (size_t)number;
	return SORI_OK;
}

static enum sori_status read_options(struct job *job, struct sori_error *error)
{
	struct sori_cli *cli = job->cli;
	const char *store = sori_cli_value(cli, "store"), *lang = sori_cli_value(cli, "lang"), *day = sori_cli_value(cli, "as-of");
	enum sori_status status;
	unsigned threads = 1;

	job->out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out";
	if (snprintf(job->store_path, sizeof job->store_path, "%s%s", store ? store : job->out, store ? "" : "/store.db") >=
	    (int)sizeof job->store_path)
		return sori_fail(error, SORI_USAGE, "the path of the store is too long");
	if (lang && strcmp(lang, "ko") != 0 && strcmp(lang, "en") != 0)
		return sori_fail(error, SORI_USAGE, "--lang takes ko or en, not '%s'", lang);
	sori_report_query_init(&job->query);
	job->query.english = lang && !strcmp(lang, "en");
	if (day && !sori_day_parse_iso(sori_view_of(day), &job->query.as_of))
		return sori_fail(error, SORI_USAGE, "--as-of takes a day as YYYY-MM-DD, not '%s'", day);
	status = sori_publish_parse(sori_cli_value(cli, "publish"), &job->query.publish, error);
	if (status == SORI_OK)
		status = sori_side_files_read(cli, SORI_SIDE_REPORT, &job->side, error);
	sori_side_files_ask(&job->side, &job->query);
	if (status == SORI_OK)
		status = sori_cli_threads(cli, &threads, error);
	job->runner.threads = threads;
	if (status == SORI_OK)
		status = number_option(cli, "read-size", &job->runner.read_size, error);
	if (status == SORI_OK)
		status = number_option(cli, "batch", &job->runner.batch_records, error);
	if (status == SORI_OK)
		status = sori_cli_max_reject(sori_cli_value(cli, "max-reject"), &job->runner.max_reject, error);
	if (status == SORI_OK)
		status = sori_cli_wish(cli, &job->wish, error);
	if (status == SORI_OK && sori_cli_flag(cli, "excel"))
		status = sori_settings_set(cli->settings, "report_csv", "excel", "true", error);
	return status;
}

/* What changes the counts besides the dictionary: settings of the stages, the columns asked for, the reject limit. */
static uint64_t config_hash(const struct job *job)
{
	uint64_t hash = sori_settings_hash(job->cli->settings);
	const char *texts[] = {job->wish.format, job->wish.encoding, job->wish.date_format, job->wish.record,
			       job->wish.time_zone};
	char reject[32];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		hash = sori_hash64(sori_view_of(texts[i]), hash + i);
	for (size_t i = 0; i < SORI_ROLE_COUNT; i++)
		hash = sori_hash64(sori_view_of(job->wish.column[i]), hash + i);
	(void)snprintf(reject, sizeof reject, "%.6f", job->runner.max_reject);
	return sori_hash64(sori_view_of(reject), hash);
}

/* The inputs of --restate are the ledger's; with none to count again there is nothing to do. */
static enum sori_status find_inputs(struct job *job, struct sori_error *error)
{
	struct sori_cli inner = *job->cli;
	enum sori_status status;

	if (!sori_cli_flag(job->cli, "restate"))
		return sori_cli_inputs(job->cli, &job->wish, &job->inputs, error);
	if (job->cli->operand_count)
		return sori_fail(error, SORI_USAGE, "--restate takes its dumps from the ledger");
	status = sori_restate_find(&job->restate, job->store_path, job->dictionary->catalog.hash, job->config, error);
	if (status != SORI_OK)
		return status;
	sori_restate_tell(job->cli, &job->restate);
	inner.operands = job->restate.paths;
	inner.operand_count = job->restate.count;
	if (job->restate.count)
		status = sori_cli_inputs(&inner, &job->wish, &job->inputs, error);
	return status == SORI_OK ? sori_restate_sources(&job->restate, &job->inputs, error) : status;
}

static enum sori_status open_all(struct job *job, struct sori_error *error)
{
	enum sori_status status = sori_cli_dictionary(job->cli, &job->dictionary, error);
	struct sori_run run;

	job->inputs.out = job->out;
	job->inputs.store = job->store_path;
	job->config = config_hash(job);
	if (status == SORI_OK)
		status = find_inputs(job, error);
	if (status == SORI_OK)
		status = sori_make_folder(job->out, 0750, error);
	if (status == SORI_OK)
		status = sori_store_open(&job->store, job->store_path, true, error);
	if (status != SORI_OK)
		return status;
	run = (struct sori_run){.inputs = job->inputs.inputs, .input_count = job->inputs.count,
				.catalog = &job->dictionary->catalog, .config = job->config, .as_of = job->query.as_of,
				.threads = job->runner.threads};
	return sori_store_begin(job->store, &run, error);
}

static enum sori_status read_all(struct job *job, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", "aggregate", NULL};
	enum sori_status status = sori_chain_build(&job->chain, stages, error);

	job->context = (struct sori_context){.settings = job->cli->settings, .dictionary = job->dictionary,
					     .catalog = &job->dictionary->catalog, .out_folder = job->out,
					     .store = job->store, .threads = job->runner.threads};
	if (status == SORI_OK)
		status = sori_quarantine_open(&job->quarantine, job->out, error);
	if (status == SORI_OK)
		status = sori_chain_open(&job->chain, &job->context, error);
	if (status != SORI_OK)
		return status;
	job->runner.quarantine = job->quarantine;
	if (job->cli->terminal && !job->cli->quiet) {
		job->runner.progress = show_progress;
		job->runner.user = job;
	}
	status = sori_runner_run(&job->chain, job->inputs.inputs, job->inputs.count, &job->wish, &job->runner, error);
	if (job->runner.progress)
		(void)fputs("\r\033[K", stderr);
	if (status == SORI_OK)
		status = sori_chain_finish(&job->chain, error);
	return status;
}

static bool all_known(const struct job *job)
{
	for (size_t i = 0; i < job->inputs.count; i++)
		if (!job->inputs.inputs[i]->known)
			return false;
	return true;
}

/* I9, as far as it can be known before the files take their names: every reporter that is wanted made its file, run.json comes last. */
static void check_outputs(struct job *job, const struct sori_output_set *outputs)
{
	uint64_t planned = 1, written = 1;

	for (size_t i = 0; sori_reporters[i]; i++)
		planned += sori_reporter_wanted(sori_reporters[i], job->cli->settings);
	for (size_t i = 0; sori_output_set_name(outputs, i); i++)
		written++;
	sori_identities_set(&job->identities, SORI_IDENTITY_I9, planned, written);
}

static enum sori_status publish(struct job *job, struct sori_error *error)
{
	struct sori_output_set *outputs = sori_output_set_new(job->out);
	struct sori_report_model *model = NULL;
	struct sori_run_summary summary;
	char dictionary[33];
	enum sori_status status;
	int64_t finished;

	if (!outputs)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	finished = sori_cli_now();
	if (!job->changed) /* a no-op keeps the times of the run that counted, so that every byte stays as it was */
		(void)sori_cli_last_times(job->out, &job->started, &finished);
	status = sori_cli_category_map(job->cli, sori_store_connection(job->store), error);
	if (status == SORI_OK)
		status = sori_term_reader_on(&job->terms, job->dictionary, error);
	job->query.grammar = &job->terms.grammar;
	if (status == SORI_OK)
		status = sori_report_model_load(&model, sori_store_connection(job->store), &job->query, error);
	if (status == SORI_OK)
		status = sori_report_write_all(model, sori_reporters, outputs, job->cli->settings, error);
	sori_hash128_text(job->dictionary->catalog.hash, dictionary);
	if (status == SORI_OK)
		check_outputs(job, outputs);
	summary = (struct sori_run_summary){.dictionary = dictionary, .config = job->config,
					    .inputs = (const struct sori_input *const *)job->inputs.inputs,
					    .input_count = job->inputs.count, .identities = &job->identities,
					    .started = job->started, .finished = finished};
	if (status == SORI_OK)
		status = sori_identities_check(&job->identities, error);
	if (status == SORI_OK)
		status = sori_run_json_write(&summary, outputs, error);
	if (status == SORI_OK)
		status = sori_output_set_publish(outputs, error);
	sori_cli_output_names(outputs, job->written, sizeof job->written);
	sori_report_model_free(model);
	sori_output_set_free(outputs);
	return status;
}

/* A dimension may be missing in some dumps, but not in all of them. */
static void tell_missing_dimensions(const struct job *job)
{
	for (int role = SORI_ROLE_DIM1; role < SORI_ROLE_COUNT; role++) {
		bool found = !job->wish.column[role];

		for (size_t i = 0; i < job->inputs.count && !found; i++)
			found = job->inputs.inputs[i]->column[role] != NULL;
		if (!found)
			sori_cli_warn("--dim: no input has a column named '%s'", job->wish.column[role]);
	}
}

static void tell_result(struct job *job)
{
	const struct sori_input_list *inputs = &job->inputs;
	uint64_t read = 0, accepted = 0, rejected = 0, duplicate = 0, replaced = 0, undated = 0, with_input = 0;
	char with[80] = "", line[SORI_IDENTITY_COUNT * 16];
	size_t used = 0;

	sori_cli_tell_inputs(job->cli, inputs);
	tell_missing_dimensions(job);
	for (size_t i = 0; i < inputs->count; i++) {
		const struct sori_input_counts *counts = &inputs->inputs[i]->counts;

		read += counts->read;
		accepted += counts->accepted;
		rejected += counts->rejected;
		duplicate += counts->duplicate;
		replaced += counts->replaced;
		undated += counts->undated;
		with_input += counts->by_reason[SORI_REASON_REFUSED];
	}
	if (with_input)
		(void)snprintf(with, sizeof with, " (%llu of them only because their input is refused)", (unsigned long long)with_input);
	line[0] = '\0';
	for (size_t i = 0; i < SORI_IDENTITY_COUNT; i++) {
		const struct sori_identity *identity = &job->identities.of[i];

		used += (size_t)snprintf(line + used, sizeof line - used, " %s %s", identity->name,
					 !identity->known ? "-" : identity->ok ? "ok" : "VIOLATED");
	}
	sori_cli_note(job->cli, "identities:%s", line);
	sori_cli_note(job->cli, "%llu records read: %llu accepted (%llu of them replacing older ones), %llu duplicates, %llu rejected%s; %llu undated",
		      (unsigned long long)read, (unsigned long long)accepted, (unsigned long long)replaced,
		      (unsigned long long)duplicate, (unsigned long long)rejected, with, (unsigned long long)undated);
	if (job->changed && replaced > 20 && replaced * 100 > accepted)
		sori_cli_warn("%llu records share their id with another of other content, and the later ones count in their place; when "
			      "ids are unique inside one file only, give --id=none or another column",
			      (unsigned long long)replaced);
	if (rejected)
		sori_cli_note(job->cli, "the rejected records: sori quarantine list --out %s", job->out);
	if (!job->changed)
		sori_cli_note(job->cli, "nothing new: every input was counted before");
	sori_cli_note(job->cli, "%s/%s", job->out, job->written);
}

static void close_all(struct job *job, enum sori_status *status, struct sori_error *error)
{
	struct sori_error ignored;
	enum sori_status closed;

	sori_chain_close(&job->chain);
	sori_quarantine_close(job->quarantine);
	closed = sori_store_close(job->store, *status == SORI_OK ? error : &ignored);
	if (*status == SORI_OK)
		*status = closed;
	sori_inputs_release(&job->inputs);
	sori_term_reader_close(&job->terms);
	sori_restate_release(&job->restate);
	sori_dictionary_free(job->dictionary);
	sori_side_files_release(&job->side);
}

static enum sori_status run_run(struct sori_cli *cli, struct sori_error *error)
{
	struct job job = {.cli = cli, .started = sori_cli_now()};
	enum sori_status status = read_options(&job, error);

	(void)clock_gettime(CLOCK_MONOTONIC, &job.began);
	job.runner.stop = sori_cli_stop_flag(); /* from here on a signal ends the run with its exit code */
	job.last_shown = job.began;
	sori_identities_init(&job.identities);
	if (status == SORI_OK)
		status = open_all(&job, error);
	for (size_t i = 0; status == SORI_OK && i < job.inputs.count; i++)
		job.total_bytes += job.inputs.inputs[i]->bytes;
	if (status == SORI_OK && !all_known(&job))
		status = read_all(&job, error);
	/* the evidence before the commit: once the ledger knows an input, nobody reads its bad records again */
	if (status == SORI_OK && job.quarantine)
		status = sori_quarantine_finish(job.quarantine, error);
	if (status == SORI_OK)
		status = sori_store_finish(job.store, &job.identities, &job.changed, error);
	if (status == SORI_OK) {
		status = publish(&job, error);
		if (status != SORI_OK && job.changed)
			sori_cli_warn("the records are in the store, but the outputs are not of this run; run it again once this is mended");
	}
	if (status == SORI_OK) {
		tell_result(&job);
		sori_cli_judge_inputs(cli, &job.inputs);
	}
	close_all(&job, &status, error);
	return status;
}

const struct sori_command sori_command_run = {
	.name = "run",
	.summary = "tonight's job: read dumps, count, report",
	.operands = "DUMP…",
	.examples = "  sori run corpora/dumps\n  sori run /var/feedback --out /srv/sori --store /srv/sori/store.db --lang en\n",
	.details = "Reads files, folders (recursively) and - (standard input), counts every record once, and writes report.html,\n"
		   "report.json.gz, report.xml.gz, counts.csv.gz, sori.prom and run.json. What it guessed about a file is printed with\n"
		   "the option that overrides it. The same input again changes nothing.\n",
	.options = options,
	.reads_input = true,
	.run = run_run,
};
