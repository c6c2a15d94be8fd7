/* The runner: pulls batches from the inputs one after the other, runs the chain over them on some threads, and delivers
 * them in input order.
 *
 *   pull (one at a time) -> decode -> stage run … (parallel) -> deliver (in order, one at a time)
 *
 * Lifetimes: 1. a source lives from its first pull until its last batch is delivered; 2. a batch belongs to one thread
 * from pull to the end of run, then waits for its turn; 3. inputs outlive the runner. */
#ifndef SORI_CORE_RUNNER_H
#define SORI_CORE_RUNNER_H

#include <signal.h>

#include "pipeline/base/error.h"
#include "pipeline/core/chain.h"
#include "pipeline/core/quarantine.h"
#include "pipeline/core/reader.h"

struct sori_progress {
	size_t input, inputs;     /* which input is being read */
	const char *path;
	uint64_t records;         /* delivered so far, all inputs */
	uint64_t bytes;           /* decoded, delivered so far, all inputs */
};

struct sori_runner_options {
	unsigned threads;          /* 1 or more */
	size_t read_size;          /* bytes of one read, 0 standard */
	size_t batch_records;      /* records of a batch at most, 0 standard; results never depend on it */
	double max_reject;         /* share of rejected records over which an input is refused (also over 20 records) */
	const volatile sig_atomic_t *stop; /* set by a signal: SORI_BUSY at the next batch; may be NULL */
	struct sori_quarantine *quarantine; /* gets every rejected record in order; may be NULL */
	void (*progress)(void *user, const struct sori_progress *progress); /* after a delivery; may be NULL */
	void *user;
};

/* Runs all inputs that are neither refused nor known already. Fills their counts (accepted = read - rejected; the aggregate stage takes
 * duplicates off), hash and problems; sets `refused` on inputs over max_reject. Afterwards every thread's state is
 * merged; sori_chain_finish is the caller's. The first failure of any thread is returned. */
enum sori_status sori_runner_run(struct sori_chain *chain, struct sori_input *const *inputs, size_t count,
				 const struct sori_input_wish *wish, const struct sori_runner_options *options,
				 struct sori_error *error);

#endif
