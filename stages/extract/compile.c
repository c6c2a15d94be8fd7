/* The compiler's frame: categories into byte order, sets, entries with their rules, examples, then everything frozen into
 * the dictionary's arena. The order of work is the order of the files, so equal input gives an equal program. */
#include "stages/extract/compile.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/base/memory.h"
#include "stages/extract/table.h"

enum sori_status sori_source_status(const struct sori_source *source, struct sori_error *error)
{
	if (source->failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory compiling the dictionary");
	if (source->errors == 0)
		return SORI_OK;
	sori_fail(error, SORI_CONFIG, "%s (%zu error%s in the dictionary)", source->first_text, source->errors,
		  source->errors == 1 ? "" : "s");
	const char *path = source->first_place.file < source->file_count ? source->files[source->first_place.file].path : NULL;
	return sori_error_at(error, path, source->first_place.line, source->first_place.column);
}

static const char *text_of(struct sori_builder *builder, struct sori_view text, struct sori_view otherwise)
{
	struct sori_view copy = sori_arena_copy(&builder->dictionary->arena, text.length ? text : otherwise);
	if (!copy.at && (text.length || otherwise.length))
		sori_source_fail(builder->source);
	return copy.at ? copy.at : "";
}

/* ---- categories */

static int compare_categories(const void *left, const void *right)
{
	const struct sori_category *a = left, *b = right;
	return strcmp(a->id, b->id);
}

static struct sori_category category_of(struct sori_builder *builder, const struct sori_source_category *source)
{
	uint16_t standard = source->praise ? 0 : SORI_TAG_WISH | SORI_TAG_PAST | SORI_TAG_RHETORICAL;
	return (struct sori_category){
		.id = text_of(builder, source->id, source->id), .ko = text_of(builder, source->ko, source->id),
		.en = text_of(builder, source->en, source->id), .owner = text_of(builder, source->owner, (struct sori_view){"", 0}),
		.severity = source->severity, .praise = source->praise, .fallback = source->fallback,
		.count_tags = source->count_given ? source->count_tags : standard};
}

/* A later folder replaces a category's labels and policy; twice in one folder is a slip. */
static bool is_second(struct sori_builder *builder, const struct sori_source_category *source, uint32_t *latest)
{
	const struct sori_source_category *all = builder->source->categories;
	struct sori_name *slot = sori_names_put(&builder->category_names, source->id);
	if (!slot)
		return !sori_source_fail(builder->source);
	uint32_t index = (uint32_t)(source - all);
	bool second = slot->value != UINT32_MAX;
	if (second && builder->source->files[all[*latest = slot->value].place.file].folder ==
			      builder->source->files[source->place.file].folder)
		sori_source_find(builder->source, true, source->place, "the category %.*s is already declared at %s:%u",
				 (int)source->id.length, source->id.at, builder->source->files[all[slot->value].place.file].path,
				 all[slot->value].place.line);
	slot->value = index;
	return second;
}

static bool build_categories(struct sori_builder *builder)
{
	struct sori_source *source = builder->source;
	size_t count = 0;
	uint32_t latest = 0;
	for (size_t i = 0; i < source->category_count; i++)
		count += !is_second(builder, &source->categories[i], &latest);
	if (count > SORI_CATEGORY_LIMIT) {
		sori_source_find(source, true, source->categories[0].place, "there are over %d categories", SORI_CATEGORY_LIMIT);
		return false;
	}
	struct sori_category *categories = sori_arena_zero(&builder->dictionary->arena, count + 1, sizeof *categories);
	if (!categories)
		return sori_source_fail(source);
	size_t made = 0;
	for (size_t i = 0; i < source->category_count; i++) {
		const struct sori_name *slot = sori_names_find(&builder->category_names, source->categories[i].id);
		if (slot && slot->value == i)
			categories[made++] = category_of(builder, &source->categories[i]);
	}
	qsort(categories, made, sizeof *categories, compare_categories);
	for (size_t i = 0; i < made; i++) {
		struct sori_name *slot = sori_names_put(&builder->category_names, sori_view_of(categories[i].id));
		if (slot)
			slot->value = (uint32_t)i;
	}
	builder->dictionary->catalog.categories = categories;
	builder->dictionary->catalog.count = made;
	for (size_t i = 0; i < source->use_count; i++)
		if (!sori_names_find(&builder->category_names, source->uses[i].category))
			sori_source_find(source, true, source->uses[i].place, "the category %.*s is nowhere declared",
					 (int)source->uses[i].category.length, source->uses[i].category.at);
	return !source->failed;
}

static uint16_t category_index(const struct sori_builder *builder, struct sori_view id)
{
	const struct sori_name *slot = id.length ? sori_names_find(&builder->category_names, id) : NULL;
	return slot ? (uint16_t)slot->value : SORI_CATEGORY_NONE;
}

/* ---- entries */

static bool is_exclusion(const struct sori_source_entry *entry)
{
	const struct sori_member *first = entry->body_count == 1 && entry->body[0].count == 1 ? entry->body[0].members : NULL;
	return first && first->kind == SORI_MEMBER_TERM && first->term->kind == 'x';
}

/* The same id= again: a slip in one folder, an override from a later one. */
static bool override_entries(struct sori_builder *builder)
{
	struct sori_source *source = builder->source;
	for (size_t i = 0; i < source->entry_count; i++) {
		struct sori_source_entry *entry = &source->entries[i];
		struct sori_name *slot = entry->id.length ? sori_names_put(&builder->entry_names, entry->id) : NULL;
		if (entry->id.length == 0)
			continue;
		if (!slot)
			return sori_source_fail(source);
		struct sori_source_entry *old = slot->value != UINT32_MAX ? &source->entries[slot->value] : NULL;
		slot->value = (uint32_t)i;
		if (!old)
			continue;
		if (source->files[old->place.file].folder != source->files[entry->place.file].folder)
			old->dead = true;
		else
			sori_source_find(source, true, entry->place, "the id %.*s is already taken at %s:%u", (int)entry->id.length,
					 entry->id.at, source->files[old->place.file].path, old->place.line);
	}
	return true;
}

static struct sori_view entry_id(struct sori_builder *builder, const struct sori_source_entry *source)
{
	struct sori_view name = builder->source->files[source->place.file].name;
	sori_buffer_reset(&builder->scratch);
	if (source->id.length)
		sori_buffer_add_view(&builder->scratch, source->id);
	else
		sori_buffer_add_format(&builder->scratch, "%.*s:%u", (int)name.length, name.at, source->place.line);
	if (builder->scratch.failed)
		return (struct sori_view){NULL, 0};
	return sori_arena_copy(&builder->dictionary->arena, sori_buffer_view(&builder->scratch));
}

static bool build_entry(struct sori_builder *builder, const struct sori_source_entry *source)
{
	struct sori_dictionary *dictionary = builder->dictionary;
	struct sori_entry *entry = &dictionary->entries[dictionary->entry_count];
	*entry = (struct sori_entry){.id = entry_id(builder, source), .category = category_index(builder, source->category),
				     .flip = category_index(builder, source->flip), .keep_tags = source->keep_tags,
				     .drop_tags = source->drop_tags, .severity = source->severity, .file = source->place.file,
				     .line = source->place.line};
	entry->source = sori_arena_copy(&dictionary->arena, source->source);
	if (!entry->id.at || !entry->source.at)
		return sori_source_fail(builder->source);
	if (source->flip.length && entry->flip == SORI_CATEGORY_NONE)
		sori_source_find(builder->source, true, source->flip_place, "the category %.*s is nowhere declared",
				 (int)source->flip.length, source->flip.at);
	if (entry->category == SORI_CATEGORY_NONE)
		return true; /* reported at @in, or the @category line was faulty */
	if (entry->severity == 0)
		entry->severity = dictionary->catalog.categories[entry->category].severity;
	return sori_build_rules(builder, source, dictionary->entry_count++);
}

static bool build_exclusion(struct sori_builder *builder, const struct sori_source_entry *source)
{
	uint32_t *list = NULL;
	size_t count = 0, capacity = 0;
	bool fresh;
	if (source->require_count || source->forbid_count || source->when_count)
		sori_source_find(builder->source, true, source->place, "an exclusion takes no req=, not= or when=");
	if (!sori_build_term(builder, source->body[0].members[0].term, &list, &count, &capacity, &fresh))
		return false;
	if (!fresh)
		sori_source_find(builder->source, false, source->place, "the exclusion is already there");
	return true;
}

/* The catalog names the entries for those who keep evidence. */
static bool name_entries(struct sori_builder *builder)
{
	struct sori_dictionary *dictionary = builder->dictionary;
	struct sori_view *names =
		sori_arena_zero(&dictionary->arena, (size_t)dictionary->entry_count + 1, sizeof *names);
	if (!names)
		return sori_source_fail(builder->source);
	for (uint32_t i = 0; i < dictionary->entry_count; i++)
		names[i] = dictionary->entries[i].id;
	dictionary->catalog.entries = names;
	dictionary->catalog.entry_count = dictionary->entry_count;
	return true;
}

static bool build_entries(struct sori_builder *builder)
{
	struct sori_source *source = builder->source;
	builder->dictionary->entries =
		sori_arena_zero(&builder->dictionary->arena, source->entry_count + 1, sizeof *builder->dictionary->entries);
	if (!builder->dictionary->entries || !override_entries(builder))
		return sori_source_fail(source);
	for (size_t i = 0; i < source->entry_count; i++) {
		const struct sori_source_entry *entry = &source->entries[i];
		if (entry->dead)
			continue;
		if (!(is_exclusion(entry) ? build_exclusion(builder, entry) : build_entry(builder, entry)))
			return false;
	}
	return name_entries(builder);
}

static bool build_words(struct sori_builder *builder)
{
	uint32_t *list = NULL;
	size_t count = 0, capacity = 0;
	for (size_t i = 0; i < builder->source->word_count; i++)
		if (!sori_build_term(builder, builder->source->words[i].term, &list, &count, &capacity, NULL))
			return false;
	return true;
}

static bool build_examples(struct sori_builder *builder)
{
	struct sori_source *source = builder->source;
	struct sori_dictionary *dictionary = builder->dictionary;
	dictionary->examples = sori_arena_zero(&dictionary->arena, source->example_count + 1, sizeof *dictionary->examples);
	if (!dictionary->examples)
		return sori_source_fail(source);
	for (size_t i = 0; i < source->example_count; i++) {
		const struct sori_source_example *from = &source->examples[i];
		uint16_t category = category_index(builder, from->category);
		if (category == SORI_CATEGORY_NONE)
			continue;
		dictionary->examples[dictionary->example_count++] = (struct sori_example){
			sori_arena_copy(&dictionary->arena, from->text), category, from->wanted, from->place.file, from->place.line,
			from->place.column};
	}
	return true;
}

/* ---- freeze */

static void *frozen(struct sori_builder *builder, const void *array, size_t count, size_t size)
{
	void *copy = sori_arena_alloc(&builder->dictionary->arena, count * size + 1);
	if (!copy)
		sori_source_fail(builder->source);
	else if (count)
		memcpy(copy, array, count * size);
	return copy;
}

/* Terms to sets by counting: sets are visited in order, so each term's list comes out ascending. */
static bool freeze_sets(struct sori_builder *builder)
{
	struct sori_dictionary *dictionary = builder->dictionary;
	size_t total = 0;
	dictionary->set_count = (uint32_t)builder->set_count;
	dictionary->set_names = sori_arena_zero(&dictionary->arena, builder->set_count + 1, sizeof *dictionary->set_names);
	for (size_t i = 0; i < builder->set_count; i++)
		for (uint32_t k = 0; k < builder->sets[i].count; k++, total++)
			dictionary->terms[builder->sets[i].terms[k]].set_count++;
	dictionary->term_sets = sori_arena_zero(&dictionary->arena, total + 1, sizeof *dictionary->term_sets);
	if (!dictionary->set_names || !dictionary->term_sets)
		return sori_source_fail(builder->source);
	uint32_t first = 0;
	for (uint32_t i = 0; i < dictionary->term_count; i++) {
		dictionary->terms[i].set_first = first;
		first += dictionary->terms[i].set_count;
		dictionary->terms[i].set_count = 0;
	}
	for (size_t i = 0; i < builder->set_count; i++) {
		dictionary->set_names[i] = builder->sets[i].name;
		for (uint32_t k = 0; k < builder->sets[i].count; k++) {
			struct sori_term *term = &dictionary->terms[builder->sets[i].terms[k]];
			dictionary->term_sets[term->set_first + term->set_count++] = (uint16_t)i;
		}
	}
	return true;
}

static bool freeze(struct sori_builder *builder)
{
	struct sori_dictionary *dictionary = builder->dictionary;
	struct sori_source *source = builder->source;
	dictionary->forms = frozen(builder, builder->forms, builder->form_count, sizeof *builder->forms);
	dictionary->form_count = (uint32_t)builder->form_count;
	dictionary->terms = frozen(builder, builder->terms, builder->term_count, sizeof *builder->terms);
	dictionary->term_count = (uint32_t)builder->term_count;
	dictionary->rules = frozen(builder, builder->rules, builder->rule_count, sizeof *builder->rules);
	dictionary->rule_count = (uint32_t)builder->rule_count;
	dictionary->files = sori_arena_zero(&dictionary->arena, source->file_count + 1, sizeof *dictionary->files);
	if (source->failed || !dictionary->files)
		return sori_source_fail(source);
	for (size_t i = 0; i < source->file_count; i++)
		dictionary->files[i] = sori_arena_copy(&dictionary->arena, source->files[i].name);
	dictionary->file_count = (uint32_t)source->file_count;
	return freeze_sets(builder);
}

static enum sori_status add_hash(struct sori_builder *builder, const char *grammar_folder, struct sori_error *error)
{
	static const char *const tables[] = {"endings.tsv", "english_irregular.tsv", "scope.tsv", "verb_classes.tsv"};
	struct sori_hasher *hasher = sori_hasher_new();
	struct sori_table table;
	if (!hasher)
		return sori_fail(error, SORI_SYSTEM, "out of memory compiling the dictionary");
	for (size_t i = 0; i < builder->source->file_count; i++) {
		const struct sori_source_file *file = &builder->source->files[i];
		if (file->dead)
			continue;
		sori_hasher_add(hasher, file->name.at, file->name.length + 1);
		sori_hasher_add(hasher, file->bytes.at, file->bytes.length);
	}
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (sori_table_read(&table, &builder->source->arena, grammar_folder, tables[i], NULL) != SORI_OK)
			continue;
		sori_hasher_add(hasher, tables[i], strlen(tables[i]) + 1);
		sori_hasher_add(hasher, table.bytes.at, table.bytes.length);
	}
	builder->dictionary->catalog.hash = sori_hasher_result(hasher);
	sori_hasher_free(hasher);
	return SORI_OK;
}

static void warn_unused(struct sori_builder *builder)
{
	for (size_t i = 0; i < builder->named_count; i++)
		if (!builder->named[i].used)
			sori_source_find(builder->source, false, builder->named[i].place, "the set $%.*s is used nowhere",
					 (int)builder->named[i].name.length, builder->named[i].name.at);
}

static enum sori_status build_all(struct sori_builder *builder, const char *grammar_folder, struct sori_error *error)
{
	struct sori_arena *arena = &builder->source->arena;
	enum sori_status status = sori_verb_classes_load(&builder->classes, arena, grammar_folder, error);
	if (status == SORI_OK)
		status = sori_english_load(&builder->english, arena, grammar_folder, error);
	if (status != SORI_OK)
		return status;
	bool good = build_categories(builder) && sori_build_named_sets(builder) && build_words(builder) &&
		    build_entries(builder) && build_examples(builder);
	if (good)
		warn_unused(builder);
	status = sori_source_status(builder->source, error);
	if (status != SORI_OK)
		return status;
	if (!good || !freeze(builder))
		return sori_fail(error, SORI_SYSTEM, "out of memory compiling the dictionary");
	return add_hash(builder, grammar_folder, error);
}

static void release(struct sori_builder *builder)
{
	struct sori_names *names[] = {&builder->term_names, &builder->set_names, &builder->set_keys, &builder->category_names,
				      &builder->entry_names, &builder->rule_keys};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		sori_names_release(names[i]);
	sori_free(builder->forms);
	sori_free(builder->seen);
	sori_free(builder->terms);
	sori_free(builder->term_sources);
	sori_free(builder->rules);
	sori_buffer_release(&builder->scratch);
}

enum sori_status sori_build(struct sori_dictionary **result, struct sori_source *source, const char *grammar_folder,
			    struct sori_error *error)
{
	struct sori_dictionary *dictionary = sori_alloc_zero(1, sizeof *dictionary);
	*result = NULL;
	if (!dictionary)
		return sori_fail(error, SORI_SYSTEM, "out of memory compiling the dictionary");
	sori_arena_init(&dictionary->arena, (size_t)1024 * 1024);
	struct sori_builder builder = {.source = source, .dictionary = dictionary};
	sori_buffer_init(&builder.scratch, (size_t)16 * 1024 * 1024);
	enum sori_status status = build_all(&builder, grammar_folder, error);
	release(&builder);
	if (status != SORI_OK) {
		sori_arena_release(&dictionary->arena);
		sori_free(dictionary);
		return status;
	}
	*result = dictionary;
	return SORI_OK;
}
