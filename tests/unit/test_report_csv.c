/* counts.csv: columns, order, sums, periods, guarded texts. */
#include "tests/unit/report_fixture.h"

#define HEADER "day,source,channel,product,region,lang,등급,category,documents,denominator,dictionary,distinct_complaints,customers\n"

/* Splits one line at commas outside quotes, in place; returns the number of fields. */
static size_t split(char *line, char *fields[16])
{
	size_t count = 0;
	bool quoted = false;
	fields[count++] = line;
	for (; *line; line++) {
		if (*line == '"')
			quoted = !quoted;
		if (*line == ',' && !quoted) {
			*line = '\0';
			assert_true(count < 16);
			fields[count++] = line + 1;
		}
	}
	return count;
}

static char *write_csv(sqlite3 *store, const struct sori_report_query *query)
{
	char folder[64];
	struct sori_report_model *model = fixture_model(store, query);
	fixture_write(model, &sori_reporter_csv, NULL, folder);
	char *text = fixture_read(folder, "counts.csv.gz");
	fixture_remove(folder, "counts.csv.gz");
	sori_report_model_free(model);
	return text;
}

static void rows_are_the_store_s_in_order(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	char *text = write_csv(store, NULL), *rest = text, *line, key[2][1024] = {"", ""};
	assert_memory_equal(text, HEADER, strlen(HEADER));
	rest += strlen(HEADER);
	int64_t all = 0, outage = 0, complaints = 0, rows = 0;
	while ((line = strsep(&rest, "\n")) && *line) {
		char *fields[16];
		assert_int_equal(split(line, fields), 13);
		int64_t documents = atoll(fields[8]), denominator = atoll(fields[9]);
		assert_true(documents > 0 && documents <= denominator);
		if (strcmp(fields[7], "*") == 0) {
			assert_int_equal(documents, denominator);
			all += documents;
			complaints += atoll(fields[11]);
		}
		assert_string_equal(fields[12], ""); /* nobody has a customer */
		outage += strcmp(fields[7], "network.outage") == 0 ? documents : 0;
		assert_true(strcmp(fields[7], "*none") != 0 && strcmp(fields[7], "*pain") != 0);
		assert_string_equal(fields[10], "0123456789abcdef0123456789abcdef");
		char *now = key[rows % 2], *before = key[(rows + 1) % 2];
		/* compared as the key is sorted: field by field; the quote of a guarded product sorts before '=' */
		snprintf(now, sizeof key[0], "%s\x01%s\x01%s\x01%s", fields[0], fields[1], fields[2],
			 fields[3][0] == '"' ? fields[3] + 2 : fields[3]);
		assert_true(strcmp(before, now) <= 0);
		rows++;
	}
	assert_int_equal(rows, sql_number(store, "SELECT COUNT(*) FROM daily WHERE category NOT IN (11, 12)"));
	assert_int_equal(all, sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 0"));
	assert_int_equal(complaints, sql_number(store, "SELECT SUM(complaints) FROM daily WHERE category = 0"));
	assert_int_equal(outage, sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 1"));
	free(text);
	sqlite3_close(store);
}

static void denominator_is_of_the_same_dictionary(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(1);
	sql_run(store, "INSERT INTO dictionary VALUES (1, 'bb'), (2, 'aa');"
			   "INSERT INTO category VALUES (0, '*', '', '', '', '', 0, 0), (7, 'a.b', '', '', 'pain', '', 0, 0);"
			   "INSERT INTO cell VALUES (1, 's', '', '', '', 'ko', '', '', '');"
			   "INSERT INTO daily VALUES (20574, 1, 0, 1, 10), (20574, 1, 0, 2, 4), (20574, 1, 7, 1, 3), (20574, 1, 7, 2, 1);"
			   "INSERT INTO meta VALUES ('documents_with_customer', '14')");
	char *text = write_csv(store, NULL);
	assert_string_equal(text, "day,source,channel,product,region,lang,category,documents,denominator,dictionary,distinct_complaints,"
				  "customers\n2026-05-01,s,,,,ko,*,4,4,aa,4,4\n2026-05-01,s,,,,ko,*,10,10,bb,8,9\n"
				  "2026-05-01,s,,,,ko,a.b,1,4,aa,1,1\n2026-05-01,s,,,,ko,a.b,3,10,bb,3,3\n");
	free(text);
	sqlite3_close(store);
}

static void period_and_undated(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	char *text = write_csv(store, NULL);
	assert_non_null(strstr(text, "\n,care-memos")); /* an empty day is undated */
	free(text);
	struct sori_report_query query;
	sori_report_query_init(&query);
	query.to = 20574;
	text = write_csv(store, &query);
	assert_null(strstr(text, "\n,"));
	assert_non_null(strstr(text, "2026-05-01"));
	assert_null(strstr(text, "2026-05-02"));
	free(text);
	query.from = 20665;
	query.to = SORI_DAY_NONE;
	text = write_csv(store, &query);
	assert_null(strstr(text, "\n,"));
	assert_non_null(strstr(text, "2026-07-31"));
	assert_null(strstr(text, "2026-07-30"));
	free(text);
	sqlite3_close(store);
}

static void formulas_are_guarded(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	sql_run(store, "UPDATE cell SET region = '@SUM(1)' WHERE region = '제주'; UPDATE cell SET channel = '  =1+1' WHERE channel = '웹'");
	char *text = write_csv(store, NULL);
	assert_non_null(strstr(text, ",\"'=HYPERLINK(\"\"http://x.invalid\"\",\"\"모델 C\"\")\","));
	assert_non_null(strstr(text, ",'@SUM(1),"));
	assert_null(strstr(text, ",@SUM"));
	assert_null(strstr(text, ",  =1+1"));
	free(text);
	sqlite3_close(store);
}

static void excel_form(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	struct sori_error error = {0};
	char folder[64];
	struct sori_settings *settings = sori_settings_new();
	assert_int_equal(sori_settings_declare(settings, "report_csv", sori_reporter_csv.options, &error), SORI_OK);
	assert_int_equal(sori_settings_set(settings, "report_csv", "excel", "true", &error), SORI_OK);
	struct sori_report_model *model = fixture_model(store, NULL);
	fixture_write(model, &sori_reporter_csv, settings, folder);
	char *text = fixture_read(folder, "counts.csv");
	assert_memory_equal(text, "\xef\xbb\xbf" "day,source", 13);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		assert_int_equal(at[-1], '\r');
	free(text);
	fixture_remove(folder, "counts.csv");
	sori_report_model_free(model);
	sori_settings_free(settings);
	sqlite3_close(store);
}

static void empty_store_has_a_header(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(1);
	char *text = write_csv(store, NULL);
	assert_string_equal(text, "day,source,channel,product,region,lang,category,documents,denominator,dictionary,distinct_complaints,customers\n");
	free(text);
	sqlite3_close(store);
}

static void prometheus_rules(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	char folder[64];
	struct sori_report_query query;
	sori_report_query_init(&query);
	query.from = 20660; /* the figures tell of the whole store all the same */
	struct sori_report_model *model = fixture_model(store, &query);
	fixture_write(model, &sori_reporter_prom, NULL, folder);
	char *text = fixture_read(folder, "sori.prom");
	char line[128];
	snprintf(line, sizeof line, "\nsori_documents_total %lld\n",
		 (long long)sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 0"));
	assert_non_null(strstr(text, line));
	snprintf(line, sizeof line, "\nsori_category_documents_total{category=\"network.outage\",kind=\"pain\"} %lld\n",
		 (long long)sql_number(store, "SELECT SUM(documents) FROM daily WHERE category = 1"));
	assert_non_null(strstr(text, line));
	assert_non_null(strstr(text, "\nsori_last_success_timestamp_seconds 1785456000\n"));
	assert_non_null(strstr(text, "\nsori_last_day_timestamp_seconds 1785456000\n"));
	assert_non_null(strstr(text, "sori_inputs{status=\"incomplete\"} 1\n"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	/* HELP and TYPE once for each name, before its samples */
	for (char *at = text; (at = strstr(at, "# TYPE ")); at++) {
		char name[128];
		assert_int_equal(sscanf(at, "# TYPE %100s", name), 1);
		strcat(name, " ");
		char pattern[160];
		snprintf(pattern, sizeof pattern, "# TYPE %s", name);
		assert_null(strstr(at + 1, pattern));
	}
	free(text);
	fixture_remove(folder, "sori.prom");
	sori_report_model_free(model);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_the_store_s_in_order), cmocka_unit_test(denominator_is_of_the_same_dictionary),
		cmocka_unit_test(period_and_undated),		 cmocka_unit_test(formulas_are_guarded),
		cmocka_unit_test(excel_form),			 cmocka_unit_test(empty_store_has_a_header),
		cmocka_unit_test(prometheus_rules)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
