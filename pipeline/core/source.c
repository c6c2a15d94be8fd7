/* Opening one input: every SOURCE stage is asked how well the sample fits, the best one reads. Ties go to the stage that
 * stands first in the registry. */
#include "pipeline/core/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/bytes.h"
#include "pipeline/core/encoding.h"

struct sori_source {
	struct sori_input *input;
	struct sori_bytes *bytes;
	const struct sori_reader *reader; /* NULL: nothing to read */
	void *state;
};

static void refuse(struct sori_input *input, const char *why)
{
	input->refused = true;
	if (why != input->problem) /* damage has its own words already */
		snprintf(input->problem, sizeof input->problem, "%s", why);
}

static bool names_format(const struct sori_reader *reader, const char *format)
{
	size_t length = strlen(format);
	for (const char *at = reader->formats; at && (at = strstr(at, format)); at += length)
		if ((at == reader->formats || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
			return length > 0;
	return false;
}

static const struct sori_stage *choose(const struct sori_stage *const *registry, const char *wish,
				       const struct sori_sample *sample, bool *memory)
{
	const struct sori_stage *best = NULL;
	int best_fit = 0;
	for (; *registry; registry++) {
		const struct sori_reader *reader = (*registry)->reader;
		if (!reader)
			continue;
		if (wish && names_format(reader, wish))
			return *registry;
		int fit = wish ? 0 : reader->probe(sample);
		*memory = *memory || fit < 0;
		if (fit > best_fit) {
			best_fit = fit;
			best = *registry;
		}
	}
	return best;
}

static bool is_blank(struct sori_view text)
{
	return sori_view_trim(text).length == 0;
}

static enum sori_status decide_encoding(struct sori_source *source, const struct sori_input_wish *wish,
					struct sori_sample *sample, struct sori_error *error)
{
	struct sori_input *input = source->input;
	char problem[256];
	enum sori_encoding encoding;
	if (wish->encoding) {
		encoding = sori_encoding_named(wish->encoding);
		if (encoding == SORI_ENCODING_UNKNOWN)
			return sori_fail(error, SORI_USAGE, "encoding '%s' is not one of utf-8, cp949, utf-16le, utf-16be",
					 wish->encoding);
	} else {
		encoding = sori_encoding_guess(sample->bytes, sample->whole, problem);
	}
	if (encoding == SORI_ENCODING_UNKNOWN) {
		refuse(input, problem);
		return SORI_OK;
	}
	return sori_bytes_set_encoding(source->bytes, encoding, sample, error);
}

bool sori_zone_parse(const char *text, int *minutes)
{
	unsigned hours = 0, rest = 0;
	char sign, *end;
	long number;
	int used = 0;
	*minutes = 540;
	if (!text || strcmp(text, "Asia/Seoul") == 0)
		return true;
	*minutes = 0;
	if (strcmp(text, "Z") == 0 || strcmp(text, "UTC") == 0)
		return true;
	if (sscanf(text, "%1[+-]%2u:%2u%n", (char[2]){0}, &hours, &rest, &used) == 3 && text[used] == '\0') {
		sign = text[0];
		number = (long)(hours * 60 + rest) * (sign == '-' ? -1 : 1);
	} else {
		number = strtol(text, &end, 10);
		if (end == text || *end)
			return false;
	}
	if (number < -840 || number > 840 || rest > 59)
		return false;
	*minutes = (int)number;
	return true;
}

static enum sori_status begin(struct sori_source *source, const struct sori_input_wish *wish,
			      const struct sori_stage *const *registry, struct sori_sample *sample, struct sori_error *error)
{
	struct sori_input *input = source->input;
	enum sori_status status = decide_encoding(source, wish, sample, error);
	if (status != SORI_OK || input->refused)
		return status;
	bool memory = false;
	const struct sori_stage *stage = choose(registry, wish->format, sample, &memory);
	if (memory)
		return sori_fail(error, SORI_SYSTEM, "%s: out of memory", input->path);
	if (!stage && wish->format)
		return sori_fail(error, SORI_USAGE, "format '%s' is not known", wish->format);
	if (sample->whole && is_blank(sample->bytes) && !input->incomplete) {
		snprintf(input->warning, sizeof input->warning, "the file is empty");
		input->format_name = "empty";
		input->counts.framing_bytes += sample->bytes.length;
		input->counts.decoded_bytes += sample->bytes.length;
		return SORI_OK;
	}
	if (!stage) {
		refuse(input, sample->bytes.length ? "no known format: give --format"
						   : (input->problem[0] ? input->problem : "nothing could be read"));
		return SORI_OK;
	}
	input->format = stage;
	status = stage->reader->begin(&source->state, input, wish, sample, source->bytes, error);
	if (status == SORI_OK)
		source->reader = stage->reader;
	return status;
}

enum sori_status sori_source_open(struct sori_source **result, struct sori_input *input, const struct sori_input_wish *wish,
				  const struct sori_stage *const *registry, size_t read_size, struct sori_error *error)
{
	*result = NULL;
	struct sori_source *source = sori_alloc_zero(1, sizeof *source);
	if (!source)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	source->input = input;
	if (input->refused) { /* already by whoever looked for it: there is nothing to open */
		*result = source;
		return SORI_OK;
	}
	if (!sori_zone_parse(wish->time_zone, &input->zone_minutes)) {
		sori_source_close(source, NULL);
		return sori_fail(error, SORI_USAGE, "time zone '%s' is not known: minutes east of UTC, or +09:00", wish->time_zone);
	}
	struct sori_sample sample = {0};
	enum sori_status status = sori_bytes_open(&source->bytes, input, read_size, &sample, error);
	if (status == SORI_OK)
		status = begin(source, wish, registry, &sample, error);
	if (status != SORI_OK) {
		sori_source_close(source, NULL);
		return status;
	}
	*result = source;
	return SORI_OK;
}

enum sori_status sori_source_pull(struct sori_source *source, struct sori_batch *batch, struct sori_error *error)
{
	batch->input = source->input;
	if (!source->reader || source->input->refused)
		return SORI_END;
	return source->reader->pull(source->state, batch, error);
}

enum sori_status sori_source_decode(const struct sori_source *source, struct sori_batch *batch, struct sori_error *error)
{
	return source->reader ? source->reader->decode(source->state, batch, error) : SORI_OK;
}

enum sori_status sori_source_close(struct sori_source *source, struct sori_error *error)
{
	if (!source)
		return SORI_OK;
	if (source->reader)
		source->reader->end(source->state);
	enum sori_status status = sori_bytes_close(source->bytes, error);
	sori_free(source);
	return status;
}

size_t sori_input_facts(const struct sori_input *input, struct sori_fact facts[SORI_FACT_LIMIT])
{
	static const char *const roles[][2] = {
#define SORI_ROLE_FACT(name, option, ko, en) {option, "--" option},
		SORI_ROLE_LIST(SORI_ROLE_FACT)
#undef SORI_ROLE_FACT
	};
	size_t count = 0;
	facts[count++] = (struct sori_fact){"encoding", sori_encoding_name(input->encoding), "--encoding", false};
	facts[count++] = (struct sori_fact){"format", input->format_name ? input->format_name : "", "--format", false};
	const char *style = input->date_pattern ? input->date_pattern : sori_date_style_name(input->date_style);
	facts[count++] = (struct sori_fact){"date form", style, "--date-format", input->date_pattern != NULL};
	for (int role = 0; role < SORI_ROLE_COUNT; role++) {
		if (role >= SORI_ROLE_DIM1 && !input->column[role])
			continue;
		facts[count++] = (struct sori_fact){roles[role][0], input->column[role] ? input->column[role] : "",
						    role >= SORI_ROLE_DIM1 ? "--dim" : roles[role][1], input->column_given[role]};
	}
	return count;
}
