/* The calendar: days that are not like others. A text file, comma-separated with a header line, '#' comments:
 *
 *   date,type,label,scope
 *   2026-09-25,chuseok,추석,
 *   2026-08-03,release,앱 5.2,product=스마트폰
 *
 * date and type are needed, in any order of columns. type: seollal chuseok single substitute election (days off) or release
 * weather other (marks in charts, which change no sum). scope: DIM=VALUE;DIM=VALUE, empty: everybody.
 *
 * What days off mean for the statistics is one function, sori_calendar_kinds, for nightly and weekly alerts, compare and effect
 * alike; it gives each day an enum sori_day_kind (analyse.h):
 *
 *   ORDINARY   what its weekday is
 *   HOLIDAY    a day off: a class of its own, as a weekday is; where a model has under SORI_CALENDAR_EXAMPLES of them it can't be
 *              estimated, and they are left out
 *   DISTURBED  Seollal and Chuseok with the day before, the day after and the first working day after: out of baselines, and no
 *              alert on them
 *
 * A day left out goes from sums and denominators alike. A week has its share from the days that are left; under 6 of 7 of them
 * it is missing (effect, weekly alerts). Without a calendar all days are ordinary. */
#ifndef SORI_CORE_CALENDAR_H
#define SORI_CORE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/core/analyse.h"

enum sori_calendar_type {
	SORI_CALENDAR_SEOLLAL,
	SORI_CALENDAR_CHUSEOK,
	SORI_CALENDAR_SINGLE,
	SORI_CALENDAR_SUBSTITUTE,
	SORI_CALENDAR_ELECTION,
	SORI_CALENDAR_RELEASE,
	SORI_CALENDAR_WEATHER,
	SORI_CALENDAR_OTHER
};
const char *sori_calendar_type_id(enum sori_calendar_type type); /* "seollal" … */
static inline bool sori_calendar_day_off(enum sori_calendar_type type)
{
	return type <= SORI_CALENDAR_ELECTION;
}

struct sori_calendar_entry {
	sori_day day;
	enum sori_calendar_type type;
	const char *label;       /* "" none */
	struct sori_slice scope; /* no terms: everybody */
};

struct sori_calendar {
	struct sori_arena arena; /* owns all texts */
	struct sori_calendar_entry *entries; /* by day, then type, then line */
	size_t count;
};

/* SORI_CONFIG with file, line and column when a line is not as above; the same day, type and scope twice is an error.
 * *calendar is NULL unless SORI_OK. NULL is fine for free. */
enum sori_status sori_calendar_read(struct sori_calendar **calendar, const char *path, struct sori_error *error);
void sori_calendar_free(struct sori_calendar *calendar);

#define SORI_CALENDAR_EXAMPLES 3

/* Does the entry hold for every document of the slice (NULL: all documents)? Each dimension of its scope must be one that the
 * slice asks for, with no alternative beyond the scope's values. */
bool sori_calendar_holds(const struct sori_calendar_entry *entry, const struct sori_slice *slice);

/* kinds[days] (enum sori_day_kind) of the days from `first` on. A NULL calendar: all ordinary. Pure. */
void sori_calendar_kinds(const struct sori_calendar *calendar, const struct sori_slice *slice, sori_day first, size_t days,
			 unsigned char *kinds);

/* The same for the days of a panel, by sori_panel_set_kinds. Call it after sori_panel_load, with the slice that holds for all
 * sides. A NULL calendar changes nothing. */
enum sori_status sori_calendar_mark(struct sori_panel *panel, const struct sori_calendar *calendar, const struct sori_slice *slice,
				    struct sori_error *error);

/* The feast's own day (the middle one of the days listed together) in a year, for aligning years; SORI_DAY_NONE: not listed.
 * `feast` is SEOLLAL or CHUSEOK. */
sori_day sori_calendar_feast(const struct sori_calendar *calendar, enum sori_calendar_type feast, int year);

#endif
