/* UTF-8 validation against a byte-wise oracle, encoding against decoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pipeline/base/utf8.h"

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 11;
}

/* Written from the table of RFC 3629, section 4, one row at a time. */
static size_t oracle(const unsigned char *b, size_t n)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t length;
	} rows[] = {
		{0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t at = 0;
	while (at < n) {
		size_t length = 0;
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
			if (b[at] >= rows[r].first && b[at] <= rows[r].last && at + rows[r].length <= n) {
				length = rows[r].length;
				if (length > 1 && (b[at + 1] < rows[r].low || b[at + 1] > rows[r].high))
					length = 0;
			}
		for (size_t i = 2; i < length; i++)
			if (b[at + i] < 0x80 || b[at + i] > 0xbf)
				length = 0;
		if (length == 0)
			return at;
		at += length;
	}
	return n;
}

static void test_known_bad(void **state)
{
	static const struct {
		struct sori_view text;
		size_t valid;
	} cases[] = {
		{SORI_VIEW_LITERAL(""), 0},
		{SORI_VIEW_LITERAL("가나다"), 9},
		{SORI_VIEW_LITERAL("a\xc0\xaf"), 1},
		{SORI_VIEW_LITERAL("\xe0\x80\xaf"), 0},
		{SORI_VIEW_LITERAL("ab\xed\xa0\x80"), 2},
		{SORI_VIEW_LITERAL("\xf4\x90\x80\x80"), 0},
		{SORI_VIEW_LITERAL("\xf4\x8f\xbf\xbf"), 4},
		{SORI_VIEW_LITERAL("가\xea\xb0"), 3},
		{SORI_VIEW_LITERAL("\x80"), 0},
		{SORI_VIEW_LITERAL("x\xfe"), 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(sori_utf8_valid_prefix(cases[i].text), cases[i].valid);
}

/* Valid text of all lengths with one byte broken, at every place: the vector path must give the very byte. */
static void test_prefix_is_exact(void **state)
{
	static const char *const pieces[] = {"a", "é", "가", "힣", "😀", "word ", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"};
	uint64_t random = 88172645463325252u;
	unsigned char text[400];
	(void)state;
	for (int round = 0; round < 4000; round++) {
		size_t n = 0, wanted = next_random(&random) % 300;
		while (n < wanted) {
			const char *piece = pieces[next_random(&random) % 9];
			memcpy(text + n, piece, strlen(piece));
			n += strlen(piece);
		}
		assert_int_equal(sori_utf8_valid_prefix((struct sori_view){(char *)text, n}), n);
		assert_int_equal(oracle(text, n), n);
		if (n == 0)
			continue;
		text[next_random(&random) % n] = (unsigned char)next_random(&random);
		n -= next_random(&random) % 3 < n ? next_random(&random) % 2 : 0;
		assert_int_equal(sori_utf8_valid_prefix((struct sori_view){(char *)text, n}), oracle(text, n));
	}
}

static void test_encode_decode(void **state)
{
	(void)state;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		char bytes[4];
		unsigned length, written;
		if (point >= 0xd800 && point <= 0xdfff)
			continue;
		written = sori_utf8_encode(point, bytes);
		assert_int_equal(sori_utf8_valid_prefix((struct sori_view){bytes, written}), written);
		assert_int_equal(sori_utf8_decode(bytes, &length), point);
		assert_int_equal(length, written);
	}
	assert_int_equal(sori_utf8_count(SORI_VIEW_LITERAL("a가😀é")), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_bad),
		cmocka_unit_test(test_prefix_is_exact),
		cmocka_unit_test(test_encode_decode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
