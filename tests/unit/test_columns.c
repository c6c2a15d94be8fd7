/* Column guesses through the CSV reader: names, values, options, row numbers, dimensions. */
#include "tests/unit/reader_fixture.h"

#include "pipeline/core/columns.h"

static void expect_columns(const char *text, const struct sori_input_wish *wish, const char *expected)
{
	struct reading reading = reading_of(text, strlen(text), wish, 0);
	struct sori_fact facts[SORI_FACT_LIMIT];
	size_t count = sori_input_facts(reading.input, facts);
	char found[1024] = "";
	for (size_t i = 3; i < count; i++) {
		if (!facts[i].value[0])
			continue;
		size_t used = strlen(found);
		snprintf(found + used, sizeof found - used, "%s%s=%s%s", used ? " " : "", facts[i].what, facts[i].value,
			 facts[i].given ? "!" : "");
	}
	assert_string_equal(found, expected);
	reading_release(&reading);
}

static void korean_and_english_names(void **state)
{
	(void)state;
	expect_columns("접수번호,작성일,별점,내용,채널,상품명,지점,고객번호\nA7,2024.03.01,1,느려요 정말,앱,TV,서울,k1\nB9,2024.03.02,5,좋아요 아주,전화,TV,서울,k2\n",
		       NULL, "text=내용 date=작성일 rating=별점 id=접수번호 author=고객번호 channel=채널 product=상품명 region=지점");
	expect_columns("Ticket #,Customer Complaint,Date,Received Via,State\n250,slow speeds here,22-04-2015,Internet,Maine\n223,payment disappeared,23-04-2015,Call,Ohio\n",
		       NULL, "text=Customer Complaint date=Date id=Ticket # channel=Received Via region=State");
}

static void names_are_checked_against_values(void **state)
{
	(void)state;
	/* "review" counts here, "date" is a time of day */
	expect_columns("review,date,body\n12,10:30,the box was open\n7,11:20,nobody came by\n", NULL, "text=body");
}

static void row_numbers_are_no_id(void **state)
{
	(void)state;
	expect_columns("id,text\n1,slow again\n2,good now\n3,fine\n", NULL, "text=text");
	expect_columns("id,text\n100,slow again\n101,good now\n102,fine\n", NULL, "text=text");
	expect_columns("id,text\n1,slow again\n5,good now\n77,fine\n", NULL, "text=text id=id");
}

static void values_decide_without_names(void **state)
{
	(void)state;
	expect_columns("2024-03-01,the delivery came late again,x\n2024-03-02,nobody answered the phone,y\n", NULL, "text=2 date=1");
	expect_columns("alpha,beta\n2024-03-01,the delivery came late again\n2024-03-02,nobody answered the phone at all\n", NULL,
		       "text=beta date=alpha");
}

static void nearly_unique_is_no_dimension(void **state)
{
	(void)state;
	expect_columns("text,product\na b c d,p1\ne f g h,p2\ni j k l,p3\nm n o p,p4\nq r s t,p5\n", NULL, "text=text");
}

static void options_override(void **state)
{
	(void)state;
	struct sori_input_wish wish = {.column = {[SORI_ROLE_TEXT] = "title", [SORI_ROLE_DIM1] = "Kind"}, .dim_label = {"type"}};
	static const char text[] = "title,content,kind\nfirst title,the long content,a\nsecond title,more content,b\n";
	struct reading reading = reading_of(text, sizeof text - 1, &wish, 0);
	assert_string_equal(reading.input->column[SORI_ROLE_TEXT], "title");
	assert_string_equal(reading.input->column[SORI_ROLE_DIM1], "kind");
	assert_string_equal(reading.input->dim_label[0], "type");
	assert_true(reading.input->column_given[SORI_ROLE_TEXT]);
	assert_non_null(strstr(reading.lines.at, "|first title|a\n"));
	reading_release(&reading);
	wish.column[SORI_ROLE_TEXT] = "nope";
	reading = reading_of(text, sizeof text - 1, &wish, 0);
	assert_true(reading.input->refused);
	assert_non_null(strstr(reading.input->problem, "nope"));
	reading_release(&reading);
}

static void no_text_is_refused(void **state)
{
	(void)state;
	static const char text[] = "date,count\n2024-03-01,7\n2024-03-02,9\n";
	struct reading reading = reading_of(text, sizeof text - 1, NULL, 0);
	assert_true(reading.input->refused);
	assert_int_equal(reading.input->counts.read, 0);
	reading_release(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(korean_and_english_names),	 cmocka_unit_test(names_are_checked_against_values),
		cmocka_unit_test(row_numbers_are_no_id),	 cmocka_unit_test(values_decide_without_names),
		cmocka_unit_test(nearly_unique_is_no_dimension), cmocka_unit_test(options_override),
		cmocka_unit_test(no_text_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
