/* The files that people keep beside the data (calendar, actions, exposure, outside series) as options and settings, and the words
 * and columns that the commands over them share. A command that takes one of the files has its option in its own table:
 * SORI_SIDE_OPTION_CALENDAR and so on; the settings are analysis.calendar, analysis.actions, analysis.exposure, analysis.outside
 * and analysis.per. */
#ifndef SORI_CLI_SIDE_FILES_H
#define SORI_CLI_SIDE_FILES_H

#include "pipeline/base/buffer.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/inquiry.h"

#define SORI_SIDE_OPTION_CALENDAR {"calendar", 0, "FILE", false, "holidays, releases, weather: date,type[,label][,scope]"}
#define SORI_SIDE_OPTION_ACTIONS {"actions", 0, "FILE", false, "the action ledger, tab-separated: id, date, category, owner, scope …"}
#define SORI_SIDE_OPTION_EXPOSURE {"exposure", 0, "FILE", false, "denominators: date,name,value[,dimension…]"}
#define SORI_SIDE_OPTION_PER {"per", 0, "NAME", false, "count against this name of the exposure instead of documents"}
#define SORI_SIDE_OPTION_OUTSIDE {"outside", 0, "FILE", false, "outside series shown beside: date,name,value"}
#define SORI_SIDE_OPTION_LANG {"lang", 0, "ko|en", false, "language of the words in text output (en)"}

enum sori_side_file { SORI_SIDE_CALENDAR = 1, SORI_SIDE_ACTIONS = 2, SORI_SIDE_EXPOSURE = 4, SORI_SIDE_OUTSIDE = 8 };

/* The section "analysis". */
extern const struct sori_option sori_side_settings[];

struct sori_side_files { /* NULL: not given */
	struct sori_calendar *calendar;
	struct sori_actions *actions;
	struct sori_exposure *exposure;
	struct sori_outside *outside;
	const char *per; /* with an exposure: its name; the only one when there is one */
};

#define SORI_SIDE_REPORT (SORI_SIDE_CALENDAR | SORI_SIDE_ACTIONS | SORI_SIDE_EXPOSURE | SORI_SIDE_OUTSIDE)
/* Lends the files to a report's query; they must outlive its model. */
void sori_side_files_ask(const struct sori_side_files *files, struct sori_report_query *query);

/* Reads the files of `which` (bits) that an option or the configuration names; options win. SORI_CONFIG when one is damaged.
 * Release afterwards, also after an error. */
enum sori_status sori_side_files_read(const struct sori_cli *cli, unsigned which, struct sori_side_files *files,
				      struct sori_error *error);
void sori_side_files_release(struct sori_side_files *files);

/* The calendar of --calendar or analysis.calendar on a loaded panel (sori_calendar_mark); nothing without one. `slice` holds for all
 * sides. For commands with SORI_SIDE_OPTION_CALENDAR. */
enum sori_status sori_side_calendar_mark(const struct sori_cli *cli, struct sori_panel *panel, const struct sori_slice *slice,
					 struct sori_error *error);

/* --lang: true for English. */
enum sori_status sori_side_english(const struct sori_cli *cli, bool *english, struct sori_error *error);

/* "3.1 %" of a share, "12.3 per 1000" of an exposure; "-" when missing. */
const char *sori_side_rate(char room[48], double rate, bool per);

/* "0.68 [0.55, 0.84]"; "-" when missing. */
const char *sori_side_ratio(char room[96], double ratio, const struct sori_interval *limits);

/* Columns that a terminal gives to a text (Hangul and Han take two), and the text padded to `width` with blanks behind, or before
 * with a negative width. Control characters are escaped. */
size_t sori_side_width(const char *text);
void sori_side_pad(struct sori_buffer *out, const char *text, int width);

/* "changed: up", … of a verdict, with the refusal's words where there is no figure. */
const char *sori_side_words(enum sori_verdict verdict, enum sori_refusal refusal, bool english);

/* A CSV cell of text after a comma; a JSON member of an interval ("key_low", "key_high"). */
void sori_side_put_csv_text(struct sori_buffer *out, const char *text);
void sori_side_put_json_limits(struct sori_buffer *out, const char *key, const struct sori_interval *limits);
void sori_side_put_json_day(struct sori_buffer *out, const char *key, sori_day day);

#endif
