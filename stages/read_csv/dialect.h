/* Delimiter, quoting, header and columns of a delimited file, from its sample. */
#ifndef SORI_READ_CSV_DIALECT_H
#define SORI_READ_CSV_DIALECT_H

#include "pipeline/base/arena.h"
#include "pipeline/core/reader.h"
#include "stages/read_csv/cut.h"

struct csv_dialect {
	struct csv_marks marks;
	size_t columns;     /* of a data record */
	double share;       /* of the sample's records with that many */
	size_t records;     /* in the sample */
	bool sep_line;      /* first line is "sep=;" */
	bool header;
	bool shifted;       /* the header has one name less: the first column has none */
	size_t rows;        /* of the table below, header not counted */
	struct sori_view *names;  /* columns names; in the arena, valid UTF-8 */
	struct sori_view *values; /* rows x columns */
};

/* Decides the marks by trying them; `delimiter` '\0' tries all. False when memory is out. */
bool sori_csv_guess_marks(struct sori_view sample, bool whole, char delimiter, struct csv_dialect *dialect);

/* Reads the sample's rows by dialect->marks into the arena and decides header and columns. False when memory is out. */
bool sori_csv_read_table(struct sori_view sample, bool whole, enum sori_encoding encoding, struct csv_dialect *dialect,
		    struct sori_arena *arena);

/* Text of one raw field: quotes off, escapes resolved; in the arena when it had any. *out.at NULL: out of memory. */
void sori_csv_field_text(const struct csv_marks *marks, struct sori_view raw, struct sori_arena *arena, struct sori_view *out);

#endif
