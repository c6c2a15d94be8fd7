/* What sori takes a file for, without reading it as feedback. */
#include "pipeline/cli/load.h"

static const struct sori_cli_option options[] = {{0}};

static enum sori_status sniff_one(struct sori_cli *cli, struct sori_input *input, const struct sori_input_wish *wish,
				  struct sori_error *error)
{
	struct sori_source *source;
	struct sori_fact facts[SORI_FACT_LIMIT];
	enum sori_status status = sori_source_open(&source, input, wish, sori_stages, 0, error);
	size_t count;

	if (status != SORI_OK)
		return status;
	(void)printf("%s%s\n", input->path, input->compression == SORI_COMPRESSION_GZIP ? "  (gzip)" : "");
	count = sori_input_facts(input, facts);
	for (size_t i = 0; i < count; i++)
		(void)printf("  %-12s %-24s %s%s\n", facts[i].what, facts[i].value && facts[i].value[0] ? facts[i].value : "-",
			     facts[i].option, facts[i].given ? "  (given)" : "");
	if (input->warning[0])
		(void)printf("  warning: %s\n", input->warning);
	if (input->problem[0]) {
		(void)printf("  problem: %s\n", input->problem);
		cli->exit_code = sori_status_exit_code(SORI_DATA);
	}
	return sori_source_close(source, error);
}

static enum sori_status sniff_run(struct sori_cli *cli, struct sori_error *error)
{
	struct sori_input_list inputs = {.count = 0};
	struct sori_input_wish wish;
	enum sori_status status = sori_cli_wish(cli, &wish, error);

	if (status == SORI_OK)
		status = sori_cli_inputs(cli, &wish, &inputs, error);
	for (size_t i = 0; status == SORI_OK && i < inputs.count; i++)
		status = sniff_one(cli, inputs.inputs[i], &wish, error);
	sori_inputs_release(&inputs);
	return status;
}

const struct sori_command sori_command_sniff = {
	.name = "sniff",
	.summary = "format, encoding, columns and dates of a file, with the options that override the guesses",
	.operands = "FILE…",
	.examples = "  sori sniff corpora/dumps/callcentre/voc-cp949.csv\n  sori sniff --text=note export.csv\n",
	.options = options,
	.reads_input = true,
	.run = sniff_run,
};
