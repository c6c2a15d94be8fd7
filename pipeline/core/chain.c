/* Stages in a row. */
#include "pipeline/core/chain.h"

#include <assert.h>
#include <string.h>

#include "pipeline/core/report.h"

const struct sori_stage *sori_stage_find(const char *name)
{
	for (size_t i = 0; sori_stages[i]; i++)
		if (strcmp(sori_stages[i]->name, name) == 0)
			return sori_stages[i];
	return NULL;
}

enum sori_status sori_chain_add(struct sori_chain *chain, const struct sori_stage *stage, struct sori_error *error)
{
	unsigned known = SORI_COLUMN_RAW | SORI_COLUMN_FIELDS;
	enum sori_phase phase = SORI_PHASE_DECODE;

	for (size_t i = 0; i < chain->count; i++) {
		known |= chain->stages[i]->writes;
		phase = chain->stages[i]->phase;
	}
	if (stage->phase < phase)
		return sori_fail(error, SORI_INTERNAL, "stage '%s' cannot stand after a later phase", stage->name);
	if (stage->reads & ~known)
		return sori_fail(error, SORI_INTERNAL, "stage '%s' reads a column that nothing wrote", stage->name);
	if (chain->count == SORI_CHAIN_LIMIT)
		return sori_fail(error, SORI_INTERNAL, "too many stages");
	chain->stages[chain->count++] = stage;
	return SORI_OK;
}

enum sori_status sori_chain_build(struct sori_chain *chain, const char *const *names, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	memset(chain, 0, sizeof *chain);
	for (size_t i = 0; names[i] && status == SORI_OK; i++) {
		const struct sori_stage *stage = sori_stage_find(names[i]);

		if (!stage || stage->phase == SORI_PHASE_SOURCE)
			return sori_fail(error, SORI_INTERNAL, "no stage '%s'", names[i]);
		status = sori_chain_add(chain, stage, error);
	}
	return status;
}

enum sori_status sori_chain_declare(struct sori_settings *settings, struct sori_error *error)
{
	for (size_t i = 0; sori_stages[i]; i++) {
		enum sori_status status =
			sori_settings_declare(settings, sori_stages[i]->name, sori_stages[i]->options, error);

		if (status != SORI_OK)
			return status;
	}
	for (size_t i = 0; sori_reporters[i]; i++) {
		enum sori_status status =
			sori_settings_declare(settings, sori_reporters[i]->name, sori_reporters[i]->options, error);

		if (status != SORI_OK)
			return status;
	}
	return SORI_OK;
}

enum sori_status sori_chain_open(struct sori_chain *chain, struct sori_context *context, struct sori_error *error)
{
	for (size_t i = 0; i < chain->count; i++)
		context->ordered = context->ordered || chain->stages[i]->deliver;
	for (; chain->opened < chain->count; chain->opened++) {
		const struct sori_stage *stage = chain->stages[chain->opened];
		enum sori_status status =
			stage->open ? stage->open(&chain->shared[chain->opened], context, error) : SORI_OK;

		if (status != SORI_OK) {
			sori_chain_close(chain);
			return status;
		}
	}
	return SORI_OK;
}

enum sori_status sori_chain_open_local(struct sori_chain *chain, void **locals, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < chain->count && status == SORI_OK; i++)
		if (chain->stages[i]->open_local)
			status = chain->stages[i]->open_local(chain->shared[i], &locals[i], error);
	return status;
}

enum sori_status sori_chain_run(struct sori_chain *chain, void **locals, struct sori_batch *batch, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < chain->count && status == SORI_OK; i++)
		if (chain->stages[i]->run)
			status = chain->stages[i]->run(chain->shared[i], locals[i], batch, error);
	return status;
}

enum sori_status sori_chain_deliver(struct sori_chain *chain, struct sori_batch *batch, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < chain->count && status == SORI_OK; i++)
		if (chain->stages[i]->deliver)
			status = chain->stages[i]->deliver(chain->shared[i], batch, error);
	return status;
}

enum sori_status sori_chain_merge(struct sori_chain *chain, void **locals, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < chain->count && status == SORI_OK; i++)
		if (chain->stages[i]->merge)
			status = chain->stages[i]->merge(chain->shared[i], locals[i], error);
	return status;
}

void sori_chain_close_local(struct sori_chain *chain, void **locals)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (chain->stages[i]->close_local && locals[i])
			chain->stages[i]->close_local(locals[i]);
		locals[i] = NULL;
	}
}

enum sori_status sori_chain_finish(struct sori_chain *chain, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	assert(chain->opened == chain->count);
	for (size_t i = 0; i < chain->count && status == SORI_OK; i++)
		if (chain->stages[i]->finish)
			status = chain->stages[i]->finish(chain->shared[i], error);
	return status;
}

void sori_chain_close(struct sori_chain *chain)
{
	while (chain->opened) {
		chain->opened--;
		if (chain->stages[chain->opened]->close && chain->shared[chain->opened])
			chain->stages[chain->opened]->close(chain->shared[chain->opened]);
		chain->shared[chain->opened] = NULL;
	}
}
