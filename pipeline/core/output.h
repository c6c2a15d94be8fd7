/* Output files: written to a temporary name in the same folder, flushed, synced, renamed, folder synced; mode 0640.
 * A failed sync is final (SORI_IO), never retried. Gzip output is reproducible: no name, no time, OS byte 3, level 6
 * (1 for very large ones). */
#ifndef SORI_CORE_OUTPUT_H
#define SORI_CORE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/error.h"
#include "pipeline/base/view.h"

struct sori_output;

/* Begins FOLDER/name; `gzip` compresses; `level` 1..9, 0 = 6. */
enum sori_status sori_output_open(struct sori_output **output, const char *folder, const char *name, bool gzip, int level,
				  struct sori_error *error);
enum sori_status sori_output_write(struct sori_output *output, struct sori_view data, struct sori_error *error);
/* Finishes and syncs the temporary file; sori_output_publish then renames it. Split in two so that a run renames all
 * its files together after its last check. */
enum sori_status sori_output_finish(struct sori_output *output, struct sori_error *error);
enum sori_status sori_output_publish(struct sori_output *output, struct sori_error *error);
/* Drops the temporary file when not published; frees. NULL is fine. */
void sori_output_close(struct sori_output *output);

/* The files of one run, which appear together or not at all: opened in a set, written, finished (flushed, synced) one by
 * one, then renamed in the order of opening with one sync of the folder. Freeing a set that was not published drops its
 * temporary files; the files of the run before stay as they were. Not thread-safe. */
struct sori_output_set;

/* new: NULL when memory is out; `folder` is copied and must exist when the first file is opened. free: NULL is fine. */
struct sori_output_set *sori_output_set_new(const char *folder);
void sori_output_set_free(struct sori_output_set *set);

/* As sori_output_open; the set owns the output (never call sori_output_close on it). */
enum sori_status sori_output_set_open(struct sori_output_set *set, const char *name, bool gzip, int level,
				      struct sori_output **output, struct sori_error *error);
/* A file that this run leaves out: an earlier run's is removed when the set is published. `name` is borrowed. */
enum sori_status sori_output_set_drop(struct sori_output_set *set, const char *name, struct sori_error *error);
/* Finishes those that are not finished yet. */
enum sori_status sori_output_set_finish(struct sori_output_set *set, struct sori_error *error);
/* Finishes what is left, then renames all. */
enum sori_status sori_output_set_publish(struct sori_output_set *set, struct sori_error *error);
/* Names in the order of opening, for run.json; NULL past the last. */
const char *sori_output_set_name(const struct sori_output_set *set, size_t index);

/* Creates a folder (and parents), mode 0750; an existing folder is fine. */
enum sori_status sori_make_folder(const char *path, unsigned mode, struct sori_error *error);

#endif
