/* The delimited reader: dialects, quotes, line ends, damage, limits, and that both ways of finding borders agree. */
#include "tests/unit/reader_fixture.h"

#include "stages/read_csv/mask.h"

static void plain_fields_and_escaped_quotes(void **state)
{
	(void)state;
	EXPECT_RECORDS("id,text,rating\n17,\"slow, very \"\"slow\"\"\",1\n29,fine,5\n",
		       "1@15:2|slow, very \"slow\"|1|17\n2@42:3|fine|5|29\n");
}

static void line_ends_may_be_mixed(void **state)
{
	(void)state;
	EXPECT_RECORDS("id,text\r\n7,one\r9,\"two\r\nlines\"\n\n12,last", "1@9:2|one|7\n2@15:3|two\r\nlines|9\n3@31:6|last|12\n");
}

static void mark_and_sep_line_are_framing(void **state)
{
	(void)state;
	static const char text[] = "\xef\xbb\xbfsep=;\nnr;text;date\n4;a,b;2024-03-01\n8;c;2024-03-02\n";
	struct reading reading = reading_of(text, sizeof text - 1, NULL, 0);
	assert_string_equal(reading.lines.at, "1@22:3|a,b|2024-03-01\n2@39:4|c|2024-03-02\n");
	assert_int_equal(reading.input->delimiter, ';');
	assert_int_equal(reading.input->counts.header, 2);
	assert_true(reading.input->byte_order_mark);
	reading_release(&reading);
}

static void tab_with_bare_quotes_and_backslash_escapes(void **state)
{
	(void)state;
	EXPECT_RECORDS("id\ttext\n3\t5\" screen broke\n9\tthe \"new\" one\n", "1@8:2|5\" screen broke|3\n2@26:3|the \"new\" one|9\n");
	EXPECT_RECORDS("id\ttext\tdate\n7\tline\\\nbreak\t2024-01-01\n9\ttab\\there\t\\N\n",
		       "1@13:2|line\nbreak|2024-01-01|7\n2@38:4|tab\there|9\n");
}

static void wrong_columns_go_to_quarantine(void **state)
{
	(void)state;
	EXPECT_RECORDS("id,text,rating\n17,a b,1\n23,short\n29,c d,2,\n31,e,f,g\n37,ok,3\n",
		       "1@15:2|a b|1|17\n2@24:3 !columns\n3@33:4|c d|2|29\n4@43:5 !columns\n5@52:6|ok|3|37\n");
}

static void no_header_is_seen(void **state)
{
	(void)state;
	EXPECT_RECORDS("2024-03-01,the delivery came late again\n2024-03-02,nobody answered the phone\n",
		       "1@0:1|the delivery came late again|2024-03-01\n2@40:2|nobody answered the phone|2024-03-02\n");
}

/* One stray quote anywhere, one quote taken away anywhere: at most two records are lost. */
static void check_damage(const char *text, size_t length, size_t records)
{
	struct reading reading = reading_of(text, length, NULL, 0);
	uint64_t accepted = reading.input->counts.read - reading.rejected;
	if (accepted + 2 < records || reading.rejected > 2)
		print_error("%s\n%s", text, reading.lines.at);
	assert_true(accepted + 2 >= records);
	assert_true(reading.rejected <= 2);
	reading_release(&reading);
}

static void one_stray_quote_costs_at_most_two(void **state)
{
	(void)state;
	char text[4096], damaged[4200];
	size_t records = 24, length = (size_t)snprintf(text, sizeof text, "id,date,text,rating\n"), header = length;
	for (size_t i = 0; i < records; i++) {
		static const char *const forms[] = {"plain words", "\"with, comma\"", "\"two\nlines here\"", "\"say \"\"x\"\", ok\"", "\"\"", ""};
		length += (size_t)snprintf(text + length, sizeof text - length, "%zu,2024-03-%02zu,%s,%zu\n", i * 7, i % 28 + 1,
					   forms[i % 6], i % 5 + 1);
	}
	for (size_t at = header; at < length; at++) {
		memcpy(damaged, text, at);
		damaged[at] = '"';
		memcpy(damaged + at + 1, text + at, length - at + 1);
		check_damage(damaged, length + 1, records);
		if (text[at] != '"')
			continue;
		memcpy(damaged, text, at);
		memcpy(damaged + at, text + at + 1, length - at);
		check_damage(damaged, length - 1, records);
	}
}

static char *many_records(size_t records, const char *form, size_t *length)
{
	size_t size = records * (strlen(form) + 24) + 64, at;
	char *text = malloc(size);
	assert_non_null(text);
	at = (size_t)snprintf(text, size, "id,text,rating\n");
	for (size_t i = 0; i < records; i++)
		at += (size_t)snprintf(text + at, size - at, "%zu,%s,%zu\n", i * 3, form, i % 5 + 1);
	*length = at;
	return text;
}

static void open_quote_in_a_large_file(void **state)
{
	(void)state;
	size_t length, records = 100000;
	char *text = many_records(records, "the parcel came late", &length);
	char *middle = strstr(text + length / 2, ",the");
	middle[1] = '"';
	struct reading reading = reading_of(text, length, NULL, 0);
	assert_int_equal(reading.input->counts.read, records);
	assert_int_equal(reading.rejected, 1);
	assert_int_equal(reading.input->counts.by_reason[SORI_REASON_QUOTE], 1);
	reading_release(&reading);
	free(text);
}

static void a_file_full_of_stray_quotes_is_still_read(void **state)
{
	(void)state;
	size_t length;
	char *text = many_records(60000, "\"a, b\"", &length);
	/* the dialect is decided on the good front; behind it every line has a quote too many */
	for (char *at = strstr(text + 60000, "a, b"); at; at = strstr(at, "a, b"))
		memcpy(at, "xxxxx", 5);
	struct reading reading = reading_of(text, length, NULL, 0);
	assert_int_equal(reading.input->counts.by_reason[SORI_REASON_QUOTE], reading.rejected);
	assert_true(reading.rejected > 50000);
	reading_release(&reading);
	free(text);
}

static void too_long_and_too_many(void **state)
{
	(void)state;
	size_t length = 3 * SORI_RECORD_LIMIT + 100;
	char *text = malloc(length);
	memcpy(text, "id,text\n7,fine words\n8,", 23);
	memset(text + 23, 'x', length - 23);
	memcpy(text + length - 10, "\n9,last\n\n\n", 10);
	struct reading reading = reading_of(text, length, NULL, 0);
	assert_int_equal(reading.input->counts.by_reason[SORI_REASON_TOO_LONG], reading.rejected);
	assert_int_equal(reading.input->counts.read - reading.rejected, 2);
	reading_release(&reading);
	memset(text, ',', 5000);
	memcpy(text, "id,text\n7,fine words\n8", 22);
	memcpy(text + 4992, "\n9,last\n", 8);
	reading = reading_of(text, 5000, NULL, 0);
	assert_int_equal(reading.rejected, 1);
	assert_int_equal(reading.input->counts.by_reason[SORI_REASON_TOO_MANY_FIELDS], 1);
	assert_int_equal(reading.input->counts.read, 3);
	reading_release(&reading);
	free(text);
}

static void cp949_and_undecodable_records(void **state)
{
	(void)state;
	/* 내용,평점 / 똠방각하 (a syllable outside EUC-KR) / a byte that is no character, among many good ones */
	char text[8192];
	size_t length = (size_t)snprintf(text, sizeof text, "\xb3\xbb\xbf\xeb,\xc6\xf2\xc1\xa1\n\x8c\x63\xb9\xe6\xb0\xa2\xc7\xcf,2\n");
	for (int i = 0; i < 200; i++)
		length += (size_t)snprintf(text + length, sizeof text - length, "\xb4\xc0\xb7\xc1\xbf\xe4,1\n");
	length += (size_t)snprintf(text + length, sizeof text - length, "\xb4\xff,3\n");
	struct reading reading = reading_of(text, length, NULL, 0);
	assert_int_equal(reading.input->encoding, SORI_ENCODING_CP949);
	assert_string_equal(reading.input->column[SORI_ROLE_TEXT], "내용");
	assert_non_null(strstr(reading.lines.at, "1@10:2|똠방각하|2\n"));
	assert_int_equal(reading.input->counts.by_reason[SORI_REASON_ENCODING], 1);
	reading_release(&reading);
}

static void both_masks_agree(void **state)
{
	(void)state;
	static const char bytes[] = ",\"\n\r\\ab;\t\xff\x0a\x80\x2c\xa2\x8d";
	uint64_t fast[3][10], plain[3][10];
	char data[64 * 9] = {0};
	unsigned seed = 7;
	for (int round = 0; round < 500; round++) {
		size_t length = (size_t)(seed % 500) + 1;
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1103515245u + 12345u;
			data[i] = bytes[(seed >> 16) % (sizeof bytes - 1)];
		}
		struct csv_marks marks = {round % 2 ? ',' : '\t', '"', round % 3 ? '\0' : '\\'};
		memset(fast, 0, sizeof fast);
		memset(plain, 0, sizeof plain);
		sori_csv_mask(&marks, data, 0, length, fast[0], fast[1], fast[2]);
		sori_csv_mask_plain(&marks, data, 0, length, plain[0], plain[1], plain[2]);
		assert_memory_equal(fast, plain, sizeof fast);
		if (marks.escape)
			continue;
		for (size_t i = 0; i < length; i++) {
			int border = data[i] == marks.delimiter || data[i] == '\n' || data[i] == '\r';
			assert_int_equal(fast[0][i / 64] >> (i % 64) & 1, border);
			assert_int_equal(fast[2][i / 64] >> (i % 64) & 1, data[i] == '"');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_fields_and_escaped_quotes),
		cmocka_unit_test(line_ends_may_be_mixed),
		cmocka_unit_test(mark_and_sep_line_are_framing),
		cmocka_unit_test(tab_with_bare_quotes_and_backslash_escapes),
		cmocka_unit_test(wrong_columns_go_to_quarantine),
		cmocka_unit_test(no_header_is_seen),
		cmocka_unit_test(one_stray_quote_costs_at_most_two),
		cmocka_unit_test(open_quote_in_a_large_file),
		cmocka_unit_test(a_file_full_of_stray_quotes_is_still_read),
		cmocka_unit_test(too_long_and_too_many),
		cmocka_unit_test(cp949_and_undecodable_records),
		cmocka_unit_test(both_masks_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
