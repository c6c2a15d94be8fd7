/* The stage contract. A stage is a constant descriptor; stages/stages.def lists them all.
 *
 *   open            once, in chain order; `shared` is read-only for run afterwards
 *   open_local      once per thread
 *   run             per batch, any thread, any order; may touch only `local`, the batch and read `shared`
 *   deliver         per batch, in input order, one thread at a time; the place for ordered output
 *   merge           once per thread, after its last batch; folds `local` into `shared`; one thread at a time
 *   close_local     frees `local`, also after a failure
 *   finish          once, in chain order; only after all went well
 *   close           frees `shared`, also after a failure
 * NULL hooks are skipped. The bytes of every output are the same for any batch size and thread count. */
#ifndef SORI_CORE_STAGE_H
#define SORI_CORE_STAGE_H

#include "pipeline/base/error.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/catalog.h"
#include "pipeline/core/options.h"

enum sori_phase {
	SORI_PHASE_SOURCE,
	SORI_PHASE_DECODE,
	SORI_PHASE_NORMALIZE,
	SORI_PHASE_REDACT,
	SORI_PHASE_IDENTIFY,
	SORI_PHASE_EXTRACT,
	SORI_PHASE_AGGREGATE,
	SORI_PHASE_WRITE,
	SORI_PHASE_COUNT
};

/* Columns of a batch, for the check when a chain is built. */
enum sori_column {
	SORI_COLUMN_RAW = 1 << 0,
	SORI_COLUMN_FIELDS = 1 << 1,
	SORI_COLUMN_NORMALIZED = 1 << 2,
	SORI_COLUMN_MASKS = 1 << 3,
	SORI_COLUMN_IDENTITY = 1 << 4,
	SORI_COLUMN_HITS = 1 << 5
};

struct sori_store;

/* What a chain is opened with; everything in it outlives the chain and is owned by the caller. */
struct sori_context {
	const struct sori_settings *settings;
	const void *dictionary;              /* struct sori_dictionary, stages/extract; NULL when not loaded */
	const struct sori_catalog *catalog;  /* NULL when no dictionary */
	const char *out_folder;              /* NULL when the command writes no folder */
	struct sori_store *store;            /* NULL when there is none */
	unsigned threads;
	bool ordered;                        /* some stage of the chain has `deliver` */
};

struct sori_reader; /* pipeline/core/reader.h */

struct sori_stage {
	const char *name;    /* folder name, e.g. "read_csv" */
	const char *summary; /* one line */
	enum sori_phase phase;
	unsigned reads, writes; /* enum sori_column bits */
	const struct sori_option *options; /* section = name; NULL: none */
	const struct sori_reader *reader;  /* SOURCE stages only */
	enum sori_status (*open)(void **shared, struct sori_context *context, struct sori_error *error);
	enum sori_status (*open_local)(void *shared, void **local, struct sori_error *error);
	enum sori_status (*run)(void *shared, void *local, struct sori_batch *batch, struct sori_error *error);
	enum sori_status (*deliver)(void *shared, struct sori_batch *batch, struct sori_error *error);
	enum sori_status (*merge)(void *shared, void *local, struct sori_error *error);
	void (*close_local)(void *local);
	enum sori_status (*finish)(void *shared, struct sori_error *error);
	void (*close)(void *shared);
	/* As a filter (`sori stage NAME`): adds this stage's result to a JSON object, members with a leading comma. */
	void (*annotate)(void *shared, const struct sori_batch *batch, const struct sori_record *record,
			 struct sori_buffer *json);
};

/* The registry, in the order of stages.def; NULL after the last. */
extern const struct sori_stage *const sori_stages[];
const struct sori_stage *sori_stage_find(const char *name);

#endif
