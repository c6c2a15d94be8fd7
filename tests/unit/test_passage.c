/* What a matcher remembers changes speed only: texts put together from sentences give the same hits when passages are
 * worked out each time, when there is room for a few, and when there is room for all. */
#include "extract_helper.h"

#include "pipeline/base/memory.h"

#define SENTENCES 512
#define TEXTS 4000

static char *lines[SENTENCES];
static size_t line_count;

static void read_sentences(void)
{
	char line[2048];
	FILE *file = fopen(SORI_SOURCE_DIR "/corpora/sentences.tsv", "r");
	assert_non_null(file);
	while (line_count < SENTENCES && fgets(line, sizeof line, file)) {
		char *tab = line[0] == '#' ? NULL : strrchr(line, '\t');
		if (!tab)
			continue;
		tab[strcspn(tab, "\n")] = '\0';
		lines[line_count] = sori_strdup_n(tab + 1, strlen(tab + 1));
		assert_non_null(lines[line_count++]);
	}
	fclose(file);
	assert_true(line_count > 50);
}

static uint32_t draw(uint64_t *state, uint32_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*state >> 33) % below;
}

static void put_text(char *text, size_t size, uint64_t *state)
{
	static const char *const joints[] = {". ", "! ", "? ", "\n", " ", ", ", ".\n- ", "... ", " ㅠㅠ ", ". ㅋㅋ ? ", ".", " 。", ". WIFI ", "! as "};
	static const char *const tails[] = {"지금은 괜찮아요", "예전에는 느렸는데", "It works fine now", "먼저 끊겼어요", "AS 불렀어요", "환불", "요금"};
	size_t at = 0;
	for (uint32_t i = 0, count = 1 + draw(state, 5); i < count; i++) {
		const char *piece = draw(state, 4) ? lines[draw(state, (uint32_t)line_count)] : tails[draw(state, 7)];
		at += (size_t)snprintf(text + at, size - at, "%s%s", piece, joints[draw(state, sizeof joints / sizeof joints[0])]);
		assert_true(at < size);
	}
}

enum { OFF, TINY, ON, MODES };

/* The hits of the batch's record, after the matcher has gone over it. */
static void check_same(struct matching *x, struct sori_matcher *const matchers[MODES], const char *text, int rating)
{
	struct sori_hit wanted[1024];
	uint32_t count = 0;
	struct sori_error error = {0};
	matching_run(x, text);
	struct sori_record *record = &x->batch->records[0];
	record->rating = (int8_t)rating;
	for (unsigned mode = 0; mode < MODES; mode++)
		for (unsigned again = 0; again < 2; again++) {
			assert_int_equal(sori_matcher_run(matchers[mode], x->batch, &error), SORI_OK);
			if (mode == OFF && !again) {
				count = record->hit_count;
				assert_true(count < sizeof wanted / sizeof wanted[0]);
				memcpy(wanted, x->batch->hits + record->hit_first, count * sizeof *wanted);
			}
			if (record->hit_count != count)
				fail_msg("%s: %u hits, not %u, in mode %u", text, record->hit_count, count, mode);
			for (uint32_t i = 0; i < count; i++) {
				const struct sori_hit *hit = &x->batch->hits[record->hit_first + i];
				if (sori_hit_compare(hit, &wanted[i]) != 0)
					fail_msg("%s: hit %u differs in mode %u", text, i, mode);
			}
		}
}

static uint32_t run_texts(struct matching *x, uint32_t texts)
{
	struct sori_error error = {0};
	struct sori_matcher *matchers[MODES];
	uint64_t state = 1;
	uint32_t hits = 0;
	char text[8192];
	for (unsigned mode = 0; mode < MODES; mode++)
		assert_int_equal(sori_matcher_new(&matchers[mode], x->dictionary, &error), SORI_OK);
	sori_passages_limit(matchers[OFF], 0);
	sori_passages_limit(matchers[TINY], 4096);
	for (uint32_t i = 0; i < texts; i++) {
		put_text(text, sizeof text, &state);
		check_same(x, matchers, text, i % 3 ? 1 + (int)(i % 5) : -1);
		hits += x->batch->records[0].hit_count;
	}
	for (unsigned mode = 0; mode < MODES; mode++)
		sori_matcher_free(matchers[mode]);
	return hits;
}

#define HEAD "@category a ko=\"가\" en=\"a\" kind=pain\n@category b ko=\"나\" en=\"b\" kind=praise\n" \
	     "@category f ko=\"다\" en=\"f\" kind=pain fallback\n@in a\n"

/* Everything that does not depend on the passage alone. */
static void test_small_dictionary(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD
		      "v:끊기다\nv:느리다 neg=flip:b\ne:slow\nn:와이파이=wifi case=upper\nn:에이에스=as case=upper\nn:환불 when=\"rating<=2\"\n"
		      "rule: n:인터넷 & v:끊기다 within=record\nrule: n:요금 & !n:환불 within=record\n"
		      "rule: n:속도 & v:느리다 & v:끊기다 within=record when=\"rating>=3\"\nrule: n:요금 > n:환불 within=sentence\n"
		      "n:요금 not=\"n:인터넷\" within=record\nn:예약 ex=\"예약금\"\n@in b\nv:괜찮다\ne:fine\n@in f\nn:고객\na:예전에\n");
	assert_true(run_texts(&x, TEXTS) > TEXTS / 2);
	matching_close(&x);
}

/* A form that goes over the end of a sentence: texts are not divided then. */
static void test_form_over_border(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD "e:\"fine. works\"\nv:끊기다\n");
	assert_string_equal(matching_line(&x, "It is fine. Works now. 끊겨요", true), "a[fine. Works] a[끊겨요]");
	assert_true(run_texts(&x, 200) > 0);
	matching_close(&x);
}

/* What is said next counts also when both sentences were seen before, one by one and together. */
static void test_next_passage(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD "v:느리다\n");
	for (unsigned i = 0; i < 3; i++) {
		assert_string_equal(matching_line(&x, "예전에는 정말 느렸어요.", false), "a+past");
		assert_string_equal(matching_line(&x, "지금은 괜찮아요.", false), "-");
		assert_string_equal(matching_line(&x, "예전에는 정말 느렸어요. 지금은 괜찮아요.", false), "a+past+resolved");
		assert_string_equal(matching_line(&x, "예전에는 정말 느렸어요. 전화 주세요.", false), "a+past");
	}
	matching_close(&x);
}

/* Rules over the record see the letters of the whole record: a condition before another member says when, not whether. */
static void test_over_record(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD "rule: v:로그인하다 & v:튕기다 within=record\n");
	for (unsigned i = 0; i < 3; i++) {
		assert_string_equal(matching_line(&x, "A nice day. 로그인하면 자꾸 튕겨요.", false), "a");
		assert_string_equal(matching_line(&x, "A nice day to be out. 로그인하면 좋아요. 자꾸 튕겨요.", false), "a");
		assert_string_equal(matching_line(&x, "A nice day. 자꾸 튕겨요. 로그인하면 그래요.", false), "a+hypothetical");
	}
	matching_close(&x);
}

static void test_shipped_dictionaries(void **state)
{
	(void)state;
	struct matching x = {0};
	struct sori_error error = {0};
	const char *folder = SORI_SOURCE_DIR "/dictionaries";
	assert_int_equal(sori_dictionary_load(&x.dictionary, &folder, 1, NULL, NULL, &error), SORI_OK);
	assert_int_equal(sori_matcher_new(&x.matcher, x.dictionary, &error), SORI_OK);
	x.batch = sori_batch_new();
	assert_non_null(x.batch);
	assert_true(run_texts(&x, TEXTS / 2) > TEXTS);
	matching_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_dictionary),
		cmocka_unit_test(test_form_over_border),
		cmocka_unit_test(test_next_passage),
		cmocka_unit_test(test_over_record),
		cmocka_unit_test(test_shipped_dictionaries),
	};
	read_sentences();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < line_count; i++)
		sori_free(lines[i]);
	return failed;
}
