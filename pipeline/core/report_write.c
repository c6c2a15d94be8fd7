/* Writing all reports of a model, and run.json, which says what one run did. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/encoding.h"
#include "pipeline/core/report.h"

#define RUN_JSON_LIMIT ((size_t)256 * 1024 * 1024)

bool sori_reporter_wanted(const struct sori_reporter *reporter, const struct sori_settings *settings)
{
	return !reporter->optional || !settings || sori_settings_bool(settings, reporter->name, "write");
}

enum sori_status sori_report_write_all(const struct sori_report_model *model, const struct sori_reporter *const *reporters,
				       struct sori_output_set *outputs, const struct sori_settings *settings,
				       struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	for (; *reporters && status == SORI_OK; reporters++)
		status = sori_reporter_wanted(*reporters, settings) ? (*reporters)->write(model, outputs, settings, error)
								    : sori_output_set_drop(outputs, (*reporters)->optional, error);
	return status == SORI_OK ? sori_output_set_finish(outputs, error) : status;
}

/* File names and problems may hold any bytes; what is no UTF-8 becomes U+FFFD. */
static void add_string(struct sori_buffer *json, const char *text)
{
	struct sori_view rest = sori_view_of(text ? text : "");
	struct sori_buffer clean;
	sori_buffer_init(&clean, rest.length * 3 + 1);
	while (rest.length > 0) {
		size_t good = sori_utf8_valid_prefix(rest);
		sori_buffer_add(&clean, rest.at, good);
		rest = sori_view_slice(rest, good, rest.length);
		if (rest.length > 0) {
			sori_buffer_add_text(&clean, "\xef\xbf\xbd");
			rest = sori_view_slice(rest, 1, rest.length);
		}
	}
	if (clean.failed)
		json->failed = true;
	sori_buffer_add_json(json, sori_buffer_view(&clean));
	sori_buffer_release(&clean);
}

static void add_member(struct sori_buffer *json, const char *name, const char *text)
{
	sori_buffer_add_format(json, ",\"%s\":", name);
	add_string(json, text);
}

static void add_number(struct sori_buffer *json, const char *name, uint64_t value)
{
	sori_buffer_add_format(json, ",\"%s\":%" PRIu64, name, value);
}

static void add_columns(struct sori_buffer *json, const struct sori_input *input)
{
	static const char *const roles[SORI_ROLE_COUNT] = {
#define ROLE_OPTION(name, option, ko, en) option,
		SORI_ROLE_LIST(ROLE_OPTION)
#undef ROLE_OPTION
	};
	const char *comma = "";
	sori_buffer_add_text(json, ",\"columns\":{");
	for (size_t r = 0; r < SORI_ROLE_COUNT; r++) {
		if (!input->column[r])
			continue;
		sori_buffer_add_format(json, "%s\"%s\":", comma, roles[r]);
		add_string(json, input->column[r]);
		comma = ",";
	}
	sori_buffer_add_text(json, "}");
}

static void add_reasons(struct sori_buffer *json, const struct sori_input *input)
{
	const char *comma = "";
	sori_buffer_add_text(json, ",\"reasons\":{");
	for (size_t r = SORI_REASON_NONE + 1; r < SORI_REASON_COUNT; r++) {
		if (input->counts.by_reason[r] == 0)
			continue;
		sori_buffer_add_format(json, "%s\"%s\":%" PRIu64, comma, sori_reason_id((enum sori_reason)r),
				       input->counts.by_reason[r]);
		comma = ",";
	}
	sori_buffer_add_text(json, "}");
}

static void add_input(struct sori_buffer *json, const struct sori_input *input)
{
	const struct sori_input_counts *counts = &input->counts;
	char hash[33];
	sori_hash128_text(input->hash, hash);
	sori_buffer_add_text(json, "{\"path\":");
	add_string(json, input->path);
	add_member(json, "source", input->source);
	add_member(json, "hash", hash);
	add_member(json, "format", input->format_name);
	add_member(json, "encoding", sori_encoding_name(input->encoding));
	add_member(json, "compression", input->compression == SORI_COMPRESSION_GZIP ? "gzip" : "none");
	add_number(json, "bytes", input->bytes);
	add_number(json, "seen", counts->seen);
	add_number(json, "header", counts->header);
	add_number(json, "blank", counts->blank);
	add_number(json, "read", counts->read);
	add_number(json, "accepted", counts->accepted);
	add_number(json, "rejected", counts->rejected);
	add_number(json, "duplicate", counts->duplicate);
	add_number(json, "replaced", counts->replaced);
	add_number(json, "undated", counts->undated);
	add_columns(json, input);
	add_reasons(json, input);
	add_member(json, "status", input->refused ? "refused" : input->incomplete ? "incomplete" : "ok");
	add_member(json, "problem", input->problem);
	add_member(json, "warning", input->warning);
	sori_buffer_add_text(json, "}");
}

static void add_time(struct sori_buffer *json, const char *name, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;
	char text[32] = "";
	if (gmtime_r(&when, &parts))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	add_member(json, name, text);
}

/* {"I1":true,…}, so that `all` over it is the verdict; the figures stand beside it. */
static void add_identities(struct sori_buffer *json, const struct sori_identities *identities)
{
	sori_buffer_add_text(json, ",\n\"identities\":{");
	for (size_t i = 0; i < SORI_IDENTITY_COUNT; i++) {
		const struct sori_identity *identity = &identities->of[i];
		sori_buffer_add_format(json, "%s\"%s\":%s", i ? "," : "", identity->name,
				       !identity->known ? "null" : identity->ok ? "true" : "false");
	}
	sori_buffer_add_text(json, "},\n\"identity_details\":{");
	for (size_t i = 0; i < SORI_IDENTITY_COUNT; i++) {
		const struct sori_identity *identity = &identities->of[i];
		sori_buffer_add_format(json, "%s\"%s\":{\"left\":%" PRIu64 ",\"right\":%" PRIu64, i ? "," : "",
				       identity->name, identity->left, identity->right);
		add_member(json, "left_is", identity->left_words);
		add_member(json, "right_is", identity->right_words);
		add_member(json, "detail", identity->detail);
		sori_buffer_add_text(json, "}");
	}
	sori_buffer_add_text(json, "}");
}

static void add_outputs(struct sori_buffer *json, const struct sori_output_set *outputs)
{
	sori_buffer_add_text(json, ",\n\"outputs\":[");
	for (size_t i = 0; sori_output_set_name(outputs, i); i++) {
		sori_buffer_add_text(json, i ? "," : "");
		add_string(json, sori_output_set_name(outputs, i));
	}
	sori_buffer_add_text(json, "]");
}

enum sori_status sori_run_json_write(const struct sori_run_summary *run, struct sori_output_set *outputs,
				     struct sori_error *error)
{
	struct sori_output *output;
	enum sori_status status = sori_output_set_open(outputs, "run.json", false, 0, &output, error);
	if (status != SORI_OK)
		return status;
	struct sori_buffer json;
	sori_buffer_init(&json, RUN_JSON_LIMIT);
	sori_buffer_add_text(&json, "{\"schema\":1");
	add_member(&json, "sori", SORI_VERSION);
	add_member(&json, "dictionary", run->dictionary);
	sori_buffer_add_format(&json, ",\"config\":\"%016" PRIx64 "\",\n\"inputs\":[", run->config);
	for (size_t i = 0; i < run->input_count; i++) {
		sori_buffer_add_text(&json, i ? ",\n" : "\n");
		add_input(&json, run->inputs[i]);
	}
	sori_buffer_add_text(&json, "]");
	add_identities(&json, run->identities);
	add_outputs(&json, outputs);
	add_time(&json, "started", run->started);
	add_time(&json, "finished", run->finished);
	sori_buffer_add_text(&json, "}\n");
	status = json.failed ? sori_fail(error, SORI_SYSTEM, "no memory for run.json")
			     : sori_output_write(output, sori_buffer_view(&json), error);
	sori_buffer_release(&json);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}
