/* What the store holds: the last run, its inputs and failures; with --check the whole store is verified. */
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "pipeline/base/day.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/store.h"

static const struct sori_cli_option options[] = {
	{"store", 0, "FILE", false, "the store (DIR/store.db)"},
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"check", 0, NULL, false, "verify the whole store: database, fact blobs, sums"},
	{0},
};

static const char *text_of(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

static void print_text(const char *lead, const char *text)
{
	(void)fputs(lead, stdout);
	sori_cli_print_safe(stdout, text);
	(void)fputc('\n', stdout);
}

/* Every run that went well renames run.json into place, also one that found nothing new. */
static void print_last_success(const char *out)
{
	char path[4096], when[32];
	struct stat info;
	struct tm parts;

	if (snprintf(path, sizeof path, "%s/run.json", out) >= (int)sizeof path || stat(path, &info) != 0 ||
	    !gmtime_r(&info.st_mtime, &parts) || strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		return;
	(void)printf("published   %s into %s\n", when, out);
}

static enum sori_status prepare(struct sqlite3 *database, const char *sql, sqlite3_stmt **statement, struct sori_error *error)
{
	if (sqlite3_prepare_v2(database, sql, -1, statement, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(database));
	return SORI_OK;
}

static enum sori_status print_totals(struct sqlite3 *database, struct sori_error *error)
{
	static const char sql[] =
		"SELECT (SELECT count(*) FROM run), (SELECT coalesce(sum(documents), 0) FROM daily WHERE category = 0),"
		" (SELECT min(day) FROM daily WHERE category = 0 AND day > -2147483648),"
		" (SELECT max(day) FROM daily WHERE category = 0 AND day > -2147483648),"
		" (SELECT coalesce(sum(documents), 0) FROM daily WHERE category = 0 AND day = -2147483648),"
		" (SELECT hash FROM dictionary ORDER BY dictionary DESC LIMIT 1)";
	sqlite3_stmt *statement;
	enum sori_status status = prepare(database, sql, &statement, error);

	if (status != SORI_OK)
		return status;
	if (sqlite3_step(statement) == SQLITE_ROW) {
		char first[11] = "", last[11] = "";

		if (sqlite3_column_type(statement, 2) != SQLITE_NULL) {
			sori_day_text(sqlite3_column_int(statement, 2), first);
			sori_day_text(sqlite3_column_int(statement, 3), last);
		}
		(void)printf("runs        %lld\ndocuments   %lld\ndays        %s to %s, %lld undated\ndictionary  %s\n",
			     sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1), first, last,
			     sqlite3_column_int64(statement, 4), text_of(statement, 5));
	} else {
		status = sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(database));
	}
	(void)sqlite3_finalize(statement);
	return status;
}

static enum sori_status print_last_inputs(struct sqlite3 *database, struct sori_error *error)
{
	static const char sql[] = "SELECT path, status, read, accepted, rejected, duplicate, replaced, undated, problem, warning"
				  " FROM input WHERE run = (SELECT max(run) FROM run) ORDER BY path";
	sqlite3_stmt *statement;
	enum sori_status status = prepare(database, sql, &statement, error);
	int step;

	if (status != SORI_OK)
		return status;
	(void)printf("last run:\n  %-10s %9s %9s %9s %9s %9s %9s  input\n", "status", "read", "accepted", "rejected", "duplicate",
		     "replaced", "undated");
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		(void)printf("  %-10s", text_of(statement, 1));
		for (int column = 2; column <= 7; column++)
			(void)printf(" %9lld", sqlite3_column_int64(statement, column));
		print_text("  ", text_of(statement, 0));
		if (*text_of(statement, 8))
			print_text("             ", text_of(statement, 8));
		if (*text_of(statement, 9))
			print_text("             warning: ", text_of(statement, 9));
	}
	if (step != SQLITE_DONE)
		status = sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(database));
	(void)sqlite3_finalize(statement);
	return status;
}

static enum sori_status status_run(struct sori_cli *cli, struct sori_error *error)
{
	const char *out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out";
	const char *given = sori_cli_value(cli, "store");
	struct sori_store *store = NULL;
	enum sori_status status, closed;
	char path[4096];

	if (snprintf(path, sizeof path, "%s%s", given ? given : out, given ? "" : "/store.db") >= (int)sizeof path)
		return sori_fail(error, SORI_USAGE, "the path of the store is too long");
	status = sori_store_open(&store, path, false, error);
	if (status != SORI_OK)
		return status;
	(void)printf("store       %s\n", path);
	print_last_success(out);
	status = print_totals(sori_store_connection(store), error);
	if (status == SORI_OK)
		status = print_last_inputs(sori_store_connection(store), error);
	if (status == SORI_OK && sori_cli_flag(cli, "check")) {
		status = sori_store_check(store, error);
		if (status == SORI_OK)
			(void)printf("check       ok\n");
	}
	closed = sori_store_close(store, status == SORI_OK ? error : NULL);
	return status == SORI_OK ? closed : status;
}

const struct sori_command sori_command_status = {
	.name = "status",
	.summary = "what the store holds: last run, inputs, failures",
	.operands = "",
	.examples = "  sori status\n  sori status --store /srv/sori/store.db --check\n",
	.options = options,
	.run = status_run,
};
