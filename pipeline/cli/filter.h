/* Commands that write a line per record: a chain with the command's own writing stage at its end. */
#ifndef SORI_CLI_FILTER_H
#define SORI_CLI_FILTER_H

#include "pipeline/cli/load.h"
#include "stages/extract/dictionary.h"

/* Appends one record's line, with its newline, to `out`; `user` is the command's. Any thread. */
typedef void (*sori_line_fn)(void *user, const struct sori_batch *batch, const struct sori_record *record,
			     struct sori_buffer *out);

struct sori_filter {
	struct sori_cli *cli;
	const char *const *stages; /* NULL ends */
	struct sori_input_wish wish;
	const struct sori_dictionary *dictionary; /* NULL when no stage needs one */
	sori_line_fn line;
	/* Takes the lines of a batch instead of standard output; in input order, one call at a time. NULL: print. */
	enum sori_status (*sink)(void *user, struct sori_view lines, struct sori_error *error);
	bool repeated; /* a second pass over the same inputs: their problems were told in the first */
	void *user;
	struct sori_chain *chain; /* for `line`: set while running */
};

/* Runs all operands through the chain and prints every record's line in input order; a rejected record is told on
 * stderr (file, record, line, byte, reason) and makes the exit code 65. */
enum sori_status sori_filter_run(struct sori_filter *filter, struct sori_error *error);

#endif
