/* From operands to records: the list of inputs, and one open input with its encoding and format decided.
 *
 *   operands -> sori_inputs_expand -> sori_input … -> sori_source_open -> pull (serial) -> decode (parallel) -> close
 *
 * An input that cannot be read as feedback (no format, no encoding, no text column) is no error: input->refused and
 * input->problem say so, and pull ends at once. */
#ifndef SORI_CORE_SOURCE_H
#define SORI_CORE_SOURCE_H

#include <stddef.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/error.h"
#include "pipeline/core/reader.h"
#include "pipeline/core/stage.h"

struct sori_input_list {
	struct sori_input **inputs;
	size_t count, capacity;
	/* Set before, borrowed, NULL none: what this program writes itself is never read as a dump. */
	const char *out;   /* folder of the outputs */
	const char *store; /* path of the store */
	/* Inside folders: what is neither a file nor a folder of its own (pipes, devices, dangling links, loops). */
	size_t skipped;
	char first_skipped[512]; /* the first of them in byte order */
	size_t own;              /* files of this program's own, left out */
};

/* Turns files, folders (recursive; names with a leading dot are skipped) and "-" into inputs in byte order of their
 * paths, each path once. `source` of an input is the name of the operand's folder (of the file's folder when the operand
 * is a file), or `source` when that is not NULL. A FIFO, socket or device is SORI_NO_INPUT when it is an operand and
 * skipped inside a folder (counted); symbolic links are followed, but for those back into the folders above. A folder that
 * cannot be listed, anything inside one that cannot be examined, and one of several operands that is not there, becomes
 * an input that is refused already (`failure` says why); of a single operand, or of all, it is an error. Nothing to read
 * at all is SORI_NO_INPUT. The list starts zeroed but for `out` and `store` and is released by sori_inputs_release also after a failure. */
enum sori_status sori_inputs_expand(const char *const *operands, size_t count, const char *source,
				    struct sori_input_list *list, struct sori_error *error);
void sori_inputs_release(struct sori_input_list *list);

/* One input by itself (index 0); NULL when memory is out. free: also frees what the reader filled in. */
struct sori_input *sori_input_new(const char *path, const char *source);
void sori_input_free(struct sori_input *input);

/* "540", "-300" (minutes east of UTC), "+09:00", "-05:30", "Z", "UTC" or "Asia/Seoul"; NULL is Seoul. False: none of these. */
bool sori_zone_parse(const char *text, int *minutes);

struct sori_source;

/* Opens: bytes, encoding, the reader that fits best (of the registry's SOURCE stages, or the wished one), columns.
 * `read_size` bounds one read(2), 0 = standard. The wish must outlive the source. */
enum sori_status sori_source_open(struct sori_source **source, struct sori_input *input, const struct sori_input_wish *wish,
				  const struct sori_stage *const *registry, size_t read_size, struct sori_error *error);

/* Next records into a reset batch (sets batch->input); SORI_END when nothing is left. One thread at a time. */
enum sori_status sori_source_pull(struct sori_source *source, struct sori_batch *batch, struct sori_error *error);

/* Fills the fields of a pulled batch; any number of threads at a time, each with its own batch. */
enum sori_status sori_source_decode(const struct sori_source *source, struct sori_batch *batch, struct sori_error *error);

/* Reads on to the end of the stored file for its hash, and frees. NULL is fine. */
enum sori_status sori_source_close(struct sori_source *source, struct sori_error *error);

/* What was guessed, for `sori sniff` and the run's summary: for each thing its value and the option that overrides it.
 * Appends to `facts` (caller's array of SORI_FACT_LIMIT) and returns how many; texts borrow from the input. */
#define SORI_FACT_LIMIT (SORI_ROLE_COUNT + 4)
struct sori_fact {
	const char *what;   /* "encoding" "format" "delimiter" "date form" or the role's option name */
	const char *value;  /* "" : none found */
	const char *option; /* "--encoding", "--text" … */
	bool given;         /* fixed by option */
};
size_t sori_input_facts(const struct sori_input *input, struct sori_fact facts[SORI_FACT_LIMIT]);

#endif
