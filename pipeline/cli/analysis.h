/* What the analysing commands (alerts, compare, drivers and so on) share: the way of a run, the store, slices and days of the options,
 * and how figures are put. */
#ifndef SORI_CLI_ANALYSIS_H
#define SORI_CLI_ANALYSIS_H

#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/analyse.h"
#include "pipeline/core/store.h"

#define SORI_ANALYSIS_TERMS 32

/* Rows of a command's option table, for what the functions below read. */
#define SORI_ANALYSIS_OPTION_STORE {"store", 0, "FILE", false, "the store (DIR/store.db)"}
#define SORI_ANALYSIS_OPTION_OUT {"out", 'o', "DIR", false, "folder of the outputs (sori-out)"}
#define SORI_ANALYSIS_OPTION_WHERE \
	{"where", 0, "DIM=VALUE", true, "only documents of this slice; the same dimension again is an alternative"}
#define SORI_ANALYSIS_OPTION_FORMAT {"format", 'f', "F", false, "text, json or csv (text)"}

enum sori_analysis_format { SORI_ANALYSIS_TEXT, SORI_ANALYSIS_JSON, SORI_ANALYSIS_CSV };

/* Opens --store, or store.db in --out. An operand is an error when the command has none. */
enum sori_status sori_analysis_open(const struct sori_cli *cli, struct sori_store **store, struct sori_error *error);
enum sori_status sori_analysis_format(const struct sori_cli *cli, enum sori_analysis_format *format, struct sori_error *error);

/* Days of the store's first and last dated document; SORI_DATA when it has none. */
enum sori_status sori_analysis_bounds(struct sqlite3 *database, sori_day *first, sori_day *last, struct sori_error *error);

/* A day option; left alone when it is not given. */
enum sori_status sori_analysis_day(const struct sori_cli *cli, const char *name, sori_day *day, struct sori_error *error);

/* DIM=VALUE of a repeated option, appended to the slice's terms; argv is cut at '='. `terms` has SORI_ANALYSIS_TERMS. */
enum sori_status sori_analysis_slice(const struct sori_cli *cli, const char *name, struct sori_slice_term *terms,
				     struct sori_slice *slice, struct sori_error *error);

/* "product=TV, region=부산", "" without terms; control characters of the values escaped. */
void sori_analysis_put_slice(struct sori_buffer *out, const struct sori_slice *slice);

/* Six significant digits; missing and infinite are null in JSON; missing is empty and infinite Inf in CSV. */
void sori_analysis_put_json(struct sori_buffer *out, const char *key, double value);
void sori_analysis_put_json_text(struct sori_buffer *out, const char *key, const char *text);
void sori_analysis_put_csv(struct sori_buffer *out, double value);
void sori_analysis_put_json_slice(struct sori_buffer *out, const char *key, const struct sori_slice *slice);

/* A cell of a text table: the number with `decimals`, or with two significant digits when negative; "-" when missing. */
const char *sori_analysis_cell(char room[48], int decimals, double value);

/* Opens the store, has `answer` put what it finds, prints that and closes. `user` is handed on to it. After a failure nothing is
 * printed: half a table could pass for a whole one. */
enum sori_status sori_analysis_run(const struct sori_cli *cli,
				   enum sori_status (*answer)(void *user, struct sqlite3 *database, struct sori_buffer *out,
							      struct sori_error *error),
				   void *user, struct sori_error *error);

#endif
