/* Fact blobs: sorted facts packed column by column. Format (all little-endian):
 *
 *   blob  = "SFB1" chunk…
 *   chunk = u32 facts (1..SORI_BLOB_CHUNK), u32 payload bytes, u64 XXH3 of the payload, payload
 *   payload = u64 first key, then per column: u8 width, u64 base, ceil(facts x width / 64) words of packed (value - base),
 *             low bits first
 *
 * The first column holds the differences of the sorted keys; hashes do not compress, so nothing else is tried: packing
 * runs at memory speed, and a column that is the same throughout (input, dictionary) takes nine bytes. */
#ifndef SORI_CORE_STORE_BLOB_H
#define SORI_CORE_STORE_BLOB_H

#include "pipeline/base/buffer.h"
#include "pipeline/core/facts.h"

#define SORI_BLOB_CHUNK 4096
#define SORI_BLOB_MAXIMUM ((size_t)900 * 1024 * 1024) /* SQLite's own limit is 10^9 bytes */

/* Appends `count` (> 0) values, which are overwritten; `rising` ones as differences. One place more than `count` is needed. */
void sori_pack_column(struct sori_buffer *out, uint64_t *values, size_t count, bool rising);
/* Takes a column of `count` values off the front of `payload`; false on damage. */
bool sori_unpack_column(struct sori_view *payload, uint64_t *values, size_t count, bool rising);

struct sori_blob_writer {
	struct sori_buffer out;
	struct sori_fact *pending;
	uint64_t *column;
	size_t pending_count;
	uint64_t count;
};

enum sori_status sori_blob_writer_init(struct sori_blob_writer *writer, struct sori_error *error);
void sori_blob_writer_release(struct sori_blob_writer *writer);
void sori_blob_writer_reset(struct sori_blob_writer *writer);

/* Keys must ascend strictly. SORI_SYSTEM when memory is out. */
enum sori_status sori_blob_add(struct sori_blob_writer *writer, const struct sori_fact *fact, struct sori_error *error);
/* Writes what is pending; writer->out then holds the blob, empty when there were no facts. */
enum sori_status sori_blob_end(struct sori_blob_writer *writer, struct sori_error *error);

struct sori_blob_reader {
	struct sori_view data; /* borrowed */
	size_t offset;
	struct sori_fact *facts; /* of the current chunk */
	size_t at, count;
};

/* SORI_DATA when it is not a blob. release is fine on a zeroed reader. */
enum sori_status sori_blob_reader_init(struct sori_blob_reader *reader, struct sori_view data, struct sori_error *error);
void sori_blob_reader_release(struct sori_blob_reader *reader);
/* The next fact, valid until the one after is asked for; NULL with SORI_END at the end, SORI_DATA on damage. */
enum sori_status sori_blob_next(struct sori_blob_reader *reader, const struct sori_fact **fact, struct sori_error *error);

static inline int sori_fact_compare(const struct sori_fact *a, const struct sori_fact *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return a->occurrence < b->occurrence ? -1 : a->occurrence > b->occurrence;
}

#endif
