/* The JSON reader: lines, arrays, wrappers, nesting, damage. */
#include "tests/unit/reader_fixture.h"

static void lines_with_nested_members(void **state)
{
	(void)state;
	EXPECT_RECORDS("{\"id\":\"a\",\"text\":\"slow app\",\"meta\":{\"date\":\"2024-01-02\",\"rating\":2}}\n\n{\"text\":\"x \\u00e9 y\",\"id\":\"b\"}",
		       "1@0:1|slow app|2024-01-02|2|a\n2@70:3|x é y|b\n");
}

static void a_bad_line_costs_itself_only(void **state)
{
	(void)state;
	EXPECT_RECORDS("{\"text\":\"one fine\"}\n{\"text\":\"open}\n{\"text\":\"nan\",\"n\":NaN}\n{\"text\":\"half \\ud800\"}\n{\"text\":\"a\"} {\"text\":\"b\"}\n"
		       "{\"text\":\"twice\",\"text\":\"said\"}\n{\"text\":\"nul \\u0000\"}\n{\"text\":\"last one\"}\n",
		       "1@0:1|one fine\n2@20:2 !syntax\n3@35:3 !syntax\n4@58:4 !encoding\n5@81:5 !syntax\n6@107:6 !syntax\n7@138:7 !nul-byte\n8@160:8|last one\n");
}

static void a_bad_first_line_is_no_plain_text(void **state)
{
	(void)state;
	EXPECT_RECORDS("{bad\n{\"text\":\"one here\"}\n{\"text\":\"two here\"}\n",
		       "1@0:1 !syntax\n2@5:2|one here\n3@25:3|two here\n");
	/* a log cut at its front */
	EXPECT_RECORDS("e end, a=1\"}\n{\"text\":\"one here\"}\n{\"text\":\"two here\"}",
		       "1@0:1 !syntax\n2@13:2|one here\n3@33:3|two here\n");
	/* braces alone make no JSON */
	EXPECT_RECORDS("{name} is slow\n{\"quoted\"} is bad\nplain text\n",
		       "1@0:1|{name} is slow\n2@15:2|{\"quoted\"} is bad\n3@33:3|plain text\n");
}

static void trailing_comma_keeps_all_and_warns(void **state)
{
	(void)state;
	static const char text[] = "[\n  {\"text\": \"one here\"}, \n  {\n    \"text\": \"two [ } here\"\n  }, \n]";
	struct reading reading = reading_of(text, sizeof text - 1, NULL, 0);
	assert_string_equal(reading.lines.at, "1@4:2|one here\n2@29:3|two [ } here\n");
	assert_non_null(strstr(reading.input->warning, "comma"));
	assert_false(reading.input->incomplete);
	reading_release(&reading);
}

static void array_under_a_key(void **state)
{
	(void)state;
	EXPECT_RECORDS("{\"ok\":true,\"data\":{\"reviews\":[{\"text\":\"one is bad\"},{\"text\":\"two\"}],\"n\":2}}",
		       "1@30:1|one is bad\n2@52:1|two\n");
}

static void a_missing_quote_in_an_array_is_found(void **state)
{
	(void)state;
	EXPECT_RECORDS("[{\"text\":\"one here\"},{\"text\":\"open},{\"text\":\"three here\"},{\"text\":\"four here\"}]",
		       "1@1:1|one here\n2@21:1 !syntax\n3@36:1|three here\n4@58:1|four here\n");
	EXPECT_RECORDS("[\n {\"text\": \"one here\"},\n {\"text\": \"open},\n {\"text\": \"three here\"}\n]",
		       "1@3:2|one here\n2@26:3 !syntax\n3@44:4|three here\n");
}

static void depth_and_scalars(void **state)
{
	(void)state;
	char deep[400] = "[{\"text\":\"first one\"},";
	size_t length = strlen(deep);
	memset(deep + length, '[', 70);
	memset(deep + length + 70, ']', 70);
	strcpy(deep + length + 140, ",{\"text\":\"last one\"}]");
	expect_records_of(deep, strlen(deep), NULL, "1@1:1|first one\n2@22:1 !too-deep\n3@163:1|last one\n");
	EXPECT_RECORDS("[\"the first text\",\"the second text\"]", "1@1:1|the first text\n2@18:1|the second text\n");
}

static void an_array_cut_short_is_incomplete(void **state)
{
	(void)state;
	static const char text[] = "[{\"text\":\"one here\"},{\"text\":\"two";
	struct reading reading = reading_of(text, sizeof text - 1, NULL, 0);
	assert_string_equal(reading.lines.at, "1@1:1|one here\n2@21:1 !syntax\n");
	assert_true(reading.input->incomplete);
	reading_release(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_with_nested_members),
		cmocka_unit_test(a_bad_line_costs_itself_only),
		cmocka_unit_test(a_bad_first_line_is_no_plain_text),
		cmocka_unit_test(trailing_comma_keeps_all_and_warns),
		cmocka_unit_test(array_under_a_key),
		cmocka_unit_test(a_missing_quote_in_an_array_is_found),
		cmocka_unit_test(depth_and_scalars),
		cmocka_unit_test(an_array_cut_short_is_incomplete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
