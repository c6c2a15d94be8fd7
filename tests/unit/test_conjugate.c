/* Conjugation: tests/spec/conjugate.txt has the expected forms; every line is one predicate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "stages/extract/compile.h"
#include "stages/extract/conjugate.h"
#include "stages/extract/dictionary.h"
#include "stages/extract/table.h"

#include "pipeline/base/utf8.h"

struct fixture {
	struct sori_arena arena;
	const struct sori_verb_classes *classes;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	struct sori_error error = {0};
	sori_arena_init(&fixture.arena, 65536);
	*state = &fixture;
	return sori_verb_classes_load(&fixture.classes, &fixture.arena, SORI_SOURCE_DIR "/dictionaries/grammar", &error) != SORI_OK;
}

static int tear_down(void **state)
{
	sori_arena_release(&((struct fixture *)*state)->arena);
	return 0;
}

/* "끊기:V* 끊겨:A*" (a star: open) of "끊기다" or "묻다/ㄷ". */
static void describe(const struct fixture *fixture, struct sori_view word, struct sori_buffer *out)
{
	struct sori_allomorph forms[SORI_ALLOMORPH_LIMIT];
	const char *slash = memchr(word.at, '/', word.length);
	struct sori_view stem = slash ? sori_view_make(word.at, (size_t)(slash - word.at)) : word;
	enum sori_verb_class class = slash ? sori_verb_class_of(sori_view_of(slash + 1)) : SORI_CLASS_INFER;
	stem.length -= strlen("다");
	size_t count = sori_conjugate(fixture->classes, stem, class, forms);
	sori_buffer_reset(out);
	for (size_t i = 0; i < count; i++)
		sori_buffer_add_format(out, "%s%.*s%.*s:%s%s", i ? " " : "", (int)forms[i].keep, stem.at, (int)forms[i].add_length,
				       forms[i].add, sori_tail_name(forms[i].tail), forms[i].open ? "*" : "");
}

static void spec_lines_hold(void **state)
{
	struct fixture *fixture = *state;
	struct sori_table table;
	struct sori_buffer got;
	size_t wrong = 0;
	assert_int_equal(sori_table_read(&table, &fixture->arena, SORI_SOURCE_DIR "/tests/spec", "conjugate.txt", NULL), SORI_OK);
	assert_true(table.count > 50);
	sori_buffer_init(&got, 4096);
	for (size_t i = 0; i < table.count; i++) {
		char word[64];
		snprintf(word, sizeof word, "%.*s", (int)table.rows[i].first.length, table.rows[i].first.at);
		describe(fixture, sori_view_of(word), &got);
		if (sori_view_equal(sori_buffer_view(&got), table.rows[i].second))
			continue;
		print_error("conjugate.txt:%u: %s\n  want %.*s\n  got  %.*s\n", table.rows[i].line, word,
			    (int)table.rows[i].second.length, table.rows[i].second.at, (int)got.length, got.at);
		wrong++;
	}
	sori_buffer_release(&got);
	assert_int_equal(wrong, 0);
}

static void class_that_does_not_fit_gives_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sori_allomorph forms[SORI_ALLOMORPH_LIMIT];
	assert_int_equal(sori_conjugate(fixture->classes, sori_view_of("끊기"), SORI_CLASS_B, forms), 0);
	assert_int_equal(sori_conjugate(fixture->classes, sori_view_of("덥"), SORI_CLASS_L, forms), 0);
	assert_int_equal(sori_conjugate(fixture->classes, sori_view_of("르"), SORI_CLASS_REU, forms), 0);
	assert_int_equal(sori_conjugate(fixture->classes, sori_view_of("lag"), SORI_CLASS_INFER, forms), 0);
	assert_int_equal(sori_conjugate(fixture->classes, sori_view_of(""), SORI_CLASS_INFER, forms), 0);
}

static void two_verbs_of_one_spelling_are_known(void **state)
{
	struct fixture *fixture = *state;
	bool ambiguous = false;
	assert_int_equal(sori_verb_class_infer(fixture->classes, sori_view_of("묻"), &ambiguous), SORI_CLASS_D);
	assert_true(ambiguous);
	assert_int_equal(sori_verb_class_infer(fixture->classes, sori_view_of("파묻"), &ambiguous), SORI_CLASS_REGULAR);
	assert_false(ambiguous);
}

/* No stem of any shape may give a form that is no Hangul or overrun the list. */
static void every_syllable_conjugates_to_syllables(void **state)
{
	struct fixture *fixture = *state;
	struct sori_allomorph forms[SORI_ALLOMORPH_LIMIT];
	char stem[8];
	for (uint32_t point = 0xac00; point <= 0xd7a3; point++) {
		memcpy(stem, "가", 3);
		unsigned length = 3 + sori_utf8_encode(point, stem + 3);
		size_t count = sori_conjugate(fixture->classes, sori_view_make(stem, length), SORI_CLASS_INFER, forms);
		assert_in_range(count, 2, SORI_ALLOMORPH_LIMIT);
		for (size_t i = 0; i < count; i++) {
			assert_true(forms[i].keep <= length && forms[i].add_length % 3 == 0);
			assert_true(sori_utf8_is_valid(sori_view_make(forms[i].add, forms[i].add_length)));
			assert_true(forms[i].keep + forms[i].add_length >= 3);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spec_lines_hold), cmocka_unit_test(class_that_does_not_fit_gives_nothing),
		cmocka_unit_test(two_verbs_of_one_spelling_are_known), cmocka_unit_test(every_syllable_conjugates_to_syllables)};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
