/* Rules, conditions, policies of tags, flips, fallbacks. */
#include "extract_helper.h"

#define HEAD \
	"@category a ko=\"가\" en=\"a\" kind=pain\n@category b ko=\"나\" en=\"b\" kind=pain fallback\n" \
	"@category c ko=\"다\" en=\"c\" kind=praise\n@category d ko=\"라\" en=\"d\" kind=pain count=plain,question\n@in a\n"

struct expectation {
	const char *text, *counted;
};

static void expect(const char *dictionary, const struct expectation *cases, size_t count)
{
	struct matching x = {0};
	unsigned wrong = 0;
	matching_open(&x, dictionary);
	for (size_t i = 0; i < count; i++) {
		const char *got = matching_counted(&x, cases[i].text);
		if (strcmp(got, cases[i].counted) == 0)
			continue;
		print_error("%s: want %s, got %s\n", cases[i].text, cases[i].counted, got);
		wrong++;
	}
	matching_close(&x);
	assert_int_equal(wrong, 0);
}
#define EXPECT(dictionary, ...) \
	do { \
		static const struct expectation cases[] = __VA_ARGS__; \
		expect(dictionary, cases, sizeof cases / sizeof cases[0]); \
	} while (0)

static void test_relations(void **state)
{
	(void)state;
	EXPECT(HEAD "rule: n:요금 & v:오르다\n", {{"요금이 또 크게 확 올랐어요", "a"}, {"요금은 그대로. 실력이 올랐어요", ""}, {"요금이", ""}});
	EXPECT(HEAD "rule: n:요금 ~2 v:오르다\n", {{"요금이 또 올랐어요", "a"}, {"올랐어요 요금이", "a"}, {"요금이 또 크게 확 올랐어요", ""}});
	EXPECT(HEAD "rule: n:요금 > v:오르다\n", {{"요금이 올랐어요", "a"}, {"올랐어요 요금이", ""}});
	EXPECT(HEAD "rule: n:요금 <1> v:오르다\n", {{"요금이 또 올랐어요", "a"}, {"요금이 또 크게 올랐어요", ""}, {"올랐어요 요금이", ""}});
	EXPECT(HEAD "rule: n:요금 & ( v:오르다 | v:비싸다 ) & !n:금리\n",
	       {{"요금이 비싸요", "a"}, {"요금이 금리처럼 올랐어요", ""}, {"요금이 금리보다 비싸요", ""}});
	EXPECT(HEAD "rule: n:요금 & v:오르다 within=sentence\n", {{"요금, 또 올랐어요", "a"}, {"요금. 또 올랐어요", ""}});
	EXPECT(HEAD "rule: n:요금 & v:오르다 within=record\n", {{"요금. 또 올랐어요", "a"}});
}

static void test_context(void **state)
{
	(void)state;
	EXPECT(HEAD "v:뜨겁다 req=\"n:폰|n:배터리\" not=\"n:반응\"\n",
	       {{"폰이 뜨거워요", "a"}, {"국이 뜨거워요", ""}, {"폰 반응이 뜨거워요", ""}});
	struct matching x = {0};
	matching_open(&x, HEAD "v:뜨겁다 req=\"n:폰\"\n");
	assert_string_equal(matching_line(&x, "폰이 너무 뜨거워요", true), "a[뜨거워요]");
	/* what the context means does not matter */
	assert_string_equal(matching_counted(&x, "폰이 없으면 손이 뜨거워요"), "a");
	matching_close(&x);
}

static void test_negators_inside(void **state)
{
	(void)state;
	EXPECT(HEAD "rule: n:환불 & p:안_되다\nn:오류\nrule: e:app ~2 e:not working\n",
	       {{"환불이 안 돼요", "a"}, {"환불이 안돼요", "a"}, {"오류가 없어요", ""}, {"the app is not working", "a"}});
}

static void test_policies(void **state)
{
	(void)state;
	EXPECT(HEAD "v:느리다 hyp=keep\n@in c\nv:친절하다 neg=flip:a\n@in d\nv:비싸다\n@in b\nv:별로다\n", {
		{"느리면 안 써요", "a"},
		{"친절해요", "c"},
		{"친절하지 않아요", "a"},
		{"비싼가요?", "d"},
		{"비쌌으면 좋겠어요", ""},      /* a wish is not in count= */
		{"별로예요", "b"},
		{"느리고 별로예요", "a"},       /* the fallback gives way */
		{"친절하고 별로예요", "b c"},   /* but not to praise */
	});
}

static void test_when(void **state)
{
	(void)state;
	struct sori_view values[2] = {SORI_VIEW_LITERAL("store"), SORI_VIEW_LITERAL("visit")};
	struct sori_when channel = {.role = SORI_ROLE_CHANNEL, .values = values, .value_count = 2};
	struct sori_when low = {.role = SORI_ROLE_RATING, .compare = -1, .number = 2};
	struct sori_record record = {.rating = -1};
	assert_false(sori_rules_when(&record, &channel));
	assert_false(sori_rules_when(&record, &low));
	record.field[SORI_ROLE_CHANNEL] = sori_view_of(" Visit ");
	record.rating = 2;
	assert_true(sori_rules_when(&record, &channel));
	assert_true(sori_rules_when(&record, &low));
	record.rating = 3;
	assert_false(sori_rules_when(&record, &low));
}

/* The same entry and span once, hits in text order, spans from the first to the last member. */
static void test_hits(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD "@set N = n:요금 | n:가격\n@set V = v:오르다 | v:비싸다\nrule: $N ~3 $V id=price\nn:요금 id=fee\n");
	assert_string_equal(matching_line(&x, "요금 가격 올랐어요", true), "a[요금] a[요금 가격 올랐어요] a[가격 올랐어요]");
	matching_close(&x);
}

static void test_json(void **state)
{
	(void)state;
	struct matching x = {0};
	struct sori_buffer json;
	matching_open(&x, HEAD "v:느리다 id=slow\n");
	sori_buffer_init(&json, 1 << 16);
	matching_run(&x, "느리지 않아요");
	sori_extract_write_line(x.dictionary, x.batch, &x.batch->records[0], sori_view_of("in.txt"), &json);
	sori_buffer_add_byte(&json, '\0');
	assert_string_equal(json.at, "{\"id\":\"in.txt#1\",\"lang\":\"und\",\"categories\":[],\"hits\":[{\"category\":\"a\",\"entry\":"
				     "\"slow\",\"start\":0,\"end\":9,\"text\":\"느리지\",\"tags\":[\"negated\"],\"counted\":false}]}\n");
	sori_buffer_release(&json);
	matching_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relations), cmocka_unit_test(test_context), cmocka_unit_test(test_negators_inside),
		cmocka_unit_test(test_policies), cmocka_unit_test(test_when), cmocka_unit_test(test_hits),
		cmocka_unit_test(test_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
