/* The XML reader: which element is a record, what cannot get in, damage; and the HTML reader beside it. */
#include "tests/unit/reader_fixture.h"

static void innermost_repeated_element_with_the_text(void **state)
{
	(void)state;
	EXPECT_RECORDS("<?xml version=\"1.0\"?>\r\n<R><r id=\"1\"><ss><s id=\"1:0\"><text>slow &amp; bad</text><o c=\"x\"/></s><s id=\"1:1\"><text>fine one</text></s></ss></r><r id=\"2\"><ss><s id=\"2:0\"><text>third one</text></s></ss></r></R>",
		       "1@40:2|slow & bad|1:0\n2@93:2|fine one|1:1\n3@153:2|third one|2:0\n");
}

static void flat_elements_and_given_record(void **state)
{
	(void)state;
	EXPECT_RECORDS("<all><review rating=\"2\">slow again</review><review rating=\"5\">good now</review></all>",
		       "1@5:1|slow again|2\n2@43:1|good now|5\n");
	static const char text[] = "<a><b><c>first text</c><c>second text</c></b><b><c>third text</c></b></a>";
	struct sori_input_wish wish = {.record = "b"};
	expect_records_of(text, sizeof text - 1, &wish, "1@3:1|first text\nsecond text\n2@45:1|third text\n");
}

static void feeds(void **state)
{
	(void)state;
	EXPECT_RECORDS("<rss><channel><title>t</title><description>all of it</description><item><title>Bad</title><description><![CDATA[it <b>stops</b>]]></description><guid>g1</guid></item>"
		       "<item><description>fine now</description><guid>g2</guid></item></channel></rss>",
		       "1@66:1|it <b>stops</b>|g1\n2@166:1|fine now|g2\n");
}

static void expect_refused(const char *text)
{
	struct reading reading = reading_of(text, strlen(text), NULL, 0);
	assert_true(reading.input->refused);
	assert_int_equal(reading.input->counts.read, 0);
	assert_true(reading.input->problem[0] != '\0');
	reading_release(&reading);
}

static void document_types_with_declarations_are_refused(void **state)
{
	(void)state;
	expect_refused("<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r><x><text>&b; long</text></x><x><text>two here</text></x></r>");
	expect_refused("<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><r><x><text>&f;</text></x><x><text>t</text></x></r>");
}

static void broken_elements_cost_themselves(void **state)
{
	(void)state;
	static const char text[] = "<r><x><text>one here</text></x><x><text>no end</x><x><text>&nope; here</text></x><x><text>bell \x08 here</text></x><x><text>last here</text></x></r>";
	EXPECT_RECORDS(text, "1@3:1|one here\n2@31:1 !syntax\n3@50:1 !syntax\n4@81:1 !syntax\n5@112:1|last here\n");
	EXPECT_RECORDS("<r><x><text>one here</text></x><x><text>open<x><text>three here</text></x><x><text>four here</text></x></r>",
		       "1@3:1|one here\n2@31:1 !syntax\n3@44:1|three here\n4@74:1|four here\n");
}

static void depth_is_limited(void **state)
{
	(void)state;
	char text[2048] = "<r><x><text>one here</text></x><x><text>";
	for (int i = 0; i < 80; i++)
		strcat(text, "<d>");
	for (int i = 0; i < 80; i++)
		strcat(text, "</d>");
	strcat(text, "</text></x><x><text>last here</text></x></r>");
	struct reading reading = reading_of(text, strlen(text), NULL, 0);
	assert_int_equal(reading.input->counts.read, 3);
	assert_int_equal(reading.input->counts.by_reason[SORI_REASON_TOO_DEEP], 1);
	reading_release(&reading);
}

static void a_document_cut_short_is_incomplete(void **state)
{
	(void)state;
	static const char text[] = "<r><x><text>one here</text></x><x><text>two here</text></x><x><te";
	struct reading reading = reading_of(text, sizeof text - 1, NULL, 0);
	assert_int_equal(reading.input->counts.read - reading.rejected, 2);
	assert_true(reading.input->incomplete);
	reading_release(&reading);
}

static void html_tables_and_blocks(void **state)
{
	(void)state;
	EXPECT_RECORDS("<table><tr><th>date<th>text<th>rating</tr><tr><td>2024.03.01</td><td>slow &quot;x&quot;</td><td>1</td></tr><tr><td>2024.03.02<td>good<td>5</table>",
		       "1@42:1|slow \"x\"|2024.03.01|1\n2@107:1|good|2024.03.02|5\n");
	EXPECT_RECORDS("<html><script>if (a<b) x();</script><body><div class=\"review\"><i class=\"rating\">4</i><p class=\"review-text\">slow <b>again</b><br>bad</p></div>"
		       "<div class=\"review\"><p class=\"review-text\">good &amp; fine</p></div></body></html>",
		       "1@42:1|slow again\nbad|4\n2@142:1|good & fine\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(innermost_repeated_element_with_the_text),
		cmocka_unit_test(flat_elements_and_given_record),
		cmocka_unit_test(feeds),
		cmocka_unit_test(document_types_with_declarations_are_refused),
		cmocka_unit_test(broken_elements_cost_themselves),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(a_document_cut_short_is_incomplete),
		cmocka_unit_test(html_tables_and_blocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
