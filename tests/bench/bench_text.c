/* How long normalisation and redaction take: the texts of a CSV column, or the lines of a file, in batches of 128 KiB as in
 * a run, one thread. Each round is timed as a whole; the median of the rounds is printed, so that one interruption does
 * not show, and a digest of everything that came out, so that two builds can be told apart.
 *
 *   bench_text FILE [COLUMN] [ROUNDS]     COLUMN: name in the header, "-" for lines; default "text" */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/text/redact.h"

#define BATCH_BYTES ((size_t)128 * 1024)
#define ROUND_LIMIT 101
#define COLUMN_LIMIT 64

struct texts {
	struct sori_buffer bytes;
	size_t *ends;
	size_t count, capacity;
};

struct batch {
	struct sori_buffer normalized;
	struct sori_map map;
	struct sori_mask_list masks;
	struct slice {
		size_t start, length, map_first, map_count;
	} *slices;
	size_t capacity;
};

struct timing {
	double normalize, redact; /* seconds of one round */
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "bench_text: %s\n", what);
	exit(1);
}

static struct sori_view read_all(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) != 0)
		die("cannot read the file");
	long size = ftell(file);
	char *at = sori_alloc(size > 0 ? (size_t)size : 1);
	rewind(file);
	if (!at || size < 0 || fread(at, 1, (size_t)size, file) != (size_t)size)
		die("cannot read the file");
	(void)fclose(file);
	return sori_view_make(at, (size_t)size);
}

static void end_text(struct texts *texts)
{
	size_t start = texts->count ? texts->ends[texts->count - 1] : 0;
	if (texts->bytes.failed || (texts->count == texts->capacity && SORI_GROW(texts->ends, texts->capacity, texts->count + 1) != 0))
		die("out of memory");
	struct sori_view text = sori_view_make(texts->bytes.at + start, texts->bytes.length - start);
	texts->bytes.length = start + sori_utf8_valid_prefix(text);
	texts->ends[texts->count++] = texts->bytes.length;
}

static void load_lines(struct sori_view all, struct texts *texts)
{
	for (size_t at = 0; at < all.length;) {
		const char *end = memchr(all.at + at, '\n', all.length - at);
		size_t length = (end ? (size_t)(end - all.at) : all.length) - at;
		sori_buffer_add(&texts->bytes, all.at + at, length);
		end_text(texts);
		at += length + 1;
	}
}

/* One field, unquoted, appended to `out`; true when its record goes on behind it. */
static int read_field(struct sori_view all, size_t *at, struct sori_buffer *out)
{
	size_t i = *at;
	int quoted = i < all.length && all.at[i] == '"';
	for (i += (size_t)quoted; i < all.length; i++) {
		char c = all.at[i];
		if (quoted && c == '"') {
			if (i + 1 < all.length && all.at[i + 1] == '"')
				i++;
			else {
				quoted = 0;
				continue;
			}
		} else if (!quoted && (c == ',' || c == '\n')) {
			break;
		} else if (!quoted && c == '\r') {
			continue;
		}
		sori_buffer_add_byte(out, c);
	}
	*at = i + 1;
	return i < all.length && all.at[i] == ',';
}

static void load_column(struct sori_view all, const char *name, struct texts *texts)
{
	struct sori_buffer field;
	size_t at = 0, wanted = COLUMN_LIMIT, column = 0;
	sori_buffer_init(&field, all.length + 1);
	for (int more = 1; more; column++) {
		sori_buffer_reset(&field);
		more = read_field(all, &at, &field);
		if (sori_view_is(sori_view_trim(sori_buffer_view(&field)), name))
			wanted = column;
	}
	if (wanted == COLUMN_LIMIT)
		die("no such column");
	while (at < all.length) {
		column = 0;
		for (int more = 1; more; column++) {
			sori_buffer_reset(&field);
			more = read_field(all, &at, &field);
			if (column == wanted) {
				sori_buffer_add_view(&texts->bytes, sori_buffer_view(&field));
				end_text(texts);
			}
		}
	}
	sori_buffer_release(&field);
}

static size_t normalize_batch(struct batch *batch, const struct texts *texts, size_t first)
{
	size_t start = first ? texts->ends[first - 1] : 0, from = start, i = first;
	sori_buffer_reset(&batch->normalized);
	batch->map.count = 0;
	for (; i < texts->count && from - start < BATCH_BYTES; i++) {
		size_t count = i - first;
		if (count == batch->capacity && SORI_GROW(batch->slices, batch->capacity, count + 1) != 0)
			die("out of memory");
		struct slice *slice = &batch->slices[count];
		slice->start = batch->normalized.length;
		slice->map_first = batch->map.count;
		struct sori_view text = sori_view_make(texts->bytes.at + from, texts->ends[i] - from);
		if (sori_normalize(text, &batch->normalized, &batch->map) == SORI_SYSTEM)
			die("out of memory");
		slice->length = batch->normalized.length - slice->start;
		slice->map_count = batch->map.count - slice->map_first;
		if (batch->normalized.capacity - batch->normalized.length <= 64 && !sori_buffer_reserve(&batch->normalized, 65))
			die("out of memory");
		batch->normalized.at[batch->normalized.length++] = '\n';
		from = texts->ends[i];
	}
	return i;
}

static void redact_batch(struct batch *batch, size_t count)
{
	struct sori_redactor redactor;
	batch->masks.count = 0;
	sori_redact_begin(&redactor, batch->normalized.at, batch->normalized.length, NULL, &batch->masks);
	for (size_t i = 0; i < count; i++) {
		struct slice *s = &batch->slices[i];
		if (s->map_count > 0 &&
		    sori_redact_next(&redactor, s->start, s->length, batch->map.points + s->map_first, s->map_count) != SORI_OK)
			die("out of memory");
	}
}

static struct timing run_round(struct batch *batch, const struct texts *texts, uint64_t *digest)
{
	struct timing t = {0, 0};
	for (size_t first = 0; first < texts->count;) {
		double start = now();
		size_t end = normalize_batch(batch, texts, first);
		double middle = now();
		redact_batch(batch, end - first);
		t.normalize += middle - start;
		t.redact += now() - middle;
		first = end;
		if (!digest)
			continue;
		const struct sori_view parts[] = {
			sori_buffer_view(&batch->normalized),
			sori_view_make((const char *)batch->map.points, batch->map.count * sizeof *batch->map.points),
			sori_view_make((const char *)batch->masks.masks, batch->masks.count * sizeof *batch->masks.masks),
		};
		for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
			*digest = sori_hash64(parts[p], *digest);
	}
	return t;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void print_row(const char *name, double *seconds, size_t rounds, const struct texts *texts)
{
	qsort(seconds, rounds, sizeof *seconds, by_value);
	double median = seconds[rounds / 2];
	printf("%-10s %8.1f ns/row %8.1f MB/s\n", name, median / (double)texts->count * 1e9, (double)texts->bytes.length / median * 1e-6);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: bench_text FILE [COLUMN|-] [ROUNDS]");
	const char *column = argc > 2 ? argv[2] : "text";
	size_t rounds = argc > 3 ? (size_t)strtoul(argv[3], NULL, 10) : 7;
	if (rounds < 1 || rounds > ROUND_LIMIT)
		die("rounds are 1 to 101");
	struct sori_view all = read_all(argv[1]);
	struct texts texts = {0};
	struct batch batch = {0};
	sori_buffer_init(&texts.bytes, all.length + 1);
	sori_buffer_init(&batch.normalized, (size_t)64 << 20);
	if (strcmp(column, "-") == 0)
		load_lines(all, &texts);
	else
		load_column(all, column, &texts);
	if (texts.count == 0)
		die("no texts");
	double normalize[ROUND_LIMIT], redact[ROUND_LIMIT];
	uint64_t digest = 0;
	(void)run_round(&batch, &texts, &digest);
	for (size_t i = 0; i < rounds; i++) {
		struct timing t = run_round(&batch, &texts, NULL);
		normalize[i] = t.normalize;
		redact[i] = t.redact;
	}
	printf("%zu rows, %.1f bytes a row, digest %016llx\n", texts.count, (double)texts.bytes.length / (double)texts.count,
	       (unsigned long long)digest);
	print_row("normalize", normalize, rounds, &texts);
	print_row("redact", redact, rounds, &texts);
	sori_buffer_release(&texts.bytes);
	sori_buffer_release(&batch.normalized);
	sori_free(texts.ends);
	sori_free(batch.slices);
	sori_free(batch.map.points);
	sori_free(batch.masks.masks);
	sori_free((void *)(uintptr_t)all.at);
	return 0;
}
