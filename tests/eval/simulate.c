/* Power and false-alarm rates of the nightly alerts and of A/B comparison, measured on invented worlds with the program's own
 * functions: sori_farrington_run and sori_fdr as the alerts use them, sori_alerts_run over a panel for what the panel decides
 * (holidays, copies, late and missing days), sori_ab_compare for two periods.
 *
 *   simulate [--years N] [--trials N] [--runs N] [--nights N] [--seed S] [--wide]
 *
 * Prints one line for each figure with its bounds; the exit status is 1 when one is outside. --wide relaxes the bounds for few
 * repetitions (three standard errors of a share). RECORD.md has the figures of a full run. */
#include "tests/eval/simulate.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/core/analyse.h"
#include "pipeline/stats/compare.h"
#include "pipeline/stats/farrington.h"
#include "pipeline/stats/its.h"
#include "pipeline/stats/missing.h"
#include "pipeline/stats/multiple.h"

static const double dispersions[] = {1.0, 1.5, 3.0};
static const double means[] = {3.0, 10.0, 30.0};
#define DISPERSIONS (sizeof dispersions / sizeof *dispersions)
#define MEANS (sizeof means / sizeof *means)
#define YEAR 365
#define HISTORY 120       /* days before a planted one */
#define CELLS_OF_A_NIGHT 24

struct plan {
	size_t years, trials, runs, nights;
	uint64_t seed;
	bool wide;
	bool failed;
};

static void fail(const char *what)
{
	(void)fprintf(stderr, "simulate: %s\n", what);
	exit(2);
}

/* One figure: `hits` of `of`, which must lie in [low, high]. */
static void tell(struct plan *plan, const char *what, double hits, double of, double low, double high)
{
	double share = hits / of, slack = plan->wide ? 3.0 * sqrt(0.25 * (low > 0.5 ? 0.64 : 0.2) / of) : 0.0;
	bool good = share >= low - slack && share <= high + slack;

	(void)printf("%-72s %7.2f %%  of %7.0f  (%.4g to %.4g %%)%s\n", what, 100.0 * share, of, 100.0 * low, 100.0 * high,
		     good ? "" : "  OUTSIDE");
	plan->failed |= !good;
}

/* ---- nightly alerts on one series */

struct run {
	struct series series;
	struct sori_farrington *judged; /* [days - from] */
	size_t from;
};

static void judge_series(const struct world *world, struct run *run)
{
	const struct sori_series series = {.count = world->days, .y = run->series.category, .n = run->series.all};
	struct sori_error error;

	run->from = sori_farrington_first(&sori_farrington_daily);
	run->judged = malloc(world->days * sizeof *run->judged);
	if (!run->judged || sori_farrington_run(&sori_farrington_daily, &series, run->from, run->judged, &error) != SORI_OK)
		fail("no memory");
}

static void run_world(const struct world *world, struct random *random, struct run *run)
{
	if (!world_run(world, random, &run->series))
		fail("no memory");
}

static void end_run(struct run *run)
{
	series_free(&run->series);
	free(run->judged);
	run->judged = NULL;
}

static struct world quiet_world(size_t days, double mean, double phi)
{
	return (struct world){.days = days, .documents = mean * 12.0, .mean = mean, .phi = phi, .volume_phi = 1.5, .trend = 1.1,
			      .season = 0.15, .weekdays = true};
}

/* Nights without anything planted. Alarms are watches; with a false discovery rate over the night's cells, alerts. */
static void false_alarms(struct plan *plan)
{
	struct random random = {plan->seed};
	double nights = 0.0, alarms = 0.0;

	for (size_t d = 0; d < DISPERSIONS; d++)
		for (size_t m = 0; m < MEANS; m++) {
			double here = 0.0, of = 0.0;
			size_t years = (plan->years + DISPERSIONS * MEANS - 1) / (DISPERSIONS * MEANS);
			char what[120];

			for (size_t done = 0; done < years; done += 4) {
				struct world world = quiet_world((size_t)YEAR * (years - done < 4 ? years - done : 4) + 63, means[m], dispersions[d]);
				struct run run;

				run_world(&world, &random, &run);
				judge_series(&world, &run);
				for (size_t i = 0; i < world.days - run.from; i++) {
					of += run.judged[i].outcome == SORI_GLM_FITTED && !isnan(run.judged[i].upper);
					here += run.judged[i].alarm;
				}
				end_run(&run);
			}
			(void)snprintf(what, sizeof what, "false alarms, %g a day, dispersion %g, %zu years", means[m], dispersions[d], years);
			tell(plan, what, here, of, 0.0, 0.03);
			nights += of;
			alarms += here;
		}
	tell(plan, "false alarms of a cell (watch), all", alarms, nights, 0.0, 0.02);
}

/* Nights of many quiet cells of one dispersion: how many cells, and how many nights, have an alert after the gate. */
static void false_nights(struct plan *plan, double phi)
{
	struct random random = {plan->seed + 1 + (uint64_t)(10.0 * phi)};
	struct run runs[CELLS_OF_A_NIGHT];
	size_t years = (plan->years / DISPERSIONS + CELLS_OF_A_NIGHT - 1) / CELLS_OF_A_NIGHT, days = years * YEAR + 63, from = 0;
	double nights = 0.0, alerts = 0.0, cells = 0.0, disturbed = 0.0;
	char what[120];

	for (size_t c = 0; c < CELLS_OF_A_NIGHT; c++) {
		struct world world = quiet_world(days, means[c % MEANS], phi);

		run_world(&world, &random, &runs[c]);
		judge_series(&world, &runs[c]);
		from = runs[c].from;
	}
	for (size_t i = 0; i < days - from; i++) {
		double p[CELLS_OF_A_NIGHT], q[CELLS_OF_A_NIGHT], here = 0.0;
		struct sori_error error;

		for (size_t c = 0; c < CELLS_OF_A_NIGHT; c++)
			p[c] = isnan(runs[c].judged[i].upper) ? sori_na() : runs[c].judged[i].p_exceed;
		if (sori_fdr(p, CELLS_OF_A_NIGHT, q, NULL, NULL, &error) != SORI_OK)
			fail("no memory");
		for (size_t c = 0; c < CELLS_OF_A_NIGHT; c++)
			here += runs[c].judged[i].alarm && q[c] <= 0.10;
		alerts += here;
		cells += CELLS_OF_A_NIGHT;
		disturbed += here > 0.0;
		nights += 1.0;
	}
	for (size_t c = 0; c < CELLS_OF_A_NIGHT; c++)
		end_run(&runs[c]);
	(void)snprintf(what, sizeof what, "false alerts (watch and q at most 0.10), 24 cells a night, dispersion %g, %zu years", phi,
		       years * CELLS_OF_A_NIGHT);
	tell(plan, what, alerts, cells, 0.0, 0.02);
	(void)snprintf(what, sizeof what, "nights with any false alert among 24 cells, dispersion %g", phi);
	tell(plan, what, disturbed, nights, 0.0, 0.40);
}

/* A day four standard deviations over its expectation, with or without five days of fivefold share three weeks before it. */
static void detection(struct plan *plan, bool burst, bool on_noise)
{
	struct random random = {plan->seed + 2 + burst + 2 * on_noise};
	double all = 0.0, found_all = 0.0;

	for (size_t d = 0; d < DISPERSIONS; d++)
		for (size_t m = 0; m < MEANS; m++) {
			double found = 0.0;
			char what[120];

			for (size_t t = 0; t < plan->trials; t++) {
				struct world world = quiet_world(HISTORY, means[m], dispersions[d]);
				size_t last = world.days - 1;
				struct run run;

				if (burst) {
					world.burst_at = last - 26 + random_bits(&random) % 10;
					world.burst_days = 5;
					world.burst = 5.0;
				}
				run_world(&world, &random, &run);
				run.series.category[last] = ceil((on_noise ? run.series.category[last] : run.series.expected[last]) +
								 4.0 * run.series.sigma[last]);
				judge_series(&world, &run);
				found += run.judged[last - run.from].alarm;
				end_run(&run);
			}
			(void)snprintf(what, sizeof what, "found: %s%s, %g a day, dispersion %g", on_noise ? "4 sigma on top of the noise" : "a 4-sigma day",
				       burst ? " after a burst" : "", means[m], dispersions[d]);
			tell(plan, what, found, (double)plan->trials, 0.6, 1.0);
			found_all += found;
			all += (double)plan->trials;
		}
	tell(plan, on_noise ? (burst ? "found: 4 sigma on top of the noise after a burst, all" : "found: 4 sigma on top of the noise, all")
			    : (burst ? "found: a 4-sigma day after a burst, all" : "found: a 4-sigma day, all"),
	     found_all, all, 0.8, 1.0);
}

/* ---- weeks */

/* Sums of seven days. */
static size_t weeks_of(const struct series *series, size_t days, double *y, double *n, double *sigma)
{
	for (size_t week = 0; week < days / 7; week++) {
		double variance = 0.0;

		y[week] = n[week] = 0.0;
		for (size_t day = 7 * week; day < 7 * week + 7; day++) {
			y[week] += series->category[day];
			n[week] += series->all[day];
			variance += series->sigma[day] * series->sigma[day];
		}
		sigma[week] = sqrt(variance);
	}
	return days / 7;
}

/* 263 weeks and one more, which is judged as it is and with four standard deviations added. */
static void weekly(struct plan *plan)
{
	struct random random = {plan->seed + 5};
	struct sori_farrington_settings settings = sori_farrington_weekly;
	enum { WEEKS = 5 * 52 + 3 + 1 };

	settings.b = 5;
	for (size_t d = 0; d < DISPERSIONS; d++) {
		double alarms = 0.0, found = 0.0, of = 0.0;
		char what[120];

		for (size_t t = 0; t < plan->trials * 5; t++) {
			struct world world = quiet_world(WEEKS * 7, 3.0, dispersions[d]);
			double y[WEEKS], n[WEEKS], sigma[WEEKS];
			struct sori_series series = {.count = WEEKS, .y = y, .n = n};
			struct sori_farrington judged;
			struct sori_error error;
			struct run run = {.judged = NULL};

			run_world(&world, &random, &run);
			(void)weeks_of(&run.series, world.days, y, n, sigma);
			if (sori_farrington_at(&settings, &series, NULL, WEEKS - 1, &judged, &error) != SORI_OK)
				fail("no memory");
			of += 1.0;
			alarms += judged.alarm;
			y[WEEKS - 1] = ceil(y[WEEKS - 1] + 4.0 * sigma[WEEKS - 1]);
			found += y[WEEKS - 1] > judged.upper;
			end_run(&run);
		}
		(void)snprintf(what, sizeof what, "weekly tier: false alarms, dispersion %g", dispersions[d]);
		tell(plan, what, alarms, of, 0.0, 0.02);
		(void)snprintf(what, sizeof what, "weekly tier: 4 sigma on top of the noise found, dispersion %g", dispersions[d]);
		tell(plan, what, found, of, 0.8, 1.0);
	}
}

/* ---- an action */

/* 60 weeks before and half a year after a step: does the wider interval of the level hold the truth, is it found? */
static void action(struct plan *plan, double step)
{
	struct random random = {plan->seed + 6 + (uint64_t)(100.0 * step)};
	enum { BEFORE = 60, AFTER = 26 };
	double covered = 0.0, found = 0.0, of = 0.0;
	char what[120];

	for (size_t r = 0; r < plan->trials; r++) {
		struct world world = quiet_world((BEFORE + AFTER) * 7, 10.0, 1.5);
		double y[BEFORE + AFTER], n[BEFORE + AFTER], t[BEFORE + AFTER], sigma[BEFORE + AFTER];
		const struct sori_its_data data = {.series = {.count = BEFORE + AFTER, .t = t, .y = y, .n = n}};
		struct sori_its_settings settings;
		struct sori_its its;
		struct sori_error error;
		struct run run = {.judged = NULL};

		world.step_at = BEFORE * 7;
		world.step = step;
		run_world(&world, &random, &run);
		(void)weeks_of(&run.series, world.days, y, n, sigma);
		for (size_t week = 0; week < BEFORE + AFTER; week++)
			t[week] = (double)week;
		(void)sori_its_recommend(&data, BEFORE, &settings);
		if (sori_its_fit(&data, &settings, &its, &error) != SORI_OK)
			fail("no memory");
		if (its.outcome == SORI_GLM_FITTED) {
			struct sori_its_estimate plain = sori_its_effect(&its, 0.0, false), robust = sori_its_effect(&its, 0.0, true);
			struct sori_its_estimate wide = plain.limits.high - plain.limits.low > robust.limits.high - robust.limits.low ? plain : robust;

			of += 1.0;
			covered += wide.limits.low <= step && step <= wide.limits.high;
			found += wide.limits.high < 1.0;
		}
		sori_its_release(&its);
		end_run(&run);
	}
	(void)snprintf(what, sizeof what, "action: the wider interval holds the step to %g", step);
	tell(plan, what, covered, of, 0.92, 1.0);
	(void)snprintf(what, sizeof what, step < 1.0 ? "action: a step to %g found" : "action: a fall found where there is none (%g)", step);
	tell(plan, what, found, of, step < 1.0 ? 0.8 : 0.0, step < 1.0 ? 1.0 : 0.05);
}

/* ---- two periods */

enum { PERIODS = 56, SECOND = 28 }; /* days of both, and the first of the second */

/* Two periods of one world without trend or season. */
static struct sori_ab_result compare_periods(struct world *world, struct random *random)
{
	struct sori_ab_day days[PERIODS];
	struct sori_ab_result result;
	struct sori_error error;
	struct run run = {.judged = NULL};

	world->trend = 1.0;
	world->season = 0.0;
	run_world(world, random, &run);
	for (size_t i = 0; i < PERIODS; i++)
		days[i] = (struct sori_ab_day){.weekday = (int)(i % 7), .second = i >= SECOND, .documents = run.series.category[i],
					       .denominator = run.series.all[i]};
	if (sori_ab_compare(days, PERIODS, &sori_ab_recommended, &result, &error) != SORI_OK)
		fail("no memory");
	end_run(&run);
	return result;
}

static void comparison(struct plan *plan)
{
	struct random random = {plan->seed + 10};

	for (size_t d = 0; d < DISPERSIONS; d++) {
		double rejected = 0.0, of = 0.0, covered = 0.0;
		char what[120];

		for (size_t r = 0; r < plan->runs; r++) {
			struct world world = quiet_world(PERIODS, means[1 + r % 2], dispersions[d]);
			struct sori_ab_result result = compare_periods(&world, &random);

			if (result.eligible && !isnan(result.p)) {
				of += 1.0;
				rejected += result.p < 0.05;
				covered += result.weekday.ratio.low <= 1.0 && result.weekday.ratio.high >= 1.0;
			}
		}
		(void)snprintf(what, sizeof what, "A/B: p under 0.05 without a change, 28 and 28 days, dispersion %g", dispersions[d]);
		tell(plan, what, rejected, of, 0.035, 0.06);
		(void)snprintf(what, sizeof what, "A/B: 95 %% interval holds the ratio 1, dispersion %g", dispersions[d]);
		tell(plan, what, covered, of, 0.94, 0.965);
	}
}

static void comparison_power(struct plan *plan)
{
	struct random random = {plan->seed + 11};
	double found = 0.0;
	size_t runs = plan->runs / 4 + 1;

	for (size_t r = 0; r < runs; r++) {
		struct world world = quiet_world(PERIODS, 10.0, 1.5);

		world.step_at = SECOND;
		world.step = 1.3;
		found += compare_periods(&world, &random).p < 0.05;
	}
	tell(plan, "A/B: a rise by 30 % found, 10 a day, dispersion 1.5", found, (double)runs, 0.7, 1.0);
}

/* ---- what the panel decides: sori_alerts_run over a store */

static void sql(sqlite3 *database, const char *text)
{
	if (sqlite3_exec(database, text, NULL, NULL, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(database));
}

static sqlite3 *store_of(const struct world *world, const struct series *series)
{
	sqlite3 *database;
	char line[200];

	if (sqlite3_open(":memory:", &database) != SQLITE_OK)
		fail("no memory");
	sql(database, "CREATE TABLE category(category INTEGER PRIMARY KEY, id TEXT, ko TEXT, en TEXT, kind TEXT, owner TEXT, severity, fallback);"
		      "INSERT INTO category VALUES (0,'*','','','','',0,0),(1,'*none','','','','',0,0),(2,'a.x','','','pain','',3,0);"
		      "CREATE TABLE cell(cell INTEGER PRIMARY KEY, source, channel, product, region, lang, dim1, dim2, dim3);"
		      "INSERT INTO cell VALUES (1,'one','','','','ko','','','');"
		      "CREATE TABLE input(columns TEXT, superseded);"
		      "CREATE TABLE daily(day INTEGER, cell INTEGER, category INTEGER, dictionary INTEGER, documents INTEGER,"
		      " complaints INTEGER, customers INTEGER, PRIMARY KEY(day, cell, category, dictionary)) WITHOUT ROWID; BEGIN");
	for (size_t day = 0; day < world->days; day++) {
		double lost = series->category[day] - series->complaints[day];

		if (series->all[day] <= 0.0)
			continue;
		(void)snprintf(line, sizeof line, "INSERT INTO daily VALUES (%zu,1,0,1,%.0f,%.0f,0)", day, series->all[day], series->all[day] - lost);
		sql(database, line);
		(void)snprintf(line, sizeof line, "INSERT INTO daily VALUES (%zu,1,2,1,%.0f,%.0f,0)", day, series->category[day], series->complaints[day]);
		if (series->category[day] > 0.0)
			sql(database, line);
	}
	sql(database, "COMMIT");
	return database;
}

struct night {
	struct sori_alert volume, category;
};

static struct night alerts_of(const struct world *world, const struct series *series)
{
	static const struct sori_slice everything = {0};
	sqlite3 *database = store_of(world, series);
	struct sori_panel *panel;
	struct sori_alerts_result result;
	struct sori_error error;
	struct night night = {0};
	double *in;

	if (sori_panel_load(&panel, database, (sori_day)world->days - SORI_ALERT_HISTORY, (sori_day)world->days - 1, &everything, 1, &error) != SORI_OK)
		fail(error.text);
	for (size_t i = 0; i < panel->days; i++) {
		sori_day day = panel->first + (sori_day)i;

		panel->kind[i] = day >= 0 && series->holiday[day] ? SORI_DAY_HOLIDAY : SORI_DAY_ORDINARY;
	}
	if (world->late[0] > 0.0) { /* as sori_panel_mark_late fills it from a store's runs */
		in = sori_arena_zero(&panel->arena, panel->days, sizeof *in);
		for (size_t i = 0; in && i < panel->days; i++) {
			in[i] = panel->days - 1 - i < 3 ? world->late[panel->days - 1 - i] : 1.0;
			panel->provisional[i] = in[i] < 0.95;
		}
		panel->completeness = in;
	}
	if (sori_alerts_run(panel, &result, &error) != SORI_OK)
		fail(error.text);
	for (size_t i = 0; i < result.row_count; i++) {
		if (result.rows[i].level == SORI_ALERT_VOLUME)
			night.volume = result.rows[i];
		if (result.rows[i].level == SORI_ALERT_CATEGORY)
			night.category = result.rows[i];
	}
	sori_panel_free(panel);
	sqlite3_close(database);
	return night;
}

static void plant(struct plan *plan, const char *kind)
{
	struct random random = {plan->seed + 20 + (uint64_t)kind[0]};
	double category = 0.0, volume = 0.0, copies = 0.0, agree = 0.0, of = 0.0;
	char what[120];

	for (size_t t = 0; t < plan->nights; t++) {
		struct world world = quiet_world(SORI_ALERT_HISTORY, 10.0, 1.5);
		struct night night;
		struct run run;

		world.volume_phi = 1.2;
		if (!strcmp(kind, "campaign")) {
			world.campaign_at = world.days - 1;
			world.campaign_copies = 60;
		} else if (!strcmp(kind, "late data")) {
			world.late[0] = 0.5;
			world.late[1] = 0.85;
			world.late[2] = 0.97;
		} else if (!strcmp(kind, "missing days")) {
			world.missing = 0.1;
		} else if (!strcmp(kind, "holidays")) {
			world.holiday_every = 1 + SORI_ALERT_HISTORY / 10;
			world.days = world.holiday_every * 10; /* tonight is one */
		}
		run_world(&world, &random, &run);
		judge_series(&world, &run);
		night = alerts_of(&world, &run.series);
		agree += night.category.p == run.judged[world.days - 1 - run.from].p_exceed;
		category += night.category.word == SORI_ALERT_ALERT;
		copies += night.category.copies && night.category.word == SORI_ALERT_WATCH;
		volume += night.volume.word == SORI_ALERT_ALERT;
		of += 1.0;
		end_run(&run);
	}
	if (!strcmp(kind, "nothing"))
		tell(plan, "sori_alerts_run and the long run agree on p to the bit", agree, of, 1.0, 1.0);
	(void)snprintf(what, sizeof what, "false alerts, %s: category", kind);
	tell(plan, what, category, of, 0.0, 0.03);
	(void)snprintf(what, sizeof what, "false alerts, %s: volume, both sides", kind);
	if (strcmp(kind, "campaign"))
		tell(plan, what, volume, of, 0.0, 0.05);
	else
		tell(plan, "60 copies of one text: watched, and named as copies", copies, of, 0.9, 1.0);
}

static size_t number(const char *text)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (value < 1 || value > 1000000)
		fail("a number from 1 to 1000000 is needed");
	return (size_t)value;
}

int main(int count, char **values)
{
	struct plan plan = {.years = 216, .trials = 400, .runs = 4000, .nights = 200, .seed = 20260803};

	for (int i = 1; i < count; i++) {
		const char *next = i + 1 < count ? values[i + 1] : "";

		if (!strcmp(values[i], "--wide")) {
			plan.wide = true;
			continue;
		}
		if (!strcmp(values[i], "--years"))
			plan.years = number(next);
		else if (!strcmp(values[i], "--trials"))
			plan.trials = number(next);
		else if (!strcmp(values[i], "--runs"))
			plan.runs = number(next);
		else if (!strcmp(values[i], "--nights"))
			plan.nights = number(next);
		else if (!strcmp(values[i], "--seed"))
			plan.seed = number(next);
		else
			fail("options: --years --trials --runs --nights --seed N, --wide");
		i++;
	}
	false_alarms(&plan);
	for (size_t d = 0; d < DISPERSIONS; d++)
		false_nights(&plan, dispersions[d]);
	for (int burst = 0; burst < 2; burst++)
		detection(&plan, burst, false);
	for (int burst = 0; burst < 2; burst++)
		detection(&plan, burst, true);
	weekly(&plan);
	action(&plan, 0.7);
	action(&plan, 1.0);
	comparison(&plan);
	comparison_power(&plan);
	plant(&plan, "nothing");
	plant(&plan, "campaign");
	plant(&plan, "late data");
	plant(&plan, "missing days");
	plant(&plan, "holidays");
	return plan.failed;
}
