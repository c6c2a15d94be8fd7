/* Options, settings and words around the side files. */
#include "pipeline/cli/side_files.h"

#include <math.h>
#include <string.h>

#include "pipeline/base/utf8.h"
#include "pipeline/cli/analysis.h"

const struct sori_option sori_side_settings[] = {
	{"calendar", SORI_OPTION_TEXT, NULL, 0, 0, NULL, "file of holidays, releases and weather"},
	{"actions", SORI_OPTION_TEXT, NULL, 0, 0, NULL, "file of the action ledger"},
	{"exposure", SORI_OPTION_TEXT, NULL, 0, 0, NULL, "file of denominators"},
	{"outside", SORI_OPTION_TEXT, NULL, 0, 0, NULL, "file of outside series"},
	{"per", SORI_OPTION_TEXT, NULL, 0, 0, NULL, "name in the exposure to count against, instead of documents"},
	{0},
};

static const char *path_of(const struct sori_cli *cli, const char *name)
{
	const char *given = sori_cli_value(cli, name);

	return given ? given : sori_settings_text(cli->settings, "analysis", name);
}

static enum sori_status choose_denominator(const struct sori_cli *cli, struct sori_side_files *files, struct sori_error *error)
{
	files->per = path_of(cli, "per");
	if (files->per && !files->exposure)
		return sori_fail(error, SORI_USAGE, "--per needs --exposure");
	if (!files->per && files->exposure && sori_cli_value(cli, "exposure")) {
		if (files->exposure->name_count > 1)
			return sori_fail(error, SORI_USAGE, "the exposure has several names; say --per with one, such as %s", files->exposure->names[0]);
		files->per = files->exposure->name_count ? files->exposure->names[0] : NULL;
	}
	return SORI_OK;
}

enum sori_status sori_side_files_read(const struct sori_cli *cli, unsigned which, struct sori_side_files *files,
				      struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	const char *path;

	*files = (struct sori_side_files){0};
	if (which & SORI_SIDE_CALENDAR && (path = path_of(cli, "calendar")))
		status = sori_calendar_read(&files->calendar, path, error);
	if (status == SORI_OK && which & SORI_SIDE_ACTIONS && (path = path_of(cli, "actions")))
		status = sori_actions_read(&files->actions, path, error);
	if (status == SORI_OK && which & SORI_SIDE_OUTSIDE && (path = path_of(cli, "outside")))
		status = sori_outside_read(&files->outside, path, error);
	if (status == SORI_OK && which & SORI_SIDE_EXPOSURE) {
		if ((path = path_of(cli, "exposure")))
			status = sori_exposure_read(&files->exposure, path, error);
		if (status == SORI_OK)
			status = choose_denominator(cli, files, error);
	}
	if (status == SORI_OK && !files->per && files->exposure) { /* only there: nobody asked for rates */
		sori_exposure_free(files->exposure);
		files->exposure = NULL;
	}
	return status;
}

void sori_side_files_release(struct sori_side_files *files)
{
	sori_calendar_free(files->calendar);
	sori_actions_free(files->actions);
	sori_exposure_free(files->exposure);
	sori_outside_free(files->outside);
	*files = (struct sori_side_files){0};
}

void sori_side_files_ask(const struct sori_side_files *files, struct sori_report_query *query)
{
	query->calendar = files->calendar;
	query->actions = files->actions;
	query->exposure = files->exposure;
	query->per = files->per;
	query->outside = files->outside;
}

enum sori_status sori_side_calendar_mark(const struct sori_cli *cli, struct sori_panel *panel, const struct sori_slice *slice,
					 struct sori_error *error)
{
	struct sori_side_files files;
	enum sori_status status = sori_side_files_read(cli, SORI_SIDE_CALENDAR, &files, error);

	if (status == SORI_OK)
		status = sori_calendar_mark(panel, files.calendar, slice, error);
	sori_side_files_release(&files);
	return status;
}

enum sori_status sori_side_english(const struct sori_cli *cli, bool *english, struct sori_error *error)
{
	const char *lang = sori_cli_value(cli, "lang");

	*english = !lang || !strcmp(lang, "en");
	if (!*english && strcmp(lang, "ko") != 0)
		return sori_fail(error, SORI_USAGE, "--lang takes ko or en, not '%s'", lang);
	return SORI_OK;
}

const char *sori_side_rate(char room[48], double rate, bool per)
{
	if (!isfinite(rate))
		return "-";
	if (per)
		(void)snprintf(room, 48, "%.3g per 1000", 1000.0 * rate);
	else
		(void)snprintf(room, 48, "%.2f %%", 100.0 * rate);
	return room;
}

const char *sori_side_ratio(char room[96], double ratio, const struct sori_interval *limits)
{
	if (!isfinite(ratio) || isnan(limits->low) || isnan(limits->high))
		return "-";
	(void)snprintf(room, 96, "%.2f [%.2f, %.2f]", ratio, limits->low, limits->high);
	return room;
}

static bool is_wide(uint32_t point)
{
	return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf && point != 0x303f) ||
	       (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) || (point >= 0xfe30 && point <= 0xfe6f) ||
	       (point >= 0xff00 && point <= 0xff60) || (point >= 0xffe0 && point <= 0xffe6) || (point >= 0x1f300 && point <= 0x1faff) ||
	       (point >= 0x20000 && point <= 0x3fffd);
}

size_t sori_side_width(const char *text)
{
	struct sori_view left = sori_view_of(text);
	size_t width = 0, valid = sori_utf8_valid_prefix(left);

	for (size_t at = 0; at < valid;) {
		unsigned length;
		uint32_t point = sori_utf8_decode(text + at, &length);

		width += is_wide(point) ? 2 : point < 0x20 || point == 0x7f ? 4 : 1;
		at += length;
	}
	return width + left.length - valid;
}

void sori_side_pad(struct sori_buffer *out, const char *text, int width)
{
	int blanks = (width < 0 ? -width : width) - (int)sori_side_width(text);

	if (width < 0 && blanks > 0)
		sori_buffer_add_format(out, "%*s", blanks, "");
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			sori_buffer_add_format(out, "\\x%02x", (unsigned)(unsigned char)*at);
		else
			sori_buffer_add_byte(out, *at);
	if (width > 0 && blanks > 0)
		sori_buffer_add_format(out, "%*s", blanks, "");
}

const char *sori_side_words(enum sori_verdict verdict, enum sori_refusal refusal, bool english)
{
	if (refusal == SORI_REFUSAL_EARLY)
		return english ? "too early" : "아직 이름";
	switch (verdict) {
	case SORI_VERDICT_UP:
		return english ? "changed: up" : "변화 있음: 늘어남";
	case SORI_VERDICT_DOWN:
		return english ? "changed: down" : "변화 있음: 줄어듦";
	case SORI_VERDICT_UNCLEAR:
		return english ? "no clear change" : "뚜렷한 변화 없음";
	case SORI_VERDICT_DICTIONARY:
		return english ? "counted by different dictionaries" : "서로 다른 사전으로 집계됨";
	case SORI_VERDICT_TOO_LITTLE:
		break;
	}
	return english ? "too little data" : "자료 부족";
}

void sori_side_put_csv_text(struct sori_buffer *out, const char *text)
{
	sori_buffer_add_byte(out, ',');
	sori_buffer_add_csv(out, sori_view_of(text), true);
}

void sori_side_put_json_limits(struct sori_buffer *out, const char *key, const struct sori_interval *limits)
{
	char name[64];

	(void)snprintf(name, sizeof name, "%s_low", key);
	sori_analysis_put_json(out, name, limits->low);
	(void)snprintf(name, sizeof name, "%s_high", key);
	sori_analysis_put_json(out, name, limits->high);
}

void sori_side_put_json_day(struct sori_buffer *out, const char *key, sori_day day)
{
	char text[11];

	sori_day_text(day, text);
	if (day == SORI_DAY_NONE)
		sori_buffer_add_format(out, ",\"%s\":null", key);
	else
		sori_buffer_add_format(out, ",\"%s\":\"%s\"", key, text);
}
