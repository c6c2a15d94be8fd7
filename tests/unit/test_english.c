/* English forms: inflection, contractions, spelling pairs, joins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/buffer.h"
#include "stages/extract/english.h"

struct fixture {
	struct sori_arena arena;
	const struct sori_english *english;
	struct sori_buffer got;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	struct sori_error error = {0};
	sori_arena_init(&fixture.arena, 65536);
	sori_buffer_init(&fixture.got, 1 << 20);
	*state = &fixture;
	return sori_english_load(&fixture.english, &fixture.arena, SORI_SOURCE_DIR "/dictionaries/grammar", &error) != SORI_OK;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	sori_buffer_release(&fixture->got);
	sori_arena_release(&fixture->arena);
	return 0;
}

static bool collect(void *user, struct sori_view form)
{
	struct sori_buffer *got = user;
	sori_buffer_add_byte(got, '|');
	sori_buffer_add_view(got, form);
	return true;
}

/* All forms of a term as "|a|b|"; blanks and hyphens part words, a leading ! fixes one. */
static const char *forms_of(struct fixture *fixture, const char *term)
{
	struct sori_english_word words[SORI_ENGLISH_WORD_LIMIT];
	size_t count = 0;
	bool hyphen = false;
	sori_buffer_reset(&fixture->got);
	for (const char *at = term; *at;) {
		size_t length = strcspn(at, " -");
		bool fixed = *at == '!';
		words[count++] = (struct sori_english_word){sori_view_make(at + fixed, length - fixed), fixed, hyphen};
		hyphen = at[length] == '-';
		at += length + (at[length] != '\0');
	}
	assert_true(sori_english_expand(fixture->english, words, count, collect, &fixture->got));
	sori_buffer_add_text(&fixture->got, "|");
	sori_buffer_add_byte(&fixture->got, '\0');
	return fixture->got.at;
}

static void assert_forms(struct fixture *fixture, const char *term, const char *wanted)
{
	assert_string_equal(forms_of(fixture, term), wanted);
}

static void rules_inflect(void **state)
{
	assert_forms(*state, "crash", "|crash|crashes|crashed|crashing|");
	assert_forms(*state, "highly", "|highly|");
	assert_forms(*state, "supply", "|supply|supplies|supplied|supplying|");
	assert_forms(*state, "drop", "|drop|drops|dropped|dropping|");
	assert_forms(*state, "charge", "|charge|charges|charged|charging|");
	assert_forms(*state, "delay", "|delay|delays|delayed|delaying|");
	assert_forms(*state, "reply", "|reply|replies|replied|replying|");
	assert_forms(*state, "disagree", "|disagree|disagrees|disagreed|disagreeing|");
	assert_forms(*state, "deliver", "|deliver|delivers|delivered|delivering|");
	assert_forms(*state, "refer", "|refer|refers|referred|referring|");
	assert_forms(*state, "fix", "|fix|fixes|fixed|fixing|");
	assert_forms(*state, "overheat", "|overheat|overheats|overheated|overheating|");
	assert_forms(*state, "quit", "|quit|quits|quitting|quitted|");
	assert_forms(*state, "cancel", "|cancel|cancels|cancelled|cancelling|canceled|canceling|");
}

static void irregular_words_come_from_the_table(void **state)
{
	assert_forms(*state, "freeze", "|freeze|freezes|froze|frozen|freezing|");
	assert_forms(*state, "ad", "|ad|ads|");
	assert_forms(*state, "get", "|get|gets|got|gotten|getting|");
}

static void some_words_stay(void **state)
{
	assert_forms(*state, "never", "|never|");
	assert_forms(*state, "crashing", "|crashing|");
	assert_forms(*state, "refused", "|refused|");
	assert_forms(*state, "charges", "|charges|");
	assert_forms(*state, "!drop", "|drop|");
	assert_forms(*state, "4g", "|4g|");
}

static void spellings_pair(void **state)
{
	assert_non_null(strstr(forms_of(*state, "colour"), "|colors|"));
	assert_non_null(strstr(forms_of(*state, "apologise"), "|apologized|"));
	assert_non_null(strstr(forms_of(*state, "apologize"), "|apologising|"));
	assert_non_null(strstr(forms_of(*state, "center"), "|centres|"));
}

static void contractions_are_one_thing(void **state)
{
	assert_forms(*state, "can't connect", "|can't connect|cant connect|cannot connect|can not connect|");
	assert_forms(*state, "!easy !use", "|easy use|"); /* the index reads easy-use alike */
	assert_non_null(strstr(forms_of(*state, "do not work"), "|doesnt work|"));
	assert_null(strstr(forms_of(*state, "do not work"), "works"));
	assert_non_null(strstr(forms_of(*state, "customer's"), "|customers|"));
}

static void words_join(void **state)
{
	assert_forms(*state, "!log !in", "|log in|log-in|");
	assert_forms(*state, "!wi-!fi", "|wi-fi|wi fi|wifi|");
	assert_forms(*state, "!never !call !back", "|never call back|");
}

/* Six words of four forms each would be 4096: only one at a time is inflected then. */
static void products_are_bounded(void **state)
{
	const char *forms = forms_of(*state, "crash drop charge reply fix delay");
	size_t count = 0;
	for (const char *at = forms; *at; at++)
		count += *at == '|';
	assert_in_range(count, 2, SORI_ENGLISH_FORM_LIMIT);
	assert_non_null(strstr(forms, "|crashes drop charge reply fix delay|"));
}

static void too_long_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct sori_english_word words[SORI_ENGLISH_WORD_LIMIT + 1];
	char word[200];
	memset(word, 'a', sizeof word);
	for (size_t i = 0; i <= SORI_ENGLISH_WORD_LIMIT; i++)
		words[i] = (struct sori_english_word){sori_view_of("a"), true, false};
	assert_false(sori_english_expand(fixture->english, words, SORI_ENGLISH_WORD_LIMIT + 1, collect, &fixture->got));
	words[0].text = sori_view_make(word, sizeof word);
	assert_false(sori_english_expand(fixture->english, words, 1, collect, &fixture->got));
	assert_false(sori_english_expand(fixture->english, words, 0, collect, &fixture->got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_inflect), cmocka_unit_test(irregular_words_come_from_the_table),
		cmocka_unit_test(some_words_stay), cmocka_unit_test(spellings_pair),
		cmocka_unit_test(contractions_are_one_thing), cmocka_unit_test(words_join),
		cmocka_unit_test(products_are_bounded), cmocka_unit_test(too_long_is_refused)};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
