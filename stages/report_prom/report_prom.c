/* sori.prom: figures for the text-file collector of Prometheus. They tell of the whole store, whatever the period of the
 * report. Label values are category ids and fixed words, never texts from the data; no time stamps on samples (the
 * collector refuses them); HELP and TYPE once for each name. At most two series a category and some twenty more. */
#include <inttypes.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/core/report.h"

#define SERIES_LIMIT 480 /* categories with series: two each stay under a thousand in all */
#define TEXT_LIMIT ((size_t)4 * 1024 * 1024)

extern const struct sori_reporter sori_reporter_prom;

static void add_name(struct sori_buffer *text, const char *name, const char *type, const char *help)
{
	sori_buffer_add_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_value(struct sori_buffer *text, const char *name, uint64_t value)
{
	sori_buffer_add_format(text, "%s %" PRIu64 "\n", name, value);
}

static void add_single(struct sori_buffer *text, const char *name, const char *type, const char *help, uint64_t value)
{
	add_name(text, name, type, help);
	add_value(text, name, value);
}

/* A label value: backslash, quote and newline escaped. */
static void add_label(struct sori_buffer *text, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n') {
			sori_buffer_add_text(text, "\\n");
			continue;
		}
		if (*value == '\\' || *value == '"')
			sori_buffer_add_byte(text, '\\');
		sori_buffer_add_byte(text, *value);
	}
}

static void add_categories(struct sori_buffer *text, const struct sori_report_model *model, const char *name, bool as_of)
{
	for (size_t c = 0; c < model->category_count && c < SERIES_LIMIT; c++) {
		const struct sori_report_category *category = &model->categories[c];
		if (sori_is_hidden(as_of ? category->as_of : category->ever))
			continue;
		sori_buffer_add_format(text, "%s{category=\"", name);
		add_label(text, category->id);
		sori_buffer_add_format(text, "\",kind=\"%s\"} %" PRIu64 "\n", category->praise ? "praise" : "pain",
				       as_of ? category->as_of : category->ever);
	}
}

static void add_inputs(struct sori_buffer *text, const struct sori_report_model *model)
{
	static const char *const states[] = {"ok", "incomplete", "refused"};
	uint64_t counts[3] = {0};
	for (size_t i = 0; i < model->input_count; i++)
		for (size_t s = 0; s < 3; s++)
			counts[s] += strcmp(model->inputs[i].status, states[s]) == 0;
	add_name(text, "sori_inputs", "gauge", "Input files in the ledger by state.");
	for (size_t s = 0; s < 3; s++)
		sori_buffer_add_format(text, "sori_inputs{status=\"%s\"} %" PRIu64 "\n", states[s], counts[s]);
}

static void add_all(struct sori_buffer *text, const struct sori_report_model *model)
{
	const struct sori_report_input *total = &model->total;
	add_single(text, "sori_documents_total", "counter", "Documents counted.", model->ever);
	add_name(text, "sori_category_documents_total", "counter", "Documents by category and kind (pain or praise).");
	add_categories(text, model, "sori_category_documents_total", false);
	add_name(text, "sori_category_documents_last_day", "gauge", "Documents by category on the as-of day.");
	add_categories(text, model, "sori_category_documents_last_day", true);
	add_single(text, "sori_records_read_total", "counter", "Records read.", total->read);
	add_single(text, "sori_records_accepted_total", "counter", "Records accepted.", total->accepted);
	add_single(text, "sori_records_rejected_total", "counter", "Records rejected, kept in quarantine.", total->rejected);
	add_single(text, "sori_records_duplicate_total", "counter", "Records seen before.", total->duplicate);
	add_single(text, "sori_records_replaced_total", "counter", "Records replaced by a correction.", total->replaced);
	add_single(text, "sori_records_undated_total", "counter", "Records without a usable date.", total->undated);
	add_inputs(text, model);
	if (model->store_last != SORI_DAY_NONE) {
		add_name(text, "sori_last_day_timestamp_seconds", "gauge", "Last dated day, 00:00 UTC.");
		sori_buffer_add_format(text, "sori_last_day_timestamp_seconds %" PRId64 "\n",
				       (int64_t)model->store_last * 86400);
	}
	/* No output but run.json reads the clock, so that equal runs write equal bytes; when the file was written is told by
	 * the collector itself (node_textfile_mtime_seconds). */
	if (model->as_of != SORI_DAY_NONE) {
		add_name(text, "sori_last_success_timestamp_seconds", "gauge",
			 "Day that the last successful run reported up to, 00:00 UTC.");
		sori_buffer_add_format(text, "sori_last_success_timestamp_seconds %" PRId64 "\n", (int64_t)model->as_of * 86400);
	}
}

static enum sori_status report_prom_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					  const struct sori_settings *settings, struct sori_error *error)
{
	(void)settings;
	struct sori_output *output;
	enum sori_status status = sori_output_set_open(outputs, "sori.prom", false, 0, &output, error);
	if (status != SORI_OK)
		return status;
	struct sori_buffer text;
	sori_buffer_init(&text, TEXT_LIMIT);
	add_all(&text, model);
	status = text.failed ? sori_fail(error, SORI_SYSTEM, "no memory for sori.prom")
			     : sori_output_write(output, sori_buffer_view(&text), error);
	sori_buffer_release(&text);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

const struct sori_reporter sori_reporter_prom = {"report_prom", "figures for Prometheus (sori.prom)", NULL,
						 report_prom_write, NULL};
