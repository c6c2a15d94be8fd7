/* One JSON line per record: categories and hits, as DESIGN section 9 fixes it. */
#include "pipeline/cli/filter.h"
#include "stages/extract/extract.h"

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{0},
};

static void extract_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	sori_extract_write_line(user, batch, record, sori_view_of(batch->input->path), out);
}

static enum sori_status extract_run(struct sori_cli *cli, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", NULL};
	struct sori_filter filter = {.cli = cli, .stages = stages, .line = extract_line};
	struct sori_dictionary *dictionary = NULL;
	enum sori_status status = sori_cli_wish(cli, &filter.wish, error);

	if (status == SORI_OK)
		status = sori_cli_dictionary(cli, &dictionary, error);
	filter.dictionary = dictionary;
	filter.user = dictionary;
	if (status == SORI_OK)
		status = sori_filter_run(&filter, error);
	sori_dictionary_free(dictionary);
	return status;
}

const struct sori_command sori_command_extract = {
	.name = "extract",
	.summary = "categories and hits of every record, as JSON lines",
	.operands = "DUMP…",
	.examples = "  sori extract corpora/dumps/app/reviews.json\n  sori extract --text=note export.csv | jq -c '[.id, .categories]'\n",
	.details = "One line per input record, in input order, also when nothing matched; no deduplication. start and end are bytes of\n"
		   "the text field's UTF-8 value; a hit that does not count (negated, asked …) says so.\n",
	.options = options,
	.reads_input = true,
	.run = extract_run,
};
