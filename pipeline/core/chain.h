/* A chain: the stages that a command runs over every batch, opened, checked and closed together. */
#ifndef SORI_CORE_CHAIN_H
#define SORI_CORE_CHAIN_H

#include "pipeline/base/error.h"
#include "pipeline/core/stage.h"

#define SORI_CHAIN_LIMIT 16

struct sori_chain {
	const struct sori_stage *stages[SORI_CHAIN_LIMIT];
	void *shared[SORI_CHAIN_LIMIT];
	size_t count;
	size_t opened;
};

/* Picks the stages by name, in the order given (NULL ends), and checks it: phases never go back, every column that a
 * stage reads is written by a source (RAW, FIELDS) or by a stage before it. A violation is SORI_INTERNAL. */
enum sori_status sori_chain_build(struct sori_chain *chain, const char *const *names, struct sori_error *error);

/* Adds a stage that is not in the registry (a command's own writer) at the end, with the same checks. */
enum sori_status sori_chain_add(struct sori_chain *chain, const struct sori_stage *stage, struct sori_error *error);

/* Declares every option table of the registry in the settings, a section per stage and per reporter. */
enum sori_status sori_chain_declare(struct sori_settings *settings, struct sori_error *error);

/* Opens the stages in order; on failure the opened ones are closed. */
enum sori_status sori_chain_open(struct sori_chain *chain, struct sori_context *context, struct sori_error *error);

/* Per thread: `locals` has SORI_CHAIN_LIMIT places, zeroed by the caller. close is always safe. */
enum sori_status sori_chain_open_local(struct sori_chain *chain, void **locals, struct sori_error *error);
enum sori_status sori_chain_run(struct sori_chain *chain, void **locals, struct sori_batch *batch, struct sori_error *error);
enum sori_status sori_chain_deliver(struct sori_chain *chain, struct sori_batch *batch, struct sori_error *error);
enum sori_status sori_chain_merge(struct sori_chain *chain, void **locals, struct sori_error *error);
void sori_chain_close_local(struct sori_chain *chain, void **locals);

enum sori_status sori_chain_finish(struct sori_chain *chain, struct sori_error *error);
void sori_chain_close(struct sori_chain *chain);

#endif
