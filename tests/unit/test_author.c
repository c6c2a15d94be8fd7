/* The parts under the author's tools: stems guessed back, lints and their cost, all of it with memory running out. */
#include "tests/unit/extract_helper.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "stages/extract/lint.h"
#include "stages/extract/stem.h"

static char folder[64];
static const char *const folders[] = {folder};

static void write_dictionary(const char *text)
{
	char path[200];
	FILE *file;

	strcpy(folder, "/tmp/sori-author-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/grammar", folder);
	assert_int_equal(symlink(SORI_SOURCE_DIR "/dictionaries/grammar", path), 0);
	snprintf(path, sizeof path, "%s/a.dict", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_dictionary(void)
{
	char path[200];

	snprintf(path, sizeof path, "%s/grammar", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/a.dict", folder);
	unlink(path);
	rmdir(folder);
}

static struct sori_dictionary *load(void)
{
	struct sori_dictionary *dictionary;
	struct sori_error error;

	if (sori_dictionary_load(&dictionary, folders, 1, NULL, NULL, &error) != SORI_OK)
		fail_msg("%s", error.text);
	return dictionary;
}

/* ---- stems */

static void test_stems(void **state)
{
	static const struct {
		const char *word, *wanted;
		uint8_t kind;
	} cases[] = {
		{"끊겼어요", "끊기다", SORI_TERM_VERB}, {"끊긴", "끊기다", SORI_TERM_VERB}, {"끊기네요", "끊기다", SORI_TERM_VERB},
		{"불편해서", "불편하다", SORI_TERM_VERB}, {"나빠요", "나쁘다", SORI_TERM_VERB}, {"뜨거운데", "뜨겁다", SORI_TERM_VERB},
		{"뜨거워서", "뜨겁다", SORI_TERM_VERB}, {"빨라졌어요", "빠르다", SORI_TERM_VERB}, {"힘드네요", "힘들다", SORI_TERM_VERB},
		{"들어요", "듣다", SORI_TERM_VERB}, {"들어요", "들다", SORI_TERM_VERB}, {"먹었습니다", "먹다", SORI_TERM_VERB},
		{"보내주세요", "보내다", SORI_TERM_VERB}, {"바뀌어서", "바뀌다", SORI_TERM_VERB}, {"고쳐", "고치다", SORI_TERM_VERB},
		{"장바구니에서는", "장바구니", SORI_TERM_NOUN}, {"환불을", "환불", SORI_TERM_NOUN}, {"환불해주세요", "환불", SORI_TERM_NOUN},
		{"기사님이", "기사님", SORI_TERM_NOUN}, {"화면", "화면", SORI_TERM_NOUN}, {"쿠폰으로", "쿠폰", SORI_TERM_NOUN},
	};
	struct sori_stem stems[SORI_STEM_LIMIT];
	struct sori_stemmer *stemmer;
	struct sori_dictionary *dictionary;
	struct sori_error error;

	(void)state;
	write_dictionary("@category c ko=\"c\" en=\"c\" kind=pain\nn:환불\n");
	dictionary = load();
	assert_int_equal(sori_stemmer_new(&stemmer, dictionary, folders, 1, &error), SORI_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t count = sori_stem_guess(stemmer, sori_view_of(cases[i].word), stems);
		bool found = false;

		for (size_t k = 0; k < count; k++)
			found |= stems[k].kind == cases[i].kind && sori_view_is(sori_view_make(stems[k].text, stems[k].length), cases[i].wanted);
		if (!found)
			fail_msg("%s is not led back to %s (%zu guesses)", cases[i].word, cases[i].wanted, count);
	}
	assert_int_equal(sori_stem_guess(stemmer, sori_view_of("a가"), stems), 0);
	assert_int_equal(sori_stem_guess(stemmer, sori_view_of(""), stems), 0);
	assert_int_equal(sori_stem_guess(stemmer, sori_view_of("가나다라마바사아자차카타파하가나다라마바사"), stems), 0);
	sori_stemmer_free(stemmer);
	sori_stemmer_free(NULL);
	sori_dictionary_free(dictionary);
	remove_dictionary();
}

/* ---- lints */

static const char faulty[] =
	"@category a ko=\"a\" en=\"a\" kind=pain\n"        /* 1 */
	"@category b ko=\"b\" en=\"b\" kind=pain\n"
	"@set FAIL = v:끊기다 | v:멈추다\n"
	"@set UNUSED = n:안쓰는말\n"
	"@in a\n"                                          /* 5 */
	"rule: n:인터넷 & $FAIL\n"
	"rule: n:인터넷 <1> v:끊기다\n"                    /* shadowed */
	"rule: n:인터넷 <1> v:끊기다 & !n:어제\n"          /* shadowed: forbids more */
	"rule: n:인터넷 & v:끊기다 & p:안_되다\n"          /* not: 안 되다 would deny the other */
	"rule: n:집 & $FAIL\n"                             /* 10 */
	"v:느리다 sev=1\nv:느리다 sev=2\n"                 /* not: other severity */
	"n:지하철\nx:지하철역\n"
	"n:수리비\nx:수리비\n"                             /* 15 dead */
	"n:환불 not=\"n:환불\"\n"                          /* 17 unreachable */
	"v:과하다 left=any\n";

static void collect(void *user, const struct sori_lint_finding *finding)
{
	size_t length = strlen(user);

	if (finding->level != SORI_LINT_NOTE)
		snprintf((char *)user + length, 4000 - length, "%u:%s ", finding->line, finding->code);
}

static void test_lints(void **state)
{
	static const struct sori_lint_word words[] = {{{"통과하다", 12}, 1, true}, {{"불과하다", 12}, 1, true}, {{"과하다", 9}, 5, true},
						       {{"너무과하다", 15}, 9, false}};
	static const char wanted[] = "15:dead-term 7:shadowed 8:shadowed 17:unreachable 2:empty-category 18:false-friend ";
	struct sori_dictionary *dictionary;
	char found[4000] = "";
	struct sori_error error;
	size_t failures = 0;

	(void)state;
	write_dictionary(faulty);
	dictionary = load();
	assert_int_equal(sori_lint_run(&(struct sori_lint){dictionary, folders, 1, words, 4, collect, found}, &error), SORI_OK);
	assert_string_equal(found, wanted);
	for (uint64_t n = 1; n < 4000; n += n < 40 ? 1 : 97) {
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		found[0] = '\0';
		status = sori_lint_run(&(struct sori_lint){dictionary, folders, 1, words, 4, collect, found}, &error);
		sori_memory_fail_after(0, 0);
		assert_true(status == SORI_SYSTEM || (status == SORI_OK && !strcmp(found, wanted)));
		failures += status == SORI_SYSTEM;
	}
	assert_true(failures > 20);
	sori_dictionary_free(dictionary);
	remove_dictionary();
}

static void test_cost(void **state)
{
	static const char *const texts[] = {"인터넷이 끊겨요", "인터넷이 좋아요", "끊겨요", "인터넷. 집안이 멈췄다. 1. 2. 3.", ""};
	const struct sori_lint_rule_cost *rules;
	struct sori_dictionary *dictionary;
	struct sori_lint_cost *cost;
	struct sori_error error;
	uint64_t total;
	size_t count, failures = 0;

	(void)state;
	write_dictionary("@category a ko=\"a\" en=\"a\" kind=pain\n@set FAIL = v:끊기다 | v:멈추다\nrule: n:인터넷 & $FAIL\nn:집안\n");
	dictionary = load();
	assert_int_equal(sori_lint_cost_new(&cost, dictionary, &error), SORI_OK);
	for (int again = 0; again < 2; again++) /* what was seen before counts as well */
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			assert_int_equal(sori_lint_cost_add(cost, sori_view_of(texts[i]), &error), SORI_OK);
	rules = sori_lint_cost_result(cost, &count, &total);
	assert_int_equal(total, 10);
	assert_int_equal(count, 1); /* n:집안 alone costs nothing beyond its term */
	assert_int_equal(rules[0].candidates, 6);
	assert_int_equal(rules[0].complete, 4);
	assert_int_equal(rules[0].hits, 2);
	sori_lint_cost_free(cost);
	sori_lint_cost_free(NULL);
	for (uint64_t n = 1; n < 60; n++) {
		enum sori_status status;

		sori_memory_fail_after(n, 0);
		status = sori_lint_cost_new(&cost, dictionary, &error);
		sori_memory_fail_after(0, 0);
		assert_true(status == SORI_SYSTEM || (status == SORI_OK && failures));
		failures += status == SORI_SYSTEM;
		if (status == SORI_OK)
			sori_lint_cost_free(cost);
	}
	assert_true(failures > 20);
	sori_dictionary_free(dictionary);
	remove_dictionary();
}

/* Stable ids: id= keeps an entry's name wherever its line stands; without one it is file and line. */
static void test_ids(void **state)
{
	struct sori_dictionary *before, *after;

	(void)state;
	write_dictionary("@category a ko=\"a\" en=\"a\" kind=pain owner=net sev=4 count=plain,question\nn:하나하나 id=first\nn:둘둘둘\n");
	before = load();
	remove_dictionary();
	write_dictionary("# moved\n@category a ko=\"a\" en=\"a\" kind=pain owner=net sev=4 count=plain,question\n\nn:둘둘둘\nn:새로운말\n"
			 "n:하나하나 id=first when=\"rating<=2\" when=\"region=부산|대구\" sev=2\n");
	after = load();
	assert_true(sori_view_is(before->entries[0].id, "first"));
	assert_true(sori_view_is(before->entries[1].id, "a.dict:3"));
	assert_true(sori_view_is(after->entries[2].id, "first"));
	assert_true(sori_view_is(after->entries[0].id, "a.dict:4"));
	assert_string_equal(after->catalog.categories[0].owner, "net");
	assert_int_equal(after->catalog.categories[0].severity, 4);
	assert_int_equal(after->entries[0].severity, 4);
	assert_int_equal(after->entries[2].severity, 2);
	assert_int_equal(after->catalog.categories[0].count_tags, SORI_TAG_QUESTION);
	assert_int_equal(after->rules[2].when_count, 2);
	sori_dictionary_free(before);
	sori_dictionary_free(after);
	remove_dictionary();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stems), cmocka_unit_test(test_lints), cmocka_unit_test(test_cost), cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
