/* What `run`, `extract` and the filters share: settings, inputs, dictionary and the chain over them. */
#ifndef SORI_CLI_LOAD_H
#define SORI_CLI_LOAD_H

#include "pipeline/cli/cli.h"
#include "pipeline/core/chain.h"
#include "pipeline/core/output.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/runner.h"
#include "pipeline/core/source.h"

/* Expands the operands; at least one is needed (USAGE), every one must be there (NO_INPUT). Release the list by
 * sori_inputs_release, also after a failure. */
enum sori_status sori_cli_inputs(const struct sori_cli *cli, const struct sori_input_wish *wish,
				 struct sori_input_list *inputs, struct sori_error *error);

/* Number of threads of -j, by default the processors this process may use, at most 16. */
enum sori_status sori_cli_threads(const struct sori_cli *cli, unsigned *threads, struct sori_error *error);

/* Share of --max-reject: "0.01" or "1%". */
enum sori_status sori_cli_max_reject(const char *text, double *share, struct sori_error *error);

/* One line per input on stderr: format, encoding, columns and the option that overrides each guess; warnings. */
void sori_cli_tell_input(const struct sori_cli *cli, const struct sori_input *input);
void sori_cli_tell_inputs(const struct sori_cli *cli, const struct sori_input_list *inputs);

/* SIGINT and SIGTERM set this; the runner stops at the next batch. */
const volatile sig_atomic_t *sori_cli_stop_flag(void);

/* Names of a set's files as one line: "report.html, run.json"; what does not fit is left out. */
void sori_cli_output_names(const struct sori_output_set *outputs, char *line, size_t size);

/* Sets the exit code to 65 when an input is incomplete or refused, to the failure's when one cannot be opened, and says so. */
void sori_cli_judge_inputs(struct sori_cli *cli, const struct sori_input_list *inputs);

struct sqlite3;
/* Keeps the category map of the dictionaries in the store that was written, and lets this connection's later queries see
 * history by it (pipeline/core/category_map.h). Nothing may be written to the store afterwards. */
enum sori_status sori_cli_category_map(const struct sori_cli *cli, struct sqlite3 *database, struct sori_error *error);

#endif
