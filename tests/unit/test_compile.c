/* The compiled program: terms, forms, sets, rules, policies, folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "stages/extract/compile.h"

#define HEAD "@category a.b ko=\"가\" en=\"b\" kind=pain sev=2\n@category a.a ko=\"나\" en=\"a\" kind=praise\n@in a.b\n"
#define FOLDER SORI_SOURCE_DIR "/dictionaries"

static void fail_on_error(void *user, const struct sori_finding *finding)
{
	(void)user;
	if (finding->error)
		fail_msg("%u:%u %s", finding->line, finding->column, finding->text);
}

static struct sori_dictionary *compile(const char *text)
{
	struct sori_dictionary *dictionary;
	struct sori_error error = {0};
	enum sori_status status =
		sori_dictionary_compile_text(&dictionary, sori_view_of(text), FOLDER, fail_on_error, NULL, &error);
	assert_int_equal(status, SORI_OK);
	return dictionary;
}

static bool has_form(const struct sori_dictionary *dictionary, const char *text, enum sori_tail tail, bool open)
{
	for (uint32_t i = 0; i < dictionary->form_count; i++) {
		const struct sori_form *form = &dictionary->forms[i];
		if (sori_view_is(form->text, text) && form->tail == tail && form->open == open)
			return true;
	}
	return false;
}

static bool has_text(const struct sori_dictionary *dictionary, const char *text)
{
	for (uint32_t i = 0; i < dictionary->form_count; i++)
		if (sori_view_is(dictionary->forms[i].text, text))
			return true;
	return false;
}

static const struct sori_term *term_of_form(const struct sori_dictionary *dictionary, const char *text)
{
	for (uint32_t i = 0; i < dictionary->form_count; i++)
		if (sori_view_is(dictionary->forms[i].text, text))
			return &dictionary->terms[dictionary->forms[i].term];
	fail_msg("no form %s", text);
	return NULL;
}

static void predicates_become_forms(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary = compile(HEAD "v:끊기다=끈기다\nv:불편하다\nv:복잡하다 root=no\n");
	assert_true(has_form(dictionary, "끊기", SORI_TAIL_V, true));
	assert_true(has_form(dictionary, "끊겨", SORI_TAIL_A, true));
	assert_true(has_form(dictionary, "끈겨", SORI_TAIL_A, true));
	assert_true(has_form(dictionary, "불편", SORI_TAIL_NOUN, false));
	assert_true(has_form(dictionary, "불편을 해", SORI_TAIL_A, true));
	assert_false(has_text(dictionary, "복잡"));
	assert_true(has_form(dictionary, "복잡하", SORI_TAIL_V, true));
	sori_dictionary_free(dictionary);
}

static void light_verbs_part_from_their_noun(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary = compile(HEAD "v:고장나다\nv:화_나다\nv:돌아가다\nv:에러나다\n");
	assert_true(has_form(dictionary, "고장 나", SORI_TAIL_V, true));
	assert_true(has_form(dictionary, "고장이 나", SORI_TAIL_A, true));
	assert_true(has_form(dictionary, "에러가 나", SORI_TAIL_V, true));
	assert_true(has_form(dictionary, "화가 나", SORI_TAIL_V, true));
	assert_int_equal(dictionary->rule_count, 4 + 3); /* 고장 <2> 나다, 화 <2> 나다, 에러 <2> 나다 */
	const struct sori_rule *gap = &dictionary->rules[1];
	assert_int_equal(gap->entry, 0);
	assert_int_equal(gap->slot_count, 2);
	assert_int_equal(gap->constraints[0].relation, SORI_RELATE_GAP);
	assert_int_equal(gap->constraints[0].distance, 2);
	sori_dictionary_free(dictionary);
}

static void phrases_join_glued_or_spaced(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary = compile(HEAD "p:안_되다\np:한 번\np:고객 센터\nn:와이파이 loose\np:\"그냥 좀\"\n");
	assert_true(has_form(dictionary, "안되", SORI_TAIL_V, true));
	assert_true(has_form(dictionary, "안 돼", SORI_TAIL_A, true));
	assert_true(has_form(dictionary, "않되", SORI_TAIL_V, true));
	assert_true(has_text(dictionary, "한 번"));
	assert_false(has_text(dictionary, "한번")); /* two syllables: the blank stays */
	assert_true(has_form(dictionary, "고객센터", SORI_TAIL_NOUN, true));
	assert_true(has_form(dictionary, "고객 센터", SORI_TAIL_NOUN, true));
	assert_true(has_text(dictionary, "와이 파이"));
	assert_true(has_text(dictionary, "그냥 좀"));
	assert_false(has_text(dictionary, "그냥좀"));
	sori_dictionary_free(dictionary);
}

static void phrase_with_gap_is_a_rule(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary = compile(HEAD "p:보상 <2> v:적다|v:낮다\n");
	assert_int_equal(dictionary->rule_count, 1);
	assert_int_equal(dictionary->rules[0].slot_count, 2);
	assert_int_equal(dictionary->rules[0].constraints[0].relation, SORI_RELATE_GAP);
	sori_dictionary_free(dictionary);
}

static void defaults_follow_the_spelling(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary =
		compile(HEAD "v:버벅거리다\nv:친절하다\nv:느리다\nv:크다\nn:요금=값 req=\"n:앱\"\nn:속도 left=strict tail=josa\n"
			     "e:lag\nx:보상판매\nn:AS센터=A/S case=upper\na:왜\n");
	assert_int_equal(term_of_form(dictionary, "버벅거리")->left, SORI_LEFT_ANY);
	assert_int_equal(term_of_form(dictionary, "친절하")->left, SORI_LEFT_OWN);
	assert_int_equal(term_of_form(dictionary, "느리")->left, SORI_LEFT_OWN);
	assert_int_equal(term_of_form(dictionary, "크")->left, SORI_LEFT_STRICT);
	assert_int_equal(term_of_form(dictionary, "요금")->left, SORI_LEFT_OWN);
	assert_int_equal(term_of_form(dictionary, "요금")->right, SORI_RIGHT_OPEN);
	assert_int_equal(term_of_form(dictionary, "값")->left, SORI_LEFT_STRICT);
	assert_int_equal(term_of_form(dictionary, "값")->right, SORI_RIGHT_JOSA);
	assert_int_equal(term_of_form(dictionary, "속도")->right, SORI_RIGHT_JOSA);
	assert_int_equal(term_of_form(dictionary, "lagged")->kind, SORI_TERM_ENGLISH);
	assert_int_equal(term_of_form(dictionary, "보상판매")->kind, SORI_TERM_EXCLUSION);
	assert_true(has_form(dictionary, "보상판매", SORI_TAIL_ANY, false));
	assert_true(has_form(dictionary, "as센터", SORI_TAIL_NOUN, true));
	assert_true(has_form(dictionary, "a/s", SORI_TAIL_WORD, false));
	assert_true(has_form(dictionary, "왜", SORI_TAIL_END, false));
	for (uint32_t i = 0; i < dictionary->form_count; i++)
		if (sori_view_is(dictionary->forms[i].text, "a/s"))
			assert_true(dictionary->forms[i].upper);
	sori_dictionary_free(dictionary);
}

static void alternatives_are_sets_or_rules(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary =
		compile(HEAD "@set FAIL = v:끊기다 | $MORE\n@set MORE = v:멈추다 | n:먹통\n"
			     "rule: ( n:요금 | n:가격 ) ~3 $FAIL & !n:배송\n"
			     "rule: ( n:요금 & v:오르다 | e:price ) > n:속도 req=\"n:배송|$MORE\"\n");
	assert_int_equal(dictionary->entry_count, 2);
	assert_int_equal(dictionary->rule_count, 3);
	const struct sori_rule *first = &dictionary->rules[0], *second = &dictionary->rules[1], *third = &dictionary->rules[2];
	assert_int_equal(first->slot_count, 2);
	assert_int_equal(first->forbid_count, 1);
	assert_int_equal(first->constraints[0].relation, SORI_RELATE_NEAR);
	assert_true(sori_view_is(dictionary->set_names[first->slots[1].set], "$FAIL"));
	assert_int_equal(second->slot_count, 4); /* 요금, 오르다, 속도, context */
	assert_int_equal(second->constraint_count, 1);
	assert_int_equal(second->constraints[0].left_slot, 1);
	assert_int_equal(second->constraints[0].right_slot, 2);
	assert_true(second->slots[3].context);
	assert_false(second->slots[2].context);
	assert_int_equal(third->slot_count, 3);
	assert_int_equal(third->entry, 1);
	sori_dictionary_free(dictionary);
}

static void equal_terms_are_shared_and_sets_listed(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary =
		compile(HEAD "n:요금제\nrule: n:요금제 & v:오르다\n@set A = n:요금제 | v:오르다\nrule: $A & n:속도\nn:요금제 left=strict id=x\n");
	uint32_t shared = 0;
	for (uint32_t i = 0; i < dictionary->term_count; i++)
		shared += sori_view_is(dictionary->terms[i].label, "n:요금제");
	assert_int_equal(shared, 2); /* the one with left=strict is another */
	const struct sori_term *term = term_of_form(dictionary, "요금제");
	assert_int_equal(term->set_count, 2);
	const uint16_t *sets = dictionary->term_sets + term->set_first;
	assert_true(sets[0] < sets[1]);
	for (uint32_t i = 0; i < dictionary->term_count; i++)
		for (uint32_t k = 0; k < dictionary->terms[i].set_count; k++)
			assert_true(dictionary->term_sets[dictionary->terms[i].set_first + k] < dictionary->set_count);
	sori_dictionary_free(dictionary);
}

static void policies_and_catalog(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary =
		compile(HEAD "v:끊기다 neg=flip:a.a past=drop ask=keep sev=5 id=cut\nv:멈추다\n"
			     "@category a.c ko=\"다\" en=\"c\" kind=pain count=plain,attributed fallback owner=desk\n"
			     "rule: n:속도 & v:느리다 when=\"rating<=2\" when=\"channel=store|visit\" within=record\n+ \"느려요\"\n");
	assert_int_equal(dictionary->catalog.count, 3);
	assert_string_equal(dictionary->catalog.categories[0].id, "a.a");
	assert_true(dictionary->catalog.categories[0].praise);
	assert_int_equal(dictionary->catalog.categories[0].count_tags, 0);
	assert_int_equal(dictionary->catalog.categories[1].count_tags, SORI_TAG_WISH | SORI_TAG_PAST | SORI_TAG_RHETORICAL);
	assert_int_equal(dictionary->catalog.categories[2].count_tags, SORI_TAG_ATTRIBUTED);
	assert_true(dictionary->catalog.categories[2].fallback);
	assert_string_equal(dictionary->catalog.categories[2].owner, "desk");
	const struct sori_entry *entry = &dictionary->entries[0];
	assert_true(sori_view_is(entry->id, "cut"));
	assert_int_equal(entry->flip, 0);
	assert_int_equal(entry->category, 1);
	assert_int_equal(entry->severity, 5);
	assert_int_equal(entry->keep_tags, SORI_TAG_QUESTION);
	assert_int_equal(entry->drop_tags, SORI_TAG_PAST);
	assert_true(sori_view_is(dictionary->entries[1].id, "text:5"));
	assert_int_equal(dictionary->entries[1].severity, 2);
	assert_int_equal(dictionary->entries[1].flip, SORI_CATEGORY_NONE);
	const struct sori_rule *rule = &dictionary->rules[dictionary->rule_count - 1];
	assert_int_equal(rule->within, SORI_WITHIN_RECORD);
	assert_int_equal(rule->when_count, 2);
	assert_int_equal(rule->when[0].compare, -1);
	assert_int_equal(rule->when[0].number, 2);
	assert_int_equal(rule->when[1].value_count, 2);
	assert_true(sori_view_is(rule->when[1].values[1], "visit"));
	assert_int_equal(dictionary->example_count, 1);
	assert_int_equal(dictionary->examples[0].category, 2);
	sori_dictionary_free(dictionary);
}

static void hash_follows_the_bytes(void **state)
{
	(void)state;
	struct sori_dictionary *one = compile(HEAD "v:끊기다\n"), *same = compile(HEAD "v:끊기다\n"), *other = compile(HEAD "v:멈추다\n");
	assert_true(one->catalog.hash.low == same->catalog.hash.low && one->catalog.hash.high == same->catalog.hash.high);
	assert_true(one->catalog.hash.low != other->catalog.hash.low);
	sori_dictionary_free(one);
	sori_dictionary_free(same);
	sori_dictionary_free(other);
}

/* ---- folders */

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *folder, const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	(void)remove(path);
}

static void later_folders_override(void **state)
{
	(void)state;
	char one[] = "/tmp/sori-dict-XXXXXX", two[] = "/tmp/sori-dict-XXXXXX";
	assert_non_null(mkdtemp(one));
	assert_non_null(mkdtemp(two));
	write_file(one, "a.dict", HEAD "v:끊기다 id=cut\nv:멈추다 id=stop\n");
	write_file(one, "b.dict", "@in a.b\nn:먹통\n");
	write_file(one, "note.txt", "this is no dictionary\n");
	write_file(two, "b.dict", "@in a.b\nn:불통\n");
	write_file(two, "c.dict", "@in a.a\nv:끊기다 id=cut\n");
	const char *folders[] = {one, two, FOLDER "/grammar/.."};
	struct sori_dictionary *dictionary;
	struct sori_error error = {0};
	const char *grammar_only[] = {one, two};
	assert_int_equal(sori_dictionary_compile(&dictionary, grammar_only, 2, fail_on_error, NULL, &error), SORI_CONFIG);
	assert_non_null(strstr(error.text, "grammar/"));
	char link[512];
	snprintf(link, sizeof link, "%s/grammar", one);
	assert_int_equal(symlink(FOLDER "/grammar", link), 0);
	assert_int_equal(sori_dictionary_compile(&dictionary, folders, 2, fail_on_error, NULL, &error), SORI_OK);
	assert_int_equal(dictionary->entry_count, 3); /* stop, 불통, cut for praise */
	assert_false(has_text(dictionary, "먹통"));
	assert_true(has_text(dictionary, "불통"));
	for (uint32_t i = 0; i < dictionary->entry_count; i++)
		if (sori_view_is(dictionary->entries[i].id, "cut"))
			assert_string_equal(dictionary->catalog.categories[dictionary->entries[i].category].id, "a.a");
	sori_dictionary_free(dictionary);
	(void)unlink(link);
	const char *names[] = {"a.dict", "b.dict", "c.dict", "note.txt"};
	for (size_t i = 0; i < 4; i++) {
		remove_file(one, names[i]);
		remove_file(two, names[i]);
	}
	(void)rmdir(one);
	(void)rmdir(two);
}

/* Each allocation fails once: an error and no leak (the sanitizer build looks), never a crash. */
static void memory_may_run_out_anywhere(void **state)
{
	(void)state;
	const char *text = HEAD "@set A = v:끊기다 | n:먹통 | e:crash\nrule: ( n:요금 & v:오르다 | $A ) ~2 n:속도\nx:보상판매\n"
				"v:고장나다 req=\"n:앱\" ex=\"고장난명\" when=\"channel=store\"\n+ \"끊겨요\"\n";
	for (uint64_t n = 1;; n++) {
		struct sori_dictionary *dictionary;
		struct sori_error error = {0};
		sori_memory_fail_after(n, 0);
		enum sori_status status =
			sori_dictionary_compile_text(&dictionary, sori_view_of(text), FOLDER, fail_on_error, NULL, &error);
		sori_memory_fail_after(0, 0);
		if (status == SORI_OK) {
			assert_true(n > 5);
			sori_dictionary_free(dictionary);
			return;
		}
		assert_int_equal(status, SORI_SYSTEM);
		assert_null(dictionary);
	}
}

static void show_names_forms_and_tails(void **state)
{
	(void)state;
	struct sori_dictionary *dictionary = compile(HEAD "v:끊기다 left=strict ex=\"끊기게\"\n");
	struct sori_buffer out;
	sori_buffer_init(&out, 65536);
	sori_dictionary_show(dictionary, sori_view_of("끊기다"), &out);
	sori_buffer_add_byte(&out, '\0');
	assert_non_null(strstr(out.at, "entry\ttext:4\ta.b"));
	assert_non_null(strstr(out.at, "verb left=strict"));
	assert_non_null(strstr(out.at, "\tform\t끊겨\tA open\n"));
	assert_non_null(strstr(out.at, "\tex\t끊기게\n"));
	sori_buffer_release(&out);
	sori_dictionary_free(dictionary);
}

static void print_error_of(void *user, const struct sori_finding *finding)
{
	(void)user;
	if (finding->error)
		print_error("%s:%u:%u %s\n", finding->file, finding->line, finding->column, finding->text);
}

static void shipped_dictionaries_compile(void **state)
{
	(void)state;
	const char *folders[] = {FOLDER};
	struct sori_dictionary *dictionary;
	struct sori_error error = {0};
	assert_int_equal(sori_dictionary_compile(&dictionary, folders, 1, print_error_of, NULL, &error), SORI_OK);
	assert_in_range(dictionary->catalog.count, 40, SORI_CATEGORY_LIMIT);
	assert_true(dictionary->example_count > 0);
	sori_dictionary_free(dictionary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(predicates_become_forms), cmocka_unit_test(light_verbs_part_from_their_noun),
		cmocka_unit_test(phrases_join_glued_or_spaced), cmocka_unit_test(phrase_with_gap_is_a_rule),
		cmocka_unit_test(defaults_follow_the_spelling), cmocka_unit_test(alternatives_are_sets_or_rules),
		cmocka_unit_test(equal_terms_are_shared_and_sets_listed), cmocka_unit_test(policies_and_catalog),
		cmocka_unit_test(hash_follows_the_bytes), cmocka_unit_test(later_folders_override),
		cmocka_unit_test(memory_may_run_out_anywhere), cmocka_unit_test(show_names_forms_and_tails),
		cmocka_unit_test(shipped_dictionaries_compile)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
