/* The front of a dump whose records name their own fields (JSON, XML), as the table that columns are chosen from. */
#ifndef SORI_CORE_NAMED_SAMPLE_H
#define SORI_CORE_NAMED_SAMPLE_H

#include "pipeline/base/arena.h"
#include "pipeline/core/columns.h"

struct sori_named_sample;

/* NULL when memory is out. At most `rows` records are wanted, and the first `columns` names seen are kept. */
struct sori_named_sample *sori_named_sample_new(size_t rows, size_t columns);
void sori_named_sample_free(struct sori_named_sample *sample);

/* Room for decoded text that lives as long as the sample. */
struct sori_arena *sori_named_sample_arena(struct sori_named_sample *sample);

/* Opens the next row; false when there are enough, or memory is out. */
bool sori_named_sample_begin_row(struct sori_named_sample *sample);
/* One field of the open row, copied; of a name that comes again the first value that is not empty stays. */
void sori_named_sample_add(struct sori_named_sample *sample, struct sori_view name, struct sori_view value);
/* Closes the row; a record that turned out broken is not kept. */
void sori_named_sample_end_row(struct sori_named_sample *sample, bool keep);
/* Memory ran out, here or where a record was parsed: choosing then fails. */
void sori_named_sample_no_memory(struct sori_named_sample *sample);

/* As sori_columns_choose. */
enum sori_status sori_named_sample_choose(struct sori_named_sample *sample, const struct sori_input_wish *wish,
					  struct sori_input *input, struct sori_error *error);

#endif
