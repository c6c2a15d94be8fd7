/* Pages for the browser test: FOLDER/ko/report.html and en/report.html from the invented store, and for every line of the
 * payload file FOLDER/pNN/report.html with that text in every place that data can reach. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/core/report.h"

extern const struct sori_reporter sori_reporter_html;

static void stop(const char *what)
{
	fprintf(stderr, "render: %s\n", what);
	exit(1);
}

static void run_sql(sqlite3 *store, const char *sql)
{
	if (sqlite3_exec(store, sql, NULL, NULL, NULL) != SQLITE_OK)
		stop(sqlite3_errmsg(store));
}

static void build_store(sqlite3 *store)
{
	static char sql[1 << 16];
	FILE *file = fopen(SORI_SOURCE_DIR "/tests/unit/report_store.sql", "rb");
	if (!file)
		stop("no report_store.sql");
	size_t length = fread(sql, 1, sizeof sql - 1, file);
	fclose(file);
	if (length == sizeof sql - 1)
		stop("report_store.sql is too long");
	sql[length] = '\0';
	run_sql(store, sql);
}

static void write_page(sqlite3 *store, const char *parent, const char *name, bool english)
{
	const struct sori_reporter *const reporters[] = {&sori_reporter_html, NULL};
	struct sori_error error = {0};
	struct sori_report_query query;
	struct sori_report_model *model = NULL;
	char folder[4096];
	snprintf(folder, sizeof folder, "%s/%s", parent, name);
	sori_report_query_init(&query);
	query.english = english;
	if (sori_make_folder(folder, 0700, &error) != SORI_OK ||
	    sori_report_model_load(&model, store, &query, &error) != SORI_OK)
		stop(error.text);
	struct sori_output_set *outputs = sori_output_set_new(folder);
	if (!outputs || sori_report_write_all(model, reporters, outputs, NULL, &error) != SORI_OK ||
	    sori_output_set_publish(outputs, &error) != SORI_OK)
		stop(error.text);
	sori_output_set_free(outputs);
	sori_report_model_free(model);
}

static void poison(sqlite3 *store, const char *payload)
{
	static const char *const sql[] = {
		"UPDATE category SET ko = ?1 || category, en = ?1, owner = ?1 WHERE category NOT IN (0, 11, 12)",
		"UPDATE category SET id = ?1 WHERE category = 4",
		"UPDATE cell SET source = ?1 || source, channel = ?1 || channel, product = ?1 || product, region = ?1 || region, "
		"dim1 = ?1 || dim1",
		"UPDATE sample SET place = ?1, text = ?1 || text || ?1, spans = json_array(json_array(3, 9, (SELECT id FROM category "
		"WHERE category = sample.category), 'e', 1))",
		"UPDATE dictionary SET hash = ?1",
		"UPDATE input SET path = ?1, source = ?1, format = ?1, encoding = ?1, problem = ?1, warning = ?1, "
		"columns = json_object('dim1', ?1, ?1, ?1), reasons = json_object(?1, 2)"};
	for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
		sqlite3_stmt *update;
		if (sqlite3_prepare_v2(store, sql[i], -1, &update, NULL) != SQLITE_OK)
			stop(sqlite3_errmsg(store));
		sqlite3_bind_text(update, 1, payload, -1, SQLITE_STATIC);
		if (sqlite3_step(update) != SQLITE_DONE)
			stop(sqlite3_errmsg(store));
		sqlite3_finalize(update);
	}
}

int main(int argc, char **argv)
{
	sqlite3 *store;
	char line[1024], name[16];
	if (argc != 3)
		stop("usage: render FOLDER PAYLOADS");
	if (sqlite3_open(":memory:", &store) != SQLITE_OK)
		stop("no memory");
	build_store(store);
	write_page(store, argv[1], "ko", false);
	write_page(store, argv[1], "en", true);
	FILE *payloads = fopen(argv[2], "rb");
	if (!payloads)
		stop("no payload file");
	for (int n = 0; fgets(line, sizeof line, payloads); n++) {
		line[strcspn(line, "\n")] = '\0';
		run_sql(store, "SAVEPOINT payload");
		poison(store, line);
		snprintf(name, sizeof name, "p%02d", n);
		write_page(store, argv[1], name, n % 2 != 0);
		run_sql(store, "ROLLBACK TO payload; RELEASE payload");
	}
	fclose(payloads);
	sqlite3_close(store);
	return 0;
}
