/* The command line: commands, their option tables, parsing, messages. Only this folder prints to stderr or decides the
 * exit code. One file per command; commands.def is the registry. */
#ifndef SORI_CLI_CLI_H
#define SORI_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "pipeline/base/error.h"
#include "pipeline/core/options.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/stage.h"

struct sori_cli_option {
	const char *name;     /* long name; NULL ends a table */
	char letter;          /* short name; 0 none */
	const char *argument; /* name of the value in help; NULL: a flag */
	bool repeats;
	const char *help;     /* one sentence, no full stop */
};

struct sori_cli;

struct sori_command {
	const char *name;
	const char *summary;   /* one line */
	const char *operands;  /* e.g. "DUMP…"; "" none */
	const char *examples;  /* two lines "  sori …\n" */
	const char *details;   /* paragraphs for help and the man page; may be NULL */
	const struct sori_cli_option *options;
	bool reads_input;      /* also takes the input options (columns, encoding …) */
	bool hidden;
	enum sori_status (*run)(struct sori_cli *cli, struct sori_error *error);
};

extern const struct sori_command *const sori_commands[]; /* NULL after the last */
extern const struct sori_cli_option sori_input_options[];
extern const struct sori_cli_option sori_common_options[];

struct sori_cli_value {
	const struct sori_cli_option *option;
	const char *text; /* NULL for a flag */
};

struct sori_cli {
	const struct sori_command *command;
	struct sori_cli_value *values;
	size_t value_count, value_capacity;
	const char **operands;
	size_t operand_count, operand_capacity;
	struct sori_settings *settings;
	bool quiet;
	bool terminal; /* stderr is a terminal: progress may be shown */
	bool color;    /* stdout is a terminal, NO_COLOR unset */
	int exit_code; /* for a command that ends well but not with 0 (65: an input was damaged) */
};

/* Last value of an option (NULL: not given), all values in order, or whether a flag was given. The name must be in one
 * of the command's tables (assert). */
const char *sori_cli_value(const struct sori_cli *cli, const char *name);
size_t sori_cli_values(const struct sori_cli *cli, const char *name, const char **values, size_t limit);
bool sori_cli_flag(const struct sori_cli *cli, const char *name);

/* Messages on stderr, control characters escaped; note is silent with --quiet. */
void sori_cli_note(const struct sori_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sori_cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sori_cli_error(const struct sori_error *error);

/* Help on stdout; the man page (mdoc) and shell completions from the same tables. */
void sori_help_overview(FILE *to);
void sori_help_command(FILE *to, const struct sori_command *command);
void sori_help_man(FILE *to);
void sori_help_completion(FILE *to, const char *shell);

/* Nearest of the names to a mistyped word, NULL when none is near. */
const char *sori_cli_nearest(const char *word, const char *(*name_at)(size_t index, const void *user), const void *user);

/* Writes all to stdout and checks it. */
/* Seconds since 1970; SOURCE_DATE_EPOCH stands for the clock when it is set, so that two runs can give equal bytes. */
int64_t sori_cli_now(void);

/* The two clock readings of FOLDER/run.json; false, and both untouched, when there is none that can be read. */
bool sori_cli_last_times(const char *folder, int64_t *started, int64_t *finished);

/* Text of a file's name or of the data on a terminal: control characters and bytes that are no UTF-8 as \xNN. */
void sori_cli_print_safe(FILE *file, const char *text);

enum sori_status sori_cli_print(struct sori_view text, struct sori_error *error);
enum sori_status sori_cli_flush(struct sori_error *error);

/* Builds the reader's wishes from the input options and settings; borrows the cli's texts. */
enum sori_status sori_cli_wish(const struct sori_cli *cli, struct sori_input_wish *wish, struct sori_error *error);

/* Folders of --dict, $SORI_DICT, the installed ones, then the source tree's: the first of these that is given or there.
 * Fills `folders` (borrowed until the next call), returns how many. */
size_t sori_cli_dictionary_folders(const struct sori_cli *cli, const char **folders, size_t limit, char *room, size_t room_size);

struct sori_dictionary;
/* Loads the dictionary; findings go to stderr. */
enum sori_status sori_cli_dictionary(const struct sori_cli *cli, struct sori_dictionary **dictionary,
				     struct sori_error *error);

#endif
