/* Writing a sheet cell by cell, row after row. Private to report_xlsx. */
#ifndef SORI_REPORT_XLSX_SHEET_H
#define SORI_REPORT_XLSX_SHEET_H

#include <xlsxwriter.h>

#include "pipeline/core/report.h"
#include "pipeline/core/report_findings.h"

struct book {
	const struct sori_report_model *model;
	const struct sori_report_findings *found;
	lxw_workbook *workbook;
	lxw_format *head, *title, *count, *percent, *points, *ratio, *q, *text, *day, *wrap;
	lxw_error failed; /* the first error; sticky */
};

/* A cell of a header: both languages and the column's width in characters. */
struct column {
	const char *ko, *en;
	double width;
};

struct sheet {
	struct book *book;
	lxw_worksheet *worksheet;
	lxw_row_t row;
	lxw_col_t column; /* next to be written */
};

/* A new sheet with a header row, frozen, with a filter over `rows` rows; `names` in both languages. */
struct sheet sheet_open(struct book *book, const char *ko, const char *en, const struct column *columns, size_t count, size_t rows);
void sheet_next_row(struct sheet *sheet);

/* Each writes one cell and moves on; what is not known leaves its cell empty. Text is written as a string, never as a formula,
 * whatever it begins with. */
void sheet_text(struct sheet *sheet, const char *text);
void sheet_long_text(struct sheet *sheet, struct sori_view text);
void sheet_count(struct sheet *sheet, uint64_t value); /* "<5" when hidden */
void sheet_number(struct sheet *sheet, double value, lxw_format *format);
void sheet_share(struct sheet *sheet, uint64_t documents, uint64_t denominator);
void sheet_day(struct sheet *sheet, sori_day day);

/* sheets.c */
void book_summary(struct book *book);
void book_changes(struct book *book);
void book_series(struct book *book);
void book_trends(struct book *book);
void book_breakdown(struct book *book);
void book_alerts(struct book *book);
void book_evidence(struct book *book);
void book_quality(struct book *book);

#endif
