/* Values, messages, and the small services that commands share. */
#include "pipeline/cli/cli.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/base/utf8.h"
#include "pipeline/core/source.h"
#include "stages/extract/dictionary.h"

const struct sori_cli_option sori_input_options[] = {
	{"source", 0, "NAME", false, "name of the source, instead of the dump's folder"},
	{"text", 0, "COLUMN", false, "column that holds the feedback text"},
	{"date", 0, "COLUMN", false, "column that holds the date"},
	{"id", 0, "COLUMN", false, "column that holds the record's own id; none: no column does"},
	{"rating", 0, "COLUMN", false, "column that holds the rating"},
	{"author", 0, "COLUMN", false, "column that names the customer"},
	{"updated", 0, "COLUMN", false, "column with the time of the last change"},
	{"channel", 0, "COLUMN", false, "column that holds the channel"},
	{"product", 0, "COLUMN", false, "column that holds the product"},
	{"region", 0, "COLUMN", false, "column that holds the region"},
	{"dim", 0, "COLUMN[=NAME]", true, "a further dimension, up to three"},
	{"format", 'f', "F", false, "csv, tsv, jsonl, json, xml, html or text, instead of guessing"},
	{"encoding", 0, "E", false, "utf-8, cp949, utf-16le or utf-16be, instead of guessing"},
	{"date-format", 0, "F", false, "ymd, mdy, dmy, epoch, excel or a pattern such as %d.%m.%Y"},
	{"record", 0, "ELEMENT", false, "XML element of a record"},
	{"time-zone", 0, "MINUTES", false, "zone of the day, minutes east of UTC or +09:00 (540, Asia/Seoul)"},
	{0},
};

static bool in_table(const struct sori_cli_option *table, const char *name)
{
	for (; table && table->name; table++)
		if (strcmp(table->name, name) == 0)
			return true;
	return false;
}

static __attribute__((unused)) bool is_declared(const struct sori_cli *cli, const char *name)
{
	return in_table(cli->command->options, name) || in_table(sori_common_options, name) ||
	       (cli->command->reads_input && in_table(sori_input_options, name));
}

size_t sori_cli_values(const struct sori_cli *cli, const char *name, const char **values, size_t limit)
{
	size_t count = 0;

	assert(is_declared(cli, name));
	for (size_t i = 0; i < cli->value_count; i++)
		if (strcmp(cli->values[i].option->name, name) == 0 && count < limit)
			values[count++] = cli->values[i].text;
	return count;
}

const char *sori_cli_value(const struct sori_cli *cli, const char *name)
{
	const char *last = NULL;

	assert(is_declared(cli, name));
	for (size_t i = 0; i < cli->value_count; i++)
		if (strcmp(cli->values[i].option->name, name) == 0)
			last = cli->values[i].text;
	return last;
}

bool sori_cli_flag(const struct sori_cli *cli, const char *name)
{
	assert(is_declared(cli, name));
	for (size_t i = 0; i < cli->value_count; i++)
		if (strcmp(cli->values[i].option->name, name) == 0)
			return true;
	return false;
}

int64_t sori_cli_now(void)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	unsigned long long seconds;

	if (text && sori_view_to_u64(sori_view_of(text), &seconds) && seconds < (1ULL << 40))
		return (int64_t)seconds;
	return (int64_t)time(NULL);
}

/* C1 controls come as two bytes of UTF-8, so a whole character is looked at. */
void sori_cli_print_safe(FILE *file, const char *text)
{
	struct sori_view left = sori_view_of(text);

	while (left.length) {
		unsigned char c = (unsigned char)left.at[0];
		size_t valid = sori_utf8_valid_prefix(sori_view_make(left.at, left.length < 4 ? left.length : 4));
		size_t step = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		bool control = c < 0x20 || c == 0x7f || (c == 0xc2 && valid >= 2 && (unsigned char)left.at[1] < 0xa0);

		if (control || valid < step) {
			(void)fprintf(file, "\\x%02x", (unsigned)c);
			if (control && c == 0xc2)
				(void)fprintf(file, "\\x%02x", (unsigned)(unsigned char)left.at[1]);
			step = control && c == 0xc2 ? 2 : 1;
		} else {
			(void)fwrite(left.at, 1, step, file);
		}
		left.at += step;
		left.length -= step;
	}
}

static void print_line(const char *lead, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void print_line(const char *lead, const char *format, va_list arguments)
{
	char text[1536];

	(void)vsnprintf(text, sizeof text, format, arguments);
	(void)fputs(lead, stderr);
	sori_cli_print_safe(stderr, text);
	(void)fputc('\n', stderr);
}

void sori_cli_note(const struct sori_cli *cli, const char *format, ...)
{
	va_list arguments;

	if (cli->quiet)
		return;
	va_start(arguments, format);
	print_line("sori: ", format, arguments);
	va_end(arguments);
}

void sori_cli_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line("sori: warning: ", format, arguments);
	va_end(arguments);
}

void sori_cli_error(const struct sori_error *error)
{
	(void)fputs("sori: error: ", stderr);
	if (error->source[0]) {
		sori_cli_print_safe(stderr, error->source);
		if (error->line)
			(void)fprintf(stderr, ":%llu", (unsigned long long)error->line);
		if (error->line && error->column)
			(void)fprintf(stderr, ":%u", error->column);
		if (error->record)
			(void)fprintf(stderr, " (record %llu, byte %llu)", (unsigned long long)error->record,
				      (unsigned long long)error->byte);
		(void)fputs(": ", stderr);
	}
	sori_cli_print_safe(stderr, error->text[0] ? error->text : sori_status_name(error->status));
	(void)fputc('\n', stderr);
}

const char *sori_cli_nearest(const char *word, const char *(*name_at)(size_t index, const void *user), const void *user)
{
	const char *nearest = NULL, *name;
	size_t best = 3;

	for (size_t i = 0; (name = name_at(i, user)); i++) {
		size_t now = sori_edit_distance(word, name);

		if (now < best) {
			best = now;
			nearest = name;
		}
	}
	return nearest;
}

/* A reader that has seen enough (sori … | head) wants no message: the error is left without words. */
static enum sori_status stdout_fault(struct sori_error *error)
{
	int saved = errno;

	(void)sori_fail_errno(error, SORI_IO, saved, "cannot write to standard output");
	if (saved == EPIPE)
		error->text[0] = '\0';
	return SORI_IO;
}

enum sori_status sori_cli_print(struct sori_view text, struct sori_error *error)
{
	if (text.length && fwrite(text.at, 1, text.length, stdout) != text.length)
		return stdout_fault(error);
	return SORI_OK;
}

enum sori_status sori_cli_flush(struct sori_error *error)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return stdout_fault(error);
	return SORI_OK;
}

/* --dim COLUMN=NAME: the column's name is cut off in place of a copy: argv is ours. */
static enum sori_status wish_dimensions(const struct sori_cli *cli, struct sori_input_wish *wish, struct sori_error *error)
{
	const char *dims[4];
	size_t count = sori_cli_values(cli, "dim", dims, 4);

	if (count > 3)
		return sori_fail(error, SORI_USAGE, "at most three --dim");
	for (size_t i = 0; i < count; i++) {
		char *equals = strrchr(dims[i], '=');

		wish->column[SORI_ROLE_DIM1 + i] = dims[i];
		if (equals) {
			*equals = '\0';
			wish->dim_label[i] = equals + 1;
		}
	}
	return SORI_OK;
}

static bool is_date_style(const char *name)
{
	for (int style = SORI_DATE_YMD; style < SORI_DATE_PATTERN; style++)
		if (strcmp(name, sori_date_style_name((enum sori_date_style)style)) == 0)
			return true;
	return false;
}

enum sori_status sori_cli_wish(const struct sori_cli *cli, struct sori_input_wish *wish, struct sori_error *error)
{
	static const struct {
		enum sori_role role;
		const char *option;
	} columns[] = {
		{SORI_ROLE_TEXT, "text"},       {SORI_ROLE_DATE, "date"},       {SORI_ROLE_RATING, "rating"},
		{SORI_ROLE_ID, "id"},           {SORI_ROLE_AUTHOR, "author"},   {SORI_ROLE_UPDATED, "updated"},
		{SORI_ROLE_CHANNEL, "channel"}, {SORI_ROLE_PRODUCT, "product"}, {SORI_ROLE_REGION, "region"},
	};
	int minutes;

	*wish = (struct sori_input_wish){
		.format = sori_cli_value(cli, "format"),
		.encoding = sori_cli_value(cli, "encoding"),
		.date_format = sori_cli_value(cli, "date-format"),
		.record = sori_cli_value(cli, "record"),
		.source = sori_cli_value(cli, "source"),
		.time_zone = sori_cli_value(cli, "time-zone"),
	};
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		wish->column[columns[i].role] = sori_cli_value(cli, columns[i].option);
	if (!sori_zone_parse(wish->time_zone, &minutes))
		return sori_fail(error, SORI_USAGE, "--time-zone takes minutes east of UTC (540) or +09:00, not '%s'", wish->time_zone);
	if (wish->date_format && !strchr(wish->date_format, '%') && !is_date_style(wish->date_format))
		return sori_fail(error, SORI_USAGE, "--date-format takes ymd, mdy, dmy, epoch, excel or a pattern such as %%d.%%m.%%Y, not '%s'",
				 wish->date_format);
	return wish_dimensions(cli, wish, error);
}

size_t sori_cli_dictionary_folders(const struct sori_cli *cli, const char **folders, size_t limit, char *room,
				   size_t room_size)
{
	size_t count = in_table(cli->command->options, "dict") ? sori_cli_values(cli, "dict", folders, limit) : 0;
	const char *environment = getenv("SORI_DICT");
	ssize_t length;
	char *slash;

	if (count)
		return count;
	if (environment && *environment) {
		folders[0] = environment;
		return 1;
	}
	length = readlink("/proc/self/exe", room, room_size - 1);
	if (length > 0) {
		static const char below[] = "/../share/sori/dictionaries";

		room[length] = '\0';
		slash = strrchr(room, '/');
		if (slash && (size_t)(slash - room) + sizeof below <= room_size) {
			memcpy(slash, below, sizeof below);
			if (access(room, R_OK) == 0) {
				folders[0] = room;
				return 1;
			}
		}
	}
	folders[0] = SORI_SOURCE_DICTIONARIES;
	return 1;
}

static void print_finding(void *user, const struct sori_finding *finding)
{
	(void)user;
	if (!finding->error)
		return; /* warnings are for the author: `sori dict check` */
	(void)fprintf(stderr, "sori: error: %s:%u:%u: ", finding->file, finding->line, finding->column);
	sori_cli_print_safe(stderr, finding->text);
	(void)fputc('\n', stderr);
}

static enum sori_status check_folders(const char *const *folders, size_t count, struct sori_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (access(folders[i], R_OK | X_OK) != 0)
			return sori_fail(error, SORI_CONFIG, "the dictionary folder %s cannot be opened: %s; see --dict and SORI_DICT",
					 folders[i], strerror(errno));
	return SORI_OK;
}

enum sori_status sori_cli_dictionary(const struct sori_cli *cli, struct sori_dictionary **dictionary,
				     struct sori_error *error)
{
	const char *folders[16];
	char room[4200];
	size_t count = sori_cli_dictionary_folders(cli, folders, 16, room, sizeof room);

	enum sori_status status = check_folders(folders, count, error);

	return status == SORI_OK ? sori_dictionary_load(dictionary, folders, count, print_finding, NULL, error) : status;
}
