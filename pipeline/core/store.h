/* The store: one SQLite file. Schema (version 1), read by reports and dashboards:
 *
 *   meta(key TEXT PRIMARY KEY, value TEXT)            schema_version, sori_version
 *   dictionary(dictionary INTEGER PRIMARY KEY, hash TEXT UNIQUE)
 *   category(category INTEGER PRIMARY KEY, id TEXT UNIQUE, ko, en, kind TEXT 'pain'|'praise', owner TEXT,
 *            severity INTEGER, fallback INTEGER)       0 is '*', the denominator (kind ''); also, kind '', counted per
 *                                                      day and cell like a category but kept out of counts.csv and of
 *                                                      category_daily: '*none' documents without any counted category,
 *                                                      '*pain' documents with at least one counted pain category
 *   cell(cell INTEGER PRIMARY KEY, source, channel, product, region, lang, dim1, dim2, dim3 TEXT NOT NULL)
 *                                                      '' none; UNIQUE over all eight; numbered in byte order per run
 *   daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER,
 *         PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID
 *                                                      day: days since 1970-01-01, -2147483648 undated; only > 0
 *   run(run INTEGER PRIMARY KEY, hash TEXT UNIQUE, dictionary INTEGER, config TEXT, as_of INTEGER)
 *   input(input INTEGER PRIMARY KEY, run INTEGER, path, source, hash TEXT, bytes INTEGER, format, encoding, compression TEXT,
 *         seen, header, blank, read, accepted, rejected, duplicate, replaced, undated INTEGER, columns TEXT (JSON
 *         {"text":"header name",…,"dim1":"label"} by option name of the role, those found),
 *         reasons TEXT (JSON), status TEXT 'ok'|'incomplete'|'refused', problem TEXT, warning TEXT,
 *         dictionary INTEGER, config TEXT)
 *   sample(month INTEGER, category INTEGER, rank INTEGER (hash), identity BLOB, day INTEGER, cell INTEGER, place TEXT (path#record),
 *          rating INTEGER, text TEXT (masked), spans TEXT (JSON [[start,end,"category","entry",counted],…], bytes of text),
 *          PRIMARY KEY(month, category, rank, identity)) WITHOUT ROWID
 *   fact(partition INTEGER, run INTEGER, count INTEGER, data BLOB, PRIMARY KEY(partition, run))
 *   VIEW category_daily(time (epoch seconds, 00:00 UTC of the day, NULL undated), day TEXT, category TEXT, ko, en, kind, source, channel,
 *          product, region, lang, dim1, dim2, dim3, documents, denominator)
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
 * newer schema is SORI_CONFIG; no SQLite file SORI_DATA. */
enum sori_status sori_store_open(struct sori_store **store, const char *path, bool write, struct sori_error *error);
enum sori_status sori_store_close(struct sori_store *store, struct sori_error *error);

/* The connection, for reading queries of reports. */
struct sqlite3 *sori_store_connection(struct sori_store *store);

/* True when an input with this content hash, length, dictionary and configuration is already counted. */
enum sori_status sori_store_knows(struct sori_store *store, const struct sori_input *input, struct sori_hash128 dictionary,
				  uint64_t config, bool *known, struct sori_error *error);

#endif
