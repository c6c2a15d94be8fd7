/* Options, figures and the way of a run that the analysing commands share. */
#include "pipeline/cli/analysis.h"

#include <math.h>
#include <string.h>

#include "pipeline/core/category_map.h"

enum sori_status sori_analysis_open(const struct sori_cli *cli, struct sori_store **store, struct sori_error *error)
{
	const char *out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out";
	const char *given = sori_cli_value(cli, "store");
	char path[4096];
	enum sori_status status;

	if (cli->operand_count && !*cli->command->operands)
		return sori_fail(error, SORI_USAGE, "%s takes no operand; dumps are read by sori run", cli->command->name);
	if (snprintf(path, sizeof path, "%s%s", given ? given : out, given ? "" : "/store.db") >= (int)sizeof path)
		return sori_fail(error, SORI_USAGE, "the path of the store is too long");
	status = sori_store_open(store, path, false, error);
	if (status == SORI_OK)
		status = sori_category_map_install(sori_store_connection(*store), error);
	return status;
}

enum sori_status sori_analysis_bounds(struct sqlite3 *database, sori_day *first, sori_day *last, struct sori_error *error)
{
	enum sori_status status = sori_analyse_bounds(database, first, last, error);

	if (status == SORI_OK && *last == SORI_DAY_NONE)
		return sori_fail(error, SORI_DATA, "the store has no dated documents");
	return status;
}

enum sori_status sori_analysis_format(const struct sori_cli *cli, enum sori_analysis_format *format, struct sori_error *error)
{
	static const char *const names[] = {"text", "json", "csv"};
	const char *given = sori_cli_value(cli, "format");

	*format = SORI_ANALYSIS_TEXT;
	for (int i = 0; given && i < 3; i++)
		if (!strcmp(given, names[i])) {
			*format = (enum sori_analysis_format)i;
			return SORI_OK;
		}
	return given ? sori_fail(error, SORI_USAGE, "--format takes text, json or csv, not '%s'", given) : SORI_OK;
}

enum sori_status sori_analysis_day(const struct sori_cli *cli, const char *name, sori_day *day, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, name);

	if (text && (!sori_day_parse_iso(sori_view_of(text), day) || *day == SORI_DAY_NONE))
		return sori_fail(error, SORI_USAGE, "--%s takes a day as YYYY-MM-DD, not '%s'", name, text);
	return SORI_OK;
}

enum sori_status sori_analysis_slice(const struct sori_cli *cli, const char *name, struct sori_slice_term *terms,
				     struct sori_slice *slice, struct sori_error *error)
{
	const char *values[SORI_ANALYSIS_TERMS];
	size_t count = sori_cli_values(cli, name, values, SORI_ANALYSIS_TERMS);

	slice->terms = terms;
	for (size_t i = 0; i < count; i++) {
		char *equals = strchr(values[i], '=');

		if (slice->count == SORI_ANALYSIS_TERMS)
			return sori_fail(error, SORI_USAGE, "at most %d conditions", SORI_ANALYSIS_TERMS);
		if (!equals || equals == values[i])
			return sori_fail(error, SORI_USAGE, "--%s takes DIM=VALUE, not '%s'", name, values[i]);
		*equals = '\0';
		terms[slice->count++] = (struct sori_slice_term){values[i], equals + 1};
	}
	return SORI_OK;
}

static void put_safe(struct sori_buffer *out, const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			sori_buffer_add_format(out, "\\x%02x", (unsigned)(unsigned char)*text);
		else
			sori_buffer_add_byte(out, *text);
}

void sori_analysis_put_slice(struct sori_buffer *out, const struct sori_slice *slice)
{
	for (size_t i = 0; i < slice->count; i++) {
		sori_buffer_add_text(out, i ? ", " : "");
		put_safe(out, slice->terms[i].dimension);
		sori_buffer_add_byte(out, '=');
		put_safe(out, slice->terms[i].value);
	}
}

void sori_analysis_put_json(struct sori_buffer *out, const char *key, double value)
{
	if (isfinite(value))
		sori_buffer_add_format(out, ",\"%s\":%.6g", key, value == 0.0 ? 0.0 : value);
	else
		sori_buffer_add_format(out, ",\"%s\":null", key);
}

void sori_analysis_put_json_text(struct sori_buffer *out, const char *key, const char *text)
{
	sori_buffer_add_format(out, ",\"%s\":", key);
	sori_buffer_add_json(out, sori_view_of(text));
}

void sori_analysis_put_json_slice(struct sori_buffer *out, const char *key, const struct sori_slice *slice)
{
	sori_buffer_add_format(out, ",\"%s\":[", key);
	for (size_t i = 0; i < slice->count; i++) {
		sori_buffer_add_text(out, i ? ",[" : "[");
		sori_buffer_add_json(out, sori_view_of(slice->terms[i].dimension));
		sori_buffer_add_byte(out, ',');
		sori_buffer_add_json(out, sori_view_of(slice->terms[i].value));
		sori_buffer_add_byte(out, ']');
	}
	sori_buffer_add_byte(out, ']');
}

void sori_analysis_put_csv(struct sori_buffer *out, double value)
{
	if (isinf(value))
		sori_buffer_add_text(out, value > 0.0 ? ",Inf" : ",-Inf");
	else if (isnan(value))
		sori_buffer_add_byte(out, ',');
	else
		sori_buffer_add_format(out, ",%.6g", value == 0.0 ? 0.0 : value);
}

const char *sori_analysis_cell(char room[48], int decimals, double value)
{
	if (isnan(value))
		return "-";
	if (isinf(value))
		return value > 0.0 ? "inf" : "-inf";
	if (decimals < 0)
		(void)snprintf(room, 48, "%.2g", value);
	else
		(void)snprintf(room, 48, "%.*f", decimals, value);
	return room;
}

static enum sori_status print(const struct sori_buffer *out, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (out->failed)
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = sori_cli_print(sori_buffer_view(out), error);
	if (status == SORI_OK)
		status = sori_cli_flush(error);
	return status;
}

enum sori_status sori_analysis_run(const struct sori_cli *cli,
				   enum sori_status (*answer)(void *user, struct sqlite3 *database, struct sori_buffer *out,
							      struct sori_error *error),
				   void *user, struct sori_error *error)
{
	struct sori_store *store = NULL;
	struct sori_buffer out;
	enum sori_status status = sori_analysis_open(cli, &store, error), closed;

	sori_buffer_init(&out, 1 << 26);
	if (status == SORI_OK)
		status = answer(user, sori_store_connection(store), &out, error);
	if (status == SORI_OK)
		status = print(&out, error);
	sori_buffer_release(&out);
	closed = sori_store_close(store, status == SORI_OK ? error : NULL);
	return status == SORI_OK ? closed : status;
}
