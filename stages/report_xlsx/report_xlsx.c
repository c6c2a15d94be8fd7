/* report.xlsx: the report's tables for a spreadsheet, with number formats, frozen headers, filters and native charts.
 *
 * libxlsxwriter in constant-memory mode: a row is written out when the next begins, so memory does not grow with the evidence.
 * The library takes a file name and nothing else; it gets one that leads to a file in memory, whose bytes then go the way of all
 * outputs (temporary name, sync, rename). The date of creation is the as-of day, for the same bytes from the same store. Every text
 * is a string cell: what begins with = + - @ stays text. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/base/buffer.h"
#include "stages/report_xlsx/sheet.h"

#define CELL_BYTES 32000 /* a cell takes 32,767 characters */

extern const struct sori_reporter sori_reporter_xlsx;

static void note(struct book *book, lxw_error error)
{
	if (book->failed == LXW_NO_ERROR)
		book->failed = error;
}

struct sheet sheet_open(struct book *book, const char *ko, const char *en, const struct column *columns, size_t count, size_t rows)
{
	bool english = book->model->query.english;
	struct sheet sheet = {.book = book, .worksheet = workbook_add_worksheet(book->workbook, english ? en : ko)};
	if (!sheet.worksheet) {
		note(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
		return sheet;
	}
	for (size_t c = 0; c < count; c++) {
		note(book, worksheet_set_column(sheet.worksheet, (lxw_col_t)c, (lxw_col_t)c, columns[c].width, NULL));
		note(book, worksheet_write_string(sheet.worksheet, 0, (lxw_col_t)c, english ? columns[c].en : columns[c].ko, book->head));
	}
	if (count > 0) {
		worksheet_freeze_panes(sheet.worksheet, 1, 1);
		if (rows > 0)
			note(book, worksheet_autofilter(sheet.worksheet, 0, 0, (lxw_row_t)rows, (lxw_col_t)(count - 1)));
	}
	sheet.row = count > 0 ? 1 : 0;
	return sheet;
}

void sheet_next_row(struct sheet *sheet)
{
	sheet->row++;
	sheet->column = 0;
}

/* XML has no U+FFFE and U+FFFF, and the library passes them on. */
static void add_clean(struct sori_buffer *clean, struct sori_view text)
{
	if (text.length > CELL_BYTES) {
		text.length = CELL_BYTES;
		while (text.length > 0 && ((unsigned char)text.at[text.length] & 0xc0) == 0x80)
			text.length--;
	}
	for (size_t i = 0; i < text.length; i++) {
		bool none = i + 2 < text.length && (unsigned char)text.at[i] == 0xef && (unsigned char)text.at[i + 1] == 0xbf &&
			    (unsigned char)text.at[i + 2] >= 0xbe;
		sori_buffer_add(clean, none ? "\xef\xbf\xbd" : &text.at[i], none ? 3 : 1);
		i += none ? 2 : 0;
	}
	sori_buffer_add_byte(clean, '\0');
}

static void write_text(struct sheet *sheet, struct sori_view text, lxw_format *format)
{
	struct sori_buffer clean;
	if (text.length > 0 && sheet->worksheet) {
		sori_buffer_init(&clean, CELL_BYTES * 4);
		add_clean(&clean, text);
		if (clean.failed)
			note(sheet->book, LXW_ERROR_MEMORY_MALLOC_FAILED);
		else
			note(sheet->book, worksheet_write_string(sheet->worksheet, sheet->row, sheet->column, clean.at, format));
		sori_buffer_release(&clean);
	}
	sheet->column++;
}

void sheet_text(struct sheet *sheet, const char *text)
{
	write_text(sheet, sori_view_of(text), sheet->book->text);
}

void sheet_long_text(struct sheet *sheet, struct sori_view text)
{
	write_text(sheet, text, sheet->book->wrap);
}

void sheet_number(struct sheet *sheet, double value, lxw_format *format)
{
	if (isfinite(value) && sheet->worksheet)
		note(sheet->book, worksheet_write_number(sheet->worksheet, sheet->row, sheet->column, value, format));
	sheet->column++;
}

void sheet_count(struct sheet *sheet, uint64_t value)
{
	if (sori_is_hidden(value))
		sheet_text(sheet, sori_publish_word(sheet->book->model->publish_k));
	else
		sheet_number(sheet, value == SORI_REPORT_UNKNOWN ? NAN : (double)value, sheet->book->count);
}

void sheet_share(struct sheet *sheet, uint64_t documents, uint64_t denominator)
{
	bool known = !sori_is_hidden(documents) && !sori_is_hidden(denominator) && denominator > 0;
	sheet_number(sheet, known ? (double)documents / (double)denominator : NAN, sheet->book->percent);
}

/* A spreadsheet counts days from 1899-12-30. */
void sheet_day(struct sheet *sheet, sori_day day)
{
	sheet_number(sheet, day == SORI_DAY_NONE ? NAN : (double)day + 25569, sheet->book->day);
}

static lxw_format *make_format(struct book *book, const char *number, bool bold)
{
	lxw_format *format = workbook_add_format(book->workbook);
	if (!format) {
		note(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
		return NULL;
	}
	if (number)
		format_set_num_format(format, number);
	if (bold)
		format_set_bold(format);
	format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
	return format;
}

static void make_formats(struct book *book)
{
	book->head = make_format(book, NULL, true);
	book->title = make_format(book, NULL, true);
	book->count = make_format(book, "#,##0", false);
	book->percent = make_format(book, "0.0%", false);
	book->points = make_format(book, "+0.0%;-0.0%;0.0%", false);
	book->ratio = make_format(book, "0.00", false);
	book->q = make_format(book, "0.000", false);
	book->text = make_format(book, NULL, false);
	book->day = make_format(book, "yyyy-mm-dd", false);
	book->wrap = make_format(book, NULL, false);
	if (book->failed != LXW_NO_ERROR)
		return;
	format_set_bottom(book->head, LXW_BORDER_THIN);
	format_set_text_wrap(book->head);
	format_set_font_size(book->title, 16);
	format_set_text_wrap(book->wrap);
}

/* The as-of day at midnight UTC; without one the first day that the library takes. */
static void set_properties(struct book *book)
{
	char title[] = "sori", comments[] = "sori " SORI_VERSION;
	lxw_doc_properties properties = {.title = title, .comments = comments};
	sori_day day = book->model->as_of;
	properties.created = day == SORI_DAY_NONE || day <= 0 ? 86400 : (time_t)day * 86400;
	note(book, workbook_set_properties(book->workbook, &properties));
}

static void write_book(struct book *book)
{
	make_formats(book);
	if (book->failed != LXW_NO_ERROR)
		return;
	set_properties(book);
	book_summary(book);
	book_changes(book);
	book_trends(book);
	book_series(book);
	book_breakdown(book);
	book_alerts(book);
	book_evidence(book);
	book_quality(book);
}

/* A file in memory that has a name. */
static int open_memory(char name[32])
{
	int file = memfd_create("report.xlsx", MFD_CLOEXEC);
	if (file >= 0)
		snprintf(name, 32, "/proc/self/fd/%d", file);
	return file;
}

static enum sori_status copy_out(int file, struct sori_output *output, struct sori_error *error)
{
	char block[1 << 14];
	ssize_t got;
	off_t at = 0;
	while ((got = pread(file, block, sizeof block, at)) > 0) {
		enum sori_status status = sori_output_write(output, sori_view_make(block, (size_t)got), error);
		if (status != SORI_OK)
			return status;
		at += got;
	}
	if (got < 0 || at == 0)
		return sori_fail(error, SORI_IO, "report.xlsx: %s", got < 0 ? strerror(errno) : "nothing was written");
	return SORI_OK;
}

static enum sori_status fail_with(lxw_error failed, struct sori_error *error)
{
	return sori_fail(error, failed == LXW_ERROR_MEMORY_MALLOC_FAILED ? SORI_SYSTEM : SORI_IO, "report.xlsx: %s",
			 lxw_strerror(failed));
}

static enum sori_status report_xlsx_write(const struct sori_report_model *model, struct sori_output_set *outputs,
					  const struct sori_settings *settings, struct sori_error *error)
{
	lxw_workbook_options how = {.constant_memory = LXW_TRUE};
	struct book book = {.model = model, .found = model->findings};
	struct sori_output *output;
	char name[32];
	(void)settings;
	int file = open_memory(name);
	if (file < 0)
		return sori_fail(error, SORI_SYSTEM, "report.xlsx: no file in memory: %s", strerror(errno));
	enum sori_status status = sori_output_set_open(outputs, "report.xlsx", false, 0, &output, error);
	if (status == SORI_OK && !(book.workbook = workbook_new_opt(name, &how)))
		status = sori_fail(error, SORI_SYSTEM, "no memory for report.xlsx");
	if (status == SORI_OK) {
		write_book(&book);
		lxw_error closed = workbook_close(book.workbook); /* frees it, whatever it says */
		note(&book, closed);
		if (book.failed != LXW_NO_ERROR)
			status = fail_with(book.failed, error);
	}
	if (status == SORI_OK)
		status = copy_out(file, output, error);
	close(file);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

static const struct sori_option options[] = {
	{"write", SORI_OPTION_BOOL, "true", 0, 0, NULL, "write report.xlsx"},
	{0}};

const struct sori_reporter sori_reporter_xlsx = {"report_xlsx", "the report's tables for a spreadsheet (report.xlsx)", options,
						 report_xlsx_write, "report.xlsx"};
