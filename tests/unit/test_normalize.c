/* The normaliser: readable cases (tests/spec/normalize.txt), and over random texts made of troublesome pieces that it is
 * idempotent, that its map is sound, and that the vector and the portable span copier agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "pipeline/base/memory.h"
#include "pipeline/text/normalize_internal.h"
#include "tests/unit/spec.h"

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 11;
}

static void expect(const char *title, struct sori_view input, struct sori_buffer *output)
{
	(void)title;
	assert_int_equal(sori_normalize(input, output, NULL), SORI_OK);
}

static void test_spec(void **state)
{
	(void)state;
	spec_run(SORI_SOURCE_DIR "/tests/spec/normalize.txt", expect, 25);
}

static const char *const pieces[] = {
	"a", "B", "t", "T", "_", "^", "-", ":", ")", "(", ";", "=", "D", "o", ".", "!", "?", "<", ">", "/", "&", "amp;", "lt;", "gt;", "<b>",
	"</b>", "<br>", "<p", "p>", " ", "  ", "\n", "\r\n", "\t", "가", "각", "나", "닼", "닿", "아", "아아", "아아아", "ㅋ", "ㅋㅋ", "ㅎ", "ㅠ",
	"ㅜㅜ", "ㅡ", "ㄷ", "ㅏ", "ㅣ", "ㅇ", "ㄴ", "ㄱ", "ㅌ", "\u200b", "\u00ad", "\ufe0f", "\u1112", "\u1161", "\u11ab", "\u11a7", "\u1176",
	"\u1113", "\u0301", "\u0327", "\u0338", "e", "\u00c9", "\u0130", "\u212b", "\u2126", "\u1fef", "\u037e", "😀", "❤", "’", "“", "—", "…",
	"Ａ", "＜", "＞", "；", "ﾡ", "ￂ", "\u3164", "&#", "&#x41;", "&#12619;", "&#12623;", "&#4370;", "&#769;", "&nbsp;", "http://",
	"https:/", "x", "3", "★", "、", "。", "\u2260", "~", "~~", "*", "**", "@", "\u0bc6", "\u0bbe", "\u09c7", "\u09be", "\u3042",
	"\u3099", "中", "1", "\x01", "\x7f", "\xc2\x85", "\u2028", "\U0001D160", "'", "\"", "<!--", "-->", "td>", "<td>", "i", "b", "quot;",
	"좋은 제품이라고 생각합니다 ", "the battery drains fast ",
};
#define PIECES (sizeof pieces / sizeof *pieces)

/* Every third text is made of six pieces only, so that repetitions occur. */
static size_t random_text(uint64_t *random, char text[2048])
{
	size_t length = 0, count = 1 + next_random(random) % (next_random(random) % 10 == 0 ? 60 : 14);
	size_t few[6];
	bool narrow = next_random(random) % 3 == 0;
	for (size_t i = 0; i < 6; i++)
		few[i] = next_random(random) % PIECES;
	for (size_t i = 0; i < count && length < 1900; i++) {
		const char *piece = pieces[narrow ? few[next_random(random) % 6] : next_random(random) % PIECES];
		memcpy(text + length, piece, strlen(piece));
		length += strlen(piece);
	}
	return length;
}

static bool on_border(const char *text, size_t length, size_t at)
{
	return at == length || (at < length && ((unsigned char)text[at] & 0xc0) != 0x80);
}

static void check_map(const char *text, size_t length, const struct sori_buffer *out, const struct sori_map *map)
{
	const struct sori_map_point *p = map->points;
	assert_true(map->count >= 2);
	assert_int_equal(p[0].at, 0);
	assert_int_equal(p[0].original, 0);
	assert_int_equal(p[map->count - 1].at, out->length);
	assert_int_equal(p[map->count - 1].original, length);
	for (size_t i = 1; i < map->count; i++) {
		assert_true(p[i].at >= p[i - 1].at && p[i].original >= p[i - 1].original);
		assert_true(on_border(text, length, p[i].original) && on_border(out->at, out->length, p[i].at));
		if (p[i - 1].literal)
			assert_true((uint32_t)p[i].original - (uint32_t)p[i - 1].original >= p[i].at - p[i - 1].at);
	}
	uint32_t last = 0;
	for (uint32_t start = 0, end; start < out->length; start = end) {
		uint32_t from, to;
		for (end = start + 1; !on_border(out->at, out->length, end);)
			end++;
		sori_map_back(p, map->count, start, end, &from, &to);
		assert_true(from <= to && to <= length && from >= last);
		assert_true(on_border(text, length, from) && on_border(text, length, to));
		last = from;
	}
}

/* A mood and a break cannot stand in an input; an emoji and a newline are what gives them. */
static void respell(const struct sori_buffer *out, struct sori_buffer *again)
{
	sori_buffer_reset(again);
	for (size_t i = 0; i < out->length; i++) {
		if (out->at[i] == SORI_CHAR_MOOD)
			sori_buffer_add_text(again, "😀");
		else
			sori_buffer_add_byte(again, out->at[i] == SORI_CHAR_BREAK ? '\n' : out->at[i]);
	}
}

static void test_properties(void **state)
{
	struct sori_buffer once, again, twice;
	struct sori_map map = {0}, second = {0};
	uint64_t random = 20240301;
	char text[2048];
	(void)state;
	sori_buffer_init(&once, 1 << 20);
	sori_buffer_init(&again, 1 << 20);
	sori_buffer_init(&twice, 1 << 20);
	for (int round = 0; round < 30000; round++) {
		size_t length = random_text(&random, text);
		struct sori_view view = {text, length};
		sori_buffer_reset(&once);
		sori_buffer_reset(&twice);
		map.count = second.count = 0;
		assert_int_equal(sori_normalize(view, &once, &map), SORI_OK);
		assert_true(sori_utf8_is_valid(sori_buffer_view(&once)));
		assert_true(once.capacity - once.length >= 64);
		assert_null(memchr(once.at, '\n', once.length));
		assert_null(memchr(once.at, SORI_CHAR_MASK, once.length));
		check_map(text, length, &once, &map);
		respell(&once, &again);
		assert_int_equal(sori_normalize(sori_buffer_view(&again), &twice, &second), SORI_OK);
		if (!sori_view_equal(sori_buffer_view(&once), sori_buffer_view(&twice)))
			fail_msg("not idempotent: '%.*s'", (int)length, text);
		if (once.length > 0 && !memchr(once.at, SORI_CHAR_MOOD, once.length))
			assert_int_equal(second.count, 2);
		sori_buffer_reset(&twice);
		assert_int_equal(sori_normalize(view, &twice, NULL), SORI_OK);
		assert_true(sori_view_equal(sori_buffer_view(&once), sori_buffer_view(&twice)));
	}
	sori_buffer_release(&once);
	sori_buffer_release(&again);
	sori_buffer_release(&twice);
	sori_free(map.points);
	sori_free(second.points);
}

static void test_map_of_known_text(void **state)
{
	struct sori_buffer out;
	struct sori_map map = {0};
	uint32_t from, to;
	const char text[] = "“AS”가 <b>느려요</b>ㅠㅠ";
	(void)state;
	sori_buffer_init(&out, 1 << 16);
	assert_int_equal(sori_normalize(sori_view_of(text), &out, &map), SORI_OK);
	const char *word = memmem(out.at, out.length, "느려요", 9);
	assert_non_null(word);
	sori_map_back(map.points, map.count, (uint32_t)(word - out.at), (uint32_t)(word - out.at) + 9, &from, &to);
	assert_int_equal(to - from, 9);
	assert_memory_equal(text + from, "느려요", 9);
	const char *quoted = memmem(out.at, out.length, "\"as\"", 4);
	sori_map_back(map.points, map.count, (uint32_t)(quoted - out.at), (uint32_t)(quoted - out.at) + 4, &from, &to);
	assert_memory_equal(text + from, "“AS”", to - from);
	assert_int_equal(to - from, strlen("“AS”"));
	sori_buffer_release(&out);
	sori_free(map.points);
}

static void test_spans_agree(void **state)
{
#if defined(__x86_64__)
	static const char *const clean[] = {"가", "힣", "힘", "a", "Z", "9", " ", ".", "!", "아", "히", "word ", "좋아요 ", ",", "(", "~"};
	uint64_t random = 7;
	(void)state;
	if (!__builtin_cpu_supports("avx2"))
		skip();
	for (int round = 0; round < 20000; round++) {
		char text[400];
		size_t length = 0, wanted = 64 + next_random(&random) % 250;
		while (length < wanted) {
			const char *piece = next_random(&random) % 16 ? clean[next_random(&random) % 16]
								      : pieces[next_random(&random) % PIECES];
			memcpy(text + length, piece, strlen(piece));
			length += strlen(piece);
		}
		unsigned char *exact = malloc(length), one[64], two[64];
		assert_non_null(exact);
		memcpy(exact, text, length);
		for (size_t at = 0; at < length;) {
			size_t end = 0, other = 0;
			uint64_t a = norm_suspects_portable(exact, at, length, length, &end);
			uint64_t b = norm_suspects_avx2(exact, at, length, length, &other);
			size_t from = at + next_random(&random) % (end - at);
			assert_int_equal(a, b);
			assert_int_equal(end, other);
			norm_copy_portable(exact + from, end - from, length - from, one);
			norm_copy_avx2(exact + from, end - from, length - from, two);
			assert_memory_equal(one, two, end - from);
			/* a cut character was suspect: the next block begins behind it, as after a step */
			for (at = end; at < length && (exact[at] & 0xc0) == 0x80;)
				at++;
		}
		free(exact);
	}
#else
	(void)state;
	skip();
#endif
}

static void test_term(void **state)
{
	struct sori_buffer out;
	(void)state;
	sori_buffer_init(&out, 1 << 16);
	assert_int_equal(sori_normalize_term(SORI_VIEW_LITERAL(" ㅠㅠ Ａ/S <b> ^^ "), &out), SORI_OK);
	assert_true(sori_view_is(sori_buffer_view(&out), "ㅠㅠ a/s <b> ^"));
	sori_buffer_release(&out);
}

static void test_limits(void **state)
{
	struct sori_buffer out;
	struct sori_map map = {0};
	(void)state;
	sori_buffer_init(&out, 4096);
	sori_buffer_add_text(&out, "before");
	char *large = malloc(8192);
	assert_non_null(large);
	memset(large, 'x', 8192);
	assert_int_equal(sori_normalize((struct sori_view){large, 8192}, &out, &map), SORI_DATA);
	assert_true(sori_view_is(sori_buffer_view(&out), "before"));
	assert_false(out.failed);
	assert_int_equal(map.count, 0);
	free(large);
	sori_buffer_release(&out);
	sori_free(map.points);
}

/* Whichever allocation fails, the answer is SYSTEM and the output is as before. */
static void test_out_of_memory(void **state)
{
	const char text[] = "좋아요ㅠㅠ <b>A</b>  “x” ... 가나다 ㅋㅋ 다 ㅎㅎ 라 ^^ 마 ;; <br> a&amp;b “y” “z” “w”";
	(void)state;
	for (uint64_t n = 1; n < 8; n++) {
		struct sori_buffer out;
		struct sori_map map = {0};
		sori_buffer_init(&out, 1 << 16);
		sori_memory_fail_after(n, 1);
		enum sori_status status = sori_normalize(sori_view_of(text), &out, &map);
		sori_memory_fail_after(0, 0);
		if (status == SORI_OK) {
			assert_true(n > 1);
		} else {
			assert_int_equal(status, SORI_SYSTEM);
			assert_int_equal(out.length, 0);
			assert_int_equal(map.count, 0);
		}
		sori_buffer_release(&out);
		sori_free(map.points);
	}
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Best of three, a megabyte of `piece`. */
static double time_of(const char *piece)
{
	struct sori_buffer in, out;
	double best = 1e9;
	sori_buffer_init(&in, 4 << 20);
	sori_buffer_init(&out, 16 << 20);
	while (in.length < 1000000)
		sori_buffer_add_text(&in, piece);
	for (int i = 0; i < 3; i++) {
		struct sori_map map = {0};
		double start = seconds();
		sori_buffer_reset(&out);
		(void)sori_normalize(sori_buffer_view(&in), &out, &map);
		double taken = seconds() - start;
		best = taken < best ? taken : best;
		sori_free(map.points);
	}
	sori_buffer_release(&in);
	sori_buffer_release(&out);
	return best;
}

static void test_no_input_is_slow(void **state)
{
	static const char *const bad[] = {"<", "<a ", "&", "&amp;", "ㄱ", "ㅋㄱ", "ㄱㅏ", "e\u0301\u0323", "\u0301", "\u1112\u1161\u11ab", "^^ ",
					  ";a", "http://", "<b></b>", "“", "아", "\u200b", "😀", "!?", "<!-", "\u1112", "\u0bc6\u0bbe"};
	double normal = time_of("배터리가 정말 금방 닳네요!! 그리고 “화면”이 자꾸 꺼져요ㅠㅠ <br> Very bad... ");
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		double taken = time_of(bad[i]);
		/* generous: an algorithm that is not linear is beyond a thousand */
		if (taken > 60 * normal + 0.01)
			fail_msg("'%s' takes %.0f times as long as a review", bad[i], taken / normal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec),         cmocka_unit_test(test_properties), cmocka_unit_test(test_map_of_known_text),
		cmocka_unit_test(test_spans_agree),  cmocka_unit_test(test_term),       cmocka_unit_test(test_limits),
		cmocka_unit_test(test_out_of_memory), cmocka_unit_test(test_no_input_is_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
