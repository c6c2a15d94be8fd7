/* Civil calendar arithmetic after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
#include "pipeline/base/day.h"

#include <stdio.h>

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

sori_day sori_day_of(int year, int month, int day)
{
	int era, year_of_era, day_of_year, shifted;

	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return SORI_DAY_NONE;
	shifted = month <= 2 ? year - 1 : year; /* the year begins in March, so that the leap day is its last */
	era = shifted / 400;
	year_of_era = shifted - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void sori_day_split(sori_day when, int *year, int *month, int *day)
{
	int shifted = when + 719468;
	int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int day_of_era = shifted - era * 146097;
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int march_month = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

int sori_day_weekday(sori_day when)
{
	int weekday = (when + 3) % 7; /* 1970-01-01 was a Thursday */

	return weekday < 0 ? weekday + 7 : weekday;
}

void sori_day_text(sori_day when, char text[11])
{
	int year, month, day;

	text[0] = '\0';
	if (when == SORI_DAY_NONE)
		return;
	sori_day_split(when, &year, &month, &day);
	if (year < 0 || year > 9999)
		return;
	(void)snprintf(text, 11, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u, (unsigned)day % 100u);
}

bool sori_day_parse_iso(struct sori_view text, sori_day *when)
{
	unsigned long long year, month, day;

	if (text.length != 10 || text.at[4] != '-' || text.at[7] != '-' ||
	    !sori_view_to_u64(sori_view_slice(text, 0, 4), &year) ||
	    !sori_view_to_u64(sori_view_slice(text, 5, 2), &month) || !sori_view_to_u64(sori_view_slice(text, 8, 2), &day))
		return false;
	*when = sori_day_of((int)year, (int)month, (int)day);
	return *when != SORI_DAY_NONE;
}
