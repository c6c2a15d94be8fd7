/* One series at a time: built from the panel, judged by the tier that its history allows.
 *
 *   nightly     days; 64 of history: Farrington flexible, a seven-day year, own past alarms left out behind a guard of a week;
 *               28: EARS C2 on the same shares, provisional
 *   weekly      ISO weeks; 160 of them: Farrington flexible over 3 to 5 years with trend, the 26 weeks before left out. A week
 *               has its sums from the days that tell something; with under 6 of them it is missing
 *
 * Shares for categories: a busy day is no rise of everything, and late data is late in numerator and denominator alike. Counts for
 * all documents, with the share that should be in by now as offset.
 *
 * What a day may tell: days around Seollal and Chuseok are in no baseline and not judged; a holiday is a class of its own when the
 * baseline has three, else missing; provisional days (late data) are in no baseline; a day that another dictionary counted is
 * missing; for volume also a day on which a usual source is silent. */
#include "pipeline/core/analyse_night.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"
#include "pipeline/stats/alerts_ears.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/special.h"

#define PROVISIONAL_DAYS 28
#define LEAST_OBSERVED 28   /* days with documents among the last 64 */
#define HOLIDAYS 3          /* in the baseline, to be a class */
#define HOLIDAY_CLASS 7
#define DAYS_OF_A_WEEK 6    /* at least, for a week to be there */
#define NOTHING 1e-6        /* expected documents of a weekday that the baseline never saw any on */
#define YEAR_OF_WEEKS 52.1775
#define PAD SORI_NIGHT_PAD

static size_t last_day(const struct sori_night *night)
{
	return night->begin + night->span * night->periods - 1;
}

/* ---- history */

static void find_days(struct sori_night *night)
{
	const struct sori_panel *panel = night->panel;
	struct sori_alerts_result *result = night->result;
	const double *all = panel->sides[0].all;
	size_t observed = 0;

	while (night->begin + 1 < panel->days && !(all[night->begin] > 0.0))
		night->begin++;
	night->periods = panel->days - night->begin;
	for (size_t i = 0; i < night->periods && i < SORI_ALERT_DAILY_DAYS; i++)
		observed += all[panel->days - 1 - i] > 0.0;
	if (night->periods >= SORI_ALERT_DAILY_DAYS && observed >= LEAST_OBSERVED)
		result->tier = SORI_TIER_DAILY;
	else if (night->periods >= PROVISIONAL_DAYS)
		result->tier = SORI_TIER_PROVISIONAL;
}

/* Whole ISO weeks up to the last Sunday; the first one that has documents on its Monday or later, from its Monday on. */
static void find_weeks(struct sori_night *night)
{
	const struct sori_panel *panel = night->panel;
	struct sori_alerts_result *result = night->result;
	size_t after = ((size_t)sori_day_weekday(panel->first + (sori_day)panel->days - 1) + 1) % 7, first = 0, end;

	end = panel->days > after ? panel->days - after : 0;
	while (first < end && !(panel->sides[0].all[first] > 0.0))
		first++;
	night->periods = (end - first) / 7;
	if (night->periods > SORI_ALERT_HISTORY_WEEKLY / 7)
		night->periods = SORI_ALERT_HISTORY_WEEKLY / 7;
	night->begin = end - 7 * night->periods;
	if (night->periods >= SORI_NIGHT_WEEKS)
		result->tier = SORI_TIER_WEEKLY;
	while ((night->settings.b + 1) * 52 + night->settings.w + 1 <= night->periods && night->settings.b < 5)
		night->settings.b++;
}

static size_t holidays_of_baseline(const struct sori_night *night)
{
	const struct sori_farrington_settings *s = &night->settings;
	size_t last = night->periods - 1, count = 0;

	for (size_t back = s->guard + 1; back <= s->b * s->freq && back <= last; back++)
		count += night->panel->kind[night->begin + last - back] == SORI_DAY_HOLIDAY;
	return count;
}

/* Classes are weekdays by position, tonight's weekday 0 or any: only equality counts. */
static enum sori_status find_seasons(struct sori_night *night, struct sori_error *error)
{
	const unsigned char *kind = night->panel->kind + night->begin;

	if (night->span > 1 || holidays_of_baseline(night) < HOLIDAYS)
		return SORI_OK;
	night->season = sori_alloc_zero(night->periods, 1);
	if (!night->season)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < night->periods; i++)
		night->season[i] = kind[i] == SORI_DAY_HOLIDAY ? HOLIDAY_CLASS : (unsigned char)(i % 7);
	return SORI_OK;
}

enum sori_status sori_night_begin(struct sori_night *night, struct sori_panel *panel, struct sori_alerts_result *result, bool weekly,
				  struct sori_error *error)
{
	size_t last;

	*night = (struct sori_night){.panel = panel, .result = result, .span = weekly ? 7 : 1,
				     .settings = weekly ? sori_farrington_weekly : sori_farrington_daily};
	if (weekly)
		find_weeks(night);
	else
		find_days(night);
	result->weekly = weekly;
	result->history = night->periods;
	result->completeness = 1.0;
	if (!night->periods) {
		result->day = panel->first + (sori_day)panel->days - 1;
		return SORI_OK;
	}
	last = last_day(night);
	result->day = panel->first + (sori_day)last;
	result->kind = weekly ? SORI_DAY_ORDINARY : (enum sori_day_kind)panel->kind[last];
	for (size_t day = last + 1 - night->span; day <= last; day++) {
		result->documents += panel->sides[0].all[day];
		result->missing = result->missing || panel->sides[0].absent[day];
		if (panel->completeness && panel->completeness[day] < result->completeness)
			result->completeness = panel->completeness[day];
	}
	night->y = sori_alloc((night->periods + PAD) * sizeof *night->y);
	night->n = sori_alloc((night->periods + PAD) * sizeof *night->n);
	night->judged = sori_alloc(night->periods * sizeof *night->judged);
	if (!night->y || !night->n || !night->judged)
		return sori_report_no_memory(error);
	for (size_t i = 0; i < PAD; i++)
		night->y[i] = night->n[i] = sori_na();
	return find_seasons(night, error);
}

void sori_night_release(struct sori_night *night)
{
	sori_free(night->y);
	sori_free(night->n);
	sori_free(night->season);
	sori_free(night->judged);
}

/* ---- the series */

struct wanted {
	size_t first, last, less; /* categories; first == last: all documents by number */
	bool complaints;          /* distinct ones */
};

static bool is_volume(const struct wanted *wanted)
{
	return wanted->first == wanted->last;
}

/* May the day be in a baseline, or be judged when it is of the last period? */
static bool tells(const struct sori_night *night, const struct wanted *wanted, size_t day, int64_t dictionary)
{
	const struct sori_panel *panel = night->panel;
	const struct sori_panel_side *side = &panel->sides[0];
	bool tonight = day + night->span > last_day(night);

	if (is_volume(wanted) ? side->absent[day] : side->all[day] > 0.0 && side->dictionary[day] != dictionary)
		return false;
	if (panel->kind[day] == SORI_DAY_DISTURBED)
		return false;
	if (tonight)
		return true;
	return !panel->provisional[day] && (panel->kind[day] == SORI_DAY_ORDINARY || night->season || night->span > 1);
}

static double count_of(const struct sori_night *night, const struct wanted *wanted, size_t day)
{
	const struct sori_panel *panel = night->panel;
	const struct sori_panel_side *side = &panel->sides[0];
	const double *counts = wanted->complaints ? side->complaints : side->documents;
	double sum = 0.0;

	if (is_volume(wanted))
		return wanted->complaints ? side->all_complaints[day] : side->all[day];
	for (size_t k = wanted->first; k < wanted->last; k++)
		if (k != wanted->less)
			sum += counts[k * panel->days + day];
	return sum;
}

static double base_of(const struct sori_night *night, const struct wanted *wanted, size_t day)
{
	const struct sori_panel *panel = night->panel;

	if (is_volume(wanted))
		return panel->completeness ? panel->completeness[day] : 1.0;
	return wanted->complaints ? panel->sides[0].all_complaints[day] : panel->sides[0].all[day];
}

/* The dictionary of the last period; -1 when there are several. */
static int64_t dictionary_of(const struct sori_night *night)
{
	const int64_t *of_day = night->panel->sides[0].dictionary;
	size_t last = last_day(night);
	int64_t dictionary = 0;

	for (size_t day = last + 1 - night->span; day <= last; day++)
		if (of_day[day])
			dictionary = dictionary == 0 || dictionary == of_day[day] ? of_day[day] : -1;
	return dictionary;
}

static void take_series(struct sori_night *night, const struct wanted *wanted)
{
	size_t needed = night->span == 1 ? 1 : DAYS_OF_A_WEEK;
	int64_t dictionary = dictionary_of(night);

	for (size_t i = 0; i < night->periods; i++) {
		double y = 0.0, n = 0.0;
		size_t used = 0;

		for (size_t day = night->begin + i * night->span, end = day + night->span; day < end; day++) {
			if (!tells(night, wanted, day, dictionary))
				continue;
			y += count_of(night, wanted, day);
			n += base_of(night, wanted, day);
			used++;
		}
		night->y[PAD + i] = used < needed ? sori_na() : y;
		night->n[PAD + i] = used < needed ? sori_na() : n;
	}
}

/* ---- the tiers */

static void no_figures(struct sori_alert *row)
{
	row->expected = row->lower = row->upper = row->p = row->q = row->phi = row->trend = sori_na();
	row->complaints = row->complaints_expected = row->complaints_upper = sori_na();
}

/* Farrington from the first day that can be judged, forward, so that tonight knows the alarms before it. A weekday without
 * any document in the baseline is expected to have none ever, and one would alarm: then the weekdays are taken together. */
static enum sori_status run_daily(struct sori_night *night, const struct sori_farrington **last, struct sori_error *error)
{
	struct sori_farrington_settings settings = night->settings;
	const struct sori_series series = {.count = night->periods, .y = night->y + PAD, .n = night->n + PAD};
	size_t from = sori_farrington_first(&settings);
	enum sori_status status;

	settings.season = night->season;
	*last = &night->judged[night->periods - 1 - from];
	status = sori_farrington_run(&settings, &series, from, night->judged, error);
	if (status != SORI_OK || (*last)->outcome != SORI_GLM_FITTED || (*last)->mu > NOTHING)
		return status;
	settings.w = settings.freq / 2;
	settings.groups = 1;
	settings.season = NULL;
	return sori_farrington_run(&settings, &series, from, night->judged, error);
}

/* One fit: the weekly rule has a guard of half a year and leaves nothing else out. */
static enum sori_status run_weekly(struct sori_night *night, const struct sori_farrington **last, struct sori_error *error)
{
	const struct sori_series series = {.count = night->periods, .y = night->y + PAD, .n = night->n + PAD};

	*last = &night->judged[0];
	return sori_farrington_at(&night->settings, &series, NULL, night->periods - 1, &night->judged[0], error);
}

/* A baseline without any document says little when it is short: given y documents in all, that all of them came tonight has
 * the chance (tonight / (tonight + baseline))^y. */
static void judge_new(const struct sori_night *night, struct sori_alert *row)
{
	const struct sori_farrington_settings *s = &night->settings;
	const double *y = night->y + PAD, *n = night->n + PAD;
	size_t at = night->periods - 1;
	double before = 0.0, chance;

	for (size_t back = s->guard + 1; back <= s->b * s->freq + s->freq / 2 && back <= at; back++)
		if (!isnan(y[at - back]) && n[at - back] > 0.0)
			before += n[at - back];
	chance = n[at] / (n[at] + before);
	row->expected = 0.0;
	row->phi = 1.0;
	row->word = SORI_ALERT_TOO_LITTLE;
	if (isnan(row->upper) || !(before > 0.0))
		return;
	row->upper = floor(log(s->alpha) / log(chance));
	row->p = pow(chance, row->observed);
	row->word = row->observed > row->upper ? SORI_ALERT_WATCH : SORI_ALERT_QUIET;
}

static enum sori_status judge_farrington(struct sori_night *night, struct sori_alert *row, struct sori_error *error)
{
	const struct sori_farrington *last;
	enum sori_status status = night->span == 1 ? run_daily(night, &last, error) : run_weekly(night, &last, error);

	if (status != SORI_OK)
		return status;
	row->used = last->used;
	row->dropped = last->dropped;
	row->released = last->released;
	row->trend_used = last->trend_used;
	row->trend = last->trend_used ? exp(YEAR_OF_WEEKS * last->trend) : sori_na();
	row->word = SORI_ALERT_NO_FIT;
	if (last->outcome != SORI_GLM_FITTED)
		return SORI_OK;
	row->upper = last->upper;
	if (last->mu < NOTHING) {
		judge_new(night, row);
		return SORI_OK;
	}
	row->expected = last->mu;
	row->phi = last->phi;
	row->word = SORI_ALERT_TOO_LITTLE;
	if (isnan(last->upper))
		return SORI_OK;
	row->p = last->p_exceed;
	row->word = last->alarm ? SORI_ALERT_WATCH : SORI_ALERT_QUIET;
	return SORI_OK;
}

/* EARS C2 in documents at tonight's denominator. The mean is the bound at alpha one half. */
static void judge_provisional(struct sori_night *night, struct sori_alert *row)
{
	struct sori_ears_settings settings = sori_ears_recommended, half = sori_ears_recommended;
	size_t at = PAD + night->periods - 1;
	double tonight = night->n[at], spread, recent = 0.0;
	struct sori_ears bound, mean;

	for (size_t i = 0; i < night->settings.limit_periods && i < night->periods; i++)
		recent += isnan(night->y[at - i]) ? 0.0 : night->y[at - i];
	for (size_t i = 0; i < at; i++)
		night->y[i] = night->n[i] > 0.0 ? night->y[i] * tonight / night->n[i] : sori_na();
	half.alpha = 0.5;
	bound = sori_ears(&settings, night->y, at);
	mean = sori_ears(&half, night->y, at);
	row->word = SORI_ALERT_TOO_LITTLE;
	if (isnan(bound.upper))
		return;
	spread = (bound.upper - mean.upper) / sori_normal_quantile(1.0 - settings.alpha);
	row->expected = mean.upper;
	row->upper = bound.upper;
	row->phi = mean.upper > 0.0 ? spread * spread / mean.upper : sori_na();
	for (size_t i = at - 2 - settings.baseline; i < at - 2; i++)
		row->used += isnan(night->y[i]) ? 0 : 1;
	if (recent < night->settings.limit_cases)
		return;
	row->p = sori_normal_upper((row->observed - mean.upper) / spread);
	row->word = bound.alarm > 0.0 ? SORI_ALERT_WATCH : SORI_ALERT_QUIET;
}

/* Days that Farrington's baseline could use. A dictionary that is weeks old has left them few. */
static size_t observed_lately(const struct sori_night *night)
{
	const struct sori_farrington_settings *s = &night->settings;
	size_t at = PAD + night->periods - 1, count = 0;

	for (size_t back = s->guard + 1; back <= s->b * s->freq; back++)
		count += isnan(night->y[at - back]) || !(night->n[at - back] > 0.0) ? 0 : 1;
	return count;
}

/* Judges the series in y and n. */
static enum sori_status judge(struct sori_night *night, struct sori_alert *row, struct sori_error *error)
{
	const struct sori_alerts_result *result = night->result;

	row->observed = night->y[PAD + night->periods - 1];
	if (result->kind == SORI_DAY_DISTURBED || (result->kind == SORI_DAY_HOLIDAY && !night->season)) {
		row->word = SORI_ALERT_HOLIDAY;
		return SORI_OK;
	}
	row->word = SORI_ALERT_NO_DATA;
	if (isnan(row->observed) || !(night->n[PAD + night->periods - 1] > 0.0))
		return SORI_OK;
	row->word = SORI_ALERT_TOO_LITTLE;
	row->tier = result->tier;
	if (row->tier == SORI_TIER_DAILY && observed_lately(night) < LEAST_OBSERVED)
		row->tier = SORI_TIER_PROVISIONAL;
	if (row->tier == SORI_TIER_DAILY || row->tier == SORI_TIER_WEEKLY)
		return judge_farrington(night, row, error);
	if (row->tier == SORI_TIER_PROVISIONAL)
		judge_provisional(night, row);
	return SORI_OK;
}

/* Over the bound in documents: is it as well in distinct complaints? */
static enum sori_status judge_complaints(struct sori_night *night, const struct wanted *documents, struct sori_alert *row,
					 struct sori_error *error)
{
	struct wanted wanted = *documents;
	struct sori_alert distinct = {0};
	enum sori_status status;

	if (row->word != SORI_ALERT_WATCH || !night->panel->sides[0].complaints)
		return SORI_OK;
	wanted.complaints = true;
	take_series(night, &wanted);
	no_figures(&distinct);
	status = judge(night, &distinct, error);
	row->complaints = distinct.observed;
	row->complaints_expected = distinct.expected;
	row->complaints_upper = distinct.upper;
	row->copies = distinct.word < SORI_ALERT_WATCH;
	return status;
}

enum sori_status sori_night_categories(struct sori_night *night, size_t first, size_t last, size_t less, struct sori_alert *row,
				       struct sori_error *error)
{
	const struct wanted wanted = {.first = first, .last = last, .less = less};
	enum sori_status status;

	no_figures(row);
	take_series(night, &wanted);
	if (dictionary_of(night) == -1) {
		row->observed = night->y[PAD + night->periods - 1];
		row->word = SORI_ALERT_DICTIONARY;
		return SORI_OK;
	}
	status = judge(night, row, error);
	return status == SORI_OK ? judge_complaints(night, &wanted, row, error) : status;
}

/* The lower bound mirrors the upper one. */
static void judge_low(const struct sori_night *night, struct sori_alert *row)
{
	const double alpha = night->settings.alpha;
	bool poisson = row->phi - 1.0 < 1e-6;
	double below;

	if (row->tier == SORI_TIER_PROVISIONAL) {
		row->lower = fmax(0.0, 2.0 * row->expected - row->upper);
		below = 1.0 - row->p;
	} else {
		row->lower = poisson ? sori_poisson_quantile(alpha, row->expected)
				     : sori_negbin_quantile(alpha, row->expected, row->phi);
		below = poisson ? sori_poisson_le(row->observed, row->expected)
				: sori_negbin_le(row->observed, row->expected, row->phi);
	}
	row->low = row->observed < row->lower;
	row->p = row->low ? below : row->p;
}

enum sori_status sori_night_volume(struct sori_night *night, struct sori_alert *row, struct sori_error *error)
{
	const struct wanted wanted = {0};
	enum sori_status status;

	no_figures(row);
	row->level = SORI_ALERT_VOLUME;
	take_series(night, &wanted);
	status = judge(night, row, error);
	if (status != SORI_OK || row->word < SORI_ALERT_QUIET)
		return status;
	judge_low(night, row);
	row->q = row->p; /* a family of one */
	status = judge_complaints(night, &wanted, row, error);
	if (row->low || row->word == SORI_ALERT_WATCH)
		row->word = row->q <= SORI_NIGHT_FALSE_DISCOVERIES && !row->copies ? SORI_ALERT_ALERT : SORI_ALERT_WATCH;
	return status;
}
