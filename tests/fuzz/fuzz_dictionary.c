/* The dictionary compiler over any bytes: it either compiles or reports, and what it compiles keeps its promises to the
 * matcher (every index in range, sets ascending, forms valid UTF-8). */
#include <stdint.h>
#include <stdlib.h>

#include "pipeline/base/utf8.h"
#include "stages/extract/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *user, const struct sori_finding *finding)
{
	size_t *errors = user;
	if (!finding->text[0] || (finding->error && finding->line == 0))
		abort();
	*errors += finding->error;
}

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_rules(const struct sori_dictionary *dictionary)
{
	for (uint32_t i = 0; i < dictionary->rule_count; i++) {
		const struct sori_rule *rule = &dictionary->rules[i];
		require(rule->entry < dictionary->entry_count && rule->slot_count >= 1 && rule->slot_count <= SORI_SLOT_LIMIT);
		require(rule->constraint_count <= SORI_SLOT_LIMIT);
		for (unsigned k = 0; k < rule->slot_count; k++)
			require(rule->slots[k].set < dictionary->set_count);
		for (unsigned k = 0; k < rule->forbid_count; k++)
			require(rule->forbid[k] < dictionary->set_count);
		for (unsigned k = 0; k < rule->constraint_count; k++)
			require(rule->constraints[k].left_slot < rule->slot_count &&
				rule->constraints[k].right_slot < rule->slot_count &&
				rule->constraints[k].left_slot != rule->constraints[k].right_slot);
	}
}

static void check(const struct sori_dictionary *dictionary)
{
	for (uint32_t i = 0; i < dictionary->form_count; i++) {
		const struct sori_form *form = &dictionary->forms[i];
		require(form->term < dictionary->term_count && form->tail < SORI_TAIL_COUNT && form->text.length > 0);
		require(sori_utf8_is_valid(form->text));
	}
	for (uint32_t i = 0; i < dictionary->term_count; i++)
		for (uint32_t k = 0; k < dictionary->terms[i].set_count; k++) {
			const uint16_t *set = &dictionary->term_sets[dictionary->terms[i].set_first + k];
			require(*set < dictionary->set_count && (k == 0 || set[-1] < *set));
		}
	for (uint32_t i = 0; i < dictionary->entry_count; i++)
		require(dictionary->entries[i].category < dictionary->catalog.count);
	check_rules(dictionary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sori_dictionary *dictionary;
	struct sori_error error = {0};
	size_t errors = 0;
	enum sori_status status =
		sori_dictionary_compile_text(&dictionary, sori_view_make((const char *)data, size),
					     SORI_SOURCE_DIR "/dictionaries", count, &errors, &error);
	require((status == SORI_OK) == (dictionary != NULL) && (status == SORI_OK) == (errors == 0));
	require(status == SORI_OK || status == SORI_CONFIG);
	if (dictionary)
		check(dictionary);
	sori_dictionary_free(dictionary);
	return 0;
}
