/* Where terms stand and where they do not: borders, endings, compounds, suppression, batches, hostile text. */
#include "extract_helper.h"

#include <time.h>

#define HEAD "@category p ko=\"불\" en=\"p\" kind=pain\n@category x ko=\"칭\" en=\"x\" kind=praise\n@in p\n"

struct expectation {
	const char *text, *hits;
};

static void expect(const char *dictionary, const struct expectation *cases, size_t count)
{
	struct matching x = {0};
	unsigned wrong = 0;
	matching_open(&x, dictionary);
	for (size_t i = 0; i < count; i++) {
		const char *got = matching_line(&x, cases[i].text, true);
		if (strcmp(got, cases[i].hits) == 0)
			continue;
		print_error("%s: want %s, got %s\n", cases[i].text, cases[i].hits, got);
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

static void test_predicates(void **state)
{
	(void)state;
	EXPECT(HEAD "v:끊기다=끊어지다\nv:느리다 left=strict\nv:힘들다\nv:시끄럽다\n@prefix 개 너무 존나\n", {
		{"자꾸 끊겨요", "p[끊겨요]"},
		{"끊긴 적", "p[끊긴]"},
		{"끊김이 심함", "p[끊김이]"},
		{"끊어졌습니다", "p[끊어졌습니다]"},
		{"느려서", "p[느려서]"},
		{"며느리가 왔다", "-"},
		{"개느림", "p[느림]"},
		{"너무느려요", "p[느려요]"},
		{"힘드네요", "p[힘드네요]"},
		{"시끄러워 죽겠다", "p[시끄러워]"},
		{"끊겨요펭귄", "p[끊겨요]"},
	});
}

static void test_nouns(void **state)
{
	(void)state;
	EXPECT(HEAD "n:요금 ex=\"요금소\"\nn:해지 left=strict\nn:와이파이=wifi,wi-fi\nn:소음 tail=josa\n@left 기본 통신\n", {
		{"요금이 올랐어요", "p[요금]"},
		{"기본요금이요", "p[요금]"},
		{"필요금액", "-"},                 /* 필 is no known word */
		{"요금소 앞", "-"},
		{"요금제가", "p[요금]"},           /* suffix 제 */
		{"요금할인받고", "p[요금]"},       /* two or more syllables of another word */
		{"요금굽", "-"},                   /* one left-over syllable */
		{"시원해지다", "-"},
		{"해지했어요", "p[해지]"},
		{"wifi가 느림", "p[wifi]"},
		{"WiFi", "p[WiFi]"},
		{"wi-fi", "p[wi-fi]"},
		{"wifies", "-"},
		{"소음이", "p[소음]"},
		{"소음측정기", "-"},
	});
}

static void test_suppression(void **state)
{
	(void)state;
	EXPECT(HEAD "@set STAFF = v:친절하다 | v:불친절하다\nrule: $STAFF id=a\nn:보상\nx:보상판매\nv:느리다=느려지다\nn:배송\nn:배송비 id=fee\n", {
		{"불친절해요", "p[불친절해요]"},   /* not 친절해요 inside */
		{"보상판매로", "-"},
		{"보상이 적음", "p[보상]"},
		{"느려졌어요", "p[느려졌어요]"},
	});
}

static void test_english(void **state)
{
	(void)state;
	EXPECT(HEAD "e:drop out\ne:\"dropped call\"\ne:crash\ne:AS case=upper\n", {
		{"it drops out daily", "p[drops out]"},
		{"Dropped call again", "p[Dropped call]"},
		{"crashing", "p[crashing]"},
		{"crashers", "-"},
		{"the AS center", "p[AS]"},
		{"as it was", "-"},
	});
}

/* Case, blanks and width of the original: offsets are of the bytes that were given. */
static void test_offsets(void **state)
{
	(void)state;
	struct matching x = {0};
	static const char text[] = "<b>ＷＩＦＩ</b>  가 자꾸&nbsp;끊겨요!!";
	matching_open(&x, HEAD "n:와이파이=wifi\nv:끊기다\n");
	matching_run(&x, text);
	assert_int_equal(x.batch->records[0].hit_count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct sori_hit *hit = &x.batch->hits[i];
		const char *want = i ? "끊겨요" : "ＷＩＦＩ";
		assert_int_equal(hit->end - hit->start, strlen(want));
		assert_memory_equal(text + hit->start, want, strlen(want));
	}
	matching_close(&x);
}

/* No hit touches masked text, also when a rule's members stand on both sides. */
static void test_masks(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD "n:요금\nrule: n:상담 & v:느리다\n");
	matching_run(&x, "상담 010-1234-5678 너무 느려요 요금");
	const struct sori_record *record = &x.batch->records[0];
	assert_true(record->mask_count > 0 && record->hit_count == 2);
	for (uint32_t i = 0; i < record->hit_count; i++)
		for (uint32_t k = 0; k < record->mask_count; k++)
			assert_true(x.batch->hits[i].end <= x.batch->masks.masks[k].start ||
				    x.batch->hits[i].start >= x.batch->masks.masks[k].end);
	matching_close(&x);
}

static void test_vector_equals_portable(void **state)
{
	(void)state;
	struct matching x = {0};
	matching_open(&x, HEAD "v:끊기다\nn:앱 left=strict tail=josa\nn:wifi\ne:crash\nv:크다\nn:ㅂㄹ\n");
	enum { SIZE = 4000 };
	static char text[SIZE + 64];
	static const char *const pieces[] = {"끊겨", "앱", "wifi", "crash", " ", "큰", "ㅂㄹ", "가", "z", "\n", "é", "😀", "%"};
	uint32_t at[2][SIZE];
	uint8_t kind[2][SIZE];
	for (uint32_t seed = 1; seed < 60; seed++) {
		size_t length = 0;
		for (uint32_t r = seed; length + 8 < SIZE - seed * 3;) {
			r = r * 1664525u + 1013904223u;
			const char *piece = pieces[(r >> 16) % (sizeof pieces / sizeof pieces[0])];
			memcpy(text + length, piece, strlen(piece));
			length += strlen(piece);
		}
		memset(text + length, 0, 64);
		struct sori_candidate_list lists[2] = {{at[0], kind[0], 0, SIZE}, {at[1], kind[1], 0, SIZE}};
		struct sori_scan scans[2] = {{0}, {0}};
		sori_scan_run(x.dictionary->index, sori_view_make(text, length), &scans[0], &lists[0]);
		sori_scan_run_portable(x.dictionary->index, sori_view_make(text, length), &scans[1], &lists[1]);
		assert_true(lists[0].count > 100);
		assert_int_equal(lists[0].count, lists[1].count);
		assert_memory_equal(at[0], at[1], lists[0].count * sizeof at[0][0]);
		assert_memory_equal(kind[0], kind[1], lists[0].count);
	}
	matching_close(&x);
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds per byte of `piece` repeated to about `size` bytes. */
static double time_of(struct matching *x, const char *piece, size_t size)
{
	size_t n = strlen(piece);
	char *text = malloc(size + n);
	assert_non_null(text);
	for (size_t at = 0; at < size; at += n)
		memcpy(text + at, piece, n);
	struct sori_error error = {0};
	double best = 1e9;
	for (int i = 0; i < 3; i++) {
		double start = seconds();
		assert_int_equal(sori_extract_text(x->matcher, sori_view_make(text, size / n * n), x->batch, &error), SORI_OK);
		double took = seconds() - start;
		best = took < best ? took : best;
	}
	free(text);
	return best / (double)size;
}

/* Hostile texts cost at most a small multiple of dense normal ones, per byte. */
static void test_bounded(void **state)
{
	(void)state;
	static const char *const hostile[] = {
		"가나다라", "끊겨", "요금", "불편", "요금 느려 ", "느려", "앱앱", "crash ", "a/", "안못", "지 않", "요금 오류 소음 ",
	};
	struct matching x = {0};
	matching_open(&x, HEAD "v:끊기다\nn:요금\nv:불편하다\nv:느리다\nn:앱 left=strict tail=josa\ne:crash\nn:오류\nn:소음\n"
			  "@set A = n:요금 | n:오류 | n:소음\n@set B = v:느리다 | n:오류\n@left 가나 다라\n@prefix 가 나\n"
			  "rule: $A ~2 $B\nrule: $A & $B & n:소음\nrule: $A > $B > n:소음 within=record\n");
	sori_passages_limit(x.matcher, 0); /* repeated sentences would be known */
	double normal = time_of(&x, "인터넷 요금이 너무 비싸고 자꾸 끊겨서 불편해요. 오류도 나고 앱이 느려요! ", 200000);
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		double ratio = time_of(&x, hostile[i], 600000) / normal;
		if (ratio > 10)
			fail_msg("%s: %.1f times the normal time per byte", hostile[i], ratio);
	}
	matching_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_predicates), cmocka_unit_test(test_nouns), cmocka_unit_test(test_suppression),
		cmocka_unit_test(test_english), cmocka_unit_test(test_offsets), cmocka_unit_test(test_masks),
		cmocka_unit_test(test_vector_equals_portable), cmocka_unit_test(test_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
