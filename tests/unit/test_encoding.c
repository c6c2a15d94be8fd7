/* The encoding decision at its borders, and CP949. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/base/utf8.h"
#include "pipeline/core/encoding.h"

static enum sori_encoding guess_lines(const char *good, int goods, const char *bad, int bads)
{
	char text[65536] = "header,text\n", problem[256];
	size_t at = strlen(text);
	for (int i = 0; i < goods + bads; i++) {
		strcpy(text + at, i < goods ? good : bad);
		at += strlen(text + at);
	}
	return sori_encoding_guess(sori_view_make(text, at), true, problem);
}

static void ninety_nine_of_a_hundred_decide(void **state)
{
	(void)state;
	assert_int_equal(guess_lines("느려요\n", 99, "\xed\xa0\x80.....\n", 1), SORI_ENCODING_UTF8);
	assert_int_equal(guess_lines("느려요\n", 98, "\xff\xfe\xff.....\n", 2), SORI_ENCODING_UNKNOWN);
	assert_int_equal(guess_lines("\xb4\xc0\xb7\xc1\xbf\xe4\n", 99, "\xff\xfe\xff...\n", 1), SORI_ENCODING_CP949);
	assert_int_equal(guess_lines("\xb4\xc0\xb7\xc1\xbf\xe4\n", 97, "\xff\xfe\xff...\n", 3), SORI_ENCODING_UNKNOWN);
	assert_int_equal(guess_lines("plain\n", 10, "plain\n", 0), SORI_ENCODING_UTF8);
}

static void marks_and_cut_samples(void **state)
{
	(void)state;
	char problem[256];
	assert_int_equal(sori_encoding_guess(SORI_VIEW_LITERAL("\xff\xfe" "a\0"), true, problem), SORI_ENCODING_UTF16LE);
	assert_int_equal(sori_encoding_guess(SORI_VIEW_LITERAL("\xfe\xff\0a"), true, problem), SORI_ENCODING_UTF16BE);
	assert_int_equal(sori_encoding_guess(SORI_VIEW_LITERAL("\xef\xbb\xbf\xff\n"), true, problem), SORI_ENCODING_UTF8);
	assert_int_equal(sori_encoding_guess(SORI_VIEW_LITERAL("느려\xec\x9a"), false, problem), SORI_ENCODING_UTF8);
	assert_int_equal(sori_encoding_guess(SORI_VIEW_LITERAL("느려\xec\x9a"), true, problem), SORI_ENCODING_UNKNOWN);
	assert_int_equal(sori_encoding_guess(SORI_VIEW_LITERAL("a\0b\0c\0"), true, problem), SORI_ENCODING_UNKNOWN);
	assert_non_null(strstr(problem, "--encoding"));
}

static void cp949_to_utf8(void **state)
{
	(void)state;
	struct sori_arena arena;
	struct sori_view out;
	sori_arena_init(&arena, 4096);
	assert_true(sori_cp949_to_utf8(SORI_VIEW_LITERAL("a \x8c\x63\xb9\xe6\xb0\xa2\xc7\xcf \x94\xee!"), &arena, &out));
	assert_true(sori_view_is(out, "a 똠방각하 뷁!"));
	static const char *const wrong[] = {"\x80", "\xff", "a\xb4", "\xb4\x20", "\xc9\xa1", "\xfe\xfe"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(sori_cp949_is_valid(sori_view_of(wrong[i])));
		assert_false(sori_cp949_to_utf8(sori_view_of(wrong[i]), &arena, &out));
	}
	/* all 11,172 syllables are there, each once */
	unsigned syllables = 0;
	for (size_t lead = 0; lead < 126; lead++)
		for (size_t trail = 0; trail < 190; trail++)
			syllables += sori_is_hangul_syllable(sori_cp949_table[lead][trail]);
	assert_int_equal(syllables, 11172);
	sori_arena_release(&arena);
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(sori_encoding_named("EUC-KR"), SORI_ENCODING_CP949);
	assert_int_equal(sori_encoding_named("utf8"), SORI_ENCODING_UTF8);
	assert_int_equal(sori_encoding_named("latin1"), SORI_ENCODING_UNKNOWN);
	assert_string_equal(sori_encoding_name(SORI_ENCODING_CP949), "cp949");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ninety_nine_of_a_hundred_decide),
		cmocka_unit_test(marks_and_cut_samples),
		cmocka_unit_test(cp949_to_utf8),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
