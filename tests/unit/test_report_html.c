/* The page: inert whatever the texts say, whole without scripts, both languages, the same bytes for the same store; and
 * report.xml against its RELAX NG schema. */
#include "tests/unit/report_fixture.h"

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xpath.h>

#include "pipeline/base/memory.h"
#include "stages/report_html/page.h"

static char *write_page(sqlite3 *store, bool english)
{
	char folder[64];
	struct sori_report_query query;
	sori_report_query_init(&query);
	query.english = english;
	struct sori_report_model *model = fixture_model(store, &query);
	fixture_write(model, &sori_reporter_html, NULL, folder);
	char *text = fixture_read(folder, "report.html");
	fixture_remove(folder, "report.html");
	sori_report_model_free(model);
	return text;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;
	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

static void sha256_as_published(void **state)
{
	(void)state;
	char text[45];
	/* FIPS 180-4 examples, base64 of the digests */
	page_sha256_base64(SORI_VIEW_LITERAL("abc"), text);
	assert_string_equal(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
	page_sha256_base64(SORI_VIEW_LITERAL(""), text);
	assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	page_sha256_base64(SORI_VIEW_LITERAL("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), text);
	assert_string_equal(text, "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE=");
}

static void policy_names_the_style_and_the_script(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	char *page = write_page(store, false), hash[45], wanted[80];
	const char *ends[2][3] = {{"<style>", "</style>", "style-src"}, {"<script>", "</script>", "script-src"}};
	for (int i = 0; i < 2; i++) {
		const char *from = strstr(page, ends[i][0]);
		assert_non_null(from);
		from += strlen(ends[i][0]);
		const char *to = strstr(from, ends[i][1]);
		page_sha256_base64(sori_view_make(from, (size_t)(to - from)), hash);
		snprintf(wanted, sizeof wanted, "%s 'sha256-%s'", ends[i][2], hash);
		assert_non_null(strstr(page, wanted));
	}
	assert_non_null(strstr(page, "default-src 'none'"));
	assert_int_equal(count_of(page, "<style"), 1);
	assert_int_equal(count_of(page, "<script"), 2); /* the counts, which are data, and the script */
	free(page);
	sqlite3_close(store);
}

static void texts_stay_texts(void **state)
{
	(void)state;
	static const char *const payloads[] = {"<script>bad()</script>", "</title><script>bad()", "\"><img src=x onerror=bad()>",
					       "' onload='bad()", "</style><svg onload=bad()>", "<!--", "]]>", "&lt;script&gt;",
					       "javascript:bad()", "</textarea><iframe src=//x.invalid>", "\x01\x02<b\x0b>"};
	sqlite3 *store = fixture_store(0);
	for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
		sqlite3_stmt *update;
		const char *const sql[] = {"UPDATE category SET ko = ?1, en = ?1, owner = ?1 WHERE category = 1",
					   "UPDATE category SET id = ?1 WHERE category = 2",
					   "UPDATE cell SET product = ?1 WHERE product = '모델 A'",
					   "UPDATE cell SET source = ?1 WHERE source = 'shop-reviews'",
					   "UPDATE sample SET text = ?1, place = ?1 WHERE category = 1",
					   "UPDATE input SET path = ?1, problem = ?1, warning = ?1, format = ?1 WHERE input = 1",
					   "UPDATE input SET columns = json_object('dim1', ?1), reasons = json_object(?1, 2)"};
		sql_run(store, "SAVEPOINT payload");
		for (size_t k = 0; k < sizeof sql / sizeof *sql; k++) {
			assert_int_equal(sqlite3_prepare_v2(store, sql[k], -1, &update, NULL), SQLITE_OK);
			sqlite3_bind_text(update, 1, payloads[i], -1, SQLITE_STATIC);
			assert_int_equal(sqlite3_step(update), SQLITE_DONE);
			sqlite3_finalize(update);
		}
		char *page = write_page(store, i % 2);
		assert_int_equal(count_of(page, "<script"), 2); /* the counts, which are data, and the script */
		assert_int_equal(count_of(page, "</script"), 2);
		assert_int_equal(count_of(page, "<style"), 1);
		assert_int_equal(count_of(page, "</title>"), count_of(page, "<title"));
		assert_int_equal(count_of(page, "<img"), 0);
		assert_int_equal(count_of(page, "<iframe"), 0);
		assert_int_equal(count_of(page, "<!--"), 0);
		assert_int_equal(count_of(page, "\x01"), 0);
		for (const char *at = page; (at = strstr(at, "bad()")); at++) { /* outside tags or in a quoted value */
			size_t quotes = 0;
			const char *back = at;
			for (; *back != '>' && *back != '<'; back--)
				quotes += *back == '"';
			assert_true(*back == '>' || quotes % 2 == 1);
		}
		free(page);
		sql_run(store, "ROLLBACK TO payload; RELEASE payload");
	}
	sqlite3_close(store);
}

static void whole_in_both_languages(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	char *korean = write_page(store, false), *english = write_page(store, true);
	assert_non_null(strstr(korean, "<html lang=ko>"));
	assert_non_null(strstr(english, "<html lang=en>"));
	assert_non_null(strstr(korean, "id=ko checked"));
	assert_non_null(strstr(english, "id=en checked"));
	const char *const wanted[] = {"무엇이 달라졌나", "What changed", "연결 끊김·접속 불가", "Connection drops", "고객이 한 말",
				      "What people said", "Data quality", "<mark>와이파이</mark>", "<mark>connection drops</mark>",
				      "모델 A", "cp949", "the gzip member ends early", "trailing comma in 3 records",
				      "0123456789abcdef0123456789abcdef", "role=img", "<details class=cat>", "평소 범위", "usual range"};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (!strstr(korean, wanted[i]) || !strstr(english, wanted[i]))
			fail_msg("missing: %s", wanted[i]);
	}
	assert_int_equal(count_of(korean, "<span lang=ko>"), count_of(korean, "<span lang=en>"));
	assert_int_equal(count_of(korean, " style="), 0);
	assert_int_equal(count_of(korean, "http"), count_of(korean, "http-equiv") + count_of(korean, "http://x.invalid"));
	/* pain that grew stands before pain that shrank, and praise is in neither list */
	const char *grew = strstr(korean, "늘어난 불편"), *shrank = strstr(korean, "줄어든 불편");
	assert_true(grew && shrank && grew < shrank);
	assert_true(strstr(grew, "#c-network.outage") < shrank);
	assert_true(strstr(shrank, "#c-delivery.delay") < strstr(shrank, "id=categories"));
	free(korean);
	free(english);
	sqlite3_close(store);
}

static void same_store_same_bytes(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0), *again = fixture_store(0);
	char *one = write_page(store, false), *two = write_page(again, false);
	assert_string_equal(one, two);
	free(one);
	free(two);
	sqlite3_close(store);
	sqlite3_close(again);
}

static void little_data_is_said(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(0);
	sql_run(store, "DELETE FROM daily WHERE day < 20655");
	char *page = write_page(store, true);
	assert_non_null(strstr(page, "Not enough data to compare"));
	free(page);
	sqlite3_close(store);
	store = fixture_store(1);
	page = write_page(store, true);
	assert_non_null(strstr(page, "There are no documents in this period."));
	assert_non_null(strstr(page, "</html>"));
	free(page);
	sqlite3_close(store);
}

/* 50 categories over 366 days and 5 channels stay about half a megabyte, counts for the filter included. */
static void large_report_stays_small(void **state)
{
	(void)state;
	sqlite3 *store = fixture_store(1);
	sql_run(store,
		    "INSERT INTO dictionary VALUES (1, 'aa'); INSERT INTO category VALUES (0, '*', '', '', '', '', 0, 0);"
		    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO category SELECT i, "
		    "printf('group%02d.leaf', i), printf('한국어 분류 이름 %d', i), printf('Category name %d', i), "
		    "'pain', '담당 부서', 3, 0 FROM n;"
		    "INSERT INTO cell SELECT value, 'reviews', '채널 ' || value, '', '', 'ko', '', '', '' FROM json_each('[1,2,3,4,5]');"
		    "WITH RECURSIVE d(day) AS (SELECT 20454 UNION ALL SELECT day + 1 FROM d WHERE day < 20819) INSERT INTO daily "
		    "SELECT day, cell, category, 1, CASE category WHEN 0 THEN 90 ELSE 1 + (day * 7 + cell * category) % 9 END FROM d, "
		    "cell, category;"
		    "WITH RECURSIVE m(month) AS (SELECT 202601 UNION ALL SELECT month + 1 FROM m WHERE month < 202612) INSERT INTO "
		    "sample SELECT month, category, k.value, x'00', 20454 + (month - 202601) * 30, 1, 'dumps/reviews/2026.csv#' || "
		    "month, 1, replace(hex(zeroblob(20)), '00', '배송이 늦어요. '), json_array(json_array(0, 20, category.id, 'e', 1)) FROM m, "
		    "category JOIN json_each('[1,2,3,4,5,6]') AS k WHERE category > 0");
	char *page = write_page(store, false);
	assert_true(strlen(page) <= 510 * 1000);
	assert_int_equal(count_of(page, "<details class=cat"), 50);
	assert_true(count_of(page, "<blockquote") >= 50);
	free(page);
	sqlite3_close(store);
}

static void xml_is_valid(void **state)
{
	(void)state;
	xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(SORI_SOURCE_DIR "/stages/report_xml/report.rng");
	xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
	xmlRelaxNGFreeParserCtxt(parser);
	assert_non_null(schema);
	for (int empty = 0; empty < 2; empty++) {
		sqlite3 *store = fixture_store(empty);
		char folder[64];
		sql_run(store, "UPDATE sample SET text = text || char(65535) || char(1) || ']]>'");
		struct sori_report_model *model = fixture_model(store, NULL);
		fixture_write(model, &sori_reporter_xml, NULL, folder);
		char *text = fixture_read(folder, "report.xml.gz");
		fixture_remove(folder, "report.xml.gz");
		xmlDocPtr document = xmlReadMemory(text, (int)strlen(text), "report.xml", NULL, XML_PARSE_NONET);
		assert_non_null(document);
		xmlRelaxNGValidCtxtPtr check = xmlRelaxNGNewValidCtxt(schema);
		assert_int_equal(xmlRelaxNGValidateDoc(check, document), 0);
		xmlRelaxNGFreeValidCtxt(check);
		xmlXPathContextPtr path = xmlXPathNewContext(document);
		xmlXPathObjectPtr marks = xmlXPathEvalExpression(
			BAD_CAST "count(//*[local-name()='verbatim']/*[local-name()='mark' and text()='와이파이'])", path);
		assert_int_equal((int)marks->floatval, empty ? 0 : 1);
		xmlXPathFreeObject(marks);
		xmlXPathFreeContext(path);
		xmlFreeDoc(document);
		free(text);
		sori_report_model_free(model);
		sqlite3_close(store);
	}
	xmlRelaxNGFree(schema);
	xmlCleanupParser();
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	const struct sori_reporter *const reporters[] = {&sori_reporter_html, &sori_reporter_json, &sori_reporter_csv,
							 &sori_reporter_xml,  &sori_reporter_prom, NULL};
	sqlite3 *store = fixture_store(0);
	struct sori_report_model *model = fixture_model(store, NULL);
	struct sori_error error = {0};
	char folder[64] = "/tmp/sori-report-XXXXXX";
	assert_non_null(mkdtemp(folder));
	uint64_t n = 1;
	bool good = false;
	for (; n < 1000 && !good; n++) {
		struct sori_output_set *outputs = sori_output_set_new(folder);
		sori_memory_fail_after(n, 0);
		enum sori_status status = sori_report_write_all(model, reporters, outputs, NULL, &error);
		sori_memory_fail_after(0, 0);
		good = status == SORI_OK;
		if (!good)
			assert_int_equal(status, SORI_SYSTEM);
		sori_output_set_free(outputs); /* not published: nothing stays */
	}
	if (!good || n < 20)
		fail_msg("%d after %llu allocations", good, (unsigned long long)n);
	assert_int_equal(rmdir(folder), 0);
	sori_report_model_free(model);
	sqlite3_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_as_published),	 cmocka_unit_test(policy_names_the_style_and_the_script),
		cmocka_unit_test(texts_stay_texts),	 cmocka_unit_test(whole_in_both_languages),
		cmocka_unit_test(same_store_same_bytes), cmocka_unit_test(little_data_is_said),
		cmocka_unit_test(large_report_stays_small), cmocka_unit_test(xml_is_valid),
		cmocka_unit_test(every_allocation_may_fail)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
