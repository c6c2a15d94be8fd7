/* The decoded byte stream of one input: reads the file (or standard input), inflates gzip members with every kind of
 * damage detected, transcodes UTF-16, hashes the stored bytes. Serial. */
#ifndef SORI_CORE_BYTES_H
#define SORI_CORE_BYTES_H

#include "pipeline/base/error.h"
#include "pipeline/core/reader.h"

struct sori_bytes;

/* Opens input->path ("-": standard input), notes size and compression, reads the sample (up to 4 MiB decoded).
 * `read_size` bounds one read(2), 0 = 1 MiB; tests use 1 and 7. The sample is borrowed until the first read. */
enum sori_status sori_bytes_open(struct sori_bytes **bytes, struct sori_input *input, size_t read_size,
				 struct sori_sample *sample, struct sori_error *error);

/* Fixes the encoding after sniffing; UTF-16 is transcoded to UTF-8 from here on, the sample included. */
enum sori_status sori_bytes_set_encoding(struct sori_bytes *bytes, enum sori_encoding encoding,
					 struct sori_sample *sample, struct sori_error *error);

/* Copies up to `size` decoded bytes (the sample's first); *got 0 at the end. Damage is no error here: the stream ends,
 * input->incomplete and input->problem say what and at which stored byte. A failed read(2) is SORI_IO. */
enum sori_status sori_bytes_read(struct sori_bytes *bytes, char *into, size_t size, size_t *got, struct sori_error *error);

/* Fills input->hash and input->bytes (reads on to the end of the stored file) and closes. NULL is fine. */
enum sori_status sori_bytes_close(struct sori_bytes *bytes, struct sori_error *error);

#endif
