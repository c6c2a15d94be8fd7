/* Dates as feedback dumps write them. The order of day and month is decided once per file from its sample. */
#ifndef SORI_TEXT_DATES_H
#define SORI_TEXT_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/day.h"
#include "pipeline/base/view.h"

enum sori_date_style {
	SORI_DATE_NONE,
	SORI_DATE_YMD,   /* 2024-03-01, 2024.3.1, 2024/03/01, 24.03.01, 20240301, 2024년 3월 1일; with time and zone */
	SORI_DATE_MDY,   /* 3/1/2024, 03/22/23, Mar 1, 2024 */
	SORI_DATE_DMY,   /* 22-04-2015, 31-Jul-18, 1 March 2024 */
	SORI_DATE_EPOCH, /* seconds, or milliseconds when over 1e11 */
	SORI_DATE_EXCEL, /* days since 1899-12-30, fraction = time */
	SORI_DATE_PATTERN
};

/* The style that reads most of the values, ties to the more specific order; NONE when under half are dates. A column of
 * plain numbers is a date only as YYYYMMDD in range, epoch seconds of 1990..2100 or Excel serials of 1990..2100. With
 * day and month ambiguous throughout, MDY when the text is English-looking (`prefer_mdy`), else DMY. `exchange` (may be
 * NULL) is set when the values look as if days 1 to 12 had day and month exchanged (those days spread over many months
 * while days over 12 fall into few). */
enum sori_date_style sori_date_guess(const struct sori_view *values, size_t count, bool prefer_mdy, bool *exchange);

/* Reads one value; `zone_minutes` is the zone of the day to give (540 = Asia/Seoul), used for values that carry a zone
 * or are epoch seconds; a value without a zone is taken as local. `seconds` (may be NULL) gets the moment for `updated`
 * columns. False when it is not a date of this style; a value whose month name settles the order is read in any style. */
bool sori_date_parse(enum sori_date_style style, const char *pattern, struct sori_view value, int zone_minutes,
		     sori_day *day, int64_t *seconds);

const char *sori_date_style_name(enum sori_date_style style); /* "none" "ymd" "mdy" "dmy" "epoch" "excel" "pattern" */

#endif
