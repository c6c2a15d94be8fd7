/* Threads over batches. Two locks: `pull` serialises the source (cutting records is a few percent of the work), `state`
 * guards slots, turn and failure. A slot is a batch and the source it came from; there are a few more slots than
 * threads, so that a thread whose batch must wait for its turn goes on with another. Whoever finishes the batch whose
 * turn it is delivers it and every finished one behind it. */
#include "pipeline/core/runner.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/source.h"

#define REJECT_MINIMUM 20 /* an input is never refused for this many bad records or fewer */

struct open_source {
	struct sori_source *source;
	struct sori_input *input;
	size_t in_flight; /* batches pulled and not yet delivered */
	bool ended;
};

enum slot_state { SLOT_FREE, SLOT_WORKING, SLOT_DONE };

struct slot {
	struct sori_batch *batch;
	struct open_source *origin;
	enum slot_state state;
};

struct runner {
	struct sori_chain *chain;
	struct sori_input *const *inputs;
	size_t input_count;
	const struct sori_input_wish *wish;
	const struct sori_runner_options *options;

	pthread_mutex_t pull; /* guards next_input, current, next_sequence */
	size_t next_input;
	struct open_source *current;
	uint64_t next_sequence;

	pthread_mutex_t state; /* guards all below and every open_source's fields */
	pthread_cond_t slot_freed;
	struct slot *slots;
	size_t slot_count;
	uint64_t next_delivery;
	bool delivering;
	bool failed;
	enum sori_status status;
	struct sori_error error;
	struct sori_progress progress;
};

struct worker {
	struct runner *runner;
	pthread_t thread;
	void *locals[SORI_CHAIN_LIMIT];
};

static void fail(struct runner *runner, enum sori_status status, const struct sori_error *error)
{
	pthread_mutex_lock(&runner->state);
	if (!runner->failed) {
		runner->failed = true;
		runner->status = status;
		runner->error = *error;
		runner->error.status = status;
	}
	pthread_cond_broadcast(&runner->slot_freed);
	pthread_mutex_unlock(&runner->state);
}

/* The input's verdict, once all of its records are known. */
static void judge(const struct runner *runner, struct sori_input *input)
{
	struct sori_input_counts *counts = &input->counts;

	counts->accepted = counts->read - counts->rejected;
	if (!input->refused && counts->rejected > REJECT_MINIMUM &&
	    (double)counts->rejected > runner->options->max_reject * (double)counts->read) {
		input->refused = true;
		(void)snprintf(input->problem, sizeof input->problem,
			       "%llu of %llu records are bad, more than --max-reject allows: all %llu are rejected",
			       (unsigned long long)counts->rejected, (unsigned long long)counts->read,
			       (unsigned long long)counts->read);
	}
}

static enum sori_status close_source(struct runner *runner, struct open_source *origin, struct sori_error *error)
{
	enum sori_status status = sori_source_close(origin->source, error);

	judge(runner, origin->input);
	sori_free(origin);
	return status;
}

/* One file that cannot be opened must not cost the night the others: it is refused, and its status becomes the exit code. */
static bool refuse_unreadable(struct sori_input *input, enum sori_status status, const struct sori_error *error)
{
	if (status != SORI_PERMISSION && status != SORI_NO_INPUT && status != SORI_IO)
		return false;
	size_t path = strlen(input->path);
	bool named = strncmp(error->text, input->path, path) == 0 && strncmp(error->text + path, ": ", 2) == 0;

	input->refused = true;
	input->failure = status;
	(void)snprintf(input->problem, sizeof input->problem, "%.*s", (int)sizeof input->problem - 1,
		       error->text + (named ? path + 2 : 0));
	return true;
}

/* Under `pull`: the next input that yields records becomes current; END when there is none. */
static enum sori_status next_source(struct runner *runner, struct sori_error *error)
{
	while (runner->next_input < runner->input_count) {
		struct sori_input *input = runner->inputs[runner->next_input++];
		struct open_source *origin;
		enum sori_status status;

		if (input->refused || input->known)
			continue;
		origin = sori_alloc_zero(1, sizeof *origin);
		if (!origin)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		origin->input = input;
		status = sori_source_open(&origin->source, input, runner->wish, sori_stages, runner->options->read_size, error);
		if (status != SORI_OK)
			sori_free(origin);
		if (refuse_unreadable(input, status, error))
			continue;
		if (status != SORI_OK)
			return status;
		runner->current = origin;
		return SORI_OK;
	}
	return SORI_END;
}

/* Under `pull`: the current source has no more records. */
static enum sori_status end_current(struct runner *runner, struct sori_error *error)
{
	struct open_source *origin = runner->current;
	bool last;

	runner->current = NULL;
	pthread_mutex_lock(&runner->state);
	origin->ended = true;
	last = origin->in_flight == 0;
	pthread_mutex_unlock(&runner->state);
	return last ? close_source(runner, origin, error) : SORI_OK;
}

static enum sori_status pull_locked(struct runner *runner, struct slot *slot, struct sori_error *error)
{
	for (;;) {
		enum sori_status status = runner->current ? SORI_OK : next_source(runner, error);

		if (status != SORI_OK)
			return status;
		sori_batch_reset(slot->batch);
		slot->batch->record_limit = runner->options->batch_records;
		slot->batch->input = runner->current->input;
		status = sori_source_pull(runner->current->source, slot->batch, error);
		if (status == SORI_OK && slot->batch->count > 0)
			break;
		if (status != SORI_END && status != SORI_OK)
			return status;
		if (status == SORI_END) {
			status = end_current(runner, error);
			if (status != SORI_OK)
				return status;
		}
	}
	slot->origin = runner->current;
	slot->batch->sequence = runner->next_sequence++;
	pthread_mutex_lock(&runner->state);
	slot->origin->in_flight++;
	pthread_mutex_unlock(&runner->state);
	return SORI_OK;
}

static enum sori_status pull(struct runner *runner, struct slot *slot, struct sori_error *error)
{
	enum sori_status status;

	pthread_mutex_lock(&runner->pull);
	if (runner->options->stop && *runner->options->stop)
		status = sori_fail(error, SORI_BUSY, "stopped by a signal; nothing was published");
	else
		status = pull_locked(runner, slot, error);
	pthread_mutex_unlock(&runner->pull);
	return status;
}

static struct slot *take_slot(struct runner *runner)
{
	struct slot *found = NULL;

	pthread_mutex_lock(&runner->state);
	while (!runner->failed && !found) {
		for (size_t i = 0; i < runner->slot_count && !found; i++)
			if (runner->slots[i].state == SLOT_FREE)
				found = &runner->slots[i];
		if (!found)
			pthread_cond_wait(&runner->slot_freed, &runner->state);
	}
	if (found)
		found->state = SLOT_WORKING;
	pthread_mutex_unlock(&runner->state);
	return found;
}

static enum sori_status deliver_one(struct runner *runner, struct slot *slot, struct sori_error *error)
{
	struct sori_batch *batch = slot->batch;
	struct sori_input_counts *counts = &batch->input->counts;
	enum sori_status status = SORI_OK;

	for (size_t i = 0; batch->rejected && i < batch->count && status == SORI_OK; i++) {
		const struct sori_record *record = &batch->records[i];

		if (record->reason == SORI_REASON_NONE)
			continue;
		counts->rejected++;
		counts->by_reason[record->reason]++;
		if (runner->options->quarantine)
			status = sori_quarantine_add(runner->options->quarantine, batch, record, error);
	}
	if (status == SORI_OK)
		status = sori_chain_deliver(runner->chain, batch, error);
	runner->progress.records += batch->count;
	runner->progress.bytes += batch->raw.length;
	runner->progress.path = batch->input->path;
	runner->progress.input = batch->input->index;
	if (status == SORI_OK && runner->options->progress)
		runner->options->progress(runner->options->user, &runner->progress);
	return status;
}

static struct slot *slot_in_turn(struct runner *runner)
{
	for (size_t i = 0; i < runner->slot_count; i++)
		if (runner->slots[i].state == SLOT_DONE && runner->slots[i].batch->sequence == runner->next_delivery)
			return &runner->slots[i];
	return NULL;
}

/* Called with `state` held, after a delivery: gives the slot back and says whether its source is to be closed. */
static struct open_source *free_slot(struct runner *runner, struct slot *slot)
{
	struct open_source *origin = slot->origin;

	origin->in_flight--;
	slot->origin = NULL;
	slot->state = SLOT_FREE;
	runner->next_delivery++;
	pthread_cond_signal(&runner->slot_freed);
	return origin->ended && origin->in_flight == 0 ? origin : NULL;
}

static enum sori_status deliver_ready(struct runner *runner, struct slot *done, struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	struct slot *slot;

	pthread_mutex_lock(&runner->state);
	done->state = SLOT_DONE;
	while (status == SORI_OK && !runner->delivering && !runner->failed && (slot = slot_in_turn(runner))) {
		struct open_source *finished;

		runner->delivering = true;
		pthread_mutex_unlock(&runner->state);
		status = deliver_one(runner, slot, error);
		pthread_mutex_lock(&runner->state);
		finished = free_slot(runner, slot);
		if (finished) {
			pthread_mutex_unlock(&runner->state);
			if (status == SORI_OK)
				status = close_source(runner, finished, error);
			pthread_mutex_lock(&runner->state);
		}
		runner->delivering = false;
	}
	pthread_mutex_unlock(&runner->state);
	return status;
}

static enum sori_status work(struct worker *worker, struct sori_error *error)
{
	struct runner *runner = worker->runner;
	enum sori_status status = sori_chain_open_local(runner->chain, worker->locals, error);

	while (status == SORI_OK) {
		struct slot *slot = take_slot(runner);

		if (!slot)
			break;
		status = pull(runner, slot, error);
		if (status != SORI_OK) {
			pthread_mutex_lock(&runner->state);
			slot->state = SLOT_FREE;
			pthread_cond_signal(&runner->slot_freed);
			pthread_mutex_unlock(&runner->state);
			break;
		}
		status = sori_source_decode(slot->origin->source, slot->batch, error);
		if (status == SORI_OK)
			status = sori_chain_run(runner->chain, worker->locals, slot->batch, error);
		if (status == SORI_OK)
			status = deliver_ready(runner, slot, error);
	}
	return status == SORI_END ? SORI_OK : status;
}

static void *worker_main(void *argument)
{
	struct worker *worker = argument;
	struct sori_error error = {.status = SORI_OK};
	enum sori_status status = work(worker, &error);

	if (status != SORI_OK)
		fail(worker->runner, status, &error);
	return NULL;
}

static enum sori_status make_slots(struct runner *runner, struct sori_error *error)
{
	size_t count = runner->options->threads == 1 ? 1 : runner->options->threads + 2;

	runner->slots = sori_alloc_zero(count, sizeof *runner->slots);
	if (!runner->slots)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	runner->slot_count = count;
	for (size_t i = 0; i < runner->slot_count; i++) {
		runner->slots[i].batch = sori_batch_new();
		if (!runner->slots[i].batch)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	return SORI_OK;
}

/* After a failure some sources are still open. */
static void drop_sources(struct runner *runner)
{
	struct sori_error ignored;

	if (runner->current) {
		runner->current->in_flight = 0;
		for (size_t i = 0; i < runner->slot_count; i++)
			if (runner->slots[i].origin == runner->current)
				runner->slots[i].origin = NULL;
		(void)close_source(runner, runner->current, &ignored);
		runner->current = NULL;
	}
	for (size_t i = 0; i < runner->slot_count; i++) {
		struct open_source *origin = runner->slots[i].origin;

		if (!origin)
			continue;
		for (size_t k = i; k < runner->slot_count; k++)
			if (runner->slots[k].origin == origin)
				runner->slots[k].origin = NULL;
		(void)close_source(runner, origin, &ignored);
	}
}

static enum sori_status merge_all(struct runner *runner, struct worker *workers, size_t count, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < count; i++) {
		if (!runner->failed && status == SORI_OK)
			status = sori_chain_merge(runner->chain, workers[i].locals, error);
		sori_chain_close_local(runner->chain, workers[i].locals);
	}
	if (runner->failed) {
		*error = runner->error;
		return runner->status;
	}
	return status;
}

static enum sori_status run_workers(struct runner *runner, struct sori_error *error)
{
	size_t count = runner->options->threads, started = 0;
	struct worker *workers = sori_alloc_zero(count, sizeof *workers);
	enum sori_status status;

	if (!workers)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		workers[i].runner = runner;
	/* The calling thread is the last worker, so one thread means no thread at all. */
	while (started + 1 < count &&
	       pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]) == 0)
		started++;
	if (started + 1 < count) {
		struct sori_error detail;

		fail(runner, sori_fail(&detail, SORI_SYSTEM, "cannot start a thread"), &detail);
	}
	(void)worker_main(&workers[count - 1]);
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	status = merge_all(runner, workers, count, error);
	sori_free(workers);
	return status;
}

enum sori_status sori_runner_run(struct sori_chain *chain, struct sori_input *const *inputs, size_t count,
				 const struct sori_input_wish *wish, const struct sori_runner_options *options,
				 struct sori_error *error)
{
	struct runner runner = {.chain = chain, .inputs = inputs, .input_count = count, .wish = wish,
				.options = options, .progress = {.inputs = count}};
	enum sori_status status;

	assert(options->threads >= 1);
	pthread_mutex_init(&runner.pull, NULL);
	pthread_mutex_init(&runner.state, NULL);
	pthread_cond_init(&runner.slot_freed, NULL);
	status = make_slots(&runner, error);
	if (status == SORI_OK)
		status = run_workers(&runner, error);
	drop_sources(&runner);
	for (size_t i = 0; i < runner.slot_count; i++)
		sori_batch_free(runner.slots[i].batch);
	sori_free(runner.slots);
	pthread_cond_destroy(&runner.slot_freed);
	pthread_mutex_destroy(&runner.state);
	pthread_mutex_destroy(&runner.pull);
	return status;
}
