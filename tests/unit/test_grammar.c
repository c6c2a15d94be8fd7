/* Endings: what they accept and what they say; word lists; broken tables. */
#include "extract_helper.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/utf8.h"

struct grammar_state {
	struct sori_grammar *grammar;
	struct sori_endings *endings;
};

static int open_grammar(void **state)
{
	static struct grammar_state s;
	struct sori_error error = {0};
	assert_int_equal(sori_grammar_load(&s.grammar, SORI_SOURCE_DIR "/dictionaries/grammar", &error), SORI_OK);
	assert_int_equal(sori_endings_new(&s.endings, s.grammar, &error), SORI_OK);
	*state = &s;
	return 0;
}

static int close_grammar(void **state)
{
	struct grammar_state *s = *state;
	sori_endings_free(s->endings);
	sori_grammar_free(s->grammar);
	return 0;
}

/* Bytes accepted of `rest`, SIZE_MAX when nothing is. */
static size_t accepted(struct grammar_state *s, unsigned entry, unsigned final, const char *rest,
		       struct sori_tail_parse *parse)
{
	char text[256] = {0};
	size_t length = strlen(rest);
	memcpy(text, rest, length);
	assert_true(sori_endings_parse(s->endings, entry, final, sori_view_make(text, length), 0, (uint32_t)length, parse));
	return parse->accepted ? parse->end : SIZE_MAX;
}

static void test_accepts(void **state)
{
	static const struct { unsigned entry, final; const char *rest; size_t bytes; uint32_t labels; } cases[] = {
		{SORI_ENTRY_V, 0, "지만", 6, SORI_LABEL_CONTRAST},   /* 끊기지만 */
		{SORI_ENTRY_V, 17, "니다", 6, 0},                     /* 느립니다 */
		{SORI_ENTRY_V, 4, "데", 3, SORI_LABEL_CONTRAST},      /* 느린데 */
		{SORI_ENTRY_V, 0, "지않아요", 12, SORI_LABEL_NEGAUX}, /* 끊기지않아요 */
		{SORI_ENTRY_V, 0, "지", 3, SORI_LABEL_NEGJI},
		{SORI_ENTRY_V, 0, "면", 3, SORI_LABEL_COND},
		{SORI_ENTRY_V, 0, "", SIZE_MAX, 0},                   /* a bare stem is no word */
		{SORI_ENTRY_A, 20, "어요", 6, SORI_LABEL_PAST},       /* 끊겼어요 */
		{SORI_ENTRY_A, 0, "", 0, 0},
		{SORI_ENTRY_A, 0, "요ㅋ", 3, 0},
		{SORI_ENTRY_V, 16, "", 0, SORI_LABEL_NOM},            /* 끊김 */
		{SORI_ENTRY_K, 0, "습니다", 9, 0},
		{SORI_ENTRY_NSV, 0, "가", 3, 0},
		{SORI_ENTRY_NSV, 0, "이", SIZE_MAX, 0},               /* the particle must fit the last letter … */
		{SORI_ENTRY_NSK, 0, "없이", 6, SORI_LABEL_NEGNOUN},
		{SORI_ENTRY_NJK, 0, "에서는", 9, SORI_LABEL_OBL},
		{SORI_ENTRY_NSL, 0, "로", 3, SORI_LABEL_OBL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sori_tail_parse parse;
		char rest[64];
		snprintf(rest, sizeof rest, "%s", cases[i].rest);
		char *jamo = strstr(rest, "ㅋ"); /* no syllable: the run ends before it */
		if (jamo)
			*jamo = '\0';
		size_t got = accepted(*state, cases[i].entry, cases[i].final, rest, &parse);
		if (cases[i].bytes == SIZE_MAX && got == 0)
			continue; /* … but the noun itself stands */
		if (got != cases[i].bytes || (parse.labels & cases[i].labels) != cases[i].labels)
			fail_msg("case %zu (%s): %zu bytes, labels %x", i, cases[i].rest, got, parse.labels);
	}
}

static void test_cancel_and_partial(void **state)
{
	struct sori_tail_parse parse;
	assert_int_equal(accepted(*state, SORI_ENTRY_V, 0, "면서", &parse), 6);
	assert_false(parse.labels & SORI_LABEL_COND);
	/* a run-on word: the longest accepted prefix, and the places where the word may end */
	assert_int_equal(accepted(*state, SORI_ENTRY_V, 0, "고펭귄", &parse), 3);
	assert_false(parse.whole);
	assert_true(parse.borders >> 1 & 1);
}

/* A cache that overflows gives the same answers: many different tails, twice. */
static void test_flush(void **state)
{
	struct grammar_state *s = *state;
	struct sori_tail_parse first, again;
	for (uint32_t point = 0xac00; point <= 0xd7a3; point += 7) {
		char rest[16] = {0};
		unsigned n = sori_utf8_encode(point, rest);
		n += sori_utf8_encode(0xac00 + (point * 31) % 11172, rest + n);
		for (unsigned entry = 0; entry < SORI_ENTRY_COUNT; entry++)
			accepted(s, entry, point % 28, rest, &first);
	}
	assert_int_equal(accepted(s, SORI_ENTRY_V, 0, "지않아요", &again), 12);
	assert_true(again.labels & SORI_LABEL_NEGAUX);
}

static void test_words(void **state)
{
	struct grammar_state *s = *state;
	assert_true(sori_grammar_word(s->grammar, sori_view_of("없었어요")) & SORI_WORD(NONE));
	assert_true(sori_grammar_word(s->grammar, sori_view_of("아닙니다")) & SORI_WORD(NONE));
	assert_true(sori_grammar_word(s->grammar, sori_view_of("추가해주세요")) & SORI_WORD(WISH));
	assert_true(sori_grammar_word(s->grammar, sori_view_of("점이")) & SORI_WORD(THING));
	assert_false(sori_grammar_word(s->grammar, sori_view_of("점심")) & SORI_WORD(THING));
	assert_true(sori_grammar_word(s->grammar, sori_view_of("doesn't")) & SORI_WORD(EN_NEG));
	assert_int_equal(sori_grammar_word(s->grammar, sori_view_of("")), 0);
	assert_int_equal(sori_grammar_fixed_phrase(s->grammar, sori_view_of("not only slow")), 8);
	assert_int_equal(sori_grammar_fixed_phrase(s->grammar, sori_view_of("not slow")), 0);
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static void test_broken_tables(void **state)
{
	(void)state;
	static const struct { const char *endings, *scope; uint64_t line; } cases[] = {
		{"@final\tQ\nC\tQ\n", "an\t안\n", 2},                  /* too few columns */
		{"C\tQ\tnolabel\t고\n", "an\t안\n", 1},
		{"C\tQ\t-\tabc\n", "an\t안\n", 1},
		{"C\tQ\t-\t고\n", "nolist\t안\n", 1},
	};
	char folder[] = "/tmp/sori-grammar-XXXXXX";
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct sori_grammar *grammar = NULL;
		struct sori_error error = {0};
		write_file(folder, "endings.tsv", cases[i].endings);
		write_file(folder, "scope.tsv", cases[i].scope);
		assert_int_equal(sori_grammar_load(&grammar, folder, &error), SORI_CONFIG);
		assert_null(grammar);
		assert_int_equal(error.line, cases[i].line);
	}
	char path[64];
	snprintf(path, sizeof path, "%s/endings.tsv", folder);
	assert_int_equal(unlink(path), 0);
	struct sori_grammar *grammar = NULL;
	struct sori_error error = {0};
	assert_int_equal(sori_grammar_load(&grammar, folder, &error), SORI_NO_INPUT);
	snprintf(path, sizeof path, "%s/scope.tsv", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts), cmocka_unit_test(test_cancel_and_partial), cmocka_unit_test(test_flush),
		cmocka_unit_test(test_words), cmocka_unit_test(test_broken_tables),
	};
	return cmocka_run_group_tests(tests, open_grammar, close_grammar);
}
