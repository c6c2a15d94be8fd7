/* Which dumps of the ledger can be counted again under another dictionary: `sori run --restate`. */
#ifndef SORI_CLI_RESTATE_H
#define SORI_CLI_RESTATE_H

#include "pipeline/base/arena.h"
#include "pipeline/base/hash.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/source.h"

struct sori_restate_list {
	struct sori_arena arena;
	const char **paths, **sources; /* [count] of dumps that are still what they were */
	size_t count, capacity, source_capacity;
	size_t gone;     /* files that are not there any more, or hold something else: their days stay as reported */
	size_t other;    /* read with other options (columns, settings): give the same ones */
	size_t current;  /* counted by this dictionary already */
};

/* Whether the file is there and still has the hash, in hexadecimal, that the ledger has of it. */
bool sori_restate_unchanged(const char *path, const char *hash);

/* Reads the ledger; release the list afterwards, also after a failure. */
enum sori_status sori_restate_find(struct sori_restate_list *list, const char *store_path, struct sori_hash128 dictionary, uint64_t config,
				   struct sori_error *error);
void sori_restate_release(struct sori_restate_list *list);

/* After the inputs were made from the paths: each gets the source that the ledger has. */
enum sori_status sori_restate_sources(const struct sori_restate_list *list, struct sori_input_list *inputs, struct sori_error *error);

/* What is left out, on stderr. */
void sori_restate_tell(const struct sori_cli *cli, const struct sori_restate_list *list);

#endif
