/* The writing stage: lines are made in `run`, in parallel, and printed in `deliver`, in order. */
#include "pipeline/cli/filter.h"

#include <assert.h>

#define TOLD_LIMIT 20

struct writer {
	struct sori_filter *filter;
	uint64_t rejected;
};

/* A chain's hooks get `shared` from open(context); the command's writer is handed over by this one pointer. */
struct writer_context {
	struct sori_context context;
	struct writer *writer;
};

static enum sori_status writer_open(void **shared, struct sori_context *context, struct sori_error *error)
{
	(void)error;
	*shared = ((struct writer_context *)(void *)context)->writer;
	return SORI_OK;
}

static enum sori_status writer_run(void *shared, void *local, struct sori_batch *batch, struct sori_error *error)
{
	const struct sori_filter *filter = ((struct writer *)shared)->filter;

	(void)local;
	for (size_t i = 0; i < batch->count; i++)
		if (batch->records[i].reason == SORI_REASON_NONE)
			filter->line(filter->user, batch, &batch->records[i], &batch->output);
	return batch->output.failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : SORI_OK;
}

static void tell_rejected(const struct sori_batch *batch, const struct sori_record *record)
{
	sori_cli_warn("%s:%llu: record %llu at byte %llu rejected: %s", batch->input->path, (unsigned long long)record->line,
		      (unsigned long long)record->number, (unsigned long long)record->byte,
		      sori_reason_id((enum sori_reason)record->reason));
}

static enum sori_status writer_deliver(void *shared, struct sori_batch *batch, struct sori_error *error)
{
	struct writer *writer = shared;

	for (size_t i = 0; batch->rejected && i < batch->count; i++) {
		if (batch->records[i].reason == SORI_REASON_NONE)
			continue;
		if (writer->rejected++ < TOLD_LIMIT && !writer->filter->repeated)
			tell_rejected(batch, &batch->records[i]);
	}
	if (writer->filter->sink)
		return writer->filter->sink(writer->filter->user, sori_buffer_view(&batch->output), error);
	return sori_cli_print(sori_buffer_view(&batch->output), error);
}

static const struct sori_stage writer_stage = {
	.name = "write_lines",
	.summary = "prints a line per record",
	.phase = SORI_PHASE_WRITE,
	.open = writer_open,
	.run = writer_run,
	.deliver = writer_deliver,
};

static enum sori_status run_chain(struct sori_filter *filter, struct writer *writer, struct sori_input_list *inputs,
				  struct sori_error *error)
{
	struct sori_chain chain;
	struct writer_context context = {.context = {.settings = filter->cli->settings, .dictionary = filter->dictionary,
						     .catalog = filter->dictionary ? &filter->dictionary->catalog : NULL},
					 .writer = writer};
	struct sori_runner_options options = {.max_reject = 1.0, .stop = sori_cli_stop_flag()};
	enum sori_status status = sori_cli_threads(filter->cli, &options.threads, error);

	context.context.threads = options.threads;
	if (status == SORI_OK)
		status = sori_chain_build(&chain, filter->stages, error);
	if (status == SORI_OK)
		status = sori_chain_add(&chain, &writer_stage, error);
	if (status == SORI_OK)
		status = sori_chain_open(&chain, &context.context, error);
	if (status != SORI_OK)
		return status;
	filter->chain = &chain;
	status = sori_runner_run(&chain, inputs->inputs, inputs->count, &filter->wish, &options, error);
	if (status == SORI_OK)
		status = sori_chain_finish(&chain, error);
	sori_chain_close(&chain);
	filter->chain = NULL;
	return status;
}

enum sori_status sori_filter_run(struct sori_filter *filter, struct sori_error *error)
{
	struct sori_input_list inputs = {.count = 0};
	struct writer writer = {.filter = filter};
	enum sori_status status = sori_cli_inputs(filter->cli, &filter->wish, &inputs, error);

	if (status == SORI_OK)
		status = run_chain(filter, &writer, &inputs, error);
	if (status == SORI_OK) {
		for (size_t i = 0; i < inputs.count && !filter->repeated; i++) {
			if (inputs.inputs[i]->warning[0])
				sori_cli_warn("%s: %s", inputs.inputs[i]->path, inputs.inputs[i]->warning);
			if (inputs.inputs[i]->problem[0])
				sori_cli_warn("%s: %s", inputs.inputs[i]->path, inputs.inputs[i]->problem);
		}
		if (writer.rejected > TOLD_LIMIT && !filter->repeated)
			sori_cli_warn("and %llu more rejected records", (unsigned long long)(writer.rejected - TOLD_LIMIT));
		sori_cli_judge_inputs(filter->cli, &inputs);
		if (writer.rejected)
			filter->cli->exit_code = sori_status_exit_code(SORI_DATA);
	}
	sori_inputs_release(&inputs);
	return status;
}
