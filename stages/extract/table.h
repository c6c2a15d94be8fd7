/* The small tab-separated tables of dictionaries/grammar: `#` comments, blank lines, columns parted by tabs. */
#ifndef SORI_EXTRACT_TABLE_H
#define SORI_EXTRACT_TABLE_H

#include "pipeline/base/arena.h"
#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

struct sori_table_row {
	struct sori_view first;  /* first column */
	struct sori_view second; /* second column, "" when there is none */
	struct sori_view rest;   /* all after the second column's tab */
	uint32_t line;
};

struct sori_table {
	struct sori_table_row *rows;
	size_t count;
	struct sori_view bytes; /* the whole file */
};

/* Reads FOLDER/name into the arena. NO_INPUT when there is none; CONFIG when it is no valid UTF-8. */
enum sori_status sori_table_read(struct sori_table *table, struct sori_arena *arena, const char *folder,
				 const char *name, struct sori_error *error);

/* Cuts the first word (up to a blank) off *text; the empty view at the end. */
struct sori_view sori_table_word(struct sori_view *text);

/* Reads a whole file into the arena (NUL after it); SYSTEM over 64 MiB. */
enum sori_status sori_file_read(struct sori_view *bytes, struct sori_arena *arena, const char *path,
				struct sori_error *error);

#endif
