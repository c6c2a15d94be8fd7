/* Rejected records, verbatim, with position and reason: FOLDER/quarantine/rejects.bin and rejects.idx (JSON lines).
 * The folder is 0700, files 0600: the bytes are unmasked. Records arrive in input order. */
#ifndef SORI_CORE_QUARANTINE_H
#define SORI_CORE_QUARANTINE_H

#include "pipeline/base/error.h"
#include "pipeline/core/batch.h"

struct sori_quarantine;

/* Opens for one run; `run` names it in the index. Files of earlier runs stay; this run's are named by the run's
 * content hash at finish so that the same run again rewrites the same file. NULL folder: counts only. */
enum sori_status sori_quarantine_open(struct sori_quarantine **quarantine, const char *folder, struct sori_error *error);
enum sori_status sori_quarantine_add(struct sori_quarantine *quarantine, const struct sori_batch *batch,
				     const struct sori_record *record, struct sori_error *error);
enum sori_status sori_quarantine_finish(struct sori_quarantine *quarantine, struct sori_error *error);
void sori_quarantine_close(struct sori_quarantine *quarantine);

/* Reading what lies there. `visit` gets each line of each index (a JSON object with file, record, line, byte, length, offset,
 * stage, reason), sets in byte order of their names; another status than OK stops and is returned. A folder without a
 * quarantine has no lines. */
enum sori_status sori_quarantine_each(const char *folder,
				      enum sori_status (*visit)(void *user, const char *set, struct sori_view line,
								struct sori_error *error),
				      void *user, struct sori_error *error);

/* Appends the verbatim bytes of one rejected record of a set to `out`. They are unmasked. */
enum sori_status sori_quarantine_bytes(const char *folder, const char *set, uint64_t offset, uint64_t length,
				       struct sori_buffer *out, struct sori_error *error);

#endif
