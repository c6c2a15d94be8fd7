/* Shared by the reader targets: the fuzzer's bytes as a file in memory, read twice with different read sizes. Aborts when
 * an identity is violated or when the records depend on the read size. */
#ifndef SORI_TESTS_FUZZ_INPUT_H
#define SORI_TESTS_FUZZ_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/utf8.h"
#include "pipeline/core/source.h"

struct fuzz_outcome {
	uint64_t digest; /* of everything that the records say */
	uint64_t read;
	bool refused;
};

static inline void fuzz_check(bool truth)
{
	if (!truth)
		abort();
}

static inline void fuzz_record(struct fuzz_outcome *outcome, const struct sori_record *record, uint64_t *expected)
{
	uint64_t facts[4] = {record->number, record->byte, record->line, record->reason};
	fuzz_check(record->number == ++*expected);
	outcome->digest = sori_hash64(record->raw, outcome->digest);
	outcome->digest = sori_hash64(sori_view_make((const char *)facts, sizeof facts), outcome->digest);
	for (int role = 0; role < SORI_ROLE_COUNT && record->reason == SORI_REASON_NONE; role++) {
		fuzz_check(sori_utf8_is_valid(record->field[role]));
		outcome->digest = sori_hash64(record->field[role], outcome->digest);
	}
}

static inline struct fuzz_outcome fuzz_read(const char *path, const char *format, size_t read_size)
{
	struct fuzz_outcome outcome = {0};
	struct sori_input_wish wish = {.format = format};
	struct sori_error error;
	struct sori_source *source;
	struct sori_input *input = sori_input_new(path, "fuzz");
	struct sori_batch *batch = sori_batch_new();
	uint64_t numbers = 0;
	fuzz_check(input && batch);
	fuzz_check(sori_source_open(&source, input, &wish, sori_stages, read_size, &error) == SORI_OK);
	for (;;) {
		sori_batch_reset(batch);
		enum sori_status status = sori_source_pull(source, batch, &error);
		if (status == SORI_END)
			break;
		fuzz_check(status == SORI_OK && batch->count > 0);
		fuzz_check(sori_source_decode(source, batch, &error) == SORI_OK);
		for (size_t i = 0; i < batch->count; i++)
			fuzz_record(&outcome, &batch->records[i], &numbers);
	}
	fuzz_check(sori_source_close(source, &error) == SORI_OK);
	const struct sori_input_counts *counts = &input->counts;
	outcome.read = counts->read;
	outcome.refused = input->refused;
	fuzz_check(counts->read == numbers && counts->seen == counts->header + counts->blank + counts->read);
	if (!input->refused)
		fuzz_check(counts->span_bytes + counts->framing_bytes == counts->decoded_bytes);
	sori_batch_free(batch);
	sori_input_free(input);
	return outcome;
}

/* A file in memory that holds the bytes; the caller closes *fd. */
static inline void fuzz_file(const uint8_t *data, size_t size, int *fd, char path[64])
{
	*fd = memfd_create("fuzz", MFD_CLOEXEC);
	fuzz_check(*fd >= 0);
	for (size_t at = 0; at < size;) {
		ssize_t n = write(*fd, data + at, size - at);
		fuzz_check(n > 0);
		at += (size_t)n;
	}
	snprintf(path, 64, "/proc/self/fd/%d", *fd);
}

static inline int fuzz_format(const uint8_t *data, size_t size, const char *format)
{
	char path[64];
	int fd;
	fuzz_file(data, size, &fd, path);
	struct fuzz_outcome whole = fuzz_read(path, format, 0), pieces = fuzz_read(path, format, 7);
	fuzz_check(whole.digest == pieces.digest && whole.read == pieces.read && whole.refused == pieces.refused);
	close(fd);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
