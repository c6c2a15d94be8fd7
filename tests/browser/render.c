/* Pages for the browser test: FOLDER/ko/report.html and en/report.html from the invented store with their counts.csv, for every
 * line of the payload file FOLDER/pNN/report.html with that text in every place that data can reach, and FOLDER/big of two
 * years, 60 categories and five dimensions. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/core/report.h"

extern const struct sori_reporter sori_reporter_html, sori_reporter_csv;

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
	const struct sori_reporter *const reporters[] = {&sori_reporter_html, &sori_reporter_csv, NULL};
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

/* Two years of about 500 documents a day in 240 cells: sources 2, channels 4, products 12, regions 17, languages 2, customer
 * grades 3; 60 categories, of which ten are praise, at a rate of their own, with samples for every month. */
static void grow_store(sqlite3 *store)
{
	run_sql(store,
		"DELETE FROM daily; DELETE FROM cell; DELETE FROM category WHERE category NOT IN (0, 11, 12); DELETE FROM sample;"
		"WITH RECURSIVE n(i) AS (SELECT 101 UNION ALL SELECT i + 1 FROM n WHERE i < 160) INSERT INTO category SELECT i, "
		"printf('group%02d.leaf%03d', i % 12, i), printf('불편 갈래 %d번', i), printf('Complaint of kind %d', i), "
		"CASE WHEN i > 150 THEN 'praise' ELSE 'pain' END, '담당 부서', i % 5 + 1, 0 FROM n;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240) INSERT INTO cell SELECT i, 'reviews', "
		"'채널 ' || (i % 4), '제품군 ' || (i * 7 % 12), '지역 ' || (i * 5 % 17), CASE WHEN i % 9 = 0 THEN 'en' ELSE 'ko' END, "
		"'등급 ' || (i % 3), '', '' FROM n;"
		"WITH RECURSIVE d(day) AS (SELECT 19936 UNION ALL SELECT day + 1 FROM d WHERE day < 20665) INSERT INTO daily"
		" (day, cell, category, dictionary, documents) SELECT day, cell, 0, 1, 1 + (day * 31 + cell * 17) % 4 FROM d, cell;"
		"INSERT INTO daily (day, cell, category, dictionary, documents) SELECT t.day, t.cell, k.category, 1, 1 FROM daily AS t JOIN category AS k ON k.category > 100 WHERE t.category = 0 AND ((t.day * 7919 + t.cell * 104729 + "
		"k.category * 1299709) * 2654435761 >> 16) % 1000 < 4 + k.category % 40;"
		"WITH RECURSIVE m(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM m WHERE k < 23), r(rank) AS (VALUES (1), (2), (3), (4)) INSERT "
		"INTO sample (month, category, rank, identity, day, cell, place, rating, text, spans) SELECT (24295 + k) / 12 * 100 + (24295 + k) % 12 + 1, "
		"category, rank, x'00', 19936 + k * 30, 1 + (k * 7 + rank + category) % 240, 'dumps/reviews/2025.csv#' || (k * 977 + rank * 31 + category), rank, "
		"(SELECT group_concat(value, ' ') FROM json_each('[\"산\", \"지\", \"얼마\", \"안\", \"된\", \"물건\", \"하나\", \"때문에\", \"벌써\", \"여러\", \"번\", \"전화\", \"드렸고\", \"그때마다\", \"다른\", \"답을\", \"들었는데\", \"이번에는\", \"꼭\", \"고쳐\", \"주시면\", \"좋겠어요\", \"주말에도\", \"같은\", \"일이\", \"되풀이되어\", "
		"\"가족\", \"모두\", \"불편했습니다\", \"상담하신\", \"분은\", \"친절했지만\", \"기다린\", \"시간이\", \"길었고\", \"설명도\", \"서로\", \"달라서\", \"무엇을\", \"믿어야\", \"할지\", \"모르겠습니다\", \"값에\", \"견주어\", \"아쉬운\", \"점이\", \"많아\", \"다음에는\", \"다른\", \"곳을\", \"알아볼까\", \"합니다\"]') "
		"WHERE ((key * 7919 + rank * 104729 + category * 1299709 + k * 15485863) * 2654435761 >> 16) % 5 < 3), "
		"json_array(json_array(10, 40, category.id, 'e', 1)) FROM m, r, category WHERE category > 100");
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
	grow_store(store);
	write_page(store, argv[1], "big", false);
	sqlite3_close(store);
	return 0;
}
