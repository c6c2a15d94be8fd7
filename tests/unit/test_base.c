/* Views, buffers, arena, hashes, days, errors, the allocation hook. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "pipeline/base/day.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/view.h"

static void test_views(void **state)
{
	unsigned long long number;

	(void)state;
	assert_true(sori_view_compare(SORI_VIEW_LITERAL("a"), SORI_VIEW_LITERAL("ab")) < 0);
	assert_true(sori_view_compare(SORI_VIEW_LITERAL("b"), SORI_VIEW_LITERAL("ab")) > 0);
	assert_int_equal(sori_view_compare(SORI_VIEW_LITERAL(""), sori_view_of(NULL)), 0);
	assert_true(sori_view_is(sori_view_trim(SORI_VIEW_LITERAL(" \t 가 나\r\n")), "가 나"));
	assert_true(sori_view_equal_nocase(SORI_VIEW_LITERAL("Text"), SORI_VIEW_LITERAL("tEXT")));
	assert_false(sori_view_equal_nocase(SORI_VIEW_LITERAL("Text"), SORI_VIEW_LITERAL("Tex")));
	assert_true(sori_view_to_u64(SORI_VIEW_LITERAL("18446744073709551615"), &number) && number == UINT64_MAX);
	assert_false(sori_view_to_u64(SORI_VIEW_LITERAL("18446744073709551616"), &number));
	assert_false(sori_view_to_u64(SORI_VIEW_LITERAL("-1"), &number));
	assert_false(sori_view_to_u64(SORI_VIEW_LITERAL(""), &number));
	assert_true(sori_view_is(sori_view_slice(SORI_VIEW_LITERAL("abc"), 1, 99), "bc"));
	assert_int_equal(sori_view_slice(SORI_VIEW_LITERAL("abc"), 7, 1).length, 0);
	assert_int_equal(sori_edit_distance("sniff", "snif"), 1);
	assert_int_equal(sori_edit_distance("run", "rnu"), 2);
	assert_int_equal(sori_edit_distance("", "abc"), 3);
}

static void expect_buffer(void (*add)(struct sori_buffer *, struct sori_view), const char *text, size_t length,
			  const char *wanted)
{
	struct sori_buffer buffer;

	sori_buffer_init(&buffer, 1 << 16);
	add(&buffer, sori_view_make(text, length));
	sori_buffer_add_byte(&buffer, '\0');
	assert_false(buffer.failed);
	assert_string_equal(buffer.at, wanted);
	sori_buffer_release(&buffer);
}

static void add_guarded(struct sori_buffer *buffer, struct sori_view text)
{
	sori_buffer_add_csv(buffer, text, true);
}

static void test_escapes(void **state)
{
	(void)state;
	expect_buffer(sori_buffer_add_json, "a\"\\\n\x01</b>&", 10, "\"a\\\"\\\\\\n\\u0001\\u003c/b\\u003e\\u0026\"");
	expect_buffer(sori_buffer_add_json, "\xe2\x80\xa8가", 6, "\"\\u2028가\"");
	expect_buffer(sori_buffer_add_markup, "<b a='\"'>&\x02\t", 12, "&lt;b a=&#39;&quot;&#39;&gt;&amp;\xef\xbf\xbd\t");
	expect_buffer(add_guarded, "=1+1", 4, "'=1+1");
	expect_buffer(add_guarded, "\xef\xbb\xbf @x", 6, "'\xef\xbb\xbf @x");
	expect_buffer(add_guarded, "\xef\xbc\x9d" "1", 4, "'\xef\xbc\x9d" "1");
	expect_buffer(add_guarded, "a,\"b\"", 5, "\"a,\"\"b\"\"\"");
	expect_buffer(add_guarded, "3-1", 3, "3-1");
}

static void test_buffer_limits(void **state)
{
	struct sori_buffer buffer;

	(void)state;
	sori_buffer_init(&buffer, 10);
	sori_buffer_add_text(&buffer, "12345678");
	sori_buffer_add_text(&buffer, "abc");
	assert_true(buffer.failed);
	assert_int_equal(buffer.length, 8); /* nothing of what did not fit */
	sori_buffer_reset(&buffer);
	assert_false(buffer.failed);
	sori_buffer_add_i64(&buffer, INT64_C(-42));
	sori_buffer_add_format(&buffer, "%s", "xyz");
	assert_true(sori_view_is(sori_buffer_view(&buffer), "-42xyz"));
	sori_buffer_release(&buffer);
}

static void test_arena(void **state)
{
	struct sori_arena arena;
	char *first, *large;

	(void)state;
	sori_arena_init(&arena, 256);
	first = sori_arena_alloc(&arena, 100);
	large = sori_arena_alloc(&arena, 5000);
	assert_non_null(first);
	assert_non_null(large);
	assert_int_equal((uintptr_t)first % 16, 0);
	assert_int_equal((uintptr_t)large % 16, 0);
	memset(first, 1, 100);
	memset(large, 2, 5000);
	assert_int_equal(first[99], 1);
	assert_string_equal(sori_arena_copy(&arena, SORI_VIEW_LITERAL("가나")).at, "가나");
	sori_arena_reset(&arena);
	assert_ptr_equal(sori_arena_alloc(&arena, 100), first); /* blocks are kept */
	assert_null(sori_arena_alloc(&arena, SIZE_MAX));
	sori_arena_release(&arena);
}

/* SipHash-2-4 of 00 01 … 0e under key 00 … 0f: the example of appendix A of Aumasson and Bernstein's paper. */
static void test_hashes(void **state)
{
	unsigned char key[16];
	char text[15], hex[33];
	struct sori_hasher *hasher;
	struct sori_hash128 whole = sori_hash128(SORI_VIEW_LITERAL("hello, world"), 0);

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		key[i] = (unsigned char)i;
	for (unsigned i = 0; i < 15; i++)
		text[i] = (char)i;
	assert_true(sori_siphash(key, sori_view_make(text, 15)) == UINT64_C(0xa129ca6149be45e5));
	hasher = sori_hasher_new();
	assert_non_null(hasher);
	sori_hasher_add(hasher, "hello,", 6);
	sori_hasher_add(hasher, " world", 6);
	assert_true(sori_hasher_result(hasher).high == whole.high && sori_hasher_result(hasher).low == whole.low);
	sori_hasher_free(hasher);
	sori_hash128_text((struct sori_hash128){UINT64_C(0x0123456789abcdef), 15}, hex);
	assert_string_equal(hex, "0123456789abcdef000000000000000f");
}

static void test_days(void **state)
{
	char text[11];
	sori_day day;

	(void)state;
	assert_int_equal(sori_day_of(1970, 1, 1), 0);
	assert_int_equal(sori_day_of(2000, 2, 29), 11016);
	assert_int_equal(sori_day_of(2026, 2, 29), SORI_DAY_NONE);
	assert_int_equal(sori_day_of(2026, 13, 1), SORI_DAY_NONE);
	assert_int_equal(sori_day_weekday(0), 3);              /* a Thursday */
	assert_int_equal(sori_day_weekday(sori_day_of(2026, 11, 22)), 6); /* a Sunday */
	for (sori_day when = sori_day_of(1900, 1, 1); when <= sori_day_of(2199, 12, 31); when++) {
		int year, month, number;

		sori_day_split(when, &year, &month, &number);
		assert_int_equal(sori_day_of(year, month, number), when);
	}
	assert_true(sori_day_parse_iso(SORI_VIEW_LITERAL("2026-08-01"), &day));
	sori_day_text(day, text);
	assert_string_equal(text, "2026-08-01");
	assert_false(sori_day_parse_iso(SORI_VIEW_LITERAL("2026-8-1"), &day));
	sori_day_text(SORI_DAY_NONE, text);
	assert_string_equal(text, "");
}

static void test_errors(void **state)
{
	struct sori_error error;

	(void)state;
	assert_int_equal(sori_status_exit_code(sori_fail(&error, SORI_DATA, "bad %d", 7)), 65);
	assert_string_equal(error.text, "bad 7");
	assert_int_equal(sori_fail_errno(&error, SORI_IO, ENOENT, "open x"), SORI_NO_INPUT);
	assert_non_null(strstr(error.text, "open x: No such file"));
	assert_int_equal(sori_fail_errno(NULL, SORI_CANNOT_CREATE, ENOENT, "x"), SORI_CANNOT_CREATE);
	assert_int_equal(sori_fail_errno(NULL, SORI_IO, EACCES, "x"), SORI_PERMISSION);
	assert_int_equal(sori_fail_errno(NULL, SORI_IO, ENOSPC, "x"), SORI_IO);
	(void)sori_fail(&error, SORI_CONFIG, "x");
	assert_int_equal(sori_error_at(&error, "file", 3, 4), SORI_CONFIG);
	assert_int_equal(error.line, 3);
}

static void test_allocation_hook(void **state)
{
	void *array = NULL;
	size_t capacity = 0;

	(void)state;
	sori_memory_fail_after(2, 0);
	array = sori_alloc(8);
	assert_non_null(array);
	sori_free(array);
	assert_null(sori_alloc(8)); /* the second */
	array = sori_alloc(8);
	assert_non_null(array);
	sori_free(array);
	assert_int_equal(sori_memory_count(), 3);
	sori_memory_fail_after(1, 1);
	array = NULL;
	assert_int_equal(sori_grow(&array, &capacity, 4, 8), -1);
	assert_null(array);
	assert_int_equal(capacity, 0);
	sori_memory_fail_after(0, 0);
	assert_int_equal(sori_grow(&array, &capacity, 40, 8), 0);
	assert_true(capacity >= 40);
	sori_free(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_views),	cmocka_unit_test(test_escapes), cmocka_unit_test(test_buffer_limits),
		cmocka_unit_test(test_arena),	cmocka_unit_test(test_hashes),	cmocka_unit_test(test_days),
		cmocka_unit_test(test_errors),	cmocka_unit_test(test_allocation_hook),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
