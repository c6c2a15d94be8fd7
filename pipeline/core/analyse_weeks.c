/* One pass over the days. The dictionary that counts is that of the last week with a single one: what is asked is how it is now,
 * and older weeks under another dictionary are no evidence about it. */
#include "pipeline/core/analyse_weeks.h"

#include <math.h>
#include <string.h>

#include "pipeline/core/report_query.h"

#define LEAST_DAYS 6 /* of 7: 80 % and more */

const char *sori_week_state_id(enum sori_week_state state)
{
	static const char *const ids[] = {"used", "partial", "missing", "empty", "dictionary", "phase-in"};

	return ids[state];
}

struct week {
	double y, n;
	size_t there;
	bool whole;
	int64_t dictionary; /* 0 none, -1 several */
};

static struct week sum_week(const struct sori_week_source *s, sori_day monday)
{
	struct week week = {.whole = monday >= s->from && monday + 6 <= s->to};

	for (sori_day day = monday; day < monday + 7; day++) {
		size_t at = (size_t)(day - s->first);

		if (day < s->from || day > s->to || day < s->first || at >= s->days)
			continue;
		if (s->out[at] || isnan(s->y[at]) || isnan(s->n[at]))
			continue;
		week.there++;
		week.y += s->y[at];
		week.n += s->n[at];
		if (s->dictionary[at])
			week.dictionary = !week.dictionary || week.dictionary == s->dictionary[at] ? s->dictionary[at] : -1;
	}
	return week;
}

static enum sori_week_state state_of(const struct week *week, int64_t dictionary)
{
	if (!week->whole)
		return SORI_WEEK_PARTIAL;
	if (week->there < LEAST_DAYS)
		return SORI_WEEK_MISSING;
	if (!(week->n > 0.0))
		return SORI_WEEK_EMPTY;
	return week->dictionary && week->dictionary != dictionary ? SORI_WEEK_DICTIONARY : SORI_WEEK_USED;
}

static int64_t dictionary_in_force(const struct sori_week_source *source, const struct sori_week_series *weeks)
{
	for (size_t i = weeks->count; i-- > 0;) {
		struct week week = sum_week(source, sori_week_monday(weeks, i));

		if (week.dictionary > 0)
			return week.dictionary;
	}
	return -1;
}

static bool make_room(struct sori_week_series *weeks, struct sori_arena *arena)
{
	weeks->t = sori_arena_zero(arena, weeks->count + 1, sizeof *weeks->t);
	weeks->y = sori_arena_zero(arena, weeks->count + 1, sizeof *weeks->y);
	weeks->n = sori_arena_zero(arena, weeks->count + 1, sizeof *weeks->n);
	weeks->state = sori_arena_zero(arena, weeks->count + 1, 1);
	weeks->excluded = sori_arena_zero(arena, weeks->count + 1, sizeof *weeks->excluded);
	return weeks->t && weeks->y && weeks->n && weeks->state && weeks->excluded;
}

enum sori_status sori_weeks_build(struct sori_week_series *weeks, struct sori_arena *arena, const struct sori_week_source *source,
				  struct sori_error *error)
{
	int64_t dictionary;

	*weeks = (struct sori_week_series){.first = source->from - sori_day_weekday(source->from)};
	weeks->count = source->to < source->from ? 0 : (size_t)(source->to - weeks->first) / 7 + 1;
	if (!make_room(weeks, arena))
		return sori_report_no_memory(error);
	dictionary = dictionary_in_force(source, weeks);
	for (size_t i = 0; i < weeks->count; i++) {
		struct week week = sum_week(source, sori_week_monday(weeks, i));
		enum sori_week_state state = state_of(&week, dictionary);

		weeks->t[i] = (double)i;
		weeks->state[i] = (unsigned char)state;
		weeks->y[i] = state == SORI_WEEK_USED ? week.y : NAN;
		weeks->n[i] = state == SORI_WEEK_USED ? week.n : NAN;
		weeks->used += state == SORI_WEEK_USED;
		weeks->other_dictionary += state == SORI_WEEK_DICTIONARY;
		weeks->documents += state == SORI_WEEK_USED ? week.y : 0.0;
	}
	return SORI_OK;
}

enum sori_status sori_weeks_out(const struct sori_panel *panel, size_t side, bool counts, bool feasts, struct sori_arena *arena,
				bool **out, size_t *disturbed, struct sori_error *error)
{
	const struct sori_panel_side *s = &panel->sides[side];

	if (!(*out = sori_arena_zero(arena, panel->days + 1, sizeof **out)))
		return sori_report_no_memory(error);
	for (size_t i = 0; i < panel->days; i++) {
		bool silent = s->absent[i] && (counts || !(s->all[i] > 0.0));
		bool feast = !feasts && panel->kind[i] == SORI_DAY_DISTURBED;

		(*out)[i] = silent || feast || panel->provisional[i];
		if (disturbed)
			*disturbed += feast;
	}
	return SORI_OK;
}

void sori_weeks_documents(const struct sori_panel *panel, size_t side, const struct sori_inquiry_subject *subject, double *y)
{
	memset(y, 0, panel->days * sizeof *y);
	for (size_t k = subject->first; k < subject->last; k++) {
		const double *documents = sori_panel_series(panel, side, k);

		for (size_t i = 0; i < panel->days; i++)
			y[i] += documents[i];
	}
}

struct sori_inquiry_subject sori_inquiry_subject(const struct sori_panel *panel, const char *name)
{
	struct sori_inquiry_subject subject = {0};
	size_t length = strlen(name);

	for (size_t k = 0; k < panel->category_count; k++)
		if (!strcmp(panel->categories[k].id, name))
			return (struct sori_inquiry_subject){&panel->categories[k], k, k + 1, length, false};
	if (length > 2 && !strcmp(name + length - 2, ".*"))
		length -= 2;
	for (size_t k = 0; k < panel->category_count; k++) {
		const struct sori_panel_category *category = &panel->categories[k];

		if (category->stem != length || category->id[length] != '.' || strncmp(category->id, name, length) != 0)
			continue;
		if (!subject.category)
			subject = (struct sori_inquiry_subject){category, k, k, length, true};
		subject.last = k + 1; /* ids that begin with "delivery." lie together in byte order */
	}
	return subject;
}

const struct sori_panel_category *sori_weeks_copy(struct sori_arena *arena, const struct sori_panel_category *category)
{
	struct sori_panel_category *copy = sori_arena_alloc(arena, sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *category;
	copy->id = sori_arena_copy(arena, sori_view_of(category->id)).at;
	copy->ko = sori_arena_copy(arena, sori_view_of(category->ko)).at;
	copy->en = sori_arena_copy(arena, sori_view_of(category->en)).at;
	return copy->id && copy->ko && copy->en ? copy : NULL;
}
