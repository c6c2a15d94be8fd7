/* Reading one input: container (plain, gzip), encoding, format, columns, records.
 *
 *   bytes of file -> [inflate] -> decoded member -> reader.pull (serial: cuts records) -> reader.decode (parallel:
 *   unescapes, transcodes to valid UTF-8, fills record->field)
 *
 * CP949 is cut as it is (no trail byte is a quote, comma, tab, newline, brace or bracket) and transcoded per record in
 * decode; UTF-16 is transcoded in the byte stream. */
#ifndef SORI_CORE_READER_H
#define SORI_CORE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/error.h"
#include "pipeline/core/batch.h"
#include "pipeline/text/dates.h"

enum sori_encoding { SORI_ENCODING_UNKNOWN, SORI_ENCODING_UTF8, SORI_ENCODING_CP949, SORI_ENCODING_UTF16LE, SORI_ENCODING_UTF16BE };
enum sori_compression { SORI_COMPRESSION_NONE, SORI_COMPRESSION_GZIP };

/* What the operator fixed by option; zero/NULL means guess. */
struct sori_input_wish {
	const char *format;      /* "csv" "tsv" "jsonl" "json" "xml" "html" "text" */
	const char *encoding;    /* "utf-8" "cp949" "utf-16le" "utf-16be" */
	const char *date_format;
	const char *record;      /* XML record element */
	const char *column[SORI_ROLE_COUNT]; /* header names */
	const char *dim_label[3];            /* names of DIM1..3, NULL: the column's */
	const char *source;                  /* overrides the folder's name */
	const char *time_zone;               /* for dates with a time: minutes east of UTC as text; default +09:00 */
};

struct sori_input_counts {
	uint64_t seen, header, blank, read;
	uint64_t accepted, rejected, duplicate, replaced, undated;
	uint64_t by_reason[SORI_REASON_COUNT];
	uint64_t span_bytes, framing_bytes, decoded_bytes;
};

/* One file, or standard input. Created by the command, read by one reader, kept to the end of the run for the ledger
 * and run.json. Counts are written in pull (seen, header, blank, read, bytes) and in order in deliver (the rest). */
struct sori_input {
	uint32_t index;           /* position in the run's inputs, sorted by path in byte order */
	char *path;               /* as given, or joined to its folder; "-" for standard input */
	char *source;             /* dimension `source` */
	struct sori_hash128 hash; /* of the file's bytes as stored (compressed); valid when complete */
	uint64_t bytes;           /* size as stored */
	enum sori_compression compression;
	enum sori_encoding encoding;
	bool byte_order_mark;
	const struct sori_stage *format; /* the source stage chosen */
	const char *format_name;         /* "csv", "tsv", "jsonl" … for run.json */
	char delimiter;                  /* CSV family */
	char *column[SORI_ROLE_COUNT];   /* header name chosen per role, NULL none */
	char *header;                    /* the header line as stored, without its end; NULL: the format has none */
	size_t header_length;
	char *dim_label[3];
	bool column_given[SORI_ROLE_COUNT]; /* fixed by option, not guessed */
	enum sori_date_style date_style;
	char *date_pattern;
	int zone_minutes;
	struct sori_input_counts counts;
	bool incomplete;          /* damaged container: what came before the damage is kept */
	bool cut_short;           /* the decoded bytes end inside a gzip member: the last record may be half a one */
	bool refused;             /* over --max-reject or no format/encoding/text: adds nothing */
	enum sori_status failure; /* refused because it could not be opened: the status of that; else SORI_OK */
	char problem[256];        /* why incomplete or refused */
	char warning[512];        /* e.g. trailing comma, day/month exchange pattern; "" none */
	bool known;               /* counted by an earlier run: filled from the ledger, not read again */
};

struct sori_bytes; /* decoded byte stream, pipeline/core/bytes.h */

/* The first bytes of a decoded member, for probing. */
struct sori_sample {
	struct sori_view bytes;   /* up to 4 MiB, after the byte order mark */
	bool whole;               /* the member ends inside the sample */
	enum sori_encoding encoding;
	const char *path;
};

struct sori_reader {
	const char *formats; /* what --format calls them, blank-separated: "csv tsv" */
	/* How well the sample fits this format, 0 (no) to 100; negative: memory is out, which must not pass for "no". */
	int (*probe)(const struct sori_sample *sample);
	/* Begins reading: decides dialect and columns, fills input->format_name, delimiter, column, date_style. */
	enum sori_status (*begin)(void **state, struct sori_input *input, const struct sori_input_wish *wish,
				  const struct sori_sample *sample, struct sori_bytes *bytes, struct sori_error *error);
	/* Serial. Appends records of about SORI_BATCH_RAW_TARGET bytes to a reset batch; SORI_END when nothing is left
	 * (the batch is then empty). Damage: sets input->incomplete and ends. A bad record is appended as rejected. */
	enum sori_status (*pull)(void *state, struct sori_batch *batch, struct sori_error *error);
	/* Parallel, `state` read-only. Fills the fields of every record not rejected, valid UTF-8, or rejects it. */
	enum sori_status (*decode)(const void *state, struct sori_batch *batch, struct sori_error *error);
	void (*end)(void *state);
};

#endif
