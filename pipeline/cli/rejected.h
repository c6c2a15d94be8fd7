/* One rejected record of an output folder's quarantine, as the commands see it. */
#ifndef SORI_CLI_REJECTED_H
#define SORI_CLI_REJECTED_H

#include "pipeline/cli/cli.h"

struct sori_rejected {
	size_t number; /* as `sori quarantine list` counts, from 1 */
	char set[64], file[4096], source[1024], stage[64], encoding[16], reason[64];
	char id[256]; /* the dump's column of ids; "" when none was one */
	uint64_t record, line, byte, offset, length;
	uint64_t header_offset, header_length; /* of the dump's header line in the same set; 0 length: none */
};

/* `bytes` are the verbatim, unmasked record, valid during the call. Another status than OK stops the walk. */
typedef enum sori_status (*sori_rejected_fn)(void *user, const struct sori_rejected *rejected, struct sori_view bytes,
					     struct sori_error *error);

/* Every rejected record below OUT/quarantine, sets in byte order of their names, records in the order of their input. */
enum sori_status sori_rejected_each(const char *out, sori_rejected_fn visit, void *user, struct sori_error *error);

/* Writes the rejected records into the folder `to`, which must not exist yet: `to`/SOURCE/FILE with the header line that
 * the dump had. Files are 0600 in folders of 0700, since the bytes are unmasked. */
enum sori_status sori_quarantine_replay(struct sori_cli *cli, const char *out, const char *to, struct sori_error *error);

#endif
