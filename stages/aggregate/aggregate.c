/* Every accepted record becomes a fact and, when its hash is small enough, a sample verbatim. Nothing is counted here:
 * whether a record is new, a duplicate or a correction is known only when the store merges the sorted facts
 * (DESIGN.md in this folder), and an input may still be refused as a whole. */
#include "pipeline/base/memory.h"
#include "pipeline/core/facts.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/samples.h"
#include "pipeline/core/voices.h"
#include "pipeline/core/stage.h"
#include "pipeline/core/store.h"
#include "pipeline/core/store_similar.h"

#define AHEAD 4 /* records whose places are fetched early: identities lead all over the buffers */

struct aggregate {
	struct sori_facts *facts;
	struct sori_samples *samples;
	struct sori_voices *voices;
	struct sori_similar_heap *similar;
};

struct aggregate_local {
	struct sori_facts_local *facts;
	struct sori_samples_local *samples;
	struct sori_voices_local *voices;
	struct sori_similar_pile *similar; /* the heap's */
	struct sori_view *texts; /* of the batch */
	struct sori_sketch *sketches;
	size_t text_capacity, sketch_capacity;
};

static enum sori_status aggregate_open(void **shared, struct sori_context *context, struct sori_error *error)
{
	struct aggregate *aggregate;

	if (!context->store || !sori_store_facts(context->store))
		return sori_fail(error, SORI_INTERNAL, "counting needs a store with a run begun");
	aggregate = sori_alloc_zero(1, sizeof *aggregate);
	if (!aggregate)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	aggregate->facts = sori_store_facts(context->store);
	aggregate->samples = sori_store_samples(context->store);
	aggregate->voices = sori_store_voices(context->store);
	aggregate->similar = sori_store_similar(context->store);
	*shared = aggregate;
	return SORI_OK;
}

static void aggregate_close(void *shared)
{
	sori_free(shared);
}

static enum sori_status aggregate_open_local(void *shared, void **local, struct sori_error *error)
{
	struct aggregate *aggregate = shared;
	struct aggregate_local *mine = sori_alloc_zero(1, sizeof *mine);

	*local = mine;
	if (!mine)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	mine->facts = sori_facts_local_new(aggregate->facts);
	mine->samples = sori_samples_local_new(aggregate->samples);
	mine->voices = sori_voices_local_new();
	mine->similar = sori_similar_pile_new(aggregate->similar);
	return mine->facts && mine->samples && mine->voices && mine->similar ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
}

static void aggregate_close_local(void *local)
{
	struct aggregate_local *mine = local;

	if (!mine)
		return;
	sori_facts_local_free(mine->facts);
	sori_samples_local_free(mine->samples);
	sori_voices_local_free(mine->voices);
	sori_free(mine->texts);
	sori_free(mine->sketches);
	sori_free(mine);
}

static enum sori_status add_record(struct aggregate_local *local, const struct sori_batch *batch,
				   const struct sori_record *record, const struct sori_sketch *sketch, struct sori_error *error)
{
	const uint64_t kept = ((uint64_t)1 << SORI_FACT_HASH_BITS) - 1;
	struct sori_fact fact = {
		.high = record->identity.high,
		.low = (uint32_t)record->identity.low,
		.content = record->content & kept,
		.updated = record->updated,
		.customer = record->customer & kept,
		.record = record->number,
		.cell = record->cell,
		.day = record->day,
		.input = batch->input->index,
		.rating = record->rating,
		.flags = record->has_id ? SORI_FACT_HAS_ID : 0,
	};
	enum sori_status status = sori_facts_set(local->facts, record->categories, &fact.set, error);

	if (status == SORI_OK)
		status = sori_facts_add(local->facts, &fact, error);
	if (status == SORI_OK)
		status = sori_similar_add(local->similar, &fact, sketch, error);
	if (status == SORI_OK && fact.set)
		status = sori_samples_offer(local->samples, batch, record, error);
	if (status == SORI_OK)
		status = sori_voices_offer(local->voices, batch, record, error);
	return status;
}

static enum sori_status make_sketches(struct aggregate_local *local, const struct sori_batch *batch, struct sori_error *error)
{
	size_t count = 0;

	if (SORI_GROW(local->texts, local->text_capacity, batch->count) != 0 ||
	    SORI_GROW(local->sketches, local->sketch_capacity, batch->count) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < batch->count; i++)
		if (batch->records[i].reason == SORI_REASON_NONE)
			local->texts[count++] = sori_record_text(batch, &batch->records[i]);
	sori_sketch_many(local->texts, count, local->sketches);
	return SORI_OK;
}

static enum sori_status aggregate_run(void *shared, void *local, struct sori_batch *batch, struct sori_error *error)
{
	struct aggregate_local *mine = local;
	enum sori_status status = make_sketches(mine, batch, error);
	const struct sori_sketch *sketch = mine->sketches;

	(void)shared;
	for (size_t i = 0; i < batch->count && status == SORI_OK; i++) {
		if (i + AHEAD < batch->count) {
			sori_facts_expect(mine->facts, batch->records[i + AHEAD].identity.high);
			sori_similar_expect(mine->similar, batch->records[i + AHEAD].day);
		}
		if (batch->records[i].reason == SORI_REASON_NONE)
			status = add_record(mine, batch, &batch->records[i], sketch++, error);
	}
	return status;
}

static enum sori_status aggregate_merge(void *shared, void *local, struct sori_error *error)
{
	struct aggregate *aggregate = shared;
	struct aggregate_local *mine = local;
	enum sori_status status = sori_facts_merge(aggregate->facts, mine->facts, error);

	if (status == SORI_OK)
		status = sori_samples_merge(aggregate->samples, mine->samples, error);
	return status == SORI_OK ? sori_voices_merge(aggregate->voices, mine->voices, error) : status;
}

const struct sori_stage sori_stage_aggregate = {
	.name = "aggregate",
	.summary = "a fact and now and then a sample of every record, for the store",
	.phase = SORI_PHASE_AGGREGATE,
	.reads = SORI_COLUMN_IDENTITY | SORI_COLUMN_HITS | SORI_COLUMN_MASKS,
	.open = aggregate_open,
	.open_local = aggregate_open_local,
	.run = aggregate_run,
	.merge = aggregate_merge,
	.close_local = aggregate_close_local,
	.close = aggregate_close,
};
