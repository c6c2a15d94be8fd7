/* Any bytes as calendar, action ledger, exposure and outside series: no crash; what is accepted is sorted and in range; what is
 * refused has a line of the file. */
#include "tests/fuzz/fuzz_input.h"

#include <math.h>

#include "pipeline/core/actions.h"
#include "pipeline/core/calendar.h"
#include "pipeline/core/exposure.h"
#include "pipeline/core/outside.h"

#define DAYS 800

static void check_error(enum sori_status status, const struct sori_error *error, size_t size)
{
	fuzz_check(status == SORI_CONFIG && error->text[0] && error->source[0]);
	fuzz_check(error->line >= 1 && error->line <= size + 1);
}

static void check_calendar(const char *path, size_t size)
{
	static const struct sori_slice_term term = {"region", "부산"};
	struct sori_calendar *calendar;
	struct sori_error error = {0};
	enum sori_status status = sori_calendar_read(&calendar, path, &error);
	unsigned char kinds[DAYS];

	if (status != SORI_OK) {
		check_error(status, &error, size);
		return;
	}
	for (size_t i = 1; i < calendar->count; i++)
		fuzz_check(calendar->entries[i - 1].day <= calendar->entries[i].day);
	sori_calendar_kinds(calendar, &(struct sori_slice){&term, 1}, 20454, DAYS, kinds);
	for (size_t i = 0; i < DAYS; i++)
		fuzz_check(kinds[i] <= SORI_DAY_DISTURBED);
	for (int year = 2024; year < 2028; year++)
		(void)sori_calendar_feast(calendar, SORI_CALENDAR_SEOLLAL, year);
	sori_calendar_free(calendar);
}

static void check_actions(const char *path, size_t size)
{
	struct sori_actions *actions;
	struct sori_error error = {0};
	enum sori_status status = sori_actions_read(&actions, path, &error);

	if (status != SORI_OK) {
		check_error(status, &error, size);
		return;
	}
	for (size_t i = 0; i < actions->count; i++) {
		const struct sori_action *action = &actions->list[i];

		fuzz_check(*action->id && *action->category && action->phase_in <= 26 && action->date != SORI_DAY_NONE);
		fuzz_check(sori_actions_find(actions, action->id) == action);
		fuzz_check(i == 0 || actions->list[i - 1].date <= action->date);
	}
	sori_actions_free(actions);
}

static void check_exposure(const char *path, size_t size)
{
	struct sori_exposure *exposure;
	struct sori_error error = {0};
	enum sori_status status = sori_exposure_read(&exposure, path, &error);
	double values[DAYS];

	if (status != SORI_OK) {
		check_error(status, &error, size);
		return;
	}
	for (size_t i = 0; i < exposure->name_count; i++) {
		fuzz_check(sori_exposure_series(exposure, exposure->names[i], NULL, 20454, DAYS, values, &error) == SORI_OK);
		for (size_t day = 0; day < DAYS; day++)
			fuzz_check(isnan(values[day]) || values[day] >= 0.0);
	}
	sori_exposure_free(exposure);
}

static void check_outside(const char *path, size_t size)
{
	struct sori_outside *outside;
	struct sori_error error = {0};
	enum sori_status status = sori_outside_read(&outside, path, &error);

	if (status != SORI_OK) {
		check_error(status, &error, size);
		return;
	}
	for (size_t i = 0; i < outside->count; i++) {
		const struct sori_outside_series *series = &outside->series[i];

		fuzz_check(series->count > 0);
		for (size_t k = 1; k < series->count; k++)
			fuzz_check(series->points[k - 1].last < series->points[k].first);
		(void)sori_outside_mean(series, 20454, 20454 + DAYS);
	}
	sori_outside_free(outside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	int fd;

	if (size > 1 << 16) /* pairs of lines are compared: large ones only take time */
		return 0;
	fuzz_file(data, size, &fd, path);
	check_calendar(path, size);
	check_actions(path, size);
	check_exposure(path, size);
	check_outside(path, size);
	close(fd);
	return 0;
}
