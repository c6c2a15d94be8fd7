/* The store: one SQLite file. Schema (version 2), read by reports and dashboards:
 *
 *   meta(key TEXT PRIMARY KEY, value TEXT)            schema_version, sori_version, documents_matched,
 *                                                      documents_with_customer
 *   dictionary(dictionary INTEGER PRIMARY KEY, hash TEXT UNIQUE)
 *   category(category INTEGER PRIMARY KEY, id TEXT UNIQUE, ko, en, kind TEXT 'pain'|'praise', owner TEXT,
 *            severity INTEGER, fallback INTEGER)       0 is '*', the denominator (kind ''); also, kind '', counted per
 *                                                      day and cell like a category but kept out of counts.csv and of
 *                                                      category_daily: '*none' documents without any counted category,
 *                                                      '*pain' documents with at least one counted pain category
 *   cell(cell INTEGER PRIMARY KEY, source, channel, product, region, lang, dim1, dim2, dim3 TEXT NOT NULL)
 *                                                      '' none; UNIQUE over all eight; numbered in byte order per run
 *   daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER, complaints INTEGER,
 *         customers INTEGER, PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID
 *                                                      day: days since 1970-01-01, -2147483648 undated; only > 0
 *                                                      documents. The other two add up over cells, dictionaries and days, and may
 *                                                      be 0 (store_similar.h); over categories they do not, like documents
 *   run(run INTEGER PRIMARY KEY, hash TEXT UNIQUE, dictionary INTEGER, config TEXT, as_of INTEGER)
 *   input(input INTEGER PRIMARY KEY, run INTEGER, path, source, hash TEXT, bytes INTEGER, format, encoding, compression TEXT,
 *         seen, header, blank, read, accepted, rejected, duplicate, replaced, undated INTEGER, columns TEXT (JSON
 *         {"text":"header name",…,"dim1":"label"} by option name of the role, those found),
 *         reasons TEXT (JSON), status TEXT 'ok'|'incomplete'|'refused', problem TEXT, warning TEXT,
 *         dictionary INTEGER, config TEXT, span_bytes, framing_bytes, decoded_bytes INTEGER, detail TEXT (JSON),
 *         superseded INTEGER)                          run that counted the same file again, NULL: this row is in force
 *   sample(month INTEGER (year x 100 + month, 0 undated), category INTEGER, rank INTEGER (hash), identity BLOB, day INTEGER, cell INTEGER, place TEXT (path#record),
 *          rating INTEGER, text TEXT (masked), spans TEXT (JSON [[start,end,"category","entry",counted],…], bytes of text),
 *          PRIMARY KEY(month, category, rank, identity)) WITHOUT ROWID
 *   reported(day, cell, category, dictionary, documents) rows of `daily` as days had been reported with before they were counted
 *                                                      again under another dictionary; made by the first such run
 *   voice(day INTEGER PRIMARY KEY, data BLOB)         day samples of masked texts, for terms (voices.h); made by the first
 *                                                      run that has one
 *   fact(partition INTEGER, run INTEGER, count INTEGER, data BLOB, live INTEGER, PRIMARY KEY(partition, run))
 *                                                      live: documents that this blob added less those it took away
 *   similar(day INTEGER, chunk INTEGER, count INTEGER, data BLOB, PRIMARY KEY(day, chunk))
 *                                                      sketches of a day's texts (store_similar_day.c)
 *   category_set(category_set INTEGER PRIMARY KEY, categories TEXT UNIQUE)   category numbers "4,17", 1 is the empty set
 *   VIEW category_daily(time (epoch seconds, 00:00 UTC of the day, NULL undated), day TEXT, category TEXT, ko, en, kind, source, channel,
 *          product, region, lang, dim1, dim2, dim3, documents, denominator, distinct_complaints, customers)
 *
 * One writer at a time: sori_store_lock (a lock file beside it, flock), exit 75 when taken. */
#ifndef SORI_CORE_STORE_H
#define SORI_CORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/core/catalog.h"
#include "pipeline/core/reader.h"

struct sqlite3;
struct sori_store;

/* Opens or creates (mode 0640; WAL, synchronous FULL). `write` takes the lock: SORI_BUSY when another run holds it. A
 * newer schema is SORI_CONFIG; no SQLite file SORI_DATA; nothing there to read SORI_NO_INPUT. A new store is written to
 * PATH.new and takes its name when its first run commits, so that a killed first run leaves no store. */
enum sori_status sori_store_open(struct sori_store **store, const char *path, bool write, struct sori_error *error);

/* Gives up an unfinished run, removes temporary files, lets the lock go. NULL is fine. */
enum sori_status sori_store_close(struct sori_store *store, struct sori_error *error);

/* The connection, for reading queries of reports. Ask again after sori_store_finish: it may be another one. */
struct sqlite3 *sori_store_connection(struct sori_store *store);

/* True when an input with this content hash, length, source, dictionary and configuration is already counted (the file
 * must have been hashed: input->hash, input->bytes, input->source). A refused one is not. */
enum sori_status sori_store_knows(struct sori_store *store, const struct sori_input *input, struct sori_hash128 dictionary,
				  uint64_t config, bool *known, struct sori_error *error);

/* Hash and size of a file as stored: what sori_bytes_close gives for the same file. */
enum sori_status sori_store_hash_file(const char *path, struct sori_hash128 *hash, uint64_t *bytes,
				      struct sori_error *error);

/* A run. What `sori run` does:
 *
 *   sori_store_open(write) -> sori_store_begin -> context.store = store, sori_chain_open, sori_runner_run over the inputs
 *   with known == false, sori_chain_finish -> sori_store_finish -> reports from sori_store_connection -> sori_store_close
 *
 * begin marks every input that the ledger has already (input->known) and fills it from there as if it had been read, so
 * that run.json and reports come out the same; with all of them known the chain need not run at all. finish merges,
 * checks the identities and commits, or rolls everything back. The inputs' counts (accepted, duplicate, replaced,
 * undated; rejected of a refused input) are final only after finish. */
struct sori_run {
	struct sori_input *const *inputs; /* sorted by path in byte order, input->index their position; outlive the store */
	size_t input_count;
	const struct sori_catalog *catalog; /* outlives the store */
	uint64_t config;                    /* sori_settings_hash */
	sori_day as_of;                     /* SORI_DAY_NONE: the last dated day in the store */
	unsigned threads;
};
enum sori_status sori_store_begin(struct sori_store *store, const struct sori_run *run, struct sori_error *error);

struct sori_identities; /* pipeline/core/identities.h */

/* Commits the run. `changed` (may be NULL): false when every input was known and nothing was written. SORI_INTERNAL when
 * an identity is violated: `identities` says which, nothing is kept. */
enum sori_status sori_store_finish(struct sori_store *store, struct sori_identities *identities, bool *changed,
				   struct sori_error *error);

/* Whole check for `sori status`: SQLite's integrity check, every fact blob's checksums, blobs against daily. */
enum sori_status sori_store_check(struct sori_store *store, struct sori_error *error);

/* For the stages; valid between begin and finish, thread-safe as their headers say. */
struct sori_cells *sori_store_cells(struct sori_store *store);
struct sori_facts *sori_store_facts(struct sori_store *store);
struct sori_samples *sori_store_samples(struct sori_store *store);
struct sori_voices *sori_store_voices(struct sori_store *store);
struct sori_similar_heap;
struct sori_similar_heap *sori_store_similar(struct sori_store *store);
const unsigned char *sori_store_key(const struct sori_store *store); /* 16 bytes, for sori_siphash */

#endif
