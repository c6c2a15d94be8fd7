/* The parts of `sori dict` that are programs of their own. */
#ifndef SORI_CLI_DICT_TOOLS_H
#define SORI_CLI_DICT_TOOLS_H

#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/batch.h"

/* dict check [--words FILE]… [--corpus DUMP]… [--format=json] [--all] [--strict] */
enum sori_status sori_dict_check(struct sori_cli *cli, struct sori_error *error);

/* dict test GOLD [--only …] [--wrong CATEGORY] [--limit N] [--format=json] */
enum sori_status sori_dict_test(struct sori_cli *cli, struct sori_error *error);

/* dict diff OLD NEW [--impact DUMP]…; a side may be several folders, comma separated */
enum sori_status sori_dict_diff(struct sori_cli *cli, struct sori_error *error);

/* dict suggest DUMP… [--gold FILE] [--low N] [--high N] [--least N] [--limit N] [--patch] */
enum sori_status sori_dict_suggest(struct sori_cli *cli, struct sori_error *error);

/* dict export --format=csv|yaml|liwc|ykd|cat; dict import FILE [--format=…] [--words FILE]… */
enum sori_status sori_dict_export(struct sori_cli *cli, struct sori_error *error);
enum sori_status sori_dict_import(struct sori_cli *cli, struct sori_error *error);

struct sori_dictionary;
/* The dumps through both dictionaries: counts per category, texts gained and lost. Appends to `out`. */
enum sori_status sori_dict_impact(const struct sori_cli *cli, const struct sori_dictionary *before,
				  const struct sori_dictionary *after, const char **dumps, size_t dump_count,
				  struct sori_buffer *out, struct sori_error *error);

/* The bytes [from, to) of a record's text on one line, masks replaced by their placeholders, blanks and controls as
 * single spaces. A border inside a mask moves to the mask's start. */
void sori_add_masked_line(const struct sori_batch *batch, const struct sori_record *record, size_t from, size_t to,
			  struct sori_buffer *out);

/* --limit: a whole number, `standard` when not given. */
enum sori_status sori_cli_limit(const struct sori_cli *cli, const char *name, size_t standard, size_t *limit,
				struct sori_error *error);

#endif
