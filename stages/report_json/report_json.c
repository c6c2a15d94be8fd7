/* report.json.gz: the model as data, described by report.schema.json beside this file. Members come in a fixed order,
 * one category a line, so that two reports can be compared with diff. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/core/report.h"
#include "pipeline/core/report_findings.h"

#define JSON_LIMIT ((size_t)512 * 1024 * 1024)

extern const struct sori_reporter sori_reporter_json;

static void add_text(struct sori_buffer *json, const char *name, const char *text)
{
	sori_buffer_add_format(json, ",\"%s\":", name);
	sori_buffer_add_json(json, sori_view_of(text));
}

static void add_count(struct sori_buffer *json, const char *name, uint64_t value)
{
	if (value == SORI_REPORT_UNKNOWN || sori_is_hidden(value))
		sori_buffer_add_format(json, ",\"%s\":null", name);
	else
		sori_buffer_add_format(json, ",\"%s\":%" PRIu64, name, value);
}

static void add_truth(struct sori_buffer *json, const char *name, bool value)
{
	sori_buffer_add_format(json, ",\"%s\":%s", name, value ? "true" : "false");
}

/* The day, null for none; `name` with its leading comma or brace. */
static void add_day(struct sori_buffer *json, const char *name, sori_day day)
{
	char text[11];
	sori_day_text(day, text);
	if (day == SORI_DAY_NONE)
		sori_buffer_add_format(json, "%snull", name);
	else
		sori_buffer_add_format(json, "%s\"%s\"", name, text);
}

static void add_opening(struct sori_buffer *json, const struct sori_report_model *model)
{
	sori_buffer_add_text(json, "{\"schema\":1");
	add_text(json, "sori", SORI_VERSION);
	add_day(json, ",\n\"period\":{\"from\":", model->query.from);
	add_day(json, ",\"to\":", model->query.to);
	add_day(json, ",\"first\":", model->first);
	add_day(json, ",\"last\":", model->last);
	add_truth(json, "whole", model->whole);
	sori_buffer_add_text(json, "}");
	add_day(json, ",\"as_of\":", model->as_of);
	add_count(json, "documents", model->documents);
	add_count(json, "pain", model->pain);
	add_count(json, "unclassified", model->none);
	add_count(json, "undated", model->undated);
	add_count(json, "distinct_complaints", model->complaints);
	add_count(json, "pain_distinct_complaints", model->pain_complaints);
	add_count(json, "customers", model->with_customer ? model->customers : SORI_REPORT_UNKNOWN);
	add_count(json, "documents_with_customer", model->with_customer);
}

static void add_window(struct sori_buffer *json, const char *name, sori_day first, sori_day last, uint64_t documents,
		       int days)
{
	sori_buffer_add_format(json, ",\"%s\":{", name);
	add_day(json, "\"from\":", first);
	add_day(json, ",\"to\":", last);
	add_count(json, "documents", documents);
	sori_buffer_add_format(json, ",\"days_with_data\":%d}", days);
}

static void add_comparison(struct sori_buffer *json, const struct sori_report_windows *windows)
{
	if (windows->days == 0) {
		sori_buffer_add_text(json, ",\n\"comparison\":null");
		return;
	}
	sori_buffer_add_format(json, ",\n\"comparison\":{\"days\":%d", windows->days);
	add_window(json, "before", windows->before_first, windows->before_last, windows->before_documents,
		   windows->before_days);
	add_window(json, "after", windows->after_first, windows->after_last, windows->after_documents,
		   windows->after_days);
	add_truth(json, "comparable", windows->comparable);
	add_truth(json, "dictionary_changed", windows->dictionary_changed);
	sori_buffer_add_text(json, "}");
}

static void add_buckets(struct sori_buffer *json, const struct sori_report_model *model)
{
	add_text(json, "unit", sori_bucket_unit_id(model->unit));
	sori_buffer_add_text(json, ",\n\"buckets\":[");
	for (size_t i = 0; i < model->bucket_count; i++) {
		add_day(json, i ? ",{\"from\":" : "{\"from\":", model->buckets[i].first);
		add_day(json, ",\"to\":", model->buckets[i].last);
		bool hidden = model->publish_k && model->buckets[i].documents == 0; /* or none: not told apart */
		add_count(json, "documents", hidden ? SORI_REPORT_UNKNOWN : model->buckets[i].documents);
		sori_buffer_add_text(json, "}");
	}
	sori_buffer_add_text(json, "]");
}

static void add_dimensions(struct sori_buffer *json, const struct sori_report_model *model)
{
	const char *comma = "";
	sori_buffer_add_text(json, ",\n\"dimensions\":[");
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		const struct sori_report_dimension *dimension = &model->dimensions[d];
		if (!dimension->used)
			continue;
		sori_buffer_add_format(json, "%s\n{\"id\":\"%s\"", comma, dimension->id);
		add_text(json, "name", dimension->label);
		sori_buffer_add_text(json, ",\"values\":[");
		const char *between = "{\"value\":";
		for (size_t v = 0; v < dimension->count; v++) {
			if (dimension->values[v].documents == 0)
				continue;
			sori_buffer_add_text(json, between);
			sori_buffer_add_json(json, sori_view_of(dimension->values[v].text));
			add_count(json, "documents", dimension->values[v].documents);
			sori_buffer_add_text(json, "}");
			between = ",{\"value\":";
		}
		sori_buffer_add_text(json, "]}");
		comma = ",";
	}
	sori_buffer_add_text(json, "]");
}

static void add_dictionaries(struct sori_buffer *json, const struct sori_report_model *model)
{
	sori_buffer_add_text(json, ",\n\"dictionaries\":[");
	for (size_t i = 0; i < model->dictionary_count; i++) {
		const struct sori_report_dictionary *dictionary = &model->dictionaries[i];
		sori_buffer_add_text(json, i ? ",{\"hash\":" : "{\"hash\":");
		sori_buffer_add_json(json, sori_view_of(dictionary->hash));
		add_day(json, ",\"first\":", dictionary->first);
		add_day(json, ",\"last\":", dictionary->last);
		add_count(json, "documents", dictionary->documents);
		sori_buffer_add_text(json, "}");
	}
	sori_buffer_add_text(json, "]");
}

static void add_change(struct sori_buffer *json, const struct sori_report_change *change)
{
	sori_buffer_add_format(json, ",\"change\":{\"verdict\":\"%s\"", sori_verdict_id(change->verdict));
	add_count(json, "before", change->before);
	add_count(json, "after", change->after);
	if (!isnan(change->difference))
		sori_buffer_add_format(json, ",\"difference\":%.9g,\"low\":%.9g,\"high\":%.9g,\"excess\":%.9g",
				       change->difference, change->low, change->high, change->excess);
	if (isfinite(change->ratio) && isfinite(change->ratio_low) && isfinite(change->ratio_high))
		sori_buffer_add_format(json, ",\"ratio\":%.6g,\"ratio_low\":%.6g,\"ratio_high\":%.6g", change->ratio,
				       change->ratio_low, change->ratio_high);
	if (!isnan(change->q))
		sori_buffer_add_format(json, ",\"q\":%.6g", change->q);
	sori_buffer_add_text(json, "}");
}

static void add_breakdowns(struct sori_buffer *json, const struct sori_report_model *model,
			   const struct sori_report_category *category)
{
	const char *comma = "";
	sori_buffer_add_text(json, ",\"by\":{");
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		const struct sori_report_dimension *dimension = &model->dimensions[d];
		if (!dimension->used)
			continue;
		sori_buffer_add_format(json, "%s\"%s\":[", comma, dimension->id);
		comma = ",";
		const char *between = "{\"value\":";
		for (size_t v = 0; v < dimension->count; v++) {
			if (category->by[d][v] == 0)
				continue;
			sori_buffer_add_text(json, between);
			sori_buffer_add_json(json, sori_view_of(dimension->values[v].text));
			add_count(json, "documents", category->by[d][v]);
			add_count(json, "denominator", dimension->values[v].documents);
			sori_buffer_add_text(json, "}");
			between = ",{\"value\":";
		}
		sori_buffer_add_text(json, "]");
	}
	sori_buffer_add_text(json, "}");
}

static void add_sample(struct sori_buffer *json, const struct sori_report_model *model,
		       const struct sori_report_sample *sample)
{
	add_day(json, "{\"day\":", sample->day);
	if (sample->rating >= 0)
		sori_buffer_add_format(json, ",\"rating\":%d", sample->rating);
	sori_buffer_add_format(json, ",\"group\":%zu", sample->group);
	add_text(json, "place", sample->place);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		if (*sample->value[d])
			add_text(json, model->dimensions[d].id, sample->value[d]);
	sori_buffer_add_text(json, ",\"text\":");
	sori_buffer_add_json(json, sori_view_make(sample->text, sample->length));
	sori_buffer_add_text(json, ",\"spans\":[");
	for (size_t i = 0; i < sample->span_count; i++)
		sori_buffer_add_format(json, "%s[%" PRIu32 ",%" PRIu32 "]", i ? "," : "", sample->spans[i].start,
				       sample->spans[i].end);
	sori_buffer_add_text(json, "]}");
}

static void add_category(struct sori_buffer *json, const struct sori_report_model *model,
			 const struct sori_report_category *category)
{
	sori_buffer_add_text(json, "{\"id\":");
	sori_buffer_add_json(json, sori_view_of(category->id));
	add_text(json, "ko", category->ko);
	add_text(json, "en", category->en);
	add_text(json, "kind", category->praise ? "praise" : "pain");
	add_text(json, "owner", category->owner);
	sori_buffer_add_format(json, ",\"severity\":%d", category->severity);
	add_truth(json, "fallback", category->fallback);
	add_count(json, "documents", category->documents);
	add_count(json, "distinct_complaints", category->complaints);
	add_count(json, "customers", model->with_customer ? category->customers : SORI_REPORT_UNKNOWN);
	add_change(json, &category->change);
	sori_buffer_add_text(json, ",\"series\":[");
	for (size_t i = 0; i < model->bucket_count; i++)
		if (sori_is_hidden(category->series[i]))
			sori_buffer_add_text(json, i ? ",null" : "null");
		else
			sori_buffer_add_format(json, "%s%" PRIu64, i ? "," : "", category->series[i]);
	sori_buffer_add_text(json, "]");
	add_breakdowns(json, model, category);
	sori_buffer_add_text(json, ",\"evidence\":[");
	for (size_t i = 0; i < category->sample_count; i++) {
		sori_buffer_add_text(json, i ? "," : "");
		add_sample(json, model, &category->samples[i]);
	}
	sori_buffer_add_text(json, "]}");
}

static void add_counts(struct sori_buffer *json, const struct sori_report_input *input)
{
	sori_buffer_add_format(json, "\"bytes\":%" PRIu64, input->bytes);
	add_count(json, "seen", input->seen);
	add_count(json, "header", input->header);
	add_count(json, "blank", input->blank);
	add_count(json, "read", input->read);
	add_count(json, "accepted", input->accepted);
	add_count(json, "rejected", input->rejected);
	add_count(json, "duplicate", input->duplicate);
	add_count(json, "replaced", input->replaced);
	add_count(json, "undated", input->undated);
}

static void add_inputs(struct sori_buffer *json, const struct sori_report_model *model)
{
	sori_buffer_add_text(json, ",\n\"inputs\":[");
	for (size_t i = 0; i < model->input_count; i++) {
		const struct sori_report_input *input = &model->inputs[i];
		sori_buffer_add_text(json, i ? ",\n{" : "\n{");
		add_counts(json, input);
		add_text(json, "path", input->path);
		add_text(json, "source", input->source);
		add_text(json, "hash", input->hash);
		add_text(json, "format", input->format);
		add_text(json, "encoding", input->encoding);
		add_text(json, "compression", input->compression);
		add_text(json, "status", input->status);
		add_text(json, "problem", input->problem);
		add_text(json, "warning", input->warning);
		add_text(json, "columns", input->columns_text);
		add_text(json, "reasons", input->reasons_text);
		sori_buffer_add_text(json, "}");
	}
	sori_buffer_add_text(json, "],\n\"total\":{");
	add_counts(json, &model->total);
	sori_buffer_add_format(json, "},\"checks\":{\"rows\":%s,\"documents\":%s}}\n", model->rows_hold ? "true" : "false",
			       model->documents_hold ? "true" : "false");
}

static void add_figure(struct sori_buffer *json, const char *name, double value)
{
	if (isfinite(value))
		sori_buffer_add_format(json, ",\"%s\":%.6g", name, value);
	else
		sori_buffer_add_format(json, ",\"%s\":null", name);
}

static void add_alert(struct sori_buffer *json, const struct sori_alert *row)
{
	static const char *const levels[] = {"volume", "group", "category"};
	static const char *const words[] = {"no-data", "dictionary-changed", "holiday", "too-little-data", "no-fit", "quiet", "watch", "alert"};
	sori_buffer_add_format(json, "{\"level\":\"%s\",\"id\":", levels[row->level]);
	sori_buffer_add_json(json, row->category ? sori_view_make(row->category->id, row->id_length) : sori_view_of("*"));
	add_text(json, "verdict", words[row->word]);
	add_figure(json, "observed", row->observed);
	add_figure(json, "expected", row->expected);
	add_figure(json, "lower", row->lower);
	add_figure(json, "upper", row->upper);
	add_figure(json, "p", row->p);
	add_figure(json, "q", row->q);
	add_figure(json, "distinct_complaints", row->complaints);
	add_truth(json, "copies", row->copies);
	sori_buffer_add_text(json, "}");
}

/* As `sori alerts` gives them; null without a dated document. */
static void add_alerts(struct sori_buffer *json, const struct sori_alerts_result *alerts)
{
	static const char *const tiers[] = {"none", "provisional", "nightly", "weekly"};
	if (alerts->row_count == 0) {
		sori_buffer_add_text(json, ",\n\"alerts\":null");
		return;
	}
	sori_buffer_add_format(json, ",\n\"alerts\":{\"tier\":\"%s\",\"history\":%zu,\"rows\":[", tiers[alerts->tier], alerts->history);
	for (size_t i = 0; i < alerts->row_count; i++) {
		sori_buffer_add_text(json, i ? ",\n" : "\n");
		add_alert(json, &alerts->rows[i]);
	}
	sori_buffer_add_text(json, "]}");
}

static enum sori_status report_json_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					  const struct sori_settings *settings, struct sori_error *error)
{
	(void)settings;
	struct sori_output *output;
	enum sori_status status = sori_output_set_open(outputs, "report.json.gz", true, 0, &output, error);
	if (status != SORI_OK)
		return status;
	struct sori_buffer json;
	sori_buffer_init(&json, JSON_LIMIT);
	add_opening(&json, model);
	add_comparison(&json, &model->windows);
	add_alerts(&json, &model->findings->alerts);
	add_buckets(&json, model);
	add_dimensions(&json, model);
	add_dictionaries(&json, model);
	sori_buffer_add_text(&json, ",\n\"categories\":[");
	for (size_t c = 0; c < model->category_count; c++) {
		sori_buffer_add_text(&json, c ? ",\n" : "\n");
		add_category(&json, model, &model->categories[c]);
	}
	sori_buffer_add_text(&json, "]");
	add_inputs(&json, model);
	status = json.failed ? sori_fail(error, SORI_SYSTEM, "no memory for report.json")
			     : sori_output_write(output, sori_buffer_view(&json), error);
	sori_buffer_release(&json);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

const struct sori_reporter sori_reporter_json = {"report_json", "the report as data (report.json.gz)", NULL,
						 report_json_write, NULL};
