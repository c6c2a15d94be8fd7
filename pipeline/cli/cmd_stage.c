/* One stage as a filter: JSON lines in, the same objects out with what the stage adds. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/cli/filter.h"

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries, for `stage extract`"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{0},
};

/* The raw object without its closing brace, the stage's members, the brace again. */
static void stage_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	const struct sori_filter *filter = user;
	const struct sori_chain *chain = filter->chain;
	size_t last = chain->count - 2; /* the writer stands behind the stage asked for */
	struct sori_view object = sori_view_trim(record->raw);

	while (object.length && object.at[object.length - 1] != '}')
		object.length--;
	if (object.length)
		object.length--;
	sori_buffer_add_view(out, sori_view_trim(object));
	chain->stages[last]->annotate(chain->shared[last], batch, record, out);
	sori_buffer_add_text(out, "}\n");
}

static enum sori_status stage_run(struct sori_cli *cli, struct sori_error *error)
{
	static const char *const order[] = {"normalize", "redact", "identify", "extract"};
	const char *stages[5] = {NULL}, *standard_input[] = {"-"};
	struct sori_cli inner;
	struct sori_filter filter = {.cli = &inner, .stages = stages, .line = stage_line};
	struct sori_dictionary *dictionary = NULL;
	const struct sori_stage *wanted;
	enum sori_status status;

	if (cli->operand_count == 0)
		return sori_fail(error, SORI_USAGE, "which stage? normalize, redact, identify or extract");
	wanted = sori_stage_find(cli->operands[0]);
	if (!wanted || !wanted->annotate)
		return sori_fail(error, SORI_USAGE, "no stage '%s' that runs as a filter: normalize, redact, identify, extract",
				 cli->operands[0]);
	for (size_t i = 0; i < 4; i++) {
		stages[i] = order[i];
		if (!strcmp(order[i], wanted->name))
			break;
	}
	inner = *cli;
	inner.operands = cli->operand_count > 1 ? cli->operands + 1 : standard_input;
	inner.operand_count = cli->operand_count > 1 ? cli->operand_count - 1 : 1;
	status = sori_cli_wish(cli, &filter.wish, error);
	if (status != SORI_OK)
		return status;
	filter.user = &filter;
	filter.wish.format = "jsonl";
	if (!strcmp(wanted->name, "extract"))
		status = sori_cli_dictionary(cli, &dictionary, error);
	filter.dictionary = dictionary;
	if (status == SORI_OK)
		status = sori_filter_run(&filter, error);
	sori_dictionary_free(dictionary);
	cli->exit_code = inner.exit_code;
	return status;
}

const struct sori_command sori_command_stage = {
	.name = "stage",
	.summary = "one stage as a filter: JSON lines in, the same with its result out",
	.operands = "NAME [DUMP…]",
	.examples = "  sori stage normalize < in.jsonl > out.jsonl\n  sori stage extract in.jsonl\n",
	.options = options,
	.reads_input = true,
	.run = stage_run,
};
