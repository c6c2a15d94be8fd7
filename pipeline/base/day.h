/* Days as integers: days since 1970-01-01 in the proleptic Gregorian calendar. */
#ifndef SORI_BASE_DAY_H
#define SORI_BASE_DAY_H

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/base/view.h"

typedef int32_t sori_day;          /* scalar, not a struct: the one typedef of the house */
#define SORI_DAY_NONE INT32_MIN    /* undated */

/* Day of a civil date (H. Hinnant, days_from_civil); SORI_DAY_NONE when the date does not exist or the year is
 * outside 1900..2199. */
sori_day sori_day_of(int year, int month, int day);
void sori_day_split(sori_day when, int *year, int *month, int *day);

/* 0 = Monday … 6 = Sunday. */
int sori_day_weekday(sori_day when);

/* "YYYY-MM-DD" and NUL; "" for SORI_DAY_NONE. */
void sori_day_text(sori_day when, char text[11]);

/* Reads exactly "YYYY-MM-DD". */
bool sori_day_parse_iso(struct sori_view text, sori_day *when);

#endif
