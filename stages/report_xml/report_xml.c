/* report.xml.gz: the model as XML, valid against report.rng beside this file. Names are those of report.json; counts and
 * days are attributes, texts are elements. The text of a verbatim holds its marked words as <mark> elements. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/core/report.h"

#define XML_LIMIT ((size_t)512 * 1024 * 1024)

extern const struct sori_reporter sori_reporter_xml;

/* Escaped; U+FFFE and U+FFFF are no characters of XML 1.0 either (the C0 ones are replaced below). */
static void add_escaped(struct sori_buffer *xml, const char *text, size_t length)
{
	size_t from = 0;
	for (size_t i = 0; i + 2 < length; i++) {
		if (memcmp(text + i, "\xef\xbf\xbe", 3) != 0 && memcmp(text + i, "\xef\xbf\xbf", 3) != 0)
			continue;
		sori_buffer_add_markup(xml, sori_view_make(text + from, i - from));
		sori_buffer_add_text(xml, "\xef\xbf\xbd");
		i += 2;
		from = i + 1;
	}
	sori_buffer_add_markup(xml, sori_view_make(text + from, length - from));
}

static void add_text(struct sori_buffer *xml, const char *name, const char *text)
{
	sori_buffer_add_format(xml, " %s=\"", name);
	add_escaped(xml, text, strlen(text));
	sori_buffer_add_byte(xml, '"');
}

static void add_count(struct sori_buffer *xml, const char *name, uint64_t value)
{
	if (value != SORI_REPORT_UNKNOWN && !sori_is_hidden(value))
		sori_buffer_add_format(xml, " %s=\"%" PRIu64 "\"", name, value);
}

static void add_truth(struct sori_buffer *xml, const char *name, bool value)
{
	sori_buffer_add_format(xml, " %s=\"%s\"", name, value ? "true" : "false");
}

/* Left out when there is none. */
static void add_day(struct sori_buffer *xml, const char *name, sori_day day)
{
	char text[11];
	sori_day_text(day, text);
	if (day != SORI_DAY_NONE)
		sori_buffer_add_format(xml, " %s=\"%s\"", name, text);
}

static void add_opening(struct sori_buffer *xml, const struct sori_report_model *model)
{
	sori_buffer_add_text(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<report xmlns=\"urn:sori:report:1\"");
	add_text(xml, "sori", SORI_VERSION);
	add_day(xml, "as_of", model->as_of);
	add_count(xml, "documents", model->documents);
	add_count(xml, "pain", model->pain);
	add_count(xml, "unclassified", model->none);
	add_count(xml, "undated", model->undated);
	add_count(xml, "distinct_complaints", model->complaints);
	add_count(xml, "pain_distinct_complaints", model->pain_complaints);
	add_count(xml, "customers", model->with_customer ? model->customers : SORI_REPORT_UNKNOWN);
	add_count(xml, "documents_with_customer", model->with_customer);
	sori_buffer_add_text(xml, ">\n<period");
	add_day(xml, "from", model->query.from);
	add_day(xml, "to", model->query.to);
	add_day(xml, "first", model->first);
	add_day(xml, "last", model->last);
	add_truth(xml, "whole", model->whole);
	sori_buffer_add_text(xml, "/>\n");
}

static void add_window(struct sori_buffer *xml, const char *name, sori_day first, sori_day last, uint64_t documents,
		       int days)
{
	sori_buffer_add_format(xml, "<%s", name);
	add_day(xml, "from", first);
	add_day(xml, "to", last);
	add_count(xml, "documents", documents);
	add_count(xml, "days_with_data", (uint64_t)days);
	sori_buffer_add_text(xml, "/>");
}

static void add_comparison(struct sori_buffer *xml, const struct sori_report_windows *windows)
{
	if (windows->days == 0)
		return;
	sori_buffer_add_text(xml, "<comparison");
	add_count(xml, "days", (uint64_t)windows->days);
	add_truth(xml, "comparable", windows->comparable);
	add_truth(xml, "dictionary_changed", windows->dictionary_changed);
	sori_buffer_add_byte(xml, '>');
	add_window(xml, "before", windows->before_first, windows->before_last, windows->before_documents,
		   windows->before_days);
	add_window(xml, "after", windows->after_first, windows->after_last, windows->after_documents, windows->after_days);
	sori_buffer_add_text(xml, "</comparison>\n");
}

static void add_buckets(struct sori_buffer *xml, const struct sori_report_model *model)
{
	sori_buffer_add_text(xml, "<buckets");
	add_text(xml, "unit", sori_bucket_unit_id(model->unit));
	sori_buffer_add_byte(xml, '>');
	for (size_t i = 0; i < model->bucket_count; i++) {
		sori_buffer_add_text(xml, "<bucket");
		add_day(xml, "from", model->buckets[i].first);
		add_day(xml, "to", model->buckets[i].last);
		bool hidden = model->publish_k && model->buckets[i].documents == 0; /* or none: not told apart */
		add_count(xml, "documents", hidden ? SORI_REPORT_UNKNOWN : model->buckets[i].documents);
		sori_buffer_add_text(xml, "/>");
	}
	sori_buffer_add_text(xml, "</buckets>\n<dictionaries>");
	for (size_t i = 0; i < model->dictionary_count; i++) {
		sori_buffer_add_text(xml, "<dictionary");
		add_text(xml, "hash", model->dictionaries[i].hash);
		add_day(xml, "first", model->dictionaries[i].first);
		add_day(xml, "last", model->dictionaries[i].last);
		add_count(xml, "documents", model->dictionaries[i].documents);
		sori_buffer_add_text(xml, "/>");
	}
	sori_buffer_add_text(xml, "</dictionaries>\n");
}

/* The values of every used dimension: of all documents, or of a category (then those it has). */
static void add_dimensions(struct sori_buffer *xml, const struct sori_report_model *model,
			   const struct sori_report_category *category)
{
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++) {
		const struct sori_report_dimension *dimension = &model->dimensions[d];
		if (!dimension->used)
			continue;
		sori_buffer_add_text(xml, "<dimension");
		add_text(xml, "id", dimension->id);
		add_text(xml, "name", dimension->label);
		sori_buffer_add_byte(xml, '>');
		for (size_t v = 0; v < dimension->count; v++) {
			uint64_t documents = category ? category->by[d][v] : dimension->values[v].documents;
			if (documents == 0)
				continue;
			sori_buffer_add_text(xml, "<value");
			add_count(xml, "documents", documents);
			if (category)
				add_count(xml, "denominator", dimension->values[v].documents);
			sori_buffer_add_byte(xml, '>');
			add_escaped(xml, dimension->values[v].text, dimension->values[v].length);
			sori_buffer_add_text(xml, "</value>");
		}
		sori_buffer_add_text(xml, "</dimension>\n");
	}
}

static void add_sample(struct sori_buffer *xml, const struct sori_report_model *model,
		       const struct sori_report_sample *sample)
{
	uint32_t at = 0;
	sori_buffer_add_text(xml, "<verbatim");
	add_day(xml, "day", sample->day);
	if (sample->rating >= 0)
		add_count(xml, "rating", (uint64_t)sample->rating);
	add_text(xml, "place", sample->place);
	for (size_t d = 0; d < SORI_REPORT_DIMENSIONS; d++)
		if (*sample->value[d])
			add_text(xml, model->dimensions[d].id, sample->value[d]);
	sori_buffer_add_byte(xml, '>');
	for (size_t i = 0; i < sample->span_count; i++) {
		add_escaped(xml, sample->text + at, sample->spans[i].start - at);
		sori_buffer_add_text(xml, "<mark>");
		add_escaped(xml, sample->text + sample->spans[i].start, sample->spans[i].end - sample->spans[i].start);
		sori_buffer_add_text(xml, "</mark>");
		at = sample->spans[i].end;
	}
	add_escaped(xml, sample->text + at, sample->length - at);
	sori_buffer_add_text(xml, "</verbatim>\n");
}

static void add_category(struct sori_buffer *xml, const struct sori_report_model *model,
			 const struct sori_report_category *category)
{
	const struct sori_report_change *change = &category->change;
	sori_buffer_add_text(xml, "<category");
	add_text(xml, "id", category->id);
	add_text(xml, "ko", category->ko);
	add_text(xml, "en", category->en);
	add_text(xml, "kind", category->praise ? "praise" : "pain");
	add_text(xml, "owner", category->owner);
	add_count(xml, "severity", (uint64_t)category->severity);
	add_truth(xml, "fallback", category->fallback);
	add_count(xml, "documents", category->documents);
	add_count(xml, "distinct_complaints", category->complaints);
	add_count(xml, "customers", model->with_customer ? category->customers : SORI_REPORT_UNKNOWN);
	sori_buffer_add_text(xml, ">\n<change");
	add_text(xml, "verdict", sori_verdict_id(change->verdict));
	add_count(xml, "before", change->before);
	add_count(xml, "after", change->after);
	if (!isnan(change->difference))
		sori_buffer_add_format(xml, " difference=\"%.9g\" low=\"%.9g\" high=\"%.9g\" excess=\"%.9g\"",
				       change->difference, change->low, change->high, change->excess);
	if (isfinite(change->ratio) && isfinite(change->ratio_low) && isfinite(change->ratio_high))
		sori_buffer_add_format(xml, " ratio=\"%.6g\" ratio_low=\"%.6g\" ratio_high=\"%.6g\"", change->ratio,
				       change->ratio_low, change->ratio_high);
	if (!isnan(change->q))
		sori_buffer_add_format(xml, " q=\"%.6g\"", change->q);
	sori_buffer_add_text(xml, "/>\n<series>");
	for (size_t i = 0; i < model->bucket_count; i++)
		if (sori_is_hidden(category->series[i]))
			sori_buffer_add_text(xml, i ? " hidden" : "hidden");
		else
			sori_buffer_add_format(xml, "%s%" PRIu64, i ? " " : "", category->series[i]);
	sori_buffer_add_text(xml, "</series>\n");
	add_dimensions(xml, model, category);
	for (size_t i = 0; i < category->sample_count; i++)
		add_sample(xml, model, &category->samples[i]);
	sori_buffer_add_text(xml, "</category>\n");
}

static void add_counts(struct sori_buffer *xml, const struct sori_report_input *input)
{
	add_count(xml, "bytes", input->bytes);
	add_count(xml, "seen", input->seen);
	add_count(xml, "header", input->header);
	add_count(xml, "blank", input->blank);
	add_count(xml, "read", input->read);
	add_count(xml, "accepted", input->accepted);
	add_count(xml, "rejected", input->rejected);
	add_count(xml, "duplicate", input->duplicate);
	add_count(xml, "replaced", input->replaced);
	add_count(xml, "undated", input->undated);
}

static void add_inputs(struct sori_buffer *xml, const struct sori_report_model *model)
{
	sori_buffer_add_text(xml, "<inputs>\n");
	for (size_t i = 0; i < model->input_count; i++) {
		const struct sori_report_input *input = &model->inputs[i];
		sori_buffer_add_text(xml, "<input");
		add_counts(xml, input);
		add_text(xml, "path", input->path);
		add_text(xml, "source", input->source);
		add_text(xml, "hash", input->hash);
		add_text(xml, "format", input->format);
		add_text(xml, "encoding", input->encoding);
		add_text(xml, "compression", input->compression);
		add_text(xml, "status", input->status);
		add_text(xml, "problem", input->problem);
		add_text(xml, "warning", input->warning);
		add_text(xml, "columns", input->columns_text);
		add_text(xml, "reasons", input->reasons_text);
		sori_buffer_add_text(xml, "/>\n");
	}
	sori_buffer_add_text(xml, "</inputs>\n<total");
	add_counts(xml, &model->total);
	sori_buffer_add_text(xml, "/>\n<checks");
	add_truth(xml, "rows", model->rows_hold);
	add_truth(xml, "documents", model->documents_hold);
	sori_buffer_add_text(xml, "/>\n</report>\n");
}

static enum sori_status report_xml_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					 const struct sori_settings *settings, struct sori_error *error)
{
	(void)settings;
	struct sori_output *output;
	enum sori_status status = sori_output_set_open(outputs, "report.xml.gz", true, 0, &output, error);
	if (status != SORI_OK)
		return status;
	struct sori_buffer xml;
	sori_buffer_init(&xml, XML_LIMIT);
	add_opening(&xml, model);
	add_comparison(&xml, &model->windows);
	add_buckets(&xml, model);
	sori_buffer_add_text(&xml, "<dimensions>\n");
	add_dimensions(&xml, model, NULL);
	sori_buffer_add_text(&xml, "</dimensions>\n<categories>\n");
	for (size_t c = 0; c < model->category_count; c++)
		add_category(&xml, model, &model->categories[c]);
	sori_buffer_add_text(&xml, "</categories>\n");
	add_inputs(&xml, model);
	status = xml.failed ? sori_fail(error, SORI_SYSTEM, "no memory for report.xml")
			    : sori_output_write(output, sori_buffer_view(&xml), error);
	sori_buffer_release(&xml);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

const struct sori_reporter sori_reporter_xml = {"report_xml", "the report as XML (report.xml.gz)", NULL,
						report_xml_write, NULL};
