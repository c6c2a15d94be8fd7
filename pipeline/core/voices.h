/* Day samples: of every day the records with the smallest hashes of their identity, with their masked text, whatever their
 * categories are. They are what terms are counted in (analyse_emerging.h): a day with up to SORI_VOICES_PER_DAY records is all
 * there, and of a busier one an even and blind sample. The smallest hashes of a union are the union's smallest, so any split of the
 * work over threads, runs and nights keeps the same ones.
 *
 * Why not term counts of every record: cutting words and stripping particles costs more than everything else that is done with a
 * record together, while a sample costs a hash compare for all but the few that enter: 3 % of a run's processor time, 38 MB and 19 KB
 * of store a day over 730 days of 1600 records (14.0 s for 13.6 s without it). Which of the kept
 * records are still in force is asked from the facts when they are read, so nothing need follow replacements. */
#ifndef SORI_CORE_VOICES_H
#define SORI_CORE_VOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/fact_scan.h"

#define SORI_VOICES_PER_DAY 128 /* read */
#define SORI_VOICES_KEPT 144    /* kept: some of them are replaced or taken away later */
#define SORI_VOICE_TEXT 400     /* bytes, cut on a code point border */

struct sori_voices;       /* shared */
struct sori_voices_local; /* of one thread */

/* NULL when memory is out. */
struct sori_voices *sori_voices_new(void);
void sori_voices_free(struct sori_voices *voices);
struct sori_voices_local *sori_voices_local_new(void);
void sori_voices_local_free(struct sori_voices_local *local);

/* Offers a dated record; nearly always returns after a compare. */
enum sori_status sori_voices_offer(struct sori_voices_local *local, const struct sori_batch *batch, const struct sori_record *record,
				   struct sori_error *error);
/* One thread at a time; the local is empty afterwards. */
enum sori_status sori_voices_merge(struct sori_voices *voices, struct sori_voices_local *local, struct sori_error *error);

struct sqlite3;

/* Joins the run's voices to those of the store (table voice, made when it is not there). `counts[input]` false: the input adds
 * nothing (refused). Inside the run's transaction. */
enum sori_status sori_voices_write(struct sori_voices *voices, struct sqlite3 *database, const bool *counts, size_t inputs,
				   struct sori_error *error);

/* A voice in force, with what its fact says. */
struct sori_voice {
	sori_day day;
	uint64_t rank;
	uint64_t customer;    /* 0 none */
	uint32_t cell, set;   /* the store's numbers */
	struct sori_view text; /* masked */
};

/* Those of the days [from, to] in force, at most SORI_VOICES_PER_DAY a day, by day and rank; texts in the arena. One scan of the
 * facts. A store without the table gives none. */
enum sori_status sori_voices_read(struct sqlite3 *database, sori_day from, sori_day to, struct sori_arena *arena,
				  struct sori_voice **voices, size_t *count, struct sori_error *error);

#endif
