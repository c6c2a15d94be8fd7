/* Option tables: one row drives the configuration file, --stage.key=value, --help, the man page and the message for an
 * unknown key. Settings are the resolved values of one section. */
#ifndef SORI_CORE_OPTIONS_H
#define SORI_CORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

enum sori_option_type { SORI_OPTION_BOOL, SORI_OPTION_INTEGER, SORI_OPTION_REAL, SORI_OPTION_TEXT, SORI_OPTION_CHOICE };

struct sori_option {
	const char *name;     /* NULL ends a table */
	enum sori_option_type type;
	const char *standard; /* default, as text; NULL: unset */
	double minimum, maximum; /* INTEGER and REAL */
	const char *choices;  /* CHOICE: "a|b|c" */
	const char *help;     /* one sentence, no full stop */
};

struct sori_settings; /* values of every section of a run */

/* new: NULL when memory is out. Copies what it keeps. */
struct sori_settings *sori_settings_new(void);
void sori_settings_free(struct sori_settings *settings);

/* Makes a section known, with its table (borrowed, static) and the defaults. */
enum sori_status sori_settings_declare(struct sori_settings *settings, const char *section,
				       const struct sori_option *table, struct sori_error *error);

/* Sets section.key; checks type and bounds. An unknown section or key is SORI_CONFIG with the nearest name in the text. */
enum sori_status sori_settings_set(struct sori_settings *settings, const char *section, const char *key,
				   const char *value, struct sori_error *error);

/* Reads a YAML file (libyaml): a mapping of sections to mappings of scalars, or a sequence of scalars for a key that
 * may repeat (joined by newline). Unknown keys and type errors are SORI_CONFIG with line and column. */
enum sori_status sori_settings_read_yaml(struct sori_settings *settings, const char *path, struct sori_error *error);

/* Values; the section and key must be declared (assert). Text is NULL when unset and lives as long as the settings. */
bool sori_settings_bool(const struct sori_settings *settings, const char *section, const char *key);
int64_t sori_settings_integer(const struct sori_settings *settings, const char *section, const char *key);
double sori_settings_real(const struct sori_settings *settings, const char *section, const char *key);
const char *sori_settings_text(const struct sori_settings *settings, const char *section, const char *key);

/* Hash of all values that change results, for the ledger; the sections run, store, analysis and report* do not. */
uint64_t sori_settings_hash(const struct sori_settings *settings);

#endif
