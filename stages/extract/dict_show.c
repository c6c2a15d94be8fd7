/* What became of an entry, in words: for authors who ask why a term does or does not match. */
#include "stages/extract/compile.h"

#include <stdio.h>

const char *sori_tail_name(enum sori_tail tail)
{
	static const char *const names[] = {"WORD", "END", "ANY", "V", "K", "B", "L", "D", "U", "W", "A", "ADV", "NOUN"};
	return (unsigned)tail < sizeof names / sizeof names[0] ? names[tail] : "?";
}

const char *sori_term_kind_name(enum sori_term_kind kind)
{
	static const char *const names[] = {"noun", "verb", "adverb", "english", "exclusion", "prefix", "left"};
	return (unsigned)kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

static bool holds(struct sori_view text, struct sori_view query)
{
	return query.length == 0 || (text.length >= query.length && memmem(text.at, text.length, query.at, query.length));
}

static void show_forms(const struct sori_dictionary *dictionary, uint32_t term, struct sori_buffer *out)
{
	for (uint32_t i = 0; i < dictionary->form_count; i++) {
		const struct sori_form *form = &dictionary->forms[i];
		if (form->term != term)
			continue;
		sori_buffer_add_format(out, "\tform\t%.*s\t%s%s%s\n", (int)form->text.length, form->text.at,
				       sori_tail_name(form->tail), form->open ? " open" : "", form->upper ? " upper" : "");
	}
}

static void show_term(const struct sori_dictionary *dictionary, uint32_t index, struct sori_buffer *out)
{
	static const char *const lefts[] = {"strict", "own", "any"}, *const rights[] = {"josa", "suffix", "open", "any"};
	const struct sori_term *term = &dictionary->terms[index];
	struct sori_view file = dictionary->files[term->file];
	sori_buffer_add_format(out, "term\t%.*s\t%s left=%s tail=%s\t%.*s:%u\n", (int)term->label.length, term->label.at,
			       sori_term_kind_name(term->kind), lefts[term->left], rights[term->right], (int)file.length, file.at,
			       term->line);
	for (uint32_t i = 0; i < term->set_count; i++) {
		struct sori_view name = dictionary->set_names[dictionary->term_sets[term->set_first + i]];
		sori_buffer_add_format(out, "\tset\t%.*s\n", (int)name.length, name.at);
	}
	for (uint32_t i = 0; i < term->ex_count; i++)
		sori_buffer_add_format(out, "\tex\t%.*s\n", (int)term->ex[i].length, term->ex[i].at);
	show_forms(dictionary, index, out);
}

static void show_rule(const struct sori_dictionary *dictionary, const struct sori_rule *rule, struct sori_buffer *out)
{
	static const char *const relations[] = {"&", "~", ">", "<"}, *const withins[] = {"clause", "sentence", "record"};
	sori_buffer_add_format(out, "\trule\twithin %s:", withins[rule->within]);
	for (unsigned i = 0; i < rule->slot_count; i++) {
		struct sori_view name = dictionary->set_names[rule->slots[i].set];
		sori_buffer_add_format(out, " [%u]%s%.*s", i, rule->slots[i].context ? "req " : "", (int)name.length, name.at);
	}
	for (unsigned i = 0; i < rule->constraint_count; i++) {
		const struct sori_constraint *constraint = &rule->constraints[i];
		sori_buffer_add_format(out, " ; [%u] %s%.0d [%u]", constraint->left_slot, relations[constraint->relation],
				       constraint->distance, constraint->right_slot);
	}
	for (unsigned i = 0; i < rule->forbid_count; i++) {
		struct sori_view name = dictionary->set_names[rule->forbid[i]];
		sori_buffer_add_format(out, " ; not %.*s", (int)name.length, name.at);
	}
	if (rule->when_count)
		sori_buffer_add_format(out, " ; %u conditions on fields", rule->when_count);
	sori_buffer_add_byte(out, '\n');
}

static void show_entry(const struct sori_dictionary *dictionary, uint32_t index, struct sori_buffer *out)
{
	const struct sori_entry *entry = &dictionary->entries[index];
	const char *flip = entry->flip == SORI_CATEGORY_NONE ? "-" : dictionary->catalog.categories[entry->flip].id;
	sori_buffer_add_format(out, "entry\t%.*s\t%s sev=%u keep=%#x drop=%#x flip=%s\t%.*s\n", (int)entry->id.length, entry->id.at,
			       dictionary->catalog.categories[entry->category].id, entry->severity, entry->keep_tags,
			       entry->drop_tags, flip, (int)entry->source.length, entry->source.at);
	for (uint32_t i = 0; i < dictionary->rule_count; i++)
		if (dictionary->rules[i].entry == index)
			show_rule(dictionary, &dictionary->rules[i], out);
}

/* The category of exactly that name; its number, or SORI_CATEGORY_NONE. */
static uint16_t show_category(const struct sori_dictionary *dictionary, struct sori_view query, struct sori_buffer *out)
{
	for (size_t i = 0; i < dictionary->catalog.count; i++) {
		const struct sori_category *category = &dictionary->catalog.categories[i];
		if (!sori_view_is(query, category->id))
			continue;
		sori_buffer_add_format(out, "category\t%s\t%s sev=%u%s\t%s / %s\n", category->id, category->praise ? "praise" : "pain",
				       category->severity, category->fallback ? " fallback" : "", category->ko, category->en);
		return (uint16_t)i;
	}
	return SORI_CATEGORY_NONE;
}

void sori_dictionary_show(const struct sori_dictionary *dictionary, struct sori_view query, struct sori_buffer *out)
{
	uint16_t category = show_category(dictionary, query, out);
	for (uint32_t i = 0; i < dictionary->entry_count; i++)
		if (holds(dictionary->entries[i].source, query) || holds(dictionary->entries[i].id, query) ||
		    (category != SORI_CATEGORY_NONE && dictionary->entries[i].category == category))
			show_entry(dictionary, i, out);
	for (uint32_t i = 0; i < dictionary->term_count; i++)
		if (holds(dictionary->terms[i].label, query))
			show_term(dictionary, i, out);
}
