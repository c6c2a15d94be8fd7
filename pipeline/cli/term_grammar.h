/* Korean particles for core's terms, by the dictionaries' ending grammar. */
#ifndef SORI_CLI_TERM_GRAMMAR_H
#define SORI_CLI_TERM_GRAMMAR_H

#include "pipeline/cli/cli.h"
#include "pipeline/core/analyse_emerging.h"

struct sori_dictionary;

struct sori_term_reader {
	struct sori_dictionary *dictionary; /* its own; NULL: lent by sori_term_reader_on */
	struct sori_endings *endings;
	struct sori_term_grammar grammar; /* borrows the reader */
};

/* Loads the dictionary of the options; SORI_CONFIG when there is none. Release afterwards, also after a failure. */
enum sori_status sori_term_reader_open(struct sori_term_reader *reader, const struct sori_cli *cli, struct sori_error *error);
/* The same over a dictionary that outlives the reader. */
enum sori_status sori_term_reader_on(struct sori_term_reader *reader, const struct sori_dictionary *dictionary, struct sori_error *error);
void sori_term_reader_close(struct sori_term_reader *reader);

#endif
