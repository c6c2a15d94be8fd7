/* Masked sample verbatims: of every month and category the records with the smallest hashes of their identity. A hash is
 * blind to order, so any split of the work over threads, batches or nights picks the same ones. */
#ifndef SORI_CORE_SAMPLES_H
#define SORI_CORE_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/catalog.h"

#define SORI_SAMPLES_KEPT 8        /* per month and category in the store */
#define SORI_SAMPLES_CANDIDATES 12 /* while a run goes on: some of them turn out replaced or refused */
#define SORI_SAMPLE_TEXT_LIMIT 2000 /* bytes; a longer text is shown around its first counted hit */

struct sori_verbatim {
	uint64_t rank; /* 63 bits */
	uint64_t high; /* identity, as in struct sori_fact */
	uint32_t low;
	struct sori_hash128 identity; /* whole */
	uint64_t content; /* as in struct sori_fact */
	uint64_t text_hash; /* of the normalised text: one sample per wording */
	uint32_t input;
	uint64_t record;
	sori_day day;
	uint32_t cell; /* the run's number */
	int rating;
	const char *text; /* masked */
	size_t text_length;
	const char *spans; /* JSON */
	size_t spans_length;
	bool alive;    /* set by the store */
	unsigned uses; /* lists that hold it */
};

struct sori_samples;       /* shared, after merge */
struct sori_samples_local; /* of one thread */

struct sori_samples *sori_samples_new(const struct sori_catalog *catalog);
void sori_samples_free(struct sori_samples *samples);
struct sori_samples_local *sori_samples_local_new(struct sori_samples *samples);
void sori_samples_local_free(struct sori_samples_local *local);

/* Rank of an identity. */
uint64_t sori_sample_rank(uint64_t high, uint32_t low);

/* Month of a day: year x 100 + month, 0 undated. */
int32_t sori_sample_month(sori_day day);

/* Offers a record with its counted categories; nearly always returns after a few compares. */
enum sori_status sori_samples_offer(struct sori_samples_local *local, const struct sori_batch *batch,
				    const struct sori_record *record, struct sori_error *error);

/* One thread at a time; the local is empty afterwards. */
enum sori_status sori_samples_merge(struct sori_samples *samples, struct sori_samples_local *local,
				    struct sori_error *error);

/* Every candidate of every list: months ascending (0 first), categories by catalog index, smallest rank first. The same
 * sample comes once for each list that holds it. */
enum sori_status sori_samples_visit(const struct sori_samples *samples,
				    enum sori_status (*visit)(void *user, int32_t month, size_t category,
							      struct sori_verbatim *sample, struct sori_error *error),
				    void *user, struct sori_error *error);

#endif
