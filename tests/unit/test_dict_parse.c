/* The dictionary language: what is read, and every finding with its line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "stages/extract/compile.h"

#define HEAD "@category a.b ko=\"가\" en=\"b\" kind=pain\n"

static void note(void *user, const struct sori_finding *finding)
{
	sori_buffer_add_format(user, "%s%u:%u %s\n", finding->error ? "" : "warning ", finding->line, finding->column, finding->text);
}

/* Compiles a text, gives the findings; *status (may be NULL) the result. */
static char *findings_of(const char *text, enum sori_status *status)
{
	static char copy[65536];
	struct sori_buffer buffer;
	struct sori_dictionary *dictionary;
	struct sori_error error = {0};
	sori_buffer_init(&buffer, sizeof copy - 1);
	enum sori_status got = sori_dictionary_compile_text(&dictionary, sori_view_of(text), SORI_SOURCE_DIR "/dictionaries", note,
							    &buffer, &error);
	assert_int_equal(got == SORI_OK, dictionary != NULL);
	assert_true(got == SORI_OK || got == SORI_CONFIG);
	if (got == SORI_CONFIG)
		assert_true(error.line > 0);
	if (status)
		*status = got;
	memcpy(copy, buffer.length ? buffer.at : "", buffer.length);
	copy[buffer.length] = '\0';
	sori_buffer_release(&buffer);
	sori_dictionary_free(dictionary);
	return copy;
}

static void assert_finding(const char *text, const char *wanted)
{
	char *got = findings_of(text, NULL);
	if (!strstr(got, wanted))
		print_error("text:\n%swant: %s\ngot:\n%s", text, wanted, got);
	assert_non_null(strstr(got, wanted));
}

static void assert_clean(const char *text)
{
	assert_string_equal(findings_of(text, NULL), "");
}

static void whole_language_is_read(void **state)
{
	(void)state;
	assert_clean(HEAD "# comment\n"
		     "@set FAIL = v:끊기다 | v:멈추다\n  | n:먹통=먹통이 left=strict # tail\n   # between\n  | $MORE\n"
		     "@set MORE = e:crash | e:\"dead pixel\"\n"
		     "@set MORE += n:와이파이=와파,wifi,wi-fi loose\n"
		     "@prefix 개 너무\n@left 인터넷 휴대폰\n"
		     "\nv:묻다/ㄷ sev=2 neg=keep hyp=drop past=keep wish=keep ask=keep attr=drop resolved=keep id=ask.one\n"
		     "rule: ( n:요금 | n:가격 ) ~3 v:오르다 & !n:배송 within=sentence when=\"channel=store|visit\" when=\"rating<=2\"\n"
		     "rule: n:업데이트 > $FAIL req=\"n:앱|$MORE\" not=\"e:thank\"\n"
		     "rule: e:never <2> e:call neg=flip:a.b\n"
		     "p:보상 <2> v:적다|v:낮다\n"
		     "n:요금제 left=own tail=suffix ex=\"요금소,요금 별납\" case=upper\n"
		     "v:불편하다=번거롭다 root=no\na:자꾸\nx:보상판매\ne:bait & switch=bait and switch\n"
		     "e:not resolved=unresolved\nn:팝업=알림=푸시\n"
		     "+ \"자꾸 끊겨요 # \\\"정말\\\"\"\n- \"좋아요\"\n");
}

static void each_fault_has_its_place(void **state)
{
	(void)state;
	assert_finding("@nonsense\n", "1:1 unknown directive");
	assert_finding(HEAD "  @in\n", "2:6 @in needs");
	assert_finding(HEAD "@in no.such\n", "2:5 the category no.such is nowhere declared");
	assert_finding(HEAD "v:끊기다 neg=flip:no.such\n", "2:16 the category no.such");
	assert_finding(HEAD HEAD, "2:11 the category a.b is already declared");
	assert_finding("@category a.b ko=\"가\" en=\"b\"\n", "1:1 @category needs kind=");
	assert_finding("@category a.b kind=pain colour=3\n", "1:25 @category has no option 'colour'");
	assert_finding(HEAD "v:끊기다 left=sometimes\n", "2:12 left= is strict, own or any");
	assert_finding(HEAD "v:끊기다 lef=strict\n", "2:7 unknown option");
	assert_finding(HEAD "v:끊기다 sev=9\n", "2:11 sev=");
	assert_finding(HEAD "rule: $NONE\n", "2:7 the set $NONE is nowhere defined");
	assert_finding(HEAD "@set A = $B\n@set B = $A\nrule: $A\n", "holds itself");
	assert_finding(HEAD "@set A = v:끊기다\n@set A = v:멈추다\nrule: $A\n", "3:6 the set $A is already defined");
	assert_finding(HEAD "@set A = v:끊기다 sev=2\nrule: $A\n", "2:16 sev= belongs to an entry");
	assert_finding(HEAD "n:\n", "2:3 the term is empty");
	assert_finding(HEAD "n:\"\"\n", "the term is empty");
	assert_finding(HEAD "n:집\n", "2:3 a noun of one syllable");
	assert_finding(HEAD "n:집집=집\n", "warning 2:6 a noun of one syllable");
	assert_finding(HEAD "e:x\n", "2:3 an English term of one letter");
	assert_finding(HEAD "e:\"dropped\n", "2:3 the double quote is not closed");
	assert_finding(HEAD "+ \"끊겨요\n", "2:3 the double quote is not closed");
	assert_finding(HEAD "rule: n:요금 & ( v:오르다\n", "the parenthesis is not closed");
	assert_finding(HEAD "rule: n:요금 v:오르다\n", "2:12 a relation");
	assert_finding(HEAD "rule: n:요금 & v:오르다 | v:비싸다\n", "put alternatives in parentheses");
	assert_finding(HEAD "n:요금 & v:오르다\n", "several members need 'rule:'");
	assert_finding(HEAD "rule: !n:요금\n", "an entry needs a member without !");
	assert_finding(HEAD "v:끊기다 id=one\nv:멈추다 id=one\n", "3:1 the id one is already taken");
	assert_finding(HEAD "v:끊기다\nv:끊기다\n", "warning 3:1 says the same as text:2");
	assert_finding(HEAD "v:묻다\n", "warning 2:3 two verbs");
	assert_finding("v:끊기다\n", "1:1 an entry needs a category");
	assert_finding(HEAD "v:끊기다/ㅂ\n", "2:3 the stem does not fit");
	assert_finding(HEAD "v:끊기다 when=\"moon=full\"\n", "when= is");
	assert_finding(HEAD "rule: n:가나 & n:다라 & n:마바 & n:사아 & n:자차 & n:카타 & n:파하\n", "at most 6 members");
	assert_finding("\xff\n", "1:1 the line is not valid UTF-8");
	assert_finding(HEAD "| n:요금\n", "2:1 a line that starts with |");
}

static void every_line_is_judged(void **state)
{
	enum sori_status status;
	(void)state;
	char *got = findings_of("@x\n" HEAD "n:\nv:끊기다 sev=9\ne:y\n", &status);
	assert_int_equal(status, SORI_CONFIG);
	assert_non_null(strstr(got, "1:1 "));
	assert_non_null(strstr(got, "\n3:3 "));
	assert_non_null(strstr(got, "\n4:11 "));
	assert_non_null(strstr(got, "\n5:3 "));
}

static void nesting_is_bounded(void **state)
{
	struct sori_buffer text;
	(void)state;
	sori_buffer_init(&text, 1 << 20);
	sori_buffer_add_text(&text, HEAD "rule: ");
	for (int i = 0; i < 100; i++)
		sori_buffer_add_text(&text, "( ");
	sori_buffer_add_text(&text, "n:요금\n");
	for (int i = 0; i < 200; i++)
		sori_buffer_add_format(&text, "@set S%d = $S%d\n", i, i + 1);
	sori_buffer_add_byte(&text, '\0');
	assert_finding(text.at, "nested too deep (8)");
	assert_finding(text.at, "nested too deep (64)");
	sori_buffer_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(whole_language_is_read), cmocka_unit_test(each_fault_has_its_place),
					   cmocka_unit_test(every_line_is_judged), cmocka_unit_test(nesting_is_bounded)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
