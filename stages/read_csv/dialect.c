/* The dialect is the one under which most records have the same number of fields: each candidate is tried with the very
 * cutter that reads the file later, so that the guess cannot differ from the reading. */
#include "stages/read_csv/dialect.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/columns.h"
#include "pipeline/core/encoding.h"
#include "pipeline/text/dates.h"

#define TRIED_RECORDS 1000
#define TRIED_BYTES ((size_t)1 << 20)
#define TABLE_CELLS 200000

struct trial {
	size_t records, columns, agreeing;
	size_t paired, escaped; /* "" and \" inside quoted fields */
	bool null_cell;         /* \N as a whole field */
	double share, score;
};

/* Copy with the 64 bytes behind it that the cutter may read. */
static char *padded(struct sori_view text)
{
	char *copy = sori_alloc(text.length + 64);
	if (!copy)
		return NULL;
	if (text.length)
		memcpy(copy, text.at, text.length);
	memset(copy + text.length, 0, 64);
	return copy;
}

static void look_at_escapes(const struct csv_cutter *cutter, size_t start, struct trial *trial)
{
	for (size_t field = 0; field < cutter->fields; field++) {
		size_t from = field ? cutter->ends[field - 1] + 1 : start, to = cutter->ends[field];
		const char *data = cutter->data;
		if (to - from == 2 && data[from] == '\\' && data[from + 1] == 'N')
			trial->null_cell = true;
		if (to - from < 4 || data[from] != '"')
			continue;
		for (size_t i = from + 1; i + 2 < to; i++) {
			if (data[i + 1] != '"')
				continue;
			trial->paired += data[i] == '"';
			trial->escaped += data[i] == '\\' && data[i + 2] != '"';
		}
	}
}

static bool try_marks(struct sori_view text, bool whole, const struct csv_marks *marks, struct trial *trial)
{
	struct csv_cutter cutter;
	unsigned counts[SORI_COLUMN_LIMIT + 2] = {0};
	size_t at = 0, end;
	*trial = (struct trial){0};
	bool fine = sori_csv_cutter_init(&cutter, marks, 0, SORI_COLUMN_LIMIT) &&
		    sori_csv_cutter_set(&cutter, text.at, text.length, whole, true);
	while (fine && at < text.length && trial->records < TRIED_RECORDS) {
		enum csv_result result = sori_csv_cut(&cutter, at, &end);
		if (result == CSV_MORE)
			break;
		if (result == CSV_RECORD) {
			counts[cutter.fields]++;
			look_at_escapes(&cutter, at, trial);
		}
		trial->records += result != CSV_BLANK;
		at = end;
	}
	for (size_t fields = 1; fields <= SORI_COLUMN_LIMIT + 1; fields++) {
		if (counts[fields] > trial->agreeing || (counts[fields] && counts[fields] == trial->agreeing)) {
			trial->agreeing = counts[fields];
			trial->columns = fields;
		}
	}
	if (trial->records && trial->columns > 1) {
		trial->share = (double)trial->agreeing / (double)trial->records;
		trial->score = trial->share * trial->share * (1 - 0.5 / (double)trial->columns);
	}
	sori_csv_cutter_release(&cutter);
	return fine;
}

/* "sep=;" in the first line; Excel writes and obeys it. */
static char sep_line(struct sori_view sample)
{
	if (sample.length >= 6 && sori_view_equal_nocase(sori_view_slice(sample, 0, 4), SORI_VIEW_LITERAL("sep=")) &&
	    (sample.at[5] == '\n' || sample.at[5] == '\r'))
		return sample.at[4];
	return '\0';
}

bool sori_csv_guess_marks(struct sori_view sample, bool whole, char delimiter, struct csv_dialect *dialect)
{
	static const char delimiters[] = {',', '\t', ';', '|'};
	*dialect = (struct csv_dialect){0};
	char sep = sep_line(sample);
	dialect->sep_line = sep != '\0';
	if (sep && !delimiter)
		delimiter = sep;
	if (sep) {
		size_t skip = sample.length > 6 && sample.at[5] == '\r' && sample.at[6] == '\n' ? 7 : 6;
		sample = sori_view_slice(sample, skip, sample.length);
	}
	if (sample.length > TRIED_BYTES) {
		sample.length = TRIED_BYTES;
		whole = false;
	}
	char *copy = padded(sample);
	if (!copy)
		return false;
	sample.at = copy;
	struct trial best = {0}, trial;
	struct csv_marks marks = {delimiter ? delimiter : ',', '"', '\0'};
	bool fine = true;
	for (size_t i = 0; fine && i < sizeof delimiters; i++) {
		struct csv_marks tried = {delimiter ? delimiter : delimiters[i], '"', '\0'};
		fine = try_marks(sample, whole, &tried, &trial);
		if (i == 0 || trial.score > best.score) {
			best = trial;
			marks = tried;
		}
		if (delimiter)
			break;
	}
	/* quotes as plain characters (hand-made TSV), or a backslash that escapes (MySQL), only when it reads better */
	struct csv_marks bare = {marks.delimiter, '\0', '\0'}, slash = {marks.delimiter, '"', '\\'};
	if (fine && best.columns > 1 && (fine = try_marks(sample, whole, &bare, &trial)) && trial.share > best.share + 0.005) {
		best = trial;
		marks = bare;
	}
	if (fine && marks.quote && memchr(sample.at, '\\', sample.length)) {
		size_t escaped = best.escaped, paired = best.paired;
		bool null_cell = best.null_cell;
		fine = try_marks(sample, whole, &slash, &trial);
		if (trial.share > best.share + 0.0005 ||
		    (trial.share >= best.share && (null_cell || (escaped > 1 && paired == 0)))) {
			best = trial;
			marks = slash;
		}
	}
	sori_free(copy);
	dialect->marks = marks;
	dialect->columns = best.columns ? best.columns : 1;
	dialect->records = best.records;
	dialect->share = best.records ? (double)best.agreeing / (double)best.records : 0;
	return fine;
}

void sori_csv_field_text(const struct csv_marks *marks, struct sori_view raw, struct sori_arena *arena, struct sori_view *out)
{
	*out = raw;
	bool quoted = marks->quote && raw.length && raw.at[0] == marks->quote;
	if (quoted) {
		bool closed = raw.length >= 2 && raw.at[raw.length - 1] == marks->quote;
		*out = sori_view_make(raw.at + 1, raw.length - 1 - closed);
	}
	bool pairs = quoted && out->length && memchr(out->at, marks->quote, out->length);
	bool slashes = marks->escape && out->length && memchr(out->at, marks->escape, out->length);
	if (!pairs && !slashes)
		return;
	if (slashes && sori_view_is(*out, "\\N")) {
		out->length = 0;
		return;
	}
	char *to = sori_arena_alloc(arena, out->length);
	if (!to) {
		*out = sori_view_make(NULL, 0);
		return;
	}
	size_t length = 0;
	for (size_t i = 0; i < out->length; i++) {
		char c = out->at[i];
		if (pairs && c == marks->quote && i + 1 < out->length && out->at[i + 1] == marks->quote) {
			i++;
		} else if (slashes && c == marks->escape && i + 1 < out->length) {
			c = out->at[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? ' ' : c;
		}
		to[length++] = c;
	}
	*out = sori_view_make(to, length);
}

static bool read_row(const struct csv_cutter *cutter, size_t start, enum sori_encoding encoding, size_t columns,
		     struct sori_arena *arena, struct sori_view *row)
{
	for (size_t field = 0; field < columns; field++) {
		row[field] = sori_view_make("", 0);
		if (field >= cutter->fields)
			continue;
		size_t from = field ? cutter->ends[field - 1] + 1 : start;
		struct sori_view text;
		sori_csv_field_text(&cutter->marks, sori_view_make(cutter->data + from, cutter->ends[field] - from), arena, &text);
		if (!text.at)
			return false;
		struct sori_view decoded;
		if (sori_decode_text(encoding, text, arena, &decoded) && decoded.at)
			row[field] = decoded;
	}
	return true;
}

/* A first row is a header when it holds a known name, or when it looks unlike the rows below it. */
static bool is_header(const struct csv_dialect *dialect, const struct sori_view *first)
{
	size_t numbers = 0, filled = 0, longest = 0;
	for (size_t i = 0; i < dialect->columns; i++) {
		struct sori_view name = sori_view_trim(first[i]);
		sori_day day;
		if (!name.length)
			continue;
		if (sori_column_is_known(name))
			return true;
		filled++;
		longest = name.length > longest ? name.length : longest;
		numbers += name.at[0] >= '0' && name.at[0] <= '9';
		numbers += sori_date_parse(SORI_DATE_YMD, NULL, name, 0, &day, NULL);
		for (size_t j = 0; j < i; j++)
			if (sori_view_equal(name, sori_view_trim(first[j])))
				return false;
	}
	if (numbers || longest > 60 || filled == 0 || dialect->columns == 1)
		return false;
	/* names above numbers or dates, or above much longer text */
	size_t rows = dialect->rows < 50 ? dialect->rows : 50, below = 0, length = 0;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < dialect->columns; i++) {
			struct sori_view value = sori_view_trim(dialect->values[row * dialect->columns + i]);
			below += value.length && value.at[0] >= '0' && value.at[0] <= '9';
			length += value.length;
		}
	}
	return rows == 0 || below * 2 >= rows || length / rows > 3 * longest * dialect->columns;
}

/* Where the header has one name less than the rows have fields: a last column that is always empty (a delimiter at each
 * line's end), or else a first column without a name. */
static bool last_is_empty(const struct csv_dialect *dialect)
{
	for (size_t row = 0; row < dialect->rows; row++)
		if (dialect->values[row * dialect->columns + dialect->columns - 1].length)
			return false;
	return true;
}

bool sori_csv_read_table(struct sori_view sample, bool whole, enum sori_encoding encoding, struct csv_dialect *dialect,
		    struct sori_arena *arena)
{
	struct csv_cutter cutter = {0};
	size_t columns = dialect->columns, limit = TABLE_CELLS / columns + 1, at = 0, end, first_fields = 0;
	if (limit > SORI_COLUMN_SAMPLE_ROWS)
		limit = SORI_COLUMN_SAMPLE_ROWS;
	if (sample.length > 2 * TRIED_BYTES) {
		sample.length = 2 * TRIED_BYTES;
		whole = false;
	}
	char *copy = padded(sample);
	struct sori_view *first = sori_arena_zero(arena, columns, sizeof *first);
	dialect->names = sori_arena_zero(arena, columns, sizeof *dialect->names);
	dialect->values = sori_arena_zero(arena, (limit + 1) * columns, sizeof *dialect->values);
	bool fine = copy && first && dialect->names && dialect->values &&
		    sori_csv_cutter_init(&cutter, &dialect->marks, columns, SORI_COLUMN_LIMIT) &&
		    sori_csv_cutter_set(&cutter, copy, sample.length, whole, true);
	bool have_first = false, skip = dialect->sep_line;
	while (fine && at < sample.length && dialect->rows < limit) {
		cutter.columns = have_first ? columns : 0;
		enum csv_result result = sori_csv_cut(&cutter, at, &end);
		if (result == CSV_MORE)
			break;
		if (skip) {
			skip = false;
		} else if (result == CSV_RECORD && !have_first) {
			first_fields = cutter.fields;
			have_first = true;
			fine = read_row(&cutter, at, encoding, columns, arena, first);
		} else if (result == CSV_RECORD) {
			fine = read_row(&cutter, at, encoding, columns, arena, dialect->values + dialect->rows++ * columns);
		}
		at = end;
	}
	sori_csv_cutter_release(&cutter);
	if (!fine || !have_first) {
		sori_free(copy);
		return fine;
	}
	dialect->header = is_header(dialect, first);
	if (dialect->header) {
		dialect->shifted = first_fields + 1 == columns && !last_is_empty(dialect);
		for (size_t i = dialect->shifted; i < columns; i++)
			dialect->names[i] = first[i - dialect->shifted];
	} else if (first_fields == columns) {
		memmove(dialect->values + columns, dialect->values, dialect->rows * columns * sizeof *dialect->values);
		memcpy(dialect->values, first, columns * sizeof *first);
		dialect->rows += dialect->rows < limit;
	}
	/* what needed no unescaping still points into the copy */
	for (size_t i = 0; fine && i < (dialect->rows + 1) * columns; i++) {
		struct sori_view *view = i < columns ? &dialect->names[i] : &dialect->values[i - columns];
		if (view->at >= copy && view->at < copy + sample.length) {
			*view = sori_arena_copy(arena, *view);
			fine = view->at || !view->length;
		}
	}
	sori_free(copy);
	return fine;
}
