/* Shared by the tests of the readers: a text as a file, read as the runner reads it, and its records kept as text. */
#ifndef SORI_TESTS_READER_FIXTURE_H
#define SORI_TESTS_READER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/core/source.h"

struct reading {
	struct sori_input *input;
	struct sori_buffer lines; /* one line a record: "number@byte:line" and reason, or the fields that are set */
	uint64_t rejected;
	int fd;
};

/* The raw span is the very bytes at the offset that the record names, and the line is counted right. */
static inline void reading_check(const struct reading *reading, const struct sori_record *record, const char *text)
{
	uint64_t line = 1;
	if (reading->input->compression != SORI_COMPRESSION_NONE || reading->input->encoding > SORI_ENCODING_CP949)
		return;
	assert_memory_equal(record->raw.at, text + record->byte, record->raw.length);
	for (uint64_t i = 0; i < record->byte && record->byte < 10000; i++)
		line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
	if (record->byte < 10000)
		assert_int_equal(record->line, line);
}

static inline void reading_add(struct reading *reading, const struct sori_record *record, const char *text)
{
	struct sori_buffer *to = &reading->lines;
	reading_check(reading, record, text);
	sori_buffer_add_format(to, "%llu@%llu:%llu", (unsigned long long)record->number, (unsigned long long)record->byte,
			       (unsigned long long)record->line);
	if (record->reason != SORI_REASON_NONE) {
		reading->rejected++;
		reading->input->counts.by_reason[record->reason]++;
		sori_buffer_add_format(to, " !%s", sori_reason_id((enum sori_reason)record->reason));
	}
	for (int role = 0; role < SORI_ROLE_COUNT && record->reason == SORI_REASON_NONE; role++) {
		if (!record->field[role].length)
			continue;
		sori_buffer_add_text(to, "|");
		sori_buffer_add_view(to, record->field[role]);
	}
	sori_buffer_add_text(to, "\n");
}

/* Reads `length` bytes as a dump; the caller ends it with reading_release. */
static inline struct reading reading_of(const char *text, size_t length, const struct sori_input_wish *wish, size_t read_size)
{
	static const struct sori_input_wish none;
	struct reading reading = {.fd = memfd_create("dump", MFD_CLOEXEC)};
	struct sori_source *source;
	struct sori_error error;
	char path[64];
	assert_true(reading.fd >= 0);
	for (size_t at = 0; at < length;) {
		ssize_t n = write(reading.fd, text + at, length - at);
		assert_true(n > 0);
		at += (size_t)n;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", reading.fd);
	reading.input = sori_input_new(path, "test");
	sori_buffer_init(&reading.lines, (size_t)1 << 28);
	struct sori_batch *batch = sori_batch_new();
	assert_non_null(batch);
	assert_int_equal(sori_source_open(&source, reading.input, wish ? wish : &none, sori_stages, read_size, &error), SORI_OK);
	for (;;) {
		sori_batch_reset(batch);
		enum sori_status status = sori_source_pull(source, batch, &error);
		if (status == SORI_END)
			break;
		assert_int_equal(status, SORI_OK);
		assert_int_equal(sori_source_decode(source, batch, &error), SORI_OK);
		for (size_t i = 0; i < batch->count; i++)
			reading_add(&reading, &batch->records[i], text);
	}
	assert_int_equal(sori_source_close(source, &error), SORI_OK);
	sori_batch_free(batch);
	sori_buffer_add_byte(&reading.lines, '\0');
	const struct sori_input_counts *counts = &reading.input->counts;
	assert_int_equal(counts->seen, counts->header + counts->blank + counts->read);
	if (!reading.input->refused)
		assert_int_equal(counts->span_bytes + counts->framing_bytes, counts->decoded_bytes);
	return reading;
}

static inline void reading_release(struct reading *reading)
{
	sori_input_free(reading->input);
	sori_buffer_release(&reading->lines);
	close(reading->fd);
}

/* Reads the text with several read sizes and compares every time with what is expected. */
static inline void expect_records_of(const char *text, size_t length, const struct sori_input_wish *wish, const char *expected)
{
	static const size_t sizes[] = {0, 1, 7};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct reading reading = reading_of(text, length, wish, sizes[i]);
		assert_string_equal(reading.lines.at, expected);
		reading_release(&reading);
	}
}

#define EXPECT_RECORDS(text, expected) expect_records_of((text), sizeof(text) - 1, NULL, (expected))

#endif
